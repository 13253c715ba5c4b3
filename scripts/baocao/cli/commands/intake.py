"""What goes out to units and offices, what comes back, and who is still to send."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from baocao.cli.language import STARTING_HOUSE
from baocao.cli.output import print_json, print_lines, relative, say
from baocao.cli.stages import Stage
from baocao.project.errors import UsageError
from baocao.project.language import _, _n

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from baocao.intake.collecting import Taken
    from baocao.project.folder import Project
    from baocao.project.periods import Period

DEBOUNCE, LOOK_AGAIN = 2_000, 30_000
"""Milliseconds: until a folder is quiet, and until it is looked through though nothing was told."""


@command("init", Stage.intake)
def init_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; a new or an empty folder.")],
    house: Annotated[
        str, typer.Option("--house", metavar="HOUSE", help="The administration whose words and formats hold.")
    ] = STARTING_HOUSE,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FOLDER",
            help="Workbooks there are already: forms and units are proposed from them.",
            show_default=False,
        ),
    ] = None,
    code: Annotated[
        bool,
        typer.Option(
            "--code",
            help="Put the code that runs into the project, also into one there is; 'issue' needs it.",
        ),
    ] = False,
) -> None:
    """Begin a project of one's own: a small one that works, or one after workbooks there are already."""
    from datetime import datetime

    from baocao.intake.proposing import propose
    from baocao.intake.starting import find_period, start_project
    from baocao.project.folder import Project
    from baocao.project.house import find_house

    if code and (folder / "params" / "place.yaml").is_file():
        _put_code(Project(folder))
        return
    found = find_house(house)
    proposal = propose(source, found) if source is not None else None
    period = (proposal and proposal.period) or find_period(datetime.now().astimezone().date())
    start = start_project(folder, found, period, proposal=proposal)
    if proposal:
        say(_("to be looked at; it stands in README.md and params/forms.yaml, too:"))
        for note in proposal.notes:
            say(f"  {note}")
    if code:
        _put_code(start.project)
    say(_("a project with a report for {period} is in {folder}; next:", period=start.period, folder=folder))
    step = "check" if proposal else "build"
    print(f"cd {shlex.quote(str(folder))} && baocao {step} {start.period}")


def _put_code(project: Project) -> None:
    from baocao.editions.issuing import CODE
    from baocao.intake.owncode import put_code

    put_code(project, CODE)
    say(
        _(
            "the code lies in {folder}; 'make install' sets up .venv with it: commit it, then issue",
            folder=relative(project.root / "scripts"),
        )
    )


@command("new", Stage.intake)
def new_command(period: PeriodArgument, root: RootOption = None) -> None:
    """Begin a period: its params, its texts, and a blank workbook for every unit and office."""
    from baocao.intake.scaffolding import scaffold_period
    from baocao.project.periods import parse_period

    scaffold = scaffold_period(find_root_project(root), parse_period(period))
    for note in scaffold.notes:
        say(note)
    if scaffold.params is not None:
        print(relative(scaffold.params))
    if scaffold.narratives:
        count = len(scaffold.narratives)
        say(
            _n(
                "{count} text copied from the period before; review it",
                "{count} texts copied from the period before; review them",
                count,
            )
        )
    say(
        _n(
            "{count} blank workbook in {folder}",
            "{count} blank workbooks in {folder}",
            len(scaffold.blanks),
            folder=relative(scaffold.folder),
        )
    )


