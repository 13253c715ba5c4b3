"""From the bytes of a workbook to its cells; runs in the limited child process."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from baocao.project.cells import join_address
from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.reading.workbooks.formulas import Unknown, agree, work_out
from baocao.reading.workbooks.guard import Archive, damaged
from baocao.reading.workbooks.styles import PLAIN, Look, list_hiding, read_styles
from baocao.reading.workbooks.workbook import (
    FAINT,
    STALE,
    STRUCK,
    VEILED,
    Sheet,
    Workbook,
    exact_number,
    pack_cell,
)
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
    stale = _find_stale(sheets)
    return Workbook(
        tuple(
            _join(
                entry,
                sheets[entry.name],
                _grid(values, entry.name),
                looks,
                veils.get(entry.name, ()),
                stale.get(entry.name, frozenset()),
            )
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


def _find_stale(sheets: Mapping[str, SheetContent]) -> dict[str, frozenset[tuple[int, int]]]:
    """Find the cells, by sheet, whose stored result is not what their formula gives of the numbers stored."""
    if not any(content.formulas for content in sheets.values()):
        return {}
    held = {
        name: {(row, column): (kind, text) for row, column, kind, _bits, text, _style in content.cells}
        for name, content in sheets.items()
    }

    def look(sheet: str, row: int, column: int) -> Fraction | str | None:
        if sheet not in held:
            raise Unknown
        kind, text = held[sheet].get((row, column), ("n", ""))
        if kind == "n" and text:
            return Fraction(exact_number(float(text)))
        if kind == "e" or (kind == "n" and (row, column) in sheets[sheet].formulas):
            raise Unknown  # an error, or a result that is not there
        return None if kind == "n" else text

    found = {}
    for name, content in sheets.items():
        stale = set()
        for place, formula in content.formulas.items():
            kind, text = held[name].get(place, ("n", ""))
            given = work_out(formula, name, place, look) if kind == "n" and text else None
            if given is not None and not agree(given, exact_number(float(text))):
                stale.add(place)
        found[name] = frozenset(stale)
    return found


def _join(
    entry: SheetEntry,
    content: SheetContent,
    grid: list[list[Any]],
    looks: list[Look],
    veils: Sequence[tuple[int, int, int, int]],
    stale: frozenset[tuple[int, int]],
) -> Sheet:
    packed = []
    by_style = {str(number): look for number, look in enumerate(looks) if look != PLAIN}
    for row, column, kind, bits, text, style in content.cells:
        look = by_style.get(style, PLAIN)
        flags = bits | (FAINT if look.faint else 0) | (STRUCK if look.struck else 0)
        if (row, column) in stale:
            flags |= STALE
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
