"""Rows that are no items: sums, headings, parts of other rows; compared where they are sums, never counted."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import accumulate, zip_longest
from typing import Literal

from baocao.project.findings import list_first
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.forms.entries import clean_text, describe, is_blank
from baocao.reading.forms.overlay import NUMBERS, Overlay, say_rows

Role = Literal["item", "total", "group", "part"]
_LEFT_COLUMNS = 3
"""What a row is called stands in one of the first columns of a form."""
_BITS, _BITS_UNNUMBERED = 24, 6
"""So much must agree, in bits of the different numbers, before a row is called a sum that nothing marks as one,
or only a missing number does among numbered rows: small numbers agree by accident."""
_ROMAN = re.compile(r"^(?=.)m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})$")
_NUMBER = re.compile(r"^\d+$")
_DOTTED = re.compile(r"^\d+(?:\.\d+)+$")
_TAIL = re.compile(r"[\s:.,;+\-–—*()\[\]]+$")
_BRACKETS = re.compile(r"\([^)]*\)")
_Numbers = tuple[Fraction, ...]


@dataclass(frozen=True)
class Rows:
    """Rows of a sheet by what they are; ``items`` are those that count."""

    items: list[int]
    roles: dict[int, Role]


def role_of_text(text: str, totals: Iterable[str], parts: Iterable[str]) -> Role:
    """
    Return by its text what a row is.

    A word for sums counts where nothing follows it but a colon, brackets or the
    numbers of rows; what it begins otherwise is the name of an item.

    Examples
    --------
    >>> totals, parts = ("Tổng số", "Cộng"), ("Trong đó",)
    >>> [role_of_text(text, totals, parts) for text in ("Cộng (I+II):", "Trong đó: đất đai", "Cộng tác viên")]
    ['total', 'part', 'item']
    """
    return _role_of_text(text, tuple(totals), tuple(parts))


@lru_cache(1 << 14)  # the same labels come in every workbook
def _role_of_text(text: str, totals: tuple[str, ...], parts: tuple[str, ...]) -> Role:
    folded = fold_text(text).lstrip("-–+*• ")
    for word in map(fold_text, parts):
        if folded == word or (folded.startswith(word) and not folded[len(word)].isalnum()):
            return "part"
    bare = _TAIL.sub("", _BRACKETS.sub("", folded))
    for word in map(fold_text, totals):
        rest = bare[len(word) :] if bare.startswith(word) else None
        if rest is not None and (not rest or (not rest[0].isalnum() and _is_numbering(rest))):
            return "total"
    return "item"


def _is_numbering(text: str) -> bool:
    words = [word for word in re.split(r"[\s:.,;+\-–—()=]+", text) if word]
    return all(_NUMBER.match(word) or _ROMAN.match(word) or len(word) == 1 for word in words)


def sort_rows(on: Overlay, rows: list[int]) -> Rows:
    """Tell items from rows of sums, headings and parts, and report each row that is no item."""
    roles = _name_roles(on, rows)
    items = [row for row in rows if roles.get(row, "item") == "item"]
    numbers = {row: _read_numbers(on, row) for row in rows}
    consistent, heads, wrong, parts = [], [], [], []
    for place, row in enumerate(rows):
        role = roles.get(row, "item")
        own = numbers[row]
        if role == "item":
            continue
        if role == "part":
            parts.append(row)
        elif own is None or not any(own):
            heads.append(row)
        elif any(own == total for total in _sums(rows, place, roles, numbers)):
            consistent.append(row)
        else:
            wrong.append(row)
    hidden = _find_sums(on, items, numbers, _find_unnumbered(on, items))
    if not hidden:  # a row too many has a number too many
        _check_order(on, rows, roles)
    delete = _("Delete the row, or make it an item of its own, and send again.")
    for code, found, expected, action in (
        ("subtotal-row", consistent, _("items only"), _("Nothing has to be done; better delete the row.")),
        ("heading-row", heads, _("items only"), _("Nothing has to be done; better delete the row.")),
        ("subtotal-mismatch", wrong, _("the sum of the rows it stands for"), delete),
        ("part-row", parts, _("items only, none of them part of another"), delete),
        ("sum-of-rows", hidden, _("items only, no row of sums"), delete),
    ):
        if found:
            key = on.columns[on.label].column
            got = list_first(
                (_say(on, row, numbers[row]) for row in found),
                len(found) if code == "subtotal-mismatch" else 3,
            )
            on.add(code, [on.at(f"{key}{row + 1}") for row in found], expected, got, action)
    return Rows([row for row in items if row not in hidden], roles)


def _say(on: Overlay, row: int, numbers: _Numbers | None) -> str:
    said = f"{describe(on.sheet.shown(row, on.label))}, {say_rows([row])}"
    return f"{said}: {', '.join(map(str, numbers))}" if numbers else said


def _name_roles(on: Overlay, rows: list[int]) -> dict[int, Role]:
    words = on.form.words
    fixed = {fold_text(row.key) for row in on.form.rows}
    keys = [index for index, column in on.columns.items() if column.key]
    order = next((index for index, column in on.columns.items() if column.order), None)
    labels = [i for i, column in on.columns.items() if column.type == "text" and not column.order][
        :_LEFT_COLUMNS
    ]
    roles: dict[int, Role] = {}
    numbered = order is not None and any(_NUMBER.match(_order_of(on, row, order)) for row in rows)
    for row in rows:
        if any(fold_text(_text(on, row, index)) in fixed for index in keys):
            continue
        named = [role_of_text(_text(on, row, index), words.totals, words.parts) for index in labels]
        if order is not None:
            named.append(role_of_text(_text(on, row, order), words.totals, words.parts))
        role: Role = next((role for role in named if role != "item"), "item")
        if role == "item" and numbered and order is not None:
            number = _order_of(on, row, order)
            if _DOTTED.match(number):
                role = "part"
            elif _ROMAN.match(number) or (len(number) == 1 and number.isalpha()):
                role = "group"
        if role != "item":
            roles[row] = role
    return roles


def _order_of(on: Overlay, row: int, order: int) -> str:
    return fold_text(_text(on, row, order)).strip(" .)(/-")


def _text(on: Overlay, row: int, index: int) -> str:
    cell = on.sheet.shown(row, index)
    if cell is None or is_blank(cell) or cell.kind not in ("text", "number"):
        return ""
    if isinstance(cell.value, Decimal):
        return f"{cell.value:f}".rstrip("0").rstrip(".") if "." in f"{cell.value:f}" else f"{cell.value:f}"
    return clean_text(str(cell.value))


def _read_numbers(on: Overlay, row: int) -> _Numbers | None:
    """Return the numbers of a row, blanks as 0; None where it has none at all."""
    found, numbers = False, []
    for index, column in on.columns.items():
        if column.type in NUMBERS and column.adds and not column.order:
            cell = on.sheet.cells.get((row, index))
            number = cell is not None and isinstance(cell.value, Decimal)
            found |= number
            numbers.append(Fraction(cell.value) if number else Fraction(0))  # type: ignore[union-attr,arg-type]
    return tuple(numbers) if found else None


def _sums(
    rows: Sequence[int], place: int, roles: dict[int, Role], numbers: dict[int, _Numbers | None]
) -> Iterator[_Numbers]:
    """Yield what a row of sums may stand for: the first items below or above it, or all there are."""

    def run(some: Iterable[int]) -> Iterator[_Numbers]:
        for row in some:
            if roles.get(row, "item") not in ("item", "part"):
                return
            if roles.get(row, "item") == "item":
                yield numbers[row] or ()

    def add(one: _Numbers, other: _Numbers) -> _Numbers:
        return tuple(first + second for first, second in zip_longest(one, other, fillvalue=Fraction(0)))

    below, above = rows[place + 1 :], rows[:place]
    items = [numbers[row] or () for row in (*above, *below) if roles.get(row, "item") == "item"]
    yield from accumulate(run(below), add)
    yield from accumulate(run(reversed(above)), add)
    yield reduce(add, items, ())
    yield reduce(add, [numbers[row] or () for row in above if roles.get(row, "item") == "item"], ())


def _check_order(on: Overlay, rows: list[int], roles: dict[int, Role]) -> None:
    """Find items that are not numbered one after the other; below a row of sums or a heading they may begin anew."""
    order = next((index for index, column in on.columns.items() if column.order), None)
    if order is None:
        return
    wrong: list[tuple[int, str, int]] = []
    last, anew = 0, True
    for row in rows:
        role = roles.get(row, "item")
        if role != "item":
            anew |= role != "part"
            continue
        text = _order_of(on, row, order)
        if not _NUMBER.match(text):
            continue  # what has no number is told where it matters
        number = int(text)
        if number != last + 1 and not (anew and number == 1):
            wrong.append((row, text, last + 1))
        last, anew = number, False
    if wrong:
        on.add(
            "broken-order",
            [on.spell(row, order) for row, _text, _next in wrong],
            list_first(str(number) for _row, _text, number in wrong),
            list_first(text for _row, text, _next in wrong),
            _("Check whether a row is missing or stands there twice; number the rows anew."),
        )


def _find_unnumbered(on: Overlay, items: list[int]) -> set[int]:
    """Find rows without a number among rows that have one."""
    order = next((index for index, column in on.columns.items() if column.order), None)
    blank = {row for row in items if order is not None and not _order_of(on, row, order)}
    return blank if len(blank) < len(items) else set()


def _find_sums(
    on: Overlay, items: list[int], numbers: dict[int, _Numbers | None], unnumbered: set[int]
) -> list[int]:
    """Find items that equal the sum of two or more others right below or above in every number."""
    if on.form.rows or on.form.kind == "indicators":
        return []
    found = []
    scaled = _scale(items, numbers)
    for place, row in enumerate(items):
        own = numbers[row]
        whole = scaled[row]
        if own is None or whole is None:
            continue
        bits = sum(math.log2(abs(number) + 1) for number in {*own})
        if bits < (_BITS_UNNUMBERED if row in unnumbered else _BITS):
            continue
        if _reaches(whole, items[place + 1 :], scaled) or _reaches(whole, items[:place][::-1], scaled):
            found.append(row)
    return found


def _scale(items: list[int], numbers: dict[int, _Numbers | None]) -> dict[int, tuple[int, ...] | None]:
    """Multiply all numbers by one that makes them whole: whole ones are added many times as fast."""
    rows = {row: numbers[row] for row in items}
    by = math.lcm(*(number.denominator for row in rows.values() for number in row or ()))
    return {
        row: None if own is None else tuple(int(number * by) for number in own) for row, own in rows.items()
    }


def _reaches(
    own: tuple[int, ...], others: Iterable[int], numbers: Mapping[int, tuple[int, ...] | None]
) -> bool:
    total = [0] * len(own)
    added = 0
    for row in others:
        more = numbers[row]
        if more is None:
            return False
        total = [one + other for one, other in zip(total, more, strict=True)]
        added += any(more)
        if any(one > limit for one, limit in zip(total, own, strict=True)):
            return False
        if added > 1 and tuple(total) == own:
            return True
    return False
