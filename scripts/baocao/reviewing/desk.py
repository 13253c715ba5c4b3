"""The comparison desk for people: a workbook with a place for each unit's explanation, and a page of the review pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from baocao.checking.desk import RULES, label_flag
from baocao.project.errors import UsageError, WorkbookError
from baocao.project.language import N_, _
from baocao.project.models import Explanation, NumberFormat
from baocao.project.periods import format_date, parse_period
from baocao.reading.workbooks import read_contents
from baocao.reviewing.lists import write_cells, write_list_page, write_state
from baocao.values.formatting import format_number

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    from baocao.checking.desk import Explained
    from baocao.project.folder import Project
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.reading.workbooks.workbook import Sheet

PAGE = "compare.html"
STATES = {
    "open": N_("to be explained"),
    "explained": N_("explained"),
    "stale": N_("stale: the figures changed"),
}
_LOOKS = {"open": "warning", "explained": "signed", "stale": "stale"}
COLUMNS = (
    N_("No."),
    N_("Code"),
    N_("Unit"),
    N_("Indicator"),
    N_("Compared with"),
    N_("Before"),
    N_("Now"),
    N_("Change in %"),
    N_("What is noticed"),
    N_("Cells"),
    N_("State"),
    N_("Explanation of the unit"),
    N_("Explained by"),
    N_("On"),
    N_("Mark"),
)
_WIDTHS = (6, 10, 28, 44, 16, 14, 14, 12, 36, 48, 22, 60, 24, 14, 11)
_FIRST_ROW = 4
_CELLS, _TEXT, _WHO, _WHEN, _MARK = 9, 11, 12, 13, 14
_MOST_CELLS = 4


def list_texts(one: Explained, params: Params) -> tuple[str, ...]:
    """Return what a row says in words, without its number: code, unit, indicator, period, figures, rule, cells, state."""
    flag = one.flag
    unit = params.units.get(flag.unit)
    cells = ", ".join(flag.cells[:_MOST_CELLS])
    if len(flag.cells) > _MOST_CELLS:
        cells += f" … (+{len(flag.cells) - _MOST_CELLS})"
    compared = params.house.periods.label(parse_period(flag.period)) if flag.period else ""
    change = _change(one)
    return (
        flag.unit,
        unit.name if unit else flag.unit,
        label_flag(flag, params),
        compared,
        "" if flag.before is None else _write(flag.before, params),
        _write(flag.now, params),
        "" if change is None else _write(change, params, decimals=1),
        _(RULES[flag.rule]),
        cells,
        _(STATES[one.state]),
    )


def _write(number: Fraction, params: Params, decimals: int | None = None) -> str:
    form = NumberFormat(pad=1, decimals=decimals)
    sign = "-" if number < 0 else ""
    return sign + format_number(abs(number), form, params.house.numbers)


def _change(one: Explained) -> Fraction | None:
    before, now = one.flag.before, one.flag.now
    return (now - before) * 100 / abs(before) if before else None


def write_desk(explained: Sequence[Explained], project: Project, period: Period) -> bytes:
    """
    Make the workbook: a row for each flag, with room for who explains it, when and how.

    The columns for the explanation and its mark are read back by
    :func:`read_explanations`. The same flags give the same bytes.
    """
    import xlsxwriter

    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = xlsxwriter.Workbook(stream, options)
    label = project.house.periods.label(period)
    created = datetime(period.end.year, period.end.month, period.end.day, tzinfo=UTC)
    title = _("Figures to be explained, {period}", period=label)
    book.set_properties({"created": created.replace(tzinfo=None), "title": title})
    head = book.add_format(
        {"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True, "valign": "top"}
    )
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    whole = book.add_format({"num_format": "#,##0", "valign": "top", "border": 1})
    share = book.add_format({"num_format": "0.0", "valign": "top", "border": 1})
    filled = book.add_format(
        {"text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFF8DC", "num_format": "@"}
    )
    sheet = book.add_worksheet(_("To be explained"))
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13}))
    sheet.write_string(
        1,
        0,
        _(
            "Fill in the coloured columns: the reason, who signs for it and the day (day/month/year). Leave all others as they are."
        ),
    )
    for at, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        sheet.write_string(_FIRST_ROW - 1, at, _(name), head)
        sheet.set_column(at, at, width)
    for row, one in enumerate(explained, _FIRST_ROW):
        texts = list_texts(one, project.params)
        sheet.write_number(row, 0, row - _FIRST_ROW + 1, text)
        for at, entry in enumerate(texts, 1):
            sheet.write_string(row, at, entry, text)
        if one.flag.before is not None:
            sheet.write_number(row, 5, int(one.flag.before), whole)
        sheet.write_number(row, 6, int(one.flag.now), whole)
        if (change := _change(one)) is not None:
            sheet.write_number(row, 7, float(round(change, 1)), share)
        # In full, since the row is found again by its first cell.
        sheet.write_string(row, _CELLS, ", ".join(one.flag.cells[:_MOST_CELLS]), text)
        said = one.explanation if one.state == "explained" else None
        sheet.write_string(row, _TEXT, said.text if said else "", filled)
        sheet.write_string(row, _WHO, said.who if said else "", filled)
        sheet.write_string(row, _WHEN, format_date(said.when) if said else "", filled)
        sheet.write_string(row, _MARK, one.flag.mark, text)
    sheet.autofilter(_FIRST_ROW - 1, 0, max(_FIRST_ROW, _FIRST_ROW + len(explained) - 1), len(COLUMNS) - 1)
    sheet.freeze_panes(_FIRST_ROW, 4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_FIRST_ROW - 1)
    book.close()
    return stream.getvalue()


def read_explanations(path: Path, project: Project, period: Period) -> dict[str, Explanation]:
    """
    Read what was filled into a workbook of :func:`write_desk`.

    Returns
    -------
    dict
        By the cell that each explanation is about; rows without one are left out.

    Raises
    ------
    UsageError
        It is no such workbook, or an explanation says not who signs for it or on which day.
    """
    if not path.is_file():
        raise UsageError(_("{path} does not exist; expected a file that was received.", path=path))
    book = read_contents({path.name: path.read_bytes()}, project.cache)[path.name]
    if isinstance(book, WorkbookError):
        raise UsageError(str(book))
    sheet = book.sheets[0]
    if _read(sheet, _FIRST_ROW - 1, _MARK) != _(COLUMNS[_MARK]):
        raise UsageError(
            _(
                "{path} is no workbook of 'baocao compare --xlsx': its row {row} has not the heads of one.",
                path=path,
                row=_FIRST_ROW,
            )
        )
    last = max((row for row, _column in sheet.cells), default=0)
    found = {}
    for row in range(_FIRST_ROW, last + 1):
        text, who, when = (_read(sheet, row, column) for column in (_TEXT, _WHO, _WHEN))
        place = _read(sheet, row, _CELLS).split(", ")[0]
        if not text and not who:
            continue
        day = _parse_day(when)
        if not text or not who or day is None:
            raise UsageError(
                _(
                    "{path}, row {row}: expected the reason, who signs for it and the day as {day}; got {text!r}, {who!r}, {when!r}.",
                    path=path, row=row + 1, day=format_date(period.end), text=text, who=who, when=when,
                )
            )  # fmt: skip
        found[place] = Explanation(text=text, who=who, when=day, seen=_read(sheet, row, _MARK))
    return found


def _parse_day(text: str) -> date | None:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007 a day has no time zone
    return None


def _read(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.cells.get((row, column))
    value = None if cell is None else cell.value
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    return "" if value is None else " ".join(str(value).split())


def make_desk_page(explained: Sequence[Explained], params: Params, *, label: str) -> bytes:
    """Make the page: counters, and a row for each flag with its explanation."""
    counts = {state: sum(one.state == state for one in explained) for state in STATES}
    return write_list_page(
        _("Figures to be explained, {period}", period=label) + f" - {params.place.name}",
        [(_(STATES[state]), count) for state, count in counts.items()],
        [_(name) for name in COLUMNS[:_MARK]],
        [_row(number, one, params) for number, one in enumerate(explained, 1)],
        "" if explained else _("No figure looks like a slip."),
    )


def _row(number: int, one: Explained, params: Params) -> str:
    *texts, state = list_texts(one, params)
    said = one.explanation
    last = (said.text, said.who, format_date(said.when)) if said else ("", "", "")
    return (
        write_cells((str(number), *texts))
        + f"<td>{write_state(state, _LOOKS[one.state])}</td>"
        + write_cells(last)
    )
