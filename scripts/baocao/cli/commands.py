"""The command line: parse, call one function, print, exit."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from baocao import __version__
from baocao.project.ending import end_cleanly
from baocao.project.errors import BaocaoError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baocao.project.findings import Finding
    from baocao.project.folder import Project
    from baocao.project.periods import Period

EXIT_FINDINGS = 1
EXIT_UNUSABLE = 2
MOST_FINDINGS = 10
MOST_MOVED = 20

app = typer.Typer(
    name="baocao",
    help="Quarterly administrative reports from submitted workbooks, every printed number traced to its cells.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="A quarter, as 2026-Q1.")]
OptionalPeriod = Annotated[
    str | None, typer.Argument(metavar="[PERIOD]", help="A quarter that was built; without it, the latest.")
]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="Work on this project folder.", show_default=False),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write one JSON document to stdout and nothing else.")
]


class EngineName(StrEnum):
    """What renders: Quarto where it is installed, or Pandoc and Typst from the wheels."""

    auto = "auto"
    quarto = "quarto"
    embedded = "embedded"


def _find(root: Path | None) -> Project:
    from baocao.project.folder import find_here, find_project

    project, here = find_project(root or _asked_root), find_here()
    if here and here.root != project.root and not (root or _asked_root or os.environ.get("BAOCAO_ROOT")):
        _say(
            f"note: this works on {project.root}, not on the project you are in; for that add --root {here.root}"
        )
    return project


def _open(period: str, root: Path | None) -> tuple[Project, Period]:
    from baocao.project.periods import parse_period

    parsed = parse_period(period)
    project = _find(root)
    if not project.raw(parsed).is_dir():
        raise UsageError(f"{project.raw(parsed)} is missing: nothing was received for {parsed}.")
    return project, parsed


def _open_optional(period: str | None, root: Path | None) -> tuple[Project, Period | None]:
    return (_find(root), None) if period is None else _open(period, root)


_asked_root: Path | None = None


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _global(
    root: RootOption = None,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    global _asked_root  # noqa: PLW0603 --root may stand before the command as well
    _asked_root = root


@app.command("build")
def build_command(
    period: PeriodArgument,
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="R", help="Build this report only; may be repeated."),
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="What renders.")] = EngineName.auto,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Notebooks at a time.")] = 2,
    root: RootOption = None,
) -> None:
    """Bring the reports of a period up to date; says why each thing is made again."""
    from baocao.building.build import build
    from baocao.reviewing import refresh_review
    from baocao.reviewing.signing import list_standings, print_standings

    project, parsed = _open(period, root)
    with _Bar() as bar:
        built = build(
            project, parsed, reports=report or None, engine=engine.value, workers=jobs, progress=bar
        )
    for finding in built.findings[:MOST_FINDINGS]:
        _say(str(finding))
    if len(built.findings) > MOST_FINDINGS:
        _say(f"… {len(built.findings) - MOST_FINDINGS} more findings; 'baocao check {parsed}' lists them all")
    if built.moved:
        _say(f"{len(built.moved)} value(s) and citation(s) moved since the build before:")
    for movement in built.moved[:MOST_MOVED]:
        _say(f"  {movement}")
    if len(built.moved) > MOST_MOVED:
        _say(f"  … {len(built.moved) - MOST_MOVED} more")
    for name, files in built.outputs.items():
        coverage = built.coverage[name]
        done = "rendered" if name in built.rendered else "up to date"
        _say(
            f"{name}: {done}; {coverage.numerals} numerals, {coverage.traced} traced, "
            f"{coverage.constants} constants, {len(coverage.untraced)} untraced"
        )
        for path in files.values():
            _say(f"  {_relative(path)}")
    for line in print_standings(list_standings(project, parsed)):
        _say(line)
    if not refresh_review(project, parsed):
        _say(f"review pages: none of this build; 'baocao review {parsed}' writes them")


@app.command("sign")
def sign_command(
    period: PeriodArgument,
    section: Annotated[
        str | None, typer.Argument(metavar="[SECTION]", help="As kstthc/I.7, or I.7 where one report has it.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves.")] = "",
    note: Annotated[str, typer.Option("--note", help="What the reviewer has to say.")] = "",
    status: Annotated[bool, typer.Option("--status", help="List what is signed, stale and open.")] = False,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Approve a section as it was built; the approval goes stale by itself when anything under it changes."""
    from baocao.reviewing import refresh_review
    from baocao.reviewing.signing import list_standings, sign

    project, parsed = _open(period, root)
    if status == (section is not None):
        raise UsageError("expected a SECTION to sign, or --status to list how all of them stand.")
    found = (
        list_standings(project, parsed)
        if section is None
        else [sign(project, parsed, section, by=by, note=note)]
    )
    if section is not None:
        refresh_review(project, parsed)
    if as_json:
        _print_json([one.as_dict() for one in found])
        return
    for one in found:
        typer.echo(f"{one.section:16} {one.state:7}{'; '.join(f'  {signed}' for signed in one.signatures)}")
        for reason in one.why:
            typer.echo(f"    {reason}")


