"""
What a plain formula gives, from the numbers that are stored beside it.

Only arithmetic and a few functions are known: of any other formula nothing is
said. A library that knows them all would have to be trusted with formulas from
outside; here a formula costs no more than it is long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from baocao.project.cells import column_index
from baocao.reading.workbooks.workbook import exact_number

MOST_CHARACTERS, MOST_CELLS = 1000, 50_000
"""Of a formula, and of the ranges in it; longer ones are not looked at."""
_DIGITS = 30
"""No number of a workbook has more."""
_MOST_BITS = 4096
"""Powers that need more are not worked out."""
_EXACT = Fraction(1, 10**9)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<call>[A-Z]+)\("
    r"|(?:(?P<sheet>'(?:[^']|'')+'|[^\W\d]\w*)!)?(?P<range>\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)(?![\w(!])"
    r"|(?P<sign>[-+*/^%(),]))"
)
_CELL = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d{1,7})")
Place = tuple[int, int]
Look = Callable[[str, int, int], Fraction | str | None]


class Unknown(Exception):  # noqa: N818 no error: nothing can be said of the formula
    """A formula that is more than arithmetic."""


class Formula(NamedTuple):
    """
    A formula as it stands in a cell.

    Parameters
    ----------
    text
        Without the equals sign.
    down, right
        How far from the cell that it was written for it stands, where several share it.
    """

    text: str
    down: int = 0
    right: int = 0


def work_out(formula: Formula, sheet: str, place: Place, look: Look) -> Fraction | None:
    """
    Return what a formula gives; None where it is more than arithmetic.

    Parameters
    ----------
    sheet, place
        Where it stands; a formula that asks for its own cell gives nothing.
    look
        Returns the number in a cell of a sheet, None where it is blank, a text where it is
        something else; raises :class:`Unknown` where nobody can say.

    Examples
    --------
    >>> numbers = {(0, 0): Fraction(2), (1, 0): Fraction(3)}
    >>> look = lambda sheet, row, column: numbers.get((row, column))
    >>> [str(work_out(Formula(text), "s", (9, 9), look)) for text in ("A1*A2+1", "SUM($A$1:A5)/2", "IF(A1,1,2)")]
    ['7', '5/2', 'None']
    """
    if len(formula.text) > MOST_CHARACTERS:
        return None
    try:
        parser = _Parser(formula, sheet, place, look)
        result = parser.sum()
    except (Unknown, ZeroDivisionError, RecursionError, OverflowError):
        return None
    return result if parser.done else None


def agree(given: Fraction, stored: Decimal) -> bool:
    """
    Tell whether two numbers are one, but for what Excel loses in its last digits.

    Examples
    --------
    >>> agree(Fraction(1, 3), Decimal("0.333333333333333")), agree(Fraction(3), Decimal("3.001"))
    (True, False)
    """
    number = Fraction(stored)
    return abs(given - number) <= _EXACT * max(Fraction(1), abs(given), abs(number))


class _Parser:
    """Works a formula out while it reads it."""

    def __init__(self, formula: Formula, sheet: str, place: Place, look: Look) -> None:
        self.formula = formula
        self.sheet = sheet
        self.place = place
        self.look = look
        self.at = 0
        self.cells = 0
        self.token: re.Match[str] | None = None
        self.advance()

    @property
    def done(self) -> bool:
        return self.token is None

    def advance(self) -> None:
        rest = self.formula.text[self.at :]
        if not rest.strip():
            self.token = None
            return
        self.token = _TOKEN.match(self.formula.text, self.at)
        if self.token is None:
            raise Unknown
        self.at = self.token.end()

    def takes(self, *signs: str) -> str | None:
        """Go past one of the signs where it stands next, and return it."""
        sign = self.token["sign"] if self.token else None
        if sign not in signs:
            return None
        self.advance()
        return sign

    def sum(self) -> Fraction:
        number = self.product()
        while sign := self.takes("+", "-"):
            more = self.product()
            number = number + more if sign == "+" else number - more
        return number

    def product(self) -> Fraction:
        number = self.power()
        while sign := self.takes("*", "/"):
            more = self.power()
            number = number * more if sign == "*" else number / more
        return number

    def power(self) -> Fraction:
        number = self.signed()
        while self.takes("^"):
            more = self.signed()
            bits = max(number.numerator.bit_length(), number.denominator.bit_length())
            if more.denominator != 1 or bits * abs(more) > _MOST_BITS:
                raise Unknown
            number = number ** int(more)
        return number

    def signed(self) -> Fraction:
        if self.takes("-"):
            return -self.signed()
        if self.takes("+"):
            return self.signed()
        number = self.operand()
        while self.takes("%"):
            number /= 100
        return number

    def operand(self) -> Fraction:
        token = self.token
        if token is None:
            raise Unknown
        if self.takes("("):
            number = self.sum()
            self.close()
            return number
        if token["number"]:
            if len(token["number"]) > _DIGITS:
                raise Unknown
            self.advance()
            return Fraction(exact_number(float(token["number"])))
        if token["call"]:
            return self.call(token["call"])
        if token["range"]:
            numbers = list(self.range())
            if len(numbers) != 1 or isinstance(numbers[0], str):
                raise Unknown
            return numbers[0] or Fraction(0)
        raise Unknown

    def close(self) -> None:
        if not self.takes(")"):
            raise Unknown

    def call(self, name: str) -> Fraction:
        self.advance()
        numbers: list[Fraction | None] = []
        while True:
            if self.token is not None and self.token["range"]:
                numbers += self.argument()
            else:
                numbers.append(self.sum())
            if not self.takes(","):
                break
        self.close()
        known = [number for number in numbers if number is not None]
        if name == "SUM":
            return sum(known, Fraction(0))
        if name in ("MIN", "MAX") and known:
            return min(known) if name == "MIN" else max(known)
        if name == "ABS" and len(numbers) == 1:
            return abs(numbers[0] or Fraction(0))
        if name == "ROUND" and len(numbers) == 2:
            return _round(*(number or Fraction(0) for number in numbers))
        raise Unknown

    def argument(self) -> list[Fraction | None]:
        """Return the numbers of a range; what is worked out with one cell is one number."""
        start, token = self.at, self.token
        numbers = list(self.range())
        if self.token is not None and self.token["sign"] not in (",", ")"):
            self.at, self.token = start, token
            return [self.sum()]
        return [None if isinstance(number, str) else number for number in numbers]

    def range(self) -> Iterator[Fraction | str | None]:
        token = self.token
        assert token is not None
        sheet = token["sheet"]
        name = self.sheet if sheet is None else sheet.strip("'").replace("''", "'")
        corners = [self.corner(*found) for found in _CELL.findall(token["range"])]
        self.advance()
        (top, left), (bottom, right) = corners[0], corners[-1]
        top, bottom, left, right = min(top, bottom), max(top, bottom), min(left, right), max(left, right)
        self.cells += (bottom - top + 1) * (right - left + 1)
        if self.cells > MOST_CELLS:
            raise Unknown
        if name == self.sheet and top <= self.place[0] <= bottom and left <= self.place[1] <= right:
            raise Unknown
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                yield self.look(name, row, column)

    def corner(self, fixed_column: str, letters: str, fixed_row: str, digits: str) -> Place:
        row = int(digits) - 1 + (0 if fixed_row else self.formula.down)
        column = column_index(letters) + (0 if fixed_column else self.formula.right)
        if row < 0 or column < 0:
            raise Unknown
        return row, column


def _round(number: Fraction, places: Fraction) -> Fraction:
    """Round half away from zero, as Excel does."""
    if places.denominator != 1 or abs(places) > _DIGITS:
        raise Unknown
    scaled = abs(number) * Fraction(10) ** int(places)
    rounded = Fraction(int(scaled + Fraction(1, 2))) / Fraction(10) ** int(places)
    return rounded if number >= 0 else -rounded
