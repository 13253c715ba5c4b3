"""One quarter: its spelling, its window; what it is called in a document is the house's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from baocao.project.errors import UsageError
from baocao.project.house import PeriodKind, Periods
from baocao.project.language import _


def format_date(day: date) -> str:
    """
    Write a date in a sentence for people; in a document the house does.

    Examples
    --------
    >>> format_date(date(2026, 3, 5)), format_date(date(2025, 12, 15))
    ('05/3/2026', '15/12/2025')
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """
    One quarter of a year.

    The window runs from day 15 of the month before the quarter to day 14 of
    the quarter's last month (Decree 09/2019/NĐ-CP, article 12).

    Examples
    --------
    >>> period = parse_period("2026-Q1")
    >>> str(period), period.start.isoformat(), period.end.isoformat()
    ('2026-Q1', '2025-12-15', '2026-03-14')
    >>> str(period.previous), str(period.next)
    ('2025-Q4', '2026-Q2')
    """

    year: int
    quarter: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.quarter}"

    @property
    def kind(self) -> PeriodKind:
        """Which kind of period."""
        return "quarter"

    @property
    def number(self) -> int:
        """Which of its kind in the year."""
        return self.quarter

    @property
    def start(self) -> date:
        """First day of the window."""
        month = self.quarter * 3 - 3
        return date(self.year, month, 15) if month else date(self.year - 1, 12, 15)

    @property
    def end(self) -> date:
        """Last day of the window."""
        return date(self.year, self.quarter * 3, 14)

    @property
    def months(self) -> tuple[int, int, int]:
        """The three calendar months of the quarter."""
        last = self.quarter * 3
        return last - 2, last - 1, last

    @property
    def previous(self) -> Period:
        """The quarter before."""
        return Period(self.year - 1, 4) if self.quarter == 1 else Period(self.year, self.quarter - 1)

    @property
    def next(self) -> Period:
        """The quarter after."""
        return Period(self.year + 1, 1) if self.quarter == 4 else Period(self.year, self.quarter + 1)


_PERIOD = re.compile(r"^(2\d{3})-Q([1-4])$")


def parse_period(text: str) -> Period:
    """
    Read ``2026-Q1``.

    Raises
    ------
    UsageError
        ``text`` is not spelt so.
    """
    match = _PERIOD.match(str(text).strip())
    if match is None:
        raise UsageError(_("expected a period such as 2026-Q1, got {text!r}.", text=text))
    return Period(int(match[1]), int(match[2]))


def find_period(text: str, periods: Periods) -> Period | None:
    """
    Find the period that a form's header names, by its code or in the house's words.

    Returns
    -------
    Period or None
        None where the text names none.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> words = find_house("nd30").periods
    >>> str(find_period("Kỳ báo cáo: Quý I năm 2026", words)), str(find_period("2026-Q2", words))
    ('2026-Q1', '2026-Q2')
    >>> find_period("tháng 3", words) is None
    True
    """
    match = re.search(r"\b(2\d{3})-Q([1-4])\b", text)
    if match:
        return Period(int(match[1]), int(match[2]))
    name = periods.find(text)
    return Period(name.year, name.number) if name is not None and name.kind == "quarter" else None


def format_words(text: str, period: Period, periods: Periods, **others: str) -> str:
    """
    Put the period's words into a title or heading of ``params/reports.yaml``.

    Parameters
    ----------
    periods
        The words of the house.
    others
        What else stands in braces.

    Raises
    ------
    UsageError
        A word in braces is none of those there are; the message lists them.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> format_words("QUÝ {quy_sau} NĂM {nam_sau}", Period(2026, 1), find_house("nd30").periods)
    'QUÝ II NĂM 2026'
    """
    words = {**periods.words(period), **others}
    try:
        return text.format_map(words)
    except (KeyError, ValueError, IndexError) as error:
        raise UsageError(
            _(
                "params/reports.yaml: {text!r} cannot be filled in ({error}); for {period} there are {words}.",
                text=text,
                error=error,
                period=period,
                words=[f"{{{word}}}" for word in sorted(words)],
            )
        ) from None
