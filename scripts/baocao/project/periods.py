"""One quarter: its spelling, its window and its words in Vietnamese."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from baocao.project.errors import UsageError
from baocao.project.house import Kind
from baocao.project.language import _

ROMAN = ("I", "II", "III", "IV")


def format_date(day: date) -> str:
    """
    Write a date as the administration does (Decree 30/2020, Annex I).

    Days below 10 and the months 1 and 2 take a leading zero.

    Examples
    --------
    >>> format_date(date(2026, 3, 5)), format_date(date(2025, 12, 15))
    ('05/3/2026', '15/12/2025')
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}"


def format_long_date(day: date) -> str:
    """
    Write the date of a document's head (Decree 30/2020, Annex I).

    Examples
    --------
    >>> format_long_date(date(2026, 3, 5))
    'ngày 05 tháng 3 năm 2026'
    """
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


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
    >>> str(period.previous), period.roman, period.next.label
    ('2025-Q4', 'I', 'quý II năm 2026')
    """

    year: int
    quarter: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.quarter}"

    @property
    def kind(self) -> Kind:
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
    def roman(self) -> str:
        """The quarter as the administration writes it: I, II, III, IV."""
        return ROMAN[self.quarter - 1]

    @property
    def label(self) -> str:
        """``quý I năm 2026``."""
        return f"quý {self.roman} năm {self.year}"

    @property
    def window(self) -> str:
        """``từ ngày 15/12/2025 đến ngày 14/3/2026``."""
        return f"từ ngày {format_date(self.start)} đến ngày {format_date(self.end)}"

    @property
    def previous(self) -> Period:
        """The quarter before."""
        return Period(self.year - 1, 4) if self.quarter == 1 else Period(self.year, self.quarter - 1)

    @property
    def next(self) -> Period:
        """The quarter after."""
        return Period(self.year + 1, 1) if self.quarter == 4 else Period(self.year, self.quarter + 1)


_PERIOD = re.compile(r"^(2\d{3})-Q([1-4])$")
_WORDS = re.compile(r"qu[yý]\s*(iv|i{1,3}|[1-4])\s*(?:năm|/|-)?\s*(2\d{3})", re.IGNORECASE)


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


def find_period(text: str) -> Period | None:
    """
    Find the period that a form's header names, in any usual spelling.

    Returns
    -------
    Period or None
        None where the text names none.

    Examples
    --------
    >>> str(find_period("Kỳ báo cáo: Quý I năm 2026")), str(find_period("2026-Q2"))
    ('2026-Q1', '2026-Q2')
    >>> find_period("tháng 3") is None
    True
    """
    match = re.search(r"\b(2\d{3})-Q([1-4])\b", text)
    if match:
        return Period(int(match[1]), int(match[2]))
    match = _WORDS.search(text)
    if match is None:
        return None
    quarter = ROMAN.index(match[1].upper()) + 1 if match[1].upper() in ROMAN else int(match[1])
    return Period(int(match[2]), quarter)


def format_words(text: str, period: Period, place: str, drafter: str = "") -> str:
    """
    Put the period's words into a title or heading of ``params/reports.yaml``.

    Examples
    --------
    >>> format_words("QUÝ {quy_sau} NĂM {nam_sau}", Period(2026, 1), "")
    'QUÝ II NĂM 2026'
    """
    return text.format(
        quy=period.roman,
        nam=period.year,
        quy_sau=period.next.roman,
        nam_sau=period.next.year,
        place=place,
        drafter=drafter,
    )
