"""What a build did, and what it leaves to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from baocao.cli.output import relative
from baocao.project.language import _, _n

if TYPE_CHECKING:
    from baocao.building.build import Built
    from baocao.project.periods import Period

MOST_FINDINGS = 10
MOST_MOVED = 20


def format_build(built: Built, period: Period) -> Iterator[str]:
    """List the findings, what moved since the build before, and the finished files."""
    yield from map(str, built.findings[:MOST_FINDINGS])
    if built.findings:
        severities = Counter(finding.severity for finding in built.findings)
        yield _(
            "findings: {errors} errors, {warnings} warnings; 'baocao check {period}' lists them all, and the review pages show them at their cells",
            errors=severities["error"],
            warnings=severities["warning"],
            period=period,
        )
    else:
        yield _("no findings")
    if built.moved:
        yield _n(
            "{count} value or citation moved since the build before:",
            "{count} values and citations moved since the build before:",
            len(built.moved),
        )
        yield from (f"  {movement}" for movement in built.moved[:MOST_MOVED])
    if (more := len(built.moved) - MOST_MOVED) > 0:
        yield "  " + _("… {count} more", count=more)
    for report, files in built.outputs.items():
        coverage = built.coverage[report]
        counts = _(
            "{numerals} numerals, {traced} traced, {constants} constants, {untraced} untraced",
            numerals=coverage.numerals,
            traced=coverage.traced,
            constants=coverage.constants,
            untraced=len(coverage.untraced),
        )
        if report in built.rendered:
            yield _("{report}: rendered; {counts}", report=report, counts=counts)
        else:
            yield _("{report}: up to date; {counts}", report=report, counts=counts)
        yield from (f"  {relative(path)}" for path in files.values())
