"""
Which sections are signed, as ``reports/<period>/signoff.json`` says.

Read from it, and nothing else: under ``sections`` an object for each
``<report>/<section key>`` (``kstthc/I.7``) with ``by`` (name), ``at`` (day) and,
where whoever wrote it found the approval out of date, ``state`` ``stale`` with
``why``, a text or a list of texts. A section that is not listed is open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from baocao.periods import Period
    from baocao.project import Project

FILE = "signoff.json"


@dataclass(frozen=True)
class SignOff:
    """What is known about the approval of one section; ``why`` says what made it stale."""

    state: Literal["signed", "stale", "open"]
    by: str = ""
    at: str = ""
    why: str = ""


def read_signoffs(project: Project, period: Period) -> dict[tuple[str, str], SignOff]:
    """Read the approvals of a period by report and section; nothing where none was given."""
    try:
        data = json.loads((project.output(period) / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sections = data.get("sections") if isinstance(data, dict) else None
    found = {}
    for key, entry in (sections if isinstance(sections, dict) else {}).items():
        report, _, section = key.partition("/")
        if isinstance(entry, dict) and section:
            state: Literal["signed", "stale"] = "stale" if entry.get("state") == "stale" else "signed"
            why = entry.get("why", "")
            reasons = "; ".join(map(str, why)) if isinstance(why, list) else str(why)
            found[report, section] = SignOff(
                state, str(entry.get("by", "")), str(entry.get("at", "")), reasons
            )
    return found
