"""What a workbook holds, with blank, text, number, date, error and missing result told apart."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple

Kind = Literal["number", "text", "bool", "date", "error", "uncached"]
Scalar = Decimal | str | bool | date | datetime | time | timedelta | None
Address = tuple[int, int]
_MOST_COVERED = 500_000
_WHOLE = 10**15  # a whole number below it has no more than the 15 digits that Excel shows

FORMULA, OUTSIDE, VOLATILE, FAINT, VEILED, STRUCK, STALE = 1, 2, 4, 8, 16, 32, 64
"""Bits of a cell: it has a formula, which points into another workbook, or changes by itself; nobody can see its content,
or not always; its letters are struck through; its formula gives another result than the one stored."""


class RawCell(NamedTuple):
    """
    One cell that is not blank.

    ``value`` is a Decimal (the number Excel shows at 15 digits), text as
    written, a bool, a date, datetime, time or timedelta, the error's name
    (``#REF!``), or None for a formula without a stored result.

    ``outside`` and ``volatile`` tell of the formula that it points into another
    workbook, or changes by itself (``TODAY()``); ``faint`` that nobody can see
    the cell's letters; ``format`` is the number format of a number, empty where
    it shows every number as it is; ``veiled`` that a conditional format may hide it;
    ``struck`` that its letters are struck through; ``stale`` that its formula gives
    another result than the one stored.
    """

    kind: Kind
    value: Scalar
    formula: bool = False
    format: str = ""
    outside: bool = False
    volatile: bool = False
    faint: bool = False
    veiled: bool = False
    struck: bool = False
    stale: bool = False


@dataclass(frozen=True)
class Sheet:
    """
    One sheet of a workbook.

    Parameters
    ----------
    name
        As written in the workbook.
    kind
        ``"worksheet"``, or ``"chartsheet"``, ``"dialogsheet"``, … which have no cells.
    visible
        False for hidden and very hidden sheets.
    merged
        Merged ranges as (first row, first column, last row, last column).
    hidden_rows, hidden_columns
        Rows and columns hidden or of no height, counted from 0; columns as
        (first, last) pairs.
    filtered
        True where a filter is set.
    packed
        The cells as they lie in the cache: [row, column, kind letter, value, bits of
        the formula and the look], and the number format where it is no plain one.
    replaced
        What stood in cells that are taken as something else; a workbook as it was read has none.
    """

    name: str
    kind: str
    visible: bool
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    filtered: bool = False
    packed: tuple[list[Any], ...] = ()
    replaced: Mapping[Address, RawCell | None] = field(default_factory=dict)

    @cached_property
    def cells(self) -> dict[Address, RawCell]:
        """Cells that are not blank, by row and column counted from 0."""
        return {(row, column): _unpack(*rest) for row, column, *rest in self.packed}

    @cached_property
    def anchors(self) -> dict[Address, Address]:
        """
        For every cell of a merged range the cell that holds its content.

        Only as far as the sheet has content, and no more than any honest sheet needs.
        """
        last_row = max((row for row, _ in self.cells), default=0)
        last_column = max((column for _, column in self.cells), default=0)
        covered = (
            ((row, column), (top, left))
            for top, left, bottom, right in self.merged
            for row in range(top, min(bottom, last_row) + 1)
            for column in range(left, min(right, last_column) + 1)
        )
        return dict(itertools.islice(covered, _MOST_COVERED))

    def shown(self, row: int, column: int) -> RawCell | None:
        """Return what Excel shows at a cell: that of the range's first cell where it is merged."""
        return self.cells.get(self.anchors.get((row, column), (row, column)))

    def column_hidden(self, column: int) -> bool:
        """Return whether a column, counted from 0, is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


class Workbook:
    """
    A workbook that was read.

    Parameters
    ----------
    sheets
        Its sheets in their order.
    stored
        In place of the sheets: what :func:`load_workbook` was given, decoded when they are asked for.
    """

    def __init__(self, sheets: Iterable[Sheet] = (), *, stored: bytes | None = None) -> None:
        self._given = tuple(sheets)
        self._stored = stored

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Sheets in their order."""
        return self._given if self._stored is None else tuple(_load_sheets(self._stored))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Workbook) and self.sheets == other.sheets

    def __hash__(self) -> int:
        return hash(tuple(sheet.name for sheet in self.sheets))


