"""Which rows a criterion means; one that names nothing there is gets refused, since it would count nothing in silence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.params import OF_THE_UNIT  # who sent the workbook: no cell decides them
from baocao.project.schemas import name_near
from baocao.project.text import fold_text, slug
from baocao.reading.forms.overlay import NUMBERS
from baocao.values.criteria import Among, Filled, Positive

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.reading.tables import Table

# Known from who sent the workbook, so no cell decides them.


class Choices:
    """What can be chosen of a table's rows: by a column, or by who sent them."""

    def __init__(self, table: Table, params: Params) -> None:
        self._table = table
        self._params = params

    def find_rows(self, rows: Sequence[int], criterion: Among | Positive | Filled) -> list[int]:
        """
        Find the rows, among some of the table, that meet a criterion.

        Raises
        ------
        UsageError
            The criterion names nothing; see :meth:`baocao.values.views.View.where`.
        """
        entries = self.entries(criterion.column)
        match criterion:
            case Among(texts=texts):
                self._check_texts(criterion.column, texts)
                folded = {fold_text(text) for text in texts}
                return [i for i in rows if entries[i] is not None and fold_text(str(entries[i])) in folded]
            case Positive():
                self._refuse_no_number(criterion.column)
                return [i for i in rows if _is_positive(entries[i])]
            case Filled():
                return [i for i in rows if entries[i] is not None]

    def entries(self, name: str) -> tuple[object, ...]:
        """
        Return what every row of the table holds in a column, or who sent it.

        Raises
        ------
        UsageError
            There is no such column.
        """
        if name == "unit":
            return self._table.units
        if name == "level":
            return self._table.levels
        if name == "type":
            known = {**self._params.units, **self._params.units_of(self._table.period)}
            return tuple(known[code].type if code in known else None for code in self._table.units)
        if name not in self._table.form.by_name:
            raise UsageError(
                _(
                    "form {form!r} has no column {column!r}; it has {known}.",
                    form=self._table.form.name,
                    column=name,
                    known=name_near(name, (*self._table.form.by_name, *OF_THE_UNIT)),
                )
            )
        return self._table.column(name)

    def _check_texts(self, name: str, texts: tuple[str, ...]) -> None:
        """Refuse a text that no row can hold, since a misspelt one would count nothing in silence."""
        self._refuse_single(name, texts)
        known = self.known_texts(name)
        spelt = {fold_text(text) for text in known or ()}
        if known is None:
            spelt = {fold_text(str(entry)) for entry in self._table.column(name) if entry is not None}
            plain = {slug(text) for text in spelt}
        for text in texts:
            folded = fold_text(text)
            if folded in spelt or (known is None and slug(text) not in plain):
                continue
            raise UsageError(
                _(
                    "{column} of form {form!r} is never {text!r}; it is one of: {known}.",
                    column=name,
                    form=self._table.form.name,
                    text=text,
                    known=name_near(text, known or spelt),
                )
            )

    def _refuse_no_number(self, name: str) -> None:
        """Refuse to ask a column of texts or dates for numbers above 0: no row would ever meet it, in silence."""
        columns = self._table.form.by_name
        if name not in columns or columns[name].type not in NUMBERS:
            raise UsageError(
                _(
                    "positive({column!r}): expected a column of numbers of form {form!r}: {known}.",
                    column=name,
                    form=self._table.form.name,
                    known=[column.name for column in columns.values() if column.type in NUMBERS],
                )
            )

    def _refuse_single(self, name: str, texts: tuple[str, ...]) -> None:
        """Refuse an indicator that is stated for one period only, where the table is made of several."""
        form = self._table.form
        if not (self._table.combined and form.indicators and name in form.by_name and form.column(name).key):
            return
        single = {fold_text(item.code): item.code for item in form.indicators if item.taken == "never"}
        for text in texts:
            if fold_text(text) in single:
                raise UsageError(
                    _(
                        "{code} of form {form} is not put together from parts: it is stated for one period; get it for {period}.",
                        code=single[fold_text(text)],
                        form=form.name,
                        period=self._table.period,
                    )
                )

    def known_texts(self, name: str) -> Collection[str] | None:
        """Return every text that a column may hold; None where that is open."""
        form = self._table.form
        if name in OF_THE_UNIT:
            if len(self._table) and not any(self._table.units):
                return ()  # rows of an office belong to no unit
            if name == "unit":
                return dict.fromkeys(
                    (*self._params.units_of(self._table.period), *filter(None, self._table.units))
                )
            if name == "level":
                return self._params.place.levels
            return dict.fromkeys(unit.type for unit in self._params.units_of(self._table.period).values())
        if form.indicators and form.column(name).key:
            return [item.code for item in form.indicators]
        return form.column(name).choices or None


def _is_positive(entry: object) -> bool:
    return isinstance(entry, Fraction) and entry > 0
