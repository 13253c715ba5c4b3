"""
Damaged submissions come back with marks at the right cells and none elsewhere.

Whoever corrects what the marks and the letter name, and nothing else, sends
one that passes.
"""

from __future__ import annotations

import io

import openpyxl
import pytest
from tests.unit.reading.test_forms import CELL_DAMAGES

from baocao.intake.marking import FILL, mark_cells
from baocao.intake.returning import list_marks
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.reading.forms import Sender, read_submission
from baocao.reading.workbooks import read_contents

PERIOD = Period(2026, 1)
FILE = "don-vi/H01-x.xlsx"
WHOLE_SHEET = {"hidden-sheet", "hidden-rows", "hidden-columns", "merged-cells", "no-total"}
"""What is wrong with a row, or with the look of a sheet, and not with the entry of a cell."""


def check(books, content: bytes):
    forms = [books.forms[name] for name in ("06a", "chi-tieu")]
    book = read_contents({FILE: content}, None)[FILE]
    return read_submission(book, forms, Sender(FILE, PERIOD, find_house("nd30"), "H01", "so")).findings


def list_marked(content: bytes) -> dict[str, set[str]]:
    """List the cells that somebody who opens the workbook sees marked."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: {
            cell.coordinate
            for row in sheet.iter_rows()
            for cell in row
            if cell.fill.fgColor.rgb == FILL and cell.comment is not None
        }
        for sheet in book
    }


@pytest.mark.parametrize(
    ("edit", "code", "addresses"), [one[1:] for one in CELL_DAMAGES], ids=[one[0] for one in CELL_DAMAGES]
)
def test_marks_stand_at_the_cells_concerned_and_what_they_name_corrected_passes(books, edit, code, addresses):
    good, damaged = books.unit(), books.unit(edit=edit)
    findings = check(books, damaged)
    marks = list_marks(findings, FILE)
    marked = list_marked(mark_cells(damaged, marks, "Văn phòng"))
    wanted: dict[str, set[str]] = {"06a": set(), "chi-tieu": set()}
    for finding in findings:
        for cell in finding.cells:
            sheet, _bang, address = cell.rpartition("#")[2].partition("!")
            wanted[sheet].add(address)
    if code == "merged-cells":  # of a merged range only the first cell can be marked
        wanted["06a"] = {"D9"}
    assert marked == wanted
    assert set(addresses) <= {cell.rpartition("!")[2] for finding in findings for cell in finding.cells}
    if code in WHOLE_SHEET:
        return
    right = openpyxl.load_workbook(io.BytesIO(good))
    values = openpyxl.load_workbook(io.BytesIO(good), data_only=True)
    corrected = openpyxl.load_workbook(io.BytesIO(damaged))
    stored = openpyxl.load_workbook(io.BytesIO(damaged), data_only=True)
    for sheet in corrected:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":  # the results, which this program would lose
                    cell.value = stored[sheet.title][cell.coordinate].value
        for address in marked[sheet.title]:
            place = sheet[address]
            place.value = values[sheet.title][address].value
            place.number_format = right[sheet.title][address].number_format
    out = io.BytesIO()
    corrected.save(out)
    assert [(one.code, one.cells) for one in check(books, out.getvalue())] == []
