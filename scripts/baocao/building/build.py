"""A quarter from raw files to finished reports: only what is out of date, and why."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from filelock import FileLock, Timeout

import baocao
from baocao.building.freshness import Freshness, State, hash_rendering, why_render
from baocao.building.movements import Movement, find_movements, read_record
from baocao.building.origins import Origins
from baocao.building.running import Job, Outcome, Runner
from baocao.building.stitching import stitch
from baocao.checking.check import check_numbers
from baocao.checking.listing import check_listing
from baocao.checking.narratives import check_narratives
from baocao.checking.restating import find_restated, tell_restated
from baocao.documents.coverage import Coverage, measure_coverage
from baocao.documents.engines.base import FORMATS, Engine
from baocao.documents.engines.choosing import choose_engine
from baocao.documents.numerals import make_recogniser
from baocao.documents.rendering import render_report
from baocao.project.errors import InputError, NotebookError, UntracedError
from baocao.project.files import dump_json, write_atomically
from baocao.project.findings import Finding, list_first
from baocao.project.folder import Project
from baocao.project.frozen import check_frozen, compare_hashes, hash_sources
from baocao.project.hashes import hash_bytes, hash_code, hash_environment, hash_file
from baocao.project.language import _
from baocao.project.periods import Period, is_period
from baocao.reading.tables import Tables, check_tables, read_tables
from baocao.reading.tables.combined import list_parts
from baocao.tracing.record import FILE as TRACE_FILE
from baocao.tracing.record import Stitched, TraceRecord, dump_trace, make_record, merge_values
from baocao.tracing.trace import Trace

if TYPE_CHECKING:
    from baocao.building.cluster import Cluster

LOCK_FILE = ".building.lock"
STATE_FILE = ".state.json"
RUN_FILE = "run.json"
LOG_FILE = "build.log"
# As files are called while they are written: what a build writes, and the process that does.
_HALF_WRITTEN = re.compile(r"^\..+\.(?:ipynb|qmd|json|docx|pdf|html|png|svg|md|typ)\.(?:\d+|tmp)$")

UNTRACED = ("untraced", "misprinted")
"""Codes of findings about numbers that may not be printed."""


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
        Notebooks that ran, as ``kstthc/07-ho-so``, with the reason.
    rendered
        Reports that were rendered, with the reason.
    outputs
        The finished files, by report and format.
    findings
        What there is to say that does not stop a build.
    moved
        Values with another number than in the build before.
    notes
        What was said before anything was done, and would be said again.
    """

    ran: dict[str, str] = field(default_factory=dict)
    rendered: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, Path]] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    moved: list[Movement] = field(default_factory=list)
    engine: str = ""
    notes: list[str] = field(default_factory=list)


def build(
    project: Project,
    period: Period,
    *,
    reports: Sequence[str] | None = None,
    engine: Literal["auto", "quarto", "embedded"] = "auto",
    workers: int = 2,
    progress: Progress | None = None,
    frozen: bool = True,
    cluster: Cluster | None = None,
) -> Built:
    """
    Bring the reports of a period up to date.

    Parameters
    ----------
    reports
        Names from ``params/reports.yaml``; None builds all.
    workers
        Notebooks at a time.
    frozen
        Refuse raw files that are not those of the period's last edition; only
        a correction does without.
    cluster
        Whose workers execute and render; None does it on this machine.

    Raises
    ------
    InputError
        Submissions cannot be used; all of them are listed.
    NotebookError
        A section failed; the results of the others are kept.
    UntracedError
        A report has a numeral without a trace; it names every one.
    """
    names = list(reports or project.params.reports_of(period))
    for name in names:
        project.params.report(name, period)
    project.params.period(period)
    progress = progress or Silent()
    notes: list[str] = []
    chosen = choose_engine(engine, notes.append)
    notes.append(_("engine: {engine}", engine=_spell_engine(chosen)))
    if frozen:
        check_frozen(project, period)
    with _only_build(project.output(period), progress):
        if cluster is not None:
            return _Build(project, period, names, chosen, progress, notes, cluster).run(workers)
        # From here on packages are loaded for the kernels, while the workbooks are read.
        with Runner(project.output(period) / LOG_FILE) as runner:
            return _Build(project, period, names, chosen, progress, notes, runner).run(workers)


def executed_path(project: Project, period: Period, notebook: str) -> Path:
    """Say where an executed notebook lies; ``notebook`` is ``kstthc/07-ho-so``."""
    return project.output(period) / "notebooks" / f"{notebook}.ipynb"


