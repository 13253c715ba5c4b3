"""
The comparison desk: figures of each unit beside its own past and its peers, and those that look like a slip.

A figure is held against the unit's figure of the period before and of the same
period a year before, by how much the figures of its peers have moved in the
same column: it is told where it is off against all of them. The rules are in
:data:`RULES`.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from baocao.project.hashes import hash_bytes
from baocao.project.language import N_, _
from baocao.project.text import fold_text
from baocao.reading.tables import read_tables
from baocao.reading.tables.table import is_other_period
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.forms import Form, SumRule
    from baocao.project.models import Explanation
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.reading.tables import Table

Rule = Literal[
    "times-ten", "tenth", "thousandfold", "transposed", "doubled-digit", "swapped", "never-zero",
    "same-as-before", "jump", "peers", "does-not-add",
]  # fmt: skip
RULES: Mapping[Rule, str] = {
    "times-ten": N_("about ten times what it was"),
    "tenth": N_("about a tenth of what it was"),
    "thousandfold": N_("about a thousand times what it was, or a thousandth"),
    "transposed": N_("two digits stand the wrong way round"),
    "doubled-digit": N_("a digit stands there twice"),
    "swapped": N_("two columns hold each other's figures"),
    "never-zero": N_("zero, and never before"),
    "same-as-before": N_("all figures are those of the period before"),
    "jump": N_("moved far more than its peers"),
    "peers": N_("several times what any peer has"),
    "does-not-add": N_("the row does not add up"),
}
"""What each rule says of a figure."""

_LEAST = 20
"""Smaller counts leap by themselves."""
_SIGMAS = 5
_LEAST_MOVE = 1.0
"""A figure that has less than doubled or halved is no leap, however calm its peers are."""
_LEAST_SLIP = 0.4
"""From so much on (a third) a move is a slip, if undoing one brings the figure back to what it was."""
_NEAR = 0.35
_PEERS = 3
_LEAST_PEERS = 5


@dataclass(frozen=True)
class Flag:
    """
    One figure that somebody should look at.

    Parameters
    ----------
    unit
        Code of the unit.
    indicator
        Code of an indicator, or form, column and item: ``06a.truc_tuyen: Đất đai``.
    period
        The one it is held against; empty where it is held against its peers or its own row.
    before, now
        The figures; ``before`` is None where there is none.
    cells
        Of ``now``, then of ``before``, prefixed with their period.
    mark
        Of the unit's own figures: with others there it is another.
    """

    unit: str
    indicator: str
    period: str
    before: Fraction | None
    now: Fraction
    rule: Rule
    cells: tuple[str, ...]
    mark: str = ""

    @property
    def place(self) -> str:
        """The cell that it is about."""
        return self.cells[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the flag as the command line prints it."""
        return {
            "unit": self.unit,
            "indicator": self.indicator,
            "period": self.period,
            "before": None if self.before is None else print_decimal(self.before),
            "now": print_decimal(self.now),
            "rule": self.rule,
            "cells": list(self.cells),
            "mark": self.mark,
        }


@dataclass(frozen=True)
class _Entry:
    number: int
    cell: str
    level: str | None


_Key = tuple[str, str, str]
"""Unit, item, column."""
_Entries = dict[_Key, _Entry]


@dataclass(frozen=True)
class _Past:
    period: Period
    entries: _Entries
    moves: Mapping[tuple[str | None, str], tuple[float, float]]
    """By level and column, the median move of the peers and how far they lie from it."""


@dataclass(frozen=True)
class Explained:
    """
    A flag with what the unit says of it.

    Parameters
    ----------
    state
        ``open``: nothing is said; ``stale``: of other figures than stand there now.
    """

    flag: Flag
    explanation: Explanation | None
    state: Literal["open", "explained", "stale"]

    def as_dict(self) -> dict[str, Any]:
        """Return the flag as the command line prints it."""
        said = self.explanation
        told = None if said is None else {**said.model_dump(mode="json"), "state": self.state}
        return {**self.flag.as_dict(), "explanation": told}


def explain_flags(project: Project, period: Period, flags: Sequence[Flag]) -> list[Explained]:
    """Put to each flag what the period's params say of it under ``explanations``."""
    declared = (project.params.folder / f"{period}.yaml").is_file()
    said = project.params.period(period).explanations if declared else {}
    explained = []
    for flag in flags:
        one = said.get(flag.place)
        state: Literal["open", "explained", "stale"] = (
            "open" if one is None else "explained" if one.seen == flag.mark else "stale"
        )
        explained.append(Explained(flag, one, state))
    return explained


