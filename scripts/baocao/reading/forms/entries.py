"""One cell against its column: the entry it gives, or what is wrong with it."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from baocao.project.language import N_, _, format_number
from baocao.project.periods import format_date
from baocao.project.text import fold_text

if TYPE_CHECKING:
    from baocao.project.forms import Column
    from baocao.reading.workbooks.workbook import RawCell

Entry = str | Fraction | date | None
DASHES = frozenset("-–—−‐‑_")
ZEROED = frozenset({"blank", "dash"})
"""Codes that the treatment ``zero`` reads as 0."""

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ") | dict.fromkeys(map(ord, "\u200b\ufeff"))
_ODD = re.compile("[\u00a0\u2007\u202f\u200b\ufeff]")
_NUMBERLIKE = re.compile(r"^[+-]?\(?\d[\d.,\s']*\)?\s*%?$")
# By its numbers, whatever words of whichever language stand between them.
_DATELIKE = re.compile(
    r"^\d{1,4}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{1,4}$|^\D{0,8}\d{1,2}\D{1,12}\d{1,2}\D{1,12}\d{4}\D*$"
)
_DIGITS = re.compile(r"0|[1-9]\d*")
_GROUPS = re.compile(r"[1-9]\d{0,2}(?:([.,\s\u00a0\u202f'])\d{3})(?:\1\d{3})*")
_FIRST_DAY = date(1900, 3, 1)  # before it Excel's calendar has a day that never was

_ACTIONS = {
    "blank": N_("Enter a value; enter 0 where there is none."),
    "dash": N_("Enter a number in place of the dash; enter 0 where there is none."),
    "text-number": N_("Enter the cell again as a number, without spaces, quotes or separators."),
    "not-a-number": N_("Enter the cell again as a number."),
    "error-value": N_("Correct the formula, or enter the value of the cell again."),
    "formula-no-result": N_(
        "Open the file in Excel, save it so that it keeps the results of its formulas, and send it again."
    ),
    "negative": N_("Check it and enter a number that is not negative."),
    "not-whole": N_("Check it and enter a whole number."),
    "text-date": N_("Enter the cell again as an Excel date."),
    "not-a-date": N_("Enter a date in the cell."),
    "not-a-choice": N_("Choose exactly one of the list."),
    "not-text": N_("Enter the cell again as text (format Text), spelt as the name or code is."),
}
_TEXT_BLANK = N_("Fill in the cell.")


class Fault(NamedTuple):
    """What is wrong with one cell; becomes a finding where the cell is known."""

    code: str
    expected: str
    got: str
    action: str


@lru_cache(1 << 14)  # labels and names of fields come again and again
def clean_text(text: str) -> str:
    r"""
    Bring text to NFC, with plain spaces in it and none around it.

    Examples
    --------
    >>> clean_text("\u00a0 \u0110\u00e2\u0301t đai ")
    'Đất đai'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if _ODD.search(text):
            text = text.translate(_SPACES)
    return text.strip()


def is_blank(cell: RawCell | None) -> bool:
    """Return whether a cell shows nothing: absent, or text of spaces only."""
    return cell is None or (cell.kind == "text" and not clean_text(str(cell.value)))


def describe(cell: RawCell | None) -> str:
    """
    Return words for what stands in a cell.

    Examples
    --------
    >>> describe(None)
    'blank cell'
    """
    if cell is None:
        return _("blank cell")
    value = cell.value
    if cell.kind == "text":
        text = str(value)
        if is_blank(cell):
            return (
                _("cell of spaces only")
                if text
                else _("formula with a blank result")
                if cell.formula
                else _("blank cell")
            )
        return _('text "{text}"', text=text) if len(text) <= 60 else _('text "{text}…"', text=text[:57])
    if cell.kind == "number":
        return (
            _("number {number}", number=format_number(value)) if isinstance(value, Decimal) else _("number")
        )
    if cell.kind == "bool":
        return _("TRUE") if value else _("FALSE")
    if cell.kind == "error":
        return _("error {value}", value=value)
    if cell.kind == "uncached":
        return _("formula without a result")
    if isinstance(value, datetime):
        return _("date {date} {time}", date=format_date(value.date()), time=f"{value:%H:%M}")
    if isinstance(value, date):
        return _("date {date}", date=format_date(value))
    return _("time {value}", value=value) if isinstance(value, time | timedelta) else _("date")


