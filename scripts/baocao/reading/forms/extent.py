"""Where the data of a sheet lie: the rows to read, and what stands in the way or beside them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from baocao.project.cells import column_index, join_address
from baocao.project.language import _, join
from baocao.project.text import fold_text
from baocao.reading.forms.entries import clean_text, describe, is_blank
from baocao.reading.forms.overlay import RESEND, Overlay, runs, say_rows
from baocao.reading.forms.roles import role_of_text


def find_extent(on: Overlay) -> tuple[int, int | None] | None:
    """Return the last data row and the totals row; None where that cannot be told."""
    first = on.first_row
    filled = [row for row, columns in on.filled.items() if row >= first and columns & on.columns.keys()]
    if on.form.total is None:
        return max(filled, default=first - 1), None
    label, text = column_index(on.form.total.column), fold_text(on.form.total.text)
    alike = None
    for row in sorted(filled):
        cell = on.sheet.shown(row, label)
        named = clean_text(str(cell.value)) if cell is not None and cell.kind == "text" else ""
        if fold_text(named) == text:
            return row - 1, row
        if named and role_of_text(named, on.form.words.totals, ()) == "total":
            alike = row
    if alike is not None:
        return alike - 1, alike
    on.add(
        "no-total",
        [on.spell(max(filled, default=first), label)],
        _('row "{text}" in column {column}', text=on.form.total.text, column=on.form.total.column),
        _("none"),
    )
    return None


def choose_rows(on: Overlay, last: int) -> list[int] | None:
    """Choose the rows to read; a gap in a register ends it, since nobody can say what follows."""
    first = on.first_row
    rows: list[int] = []
    gap: list[int] = []
    for row in range(first, last + 1):
        state = on.row_state(row)
        if state == "data":
            rows.append(row)
            continue
        gap.append(row)
        if state == "blank" and on.form.total is None:
            gap = list(range(row, last + 1))
            break
    if on.form.total is not None:
        # Blank workbooks have spare rows above the totals; where all of them are blank, data is missing.
        while rows and gap and gap[-1] == last and on.row_state(last) == "blank":
            gap.pop()
            last -= 1
    for run in runs(gap):
        end = next((row for row in run if on.row_state(row) == "data"), None)
        got = (
            _("row {run} is blank, and data goes on until row {end}", run=run[0] + 1, end=end + 1)
            if end
            else say_rows(run)
        )
        on.gapped = True
        on.add(
            "blank-row",
            [on.spell(row, on.first_column) for row in run[:20]],
            _("rows of data that follow each other"),
            got,
            _("Delete the blank row or fill it in, and send it again."),
        )
    if rows or gap:
        return rows
    register = on.form.kind == "register"
    on.add(
        "empty-register" if register else "no-rows",
        [on.spell(first, on.first_column)],
        _("at least one row, from row {first} on", first=first + 1),
        _("no row"),
        _("Confirm that there was nothing in the period.") if register else _(RESEND),
    )
    return None


def check_shape(on: Overlay, rows: list[int]) -> None:
    """Find merged ranges and hidden rows and columns that touch the data."""
    for top, left, bottom, right in on.sheet.merged:
        hit = rows[bisect_left(rows, top) : bisect_right(rows, bottom)]
        columns = [column for column in on.columns if left <= column <= right]
        if hit and columns:
            on.faulty.update(hit)
            on.add(
                "merged-cells",
                [on.spell(row, column) for row in hit[:20] for column in columns],
                _("one value in each cell"),
                _(
                    "merged {first}:{last}",
                    first=join_address(top, left),
                    last=join_address(bottom, right),
                ),
                _("Unmerge the cells and enter a value in each."),
            )
    hidden = [row for row in rows if row in on.sheet.hidden_rows]
    for run in runs(hidden):
        on.add(
            "hidden-rows",
            [on.spell(row, on.first_column) for row in run],
            _("all rows shown"),
            _("hidden: {rows}", rows=say_rows(run)),
            _("Show the rows, check them and send it again."),
        )
    used = {column for row in rows for column in on.filled.get(row, ())}
    columns = [index for index in on.columns if index in used and on.sheet.column_hidden(index)]
    for run in runs(columns):
        names = ", ".join(on.columns[index].column for index in run)
        on.add(
            "hidden-columns",
            [on.spell(on.first_row, index) for index in run],
            _("all columns shown"),
            _("hidden: columns {names}", names=names),
            _("Show the columns, check them and send it again."),
        )


def check_outside(on: Overlay, rows: list[int], total: int | None) -> None:
    """Find numbers beside and below the data, and notes beside it."""
    first = on.first_row
    data = {*rows, *([] if total is None else [total])}
    numbers, notes = [], []
    for (row, column), cell in sorted(on.sheet.cells.items()):
        if row < first or is_blank(cell):
            continue
        below = total is not None and row > total
        if below or column not in on.columns:
            if cell.kind != "text" and not (below and cell.kind == "date"):
                numbers.append((row, column, cell))
            elif row in data:
                notes.append((row, column, cell))
    for code, found, what in (
        ("outside-number", numbers, _("numbers")),
        ("outside-text", notes, _("notes")),
    ):
        if found:
            on.add(
                code,
                [on.spell(row, column) for row, column, _cell in found[:40]],
                _("no {what} outside the form", what=what),
                join(describe(cell) for *_place, cell in found[:5]),
                _("Delete the {what} outside the form, or move them into the right cells.", what=what),
            )
