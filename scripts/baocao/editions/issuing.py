"""Freeze an edition: what it was made of, what it says, and the files themselves."""

from __future__ import annotations

import json
import platform
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

import baocao
from baocao.building.build import RUN_FILE, Progress, Silent, build
from baocao.documents.engines.base import FORMATS
from baocao.editions.differences import compare_files, list_pins, spell_package
from baocao.editions.record import SCHEMA, Change, Edition, Environment, Recorded, hash_values, read_edition
from baocao.project.errors import InputError, UsageError
from baocao.project.files import write_atomically
from baocao.project.folder import Project
from baocao.project.frozen import RECORD, compare_hashes, hash_sources, issued_folder, list_editions
from baocao.project.git import Repository
from baocao.project.hashes import hash_file
from baocao.project.keys import Key, sign_file
from baocao.project.language import _
from baocao.project.periods import Period, parse_period, split_file
from baocao.project.temporary import temporary_folder
from baocao.reviewing.signing import Standing, list_standings
from baocao.tracing.record import FILE as TRACE_FILE
from baocao.tracing.record import TraceRecord, parse_trace

CODE = ("baocao", "baocao_houses")
"""The packages under ``scripts`` that an edition is made by; a house of another distribution is pinned by the lock."""

LOCK = "requirements.lock"


@dataclass(frozen=True)
class Issued:
    """An edition that was issued, and the folder it lies in."""

    edition: Edition
    folder: Path


def issue(
    project: Project,
    period: Period,
    *,
    correction: str | None = None,
    engine: Literal["auto", "quarto", "embedded"] = "auto",
    workers: int = 2,
    progress: Progress | None = None,
    key: Key | None = None,
) -> Issued:
    """
    Build every report of a period and freeze it as an edition.

    Parameters
    ----------
    correction
        Why the last edition is replaced; None for a first edition.
    key
        Signs the record; None leaves it unsigned.

    Raises
    ------
    UsageError
        The project is no clean git repository, does not hold the code that
        runs, or the packages that its lock pins are not those installed; it
        was issued already, is being issued, or there is nothing to correct.
    InputError
        An edition that was issued is gone.
    BaocaoError
        As a build raises them.
    """
    output = project.output(period)
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / ".issuing.lock")
    try:
        with lock.acquire(timeout=0):
            issued = _issue(project, period, correction, engine, workers, progress or Silent())
            if key is not None:
                sign_file(issued.folder / RECORD, key)
            return issued
    except Timeout:
        raise UsageError(
            _("{period} is being issued by another process; wait until it is done.", period=period)
        ) from None


def _issue(
    project: Project,
    period: Period,
    correction: str | None,
    engine: Literal["auto", "quarto", "embedded"],
    workers: int,
    progress: Progress,
) -> Issued:
    repository = Repository(project.root)
    check_kept(project, period, repository)
    known = list_editions(project, period)
    _check_wanted(period, known, correction)
    dirty = repository.list_uncommitted()
    if dirty:
        more = f"\n  … {len(dirty) - 20} more" if len(dirty) > 20 else ""
        listed = "\n".join(f"  {path}" for path in dirty[:20])
        raise UsageError(
            _(
                "{count} file(s) are not committed, so nobody could make the edition again:\n{listed}{more}",
                count=len(dirty),
                listed=listed,
                more=more,
            )
        )
    _check_code(project)
    _check_installed(project.root / LOCK)
    commit = repository.head
    build(
        project,
        period,
        engine=engine,
        workers=workers,
        progress=progress,
        frozen=correction is None,
    )
    output = project.output(period)
    trace = parse_trace((output / TRACE_FILE).read_bytes(), str(output / TRACE_FILE))
    record = json.loads((output / RUN_FILE).read_text(encoding="utf-8"))
    sources = _hash_committed(project, period, repository, [*record["inputs"], *record["narrative"]])
    names = list_outputs(project, trace)
    edition = Edition(
        schema_=SCHEMA,
        period=str(period),
        number=known[-1] + 1 if known else 1,
        correction=correction,
        changed=(),
        commit=commit,
        version=baocao.__version__,
        reports=trace.reports,
        sources=sources,
        environment=describe_environment(project.root / LOCK, record["engine"]),
        values=hash_values(trace),
        outputs={name: hash_file(output / name) for name in names},
        signed=list_signed(list_standings(project, period)),
    )
    if known:
        edition = _list_changed(project, period, repository, edition)
    if repository.list_uncommitted() or repository.head != commit:
        raise UsageError(_("the repository was changed while the edition was made; run the command again."))
    return Issued(edition.sealed(), _freeze(project, period, edition.sealed()))


