"""One form of one period as columns of entries, each entry with its cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baocao.project.cells import CellRef
from baocao.project.forms import Form
from baocao.project.hashes import hash_bytes
from baocao.project.periods import split_file
from baocao.reading.forms.entries import Entry

if TYPE_CHECKING:
    from baocao.project.periods import Period
    from baocao.reading.forms.submissions import TableRow

Columns = Mapping[str, tuple[Any, ...]]
PLACES = UNIT, LEVEL, FILE, SHEET, ROW = "_unit", "_level", "_file", "_sheet", "_row"
"""Columns that say whose a row is and where it stands; no form's column starts so."""
PLACE = "_place"
"""All of them together."""


@dataclass(frozen=True)
class Table:
    """
    One form of one period, column by column; each entry knows its cell.

    Parameters
    ----------
    form, period
        What it is a table of.
    columns
        The form's columns by name, and those of :data:`PLACES`, all of one length.
    fingerprint
        sha256 over the form and the rows with their addresses: tables of one
        fingerprint are equal.
    parts
        By file, the sha256 over its rows.
    blank
        In a register without rows, file, sheet and number of the row where a
        first one would stand: what says that there is none.
    combined
        Made from those of shorter periods: an item may have a row in each, and
        an entry that does not count over the whole period is None.
    """

    form: Form
    period: Period
    columns: Columns = field(compare=False, repr=False)
    fingerprint: str
    parts: Mapping[str, str]
    blank: tuple[tuple[str, str, int], ...] = ()
    combined: bool = False

    def __len__(self) -> int:
        return len(self.files)

    @cached_property
    def units(self) -> tuple[str | None, ...]:
        """By row the code of the unit; None in registers of offices."""
        return self.columns[UNIT]

    @property
    def per_unit(self) -> bool:
        """Return whether units filled it, and not an office."""
        return any(unit is not None for unit in self.units)

    @cached_property
    def levels(self) -> tuple[str | None, ...]:
        """By row the level of the unit; None in registers of offices."""
        return self.columns[LEVEL]

    @cached_property
    def files(self) -> tuple[str, ...]:
        """By row the file, relative to ``data/raw/<period>/``; another period's is prefixed with it."""
        return self.columns[FILE]

    @cached_property
    def sheets(self) -> tuple[str, ...]:
        """By row the name of the sheet."""
        return self.columns[SHEET]

    @cached_property
    def row_numbers(self) -> tuple[int, ...]:
        """By row its number as Excel shows it."""
        return self.columns[ROW]

    def column(self, name: str) -> tuple[Entry, ...]:
        """
        Return the entries of a column.

        Returns
        -------
        tuple
            Text (NFC, outer spaces stripped), Fraction or date; None where the cell is blank.

        Raises
        ------
        UsageError
            The form has no such column.
        """
        return self.columns[self.form.column(name).name]

    def uncounted(self, name: str) -> frozenset[int]:
        """Return the rows whose entry in a column does not count over the whole period."""
        if (
            not self.combined
            or name not in self.form.by_name
            or self.form.column(name).taken in (None, "flow")
        ):
            return frozenset()
        return frozenset(row for row, entry in enumerate(self.columns[name]) if entry is None)

    def cell(self, row_index: int, name: str) -> CellRef:
        """Return the cell that an entry was read from."""
        column = self.form.column(name).column
        return CellRef(
            self.files[row_index], self.sheets[row_index], f"{column}{self.row_numbers[row_index]}"
        )


def is_other_period(file: str) -> bool:
    """
    Return whether the address of a file is one of another period.

    Examples
    --------
    >>> is_other_period("2025-Q4/van-ban.xlsx"), is_other_period("van-ban.xlsx")
    (True, False)
    """
    return split_file(file)[0] is not None


def make_table(
    form: Form,
    period: Period,
    rows: Iterable[TableRow],
    *,
    blank: tuple[tuple[str, str, int], ...] = (),
) -> Table:
    """
    Make a table of rows as they were read from submissions.

    Parameters
    ----------
    blank
        As :class:`Table` has it.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from baocao.reading.forms import FormRow
    >>> from baocao.reading.forms.submissions import TableRow
    >>> from baocao.project.forms import Column, Header
    >>> from baocao.project.periods import Period
    >>> form = Form(name="f", title="Thử", source="van-ban", sheet="s", kind="register", header=Header(period="A1"),
    ...             first_row=2, columns=(Column(name="so", column="C", label="Số", type="count"),))
    >>> row = TableRow(None, None, "van-ban.xlsx", "s", FormRow(2, {"so": Fraction(3)}))
    >>> str(make_table(form, Period(2026, 1), [row]).cell(0, "so"))
    'van-ban.xlsx#s!C2'
    """
    rows = list(rows)
    columns: dict[str, tuple[Any, ...]] = {
        UNIT: tuple(row.unit for row in rows),
        LEVEL: tuple(row.level for row in rows),
        FILE: tuple(row.file for row in rows),
        SHEET: tuple(row.sheet for row in rows),
        ROW: tuple(row.row.number for row in rows),
        **{name: tuple(row.row.entries.get(name) for row in rows) for name in form.by_name},
    }
    fingerprint, parts = fingerprint_table(form, period, columns)
    return Table(form, period, columns, fingerprint, parts, blank)


def fingerprint_columns(table: Table) -> dict[str, str]:
    """
    Return a fingerprint for each column: over its definition, its entries and where they stand.

    That of all columns of :data:`PLACES` is under :data:`PLACE`.
    """
    places = _digest([[_spell(entry) for entry in table.columns[name]] for name in PLACES])
    return {
        PLACE: places,
        **{
            name: _digest(
                [places, column.model_dump(mode="json"), [_spell(entry) for entry in table.columns[name]]]
            )
            for name, column in table.form.by_name.items()
        },
    }


def fingerprint_table(form: Form, period: Period, columns: Columns) -> tuple[str, dict[str, str]]:
    """Return the fingerprint of a table and, by file, that of its rows."""
    spelled = [[_spell(entry) for entry in column] for column in columns.values()]
    lines: dict[str, list[tuple[str | None, ...]]] = {}
    for file, line in zip(columns[FILE], zip(*spelled, strict=True), strict=True):
        lines.setdefault(file, []).append(line)
    parts = {file: _digest(lines[file]) for file in sorted(lines)}
    return _digest(
        [str(period), form.model_dump(mode="json"), [(file, parts[file]) for file in lines]]
    ), parts


def _spell(entry: object) -> str | None:
    return None if entry is None else entry.isoformat() if isinstance(entry, date) else str(entry)


def _digest(content: object) -> str:
    return hash_bytes(json.dumps(content, ensure_ascii=False).encode())
