"""The place, its units, its indicators and what holds for one period, as data models."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from baocao.project.language import DEFAULT_HOUSE, _

Level = str
#: Text that says something.
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: What stands in an address and in the name of a file.
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def _read_whole(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(_("expected a number, got true or false"))  # noqa: TRY004 what pydantic catches
    return value


def _read_day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.match(value)):
        return value
    raise ValueError(_("expected a date such as 2026-03-20, got {value}", value=repr(value)))


def _spell_scalar(value: object) -> object:
    """Take a number or a day of YAML as it is spelt."""
    return str(value) if isinstance(value, int | float | date) and not isinstance(value, bool) else value


def _split_codes(value: object) -> object:
    return tuple(value.replace(",", " ").replace(";", " ").split()) if isinstance(value, str) else value


Whole = Annotated[int, BeforeValidator(_read_whole)]
Day = Annotated[date, BeforeValidator(_read_day)]


class Model(BaseModel):
    """What is read from a file under ``params/``: nothing unknown in it, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class LevelWords(Model):
    """How a level of units is called: ``label`` in running text, ``name`` in a table."""

    label: Text
    name: Text


class Place(Model):
    """
    The place the reports are written for (``params/place.yaml``).

    Parameters
    ----------
    house
        The administration whose words and formats hold, see :mod:`baocao.project.house`.
    """

    house: Text = DEFAULT_HOUSE
    code: Text
    name: Text
    short: Text
    kind: Text
    issuer: tuple[Text, ...] = ()
    levels: Annotated[dict[Level, LevelWords], Field(min_length=1)]
    names: tuple[Text, ...] = ()


class Body(Model):
    """
    Somebody who reports, for as long as they are there.

    Parameters
    ----------
    start, until
        First and last day (``from`` and ``until`` in the file); None where there is no end.
    successors
        Codes of those who took over what was left when it ended (``successor``
        in the file); several where it was split.
    """

    code: Code
    name: Text
    start: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    successors: Annotated[tuple[Code, ...], BeforeValidator(_split_codes), Field(alias="successor")] = ()

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Body:
        if self.start and self.until and self.until < self.start:
            raise ValueError(
                _(
                    "{code} ends on {until}, before it begins on {start}",
                    code=self.code,
                    until=self.until,
                    start=self.start,
                )
            )
        if self.successors and not self.until:
            raise ValueError(_("{code} has a successor and no last day: fill in until", code=self.code))
        return self

    def exists_on(self, day: date) -> bool:
        """
        Return whether it is there on a day.

        Examples
        --------
        >>> unit = Unit(code="10507", name="Xã A", type="xã", level="xa", until="2026-03-31")
        >>> unit.exists_on(date(2026, 3, 31)), unit.exists_on(date(2026, 4, 1))
        (True, False)
        """
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)


class Unit(Body):
    """A reporting office: ``level`` is a key of :attr:`Place.levels`."""

    type: Text
    level: Level


class NumberFormat(Model):
    """How a number is printed; see ``params/indicators.yaml``. ``pad=None`` is the house's."""

    pad: Annotated[Whole, Field(ge=1, le=9)] | None = None
    decimals: Annotated[Whole, Field(ge=0, le=9)] | None = None
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

    label: Text
    unit: Text
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
    What to do with what cannot be used as it stands.

    Of a whole unit, ``exclude`` leaves it out, ``zero`` reads blank and "-" as 0,
    ``previous`` takes the figures of the period before, ``use`` names which
    of several files counts. ``why`` is printed in the report.

    ``accept`` lets numbers stand that contradict themselves, of a unit, a row
    or a cell. ``take`` counts a cell as what somebody has confirmed.

    Parameters
    ----------
    who, when
        Who decided it and on which day; ``accept`` and ``take`` ask for both.
    seen
        The mark of what was accepted, as the finding gives it, or what stood in
        the cell that is taken, a text in quotes; where something else is seen,
        the decision is stale and does not hold.
    value
        What a cell is taken as: a number with a decimal point, a day as ``2026-03-14``, or a text.
    """

    action: Literal["exclude", "zero", "previous", "use", "accept", "take"]
    why: Text
    file: Text | None = None
    who: str = ""
    when: Day | None = None
    seen: Annotated[str, BeforeValidator(_spell_scalar)] = ""
    value: Annotated[str, BeforeValidator(_spell_scalar)] = ""

    @model_validator(mode="after")
    def _says_all(self) -> Treatment:
        if self.action == "accept" and not (self.who.strip() and self.when and self.seen.strip()):
            raise ValueError(
                _(
                    "'accept' says who decided it (who), on which day (when) and which numbers (seen, from the finding)"
                )
            )
        if self.action == "take" and not (
            self.value.strip() and self.who.strip() and self.when and self.seen.strip()
        ):
            raise ValueError(
                _(
                    "'take' says as what the cell counts (value), who confirmed it (who), on which day (when), and what stood there (seen)"
                )
            )
        if self.action == "use" and not self.file:
            raise ValueError(_("'use' names the file that counts (file)"))
        return self


class Target(Model):
    """A number that the report aims at and nobody has counted; ``{id}`` in a text prints it."""

    number: Annotated[Decimal, BeforeValidator(_read_whole), Field(ge=0, lt=10**15, allow_inf_nan=False)]
    unit: Text
    label: str = ""


class Explanation(Model):
    """
    What a unit says of a figure that looked like a slip and is none.

    Parameters
    ----------
    text
        The reason, in the unit's words.
    who, when
        Who signs for it, and on which day.
    seen
        The mark of the figures that it explains, as ``compare`` gives it; with
        other figures there it is stale.
    """

    text: Text
    who: Text
    when: Day
    seen: Annotated[Text, BeforeValidator(_spell_scalar)]


class PeriodParams(Model):
    """What holds for one period only (``params/<period>.yaml``)."""

    period: Annotated[str, BeforeValidator(_spell_scalar)]
    signer: str = ""
    number: dict[str, Text] = Field(default_factory=dict)
    issued_on: dict[str, Day] = Field(default_factory=dict)
    deadline: Day | None = None
    deadlines: dict[str, Day] = Field(default_factory=dict)
    drafter: dict[str, Text] = Field(default_factory=dict)
    treatments: dict[str, Treatment] = Field(default_factory=dict)
    explanations: dict[str, Explanation] = Field(default_factory=dict)
    """By cell, what units say of figures that the comparison desk flags."""
    unreviewed: tuple[Text, ...] = ()
    """Texts copied from the period before that nobody has read for this one, as ``<report>/<nn>.md``."""
    targets: dict[str, Target] = Field(default_factory=dict)
    names: tuple[Text, ...] = ()
    legal: tuple[Text, ...] = ()
