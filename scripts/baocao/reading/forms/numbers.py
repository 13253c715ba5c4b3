"""Sums within a row and the totals row: compared, never used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from baocao.project.findings import Finding
from baocao.project.language import _, format_number, join
from baocao.reading.forms.entries import Entry, describe
from baocao.reading.forms.overlay import NUMBERS, Overlay

Rows = Mapping[int, Mapping[str, Entry]]


def check_sums(on: Overlay, entries: Rows) -> dict[int, Finding]:
    """Compare the sums within each row; one finding a row, by row."""
    letters = {column.name: column.column for column in on.form.columns}
    found: dict[int, Finding] = {}
    for row, entry in entries.items():
        wrong = []
        for rule in on.form.sums:
            left, right = (
                _number(entry[rule.of]),
                sum((_number(entry[part]) for part in rule.parts), Fraction(0)),
            )
            if left != right:
                wrong.append((rule, left, right))
        if wrong:
            names = list(dict.fromkeys(name for rule, *_sides in wrong for name in (rule.of, *rule.parts)))
            found[row] = on.make(
                "sum-mismatch",
                [on.spell(row, on.index(name)) for name in names],
                join(
                    f"{letters[rule.of]} = {' + '.join(letters[part] for part in rule.parts)}"
                    for rule, *_sides in wrong
                ),
                join(
                    _("{left} and {right}", left=format_number(left), right=format_number(right))
                    for _rule, left, right in wrong
                ),
                _("Check the numbers of the row."),
            )
    return found


def check_totals(on: Overlay, entries: Rows, total: int, sums: dict[int, Finding]) -> None:
    """Compare the totals row; a difference that a row's sums already show is told there."""
    unreadable: dict[str, list[str]] = defaultdict(list)
    for index, column in on.columns.items():
        if column.type not in NUMBERS or not column.adds or column.name in on.faulty_columns:
            continue
        cell = on.sheet.shown(total, index)
        if cell is None or cell.kind != "number" or not isinstance(cell.value, Decimal):
            unreadable[describe(cell)].append(on.spell(total, index))
            continue
        if on.gapped or any(column.name not in entry for entry in entries.values()):
            continue
        stated = Fraction(cell.value)
        counted = sum((_number(entry[column.name]) for entry in entries.values()), Fraction(0))
        if counted in (stated, stated + _sum_replaced(on, index, entries)):
            continue
        row = _explain(on, column.name, stated - counted, entries, sums)
        if row is not None:
            sums[row] = replace(sums[row], cells=(*sums[row].cells, on.spell(total, index)))
            continue
        on.add(
            "total-mismatch",
            [on.spell(total, index), *(on.spell(row, index) for row in entries)],
            _("sum of the rows {counted}", counted=format_number(counted)),
            _("row of totals says {stated}", stated=format_number(stated)),
            _("Check the formula of the row of totals."),
        )
    for got, cells in unreadable.items():
        known = next((i for i, one in enumerate(on.findings) if one.code == "formula-no-result"), None)
        if known is not None and _("formula") in got:
            on.findings[known] = replace(on.findings[known], cells=(*on.findings[known].cells, *cells))
        else:
            on.add(
                "total-unreadable",
                cells,
                _("number"),
                got,
                _("Enter the formula of the row of totals again."),
            )


def _sum_replaced(on: Overlay, index: int, rows: Rows) -> Fraction:
    """Return what the rows add up to more because cells are taken as something else; no sheet's own sum knows of it."""
    more = Fraction(0)
    for (row, column), stood in on.sheet.replaced.items():
        if column == index and row in rows:
            now = on.sheet.cells[row, column].value
            before = stood.value if stood is not None else None
            more += Fraction(now) if isinstance(now, Decimal) else 0
            more -= Fraction(before) if isinstance(before, Decimal) else 0
    return more


def _explain(
    on: Overlay, name: str, difference: Fraction, entries: Rows, sums: Mapping[int, Finding]
) -> int | None:
    """Find the row whose own sums are off by the same difference in the same column."""
    for row in sums:
        for rule in on.form.sums:
            if name in (rule.of, *rule.parts):
                entry = entries[row]
                off = _number(entry[rule.of]) - sum(
                    (_number(entry[part]) for part in rule.parts), Fraction(0)
                )
                if off and abs(off) == abs(difference):
                    return row
    return None


def _number(entry: Entry) -> Fraction:
    return entry if isinstance(entry, Fraction) else Fraction(0)