def _check_wanted(period: Period, known: list[int], correction: str | None) -> None:
    if known and correction is None:
        raise UsageError(
            _(
                "{period} was issued (edition {known}); a further edition corrects it: 'baocao issue {period} --correction WHY'.",
                period=period,
                known=known[-1],
            )
        )
    if correction is not None and not correction.strip():
        raise UsageError(_("expected the reason of the correction, got an empty text."))
    if not known and correction is not None:
        raise UsageError(
            _(
                "{period} was not issued yet, so there is nothing to correct; leave out --correction.",
                period=period,
            )
        )


def _check_code(project: Project) -> None:
    if not (project.root / "scripts" / CODE[0]).is_dir():
        raise UsageError(
            _(
                "{root} does not hold the code that makes its reports, so nobody could make the edition again: 'baocao init {folder} --code' puts it there; commit it, run 'make install', and issue with .venv/bin/baocao.",
                root=project.root,
                folder=shlex.quote(str(project.root)),
            )
        )
    for package in CODE:
        own, here = Path(baocao.__file__).parents[1] / package, project.root / "scripts" / package
        if hash_package(own) != hash_package(here):
            raise UsageError(
                _(
                    "the code that runs ({own}) is not that of {here}, so the commit would not tell what made the edition; run the project's own baocao.",
                    own=own,
                    here=here,
                )
            )


def _check_installed(lock: Path) -> None:
    pinned, installed = list_pins(lock.read_text(encoding="utf-8")), list_installed()
    differing = [
        f"  {name}: expected {version}, got {installed[name]}"
        for name, version in pinned.items()
        if name in installed and installed[name] not in version.split(", ")
    ]
    if differing:
        listed = "\n".join(differing)
        raise UsageError(
            _(
                "what is installed is not what {name} pins, so nobody could make the edition again:\n{listed}\nRun 'make install'.",
                name=lock.name,
                listed=listed,
            )
        )


def check_kept(project: Project, period: Period, repository: Repository) -> None:
    """
    Refuse a period of which an edition that was committed is gone.

    Raises
    ------
    InputError
        A record is missing; each is named.
    """
    folder = issued_folder(project, period).relative_to(project.root).as_posix()
    added = repository.list_added(f"{folder}/*/{RECORD}")
    gone = [path for path in added if not (project.root / path).is_file()]
    if gone:
        raise InputError(
            _(
                "{gone} is missing, though it was issued and committed: restore it with git ('git log -- {first}' says where it is).",
                gone=", ".join(gone),
                first=gone[0],
            )
        )


def hash_package(folder: Path) -> dict[str, str]:
    """Hash the Python files of a package by their path in it."""
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in sorted(folder.rglob("*.py"))}


def _hash_committed(
    project: Project, period: Period, repository: Repository, inputs: Iterable[str]
) -> dict[str, str]:
    """Hash the sources; other periods count only where figures of theirs are counted."""
    others = (split_file(name)[0] for name in inputs)
    periods = {str(period), *(str(other) for other in others if other is not None)}
    sources = hash_sources(project.root, periods)
    with temporary_folder() as folder:
        committed = folder / "committed"
        repository.export("HEAD", committed)
        differing = compare_hashes(sources, hash_sources(committed, periods))
    read = {project.raw_file(period, name).relative_to(project.root).as_posix() for name in inputs}
    differing = sorted({*differing, *(read - sources.keys())})
    if differing:
        # Ignored files, files git was told to look away from, folders that are links.
        raise UsageError(
            _(
                "the edition is made of {count} file(s) that the commit does not hold as they are here: {differing}.",
                count=len(differing),
                differing=", ".join(differing[:10]),
            )
        )
    return sources


