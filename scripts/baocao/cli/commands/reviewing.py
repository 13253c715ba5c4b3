"""Reading a report with its cells, and approving it."""

from __future__ import annotations

from typing import Annotated

import typer

from baocao.cli.app import (
    JsonOption,
    KeyOption,
    PeriodArgument,
    ReportsOption,
    RootOption,
    command,
    open_period,
)
from baocao.cli.output import print_json, print_lines, relative
from baocao.cli.stages import Stage
from baocao.project.errors import UsageError
from baocao.project.language import _


@command("review", Stage.reviewing)
def review_command(period: PeriodArgument, root: RootOption = None) -> None:
    """Write the review pages: every number of the reports one click from its cells, opened from disk."""
    from baocao.reviewing import write_review

    typer.echo(str(relative(write_review(*open_period(period, root)))))


@command("sign", Stage.reviewing)
def sign_command(
    period: PeriodArgument,
    section: Annotated[
        str | None, typer.Argument(metavar="[SECTION]", help="As kstthc/I.7, or I.7 where one report has it.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What the reviewer has to say.")] = "",
    key: KeyOption = None,
    status: Annotated[bool, typer.Option("--status", help="List what is signed, stale and open.")] = False,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Approve a section as it was built; the approval goes stale by itself when anything under it changes."""
    from baocao.cli.showing.standings import format_standing
    from baocao.project.keys import read_key
    from baocao.reviewing import refresh_review
    from baocao.reviewing.signing import list_standings, sign

    project, parsed = open_period(period, root)
    if status == (section is not None):
        raise UsageError(_("expected a SECTION to sign, or --status to list how all of them stand."))
    standings = (
        list_standings(project, parsed)
        if section is None
        else [sign(project, parsed, section, by=by, note=note, signing_key=read_key(key))]
    )
    if section is not None:
        refresh_review(project, parsed)
    if as_json:
        print_json([standing.as_dict() for standing in standings])
        return
    for standing in standings:
        print_lines(format_standing(standing))


@command("annex", Stage.reviewing)
def annex_command(period: PeriodArgument, report: ReportsOption = None, root: RootOption = None) -> None:
    """Write the trace annex of the built reports: every printed number with its cells, as xlsx and HTML."""
    from baocao.reviewing.annexing import write_annexes

    for path in write_annexes(*open_period(period, root), report or ()):
        typer.echo(str(relative(path)))
