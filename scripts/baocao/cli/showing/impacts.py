"""What a cell or a submission feeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.tracing.impacts import Impact


def format_impact(fed: Impact) -> Iterator[str]:
    """List the values, then the mentions, citations and charts that show them."""
    yield from fed.values
    for place in (*fed.mentions, *fed.citations):
        yield f"  {place.report} {place.section}: {place.printed} ({place.id})"
    for chart in fed.charts:
        yield "  " + _("chart {chart}", chart=chart)
