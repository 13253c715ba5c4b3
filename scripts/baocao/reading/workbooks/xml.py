"""
What the value reader loses, taken from the XML itself.

python-calamine gives an error value, a formula without a stored result and a
blank cell all as ``""``, and knows nothing of hidden rows, of number formats
or of where a formula points. One pass over the rows finds them, and measures
what the value reader would allocate. A document type is refused before
anything is parsed, so there are no entities to expand.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from lxml import etree

from baocao.project.cells import column_index, join_address
from baocao.project.errors import UsageError, WorkbookError
from baocao.project.language import _
from baocao.reading.workbooks.formulas import MOST_CHARACTERS, Formula
from baocao.reading.workbooks.guard import Archive, damaged
from baocao.reading.workbooks.workbook import FORMULA, OUTSIDE, VOLATILE

MAX_TEXT = 32_767  # what Excel allows in one cell
MAX_ALL_TEXT = 16_000_000
MAX_CELLS = 500_000
MAX_ELEMENTS = 2_500_000
MAX_GRID = 4_000_000
MAX_MERGED = 20_000
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
LOW, NARROW = 3.0, 0.5
"""Below this height (points) or width (characters) nobody sees what stands in a row or column."""
_WHOLE = 1 << 20
"""A part of no more bytes is parsed at once, which is faster."""
# huge_tree: sizes are bounded by the archive; without it a text ends at 10 MB.
_SAFE: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "remove_comments": True, "remove_pis": True, "huge_tree": True,
}  # fmt: skip
_PARSER = etree.XMLParser(**_SAFE)
_TRUE = ("1", "true", "on")
# [1]Sheet!A1, '[1]My sheet'!A1, [1]!Name, [Book.xlsx]Sheet!A1; not Table1[2025].
_FETCHES = re.compile(r"\b(?:WEBSERVICE|RTD|CUBE[A-Z]+)\s*\(|\|", re.IGNORECASE)
"""What gets its result from a server or another program."""
_OUTSIDE = re.compile(r"(?<![\w\]\[])\[(?:\d+\](?=['!\w])|[^\[\]]+\][^!\[\],]*!)")
_VOLATILE = re.compile(r"\b(?:TODAY|NOW|RAND|RANDBETWEEN|RANDARRAY)\s*\(", re.IGNORECASE)
MOST_FORMULAS = 20_000
"""So many of a sheet are worked out; a form has a few sums."""
# A condition that a cell is 0, blank or an error: what it hides is no number.
_NOUGHT = re.compile(
    r'^\s*0\s*$|=\s*(?:0|"")\s*$|\bIS(?:BLANK|ERROR|NA|ERR)\s*\(|^\s*LEN\(TRIM\(', re.IGNORECASE
)
_QUOTED = re.compile(r'"[^"]*"')


@dataclass
class SheetContent:
    """What the XML of one worksheet says; rows and columns counted from 0."""

    cells: list[tuple[int, int, str, int, str, str]] = field(default_factory=list)
    """(row, column, type, bits of its formula, text of ``<v>``, number of its style); only cells that hold something."""
    formulas: dict[tuple[int, int], Formula] = field(default_factory=dict)
    """By row and column, as far as they are short and not too many."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    conditional: list[tuple[str, int]] = field(default_factory=list)
    """(ranges, number of the conditional style), where its condition is not that the cell is 0 or blank."""


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook part lists it; ``part`` is None where it has none."""

    name: str
    visible: bool
    kind: str
    part: str | None


@dataclass(frozen=True)
class Contents:
    """Where the parts of a workbook are: its sheets in their order, shared strings, styles."""

    sheets: tuple[SheetEntry, ...]
    strings: str
    styles: str


_column = cache(column_index)


@cache
def local_name(tag: str) -> str:
    """
    Return the name of an element without its namespace.

    Examples
    --------
    >>> local_name("{http://example.org}row"), local_name("row")
    ('row', 'row')
    """
    return tag.rpartition("}")[2]


def iterate_part(archive: Archive, part: str, *names: str) -> Iterator[Any]:
    """
    Yield the elements of a part that have one of the names, each when it is complete.

    In a large part an element is emptied once it was yielded: memory is bounded by the largest one.

    Raises
    ------
    WorkbookError
        The part is missing or is no XML.
    """
    content = archive.text(part)
    if content.count(b"<") - content.count(b"</") > MAX_ELEMENTS:
        raise WorkbookError(
            "too-many-cells",
            expected=_("at most {most} cells", most=MAX_ELEMENTS),
            got=_("{part}: more than {most} elements", part=part, most=MAX_ELEMENTS),
            action=_(
                "Copy the data of the form alone into a new workbook after the template, and send it again."
            ),
        )
    tags = [f"{{*}}{name}" for name in names]
    try:
        if len(content) <= _WHOLE:
            yield from etree.fromstring(content, _PARSER).iter(*tags)
            return
        events = etree.iterparse(io.BytesIO(content), tag=tags, **_SAFE)
        for _event, element in events:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise damaged(_("{part}: faulty XML in line {line}", part=part, line=error.lineno)) from None


def parse_root(content: bytes, part: str) -> Any:
    """
    Return the root of a small part.

    Raises
    ------
    WorkbookError
        It is no XML.
    """
    try:
        return etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise damaged(_("{part}: faulty XML in line {line}", part=part, line=error.lineno)) from None


def _relations(archive: Archive, part: str) -> list[tuple[str, str, str]]:
    """List the relations of a part as (id, last word of the type, part it leads to)."""
    folder, _slash, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels".lstrip("/")
    if relations not in archive:
        return []
    found = []
    for element in parse_root(archive.text(relations), relations).iter("{*}Relationship"):
        if element.get("TargetMode") != "External":
            target = element.get("Target", "").replace("\\", "/")
            path = target if target.startswith("/") else f"{folder}/{target}"
            kind = element.get("Type", "").rpartition("/")[2]
            found.append((element.get("Id", ""), kind, posixpath.normpath(path).lstrip("/")))
    return found


def list_contents(archive: Archive) -> Contents:
    """
    Follow the relations of a workbook to its sheets.

    Raises
    ------
    WorkbookError
        The workbook part is missing or damaged, or names two sheets alike.
    """
    workbook = next((part for _key, kind, part in _relations(archive, "") if kind == "officeDocument"), "")
    if workbook not in archive:
        raise damaged(_("the contents of the workbook were not found"))
    relations = _relations(archive, workbook)
    by_id = {key: (kind, part) for key, kind, part in relations}
    by_kind = {kind: part for _key, kind, part in relations}
    entries = []
    for element in parse_root(archive.text(workbook), workbook).iter("{*}sheet"):
        key = next((value for name, value in element.items() if local_name(name) == "id"), "")
        kind, part = by_id.get(key, ("worksheet", ""))
        entries.append(
            SheetEntry(
                name=element.get("name", ""),
                visible=element.get("state", "visible") == "visible",
                kind=kind,
                part=part if part in archive else None,
            )
        )
    if len({entry.name for entry in entries}) != len(entries):
        raise damaged(_("two sheets of one name"))
    strings = by_kind.get("sharedStrings", "xl/sharedStrings.xml")
    return Contents(tuple(entries), strings, by_kind.get("styles", "xl/styles.xml"))


class TextBudget:
    """Lengths of the shared strings, and how much text all references to them make."""

    def __init__(self, archive: Archive, contents: Contents) -> None:
        self.spent = 0
        self.lengths: list[int] = []
        if contents.strings in archive:
            for item in iterate_part(archive, contents.strings, "si"):
                plain = item[0] if len(item) == 1 else None  # one run of text, as nearly all are
                if plain is not None and not len(plain):
                    self.lengths.append(len(plain.text or ""))
                else:
                    self.lengths.append(sum(map(len, item.itertext())))

    def spend(self, length: int, sheet: str, row: int, column: int) -> None:
        """Count the text of one cell; too long a text is refused."""
        self.spent += length
        if length > MAX_TEXT or self.spent > MAX_ALL_TEXT:
            limit, got = (MAX_TEXT, length) if length > MAX_TEXT else (MAX_ALL_TEXT, self.spent)
            raise WorkbookError(
                "giant-text",
                expected=_("at most {limit} characters", limit=limit),
                got=_("{got} characters", got=got),
                action=_("Delete what is too much in the cell, and send it again."),
                sheet=sheet,
                address=join_address(row, column),
            )


@lru_cache(maxsize=4096)  # workbooks of one template have the same ranges
def split_range(reference: str) -> tuple[int, int, int, int]:
    """
    Turn ``"A1:B3"`` into rows and columns counted from 0.

    Examples
    --------
    >>> split_range("A1:B3"), split_range("C2")
    ((0, 0, 2, 1), (1, 2, 1, 2))
    """
    first, _colon, last = reference.partition(":")
    top, left = _address(first)
    bottom, right = _address(last or first)
    return top, left, bottom, right


def _address(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    digits = reference[len(letters) :]
    if not (letters.isascii() and letters.isalpha() and len(letters) <= 3 and 0 < len(digits) <= 7):
        raise UsageError(reference)
    row, column = int(digits) - 1, _column(letters.upper())
    if not (0 <= row < MAX_ROWS and column < MAX_COLUMNS):
        raise UsageError(reference)
    return row, column


class _SheetReader:
    """Reads one worksheet row by row."""

    def __init__(self, sheet: str, budget: TextBudget) -> None:
        self.sheet = sheet
        self.budget = budget
        self.content = SheetContent()
        self.row = -1
        self.bottom = self.right = 0
        self.columns: dict[str, int] = {}  # by their letters, as far as they were met
        self.low = False  # rows that say no height of their own are too low to see
        self.shared: dict[str, int] = {}  # bits of formulas that several cells share, by their number
        self.written: dict[
            str, tuple[str, int, int]
        ] = {}  # and their texts, with the cell they are written for

    def read(self, archive: Archive, part: str) -> SheetContent:
        names = ("row", "mergeCell", "col", "sheetFormatPr", "filterColumn", "conditionalFormatting")
        for element in iterate_part(archive, part, *names):
            name = local_name(element.tag)
            if name == "row":
                self.read_row(element)
            elif name == "mergeCell":
                self.content.merged.append(self.range(element.get("ref", "")))
                if len(self.content.merged) > MAX_MERGED:
                    raise damaged(_("too many merged cells"), sheet=self.sheet)
            elif name == "col":
                self.hide_columns(element)
            elif name == "filterColumn":
                self.content.filtered = True
            elif name == "conditionalFormatting":
                self.read_conditional(element)
            else:
                self.read_defaults(element)
        return self.content

    def read_defaults(self, element: Any) -> None:
        self.low = _below(element.get("defaultRowHeight"), LOW)
        if _below(element.get("defaultColWidth"), NARROW):
            self.content.hidden_columns.append((0, MAX_COLUMNS - 1))

    def read_conditional(self, element: Any) -> None:
        for rule in element.iterfind("{*}cfRule"):
            formula = rule.findtext("{*}formula") or ""
            style = rule.get("dxfId", "")
            if style.isdecimal() and not _NOUGHT.search(formula):
                self.content.conditional.append((element.get("sqref", ""), int(style)))

    def read_row(self, element: Any) -> None:
        number = element.get("r")
        self.row = row = int(number) - 1 if number is not None and number.isdecimal() else self.row + 1
        height = element.get("ht")
        if element.get("hidden") in _TRUE or (self.low if height is None else _below(height, LOW)):
            self.content.hidden_rows.add(row)
        spelled = str(row + 1)
        cut = -len(spelled)
        column = -1
        for cell in element.iterchildren("{*}c"):
            reference = cell.get("r")
            if reference is None:
                column += 1
            elif reference.endswith(spelled) and reference[:cut] in self.columns:
                column = self.columns[reference[:cut]]
            else:
                column = self.columns[reference.rstrip("0123456789")] = self.column_in_row(reference)
            if len(cell):
                self.read_cell(cell, row, column)

    def column_in_row(self, reference: str) -> int:
        row, column = self.split(reference)
        if row != self.row:
            raise damaged(
                _("the cell {reference} stands in another row", reference=reference),
                sheet=self.sheet,
                address=reference,
            )
        return column

    def read_cell(self, cell: Any, row: int, column: int) -> None:
        kind = cell.get("t", "n")
        text, formula, rich = "", 0, 0
        for child in cell:
            name = child.tag
            name = name[name.find("}") + 1 :]
            if name == "v":
                text = child.text or ""
            elif name == "f":
                formula = self.formula_bits(child)
                self.keep_formula(child, row, column)
            elif name == "is" and kind == "inlineStr":
                rich = sum(map(len, child.itertext()))
        if not (formula or text or rich):
            return
        if kind == "s":
            if not text.isdecimal() or int(text) >= len(self.budget.lengths):
                raise damaged(
                    _("shared text number {text!r}", text=text[:20]),
                    sheet=self.sheet,
                    address=join_address(row, column),
                )
            self.budget.spend(self.budget.lengths[int(text)], self.sheet, row, column)
        elif kind in ("str", "inlineStr"):
            self.budget.spend(len(text) + rich, self.sheet, row, column)
        elif kind in ("n", "b") and text and not _is_number(text):
            raise damaged(
                _("number written as {text!r}", text=text[:20]),
                sheet=self.sheet,
                address=join_address(row, column),
            )
        if row > self.bottom or column > self.right:
            self.widen(row, column)
        self.content.cells.append((row, column, kind, formula, text, cell.get("s", "0")))
        if len(self.content.cells) > MAX_CELLS:
            raise WorkbookError(
                "too-many-cells",
                expected=_("at most {most} cells", most=MAX_CELLS),
                got=_("more than {most} cells", most=MAX_CELLS),
                action=_(
                    "Copy the data of the form alone into a new workbook after the template, and send it again."
                ),
                sheet=self.sheet,
                address=join_address(row, column),
            )

    def widen(self, row: int, column: int) -> None:
        """Remember how far the cells reach; the value reader makes a grid of all that lies within."""
        self.bottom = max(self.bottom, row)
        self.right = max(self.right, column)
        if (self.bottom + 1) * (self.right + 1) > MAX_GRID or self.bottom >= MAX_ROWS:
            address = join_address(row, column)
            raise WorkbookError(
                "far-cell",
                expected=_("cells within the data of the form"),
                got=_("cell {address}", address=address),
                action=_("Delete what is in this cell (or the extra rows and columns), and send it again."),
                sheet=self.sheet,
                address=address,
            )

    def formula_bits(self, element: Any) -> int:
        text, shared = element.text or "", element.get("si")
        if not text:
            return self.shared.get(shared, FORMULA)
        bits = FORMULA
        if "[" in text and _OUTSIDE.search(_QUOTED.sub("", text)):
            bits |= OUTSIDE
        if _FETCHES.search(_QUOTED.sub("", text)):
            bits |= OUTSIDE
        if _VOLATILE.search(text):
            bits |= VOLATILE
        if shared is not None:
            self.shared[shared] = bits
        return bits

    def keep_formula(self, element: Any, row: int, column: int) -> None:
        text, shared = element.text or "", element.get("si")
        if shared is not None:
            if text:
                self.written[shared] = text, row, column
            text, first_row, first_column = self.written.get(shared, ("", row, column))
        else:
            first_row, first_column = row, column
        plain = element.get("t", "normal") in ("normal", "shared") and 0 < len(text) <= MOST_CHARACTERS
        if plain and len(self.content.formulas) < MOST_FORMULAS:
            self.content.formulas[row, column] = Formula(text, row - first_row, column - first_column)

    def hide_columns(self, element: Any) -> None:
        if element.get("hidden") in _TRUE or _below(element.get("width"), NARROW):
            first, last = element.get("min", ""), element.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self.content.hidden_columns.append((int(first) - 1, int(last) - 1))

    def split(self, reference: str) -> tuple[int, int]:
        try:
            return _address(reference)
        except UsageError:
            raise damaged(_("cell address {reference!r}", reference=reference), sheet=self.sheet) from None

    def range(self, reference: str) -> tuple[int, int, int, int]:
        try:
            return split_range(reference)
        except UsageError:
            raise damaged(_("merged range {reference!r}", reference=reference), sheet=self.sheet) from None


def _below(text: str | None, least: float) -> bool:
    try:
        return text is not None and float(text) < least
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def read_sheet(archive: Archive, entry: SheetEntry, budget: TextBudget) -> SheetContent:
    """
    Read what the value reader loses of one worksheet.

    Raises
    ------
    WorkbookError
        The sheet is damaged, or would make the value reader allocate too much.
    """
    if entry.part is None:
        raise damaged(_("the contents of the sheet are missing"), sheet=entry.name)
    return _SheetReader(entry.name, budget).read(archive, entry.part)
