"""Periods of reports: their spelling, their window, what they are made of; what one is called is the house's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import total_ordering
from pathlib import Path

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


#: How a period is spelt, without anchors: in commands, in names of folders and files, before a file of another period.
SPELLING = r"2\d{3}(?:-(?:M(?:0[1-9]|1[0-2])|Q[1-4]|H[12]|9M))?"
# A year alone is a number like any other in a text.
_CODED = r"2\d{3}-(?:M(?:0[1-9]|1[0-2])|Q[1-4]|H[12]|9M)"
_PARTS = re.compile(r"(2\d{3})(?:-(?:M(0[1-9]|1[0-2])|Q([1-4])|H([12])|(9M)))?")
_KINDS: tuple[PeriodKind, ...] = ("month", "quarter", "half", "nine-months")
_LENGTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "half": 6, "nine-months": 9, "year": 12}
_IN_YEAR: dict[PeriodKind, int] = {"month": 12, "quarter": 4, "half": 2, "nine-months": 1, "year": 1}


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """
    A month, a quarter, half a year, nine months, or a year.

    The window runs from day 15 of the month before its first to day 14 of its
    last month (Decree 09/2019/NĐ-CP, article 12). Periods are ordered by their
    last day, a longer one after those it is made of.

    Parameters
    ----------
    year
        The calendar year.
    number
        Which of its kind in the year; 1 where a year has one.
    kind
        See :data:`baocao.project.house.PeriodKind`.

    Raises
    ------
    UsageError
        A year has no such period.

    Examples
    --------
    >>> period = parse_period("2026-Q1")
    >>> str(period), period.start.isoformat(), period.end.isoformat()
    ('2026-Q1', '2025-12-15', '2026-03-14')
    >>> str(period.previous), str(period.next)
    ('2025-Q4', '2026-Q2')
    >>> [(str(p), p.start.isoformat(), p.end.isoformat()) for p in map(parse_period, ("2026-M04", "2026-H1"))]
    [('2026-M04', '2026-03-15', '2026-04-14'), ('2026-H1', '2025-12-15', '2026-06-14')]
    """

    year: int
    number: int
    kind: PeriodKind = "quarter"

    def __post_init__(self) -> None:
        if not 1 <= self.number <= _IN_YEAR[self.kind]:
            raise UsageError(
                _(
                    "a year has {count} periods of the kind {kind}, got number {number}.",
                    count=_IN_YEAR[self.kind],
                    kind=self.kind,
                    number=self.number,
                )
            )

    def __str__(self) -> str:
        match self.kind:
            case "month":
                return f"{self.year}-M{self.number:02d}"
            case "quarter":
                return f"{self.year}-Q{self.number}"
            case "half":
                return f"{self.year}-H{self.number}"
            case "nine-months":
                return f"{self.year}-9M"
            case "year":
                return str(self.year)

    def __lt__(self, other: Period) -> bool:
        return (self.end, len(self.months)) < (other.end, len(other.months))

    @property
    def start(self) -> date:
        """First day of the window."""
        first = self.months[0]
        return date(self.year, first - 1, 15) if first > 1 else date(self.year - 1, 12, 15)

    @property
    def end(self) -> date:
        """Last day of the window."""
        return date(self.year, self.months[-1], 14)

    @property
    def months(self) -> tuple[int, ...]:
        """Its calendar months, in order."""
        length = _LENGTHS[self.kind]
        first = (self.number - 1) * length + 1
        return tuple(range(first, first + length))

    @property
    def previous(self) -> Period:
        """The one of its kind before it."""
        if self.number > 1:
            return Period(self.year, self.number - 1, self.kind)
        return Period(self.year - 1, _IN_YEAR[self.kind], self.kind)

    @property
    def next(self) -> Period:
        """The one of its kind after it."""
        if self.number < _IN_YEAR[self.kind]:
            return Period(self.year, self.number + 1, self.kind)
        return Period(self.year + 1, 1, self.kind)

    @property
    def year_before(self) -> Period:
        """The same period a year before."""
        return Period(self.year - 1, self.number, self.kind)

    def split(self, kind: PeriodKind) -> tuple[Period, ...]:
        """
        List the periods of a shorter kind that it is made of, in order.

        Returns
        -------
        tuple of Period
            Empty where they do not fill it exactly.

        Examples
        --------
        >>> [str(part) for part in parse_period("2026-H1").split("quarter")]
        ['2026-Q1', '2026-Q2']
        >>> parse_period("2026-Q1").split("half")
        ()
        """
        length = _LENGTHS[kind]
        if length >= len(self.months) or kind == "nine-months":
            return ()
        inside = [Period(self.year, number, kind) for number in range(1, _IN_YEAR[kind] + 1)]
        parts = tuple(part for part in inside if set(part.months) <= set(self.months))
        return parts if sum(len(part.months) for part in parts) == len(self.months) else ()


def parse_period(text: str) -> Period:
    """
    Read ``2026-M04``, ``2026-Q1``, ``2026-H1``, ``2026-9M`` or ``2026``.

    Raises
    ------
    UsageError
        ``text`` is not spelt so.

    Examples
    --------
    >>> [parse_period(text).kind for text in ("2026-M04", "2026-Q1", "2026-H1", "2026-9M", "2026")]
    ['month', 'quarter', 'half', 'nine-months', 'year']
    """
    match = _PARTS.fullmatch(str(text).strip())
    if match is None:
        raise UsageError(
            _(
                "expected a period such as 2026-M04, 2026-Q1, 2026-H1, 2026-9M or 2026, got {text!r}.",
                text=text,
            )
        )
    return _from_match(match)


def _from_match(match: re.Match[str]) -> Period:
    year = int(match[1])
    for kind, said in zip(_KINDS, match.groups()[1:], strict=True):
        if said is not None:
            return Period(year, 1 if kind == "nine-months" else int(said), kind)
    return Period(year, 1, "year")


def is_period(text: str) -> bool:
    """
    Return whether a text spells a period.

    Examples
    --------
    >>> is_period("2026-H1"), is_period("place")
    (True, False)
    """
    return _PARTS.fullmatch(text) is not None


def split_file(file: str) -> tuple[Period | None, str]:
    """
    Part the file of an address from the period before it, where it is of another period.

    Examples
    --------
    >>> split_file("2025-Q4/don-vi/H01.xlsx"), split_file("don-vi/H01.xlsx")
    ((Period(year=2025, number=4, kind='quarter'), 'don-vi/H01.xlsx'), (None, 'don-vi/H01.xlsx'))
    """
    first, slash, rest = file.partition("/")
    match = _PARTS.fullmatch(first) if slash else None
    return (_from_match(match), rest) if match else (None, file)


def list_period_folders(folder: Path) -> list[Period]:
    """List the periods that have a folder below another one, in order."""
    if not folder.is_dir():
        return []
    matches = (_PARTS.fullmatch(path.name) for path in folder.iterdir() if path.is_dir())
    return sorted(_from_match(match) for match in matches if match)


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
    match = re.search(rf"(?<![\w-]){_CODED}(?![\w-])", text)
    if match:
        return parse_period(match[0])
    name = periods.find(text)
    return None if name is None else Period(name.year, name.number, name.kind)


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
