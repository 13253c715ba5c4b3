"""The layout that a submission must follow, as a data model."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.models import Level, Model


class Column(Model):
    """One column of a form."""

    name: str
    column: str
    label: str
    type: Literal["text", "count", "number", "date", "choice"]
    number: int | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    blank: bool = False
    key: bool = False


class FormIndicator(Model):
    """One indicator that an ``indicators`` form asks for."""

    code: str
    label: str
    unit: str
    levels: tuple[Level, ...] = ()


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

    period: str
    window: str | None = None
    unit_name: str | None = None
    unit_code: str | None = None
    form: str | None = None
    """Where a blank that went out says which form it is, in which version; a submission may say nothing there."""


class Carried(Model):
    """Column ``this`` equals column ``previous`` of the period before."""

    this: str
    previous: str


class Form(Model):
    """The layout that a submission must follow (``params/forms.yaml``)."""

    name: str
    title: str
    version: int = 1
    source: str
    sheet: str
    kind: Literal["table", "indicators", "register"]
    header: Header
    first_row: int
    columns: tuple[Column, ...]
    levels: tuple[Level, ...] = ()
    label_row: int | None = None
    label_rows: tuple[int, ...] = ()
    number_row: int | None = None
    total: TotalRow | None = None
    unit: str | None = None
    sums: tuple[SumRule, ...] = ()
    carried: Carried | None = None
    indicators: tuple[FormIndicator, ...] = ()

    @property
    def stamp(self) -> str:
        """Name and version, as a blank carries them and a returned workbook is held against: ``06a.v1``."""
        return f"{self.name}.v{self.version}"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

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
                    "form {name!r} has no column {name2!r}; it has {known}.",
                    name=self.name,
                    name2=name,
                    known=known,
                )
            ) from None
