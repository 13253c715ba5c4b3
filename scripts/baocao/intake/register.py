"""
The register of what came in: one line an event, oldest first, nothing ever rewritten.

``data/raw/<period>/<register>.csv`` opens in any spreadsheet program. The bytes
of every submission lie beside it in ``data/received/<period>/``, by owner and
try, so that a try that was replaced can still be looked at.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from filelock import FileLock

from baocao.project.errors import InputError
from baocao.project.files import write_atomically
from baocao.project.language import _, as_record, from_record, speaking

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period

Kind = Literal["received", "counted", "waiting", "aside", "returned", "reminded"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Event:
    """
    One thing that happened to a submission.

    Parameters
    ----------
    time
        When it was noted, ISO 8601 with its offset.
    kind
        ``received``: the bytes were kept; ``counted``: they are what the period
        counts from now on; ``waiting``: they do not count until somebody says
        so; ``aside``: nobody's, or unreadable; ``returned``, ``reminded``: what
        went out to the owner.
    owner
        Code of the unit or office, empty where nobody's.
    attempt
        Which of the owner's tries, from 1; 0 where it is none.
    name
        The file's name as it came.
    sha256
        Of its bytes; empty for a reminder.
    kept
        Where the bytes lie, relative to ``data/received/<period>``.
    errors, warnings
        How many findings its check gave.
    replaces
        sha256 of what counted before; empty where nothing did.
    note
        A reason, or what a second try changes, in a sentence.
    """

    time: str
    kind: Kind
    owner: str = ""
    attempt: int = 0
    name: str = ""
    sha256: str = ""
    kept: str = ""
    errors: int = 0
    warnings: int = 0
    replaces: str = ""
    note: str = ""


class TryRegister:
    """
    The events of one period.

    Parameters
    ----------
    project, period
        Whose; the files need not be there yet.
    """

    def __init__(self, project: Project, period: Period) -> None:
        self.path = project.raw(period) / project.params.house.folders.tries
        self.language = project.house.language
        self.kept = project.root / "data" / "received" / str(period)

    def read(self) -> list[Event]:
        """
        Read all events, oldest first.

        Raises
        ------
        InputError
            The register was damaged by hand; it names the line.
        """
        try:
            text = self.path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return []
        return list(self._parse(text))

    def _parse(self, text: str) -> Iterator[Event]:
        rows = csv.DictReader(io.StringIO(text))
        wanted = [field.name for field in fields(Event)]
        if rows.fieldnames != wanted:
            raise self._damaged(1, ", ".join(wanted), ", ".join(rows.fieldnames or ()))
        for row in rows:
            line = rows.line_num
            if None in row.values() or None in row:
                raise self._damaged(line, f"{len(wanted)} columns", str(row))
            try:
                numbers = {name: int(row[name]) for name in ("attempt", "errors", "warnings")}
            except ValueError:
                raise self._damaged(line, "whole numbers", str(row)) from None
            if row["kind"] not in get_args(Kind):
                raise self._damaged(line, " | ".join(get_args(Kind)), row["kind"])
            texts = {name: _unguard(row[name]) for name in wanted if name not in numbers}
            yield Event(**texts, **numbers)  # type: ignore[arg-type]

    def _damaged(self, line: int, expected: str, got: str) -> InputError:
        return InputError(
            _(
                "{path}, line {line}: expected {expected}, got {got}; restore the register with git, it is never edited.",
                path=self.path,
                line=line,
                expected=expected,
                got=got,
            )
        )

    def append(self, events: Iterable[Event]) -> list[Event]:
        """Add events; two commands at once lose none."""
        added = list(events)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.kept.mkdir(parents=True, exist_ok=True)
        with FileLock(self.kept / ".lock"):
            written = io.StringIO()
            writer = csv.DictWriter(written, [field.name for field in fields(Event)], lineterminator="\n")
            writer.writeheader()
            with speaking(self.language):
                # Notes are the office's, whoever runs the command.
                told = [replace(event, note=str(from_record(as_record(event.note)))) for event in added]
            for event in (*self.read(), *told):
                writer.writerow({name: _guard(value) for name, value in vars(event).items()})
            write_atomically(self.path, written.getvalue())
        return added

    def alone(self) -> FileLock:
        """Return a lock to hold from what is read here until what was decided by it is written."""
        self.kept.mkdir(parents=True, exist_ok=True)
        return FileLock(self.kept / ".desk.lock")

    def keep(self, content: bytes, relative: str) -> Path:
        """Keep the bytes of a submission; what is kept is never written over."""
        path = self.kept / relative
        if not path.exists():
            write_atomically(path, content)
        return path


def now() -> str:
    """Return the time of an event, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def last_event(events: Iterable[Event], owner: str, *kinds: Kind) -> Event | None:
    """
    Return an owner's latest event of some kinds; None where there is none.

    Examples
    --------
    >>> events = [Event("1", "received", "H01"), Event("2", "counted", "H01"), Event("3", "received", "H02")]
    >>> last_event(events, "H01", "received", "counted").time
    '2'
    """
    mine = [event for event in events if event.owner == owner and event.kind in kinds]
    return mine[-1] if mine else None


def retell(event: Event, kind: Kind, note: str = "") -> Event:
    """Return what happens next to the submission of an event, now."""
    return replace(event, time=now(), kind=kind, note=note or event.note)


def _guard(value: object) -> object:
    """Let no spreadsheet program take a name that came from outside for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _unguard(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text
