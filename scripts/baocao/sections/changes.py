"""A section's numbers beside those of an earlier period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from baocao.project.errors import InputError, UsageError
from baocao.project.language import _
from baocao.reading.tables import read_tables
from baocao.reading.tables.combined import is_received
from baocao.reading.tables.earlier import find_earlier
from baocao.values.earlier import make_earlier, require_comparable
from baocao.values.remaking import ChosenRows
from baocao.values.value import measure_change

if TYPE_CHECKING:
    from baocao.reading.tables import Tables
    from baocao.sections.reads import Reads
    from baocao.values.criteria import Against
    from baocao.values.value import Value

ABSENT = "absent"
_KNOWN = ("last_year", "last_period")


class Past:
    """
    Earlier periods as one section sees them.

    Parameters
    ----------
    tables
        Of the section's own period.
    reads
        Notes which earlier periods were asked for: with other submissions there, the section runs again.
    """

    def __init__(self, tables: Tables, reads: Reads) -> None:
        self._tables = tables
        self._reads = reads
        self._choices = ChosenRows(tables)

    def change(self, value: Value, against: Against) -> Value:
        """Measure how a value moved; without a number where the earlier period has none."""
        now = value if value.name else value.named(value.id)
        before = self._find(now, against)
        points = self._tables.project.house.numbers.changes.points
        return measure_change(now, before, points).named(f"{now.id}__change_{against}")

    def earlier(self, value: Value, against: Against) -> Value:
        """Make a value of the earlier period; without a number where it has none."""
        before = self._find(value, against)
        if before is not None:
            return before
        return replace(measure_change(value), unit=value.unit, name=f"{value.id}__{against}")

    def _find(self, value: Value, against: Against) -> Value | None:
        """Make a value of the earlier period; None where that has no submissions, or not of that form."""
        if against not in _KNOWN:
            raise UsageError(
                _("against: expected one of {known}, got {got!r}.", known=", ".join(_KNOWN), got=against)
            )
        project = self._tables.project
        require_comparable(value, project.params, against)
        period = find_earlier(self._tables.period, against)
        if not is_received(project, period):
            self._reads.note("earlier", str(period), ABSENT)
            return None
        tables = read_tables(project, period)
        self._reads.note("earlier", str(period), tables.key)
        if tables.unusable:
            raise InputError(
                _(
                    "{id} cannot be compared: {count} submission(s) of {period} cannot be used; correct them, or say in params/{period}.yaml under 'treatments' how each is treated.",
                    id=value.id,
                    count=len(tables.unusable),
                    period=period,
                ),
                findings=tables.unusable,
            )
        return make_earlier(value, self._choices, against)
