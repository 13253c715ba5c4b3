"""Decide that a cell counts as what somebody has confirmed, and write it into the period's parameters."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from baocao.intake.editing import edit_params
from baocao.project.cells import parse_cell, split_address
from baocao.project.errors import UsageError, WorkbookError
from baocao.project.frozen import list_editions
from baocao.project.language import _
from baocao.project.models import Explanation, Treatment
from baocao.reading.forms.entries import spell_content
from baocao.reading.forms.results import Sender
from baocao.reading.forms.taking import take_cells
from baocao.reading.workbooks import read_contents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from baocao.project.folder import Project
    from baocao.project.periods import Period


def treat_cell(
    project: Project, period: Period, cell: str, value: str, *, why: str, who: str, when: date | None = None
) -> Treatment:
    """
    Let a cell count as another entry than stands there.

    Parameters
    ----------
    cell
        ``don-vi/10507-thanh-dong.xlsx#06a!C10``.
    value
        A number with a decimal point, a day as ``2026-03-14``, or a text.
    when
        The day of the decision; None is this day.

    Returns
    -------
    Treatment
        As it stands now in ``params/<period>.yaml``, whose other lines and comments stay.

    Raises
    ------
    UsageError
        There is no such cell, it cannot hold the value, or the period has no params.
    """
    ref = parse_cell(cell)
    path = project.raw(period) / ref.file
    if not path.is_file():
        raise UsageError(_("{path} does not exist; expected a file that was received.", path=path))
    if list_editions(project, period):
        raise UsageError(
            _("{period} was issued; what it counts changes only by a correction.", period=period)
        )
    book = read_contents({ref.file: path.read_bytes()}, project.cache)[ref.file]
    if isinstance(book, WorkbookError):
        raise UsageError(str(book))
    sheet = next((sheet for sheet in book.sheets if sheet.name == ref.sheet), None)
    treatment = Treatment(
        action="take",
        value=value,
        seen=spell_content(sheet.cells.get(split_address(ref.address)) if sheet else None),
        who=who,
        when=when or date.today(),  # noqa: DTZ011 an office's day is the day where it stands
        why=why,
    )
    place = ref.file.partition("/")[0]
    forms = [
        form
        for form in project.params.forms.values()
        if form.sheet == ref.sheet and form.source.partition("/")[0] in (place, place.partition(".")[0])
    ]
    taking = take_cells(book, forms, Sender(ref.file, period, project.house), {str(ref): treatment})
    if not taking.used:
        raise UsageError("; ".join(map(str, taking.findings)))
    add_treatment(project.params.folder / f"{period}.yaml", str(ref), treatment)
    return treatment


def add_treatment(path: Path, where: str, treatment: Treatment) -> None:
    """
    Write a treatment into the parameters of a period; every other line and comment stays.

    Raises
    ------
    UsageError
        The file is not there.
    """
    _add(path, "treatments", {where: treatment})


def add_explanations(path: Path, explanations: Mapping[str, Explanation]) -> None:
    """
    Write what units say of flagged figures into the parameters of a period, in place of what they said before.

    Raises
    ------
    UsageError
        The file is not there.
    """
    _add(path, "explanations", explanations)


def _add(path: Path, section: str, entries: Mapping[str, Treatment | Explanation]) -> None:
    if not path.is_file():
        raise UsageError(
            _("{path} does not exist; 'baocao new {period}' writes it.", path=path, period=path.stem)
        )

    def add(data: Any) -> None:
        if not isinstance(data.get(section), CommentedMap):
            # Behind everything else, where no comment of another line comes between.
            data.pop(section, None)
            data[section] = CommentedMap()
        for where, entry in entries.items():
            data[section][DoubleQuotedScalarString(where)] = _spell(entry.model_dump(exclude_defaults=True))

    edit_params(path, add)


def _spell(fields: Mapping[str, Any]) -> CommentedMap:
    spelt = CommentedMap(
        (key, DoubleQuotedScalarString(entry) if isinstance(entry, str) and key != "action" else entry)
        for key, entry in fields.items()
    )
    spelt.fa.set_flow_style()
    return spelt