def spell_content(cell: RawCell | None) -> str:
    """
    Return what stands in a cell, as ``seen`` has it: a text in quotes, so that it is no number.

    Examples
    --------
    >>> from baocao.reading.workbooks.workbook import RawCell
    >>> spell_content(RawCell("text", "7.254")), spell_content(RawCell("number", Decimal(7254))), spell_content(None)
    ('"7.254"', '7254', 'blank')
    """
    if cell is None:
        return "blank"
    if cell.kind == "text":
        return json.dumps(str(cell.value), ensure_ascii=False)
    if cell.kind == "number":
        return f"{cell.value:f}"
    return cell.kind if cell.value is None else str(cell.value)


def propose_count(column: Column, cell: RawCell | None) -> str | None:
    """
    Return the whole number that a text can only mean; None where it could mean another.

    Examples
    --------
    >>> from baocao.project.forms import Column
    >>> from baocao.reading.workbooks.workbook import RawCell
    >>> count = Column(name="so", column="C", label="Số", type="count")
    >>> [propose_count(count, RawCell("text", text)) for text in ("12", "1.234", " 1 234 ", "1,5", "1.23", "007", "5%")]
    ['12', '1234', '1234', None, None, None, None]
    """
    if column.type != "count" or cell is None or cell.kind != "text":
        return None
    text = clean_text(str(cell.value))
    if _DIGITS.fullmatch(text):
        return text
    return re.sub(r"\D", "", text) if _GROUPS.fullmatch(text) else None


def expected_of(column: Column) -> str:
    """Return words for what a column asks for."""
    if column.type == "choice":
        return _("one of: {choices}", choices="; ".join(column.choices))
    words = {
        "text": _("text"),
        "count": _("whole number, not negative"),
        "number": _("number, not negative"),
        "date": _("date"),
    }
    return words[column.type]


def read_entry(column: Column, cell: RawCell | None) -> tuple[Entry, Fault | None]:
    """
    Read one cell as its column asks.

    Returns
    -------
    tuple
        The entry and None, or None and the fault. An entry is text (NFC, outer
        spaces stripped), a Fraction, a date, or None where blank is allowed.
    """
    if is_blank(cell):
        return (None, None) if column.blank else (None, _fault(column, "blank", cell))
    assert cell is not None
    if cell.kind == "error":
        return None, _fault(column, "error-value", cell)
    if cell.kind == "uncached":
        return None, _fault(column, "formula-no-result", cell)
    if column.type in ("count", "number"):
        code = _number_code(column, cell)
        if code is None and isinstance(cell.value, Decimal):
            return Fraction(cell.value), None
    elif column.type == "date":
        code = _date_code(cell)
        if code is None and isinstance(cell.value, date):
            return cell.value.date() if isinstance(cell.value, datetime) else cell.value, None
    else:
        text = _text(cell)
        if text is None:
            return None, _fault(column, "not-text", cell)
        if column.type == "text":
            return text, None
        choice = _choices(column.choices).get(fold_text(text))
        if choice is not None:
            return choice, None
        code = "not-a-choice"
    return None, _fault(column, code or "not-a-number", cell)


def _fault(column: Column, code: str, cell: RawCell | None) -> Fault:
    action = _(_ACTIONS[code])
    if code == "blank" and column.type not in ("count", "number"):
        action = _(_TEXT_BLANK)
    return Fault(code, expected_of(column), describe(cell), action)


def _number_code(column: Column, cell: RawCell) -> str | None:
    if cell.kind == "text":
        text = clean_text(str(cell.value))
        if set(text) <= DASHES:
            return "dash"
        return "text-number" if _NUMBERLIKE.match(text) else "not-a-number"
    if cell.kind != "number" or not isinstance(cell.value, Decimal):
        return "not-a-number"
    if cell.value < 0:
        return "negative"
    whole = cell.value == cell.value.to_integral_value()
    return "not-whole" if column.type == "count" and not whole else None


def _date_code(cell: RawCell) -> str | None:
    if cell.kind == "text":
        return "text-date" if _DATELIKE.search(clean_text(str(cell.value))) else "not-a-date"
    if not isinstance(cell.value, date):
        return "not-a-date"
    day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
    return None if day >= _FIRST_DAY else "not-a-date"


def _text(cell: RawCell) -> str | None:
    """Text, or a whole number as text; a decimal may have lost zeros that belonged to a code."""
    if cell.kind == "text":
        return clean_text(str(cell.value))
    value = cell.value
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 10**15:
        return f"{value:f}".partition(".")[0]
    return None


@cache
def _choices(choices: tuple[str, ...]) -> dict[str, str]:
    return {fold_text(choice): choice for choice in choices}
