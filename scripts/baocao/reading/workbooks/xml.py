"""
What the value reader loses, taken from the XML itself.

python-calamine gives an error value, a formula without a stored result and a
blank cell all as ``""`` and knows nothing of hidden rows. One streamed pass
with expat finds them, and measures what the value reader would allocate.
A DOCTYPE is refused, so there are no entities to expand.
"""

from __future__ import annotations

import math
import posixpath
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from baocao.project.cells import column_index, join_address
from baocao.project.errors import UsageError, WorkbookError
from baocao.reading.workbooks.guard import Archive, damaged

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TEXT = 32_767  # what Excel allows in one cell
MAX_ALL_TEXT = 16_000_000
MAX_CELLS = 500_000
MAX_ELEMENTS = 2_500_000
MAX_GRID = 4_000_000
MAX_MERGED = 20_000
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
_TRUE = ("1", "true", "on")


@dataclass
class SheetFacts:
    """Facts of one worksheet; rows and columns counted from 0."""

    cells: list[tuple[int, int, str, bool, str]] = field(default_factory=list)
    """(row, column, type, has a formula, text of ``<v>``); only cells that hold something."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class SheetEntry:
    """A sheet as the workbook part lists it; ``part`` is None where it has none."""

    name: str
    visible: bool
    kind: str
    part: str | None


def _local(name: str) -> str:
    return name.rpartition(":")[2] if ":" in name else name


_column = cache(column_index)


def _parse(
    archive: Archive,
    part: str,
    start: Callable[[str, dict[str, str]], Any] | None = None,
    end: Callable[[str], Any] | None = None,
    text: Callable[[str], Any] | None = None,
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise WorkbookError(
            "xml-doctype",
            expected="sổ tính do Excel lưu",
            got=f"{part} chứa DOCTYPE",
            action="Mở tệp bằng Excel, lưu lại theo dạng *.xlsx rồi gửi lại.",
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        for piece in archive.pieces(part):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(f"{part}: XML sai ở dòng {error.lineno}") from None
    except (LookupError, ValueError):
        raise damaged(f"{part}: bảng mã lạ") from None


def _relations(archive: Archive, part: str) -> list[tuple[str, str, str]]:
    """Give the relations of a part as (id, last word of the type, part it leads to)."""
    folder, _, name = part.rpartition("/")
    found: list[tuple[str, str, str]] = []

    def relation(element: str, attributes: dict[str, str]) -> None:
        if _local(element) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            path = target if target.startswith("/") else f"{folder}/{target}"
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append((attributes.get("Id", ""), kind, posixpath.normpath(path).lstrip("/")))

    relations = f"{folder}/_rels/{name}.rels".lstrip("/")
    if relations in archive:
        _parse(archive, relations, relation)
    return found


@dataclass(frozen=True)
class Contents:
    """Where the parts of a workbook are: its sheets in their order, shared strings, styles."""

    sheets: tuple[SheetEntry, ...]
    strings: str
    styles: str


def list_contents(archive: Archive) -> Contents:
    """
    Follow the relations of a workbook to its sheets.

    Raises
    ------
    WorkbookError
        The workbook part is missing or damaged, or names two sheets alike.
    """
    workbook = next((part for _, kind, part in _relations(archive, "") if kind == "officeDocument"), "")
    if workbook not in archive:
        raise damaged("không tìm thấy nội dung sổ tính")
    relations = _relations(archive, workbook)
    by_id = {one: (kind, part) for one, kind, part in relations}
    by_kind = {kind: part for _, kind, part in relations}
    entries: list[SheetEntry] = []

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) != "sheet":
            return
        key = next((value for key, value in attributes.items() if _local(key) == "id"), "")
        kind, part = by_id.get(key, ("worksheet", ""))
        entries.append(
            SheetEntry(
                name=attributes.get("name", ""),
                visible=attributes.get("state", "visible") == "visible",
                kind=kind,
                part=part if part in archive else None,
            )
        )

    _parse(archive, workbook, sheet)
    if len({entry.name for entry in entries}) != len(entries):
        raise damaged("hai trang tính trùng tên")
    strings = by_kind.get("sharedStrings", "xl/sharedStrings.xml")
    return Contents(tuple(entries), strings, by_kind.get("styles", "xl/styles.xml"))


class TextBudget:
    """Lengths of the shared strings, and how much text all references to them make."""

    def __init__(self, archive: Archive, contents: Contents) -> None:
        self.lengths: list[int] = []
        self.spent = 0
        if contents.styles in archive:
            _parse(archive, contents.styles)
        if contents.strings in archive:
            self._measure(archive, contents.strings)

    def _measure(self, archive: Archive, part: str) -> None:
        length = 0

        def start(name: str, _: dict[str, str]) -> None:
            nonlocal length
            if _local(name) == "si":
                length = 0

        def text(piece: str) -> None:
            nonlocal length
            length += len(piece)

        def end(name: str) -> None:
            if _local(name) == "si":
                self.lengths.append(length)

        _parse(archive, part, start, end, text)

    def spend(self, length: int, sheet: str, row: int, column: int) -> None:
        """Count the text of one cell; too long a text is refused."""
        self.spent += length
        if length > MAX_TEXT or self.spent > MAX_ALL_TEXT:
            limit, got = (MAX_TEXT, length) if length > MAX_TEXT else (MAX_ALL_TEXT, self.spent)
            raise WorkbookError(
                "giant-text",
                expected=f"không quá {limit} ký tự",
                got=f"{got} ký tự",
                action="Xóa nội dung thừa trong ô rồi gửi lại.",
                sheet=sheet,
                address=join_address(row, column),
            )


def split_range(reference: str) -> tuple[int, int, int, int]:
    """
    Turn ``"A1:B3"`` into rows and columns counted from 0.

    Examples
    --------
    >>> split_range("A1:B3"), split_range("C2")
    ((0, 0, 2, 1), (1, 2, 1, 2))
    """
    first, _, last = reference.partition(":")
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
    def __init__(self, sheet: str, budget: TextBudget) -> None:
        self.sheet = sheet
        self.budget = budget
        self.facts = SheetFacts()
        self.row = -1
        self.column = -1
        self.type = "n"
        self.formula = False
        self.inside = ""
        self.text = ""
        self.rich = 0
        self.bottom = self.right = self.elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise self.too_many(MAX_ELEMENTS)
        if local == "c":
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                row, self.column = self.split(reference)
                if row != self.row:
                    raise damaged(f"ô {reference} nằm sai dòng", sheet=self.sheet, address=reference)
            self.type = attributes.get("t", "n")
            self.formula, self.text, self.rich = False, "", 0
        elif local == "v" or (local == "t" and self.type == "inlineStr"):
            self.inside = local
        elif local == "f":
            self.formula = True
        elif local == "row":
            number = attributes.get("r")
            self.row = int(number) - 1 if number is not None and number.isdecimal() else self.row + 1
            self.column = -1
            if attributes.get("hidden") in _TRUE or _is_zero(attributes.get("ht")):
                self.facts.hidden_rows.add(self.row)
        elif local == "col":
            self.hide_columns(attributes)
        elif local == "mergeCell":
            self.facts.merged.append(self.range(attributes.get("ref", "")))
            if len(self.facts.merged) > MAX_MERGED:
                raise damaged("quá nhiều ô gộp", sheet=self.sheet)

    def end(self, name: str) -> None:
        local = _local(name)
        if local == self.inside:
            self.inside = ""
        elif local == "c":
            self.cell()

    def characters(self, piece: str) -> None:
        if self.inside == "v":
            self.text += piece
        elif self.inside == "t":
            self.rich += len(piece)

    def cell(self) -> None:
        if not (self.formula or self.text or self.rich):
            return
        if self.type == "s":
            if not self.text.isdecimal() or int(self.text) >= len(self.budget.lengths):
                raise damaged(
                    f"chuỗi dùng chung số {self.text[:20]!r}", sheet=self.sheet, address=self.address()
                )
            self.budget.spend(self.budget.lengths[int(self.text)], self.sheet, self.row, self.column)
        elif self.type in ("str", "inlineStr"):
            self.budget.spend(len(self.text) + self.rich, self.sheet, self.row, self.column)
        elif self.type in ("n", "b") and self.text and not _is_number(self.text):
            raise damaged(f"số ghi là {self.text[:20]!r}", sheet=self.sheet, address=self.address())
        self.bottom = max(self.bottom, self.row)
        self.right = max(self.right, self.column)
        if (self.bottom + 1) * (self.right + 1) > MAX_GRID:
            raise WorkbookError(
                "far-cell",
                expected="ô trong vùng số liệu của biểu",
                got=f"ô {self.address()}",
                action="Xóa nội dung ô này (hoặc xóa hẳn các dòng, cột thừa) rồi gửi lại.",
                sheet=self.sheet,
                address=self.address(),
            )
        self.facts.cells.append((self.row, self.column, self.type, self.formula, self.text))
        if len(self.facts.cells) > MAX_CELLS:
            raise self.too_many(MAX_CELLS)

    def too_many(self, limit: int) -> WorkbookError:
        return WorkbookError(
            "too-many-cells",
            expected=f"không quá {limit} ô",
            got=f"hơn {limit} ô",
            action="Chép riêng số liệu của biểu sang một sổ tính mới theo mẫu rồi gửi lại.",
            sheet=self.sheet,
            address=self.address() if self.row >= 0 and self.column >= 0 else None,
        )

    def address(self) -> str:
        return join_address(self.row, self.column)

    def hide_columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in _TRUE or _is_zero(attributes.get("width")):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self.facts.hidden_columns.append((int(first) - 1, int(last) - 1))

    def split(self, reference: str) -> tuple[int, int]:
        try:
            return _address(reference)
        except UsageError:
            raise damaged(f"địa chỉ ô {reference!r}", sheet=self.sheet) from None

    def range(self, reference: str) -> tuple[int, int, int, int]:
        try:
            return split_range(reference)
        except UsageError:
            raise damaged(f"vùng gộp {reference!r}", sheet=self.sheet) from None


def _is_zero(text: str | None) -> bool:
    try:
        return text is not None and float(text) == 0
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def read_facts(archive: Archive, entry: SheetEntry, budget: TextBudget) -> SheetFacts:
    """
    Read what the value reader loses of one worksheet.

    Raises
    ------
    WorkbookError
        The sheet is damaged, or would make the value reader allocate too much.
    """
    if entry.part is None:
        raise damaged("thiếu nội dung trang tính", sheet=entry.name)
    reader = _SheetReader(entry.name, budget)
    _parse(archive, entry.part, reader.start, reader.end, reader.characters)
    return reader.facts
