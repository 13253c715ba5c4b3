"""Propose forms, units and sections from workbooks that somebody already has; what is uncertain is marked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from baocao.intake.layouts import Guess, Table, find_table, guess_columns, make_name
from baocao.project.cells import column_letters, join_address
from baocao.project.errors import UsageError
from baocao.project.findings import list_first
from baocao.project.house import House
from baocao.project.language import _
from baocao.project.periods import Period, find_period
from baocao.project.text import fold_text, slug
from baocao.reading.workbooks import Workbook, read_workbooks

_OTHER_BOOKS = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".csv"})


@dataclass(frozen=True)
class ProposedSection:
    """
    What is proposed for one form: a section that prints its numbers by unit.

    Parameters
    ----------
    name
        That of the form.
    title
        The sheet's name.
    cells
        Cells of its notebook.
    """

    name: str
    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """
    What was read from a folder of workbooks.

    Parameters
    ----------
    forms
        Text of ``forms.yaml``.
    units
        Names of units by code.
    workbooks
        By workbook, the name under which the project keeps it.
    indicators
        Text of ``indicators.yaml``: every number that is added up.
    sections
        One for each form.
    period
        The one that most workbooks name; None where none of them does.
    names
        Labels that hold a numeral and count nothing, such as "Volume (m3)".
    notes
        What could not be found out, for whoever goes on from here.
    """

    forms: str
    units: Mapping[str, str]
    workbooks: Mapping[Path, str]
    indicators: str
    sections: tuple[ProposedSection, ...]
    period: Period | None
    names: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Form:
    """A form, and what is uncertain of it."""

    name: str
    title: str
    table: Table
    period: str
    columns: tuple[Guess, ...]
    total: tuple[str, str] | None
    doubts: tuple[str, ...]

    @property
    def added(self) -> dict[str, Guess]:
        """Columns that are added up, by the id of their sum."""
        return {f"{self.name}_{one.name}": one for one in self.columns if one.adds}


def propose(folder: Path, house: House) -> Proposal:
    """
    Read every workbook of a folder and propose what its forms and units are.

    Raises
    ------
    UsageError
        There is no workbook in it that can be read, or none has a table.
    """
    found = sorted(path for path in folder.rglob("*") if not path.name.startswith(("~$", ".")))
    paths = [path for path in found if path.suffix.casefold() == ".xlsx"]
    books = {path: book for path, book in read_workbooks(paths, None).items() if isinstance(book, Workbook)}
    notes: list[str] = [
        _("{file} cannot be read and is left out", file=path.name) for path in paths if path not in books
    ]
    notes += [
        _("{file} is no .xlsx file and is left out; save it as one", file=path.name)
        for path in found
        if path.suffix.casefold() in _OTHER_BOOKS
    ]
    tables = _find_tables(books, house, notes)
    if not tables:
        raise UsageError(
            _(
                "{folder}: expected workbooks (.xlsx) with a table: a row of labels with numbers below it; found none among {count} files.",
                folder=folder,
                count=len(paths),
            )
        )
    periods = _find_periods(books, house, notes)
    forms: list[_Form] = []
    for sheets in tables.values():
        forms.append(_propose_form(sheets, len(books), house, {form.name for form in forms}))
    units = _name_units(books)
    listed = ", ".join(f"{code} {name}" for code, name in units.values())
    notes.append(_("units were named after their files: {units}; correct params/units.csv", units=listed))
    notes += [f"{form.title}: {doubt}" for form in forms for doubt in form.doubts]
    notes += [
        f"{form.title}, {column_letters(one.index)} ({one.label}): {doubt}"
        for form in forms
        for one in form.columns
        for doubt in one.doubts
    ]
    return Proposal(
        _write_forms(forms, len(books), house),
        dict(units.values()),
        {path: f"{code}-{slug(name, '-') or 'unit'}.xlsx" for path, (code, name) in units.items()},
        _write_indicators(forms),
        tuple(ProposedSection(form.name, form.title, _write_cells(form)) for form in forms),
        periods.most_common(1)[0][0] if periods else None,
        tuple(
            dict.fromkeys(label for form in forms for label in _list_printed(form) if re.search(r"\d", label))
        ),
        tuple(notes),
    )


# -- forms ---------------------------------------------------------------------


def _find_tables(
    books: Mapping[Path, Workbook], house: House, notes: list[str]
) -> dict[str, dict[Path, Table]]:
    """Find the tables of all sheets that are shown, by the sheet's name as names are compared."""
    tables: dict[str, dict[Path, Table]] = defaultdict(dict)
    for path, book in books.items():
        for sheet in book.sheets:
            if sheet.kind != "worksheet" or not sheet.cells:
                continue
            table = find_table(sheet, house.cells.totals) if sheet.visible else None
            if table is not None:
                tables[fold_text(sheet.name)][path] = table
            else:
                why = _("no table was found in it") if sheet.visible else _("it is hidden")
                notes.append(
                    _("{file}, sheet {sheet} is left out: {why}", file=path.name, sheet=sheet.name, why=why)
                )
    return tables


