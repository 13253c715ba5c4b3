"""Rows chosen from a table, and the values they give: totals, counts, groups; every number keeps its cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.values.citations import Citation
from baocao.values.grids import Grid, Series, slug
from baocao.values.value import Block, Role, Source, Value, make_block, total

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.reading.tables import Table

# Known from who sent the workbook, so no cell decides them.
OF_THE_UNIT = ("unit", "level", "type")


@dataclass(frozen=True)
class View:
    """
    Some rows of a table; gives values, never bare numbers.

    Parameters
    ----------
    rows
        Indices into the table, in its order.
    conditions
        Cells that decided which rows these are.
    basis
        The choice in words.
    """

    table: Table
    params: Params
    rows: tuple[int, ...]
    conditions: tuple[Source, ...] = ()
    basis: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return f"{self.table.form.name}{f'[{self.basis}]' if self.basis else ''}"

    @cached_property
    def block(self) -> Block:
        """The rows as spans of raw sheets."""
        table = self.table
        return make_block((table.files[i], table.sheets[i], table.row_numbers[i]) for i in self.rows)

    def _source(self, column: str, role: Role) -> tuple[Source, ...]:
        letter = self.table.form.column(column).column
        return (Source(self.block, letter, role),) if self.rows else ()

    def _terms(self, column: str) -> tuple[Source, ...]:
        """Give the cells a number is made of; in a register without rows, the blank ones that say so."""
        letter = self.table.form.column(column).column
        blank = (Source(make_block(self.table.blank), letter, "condition"),) if self.table.blank else ()
        return self._source(column, "term") + self.conditions + blank

    def where(self, **criteria: str | Iterable[str]) -> View:
        """
        Keep the rows whose columns hold the given text, or one of the given texts.

        ``unit``, ``level`` and ``type`` choose by who sent the workbook. Letter case and
        doubled spaces do not matter; diacritics do.

        Raises
        ------
        UsageError
            There is no such column, or a choice column has no such choice.
        """
        view = self
        for name, wanted in criteria.items():
            texts = [wanted] if isinstance(wanted, str) else [str(text) for text in wanted]
            folded = {fold_text(text) for text in texts}
            entries = view._entries(name)
            if name not in OF_THE_UNIT:
                column = self.table.form.column(name)
                unknown = [
                    t for t in texts if column.choices and fold_text(t) not in map(fold_text, column.choices)
                ]
                if unknown:
                    raise UsageError(
                        _(
                            "column {name!r} of form {name2!r} has no choice {unknown!r}; it has {choices}.",
                            name=name,
                            name2=self.table.form.name,
                            unknown=unknown[0],
                            choices=", ".join(column.choices),
                        )
                    )
            keep = tuple(
                i for i in view.rows if entries[i] is not None and fold_text(str(entries[i])) in folded
            )
            view = view._kept(keep, name, f"{name}={'|'.join(texts)}")
        return view

    def positive(self, column: str) -> View:
        """Keep the rows whose number in ``column`` is above 0."""
        entries = self.table.column(column)
        keep = tuple(i for i in self.rows if isinstance(entries[i], Fraction) and entries[i] > 0)  # type: ignore[operator]
        return self._kept(keep, column, f"{column}>0")

    def filled(self, column: str) -> View:
        """Keep the rows where ``column`` is not blank."""
        entries = self.table.column(column)
        return self._kept(tuple(i for i in self.rows if entries[i] is not None), column, f"{column} filled")

    def _kept(self, rows: tuple[int, ...], column: str, basis: str) -> View:
        conditions = self.conditions
        if column not in OF_THE_UNIT:
            # Rows that an earlier choice left out cannot come back, whatever stands here.
            conditions += self._source(column, "condition")
        return replace(
            self, rows=rows, conditions=conditions, basis=", ".join(filter(None, (self.basis, basis)))
        )

    def _entries(self, name: str) -> tuple[object, ...]:
        if name == "unit":
            return self.table.units
        if name == "level":
            return self.table.levels
        if name == "type":
            known = self.params.units
            return tuple(known[code].type if code in known else None for code in self.table.units)
        return self.table.column(name)

    def unit_of(self, name: str | None, column: str | None = None) -> str:
        """
        Say in what a value is measured: by its indicator, else its column, else its form.

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
                "what does {self_} count? Give unit=…, or an id that params/indicators.yaml knows, or a unit to form {name!r}.",
                self_=self,
                name=self.table.form.name,
            )
        )

    def total(self, column: str, id: str | None = None, *, unit: str | None = None) -> Value:
        """
        Add the numbers of a column; over no rows the total is 0.

        Raises
        ------
        UsageError
            The column is none of numbers, or a number is missing.
        """
        entries = self.table.column(column)
        number = Fraction(0)
        for index in self.rows:
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
        made = Value(
            number,
            unit or self.unit_of(id, column),
            "sum",
            sources=self._terms(column),
            basis=f"{self}.{column}",
            counted=(self, column),
        )
        return made.named(id) if id else made

    def count(self, id: str | None = None, *, unit: str | None = None) -> Value:
        """Count the rows; the key cells of the rows are its terms."""
        key = next(column.name for column in self.table.form.columns if column.key)
        made = Value(
            Fraction(len(self.rows)),
            unit or self.unit_of(id),
            "count",
            sources=self._terms(key),
            basis=str(self),
            counted=(self, None),
        )
        return made.named(id) if id else made

    def distinct(self, column: str, id: str | None = None, *, unit: str | None = None) -> Value:
        """Count the different texts of a column; blank entries do not count."""
        entries = self._entries(column)
        texts = {fold_text(str(entries[index])) for index in self.rows if entries[index] is not None}
        made = Value(
            Fraction(len(texts)),
            unit or self.unit_of(id),
            "distinct",
            sources=self.conditions if column in OF_THE_UNIT else self._terms(column),
            basis=f"{self}.{column}",
            counted=(self, column),
        )
        return made.named(id) if id else made

    def value(self, column: str, id: str | None = None, *, unit: str | None = None) -> Value:
        """
        Give the number of the only row there is.

        Raises
        ------
        UsageError
            There is no row, or more than one.
        """
        if len(self.rows) != 1:
            raise UsageError(_("expected one row in {self_}, got {count}.", self_=self, count=len(self.rows)))
        return replace(self.total(column, id, unit=unit), op="cell")

    def indicator(self, code: str, id: str | None = None) -> Value:
        """
        Give an indicator of an ``indicators`` form: the cell of an office, or the sum over units.

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
        made = chosen.total(
            "gia_tri", name, unit=None if name in self.params.indicators else asked[code].unit
        )
        return replace(made, op="cell") if len(chosen) == 1 else made

    def texts(self, column: str) -> list[Citation]:
        """Give the entries of a column as citations, blank ones left out."""
        entries = self.table.column(column)
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
        Give the entry of the only row there is.

        Raises
        ------
        UsageError
            There is no row, or more than one, or the entry is blank.
        """
        texts = self.texts(column)
        if len(self.rows) != 1 or not texts:
            raise UsageError(
                _(
                    "expected one entry in {self_}.{column}, got {count} in {count2} rows.",
                    self_=self,
                    column=column,
                    count=len(texts),
                    count2=len(self.rows),
                )
            )
        return texts[0]

    def each(self) -> Iterator[View]:
        """Yield every row as a view of its own."""
        for index in self.rows:
            yield replace(
                self, rows=(index,), basis=", ".join(filter(None, (self.basis, f"row {index + 1}")))
            )

    def by(self, name: str, label: str | None = None) -> Groups:
        """
        Group by a column, by ``unit``, ``level`` or ``type``, in the order of the table.

        Parameters
        ----------
        label
            The column that says what a group is called, where each group has one row.
        """
        entries = self._entries(name)
        rows: dict[str, list[int]] = {}
        for index in self.rows:
            entry = entries[index]
            if entry is not None:
                rows.setdefault(str(entry), []).append(index)
        views = {key: self._kept(tuple(indices), name, f"{name}={key}") for key, indices in rows.items()}
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


