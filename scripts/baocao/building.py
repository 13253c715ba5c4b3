"""A quarter from raw files to finished reports: only what is out of date, and why."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from filelock import FileLock, Timeout

import baocao
from baocao.coverage import Coverage, measure_coverage
from baocao.errors import InputError, NotebookError, UntracedError
from baocao.findings import Finding
from baocao.params import SectionSpec
from baocao.periods import Period
from baocao.project import Project
from baocao.rendering import Engine, choose_engine, render_report
from baocao.running import Job, Outcome, run_notebooks
from baocao.stitching import Stitched, make_recogniser, merge_values, stitch
from baocao.tables import Tables, read_tables
from baocao.tracing import FILE as TRACE_FILE
from baocao.tracing import Trace, dump_json, make_trace, write_atomically

FORMATS = ("docx", "pdf", "html")
LOCK_FILE = ".building.lock"
STATE_FILE = ".state.json"
RUN_FILE = "run.json"
LOG_FILE = "build.log"
# What a notebook can reach; a change elsewhere re-runs no notebook.
NOTEBOOK_CODE = (
    "__init__", "cells", "charts", "citations", "errors", "findings", "forms", "params", "periods",
    "project", "sections", "tables", "values", "views", "wording", "reading",
)  # fmt: skip


class Progress(Protocol):
    """What a build tells while it works."""

    def say(self, text: str) -> None:
        """Say one line."""

    def start(self, total: int) -> None:
        """Say that ``total`` notebooks will run."""

    def begin(self, name: str) -> None:
        """Say that a section is handed to a kernel."""

    def advance(self, name: str, seconds: float, failed: bool) -> None:
        """Say that a section is done."""


class Silent:
    """A progress that says nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def start(self, total: int) -> None:
        """Say nothing."""

    def begin(self, name: str) -> None:
        """Say nothing."""

    def advance(self, name: str, seconds: float, failed: bool) -> None:
        """Say nothing."""


@dataclass
class Built:
    """
    What a build did.

    Parameters
    ----------
    ran
        Sections that ran, as ``report/key``, with the reason.
    rendered
        Reports that were rendered, with the reason.
    outputs
        The finished files, by report and format.
    findings
        What there is to say that does not stop a build.
    """

    ran: dict[str, str] = field(default_factory=dict)
    rendered: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, Path]] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    engine: str = ""


def build(
    project: Project,
    period: Period,
    *,
    reports: Sequence[str] | None = None,
    engine: Literal["auto", "quarto", "embedded"] = "auto",
    workers: int = 2,
    progress: Progress | None = None,
) -> Built:
    """
    Bring the reports of a period up to date.

    Parameters
    ----------
    reports
        Names from ``params/reports.yaml``; None builds all.

    Raises
    ------
    InputError
        Submissions cannot be used; all of them are listed.
    NotebookError
        A section failed; the results of the others are kept.
    UntracedError
        A report has a numeral without a trace; it names every one.
    """
    progress = progress or Silent()
    names = list(reports or project.params.reports)
    specs = [project.params.report(name) for name in names]
    project.params.period(period)
    output = project.output(period)
    output.mkdir(parents=True, exist_ok=True)
    with _only_build(output, progress):
        started = time.monotonic()
        _sweep(output)
        chosen = choose_engine(engine)
        tables = read_tables(project, period)
        if tables.unusable:
            raise InputError(_list_unusable(period, tables.unusable), findings=tables.unusable)
        state = _State(output / STATE_FILE)
        built = Built(findings=list(tables.findings), engine=_spell_engine(chosen))
        progress.say(f"engine: {built.engine}")
        jobs = [
            job
            for spec in specs
            for job in _find_jobs(project, period, spec.name, spec.notebooks, tables, state)
        ]
        failures = _run(project, period, jobs, tables, state, built, progress, workers)
        stitched = _stitch(project, period, specs_of(project), names, tables, failures, built)
        untraced = _finish(project, period, stitched, names, tables, chosen, state, built, progress)
        _write_log(output / LOG_FILE, built, time.monotonic() - started)
        if failures:
            listed = "\n".join(f"  {name}: {error}" for name, error in failures.items())
            first = next(iter(failures.values()))
            raise NotebookError(
                f"{len(failures)} section(s) failed, the others are done:\n{listed}",
                notebook=first.notebook,
                cell=first.cell,
                executed=first.executed,
            )
        if untraced:
            listed = "\n".join(f"  {finding}" for finding in untraced)
            raise UntracedError(f"{len(untraced)} numeral(s) without a trace:\n{listed}", findings=untraced)
        return built


def specs_of(project: Project) -> dict[str, tuple[SectionSpec, ...]]:
    """Give the sections with a notebook of every report, in order."""
    return {name: spec.notebooks for name, spec in project.params.reports.items()}


