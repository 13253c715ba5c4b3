"""The raw files that a period's numbers come from, those of the earlier periods it compares with among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from baocao.project.periods import split_file
from baocao.reading.tables import read_tables
from baocao.tracing.record import TakenCell

if TYPE_CHECKING:
    from baocao.project.periods import Period
    from baocao.reading.tables import Tables
    from baocao.tracing.record import Stitched


class Origins:
    """
    Hashes of raw files, and which cells count as something else than stands there.

    Parameters
    ----------
    tables
        Of the period that is built.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.sha256: dict[str, str] = dict(tables.sha256)
        self.taken: dict[str, TakenCell] = _spell_taken(tables, "")

    def add(self, stitched: Iterable[Stitched]) -> None:
        """Take in the earlier periods whose cells stand in some reports."""
        files = {span[0] for one in stitched for spans in one.blocks.values() for span in spans}
        periods = {split_file(file)[0] for file in files - self.sha256.keys()}
        for period in sorted(one for one in periods if one is not None):
            self._add_period(period)

    def _add_period(self, period: Period) -> None:
        tables = read_tables(self._tables.project, period)
        prefix = f"{period}/"
        self.sha256 |= {_prefixed(file, prefix): sha256 for file, sha256 in tables.sha256.items()}
        self.taken |= _spell_taken(tables, prefix)


def _prefixed(name: str, prefix: str) -> str:
    return name if not prefix or split_file(name)[0] is not None else prefix + name


def _spell_taken(tables: Tables, prefix: str) -> dict[str, TakenCell]:
    return {
        _prefixed(cell, prefix): TakenCell(one.value, one.seen, one.who, str(one.when), one.why)
        for cell, one in tables.taken.items()
    }
