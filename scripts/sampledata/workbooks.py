"""Workbooks that look like what offices send, with the layout of ``params/forms.yaml``."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from baocao.project.house import find_house

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baocao.project.forms import Column, Form
    from baocao.project.periods import Period

PERIODS = find_house("nd30").periods
Entry = str | int | float | date | None

# Any fixed day will do: XlsxWriter would write the clock into the properties.
CREATED = datetime(2026, 3, 16, 8)  # noqa: DTZ001 - a workbook knows no time zones
FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
FRAME = {**FONT, "border": 1, "text_wrap": True}
FORMATS: dict[str, dict[str, Any]] = {
    "plain": FONT,
    "bold": {**FONT, "bold": True},
    "code": {**FONT, "num_format": "@"},
    "title": {**FONT, "bold": True, "font_size": 13, "align": "center", "text_wrap": True},
    "left_title": {**FONT, "bold": True, "font_size": 13},
    "centre": {**FONT, "align": "center"},
    "centre_bold": {**FONT, "bold": True, "align": "center"},
    "wrapped": {**FONT, "text_wrap": True},
    "note": {**FONT, "italic": True, "align": "center"},
    "unit": {**FONT, "italic": True, "align": "right"},
    "label": {**FRAME, "bold": True, "align": "center"},
    "number": {**FRAME, "italic": True, "align": "center", "font_size": 10},
    "text": {**FRAME, "num_format": "@"},
    "order": {**FRAME, "align": "center"},
    "count": {**FRAME, "num_format": "#,##0"},
    "decimal": {**FRAME, "num_format": "#,##0.00#"},
    "date": {**FRAME, "num_format": "dd/mm/yyyy", "align": "center"},
    "total_text": {**FRAME, "bold": True, "align": "center"},
    "total": {**FRAME, "bold": True, "num_format": "#,##0"},
}
WIDEST = 60
COUNT_WIDTH = 11
FIELD_WIDTH = 32
LINE = 15


def _label(period: Period) -> str:
    label = PERIODS.label(period)
    return label[0].upper() + label[1:]


def _height(entries: Sequence[Entry], widths: Sequence[int]) -> int:
    """Give a row room for its longest text: a stored height is not fitted by the programs that open it."""
    texts = ((entry, width) for entry, width in zip(entries, widths, strict=True) if isinstance(entry, str))
    lines = max((-(-len(text) // (width - 2)) for text, width in texts), default=1)
    return LINE * max(1, lines) + 3


def header_paths(form: Form) -> list[tuple[str, ...]]:
    """
    Split the labels of a form with several header rows into their levels.

    Examples
    --------
    A column labelled ``Tiếp nhận - Trong kỳ - Trực tuyến`` has three levels,
    one labelled ``STT`` has one, which fills all rows.
    """
    return [tuple(column.label.split(" - ")) for column in form.columns]


class Book:
    """
    One workbook in memory; :meth:`content` gives its bytes, the same for the same calls.

    Parameters
    ----------
    title, author
        For the properties of the file.
    """

    def __init__(self, title: str, author: str) -> None:
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {"in_memory": True})
        self._book.set_properties({"title": title, "author": author, "created": CREATED})
        self._formats = {name: self._book.add_format(look) for name, look in FORMATS.items()}

    def content(self) -> bytes:
        """Close the workbook and give its bytes."""
        self._book.close()
        return self._buffer.getvalue()

    def _sheet(self, form: Form, *, landscape: bool, repeat: tuple[int, int]) -> Any:
        sheet = self._book.add_worksheet(form.sheet)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
        sheet.repeat_rows(*repeat)
        sheet.set_footer('&C&"Times New Roman,Regular"&10&P/&N')
        sheet.set_default_row(18)
        sheet.ignore_errors({"number_stored_as_text": "A1:M9999"})
        sheet.hide_gridlines(2)
        return sheet

    def _put(self, sheet: Any, row: int, column: int, entry: Entry, look: str) -> None:
        style = self._formats[look]
        if entry is None:
            sheet.write_blank(row, column, None, style)
        elif isinstance(entry, str):
            sheet.write_string(row, column, entry, style)
        elif isinstance(entry, date):
            sheet.write_datetime(row, column, datetime.combine(entry, time()), style)
        else:
            sheet.write_number(row, column, entry, style)

    def dossiers(
        self,
        form: Form,
        *,
        period: Period,
        code: str,
        name: str,
        words: Mapping[str, str],
        rows: Sequence[tuple[str, Mapping[str, int]]],
    ) -> None:
        """
        Add the sheet of form 06a: three header rows, the numbered row, the fields, the totals.

        Parameters
        ----------
        rows
            Field and its counts by column name.
        """
        assert form.number_row
        assert form.total
        sheet = self._sheet(form, landscape=True, repeat=(form.label_rows[0] - 1, form.number_row - 1))
        style = self._formats
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, 1, FIELD_WIDTH)
        sheet.set_column(2, len(form.columns) - 1, COUNT_WIDTH)
        sheet.set_row(0, 34)
        sheet.merge_range("A1:C1", words["form_code"], style["bold"])
        sheet.merge_range("D1:J1", words["form_title"], style["title"])
        period_text = _label(period)
        sheet.merge_range(f"{form.header.period}:J2", period_text, style["centre_bold"])
        window = f"({PERIODS.window(period.start, period.end).capitalize()})"
        sheet.merge_range(f"{form.header.window}:J3", window, style["note"])
        sheet.write_string("K1", "Đơn vị báo cáo:", style["plain"])
        sheet.merge_range(f"{form.header.unit_name}:M1", name, style["wrapped"])
        sheet.write_string("K2", "Mã đơn vị:", style["plain"])
        sheet.merge_range(f"{form.header.unit_code}:M2", code, style["code"])
        sheet.write_string("K3", "Nơi nhận:", style["plain"])
        sheet.merge_range("L3:M3", words["receiver"], style["wrapped"])
        sheet.set_row(2, 32)
        sheet.write_string("M4", words["unit"], style["unit"])
        self._levels(sheet, form)
        for column in form.columns:
            place = xl_cell_to_rowcol(f"{column.column}{form.number_row}")
            sheet.write_number(*place, column.number, style["number"])
        first = form.first_row - 1
        for offset, (field, cells) in enumerate(rows):
            sheet.set_row(first + offset, _height([field], [FIELD_WIDTH]))
            self._put(sheet, first + offset, 0, str(offset + 1), "order")
            self._put(sheet, first + offset, 1, field, "text")
            for index, column in enumerate(form.columns[2:], start=2):
                self._put(sheet, first + offset, index, cells[column.name], "count")
        last = first + len(rows)
        self._put(sheet, last, 0, None, "total_text")
        self._put(sheet, last, 1, form.total.text, "total_text")
        for index, column in enumerate(form.columns[2:], start=2):
            name_of = xl_col_to_name(index)
            formula = f"=SUM({name_of}{first + 1}:{name_of}{last})"
            total = sum(cells[column.name] for _, cells in rows)
            sheet.write_formula(last, index, formula, style["total"], total)
        for start, end, who in ((1, 3, words["prepared"]), (9, 12, words["approved"])):
            sheet.merge_range(last + 2, start, last + 2, end, who, style["centre_bold"])
            sheet.merge_range(last + 3, start, last + 3, end, words["signed"], style["note"])
        sheet.freeze_panes(first, 2)

    def _levels(self, sheet: Any, form: Form) -> None:
        """Write the header rows: a level that columns share is merged over them, a short path downwards."""
        rows = [row - 1 for row in form.label_rows]
        paths = header_paths(form)
        style = self._formats["label"]
        for row, height in zip(rows, (20, 20, 48), strict=True):
            sheet.set_row(row, height)
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
                    if (row, start) == (bottom, end):
                        sheet.write_string(row, start, prefix[-1], style)
                    else:
                        sheet.merge_range(row, start, bottom, end, prefix[-1], style)
                start = end + 1

    def listing(
        self,
        form: Form,
        *,
        period: Period,
        code: str | None,
        name: str,
        name_label: str = "Đơn vị báo cáo:",
        rows: Sequence[Sequence[Entry]],
    ) -> None:
        """
        Add a sheet with one header row: a register, or indicators.

        Parameters
        ----------
        rows
            Entries in the order of the columns.
        """
        assert form.label_row
        widths = [self._width(column, index, rows) for index, column in enumerate(form.columns)]
        label_row = form.label_row - 1
        sheet = self._sheet(form, landscape=sum(widths) > 95, repeat=(label_row, label_row))
        style = self._formats
        sheet.write_string(0, 0, form.title.upper(), style["left_title"])
        sheet.write_string("A2", name_label, style["plain"])
        sheet.write_string(form.header.unit_name or "B2", name, style["bold"])
        if form.header.unit_code and code:
            sheet.write_string("A3", "Mã đơn vị:", style["plain"])
            sheet.write_string(form.header.unit_code, code, style["code"])
        sheet.write_string("A4", "Kỳ báo cáo:", style["plain"])
        sheet.write_string(form.header.period, _label(period), style["bold"])
        if form.unit:
            sheet.write_string("A5", f"Đơn vị tính: {form.unit}", style["plain"])
        for index, (column, width) in enumerate(zip(form.columns, widths, strict=True)):
            sheet.set_column(index, index, width)
            sheet.write_string(label_row, index, column.label, style["label"])
        pairs = zip(form.columns, widths, strict=True)
        lines = max(-(-len(column.label) // (width - 2)) for column, width in pairs)
        sheet.set_row(label_row, LINE * min(lines, 4) + 6)
        for offset, row in enumerate(rows):
            sheet.set_row(form.first_row - 1 + offset, _height(row, widths))
            for index, (column, entry) in enumerate(zip(form.columns, row, strict=True)):
                self._put(sheet, form.first_row - 1 + offset, index, entry, self._look(column, entry))
        sheet.freeze_panes(form.first_row - 1, 0)

    @staticmethod
    def _look(column: Column, entry: Entry) -> str:
        if column.type == "date":
            return "date"
        if column.name == "stt" or column.type == "choice":
            return "order"
        if column.type == "text":
            return "text"
        return "decimal" if isinstance(entry, float) else "count"

    @staticmethod
    def _width(column: Column, index: int, rows: Sequence[Sequence[Entry]]) -> int:
        if column.name == "stt":
            return 12 if index == 0 else 7
        if column.type == "date":
            return 14
        longest = max((len(str(row[index])) for row in rows if row[index] is not None), default=0)
        least = max(12, max(len(word) for word in column.label.split()) + 3, min(len(column.label) // 3, 18))
        return min(WIDEST, max(least, longest + 2))
