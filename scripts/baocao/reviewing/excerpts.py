"""The parts of source sheets around the cells behind a period's numbers, many workbooks to a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from baocao.project.cells import column_index, parse_cell, split_address
from baocao.project.language import format_number
from baocao.project.periods import format_date

if TYPE_CHECKING:
    from baocao.reading.workbooks import RawCell, Sheet
    from baocao.reviewing.core import Core
    from baocao.reviewing.material import Material

HEADER_ROWS = 12
AROUND = 3
MOST_COLUMNS = 60
CHUNK = 60_000
"""Cells to a file of excerpts: about a quarter of a megabyte."""


def make_excerpts(material: Material, core: Core) -> list[dict[str, Any]]:
    """
    Cut the sheets.

    Returns
    -------
    list of dict
        Each for one file to load: by number of the raw file, by number of the
        sheet ``{rows: [[row number, [cell, …]], …], merged: [[row, column,
        rows, columns], …]}``; a cell is None, a text, a whole number, or
        ``[kind, text]``: ``d`` a decimal, ``t`` a date or time, ``e`` an error
        value, ``u`` a formula without a stored result, ``b`` a logical value.
    """
    used = _used_rows(material)
    chunks: list[dict[str, Any]] = []
    room = 0
    for file, number in core.files.items():
        book = material.workbooks.get(file)
        if book is None:
            continue
        cut = {}
        for sheet in book.sheets:
            rows, columns = used[file, sheet.name]
            if rows:
                cut[str(core.sheets[sheet.name])] = _cut(sheet, rows, columns)
        size = sum(len(cells) for one in cut.values() for _, cells in one["rows"])
        if size > room:
            chunks.append({})
            room = CHUNK
        room -= size
        chunks[-1][str(number)] = cut
    return chunks


def locate(chunks: list[dict[str, Any]], core: Core) -> dict[str, int]:
    """Return in which file of excerpts each raw file lies."""
    names = list(core.files)
    return {names[int(number)]: index for index, chunk in enumerate(chunks) for number in chunk}


def _used_rows(material: Material) -> Mapping[tuple[str, str], tuple[set[int], set[int]]]:
    """Rows and columns, counted from 0, that a value, a citation or a finding leads to."""
    used: dict[tuple[str, str], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    trace = material.trace
    columns: dict[str, set[int]] = defaultdict(set)
    for node in trace.values.values():
        for block, column, _ in node.sources:
            columns[block].add(column_index(column))
    for block, spans in trace.blocks.items():
        for file, sheet, first, last in spans:
            used[file, sheet][0].update(range(first - 1, last))
            used[file, sheet][1].update(columns[block])
    cells = [cell for item in trace.citations for cell in item.cells]
    cells += [cell for finding in material.findings for cell in finding.cells if "!" in cell]
    for cell in cells:
        ref = parse_cell(cell)
        row, index = split_address(ref.address)
        used[ref.file, ref.sheet][0].add(row)
        used[ref.file, ref.sheet][1].add(index)
    return used


def _cut(sheet: Sheet, rows: set[int], columns: set[int]) -> dict[str, Any]:
    wanted = set(range(min(HEADER_ROWS, *rows))) | {
        near for row in rows for near in range(max(0, row - AROUND), row + AROUND + 1)
    }
    cells = sheet.cells
    last = max((row for row, _ in cells), default=0)
    widest = max((column for row, column in cells if row in wanted), default=0)
    width = max(min(widest, MOST_COLUMNS - 1), *columns, 0) + 1
    return {
        "rows": [
            [row + 1, [_pack(cells.get((row, column))) for column in range(width)]]
            for row in sorted(wanted)
            if row <= last or row in rows
        ],
        "merged": [
            [top + 1, left, bottom - top + 1, right - left + 1]
            for top, left, bottom, right in sheet.merged
            if left < width and top in wanted
        ],
    }


def _pack(cell: RawCell | None) -> Any:
    if cell is None:
        return None
    value = cell.value
    if cell.kind == "number" and isinstance(value, Decimal):
        whole = value == value.to_integral_value() and abs(value) < 2**53
        return int(value) if whole else ["d", str(format_number(value))]
    if cell.kind == "text":
        return str(value)
    if cell.kind == "bool":
        return ["b", "TRUE" if value else "FALSE"]
    if cell.kind == "error":
        return ["e", str(value)]
    if cell.kind == "uncached":
        return ["u", ""]
    if isinstance(value, datetime):
        time = f" {value:%H:%M}" if value.time() != value.time().min else ""
        return ["t", format_date(value.date()) + time]
    return ["t", format_date(value) if isinstance(value, date) else str(value)]
