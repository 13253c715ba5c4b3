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
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from baocao.intake.blanks import KnownRow, make_blank
from baocao.intake.proposing import Proposal, ProposedSection
from baocao.intake.scaffolding import list_addressees
from baocao.project.errors import UsageError
from baocao.project.files import copy_atomically, write_atomically
from baocao.project.folder import Project
from baocao.project.house import House, Layout
from baocao.project.language import N_, _
from baocao.project.periods import Period

PLACEHOLDER = "@PERIOD@"
EXAMPLES = "examples.yaml"
NARRATIVE = "narrative"
_EXAMPLES = TypeAdapter(dict[str, dict[str, list[list[str | int]]]])


QUOTE = '"'
_GUIDE = N_("""# {title}

A project proposed from workbooks that were there; nothing of it has been checked by anybody yet.

1. `params/place.yaml` still names the place of an example: write your own.
2. `params/units.csv`, `params/forms.yaml`, `params/indicators.yaml`: go through them; lines that end in `# uncertain: …` were guessed.
3. `baocao check {period}`, until there is nothing left to correct; then `baocao build {period}`.

## What is uncertain

{notes}
""")

NOT_KEPT = "data/processed/\n.venv/\nreports/2[0-9][0-9][0-9]*/*\n!reports/2[0-9][0-9][0-9]*/issued/\n!reports/2[0-9][0-9][0-9]*/signoff.json\n"
"""What git need not keep of a project: what can be made again."""

BYTES = "# Every file is kept byte for byte: what is hashed must not be rewritten by a clone's settings.\n* -text\n"
"""What git may not change in a project, whatever a machine's ``core.autocrlf``."""


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
    copy_layout(house.layout, project)
    _write_settings(house.layout, project)
    if proposal is None:
        _fill_examples(house, project, period)
    else:
        _take_over(proposal, house, project, period)
    write_atomically(folder / ".gitignore", NOT_KEPT)
    write_atomically(folder / ".gitattributes", BYTES)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Start(Project(folder), period, tuple(files))


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


def copy_layout(layout: Layout, project: Project) -> None:
    """Write the format extension of a project, whole: it names no file outside it."""
    extension = project.reports / "_extensions" / layout.name
    copy_atomically({extension / name: path for name, path in layout.files().items()})


def _write_settings(layout: Layout, project: Project) -> None:
    formats = "".join(f"  {layout.name}-{kind}: default\n" for kind in ("docx", "typst", "html"))
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
    """Put what was proposed in place of the example; its report, notebook, texts and numbers do not fit these forms."""
    params = project.params.folder
    level = next(iter(project.params.place.levels))
    [(example, spec)] = project.params.reports_of(period).items()
    cells = _read_cells(project.notebooks / f"{spec.notebooks[0]}.ipynb")
    shutil.rmtree(project.notebooks / example)
    texts = project.raw(period) / house.folders.narrative
    parts = sorted(path.name for path in (texts / example).glob("*.md"))
    shutil.rmtree(texts / example)
    units = "".join(
        f'{code},"{name.replace(QUOTE, QUOTE * 2)}",{level},{level}\n'
        for code, name in proposal.units.items()
    )
    write_atomically(params / "units.csv", f"code,name,type,level\n{units}".encode())
    write_atomically(params / "forms.yaml", proposal.forms.encode())
    place = params / "place.yaml"
    names = yaml.safe_dump(
        [*proposal.names], default_flow_style=True, allow_unicode=True, width=10**6
    ).strip()
    write_atomically(place, place.read_text("utf-8").replace("names: []", f"names: {names}", 1).encode())
    write_atomically(params / "identities.yaml", b"relations: []\n")
    write_atomically(params / "indicators.yaml", proposal.indicators.encode())
    first = proposal.sections[0]
    report = first.name.replace("_", "-")
    for name in parts:
        write_atomically(
            texts / report / name, f"{_('The figures are those that the units sent in.')}\n".encode()
        )
    sections = []
    for number, section in enumerate(proposal.sections, 1):
        name = f"{number:02d}-{section.name.replace('_', '-')}"
        _write_notebook(project.notebooks / report / f"{name}.ipynb", name, period, section, cells)
        sections.append(
            {"key": str(number), "heading": f"{number}. {_bare(section.title)}", "notebook": name}
        )
    text = yaml.safe_dump(
        {report: {"title": _bare(first.title), "sections": sections}}, allow_unicode=True, sort_keys=False
    )
    write_atomically(params / "reports.yaml", text.encode())
    write_atomically(project.root / "README.md", _write_guide(proposal, period).encode())
    units_folder = project.raw(period) / house.folders.units
    copy_atomically({units_folder / name: source for source, name in proposal.workbooks.items()})


def _bare(text: str) -> str:
    """Keep braces of a sheet's name from being read as words of the report."""
    return text.replace("{", "(").replace("}", ")")


def _read_cells(path: Path) -> dict[str, object]:
    return dict(json.loads(path.read_text("utf-8")))


def _write_notebook(
    path: Path, name: str, period: Period, section: ProposedSection, example: Mapping[str, object]
) -> None:
    """Write the notebook of a section, with the metadata of the example's."""
    opening = (f'period = "{period}"', f'from baocao import Section\n\nsection = Section("{name}", period)')
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "parameters" if number == 0 else f"c{number}",
            "metadata": {"tags": ["parameters"]} if number == 0 else {},
            "outputs": [],
            "source": text.splitlines(keepends=True),
        }
        for number, text in enumerate((*opening, *section.cells))
    ]
    notebook = {**example, "cells": cells}
    write_atomically(path, (json.dumps(notebook, ensure_ascii=False, indent=1) + "\n").encode())


def _write_guide(proposal: Proposal, period: Period) -> str:
    """Say what was proposed, what of it is uncertain, and how one goes on."""
    return _(
        _GUIDE,
        title=proposal.sections[0].title,
        period=period,
        notes="\n".join(f"- {note}" for note in proposal.notes),
    )
