"""How dates are written and periods called in plain English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from baocao.project.house import Dates, PeriodName, Periods, Span

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NUMBERS = {name.casefold(): number for number, name in enumerate(MONTHS, 1)} | {
    name[:3].casefold(): number for number, name in enumerate(MONTHS, 1)
}
_MONTH = "|".join((*MONTHS, *(name[:3] for name in MONTHS)))
DAY = rf"(?P<day>\d{{1,2}})\s+(?P<month>{_MONTH})\.?\s+(?P<year>\d{{4}})(?!\d)"


def format_day(day: date) -> str:
    """
    Write a date so that nobody takes the day for the month.

    Examples
    --------
    >>> format_day(date(2026, 3, 5))
    '5 March 2026'
    """
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_label(period: Span) -> str:
    """
    Call a period by its name in running text.

    Examples
    --------
    >>> from baocao.project.periods import Period
    >>> format_label(Period(2026, 1))
    'Q1 2026'
    """
    match period.kind:
        case "month":
            return f"{MONTHS[period.number - 1]} {period.year}"
        case "quarter":
            return f"Q{period.number} {period.year}"
        case "half":
            return f"H{period.number} {period.year}"
        case "nine-months":
            return f"January to September {period.year}"
        case "year":
            return str(period.year)


def list_words(period: Span) -> dict[str, str]:
    """
    List what stands in braces in titles and headings: the period, its year, the next and the last one.

    Examples
    --------
    >>> from baocao.project.periods import Period
    >>> words = list_words(Period(2026, 4))
    >>> words["period"], words["next_period"], words["last_year"]
    ('Q4 2026', 'Q1 2027', '2026')
    """
    words: dict[str, str] = {}
    for span, prefix in ((period, ""), (period.next, "next_"), (period.previous, "last_")):
        words |= {f"{prefix}period": format_label(span), f"{prefix}year": str(span.year)}
    return words


def format_window(start: date, end: date) -> str:
    """
    Write from when to when.

    Examples
    --------
    >>> format_window(date(2025, 12, 15), date(2026, 3, 14))
    'from 15 December 2025 to 14 March 2026'
    """
    return f"from {format_day(start)} to {format_day(end)}"


_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_ORDINALS = "|".join(_ORDINAL)
_NAMES: Mapping[str, re.Pattern[str]] = {
    "quarter": re.compile(
        rf"(?i)\b(?:(?:Q|quarter\s*)(?P<number>[1-4])|(?P<nth>{_ORDINALS})\s+quarter)\s*(?:of|/|-|,)?\s*(?P<year>2\d{{3}})(?!\d)"
        r"|\b(?P<before>2\d{3})\s*[-/ ]?\s*Q(?P<after>[1-4])(?!\d)"
    ),
    "half": re.compile(
        r"(?i)\b(?:(?:H|half\s*)(?P<number>[12])|(?P<nth>first|second|1st|2nd)\s+half)\s*(?:of|/|-|,)?\s*(?P<year>2\d{3})(?!\d)"
    ),
    "nine-months": re.compile(r"(?i)\b(?P<number>)(?:January|Jan)\s*(?:to|-|–)\s*(?:September|Sep)\s+(?P<year>2\d{3})"),
    "month": re.compile(rf"(?i)\b(?P<number>{_MONTH})\.?\s+(?P<year>2\d{{3}})"),
    "year": re.compile(r"(?i)\b(?P<number>)year\s+(?P<year>2\d{3})(?!\d)"),
}  # fmt: skip


def find_name(text: str) -> PeriodName | None:
    """
    Find the period that a form's header names.

    Examples
    --------
    >>> find_name("Reporting period: Q1 2026"), find_name("March 2026")
    (PeriodName(kind='quarter', year=2026, number=1), PeriodName(kind='month', year=2026, number=3))
    >>> [tuple(find_name(text))[1:] for text in ("Third quarter of 2026", "2026 Q3", "the 2nd half 2026")]
    [(2026, 3), (2026, 3), (2026, 2)]
    >>> find_name("March") is None
    True
    """
    for kind in ("quarter", "half", "nine-months", "month", "year"):
        match = _NAMES[kind].search(text)
        if match is not None:
            parts = match.groupdict()
            said = (parts["number"] or parts.get("nth") or parts.get("after") or "1").casefold()
            number = _NUMBERS.get(said) or _ORDINAL.get(said) or int(said)
            return PeriodName(kind, int(parts["year"] or parts["before"]), number)
    return None


def list_calendar(period: Span) -> list[re.Pattern[str]]:
    """List the spellings of a period's own dates, months and years."""
    years = {period.start.year, period.previous.year, period.year, period.next.year}
    year = "(?:" + "|".join(str(y) for y in sorted(years)) + ")"
    days = {period.start, period.end} | {date(y, 12, 31) for y in years} | {date(y, 1, 1) for y in years}
    spelt = "|".join(re.escape(text) for day in sorted(days) for text in (format_day(day), day.isoformat()))
    return [
        re.compile(rf"\b[QH][1-4]\s+{year}(?!\d)"),
        re.compile(rf"(?i)\b(?:year|quarter|half|in|of|for|since|until|by)\s+{year}(?!\d)(?:\s*(?:-|–|and|to|,)\s*{year}(?!\d))*"),
        re.compile(rf"(?i)\b(?:{_MONTH})\.?\s+{year}(?!\d)"),
        re.compile(rf"(?<!\d)(?:{spelt})(?!\d)"),
    ]  # fmt: skip


DATES = Dates(
    short=format_day,
    long=format_day,
    spelt=re.compile(rf"(?i)(?<![\d/.,]){DAY}"),
    loose=re.compile(rf"(?i)(?<!\d){DAY}"),
    parts=re.compile(
        rf"(?i)(?:\d{{1,2}}\s+)?\b(?:{_MONTH})\b\.?(?:\s+\d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}}"
        r"|(?<![\d.,/])(?:19|20)\d{2}(?![\d.,/%]*\d|%)"
    ),
    months=_NUMBERS,
)
PERIODS = Periods(
    label=format_label,
    words=list_words,
    window=format_window,
    find=find_name,
    calendar=list_calendar,
    numbered=re.compile(r"\bQ([1-4])\s+(?=\d{4}(?!\d))"),
    numbers={number: number for number in "1234"},
)
