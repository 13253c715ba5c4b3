"""
A period that begins: its parameters, its texts, and a blank workbook for everybody who reports.

Nothing that is there already is written again: a second call adds what is
missing. Blank workbooks are made anew, since nobody edits them here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.intake.blanks import Addressee, KnownRow, make_blank
from baocao.project.errors import BaocaoError
from baocao.project.files import write_atomically
from baocao.project.language import _
from baocao.reading.tables import read_tables

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.forms import Form
    from baocao.project.house import House
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
    params = _write_params(project, period)
    narratives, stubs = _copy_narratives(project, period, house)
    previous, notes = _previous_tables(project, period)
    folder = project.root / "forms" / str(period)
    blanks = []
    for source, to, forms in list_addressees(project, period):
        known = {form.name: known_rows(form, to, previous.get(form.name)) for form in forms}
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
            path = f"{folders.units}/{unit.code}-{slug(unit.name)}"
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


def slug(name: str) -> str:
    """
    Spell a name with plain letters, as file names need it.

    Examples
    --------
    >>> slug("Sở Văn hóa, Thể thao và Du lịch"), slug("Thành Đông")
    ('so-van-hoa-the-thao-va-du-lich', 'thanh-dong')
    """
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    base = (char for char in plain if not unicodedata.combining(char))
    return "-".join(re.findall(r"[a-z0-9]+", "".join(base)))


def known_rows(form: Form, to: Addressee, previous: Table | None) -> Sequence[KnownRow]:
    """
    Return what is known of a form before its sender has typed anything.

    Parameters
    ----------
    previous
        The form's table of the period before; None where there is none to go by.
    """
    if form.kind == "indicators":
        return _indicator_rows(form, to)
    if form.carried is None or previous is None:
        return ()
    keys = [column.name for column in form.columns if column.key]
    pending = previous.column(form.carried.previous)
    rows: list[KnownRow] = []
    for index, unit in enumerate(previous.units):
        entry = pending[index]
        if unit != to.code or not isinstance(entry, Fraction):
            continue
        entries: dict[str, str | Fraction] = {key: str(previous.column(key)[index]) for key in keys}
        entries[form.carried.this] = entry
        if form.columns[0].blank and form.columns[0].type == "text":
            entries[form.columns[0].name] = str(len(rows) + 1)
        rows.append(KnownRow(entries, frozenset({form.carried.this, *keys})))
    return rows


def _indicator_rows(form: Form, to: Addressee) -> list[KnownRow]:
    """Fill in number, code, label and measure; which columns they stand in is told by position and key."""
    number, code, label, measure = (column.name for column in form.columns[:4])
    asked = [one for one in form.indicators if not one.levels or to.level in one.levels]
    return [
        KnownRow(
            {number: str(position), code: one.code, label: one.label, measure: one.unit},
            frozenset({number, code, label, measure}),
        )
        for position, one in enumerate(asked, start=1)
    ]


def _previous_tables(project: Project, period: Period) -> tuple[Mapping[str, Table], list[str]]:
    if not project.raw(period.previous).is_dir():
        return {}, [
            _("{period} has no folder, so nothing is carried over into the blanks.", period=period.previous)
        ]
    notes: list[str] = []
    found: dict[str, Table] = {}
    try:
        tables = read_tables(project, period.previous)
    except BaocaoError as error:
        return {}, [
            _(
                "{period} cannot be read, so nothing is carried over: {reason}",
                period=period.previous,
                reason=error,
            )
        ]
    for form in project.params.forms.values():
        if form.carried is not None and tables.has(form.name):
            found[form.name] = tables.table(form.name)
    unusable = {finding.unit for finding in tables.unusable if finding.unit}
    if unusable:
        notes.append(
            _(
                "{count} unit(s) of {period} have submissions that cannot be used, so nothing is carried over for them: {units}",
                count=len(unusable),
                period=period.previous,
                units=", ".join(sorted(unusable)),
            )
        )
    return found, notes


def _write_params(project: Project, period: Period) -> Path | None:
    path = project.params.folder / f"{period}.yaml"
    if path.exists():
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
