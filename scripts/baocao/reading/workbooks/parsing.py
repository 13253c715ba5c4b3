"""From the bytes of a workbook to its cells; runs in the limited child process."""

from __future__ import annotations

import io
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from baocao.project.cells import join_address
from baocao.reading.workbooks.guard import Archive, damaged
from baocao.reading.workbooks.workbook import Sheet, Workbook, pack_cell
from baocao.reading.workbooks.xml import SheetEntry, SheetFacts, TextBudget, list_contents, read_facts


def parse_workbook(data: bytes) -> Workbook:
    """
    Read every worksheet of a workbook.

    Raises
    ------
    WorkbookError
        The file is no workbook, is damaged, or asks for too much.
    """
    archive = Archive(data)
    archive.verify()
    contents = list_contents(archive)
    budget = TextBudget(archive, contents)
    entries = contents.sheets
    facts = {entry.name: read_facts(archive, entry, budget) for entry in entries if entry.kind == "worksheet"}
    try:
        values = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError as error:
        raise damaged(f"{type(error).__name__}: {error}") from None
    return Workbook(
        tuple(
            _join(entry, facts[entry.name], _grid(values, entry.name))
            if entry.name in facts
            else Sheet(entry.name, entry.kind, entry.visible)
            for entry in entries
        )
    )


def _grid(values: CalamineWorkbook, name: str) -> list[list[Any]]:
    """Give the values of a sheet; ``skip_empty_area`` would shift every address."""
    try:
        grid: list[list[Any]] = values.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise damaged(f"{type(error).__name__}: {error}", sheet=name) from None
    return grid


def _join(entry: SheetEntry, facts: SheetFacts, grid: list[list[Any]]) -> Sheet:
    packed = []
    for row, column, kind, formula, text in facts.cells:
        if kind == "e":
            packed.append([row, column, "e", text or "#N/A", int(formula)])
        elif formula and not text and kind not in ("str", "inlineStr"):
            packed.append([row, column, "u", None, 1])
        else:
            try:
                value = grid[row][column]
            except IndexError:
                value = ""
            if kind in ("n", "b", "d") and value == "":
                # The two readers disagree: the number is there, but not for the other.
                raise damaged(
                    f"không đọc được giá trị {text[:20]!r}",
                    sheet=entry.name,
                    address=join_address(row, column),
                )
            packed.append(pack_cell(row, column, value, formula=formula))
    return Sheet(
        name=entry.name,
        kind=entry.kind,
        visible=entry.visible,
        merged=tuple(facts.merged),
        hidden_rows=frozenset(facts.hidden_rows),
        hidden_columns=tuple(facts.hidden_columns),
        packed=tuple(packed),
    )
