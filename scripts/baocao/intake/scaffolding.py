"""
A period that begins: its parameters, its texts, and a blank workbook for everybody who reports.

Nothing that is there already is written again: a second call adds what is
missing. Blank workbooks are made anew, since nobody edits them here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.intake.blanks import Addressee, KnownRow, make_blank
from baocao.intake.editing import edit_params
from baocao.project.errors import BaocaoError
from baocao.project.files import write_atomically
from baocao.project.forms import UNITS
from baocao.project.language import _, speaking
from baocao.project.succession import find_heirs
from baocao.project.text import fold_text, slug
from baocao.reading.tables import read_tables

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.forms import Carried, Column, Form
    from baocao.project.house import House
    from baocao.project.models import Unit
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.reading.tables.table import Table

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Scaffold:
    """
    What ``new`` wrote.

    Parameters
    ----------
    params
        ``params/<period>.yaml``; None where it was there.
    narratives
        Text files copied from the period before, relative to the narrative's folder.
    blanks
        Blank workbooks, relative to ``forms/<period>``.
    notes
        What could not be filled in, and why.
    """

    folder: Path
    params: Path | None = None
    narratives: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Previous:
    """
    What the period before leaves.

    Parameters
    ----------
    tables
        By form, of those from which a blank begins.
    unusable
        Codes of units whose submissions cannot be used, and go into no blank.
    heirs
        By code of a unit, who has now what it had.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    unusable: frozenset[str] = frozenset()
    heirs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NOTHING_BEFORE = Previous()


def scaffold_period(project: Project, period: Period, tell: Tell = lambda _text: None) -> Scaffold:
    """
    Begin a period.

    Parameters
    ----------
    tell
        Is told what is being written.

    Raises
    ------
    ParamsError
        The project's parameters cannot be read.

    Notes
    -----
    Figures carried over come from the submissions of the period before as
    they lie there now; where they cannot be used, the cells stay open and a
    note says so.
    """
    house = project.params.house
    narratives, stubs = _copy_narratives(project, period, house)
    with speaking(house.language):
        params = _write_params(project, period, narratives)
    previous, notes = _read_previous(project, period)
    folder = project.root / "forms" / str(period)
    blanks = []
    for source, to, forms in list_addressees(project, period):
        known = {form.name: known_rows(form, to, project.params, period, previous) for form in forms}
        name = f"{source}.xlsx"
        write_atomically(folder / name, make_blank(forms, to=to, period=period, house=house, known=known))
        blanks.append(name)
        tell(_("blank workbook {name}", name=name))
    return Scaffold(folder, params, tuple(narratives), tuple(blanks), (*stubs, *notes))


def list_addressees(project: Project, period: Period) -> Iterator[tuple[str, Addressee, list[Form]]]:
    """
    Yield everybody who reports for a period: the path of their workbook without its ending, who they are, their forms.

    The register of documents comes last, addressed to the place itself.
    """
    folders, forms = project.params.house.folders, list(project.params.forms.values())
    for unit in project.params.units_of(period).values():
        mine = [f for f in forms if f.source == folders.units and (not f.levels or unit.level in f.levels)]
        if mine:
            path = f"{folders.units}/{unit.code}-{slug(unit.name, '-')}"
            yield path, Addressee(unit.code, unit.name, unit.level), mine
    for code, name in project.params.offices.items():
        mine = [
            form for form in forms if project.params.source_of(form, period) == f"{folders.offices}/{code}"
        ]
        if mine:
            yield f"{folders.offices}/{code}", Addressee(code, name), mine
    mine = [form for form in forms if form.source == folders.register]
    if mine:
        yield folders.register, Addressee("", project.params.place.name), mine


