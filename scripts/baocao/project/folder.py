"""A project folder: where it is, and where each kind of file lies in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.periods import split_file

if TYPE_CHECKING:
    from baocao.project.house import House
    from baocao.project.params import Params
    from baocao.project.periods import Period

MARKER = Path("params") / "place.yaml"

# Any of them makes a folder a project: one that lost its place.yaml is told so, and another is not worked on in its stead.
_MARKS = ("place.yaml", "reports.yaml", "forms.yaml", "units.csv")


@dataclass(frozen=True)
class Project:
    """
    The folders of one project; nothing is made or read on construction.

    Parameters
    ----------
    root
        The folder that holds ``params/``, ``data/``, ``notebooks/`` and ``reports/``.
    """

    root: Path

    @cached_property
    def params(self) -> Params:
        """What stands in ``params/``."""
        # Later than the import: pydantic is not needed to find a folder.
        from baocao.project.kept import find_params

        return find_params(self.root / "params")

    @property
    def house(self) -> House:
        """Words, formats and folder names of the project's administration."""
        return self.params.house

    @property
    def notebooks(self) -> Path:
        """Notebook sources, without outputs."""
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        """The Quarto project; output lies in a folder a period."""
        return self.root / "reports"

    def raw(self, period: Period) -> Path:
        """Submissions of a period, as received; read-only."""
        return self.root / "data" / "raw" / str(period)

    def processed(self, period: Period) -> Path:
        """Tables of a period; may be deleted at any time."""
        return self.root / "data" / "processed" / str(period)

    @property
    def cache(self) -> Path:
        """Cells of workbooks by the sha256 of the file; may be deleted at any time."""
        return self.root / "data" / "processed" / "workbooks"

    def output(self, period: Period) -> Path:
        """Return the folder of a period's reports and of what leads back to their cells."""
        return self.reports / str(period)

    def raw_file(self, period: Period, file: str) -> Path:
        """
        Find a raw file by the file part of a cell's address.

        Examples
        --------
        >>> from baocao.project.periods import Period
        >>> project, period = Project(Path("/p")), Period(2026, 1)
        >>> project.raw_file(period, "2025-Q4/don-vi/H01.xlsx").as_posix()
        '/p/data/raw/2025-Q4/don-vi/H01.xlsx'
        """
        other, rest = split_file(file)
        return self.raw(other or period) / rest


def find_project(root: str | os.PathLike[str] | None = None) -> Project:
    """
    Find the project folder.

    Parameters
    ----------
    root
        The folder asked for; None means ``BAOCAO_ROOT``, else the working
        folder or the nearest of its parents that is a project, else the folder
        this package is installed from (editable).

    Raises
    ------
    UsageError
        There is no project in the folder asked for, or none can be found.
    """
    asked = root or os.environ.get("BAOCAO_ROOT")
    if asked:
        folder = Path(asked).expanduser().resolve()
        if not is_project(folder):
            raise UsageError(
                _("{folder} is no project: expected {marker} in it.", folder=folder, marker=MARKER.as_posix())
            )
        return Project(folder)
    installed = Path(__file__).resolve().parents[3]
    project = find_here() or (Project(installed) if is_project(installed) else None)
    if project is None:
        raise UsageError(
            _(
                "no project found: no folder from {here} upwards has {marker} in it. Go into a project, give --root DIR, or make one with 'baocao init DIR'.",
                here=Path.cwd(),
                marker=MARKER.as_posix(),
            )
        )
    return project


def find_here() -> Project | None:
    """Find the project that the working folder lies in; None where it lies in none."""
    here = Path.cwd()
    return next((Project(folder) for folder in (here, *here.parents) if is_project(folder)), None)


def is_project(folder: Path) -> bool:
    """Return whether a folder is a project, be it one that has lost some of its params."""
    return any((folder / "params" / name).is_file() for name in _MARKS)