def executed_path(project: Project, period: Period, report: str, notebook: str) -> Path:
    """Say where the executed notebook of a section lies."""
    return project.output(period) / "notebooks" / report / f"{notebook}.ipynb"


# -- one build at a time -----------------------------------------------------


class _only_build:  # noqa: N801 used as a with-statement only
    def __init__(self, output: Path, progress: Progress) -> None:
        self.lock = FileLock(output / LOCK_FILE)
        self.progress = progress

    def __enter__(self) -> None:
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            self.progress.say("another build of this period is at work; waiting for it")
            self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def _sweep(output: Path) -> None:
    """Remove what a killed build was writing; nobody else writes while the lock is held."""
    for path in output.rglob(".*.*"):
        if path.is_file() and path.name not in (LOCK_FILE, STATE_FILE) and path.suffix[1:].isdigit():
            path.unlink(missing_ok=True)


class _State:
    """What the last build knew, to tell what is out of date; losing it costs a full build and nothing else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.data = {}
        for part in ("sections", "rendered", "parts"):
            if not isinstance(self.data.get(part), dict):
                self.data[part] = {}

    def save(self) -> None:
        write_atomically(self.path, dump_json(self.data))


# -- sections ----------------------------------------------------------------


@dataclass(frozen=True)
class _Planned:
    report: str
    section: SectionSpec
    source: Path
    target: Path
    reason: str

    @property
    def name(self) -> str:
        return f"{self.report}/{self.section.key}"


def _find_jobs(
    project: Project,
    period: Period,
    report: str,
    sections: Iterable[SectionSpec],
    tables: Tables,
    state: _State,
) -> list[_Planned]:
    planned = []
    for section in sections:
        source = project.notebooks / report / f"{section.notebook}.ipynb"
        target = executed_path(project, period, report, str(section.notebook))
        known = state.data["sections"].get(f"{report}/{section.key}")
        reason = _why(project, period, source, target, known, tables, state)
        if reason:
            planned.append(_Planned(report, section, source, target, reason))
    return planned


def _why(
    project: Project,
    period: Period,
    source: Path,
    target: Path,
    known: dict[str, Any] | None,
    tables: Tables,
    state: _State,
) -> str | None:
    """Say why a section must run; None where what it read and ran is unchanged."""
    if not source.is_file():
        return "its notebook is missing"
    if known is None or not target.is_file():
        return "not built yet"
    if known["target"] != hash_file(target):
        return "its executed notebook was changed by hand"
    if known["source"] != hash_file(source):
        return f"{source.name} changed"
    if known["code"] != hash_code(NOTEBOOK_CODE):
        return "the code that notebooks use changed"
    if known["environment"] != hash_environment(project):
        return "requirements.lock or the version of Python changed"
    for read, fingerprint in known["reads"].items():
        now = _fingerprint(project, period, read, tables)
        if now != fingerprint:
            return _explain_read(read, tables, state)
    return None


def _fingerprint(project: Project, period: Period, read: str, tables: Tables) -> str | None:
    kind, _, name = read.partition(":")
    if kind == "table":
        return tables.table(name).fingerprint if tables.has(name) else None
    path = project.raw(period) / name if kind == "narrative" else project.root / "params" / name
    return hash_file(path) if path.is_file() else None


def _explain_read(read: str, tables: Tables, state: _State) -> str:
    kind, _, name = read.partition(":")
    if kind != "table":
        return f"{name if kind == 'narrative' else f'params/{name}'} changed"
    before = state.data["parts"].get(name, {})
    now = tables.table(name).parts if tables.has(name) else {}
    changed = sorted(file for file in {*before, *now} if before.get(file) != now.get(file))
    if not changed or not before:
        return f"table {name} changed"
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"{', '.join(changed[:3])}{more} changed ({name})"


def _run(
    project: Project,
    period: Period,
    planned: Sequence[_Planned],
    tables: Tables,
    state: _State,
    built: Built,
    progress: Progress,
    workers: int,
) -> dict[str, NotebookError]:
    by_name = {plan.name: plan for plan in planned}
    failures: dict[str, NotebookError] = {}
    for plan in planned:
        progress.say(f"{plan.name}: {plan.reason}")
    if planned:
        progress.start(len(planned))

    def done(outcome: Outcome) -> None:
        plan = by_name[outcome.job.name]
        progress.advance(plan.name, outcome.seconds, outcome.error is not None)
        if outcome.error is not None:
            failures[plan.name] = outcome.error
            return
        built.ran[plan.name] = plan.reason
        state.data["sections"][plan.name] = {
            "source": hash_file(plan.source),
            "target": hash_file(plan.target),
            "code": hash_code(NOTEBOOK_CODE),
            "environment": hash_environment(project),
            "reads": read_reads(plan.target),
        }
        state.save()

    jobs = [
        Job(plan.name, plan.source, plan.target, {"period": str(period)}, project.root) for plan in planned
    ]
    run_notebooks(
        jobs,
        workers=workers,
        log=project.output(period) / LOG_FILE,
        on_start=lambda job: progress.begin(job.name),
        on_done=done,
    )
    state.data["parts"] = {name: tables.table(name).parts for name in project.params.forms if tables.has(name)}
    state.save()
    return failures


def read_reads(executed: Path) -> dict[str, str]:
    """Give what an executed notebook has read, with the fingerprints of then."""
    from baocao.stitching import read_parts

    reads: dict[str, str] = {}
    for part in read_parts(executed):
        reads.update(part["reads"])
    return reads


# -- documents ---------------------------------------------------------------


def _stitch(
    project: Project,
    period: Period,
    sections: Mapping[str, Sequence[SectionSpec]],
    names: Sequence[str],
    tables: Tables,
    failures: Mapping[str, NotebookError],
    built: Built,
) -> list[Stitched]:
    stitched = []
    for report, specs in sections.items():
        executed = {s.key: executed_path(project, period, report, str(s.notebook)) for s in specs}
        whole = all(path.is_file() for path in executed.values())
        if any(name.startswith(f"{report}/") for name in failures) or not whole:
            continue
        if report not in names and not (project.output(period) / f"{report}.qmd").is_file():
            continue
        one = stitch(project, period, report, executed, tables)
        built.findings += [finding for finding in one.findings if finding.code != "untraced"]
        stitched.append(one)
    built.findings += merge_values(stitched)
    return stitched


def _finish(
    project: Project,
    period: Period,
    stitched: Sequence[Stitched],
    names: Sequence[str],
    tables: Tables,
    engine: Engine,
    state: _State,
    built: Built,
    progress: Progress,
) -> list[Finding]:
    output = project.output(period)
    recogniser = make_recogniser(project, period, tables)
    untraced: list[Finding] = []
    if stitched:
        write_if_changed(output / TRACE_FILE, dump_json(make_trace(period, stitched, tables.sha256)))
    for one in stitched:
        found = [finding for finding in one.findings if finding.code == "untraced"]
        untraced += found
        if found or one.report not in names:
            continue
        data = make_trace(period, [one], tables.sha256)
        written = _write_sources(output, one, data)
        key = _hash_rendering(project, written, engine)
        known = state.data["rendered"].get(one.report, {})
        reason = _why_render(output, one.report, key, known)
        if reason:
            progress.say(f"{one.report}: rendering, {reason}")
            for path in _keep_edited(output, one.report, known):
                progress.say(f"{one.report}: a file was edited by hand; your copy is kept as {path.name}")
            render_report(
                output / f"{one.report}.qmd",
                output,
                reports_dir=project.reports,
                engine=engine,
                formats=FORMATS,
                epoch=_epoch(period),
            )
            files = {name: hash_file(output / f"{one.report}.{name}") for name in FORMATS}
            state.data["rendered"][one.report] = {"key": key, "files": files, "engine": _spell_engine(engine)}
            state.save()
            built.rendered[one.report] = reason
        built.outputs[one.report] = {name: output / f"{one.report}.{name}" for name in FORMATS}
        coverage = measure_coverage(output / f"{one.report}.docx", Trace(data, project, period), recogniser)
        built.coverage[one.report] = coverage
        untraced += [
            Finding(
                "untraced",
                "error",
                f"số {item['numeral']!r} trong {one.report}.docx không truy được về ô nào: «{item['text']}»",
                cells=(f"reports/{period}/{one.report}.docx",),
                expected="giá trị, trích dẫn văn bản, hoặc hằng số đã khai báo",
                got=item["numeral"],
                action="Xem lại mẫu trình bày hoặc params/place.yaml, params/reports.yaml.",
            )
            for item in coverage.untraced
        ]
    write_if_changed(output / RUN_FILE, dump_json(_record(project, period, stitched, tables, engine, state)))
    return untraced


def _write_sources(output: Path, one: Stitched, trace: dict[str, Any]) -> dict[str, str]:
    """Write a report's Markdown, pictures and own trace; gives the hash of each."""
    files: dict[str, bytes] = {
        f"{one.report}.qmd": one.text.encode(),
        f"{one.report}.trace.json": dump_json(trace).encode(),
        **one.pictures,
    }
    for name, content in files.items():
        write_if_changed(output / name, content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def _why_render(output: Path, report: str, key: str, known: Mapping[str, Any]) -> str | None:
    if not known:
        return "not rendered yet"
    for name in FORMATS:
        path = output / f"{report}.{name}"
        if not path.is_file():
            return f"{path.name} is missing"
        if known["files"].get(name) != hash_file(path):
            return f"{path.name} was changed since"
    return None if known["key"] == key else "its text, a chart, the layout or the engine changed"


def _keep_edited(output: Path, report: str, known: Mapping[str, Any]) -> list[Path]:
    """Put aside finished files that somebody has edited; a build never destroys work."""
    kept = []
    for name, sha256 in known.get("files", {}).items():
        path = output / f"{report}.{name}"
        if path.is_file() and hash_file(path) != sha256:
            number = 1
            while (aside := output / f"{report}.edited-{number}.{name}").exists():
                number += 1
            path.rename(aside)
            kept.append(aside)
    return kept


def _hash_rendering(project: Project, written: Mapping[str, str], engine: Engine) -> str:
    layout = project.reports / "_extensions"
    files = {
        path.relative_to(project.reports).as_posix(): hash_file(path)
        for path in sorted([project.reports / "_quarto.yml", *layout.rglob("*")])
        if path.is_file()
    }
    parts = [dict(sorted(written.items())), files, engine.name, dict(sorted(engine.versions.items()))]
    code = hash_code(("rendering",))
    return hashlib.sha256(json.dumps([parts, code], sort_keys=True).encode()).hexdigest()


def _epoch(period: Period) -> int:
    return int(datetime(period.end.year, period.end.month, period.end.day, tzinfo=UTC).timestamp())


def _record(
    project: Project,
    period: Period,
    stitched: Sequence[Stitched],
    tables: Tables,
    engine: Engine,
    state: _State,
) -> dict[str, Any]:
    """Give what the outputs depend on; no clock, no machine, no folder."""
    params = project.root / "params"
    texts = project.raw(period) / "loi-van"
    return {
        "schema": 1,
        "period": str(period),
        "inputs": dict(sorted(tables.sha256.items())),
        "narrative": {
            p.relative_to(project.raw(period)).as_posix(): hash_file(p) for p in sorted(texts.rglob("*.md"))
        },
        "params": {
            path.name: hash_file(path)
            for path in sorted(params.iterdir())
            if path.is_file() and (path.stem == str(period) or "-Q" not in path.stem)
        },
        "notebooks": {
            f"{report}/{section.notebook}": hash_file(
                project.notebooks / report / f"{section.notebook}.ipynb"
            )
            for report, sections in specs_of(project).items()
            if any(one.report == report for one in stitched)
            for section in sections
        },
        "code": {"version": baocao.__version__, "sha256": hash_code()},
        "environment": hash_environment(project),
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "engine": {"name": engine.name, "versions": dict(sorted(engine.versions.items()))},
        "outputs": {
            f"{report}.{name}": sha256
            for report, known in sorted(state.data["rendered"].items())
            for name, sha256 in sorted(known["files"].items())
        },
        "treated": {code: treatment.model_dump() for code, treatment in sorted(tables.treated.items())},
    }


def _write_log(path: Path, built: Built, seconds: float) -> None:
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "ran": built.ran,
        "rendered": built.rendered,
        "engine": built.engine,
    }
    with path.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line, ensure_ascii=False) + "\n")