def label_flag(flag: Flag, params: Params) -> str:
    """
    Return what a flag's indicator is called: the column's label with its item, or the label of an indicator.

    Examples
    --------
    >>> from baocao.project.params import Params  # doctest: +SKIP
    >>> label_flag(flag, Params(folder))  # doctest: +SKIP
    'Tiếp nhận - Trong kỳ - Trực tuyến: Đất đai'
    """
    for form in params.forms.values():
        if flag.indicator == form.name:
            return _("all of «{title}»", title=form.title)
        for item in form.indicators:
            if flag.indicator == item.code:
                return item.label
        name, _colon, rest = flag.indicator.partition(": ")
        stem, _dot, column = name.rpartition(".")
        if stem == form.name and column in form.by_name:
            return f"{form.column(column).label}: {rest}"
    return flag.indicator


def find_flags(project: Project, period: Period) -> list[Flag]:
    """
    Find the figures of a period's units that look like slips.

    Periods that were never received are not compared; without any, only peers are.
    """
    flags: list[Flag] = []
    tables = read_tables(project, period)
    earlier = [
        read_tables(project, past)
        for past in dict.fromkeys((period.previous, period.year_before))
        if project.raw(past).is_dir()
    ]
    for form in project.params.forms.values():
        if form.source != project.house.folders.units or not tables.has(form.name):
            continue
        table = tables.table(form.name)
        before = [one.table(form.name) for one in earlier if one.has(form.name)]
        flags += flag_table(table, before)
    return flags


def flag_table(table: Table, before: Sequence[Table]) -> list[Flag]:
    """
    Find the figures of one form that look like slips.

    Parameters
    ----------
    before
        The same form of earlier periods, the latest first.
    """
    now = _read(table)
    pasts = []
    for one in before:
        entries = _read(one, f"{one.period}/")
        pasts.append(_Past(one.period, entries, _measure_moves(now, entries)))
    flags: list[Flag] = []
    by_row: dict[tuple[str, str], dict[str, _Entry]] = defaultdict(dict)
    for (unit, item, column), entry in now.items():
        by_row[unit, item][column] = entry
    repeated = {
        unit: past
        for past in pasts[:1]
        for unit in dict.fromkeys(unit for unit, _item in by_row)
        if _is_repeated(unit, now, past.entries)
    }
    for (unit, item), row in by_row.items():
        if unit not in repeated:
            flags += _explain_sums(table.form, _flag_row(table.form, unit, item, row, pasts))
    for unit, past in repeated.items():
        keys = [key for key in now if key[0] == unit]
        first = max(keys, key=lambda key: now[key].number)
        flags.append(
            Flag(
                unit, table.form.name, str(past.period), Fraction(past.entries[first].number),
                Fraction(now[first].number), "same-as-before", tuple(now[key].cell for key in keys),
            )
        )  # fmt: skip
    if table.form.kind == "indicators":
        seen = {(flag.unit, flag.indicator) for flag in flags}
        flags += [flag for flag in _flag_peers(table.form, now) if (flag.unit, flag.indicator) not in seen]
    figures = {entry.cell: entry.number for entry in now.values()}
    return [replace(flag, mark=_mark(flag, figures)) for flag in flags]


def _mark(flag: Flag, figures: Mapping[str, int]) -> str:
    own = [figures[cell] for cell in flag.cells if cell in figures]
    return hash_bytes(json.dumps([flag.unit, flag.indicator, own]).encode())[:8]


def _read(table: Table, prefix: str = "") -> _Entries:
    keys = [table.column(column.name) for column in table.form.columns if column.key]
    entries: _Entries = {}
    for column in table.form.columns:
        if column.type != "count" or column.key or column.order:
            continue
        for row, number in enumerate(table.column(column.name)):
            unit = table.units[row]
            # A row taken over from another period says nothing of this one.
            if unit is None or not isinstance(number, Fraction) or is_other_period(table.files[row]):
                continue
            item = "; ".join(str(key[row]) for key in keys)
            cell = f"{prefix}{table.cell(row, column.name)}"
            entries[unit, item, column.name] = _Entry(int(number), cell, table.levels[row])
    return entries


