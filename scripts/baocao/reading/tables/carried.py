"""What a period carries over against what was pending at the end of the period before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.cells import CellRef
from baocao.project.findings import Finding
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.entries import plain_decimal
from baocao.reading.tables.cache import read_tables
from baocao.reading.tables.parquet import decimal_text
from baocao.reading.tables.previous import compare_previous
from baocao.reading.tables.table import is_other_period

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period
    from baocao.reading.tables.table import Table


def table_findings(project: Project, period: Period) -> tuple[Finding, ...]:
    """
    Give every finding about the submissions of a period.

    Returns
    -------
    tuple of Finding
        Those of :func:`read_tables`, and the entries carried over from the
        period before that differ from what was pending then, where the folder
        of that period is there.
    """
    tables = read_tables(project, period)
    if not project.raw(period.previous).is_dir():
        return tables.findings
    before = read_tables(project, period.previous)
    found: list[Finding] = list(tables.findings)
    for form in project.params.forms.values():
        if tables.has(form.name) and before.has(form.name):
            now, then = tables.table(form.name), before.table(form.name)
            found.extend(compare_previous(now, then))
            if form.carried is not None:
                found.extend(_carried(now, then))
    return tuple(found)


def _carried(this: Table, before: Table) -> list[Finding]:
    """Compare unit by unit and item by item; units without rows then say nothing."""
    form = this.form
    assert form.carried is not None
    known = set(before.units)
    pending = _by_item(before, form.carried.previous)
    carried = _by_item(this, form.carried.this)
    present = {unit for unit, file in zip(this.units, this.files, strict=True) if not is_other_period(file)}
    found = []
    for item in dict.fromkeys((*carried, *pending)):
        unit = item[0]
        if unit not in known or unit not in present:
            continue
        now, now_cell = carried.get(item, (Fraction(0), None))
        then, then_cell = pending.get(item, (Fraction(0), None))
        if now == then:
            continue
        if then_cell is not None and not is_other_period(then_cell.file):
            then_cell = replace(then_cell, file=f"{before.period}/{then_cell.file}")
        found.append(
            submission_finding(
                "carried-over",
                tuple(str(cell) for cell in (now_cell, then_cell) if cell is not None),
                unit=unit,
                expected=f"{_plain(then)} (kỳ {before.period})",
                got=_plain(now),
                action="Đối chiếu số đang giải quyết cuối kỳ trước với số chuyển sang kỳ này.",
            )
        )
    return found


def _by_item(table: Table, name: str) -> dict[tuple[str | None, ...], tuple[Fraction, CellRef | None]]:
    keys = [column.name for column in table.form.columns if column.key]
    found: dict[tuple[str | None, ...], tuple[Fraction, CellRef | None]] = {}
    for index, entry in enumerate(table.column(name)):
        if isinstance(entry, Fraction):
            item = (table.units[index], *(fold_text(str(table.column(key)[index])) for key in keys))
            found[item] = (entry, table.cell(index, name))
    return found


def _plain(number: Fraction) -> str:
    return plain_decimal(Decimal(decimal_text(number)))
