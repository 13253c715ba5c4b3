"""Count every numeral of a finished Word file: traced, constant, or untraced."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from baocao.documents.numerals import Context
from baocao.project.errors import TraceError
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.documents.numerals import Recogniser
    from baocao.tracing.trace import Trace

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
# Text that a reader of the final version does not see.
_NOT_READ = {f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText"}
CAPTION_STYLES = ("caption", "tenbang", "tenhinh")  # as the layout and as Word name them
_MANY_BYTES = 200_000_000


@dataclass(frozen=True)
class Paragraph:
    """
    One paragraph of a Word file as its reader sees it.

    Parameters
    ----------
    marks
        ``(start, end, name)`` of each bookmark within the text.
    context
        Where it stands: heading, caption, table cell, running number of a row.
    """

    text: str
    marks: tuple[tuple[int, int, str], ...]
    context: Context
    part: str


@dataclass
class Coverage:
    """
    Numerals of one finished document; ``numerals`` = traced + constants + untraced.

    Parameters
    ----------
    untraced
        For each, ``numeral`` and the text around it.
    """

    traced: int = 0
    constants: int = 0
    untraced: list[dict[str, str]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def numerals(self) -> int:
        """All of them."""
        return self.traced + self.constants + len(self.untraced)

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON types."""
        return {
            "numerals": self.numerals,
            "traced": self.traced,
            "constants": self.constants,
            "untraced": self.untraced,
        }


def measure_coverage(docx: Path, trace: Trace, recogniser: Recogniser) -> Coverage:
    """
    Hold every numeral of a Word file against the trace.

    A numeral is traced where it lies in a mention's bookmark and the text
    there is the one that was printed, or in a citation's bookmark, or where
    it names a document of the register. It is a constant where it is declared
    one (see :class:`baocao.documents.numerals.Recogniser`).

    Raises
    ------
    TraceError
        The file is missing or is no Word file.
    """
    printed = {place.id: place.printed for place in trace.record.places}
    coverage = Coverage()
    for paragraph in read_paragraphs(docx):
        held = [
            (start, end, name)
            for start, end, name in paragraph.marks
            if name in printed and _squeeze(paragraph.text[start:end]) == _squeeze(printed[name])
        ]
        for numeral in recogniser.find(paragraph.text, paragraph.context):
            mentioned = any(start <= numeral.start and numeral.end <= end for start, end, _ in held)
            if mentioned or numeral.kind == "citation":
                coverage.traced += 1
            elif numeral.kind is not None:
                coverage.constants += 1
                coverage.kinds[numeral.kind] = coverage.kinds.get(numeral.kind, 0) + 1
            else:
                at = max(0, numeral.start - 60)
                around = paragraph.text[at : numeral.end + 60]
                coverage.untraced.append({"numeral": numeral.text, "text": " ".join(around.split())})
    return coverage


def read_paragraphs(docx: Path) -> Iterator[Paragraph]:
    """
    Read the paragraphs of a Word file: body, tables, notes; tracked insertions as accepted.

    Raises
    ------
    TraceError
        The file is missing or is no Word file.
    """
    try:
        with zipfile.ZipFile(docx) as archive:
            roots = []
            for name in PARTS:
                if name in archive.namelist():
                    if archive.getinfo(name).file_size > _MANY_BYTES:
                        raise TraceError(
                            _("{docx}: {name} is too large to be a report.", docx=docx, name=name)
                        )
                    parser = etree.XMLParser(resolve_entities=False, no_network=True)
                    roots.append((name, etree.fromstring(archive.read(name), parser)))
    except FileNotFoundError:
        raise TraceError(_("{docx} is missing; build the report first.", docx=docx)) from None
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError) as error:
        raise TraceError(_("{docx} is no Word file: {error}.", docx=docx, error=error)) from None
    for name, root in roots:
        for element in root.iter(f"{W}p"):
            yield _read_paragraph(element, name)


def _read_paragraph(element: Any, part: str) -> Paragraph:
    pieces: list[str] = []
    opened: dict[str, tuple[int, str]] = {}
    marks: list[tuple[int, int, str]] = []
    length = 0
    stack = list(reversed(element))
    while stack:
        node = stack.pop()
        tag = node.tag
        if tag == f"{W}bookmarkStart":
            opened[node.get(f"{W}id")] = (length, node.get(f"{W}name"))
        elif tag == f"{W}bookmarkEnd":
            if node.get(f"{W}id") in opened:
                start, name = opened.pop(node.get(f"{W}id"))
                marks.append((start, length, name))
        elif tag == f"{W}t":
            pieces.append(node.text or "")
            length += len(pieces[-1])
        elif tag in (f"{W}tab", f"{W}br", f"{W}cr"):
            pieces.append(" ")
            length += 1
        elif tag == f"{W}noBreakHyphen":
            pieces.append("-")
            length += 1
        elif tag == f"{W}p" or tag in _NOT_READ:
            continue  # a paragraph in a text box comes by itself
        else:
            stack.extend(reversed(node))
    return Paragraph("".join(pieces), tuple(marks), _find_context(element), part)


def _find_context(element: Any) -> Context:
    style = element.find(f"{W}pPr/{W}pStyle")
    name = (style.get(f"{W}val") if style is not None else "").casefold()
    if name.startswith("heading"):
        return "heading"
    if name in CAPTION_STYLES:
        return "caption"
    cell = element.getparent()
    if cell is not None and cell.tag == f"{W}tc":
        row = cell.getparent()
        table = row.getparent()
        first = row.index(cell) == row.index(row.find(f"{W}tc"))
        return "row" if first and _heads_numbers(table) and _runs(element, row, table) else "cell"
    return "body"


def _heads_numbers(table: Any) -> bool:
    first = table.find(f"{W}tr/{W}tc")
    return first is not None and "".join(first.itertext(f"{W}t")).strip() == "STT"


def _runs(element: Any, row: Any, table: Any) -> bool:
    """Tell whether a first column's entry is the number of its row, and no other number."""
    rows = table.findall(f"{W}tr")
    heads = sum(one.find(f"{W}trPr/{W}tblHeader") is not None for one in rows) or 1
    return "".join(element.itertext(f"{W}t")).strip() in ("", str(rows.index(row) - heads + 1))


def _squeeze(text: str) -> str:
    return " ".join(text.split())