@app.command("annex")
def annex_command(
    period: PeriodArgument,
    report: Annotated[
        list[str] | None, typer.Option("--report", metavar="R", help="Of this report only; may be repeated.")
    ] = None,
    root: RootOption = None,
) -> None:
    """Write the trace annex of the built reports: every printed number with its cells, as xlsx and HTML."""
    from baocao.reviewing.annexing import write_annexes

    for path in write_annexes(*_open(period, root), report or ()):
        typer.echo(_relative(path))


@app.command("check")
def check_command(
    period: PeriodArgument,
    as_json: JsonOption = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List on stderr the relations that could not be looked at.")
    ] = False,
    root: RootOption = None,
) -> None:
    """Check every submission against its form, and the numbers and registers against each other."""
    from baocao.checking.check import check_period

    checked = check_period(*_open(period, root))
    for note in checked.notes:
        _say(note)
    if verbose:
        for name, missing in checked.skipped.items():
            _say(f"skipped {name}: there is no {', '.join(missing)}")
    _print_findings(checked.findings, as_json=as_json)
    if checked.findings:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("definitions")
def definitions_command(
    period: OptionalPeriod = None, as_json: JsonOption = False, root: RootOption = None
) -> None:
    """List for every share and ratio what is counted over which base; two bases under one name are findings."""
    from baocao.checking.check import find_definitions
    from baocao.checking.definitions import print_definition

    definitions, findings = find_definitions(*_open_optional(period, root))
    if as_json:
        _print_json([one.as_dict() for one in definitions])
    else:
        for one in definitions:
            typer.echo(print_definition(one))
    for finding in findings:
        _say(str(finding))
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("diff")
def diff_command(
    period_a: Annotated[str, typer.Argument(metavar="PERIOD_A", help="A quarter, as 2025-Q4.")],
    period_b: Annotated[str, typer.Argument(metavar="PERIOD_B", help="The quarter to hold against it.")],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Compare two periods value by value, with what made each difference."""
    from baocao.checking.comparing import compare_periods, print_comparison

    project, first = _open(period_a, root)
    _, second = _open(period_b, root)
    comparison = compare_periods(project, first, second)
    for note in comparison.notes:
        _say(note)
    if as_json:
        _print_json(comparison.as_dict())
    else:
        for line in print_comparison(comparison):
            typer.echo(line)
    if comparison.differs:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("reconcile")
def reconcile_command(
    period: PeriodArgument,
    report: Annotated[str, typer.Argument(metavar="REPORT", help="The report that the text publishes.")],
    textfile: Annotated[Path, typer.Argument(metavar="TEXTFILE", help="A published text: txt, md or docx.")],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Account for every number of a published text: equal, different, a citation, a date, structure or unknown."""
    from baocao.verifying.reconciling import print_accounts, reconcile

    project, parsed = _open(period, root)
    accounts = reconcile(project, parsed, report, textfile)
    if as_json:
        _print_json([one.as_dict() for one in accounts])
    else:
        for line in print_accounts(accounts):
            typer.echo(line)
    if any(one.kind in {"different", "unknown"} for one in accounts):
        raise typer.Exit(EXIT_FINDINGS)


@app.command("verify")
def verify_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A finished docx, PDF or HTML.")],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Hold a finished file that people have edited against its trace: numbers altered, added, lost, moved."""
    from baocao.verifying.verify import verify_file

    verified = verify_file(_find(root), file)
    _say(
        f"{file.name}: {verified.report} of {verified.period} (reports/{verified.edition}, found by its "
        f"{verified.found_by}); {verified.mentions} mentions and citations, {len(verified.edits)} finding(s)"
    )
    if as_json:
        _print_json(verified.as_dict())
    else:
        for edit in verified.edits:
            typer.echo(str(edit))
    if verified.edits:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("values")
def values_command(period: PeriodArgument, as_json: JsonOption = False, root: RootOption = None) -> None:
    """List the values of a period: id, number, unit, as printed, how many cells."""
    from baocao.tracing.trace import read_trace

    values = read_trace(*_open(period, root)).list_values()
    if as_json:
        _print_json(values)
        return
    for key, value in values.items():
        printed = ", ".join(dict.fromkeys(value["printed"])) or "-"
        typer.echo(f"{key:44} {printed:>16} {value['unit']:<20} {value['cells']} cell(s)")


@app.command("trace")
def trace_command(
    period: PeriodArgument,
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="A value, mention or chart id, or a number as printed.")
    ],
    as_json: JsonOption = False,
    full: Annotated[bool, typer.Option("--all", help="List every cell.")] = False,
    root: RootOption = None,
) -> None:
    """Say where a number comes from, down to its cells."""
    from baocao.tracing.derivations import print_derivation
    from baocao.tracing.trace import read_trace

    trace = read_trace(*_open(period, root))
    values = trace.find(what)
    if as_json:
        _print_json({"what": what, "values": values})
        return
    for file in trace.changed_files():
        _say(f"warning: {file} has changed since the report was built; its cells are not shown")
    for value in values:
        typer.echo(print_derivation(trace, value, full=full))


