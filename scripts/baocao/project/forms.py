"""The layout that a submission must follow, as a data model."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.models import Code, Level, Model, Text, Whole
from baocao.project.schemas import name_near

Address = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[1-9][0-9]{0,6}$")]
Letters = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]
Row = Annotated[Whole, Field(ge=1, le=1_048_576)]
Source = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)?$")]


UNITS, UNIT_NAMES, OFFICE_NAMES = "units", "units.name", "offices.name"
LISTS = (UNITS, UNIT_NAMES, OFFICE_NAMES)
"""What a column may refer to besides the columns of forms."""


Over = Literal["flow", "first", "last", "ever", "parts", "never"]
"""
How entries are taken over several periods: ``flow``: added; ``first``, ``last``:
as in the first or at the end; ``ever``: the first of the choices where any part
has it; ``parts``: added anew from the columns it is the sum of; ``never``: it can
only be asked for the whole period.
"""


class Column(Model):
    """
    One column of a form.

    Parameters
    ----------
    order
        It numbers the rows; what has no number there, or a letter, may be no item.
    refers
        What its entries must be found in: ``units`` (codes), ``units.name``,
        ``offices.name``, or a column of a form, ``tthc.ma``; one of them is enough.
    unless
        Rows whose entries need not be found, by the entry of another column.
    whole
        Whatever it refers to must stand in it.
    of_unit
        What ``units.csv`` says of the unit whose code the row names.
    positive
        Zero is no entry, as for a plan that is divided by.
    most
        The largest number there can be.
    cumulative
        It never falls, from period to period or within a year.
    unique
        No two rows have the same entry there, blanks apart.
    over
        How it is taken over several periods, see :data:`Over`.
    adds
        Its numbers may be added up; those of prices, shares, codes and years may not, and a row of totals says
        nothing about them.
    """

    name: Code
    column: Letters
    label: Text
    type: Literal["text", "count", "number", "date", "choice"]
    number: Whole | None = None
    choices: tuple[Text, ...] = ()
    unit: str | None = None
    blank: bool = False
    key: bool = False
    unique: bool = False
    order: bool = False
    refers: tuple[str, ...] = ()
    unless: dict[str, str] = Field(default_factory=dict)
    whole: bool = False
    of_unit: Literal["name", "level", "type"] | None = None
    positive: bool = False
    most: Decimal | None = None
    cumulative: Literal["ever", "year"] | None = None
    over: Over | None = None
    adds: bool = True

    @property
    def taken(self) -> Over | None:
        """How it is taken over several periods; what is cumulative, as it stands at the end."""
        return self.over or ("last" if self.cumulative else None)

    @model_validator(mode="after")
    def _choices_to_choose(self) -> Column:
        if self.type == "choice" and not self.choices:
            raise ValueError(_("column {name} is a choice and has no choices", name=self.name))
        if self.over == "ever" and not self.choices:
            raise ValueError(_("column {name} is taken over ever and is no choice", name=self.name))
        return self


class FormIndicator(Model):
    """
    One indicator that an ``indicators`` form asks for; ``most`` and ``cumulative`` as a :class:`Column` has them.

    Parameters
    ----------
    aliases
        Codes that it had before; a workbook that bears one of them is understood.
    """

    code: Code
    label: Text
    unit: Text
    levels: tuple[Level, ...] = ()
    aliases: tuple[str, ...] = ()
    most: Decimal | None = None
    cumulative: Literal["ever", "year"] | None = None
    over: Literal["flow", "first", "last", "never"] | None = None

    @property
    def taken(self) -> Over | None:
        """How it is taken over several periods; what is cumulative, as it stands at the end."""
        return self.over or ("last" if self.cumulative else None)


class FixedRow(Model):
    """A row that a register must have; ``within`` names the row that it is a part of."""

    key: str
    within: str | None = None


class AtMost(Model):
    """Within a row, column ``column`` is no more than column ``of``; in ``indicators`` forms they are codes."""

    kind: Literal["at-most"]
    column: str
    of: str


class StateRule(Model):
    """
    What a date must be where a column holds one of some states.

    Parameters
    ----------
    expects
        ``filled`` or ``blank``; ``past``: not after the last day of the period;
        ``ahead``: not before it.
    """

    kind: Literal["state"]
    column: str
    states: tuple[str, ...]
    date: str
    expects: Literal["filled", "blank", "past", "ahead"]


class EntriesRule(Model):
    """Where a column holds one of some states, the columns ``others`` are filled, or blank."""

    kind: Literal["entries"]
    column: str
    states: tuple[str, ...]
    others: Annotated[tuple[str, ...], Field(min_length=1)]
    expects: Literal["filled", "blank"]


RowRule = Annotated[AtMost | StateRule | EntriesRule, Field(discriminator="kind")]


class Words(Model):
    """
    Words by which senders mark what is no item of a form (``words:`` in ``params/forms.yaml``).

    Parameters
    ----------
    measure
        What a head says before its measure.
    units
        Measures that a head may name alone, as in ``(triệu đồng)``.
    scales
        Words that multiply a measure, as in ``nghìn hồ sơ``; also in number formats.
    totals
        What a row of sums is called.
    parts
        What a row begins with that is a part of another row.
    """

    measure: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class SumRule(Model):
    """Within a row, column ``of`` is the sum of the columns ``parts``."""

    of: str
    parts: tuple[str, ...]


class TotalRow(Model):
    """How the totals row is recognised: the text of one column."""

    column: str
    text: str


class Header(Model):
    """Cells of a form's header; None where the form has none."""

    period: Address
    window: Address | None = None
    unit_name: Address | None = None
    unit_code: Address | None = None
    form: Address | None = None
    """Where a blank that went out says which form it is, in which version; a submission may say nothing there."""


