"""Make an issued edition again from its raw files, and say what is not the same and why."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from baocao.bundles import open_bundle
from baocao.differences import compare_files
from baocao.editions import (
    RECORD,
    Change,
    Edition,
    compare_hashes,
    hash_sources,
    hash_values,
    issued_folder,
    list_editions,
    list_periods,
    read_edition,
)
from baocao.errors import BaocaoError, InputError, ToolError, UsageError
from baocao.freshness import hash_file
from baocao.periods import Period, parse_period
from baocao.project import Project
from baocao.repository import Repository
from baocao.rerunning import Interpreter, Rerun, choose_interpreter, rerun
from baocao.tracing import FILE as TRACE_FILE
from baocao.tracing import Trace
from baocao.verdicts import Cause, Judge, Outputs, Verdict, count_verdicts, kind_of, list_makers

LOCK = "requirements.lock"
Say = Callable[[str], None]


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


@dataclass
class _Case:
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


def audit_period(
    project: Project,
    period: Period,
    *,
    number: int | None = None,
    today: bool = False,
    workers: int = 2,
    say: Say = lambda _: None,
) -> Audit:
    """
    Audit an issued edition against the raw files that lie here now.

    An edition that was corrected is made from the raw files of its own commit.

    Parameters
    ----------
    number
        The edition; None is the last one.
    today
        Run today's code, notebooks, parameters and environment, not those of then.

    Raises
    ------
    UsageError
        The period was not issued.
    InputError
        The record is damaged.
    """
    edition = read_edition(project, period, number)
    repository = Repository(project.root)
    with tempfile.TemporaryDirectory(prefix="baocao-audit-") as name:
        folder = Path(name)
        case = _Case(
            edition, issued_folder(project, period) / str(edition.number), folder / "then", [], [], [],
            "today" if today else "then",
        )  # fmt: skip
        _check_record(case, project, repository)
        if repository.has(edition.commit):
            repository.export(edition.commit, case.then)
            _check_commit(case)
        elif not today:
            failure = f"commit {edition.commit[:12]} is not in this repository; fetch its whole history"
            return _finish(case, None, failure)
        _compare_tree(case, project, repository, today=today)
        corrected = edition.number != list_editions(project, period)[-1]
        run = folder / "run"
        if today:
            _copy_sources(project.root, run, hash_sources(project.root, list_periods(edition.sources)))
        else:
            _copy_sources(case.then, run, edition.sources, raw=corrected)
            if corrected:
                case.notes.append(
                    "a later edition corrects this one; its raw files are taken from its own commit"
                )
            else:
                _copy_sources(
                    project.root,
                    run,
                    hash_sources(project.root, list_periods(edition.sources)),
                    raw=True,
                    rest=False,
                )
        return _run(case, run, folder, today=today, workers=workers, say=say)


def audit_bundle(path: Path, *, run_code: bool, workers: int = 2, say: Say = lambda _: None) -> Audit:
    """
    Audit an archive that somebody sent.

    Parameters
    ----------
    run_code
        Run the code and the notebooks in it; without, its hashes are checked
        and no value is.

    Raises
    ------
    InputError
        The archive is no bag of ours, or something in it is not what its
        hashes say; nothing was run.
    """
    with tempfile.TemporaryDirectory(prefix="baocao-audit-") as name:
        folder = Path(name)
        bundle = open_bundle(path, folder / "bundle")
        case = _Case(
            bundle.edition, bundle.issued, bundle.project, [], [], [], "then" if run_code else "nothing"
        )
        _check_trace(case)
        if not run_code:
            return _finish(case, None, "the code of the archive was not run; --run-code runs it")
        _copy_sources(bundle.project, folder / "run", bundle.edition.sources, raw=True)
        return _run(case, folder / "run", folder, today=False, workers=workers, say=say)


def audit_all(
    project: Project, *, today: bool = False, at_once: int = 2, say: Say = lambda _: None
) -> dict[str, Audit | BaocaoError]:
    """
    Audit the last edition of every issued period, some at a time.

    Returns
    -------
    dict
        By period, in order; an error where one could not be audited at all.

    Raises
    ------
    UsageError
        No period was issued.
    """
    names = sorted(path.parent.name for path in project.reports.glob("*-Q[1-4]/issued") if path.is_dir())
    periods = [period for period in map(parse_period, names) if list_editions(project, period)]
    if not periods:
        raise UsageError("no period was issued; 'baocao issue PERIOD' issues one.")

    def work(period: Period) -> Audit | BaocaoError:
        try:
            done = audit_period(
                project, period, today=today, workers=1, say=lambda text: say(f"{period}: {text}")
            )
        except BaocaoError as error:
            return error
        say(f"{period}: done")
        return done

    with ThreadPoolExecutor(at_once) as pool:
        return {str(period): found for period, found in zip(periods, pool.map(work, periods), strict=True)}


# -- what lies there -------------------------------------------------------------


def _check_record(case: _Case, project: Project, repository: Repository) -> None:
    path = case.issued / RECORD
    name = path.relative_to(project.root).as_posix()
    text = path.read_text(encoding="utf-8")
    committed = repository.read_text("HEAD", name)
    reasons: list[Change] = []
    if committed is None:
        case.notes.append(f"{name} is not committed, so nothing but its seal tells whether it was altered")
    elif committed != text:
        reasons = [
            Change(where=f"{name}#{key}", before=sides[0], after=sides[1])
            for key, sides in _compare_json(json.loads(committed), json.loads(text)).items()
        ] or [Change(where=name, before="as committed", after="other bytes")]
    if not case.edition.is_sealed:
        reasons = reasons or [
            Change(where=f"{name}#seal", before=case.edition.seal, after=case.edition.sealed().seal)
        ]
    if reasons:
        case.sources.append(
            Verdict(name, "altered", None, hash_file(path), tuple(reasons[:10]), "the record was altered")
        )
    _check_trace(case)
    known = {RECORD, *case.edition.outputs}
    for extra in sorted(p.relative_to(case.issued).as_posix() for p in case.issued.rglob("*") if p.is_file()):
        if extra not in known:
            added = Change(where=f"issued file {extra}", before=None, after="present")
            case.sources.append(
                Verdict(extra, "altered", None, hash_file(case.issued / extra), (added,), "not in the record")
            )


def _check_trace(case: _Case) -> None:
    """Hold the recorded values against the trace that the record vouches for."""
    path = case.issued / TRACE_FILE
    if not path.is_file() or hash_file(path) != case.edition.outputs.get(TRACE_FILE):
        return
    try:
        values = hash_values(json.loads(path.read_bytes()))
    except (ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{path.name} of the edition is what was recorded, but no trace: {error}.") from None
    for key in sorted({*values, *case.edition.values}):
        one, other = case.edition.values.get(key), values.get(key)
        if one != other:
            sides = [None if side is None else f"{side.number} {side.sha256[:12]}" for side in (other, one)]
            reason = Change(where=f"{RECORD}#values.{key}", before=sides[0], after=sides[1])
            case.sources.append(
                Verdict(RECORD, "altered", sides[0], sides[1], (reason,), "the record is not its own trace's")
            )


def _check_commit(case: _Case) -> None:
    held = hash_sources(case.then, list_periods(case.edition.sources))
    for path in compare_hashes(case.edition.sources, held):
        sides = case.edition.sources.get(path), held.get(path)
        reason = Change(where=f"{RECORD}#sources.{path}", before=sides[1], after=sides[0])
        case.sources.append(
            Verdict(path, "altered", sides[0], sides[1], (reason,), "the record and its commit differ")
        )


def _compare_tree(case: _Case, project: Project, repository: Repository, *, today: bool) -> None:
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
            note = "" if raw else "changed and not committed"
            case.sources.append(
                Verdict(
                    path, kind_of(path), edition.sources.get(path), now.get(path), tuple(changes[:10]), note
                )
            )
        else:
            moved += 1
    if moved:
        case.notes.append(f"{moved} file(s) of code, notebooks or parameters were changed by later commits")


def _copy_sources(
    source: Path, target: Path, names: Iterable[str], *, raw: bool = True, rest: bool = True
) -> None:
    for name in names:
        if (raw if name.startswith("data/raw/") else rest) and (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)


# -- making it again -----------------------------------------------------------


def _run(case: _Case, run: Path, folder: Path, *, today: bool, workers: int, say: Say) -> Audit:
    edition, period = case.edition, parse_period(case.edition.period)
    say("preparing the environment")
    try:
        interpreter = choose_interpreter(edition.environment, run / LOCK, folder / "environment", today=today)
    except ToolError as error:
        return _finish(case, None, f"the environment of then cannot be made: {error}; --today runs this one")
    case.causes += _environment_causes(interpreter)
    copy = folder / "again"
    shutil.copytree(run, copy)
    say("building from the raw files")
    made = rerun(run, period, edition.reports, interpreter, workers=workers)
    if made.error is not None:
        return _finish(case, None, f"the build stopped: {made.error}")
    audit = _finish(case, made)
    unexplained = {one.name for one in (*audit.values, *audit.files) if one.verdict == "cannot-check"}
    if not unexplained:
        return audit
    say("building a second time: something is different without a cause")
    again = rerun(copy, period, edition.reports, interpreter, workers=workers)
    return _say_random(audit, unexplained, made, again)


def _environment_causes(interpreter: Interpreter) -> list[Cause]:
    return [Cause("environment", interpreter.changes)] if interpreter.changes else []


def _say_random(audit: Audit, unexplained: set[str], first: Rerun, second: Rerun) -> Audit:
    """Tell chance from a difference that stays: what two builds of one thing do not share is not deterministic."""
    values = [_read_values(one.output) for one in (first, second)] if second.error is None else [{}, {}]

    def judge(one: Verdict) -> Verdict:
        if one.name not in unexplained:
            return one
        files = [side.output / one.name for side in (first, second)]
        hashes = [hash_file(file) if file.is_file() else None for file in files]
        if hashes[0] != hashes[1] or values[0].get(one.name) != values[1].get(one.name):
            return replace(one, verdict="not-deterministic", note="two builds of the same thing differ")
        return replace(
            one, note=f"{one.note}, and a second build gives the same again: the record, or the machine"
        )

    return replace(audit, values=tuple(map(judge, audit.values)), files=tuple(map(judge, audit.files)))


def _read_values(output: Path) -> Mapping[str, Any]:
    try:
        return hash_values(json.loads((output / TRACE_FILE).read_bytes()))
    except (OSError, ValueError):
        return {}


def _finish(case: _Case, made: Rerun | None, failure: str = "") -> Audit:
    edition = case.edition
    period = parse_period(edition.period)
    sides = [
        _read_outputs(folder, period, Project(case.then))
        for folder in (case.issued, *([made.output] if made else []))
    ]
    judge = Judge(
        edition.values,
        edition.outputs,
        sides[0],
        sides[1] if made else None,
        case.causes,
        edition.period,
        failure,
    )
    return Audit(
        edition.period,
        edition.number,
        edition.commit,
        case.with_,
        tuple(judge.judge_values()),
        tuple(judge.judge_files()),
        tuple(case.sources),
        tuple(case.notes),
    )


def _read_outputs(folder: Path, period: Period, project: Project) -> Outputs:
    try:
        data = json.loads((folder / TRACE_FILE).read_bytes())
        return Outputs(folder, Trace(data, project, period), hash_values(data), list_makers(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, BaocaoError):
        return Outputs(folder, None)


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


# -- for people ------------------------------------------------------------------


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
        unknown = Counter(one.note for one in verdicts if one.verdict == "cannot-check" and not one.reasons)
        bad = [one for one in verdicts if not one.good and (one.verdict != "cannot-check" or one.reasons)]
        lines += [f"  {count} {title}(s) cannot be checked: {note}" for note, count in unknown.items()]
        lines += [line for one in bad[:most] for line in _print_verdict(title, one)]
        if len(bad) > most:
            lines.append(f"  … {len(bad) - most} more {title}s; --json lists them all")
    lines.append(
        "  all values are identical"
        if audit.identical
        else "  not all values are identical, or they cannot be checked"
    )
    return lines


def _print_verdict(title: str, one: Verdict) -> list[str]:
    numbers = f": {one.before} -> {one.after}" if title == "value" else ""
    lines = [
        f"  {title} {one.name}{numbers}: {one.verdict.replace('-', ' ')}{f' ({one.note})' if one.note else ''}"
    ]
    return lines + [f"    {reason}" for reason in one.reasons[:5]]


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
