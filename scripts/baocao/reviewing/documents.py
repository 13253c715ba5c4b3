"""Reports and notebooks as HTML that is safe to click in: only what is known stays, all else shows as text."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
from lxml import etree

from baocao.project.errors import TraceError
from baocao.project.language import _
from baocao.reviewing.marks import find_marks
from baocao.sections.notebooks import read_notebook, read_parts
from baocao.sections.parts import Chart, plain

_TAG = re.compile(
    "a|article|b|blockquote|br|caption|cite|code|col|colgroup|data|dd|details|div|dl|dt|em|figcaption|figure|h[1-6]|hr"
    "|i|img|li|main|ol|p|pre|s|section|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
_PLAIN = frozenset({"class", "value", "data-v", "data-k", "data-chart", "data-marks", "alt", "role", "aria-label", "tabindex", "scope",
                    "colspan", "rowspan", "start"})  # fmt: skip
_STYLE = re.compile(r"^(?:text-align:\s*(?:left|right|center)|width:\s*\d+(?:\.\d+)?(?:%|mm));?$")
_PICTURE = re.compile(r"^data:image/(?:png|svg\+xml);base64,[A-Za-z0-9+/=\s]*$")
_IDENTITY = re.compile(r"^[\w.:-]+$")
_MENTION = re.compile(r"^[mc]_[a-z0-9_]+$")
_DATA = "data:image/svg+xml;base64,"


def clean(element: Any, prefix: str) -> None:
    """
    Keep known elements and attributes below an element, in place; turn the others into the text they are written as.

    Not nh3: it drops what it does not know, and a reviewer must see what
    somebody put into a report. What is left is written without a tag that a
    browser reads otherwise than lxml does, into a page whose CSP runs nothing.

    Parameters
    ----------
    prefix
        Put before every id but those of mentions and citations, so that two documents can lie in one page.

    Examples
    --------
    >>> body = lxml.html.fragment_fromstring('<div><p onclick="x()">a<script>b</script></p></div>')
    >>> clean(body, "d")
    >>> lxml.html.tostring(body, encoding="unicode")
    '<div><p>a&lt;script&gt;b&lt;/script&gt;</p></div>'
    """
    for child in list(element.iterdescendants()):
        if not isinstance(child.tag, str):  # comments and processing instructions
            child.getparent().remove(child) if child.tail is None else child.drop_tree()
        elif not _TAG.fullmatch(child.tag):
            _unwrap(child)
        else:
            _clean_attributes(child, prefix)


def _unwrap(element: Any) -> None:
    """Replace an element by its source as text, its children kept."""
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    element.text = f"<{element.tag}{attributes}>{element.text or ''}"
    closing = f"</{element.tag}>"
    if len(element):
        element[-1].tail = (element[-1].tail or "") + closing
    else:
        element.text += closing
    element.drop_tag()


def _clean_attributes(element: Any, prefix: str) -> None:
    for name, value in list(element.attrib.items()):
        if name == "id" and _IDENTITY.match(value):
            if not _MENTION.match(value):
                element.set("id", f"{prefix}--{value}")
        elif name == "href" and element.tag == "a" and value.startswith("#"):
            element.set("href", f"#{prefix}--{value[1:]}")
        elif not (
            name in _PLAIN
            or (name == "style" and _STYLE.match(value.strip()))
            or (name == "src" and element.tag == "img" and _PICTURE.match(value))
        ):
            del element.attrib[name]


def _serialize(element: Any) -> str:
    written = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    assert isinstance(written, str)
    return written


def read_report_page(path: Path, name: str) -> str:
    """
    Read a finished report.

    Parameters
    ----------
    name
        Of the report; ids get it as prefix.

    Raises
    ------
    TraceError
        The file holds no report.
    """
    main = lxml.html.document_fromstring(path.read_bytes(), parser=_parser()).find(".//main")
    if main is None:
        raise TraceError(_("{path} holds no <main>; render it again.", path=path))
    for figure in main.iter("figure"):
        image = figure.find(".//img")
        if image is not None and figure.get("id"):
            _mark_picture(image, figure.get("id"))
    main.tag = "div"
    clean(main, name)
    return _serialize(main)


def read_notebook_page(path: Path) -> str:
    """
    Render an executed notebook; its code is folded away, its numbers know their values.

    Charts get the ids that their outputs carry.
    """
    notebook = read_notebook(path)
    charts = {
        part.png: part.part.content for part in read_parts(path) if isinstance(part.part.content, Chart)
    }
    pictures = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/svg+xml" in data or "image/png" in data:
                pictures.append(charts.get(base64.b64decode(data.get("image/png", ""))))
        cell["metadata"] = {}
    body, _resources = _exporter().from_notebook_node(notebook)
    page = lxml.html.fragment_fromstring(body, create_parent="div", parser=_parser())
    for image, chart in zip(
        page.xpath(".//div[contains(@class, 'output_subarea')]//img"), pictures, strict=False
    ):
        if chart is not None:
            image.set("alt", plain(chart.alt))
            _mark_picture(image, chart.id)
    for link in page.xpath(".//a[@class='anchor-link']"):
        link.drop_tree()
    for prompt in page.xpath(".//div[contains(@class, 'prompt')]"):
        prompt.drop_tree()
    for data in page.iter("data"):
        data.set("data-v", data.attrib.pop("title", ""))
    for code in page.xpath(".//div[@class='input']"):
        code.tag = "details"
        code.set("class", "ma-lenh")
        summary = etree.Element("summary")
        summary.text = _("Source code")
        code.insert(0, summary)
    for element in page.iter():
        element.attrib.pop("id", None)
    clean(page, "so-tinh")
    return _serialize(page)


def _mark_picture(image: Any, chart: str) -> None:
    image.set("data-chart", chart)
    source = image.get("src", "")
    if source.startswith(_DATA):
        image.set("data-marks", find_marks(base64.b64decode(source.removeprefix(_DATA))))


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(template_name="basic")


def _parser() -> Any:
    return lxml.html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
