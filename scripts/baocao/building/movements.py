"""Which values and citations moved between two builds of a period, from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.errors import TraceError
from baocao.tracing.record import parse_trace
from baocao.tracing.trace import format_exact

if TYPE_CHECKING:
    from baocao.tracing.record import Mention, TraceRecord
    from baocao.values.nodes import Node


@dataclass(frozen=True)
class Movement:
    """
    One value whose number, or one citation whose text is another one now.

    Parameters
    ----------
    before, now
        As printed where it is printed, else exact; None where there was or is none.
    """

    id: str
    before: str | None
    now: str | None

    def __str__(self) -> str:
        before, now = ("-" if side is None else side for side in (self.before, self.now))
        return f"{self.id}: {before} → {now}"


def read_record(trace_file: Path) -> TraceRecord | None:
    """Read the trace of the build before; None where there is none, or none that can be read."""
    try:
        return parse_trace(trace_file.read_bytes(), str(trace_file))
    except (OSError, TraceError):
        return None


def find_movements(before: TraceRecord, now: TraceRecord) -> list[Movement]:
    """
    List the values that moved, printed ones in the order of the documents, then the others, and the citations.

    Values that have neither a name nor a mention are left out, and so are
    those of a report that only one of the builds holds.
    """
    old, new = _printed(before.mentions), _printed(now.mentions)
    whole = before.reports == now.reports
    names = dict.fromkeys([*new, *old, *now.values, *before.values])
    moved = []
    for name in names:
        sides = before.values.get(name), now.values.get(name)
        if sides[0] is None or sides[1] is None:
            if not whole:
                continue
        elif sides[0].number == sides[1].number:
            continue
        if name in old or name in new or any(side is not None and side.is_named(name) for side in sides):
            # Where rounding hides the change, the exact numbers show it.
            hidden = None not in sides and old.get(name) == new.get(name)
            texts = (None, None) if hidden else (old.get(name), new.get(name))
            moved.append(Movement(name, _spell(sides[0], texts[0]), _spell(sides[1], texts[1])))
    return moved + (_find_moved_citations(before, now) if whole else [])


def _find_moved_citations(before: TraceRecord, now: TraceRecord) -> list[Movement]:
    """One more citation gives those after it other ids; only texts that came or went have moved."""
    old, new = ({citation.id: citation.printed for citation in record.citations} for record in (before, now))
    before_texts, now_texts = set(old.values()), set(new.values())
    gone = {key: text for key, text in old.items() if text not in now_texts}
    come = {key: text for key, text in new.items() if text not in before_texts}
    return [Movement(key, gone.get(key), come.get(key)) for key in dict.fromkeys([*come, *gone])]


def _printed(mentions: Sequence[Mention]) -> dict[str, str]:
    printed: dict[str, str] = {}
    for mention in mentions:
        printed.setdefault(mention.value, mention.printed)
    return printed


def _spell(node: Node | None, printed: str | None) -> str | None:
    if node is None:
        return None
    exact = format_exact(node.number) or "-"
    return printed or (exact.rstrip("0").rstrip(".") if "." in exact else exact)
