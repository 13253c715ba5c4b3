"""What an audit found, and how people read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baocao.editions.auditing.verdicts import Verdict, count_verdicts
from baocao.editions.record import Change
from baocao.project.errors import BaocaoError


@dataclass(frozen=True)
class Audit:
    """
    What an audit found.

    Parameters
    ----------
    with_
        ``then``, ``today`` or ``nothing``: whose code and environment it ran.
    values, files
        One verdict for every value and every issued file.
    sources
        Verdicts on what the edition was made of and on its record; only what
        is not as recorded.
    notes
        What else there is to know.
    """

    period: str
    edition: int
    commit: str
    with_: str
    values: tuple[Verdict, ...]
    files: tuple[Verdict, ...]
    sources: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Tell whether every value is the number it was."""
        return bool(self.values) and all(one.good for one in self.values)

    @property
    def good(self) -> bool:
        """Tell whether nothing at all is to be said against the edition."""
        return self.identical and all(one.good for one in (*self.files, *self.sources))

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON types."""
        return {
            "period": self.period,
            "edition": self.edition,
            "commit": self.commit,
            "with": self.with_,
            "identical": self.identical,
            "good": self.good,
            "values": [one.as_dict() for one in self.values],
            "files": [one.as_dict() for one in self.files],
            "sources": [one.as_dict() for one in self.sources],
            "notes": list(self.notes),
        }


def print_audit(audit: Audit, most: int = 40) -> list[str]:
    """Write an audit for people: the counts, then what is not the same, each with its reasons."""
    code = {"then": "the code of then", "today": "today's code", "nothing": "no code run"}[audit.with_]
    lines = [
        f"{audit.period}, edition {audit.edition}, commit {audit.commit[:12]}, {code}",
        f"  {len(audit.values)} values: {count_verdicts(audit.values)}",
        f"  {len(audit.files)} files: {count_verdicts(audit.files)}",
    ]
    lines += [f"  note: {note}" for note in audit.notes]
    for title, verdicts in (("source", audit.sources), ("value", audit.values), ("file", audit.files)):
        # What stopped a build stopped it for hundreds of values: it is said once.
        unknown: dict[tuple[str, tuple[Change, ...]], list[str]] = defaultdict(list)
        for one in verdicts:
            if one.verdict == "cannot-check":
                unknown[one.note, one.reasons].append(one.name)
        for (note, reasons), names in list(unknown.items())[:most]:
            listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            lines.append(f"  {len(names)} {title}(s) cannot be checked ({listed}): {note}")
            lines += [f"    {reason}" for reason in reasons[:5]]
        bad = [one for one in verdicts if not one.good and one.verdict != "cannot-check"]
        moved = [one for one in verdicts if one.good and one.reasons]
        lines += [line for one in (*bad, *moved)[:most] for line in _print_verdict(title, one)]
        if len(bad) + len(moved) > most:
            lines.append(f"  … {len(bad) + len(moved) - most} more {title}s; --json lists them all")
    lines.append(
        "  all values are identical"
        if audit.identical
        else "  not all values are identical, or they cannot be checked"
    )
    return [_show(line) for line in lines]


def _print_verdict(title: str, one: Verdict) -> list[str]:
    numbers = f": {one.before} -> {one.after}" if title == "value" else ""
    lines = [
        f"  {title} {one.name}{numbers}: {one.verdict.replace('-', ' ')}{f' ({one.note})' if one.note else ''}"
    ]
    return lines + [f"    {reason}" for reason in one.reasons[:5]]


def _show(text: str) -> str:
    """Spell what a terminal would obey: names in an archive are somebody else's."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def print_table(audits: Mapping[str, Audit | BaocaoError]) -> list[str]:
    """Write one line a period."""
    rows: list[Sequence[str]] = [("period", "edition", "values", "files", "sources", "verdict")]
    for period, found in audits.items():
        if isinstance(found, Audit):
            verdict = "as issued" if found.good else "values identical" if found.identical else "DIFFERENT"
            counts = [f"{sum(one.good for one in part)}/{len(part)}" for part in (found.values, found.files)]
            rows.append((period, str(found.edition), *counts, f"{len(found.sources)} changed", verdict))
        else:
            rows.append((period, "?", "?", "?", "?", f"CANNOT CHECK: {str(found).splitlines()[0]}"))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]])
        for row in rows
    ]
