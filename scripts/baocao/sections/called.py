"""A period as a notebook sees it: with what the house calls it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from baocao.project.house import Periods
from baocao.project.periods import Period


@dataclass(frozen=True)
class CalledPeriod:
    """
    A period and its words.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> period = CalledPeriod(Period(2026, 1), find_house("nd30").periods)
    >>> period.label, period.next.label, str(period)
    ('quý I năm 2026', 'quý II năm 2026', '2026-Q1')
    """

    period: Period
    words: Periods

    def __str__(self) -> str:
        return str(self.period)

    @property
    def label(self) -> str:
        """What it is called in running text."""
        return self.words.label(self.period)

    @property
    def window(self) -> str:
        """From its first to its last day, in words."""
        return self.words.window(self.start, self.end)

    @property
    def year(self) -> int:
        """The year it lies in."""
        return self.period.year

    @property
    def start(self) -> date:
        """First day of its window."""
        return self.period.start

    @property
    def end(self) -> date:
        """Last day of its window."""
        return self.period.end

    @property
    def previous(self) -> CalledPeriod:
        """The one of its kind before it."""
        return CalledPeriod(self.period.previous, self.words)

    @property
    def next(self) -> CalledPeriod:
        """The one of its kind after it."""
        return CalledPeriod(self.period.next, self.words)
