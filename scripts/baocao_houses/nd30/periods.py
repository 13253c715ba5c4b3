"""How the administration writes dates and calls its periods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from baocao.project.house import Dates, PeriodName, Periods, Span

ROMAN = ("I", "II", "III", "IV")


def format_day(day: date) -> str:
    """
    Write a date (Decree 30/2020, Annex I): days below 10 and the months 1 and 2 take a leading zero.

    Examples
    --------
    >>> format_day(date(2026, 3, 5)), format_day(date(2025, 12, 15))
    ('05/3/2026', '15/12/2025')
    """
    return f"{day.day:02d}/{_month(day.month)}/{day.year}"


def format_long_day(day: date) -> str:
    """
    Write the date of a document's head (Decree 30/2020, Annex I).

    Examples
    --------
    >>> format_long_day(date(2026, 3, 5))
    'ngày 05 tháng 3 năm 2026'
    """
    return f"ngày {day.day:02d} tháng {_month(day.month)} năm {day.year}"


def format_label(period: Span) -> str:
    """
    Call a period by its name in running text.

    Examples
    --------
    >>> from baocao.project.periods import Period
    >>> format_label(Period(2026, 1))
    'quý I năm 2026'
    """
    match period.kind:
        case "month":
            return f"tháng {_month(period.number)} năm {period.year}"
        case "quarter":
            return f"quý {ROMAN[period.number - 1]} năm {period.year}"
        case "half":
            return f"6 tháng {'đầu' if period.number == 1 else 'cuối'} năm {period.year}"
        case "nine-months":
            return f"9 tháng đầu năm {period.year}"
        case "year":
            return f"năm {period.year}"


def list_words(period: Span) -> dict[str, str]:
    """
    List what stands in braces in titles and headings.

    ``{ky}`` is the label of any kind of period, ``{KY}`` the same in capitals;
    ``{quy}`` is known of quarters, ``{thang}`` of months; ``_sau`` and
    ``_truoc`` are the period after and the one before. ``{tu_den}``,
    ``{tu_ngay}`` and ``{den_ngay}`` are its window; ``{nam_ngoai}`` is the
    year before its own.

    Examples
    --------
    >>> from baocao.project.periods import Period
    >>> words = list_words(Period(2026, 4))
    >>> words["ky"], words["quy_sau"], words["nam_sau"], words["KY_TRUOC"]
    ('quý IV năm 2026', 'I', '2027', 'QUÝ III NĂM 2026')
    """
    words: dict[str, str] = {}
    for span, suffix in ((period, ""), (period.next, "_sau"), (period.previous, "_truoc")):
        label = format_label(span)
        words |= {f"ky{suffix}": label, f"KY{suffix.upper()}": label.upper(), f"nam{suffix}": str(span.year)}
        if span.kind == "quarter":
            words[f"quy{suffix}"] = ROMAN[span.number - 1]
        if span.kind == "month":
            words[f"thang{suffix}"] = _month(span.number)
    return words | {
        "tu_den": format_window(period.start, period.end),
        "tu_ngay": format_day(period.start),
        "den_ngay": format_day(period.end),
        "nam_ngoai": str(period.year - 1),
    }


def format_window(start: date, end: date) -> str:
    """
    Write from when to when.

    Examples
    --------
    >>> format_window(date(2025, 12, 15), date(2026, 3, 14))
    'từ ngày 15/12/2025 đến ngày 14/3/2026'
    """
    return f"từ ngày {format_day(start)} đến ngày {format_day(end)}"


_YEAR = r"\s*(?:năm|/|-)?\s*(?P<year>2\d{3})"
_NAMES: Mapping[str, re.Pattern[str]] = {
    "quarter": re.compile(rf"(?i)qu[yýií]\s*(?P<number>iv|i{{1,3}}|[1-4]){_YEAR}"),
    "half": re.compile(rf"(?i)\b0?6\s+tháng\s+(?P<number>đầu|cuối){_YEAR}"),
    "nine-months": re.compile(rf"(?i)\b0?9\s+tháng(?:\s+đầu)?(?P<number>){_YEAR}"),
    "month": re.compile(rf"(?i)\btháng\s*(?P<number>1[0-2]|0?[1-9])(?!\d){_YEAR}"),
    "year": re.compile(r"(?i)\bnăm\s+(?P<number>)(?P<year>2\d{3})(?!\d)"),
}
_WORDS = {"": 1, "đầu": 1, "cuối": 2}


def find_name(text: str) -> PeriodName | None:
    """
    Find the period that a form's header names, in any usual spelling.

    Examples
    --------
    >>> find_name("Kỳ báo cáo: Quý I năm 2026"), find_name("6 tháng cuối năm 2025")
    (PeriodName(kind='quarter', year=2026, number=1), PeriodName(kind='half', year=2025, number=2))
    >>> find_name("tháng 3") is None
    True
    """
    for kind in ("quarter", "half", "nine-months", "month", "year"):
        match = _NAMES[kind].search(text)
        if match is None:
            continue
        said = match["number"].casefold()
        if said.upper() in ROMAN:
            number = ROMAN.index(said.upper()) + 1
        else:
            number = _WORDS[said] if said in _WORDS else int(said)
        return PeriodName(kind, int(match["year"]), number)
    return None


def list_calendar(period: Span) -> list[re.Pattern[str]]:
    """List the spellings of a period's own dates, months and years."""
    years = {period.start.year, period.year - 1, period.year, period.next.year}
    year = "(?:" + "|".join(str(y) for y in sorted(years)) + ")"
    months = {period.start.month, *period.months, *period.next.months}
    month = "(?:" + "|".join(sorted({f"0?{m}" for m in months})) + ")"
    days = {period.start, period.end} | {date(y, 12, 31) for y in years} | {date(y, 1, 1) for y in years}
    spelt = {format_day(day) for day in days} | {f"{d.day:02d}/{d.month:02d}/{d.year}" for d in days}
    patterns = [
        re.compile(rf"(?i)(?<!\w)năm\s+{year}(?!\d)(?:\s*(?:-|–|và|,)\s*(?:năm\s+)?{year}(?!\d))*"),
        re.compile(rf"(?i)(?<!\w)quý\s+[IV]+(?:\s*[/,]\s*{year}(?!\d))"),
        re.compile(rf"(?i)(?<!\w)tháng\s+{month}(?![\d/])"),
        # With its year a month says itself which it is.
        re.compile(rf"(?i)(?<!\w)tháng\s+(?:0?[1-9]|1[0-2])(?:/|\s+năm\s+){year}(?!\d)"),
        re.compile(r"(?<!\d)(?:" + "|".join(re.escape(day) for day in sorted(spelt)) + r")(?!\d)"),
    ]
    return [*patterns, re.compile(r"(?i)(?<!\w)0?[69]\s+tháng\s+(?:đầu|cuối)\s+năm(?!\w)")]


