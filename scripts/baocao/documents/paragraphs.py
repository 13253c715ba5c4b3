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


def read_paragraphs(docx: Path, row_number: str = "") -> Iterator[Paragraph]:
    """
    Read the paragraphs of a Word file: body, tables, notes; tracked insertions as accepted.

    Parameters
    ----------
    row_number
        The heading of a column that numbers the rows; empty where nothing is asked of it.

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
                yield _read_paragraph(element, name, row_number)


def _read_paragraph(element: Any, part: str, row_number: str) -> Paragraph:
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
    return Paragraph("".join(pieces), tuple(marks), _find_context(element, row_number), part)


def _find_context(element: Any, row_number: str) -> Context:
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
        return "row" if first and _heads_numbers(table, row_number) and _runs(element, row, table) else "cell"
    return "body"


def _heads_numbers(table: Any, heading: str) -> bool:
    first = table.find(f"{W}tr/{W}tc")
    return first is not None and _read_text(first) == heading


def _runs(element: Any, row: Any, table: Any) -> bool:
    """Return whether a first column's entry is the number of its row, and no other number."""
    said = _read_text(element)
    if not said.isdigit():
        return said == ""
    rows = [one for one in table.findall(f"{W}tr") if one.find(f"{W}trPr/{W}tblHeader") is None]
    if len(rows) == len(table.findall(f"{W}tr")):
        rows = rows[1:]  # no row says that it is a head, so the first one is
    # Rows that part the others bear a roman number or none.
    before = rows[: rows.index(row)] if row in rows else []
    return said == str(sum(_read_text(one.find(f"{W}tc")).isdigit() for one in before) + 1)


def _read_text(element: Any) -> str:
    return "".join(element.itertext(f"{W}t")).strip()