def list_outputs(project: Project, trace: TraceRecord) -> list[str]:
    """Name the files of an edition, from the period's output folder: documents, charts, notebooks, records."""
    names = {TRACE_FILE, RUN_FILE}
    for report in trace.reports:
        names |= {f"{report}.{kind}" for kind in (*FORMATS, "qmd", "trace.json")}
        names |= {
            f"notebooks/{name}.ipynb"
            for name in project.params.report(report, parse_period(trace.period)).notebooks
        }
    names |= {f"{annex.report}.xlsx" for annex in trace.annexes}
    pictures = project.house.folders.pictures
    names |= {f"{pictures}/{chart.id}.{kind}" for chart in trace.charts for kind in ("png", "svg")}
    return sorted(names)


def list_signed(standings: Iterable[Standing]) -> dict[str, tuple[str, ...]]:
    """
    Return who approved each section; a stale approval is of something else, and counts as none.

    Examples
    --------
    >>> list_signed([Standing("kstthc/I.7", "open")])
    {'kstthc/I.7': ()}
    """
    return {
        one.section: tuple(
            ", ".join(filter(None, (each.by, each.at, each.signer))) for each in one.signatures
        )
        if one.state == "signed"
        else ()
        for one in standings
    }


def describe_environment(lock: Path, engine: Mapping[str, Any]) -> Environment:
    """Return what runs here: Python, system, the installed versions of what the lock pins, and the engine."""
    pinned = list_pins(lock.read_text(encoding="utf-8"))
    return Environment(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        packages={name: version for name, version in list_installed().items() if name in pinned},
        engine=engine["name"],
        versions=dict(engine["versions"]),
    )


def list_installed() -> dict[str, str]:
    """Return the versions of what is installed here, by the package's name."""
    # What an installation that was cut short left has no name.
    named = ((one.metadata["Name"], one.version) for one in distributions())
    return dict(sorted((spell_package(name), version) for name, version in named if name))


def _list_changed(project: Project, period: Period, repository: Repository, edition: Edition) -> Edition:
    """Add what is not as in the edition before: sources as finely as can be told, then values."""
    before = read_edition(project, period)
    changed: list[Change] = []
    differing = compare_hashes(before.sources, edition.sources)
    if not differing and before.environment == edition.environment:
        raise UsageError(
            _(
                "nothing is different from edition {number}: there is nothing to correct.",
                number=before.number,
            )
        )
    with temporary_folder() as folder:
        then = folder / "then"
        if not repository.has(before.commit):  # a shallow copy: what changed in a file cannot be said
            changed += [
                Change(where=path, before=before.sources.get(path), after=edition.sources.get(path))
                for path in differing
            ]
            differing = []
        else:
            repository.export(before.commit, then)
        for path in differing:
            sides = [root / path for root in (then, project.root)]
            contents = [side.read_bytes() if side.is_file() else None for side in sides]
            changed += compare_files(path, contents[0], contents[1], str(period))
    changed += compare_environments(before.environment, edition.environment)
    changed += compare_values(before.values, edition.values)
    return edition.model_copy(update={"changed": tuple(changed)})


def compare_environments(before: Environment, after: Environment) -> list[Change]:
    """Name what of Python, the system, the engine and the packages is not the same."""
    sides = [
        {"python": one.python, "system": one.system, "engine": one.engine}
        | {f"engine#{name}": version for name, version in one.versions.items()}
        | {f"{LOCK}#{name}": version for name, version in one.packages.items()}
        for one in (before, after)
    ]
    return [
        Change(where=where, before=sides[0].get(where), after=sides[1].get(where))
        for where in compare_hashes(*sides)
    ]


def compare_values(before: Mapping[str, Recorded], after: Mapping[str, Recorded]) -> list[Change]:
    """Name the values that are not the same number, or not in both."""
    changes = []
    for key in sorted({*before, *after}):
        numbers = [side[key].number if key in side else None for side in (before, after)]
        if numbers[0] != numbers[1] or (key in before) != (key in after):
            changes.append(Change(where=f"value {key}", before=numbers[0], after=numbers[1]))
    return changes


def _freeze(project: Project, period: Period, edition: Edition) -> Path:
    """Put the files and the record into a folder of their own, whole or not at all."""
    target = issued_folder(project, period) / str(edition.number)
    # Where git looks away: what a killed run leaves here must not make the repository dirty.
    staging = project.output(period) / f".issuing-{edition.number}"
    shutil.rmtree(staging, ignore_errors=True)
    for name in edition.outputs:
        (staging / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.output(period) / name, staging / name)
    write_atomically(staging / RECORD, edition.dump())
    target.parent.mkdir(exist_ok=True)
    staging.replace(target)
    return target
