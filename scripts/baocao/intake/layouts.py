"""
Find the table of a sheet that nobody has described: its labels, its rows, its row of totals, what its columns hold.

What cannot be known from the cells is said as a doubt, never decided in silence: a column is added up
only where a row of totals shows that it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from baocao.project.cells import join_address
from baocao.project.language import _, format_number
from baocao.project.text import fold_text, slug
from baocao.reading.forms.entries import clean_text, describe, is_blank
from baocao.reading.forms.roles import role_of_text
from baocao.reading.workbooks import Sheet
from baocao.reading.workbooks.workbook import RawCell

_BRACKET = re.compile(r"\(([^()]+)\)\s*$")
_LEAST_NUMBERED = 4
"""Fewer columns numbered 1, 2, 3 are as likely a row of data."""


_NEAR = 4
"""Rows below the labels in which a number must stand: the first may have none."""


@dataclass(frozen=True)
class Table:
    """
    Where a sheet has its table; rows and columns are counted from 0.

    Parameters
    ----------
    heads
        Rows of labels, in order.
    numbered
        The row that numbers the columns, if there is one.
    labels
        By column; the parts of a label of several rows are joined by ``" - "``.
    first, last
        Rows of data; ``last`` is before ``first`` where there are none.
    total
        Row and column of the words that name the totals.
    """

    sheet: Sheet
    heads: tuple[int, ...]
    numbered: int | None
    labels: Mapping[int, str]
    first: int
    last: int
    total: tuple[int, int] | None
    doubts: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[object, ...]:
        """What two workbooks of one form have in common."""
        labels = tuple((column, fold_text(label)) for column, label in sorted(self.labels.items()))
        return self.heads, self.numbered, labels

    @property
    def rows(self) -> range:
        """Rows of data."""
        return range(self.first, self.last + 1)

    def cells(self, column: int) -> list[tuple[int, RawCell]]:
        """List the cells of a column that are not blank, with their rows."""
        found = ((row, self.sheet.cells.get((row, column))) for row in self.rows)
        return [(row, cell) for row, cell in found if cell is not None and not is_blank(cell)]


@dataclass(frozen=True)
class Guess:
    """
    What a column seems to hold.

    Parameters
    ----------
    adds
        A row of totals shows that it is added up.
    blank
        Some of its cells are.
    order
        It numbers the rows.
    unit
        What its label says it is measured in; empty where it says nothing.
    decimals
        The most that a number of it has.
    """

    name: str
    index: int
    label: str
    type: Literal["text", "count", "number", "date"]
    adds: bool = False
    blank: bool = False
    order: bool = False
    key: bool = False
    unit: str = ""
    decimals: int = 0
    doubts: tuple[str, ...] = ()


# -- where the table lies ------------------------------------------------------


def find_table(sheet: Sheet, totals: Sequence[str]) -> Table | None:
    """
    Find the row of most labels, two or more, that has numbers or dates right below it, and what belongs to it.

    Parameters
    ----------
    totals
        What a row of sums is called.

    Returns
    -------
    Table or None
        None where the sheet has no such row.
    """
    counted = {row for (row, _column), cell in sheet.cells.items() if cell.kind in {"number", "date"}}
    rows = {
        row: labels
        for row in sorted({row for row, _column in sheet.cells})
        if counted.intersection(range(row + 1, row + 1 + _NEAR)) and (labels := _list_labels(sheet, row))
    }
    if not rows:
        return None
    # A row of text among the data has no more entries than the labels above it.
    row = max(rows, key=lambda row: (len(rows[row]), -row))
    while len(rows.get(row + 1, ())) == len(rows[row]) and any(
        first <= row <= last and (left < right or last > row) for first, left, last, right in sheet.merged
    ):
        row += 1
    return _measure(sheet, row, rows[row], totals)


def _list_labels(sheet: Sheet, row: int) -> dict[int, str]:
    """List what stands over the columns in a row of labels; nothing where it is none."""
    columns = sorted({column for _row, column in sheet.cells} | {c for r, c in sheet.anchors if r == row})
    labels: dict[int, str] = {}
    anchors = set()
    words = 0
    for column in columns:
        cell = sheet.shown(row, column)
        if cell is None or is_blank(cell):
            continue
        text = _spell_label(cell)
        if not text:
            return {}
        words += cell.kind == "text"
        labels[column] = text
        anchors.add(sheet.anchors.get((row, column), (row, column)))
    return labels if words and len(anchors) > 1 else {}


def _spell_label(cell: RawCell) -> str:
    """Spell a label; a year may head a column, any other number may not."""
    if cell.kind == "text":
        return " ".join(str(cell.value).split())
    year = cell.value if isinstance(cell.value, Decimal) else Decimal(0)
    return f"{year:f}" if year == year.to_integral_value() and 1900 <= year <= 2100 else ""


def _measure(sheet: Sheet, row: int, labels: dict[int, str], totals: Sequence[str]) -> Table:
    heads = tuple(range(_find_top(sheet, row, labels), row + 1))
    if len(heads) > 1:
        labels = {column: _join_label(sheet, heads, column) for column in labels}
    numbered = row + 1 if _numbers_columns(sheet, row + 1, sorted(labels)) else None
    first = row + 1 if numbered is None else row + 2
    filled = sorted({r for (r, column), cell in sheet.cells.items() if r >= first and column in labels and not is_blank(cell)})  # fmt: skip
    last = first - 1
    while last + 1 in filled:
        last += 1
    doubts: list[str] = []
    if numbered is not None:
        doubts.append(
            _("row {row} is taken for the one that numbers the columns, not for data", row=numbered + 1)
        )
    named = [
        (r, column)
        for r in filled
        for column in sorted(labels)
        if (cell := sheet.cells.get((r, column))) is not None
        and cell.kind == "text"
        and role_of_text(str(cell.value), totals, ()) == "total"
    ]
    total = named[-1] if named else None
    if len({r for r, _column in named}) > 1:
        rows = ", ".join(str(r + 1) for r in sorted({r for r, _column in named}))
        doubts.append(
            _("several rows are called a sum ({rows}); the last is taken for the totals", rows=rows)
        )
    if total is None and last - first > 1:
        total = _find_sums(sheet, range(first, last), last, labels, doubts)
    if total is not None:
        last = total[0] - 1
        while last >= first and last not in filled:  # spare rows above the totals
            last -= 1
    end = total[0] if total is not None else last
    below = [r for r in filled if r > end]
    if below:
        doubts.append(
            _("rows {first} to {last} below the table do not belong to it", first=below[0] + 1, last=below[-1] + 1)
        )  # fmt: skip
    return Table(sheet, heads, numbered, labels, first, last, total, tuple(doubts))


def _find_top(sheet: Sheet, row: int, labels: Mapping[int, str]) -> int:
    """Find the first row of labels: merged cells reach up, and stand over several columns."""
    top = row
    while True:
        reached = [
            first
            for first, left, last, right in sheet.merged
            if first < top <= last + 1
            and (last >= top or left < right)
            and right - left + 1 < len(labels)
            and any(left <= column <= right for column in labels)
        ]
        if not reached:
            return top
        top = min(reached)


def _join_label(sheet: Sheet, heads: Sequence[int], column: int) -> str:
    parts: list[str] = []
    for row in heads:
        cell = sheet.shown(row, column)
        text = "" if cell is None or is_blank(cell) else _spell_label(cell)
        if text and parts[-1:] != [text]:
            parts.append(text)
    return " - ".join(parts)


def _numbers_columns(sheet: Sheet, row: int, columns: Sequence[int]) -> bool:
    cells = [sheet.shown(row, column) for column in columns]
    said = [clean_text(str(cell.value)).strip("()") if cell is not None else "" for cell in cells]
    return len(columns) >= _LEAST_NUMBERED and said == [str(number) for number in range(1, len(columns) + 1)]


def _find_sums(
    sheet: Sheet, rows: range, last: int, labels: Mapping[int, str], doubts: list[str]
) -> tuple[int, int] | None:
    """Return whether a last row that is not called so holds the sums of the others."""
    sums = []
    for column in labels:
        numbers = [_number(sheet.cells.get((row, column))) for row in (*rows, last)]
        if all(number is not None for number in numbers) and any(numbers):
            *others, stated = [number or Decimal(0) for number in numbers]
            sums.append(sum(others) == stated)
    if not any(sums) or sum(sums) * 2 < len(sums):
        return None
    for column in sorted(labels):
        cell = sheet.cells.get((last, column))
        if cell is not None and cell.kind == "text" and not is_blank(cell):
            doubts.append(
                _(
                    "row {row} ({got}) is taken for the row of totals: its numbers are the sums of those above",
                    row=last + 1,
                    got=describe(cell),
                )
            )
            return last, column
    doubts.append(
        _(
            "row {row} holds the sums of those above and is not called so; it would count as one more: name it in the workbooks and under total",
            row=last + 1,
        )
    )
    return None


def _number(cell: RawCell | None) -> Decimal | None:
    return cell.value if cell is not None and isinstance(cell.value, Decimal) else None


# -- what its columns hold -----------------------------------------------------


def guess_columns(tables: Sequence[Table]) -> list[Guess]:
    """
    Guess what the columns hold, from all the workbooks whose tables have one shape.

    Returns
    -------
    list of Guess
        In the order of the columns; where columns of text tell the rows apart, they are keys.
    """
    guesses: list[Guess] = []
    for index, label in sorted(tables[0].labels.items()):
        name = make_name(label, "column", {guess.name for guess in guesses})
        guesses.append(_guess(name, index, label, tables))
    labels = [fold_text(guess.label) for guess in guesses]
    guesses = [
        replace(guess, doubts=(*guess.doubts, _("several columns are called so: name them apart")))
        if labels.count(fold_text(guess.label)) > 1
        else guess
        for guess in guesses
    ]
    keys = _find_keys(guesses, tables)
    return [replace(guess, key=guess in keys) for guess in guesses]


def make_name(text: str, kind: str, taken: Collection[str]) -> str:
    """
    Make a name of a text, as names in params are, that no other has.

    Examples
    --------
    >>> make_name("Zone code", "column", ()), make_name("2025", "column", ()), make_name("Zone", "column", ["zone"])
    ('zone_code', 'column_2025', 'zone_2')
    """
    name = slug(text) or kind
    name = (name if name[0].isalpha() else f"{kind}_{name}")[:24].rstrip("_")
    return next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if one not in taken)


def _guess(name: str, index: int, label: str, tables: Sequence[Table]) -> Guess:
    found = [(table, row, cell) for table in tables for row, cell in table.cells(index)]
    blank = len(found) < sum(len(table.rows) for table in tables)
    numbers = [cell.value for _table, _row, cell in found if isinstance(cell.value, Decimal)]
    dates = [cell for _table, _row, cell in found if isinstance(cell.value, date)]
    bracket = _BRACKET.search(label)
    guess = Guess(name, index, label, "text", blank=blank, unit=bracket[1].strip() if bracket else "")
    if not found:
        return replace(guess, doubts=(_("nothing stands in it"),))
    if _counts_rows(index, tables):
        return replace(guess, order=True, blank=True, doubts=(_("taken for the number of the row"),))
    if 2 * len(dates) > len(found):
        return replace(guess, type="date", doubts=tuple(_list_others(found, "date", index)))
    if 2 * len(numbers) < len(found):
        others = [cell for _table, _row, cell in found if cell.kind != "text"]
        doubts = [_("not all of it is text: {got}", got=describe(others[0]))] if others else []
        return replace(guess, doubts=tuple(doubts))
    return _guess_number(guess, found, numbers, tables)


def _guess_number(
    guess: Guess, found: Sequence[tuple[Table, int, RawCell]], numbers: Sequence[Decimal], tables: Sequence[Table]
) -> Guess:  # fmt: skip
    decimals = max((-int(number.normalize().as_tuple().exponent) for number in numbers), default=0)
    doubts = list(_list_others(found, "number", guess.index))
    shares = next((cell.format for _table, _row, cell in found if "%" in cell.format), "")
    if shares:
        doubts.append(
            _("its cells show a percentage ({format}) of the number they hold; check refuses that", format=shares)
        )  # fmt: skip
    if guess.blank:
        doubts.append(_("cells of it are blank; check asks for a number in each"))
    if min(numbers) < 0:
        doubts.append(_("numbers below 0 stand in it; check refuses them"))
    adds, why = (False, "") if shares else _is_added(guess.index, tables)
    doubts += [] if adds else [why or _("a share is not added up")]
    return replace(
        guess,
        type="number" if decimals > 0 else "count",
        adds=adds,
        blank=False,
        decimals=max(decimals, 0),
        doubts=tuple(doubts),
    )


def _is_added(index: int, tables: Sequence[Table]) -> tuple[bool, str]:
    """Return whether rows of totals show that a column is added up; otherwise why nobody can say so."""
    proven, why = False, _("no row of totals shows whether it is added up")
    for table in tables:
        if table.total is None:
            continue
        numbers = [_number(cell) for _row, cell in table.cells(index)]
        cell = table.sheet.cells.get((table.total[0], index))
        stated = _number(cell)
        if stated is None:
            why = _("the row of totals has no number in it ({got})", got=describe(cell))
        elif None not in numbers and len([number for number in numbers if number]) > 1:
            counted = sum((number for number in numbers if number is not None), Decimal(0))
            if counted == stated:
                proven = True
            else:
                why = _(
                    "the row of totals says {stated}, its numbers add up to {counted}", stated=format_number(stated), counted=format_number(counted)
                )  # fmt: skip
    return proven, why


def _list_others(
    found: Sequence[tuple[Table, int, RawCell]], kind: Literal["number", "date"], index: int
) -> Iterator[str]:
    wanted = Decimal if kind == "number" else date
    others = [(row, cell) for _table, row, cell in found if not isinstance(cell.value, wanted)]
    if others:
        cell, got = join_address(others[0][0], index), describe(others[0][1])
        yield (
            _("not every cell is a number: {cell}, {got}", cell=cell, got=got)
            if kind == "number"
            else _("not every cell is a date: {cell}, {got}", cell=cell, got=got)
        )


def _counts_rows(index: int, tables: Sequence[Table]) -> bool:
    """Return whether a first column does nothing but count 1, 2, 3."""
    for table in tables:
        numbers = [_number(cell) for _row, cell in table.cells(index)]
        counts = numbers == [Decimal(number) for number in range(1, len(numbers) + 1)]
        summed = table.total and _number(table.sheet.cells.get((table.total[0], index))) is not None
        if index != min(table.labels) or len(numbers) < 2 or not counts or summed:
            return False
    return True


def _find_keys(guesses: Sequence[Guess], tables: Sequence[Table]) -> list[Guess]:
    """Find the column of text that tells the rows apart, or the first two that do so together."""
    texts = [guess for guess in guesses if guess.type == "text" and not guess.order and not guess.blank]
    pairs = [[one, other] for place, one in enumerate(texts) for other in texts[place + 1 :]]
    for chosen in [[one] for one in texts] + pairs:
        if all(_are_apart(table, [guess.index for guess in chosen]) for table in tables):
            return chosen
    return []


def _are_apart(table: Table, columns: Sequence[int]) -> bool:
    seen = [
        tuple(fold_text(str(cell.value)) if (cell := table.sheet.cells.get((row, column))) else "" for column in columns)
        for row in table.rows
    ]  # fmt: skip
    return len(set(seen)) == len(seen)
