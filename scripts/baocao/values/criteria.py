"""
Which rows a value counts, as data: a form, the criteria its rows meet, a column.

A value carries its :class:`Basis` into the notebook's output and into the
trace; what re-makes a number from other files reads it there. The words made
of it are for people and are never parsed. In JSON a criterion is an object
named by ``test``, so that another kind (a negation, a text that must stand in
another form's column) is one more class in :data:`Step`; a value over
several periods is a sum of values with a basis each.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

_STRICT = ConfigDict(extra="forbid", strict=True)
# What can stand in words bare; anything that could be taken for their grammar is quoted.
_BARE = re.compile(
    r"(?!.*\b(?:filled|row|last_period|last_year)\b)[^=>|\[\]\"\\\x00-\x1f\x7f\x85\u2028\u2029]+"
)


@dataclass(frozen=True, slots=True)
class Among:
    """The column holds one of the texts; letter case and doubled spaces do not matter."""

    __pydantic_config__ = _STRICT

    column: str
    texts: tuple[str, ...]
    test: Literal["among"] = "among"

    def __str__(self) -> str:
        return f"{self.column}={'|'.join(map(_quote, self.texts))}"


@dataclass(frozen=True, slots=True)
class Positive:
    """The column's number is above 0."""

    __pydantic_config__ = _STRICT

    column: str
    test: Literal["positive"] = "positive"

    def __str__(self) -> str:
        return f"{self.column}>0"


@dataclass(frozen=True, slots=True)
class Filled:
    """The column is not blank."""

    __pydantic_config__ = _STRICT

    column: str
    test: Literal["filled"] = "filled"

    def __str__(self) -> str:
        return f"{self.column} filled"


@dataclass(frozen=True, slots=True)
class Row:
    """The row stands at this place of the table, counted from 1; of another table it says nothing."""

    __pydantic_config__ = _STRICT

    number: int
    test: Literal["row"] = "row"

    def __str__(self) -> str:
        return f"row {self.number}"


Against = Literal["last_period", "last_year"]
"""The period before of the same kind, and the same period a year before."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The rows are those of an earlier period; it stands before all other criteria."""

    __pydantic_config__ = _STRICT

    period: Against
    test: Literal["earlier"] = "earlier"

    def __str__(self) -> str:
        return str(self.period)


Criterion = Among | Positive | Filled | Row
"""What rows of a table are chosen by."""
Step = Annotated[Among | Positive | Filled | Row | Earlier, Field(discriminator="test")]
"""A criterion, or whose table the rows are chosen from."""


@dataclass(frozen=True, slots=True)
class Basis:
    """
    What a value was read from.

    Parameters
    ----------
    form
        Name of the form.
    criteria
        What its rows meet, all of them, in the order of choosing.
    column
        What is added up or told apart; None where rows are counted.

    Examples
    --------
    >>> print(Basis("06a", (Among("level", ("so",)), Positive("tiep_nhan")), "tiep_nhan"))
    06a[level=so, tiep_nhan>0].tiep_nhan
    """

    __pydantic_config__ = _STRICT

    form: str
    criteria: tuple[Step, ...] = ()
    column: str | None = None

    def __str__(self) -> str:
        chosen = f"[{', '.join(map(str, self.criteria))}]" if self.criteria else ""
        return f"{self.form}{chosen}{f'.{self.column}' if self.column else ''}"

    def narrowed(self, criterion: Step) -> Basis:
        """Return the basis of those of its rows that meet one more criterion."""
        return Basis(self.form, (*self.criteria, criterion), self.column)

    def of(self, column: str) -> Basis:
        """Return the basis of a column of its rows."""
        return Basis(self.form, self.criteria, column)


BASIS: TypeAdapter[Basis] = TypeAdapter(Basis)
"""Reads a basis from JSON, and writes it."""


def _quote(text: str) -> str:
    return text if _BARE.fullmatch(text) and text == text.strip() else json.dumps(text, ensure_ascii=False)
