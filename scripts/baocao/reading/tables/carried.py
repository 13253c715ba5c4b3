"""What a period carries over against what was pending at the end of the period before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.findings import Finding
from baocao.project.language import _, format_number
from baocao.project.succession import find_heirs, list_present
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.grouping import group_findings
from baocao.reading.forms.treatments import accept_contradictions
from baocao.reading.tables.cache import Tables, read_tables
from baocao.reading.tables.parts import compare_parts
from baocao.reading.tables.previous import compare_previous
from baocao.reading.tables.table import is_other_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from baocao.project.cells import CellRef
    from baocao.project.folder import Project
    from baocao.project.models import Treatment, Unit
    from baocao.project.periods import Period
    from baocao.reading.tables.table import Table

_Items = dict[tuple[str | None, ...], tuple[Fraction, "CellRef"]]


@dataclass(frozen=True)
class CheckedTables:
    """
    Everything there is to say about the submissions of a period.

    Parameters
    ----------
    findings
        Those of the tables, and those of the tables beside the period before.
    treated
        Treatments that had effect, by code of unit or office, by row or by cell.
    compared
        Whether the submissions of the period before are there.
    """

    findings: tuple[Finding, ...]
    treated: Mapping[str, Treatment]
    compared: bool


def check_tables(project: Project, period: Period) -> CheckedTables:
    """Find everything about the submissions of a period, also beside those of the period before."""
    tables = read_tables(project, period)
    found: list[Finding] = []
    compared = project.raw(period.previous).is_dir()
    if compared:
        before = read_tables(project, period.previous)
        for form in project.params.forms.values():
            if tables.has(form.name) and before.has(form.name):
                now, then = tables.table(form.name), before.table(form.name)
                found += compare_previous(now, then)
                if form.carried is not None:
                    found += compare_carried(now, then, project.params.all_units)
    found += _compare_with_parts(project, tables)
    settled, accepted = accept_contradictions(found, tables.treatments)
    treated = {**tables.treated, **accepted}
    return CheckedTables((*tables.findings, *group_findings(settled, {"parts-differ"})), treated, compared)


def _compare_with_parts(project: Project, tables: Tables) -> Iterator[Finding]:
    """Compare what was sent for a period with what its parts make, where there is both."""
    parts = [read_tables(project, part) for part in tables.parts]
    for name in project.params.forms if parts else ():
        if tables.has(name) and not tables.is_combined(name) and all(part.has(name) for part in parts):
            yield from compare_parts(tables.table(name), [part.table(name) for part in parts])


def table_findings(project: Project, period: Period) -> tuple[Finding, ...]:
    """Return the findings of :func:`check_tables`."""
    return check_tables(project, period).findings


def compare_carried(this: Table, before: Table, units: Sequence[Unit]) -> list[Finding]:
    """
    Compare what units carry over with what was pending, item by item.

    What was pending in a unit that has ended is carried over by whoever took
    over; where several took over from several, all of them are held against
    all. What nobody took over, and what a unit carries over from nowhere, is
    told as well, so that the whole city adds up. Units that sent nothing in
    one of the periods say nothing; that is told elsewhere.
    """
    form = this.form
    assert form.carried is not None
    pending = _by_item(before, form.carried.previous)
    carried = _by_item(this, form.carried.this)
    sent_before = {unit for unit in before.units if unit is not None}
    sent = {
        unit
        for unit, file in zip(this.units, this.files, strict=True)
        if unit is not None and not is_other_period(file)
    }
    due = list_present(units, this.period.end)
    was_due = list_present(units, before.period.end)
    found: list[Finding] = []
    for olds, heirs in _group(was_due, due, units, this.period.end):
        if olds <= sent_before and heirs <= sent:
            found += _compare_group(before, pending, carried, olds, heirs)
    return found


def _group(
    was_due: Iterable[str], due: Iterable[str], units: Sequence[Unit], day: date
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Part units into groups within which figures can pass from one period to the next."""
    groups: list[tuple[set[str], set[str]]] = []
    for code in was_due:
        olds, heirs = {code}, set(find_heirs(code, units, day))
        for group in [group for group in groups if group[1] & heirs]:
            groups.remove(group)
            olds |= group[0]
            heirs |= group[1]
        groups.append((olds, heirs))
    taken = {heir for _olds, heirs in groups for heir in heirs}
    groups += [(set(), {code}) for code in due if code not in taken]
    return [(frozenset(olds), frozenset(heirs)) for olds, heirs in groups]


def _compare_group(
    before: Table, pending: _Items, carried: _Items, olds: frozenset[str], heirs: frozenset[str]
) -> Iterator[Finding]:
    keys = dict.fromkeys(item[1:] for item in carried if item[0] in heirs)
    keys |= dict.fromkeys(item[1:] for item in pending if item[0] in olds)
    owner = min(heirs or olds)
    for key in keys:
        nows = [carried[code, *key] for code in sorted(heirs) if (code, *key) in carried]
        thens = [pending[code, *key] for code in sorted(olds) if (code, *key) in pending]
        now, then = (sum((number for number, _cell in side), Fraction(0)) for side in (nows, thens))
        if now == then:
            continue
        cells = [cell for _number, cell in nows]
        cells += [
            cell if is_other_period(cell.file) else replace(cell, file=f"{before.period}/{cell.file}")
            for _number, cell in thens
        ]
        passed = olds != heirs
        yield submission_finding(
            "carried-over",
            tuple(str(cell) for cell in cells),
            unit=owner,
            expected=_(
                "{number} (period {period}{units})", number=format_number(then), period=str(before.period),
                units=_(", of {units}", units=", ".join(sorted(olds)) or _("nobody")) if passed else "",
            ),
            got=_("{number}{units}", number=format_number(now), units=_(", of {units}", units=", ".join(sorted(heirs)) or _("nobody")) if passed else ""),
            action=_(
                "Compare what was pending at the end of the period before with what was carried over into this one."
            )
            + ("" if heirs or not passed else " " + _("Name who took over under successor in params/units.csv.")),
        )  # fmt: skip


def _by_item(table: Table, name: str) -> _Items:
    keys = [table.column(column.name) for column in table.form.columns if column.key]
    found: _Items = {}
    for index, entry in enumerate(table.column(name)):
        if isinstance(entry, Fraction):
            item = (table.units[index], *(fold_text(str(key[index])) for key in keys))
            found[item] = (entry, table.cell(index, name))
    return found