def _find_periods(books: Mapping[Path, Workbook], house: House, notes: list[str]) -> Counter[Period]:
    """Count the workbooks that name a period in one of their cells."""
    named: Counter[Period] = Counter()
    for book in books.values():
        named.update(
            {
                period
                for sheet in book.sheets
                for cell in sheet.cells.values()
                if cell.kind == "text" and (period := find_period(str(cell.value), house.periods))
            }
        )
    if len(named) > 1:
        notes.append(
            _("the workbooks name several periods: {periods}", periods=", ".join(map(str, sorted(named))))
        )
    return named


def _propose_form(sheets: Mapping[Path, Table], books: int, house: House, taken: set[str]) -> _Form:
    shapes = Counter(table.shape for table in sheets.values())
    shape = shapes.most_common(1)[0][0]
    alike = [table for table in sheets.values() if table.shape == shape]
    table = alike[0]
    title = table.sheet.name
    doubts = [*dict.fromkeys(doubt for one in alike for doubt in one.doubts)]
    others = [path.name for path, one in sheets.items() if one.shape != shape]
    if others:
        doubts.append(
            _("laid out otherwise in {files}; check refuses them", files=list_first(others, len(others)))
        )
    if len(sheets) < books:
        doubts.append(
            _("only {count} of {all} workbooks have this sheet; check misses it in the others", count=len(sheets), all=books)
        )  # fmt: skip
    totals = [(column_letters(one.total[1]), _spell_total(one, one.total)) for one in alike if one.total]
    if totals and len(totals) < len(alike):
        doubts.append(_("not every workbook has a row of totals; check asks for one"))
    if len(set(totals)) > 1:
        doubts.append(_("the row of totals is not called the same in every workbook"))
    if len({one.first for one in alike}) > 1:
        doubts.append(_("the rows do not begin at the same place in every workbook"))
    period = next(
        (
            join_address(row, column)
            for (row, column), cell in sorted(table.sheet.cells.items())
            if row < table.heads[0] and cell.kind == "text" and find_period(str(cell.value), house.periods)
        ),
        "",
    )
    if not period:
        period = join_address(0, max(table.labels) + 1)
        doubts.append(
            _("no cell above its table names a period; write one there, such as '2026-Q1', and its address into forms.yaml under header")
        )  # fmt: skip
    columns = guess_columns(alike)
    if not any(one.key for one in columns):
        doubts.append(_("no column of text tells its rows apart; none is the key"))
    doubts.append(_("what one row counts is not known; the name of the sheet stands for it under unit"))
    return _Form(
        make_name(title, "form", taken),
        title,
        table,
        period,
        tuple(columns),
        totals[0] if totals else None,
        tuple(doubts),
    )


def _spell_total(table: Table, place: tuple[int, int]) -> str:
    return " ".join(str(table.sheet.cells[place].value).split())


def _write_forms(forms: Sequence[_Form], books: int, house: House) -> str:
    """Write ``forms.yaml``: a line for each column, what is uncertain of it behind it."""
    mark = _(
        "A PROPOSAL, read from the headers of {count} workbooks: check every line of it before you rely on it.",
        count=books,
    )
    why = _(
        "adds: false: it is not added up, and no total of it is printed, until somebody who knows takes that away."
    )
    lines = [f"# {mark}", f"# {why}", "forms:"]
    for form in forms:
        table = form.table
        heads = [row + 1 for row in table.heads]
        settings: dict[str, Any] = {
            "title": form.title,
            "source": house.folders.units,
            "sheet": form.title,
            "kind": "table" if form.total else "register",
            "header": {"period": form.period},
            **({"label_rows": heads} if heads[1:] else {"label_row": heads[0]}),
            **({"number_row": table.numbered + 1} if table.numbered is not None else {}),
            "first_row": table.first + 1,
            **({"total": dict(zip(("column", "text"), form.total, strict=True))} if form.total else {}),
            "unit": form.title.casefold(),
        }
        lines.append(f"  {form.name}:")
        lines += [f"    # {_mark(doubt)}" for doubt in form.doubts]
        lines += [f"    {key}: {_flow(setting)}" for key, setting in settings.items()]
        lines.append("    columns:")
        lines += [_write_column(one, number, table) for number, one in enumerate(form.columns, 1)]
    return "\n".join(lines) + "\n"