@dataclass(frozen=True, repr=False)
class Groups:
    """
    Views by key; what is asked of it is asked of each.

    Parameters
    ----------
    labels
        What a key is called in a table or chart.
    whole
        The rows that were grouped.
    """

    name: str
    views: Mapping[str, View]
    labels: Mapping[str, str | Citation]
    whole: View

    def __iter__(self) -> Iterator[str]:
        return iter(self.views)

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, key: str) -> View:
        try:
            return self.views[key]
        except KeyError:
            known = ", ".join(list(self.views)[:12]) or "none"
            raise UsageError(f"{self.whole} has no {self.name} {key!r}; it has {known}.") from None

    def __repr__(self) -> str:
        shown = [f"{key} ({len(view)})" for key, view in list(self.views.items())[:_SHOWN]]
        more = f", … {len(self) - _SHOWN} more" if len(self) > _SHOWN else ""
        return f"{self.whole} by {self.name}, {len(self)} groups (rows): {', '.join(shown)}{more}"

    def label(self, key: str) -> str | Citation:
        """Say what a key is called, as a row of a table begins: with a capital letter."""
        label = self.labels[key]
        return label[:1].upper() + label[1:] if isinstance(label, str) else label

    def split(self, value: Value, id: str | None = None) -> Series:
        """
        Return the parts of a value, group by group.

        Parameters
        ----------
        value
            Read from rows of the table that was grouped, or made of such values: the parts of a
            share are the shares of the groups.
        id
            The ids of the parts, ``{key}`` in it; None makes ``<id of the value>__<key>``.

        Raises
        ------
        UsageError
            The value counts other rows than those that were grouped, so that the parts would not make it.
        """
        pattern = id or (f"{value.name}__{{key}}" if value.name else None)
        return Series({key: self._part(value, key, pattern) for key in self.views}, value)

    def _part(self, value: Value, key: str, pattern: str | None) -> Value:
        if value.counted is not None:
            part = self._recount(value, key)
        else:
            parents = [
                self._part(one, key, f"{one.name}__{{key}}" if one.name else None) for one in value.parents
            ]
            match value.op, parents:
                case "sum", _:
                    part = total(parents)
                case "difference", [one, other]:
                    part = one - other
                case "ratio", [one, other]:
                    part = one / other
                case "over", [one, other]:
                    part = one.over(other)
                case _:
                    raise UsageError(
                        f"{value!r} cannot be split by {self.name}: it was not read from a table."
                    )
        return part.named(pattern.format(key=slug(key))) if pattern else part

    def _recount(self, value: Value, key: str) -> Value:
        assert value.counted is not None
        view: View = value.counted[0]
        column: str = value.counted[1] or ""
        if view.table is not self.whole.table or not self._rows.issuperset(view.rows):
            raise UsageError(
                f"{value!r} counts other rows than {self.whole}, which is grouped by {self.name}."
            )
        inside = set(self.views[key].rows)
        kept = view._kept(tuple(i for i in view.rows if i in inside), self.name, f"{self.name}={key}")  # noqa: SLF001 a view's other half
        if value.op == "count":
            return kept.count(unit=value.unit)
        if value.op == "distinct":
            return kept.distinct(column, unit=value.unit)
        return kept.total(column, unit=value.unit)

    @cached_property
    def _rows(self) -> frozenset[int]:
        return frozenset(self.whole.rows)

    def grid(
        self,
        head: str | Sequence[str],
        columns: Mapping[str, Value | Mapping[str, Value]],
        *,
        total: str | None = None,
    ) -> Grid:
        """
        Return a table of a report: a row a group.

        Parameters
        ----------
        head
            Head of the column of labels; of two, the first is the head of a column that numbers the rows.
        columns
            By head, a value to be split, or values by key; a key that is not there prints ``-``.
        total
            The label of a last row with the values that were split; None prints none.

        Examples
        --------
        >>> hoso = section.table("06a")  # doctest: +SKIP
        >>> hoso.by("level").grid("Cấp", {"Tiếp nhận": hoso.total("tiep_nhan")}, total="Tổng số")  # doctest: +SKIP
        Grid Cấp | Tiếp nhận: 2 rows
        """
        heads = [head] if isinstance(head, str) else list(head)
        series = [self.split(one) if isinstance(one, Value) else one for one in columns.values()]
        last = None
        if total is not None:
            last = [total, *(one.whole if isinstance(one, Series) else None for one in series)]
        rows = [[self.label(key), *(one.get(key) for one in series)] for key in self.views]
        return Grid([*heads, *columns], rows, last, numbered=len(heads) == 2)

    def total(self, column: str, id: str | None = None) -> Series:
        """Add a column group by group; ids are ``<id>__<key>``."""
        return self.split(self.whole.total(column, id))

    def count(self, id: str | None = None, *, unit: str | None = None) -> Series:
        """Count rows group by group; ids are ``<id>__<key>``."""
        return self.split(self.whole.count(id, unit=unit))


_SHOWN = 12