def known_rows(
    form: Form, to: Addressee, params: Params, period: Period, previous: Previous = NOTHING_BEFORE
) -> Sequence[KnownRow]:
    """
    Return what is known of a form before its sender has typed anything.

    Indicators and rows that the form must have; the units of the period, where
    every one of them has a row; items of the period before with what was
    pending of them.
    """
    if form.kind == "indicators":
        return _indicator_rows(form, to)
    if form.rows:
        return _fixed_rows(form, previous.tables.get(form.name))
    if form.carried is not None:
        return _carried_rows(form, form.carried, to, previous)
    return _unit_rows(form, params, period)


def _indicator_rows(form: Form, to: Addressee) -> list[KnownRow]:
    """Fill in number, code, label and measure."""
    key = next(column.name for column in form.columns if column.key)
    number = next((column.name for column in form.columns if column.order), None)
    asked = [
        indicator for indicator in form.indicators if not indicator.levels or to.level in indicator.levels
    ]
    rows = []
    for position, one in enumerate(asked, start=1):
        said = {number: str(position), key: one.code, "ten": one.label, "don_vi_tinh": one.unit}
        entries = {name: text for name, text in said.items() if name in form.by_name}
        rows.append(KnownRow(entries, frozenset(entries)))
    return rows


def _fixed_rows(form: Form, before: Table | None) -> list[KnownRow]:
    """Fill in the keys that there must be, and what each was called in the period before."""
    key = next(column.name for column in form.columns if column.key)
    named: dict[str, dict[str, str | Fraction]] = {}
    if before is not None:
        texts = [column.name for column in form.columns if column.type == "text"]
        for index, entry in enumerate(before.column(key)):
            said = {name: before.column(name)[index] for name in texts}
            named[str(entry)] = {name: str(text) for name, text in said.items() if text is not None}
    return [KnownRow({**named.get(row.key, {}), key: row.key}, frozenset({key})) for row in form.rows]


def _unit_rows(form: Form, params: Params, period: Period) -> list[KnownRow]:
    """Fill in a row for every unit of the period, where the form asks for all of them."""
    codes = next((column for column in form.columns if column.whole and UNITS in column.refers), None)
    if codes is None:
        return []
    rows = []
    for unit in params.units_of(period).values():
        entries: dict[str, str | Fraction] = {codes.name: unit.code}
        for column in form.columns:
            if column.of_unit is not None:
                entries[column.name] = _of_unit(column, unit, params)
        rows.append(KnownRow(entries, frozenset(entries)))
    return rows


def _of_unit(column: Column, unit: Unit, params: Params) -> str:
    level = params.place.levels[unit.level]
    said = {"name": (unit.name,), "type": (unit.type,), "level": (level.name, level.label, unit.level)}
    offered = {fold_text(choice): choice for choice in column.choices}
    spelt = said[str(column.of_unit)]
    return next((offered[fold_text(text)] for text in spelt if fold_text(text) in offered), spelt[0])


def _carried_rows(form: Form, carried: Carried, to: Addressee, previous: Previous) -> list[KnownRow]:
    """
    Fill in the items of the period before, and what was pending of them.

    What was pending in a unit that has ended is its successor's; of one that
    was split nobody can say here whose it is, so that number stays open.
    """
    before = previous.tables.get(form.name)
    if before is None:
        return []
    keys = [column.name for column in form.columns if column.key]
    order = next((column.name for column in form.columns if column.order and column.type == "text"), None)
    pending: dict[tuple[str, ...], Fraction | None] = {}
    spelt: dict[tuple[str, ...], dict[str, str]] = {}
    for index, unit in enumerate(before.units):
        heirs = (to.code,) if unit is None else previous.heirs.get(unit, ())
        number = before.column(carried.previous)[index]
        if to.code not in heirs or unit in previous.unusable or not isinstance(number, Fraction):
            continue
        entries = {key: str(before.column(key)[index]) for key in keys}
        item = tuple(map(fold_text, entries.values()))
        spelt.setdefault(item, entries)
        sum_before = pending.get(item, Fraction(0))
        pending[item] = None if len(heirs) > 1 or sum_before is None else sum_before + number
    # Where one of those before cannot be used, the sum of the others is not the whole.
    doubtful = any(to.code in previous.heirs.get(unit, ()) for unit in previous.unusable)
    rows = []
    for position, (item, number) in enumerate(pending.items(), start=1):
        known: dict[str, str | Fraction] = {**({order: str(position)} if order else {}), **spelt[item]}
        locked = set(keys)
        if number is not None and not doubtful:
            known[carried.this] = number
            locked.add(carried.this)
        rows.append(KnownRow(known, frozenset(locked)))
    return rows