def _list_unusable(period: Period, unusable: Sequence[Finding]) -> str:
    listed = "\n".join(f"  {finding}" for finding in unusable)
    return (
        f"{len(unusable)} finding(s) make submissions of {period} unusable:\n{listed}\n"
        f"Ask for corrected files, or say in params/{period}.yaml under 'treatments' how each unit is treated."
    )


def _spell_engine(engine: Engine) -> str:
    return f"{engine.name} ({', '.join(f'{tool} {version}' for tool, version in sorted(engine.versions.items()))})"


# -- hashes ------------------------------------------------------------------


def hash_file(path: Path) -> str:
    """Give the sha256 of a file's bytes, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def hash_code(modules: Iterable[str] | None = None) -> str:
    """Give one sha256 over the package's source, or over some of its modules."""
    folder = Path(__file__).parent
    wanted = None if modules is None else set(modules)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if wanted is None or name.split("/")[0].removesuffix(".py") in wanted:
            digest.update(f"{name}\n{hash_file(path)}\n".encode())
    return digest.hexdigest()


def hash_environment(project: Project) -> str:
    """Give one sha256 over the lock and the version of Python."""
    lock = project.root / "requirements.lock"
    known = hash_file(lock) if lock.is_file() else "no lock"
    return hashlib.sha256(f"{known} {sys.version_info[:3]}".encode()).hexdigest()


def write_if_changed(path: Path, content: str | bytes) -> bool:
    """Write a file whole, unless it holds just that already."""
    wanted = content if isinstance(content, bytes) else content.encode()
    if path.is_file() and path.read_bytes() == wanted:
        return False
    write_atomically(path, wanted)
    return True
