"""Which values and citations moved between two builds of a period, from what to what."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baocao.tracing.trace import print_exact

_OWN_NAME = re.compile(r"[a-z]+_[0-9a-f]{10}")


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
        return f"{self.id}: {self.before or '-'} → {self.now or '-'}"


def read_numbers(trace_file: Path) -> dict[str, Any] | None:
    """Read the trace of the build before; None where there is none, or none that can be read."""
    try:
        data = json.loads(trace_file.read_text(encoding="utf-8"))
        return data if isinstance(data["values"], dict) and isinstance(data["mentions"], list) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_movements(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Movement]:
    """
    List the values that moved, printed ones in the order of the documents, then the others, and the citations.

    Values that have neither a name nor a mention are left out, and so are
    those of a report that only one of the builds holds.

    Examples
    --------
    >>> old = {"values": {"a": {"number": "5"}}, "mentions": [{"value": "a", "printed": "05"}]}
    >>> new = {"values": {"a": {"number": "7"}}, "mentions": [{"value": "a", "printed": "07"}]}
    >>> [str(one) for one in find_movements(old, new)]
    ['a: 05 → 07']
    """
    old, new = _printed(before["mentions"]), _printed(now["mentions"])
    whole = before.get("reports") == now.get("reports")
    names = dict.fromkeys([*new, *old, *now["values"], *before["values"]])
    moved = []
    for name in names:
        one, other = before["values"].get(name), now["values"].get(name)
        if one is None or other is None:
            if not whole:
                continue
        elif one["number"] == other["number"]:
            continue
        if name in old or name in new or not _OWN_NAME.fullmatch(name):
            # Where rounding hides the change, the exact numbers show it.
            hidden = one is not None and other is not None and old.get(name) == new.get(name)
            texts = (None, None) if hidden else (old.get(name), new.get(name))
            moved.append(Movement(name, _say(one, texts[0]), _say(other, texts[1])))
    return moved + (_find_moved_citations(before, now) if whole else [])


def _find_moved_citations(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Movement]:
    """One more citation gives those after it other ids; only texts that came or went have moved."""
    old, new = ({one["id"]: one["printed"] for one in trace.get("citations", ())} for trace in (before, now))
    before_texts, now_texts = set(old.values()), set(new.values())
    gone = {key: text for key, text in old.items() if text not in now_texts}
    come = {key: text for key, text in new.items() if text not in before_texts}
    return [Movement(key, gone.get(key), come.get(key)) for key in dict.fromkeys([*come, *gone])]


def _printed(mentions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    printed: dict[str, str] = {}
    for mention in mentions:
        printed.setdefault(mention["value"], mention["printed"])
    return printed


def _say(node: Mapping[str, Any] | None, printed: str | None) -> str | None:
    if node is None:
        return None
    exact = print_exact(node["number"]) or "-"
    return printed or (exact.rstrip("0").rstrip(".") if "." in exact else exact)