@contextmanager
def _only_build(output: Path, progress: Progress) -> Iterator[None]:
    output.mkdir(parents=True, exist_ok=True)
    lock = FileLock(output / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.say(_("another build of this period is at work; waiting for it"))
        lock.acquire()
    try:
        # What a killed build was writing; nobody else writes here while the lock is held.
        for path in output.rglob(".*.*"):
            if _HALF_WRITTEN.match(path.name):
                path.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


class _Build:
    def __init__(
        self,
        project: Project,
        period: Period,
        names: Sequence[str],
        engine: Engine,
        progress: Progress,
        notes: list[str],
        runner: Cluster | Runner,
    ) -> None:
        self.project = project
        self.period = period
        self.names = names
        self.engine = engine
        self.progress = progress
        self.runner = runner
        self.output = project.output(period)
        self.state = State(self.output / STATE_FILE)
        self.sources = _hash_inputs(project, period)
        self.tables: Tables = read_tables(project, period)
        self.origins = Origins(self.tables)
        self.submitted = check_tables(project, period)
        self.tables.treated = dict(self.submitted.treated)
        self.freshness = Freshness(project, period, self.tables, self.state)
        self.built = Built(findings=list(self.submitted.findings), engine=_spell_engine(engine), notes=notes)
        self.failures: dict[str, NotebookError] = {}
        self.untraced: list[Finding] = []

    def run(self, workers: int) -> Built:
        started = time.monotonic()
        texts = check_narratives(self.project, self.period, None)
        self._stop_at([*self.submitted.findings, *texts])
        for note in self.built.notes:
            self.progress.say(note)
        self._run_sections(workers)
        stitched = self._stitch()
        numbers = check_numbers(self.tables, self._make_record(stitched).values)
        self._stop_at(numbers.findings)
        if numbers.accepted:
            # The report says what was accepted.
            self.tables.treated |= numbers.accepted
            stitched = self._stitch()
        record = self._make_record(stitched)
        self.built.findings += [
            *texts,
            *numbers.findings,
            *self._check_listing(record),
            *tell_restated(find_restated(self.project, self.period, record.files)),
            *merge_values(stitched),
        ]
        self.built.findings += [
            finding for one in stitched for finding in one.findings if finding.code not in UNTRACED
        ]
        asked = [one for one in stitched if one.report in self.names]
        self.untraced = [finding for one in asked for finding in one.findings if finding.code in UNTRACED]
        self._check_unchanged()
        # With a numeral untraced the documents stay as they are, and their trace with them.
        if stitched and not self.untraced:
            before = read_record(self.output / TRACE_FILE)
            self.built.moved = find_movements(before, record) if before else []
            self._write(TRACE_FILE, dump_trace(record))
            for one in asked:
                kinds = (*FORMATS, *(["xlsx"] if one.workbook is not None else []))
                self.built.outputs[one.report] = {
                    name: self.output / f"{one.report}.{name}" for name in kinds
                }
            with ThreadPoolExecutor(max(1, len(asked))) as pool:  # Pandoc is a process of its own
                for untraced in pool.map(self._finish, asked):
                    self.untraced += untraced
        # A build that failed leaves the record of the one whose documents lie there.
        if not self.failures and not self.untraced:
            self._write(RUN_FILE, dump_json(self._record(stitched)))
        self._log(time.monotonic() - started)
        self._raise_failures()
        return self.built

    def _check_listing(self, record: TraceRecord) -> list[Finding]:
        register = self.project.house.folders.register
        if not self.tables.has(register):
            return []
        return check_listing(self.tables.table(register), self.project.params, record)

    def _stop_at(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        if errors:
            raise InputError(_list_unusable(self.period, errors), findings=errors)

    def _check_unchanged(self) -> None:
        """Refuse to finish what was read while somebody changed it: numbers and hashes would be of two states."""
        changed = compare_hashes(self.sources, _hash_inputs(self.project, self.period))
        if changed:
            raise InputError(
                _(
                    "{count} file(s) changed while the build was at work, and no document was written: {files}. "
                    "Run 'baocao build {period}' again.",
                    count=len(changed),
                    files=list_first(changed),
                    period=self.period,
                )
            )

    # -- sections ----------------------------------------------------------

    def _run_sections(self, workers: int) -> None:
        jobs: dict[str, Job] = {}
        reasons: dict[str, str] = {}
        for name in dict.fromkeys(
            n for report in self.names for n in self.project.params.report(report, self.period).notebooks
        ):
            source = self.project.notebooks / f"{name}.ipynb"
            target = executed_path(self.project, self.period, name)
            reason = self.freshness.why_section(name, source, target)
            if reason is None:
                target.with_name(f"{target.stem}.failed.ipynb").unlink(missing_ok=True)
            else:
                reasons[name] = reason
                self._keep_edited(target, self.state.sections.get(name, {}).get("target"))
                parameters = {"period": str(self.period)}
                jobs[name] = Job(name, source, target, parameters, self.project.root, self.tables.key)
                self.progress.say(f"{name}: {reason}")

        def done(outcome: Outcome) -> None:
            job = outcome.job
            self.progress.advance(job.name, outcome.seconds, outcome.error is not None)
            if outcome.error is not None:
                self.failures[job.name] = outcome.error
            else:
                self.freshness.note_section(job.name, job.source, job.target)
                self.built.ran[job.name] = reasons[job.name]

        def begin(job: Job) -> None:
            self.progress.begin(job.name)

        if jobs:
            self.progress.start(len(jobs))
            if isinstance(self.runner, Runner):
                self.runner.run(jobs.values(), workers=workers, on_start=begin, on_done=done)
            else:
                self.runner.run(
                    jobs.values(), project=self.project, period=self.period, on_start=begin, on_done=done
                )
        # With a section still to run, the next build must be able to name what changed for it.
        if not self.failures and self.names == list(self.project.params.reports_of(self.period)):
            self.freshness.note_parts()

    # -- documents ---------------------------------------------------------

    def _stitch(self) -> list[Stitched]:
        """Put together every report that is whole; one that was not asked for stays in the trace."""
        stitched = []
        for report in self.project.params.reports:
            spec = self.project.params.report(report, self.period)
            executed = {name: executed_path(self.project, self.period, name) for name in spec.notebooks}
            failed = any(name in self.failures for name in spec.notebooks)
            asked = report in self.names or (self.output / f"{report}.qmd").is_file()
            if asked and not failed and all(path.is_file() for path in executed.values()):
                one = stitch(self.project, self.period, report, executed, self.tables)
                stitched.append(one)
        return stitched

    def _make_record(self, stitched: Sequence[Stitched]) -> TraceRecord:
        forms = self.project.params.forms
        fingerprints = {form: known for form in forms if (known := self.tables.fingerprint(form))}
        self.origins.add(stitched)
        return make_record(str(self.period), stitched, self.origins.sha256, fingerprints, self.origins.taken)

    def _finish(self, one: Stitched) -> list[Finding]:
        """Write, render and measure one report; return what of it leads to no cell."""
        record = self._make_record([one])
        sources: dict[str, bytes] = {
            f"{one.report}.qmd": one.text.encode(),
            f"{one.report}.trace.json": dump_trace(record).encode(),
            **one.pictures,
        }
        if one.workbook is not None:
            sources[f"{one.report}.xlsx"] = one.workbook
        else:
            (self.output / f"{one.report}.xlsx").unlink(missing_ok=True)
        text = f"{one.report}.qmd"
        for name in (text, f"{one.report}.xlsx"):
            self._keep_edited(self.output / name, self.state.texts.get(name))
        for name, content in sources.items():
            self._write(name, content)
        hashes = {name: hash_bytes(content) for name, content in sources.items()}
        written = {name: hashes[name] for name in (text, f"{one.report}.xlsx") if name in hashes}
        if any(self.state.texts.get(name) != sha256 for name, sha256 in written.items()):
            self.state.texts |= written
            self.state.save()
        key = hash_rendering(self.project, hashes, self.engine)
        known = self.state.rendered.get(one.report, {})
        reason = why_render(self.output, one.report, key, known, FORMATS)
        if reason:
            self.progress.say(_("{report}: rendering, {reason}", report=one.report, reason=reason))
            self._render(one.report, sources, key, known)
            self.built.rendered[one.report] = reason
        recogniser = make_recogniser(self.project, self.period, self.tables)
        coverage = measure_coverage(
            self.output / f"{one.report}.docx", Trace(record, self.project, self.period), recogniser
        )
        self.built.coverage[one.report] = coverage
        return [self._untraced(one.report, item) for item in coverage.untraced]

    def _render(self, report: str, names: Iterable[str], key: str, known: Mapping[str, Any]) -> None:
        for kind, sha256 in known.get("files", {}).items():
            self._keep_edited(self.output / f"{report}.{kind}", sha256)
        end = self.period.end
        epoch = int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp())
        source = self.output / f"{report}.qmd"
        if isinstance(self.runner, Runner):
            render_report(
                source, self.output, reports_dir=self.project.reports, engine=self.engine, epoch=epoch
            )
        else:
            self.runner.render(
                source,
                names,
                project=self.project,
                period=self.period,
                engine=self.engine.name,
                formats=FORMATS,
                epoch=epoch,
            )
        files = {kind: hash_file(self.output / f"{report}.{kind}") for kind in FORMATS}
        self.state.rendered[report] = {"key": key, "files": files, "engine": _spell_engine(self.engine)}
        self.state.save()

    def _keep_edited(self, path: Path, sha256: str | None) -> None:
        """Put a file aside that is no longer the one a build wrote; ``sha256`` is None where none did."""
        if sha256 is not None and path.is_file() and hash_file(path) != sha256:
            aside = _put_aside(path)
            self.progress.say(
                _("{name} was edited by hand; your copy is kept as {copy}", name=path.name, copy=aside.name)
            )

    def _untraced(self, report: str, item: Mapping[str, str]) -> Finding:
        return Finding(
            "untraced",
            "error",
            _(
                "the numeral {numeral!r} in {report}.docx leads to no cell: «{text}»",
                numeral=item["numeral"],
                report=report,
                text=item["text"],
            ),
            cells=(f"reports/{self.period}/{report}.docx",),
            expected=_("a value, a citation of a document, or a declared constant"),
            got=item["numeral"],
            action=_("See to the template, params/place.yaml and params/reports.yaml."),
        )

    # -- what is left behind -------------------------------------------------

    def _record(self, stitched: Sequence[Stitched]) -> dict[str, Any]:
        """Return what the outputs depend on; no clock, no machine, no folder."""
        params = self.project.root / "params"
        raw = self.project.raw(self.period)
        return {
            "schema": 1,
            "period": str(self.period),
            "inputs": dict(self.origins.sha256),
            "narrative": {
                p.relative_to(raw).as_posix(): hash_file(p)
                for p in (raw / self.project.house.folders.narrative).rglob("*.md")
            },
            "params": {
                path.name: hash_file(path)
                for path in params.iterdir()
                if path.is_file() and (path.stem == str(self.period) or not is_period(path.stem))
            },
            "notebooks": {
                name: hash_file(self.project.notebooks / f"{name}.ipynb")
                for one in stitched
                for name in self.project.params.report(one.report, self.period).notebooks
            },
            "code": {"version": baocao.__version__, "sha256": hash_code()},
            "environment": hash_environment(self.project.root),
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "engine": {"name": self.engine.name, "versions": dict(self.engine.versions)},
            "outputs": {
                f"{report}.{kind}": sha256
                for report, known in self.state.rendered.items()
                for kind, sha256 in known["files"].items()
            }
            | {
                f"{one.report}.xlsx": hash_bytes(one.workbook)
                for one in stitched
                if one.workbook is not None and one.report in self.state.rendered
            },
            "treated": {
                code: treatment.model_dump(mode="json", exclude_defaults=True)
                for code, treatment in self.tables.treated.items()
            },
        }

    def _write(self, name: str, content: str | bytes) -> None:
        path = self.output / name
        wanted = content if isinstance(content, bytes) else content.encode()
        if not path.is_file() or path.read_bytes() != wanted:
            write_atomically(path, wanted)

    def _log(self, seconds: float) -> None:
        line = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 2),
            "ran": self.built.ran,
            "rendered": self.built.rendered,
            "engine": self.built.engine,
        }
        with (self.output / LOG_FILE).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _raise_failures(self) -> None:
        if self.failures:
            listed = "\n".join(f"  {name}: {error}" for name, error in self.failures.items())
            first = next(iter(self.failures.values()))
            raise NotebookError(
                _(
                    "{count} section(s) failed, the others are done:\n{listed}\n  (what the kernels themselves said: {output})",
                    count=len(self.failures),
                    listed=listed,
                    output=self.output / LOG_FILE,
                ),
                notebook=first.notebook,
                cell=first.cell,
                executed=first.executed,
            )
        if self.untraced:
            listed = "\n".join(f"  {finding}" for finding in self.untraced)
            raise UntracedError(
                _("{count} numeral(s) without a trace:\n{listed}", count=len(self.untraced), listed=listed),
                findings=self.untraced,
            )


def _put_aside(path: Path) -> Path:
    """Rename a finished file that somebody has edited; a build never destroys work."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.edited-{number}{path.suffix}")).exists():
        number += 1
    return path.rename(aside)


def _hash_inputs(project: Project, period: Period) -> dict[str, str]:
    """Hash what a build reads of people's: submissions and texts, also of the periods it may read beside its own."""
    periods = (period, period.previous, period.year_before)
    sources = hash_sources(
        project.root, {str(one) for period in periods for one in (period, *list_parts(project, period))}
    )
    return {
        path: sha256
        for path, sha256 in sources.items()
        if path.startswith(("data/raw/", "params/", "notebooks/"))
    }


def _list_unusable(period: Period, unusable: Sequence[Finding]) -> str:
    return _(
        "{count} finding(s) stop the build of {period}:\n{listed}\n"
        "Ask for corrected files, or say in params/{period}.yaml under 'treatments' how each is treated.",
        count=len(unusable),
        period=period,
        listed="\n".join(f"  {finding}" for finding in unusable),
    )


def _spell_engine(engine: Engine) -> str:
    return f"{engine.name} ({', '.join(f'{tool} {version}' for tool, version in sorted(engine.versions.items()))})"
