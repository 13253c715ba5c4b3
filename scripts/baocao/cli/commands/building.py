"""From the workbooks to the documents."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baocao.cli.answers import remember
from baocao.cli.app import (
    EngineName,
    EngineOption,
    JobsOption,
    ReportsOption,
    command,
    find_root_project,
    open_period,
)
from baocao.cli.output import say
from baocao.cli.progress import Bar
from baocao.cli.stages import Stage
from baocao.project.errors import BaocaoError, UsageError
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.building.build import Built
    from baocao.building.cluster import Cluster
    from baocao.project.folder import Project
    from baocao.project.periods import Period

AllOption = Annotated[bool, typer.Option("--all", help="Every period that has submissions and parameters.")]
RootsOption = Annotated[
    str | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="Work on this project folder; with * in it, on each that fits.",
        show_default=False,
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Let the workers of this Dask cluster run and render."
    ),
]


@dataclass(frozen=True)
class Order:
    """How each of several builds is to be made."""

    reports: Sequence[str] | None
    engine: EngineName
    jobs: int


@command("build", Stage.building)
def build_command(
    periods: Annotated[
        list[str] | None, typer.Argument(metavar="PERIOD...", help="Quarters, as 2026-Q1.")
    ] = None,
    report: ReportsOption = None,
    engine: EngineOption = EngineName.auto,
    jobs: JobsOption = 2,
    all_periods: AllOption = False,
    scheduler: SchedulerOption = None,
    root: RootsOption = None,
) -> None:
    """Bring the reports of periods up to date; says why each thing is made again."""
    if all_periods == bool(periods):
        raise UsageError(_("say which periods to build, or --all."))
    targets = [*_list_targets(periods or (), root)]
    order = Order(report or None, engine, jobs)
    if scheduler is None and len(targets) == 1:
        ((project, period),) = targets
        with Bar() as bar:
            built = _build(project, period, order, bar)
        after = [*_format_after(project, period)]
        for line in (*_format(built, period), *after):
            say(line)
        again = replace(built, rendered={}, moved=[])
        remember([*built.notes, *_format(again, period), *after], [f"reports/{period}"])
        return
    codes = [*_build_several(targets, order, scheduler)]
    if worst := max(codes, default=0):
        raise typer.Exit(worst)


def _list_targets(periods: Iterable[str], root: str | None) -> Iterator[tuple[Project, Period]]:
    """List the projects and periods that are meant; without periods, all there are."""
    from baocao.project.folder import MARKER
    from baocao.project.periods import is_period, parse_period

    pattern = root is not None and any(letter in root for letter in "*?[")
    folders: list[Path | None] = [Path(root) if root else None]
    if pattern:
        anchor = Path(root or "").anchor or "."
        found = Path(anchor).glob(os.path.relpath(root or "", anchor))
        folders = [folder for folder in sorted(found) if (folder / MARKER).is_file()]
    if not folders:
        raise UsageError(_("no folder that fits {root} is a project.", root=root))
    for folder in folders:
        if periods:
            yield from (open_period(period, folder) for period in periods)
            continue
        project = find_root_project(folder)
        names = sorted(path.name for path in (project.root / "data" / "raw").iterdir() if path.is_dir())
        ready = [
            name for name in names if is_period(name) and (project.params.folder / f"{name}.yaml").is_file()
        ]
        if not ready:
            raise UsageError(
                _("{folder} has no period with submissions and parameters.", folder=project.root)
            )
        yield from ((project, parse_period(name)) for name in ready)


def _build(project: Project, period: Period, order: Order, bar: Bar, cluster: Cluster | None = None) -> Built:
    from baocao.building.build import build

    return build(
        project,
        period,
        reports=order.reports,
        engine=order.engine.value,
        workers=order.jobs,
        progress=bar,
        cluster=cluster,
    )


def _format(built: Built, period: Period) -> Iterator[str]:
    from baocao.cli.showing.builds import format_build

    return format_build(built, period)


def _format_after(project: Project, period: Period) -> Iterator[str]:
    from baocao.cli.showing.standings import format_standings
    from baocao.reviewing import refresh_review
    from baocao.reviewing.signing import list_standings

    yield from format_standings(list_standings(project, period))
    if not refresh_review(project, period):
        yield _("review pages: none of this build; 'baocao review {period}' writes them", period=period)


# -- several at once -----------------------------------------------------------------


class _LabelledBar(Bar):
    """Says of which build each line is."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label

    def say(self, text: str) -> None:
        """Write a message."""
        say(f"{self._label}: {text}")

    def start(self, total: int) -> None:
        """Show no bar: several would be drawn over each other."""


def _build_several(
    targets: Sequence[tuple[Project, Period]], order: Order, scheduler: str | None
) -> Iterator[int]:
    """Yield the exit code of each build; one that fails stops no other."""
    from baocao.project.processes import Failure, run_side_by_side

    results: Iterable[tuple[tuple[Project, Period], Any]]
    if scheduler is None:
        # Each build by itself keeps one core busy; notebooks of one are not run beside those of another.
        task = partial(_build_one, replace(order, jobs=1))
        results = run_side_by_side(task, targets, os.cpu_count() or 1)
    else:
        results = _build_on(scheduler, targets, order)
    for (project, period), result in results:
        label = _label(project, period)
        if isinstance(result, Failure):
            say(f"{label}: {result}")
            yield result.exit_code
        else:
            for line in result:
                say(f"{label}: {line}")
            yield 0


def _label(project: Project, period: Period) -> str:
    return f"{project.root.name} {period}"


def _build_one(order: Order, target: tuple[Project, Period], cluster: Cluster | None = None) -> list[str]:
    project, period = target
    with _LabelledBar(_label(project, period)) as bar:
        built = _build(project, period, order, bar, cluster)
    return [*map(str, _format(built, period)), *map(str, _format_after(project, period))]


def _build_on(
    scheduler: str, targets: Sequence[tuple[Project, Period]], order: Order
) -> Iterator[tuple[tuple[Project, Period], Any]]:
    from baocao.project.processes import Failure

    try:
        from baocao.building.cluster import Cluster
    except ImportError as error:
        raise UsageError(
            _("--scheduler needs the extra 'cluster': pip install 'baocao[cluster]' ({error}).", error=error)
        ) from None

    def task(target: tuple[Project, Period]) -> list[str] | Failure:
        try:
            return _build_one(order, target, cluster)
        except BaocaoError as error:
            return Failure(str(error), error.exit_code)

    with Cluster(scheduler) as cluster, ThreadPoolExecutor(len(targets)) as pool:
        yield from zip(targets, pool.map(task, targets), strict=True)
