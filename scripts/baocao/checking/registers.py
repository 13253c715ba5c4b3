"""What must hold between entries of registers: numbers and dates, symbols and types, dates and the period."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from baocao.checking.identities import say
from baocao.project.findings import Finding
from baocao.project.language import N_, _
from baocao.project.periods import format_date
from baocao.project.text import fold_text

if TYPE_CHECKING:
    from baocao.checking.identities import Identities, Rule
    from baocao.project.house import House
    from baocao.project.periods import Period
    from baocao.reading.tables import Table

_SYMBOL = re.compile(r"^(?P<number>\d+(?P<point>\.\d+)?)(?P<year>/\d{4})?[/-](?P<rest>[^\W\d][^\s()]*)$")
ACTION = N_("Compare with the original document; correct the row of the register.")


@dataclass(frozen=True)
class Entry:
    """One row of a register: what stands in each column, and in which cell."""

    texts: dict[str, object]
    cells: dict[str, str]

    def text(self, name: str) -> str:
        """Return an entry as text; empty where it is blank."""
        entry = self.texts.get(name)
        return "" if entry is None else str(entry)

    def day(self, name: str) -> date | None:
        """Return an entry as a date; None where it is none."""
        entry = self.texts.get(name)
        return entry if isinstance(entry, date) else None


@dataclass(frozen=True)
class _Register:
    """What a rule is held against: the rows that it is about, and what their period and their house say."""

    entries: Sequence[Entry]
    period: Period
    identities: Identities
    house: House


def read_entries(table: Table, where: dict[str, str]) -> list[Entry]:
    """Return the rows of a table that hold ``where``."""
    names = [column.name for column in table.form.columns]
    columns = {name: table.column(name) for name in names}
    entries = [
        Entry({name: columns[name][i] for name in names}, {name: str(table.cell(i, name)) for name in names})
        for i in range(len(table.files))
    ]
    return [
        entry
        for entry in entries
        if all(fold_text(entry.text(name)) == fold_text(text) for name, text in where.items())
    ]


def check_rule(
    rule: Rule, entries: Sequence[Entry], period: Period, identities: Identities, house: House
) -> list[Finding]:
    """
    Hold the entries of a register against one rule.

    Examples
    --------
    >>> from baocao.checking.identities import Identities, Rule
    >>> from baocao.project.house import find_house
    >>> from baocao.project.periods import Period
    >>> rule = Rule(name="trong-ky", says="Ngày nằm trong kỳ.", kind="window", form="van-ban", date="ngay")
    >>> late = Entry({"ngay": date(2024, 12, 24)}, {"ngay": "van-ban.xlsx#van-ban!D53"})
    >>> [finding] = check_rule(rule, [late], Period(2026, 1), Identities(), find_house("nd30"))
    >>> finding.got, finding.expected, finding.cells
    ('24/12/2024', 'from 15/12/2025 to 14/3/2026', ('van-ban.xlsx#van-ban!D53',))
    """
    return _CHECKS[rule.kind](rule, _Register(entries, period, identities, house))


def _finding(rule: Rule, register: _Register, cells: Iterable[str], expected: str, got: str) -> Finding:
    return Finding(
        rule.name,
        "warning",
        say(rule, register.house.language),
        cells=tuple(cells),
        expected=expected,
        got=got,
        action=_(ACTION),
    )


def _check_window(rule: Rule, register: _Register) -> list[Finding]:
    expected = _(
        "from {start} to {end}",
        start=format_date(register.period.start),
        end=format_date(register.period.end),
    )
    return [
        _finding(rule, register, [entry.cells[rule.date]], expected, format_date(day))
        for entry in register.entries
        if (day := entry.day(rule.date)) and not register.period.start <= day <= register.period.end
    ]


def _check_until(rule: Rule, register: _Register) -> list[Finding]:
    return [
        _finding(
            rule,
            register,
            [entry.cells[rule.date]],
            _("not later than {date}", date=format_date(register.period.end)),
            format_date(day),
        )
        for entry in register.entries
        if (day := entry.day(rule.date)) and day > register.period.end
    ]


def _check_before(rule: Rule, register: _Register) -> list[Finding]:
    return [
        _finding(
            rule,
            register,
            [entry.cells[rule.date], entry.cells[rule.other]],
            _("not later than {date}", date=format_date(limit)),
            format_date(day),
        )
        for entry in register.entries
        if (day := entry.day(rule.date)) and (limit := entry.day(rule.other)) and day > limit
    ]


def _check_symbol(rule: Rule, register: _Register) -> list[Finding]:
    types = {fold_text(name): letters for name, letters in register.identities.types.items()}
    found = []
    for entry in register.entries:
        text = entry.text(rule.symbol)
        match = _SYMBOL.match(text)
        if match is None:
            if text:
                letters = rule.letters or next(iter(register.identities.types.values()), "A")
                expected = _("number and letters, such as {symbol}", symbol=f"12/{letters}")
                found.append(_finding(rule, register, (entry.cells[rule.symbol],), expected, text))
            continue
        letters = re.split(r"[-/]", match["rest"])[0]
        name = fold_text(entry.text(rule.type))
        if not rule.type:
            if rule.letters and letters != rule.letters:
                expected = _("a symbol with the letters {letters}", letters=rule.letters)
                found.append(_finding(rule, register, (entry.cells[rule.symbol],), expected, text))
            continue
        if name == fold_text(register.identities.letter):
            if letters not in register.identities.not_letter:
                continue
            expected = _(
                "a {type} without the letters of a kind of document ({letters})",
                type=entry.text(rule.type),
                letters=letters,
            )
        elif name in types and types[name] != letters:
            expected = _(
                "a {type} with the letters {letters}", type=entry.text(rule.type), letters=types[name]
            )
        else:
            continue
        cells = (entry.cells[rule.type], entry.cells[rule.symbol])
        found.append(
            _finding(
                rule,
                register,
                cells,
                expected,
                _("{type} number {symbol}", type=entry.text(rule.type), symbol=entry.text(rule.symbol)),
            )
        )
    return found


def _check_year(rule: Rule, register: _Register) -> list[Finding]:
    found = []
    for entry in register.entries:
        match, day = _SYMBOL.match(entry.text(rule.symbol)), entry.day(rule.date)
        if match and match["year"] and day and match["year"] != f"/{day.year}":
            cells = (entry.cells[rule.symbol], entry.cells[rule.date])
            got = _("number {symbol} of {date}", symbol=entry.text(rule.symbol), date=format_date(day))
            expected = _("a date of the year {year}", year=match["year"].strip("/"))
            found.append(_finding(rule, register, cells, expected, got))
    return found


def _check_plan_year(rule: Rule, register: _Register) -> list[Finding]:
    found = []
    for entry in register.entries:
        subject, day = entry.text(rule.subject), entry.day(rule.date)
        plan = any(
            register.house.citing.plan.match(fold_text(text)) for text in (entry.text(rule.type), subject)
        )
        years = {int(year) for year in register.house.citing.year.findall(subject)}
        if not plan or day is None or len(years) != 1 or register.house.citing.years.search(subject):
            continue
        [year] = years
        if day.year not in (year - 1, year):
            cells = (entry.cells[rule.date], entry.cells[rule.subject])
            found.append(
                _finding(
                    rule,
                    register,
                    cells,
                    _("year {before} or {year}", before=year - 1, year=year),
                    format_date(day),
                )
            )
    return found


def _check_order(rule: Rule, register: _Register) -> list[Finding]:
    books: dict[tuple[str, bool, str, int], list[tuple[int, date, Entry]]] = defaultdict(list)
    for entry in register.entries:
        match, day = _SYMBOL.match(entry.text(rule.symbol)), entry.day(rule.date)
        if match and day and not match["point"]:  # 66.7/2025/NQ-CP stands in no order
            # The chairman and the committee give out numbers of one book; legal
            # documents, which have the year in their symbol, of another.
            issuer = register.house.citing.head.sub("", fold_text(entry.text(rule.issuer)))
            book = (issuer, bool(match["year"]), fold_text(match["rest"]), day.year)
            books[book].append((int(match["number"]), day, entry))
    found = []
    for listed in books.values():
        listed.sort(key=lambda item: item[:2])
        kept = _longest_rise([day for _number, day, _entry in listed])
        for index, (_number, day, entry) in enumerate(listed):
            if index in kept:
                continue
            other = _neighbour(listed, index, kept)
            symbol, beside = entry.text(rule.symbol), other.text(rule.symbol)
            beside_day = other.day(rule.date)
            assert beside_day is not None  # only dated entries stand in a book
            parts = {"symbol": symbol, "other": beside, "date": format_date(beside_day)}
            expected = (
                _("number {symbol} not earlier than {date}, the day of number {other}", **parts)
                if beside_day > day
                else _("number {symbol} not later than {date}, the day of number {other}", **parts)
            )
            found.append(
                _finding(
                    rule,
                    register,
                    [
                        entry.cells[rule.symbol],
                        entry.cells[rule.date],
                        other.cells[rule.symbol],
                        other.cells[rule.date],
                    ],
                    expected,
                    _("number {symbol} of {date}", symbol=symbol, date=format_date(day)),
                )
            )
    return found


def _longest_rise(days: Sequence[date]) -> set[int]:
    """Return the indices of a longest run that never falls: what stands outside it is out of order."""
    ends: list[date] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, day in enumerate(days):
        at = bisect_right(ends, day)
        before.append(last[at - 1] if at else None)
        if at == len(ends):
            ends.append(day)
            last.append(index)
        else:
            ends[at] = day
            last[at] = index
    kept: set[int] = set()
    step = last[-1] if last else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return kept


def _neighbour(book: Sequence[tuple[int, date, Entry]], index: int, kept: set[int]) -> Entry:
    """Find the nearest entry in order that an entry contradicts."""
    day = book[index][1]
    wrong = [
        other
        for other in kept
        if (other < index and book[other][1] > day) or (other > index and book[other][1] < day)
    ]
    return book[min(wrong, key=lambda other: abs(other - index))][2]


_CHECKS: dict[str, Callable[[Rule, _Register], list[Finding]]] = {
    "order": _check_order,
    "window": _check_window,
    "until": _check_until,
    "before": _check_before,
    "symbol": _check_symbol,
    "year": _check_year,
    "plan-year": _check_plan_year,
}
