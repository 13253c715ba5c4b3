"""Two periods side by side, value by value, and what made the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from baocao.checking.restating import Restated, compare_with_issued, find_restated
from baocao.project.errors import TraceError
from baocao.project.language import _
from baocao.project.params import OF_THE_UNIT
from baocao.project.text import fold_text
from baocao.reading.tables import read_tables
from baocao.tracing.evaluating import PeriodValues, find_built, read_values
from baocao.tracing.trace import Trace, is_built, list_former_ids, read_trace
from baocao.values.formatting import format_value, round_half_up
from baocao.values.labels import Labels
from baocao.values.value import print_decimal
from baocao.values.views import View

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.values.value import Value

MOST_CAUSES = 5
Number = Fraction | None


@dataclass(frozen=True)
class Cause:
    """
    One thing that moved a number.

    Parameters
    ----------
    what
        ``unit`` (a unit's part of a sum), ``value`` (a value it was made of),
        ``register`` (entries that came or went), ``entry`` (an entry's part of
        an amount), ``cell`` (typed anew).
    name
        Code of the unit, id, ``file#sheet`` or cell.
    label
        What people call it.
    a, b, difference
        Decimal strings; None where it is not there. Of a register the entries
        that went, those that came, and their difference.
    """

    what: Literal["unit", "value", "register", "entry", "cell"]
    name: str
    label: str
    a: str | None
    b: str | None
    difference: str


@dataclass(frozen=True)
class Compared:
    """
    One value of two periods.

    Parameters
    ----------
    kind
        ``absent`` where one of the periods has no such value; a share whose
        base is 0 is there, and has no number.
    a, b, difference
        Decimal strings in ``unit``; None where there is no number.
    percent
        The change in per cent of ``a``, with two decimals; None where ``a`` is 0 or not there.
    causes
        The largest first.
    shown_a, shown_b
        As a report prints it (``14/16``, ``97,15%``); None where the value is not there.
    aliases
        Names that the value had before.
    """

    id: str
    label: str
    unit: str
    kind: Literal["equal", "changed", "absent"]
    a: str | None
    b: str | None
    difference: str | None = None
    percent: str | None = None
    causes: tuple[Cause, ...] = ()
    shown_a: str | None = None
    shown_b: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """
    Every value of two periods.

    Parameters
    ----------
    restated
        What was corrected since it was issued, of either period or of its parts.
    """

    a: str
    b: str
    values: tuple[Compared, ...]
    notes: tuple[str, ...] = ()
    restated: tuple[Restated, ...] = ()

    @property
    def differs(self) -> bool:
        """Return whether anything is not equal."""
        return any(value.kind != "equal" for value in self.values)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types, with the count of each kind."""
        counts = {
            kind: sum(1 for value in self.values if value.kind == kind)
            for kind in ("equal", "changed", "absent")
        }
        return {**asdict(self), "counts": counts}


def compare_periods(project: Project, a: Period, b: Period) -> Comparison:
    """
    Compare two periods.

    A period that has not been built is read by the derivations that the other
    one (or else the nearest built one) has recorded, over its own tables; a
    value whose forms it did not collect is absent.

    Raises
    ------
    TraceError
        No period has been built, so nothing says what the values are.
    """
    sides = [
        read_values(read_tables(project, one), _find_trace(project, one, two))
        for one, two in ((a, b), (b, a))
    ]
    compared = _Comparer(sides[0], sides[1], project.params).compare()
    restated = [
        one
        for period in (a, b)
        for one in (*compare_with_issued(project, period), *find_restated(project, period))
    ]
    return replace(compared, restated=tuple(dict.fromkeys(restated)))


def _find_trace(project: Project, period: Period, other: Period) -> Trace:
    for candidate in (period, other):
        if is_built(project, candidate):
            return read_trace(project, candidate)
    trace = find_built(project, period)
    if trace is None:
        raise TraceError(
            _(
                "neither {period} nor {other} has been built; run 'baocao build {period}' first.",
                period=period,
                other=other,
            )
        )
    return trace


class _Comparer:
    def __init__(self, a: PeriodValues, b: PeriodValues, params: Params) -> None:
        self.a, self.b = a, b
        self.params = params
        self.labels = Labels(params)

    def compare(self) -> Comparison:
        a, b = self.a, self.b
        keys = sorted({*a.names, *b.names})
        notes = tuple(dict.fromkeys((*a.notes, *b.notes)))
        return Comparison(str(a.period), str(b.period), tuple(map(self._compare, keys)), notes)

    def _compare(self, key: str) -> Compared:
        sides = self.a.values.get(key), self.b.values.get(key)
        node = self.a.nodes[key] if key in self.a.nodes else self.b.nodes[key]
        label = self.labels.label(key, node.basis)
        unit = next((value.unit for value in sides if value is not None), node.unit)
        first, second = map(_number, sides)
        shown = [
            None if value is None else format_value(value, self.params.indicators, self.params.house.numbers)
            for value in sides
        ]
        aliases = list_former_ids(self.params.aliases, key)
        kind: Literal["equal", "changed", "absent"] = (
            "absent" if None in shown else "equal" if first == second else "changed"
        )
        difference = None if first is None or second is None else second - first
        percent = None
        if kind == "changed" and difference is not None and first:
            percent = str(round_half_up(difference * 100 / abs(first), 2))
        return Compared(
            id=key,
            label=label,
            unit=unit,
            kind=kind,
            a=_decimal(first),
            b=_decimal(second),
            difference=_decimal(difference),
            percent=percent,
            causes=self._find_causes(key) if kind == "changed" else (),
            shown_a=shown[0],
            shown_b=shown[1],
            aliases=aliases,
        )

    # -- causes ------------------------------------------------------------

    def _find_causes(self, key: str) -> tuple[Cause, ...]:
        sides = self.a, self.b
        node = self.a.nodes[key] if key in self.a.nodes else self.b.nodes[key]
        if node.parents:
            parts = [{name: _number(side.values.get(name)) for name in node.parents} for side in sides]
            nodes = {**self.b.nodes, **self.a.nodes}
            labels = {name: self.labels.label(name, nodes[name].basis) for name in node.parents}
            return _largest("value", parts[0], parts[1], labels)
        rows = [side.evaluator.rows(key) for side in sides if key in side.nodes]
        if len(rows) < len(sides) or rows[0] is None or rows[1] is None:
            return ()
        (before, column), (after, _column) = rows[0], rows[1]
        if before.table.per_unit or after.table.per_unit:
            labels = {code: unit.name for code, unit in self.params.units.items()}
            return _largest("unit", _by_unit(before, column), _by_unit(after, column), labels)
        if node.op == "cell" and column:
            cell = str(after.table.cell(after.rows[0], column))
            typed = [_number(side.values[key]) for side in sides]
            return _largest("cell", {cell: typed[0]}, {cell: typed[1]}, {cell: before.table.form.title})
        if node.op == "sum" and column:
            return _compare_amounts(before, after, column)
        return _compare_entries(before, after)


def _decimal(number: Number) -> str | None:
    return None if number is None else print_decimal(number)


def _number(value: Value | None) -> Number:
    return None if value is None else value.number


def _by_unit(view: View, column: str | None) -> dict[str, Number]:
    """Return what each unit adds; 0 for a unit that sent the form and has no row that counts."""
    groups = view.by("unit")
    parts: dict[str, Number] = {unit: Fraction(0) for unit in view.table.units if unit is not None}
    for key in groups:
        if column is None or column in OF_THE_UNIT:
            parts[key] = Fraction(len(groups[key]))
        elif view.table.form.column(column).type in ("count", "number"):
            parts[key] = groups[key].total(column, unit="").number
        else:
            parts[key] = groups[key].distinct(column, unit="").number
    return parts


def _largest(
    what: Literal["unit", "value", "entry", "cell"],
    a: Mapping[str, Number],
    b: Mapping[str, Number],
    labels: Mapping[str, str],
) -> tuple[Cause, ...]:
    moved = []
    for key in dict.fromkeys((*a, *b)):
        sides = a.get(key), b.get(key)
        zero = Fraction(0)
        difference = (zero if sides[1] is None else sides[1]) - (zero if sides[0] is None else sides[0])
        if difference:
            cause = Cause(
                what,
                key,
                labels.get(key, ""),
                _decimal(sides[0]),
                _decimal(sides[1]),
                print_decimal(difference),
            )
            moved.append((abs(difference), cause))
    moved.sort(key=lambda item: -item[0])
    return tuple(cause for _size, cause in moved[:MOST_CAUSES])


def _compare_entries(before: View, after: View) -> tuple[Cause, ...]:
    """Return how many entries of a register went and came."""
    entries = [Counter(_entries(view)) for view in (before, after)]
    gone, come = (entries[0] - entries[1]).total(), (entries[1] - entries[0]).total()
    table = after.table
    files = dict.fromkeys(f"{file}#{sheet}" for file, sheet in zip(table.files, table.sheets, strict=True))
    name = ", ".join(files) or table.form.sheet
    return (Cause("register", name, table.form.title, str(gone), str(come), str(come - gone)),)


def _compare_amounts(before: View, after: View, column: str) -> tuple[Cause, ...]:
    """Return which entries of a register moved an amount, each by the cell that has it last."""
    amounts: list[dict[str, Number]] = []
    cells: dict[str, str] = {}
    for view in (before, after):
        numbers = view.table.column(column)
        side: dict[str, Number] = {}
        for row, entry in zip(view.rows, _entries(view), strict=True):
            number, name = numbers[row], ", ".join(entry)
            if isinstance(number, Fraction):
                side[name] = number + (side.get(name) or 0)
            cells[name] = str(view.table.cell(row, column))
        amounts.append(side)
    causes = _largest("entry", amounts[0], amounts[1], {})
    return tuple(
        Cause(cause.what, cells[cause.name], cause.name, cause.a, cause.b, cause.difference)
        for cause in causes
    )


def _entries(view: View) -> list[tuple[str, ...]]:
    """
    Return what each row is about: its key, or where that only numbers the rows its texts.

    What changes with an entry's progress (a choice, a date, an amount) makes no other entry.
    """
    form = view.table.form
    keys = [column.name for column in form.columns if column.key and column.type != "count"]
    texts = [column.name for column in form.columns if column.type == "text"]
    names = keys or texts or [column.name for column in form.columns]
    columns = [view.table.column(name) for name in names]
    return [tuple(fold_text(str(entries[row])) for entries in columns) for row in view.rows]