def _read_previous(project: Project, period: Period) -> tuple[Previous, list[str]]:
    """Read what the period before leaves, and say what of it cannot be used."""
    params, last = project.params, period.previous
    if not project.raw(last).is_dir():
        return NOTHING_BEFORE, [
            _("{period} has no folder, so nothing is carried over into the blanks.", period=last)
        ]
    try:
        tables = read_tables(project, last)
    except BaocaoError as error:
        return NOTHING_BEFORE, [
            _("{period} cannot be read, so nothing is carried over: {reason}", period=last, reason=error)
        ]
    found = {
        form.name: tables.table(form.name)
        for form in params.forms.values()
        if (form.carried is not None or form.rows) and tables.has(form.name)
    }
    unusable = frozenset(f.unit for f in tables.unusable if f.unit is not None and f.unit in params.units)
    heirs = {unit: find_heirs(unit, params.all_units, period.end) for unit in params.units}
    notes: list[str] = []
    if unusable:
        notes.append(
            _(
                "{count} unit(s) of {period} have submissions that cannot be used, so nothing is carried over for them: {units}",
                count=len(unusable),
                period=last,
                units=sorted(unusable),
            )
        )
    if any(form.carried for form in params.forms.values()):
        notes += [
            _(
                "what {unit} had pending is parted among {heirs}; they fill in themselves what of it is theirs",
                unit=unit,
                heirs=heirs[unit],
            )
            for unit in params.units_of(last)
            if len(heirs[unit]) > 1
        ]
    return Previous(found, unusable, heirs), notes


def _write_params(project: Project, period: Period, copied: Sequence[str]) -> Path | None:
    path = project.params.folder / f"{period}.yaml"
    if path.exists():
        if copied:
            edit_params(path, lambda data: data.setdefault("unreviewed", []).extend(copied))
        return None
    before = project.params.folder / f"{period.previous}.yaml"
    lines = [
        f"# {_('What holds for this period only.')}",
        f"period: {period}",
    ]
    if before.exists():
        last = project.params.period(period.previous)
        if last.signer:
            lines.append(f"signer: {_quoted(last.signer)}")
        if last.names:
            lines.append(f"names: [{', '.join(map(_quoted, last.names))}]")
    if copied:
        lines.append(
            f"# {_('Texts copied from the period before; delete the line of each that is up to date.')}"
        )
        lines += ["unreviewed:", *(f"  - {_quoted(name)}" for name in copied)]
    lines += [
        f"# {_('number, issued_on, drafter: by report; left out, the report has a blank to fill in by hand.')}",
        f"# {_('treatments: by unit, where its submission cannot be used.')}",
    ]
    write_atomically(path, "\n".join(lines) + "\n")
    return path


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _copy_narratives(project: Project, period: Period, house: House) -> tuple[list[str], list[str]]:
    """Copy the texts of the period before, its own words put as words of any period."""
    source = project.raw(period.previous) / house.folders.narrative
    target = project.raw(period) / house.folders.narrative
    if not source.is_dir():
        return [], [_("{period} has no texts to begin from.", period=period.previous)]
    label = house.periods.label(period.previous)
    copied = []
    for path in sorted(source.rglob("*.md")):
        name = path.relative_to(source)
        if (target / name).exists():
            continue
        text = path.read_text(encoding="utf-8-sig").replace(label, "{ky}")
        write_atomically(target / name, text)
        copied.append(name.as_posix())
    return copied, []
