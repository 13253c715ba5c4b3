"""Propose forms and units from workbooks that somebody already has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from baocao.project.cells import column_letters, join_address
from baocao.project.errors import UsageError
from baocao.project.house import House
from baocao.project.language import _
from baocao.project.periods import find_period
from baocao.project.text import fold_text
from baocao.reading.workbooks import Sheet, Workbook, read_workbooks
from baocao.values.grids import slug


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
        Text of ``indicators.yaml``: every count of every form.
    notebook
        Cells of a notebook that prints the counts of the first form, by unit.
    title
        What that form is called.
    notes
        What could not be found out, for whoever goes on from here.
    """

    forms: str
    units: Mapping[str, str]
    workbooks: Mapping[Path, str]
    indicators: str
    notebook: tuple[str, ...]
    title: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Head:
    """Where a sheet has its row of labels; rows counted from 0."""

    row: int
    labels: Mapping[int, str]


def propose(folder: Path, house: House) -> Proposal:
    """
    Read every workbook of a folder and propose what its forms and units are.

    Raises
    ------
    UsageError
        There is no workbook in it that can be read, or none has a table.
    """
    paths = sorted(path for path in folder.rglob("*.xlsx") if not path.name.startswith(("~$", ".")))
    books = {path: book for path, book in read_workbooks(paths, None).items() if isinstance(book, Workbook)}
    notes: list[str] = [
        _("{file} cannot be read and is left out", file=path.name) for path in paths if path not in books
    ]
    forms: dict[str, dict[str, Any]] = {
        slug(sheet.name): form
        for sheet in _list_sheets(books.values())
        if (form := _propose_form(sheet, house, notes)) is not None
    }
    if not forms:
        raise UsageError(
            _(
                "{folder}: expected workbooks (.xlsx) with a table: a row of labels with numbers below it; found none among {count} files.",
                folder=folder,
                count=len(paths),
            )
        )
    units = {path: _name_unit(path, index) for index, path in enumerate(books, 1)}
    text = yaml.safe_dump({"forms": forms}, allow_unicode=True, sort_keys=False, width=110)
    mark = _(
        "A PROPOSAL, read from the headers of {count} workbooks: check every line of it before you rely on it.",
        count=len(books),
    )
    return Proposal(
        f"# {mark}\n{text}",
        dict(units.values()),
        {path: f"{code}-{slug(name).replace('_', '-')}.xlsx" for path, (code, name) in units.items()},
        yaml.safe_dump(
            {
                id: {"label": column["label"], "unit": form["unit"]}
                for name, form in forms.items()
                for id, column in _list_counts(name, form).items()
            },
            allow_unicode=True,
            sort_keys=False,
        ),
        _write_cells(*next(iter(forms.items()))),
        str(next(iter(forms.values()))["title"]),
        tuple(notes),
    )


def _write_cells(name: str, form: Mapping[str, Any]) -> tuple[str, ...]:
    """Write the cells of a notebook: each count added up, and a table of them by unit."""
    counts = _list_counts(name, form)
    named = "".join(f'    {id}=table.total("{column["name"]}"),\n' for id, column in counts.items())
    lines = "\n\n".join(f"- {column['label']}: {{{id}}}" for id, column in counts.items())
    heads = "".join(f'        {column["label"]!r}: section.value("{id}"),\n' for id, column in counts.items())
    title = form["title"]
    return (
        f"table = section.table({name!r})\nsection.name(\n{named})",
        f'section.prose("""\n{lines}\n""")',
        f'section.grid(\n    "by_unit",\n    {title!r},\n    table.by("unit").grid("", {{\n{heads}    }}),\n)',
    )


