"""The head of a sheet against its form: the labels of the columns, the period, the unit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from baocao.project.cells import column_index, join_address, split_address
from baocao.project.language import _
from baocao.project.periods import find_period
from baocao.project.text import fold_text, strip_diacritics
from baocao.reading.forms.entries import clean_text, describe

if TYPE_CHECKING:
    from datetime import date

    from baocao.project.forms import Form
    from baocao.reading.forms.results import Sender
    from baocao.reading.workbooks.workbook import RawCell, Sheet

_STAMP = re.compile(r"[\w-]+\.v\d+")
_WORDS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"^\(?(\d+)\)?(?:\D|$)")


class Mismatch(NamedTuple):
    """A cell of the head that is not as the form has it."""

    code: str
    address: str
    expected: str
    got: str


def _text(cell: RawCell | None) -> str:
    if cell is None or cell.kind not in ("text", "number"):
        return ""
    return clean_text(str(cell.value))


def _is_path(texts: list[str], label: list[str]) -> bool:
    """Return whether the texts over a column are the label's parts, in order, down to the last."""
    if not texts or texts[-1] != label[-1]:
        return False
    parts = iter(label)
    return all(text in parts for text in texts)


def check_labels(form: Form, sheet: Sheet) -> list[Mismatch]:
    """
    Compare the label rows and the number row.

    A label of several rows is the form's label, its parts joined by ``" - "``;
    a merged cell counts for every column it covers.
    """
    wrong = []
    rows = form.label_rows or ((form.label_row,) if form.label_row else ())
    for column in form.columns:
        index = column_index(column.column)
        if rows:
            texts: list[str] = []
            for row in rows:
                text = fold_text(_text(sheet.shown(row - 1, index)))
                if text and texts[-1:] != [text]:
                    texts.append(text)
            label = (
                [fold_text(part) for part in column.label.split(" - ")]
                if form.label_rows
                else [fold_text(column.label)]
            )
            if not _is_path(texts, label):
                row = next((row for row in reversed(rows) if (row - 1, index) in sheet.cells), rows[-1])
                got = " - ".join(_text(sheet.shown(row - 1, index)) for row in rows).strip(" -")
                address = join_address(row - 1, index)
                wrong.append(
                    Mismatch(
                        "wrong-columns", address, f"{column.column}: {column.label}", got or _("blank cell")
                    )
                )
                continue
        if form.number_row and column.number is not None:
            text = _text(sheet.shown(form.number_row - 1, index))
            number = _NUMBERED.match(text)
            if number is None or int(number[1]) != column.number:
                address = join_address(form.number_row - 1, index)
                wrong.append(
                    Mismatch(
                        "wrong-columns",
                        address,
                        f"{column.column}: ({column.number})",
                        text or _("blank cell"),
                    )
                )
    return wrong


def check_header(form: Form, sheet: Sheet, sender: Sender, *, certain: bool) -> list[Mismatch]:
    """
    Compare the period, its window and the code of the unit.

    Parameters
    ----------
    sender
        The code the header must name is None where the form's source has none.
    certain
        False where the columns are not as the form has them: then only a cell
        that names another period counts, since a moved header is the same
        damage as the moved columns.
    """
    wrong, period = [], sender.period
    address = form.header.period
    cell = sheet.shown(*split_address(address))
    named = (
        find_period(_text(cell), sender.house.periods) if cell is not None and cell.kind == "text" else None
    )
    if named != period and (certain or named is not None):
        wrong.append(Mismatch("wrong-period", address, sender.house.periods.label(period), describe(cell)))
    elif form.header.window:
        address = form.header.window
        cell = sheet.shown(*split_address(address))
        if not _within(_text(cell), sender):
            window = sender.house.periods.window(period.start, period.end)
            wrong.append(Mismatch("wrong-period", address, window, describe(cell)))
    if form.header.form:
        address = form.header.form
        cell = sheet.shown(*split_address(address))
        if _STAMP.fullmatch(_text(cell)) and _text(cell) != form.stamp:
            wrong.append(Mismatch("wrong-form", address, form.stamp, describe(cell)))
    if form.header.unit_code and sender.unit is not None and certain:
        address = form.header.unit_code
        cell = sheet.shown(*split_address(address))
        code = code_of(cell)
        if code.casefold() != sender.unit.casefold():
            wrong.append(Mismatch("wrong-unit", address, sender.unit, describe(cell)))
    if form.header.unit_name and certain:
        address = form.header.unit_name
        cell = sheet.shown(*split_address(address))
        other = sender.names.get(fold_text(_text(cell)))
        if sender.unit is not None and other is not None and other != sender.unit:
            got = _("{text}, whose code is {code}", text=describe(cell), code=other)
            wrong.append(Mismatch("wrong-unit", address, sender.unit, got))
        elif sender.unit is not None and not _names_sender(_text(cell), sender):
            wrong.append(Mismatch("unknown-sender", address, sender.unit, describe(cell)))
    return wrong


def _names_sender(text: str, sender: Sender) -> bool:
    """
    Tell whether a text names the sender, in whichever words; one that says nothing names nobody else.

    Letters without their diacritics will do, since the code beside it is right; a longer name
    that holds the sender's, as ``Trần Hưng Đạo`` does ``Hưng Đạo``, is somebody else's.
    """
    padded = f" {_WORDS.sub(' ', strip_diacritics(text))} "
    named: dict[bool, int] = {True: 0, False: 0}
    for name, code in sender.names.items():
        plain = f" {_WORDS.sub(' ', strip_diacritics(name))} "
        own = code == sender.unit
        if plain in padded:
            named[own] = max(named[own], len(plain))
    known = any(code == sender.unit for code in sender.names.values())
    return not known or not padded.strip() or (named[True] > 0 and named[True] >= named[False])


def code_of(cell: RawCell | None) -> str:
    """Return the code in a header cell; a whole number counts as its digits."""
    text = _text(cell)
    if cell is not None and cell.kind == "number" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def _within(text: str, sender: Sender) -> bool:
    """Return whether the dates a text names, if any, are those of the period's window."""
    days: list[date] = []
    dates, period = sender.house.dates, sender.period
    for match in dates.loose.finditer(text):
        try:
            days.append(dates.read(match))
        except ValueError:
            return False
    if len(days) > 1:
        return (days[0], days[-1]) == (period.start, period.end)
    return not days or days[0] in (period.start, period.end)
