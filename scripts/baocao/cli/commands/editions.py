"""What was sent: frozen, made again, packed for somebody outside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from baocao.cli.app import (
    EXIT_FINDINGS,
    EXIT_UNUSABLE,
    EngineName,
    EngineOption,
    JobsOption,
    JsonOption,
    KeyOption,
    PeriodArgument,
    RootOption,
    command,
    find_root_project,
    open_period,
)
from baocao.cli.output import print_json, print_lines, relative, say
from baocao.cli.progress import Bar
from baocao.cli.stages import Stage
from baocao.project.errors import BaocaoError, UsageError
from baocao.project.language import _

EditionOption = Annotated[
    int | None,
    typer.Option("--edition", metavar="NUMBER", help="Another edition than the last.", min=1),
]
AuthorityOption = Annotated[
    str | None,
    typer.Option("--tsa", metavar="URL", help="Of a time-stamp authority that says when it was signed."),
]


@command("issue", Stage.editions)
def issue_command(
    period: PeriodArgument,
    correction: Annotated[
        str | None,
        typer.Option(
            "--correction", metavar="WHY", help="Replace the last edition; WHY is kept in the new one."
        ),
    ] = None,
    engine: EngineOption = EngineName.auto,
    jobs: JobsOption = 2,
    key: KeyOption = None,
    authority: AuthorityOption = None,
    root: RootOption = None,
) -> None:
    """Build every report of a period and freeze it as an edition; needs a clean git repository."""
    from baocao.cli.showing.editions import format_issued
    from baocao.editions.issuing import issue
    from baocao.project.keys import read_key

    project, parsed = open_period(period, root)
    signing_key = read_key(key, authority)
    with Bar() as bar:
        issued = issue(
            project,
            parsed,
            correction=correction,
            engine=engine.value,
            workers=jobs,
            progress=bar,
            key=signing_key,
        )
    for line in format_issued(issued, project, parsed):
        say(line)


@command("audit", Stage.editions)
def audit_command(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="PERIOD|BUNDLE",
            help="An issued period, as 2026-Q1 or 2026-H1, or an archive of one, zipped or unpacked.",
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
    edition: EditionOption = None,
    jobs: JobsOption = 2,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Make an issued edition again from its raw files; says what is not the same, and why."""
    from baocao.cli.showing.audits import format_audit
    from baocao.editions.auditing.auditing import audit_bundle, audit_period

    if all_periods == (what is not None):
        raise UsageError(_("say which period or archive to audit, or --all."))
    if what is None:
        _audit_all(root, today=today, as_json=as_json)
        return
    if _is_bundle(what):
        if today or edition is not None:
            raise UsageError(_("--today and --edition are for a period of this project, not for an archive."))
        audit = audit_bundle(Path(what), run_code=run_code, workers=jobs, say=say)
    else:
        if run_code:
            raise UsageError(
                _("--run-code is for an archive; the code of a period lies in its own repository.")
            )
        project, parsed = open_period(what, root)
        audit = audit_period(project, parsed, number=edition, today=today, workers=jobs, say=say)
    if as_json:
        print_json(audit.as_dict())
    else:
        print_lines(format_audit(audit))
    if not audit.good:
        raise typer.Exit(EXIT_FINDINGS)


def _audit_all(root: Path | None, *, today: bool, as_json: bool) -> None:
    from baocao.cli.showing.audits import format_audit, format_audits
    from baocao.editions.auditing.auditing import audit_all

    audits = audit_all(find_root_project(root), today=today, say=say)
    if as_json:
        print_json(
            {
                period: {"error": str(audit)} if isinstance(audit, BaocaoError) else audit.as_dict()
                for period, audit in audits.items()
            }
        )
    else:
        for audit in audits.values():
            if not isinstance(audit, BaocaoError) and not audit.good:
                print_lines(format_audit(audit))
        print_lines(format_audits(audits))
    if any(isinstance(audit, BaocaoError) for audit in audits.values()):
        raise typer.Exit(EXIT_UNUSABLE)
    if not all(audit.good for audit in audits.values() if not isinstance(audit, BaocaoError)):
        raise typer.Exit(EXIT_FINDINGS)


def _is_bundle(what: str) -> bool:
    from baocao.project.periods import is_period

    # A folder may well be called 2026-Q1: a quarter's own folders are.
    path = Path(what)
    return what.endswith(".zip") or path.is_file() or (path.is_dir() and not is_period(what))


@command("signed", Stage.editions)
def signed_command(
    period: PeriodArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE.pdf", help="As the token's program wrote it.")],
    report: Annotated[
        str | None,
        typer.Option(
            "--report", metavar="REPORT", help="Whose copy it is; found by its first page if left out."
        ),
    ] = None,
    edition: EditionOption = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option(
            "--trust", metavar="FILE", help="The certificate of a root to trust, PEM or DER; may be repeated."
        ),
    ] = None,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Take back a signed copy: who signed it, whether anything but signature, number and date changed; keep it."""
    from baocao.cli.showing.editions import format_taken
    from baocao.editions.signed.copies import take_back

    project, parsed = open_period(period, root)
    taken = take_back(project, parsed, file, report=report, number=edition, trust=trust or ())
    if as_json:
        print_json({**taken.examined.as_dict(), "kept": None if taken.path is None else str(taken.path)})
    else:
        print_lines(format_taken(taken))
    if not taken.examined.good:
        raise typer.Exit(EXIT_FINDINGS)


@command("package", Stage.editions)
def package_command(
    period: PeriodArgument,
    report: Annotated[str, typer.Option("--report", metavar="REPORT", help="Whose signed copy is sent.")],
    sender: Annotated[
        str, typer.Option("--from", metavar="CODE", help="The code by which the exchange knows this place.")
    ],
    to: Annotated[
        list[str], typer.Option("--to", metavar="CODE=NAME", help="Who receives it; may be repeated.")
    ],
    number: Annotated[
        str | None,
        typer.Option("--number", metavar="NUMBER", help="Of the document, if params do not say it."),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date", metavar="DATE", formats=["%Y-%m-%d"], help="Of the document, if params do not say it."
        ),
    ] = None,
    type_code: Annotated[
        str, typer.Option("--type", metavar="CODE", help="Of the exchange's list of document types.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it.", show_default=False),
    ] = None,
    root: RootOption = None,
) -> None:
    """Write the edXML envelope that carries a report's signed copy through the document exchange."""
    from baocao.editions.envelope import package, parse_organization

    project, parsed = open_period(period, root)
    path = package(
        project,
        parsed,
        report=report,
        sender=sender,
        receivers=tuple(map(parse_organization, to)),
        number=number,
        issued_on=None if day is None else day.date(),
        type_code=type_code,
        output=output,
    )
    typer.echo(str(relative(path)))


@command("archive", Stage.editions)
def archive_command(
    period: PeriodArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it.", show_default=False),
    ] = None,
    edition: EditionOption = None,
    key: KeyOption = None,
    authority: AuthorityOption = None,
    root: RootOption = None,
) -> None:
    """Pack an issued edition for somebody outside: one file to check and to make again without us."""
    from baocao.editions.archiving.archiving import archive
    from baocao.project.keys import read_key, sign_file

    project, parsed = open_period(period, root)
    signing_key = read_key(key, authority)
    path = archive(project, parsed, output, number=edition)
    if signing_key is not None:
        say(_("signature: {file}", file=relative(sign_file(path, signing_key))))
    size = path.stat().st_size / 1e6
    say(_("{file}: {size:.1f} MB, checked", file=relative(path), size=size))
