"""
Blank workbooks, one a unit or office, from the same ``params/forms.yaml`` that reads them.

What a sheet asks for is said where it is typed in: drop-downs, whole numbers,
sums within a row, a note on every column. What the office already knows (its
name, the period, the measure, figures carried over, names of rows) is filled
in and locked.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name, xl_rowcol_to_cell

from baocao.project.forms import UNITS, Column, Form
from baocao.project.language import _, speaking

if TYPE_CHECKING:
    from baocao.project.house import House
    from baocao.project.periods import Period

LINE, TITLE_WIDTH = 15, 16  # points; characters that the titles of the head need
SPARE_ROWS = 300
"""Rows of a register that carry validations; rows typed below them are read just the same."""
SPARE_ABOVE_TOTAL = 5
"""Empty rows above a row of totals, for items that are new; those that stay empty are no fault."""

_FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
_FRAME = {**_FONT, "border": 1, "text_wrap": True}
_KNOWN = "#F2F2F2"  # what is filled in and locked
_LOOKS: dict[str, dict[str, Any]] = {
    "plain": _FONT,
    "bold": {**_FONT, "bold": True},
    "code": {**_FONT, "num_format": "@"},
    "title": {**_FONT, "bold": True, "font_size": 13},
    "label": {**_FRAME, "bold": True, "align": "center", "bg_color": "#DDEBF7"},
    "number": {**_FRAME, "italic": True, "align": "center", "font_size": 10},
    "text": {**_FRAME, "num_format": "@", "locked": False},
    "choice": {**_FRAME, "num_format": "@", "locked": False},
    "count": {**_FRAME, "num_format": "#,##0", "locked": False},
    "decimal": {**_FRAME, "num_format": "#,##0.###", "locked": False},
    "date": {**_FRAME, "num_format": "dd/mm/yyyy", "align": "center", "locked": False},
    "known": {**_FRAME, "num_format": "@", "bg_color": _KNOWN},
    "known_count": {**_FRAME, "num_format": "#,##0", "bg_color": _KNOWN},
    "total_text": {**_FRAME, "bold": True, "align": "center", "bg_color": _KNOWN},
    "total": {**_FRAME, "bold": True, "num_format": "#,##0", "bg_color": _KNOWN},
    "alarm": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "guide": {**_FONT, "text_wrap": True, "valign": "top"},
}
_TYPE_LOOK = {"count": "count", "number": "decimal", "date": "date", "choice": "choice", "text": "text"}


@dataclass(frozen=True)
class KnownRow:
    """
    A row that the sender need not type.

    Parameters
    ----------
    entries
        Text or an exact number by column name; these cells are filled in.
    locked
        Columns whose entries may not be changed in the sheet.
    """

    entries: Mapping[str, str | Fraction]
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Addressee:
    """
    Who fills a workbook in.

    Parameters
    ----------
    code, name
        As in ``units.csv`` or ``offices.csv``.
    level
        None for an office.
    """

    code: str
    name: str
    level: str | None = None


@dataclass
class _Sheet:
    """A worksheet under construction."""

    form: Form
    sheet: Any
    looks: Mapping[str, Any]
    lists: dict[str, str] = field(default_factory=dict)


def make_blank(
    forms: Sequence[Form],
    *,
    to: Addressee,
    period: Period,
    house: House,
    known: Mapping[str, Sequence[KnownRow]],
    spare_rows: int = SPARE_ROWS,
) -> bytes:
    """
    Make the blank workbook of one unit or office.

    Parameters
    ----------
    forms
        The forms it answers, a sheet each.
    known
        By form, the rows that are known before: indicators, rows of the period before.
    spare_rows
        Empty rows with validations below the known ones, where a form takes any number of rows.

    Returns
    -------
    bytes
        An xlsx file, the same for the same arguments; it speaks the house's language.
    """
    with speaking(house.language):
        return _make_blank(forms, to=to, period=period, house=house, known=known, spare_rows=spare_rows)


def _make_blank(
    forms: Sequence[Form],
    *,
    to: Addressee,
    period: Period,
    house: House,
    known: Mapping[str, Sequence[KnownRow]],
    spare_rows: int,
) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    made = datetime(period.end.year, period.end.month, period.end.day)  # noqa: DTZ001 a workbook knows no time zones
    book.set_properties({"title": to.name, "subject": house.periods.label(period), "created": made})
    looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
    sheets = [_Sheet(form, book.add_worksheet(form.sheet), looks) for form in forms]
    guide = book.add_worksheet(house.folders.guide)
    _write_guide(guide, sheets, looks, to=to, period=period, house=house)
    for sheet in sheets:
        _write_sheet(
            sheet, to=to, period=period, house=house, known=known.get(sheet.form.name, ()), spare=spare_rows
        )
    book.close()
    return buffer.getvalue()


def _write_guide(
    guide: Any,
    sheets: Sequence[_Sheet],
    looks: Mapping[str, Any],
    *,
    to: Addressee,
    period: Period,
    house: House,
) -> None:
    """Write how to fill in the workbook, and the lists its drop-downs take their entries from."""
    guide.set_column(0, 0, 34)
    guide.set_column(1, 1, 70)
    guide.write_string(0, 0, _("How to fill in this workbook"), looks["title"])
    guide.write_string(1, 0, f"{to.code} {to.name}", looks["bold"])
    guide.write_string(1, 1, house.periods.label(period), looks["bold"])
    rules = (
        _("Type only into white cells; grey ones are known already."),
        _("A count that is zero is typed as 0; no cell of a row stays blank unless its note allows it."),
        _("Numbers are typed as numbers, without spaces, letters or measures."),
        _("Do not move, insert or rename columns and sheets; rows may be added below the last one."),
        _("A cell that turns red contradicts another cell of its row."),
    )
    for number, rule in enumerate(rules, start=2):
        guide.merge_range(number, 0, number, 1, f"{number - 1}. {rule}", looks["guide"])
    row = 2 + len(rules) + 1
    for sheet in sheets:
        for column in sheet.form.columns:
            if column.type != "choice":
                continue
            guide.write_string(row, 0, f"{sheet.form.sheet}: {column.label}", looks["bold"])
            for offset, choice in enumerate(column.choices):
                guide.write_string(row + offset, 1, choice, looks["code"])
            first, last = (
                xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True),
                xl_rowcol_to_cell(row + len(column.choices) - 1, 1, row_abs=True, col_abs=True),
            )
            sheet.lists[column.name] = f"='{house.folders.guide}'!{first}:{last}"
            row += len(column.choices)
    guide.protect()
    guide.set_paper(9)
    guide.fit_to_pages(1, 0)


def _write_sheet(
    on: _Sheet, *, to: Addressee, period: Period, house: House, known: Sequence[KnownRow], spare: int
) -> None:
    form, sheet = on.form, on.sheet
    widths = [_width(column, form, known) for column in form.columns]
    titled = {
        xl_cell_to_rowcol(address)[1] - 1
        for address in (form.header.unit_name, form.header.unit_code)
        if address
    }
    for index, column in enumerate(form.columns):
        if xl_cell_to_rowcol(f"{column.column}1")[1] in titled:
            widths[index] = max(widths[index], TITLE_WIDTH)
    for column, width in zip(form.columns, widths, strict=True):
        sheet.set_column(f"{column.column}:{column.column}", width)
    _write_head(on, to=to, period=period, house=house)
    _write_labels(on, widths)
    rows = list(known)
    count = len(rows) + _count_spare(form, rows, spare)
    first = form.first_row - 1
    for offset in range(count):
        row = rows[offset] if offset < len(rows) else None
        sheet.set_row(first + offset, _height(row, form, widths))
        _write_row(on, first + offset, row)
    last = first + count - 1
    _validate(on, first, last)
    if form.total is not None:
        _write_total(on, first, last, known)
    sheet.freeze_panes(first, 0)
    sheet.set_paper(9)
    if sum(widths) > 95:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
    top = (form.label_rows or (form.label_row or form.first_row - 1,))[0] - 1
    sheet.repeat_rows(top, first - 1)
    sheet.set_footer('&C&"Times New Roman,Regular"&10&P/&N')
    sheet.protect(
        "",
        {"insert_rows": True, "format_columns": True, "format_rows": True, "autofilter": True, "sort": True},
    )


def _count_spare(form: Form, known: Sequence[KnownRow], spare: int) -> int:
    """Return how many empty rows follow the known ones: none where the form names all its rows."""
    if form.total is not None:
        return SPARE_ABOVE_TOTAL if known else 3 * SPARE_ABOVE_TOTAL
    whole = any(column.whole and UNITS in column.refers for column in form.columns)
    named = form.kind == "indicators" or (form.rows and not form.open) or whole
    return 0 if named and known else spare


def _write_head(on: _Sheet, *, to: Addressee, period: Period, house: House) -> None:
    header, looks = on.form.header, on.looks
    on.sheet.write_string("A1", on.form.title, looks["title"])
    label = house.periods.label(period)
    window = house.periods.window(period.start, period.end)
    cells = {
        header.period: (_("Period:"), label[0].upper() + label[1:], "bold"),
        header.window: ("", f"({window})", "plain"),
        header.unit_name: (_("Reporting unit:"), to.name, "bold"),
        header.unit_code: (_("Code:"), to.code, "code"),
        header.form: (_("Form:"), on.form.stamp, "code"),
    }
    for address, (title, text, look) in cells.items():
        if not address or not text:
            continue
        row, column = xl_cell_to_rowcol(address)
        if title and column > 0:
            on.sheet.write_string(row, column - 1, title, looks["plain"])
        on.sheet.write_string(row, column, text, looks[look])
    measure = next(iter(on.form.measures), on.form.unit)
    if measure and on.form.words.measure:
        said = f"{on.form.words.measure[0]}: {measure}"
        on.sheet.write_string(on.form.first_label_row - 2, 0, said, looks["plain"])


def _write_labels(on: _Sheet, widths: Sequence[int]) -> None:
    form, sheet = on.form, on.sheet
    rows = [row - 1 for row in form.label_rows] or ([form.label_row - 1] if form.label_row else [])
    if not rows:
        return
    paths = [
        tuple(column.label.split(" - ")) if len(rows) > 1 else (column.label,) for column in form.columns
    ]
    starts = [xl_cell_to_rowcol(f"{column.column}1")[1] for column in form.columns]
    for level, row in enumerate(rows):
        start = 0
        while start < len(paths):
            prefix = paths[start][: level + 1]
            end = start
            while end + 1 < len(paths) and paths[end + 1][: level + 1] == prefix:
                end += 1
            if len(prefix) > level:
                # A path that ends here fills the rows below it.
                bottom = rows[-1] if len(prefix) == len(paths[start]) else row
                where = (row, starts[start], bottom, starts[end])
                if where[:2] == where[2:]:
                    sheet.write_string(row, starts[start], prefix[-1], on.looks["label"])
                else:
                    sheet.merge_range(*where, prefix[-1], on.looks["label"])
            start = end + 1
    lines = max(-(-len(path[-1]) // max(width - 2, 4)) for path, width in zip(paths, widths, strict=True))
    sheet.set_row(rows[-1], 15 * min(max(lines, 1), 5) + 6)
    for column, path, start in zip(form.columns, paths, starts, strict=True):
        if form.number_row and column.number is not None:
            sheet.write_number(form.number_row - 1, start, column.number, on.looks["number"])
        # Where its own part of the label begins; the upper parts are shared with its neighbours.
        sheet.write_comment(rows[len(path) - 1], start, describe_column(form, column))


def describe_column(form: Form, column: Column) -> str:
    """
    Return what a column asks for, for the note on its head.

    Parameters
    ----------
    column
        One of ``form.columns``.
    """
    kinds = {
        "count": _("A whole number, 0 or more."),
        "number": _("A number, 0 or more."),
        "date": _("A date, day/month/year."),
        "choice": _("One of: {choices}.", choices="; ".join(column.choices)),
        "text": _("Text."),
    }
    parts = [column.label, kinds[column.type]]
    measure = column.unit or (form.unit if column.type in {"count", "number"} else None)
    if measure:
        parts.append(_("Measure: {measure}.", measure=measure))
    for rule in form.sums:
        if rule.of == column.name:
            summed = " + ".join(form.column(part).label.rpartition(" - ")[2] for part in rule.parts)
            parts.append(_("Equals {sum}.", sum=summed))
    if form.carried is not None and form.carried.this == column.name:
        parts.append(_("As it stood pending at the end of the period before."))
    parts.append(_("May stay blank.") if column.blank else _("May not stay blank."))
    return "\n".join(parts)


def _write_row(on: _Sheet, row: int, known: KnownRow | None) -> None:
    for column in on.form.columns:
        index = xl_cell_to_rowcol(f"{column.column}1")[1]
        look = _TYPE_LOOK[column.type]
        entry = known.entries.get(column.name) if known else None
        locked = known is not None and column.name in known.locked
        if entry is None:
            on.sheet.write_blank(row, index, None, on.looks["known" if locked else look])
        elif isinstance(entry, Fraction):
            look = "known_count" if locked else look
            on.sheet.write_number(
                row, index, int(entry) if entry.denominator == 1 else float(entry), on.looks[look]
            )
        else:
            on.sheet.write_string(row, index, entry, on.looks["known" if locked else look])


def _validate(on: _Sheet, first: int, last: int) -> None:
    """Let the sheet itself refuse what its form refuses, and colour a row that does not add up."""
    if last < first:
        return
    for column in on.form.columns:
        index = xl_cell_to_rowcol(f"{column.column}1")[1]
        allowed = _validation(on, column)
        if allowed is not None:
            on.sheet.data_validation(first, index, last, index, allowed)
    for rule in on.form.sums:
        whole = on.form.column(rule.of).column
        parts = [on.form.column(part).column for part in rule.parts]
        cells = ",".join(f"${part}{first + 1}" for part in parts)
        filled = f"COUNT(${whole}{first + 1},{cells})={len(parts) + 1}"
        on.sheet.conditional_format(
            f"{whole}{first + 1}:{whole}{last + 1}",
            {
                "type": "formula",
                "criteria": f"=AND({filled},${whole}{first + 1}<>SUM({cells}))",
                "format": on.looks["alarm"],
            },
        )


def _validation(on: _Sheet, column: Column) -> dict[str, Any] | None:
    said: dict[str, Any] = {"error_title": column.label[:32], "ignore_blank": True}
    if column.type == "count":
        said["error_message"] = _("Type a whole number, 0 or more.")
        return {**said, "validate": "integer", "criteria": ">=", "value": 0}
    if column.type == "number":
        said["error_message"] = _("Type a number, 0 or more.")
        return {**said, "validate": "decimal", "criteria": ">=", "value": 0}
    if column.type == "date":
        said["error_message"] = _("Type a date, day/month/year.")
        return {**said, "validate": "date", "criteria": ">=", "value": datetime(1990, 1, 1)}  # noqa: DTZ001 as above
    if column.type == "choice":
        said["error_message"] = _("Choose one of the list.")
        return {**said, "validate": "list", "source": on.lists[column.name]}
    return None


def _known_sum(known: Sequence[KnownRow], column: str) -> float:
    return float(sum(entry for row in known if isinstance(entry := row.entries.get(column), Fraction)))


def _write_total(on: _Sheet, first: int, last: int, known: Sequence[KnownRow]) -> None:
    assert on.form.total is not None
    row = last + 1
    for column in on.form.columns:
        index = xl_cell_to_rowcol(f"{column.column}1")[1]
        if column.column == on.form.total.column:
            on.sheet.write_string(row, index, on.form.total.text, on.looks["total_text"])
        elif column.type in {"count", "number"}:
            letter = xl_col_to_name(index)
            on.sheet.write_formula(
                row,
                index,
                f"=SUM({letter}{first + 1}:{letter}{last + 1})",
                on.looks["total"],
                _known_sum(known, column.name),
            )
        else:
            on.sheet.write_blank(row, index, None, on.looks["total_text"])


def _height(row: KnownRow | None, form: Form, widths: Sequence[int]) -> int:
    """Return the height that the longest text of a row needs: programs do not fit a height that is stored."""
    texts = row.entries if row is not None else {}
    lines = [
        -(-len(str(texts[column.name])) // max(width - 3, 4))
        for column, width in zip(form.columns, widths, strict=True)
        if column.name in texts
    ]
    return LINE * max(lines, default=1) + 4


def _width(column: Column, form: Form, known: Sequence[KnownRow]) -> int:
    if column.type == "date":
        return 13
    if column.type in {"count", "number"} and form.label_rows:
        return 11
    texts = [str(row.entries[column.name]) for row in known if column.name in row.entries]
    word = max((len(part) for part in column.label.replace(" - ", " ").split()), default=6)
    longest = max(map(len, texts), default=0)
    return min(60, max(word + 3, min(longest + 2, 44), 6 if column.type == "text" and column.blank else 12))
