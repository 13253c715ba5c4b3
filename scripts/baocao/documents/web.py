"""A web page as its reader sees it."""

from __future__ import annotations

import base64
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baocao.documents.characters import fold_characters
from baocao.documents.guard import open_page
from baocao.documents.passages import Passage, Writer, make_row
from baocao.documents.unseen import Unseen
from baocao.documents.weblooks import WebLooks

if TYPE_CHECKING:
    from baocao.documents.numerals import Context

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "div", "dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_UNREAD = frozenset(("head", "script", "style", "template", "noscript", "svg", "title", "colgroup"))
_CONTEXTS: dict[str, Context] = {
    "h1": "heading", "h2": "heading", "h3": "heading", "h4": "heading", "h5": "heading", "h6": "heading",
    "caption": "caption", "figcaption": "caption",
}  # fmt: skip
_HEADINGS = frozenset(tag for tag, context in _CONTEXTS.items() if context == "heading")
_INLINE = re.compile(r"data:image/[\w.+-]+;base64,")
_MARKS = frozenset(("data", "cite"))
# As Pandoc and LibreOffice call them.
_NOTE_LINKS = ("footnote-ref", "footnote-back", "sdfootnoteanc", "sdfootnotesym")


class WebPage:
    """
    An HTML file.

    Raises
    ------
    TraceError
        The file is missing or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._root = open_page(path)

    @property
    def trace_hash(self) -> str | None:
        """The hash that the page was given when it was rendered."""
        found = self._root.xpath('//meta[@name="trace-hash"]/@content')
        return str(found[0]) if found else None

    @property
    def hidden_numbers(self) -> dict[str, str]:
        """What programs read from the page: the ``value`` of each mention."""
        found = ((node.get("id"), node.get("value")) for node in self._root.iter("data"))
        return {id: value for id, value in found if id and value is not None}

    def passages(self) -> list[Passage]:
        """Read the page."""
        return self._read.out

    def pictures(self) -> list[bytes]:
        """Return the pictures that stand in the page itself, in the order of reading; empty bytes for others."""
        return [_read_picture(node.get("src") or "") for node in self._root.iter("img")]

    @property
    def unseen(self) -> list[Unseen]:
        """What nobody can read on the page, and what style sheets and scripts write into it."""
        return self._read.unseen + self._read.looks.written

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader(WebLooks(self._root))
        reader.block(self._root)
        reader.end()
        return reader


def _read_picture(source: str) -> bytes:
    match = _INLINE.match(source)
    try:
        return base64.b64decode(source[match.end() :], validate=True) if match else b""
    except ValueError:
        return b""


class _Reader:
    def __init__(self, looks: WebLooks) -> None:
        self.out: list[Passage] = []
        self.looks = looks
        self.unseen: list[Unseen] = []
        self._writer = Writer()
        self._context: Context = "body"
        self._notes = False

    def end(self) -> None:
        if self._writer.text.strip() or self._writer.marks:
            self.out.append(self._writer.passage(self._context, note=self._notes))
        self._writer = Writer()

    def block(self, node: Any) -> None:
        tag = node.tag
        if not isinstance(tag, str) or tag in _UNREAD:
            self._text(node.tail)
            return
        if self._hide(node):
            self._text(node.tail)
            return
        if tag == "a" and any(name in (node.get("class") or "") for name in _NOTE_LINKS):
            self._text(node.tail)
            return
        if tag == "a" and self._is_entry(node):
            self._text(node.tail)
            return
        if "footnotes" in (node.get("class") or ""):
            self.end()
            self._notes = True  # they stand at the end
        if tag == "table":
            self.end()
            self._table(node)
        elif tag in _BLOCKS:
            self.end()
            self._context = _CONTEXTS.get(tag, "body")
            self._children(node)
            self.end()
            self._context = "body"
        elif tag == "br":
            self._writer.add(" ")
        elif tag in _MARKS or node.get("id", "").startswith(("m_", "c_")):
            key = str(id(node))
            self._writer.open(key, node.get("id") or "")
            self._children(node)
            self._writer.close(key)
        else:
            self._children(node)
        self._text(node.tail)

    def _is_entry(self, node: Any) -> bool:
        """Return whether a link of a list of contents says what the heading says that it leads to, and no more."""
        href = node.get("href") or ""
        if not (href.startswith("#") and any(True for _nav in node.iterancestors("nav"))):
            return False
        # A section may have the id in its heading's place.
        found = node.getroottree().xpath("//*[@id=$id]/descendant-or-self::*", id=href[1:])
        heading = next((one for one in found[:2] if one.tag in _HEADINGS), None)
        return heading is not None and _heading_text(heading) == _squeeze("".join(node.itertext()))

    def _hide(self, node: Any) -> bool:
        """Put what nobody can read aside."""
        why = self.looks.find_reason(node)
        if why:
            ids = [one.get("id") for one in node.iter() if isinstance(one.tag, str) and one.get("id")]
            text = fold_characters("".join(node.itertext()))
            self.unseen.append(Unseen(text, why, (*ids, *self._writer.opened)))
        return bool(why)

    def _children(self, node: Any) -> None:
        self._text(node.text)
        for child in node:
            self.block(child)

    def _text(self, text: str | None) -> None:
        if text:
            self._writer.add(text)

    def _table(self, table: Any) -> None:
        labels: list[str] = []
        for caption in table.iter("caption"):
            self._context = "caption"
            self._children(caption)
            self.end()
            self._context = "body"
        held: dict[tuple[int, int], None] = {}
        for number, row in enumerate(table.iter("tr")):
            if self._hide(row):
                continue
            cells: list[tuple[Writer, Context, str]] = []
            head = all(cell.tag == "th" for cell in row)
            column = 0
            for cell in row:
                if cell.tag not in {"td", "th"}:
                    continue
                while (number, column) in held:
                    column += 1
                self._writer = Writer()
                if not self._hide(cell):
                    self._inner(cell)
                across, down = _span(cell, "colspan"), _span(cell, "rowspan")
                held.update({(number + d, column + a): None for d in range(1, down) for a in range(across)})
                if head:
                    labels += [""] * (column + across - len(labels))
                    for at in range(column, column + across):
                        labels[at] = " ".join(f"{labels[at]} {self._writer.text}".split())
                label = labels[column] if column < len(labels) and not head else ""
                cells.append((self._writer, "row" if column == 0 and not head else "cell", label))
                column += across
            self._writer = Writer()
            self.out.append(make_row(cells))

    def _inner(self, cell: Any) -> None:
        """Read a cell as one stretch, whatever blocks are in it."""
        self._text(cell.text)
        for child in cell:
            if isinstance(child.tag, str) and child.tag in _BLOCKS and not self.looks.find_reason(child):
                if self._writer.length:
                    self._writer.add(" ")
                self._inner(child)
                self._text(child.tail)
            else:
                self.block(child)


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _heading_text(heading: Any) -> str:
    """Return the words of a heading without the marks of notes."""
    notes = {
        part
        for link in heading.iter("a")
        if any(name in (link.get("class") or "") for name in _NOTE_LINKS)
        for part in link.itertext()
    }
    return _squeeze("".join(part for part in heading.itertext() if part not in notes))


def _span(cell: Any, name: str) -> int:
    text = cell.get(name) or "1"
    return max(1, int(text)) if text.isdigit() else 1