def exact_number(value: float) -> Decimal:
    """
    Return the decimal that Excel shows for a stored float: 15 significant digits.

    Examples
    --------
    >>> exact_number(0.1 + 0.2), exact_number(745048.0)
    (Decimal('0.3'), Decimal('745048'))
    """
    return Decimal(f"{value:.15g}")


def _unpack(letter: str, value: Any, flags: int, code: str = "") -> RawCell:
    kind, read = _KINDS[letter]
    scalar = value if read is None else read(value)
    if flags < OUTSIDE and not code:
        return RawCell(kind, scalar, flags == FORMULA)
    return RawCell(
        kind,
        scalar,
        bool(flags & FORMULA),
        code,
        bool(flags & OUTSIDE),
        bool(flags & VOLATILE),
        bool(flags & FAINT),
        bool(flags & VEILED),
        bool(flags & STRUCK),
        bool(flags & STALE),
    )


_KINDS: dict[str, tuple[Kind, Callable[[Any], Scalar] | None]] = {
    "n": ("number", Decimal),
    "s": ("text", None),
    "b": ("bool", None),
    "e": ("error", None),
    "u": ("uncached", None),
    "d": ("date", date.fromisoformat),
    "D": ("date", datetime.fromisoformat),
    "t": ("date", time.fromisoformat),
    "T": ("date", lambda seconds: timedelta(seconds=seconds)),
}


def pack_cell(row: int, column: int, value: object, flags: int, code: str) -> list[Any]:
    """Pack a value as calamine gives it; errors and missing results are packed by their finder."""
    if isinstance(value, str):
        return [row, column, "s", value, flags]
    if isinstance(value, bool):
        return [row, column, "b", value, flags]
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        number = str(int(value)) if whole and abs(value) < _WHOLE else str(exact_number(float(value)))
        return [row, column, "n", number, flags, code] if code else [row, column, "n", number, flags]
    if isinstance(value, datetime):
        return [row, column, "D", value.isoformat(), flags]
    if isinstance(value, date):
        return [row, column, "d", value.isoformat(), flags]
    if isinstance(value, time):
        return [row, column, "t", value.isoformat(), flags]
    if isinstance(value, timedelta):
        return [row, column, "T", value.total_seconds(), flags]
    return [row, column, "s", str(value), flags]


def dump_workbook(workbook: Workbook) -> bytes:
    """Write a workbook as JSON in ASCII."""
    sheets = [
        [
            sheet.name,
            sheet.kind,
            sheet.visible,
            sheet.merged,
            sorted(sheet.hidden_rows),
            sheet.hidden_columns,
            sheet.filtered,
            sheet.packed,
        ]
        for sheet in workbook.sheets
    ]
    return json.dumps(sheets, separators=(",", ":")).encode("ascii")


def load_workbook(data: bytes) -> Workbook:
    """
    Undo :func:`dump_workbook` once zlib has packed it; nothing is decoded before the sheets are asked for.

    Examples
    --------
    >>> book = Workbook((Sheet("06a", "worksheet", True, packed=([0, 1, "n", "12", 0],)),))
    >>> load_workbook(zlib.compress(dump_workbook(book))).sheets[0].cells[0, 1].value
    Decimal('12')
    """
    return Workbook(stored=data)


def _load_sheets(data: bytes) -> Iterator[Sheet]:
    for name, kind, visible, merged, rows, columns, filtered, packed in json.loads(zlib.decompress(data)):
        yield Sheet(
            name=name,
            kind=kind,
            visible=visible,
            merged=tuple(map(tuple, merged)),
            hidden_rows=frozenset(rows),
            hidden_columns=tuple(map(tuple, columns)),
            filtered=filtered,
            packed=tuple(packed),
        )
