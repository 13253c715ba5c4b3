"""Values made again from what is recorded of them: rows by a basis, numbers by an operation and parents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from baocao.project.errors import InputError, UsageError
from baocao.reading.tables import read_tables
from baocao.reading.tables.earlier import address_from, find_earlier
from baocao.values.criteria import Basis, Earlier, Row, Step
from baocao.values.value import Op, Value, measure_change, total
from baocao.values.views import View, whole_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baocao.reading.tables import Tables
    from baocao.values.criteria import Against


class ChosenRows:
    """Rows of a period's tables, and of earlier ones, by what a basis says of them, each choice made once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._views: dict[tuple[str, tuple[Step, ...]], View | None] = {}

    def rows(self, basis: Basis) -> View | None:
        """Return the rows; None where the period did not collect the form, or the criteria choose nothing of it."""
        key = (basis.form, basis.criteria)
        if key not in self._views:
            try:
                self._views[key] = self._choose(basis)
            except (UsageError, InputError):
                self._views[key] = None
        return self._views[key]

    def _choose(self, basis: Basis) -> View | None:
        if not basis.criteria:
            if not self._tables.has(basis.form):
                return None
            return whole_view(self._tables.table(basis.form), self._tables.project.params)
        *before, last = basis.criteria
        if isinstance(last, Earlier):
            return None if before else self._find_earlier(basis.form, last.period)
        view = self.rows(Basis(basis.form, tuple(before)))
        # The place of a row in one table says nothing of another.
        return None if view is None or isinstance(last, Row) else view.keep(last)

    def _find_earlier(self, form: str, against: Against) -> View | None:
        period = find_earlier(self._tables.period, against)
        tables = read_tables(self._tables.project, period)
        if not tables.has(form):
            return None
        view = whole_view(address_from(tables.table(form), self._tables.period), tables.project.params)
        return replace(view, criteria=(Earlier(against),))

    def read(self, op: Op, basis: Basis | str, unit: str) -> Value | None:
        """Read what was counted or added in rows; None where that cannot be made again."""
        view = self.rows(basis) if isinstance(basis, Basis) else None
        if view is None or not isinstance(basis, Basis) or (basis.column is None) != (op == "count"):
            return None
        if basis.column is None:
            return view.count(unit=unit)
        if op == "distinct":
            return view.distinct(basis.column, unit=unit)
        if op in ("sum", "cell"):
            return replace(view.total(basis.column, unit=unit), op=op)
        return None


def combine(op: Op, parents: Sequence[Value]) -> Value | None:
    """Make a value of its parents as the operation says; None where nobody can make it again."""
    if op == "sum":
        return total(parents)
    if op == "change":
        return measure_change(parents[0], parents[1] if len(parents) > 1 else None)
    if len(parents) == 2:
        one, other = parents
        if op == "difference":
            return one - other
        if op == "ratio":
            return one / other
        if op == "over":
            return one.over(other)
    return None
