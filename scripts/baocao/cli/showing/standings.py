"""Which sections are signed, stale or open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from baocao.project.language import N_, _

if TYPE_CHECKING:
    from baocao.reviewing.signing import Standing

STATES = {"signed": N_("signed"), "stale": N_("stale"), "open": N_("open")}
MOST_REASONS = 3


def format_standing(standing: Standing) -> Iterator[str]:
    """List who signed a section, and why a signature no longer holds."""
    signatures = "; ".join(f"  {signature}" for signature in standing.signatures)
    yield f"{standing.section:16} {_(STATES[standing.state]):12}{signatures}".rstrip()
    yield from (f"    {reason}" for reason in standing.why)


def format_standings(standings: Sequence[Standing]) -> Iterator[str]:
    """Return one line with the counts, and a line for each stale section."""
    counts = Counter(standing.state for standing in standings)
    yield _(
        "sign-off: {signed} signed, {stale} stale, {open} open",
        signed=counts["signed"],
        stale=counts["stale"],
        open=counts["open"],
    )
    for standing in standings:
        if standing.state == "stale":
            reasons = "; ".join(standing.why[:MOST_REASONS])
            if (more := len(standing.why) - MOST_REASONS) > 0:
                reasons = _("{reasons} … and {count} more", reasons=reasons, count=more)
            yield f"  {standing.section} ({standing.by}, {standing.at}): {reasons}"