def _list_counts(name: str, form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{name}_{one['name']}": one for one in form["columns"] if one["type"] in {"count", "number"}}


def _list_sheets(books: Iterable[Workbook]) -> Iterator[Sheet]:
    """Yield the first sheet of each name, as most workbooks have it."""
    seen: Counter[str] = Counter()
    for book in books:
        for sheet in book.sheets:
            seen[sheet.name] += 1
            if seen[sheet.name] == 1 and sheet.kind == "worksheet" and sheet.visible:
                yield sheet


def _find_head(sheet: Sheet) -> _Head | None:
    """Find the first row of two labels or more that has a number somewhere in the row below it."""
    rows: dict[int, dict[int, str]] = {}
    numbers: set[int] = set()
    for (row, column), cell in sheet.cells.items():
        if cell.kind == "text" and str(cell.value).strip():
            rows.setdefault(row, {})[column] = " ".join(str(cell.value).split())
        elif cell.kind == "number":
            numbers.add(row)
    for row in sorted(rows):
        if len(rows[row]) > 1 and row + 1 in numbers and row not in numbers:
            return _Head(row, rows[row])
    return None


def _propose_form(sheet: Sheet, house: House, notes: list[str]) -> dict[str, Any] | None:
    head = _find_head(sheet)
    if head is None:
        return None
    last = max((row for row, _column in sheet.cells), default=head.row)
    columns: list[dict[str, Any]] = []
    taken: Counter[str] = Counter()
    for column, label in sorted(head.labels.items()):
        name = slug(label) or "column"
        name = name if name[0].isalpha() else f"c_{name}"
        taken[name] += 1
        name = f"{name}_{taken[name]}" if taken[name] > 1 else name
        columns.append(
            {
                "name": name,
                "column": column_letters(column),
                "label": label,
                "type": _propose_type(sheet, column, head.row + 1, last),
            }
        )
    key = next((one for one in columns if one["type"] == "text"), columns[0])
    columns[columns.index(key)] = {**key, "key": True}
    total = _find_total(sheet, house, head, last)
    form: dict[str, Any] = {
        "title": sheet.name,
        "source": house.folders.units,
        "sheet": sheet.name,
        "kind": "table" if total else "register",
        "header": _propose_header(sheet, house, head, notes),
        "label_row": head.row + 1,
        "first_row": head.row + 2,
        **({"total": total} if total else {}),
        "unit": sheet.name.casefold(),
        "columns": columns,
    }
    return form


def _propose_type(sheet: Sheet, column: int, first: int, last: int) -> str:
    cells = [sheet.cells[row, column] for row in range(first, last + 1) if (row, column) in sheet.cells]
    kinds = {cell.kind for cell in cells}
    if kinds and kinds <= {"number"}:
        whole = all(isinstance(cell.value, Decimal) and cell.value % 1 == 0 for cell in cells)
        return "count" if whole else "number"
    return "date" if kinds == {"date"} else "text"


def _find_total(sheet: Sheet, house: House, head: _Head, last: int) -> dict[str, str] | None:
    words = {fold_text(word) for word in house.cells.totals}
    for row in range(last, head.row, -1):
        for column in sorted(head.labels):
            cell = sheet.cells.get((row, column))
            if cell is not None and cell.kind == "text" and fold_text(str(cell.value)) in words:
                return {"column": column_letters(column), "text": " ".join(str(cell.value).split())}
    return None


def _propose_header(sheet: Sheet, house: House, head: _Head, notes: list[str]) -> dict[str, str]:
    for (row, column), cell in sorted(sheet.cells.items()):
        if row < head.row and cell.kind == "text":
            text = str(cell.value)
            if find_period(text, house.periods):
                return {"period": join_address(row, column)}
    notes.append(
        _(
            "sheet {sheet}: no cell above its table names a period; write one there, such as '2026-Q1', and its address into forms.yaml under header",
            sheet=sheet.name,
        )
    )
    return {"period": join_address(0, max(head.labels) + 1)}


def _name_unit(path: Path, index: int) -> tuple[str, str]:
    """Take code and name of a unit from the name of its file: ``A01-north.xlsx`` is A01, North."""
    code, _dash, rest = path.stem.partition("-")
    if rest and re.fullmatch(r"[A-Za-z]?\d+", code):
        return code, rest.replace("-", " ").replace("_", " ").strip().capitalize()
    return f"U{index:02d}", path.stem.replace("_", " ").strip()