def _measure_moves(now: _Entries, before: _Entries) -> dict[tuple[str | None, str], tuple[float, float]]:
    moves: dict[tuple[str | None, str], list[float]] = defaultdict(list)
    for key, entry in now.items():
        if key in before and min(entry.number, before[key].number) >= _LEAST:
            moves[entry.level, key[2]].append(_move(entry.number, before[key].number))
    measured = {}
    for group, listed in moves.items():
        middle = statistics.median(listed)
        spread = 1.4826 * statistics.median(abs(move - middle) for move in listed)
        measured[group] = (middle, spread) if len(listed) >= _LEAST_PEERS else (0.0, 0.5)
    return measured


def _move(now: int, before: int) -> float:
    return math.log2((now + 1) / (before + 1))


def _judge(entry: _Entry, column: str, past: _Past, before: int) -> tuple[float, float]:
    """Return how far a figure lies from where its peers went, in doublings, and in standard deviations."""
    middle, spread = past.moves.get((entry.level, column), (0.0, 0.5))
    move = _move(entry.number, before) - middle
    chance = (1 / (entry.number + 1) + 1 / (before + 1)) / math.log(2) ** 2
    return move, abs(move) / math.sqrt(max(spread, 0.05) ** 2 + chance)


def _flag_row(
    form: Form, unit: str, item: str, row: Mapping[str, _Entry], pasts: Sequence[_Past]
) -> list[Flag]:
    rules: dict[str, tuple[Rule, tuple[str, ...]]] = dict(_flag_sums(form, unit, item, row, pasts))
    rules |= {column: found for column, found in _flag_swaps(unit, item, row, pasts) if column not in rules}
    for column, entry in row.items():
        if column not in rules and (rule := _flag_entry(unit, item, column, entry, pasts)):
            rules[column] = (rule, ())
    flags = []
    for column, (rule, more) in rules.items():
        past = next((past for past in pasts if (unit, item, column) in past.entries), None)
        then = past.entries[unit, item, column] if past else None
        flags.append(
            Flag(
                unit, _name(form, item, column), str(past.period) if past else "",
                Fraction(then.number) if then else None, Fraction(row[column].number), rule,
                (row[column].cell, *more, *((then.cell,) if then else ())),
            )
        )  # fmt: skip
    return flags


def _name(form: Form, item: str, column: str) -> str:
    return item if form.kind == "indicators" else f"{form.name}.{column}: {item}"


def _flag_entry(unit: str, item: str, column: str, entry: _Entry, pasts: Sequence[_Past]) -> Rule | None:
    """Name the rule by which a figure is off against every past there is; None where it is not."""
    found: Rule | None = None
    for past in pasts:
        then = past.entries.get((unit, item, column))
        if then is None:
            continue
        rule = _judge_entry(entry, column, past, then.number)
        if rule is None:
            return None
        found = found or rule
    return found


def _judge_entry(entry: _Entry, column: str, past: _Past, before: int) -> Rule | None:
    number = entry.number
    if max(number, before) < _LEAST:
        return None
    if number == 0:
        return "never-zero"
    move, sigmas = _judge(entry, column, past, before)
    if sigmas < _SIGMAS or abs(move) < _LEAST_SLIP:
        return None
    for rule, undone in _undo_slips(number):
        if abs(_judge(_Entry(undone, "", entry.level), column, past, before)[0]) <= _NEAR:
            return rule
    return "jump" if abs(move) >= _LEAST_MOVE else None


