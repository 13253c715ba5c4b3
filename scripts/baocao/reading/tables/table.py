"""One form of one period as tidy rows, each entry with its cell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from baocao.project.cells import CellRef
from baocao.project.forms import Form
from baocao.reading.forms.entries import Entry

if TYPE_CHECKING:
    from baocao.project.periods import Period
    from baocao.reading.forms.submissions import TableRow


@dataclass(frozen=True)
class Table:
    """
    Tidy rows of one form of one period; each entry knows its cell.

    Parameters
    ----------
    form, period
        What it is a table of.
    units, levels
        By row: code and level of the unit; None in registers of offices.
    files, sheets, row_numbers
        By row: where it stands; the row number as Excel shows it. Files are
        relative to ``data/raw/<period>/``, those of another period prefixed with it.
    entries
        By column name, the entries of all rows; use :meth:`column`.
    fingerprint
        sha256 over the form and the rows with their addresses.
    parts
        By file, the sha256 over its rows.
    blank
        In a register without rows, file, sheet and number of the row where a
        first one would stand: what says that there is none.
    """

    form: Form
    period: Period
    units: tuple[str | None, ...]
    levels: tuple[str | None, ...]
    files: tuple[str, ...]
    sheets: tuple[str, ...]
    row_numbers: tuple[int, ...]
    entries: Mapping[str, tuple[Entry, ...]]
    fingerprint: str
    parts: Mapping[str, str]
    blank: tuple[tuple[str, str, int], ...] = ()

    def __len__(self) -> int:
        return len(self.files)

    def column(self, name: str) -> tuple[Entry, ...]:
        """
        Give the entries of a column.

        Returns
        -------
        tuple
            Text (NFC, outer spaces stripped), Fraction or date; None where the cell is blank.

        Raises
        ------
        UsageError
            The form has no such column.
        """
        return self.entries[self.form.column(name).name]

    def cell(self, row_index: int, name: str) -> CellRef:
        """Give the cell that an entry was read from."""
        column = self.form.column(name).column
        return CellRef(
            self.files[row_index], self.sheets[row_index], f"{column}{self.row_numbers[row_index]}"
        )


def make_table(
    form: Form,
    period: Period,
    rows: Iterable[TableRow],
    *,
    known: tuple[str, Mapping[str, str]] | None = None,
    blank: tuple[tuple[str, str, int], ...] = (),
) -> Table:
    """
    Make a table of rows.

    Parameters
    ----------
    known
        Fingerprint and parts where they were kept; None makes them of the rows.
    blank
        As :class:`Table` has it.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from baocao.reading.forms import FormRow
    >>> from baocao.reading.forms.submissions import TableRow
    >>> from baocao.project.forms import Column, Header
    >>> from baocao.project.periods import Period
    >>> form = Form(name="f", title="", source="van-ban", sheet="s", kind="register", header=Header(period="A1"),
    ...             first_row=2, columns=(Column(name="so", column="C", label="Số", type="count"),))
    >>> row = TableRow(None, None, "van-ban.xlsx", "s", FormRow(2, {"so": Fraction(3)}))
    >>> str(make_table(form, Period(2026, 1), [row]).cell(0, "so"))
    'van-ban.xlsx#s!C2'
    """
    rows = list(rows)
    names = [column.name for column in form.columns]
    fingerprint, parts = known or _fingerprints(form, period, rows)
    return Table(
        form=form,
        period=period,
        units=tuple(one.unit for one in rows),
        levels=tuple(one.level for one in rows),
        files=tuple(one.file for one in rows),
        sheets=tuple(one.sheet for one in rows),
        row_numbers=tuple(one.row.number for one in rows),
        entries={name: tuple(one.row.entries.get(name) for one in rows) for name in names},
        fingerprint=fingerprint,
        parts=parts,
        blank=blank,
    )


def _fingerprints(form: Form, period: Period, rows: Iterable[TableRow]) -> tuple[str, dict[str, str]]:
    names = [column.name for column in form.columns]
    lines: list[str] = []
    by_file: dict[str, list[str]] = {}
    for one in rows:
        entries = [_spell(one.row.entries.get(name)) for name in names]
        line = json.dumps(
            [one.unit, one.level, one.file, one.sheet, one.row.number, *entries], ensure_ascii=False
        )
        lines.append(line)
        by_file.setdefault(one.file, []).append(line)
    parts = {file: _digest(part) for file, part in sorted(by_file.items())}
    return _digest([str(period), form.model_dump_json(), *lines]), parts


def _spell(entry: Entry) -> str | None:
    return None if entry is None else entry.isoformat() if isinstance(entry, date) else str(entry)


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
