"""What must hold between the entries of one row, and which rows a list must have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.findings import list_first
from baocao.project.forms import AtMost, EntriesRule, StateRule
from baocao.project.language import _, format_number, join
from baocao.project.text import fold_text
from baocao.reading.forms.entries import describe
from baocao.reading.forms.overlay import NUMBERS, Overlay

if TYPE_CHECKING:
    from baocao.reading.forms.entries import Entry

Rows = Mapping[int, Mapping[str, "Entry"]]
_WHOLE = Decimal(100)
LEAP = 500
"""So many times more, or less, and the measure is likelier wrong than the number right."""
_PERCENT = "%"
MOST_YEARS_BEFORE, MOST_YEARS_AHEAD = 80, 20
"""No document that a report names is older, and no deadline lies further ahead."""


def check_relations(on: Overlay, entries: Rows) -> None:
    """Hold the entries of every row against the rules of the form and the bounds of its columns."""
    for rule in on.form.rules:
        if isinstance(rule, StateRule):
            _check_state(on, rule, entries)
        elif isinstance(rule, EntriesRule):
            _check_entries(on, rule, entries)
        elif on.form.kind != "indicators":
            _check_at_most(on, rule, entries)
    if on.form.kind == "indicators":
        _check_indicators(on, entries)
    else:
        _check_bounds(on, entries)
        _check_amounts(on, entries)
        _check_days(on, entries)
    _check_fixed_rows(on, entries)


def _check_at_most(on: Overlay, rule: AtMost, entries: Rows) -> None:
    for row, entry in entries.items():
        part, whole = entry.get(rule.column), entry.get(rule.of)
        if isinstance(part, Fraction) and isinstance(whole, Fraction) and part > whole:
            _add_above(on, part, whole, (row, on.index(rule.column)), (row, on.index(rule.of)))


def _add_above(
    on: Overlay, part: Fraction, whole: Fraction, part_at: tuple[int, int], whole_at: tuple[int, int]
) -> None:
    on.add(
        "above-limit",
        [on.spell(*part_at), on.spell(*whole_at)],
        _("no more than {limit}", limit=format_number(whole)),
        format_number(part),
        _("Check both cells, correct them and send again."),
    )


def _check_state(on: Overlay, rule: StateRule, entries: Rows) -> None:
    states = {fold_text(state) for state in rule.states}
    end = on.sender.period.end
    for row, entry in entries.items():
        state, day = entry.get(rule.column), entry.get(rule.date)
        if state is None or fold_text(str(state)) not in states or rule.date not in entry:
            continue
        dated = isinstance(day, date)
        if rule.expects == "filled":
            holds, expected = dated, _("a date")
        elif rule.expects == "blank":
            holds, expected = not dated, _("no date")
        elif rule.expects == "past":
            holds = not dated or day <= end  # type: ignore[operator]
            expected = _("a day no later than {day}", day=on.sender.house.dates.short(end))
        else:
            holds = not dated or day >= end  # type: ignore[operator]
            expected = _("a day no earlier than {day}", day=on.sender.house.dates.short(end))
        if not holds:
            got = on.sender.house.dates.short(day) if isinstance(day, date) else describe(None)
            on.add(
                "state-contradicts-date",
                [on.spell(row, on.index(rule.column)), on.spell(row, on.index(rule.date))],
                _('with "{state}": {expected}', state=state, expected=expected),
                got,
                _("Check state and date of the row, correct one of them and send again."),
            )


def _check_entries(on: Overlay, rule: EntriesRule, entries: Rows) -> None:
    states = {fold_text(state) for state in rule.states}
    for row, entry in entries.items():
        state = entry.get(rule.column)
        if state is None or fold_text(str(state)) not in states:
            continue
        wrong = [
            name
            for name in rule.others
            if name in entry and (entry[name] is None) == (rule.expects == "filled")
        ]
        if wrong:
            labels = ", ".join(on.form.column(name).label for name in wrong)
            on.add(
                "state-contradicts-entry",
                [on.spell(row, on.index(name)) for name in (rule.column, *wrong)],
                _('with "{state}": an entry in {columns}', state=state, columns=labels)
                if rule.expects == "filled"
                else _('with "{state}": no entry in {columns}', state=state, columns=labels),
                join(describe(on.sheet.cells.get((row, on.index(name)))) for name in wrong),
                _("Check state and entries of the row, correct them and send again."),
            )


def _check_bounds(on: Overlay, entries: Rows) -> None:
    for column in on.form.columns:
        most = column.most if column.most is not None else _WHOLE if column.unit == _PERCENT else None
        if column.type not in NUMBERS or (most is None and not column.positive):
            continue
        for row, entry in entries.items():
            number = entry.get(column.name)
            if isinstance(number, Fraction):
                _check_number(on, number, most, (row, on.index(column.name)), positive=column.positive)


def _check_amounts(on: Overlay, entries: Rows) -> None:
    """Find amounts of one measure in one row of which one is likely given in another."""
    if not on.form.measures:
        return
    columns = [
        column for column in on.form.columns if column.type in NUMBERS and column.unit in on.form.measures
    ]
    for row, entry in entries.items():
        amounts = [
            (number, column.name)
            for column in columns
            if isinstance(number := entry.get(column.name), Fraction) and number
        ]
        if not amounts:
            continue
        (least, low), (most, high) = min(amounts), max(amounts)
        if most >= LEAP * least:
            on.add(
                "uneven-amounts",
                [on.spell(row, on.index(low)), on.spell(row, on.index(high))],
                _("all of them in {measure}", measure=on.form.measures[0]),
                join((format_number(least), format_number(most))),
                _("Check the measure of the numbers, or confirm them."),
            )


def _check_days(on: Overlay, entries: Rows) -> None:
    """Find dates that only a slip of the year explains."""
    year = on.sender.period.end.year
    for column in on.form.columns:
        found = [
            (row, day)
            for row, entry in entries.items()
            if isinstance(day := entry.get(column.name), date)
            and not year - MOST_YEARS_BEFORE <= day.year <= year + MOST_YEARS_AHEAD
        ]
        if found:
            on.add(
                "odd-date",
                [on.spell(row, on.index(column.name)) for row, _day in found],
                _(
                    "a date of the years {first} to {last}",
                    first=year - MOST_YEARS_BEFORE,
                    last=year + MOST_YEARS_AHEAD,
                ),
                list_first(on.sender.house.dates.short(day) for _row, day in found),
                _("Check the year of the date, correct it and send again."),
            )


def _check_number(
    on: Overlay, number: Fraction, most: Decimal | None, at: tuple[int, int], *, positive: bool = False
) -> None:
    above = most is not None and number > Fraction(most)
    if above or (positive and number == 0):
        on.add(
            "out-of-bounds",
            [on.spell(*at)],
            _("no more than {limit}", limit=format_number(most))
            if above and most is not None
            else _("more than 0"),
            format_number(number),
            _("Check the number, correct it and send again."),
        )


def _check_indicators(on: Overlay, entries: Rows) -> None:
    key = next(column.name for column in on.form.columns if column.key)
    at = {str(entry.get(key)): row for row, entry in entries.items()}
    value = next(column.name for column in on.form.columns if column.type in NUMBERS)
    for item in on.form.indicators:
        most = item.most if item.most is not None else _WHOLE if item.unit == _PERCENT else None
        number = entries[at[item.code]].get(value) if item.code in at else None
        if isinstance(number, Fraction):
            _check_number(on, number, most, (at[item.code], on.index(value)))
    for rule in on.form.rules:
        if isinstance(rule, AtMost) and rule.column in at and rule.of in at:
            part, whole = entries[at[rule.column]].get(value), entries[at[rule.of]].get(value)
            if isinstance(part, Fraction) and isinstance(whole, Fraction) and part > whole:
                index = on.index(value)
                _add_above(on, part, whole, (at[rule.column], index), (at[rule.of], index))


def _check_fixed_rows(on: Overlay, entries: Rows) -> None:
    """Find rows that must be there and are not, rows nobody knows, and parts that exceed their whole."""
    if not on.form.rows:
        return
    key = next(column for column in on.form.columns if column.key)
    index = on.index(key.name)
    at = {
        fold_text(str(entry[key.name])): row
        for row, entry in entries.items()
        if entry.get(key.name) is not None
    }
    names = {fold_text(row.key): row for row in on.form.rows}
    missing = [row.key for name, row in names.items() if name not in at]
    unknown = [row for name, row in at.items() if name not in names]
    listed = ", ".join(row.key for row in on.form.rows)
    # A row whose key cannot be read may be the one that is missing; it is told already.
    if missing and len(missing) > len(on.faulty):
        last = max(entries, default=on.first_row)
        on.add(
            "missing-row",
            [on.spell(last + 1, index)],
            ", ".join(missing),
            _("no such row"),
            _("Add the rows, with 0 where there is nothing, and send again."),
        )
    if unknown and not on.form.open:
        on.add(
            "unknown-row",
            [on.spell(row, index) for row in unknown],
            _("one of: {keys}", keys=listed),
            list_first(describe(on.sheet.cells.get((row, index))) for row in unknown),
            _("Use the code of the form, or delete the row."),
        )
    _check_parts(on, entries, at)


def _check_parts(on: Overlay, entries: Rows, at: Mapping[str, int]) -> None:
    parts: dict[str, list[int]] = defaultdict(list)
    for row in on.form.rows:
        if row.within is not None and fold_text(row.key) in at and fold_text(row.within) in at:
            parts[fold_text(row.within)].append(at[fold_text(row.key)])
    for whole, rows in parts.items():
        for column in on.form.columns:
            if column.type not in NUMBERS:
                continue
            numbers = [entries[row].get(column.name) for row in (at[whole], *rows)]
            if not all(isinstance(number, Fraction) for number in numbers):
                continue
            limit, *some = (number for number in numbers if isinstance(number, Fraction))
            if sum(some) > limit:
                index = on.index(column.name)
                on.add(
                    "above-limit",
                    [on.spell(row, index) for row in (*rows, at[whole])],
                    _("no more than {limit}", limit=format_number(limit)),
                    join(map(format_number, some), " + "),
                    _("Check the rows, correct them and send again."),
                )
