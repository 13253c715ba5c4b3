"""
Begin a project of one's own: a small one that works, from the starter of a house, or one made after workbooks.

A starter is a folder: ``params/``, ``notebooks/`` and the files beside them
are copied, ``narrative/`` becomes the texts of the period, and
``examples.yaml`` (by form and unit, rows in the order of the form's columns)
is filled into the workbooks of the units. ``@PERIOD@`` stands for the period,
in names and in texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from baocao.intake.blanks import KnownRow, make_blank
from baocao.intake.proposing import Proposal
from baocao.intake.scaffolding import list_addressees
from baocao.project.errors import UsageError
from baocao.project.files import copy_atomically, write_atomically
from baocao.project.folder import Project
from baocao.project.house import House
from baocao.project.language import _
from baocao.project.periods import Period

PLACEHOLDER = "@PERIOD@"
EXAMPLES = "examples.yaml"
NARRATIVE = "narrative"
_EXAMPLES = TypeAdapter(dict[str, dict[str, list[list[str | int]]]])


NOT_KEPT = "data/processed/\nreports/2[0-9][0-9][0-9]*/*\n!reports/2[0-9][0-9][0-9]*/issued/\n!reports/2[0-9][0-9][0-9]*/signoff.json\n"
"""What git need not keep of a project: what can be made again."""


@dataclass(frozen=True)
class Start:
    """
    A project that was begun.

    Parameters
    ----------
    period
        The one it has a report for.
    files
        What was written, relative to its folder.
    """

    project: Project
    period: Period
    files: tuple[str, ...]


def find_period(today: date) -> Period:
    """
    Return the last quarter whose window has ended.

    Examples
    --------
    >>> str(find_period(date(2026, 3, 14))), str(find_period(date(2026, 3, 15)))
    ('2025-Q4', '2026-Q1')
    """
    period = Period(today.year, 4)
    while period.end >= today:
        period = period.previous
    return period


def start_project(folder: Path, house: House, period: Period, *, proposal: Proposal | None = None) -> Start:
    """
    Write a small project that works.

    Parameters
    ----------
    folder
        Where; made if absent.
    proposal
        Forms and units that were read from workbooks; they take the place of the example's.

    Raises
    ------
    UsageError
        There is something in the folder already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _(
                "{folder} is not empty, and nothing in it is overwritten: give another folder, or take over workbooks with --from FOLDER.",
                folder=folder,
            )
        )
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder)
    _copy_starter(house, project, period)
    _copy_layout(house, project)
    if proposal is None:
        _fill_examples(house, project, period)
    else:
        _take_over(proposal, house, project, period)
    write_atomically(folder / ".gitignore", NOT_KEPT)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Start(project, period, tuple(files))


def _copy_starter(house: House, project: Project, period: Period) -> None:
    for path in sorted(house.starter.rglob("*")):
        name = path.relative_to(house.starter).as_posix()
        if not path.is_file() or name == EXAMPLES or "__pycache__" in path.parts:
            continue
        if name.startswith(f"{NARRATIVE}/"):
            raw = project.raw(period).relative_to(project.root).as_posix()
            name = f"{raw}/{house.folders.narrative}/{name.removeprefix(f'{NARRATIVE}/')}"
        text = path.read_text("utf-8").replace(PLACEHOLDER, str(period))
        target = project.root / name.replace(PLACEHOLDER, str(period))
        write_atomically(target, text.encode())


def _copy_layout(house: House, project: Project) -> None:
    extension = project.reports / "_extensions" / house.layout.name
    copy_atomically({extension / name: path for name, path in house.layout.files().items()})
    formats = "".join(f"  {house.layout.name}-{kind}: default\n" for kind in ("docx", "typst", "html"))
    settings = f'project:\n  type: default\n  render: ["*.qmd", "*/*.qmd"]\n\nformat:\n{formats}'
    write_atomically(project.reports / "_quarto.yml", settings.encode())


def _fill_examples(house: House, project: Project, period: Period) -> None:
    examples = _EXAMPLES.validate_python(yaml.safe_load((house.starter / EXAMPLES).read_text("utf-8")))
    for path, to, forms in list_addressees(project, period):
        known: Mapping[str, Sequence[KnownRow]] = {
            form.name: [
                KnownRow(
                    {
                        column.name: entry if isinstance(entry, str) else Fraction(entry)
                        for column, entry in zip(form.columns, row, strict=True)
                    }
                )
                for row in examples.get(form.name, {}).get(to.code, [])
            ]
            for form in forms
        }
        book = make_blank(forms, to=to, period=period, house=house, known=known, spare_rows=0)
        write_atomically(project.raw(period) / f"{path}.xlsx", book)


def _take_over(proposal: Proposal, house: House, project: Project, period: Period) -> None:
    """Put what was proposed in place of the example; its report, notebook and numbers do not fit these forms."""
    params = project.params.folder
    level = next(iter(project.params.place.levels))
    units = "".join(f'{code},"{name}",{level},{level}\n' for code, name in proposal.units.items())
    write_atomically(params / "units.csv", f"code,name,type,level\n{units}".encode())
    write_atomically(params / "forms.yaml", proposal.forms.encode())
    write_atomically(params / "identities.yaml", b"relations: []\n")
    write_atomically(params / "indicators.yaml", proposal.indicators.encode())
    report = next(iter(project.params.reports))
    [notebook] = project.params.report(report, period).notebooks
    path = project.notebooks / f"{notebook}.ipynb"
    _write_notebook(path, proposal.notebook)
    section = {"key": "1", "heading": f"1. {proposal.title}", "notebook": notebook.rpartition("/")[2]}
    text = yaml.safe_dump({report: {"title": proposal.title, "sections": [section]}}, allow_unicode=True)
    write_atomically(params / "reports.yaml", text.encode())
    units_folder = project.raw(period) / house.folders.units
    copy_atomically({units_folder / name: source for source, name in proposal.workbooks.items()})


def _write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Keep the cells that give period and section, and put others behind them."""
    notebook = json.loads(path.read_text("utf-8"))
    kept = [cell for cell in notebook["cells"] if cell["id"] in {"parameters", "section"}]
    made: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{number}",
            "metadata": {},
            "outputs": [],
            "source": text.splitlines(keepends=True),
        }
        for number, text in enumerate(cells, 1)
    ]
    notebook["cells"] = [*kept, *made]
    write_atomically(path, (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode())
