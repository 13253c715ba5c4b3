"""What is wrong with the submissions, and what the numbers mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from baocao.cli.app import (
    EXIT_FINDINGS,
    JsonOption,
    OptionalPeriod,
    PeriodArgument,
    RootOption,
    command,
    open_optional,
    open_period,
)
from baocao.cli.output import print_json, print_lines, say
from baocao.cli.stages import Stage
from baocao.project.language import _, _n


@command("check", Stage.checking)
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

    checked = check_period(*open_period(period, root))
    for note in checked.notes:
        say(note)
    if verbose:
        for name, missing in checked.skipped.items():
            say(_("skipped {name}: there is no {missing}", name=name, missing=missing))
    if as_json:
        print_json([finding.as_dict() for finding in checked.findings])
    else:
        print_lines(map(str, checked.findings))
    if checked.findings:
        raise typer.Exit(EXIT_FINDINGS)


@command("definitions", Stage.checking)
def definitions_command(
    period: OptionalPeriod = None, as_json: JsonOption = False, root: RootOption = None
) -> None:
    """List for every share and ratio what is counted over which base; two bases under one name are findings."""
    from baocao.checking.check import find_definitions
    from baocao.cli.showing.definitions import format_definition

    definitions, findings = find_definitions(*open_optional(period, root))
    if as_json:
        print_json([definition.as_dict() for definition in definitions])
    else:
        print_lines(map(format_definition, definitions))
    for finding in findings:
        say(str(finding))
    if findings:
        raise typer.Exit(EXIT_FINDINGS)


@command("compare", Stage.checking)
def compare_command(
    period: PeriodArgument,
    xlsx: Annotated[
        Path | None,
        typer.Option(
            "--xlsx", metavar="FILE", help="Write the flags as a workbook with room for explanations."
        ),
    ] = None,
    explained: Annotated[
        Path | None,
        typer.Option(
            "--explained",
            metavar="FILE",
            help="Take the explanations of such a workbook into params/PERIOD.yaml first.",
        ),
    ] = None,
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Compare each unit's figures with its own past and its peers: leaps, slips of a digit, swapped columns."""
    from baocao.checking.desk import explain_flags, find_flags
    from baocao.cli.showing.flags import format_flag
    from baocao.intake.treating import add_explanations
    from baocao.project.files import write_atomically
    from baocao.reviewing.desk import read_explanations, write_desk

    project, parsed = open_period(period, root)
    flags = find_flags(project, parsed)
    if explained is not None:
        read = read_explanations(explained, project, parsed)
        add_explanations(project.params.folder / f"{parsed}.yaml", read)
        say(_n("{count} explanation taken over", "{count} explanations taken over", len(read)))
        project, parsed = open_period(period, root)  # params are read once, and these are new
    told = explain_flags(project, parsed, flags)
    if xlsx is not None:
        write_atomically(xlsx, write_desk(told, project, parsed))
        say(str(xlsx))
    if as_json:
        print_json({"flags": [one.as_dict() for one in told]})
    else:
        print_lines(format_flag(one, project.params.units) for one in told)
    if any(one.state != "explained" for one in told):
        raise typer.Exit(EXIT_FINDINGS)


@command("diff", Stage.checking)
def diff_command(
    period_a: Annotated[str, typer.Argument(metavar="PERIOD_A", help="A period, as 2025-Q4.")],
    period_b: Annotated[str, typer.Argument(metavar="PERIOD_B", help="The period to hold against it.")],
    as_json: JsonOption = False,
    root: RootOption = None,
) -> None:
    """Compare two periods value by value, with what made each difference."""
    from baocao.checking.comparing import compare_periods
    from baocao.cli.showing.comparisons import format_comparison

    project, first = open_period(period_a, root)
    second = open_period(period_b, root)[1]
    comparison = compare_periods(project, first, second)
    for note in comparison.notes:
        say(note)
    if as_json:
        print_json(comparison.as_dict())
    else:
        print_lines(format_comparison(comparison, project.house.numbers))
    if comparison.differs:
        raise typer.Exit(EXIT_FINDINGS)
