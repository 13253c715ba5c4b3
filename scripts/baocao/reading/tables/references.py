"""Keys across forms: what an entry names must stand where its column says, and lists must be whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from baocao.project.findings import Finding, list_first
from baocao.project.forms import OFFICE_NAMES, UNIT_NAMES, UNITS
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding

if TYPE_CHECKING:
    from baocao.project.forms import Column
    from baocao.project.models import Unit
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.reading.tables.table import Table

_MOST_CELLS = 200
Lists = Mapping[str, tuple[str, ...]]


def find_references(params: Params, period: Period, tables: Mapping[str, Table]) -> list[Finding]:
    """
    Find entries that are not where their column says they must stand, and what is missing in whole lists.

    A reference to a form that the period does not have says nothing.
    """
    units = params.units_of(period)
    lists: Lists = {
        UNITS: tuple(units),
        UNIT_NAMES: tuple(unit.name for unit in units.values()),
        OFFICE_NAMES: tuple(params.offices.values()),
    }
    findings: list[Finding] = []
    for name, table in tables.items():
        if table.combined:
            continue  # its parts have been held against theirs
        for column in params.form(name).columns:
            if column.refers:
                findings += _check_column(lists, tables, table, column)
            if column.of_unit is not None:
                findings += _check_units(params, units, table, column)
    return findings


def _check_column(lists: Lists, tables: Mapping[str, Table], table: Table, column: Column) -> list[Finding]:
    known: dict[str, str] = {}
    for place in column.refers:
        entries = _list_entries(lists, tables, place)
        if entries is None:
            return []
        known |= {fold_text(entry): entry for entry in entries}
    where = ", ".join(column.refers)
    excused = [(table.column(name), fold_text(text)) for name, text in column.unless.items()]
    stand: set[str] = set()
    unknown = []
    for index, entry in enumerate(table.column(column.name)):
        if entry is None:
            continue
        folded = fold_text(str(entry))
        stand.add(folded)
        if folded not in known and not any(fold_text(str(other[index])) == text for other, text in excused):
            unknown.append((index, str(entry)))
    findings = _tell(
        table,
        column,
        unknown,
        "unknown-name"
        if all(place in (UNIT_NAMES, OFFICE_NAMES) for place in column.refers)
        else "unknown-key",
        _("an entry of {where}", where=where),
        _("Correct the entry, or add what it names where it must stand."),
    )
    missing = [entry for folded, entry in known.items() if folded not in stand] if column.whole else []
    if missing and len(table):
        last = len(table) - 1
        findings.append(
            submission_finding(
                "missing-key",
                (str(table.cell(last, column.name)),),
                unit=_owner(table, last),
                expected=_("all {count} of {where}", count=len(known), where=where),
                got=_("{count} missing: {first}", count=len(missing), first=list_first(missing, _MOST_CELLS)),
                action=_("Add the rows that are missing and send again."),
            )
        )
    return findings


def _list_entries(lists: Lists, tables: Mapping[str, Table], place: str) -> Iterable[str] | None:
    if place in lists:
        return lists[place]
    form, _dot, name = place.partition(".")
    if form not in tables:
        return None
    return [str(entry) for entry in tables[form].column(name) if entry is not None]


def _check_units(params: Params, present: Mapping[str, Unit], table: Table, column: Column) -> list[Finding]:
    """Compare what a register says of a unit with the list of units."""
    codes = next((other.name for other in table.form.columns if UNITS in other.refers), None)
    if codes is None:
        return []
    units = {fold_text(code): unit for code, unit in present.items()}
    findings: list[Finding] = []
    entries = table.column(column.name)
    for index, code in enumerate(table.column(codes)):
        unit = units.get(fold_text(str(code)))
        if unit is None or entries[index] is None:
            continue
        level = params.place.levels[unit.level]
        said = {"name": (unit.name,), "type": (unit.type,), "level": (level.name, level.label, unit.level)}
        allowed = said[str(column.of_unit)]
        if fold_text(str(entries[index])) not in map(fold_text, allowed):
            findings += _tell(
                table,
                column,
                [(index, str(entries[index]))],
                "wrong-unit-data",
                f"{unit.code}: {allowed[0]}",
                _("Correct the code or what stands beside it, or the list of units."),
            )
    return findings


def _tell(
    table: Table, column: Column, rows: list[tuple[int, str]], code: str, expected: str, action: str
) -> list[Finding]:
    by_unit: dict[str | None, list[tuple[int, str]]] = {}
    for row in rows:
        by_unit.setdefault(_owner(table, row[0]), []).append(row)
    return [
        submission_finding(
            code,
            tuple(str(table.cell(index, column.name)) for index, _text in some[:_MOST_CELLS]),
            unit=unit,
            expected=expected,
            got=list_first([text for _index, text in some]),
            action=action,
        )
        for unit, some in by_unit.items()
    ]


def _owner(table: Table, index: int) -> str | None:
    """Return whose row it is: the unit, or the office that keeps the register."""
    return table.units[index] or table.form.source.partition("/")[2] or None