def _month(number: int) -> str:
    return f"{number:02d}" if number < 3 else str(number)


DATES = Dates(
    short=format_day,
    long=format_long_day,
    spelt=re.compile(
        r"(?<![\d/.,])(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2})\s+năm\s+(?P<year>\d{4})(?!\d)"
    ),
    loose=re.compile(
        r"(?P<day>\d{1,2})\s*(?:[/.-]|tháng)\s*(?P<month>\d{1,2})\s*(?:[/.-]|năm)\s*(?P<year>\d{4})"
    ),
    parts=re.compile(
        r"\d{1,2}/\d{1,2}/\d{4}|(?:ngày\s+\d{1,2}\s+)?tháng\s+\d{1,2}(?:\s*(?:/|năm)\s*\d{4})?|\d{1,2}\s+tháng\b"
        r"|(?<![\d.,/])(?:19|20)\d{2}(?![\d.,/%]*\d|%)",
        re.IGNORECASE,
    ),
)
PERIODS = Periods(
    label=format_label,
    words=list_words,
    window=format_window,
    find=find_name,
    calendar=list_calendar,
    spelt=tuple(_NAMES.values()),
    comparing=("so với", "cùng kỳ", "kỳ trước", "quý trước", "năm trước"),
    numbered=re.compile(r"(?<!\w)quý\s+([IV]+|[1-4])\s*(?:/|năm\s)\s*(?=\d{4}(?!\d))", re.IGNORECASE),
    numbers={"1": "I", "2": "II", "3": "III", "4": "IV"},
)
