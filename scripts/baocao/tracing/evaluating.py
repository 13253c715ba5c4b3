"""Values without notebooks: derivations that a trace has recorded, made again from tables as they lie there now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from baocao.project.errors import InputError, UsageError, ValueUseError
from baocao.project.language import _, _n
from baocao.project.periods import Period, parse_period
from baocao.tracing.trace import FILE, Trace, read_trace
from baocao.values.value import Op, Value, total
from baocao.values.views import View

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.reading.tables import Tables

# What views.View writes as its basis: 06a[level=so, tiep_nhan>0].tiep_nhan
_BASIS = re.compile(r"^(?P<form>[^\[\].]+)(?:\[(?P<chosen>.*)\])?(?:\.(?P<column>\w+))?$", re.DOTALL)
_CRITERION = re.compile(r", (?=\w+(?:=|>0(?:,|$)| filled(?:,|$)))")


@dataclass(frozen=True)
class Basis:
    """What a value was read from: a form, the criteria its rows meet, a column (None where rows are counted)."""

    form: str
    criteria: tuple[str, ...] = ()
    column: str | None = None


def split_basis(basis: str) -> Basis | None:
    """
    Read what a view has written as the basis of a value; None where it is no such basis.

    Examples
    --------
    >>> split_basis("06a[level=so, tiep_nhan>0].tiep_nhan")
    Basis(form='06a', criteria=('level=so', 'tiep_nhan>0'), column='tiep_nhan')
    """
    match = _BASIS.match(basis)
    if match is None:
        return None
    criteria = tuple(_CRITERION.split(match["chosen"])) if match["chosen"] else ()
    return Basis(match["form"], criteria, match["column"])


class Evaluator(Mapping[str, Value]):
    """
    Values of a period by id, each made when asked for.

    A derivation that nobody can make again (an opaque step, a choice this
    module does not know, a form that the period did not collect) gives no
    value: its id, and those made of it, are not there.

    Parameters
    ----------
    nodes
        The ``values`` of a trace, of this period or of another one.
    """

    def __init__(self, nodes: Mapping[str, Any], tables: Tables) -> None:
        self._nodes = nodes
        self._tables = tables
        self._made: dict[str, Value | None] = {}
        self._views: dict[str, View] = {}

    def __getitem__(self, key: str) -> Value:
        value = self._value(key)
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._nodes if self._value(key) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._value(key) is not None

    def _value(self, key: str) -> Value | None:
        if key not in self._nodes:
            return None
        if key not in self._made:
            try:
                self._made[key] = self._make(key, self._nodes[key])
            except (UsageError, InputError, ValueUseError):
                self._made[key] = None
        return self._made[key]

    def _make(self, key: str, node: Mapping[str, Any]) -> Value | None:
        parents = [self._value(parent) for parent in node["parents"]]
        known = [parent for parent in parents if parent is not None]
        if len(known) < len(parents):
            return None
        op = node["op"]
        if known:
            made = _combine(op, known)
        elif op in ("sum", "cell", "count", "distinct"):
            made = self._read(op, node)
        else:
            made = None
        return None if made is None else replace(made, unit=node["unit"], name=key)

    def _read(self, op: Op, node: Mapping[str, Any]) -> Value | None:
        basis = split_basis(node["basis"])
        view = self._choose(basis) if basis else None
        if basis is None or view is None or (basis.column is None) != (op == "count"):
            return None
        column, unit = basis.column, node["unit"]
        if column is None:
            return view.count(unit=unit)
        if op == "distinct":
            return view.distinct(column, unit=unit)
        return replace(view.total(column, unit=unit), op=op)

    def rows(self, key: str) -> tuple[View, str | None] | None:
        """Give the rows and the column behind a value that was read from one table; None for others."""
        basis = split_basis(self._nodes[key]["basis"])
        if basis is None or self._nodes[key]["parents"]:
            return None
        try:
            view = self._choose(basis)
        except (UsageError, InputError):
            return None
        return None if view is None else (view, basis.column)

    def _choose(self, basis: Basis) -> View | None:
        form = basis.form
        if form not in self._views:
            if not self._tables.has(form):
                return None
            table = self._tables.table(form)
            self._views[form] = View(table, self._tables.project.params, tuple(range(len(table.files))))
        view = self._views[form]
        for criterion in basis.criteria:
            name, equals, text = criterion.partition("=")
            if equals:
                view = view.where(**{name: text.split("|")})
            elif criterion.endswith(">0"):
                view = view.positive(criterion.removesuffix(">0"))
            elif criterion.endswith(" filled"):
                view = view.filled(criterion.removesuffix(" filled"))
            else:
                return None
        return view


def _combine(op: str, parents: list[Value]) -> Value | None:
    if op == "sum":
        return total(parents)
    if len(parents) == 2:
        one, other = parents
        if op == "difference":
            return one - other
        if op == "ratio":
            return one / other
        if op == "over":
            return one.over(other)
    return None


def read_typed(tables: Tables) -> dict[str, Value]:
    """
    Give what offices typed on ``indicators`` forms, by code; over units their sum.

    The cells that state a share for comparison are printed nowhere, so no
    trace has them.
    """
    typed: dict[str, Value] = {}
    for form in tables.project.params.forms.values():
        if form.kind != "indicators" or not tables.has(form.name):
            continue
        table = tables.table(form.name)
        view = View(table, tables.project.params, tuple(range(len(table.files))))
        for item in form.indicators:
            try:
                chosen = view.where(ma=item.code)
                if len(chosen):
                    made = chosen.total("gia_tri", unit=item.unit)
                    typed[item.code] = replace(made, op="cell" if len(chosen) == 1 else "sum", name=item.code)
            except UsageError:
                continue  # a blank entry has a finding of its own
    return typed


@dataclass(frozen=True)
class PeriodValues:
    """
    The numbers of a period, as its files lie there now.

    Parameters
    ----------
    values
        By id.
    nodes
        The derivations they were made by.
    names
        Ids that somebody gave; the others belong to steps in between.
    notes
        What the reader has to know, for example that the files have changed since the build.
    """

    period: Period
    values: Mapping[str, Value]
    nodes: Mapping[str, Any]
    names: tuple[str, ...]
    evaluator: Evaluator
    notes: tuple[str, ...] = ()


def read_values(tables: Tables, trace: Trace) -> PeriodValues:
    """
    Make the values of a period by the derivations of a trace.

    Parameters
    ----------
    trace
        Of this period, or of another one where this one has not been built.
        What cannot be made again is taken from the period's own trace, if no
        file has changed since.
    """
    period = tables.period
    evaluator = Evaluator(trace.values, tables)
    values = dict(evaluator)
    notes = []
    if trace.period != period:
        notes.append(
            _(
                "{period} has not been built; its numbers are computed as in {other}.",
                period=period,
                other=trace.period,
            )
        )
    elif trace.changed_files():
        notes.append(
            _n(
                "{count} file changed since {period} was built; its numbers are computed anew, its reports are out of date.",
                "{count} files changed since {period} was built; its numbers are computed anew, its reports are out of date.",
                len(trace.changed_files()),
                period=period,
            )
        )
    else:
        values |= {key: _recorded(trace, key) for key in trace.values if key not in values}
    return PeriodValues(period, values, trace.values, tuple(trace.list_values()), evaluator, tuple(notes))


def _recorded(trace: Trace, key: str) -> Value:
    node = trace.values[key]
    number = None if node["number"] is None else Fraction(node["number"])
    return Value(number, node["unit"], node["op"], (), tuple(trace.sources(key)), node["basis"], key)


def find_built(project: Project, near: Period | None = None) -> Trace | None:
    """Find the trace of the built period that is nearest to one, or of the latest; None where nothing is built."""
    built = []
    for path in project.reports.glob(f"*/{FILE}"):
        try:
            built.append(parse_period(path.parent.name))
        except UsageError:
            continue
    if not built:
        return None
    if near is None:
        return read_trace(project, max(built))
    return read_trace(
        project, min(built, key=lambda one: abs((one.year - near.year) * 4 + one.quarter - near.quarter))
    )
