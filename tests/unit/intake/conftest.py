"""Somebody else's program that fills blank workbooks in: it types what the notes of the columns ask for."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date

import openpyxl
import pytest

from baocao.project.forms import OFFICE_NAMES, UNIT_NAMES, Column, Form, StateRule
from baocao.project.periods import Period

Fill = Callable[[bytes, Iterable[Form], Mapping[str, Form], Period], bytes]
NAME = "Sở Tư pháp"


class Filler:
    """
    Fills blank workbooks of one period.

    Parameters
    ----------
    forms
        All of them, since entries refer to each other.
    """

    def __init__(self, forms: Mapping[str, Form], period: Period) -> None:
        self.forms = forms
        self.period = period
        self.grown = 4 * period.year + period.number - 4 * 2026

    def fill(self, content: bytes, forms: Iterable[Form]) -> bytes:
        """Fill in what is open: the rows that are known, or two where none is."""
        book = openpyxl.load_workbook(io.BytesIO(content))
        for form in forms:
            sheet = book[form.sheet]
            key = next((column for column in form.columns if column.key), form.columns[0])
            known = 0
            while sheet[f"{key.column}{form.first_row + known}"].value is not None:
                known += 1
            for offset in range(known or 2):
                row = form.first_row + offset
                if form.sums:
                    self.fill_sums(sheet, row, offset)
                for column in form.columns:
                    cell = sheet[f"{column.column}{row}"]
                    if cell.value is None:
                        cell.value = self.entry(column, form, offset)
                most = next(
                    (one.most for one in form.indicators if one.code == sheet[f"{key.column}{row}"].value),
                    None,
                )
                if most is not None:
                    amount = sheet[f"{form.column('gia_tri').column}{row}"]
                    amount.value = min(amount.value, int(most))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def fill_sums(self, sheet, row: int, offset: int) -> None:
        """Fill the columns of form 06a so that its sums hold."""
        carried = sheet[f"F{row}"].value
        online, late = 4 + self.grown, 1 + offset
        carried = 6 if carried is None else carried
        numbers = (
            online + 3 + carried,
            online,
            3,
            carried,
            online + 1 + carried,
            late,
            online + carried - late,
            1,
            2,
            2,
            0,
        )
        for letter, number in zip("CDEFGHIJKLM", numbers, strict=True):
            if sheet[f"{letter}{row}"].value is None:
                sheet[f"{letter}{row}"] = number

    def text(self, form: Form, column: Column, offset: int) -> str:
        """Return a text that stands where the column says it must."""
        for place in column.refers:
            if place in (UNIT_NAMES, OFFICE_NAMES):
                return NAME
            other, _dot, name = place.partition(".")
            return self.text(self.forms[other], self.forms[other].column(name), offset)
        return f"{column.label} {offset + 1} {self.period if form.flow else ''}".strip()

    def entry(self, column: Column, form: Form, offset: int) -> object:
        """Return an entry that the note of a column allows."""
        states = [rule for rule in form.rules if isinstance(rule, StateRule)]
        if any(rule.column == column.name for rule in states):
            return next(rule.states[0] for rule in states if rule.expects == "filled")
        if column.type == "choice":
            return column.choices[0]
        if column.type == "date":
            return date(self.period.end.year, self.period.end.month, 3)
        if column.order:
            return offset + 1 if column.type == "count" else str(offset + 1)
        if column.type in ("count", "number"):
            grown = 1000 + 100 * self.grown
            return grown // 20 if form.kind == "indicators" else grown // 4**offset
        return self.text(form, column, offset)


def fill_in(content: bytes, forms: Iterable[Form], every: Mapping[str, Form], period: Period) -> bytes:
    """Fill in what is open in a blank workbook."""
    return Filler(every, period).fill(content, forms)


@pytest.fixture(scope="session")
def fill() -> Fill:
    return fill_in
