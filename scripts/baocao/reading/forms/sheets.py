"""One sheet read as a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from baocao.project.language import _, join
from baocao.reading.forms.appearance import check_appearance
from baocao.reading.forms.codes import CONTRADICTIONS
from baocao.reading.forms.extent import check_outside, check_shape, choose_rows, find_extent
from baocao.reading.forms.grouping import group_findings
from baocao.reading.forms.indicators import check_indicators
from baocao.reading.forms.layout import Mismatch, check_header, check_labels
from baocao.reading.forms.measure import check_measure, check_notes
from baocao.reading.forms.numbers import check_sums, check_totals
from baocao.reading.forms.overlay import RESEND, Overlay
from baocao.reading.forms.relations import check_relations
from baocao.reading.forms.results import FormResult, FormRow, Sender
from baocao.reading.forms.roles import sort_rows
from baocao.reading.forms.rows import check_keys, check_unique, read_rows

if TYPE_CHECKING:
    from baocao.project.forms import Form
    from baocao.reading.workbooks import Sheet


def read_form(form: Form, sheet: Sheet, sender: Sender) -> FormResult:
    """
    Read one sheet as a form.

    Parameters
    ----------
    form
        The layout it must follow.
    sheet
        The cells of the sheet.
    sender
        Whose it is; gives the addresses, and the period and code it must name.

    Returns
    -------
    FormResult
        The rows whose entries can be used, in the order of the sheet, and the findings.
    """
    on = Overlay(form, sheet, sender)
    rows = _read(on)
    return FormResult(tuple(rows), tuple(group_findings(on.findings, CONTRADICTIONS)), sheet.name)


def _read(on: Overlay) -> list[FormRow]:
    if not on.filled:
        on.add("empty-sheet", [on.at("A1")], _("form {title}", title=on.form.title), _("blank sheet"))
        return []
    if not on.sheet.visible:
        action = _("Show the sheet, check it and send it again.")
        on.add("hidden-sheet", [on.at("A1")], _("a sheet that is shown"), _("hidden sheet"), action)
    labels = check_labels(on.form, on.sheet)
    if labels:
        _tell(on, labels, _("Use the form as it is, without columns added, taken out or renamed."))
    for one in check_header(on.form, on.sheet, on.sender, certain=not labels):
        _tell(on, [one], _(RESEND))
    if not labels:
        check_measure(on)
    extent = None if labels else find_extent(on)
    if extent is None:
        return []
    last, total = extent
    rows = choose_rows(on, last)
    if rows is None:
        return []
    check_shape(on, rows)
    check_outside(on, rows, total)
    check_notes(on, rows, total)
    check_appearance(on, rows)
    entries = read_rows(on, sort_rows(on, rows).items)
    check_keys(on, entries)
    check_unique(on, entries)
    if on.form.kind == "indicators":
        entries = check_indicators(on, entries, last)
    good = {row: entry for row, entry in entries.items() if row not in on.faulty}
    sums = check_sums(on, good)
    if total is not None:
        check_totals(on, entries, total, sums)
    on.findings.extend(sums.values())
    check_relations(on, good)
    return [FormRow(row + 1, entry) for row, entry in good.items()]


def _tell(on: Overlay, wrong: Sequence[Mismatch], action: str) -> None:
    on.add(
        wrong[0].code,
        [on.at(one.address) for one in wrong],
        join(one.expected for one in wrong),
        join(one.got for one in wrong),
        action,
    )
