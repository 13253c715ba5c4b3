"""The program: its global options, and what every command shares."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baocao import __version__
from baocao.cli.help import Command, Group
from baocao.cli.stages import Stage
from baocao.project.errors import UsageError
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period

EXIT_FINDINGS = 1
EXIT_UNUSABLE = 2

app = typer.Typer(
    name="baocao",
    cls=Group,
    help="Periodic administrative reports from submitted workbooks, every printed number traced to its cells.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="A period, as 2026-Q1 or 2026-H1.")]
OptionalPeriod = Annotated[
    str | None, typer.Argument(metavar="[PERIOD]", help="A period that was built; without it, the latest.")
]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="Work on this project folder.", show_default=False),
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Sign it with this key, PKCS #12."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write one JSON document to stdout and nothing else.")
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="REPORT", help="Of this report only; may be repeated."),
]
JobsOption = Annotated[
    int, typer.Option("--jobs", "-j", metavar="NUMBER", min=1, help="Notebooks at a time.")
]


class EngineName(StrEnum):
    """What renders: Quarto where it is installed, or Pandoc and Typst from the wheels."""

    auto = "auto"
    quarto = "quarto"
    embedded = "embedded"


EngineOption = Annotated[
    EngineName,
    typer.Option(
        "--engine",
        metavar="auto|quarto|embedded",
        help="What renders: Quarto where it is installed, or what comes with the package.",
    ),
]


def command(name: str, stage: Stage) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds a command to its stage; its docstring is its help."""
    return app.command(name, cls=Command, rich_help_panel=stage.value)


def find_root_project(root: Path | None) -> Project:
    """Return the project that a command works on: the one asked for, else the one we are in."""
    from baocao.project.folder import find_project

    return find_project(root or _asked_root)


def open_period(period: str, root: Path | None) -> tuple[Project, Period]:
    """
    Return the project and a period that it has received something for.

    Raises
    ------
    UsageError
        It is no period, or nothing was received for it.
    """
    from baocao.project.periods import parse_period
    from baocao.reading.tables.combined import find_parts

    parsed = parse_period(period)
    project = find_root_project(root)
    if not project.raw(parsed).is_dir() and not find_parts(project, parsed):
        raise UsageError(
            _(
                "{folder} is missing: nothing was received for {period}.",
                folder=project.raw(parsed),
                period=parsed,
            )
        )
    return project, parsed


def open_optional(period: str | None, root: Path | None) -> tuple[Project, Period | None]:
    """Return the project and the period asked for; None where none is."""
    return (find_root_project(root), None) if period is None else open_period(period, root)


_asked_root: Path | None = None


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _global(
    root: RootOption = None,
    # Taken out of the arguments before they are parsed; declared for the help.
    _lang: Annotated[
        str | None,
        typer.Option(
            "--lang", metavar="en|vi", help="Speak this language; else BAOCAO_LANG, else the project's own."
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    global _asked_root  # noqa: PLW0603 --root may stand before the command as well
    _asked_root = root
