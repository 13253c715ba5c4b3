"""Rows and columns of values, as a report prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from baocao.project.language import _
from baocao.project.text import slug
from baocao.values.citations import Citation
from baocao.values.value import Value

Entry: TypeAlias = Value | Citation | str | None


# What a notebook shows of many entries.
_SHOWN = 12


class Series(dict[str, Value]):
    """
    Values by the key of their group.

    Parameters
    ----------
    whole
        The value that they are the parts of.
    """

    def __init__(self, parts: Mapping[str, Value], whole: Value) -> None:
        super().__init__(parts)
        self.whole = whole

    def __truediv__(self, other: object) -> Series:
        if not isinstance(other, Series):
            return NotImplemented
        return Series({key: part / other[key] for key, part in self.items()}, self.whole / other.whole)

    def __repr__(self) -> str:
        # Without the ids, which begin with that of the whole; and never as marks, which nobody can read.
        shown = [f"{key}: {repr(value).rpartition(' (')[0]}" for key, value in list(self.items())[:_SHOWN]]
        return _(
            "{count} parts of {whole!r}: {parts}{more}",
            count=len(self),
            whole=self.whole,
            parts=", ".join(shown),
            more=f", … (+{len(self) - _SHOWN})" if len(self) > _SHOWN else "",
        )

    def named(self, pattern: str) -> Series:
        """Return the same values with ids, ``{key}`` in the pattern."""
        return Series(
            {key: part.named(pattern.format(key=slug(key))) for key, part in self.items()}, self.whole
        )


@dataclass(frozen=True)
class Grid:
    """
    A table of a report before it is printed.

    Parameters
    ----------
    header, rows, total
        As many entries each; None prints ``-``. ``total`` is the last row, None where there is none.
    numbered
        The first entry of the header is the head of a column that numbers the rows; rows and total lack it.

    Examples
    --------
    >>> grid = Grid(("STT", "Cấp", "Số hồ sơ"), (("Sở", "-"), ("Xã", "-")), numbered=True)
    >>> grid
    Table STT | Cấp | Số hồ sơ: 2 rows
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Entry]]
    total: Sequence[Entry] | None = None
    numbered: bool = False

    def __repr__(self) -> str:
        return _("Table {header}: {count} rows", header=" | ".join(self.header), count=len(self.rows))