@command("collect", Stage.intake)
def collect_command(
    period: PeriodArgument,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files that came in, or folders of them.", show_default=False
        ),
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            metavar="CODE",
            help="Let the waiting submission of this unit or office count; may be repeated.",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let later tries take the place of ones without errors at once.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on as further files come into the folders.")
    ] = False,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Recognise, check and file what came in; keep aside what is nobody's, with its reason."""
    from baocao.cli.showing.intake import format_taken
    from baocao.intake.collecting import collect, take_waiting
    from baocao.project.periods import parse_period

    if not paths and not take:
        raise UsageError(_("expected files or folders that came in, or --take CODE."))
    project, parsed = find_root_project(root), parse_period(period)
    taken: list[Taken] = []

    def tell(one: Taken) -> None:
        taken.append(one)
        if not as_json:
            print_lines(format_taken(one))

    for one in take_waiting(project, parsed, take) if take else ():
        tell(one)
    if paths:
        collect(project, parsed, paths, replace_counted=replace, tell=tell)
    if watch and paths:
        _follow(project, parsed, paths, replace=replace, tell=tell)
    if as_json:
        print_json([one.as_dict() for one in taken])
    if any(one.errors or one.state in {"aside", "waiting"} for one in taken):
        raise typer.Exit(EXIT_FINDINGS)


def _follow(
    project: Project, parsed: Period, paths: Sequence[Path], *, replace: bool, tell: Callable[[Taken], None]
) -> None:
    from watchfiles import watch

    from baocao.intake.collecting import collect

    say(_("following {paths}; Ctrl-C ends it", paths=", ".join(map(str, paths))))
    # What came before the watch began, and what a network drive tells nobody of, is found in time all the
    # same; a file that is still being written is looked at again when it has grown.
    for _changes in watch(*paths, debounce=DEBOUNCE, rust_timeout=LOOK_AGAIN, yield_on_timeout=True):
        collect(
            project,
            parsed,
            paths,
            replace_counted=replace,
            tell=lambda one: tell(one) if one.state != "identical" else None,
        )


@command("status", Stage.intake)
def status_command(period: PeriodArgument, as_json: JsonOption = False, root: RootOption = None) -> None:
    """Tell who is due, who has sent, what was sent back, who is late and who is missing."""
    from baocao.cli.showing.intake import format_status
    from baocao.intake.status import read_status
    from baocao.project.periods import parse_period

    status = read_status(find_root_project(root), parse_period(period))
    if as_json:
        print_json(status.as_dict())
    else:
        print_lines(format_status(status))


@command("return", Stage.intake)
def return_command(
    period: PeriodArgument,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder for what is ready to be sent.")],
    remind: Annotated[
        bool, typer.Option("--remind/--no-remind", help="Write reminders to those who are missing.")
    ] = True,
    root: RootOption = None,
) -> None:
    """Make marked workbooks and letters for those with findings, reminders for those who are missing."""
    from baocao.intake.returning import return_submissions
    from baocao.project.periods import parse_period

    ready = return_submissions(
        find_root_project(root), parse_period(period), to, remind=remind,
        tell=lambda one: print(f"{one.code}  {relative(one.letter)}"),
    )  # fmt: skip
    say(
        _n(
            "{count} letter in {folder}; nothing was sent",
            "{count} letters in {folder}; nothing was sent",
            len(ready),
            folder=relative(to),
        )
    )


@command("treat", Stage.intake)
def treat_command(
    period: PeriodArgument,
    cell: Annotated[
        str, typer.Argument(metavar="CELL", help="file#sheet!D12, as findings spell it.", show_default=False)
    ],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="What the cell counts as.", show_default=False)
    ],
    why: Annotated[
        str, typer.Option("--why", metavar="WHY", help="How it was confirmed; the report says it.")
    ],
    who: Annotated[
        str,
        typer.Option(
            "--who", metavar="NAME", help="Who decides it.", envvar="BAOCAO_WHO", show_default=False
        ),
    ] = "",
    root: RootOption = None,
) -> None:
    """Let a cell count as what its sender has confirmed; what stands there stays, and is shown beside it."""
    import getpass

    from baocao.intake.treating import treat_cell

    project, parsed = open_period(period, root)
    treatment = treat_cell(project, parsed, cell, value, why=why, who=who or getpass.getuser())
    print(relative(project.params.folder / f"{parsed}.yaml"))
    say(
        _(
            "{cell} holds {seen} and counts as {value} from now on",
            cell=cell,
            seen=treatment.seen,
            value=treatment.value,
        )
    )
