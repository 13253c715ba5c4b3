"""Texts and files from elsewhere, held against the values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from baocao.cli.app import (
    EXIT_FINDINGS,
    JsonOption,
    PeriodArgument,
    RootOption,
    command,
    find_root_project,
    open_period,
)
from baocao.cli.output import print_json, print_lines, say
from baocao.cli.stages import Stage
from baocao.project.language import _


@command("verify", Stage.verifying)
def verify_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A finished docx, PDF or HTML.")],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Hold a finished file that people have edited against its trace: numbers altered, added, lost, moved."""
    from baocao.cli.showing.edits import format_edits, format_rewordings, format_verified
    from baocao.verifying.verify import verify_file

    verified = verify_file(find_root_project(root), file)
    say(format_verified(verified))
    for what in verified.unread:
        say(_("not looked at: {what}", what=what))
    if as_json:
        print_json(verified.as_dict())
    else:
        print_lines([*format_edits(verified.edits), *format_rewordings(verified.rewordings)])
    if verified.edits:
        raise typer.Exit(EXIT_FINDINGS)


@command("reconcile", Stage.verifying)
def reconcile_command(
    period: PeriodArgument,
    report: Annotated[str, typer.Argument(metavar="REPORT", help="The report that the text publishes.")],
    textfile: Annotated[
        Path, typer.Argument(metavar="TEXTFILE", help="A published text: txt, md, docx, pdf or html.")
    ],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Account for every number of a published text: equal, different, a citation, a date, structure or unknown."""
    from baocao.cli.showing.accounts import format_accounts
    from baocao.verifying.reconciling import reconcile

    project, parsed = open_period(period, root)
    accounts = reconcile(project, parsed, report, textfile)
    if as_json:
        print_json([account.as_dict() for account in accounts])
    else:
        print_lines(format_accounts(accounts))
    if any(account.kind in {"different", "unknown"} for account in accounts):
        raise typer.Exit(EXIT_FINDINGS)
