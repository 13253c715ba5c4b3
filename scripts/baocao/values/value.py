"""
Numbers that remember the cells they came from.

A leaf is read from cells; every other value names its operation and its
parents. A value never changes and never turns into a bare number by itself.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NoReturn

from baocao.project.cells import CellRef
from baocao.project.errors import ValueUseError
from baocao.project.hashes import hash_bytes
from baocao.project.language import N_, _
from baocao.project.models import NumberFormat
from baocao.values.criteria import Basis
from baocao.values.formatting import format_number

Role = Literal["term", "condition"]
Op = Literal["cell", "sum", "count", "distinct", "difference", "ratio", "over", "change", "opaque"]
Span = tuple[str, str, int, int]

# Twelve significant digits are what the command line promises; halves go up,
# as people round and as a spreadsheet does.
_TWELVE = Context(prec=12, rounding="ROUND_HALF_UP")


@dataclass(frozen=True)
class Block:
    """
    Rows of raw sheets, shared by all values that were read from them.

    Parameters
    ----------
    spans
        ``(file, sheet, first row, last row)``, rows as a spreadsheet numbers
        them, both ends included, in the order of the table.
    """

    spans: tuple[Span, ...]

    @cached_property
    def key(self) -> str:
        """Short name: the head of the sha256 of the spans."""
        return "b" + hash_bytes(json.dumps(self.spans, ensure_ascii=False).encode())[:12]

    def __len__(self) -> int:
        return sum(last - first + 1 for _file, _sheet, first, last in self.spans)


def make_block(rows: Iterable[tuple[str, str, int]]) -> Block:
    """
    Join ``(file, sheet, row number)`` into spans of neighbouring rows.

    Examples
    --------
    >>> make_block([("a.xlsx", "06a", 9), ("a.xlsx", "06a", 10), ("b.xlsx", "06a", 9)]).spans
    (('a.xlsx', '06a', 9, 10), ('b.xlsx', '06a', 9, 9))
    """
    spans: list[Span] = []
    for file, sheet, row in rows:
        if spans and spans[-1][:2] == (file, sheet) and spans[-1][3] == row - 1:
            spans[-1] = (file, sheet, spans[-1][2], row)
        else:
            spans.append((file, sheet, row, row))
    return Block(tuple(spans))


@dataclass(frozen=True, slots=True)
class Source:
    """
    One column of a block, and what its cells do.

    ``term``: the cell adds to the number. ``condition``: it decides whether a
    row counts; the conditions of rows that do not count belong here as well.
    """

    block: Block
    column: str
    role: Role

    def cells(self) -> Iterator[CellRef]:
        """Yield each cell, in the order of the table."""
        for file, sheet, first, last in self.block.spans:
            for row in range(first, last + 1):
                yield CellRef(file, sheet, f"{self.column}{row}")


@dataclass(frozen=True, eq=False, repr=False)
class Value:
    """
    A number with a unit that knows its cells, the operation that made it and its parents.

    Parameters
    ----------
    number
        Exact, in ``unit`` (a share is in per cent); None where a ratio has
        the base 0, so that nothing can be said.
    unit
        Measuring unit, for example ``"hồ sơ"`` or ``"%"``.
    op
        How the number was made from ``parents`` and ``sources``.
    basis
        Which rows and which column it was read from; of an opaque value what
        happens inside, in words; ``""`` where the parents say it all.
    name
        The id given to it; None where it gets one from operation and parents.
    counted
        The view and the column it was read from, to be counted anew group by group; no part of
        what the value is.

    Examples
    --------
    >>> sources = (Source(make_block([("a.xlsx", "06a", 9)]), "C", "term"),)
    >>> nine = Value(Fraction(9), "hồ sơ", "cell", sources=sources, basis="a.xlsx")
    >>> (nine / (nine + nine)).number
    Fraction(50, 1)
    >>> float(nine)
    Traceback (most recent call last):
    baocao.project.errors.ValueUseError: 9 hồ sơ does not become a bare number by itself; use value.number.
    """

    number: Fraction | None
    unit: str
    op: Op
    parents: tuple[Value, ...] = ()
    sources: tuple[Source, ...] = ()
    basis: Basis | str = ""
    name: str | None = None
    counted: tuple[Any, str | None] | None = None

    @property
    def id(self) -> str:
        """Its name, or one made from operation, basis and parents."""
        return self.name or self._settled("_own_id")

    @property
    def content(self) -> str:
        """Short hash of number and derivation; equal for equal values."""
        return self._settled("_own_content")

    @cached_property
    def _own_id(self) -> str:
        made_of = [self.op, self.unit, str(self.basis), [parent.id for parent in self.parents]]
        return f"{self.op}_{_short_hash(made_of)}"

    @cached_property
    def _own_content(self) -> str:
        made_of = [
            self.name,
            self.unit,
            str(self.number),
            self.op,
            str(self.basis),
            [parent.content for parent in self.parents],
            [(source.block.key, source.column, source.role) for source in self.sources],
        ]
        return _short_hash(made_of)

    def _settled(self, attribute: str) -> str:
        # Parents first and by a loop, since a long chain of sums overruns recursion.
        stack = [self]
        while stack:
            value = stack[-1]
            waiting = [parent for parent in value.parents if attribute not in parent.__dict__]
            if waiting:
                stack.extend(waiting)
            else:
                getattr(stack.pop(), attribute)
        return str(self.__dict__[attribute])

    def named(self, name: str) -> Value:
        """
        Return the same value with an id.

        Raises
        ------
        ValueUseError
            ``name`` is not made of small letters, digits and underscores.
        """
        if not name.isidentifier() or name != name.lower() or not name.isascii():
            raise ValueUseError(_("expected an id of small letters, digits and _, got {name!r}.", name=name))
        return replace(self, name=name)

    def walk(self) -> Iterator[Value]:
        """Yield this value and everything it was made from, each once, parents first."""
        done: set[int] = set()  # by object: a value used twice is walked once
        stack: list[tuple[Value, bool]] = [(self, False)]
        while stack:  # a loop, since a long chain of sums overruns recursion
            value, ready = stack.pop()
            if id(value) in done:
                continue
            if ready:
                done.add(id(value))
                yield value
            else:
                stack.append((value, True))
                stack.extend((parent, False) for parent in reversed(value.parents))

    def cells(self) -> dict[CellRef, Role]:
        """Return every cell behind the value; a cell that is both is a term."""
        found: dict[CellRef, Role] = {}
        for value in self.walk():
            for source in value.sources:
                for ref in source.cells():
                    if found.get(ref) != "term":
                        found[ref] = source.role
        return found

    def over(self, base: Value, name: str | None = None) -> Value:
        """
        Make a count out of a whole, printed ``14/16``; the number is the quotient.

        The parents are named ``<id>__tu`` and ``<id>__mau``.
        """
        if self.unit and base.unit:  # counts that have no id yet may wait for it to say what they count
            _same_unit(N_("set over one another"), self, base)
        parents = (self.named(f"{name}__tu"), base.named(f"{name}__mau")) if name else (self, base)
        return Value(_divide(self, base, 1), self.unit or base.unit, "over", parents, name=name)

    def __add__(self, other: object) -> Value:
        if not isinstance(other, Value):
            _refuse(N_("add"), other)
        return total([self, other])

    def __sub__(self, other: object) -> Value:
        if not isinstance(other, Value):
            _refuse(N_("subtract"), other)
        _same_unit(N_("subtract"), self, other)
        number = None if self.number is None or other.number is None else self.number - other.number
        return Value(number, self.unit, "difference", (self, other))

    def __truediv__(self, other: object) -> Value:
        if not isinstance(other, Value):
            _refuse(N_("divide by"), other)
        if not (self.unit and other.unit):
            raise ValueUseError(
                _(
                    "what do {value!r} and {other!r} count? Give them ids that params/indicators.yaml knows, or unit=….",
                    value=self,
                    other=other,
                )
            )
        if self.unit == other.unit:
            return Value(_divide(self, other, 100), "%", "ratio", (self, other))
        return Value(_divide(self, other, 1), f"{self.unit}/{other.unit}", "ratio", (self, other))

    def __radd__(self, other: object) -> NoReturn:
        _refuse(N_("add"), other)

    def __mul__(self, other: object) -> NoReturn:
        _refuse(N_("calculate with"), other)

    __rsub__ = __rtruediv__ = __rmul__ = __mul__

    def _bare(self, *_args: object) -> NoReturn:
        raise ValueUseError(
            _("{value!s} does not become a bare number by itself; use value.number.", value=self)
        )

    __float__ = __int__ = __index__ = __complex__ = __round__ = __bool__ = _bare
    __lt__ = __le__ = __gt__ = __ge__ = _bare

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        raise ValueUseError(
            _(
                "{value} is not compared by itself: two numbers may be equal and mean different things; "
                "compare value.number, or value.id for which value it is.",
                value=str(self),
            )
        )

    # By identity: a value is found again in a set or a dict, and no other is taken for it.
    __hash__ = object.__hash__

    def __str__(self) -> str:
        number = "?" if self.number is None else print_decimal(self.number)
        return f"{number} {self.unit}"

    def __repr__(self) -> str:
        # As the house writes numbers, where the value was read from its forms.
        view = next((value.counted[0] for value in self.walk() if value.counted), None)
        if self.number is None or view is None:
            return f"{self!s} ({self.id})"
        number = format_number(self.number, NumberFormat(pad=1), view.params.house.numbers)
        return f"{number} {self.unit} ({self.id})"

    def _repr_html_(self) -> str:
        return html.escape(repr(self))

    def __format__(self, spec: str) -> str:
        return remember(self, spec)


#: What an id ends in that a value has from its operation and parents, behind the operation and ``_``.
OWN_HASH = re.compile(r"[0-9a-f]{10}")


def _short_hash(made_of: object) -> str:
    return hash_bytes(json.dumps(made_of, ensure_ascii=False).encode())[:10]


def _refuse(verb: str, other: object) -> NoReturn:
    raise ValueUseError(
        _(
            "cannot {verb} {other!r}: a number without cells would break the trace; read it from a form with section.table(...).",
            verb=_(verb),
            other=other,
        )
    )


def _same_unit(verb: str, one: Value, other: Value) -> None:
    if one.unit != other.unit:
        raise ValueUseError(
            _(
                "cannot {verb} values of two units: {id} in {unit!r} and {other_id} in {other_unit!r}.",
                verb=_(verb),
                id=one.id,
                unit=one.unit,
                other_id=other.id,
                other_unit=other.unit,
            )
        )


def _divide(one: Value, other: Value, scale: int) -> Fraction | None:
    if one.number is None or not other.number:
        return None
    return one.number * scale / other.number


def total(values: Iterable[Value], name: str | None = None) -> Value:
    """
    Add values of one unit.

    Raises
    ------
    ValueUseError
        There is nothing to add, or the units differ.
    """
    parents = tuple(values)
    if not parents:
        raise ValueUseError(_("expected values to add, got none; an empty view has total(...) = 0."))
    number: Fraction | None = Fraction(0)
    for parent in parents:
        _same_unit(N_("add"), parents[0], parent)
        number = None if number is None or parent.number is None else number + parent.number
    added = Value(number, parents[0].unit, "sum", parents)
    return added.named(name) if name else added


def measure_change(now: Value, before: Value | None = None, points: str = "") -> Value:
    """
    Measure by how much a number has moved against an earlier one.

    Parameters
    ----------
    before
        The same of an earlier period; None where that has none.
    points
        The unit in which two shares differ; what is no share moves in per cent.

    Returns
    -------
    Value
        Above 0 where it rose. Its number is None where there is nothing to
        hold it against: no earlier number, or one of 0.

    Raises
    ------
    ValueUseError
        The two are measured in different units.

    Examples
    --------
    >>> now, before = (Value(Fraction(number), "hồ sơ", "opaque", basis="x") for number in (150, 120))
    >>> str(measure_change(now, before)), measure_change(before, now).number
    ('25 %', Fraction(-20, 1))
    """
    if before is None:
        return Value(None, points if now.unit == "%" else "%", "change", (now,))
    _same_unit(N_("compare"), now, before)
    if now.number is None or before.number is None:
        moved = None
    elif now.unit == "%":
        moved = now.number - before.number
    else:
        moved = (now.number - before.number) * 100 / abs(before.number) if before.number else None
    return Value(moved, points if now.unit == "%" else "%", "change", (now, before))


def opaque(compute: Callable[..., Fraction | int], *inputs: Value, unit: str, name: str, why: str) -> Value:
    """
    Let code that knows only bare numbers make a value: the one door, shown loudly.

    Parameters
    ----------
    compute
        Called with the exact numbers of ``inputs``.
    why
        What happens inside, for the reader of the trace.

    Examples
    --------
    >>> block = make_block([("a.xlsx", "s", 9)])
    >>> four = Value(Fraction(4), "ngày", "cell", sources=(Source(block, "C", "term"),))
    >>> opaque(max, four, four, unit="ngày", name="lau_nhat", why="larger of the two").op
    'opaque'
    """
    number = Fraction(compute(*(value.number for value in inputs)))
    return Value(number, unit, "opaque", inputs, basis=why).named(name)


def print_decimal(number: Fraction) -> str:
    """
    Write a number for machines: whole numbers whole, others with 12 significant digits.

    Examples
    --------
    >>> print_decimal(Fraction(142186)), print_decimal(Fraction(9715, 100))
    ('142186', '97.1500000000')
    """
    if number.denominator == 1:
        return str(number.numerator)
    quotient = _TWELVE.divide(Decimal(number.numerator), Decimal(number.denominator))
    places = max(0, 11 - quotient.adjusted())
    return f"{quotient:.{places}f}"


# What was written into a text can be found again by its mark. Writing has no
# other effect: a mention exists when a document is stitched.
_written: dict[str, Any] = {}

MARK_OPEN, MARK_CLOSE = (
    "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}",
    "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}",
)


def remember(thing: Any, spec: str = "") -> str:
    """Return the mark that stands for a value or a citation in a text; see :func:`find_written`."""
    key = f"{thing.id}~{thing.content}"
    _written[key] = thing
    return f"{MARK_OPEN}{key}|{spec}{MARK_CLOSE}"


def find_written(key: str) -> Any | None:
    """Find what a mark stands for; None where this process has not written it."""
    return _written.get(key)
