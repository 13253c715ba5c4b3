"""Two periods side by side, value by value, and what made the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from baocao.project.errors import TraceError
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.tables import read_tables
from baocao.tracing.evaluating import PeriodValues, find_built, read_values
from baocao.tracing.trace import read_trace
from baocao.values.formatting import round_half_up
from baocao.values.value import print_decimal
from baocao.values.views import OF_THE_UNIT, View

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.models import Indicator
    from baocao.project.periods import Period
    from baocao.values.value import Value

MOST_CAUSES = 5


@dataclass(frozen=True)
class Cause:
    """
    One thing that moved a number.

    Parameters
    ----------
    what
        ``unit`` (a unit's part of a sum), ``value`` (a value it was made of),
        ``register`` (entries that came or went), ``cell`` (typed anew).
    name
        Code of the unit, id, ``file#sheet`` or cell.
    label
        What people call it.
    a, b, difference
        Decimal strings; None where it is not there. Of a register the entries
        that went, those that came, and their difference.
    """

    what: Literal["unit", "value", "register", "cell"]
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
    a, b, difference
        Decimal strings in ``unit``; None where the value is not there.
    percent
        The change in per cent of ``a``, with two decimals; None where ``a`` is 0 or not there.
    causes
        The largest first.
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


@dataclass(frozen=True)
class Comparison:
    """Every value of two periods."""

    a: str
    b: str
    values: tuple[Compared, ...]
    notes: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Tell whether anything is not equal."""
        return any(one.kind != "equal" for one in self.values)

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON types, with the count of each kind."""
        counts = {
            kind: sum(1 for one in self.values if one.kind == kind) for kind in ("equal", "changed", "absent")
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
    known = [_read(project, period, other) for period, other in ((a, b), (b, a))]
    return compare(known[0], known[1], project.params.indicators)


def _read(project: Project, period: Period, other: Period) -> PeriodValues:
    tables = read_tables(project, period)
    for candidate in (period, other):
        try:
            return read_values(tables, read_trace(project, candidate))
        except TraceError:
            continue
    trace = find_built(project, period)
    if trace is None:
        raise TraceError(
            _(
                "neither {period} nor {other} has been built; run 'baocao build {period}' first.",
                period=period,
                other=other,
            )
        )
    return read_values(tables, trace)


def compare(a: PeriodValues, b: PeriodValues, indicators: Mapping[str, Indicator]) -> Comparison:
    """Compare the values of two periods; see :func:`compare_periods`."""
    keys = dict.fromkeys((*a.names, *b.names))
    compared = [_compare(key, a, b, indicators) for key in sorted(keys)]
    return Comparison(
        str(a.period), str(b.period), tuple(compared), tuple(dict.fromkeys((*a.notes, *b.notes)))
    )


def _compare(key: str, a: PeriodValues, b: PeriodValues, indicators: Mapping[str, Indicator]) -> Compared:
    one, other = a.values.get(key), b.values.get(key)
    known = other if one is None else one
    label = indicators[key].label if key in indicators else ""
    unit = known.unit if known is not None else (a.nodes.get(key) or b.nodes[key])["unit"]
    first, second = (_number(value) for value in (one, other))
    printed = _print(first), _print(second)
    if first is None or second is None:
        same = one is not None and other is not None and first == second
        return Compared(key, label, unit, "equal" if same else "absent", *printed)
    if first == second:
        return Compared(key, label, unit, "equal", *printed, "0")
    percent = str(round_half_up((second - first) * 100 / abs(first), 2)) if first else None
    causes = _find_causes(key, a, b, indicators)
    return Compared(key, label, unit, "changed", *printed, print_decimal(second - first), percent, causes)


def _print(number: Fraction | None) -> str | None:
    return None if number is None else print_decimal(number)


# -- causes --------------------------------------------------------------------


def _find_causes(
    key: str, a: PeriodValues, b: PeriodValues, indicators: Mapping[str, Indicator]
) -> tuple[Cause, ...]:
    node = a.nodes.get(key) or b.nodes[key]
    if node["parents"]:
        parts = [{parent: _number(side.values.get(parent)) for parent in node["parents"]} for side in (a, b)]
        nodes = {**b.nodes, **a.nodes}
        labels = {p: indicators[p].label if p in indicators else nodes[p]["basis"] for p in node["parents"]}
        return _largest("value", parts[0], parts[1], labels)
    before, after = (side.evaluator.rows(key) if key in side.nodes else None for side in (a, b))
    if before is None or after is None:
        return ()
    (one, column), (other, _) = before, after
    if one.table.per_unit or other.table.per_unit:
        labels = {code: unit.name for code, unit in one.params.units.items()}
        return _largest("unit", _by_unit(one, column), _by_unit(other, column), labels)
    if node["op"] == "cell" and column:
        cell = str(other.table.cell(other.rows[0], column))
        typed = _number(a.values[key]), _number(b.values[key])
        return _largest("cell", {cell: typed[0]}, {cell: typed[1]}, {cell: one.table.form.title})
    return _compare_entries(one, other)


def _number(value: Value | None) -> Fraction | None:
    return None if value is None else value.number


def _by_unit(view: View, column: str | None) -> dict[str, Fraction | None]:
    groups = view.by("unit")
    if column is None or column in OF_THE_UNIT:
        return {key: Fraction(len(groups[key])) for key in groups}
    if view.table.form.column(column).type not in ("count", "number"):
        return {key: groups[key].distinct(column, unit="").number for key in groups}
    return {key: groups[key].total(column, unit="").number for key in groups}


def _largest(
    what: Literal["unit", "value", "cell"],
    a: Mapping[str, Fraction | None],
    b: Mapping[str, Fraction | None],
    labels: Mapping[str, str],
) -> tuple[Cause, ...]:
    moved = []
    for key in dict.fromkeys((*a, *b)):
        difference = (b.get(key) or Fraction(0)) - (a.get(key) or Fraction(0))
        if difference:
            cause = Cause(
                what,
                key,
                labels.get(key, ""),
                _print(a.get(key)),
                _print(b.get(key)),
                print_decimal(difference),
            )
            moved.append((abs(difference), cause))
    moved.sort(key=lambda item: -item[0])
    return tuple(cause for _, cause in moved[:MOST_CAUSES])


def _compare_entries(one: View, other: View) -> tuple[Cause, ...]:
    """Say how many entries of a register went and came, told by their keys."""
    gone, come = _keys(one) - _keys(other), _keys(other) - _keys(one)
    table = other.table
    files = dict.fromkeys(f"{table.files[i]}#{table.sheets[i]}" for i in range(len(table.files)))
    name = ", ".join(files) or table.form.sheet
    difference = len(come) - len(gone)
    return (Cause("register", name, table.form.title, str(len(gone)), str(len(come)), str(difference)),)


def _keys(view: View) -> set[tuple[str, ...]]:
    names = [column.name for column in view.table.form.columns if column.key]
    columns = [view.table.column(name) for name in names]
    return {tuple(fold_text(str(entries[i])) for entries in columns) for i in view.rows}
