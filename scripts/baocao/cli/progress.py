"""What a long command shows while it works."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from baocao.cli.output import say
from baocao.project.language import _

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A progress bar on stderr, with the sections' names; plain lines where stderr is no terminal."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._running: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def say(self, text: str) -> None:
        """Write a message above the bar."""
        if self._bar is None:
            say(text)
        else:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def start(self, total: int) -> None:
        """Begin with so many notebooks to run."""
        if not sys.stderr.isatty():
            return
        # Later than the import: a build that has nothing to do needs no bar.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._bar.start()
        self._task = self._bar.add_task("", total=total)

    def begin(self, name: str) -> None:
        """Show that a notebook has begun."""
        self._running.append(name)
        self._show()

    def advance(self, name: str, seconds: float, failed: bool) -> None:
        """Show that a notebook has ended."""
        self._running.remove(name)
        if failed:
            self.say(_("{name}: FAILED ({seconds:.1f} s)", name=name, seconds=seconds))
        else:
            self.say(_("{name}: done ({seconds:.1f} s)", name=name, seconds=seconds))
        self._show(1)

    def _show(self, ended: int = 0) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=ended, description=", ".join(self._running[:2]))
