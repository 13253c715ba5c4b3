"""Treatments of submissions that cannot be used: which are known, and how findings tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from baocao.project.errors import ParamsError
from baocao.project.language import _
from baocao.reading.forms.received import office_codes

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.project.models import Treatment
    from baocao.project.params import Params

WORDS = {
    "exclude": "không tính đơn vị này",
    "zero": "ô trống và dấu gạch tính là 0",
    "previous": "lấy số liệu kỳ trước",
    "use": "chọn một trong các tệp",
}


def check_treatments(params: Params, treatments: Mapping[str, Treatment]) -> None:
    """
    Refuse treatments of units nobody knows.

    Raises
    ------
    ParamsError
        A code is neither in ``units.csv`` nor an office's nor the register's.
    """
    known = {*params.units, *office_codes(params), params.house.folders.register}
    unknown = [code for code in treatments if code not in known]
    if unknown:
        raise ParamsError(
            _(
                "treatments: expected codes of units.csv or of offices, got {unknown}.",
                unknown=", ".join(unknown),
            ),
            path=params.folder,
        )


def choose_file(files: list[str], treatment: Treatment | None) -> str | None:
    """Give the file that ``use`` names; None where it names none of these."""
    if treatment is None or treatment.action != "use" or not treatment.file:
        return None
    wanted = treatment.file.rpartition("/")[2]
    return next((file for file in files if file.rpartition("/")[2] == wanted), None)


def mark_treated(finding: Finding, treatment: Treatment) -> Finding:
    """Make the finding a warning that names its treatment."""
    words = f"Đã xử lý theo tham số của kỳ ({treatment.action}: {WORDS[treatment.action]}): {treatment.why}."
    return replace(finding, severity="warning", action=words)


def mark_uncured(finding: Finding, treatment: Treatment) -> Finding:
    """Say in the finding that its treatment does not help."""
    words = f"Cách xử lý trong tham số của kỳ ({treatment.action}) không khắc phục được lỗi này."
    return replace(finding, action=f"{finding.action} {words}")


def mark_errors(findings: Iterable[Finding], treatment: Treatment, *, cured: bool) -> list[Finding]:
    """Mark every error as treated, or as not helped by its treatment."""
    mark = mark_treated if cured else mark_uncured
    return [mark(one, treatment) if one.severity == "error" else one for one in findings]
