"""What the sender sees: cells whose format, letters or formula make them say something else than is read."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from baocao.project.findings import list_first
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.forms.codes import CONTRADICTIONS
from baocao.reading.forms.entries import describe
from baocao.reading.forms.measure import allowed_measures
from baocao.reading.forms.overlay import NUMBERS, Overlay
from baocao.reading.workbooks.formats import pads, shown_as, words_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from baocao.project.forms import Column
    from baocao.reading.workbooks import RawCell

_SHOWN = {"other": "shown-differently", "hidden": "not-shown", "rounded": "shown-rounded"}


def check_appearance(on: Overlay, rows: list[int]) -> None:
    """Compare what the cells of the rows show with what is stored in them; one finding a kind."""
    found: dict[str, list[tuple[int, int, RawCell]]] = defaultdict(list)
    measures = (*allowed_measures(on), *(item.unit for item in on.form.indicators))
    scales = {
        index: _split(on.form.words.scales) - _split((*measures, column.unit or ""))
        for index, column in on.columns.items()
    }
    for row in rows:
        for index, column in on.columns.items():
            cell = on.sheet.cells.get((row, index))
            if cell is not None:
                for code in _find_codes(cell, column, scales[index]):
                    found[code].append((row, index, cell))
    expected = {
        "shown-differently": _("a plain number format, so that the cell shows the number it holds"),
        "shown-rounded": _("all decimals shown"),
        "not-shown": _("a cell whose content can be read"),
        "not-always-shown": _("a number that can be read in every case"),
        "formula-outside": _("a number or a formula within this workbook"),
        "formula-volatile": _("a fixed value"),
        "formula-stale": _("the result of the formula"),
        "struck-out": _("entries that are not struck out"),
    }
    actions = {
        "shown-differently": _("Give the cells a plain number format, check the numbers and send again."),
        "shown-rounded": _("Check whether the decimals belong to the number."),
        "not-shown": _(
            "Make the cells readable (format, colour and size of the letters), check and send again."
        ),
        "not-always-shown": _("Take the conditional format off, check the numbers and send again."),
        "formula-outside": _("Replace the formula by its value, or confirm it."),
        "formula-stale": _("Open the file in Excel, let it calculate (F9), save it and send it again."),
        "struck-out": _("Delete the row where it does not count, or take the line off, and send again."),
        "formula-volatile": _("Replace the formula by its value and send again."),
    }
    for code, cells in found.items():
        on.add(
            code,
            [on.spell(row, index) for row, index, _cell in cells],
            expected[code],
            list_first(
                (_say(cell, code) for _row, _index, cell in cells),
                len(cells) if code in CONTRADICTIONS else 3,
            ),
            actions[code],
        )


def _split(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in fold_text(text).split()}


def _find_codes(cell: RawCell, column: Column, scales: set[str]) -> Iterator[str]:
    """Yield the codes of what is wrong; ``scales`` are words beside a number that multiply it."""
    if cell.outside:
        yield "formula-outside"
    if cell.volatile:
        yield "formula-volatile"
    elif cell.stale:
        yield "formula-stale"
    if cell.struck:
        yield "struck-out"
    if cell.veiled and cell.kind == "number" and cell.value:
        yield "not-always-shown"
    if cell.faint:
        yield "not-shown"
    elif cell.kind == "number" and cell.format and isinstance(cell.value, Decimal):
        shown = shown_as(cell.format, cell.value)
        if column.type not in NUMBERS and pads(cell.format):
            shown = "other"  # 00123 is another code than 123
        if scales.intersection(map(fold_text, words_beside(cell.format, cell.value))):
            shown = "other"  # 5 shown as "5 nghìn"
        if shown != "same":
            yield _SHOWN[shown]


def _say(cell: RawCell, code: str) -> str:
    if code.startswith("formula"):
        return describe(cell)
    return (
        _("{content}, format {format}", content=describe(cell), format=cell.format)
        if cell.format
        else describe(cell)
    )