def _write_column(guess: Guess, number: int, table: Table) -> str:
    numeric = guess.type in {"count", "number"}
    column = {
        "name": guess.name,
        "column": column_letters(guess.index),
        **({"number": number} if table.numbered is not None else {}),
        "label": guess.label,
        "type": guess.type,
        **({"unit": guess.unit} if numeric and guess.unit else {}),
        **({"key": True} if guess.key else {}),
        **({"order": True} if guess.order else {}),
        **({"blank": True} if guess.blank else {}),
        **({"adds": False} if numeric and not guess.adds else {}),
    }
    doubts = f"  # {_mark('; '.join(guess.doubts))}" if guess.doubts else ""
    return f"      - {_flow(column)}{doubts}"


def _mark(doubt: str) -> str:
    """Mark what nobody can know from a workbook."""
    return _("uncertain: {doubt}", doubt=doubt)


def _flow(content: object) -> str:
    """Write something on one line of YAML."""
    text = yaml.safe_dump(content, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


# -- numbers and notebooks -----------------------------------------------------


def _write_indicators(forms: Sequence[_Form]) -> str:
    lines = []
    for form in forms:
        for id, column in form.added.items():
            printed = {"print": {"decimals": column.decimals}} if column.decimals else {}
            unit = column.unit or form.title.casefold()
            lines.append(f"{id}: {_flow({'label': column.label, 'unit': unit, **printed})}")
        if not form.added:
            label = str(_("Rows in {sheet}", sheet=form.title))
            lines.append(f"{form.name}_rows: {_flow({'label': label, 'unit': form.title.casefold()})}")
    return "\n".join(lines) + "\n"


def _write_cells(form: _Form) -> tuple[str, ...]:
    """Write the cells of a notebook: each number that is added up, or how many rows there are, and a table by unit."""
    made = {id: (column.label, f'table.total("{column.name}")') for id, column in form.added.items()}
    made = made or {f"{form.name}_rows": (str(_("Rows")), "table.count()")}
    named = "".join(f"    {id}={how},\n" for id, (_label, how) in made.items())
    lines = "\n\n".join(f"- {_escape(label)}: {{{id}}}" for id, (label, _how) in made.items())
    heads = "".join(f'        {label!r}: section.value("{id}"),\n' for id, (label, _how) in made.items())
    return (
        f"table = section.table({form.name!r})\nsection.name(\n{named})",
        f'section.prose(r"""\n{lines}\n""")',
        f'section.grid(\n    "{form.name}_by_unit",\n    {_escape(form.title)!r},\n    table.by("unit").grid("", {{\n{heads}    }}),\n)',
    )


def _list_printed(form: _Form) -> list[str]:
    return [form.title, *(column.label for column in form.added.values())]


def _escape(text: str) -> str:
    """Keep a label of somebody's workbook from being read as markup or as the name of a number."""
    return re.sub(r"([\\{}*_`\[\]<>^~$#@|])", r"\\\1", text)


# -- units ---------------------------------------------------------------------


def _name_units(paths: Iterable[Path]) -> dict[Path, tuple[str, str]]:
    """Take code and name of each unit from the name of its file: ``A01-north.xlsx`` is A01, North."""
    units: dict[Path, tuple[str, str]] = {}
    for index, path in enumerate(paths, 1):
        code, _dash, rest = path.stem.partition("-")
        if (
            not rest
            or not re.fullmatch(r"[A-Za-z]?\d+", code)
            or code in {known for known, _name in units.values()}
        ):
            code, rest = f"U{index:02d}", path.stem
        name = " ".join(rest.replace("-", " ").replace("_", " ").split()) or code
        units[path] = code, name[:1].upper() + name[1:]
    return units
