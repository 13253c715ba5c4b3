"""The entries of a period beside those of the period before: falls, leaps, and what was sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from baocao.project.findings import Finding, list_first
from baocao.project.language import _, format_number, join
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.relations import LEAP
from baocao.reading.tables.table import is_other_period

if TYPE_CHECKING:
    from baocao.reading.tables.table import Table

_LEAST_SAME = 5
"""So many numbers above 0 agree by no accident."""
_MOST_CELLS = 200
_Item = tuple[str | None, ...]


@dataclass(frozen=True)
class _Number:
    """A number with where it stands; ``rule`` tells whether it may fall."""

    number: Fraction
    cell: str
    rule: Literal["ever", "year"] | None


def compare_previous(this: Table, before: Table) -> list[Finding]:
    """
    Compare a table with that of the period before, unit by unit and item by item.

    Rows taken over from the period before, which its treatment did, say nothing.
    """
    now, then = _read(this), _read(before)
    findings: list[Finding] = []
    units = dict.fromkeys(item[0] for item in now)
    for unit in units:
        mine = {item: number for item, number in now.items() if item[0] == unit}
        findings += _compare_unit(this, before, unit, mine, then)
    return [*findings, *_find_repeated(this, before)]


def _read(table: Table) -> dict[_Item, _Number]:
    keys = [table.column(column.name) for column in table.form.columns if column.key]
    rules = {item.code: item.cumulative for item in table.form.indicators}
    found = {}
    for column in table.form.columns:
        if column.type not in ("count", "number") or column.key or column.order:
            continue
        for index, entry in enumerate(table.column(column.name)):
            if isinstance(entry, Fraction) and not _is_taken_over(table, index):
                item = tuple(fold_text(str(key[index])) for key in keys)
                rule = column.cumulative or (rules.get(str(keys[0][index])) if rules else None)
                found[table.units[index], *item, column.name] = _Number(
                    entry, str(table.cell(index, column.name)), rule
                )
    return found


def _is_taken_over(table: Table, index: int) -> bool:
    """Return whether a row was taken from another period: its file then lies in that period's folder."""
    return is_other_period(table.files[index])


def _compare_unit(
    this: Table, before: Table, unit: str | None, mine: Mapping[_Item, _Number], then: Mapping[_Item, _Number]
) -> Iterator[Finding]:
    pairs = [(number, then[item]) for item, number in mine.items() if item in then]
    positive = [(one, other) for one, other in pairs if one.number or other.number]
    owner = unit or this.form.source.partition("/")[2] or None
    prefix = f"{before.period}/"
    same = len(positive) >= _LEAST_SAME and all(one.number == other.number for one, other in positive)
    if same and len(pairs) == len(mine) and this.form.flow:
        yield submission_finding(
            "same-as-before",
            tuple(one.cell for one, _other in positive[:_MOST_CELLS]),
            unit=owner,
            expected=_("the figures of {period}", period=str(this.period)),
            got=_(
                "all {count} figures equal those of {period}", count=len(positive), period=str(before.period)
            ),
            action=_("Send the figures of this period, or confirm that nothing has changed."),
        )
        return
    fallen = [
        (one, other) for one, other in pairs if one.number < other.number and _holds(one.rule, this, before)
    ]
    leaps = [
        (one, other)
        for one, other in pairs
        if min(one.number, other.number) > 0
        and max(one.number, other.number) >= LEAP * min(one.number, other.number)
    ]
    for code, found, expected, action in (
        (
            "fallen",
            fallen,
            _("no less than in {period}", period=str(before.period)),
            _("Check the figure of this period and of the one before; correct the one that is wrong."),
        ),
        (
            "thousandfold",
            leaps,
            _("about what it was in {period}", period=str(before.period)),
            _("Check the measure of the numbers, or confirm them."),
        ),
    ):
        if found:
            cells = [cell for one, other in found for cell in (one.cell, prefix + other.cell)]
            texts = [
                join((format_number(other.number), format_number(one.number)), " → ") for one, other in found
            ]
            yield submission_finding(
                code,
                tuple(cells[:_MOST_CELLS]),
                unit=owner,
                expected=expected,
                got=list_first(texts, _MOST_CELLS),  # whoever accepts it accepts all of them
                action=action,
            )


def _holds(rule: Literal["ever", "year"] | None, this: Table, before: Table) -> bool:
    return rule == "ever" or (rule == "year" and this.period.year == before.period.year)


def _find_repeated(this: Table, before: Table) -> list[Finding]:
    """Find items of a register that stood in that of the period before, where each belongs to one period."""
    if not this.form.flow or this.form.kind != "register":
        return []
    keys = [column.name for column in this.form.columns if column.key]
    stood = set(zip(*([fold_text(str(entry)) for entry in before.column(key)] for key in keys), strict=True))
    found = [
        index
        for index, item in enumerate(
            zip(*([fold_text(str(entry)) for entry in this.column(key)] for key in keys), strict=True)
        )
        if item in stood and not _is_taken_over(this, index)
    ]
    if not found:
        return []
    texts = ["; ".join(str(this.column(key)[index]) for key in keys) for index in found]
    return [
        submission_finding(
            "counted-before",
            tuple(str(this.cell(index, keys[0])) for index in found[:_MOST_CELLS]),
            unit=this.form.source.partition("/")[2] or None,
            expected=_("items that {period} did not list", period=str(before.period)),
            got=list_first(texts, _MOST_CELLS),
            action=_("Delete the rows that the period before has counted, or correct their codes."),
        )
    ]