@app.command("coverage")
def coverage_command(period: PeriodArgument, as_json: JsonOption = False, root: RootOption = None) -> None:
    """Count the numerals of the finished reports: traced, constants, untraced."""
    from baocao.documents.coverage import measure_coverage
    from baocao.documents.numerals import make_recogniser
    from baocao.reading.tables import read_tables
    from baocao.tracing.trace import read_trace

    project, parsed = _open(period, root)
    trace = read_trace(project, parsed)
    recogniser = make_recogniser(project, parsed, read_tables(project, parsed))
    measured = {
        report: measure_coverage(project.output(parsed) / f"{report}.docx", trace, recogniser)
        for report in trace.data["reports"]
    }
    if as_json:
        _print_json({report: coverage.as_dict() for report, coverage in measured.items()})
    else:
        for report, coverage in measured.items():
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(coverage.kinds.items()))
            typer.echo(
                f"{report}: {coverage.numerals} numerals = {coverage.traced} traced + {coverage.constants} constants"
                f" ({kinds}) + {len(coverage.untraced)} untraced"
            )
            for item in coverage.untraced:
                typer.echo(f"  {item['numeral']}: …{item['text']}…")
    if any(coverage.untraced for coverage in measured.values()):
        raise typer.Exit(EXIT_FINDINGS)


