"""Values without notebooks: derivations that a trace has recorded, made again from tables as they lie there now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from baocao.project.errors import InputError, TraceError, UsageError, ValueUseError
from baocao.project.findings import Finding
from baocao.project.language import _, _n
from baocao.project.periods import Period, parse_period
from baocao.tracing.record import FILE
from baocao.tracing.trace import Trace, read_trace
from baocao.values.criteria import Basis
from baocao.values.remaking import ChosenRows, combine
from baocao.values.value import Value
from baocao.values.views import View, whole_view

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.reading.tables import Tables
    from baocao.values.nodes import Node


MOST_LISTED = 5


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

    def __init__(self, nodes: Mapping[str, Node], tables: Tables) -> None:
        self._nodes = nodes
        self._choices = ChosenRows(tables)
        self._made: dict[str, Value | None] = {}

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
        stack = [key] if key in self._nodes else []
        while stack:  # a loop, since a long chain of sums overruns recursion
            name = stack[-1]
            waiting = [parent for parent in self._nodes[name].parents if parent not in self._made]
            if waiting and name not in self._made:
                stack.extend(waiting)
            else:
                stack.pop()
                if name not in self._made:
                    self._made[name] = self._make(name, self._nodes[name])
        return self._made.get(key)

    def _make(self, key: str, node: Node) -> Value | None:
        parents = [self._made[parent] for parent in node.parents]
        found = [parent for parent in parents if parent is not None]
        if len(found) < len(parents):
            return None
        try:
            value = combine(node.op, found) if found else self._choices.read(node.op, node.basis, node.unit)
        except (UsageError, InputError, ValueUseError):
            return None
        return None if value is None else replace(value, unit=node.unit, name=key)

    def rows(self, key: str) -> tuple[View, str | None] | None:
        """Return the rows and the column behind a value that was read from one table; None for others."""
        node = self._nodes[key]
        view = self._choices.rows(node.basis) if isinstance(node.basis, Basis) and not node.parents else None
        return None if view is None or not isinstance(node.basis, Basis) else (view, node.basis.column)


def read_typed(tables: Tables) -> dict[str, Value]:
    """
    Return what offices typed on ``indicators`` forms, by code; over units their sum.

    The cells that state a share for comparison are printed nowhere, so no
    trace has them.
    """
    typed: dict[str, Value] = {}
    for form in tables.project.params.forms.values():
        if form.kind != "indicators" or not tables.has(form.name):
            continue
        table = tables.table(form.name)
        view = whole_view(table, tables.project.params)
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
    nodes: Mapping[str, Node]
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

    Raises
    ------
    TraceError
        Nothing that the values were read from has changed, and yet a number
        made again is not the one that was recorded; carries ``.findings``.
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
    elif changed := trace.changed_files():
        notes.append(
            _n(
                "{count} file changed since {period} was built; its numbers are computed anew, its reports are out of date.",
                "{count} files changed since {period} was built; its numbers are computed anew, its reports are out of date.",
                len(changed),
                period=period,
            )
        )
    elif any(tables.fingerprint(form) != known for form, known in trace.record.tables.items()):
        notes.append(
            _(
                "what {period} counts has changed since it was built (params, or a treatment); its numbers are computed anew, its reports are out of date.",
                period=period,
            )
        )
    else:
        findings = find_contradictions(trace, values)
        if findings:
            listed = "\n".join(f"  {finding}" for finding in findings[:MOST_LISTED])
            more = len(findings) - MOST_LISTED
            raise TraceError(
                _("{period}: the trace contradicts its own files:", period=period)
                + f"\n{listed}"
                + (f"\n  … (+{more})" if more > 0 else ""),
                findings=findings,
            )
        values |= {key: _recorded(trace, key) for key in trace.values if key not in values}
    if any(
        isinstance(node.basis, str) and node.basis and node.op != "opaque" for node in trace.values.values()
    ):
        notes.append(
            _(
                "{period} was built by a version that recorded in words what its numbers count; build it again, so that they can be computed anew.",
                period=trace.period,
            )
        )
    return PeriodValues(period, values, trace.values, tuple(trace.list_values()), evaluator, tuple(notes))


def find_contradictions(trace: Trace, values: Mapping[str, Value]) -> list[Finding]:
    """
    Find values whose number, made again, is not the one recorded.

    Parameters
    ----------
    values
        Made from the files that the trace was made from.
    """
    return [
        Finding(
            "remade-otherwise",
            "error",
            _("value {id!r} was recorded as one number and is made again as another", id=key),
            ids=(key,),
            expected=f"{node.number} {node.unit}",
            got=f"{values[key].number} {values[key].unit}",
            action=_("Build the period again; if this stays, the trace was changed or the code is at fault."),
        )
        for key, node in trace.values.items()
        if key in values and values[key].number != node.number
    ]


def _recorded(trace: Trace, key: str) -> Value:
    node = trace.values[key]
    return Value(node.number, node.unit, node.op, (), tuple(trace.sources(key)), node.basis, key)


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
    # One of the same kind is made like it; among those the nearest in time.
    return read_trace(project, min(built, key=lambda one: (one.kind != near.kind, abs(one.end - near.end))))
