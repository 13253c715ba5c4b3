"""What there is to say about one number, and the two readings of tracked changes put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from baocao.project.language import N_, _

Class = Literal["altered", "added", "lost", "moved"]
Reading = Literal["accepted", "rejected", "both"]
_ACTIONS: dict[Class, str] = {
    "altered": N_(
        "Restore the published number; if it has really changed, correct the source data and build the report again."
    ),
    "added": N_(
        "Delete this number, or enter it in the data of the period so that it has a source, and build the report again."
    ),
    "lost": N_("Put the number back, or take it out of the section's notebook and build the report again."),
    "moved": N_("Put the number back into its own sentence; check what the sentence that holds it now says."),
}


@dataclass(frozen=True)
class Edit:
    """
    One number that is not as it was published.

    Parameters
    ----------
    mention, value
        None where the number belongs to no mention.
    expected, got
        As printed; empty where there is none.
    context
        The sentence it stands in, or stood in.
    reading
        With tracked changes accepted, rejected, or both.
    """

    kind: Class
    mention: str | None
    value: str | None
    section: str
    expected: str
    got: str
    context: str
    message: str
    reading: Reading = "both"

    @property
    def action(self) -> str:
        """What to do about it."""
        return _(_ACTIONS[self.kind])

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        data = asdict(self)
        data["class"] = data.pop("kind")
        return {**data, "action": self.action}


def merge_readings(accepted: Iterable[Edit], rejected: Iterable[Edit]) -> list[Edit]:
    """Put the two readings of tracked changes together: what both have is said once."""
    left, right = list(accepted), list(rejected)

    def same(one: Edit, other: Edit) -> bool:
        return (one.kind, one.mention, one.expected, one.got) == (
            other.kind,
            other.mention,
            other.expected,
            other.got,
        )

    merged = [
        one if any(same(one, other) for other in right) else replace(one, reading="accepted") for one in left
    ]
    merged += [
        replace(one, reading="rejected") for one in right if not any(same(one, other) for other in left)
    ]
    return merged
