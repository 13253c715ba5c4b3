"""Rows in groups, by what a column holds or who sent them: values group by group, and tables of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.schemas import name_near
from baocao.project.text import slug
from baocao.values.citations import Citation
from baocao.values.criteria import Among
from baocao.values.grids import Grid, Series
from baocao.values.value import Value, total

if TYPE_CHECKING:
    from baocao.values.views import View

SHOWN = 8  # of rows or groups that are looked at


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
        """
        Return the rows of a key; none where a known choice, unit or level has no rows.

        Raises
        ------
        UsageError
            There is no such key.
        """
        if key in self.views:
            return self.views[key]
        # Only what may be there and has no rows is nothing; a misspelt key is a fault.
        if key in (self.whole.choices.known_texts(self.name) or ()):
            return self.whole.keep(Among(self.name, (key,)))
        raise UsageError(
            _(
                "there is no group {key!r} by {name}; there is: {known}.",
                key=key,
                name=self.name,
                known=name_near(key, self.views),
            )
        )

    def __repr__(self) -> str:
        shown = ", ".join(f"{key} ({len(view)})" for key, view in list(self.views.items())[:SHOWN])
        more = f", … (+{len(self) - SHOWN})" if len(self) > SHOWN else ""
        return f"{shorten(str(self.whole), 200)} / {self.name}: {shorten(shown, 1000)}{more}"

    def label(self, key: str) -> str | Citation:
        """Return what a key is called, as a row of a table begins: with a capital letter."""
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
                        _(
                            "{value!r} cannot be split by {name}: it was not read from a table.",
                            value=value,
                            name=self.name,
                        )
                    )
        return part.named(pattern.format(key=slug(key))) if pattern else part

    def _recount(self, value: Value, key: str) -> Value:
        assert value.counted is not None
        view: View = value.counted[0]
        column: str = value.counted[1] or ""
        if view.table is not self.whole.table or not self._rows.issuperset(view.rows):
            raise UsageError(
                _(
                    "{value!r} counts other rows than {whole}, which is grouped by {name}.",
                    value=value,
                    whole=self.whole,
                    name=self.name,
                )
            )
        inside = set(self.views[key].rows)
        kept = view.narrow([i for i in view.rows if i in inside], Among(self.name, (key,)))
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
        columns: Mapping[str, str | Value | Mapping[str, Value]],
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
            By head, a value to be split, the name of a column to add up, or values by key; a key that
            is not there prints ``-``.
        total
            The label of a last row with the values that were split; None prints none.

        Examples
        --------
        >>> hoso = section.table("06a")  # doctest: +SKIP
        >>> hoso.by("level").grid("Cấp", {"Tiếp nhận": hoso.total("tiep_nhan")}, total="Tổng số")  # doctest: +SKIP
        Grid Cấp | Tiếp nhận: 2 rows
        """
        heads = [head] if isinstance(head, str) else list(head)
        wrong = [name for name, one in columns.items() if not isinstance(one, (str, Value, Mapping))]
        if wrong:
            raise UsageError(
                _(
                    "column {name!r}: expected a value, the name of a column, or values by key, got {got!r}.",
                    name=wrong[0],
                    got=columns[wrong[0]],
                )
            )
        values = [self.whole.total(one) if isinstance(one, str) else one for one in columns.values()]
        series = [self.split(one) if isinstance(one, Value) else one for one in values]
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


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