class Carried(Model):
    """Column ``this`` equals column ``previous`` of the period before."""

    this: str
    previous: str


class Form(Model):
    """The layout that a submission must follow (``params/forms.yaml``)."""

    name: Code
    title: Text
    version: Annotated[Whole, Field(ge=1)] = 1
    source: Source
    sheet: Text
    kind: Literal["table", "indicators", "register"]
    header: Header
    first_row: Row
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    levels: tuple[Level, ...] = ()
    label_row: Row | None = None
    label_rows: tuple[Row, ...] = ()
    number_row: Row | None = None
    total: TotalRow | None = None
    unit: str | None = None
    sums: tuple[SumRule, ...] = ()
    carried: Carried | None = None
    indicators: tuple[FormIndicator, ...] = ()
    measures: tuple[str, ...] = ()
    """What the head may say the numbers are measured in; nothing means ``unit``."""
    rows: tuple[FixedRow, ...] = ()
    """Rows there must be, by the key; others are told."""
    open: bool = False
    """Rows that ``rows`` does not name are expected as well."""
    flow: bool = False
    """What it lists belongs to one period: an item of the period before does not come again."""
    over: Literal["each", "union", "last"] | None = None
    """
    Which rows a longer period has: those of every part, numbers taken as their columns say; each
    item once in its last state; or those of the last part. Indicators say it themselves.
    """
    rules: tuple[RowRule, ...] = ()
    words: Words = Words()

    @model_validator(mode="after")
    def _columns_that_are_there(self) -> Form:
        names = [column.name for column in self.columns]
        for what, listed in (
            (_("columns"), names),
            (_("column letters"), [column.column for column in self.columns]),
            (_("indicators"), [indicator.code for indicator in self.indicators]),
        ):
            twice = sorted({one for one in listed if listed.count(one) > 1})
            if twice:
                raise ValueError(_("{what} stand there twice: {names}", what=what, names=", ".join(twice)))
        for column in self.columns:
            if column.over == "parts" and column.name not in self.rebuilt:
                raise ValueError(
                    _(
                        "column {name} is added from parts, and no rule of sums makes it of others",
                        name=column.name,
                    )
                )
        asked = [name for rule in self.sums for name in (rule.of, *rule.parts)]
        asked += [self.carried.this, self.carried.previous] if self.carried else []
        for name in asked:
            if name not in names:
                raise ValueError(
                    _("there is no column {name}; there are {names}", name=name, names=name_near(name, names))
                )
        if self.total and self.total.column not in [column.column for column in self.columns]:
            raise ValueError(
                _("the totals row is found in column {name}, which the form has not", name=self.total.column)
            )
        return self

    @property
    def first_label_row(self) -> int:
        """The first row that no longer belongs to the head: that of the labels, or else of the data."""
        return self.label_rows[0] if self.label_rows else self.label_row or self.first_row

    @property
    def stamp(self) -> str:
        """Name and version, as a blank carries them and a returned workbook is held against: ``06a.v1``."""
        return f"{self.name}.v{self.version}"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def undeclared(self) -> tuple[str, ...]:
        """
        What does not say how it is taken over several periods: names of columns, codes of indicators.

        The form's own name where it is a table or a register that says nothing.
        """
        if self.kind == "indicators":
            return tuple(item.code for item in self.indicators if item.taken is None)
        if self.over is None:
            return (self.name,)
        if self.over != "each":
            return ()
        return tuple(
            column.name
            for column in self.columns
            if column.type in ("count", "number")
            and not column.key
            and not column.order
            and column.taken is None
        )

    @cached_property
    def rebuilt(self) -> dict[str, SumRule]:
        """Columns that are added anew over several periods, each with what it is the sum of."""
        anew = {column.name for column in self.columns if column.over == "parts"}
        return {rule.of: rule for rule in reversed(self.sums) if rule.of in anew and not anew & {*rule.parts}}

    def column(self, name: str) -> Column:
        """
        Find a column by name.

        Raises
        ------
        UsageError
            The form has no such column; the message lists those it has.
        """
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(self.by_name)
            raise UsageError(
                _(
                    "form {name!r} has no column {column!r}; it has {known}.",
                    name=self.name,
                    column=name,
                    known=known,
                )
            ) from None