@app.command("impact")
def impact_command(
    period: PeriodArgument,
    what: Annotated[
        str,
        typer.Argument(
            metavar="CELL_OR_FILE", help="file#sheet!D12, a raw file, or the code of a unit or office."
        ),
    ],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """List the values, mentions and charts that a cell or a submission feeds."""
    from baocao.tracing.impacts import find_impact
    from baocao.tracing.trace import read_trace

    fed = find_impact(read_trace(*_open(period, root)), what)
    if as_json:
        _print_json(fed)
        return
    if fed["note"]:
        _say(f"{what}: {fed['note']}")
    for key in fed["values"]:
        typer.echo(key)
    for mention in fed["mentions"]:
        typer.echo(f"  {mention['report']} {mention['section']}: {mention['printed']} ({mention['id']})")
    for citation in fed["citations"]:
        typer.echo(f"  {citation['report']} {citation['section']}: {citation['printed']} ({citation['id']})")
    for chart in fed["charts"]:
        typer.echo(f"  chart {chart}")


@app.command("review")
def review_command(period: PeriodArgument, root: RootOption = None) -> None:
    """Write the review pages: every number of the reports one click from its cells, opened from disk."""
    from baocao.reviewing import write_review

    typer.echo(str(_relative(write_review(*_open(period, root)))))


@app.command("issue")
def issue_command(
    period: PeriodArgument,
    correction: Annotated[
        str | None,
        typer.Option(
            "--correction", metavar="WHY", help="Replace the last edition; WHY is kept in the new one."
        ),
    ] = None,
    engine: Annotated[EngineName, typer.Option(help="What renders.")] = EngineName.auto,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Notebooks at a time.")] = 2,
    root: RootOption = None,
) -> None:
    """Build every report of a period and freeze it as an edition; needs a clean git repository."""
    from baocao.editions.issuing import issue

    project, parsed = _open(period, root)
    with _Bar() as bar:
        issued = issue(
            project, parsed, correction=correction, engine=engine.value, workers=jobs, progress=bar
        )
    edition = issued.edition
    _say(f"{parsed}: edition {edition.number}, {len(edition.values)} values, {len(edition.outputs)} files")
    _say(f"{sum(map(bool, edition.signed.values()))} of {len(edition.signed)} sections are signed")
    for change in edition.changed[:MOST_FINDINGS]:
        _say(f"  {change}")
    if len(edition.changed) > MOST_FINDINGS:
        _say(
            f"  … {len(edition.changed) - MOST_FINDINGS} more changes in {_relative(issued.folder)}/edition.json"
        )
    git = "git" if Path.cwd() == project.root else f"git -C {shlex.quote(str(project.root))}"
    folder = shlex.quote(str(issued.folder.relative_to(project.root)))
    _say(f"now commit it: {git} add {folder} && {git} commit -m 'Issue {parsed}, edition {edition.number}'")


@app.command("audit")
def audit_command(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="PERIOD|BUNDLE",
            help="An issued quarter, as 2026-Q1, or an archive of one, zipped or unpacked.",
        ),
    ] = None,
    all_periods: Annotated[
        bool, typer.Option("--all", help="Audit every issued period, two at a time.")
    ] = False,
    today: Annotated[
        bool, typer.Option("--today", help="Run today's code and environment instead of those of then.")
    ] = False,
    run_code: Annotated[
        bool,
        typer.Option(
            "--run-code", help="Run the code and notebooks that are in BUNDLE; only if you trust its sender."
        ),
    ] = False,
    edition: Annotated[
        int | None, typer.Option("--edition", help="Another edition than the last.", min=1)
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Notebooks at a time.")] = 2,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Make an issued edition again from its raw files; says what is not the same, and why."""
    from baocao.editions.auditing.audit import Audit, print_audit, print_table
    from baocao.editions.auditing.auditing import audit_all, audit_bundle, audit_period

    if all_periods == (what is not None):
        raise UsageError("say which period or archive to audit, or --all.")
    if all_periods:
        audits = audit_all(_find(root), today=today, say=_say)
        if as_json:
            _print_json(
                {
                    k: one.as_dict() if isinstance(one, Audit) else {"error": str(one)}
                    for k, one in audits.items()
                }
            )
        else:
            different = [one for one in audits.values() if isinstance(one, Audit) and not one.good]
            for line in (*(line for one in different for line in print_audit(one)), *print_table(audits)):
                typer.echo(line)
        if any(isinstance(one, BaocaoError) for one in audits.values()):
            raise typer.Exit(EXIT_UNUSABLE)
        if not all(isinstance(one, Audit) and one.good for one in audits.values()):
            raise typer.Exit(EXIT_FINDINGS)
        return
    assert what is not None
    if _is_bundle(what):
        if today or edition is not None:
            raise UsageError("--today and --edition are for a period of this project, not for an archive.")
        audit = audit_bundle(Path(what), run_code=run_code, workers=jobs, say=_say)
    else:
        if run_code:
            raise UsageError("--run-code is for an archive; the code of a period lies in its own repository.")
        project, parsed = _open(what, root)
        audit = audit_period(project, parsed, number=edition, today=today, workers=jobs, say=_say)
    if as_json:
        _print_json(audit.as_dict())
    else:
        for line in print_audit(audit):
            typer.echo(line)
    if not audit.good:
        raise typer.Exit(EXIT_FINDINGS)


def _is_bundle(what: str) -> bool:
    # A folder may well be called 2026-Q1: a quarter's own folders are.
    path = Path(what)
    return what.endswith(".zip") or path.is_file() or (path.is_dir() and not re.fullmatch(r"\d{4}-Q\d", what))


@app.command("archive")
def archive_command(
    period: PeriodArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it.", show_default=False),
    ] = None,
    edition: Annotated[
        int | None, typer.Option("--edition", help="Another edition than the last.", min=1)
    ] = None,
    root: RootOption = None,
) -> None:
    """Pack an issued edition for somebody outside: one file to check and to make again without us."""
    from baocao.editions.archiving.archiving import archive

    project, parsed = _open(period, root)
    path = archive(project, parsed, output, number=edition)
    _say(f"{_relative(path)}: {path.stat().st_size / 1e6:.1f} MB, checked")


def main() -> None:
    """Run the command line; every error of ours becomes a message and its exit code."""
    end_cleanly()
    try:
        app()
    except BaocaoError as error:
        _say(f"baocao: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        _say(f"baocao: cannot read or write: {error}")
        sys.exit(EXIT_UNUSABLE)
    except Exception:  # noqa: BLE001 a fault of ours: show all of it, and never the exit code of findings
        traceback.print_exc()
        sys.exit(EXIT_UNUSABLE)


class _Bar:
    """A progress bar on stderr, with the sections' names; plain lines where stderr is no terminal."""

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, transient=True, disable=not self._console.is_terminal,
        )  # fmt: skip
        self._bar.start()
        self._running: list[str] = []
        self._task: Any = None
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def start(self, total: int) -> None:
        self._task = self._bar.add_task("", total=total)

    def begin(self, name: str) -> None:
        self._running.append(name)
        self._show()

    def advance(self, name: str, seconds: float, failed: bool) -> None:
        self._running.remove(name)
        self.say(f"{name}: {'FAILED' if failed else 'done'} ({seconds:.1f} s)")
        self._bar.advance(self._task)
        self._show()

    def _show(self) -> None:
        self._bar.update(self._task, description=", ".join(self._running[:2]))


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def _print_findings(findings: Iterable[Finding], *, as_json: bool) -> None:
    if as_json:
        _print_json([finding.as_dict() for finding in findings])
    else:
        for finding in findings:
            typer.echo(str(finding))


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
