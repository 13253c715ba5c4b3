"""Where numbers come from, and where cells go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from baocao.cli.app import EXIT_FINDINGS, JsonOption, PeriodArgument, RootOption, command, open_period
from baocao.cli.output import print_json, print_lines, say
from baocao.cli.stages import Stage
from baocao.project.language import _


@command("values", Stage.tracing)
def values_command(period: PeriodArgument, as_json: JsonOption = False, root: RootOption = None) -> None:
    """List the values of a period: id, number, unit, as printed, how many cells."""
    from baocao.checking.restating import find_restated
    from baocao.cli.showing.values import format_values
    from baocao.tracing.trace import read_trace

    project, parsed = open_period(period, root)
    trace = read_trace(project, parsed)
    values = trace.list_values()
    restated = find_restated(project, parsed, trace.record.files)
    if as_json:
        # A script from outside may ask by the name that a value had before.
        named = {name: value for value in values.values() for name in (value.id, *value.aliases)}
        told = {one.id: [other.as_dict() for other in restated if other.id == one.id] for one in restated}
        print_json(
            {
                name: asdict(value) | ({"restated": told[value.id]} if value.id in told else {})
                for name, value in named.items()
            }
        )
    else:
        print_lines(format_values(values))
        print_lines(map(str, restated))


@command("trace", Stage.tracing)
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
    from baocao.cli.showing.derivations import format_derivation
    from baocao.tracing.trace import read_trace

    trace = read_trace(*open_period(period, root))
    values = trace.find(what)
    if as_json:
        print_json({"what": what, "values": [asdict(value) for value in values]})
        return
    for file in trace.changed_files():
        say(_("warning: {file} has changed since the report was built; its cells are not shown", file=file))
    print_lines(format_derivation(trace, value, full=full) for value in values)


@command("coverage", Stage.tracing)
def coverage_command(period: PeriodArgument, as_json: JsonOption = False, root: RootOption = None) -> None:
    """Count the numerals of the finished reports: traced, constants, untraced."""
    from baocao.cli.showing.coverages import format_coverage
    from baocao.documents.coverage import measure_coverage
    from baocao.documents.numerals import make_recogniser
    from baocao.reading.tables import read_tables
    from baocao.tracing.trace import read_trace

    project, parsed = open_period(period, root)
    trace = read_trace(project, parsed)
    recogniser = make_recogniser(project, parsed, read_tables(project, parsed))
    measured = {
        report: measure_coverage(project.output(parsed) / f"{report}.docx", trace, recogniser)
        for report in trace.record.reports
    }
    if as_json:
        print_json({report: coverage.as_dict() for report, coverage in measured.items()})
    else:
        for report, coverage in measured.items():
            print_lines(format_coverage(report, coverage))
    if any(coverage.untraced for coverage in measured.values()):
        raise typer.Exit(EXIT_FINDINGS)


@command("impact", Stage.tracing)
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
    from baocao.cli.showing.impacts import format_impact
    from baocao.tracing.impacts import find_impact
    from baocao.tracing.trace import read_trace

    fed = find_impact(read_trace(*open_period(period, root)), what)
    if as_json:
        print_json(asdict(fed))
        return
    if fed.note:
        say(f"{what}: {fed.note}")
    print_lines(format_impact(fed))
