"""From the bytes of a workbook to its cells; runs in the limited child process."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from baocao.project.cells import join_address
from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.reading.workbooks.guard import Archive, damaged
from baocao.reading.workbooks.styles import PLAIN, Look, list_hiding, read_styles
from baocao.reading.workbooks.workbook import FAINT, VEILED, Sheet, Workbook, pack_cell
from baocao.reading.workbooks.xml import (
    SheetContent,
    SheetEntry,
    TextBudget,
    list_contents,
    read_sheet,
    split_range,
)

_STRINGS, _STYLES = "xl/sharedstrings.xml", "xl/styles.xml"


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
    looks = read_styles(archive, contents.styles)
    entries = contents.sheets
    sheets = {
        entry.name: read_sheet(archive, entry, budget) for entry in entries if entry.kind == "worksheet"
    }
    # The value reader looks for these parts by name.
    moved = {
        part.lower(): name
        for part, name in ((contents.strings, _STRINGS), (contents.styles, _STYLES))
        if part in archive and part.lower() != name
    }
    readable = archive.repack(moved) if moved or archive.rewritten else data
    try:
        values = CalamineWorkbook.from_filelike(io.BytesIO(readable))
    except CalamineError as error:
        raise damaged(f"{type(error).__name__}: {error}") from None
    veils = {
        name: _list_veils(content, list_hiding(archive, contents.styles))
        for name, content in sheets.items()
        if content.conditional
    }
    return Workbook(
        tuple(
            _join(entry, sheets[entry.name], _grid(values, entry.name), looks, veils.get(entry.name, ()))
            if entry.name in sheets
            else Sheet(entry.name, entry.kind, entry.visible)
            for entry in entries
        )
    )


def _grid(values: CalamineWorkbook, name: str) -> list[list[Any]]:
    """Return the values of a sheet; ``skip_empty_area`` would shift every address."""
    try:
        grid: list[list[Any]] = values.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise damaged(f"{type(error).__name__}: {error}", sheet=name) from None
    return grid


def _list_veils(content: SheetContent, hiding: frozenset[int]) -> list[tuple[int, int, int, int]]:
    """List the ranges whose numbers a conditional format may hide."""
    veils = []
    for ranges, style in content.conditional:
        if style in hiding:
            for reference in ranges.split():
                with contextlib.suppress(UsageError):  # a range that is none hides nothing
                    veils.append(split_range(reference))
    return veils


def _join(
    entry: SheetEntry,
    content: SheetContent,
    grid: list[list[Any]],
    looks: list[Look],
    veils: Sequence[tuple[int, int, int, int]],
) -> Sheet:
    packed = []
    by_style = {str(number): look for number, look in enumerate(looks) if look != PLAIN}
    for row, column, kind, bits, text, style in content.cells:
        look = by_style.get(style, PLAIN)
        flags = bits | FAINT if look.faint else bits
        if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in veils):
            flags |= VEILED
        if kind == "e":
            packed.append([row, column, "e", text or "#N/A", flags])
        elif bits and not text and kind not in ("str", "inlineStr"):
            packed.append([row, column, "u", None, flags])
        else:
            try:
                value = grid[row][column]
            except IndexError:
                value = ""
            if kind in ("n", "b", "d") and value == "":
                # The two readers disagree: the number is there, but not for the other.
                raise damaged(
                    _("the value {text!r} cannot be read", text=text[:20]),
                    sheet=entry.name,
                    address=join_address(row, column),
                )
            packed.append(pack_cell(row, column, value, flags, look.format))
    return Sheet(
        name=entry.name,
        kind=entry.kind,
        visible=entry.visible,
        merged=tuple(content.merged),
        hidden_rows=frozenset(content.hidden_rows),
        hidden_columns=tuple(content.hidden_columns),
        filtered=content.filtered,
        packed=tuple(packed),
    )
