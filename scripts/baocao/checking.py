"""Everything there is to say about a period's submissions and the numbers made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baocao.tables import read_tables

if TYPE_CHECKING:
    from baocao.findings import Finding
    from baocao.periods import Period
    from baocao.project import Project


def check_period(project: Project, period: Period) -> list[Finding]:
    """
    Check every submission of a period against its form.

    Returns
    -------
    list of Finding
        Errors first; empty where there is nothing to say. Submissions that
        params treat are listed as warnings.
    """
    findings = read_tables(project, period).findings
    return sorted(findings, key=lambda finding: finding.severity != "error")
