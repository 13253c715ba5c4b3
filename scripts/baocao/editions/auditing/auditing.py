"""Make an issued edition again from its raw files, and say what is not the same and why."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from baocao.editions.archiving.bundles import open_bundle
from baocao.editions.auditing.audit import Audit
from baocao.editions.auditing.evidence import (
    Case,
    check_commit,
    check_record,
    check_signature,
    check_trace,
    compare_tree,
)
from baocao.editions.auditing.rerunning import Interpreter, Rerun, choose_interpreter, rerun
from baocao.editions.auditing.verdicts import Cause, Judge, Outputs, Verdict, list_makers
from baocao.editions.issuing import LOCK, check_kept
from baocao.editions.record import hash_values, read_edition
from baocao.project.errors import BaocaoError, InputError, ToolError, UsageError
from baocao.project.folder import Project
from baocao.project.frozen import RECORD, hash_sources, issued_folder, list_editions, list_periods
from baocao.project.git import Repository
from baocao.project.hashes import hash_file
from baocao.project.language import _
from baocao.project.periods import SPELLING, Period, parse_period
from baocao.project.processes import Failure, run_side_by_side
from baocao.project.temporary import temporary_folder
from baocao.tracing.record import FILE as TRACE_FILE
from baocao.tracing.record import parse_trace
from baocao.tracing.trace import Trace

Say = Callable[[str], None]


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
        The record is damaged, or an edition of the period is gone.
    """
    repository = Repository(project.root)
    check_kept(project, period, repository)
    edition = read_edition(project, period, number)
    with temporary_folder("audit") as folder:
        case = Case(
            edition, issued_folder(project, period) / str(edition.number), folder / "then", [], [], [],
            "today" if today else "then",
        )  # fmt: skip
        check_record(case, project, repository)
        if repository.has(edition.commit):
            repository.export(edition.commit, case.then)
            check_commit(case)
        elif not today:
            failure = _(
                "commit {commit} is not in this repository; fetch its whole history",
                commit=edition.commit[:12],
            )
            return _finish(case, None, failure)
        compare_tree(case, project, repository, today=today)
        corrected = edition.number != list_editions(project, period)[-1]
        run = folder / "run"
        if today:
            _copy_sources(project.root, run, hash_sources(project.root, list_periods(edition.sources)))
        else:
            _copy_sources(case.then, run, edition.sources, raw=corrected)
            if corrected:
                case.notes.append(
                    _("a later edition corrects this one; its raw files are taken from its own commit")
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
    with temporary_folder("audit") as folder:
        bundle = open_bundle(path, folder / "bundle")
        case = Case(
            bundle.edition, bundle.issued, bundle.project, [], [], [], "then" if run_code else "nothing"
        )
        check_trace(case)
        if path.is_file():
            check_signature(case, path, path.name)
        case.notes.append(_("every file of the archive is what its record says; it vouches for itself only"))
        if not run_code:
            return _finish(case, None, _("the code of the archive was not run; --run-code runs it"))
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
    repository = Repository(project.root)
    folders = [path.relative_to(project.root).as_posix() for path in project.reports.glob("*/issued/*")]
    known = [*folders, *repository.list_added(f"reports/*/issued/*/{RECORD}")]
    names = {match[1] for path in known if (match := re.match(rf"reports/({SPELLING})/issued/\d", path))}
    if not names:
        raise UsageError(_("no period was issued; 'baocao issue PERIOD' issues one."))
    found: dict[str, Audit | BaocaoError] = {}
    task = partial(_audit_last, project, today)
    for name, audit in run_side_by_side(task, sorted(names), at_once):
        found[name] = InputError(str(audit)) if isinstance(audit, Failure) else audit
        say(_("{name}: done", name=name))
    return found


def _audit_last(project: Project, today: bool, name: str) -> Audit:
    return audit_period(project, parse_period(name), today=today, workers=1)


def _copy_sources(
    source: Path, target: Path, names: Iterable[str], *, raw: bool = True, rest: bool = True
) -> None:
    for name in names:
        if (raw if name.startswith("data/raw/") else rest) and (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)


# -- making it again -----------------------------------------------------------


def _run(case: Case, run: Path, folder: Path, *, today: bool, workers: int, say: Say) -> Audit:
    edition, period = case.edition, parse_period(case.edition.period)
    say(_("preparing the environment"))
    try:
        interpreter = choose_interpreter(edition.environment, run / LOCK, folder / "environment", today=today)
    except ToolError as error:
        return _finish(
            case,
            None,
            _("the environment of then cannot be made: {error}; --today runs this one", error=error),
        )
    case.causes += _environment_causes(interpreter)
    copy = folder / "again"
    shutil.copytree(run, copy)
    say(_("building from the raw files"))
    made = rerun(run, period, edition.reports, interpreter, workers=workers)
    if made.error is not None:
        return _finish(case, None, _("the build stopped: {error}", error=made.error))
    audit = _finish(case, made)
    unexplained = {one.name for one in (*audit.values, *audit.files) if one.verdict == "cannot-check"}
    if not unexplained:
        return audit
    say(_("building a second time: something is different without a cause"))
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
            return replace(one, verdict="not-deterministic", note=_("two builds of the same thing differ"))
        return replace(
            one,
            note=_(
                "{note}, and a second build gives the same again: the record, or the machine", note=one.note
            ),
        )

    return replace(audit, values=tuple(map(judge, audit.values)), files=tuple(map(judge, audit.files)))


def _read_values(output: Path) -> Mapping[str, Any]:
    try:
        return hash_values(parse_trace((output / TRACE_FILE).read_bytes(), TRACE_FILE))
    except (OSError, BaocaoError):
        return {}


def _finish(case: Case, made: Rerun | None, failure: str = "") -> Audit:
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
        record = parse_trace((folder / TRACE_FILE).read_bytes(), TRACE_FILE)
        return Outputs(folder, Trace(record, project, period), hash_values(record), list_makers(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, BaocaoError):
        return Outputs(folder, None)
