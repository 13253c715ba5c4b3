"""Cells that count as another entry than the one that stands there, because somebody has confirmed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from baocao.project.cells import column_index, parse_cell, split_address
from baocao.project.language import _
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.entries import describe, expected_of, read_entry, spell_content
from baocao.reading.forms.submission import find_sheet
from baocao.reading.workbooks import Sheet, Workbook
from baocao.reading.workbooks.workbook import RawCell

if TYPE_CHECKING:
    from baocao.project.cells import CellRef
    from baocao.project.findings import Finding
    from baocao.project.forms import Column, Form
    from baocao.project.models import Treatment
    from baocao.reading.forms.results import Sender


@dataclass
class Taking:
    """
    A workbook in which some cells are taken as something else.

    Parameters
    ----------
    used
        The decisions that had effect, by cell.
    findings
        Those that no longer fit.
    """

    workbook: Workbook
    used: dict[str, Treatment] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def take_cells(
    workbook: Workbook, forms: Iterable[Form], sender: Sender, treatments: Mapping[str, Treatment]
) -> Taking:
    """
    Put what was confirmed where something else stands.

    A decision holds for what its ``seen`` says stood there, and for nothing else.
    """
    taking = Taking(workbook)
    by_sheet = {found.name: form for form in forms if (found := find_sheet(workbook, form.sheet))}
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    for where, treatment in list_takes(treatments, sender.file).items():
        ref = parse_cell(where)
        row, index = split_address(ref.address)
        sheet, form = sheets.get(ref.sheet), by_sheet.get(ref.sheet)
        columns = {column_index(column.column): column for column in form.columns} if form else {}
        if sheet is None or form is None or index not in columns or row + 1 < form.first_row:
            taking.findings.append(
                _stale(ref, sender.unit, treatment, _("a cell of a form"), _("no cell that a form reads"))
            )
            continue
        cell = sheet.cells.get((row, index))
        if spell_content(cell) != treatment.seen:
            taking.findings.append(_stale(ref, sender.unit, treatment, treatment.seen, describe(cell)))
            continue
        made = _make_cell(columns[index], treatment.value)
        if made is None:
            taking.findings.append(
                submission_finding(
                    "treatment-wrong",
                    (where,),
                    unit=sender.unit,
                    expected=expected_of(columns[index]),
                    got=treatment.value,
                    action=_("Correct the value of the treatment in the period's parameters."),
                )
            )
            continue
        sheets[ref.sheet] = _put(sheet, (row, index), made)
        taking.used[str(ref)] = treatment
    if taking.used:
        taking.workbook = Workbook(sheets.values())
    return taking


def list_takes(treatments: Mapping[str, Treatment], file: str | None = None) -> dict[str, Treatment]:
    """Return the decisions about cells, of one file or of all."""
    return {
        where: one
        for where, one in treatments.items()
        if one.action == "take" and (file is None or parse_cell(where).file == file)
    }


def tell_unread(where: str, treatment: Treatment, unit: str | None) -> Finding:
    """Return the finding that a decision is about a cell of no file that was read."""
    return _stale(parse_cell(where), unit, treatment, treatment.seen, _("no such file was read"))


def _stale(ref: CellRef, unit: str | None, treatment: Treatment, expected: str, got: str) -> Finding:
    return submission_finding(
        "treatment-stale",
        (str(ref),),
        unit=unit,
        expected=expected,
        got=got,
        action=_(
            "Ask again and confirm what stands there now, or delete the line from the treatments: it said {value}, {who} on {day}: {why}.",
            value=treatment.value,
            who=treatment.who,
            day=str(treatment.when),
            why=treatment.why,
        ),
    )


def _make_cell(column: Column, value: str) -> RawCell | None:
    cell = RawCell("text", value)
    try:
        if column.type in ("count", "number"):
            cell = RawCell("number", Decimal(value))
        elif column.type == "date":
            cell = RawCell("date", date.fromisoformat(value))
    except (InvalidOperation, ValueError):
        return None
    if isinstance(cell.value, Decimal) and not cell.value.is_finite():
        return None
    return None if read_entry(column, cell)[1] is not None else cell


def _put(sheet: Sheet, place: tuple[int, int], cell: RawCell) -> Sheet:
    letter = {"number": "n", "text": "s", "date": "d"}[cell.kind]
    value = cell.value.isoformat() if isinstance(cell.value, date | datetime) else str(cell.value)
    packed = (*(one for one in sheet.packed if (one[0], one[1]) != place), [*place, letter, value, 0])
    stood = {**sheet.replaced, place: sheet.cells.get(place)}
    return replace(sheet, packed=tuple(sorted(packed, key=lambda one: (one[0], one[1]))), replaced=stood)
