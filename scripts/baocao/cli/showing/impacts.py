"""What a cell or a submission feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baocao.project.language import _


def format_impact(fed: Mapping[str, Any]) -> Iterator[str]:
    """List the values, then the mentions, citations and charts that show them."""
    yield from fed["values"]
    for mention in (*fed["mentions"], *fed["citations"]):
        yield f"  {mention['report']} {mention['section']}: {mention['printed']} ({mention['id']})"
    for chart in fed["charts"]:
        yield "  " + _("chart {chart}", chart=chart)
