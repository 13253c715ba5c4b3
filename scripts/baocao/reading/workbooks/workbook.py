"""What a workbook holds, with blank, text, number, date, error and missing result told apart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple

Kind = Literal["number", "text", "bool", "date", "error", "uncached"]
Scalar = Decimal | str | bool | date | datetime | time | timedelta | None
Address = tuple[int, int]
_MOST_COVERED = 500_000


class RawCell(NamedTuple):
    """
    One cell that is not blank.

    ``value`` is a Decimal (the number Excel shows at 15 digits), text as
    written, a bool, a date, datetime, time or timedelta, the error's name
    (``#REF!``), or None for a formula without a stored result.
    """

    kind: Kind
    value: Scalar
    formula: bool = False


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
    packed
        The cells as they lie in the cache: [row, column, kind letter, value, formula].
    """

    name: str
    kind: str
    visible: bool
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    packed: tuple[list[Any], ...] = ()

    @cached_property
    def cells(self) -> dict[Address, RawCell]:
        """Cells that are not blank, by row and column counted from 0."""
        return {
            (row, column): _unpack(letter, value, bool(f)) for row, column, letter, value, f in self.packed
        }

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
        """Give what Excel shows at a cell: that of the range's first cell where it is merged."""
        return self.cells.get(self.anchors.get((row, column), (row, column)))

    def column_hidden(self, column: int) -> bool:
        """Tell whether a column, counted from 0, is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


@dataclass(frozen=True)
class Workbook:
    """A workbook that was read: its sheets in their order."""

    sheets: tuple[Sheet, ...]


def exact_number(value: float) -> Decimal:
    """
    Give the decimal that Excel shows for a stored float: 15 significant digits.

    Examples
    --------
    >>> exact_number(0.1 + 0.2), exact_number(745048.0)
    (Decimal('0.3'), Decimal('745048'))
    """
    return Decimal(f"{value:.15g}")


def _unpack(letter: str, value: Any, formula: bool) -> RawCell:
    if letter == "n":
        return RawCell("number", Decimal(value), formula)
    if letter == "s":
        return RawCell("text", value, formula)
    if letter == "b":
        return RawCell("bool", value, formula)
    if letter == "e":
        return RawCell("error", value, formula)
    if letter == "u":
        return RawCell("uncached", None, True)
    if letter == "d":
        return RawCell("date", date.fromisoformat(value), formula)
    if letter == "D":
        return RawCell("date", datetime.fromisoformat(value), formula)
    if letter == "t":
        return RawCell("date", time.fromisoformat(value), formula)
    return RawCell("date", timedelta(seconds=value), formula)


def pack_cell(row: int, column: int, value: object, *, formula: bool) -> list[Any]:
    """Pack a value as calamine gives it; errors and missing results are packed by their finder."""
    flag = int(formula)
    if isinstance(value, bool):
        return [row, column, "b", value, flag]
    if isinstance(value, int | float):
        return [row, column, "n", str(exact_number(float(value))), flag]
    if isinstance(value, datetime):
        return [row, column, "D", value.isoformat(), flag]
    if isinstance(value, date):
        return [row, column, "d", value.isoformat(), flag]
    if isinstance(value, time):
        return [row, column, "t", value.isoformat(), flag]
    if isinstance(value, timedelta):
        return [row, column, "T", value.total_seconds(), flag]
    return [row, column, "s", str(value), flag]


def dump_workbook(workbook: Workbook) -> dict[str, Any]:
    """Give a workbook as plain JSON types."""
    return {
        "sheets": [
            {
                "name": sheet.name,
                "kind": sheet.kind,
                "visible": sheet.visible,
                "merged": sheet.merged,
                "hidden_rows": sorted(sheet.hidden_rows),
                "hidden_columns": sheet.hidden_columns,
                "cells": sheet.packed,
            }
            for sheet in workbook.sheets
        ]
    }


def load_workbook(data: dict[str, Any]) -> Workbook:
    """
    Undo :func:`dump_workbook`.

    Examples
    --------
    >>> book = Workbook((Sheet("06a", "worksheet", True, packed=([0, 1, "n", "12", 0],)),))
    >>> import json
    >>> again = load_workbook(json.loads(json.dumps(dump_workbook(book))))
    >>> again.sheets[0].cells[0, 1]
    RawCell(kind='number', value=Decimal('12'), formula=False)
    """
    return Workbook(
        tuple(
            Sheet(
                name=sheet["name"],
                kind=sheet["kind"],
                visible=sheet["visible"],
                merged=tuple(tuple(part) for part in sheet["merged"]),
                hidden_rows=frozenset(sheet["hidden_rows"]),
                hidden_columns=tuple(tuple(part) for part in sheet["hidden_columns"]),
                packed=tuple(sheet["cells"]),
            )
            for sheet in data["sheets"]
        )
    )
