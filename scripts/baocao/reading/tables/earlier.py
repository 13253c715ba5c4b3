"""The tables of an earlier period as a later one sees them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from baocao.reading.tables.table import FILE, Table, is_other_period

if TYPE_CHECKING:
    from baocao.project.periods import Period


def find_earlier(period: Period, against: Literal["last_period", "last_year"]) -> Period:
    """
    Find the period that one is held against.

    Examples
    --------
    >>> from baocao.project.periods import parse_period
    >>> str(find_earlier(parse_period("2026-Q1"), "last_year")), str(find_earlier(parse_period("2026-H1"), "last_period"))
    ('2025-Q1', '2025-H2')
    """
    return period.year_before if against == "last_year" else period.previous


def address_from(table: Table, period: Period) -> Table:
    """Return a table whose addresses are those that another period knows it by: its files have its own before them."""
    if table.period == period:
        return table
    files = tuple(file if is_other_period(file) else f"{table.period}/{file}" for file in table.files)
    blank = tuple((f"{table.period}/{file}", sheet, row) for file, sheet, row in table.blank)
    return replace(table, columns={**table.columns, FILE: files}, blank=blank)
