"""
Take in what units and offices sent: recognised, checked, and filed, or kept aside with its reason.

Bytes are kept before anything else is done with them, the register is written
before a submission counts, and what counted before lies among the kept tries:
a command that is killed at any moment loses nothing, and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from baocao.intake.recognising import Owner, Stranger, recognise
from baocao.intake.register import Event, TryRegister, last_event, now, retell
from baocao.project.cells import join_address
from baocao.project.errors import UsageError, WorkbookError
from baocao.project.files import SYSTEM_FILES, write_atomically
from baocao.project.frozen import list_editions
from baocao.project.hashes import hash_bytes, hash_file
from baocao.project.language import N_, _, _n, join
from baocao.project.text import slug
from baocao.reading.forms import Sender, read_submission
from baocao.reading.forms.codes import CODES
from baocao.reading.forms.folder import owner_of
from baocao.reading.forms.submissions import name_offices, name_units
from baocao.reading.forms.taking import take_cells
from baocao.reading.forms.treatments import accept_contradictions
from baocao.reading.workbooks import read_contents
from baocao.reading.workbooks.files import read_file
from baocao.reading.workbooks.limited import LimitedParser

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.project.folder import Project
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.reading.workbooks import Workbook

State = Literal["counted", "waiting", "aside", "identical"]
MOST_CHANGES = 20
_NO_WORKBOOKS = (
    ((".zip", ".rar", ".7z"), N_("an archive: unpack it, and collect the workbooks that were in it")),
    ((".eml", ".msg"), N_("a message: save what is attached to it, and collect that")),
    ((".pdf",), N_("a PDF: ask for the workbook (.xlsx) that it was printed from")),
    ((".csv", ".txt"), N_("a text file: ask for the workbook (.xlsx) with all its sheets")),
    ((".doc", ".docx", ".odt", ".rtf"), N_("a text document: ask for the workbook (.xlsx)")),
    ((".jpg", ".jpeg", ".png", ".heic", ".tif", ".tiff"), N_("a picture: ask for the workbook (.xlsx)")),
)
_PASSED_OVER = ("~$", ".")


@dataclass(frozen=True)
class Change:
    """One cell that a later try says differently; None where the cell is blank."""

    cell: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Taken:
    """
    What became of one file.

    Parameters
    ----------
    state
        ``counted``, ``waiting`` for somebody's word, kept ``aside``, or
        ``identical`` with a file that is known.
    owner, attempt
        Whose, and which of their tries; empty and 0 where nobody's.
    findings
        Of its check.
    changes
        Cells that differ from what counted before.
    reason
        Why it waits or was kept aside, in a sentence.
    """

    file: Path
    state: State
    owner: str = ""
    attempt: int = 0
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "file": str(self.file),
            "state": self.state,
            "code": self.owner,
            "try": self.attempt,
            "reason": str(self.reason),
            "changes": [asdict(change) for change in self.changes],
            "findings": [finding.as_dict() for finding in self.findings],
        }

    @property
    def errors(self) -> int:
        """How many findings make it unusable."""
        return sum(finding.severity == "error" for finding in self.findings)


def collect(
    project: Project,
    period: Period,
    paths: Iterable[Path],
    *,
    replace_counted: bool = False,
    tell: Callable[[Taken], None] = lambda _taken: None,
) -> list[Taken]:
    """
    Take in files and folders of files.

    Parameters
    ----------
    paths
        Files, or folders that are looked through; nothing in them is changed.
    replace_counted
        Let a later try take the place of one that is without errors; otherwise
        it waits. One with errors is always replaced.
    tell
        Is told of each file as it is done.

    Raises
    ------
    UsageError
        A path does not exist.
    InputError
        The register was edited by hand.
    """
    taken = []
    with LimitedParser() as parser:
        desk = _Desk(project, period, parser, replace_counted=replace_counted)
        with desk.register.alone():
            desk.go_on()
        for path in list_files(paths):
            with desk.register.alone():
                result = desk.take(path)
            taken.append(result)
            tell(result)
    return taken


def take_waiting(project: Project, period: Period, codes: Iterable[str]) -> list[Taken]:
    """
    Let the waiting tries of some owners count.

    Raises
    ------
    UsageError
        One of them has no try that waits.
    """
    with LimitedParser() as parser, TryRegister(project, period).alone():
        desk = _Desk(project, period, parser, replace_counted=True)
        desk.go_on()
        events = desk.register.read()
        waiting = {}
        for code in codes:
            last = last_event(events, code, "received", "counted", "waiting")
            if last is None or last.kind != "waiting":
                raise UsageError(
                    _("{code} has no submission that waits in {period}.", code=code, period=period)
                )
            waiting[code] = last
        return [desk.decide(event, Path(event.name)) for event in waiting.values()]


def list_files(paths: Iterable[Path]) -> Iterator[Path]:
    """
    Yield the files that people may have sent, folders looked through in the order of names.

    Raises
    ------
    UsageError
        A path does not exist.
    """
    for path in paths:
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                hidden = any(part.startswith(_PASSED_OVER) for part in inner.relative_to(path).parts)
                if inner.is_file() and not hidden and inner.name.casefold() not in SYSTEM_FILES:
                    yield inner
        elif path.exists():
            yield path
        else:
            raise UsageError(_("{path} does not exist; expected a file or a folder.", path=path))


def explain_unreadable(error: WorkbookError, path: Path) -> str:
    """
    Return why a file cannot be read as a workbook, and what to do about it.

    What people send in place of a workbook is told by the ending of its name.
    """
    ending = path.suffix.lower()
    known = next((advice for endings, advice in _NO_WORKBOOKS if ending in endings), None)
    if error.code == "not-a-workbook" and known is not None:
        return _(known)
    code = CODES.get(error.code)
    said = [
        _(code.message) if code else error.code,
        error.expected and _("expected {expected}", expected=error.expected),
    ]
    return join((part for part in (*said, error.got, error.action) if part), "; ")


def compare_books(before: Workbook, after: Workbook, file: str) -> list[Change]:
    """
    List the cells that two workbooks say differently, sheet by sheet.

    Parameters
    ----------
    file
        File part of the addresses.
    """
    old = {sheet.name: sheet.cells for sheet in before.sheets}
    new = {sheet.name: sheet.cells for sheet in after.sheets}
    changes = []
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name, {}), new.get(name, {})
        for place in sorted({*one, *other}):
            was, is_now = one.get(place), other.get(place)
            if (was and (was.kind, was.value)) != (is_now and (is_now.kind, is_now.value)):
                cell = f"{file}#{name}!{join_address(*place)}"
                changes.append(Change(cell, _spell(was), _spell(is_now)))
    return changes


def _spell(cell: object) -> str | None:
    value = getattr(cell, "value", None)
    return None if cell is None else "" if value is None else str(value)


class _Desk:
    def __init__(
        self, project: Project, period: Period, parser: LimitedParser, *, replace_counted: bool
    ) -> None:
        self.project = project
        self.period = period
        self.parser = parser
        self.params: Params = project.params
        self.raw = project.raw(period)
        self.register = TryRegister(project, period)
        self.replace_counted = replace_counted
        self.names = name_units(self.params.units_of(period).values())
        declared = (self.params.folder / f"{period}.yaml").exists()
        self.treatments = self.params.period(period).treatments if declared else {}
        self.frozen = bool(list_editions(project, period))

    def go_on(self) -> None:
        """Decide on what a killed command had received and not decided on."""
        events = self.register.read()
        for owner in dict.fromkeys(event.owner for event in events if event.owner):
            last = last_event(events, owner, "received", "counted", "waiting")
            if last is None:
                continue
            current = self.current(owner)
            placed = current is not None and hash_file(current) == last.sha256
            if last.kind == "received" or (
                last.kind == "counted" and not placed and not self.was_touched(last, current)
            ):
                self.decide(replace(last, kind="received"), Path(last.name))

    def was_touched(self, counted: Event, current: Path | None) -> bool:
        """Return whether somebody has put another file in the place of what counted."""
        return current is not None and hash_file(current) != counted.replaces

    def take(self, path: Path) -> Taken:
        events = self.register.read()
        try:
            content = read_file(path)
        except WorkbookError as error:
            return self.put_aside(path, b"", explain_unreadable(error, path), events)
        sha256 = hash_bytes(content)
        known = next((event for event in events if event.sha256 == sha256 and event.kept), None)
        if known is not None:
            why = known.note if known.kind == "aside" else ""
            return Taken(path, "identical", known.owner, known.attempt, reason=why)
        book = self.read(path.name, content)
        if isinstance(book, WorkbookError):
            return self.put_aside(path, content, explain_unreadable(book, path), events)
        owner = recognise(book, path.name, self.params, self.period)
        if isinstance(owner, Stranger):
            return self.put_aside(path, content, owner.reason, events)
        self.keep_what_counts(owner.code, events)
        events = self.register.read()
        current = self.current(owner.code)
        if current is not None and hash_file(current) == sha256:
            same = last_event([e for e in events if e.sha256 == sha256], owner.code, "counted")
            return Taken(path, "identical", owner.code, same.attempt if same else 0)
        attempt = 1 + sum(event.kind == "received" and event.owner == owner.code for event in events)
        kept = f"{owner.code}/{attempt:02d}-{sha256[:8]}{path.suffix.lower()}"
        self.register.keep(content, kept)
        findings = self.check(book, owner)
        errors = sum(finding.severity == "error" for finding in findings)
        event = Event(
            time=now(),
            kind="received",
            owner=owner.code,
            attempt=attempt,
            name=path.name,
            sha256=sha256,
            kept=kept,
            errors=errors,
            warnings=len(findings) - errors,
            note=owner.doubt,
        )
        self.register.append([event])
        decided = self.decide(event, path, book=book, source=owner.source)
        return replace(decided, findings=findings, reason=decided.reason or owner.doubt)

    def read(self, name: str, content: bytes) -> Workbook | WorkbookError:
        return read_contents({name: content}, self.project.cache, parser=self.parser)[name]

    def check(self, book: Workbook, owner: Owner) -> tuple[Finding, ...]:
        unit = None if owner.source == self.params.house.folders.register else owner.code
        file = self.target(owner.source, owner.code)
        sender = Sender(
            file,
            self.period,
            self.params.house,
            unit,
            owner.level,
            zero=owner.code in self.treatments and self.treatments[owner.code].action == "zero",
            names=self.names if owner.level is not None else name_offices(self.params.offices),
        )
        taking = take_cells(book, owner.forms, sender, self.treatments)
        found = [*taking.findings, *read_submission(taking.workbook, owner.forms, sender).findings]
        return tuple(accept_contradictions(found, self.treatments)[0])

    def decide(self, event: Event, path: Path, *, book: Workbook | None = None, source: str = "") -> Taken:
        """Let a received try count, or wait."""
        source = source or self.source(event.owner)
        content = (self.register.kept / event.kept).read_bytes()
        current = self.current(event.owner)
        changes: list[Change] = []
        reason = ""
        if current is not None:
            changes = self.changes(current, content, book)
            before = self.counted_event(event.owner)
            clean = before is not None and before.errors == 0
            if clean and not self.replace_counted:
                reason = _(
                    "an earlier one without errors counts; 'baocao collect {period} --take {code}' lets this one count",
                    period=self.period,
                    code=event.owner,
                )
        if self.frozen:
            reason = _("{period} was issued; it counts only for a correction", period=self.period)
        state: State = "waiting" if reason else "counted"
        replaces = hash_file(current) if current is not None else ""
        note = join(part for part in (event.note, reason, _tell_changes(changes)) if part)
        self.register.append([replace(retell(event, state, note), replaces=replaces)])  # type: ignore[arg-type]
        if state == "counted":
            target = current or self.raw / self.target(source, event.owner)
            write_atomically(target, content)
        return Taken(path, state, event.owner, event.attempt, (), tuple(changes), reason)

    def changes(self, current: Path, content: bytes, book: Workbook | None) -> list[Change]:
        before = self.read(current.name, current.read_bytes())
        after = book or self.read(current.name, content)
        if isinstance(before, WorkbookError) or isinstance(after, WorkbookError):
            return []
        return compare_books(before, after, current.relative_to(self.raw).as_posix())

    def counted_event(self, owner: str) -> Event | None:
        return last_event(self.register.read(), owner, "counted")

    def keep_what_counts(self, owner: str, events: Sequence[Event]) -> None:
        """Note a submission that was put into the folder by hand, so that it is not lost when another counts."""
        current = self.current(owner)
        if current is None:
            return
        sha256 = hash_file(current)
        if any(event.sha256 == sha256 and event.owner == owner for event in events):
            return
        attempt = 1 + sum(event.kind == "received" and event.owner == owner for event in events)
        content = current.read_bytes()
        kept = f"{owner}/{attempt:02d}-{sha256[:8]}{current.suffix.lower()}"
        self.register.keep(content, kept)
        book = self.read(current.name, content)
        findings: tuple[Finding, ...] = ()
        if not isinstance(book, WorkbookError):
            known = recognise(book, current.name, self.params, self.period)
            findings = self.check(book, known) if isinstance(known, Owner) else ()
        errors = sum(finding.severity == "error" for finding in findings)
        errors = errors or int(isinstance(book, WorkbookError))
        event = Event(
            now(), "received", owner, attempt, current.name, sha256, kept, errors, len(findings) - errors,
            note=_("it lay in the folder already"),
        )  # fmt: skip
        self.register.append([event, retell(event, "counted")])

    def put_aside(self, path: Path, content: bytes, reason: str, events: Sequence[Event]) -> Taken:
        sha256 = hash_bytes(content)
        if any(
            event.sha256 == sha256 and event.kind == "aside" and event.name == path.name for event in events
        ):
            return Taken(path, "identical", reason=reason)
        kept = f"-/{sha256[:8]}-{slug(path.stem, '-') or 'x'}{path.suffix.lower()}"
        if content:
            self.register.keep(content, kept)
        owner = owner_of(path.name, [*self.params.units, *self.params.offices]) or ""
        event = Event(now(), "aside", owner, 0, path.name, sha256, kept if content else "", note=reason)
        self.register.append([event])
        return Taken(path, "aside", owner, reason=reason)

    # -- where things lie -----------------------------------------------------
    def source(self, code: str) -> str:
        folders = self.params.house.folders
        if code in self.params.units:
            return f"{folders.units}/{code}"
        return folders.register if code == folders.register else f"{folders.offices}/{code}"

    def target(self, source: str, code: str) -> str:
        """Return where a submission that counts lies, relative to the period's folder."""
        current = self.current(code)
        if current is not None:
            return current.relative_to(self.raw).as_posix()
        unit = self.params.units.get(code)
        return f"{source}-{slug(unit.name, '-')}.xlsx" if unit is not None else f"{source}.xlsx"

    def current(self, code: str) -> Path | None:
        """Return the file that counts for an owner; None where there is none."""
        source = self.source(code)
        folder = (self.raw / source).parent
        if not folder.is_dir():
            return None
        mine = [
            path
            for path in sorted(folder.iterdir())
            if not path.name.startswith(_PASSED_OVER) and self._owns(path.name, code) and path.is_file()
        ]
        return mine[0] if mine else None

    def _owns(self, name: str, code: str) -> bool:
        folders = self.params.house.folders
        if code == folders.register:
            return Path(name).stem == folders.register
        if owner_of(name, (code,)) is None:
            return False
        codes: Mapping[str, object] = self.params.units if code in self.params.units else self.params.offices
        return owner_of(name, codes) == code


def _tell_changes(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    shown = "; ".join(
        f"{change.cell.partition('#')[2]}: {change.before or '-'} → {change.after or '-'}"
        for change in changes[:MOST_CHANGES]
    )
    return _n("{count} cell changed: {cells}", "{count} cells changed: {cells}", len(changes), cells=shown)
