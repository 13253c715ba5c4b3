"""The paragraphs of a Word file, with the bookmarks in each: its final version, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baocao.documents.characters import fold_characters
from baocao.documents.guard import WordParts
from baocao.project.errors import TraceError
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.documents.numerals import Context

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
# Text that a reader of the final version does not see.
_NOT_READ = {f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText"}
CAPTION_STYLES = ("caption", "tenbang", "tenhinh")  # as the layout and as Word name them


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


def read_paragraphs(docx: Path) -> Iterator[Paragraph]:
    """
    Read the paragraphs of a Word file: body, tables, notes; tracked insertions as accepted.

    Raises
    ------
    TraceError
        The file is missing or is no Word file.
    """
    parts = WordParts(docx)
    if PARTS[0] not in parts:
        raise TraceError(
            _("{path} is no Word file: {body} is missing; save it as .docx again.", path=docx, body=PARTS[0])
        )
    for name in PARTS:
        if name in parts:
            for element in parts.parse(name).iter(f"{W}p"):
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
            pieces.append(fold_characters(node.text or ""))
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
    if name.endswith(CAPTION_STYLES):
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
    """Return whether a first column's entry is the number of its row, and no other number."""
    rows = table.findall(f"{W}tr")
    heads = sum(one.find(f"{W}trPr/{W}tblHeader") is not None for one in rows) or 1
    return "".join(element.itertext(f"{W}t")).strip() in ("", str(rows.index(row) - heads + 1))