def _undo_slips(number: int) -> Iterator[tuple[Rule, int]]:
    """
    Yield what a figure would be if it were a slip, by the rule that says which.

    Examples
    --------
    >>> sorted({undone for rule, undone in _undo_slips(1224) if rule == "doubled-digit"})
    [124]
    """
    if number % 1000 == 0 and number:
        yield "thousandfold", number // 1000
    yield "times-ten", number // 10
    yield "tenth", number * 10
    text = str(number)
    for at in range(len(text) - 1):
        if text[at] == text[at + 1]:
            yield "doubled-digit", int(text[:at] + text[at + 1 :])
        else:
            yield "transposed", int(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    yield "thousandfold", number // 1000
    yield "thousandfold", number * 1000
    yield "tenth", number * 10 + 5


def _flag_sums(
    form: Form, unit: str, item: str, row: Mapping[str, _Entry], pasts: Sequence[_Past]
) -> Iterator[tuple[str, tuple[Rule, tuple[str, ...]]]]:
    """
    Find the one figure of a row that does not add up which, undone as a slip, makes it add up.

    The sums that it is a part of may have been made with it. Of several such
    figures it is the one that comes nearest to what it was.
    """
    numbers = {column: entry.number for column, entry in row.items()}
    broken = [rule for rule in form.sums if not _adds_up(rule, numbers)]
    if not broken:
        return
    fits: list[tuple[float, str, Rule]] = []
    for column in dict.fromkeys(name for rule in form.sums for name in (rule.of, *rule.parts)):
        for slip, undone in _undo_slips(numbers.get(column, 0)):
            mended = {**numbers, column: undone}
            added = dict(mended)
            for rule in form.sums:
                if column in rule.parts:
                    added[rule.of] = sum(mended.get(part, 0) for part in rule.parts)
                    break
            if any(all(_adds_up(rule, one) for rule in form.sums) for one in (mended, added)):
                entry = _Entry(undone, "", row[column].level)
                moves = [
                    abs(_judge(entry, column, past, then.number)[0])
                    for past in pasts
                    if (then := past.entries.get((unit, item, column)))
                ]
                fits.append((min(moves, default=0), column, slip))
    if fits:
        _move_left, column, slip = min(fits, key=lambda fit: fit[0])
        yield column, (slip, ())
    elif (swap := _find_mending_swap(form, numbers)) is not None:
        yield swap[0], ("swapped", (row[swap[1]].cell,))
    else:
        rule = broken[0]
        yield rule.of, ("does-not-add", tuple(row[name].cell for name in rule.parts if name in row))


def _adds_up(rule: SumRule, numbers: Mapping[str, int]) -> bool:
    return rule.of not in numbers or numbers[rule.of] == sum(numbers.get(part, 0) for part in rule.parts)


def _find_mending_swap(form: Form, numbers: Mapping[str, int]) -> tuple[str, str] | None:
    columns = list(numbers)
    for at, one in enumerate(columns):
        for other in columns[at + 1 :]:
            mended = {**numbers, one: numbers[other], other: numbers[one]}
            if numbers[one] != numbers[other] and all(_adds_up(rule, mended) for rule in form.sums):
                return one, other
    return None


def _flag_swaps(
    unit: str, item: str, row: Mapping[str, _Entry], pasts: Sequence[_Past]
) -> Iterator[tuple[str, tuple[Rule, tuple[str, ...]]]]:
    """Find two columns that hold what the other held."""
    if not pasts:
        return
    past = pasts[0]
    off = {}
    for column, entry in row.items():
        then = past.entries.get((unit, item, column))
        if then and max(then.number, entry.number) >= _LEAST:
            move, sigmas = _judge(entry, column, past, then.number)
            if sigmas >= _SIGMAS and abs(move) >= _LEAST_SLIP:
                off[column] = then.number
    columns = list(off)
    for at, one in enumerate(columns):
        for other in columns[at + 1 :]:
            crossed = (
                _judge(row[one], other, past, off[other])[1],
                _judge(row[other], one, past, off[one])[1],
            )
            if max(crossed) < _SIGMAS:
                yield one, ("swapped", (row[other].cell,))
                return


def _explain_sums(form: Form, flags: list[Flag]) -> list[Flag]:
    """Leave out a sum that is off because a figure of its row that it adds is told already."""
    told = {flag.indicator.partition(":")[0].rpartition(".")[2]: flag for flag in flags}
    spared = {column for column, flag in told.items() if flag.rule == "does-not-add" and len(told) > 1}
    for rule in form.sums:
        if rule.of in told and any(part in told and part not in spared for part in rule.parts):
            spared.add(rule.of)
    return [flag for column, flag in told.items() if column not in spared]


def _is_repeated(unit: str, now: _Entries, before: _Entries) -> bool:
    pairs = [
        (entry.number, before[key].number) for key, entry in now.items() if key[0] == unit and key in before
    ]
    positive = [pair for pair in pairs if any(pair)]
    return len(positive) >= _LEAST_PEERS and all(one == other for one, other in positive)


def _flag_peers(form: Form, now: _Entries) -> Iterator[Flag]:
    """Find indicators several times as large as with any peer."""
    groups: dict[tuple[str | None, str, str], list[tuple[int, str]]] = defaultdict(list)
    for (unit, item, column), entry in now.items():
        groups[entry.level, fold_text(item), column].append((entry.number, unit))
    for (_level, _item, column), listed in groups.items():
        if len(listed) < _LEAST_PEERS:
            continue
        listed.sort()
        number, unit = listed[-1]
        item = next(key[1] for key in now if key[0] == unit and fold_text(key[1]) == _item)
        if number >= _LEAST and number >= _PEERS * max(listed[-2][0], 1):
            cell = now[unit, item, column].cell
            yield Flag(unit, _name(form, item, column), "", None, Fraction(number), "peers", (cell,))
