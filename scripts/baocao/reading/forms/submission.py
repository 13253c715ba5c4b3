"""One workbook read against all forms of its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from baocao.project.cells import CellRef
from baocao.project.findings import Finding
from baocao.project.language import _, join
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.entries import clean_text
from baocao.reading.forms.results import FormResult, Sender, SubmissionResult
from baocao.reading.forms.sheets import read_form

if TYPE_CHECKING:
    from baocao.project.forms import Form
    from baocao.reading.workbooks import Sheet, Workbook


def find_sheet(workbook: Workbook, name: str) -> Sheet | None:
    """Find the worksheet of a form: by its exact name, else by the only one that differs in case or spaces."""
    sheets = [sheet for sheet in workbook.sheets if sheet.kind == "worksheet"]
    exact = [sheet for sheet in sheets if sheet.name == name]
    alike = exact or [sheet for sheet in sheets if fold_text(clean_text(sheet.name)) == fold_text(name)]
    return alike[0] if len(alike) == 1 else None


def read_submission(
    workbook: Workbook, forms: Iterable[Form], sender: Sender, *, optional: frozenset[str] = frozenset()
) -> SubmissionResult:
    """
    Read one workbook against all forms of its source.

    Parameters
    ----------
    optional
        Names of forms whose sheet may be missing without a finding.

    Returns
    -------
    SubmissionResult
        A wrong period or unit on several sheets is one finding with all its cells.
    """
    results: dict[str, FormResult] = {}
    missing: list[Form] = []
    used = set()
    for form in forms:
        sheet = find_sheet(workbook, form.sheet)
        if sheet is None:
            missing.append(form)
            continue
        used.add(sheet.name)
        results[form.name] = read_form(form, sheet, sender)
    findings: list[Finding] = []
    told = [form.sheet for form in missing if form.name not in optional]
    if told:
        got = ", ".join(
            sheet.name
            if sheet.kind == "worksheet"
            else _("{name} (chart)", name=sheet.name)
            if sheet.kind == "chartsheet"
            else f"{sheet.name} ({sheet.kind})"
            for sheet in workbook.sheets
        )
        findings.append(
            submission_finding(
                "missing-sheet",
                (sender.file,),
                unit=sender.unit,
                expected=_("the sheets {sheets}", sheets=told),
                got=_("the sheets {sheets}", sheets=got or _("none")),
                action=_("Add the sheet, named as in the form, and send it again."),
            )
        )
    hidden = [sheet.name for sheet in workbook.sheets if not sheet.visible and sheet.name not in used]
    if hidden:
        findings.append(
            submission_finding(
                "hidden-extra-sheet",
                tuple(str(CellRef(sender.file, name, "A1")) for name in hidden),
                unit=sender.unit,
                expected=_("no hidden sheet"),
                got=", ".join(hidden),
                action=_("Delete the extra sheet, or show it."),
            )
        )
    findings.extend(_merge_heads(finding for result in results.values() for finding in result.findings))
    return SubmissionResult(results, tuple(findings), frozenset(form.name for form in missing))


def _merge_heads(findings: Iterable[Finding]) -> list[Finding]:
    merged: list[Finding] = []
    for finding in findings:
        same = [
            i
            for i, one in enumerate(merged)
            if one.code == finding.code and one.code in ("wrong-period", "wrong-unit", "unknown-sender")
        ]
        if not same:
            merged.append(finding)
            continue
        first = merged[same[0]]
        got = first.got if finding.got in first.got.split("; ") else join([first.got, finding.got])
        merged[same[0]] = replace(first, cells=(*first.cells, *finding.cells), got=got)
    return merged
