"""What people call a value: by its indicator, as a part of one, or by what it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baocao.project.language import _
from baocao.project.text import slug

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.values.criteria import Basis


def name_parts() -> dict[str, str]:
    """
    Return what the ends of ids mean that values get from others: ``<id>__tu``, ``<id>__last_year``.

    Examples
    --------
    >>> sorted(name_parts())[-2:]
    ['mau', 'tu']
    """
    return {
        "tu": _("numerator"),
        "mau": _("base"),
        "last_year": _("same period last year"),
        "last_period": _("period before"),
        "change_last_year": _("change against the same period last year"),
        "change_last_period": _("change against the period before"),
    }


class Labels:
    """The labels of ids, as params know them."""

    def __init__(self, params: Params) -> None:
        self._indicators = {
            item.code: item.label for form in params.forms.values() for item in form.indicators
        }
        self._indicators |= {key: indicator.label for key, indicator in params.indicators.items()}
        self._columns = {
            annex.id: {column.name: column.label for column in params.forms[annex.form].columns}
            for report in params.reports.values()
            for annex in report.annexes
            if annex.form is not None
        }
        self._parts = {
            **name_parts(),
            **{slug(unit.type): unit.type for unit in params.units.values()},
            **{slug(level): words.name for level, words in params.place.levels.items()},
            **{slug(code): unit.name for code, unit in params.units.items()},
        }

    def label(self, key: str, basis: Basis | str = "") -> str:
        """
        Return what a value is called.

        Parameters
        ----------
        basis
            What it was read from; said where nobody has named it.

        Returns
        -------
        str
            Empty where nothing is known of it.
        """
        if key in self._indicators:
            return self._indicators[key]
        stem, mark, part = key.partition("__")
        if stem in self._columns:
            return self._label_cell(stem, part)
        if mark and stem in self._indicators:
            return f"{self._indicators[stem]} - {self._parts.get(part) or part.replace('_', ' ')}"
        return str(basis)

    def _label_cell(self, annex: str, part: str) -> str:
        """Return what a cell of an annex is called: its row, if it has one, and its column."""
        row, _mark, column = part.rpartition("__")
        head = self._columns[annex].get(column, column)
        return f"{self._parts.get(row) or row.replace('_', ' ')} - {head}" if row else head
