"""From the workbooks to the documents."""

from __future__ import annotations

from dataclasses import replace

from baocao.cli.answers import remember
from baocao.cli.app import (
    EngineName,
    EngineOption,
    JobsOption,
    PeriodArgument,
    ReportsOption,
    RootOption,
    command,
    open_period,
)
from baocao.cli.output import say
from baocao.cli.progress import Bar
from baocao.cli.stages import Stage
from baocao.project.language import _


@command("build", Stage.building)
def build_command(
    period: PeriodArgument,
    report: ReportsOption = None,
    engine: EngineOption = EngineName.auto,
    jobs: JobsOption = 2,
    root: RootOption = None,
) -> None:
    """Bring the reports of a period up to date; says why each thing is made again."""
    from baocao.building.build import build
    from baocao.cli.showing.builds import format_build
    from baocao.cli.showing.standings import format_standings
    from baocao.reviewing import refresh_review
    from baocao.reviewing.signing import list_standings

    project, parsed = open_period(period, root)
    with Bar() as bar:
        built = build(
            project, parsed, reports=report or None, engine=engine.value, workers=jobs, progress=bar
        )
    after = [*format_standings(list_standings(project, parsed))]
    if not refresh_review(project, parsed):
        after.append(
            _("review pages: none of this build; 'baocao review {period}' writes them", period=parsed)
        )
    for line in (*format_build(built, parsed), *after):
        say(line)
    again = replace(built, rendered={}, moved=[])
    remember([*built.notes, *format_build(again, parsed), *after], [f"reports/{parsed}"])
