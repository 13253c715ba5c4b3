"""The place, its units, its indicators and what holds for one period, as data models."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = str


class Model(BaseModel):
    """What is read from a file under ``params/``: nothing unknown in it, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelWords(Model):
    """How a level of units is called: ``label`` in running text, ``name`` in a table."""

    label: str
    name: str


class Place(Model):
    """
    The place the reports are written for (``params/place.yaml``).

    Parameters
    ----------
    house
        The administration whose words and formats hold, see :mod:`baocao.project.house`.
    """

    house: str = "nd30"
    code: str
    name: str
    short: str
    kind: str
    issuer: tuple[str, ...] = ()
    levels: dict[Level, LevelWords]
    names: tuple[str, ...] = ()


class Unit(Model):
    """A reporting office: ``level`` is a key of :attr:`Place.levels`."""

    code: str
    name: str
    type: str
    level: Level


class NumberFormat(Model):
    """How a number is printed; see ``params/indicators.yaml``."""

    pad: int = 2
    decimals: int | None = None
    trim: bool = False
    over: bool = False


class Indicator(Model):
    """
    What an id means: its label, its unit, how it is printed, and what it is made of where that is the same everywhere.

    Parameters
    ----------
    share
        The ids of count and base; a share is declared here once, and made nowhere else.
    sum
        The ids that it adds up.
    aliases
        Ids that it had before; they stay known.
    """

    label: str
    unit: str
    print: NumberFormat = NumberFormat()
    definition: str = ""
    share: tuple[()] | tuple[str, str] = ()
    sum: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def made_of(self) -> tuple[str, ...]:
        """The ids it is made of; empty where notebooks say it."""
        return self.share or self.sum


class Treatment(Model):
    """
    What to do with the unusable submission of one unit.

    ``exclude`` leaves the unit out, ``zero`` reads blank and "-" as 0,
    ``previous`` takes the figures of the period before, ``use`` names which
    of several files counts. ``why`` is printed in the report.
    """

    action: Literal["exclude", "zero", "previous", "use"]
    why: str
    file: str | None = None


class PeriodParams(Model):
    """
    What holds for one period only (``params/<period>.yaml``).

    Parameters
    ----------
    deadline, deadlines
        The last day on which a submission is in time; by code or by level
        where it is another day.
    """

    period: str
    signer: str = ""
    number: dict[str, str] = Field(default_factory=dict)
    issued_on: dict[str, date] = Field(default_factory=dict)
    deadline: date | None = None
    deadlines: dict[str, date] = Field(default_factory=dict)
    drafter: dict[str, str] = Field(default_factory=dict)
    treatments: dict[str, Treatment] = Field(default_factory=dict)
    names: tuple[str, ...] = ()
