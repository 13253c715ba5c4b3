"""Rows chosen from a table, and the values they give: totals, counts, groups; every number keeps its cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.periods import format_date
from baocao.project.text import fold_text
from baocao.values.citations import Citation
from baocao.values.value import Block, Role, Source, Value, make_block

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.reading.tables import Table

# Known from who sent the workbook, so no cell decides them.
OF_THE_UNIT = ("unit", "level", "type")


def slug(text: str) -> str:
    """
    Bring a text to small letters, digits and underscores, for the end of an id.

    Examples
    --------
    >>> slug("Đất đai"), slug("H01")
    ('dat_dai', 'h01')
    """
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(
        char if char.isalnum() and char.isascii() else "_"
        for char in plain
        if not unicodedata.combining(char)
    )
    return "_".join(part for part in letters.split("_") if part)


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
                        f"column {name!r} of form {self.table.form.name!r} has no choice {unknown[0]!r}; "
                        f"it has {', '.join(column.choices)}."
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

        Raises
        ------
        UsageError
            None of them says it.
        """
        if name and name in self.params.indicators:
            return self.params.indicators[name].unit
        if column and self.table.form.column(column).unit:
            return str(self.table.form.column(column).unit)
        if self.table.form.unit:
            return self.table.form.unit
        raise UsageError(
            f"what does {self} count? Give unit=…, or an id that params/indicators.yaml knows, "
            f"or a unit to form {self.table.form.name!r}."
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
                    f"{self.table.cell(index, column)}: expected a number to add, got {entry!r}."
                )
            number += entry
        made = Value(
            number,
            unit or self.unit_of(id, column),
            "sum",
            sources=self._terms(column),
            basis=f"{self}.{column}",
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
            raise UsageError(f"expected one row in {self}, got {len(self.rows)}.")
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
                f"form {self.table.form.name!r} asks for no {code!r}; it asks for {', '.join(asked)}."
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
            Citation(_print_entry(entries[index]), (self.table.cell(index, column),))
            for index in self.rows
            if entries[index] is not None
        ]

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
                f"expected one entry in {self}.{column}, got {len(texts)} in {len(self.rows)} rows."
            )
        return texts[0]

    def each(self) -> Iterator[View]:
        """Yield every row as a view of its own."""
        for index in self.rows:
            yield replace(
                self, rows=(index,), basis=", ".join(filter(None, (self.basis, f"row {index + 1}")))
            )

    def by(self, name: str) -> Groups:
        """Group by a column, by ``unit``, ``level`` or ``type``, in the order of the table."""
        entries = self._entries(name)
        rows: dict[str, list[int]] = {}
        for index in self.rows:
            entry = entries[index]
            if entry is not None:
                rows.setdefault(str(entry), []).append(index)
        return Groups(
            name,
            {key: self._kept(tuple(indices), name, f"{name}={key}") for key, indices in rows.items()},
            {key: self._label(name, key) for key in rows},
        )

    def _label(self, name: str, key: str) -> str:
        if name == "unit" and key in self.params.units:
            return self.params.units[key].name
        if name == "level" and key in self.params.place.levels:
            return self.params.place.levels[key].name
        if name == "type":
            return key[:1].upper() + key[1:]
        return key


@dataclass(frozen=True)
class Groups:
    """
    Views by key; what is asked of it is asked of each.

    Parameters
    ----------
    labels
        What a key is called in a table or chart.
    """

    name: str
    views: Mapping[str, View]
    labels: Mapping[str, str]

    def __iter__(self) -> Iterator[str]:
        return iter(self.views)

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, key: str) -> View:
        return self.views[key]

    def total(self, column: str, id: str | None = None) -> dict[str, Value]:
        """Add a column group by group; ids are ``<id>__<key>``, the keys those of the groups."""
        return {
            key: view.total(column, _sub(id, key), unit=view.unit_of(id, column))
            for key, view in self.views.items()
        }

    def count(self, id: str | None = None, *, unit: str | None = None) -> dict[str, Value]:
        """Count rows group by group; ids are ``<id>__<key>``."""
        return {
            key: view.count(_sub(id, key), unit=unit or view.unit_of(id)) for key, view in self.views.items()
        }

    def label(self, key: str) -> str:
        """Say what a key is called."""
        return self.labels[key]


def _sub(name: str | None, key: str) -> str | None:
    return f"{name}__{slug(key)}" if name else None


def _print_entry(entry: object) -> str:
    if isinstance(entry, date):
        return format_date(entry)
    if isinstance(entry, Fraction):
        return str(entry.numerator) if entry.denominator == 1 else str(float(entry))
    return str(entry)
