"""Rows chosen from a table, and the values they give: totals, counts, groups; every number keeps its cells."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.params import OF_THE_UNIT
from baocao.project.text import fold_text
from baocao.values.choosing import Choices
from baocao.values.citations import Citation
from baocao.values.criteria import Among, Basis, Criterion, Earlier, Filled, Positive, Row, Step
from baocao.values.groups import SHOWN, Groups, shorten
from baocao.values.value import Block, Role, Source, Value, make_block, total

if TYPE_CHECKING:
    import pandas as pd

    from baocao.project.params import Params
    from baocao.reading.tables import Table


@dataclass(frozen=True, repr=False)
class View:
    """
    Some rows of a table; gives values, never bare numbers.

    Parameters
    ----------
    rows
        Indices into the table, in its order.
    conditions
        Cells that decided which rows these are.
    criteria
        What the rows meet, in the order of choosing.
    """

    table: Table
    params: Params
    rows: tuple[int, ...]
    conditions: tuple[Source, ...] = ()
    criteria: tuple[Step, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def choices(self) -> Choices:
        """What can be chosen of the table's rows."""
        return Choices(self.table, self.params)

    def __str__(self) -> str:
        return str(self.basis())

    def basis(self, column: str | None = None) -> Basis:
        """Return what a value of these rows, or of a column of them, is read from."""
        return Basis(self.table.form.name, self.criteria, column)

    @cached_property
    def block(self) -> Block:
        """The rows as spans of raw sheets."""
        table = self.table
        return make_block((table.files[i], table.sheets[i], table.row_numbers[i]) for i in self.rows)

    def _source(self, column: str, role: Role) -> tuple[Source, ...]:
        letter = self.table.form.column(column).column
        counted = self._counted(column)
        return (Source(counted.block, letter, role),) if counted.rows else ()

    def _counted(self, column: str) -> View:
        """Return the rows whose entry in a column counts; over several periods not all do."""
        absent = self.table.uncounted(column)
        return replace(self, rows=tuple(i for i in self.rows if i not in absent)) if absent else self

    def items(self) -> View:
        """Return one row an item: over several periods an item may have a row in each."""
        if not self.table.combined:
            return self
        keys = [self.table.column(column.name) for column in self.table.form.columns if column.key]
        first: dict[tuple[object, ...], int] = {}
        for i in self.rows:
            first.setdefault((self.table.units[i], *(fold_text(str(key[i])) for key in keys)), i)
        return replace(self, rows=tuple(first.values()))

    def terms(self, column: str) -> tuple[Source, ...]:
        """Return the cells a number is made of; in a register without rows, the blank ones that say so."""
        letter = self.table.form.column(column).column
        blank = (Source(make_block(self.table.blank), letter, "condition"),) if self.table.blank else ()
        return self._source(column, "term") + self.conditions + blank

    # -- choosing rows ----------------------------------------------------

    def where(self, **criteria: str | Iterable[str]) -> View:
        """
        Keep the rows whose columns hold the given text, or one of the given texts.

        ``unit``, ``level`` and ``type`` choose by who sent the workbook. Letter case and
        doubled spaces do not matter; diacritics do.

        Raises
        ------
        UsageError
            There is no such column, or what it may hold is known and this is not
            among it: a choice, a unit, a level, a type, an indicator, a text that
            is spelt with other diacritics in the table.
        """
        view = self
        for name, wanted in criteria.items():
            if not isinstance(wanted, Iterable):
                raise UsageError(
                    _(
                        "where({column}=…): expected a text or several, got {got!r}; a number is no criterion.",
                        column=name,
                        got=wanted,
                    )
                )
            texts = (wanted,) if isinstance(wanted, str) else tuple(str(text) for text in wanted)
            view = view.keep(Among(name, texts))
        return view

    def positive(self, column: str) -> View:
        """Keep the rows whose number in ``column`` is above 0."""
        return self.keep(Positive(column))

    def filled(self, column: str) -> View:
        """Keep the rows where ``column`` is not blank."""
        return self.keep(Filled(column))

    def keep(self, criterion: Criterion) -> View:
        """
        Keep the rows that meet a criterion; how a recorded choice is made again.

        Raises
        ------
        UsageError
            The criterion names nothing; see :meth:`where`.
        """
        if isinstance(criterion, Row):
            return self.narrow([i for i in self.rows if i + 1 == criterion.number], criterion)
        rows = self.choices.find_rows(self.rows, criterion)
        return self.narrow(rows, criterion)

    def narrow(self, rows: Iterable[int], criterion: Criterion) -> View:
        """Return some of the rows, which are those that meet a criterion."""
        conditions = self.conditions
        if not isinstance(criterion, Row) and criterion.column not in OF_THE_UNIT:
            # Rows that an earlier choice left out cannot come back, whatever stands here.
            conditions += self._source(criterion.column, "condition")
        return replace(self, rows=tuple(rows), conditions=conditions, criteria=(*self.criteria, criterion))

    # -- looking ----------------------------------------------------------

    def frame(self) -> pd.DataFrame:
        """
        Return the rows as a pandas table of bare numbers, to look at and to plot with.

        Returns
        -------
        pandas.DataFrame
            One row a row of the view, columns ``unit`` and ``level`` where units
            sent them, then those of the form: texts and dates, None for a blank
            cell; numbers as int or float, NaN for a blank one. A number of it has no cells;
            the only way back into a report is ``opaque``.
        """
        import pandas as pd

        table = self.table
        columns: dict[str, tuple[object, ...]] = {}
        if any(table.units):
            columns = {"unit": table.units, "level": table.levels}
        columns |= {name: table.column(name) for name in table.form.by_name}
        frame = pd.DataFrame(
            {name: [_bare(entries[i]) for i in self.rows] for name, entries in columns.items()},
            dtype=object,
        )
        for name, column in table.form.by_name.items():
            if column.type in ("count", "number"):
                frame[name] = pd.to_numeric(frame[name])
        return frame

    def __repr__(self) -> str:
        head = self._head()
        return (
            head
            if not self.rows
            else f"{head}\n{self._first().frame().to_string(max_cols=10, max_colwidth=24)}"
        )

    def _repr_html_(self) -> str:
        page = self._first().frame().to_html(max_cols=10, notebook=True) if self.rows else ""
        return f"<p>{html.escape(self._head())}</p>{page}"

    def _head(self) -> str:
        shown = str(self)
        return _("{rows}: {count} row(s)", rows=shorten(shown, 200), count=len(self))

    def _first(self) -> View:
        return replace(self, rows=self.rows[:SHOWN])

    # -- values -----------------------------------------------------------

    def unit_of(self, name: str | None, column: str | None = None) -> str:
        """
        Return in what a value is measured: by its indicator, else its column, else its form.

        Returns
        -------
        str
            Empty where none of them says it and the value has no id yet that will.

        Raises
        ------
        UsageError
            None of them says it, and the value has an id.
        """
        if name and name in self.params.indicators:
            return self.params.indicators[name].unit
        if column and self.table.form.column(column).unit:
            return str(self.table.form.column(column).unit)
        if self.table.form.unit:
            return self.table.form.unit
        if name is None:
            return ""
        raise UsageError(
            _(
                "what does {rows} count? Give unit=…, or an id that params/indicators.yaml knows, or a unit to form {name!r}.",
                rows=self,
                name=self.table.form.name,
            )
        )

    def total(self, column: str, id: str | None = None, *, unit: str | None = None) -> Value:
        """
        Add the numbers of a column; over no rows the total is 0.

        Raises
        ------
        UsageError
            The column is none of numbers, or of numbers that are not to be
            added, or a number is missing.
        """
        entries = self.choices.entries(column)
        if not self.table.form.column(column).adds:
            raise UsageError(
                _(
                    "column {column} of form {form} is not added up (adds: false in params/forms.yaml); its rows can be counted, and each of its numbers be taken by itself.",
                    column=column,
                    form=self.table.form.name,
                )
            )
        rule = self.table.form.rebuilt.get(column) if self.table.combined else None
        if rule is not None:
            # Its own cells do not add up to it: each holds what was carried over within the period.
            unit = self.unit_of(id, column) if unit is None else unit
            added = total([self.total(part, unit=unit) for part in rule.parts], id)
            return replace(added, counted=(self, column))
        self._refuse_half_chosen(column)
        number = Fraction(0)
        for index in self._counted(column).rows:
            entry = entries[index]
            if not isinstance(entry, Fraction):
                raise UsageError(
                    _(
                        "{cell}: expected a number to add, got {entry!r}.",
                        cell=self.table.cell(index, column),
                        entry=entry,
                    )
                )
            number += entry
        value = Value(
            number,
            self.unit_of(id, column) if unit is None else unit,
            "sum",
            sources=self.terms(column),
            basis=self.basis(column),
            counted=(self, column),
        )
        return value.named(id) if id else value

    def _refuse_half_chosen(self, column: str) -> None:
        """Refuse to add rows of all parts where a state that only one row an item has chose among them."""
        by_state = [
            criterion.column
            for criterion in self.criteria
            if not isinstance(criterion, Row | Earlier)
            and criterion.column != column
            and self.table.uncounted(criterion.column)
        ]
        if by_state and self.table.form.column(column).taken == "flow":
            raise UsageError(
                _(
                    "{column} cannot be added by {state} over several periods: the state is that of the whole period, the numbers are of each part.",
                    column=column,
                    state=by_state[0],
                )
            )

    def count(self, id: str | None = None, *, unit: str | None = None) -> Value:
        """Count the rows, over several periods the items; the key cells of the rows are its terms."""
        key = next(column.name for column in self.table.form.columns if column.key)
        items = self.items()
        value = Value(
            Fraction(len(items.rows)),
            self.unit_of(id) if unit is None else unit,
            "count",
            sources=items.terms(key),
            basis=self.basis(),
            counted=(self, None),
        )
        return value.named(id) if id else value

    def distinct(self, column: str, id: str | None = None, *, unit: str | None = None) -> Value:
        """Count the different texts of a column; blank entries do not count."""
        entries = self.choices.entries(column)
        texts = {fold_text(str(entries[index])) for index in self.rows if entries[index] is not None}
        value = Value(
            Fraction(len(texts)),
            self.unit_of(id) if unit is None else unit,
            "distinct",
            sources=self.conditions if column in OF_THE_UNIT else self.terms(column),
            basis=self.basis(column),
            counted=(self, column),
        )
        return value.named(id) if id else value

    def value(self, column: str, id: str | None = None, *, unit: str | None = None) -> Value:
        """
        Return the number of the only row there is.

        Raises
        ------
        UsageError
            There is no row, or more than one.
        """
        if len(self.items()) != 1:
            raise UsageError(_("expected one row in {rows}, got {count}.", rows=self, count=len(self.rows)))
        value = self.total(column, id, unit=unit)
        return replace(value, op="cell") if len(self) == 1 and not value.parents else value

    def indicator(self, code: str, id: str | None = None) -> Value:
        """
        Return an indicator of an ``indicators`` form: the cell of an office, or the sum over units.

        The value takes the indicator's code as its id where ``params/indicators.yaml``
        knows it and no other id is given.

        Raises
        ------
        UsageError
            The form asks for no such indicator.
        """
        asked = {item.code: item for item in self.table.form.indicators}
        if code not in asked:
            raise UsageError(
                _(
                    "form {name!r} asks for no {code!r}; it asks for {asked}.",
                    name=self.table.form.name,
                    code=code,
                    asked=", ".join(asked),
                )
            )
        chosen = self.where(ma=code)
        name = id or (code if code in self.params.indicators else None)
        value = chosen.total(
            "gia_tri", name, unit=None if name in self.params.indicators else asked[code].unit
        )
        return replace(value, op="cell") if len(chosen) == 1 else value

    def texts(self, column: str) -> list[Citation]:
        """Return the entries of a column as citations, blank ones left out."""
        entries = self.choices.entries(column)
        return [
            Citation(self._format_entry(entries[index]), (self.table.cell(index, column),))
            for index in self.rows
            if entries[index] is not None
        ]

    def _format_entry(self, entry: object) -> str:
        if isinstance(entry, date):
            return self.params.house.dates.short(entry)
        if isinstance(entry, Fraction):
            return str(entry.numerator) if entry.denominator == 1 else str(float(entry))
        return str(entry)

    def text(self, column: str) -> Citation:
        """
        Return the entry of the only row there is.

        Raises
        ------
        UsageError
            There is no row, or more than one, or the entry is blank.
        """
        texts = self.texts(column)
        if len(self.rows) != 1 or not texts:
            raise UsageError(
                _(
                    "expected one entry in {rows}.{column}, got {count} in {among} rows.",
                    rows=self,
                    column=column,
                    count=len(texts),
                    among=len(self.rows),
                )
            )
        return texts[0]

    def each(self) -> Iterator[View]:
        """Yield every row as a view of its own."""
        for index in self.rows:
            yield self.narrow([index], Row(index + 1))

    def by(self, name: str, label: str | None = None) -> Groups:
        """
        Group by a column, by ``unit``, ``level`` or ``type``, in the order of the table.

        Texts that differ in letter case alone are one group, named as the first is spelt.

        Parameters
        ----------
        label
            The column that says what a group is called, where each group has one row.
        """
        entries = self.choices.entries(name)
        rows: dict[str, list[int]] = {}
        keys: dict[str, str] = {}
        for index in self.rows:
            entry = entries[index]
            if entry is not None:
                key = keys.setdefault(fold_text(str(entry)), str(entry))
                rows.setdefault(key, []).append(index)
        views = {key: self.narrow(indices, Among(name, (key,))) for key, indices in rows.items()}
        labels = {key: view.text(label) if label else self._label(name, key) for key, view in views.items()}
        return Groups(name, views, labels, self)

    def _label(self, name: str, key: str) -> str:
        if name == "unit" and key in self.params.units:
            return self.params.units[key].name
        if name == "level" and key in self.params.place.levels:
            return self.params.place.levels[key].name
        if name == "type":
            return key[:1].upper() + key[1:]
        return key


def whole_view(table: Table, params: Params) -> View:
    """Return every row of a table."""
    return View(table, params, tuple(range(len(table))))


def _bare(entry: object) -> object:
    if isinstance(entry, Fraction):
        return entry.numerator if entry.denominator == 1 else float(entry)
    return entry
