"""One finding a cause: many of one kind on a sheet become one that spells out the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.project.findings import Finding

MOST = 5
"""So many findings of one kind on one sheet are still told one by one."""
MOST_CELLS = 200
_SHOWN = 3


def group_findings(findings: Iterable[Finding], apart: Container[str] = ()) -> list[Finding]:
    """
    Put findings of one kind together where there are more than :data:`MOST` of them.

    Parameters
    ----------
    apart
        Codes that stay as they are: those that somebody may still accept one by one.

    Examples
    --------
    >>> from baocao.project.findings import Finding
    >>> many = [Finding("blank", "error", "Blank", cells=(f"a.xlsx#s!A{i}",), got="nothing") for i in range(1, 9)]
    >>> [one] = group_findings(many)
    >>> one.got, len(one.cells)
    ('A1: nothing; A2: nothing; A3: nothing; and 5 more', 8)
    """
    kinds: dict[tuple[str, str, str | None], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[finding.code, finding.severity, finding.unit].append(finding)
    return [
        finding
        for same in kinds.values()
        for finding in (same if len(same) <= MOST or same[0].code in apart else [_merge(same)])
    ]


def _merge(same: list[Finding]) -> Finding:
    cells = tuple(dict.fromkeys(cell for finding in same for cell in finding.cells))
    shown = "; ".join(f"{_address(finding)}: {finding.got}" for finding in same[:_SHOWN])
    return replace(
        same[0],
        cells=cells[:MOST_CELLS],
        expected="; ".join(dict.fromkeys(finding.expected for finding in same[:_SHOWN])),
        got=_("{first}; and {count} more", first=shown, count=len(same) - _SHOWN),
    )


def _address(finding: Finding) -> str:
    return finding.cells[0].rpartition("!")[2] if finding.cells else ""
