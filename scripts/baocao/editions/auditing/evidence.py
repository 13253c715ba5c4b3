"""What lies there of an issued edition, held against its record: the record itself, its files, its commit, the sources."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baocao.building.build import RUN_FILE
from baocao.editions.auditing.verdicts import Cause, Verdict, kind_of
from baocao.editions.differences import compare_files
from baocao.editions.record import Change, Edition, hash_values
from baocao.editions.signed.copies import FOLDER as COPIES
from baocao.editions.signed.copies import check_copies, list_copies, read_copy
from baocao.project.errors import InputError, TraceError
from baocao.project.files import is_litter
from baocao.project.folder import Project
from baocao.project.frozen import (
    RECORD,
    compare_hashes,
    hash_sources,
    list_editions,
    list_periods,
)
from baocao.project.git import Repository
from baocao.project.hashes import hash_file
from baocao.project.keys import SUFFIX, read_signature
from baocao.project.language import _
from baocao.project.periods import parse_period
from baocao.tracing.record import FILE as TRACE_FILE
from baocao.tracing.record import parse_trace


@dataclass
class Case:
    """
    What is to be made again.

    Parameters
    ----------
    then
        A project folder as it was; empty where it cannot be had.
    causes
        What of the folder that will run is not as recorded.
    """

    edition: Edition
    issued: Path
    then: Path
    causes: list[Cause]
    sources: list[Verdict]
    notes: list[str]
    with_: str


def check_record(case: Case, project: Project, repository: Repository) -> None:
    """
    Hold the record against every commit that added it and the last one, and name the issued files that it does not.

    No commit has the right to change a record.
    """
    path = case.issued / RECORD
    name = path.relative_to(project.root).as_posix()
    text = path.read_bytes().decode("utf-8", "replace")
    last = repository.read_text("HEAD", name)
    reasons: list[Change] = []
    if last is None:
        case.notes.append(
            _("{name} is not committed, so nothing but its seal tells whether it was altered", name=name)
        )
    for committed in (*repository.list_added_texts(name), last):
        # By words: git may have changed the ends of lines.
        if committed is not None and committed.split() != text.split():
            reasons = reasons or _compare_records(name, committed, text)
    if not case.edition.is_sealed:
        reasons = reasons or [
            Change(where=f"{name}#seal", before=case.edition.seal, after=case.edition.sealed().seal)
        ]
    if reasons:
        case.sources.append(
            Verdict(name, "altered", None, hash_file(path), tuple(reasons[:10]), _("the record was altered"))
        )
    check_trace(case)
    check_signature(case, path, name)
    _check_copies(case)
    copies = {
        f"{COPIES}/{path.stem}{kind}" for path in list_copies(case.issued) for kind in (".json", ".pdf")
    }
    known = {RECORD, RECORD + SUFFIX, *case.edition.outputs, *copies}
    for extra in sorted(p.relative_to(case.issued).as_posix() for p in case.issued.rglob("*") if p.is_file()):
        if extra not in known and not is_litter(extra):
            added = Change(where=_("issued file {extra}", extra=extra), before=None, after="present")
            case.sources.append(
                Verdict(
                    extra, "altered", None, hash_file(case.issued / extra), (added,), _("not in the record")
                )
            )


def check_signature(case: Case, path: Path, name: str) -> None:
    """Check the signature beside a record or an archive; says who signed, or that nobody did."""
    signature = read_signature(path)
    if signature is None:
        case.notes.append(
            _("{name} bears no signature: nothing but git and its seal vouches for it", name=name)
        )
    elif signature.good:
        case.notes.append(_("{name} was signed by {signature}", name=name, signature=signature))
    else:
        reason = Change(where=name + SUFFIX, before=str(signature) or None, after=None)
        note = _("it is not what was signed, or the signature is damaged")
        case.sources.append(Verdict(name, "altered", None, hash_file(path), (reason,), note))


def _check_copies(case: Case) -> None:
    """Check the signed copies kept with the edition as if they came back today; names who signed."""
    for finding in check_copies(case.edition, case.issued):
        reason = Change(where=finding.cells[0], before=finding.expected or None, after=finding.got or None)
        case.sources.append(Verdict(finding.cells[0], "altered", None, None, (reason,), finding.message))
    for path in list_copies(case.issued):
        with suppress(InputError):  # it was told above
            copy = read_copy(path)
            case.notes.append(
                _(
                    "{report} was signed by {signers}",
                    report=copy.report,
                    signers="; ".join(map(str, copy.signatures)),
                )
            )


def check_trace(case: Case) -> None:
    """
    Hold what the record says against the trace and the run that it vouches for.

    Raises
    ------
    InputError
        They are what was recorded, but cannot be read.
    """
    edition = case.edition
    trace, run_content = (_read_vouched(case, name) for name in (TRACE_FILE, RUN_FILE))
    said: dict[str, Any] = {}
    made: dict[str, Any] = {}
    try:
        if trace is not None:
            record = parse_trace(trace, TRACE_FILE)
            values = hash_values(record)
            for key in sorted({*values, *edition.values}):
                pair = (values.get(key), edition.values.get(key))
                if pair[0] != pair[1]:
                    made[f"values.{key}"], said[f"values.{key}"] = (
                        None if side is None else f"{side.number} {side.unit} {side.sha256[:12]}"
                        for side in pair
                    )
            made["reports"], said["reports"] = list(record.reports), list(edition.reports)
        if run_content is not None:
            run = json.loads(run_content)
            made["environment.python"], said["environment.python"] = run["python"], edition.environment.python
            made["environment.engine"], said["environment.engine"] = (
                run["engine"]["name"],
                edition.environment.engine,
            )
            made["environment.versions"], said["environment.versions"] = (
                run["engine"]["versions"],
                edition.environment.versions,
            )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, TraceError) as error:
        raise InputError(
            _(
                "{trace_file} or {run_file} of the edition is what was recorded, but damaged: {error}.",
                trace_file=TRACE_FILE,
                run_file=RUN_FILE,
                error=error,
            )
        ) from None
    for key, (before, after) in _compare_json(made, said).items():
        reason = Change(where=f"{RECORD}#{key}", before=before, after=after)
        case.sources.append(
            Verdict(
                RECORD, "altered", before, after, (reason,), _("the record is not its own trace's or run's")
            )
        )


def _read_vouched(case: Case, name: str) -> bytes | None:
    """Read an issued file; None where it is not the one that the record names."""
    path = case.issued / name
    if not path.is_file() or hash_file(path) != case.edition.outputs.get(name):
        return None
    return path.read_bytes()


def check_commit(case: Case) -> None:
    """Hold the record against the commit that it names."""
    held = hash_sources(case.then, list_periods(case.edition.sources))
    for path in compare_hashes(case.edition.sources, held):
        sides = case.edition.sources.get(path), held.get(path)
        reason = Change(where=f"{RECORD}#sources.{path}", before=sides[1], after=sides[0])
        case.sources.append(
            Verdict(path, "altered", sides[0], sides[1], (reason,), _("the record and its commit differ"))
        )


def compare_tree(case: Case, project: Project, repository: Repository, *, today: bool) -> None:
    """
    Hold the project's files against the record.

    Raw files may never differ. What else differs is a cause only where it
    runs, and a fault only where git does not know it: work on a later quarter
    is committed.
    """
    edition = case.edition
    now = hash_sources(project.root, list_periods(edition.sources))
    uncommitted = set(repository.list_uncommitted())
    corrected = edition.number != list_editions(project, parse_period(edition.period))[-1]
    moved = 0
    for path in compare_hashes(edition.sources, now):
        raw = path.startswith("data/raw/")
        if raw and corrected and not today:
            continue
        files = [root / path for root in (case.then, project.root)]
        sides = [file.read_bytes() if file.is_file() else None for file in files]
        changes = compare_files(path, sides[0], sides[1], edition.period) if case.then.is_dir() else []
        changes = changes or [Change(where=path, before=edition.sources.get(path), after=now.get(path))]
        if raw or today:
            case.causes.append(Cause(path, tuple(changes)))
        if raw or path in uncommitted:
            note = "" if raw else _("changed and not committed")
            case.sources.append(
                Verdict(
                    path, kind_of(path), edition.sources.get(path), now.get(path), tuple(changes[:10]), note
                )
            )
        else:
            moved += 1
    if moved:
        case.notes.append(
            _("{moved} file(s) of code, notebooks or parameters were changed by later commits", moved=moved)
        )


def _compare_records(name: str, committed: str, text: str) -> list[Change]:
    try:
        entries = _compare_json(json.loads(committed), json.loads(text))
    except (ValueError, RecursionError):
        entries = {}
    found = [Change(where=f"{name}#{key}", before=one, after=other) for key, (one, other) in entries.items()]
    return found or [Change(where=name, before=_("as committed"), after=_("other bytes"))]


def _compare_json(before: Any, after: Any, name: str = "") -> dict[str, tuple[str | None, str | None]]:
    if isinstance(before, dict) and isinstance(after, dict):
        found: dict[str, tuple[str | None, str | None]] = {}
        for key in sorted({*before, *after}):
            found |= _compare_json(before.get(key), after.get(key), f"{name}.{key}" if name else key)
        return found
    return {} if before == after else {name: (_spell(before), _spell(after))}


def _spell(value: Any) -> str | None:
    return (
        None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    )
