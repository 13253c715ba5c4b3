"""Marked workbooks: the cells concerned are coloured and commented, and nothing else is another."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

from baocao.intake.marking import FILL, mark_cells
from baocao.reading.workbooks import read_contents

NOTES = {"06a": {"D9": "Gõ số nguyên.", "Z40": "Ô này phải có số liệu."}, "chi-tieu": {"E7": "Còn để trống."}}


def rich_book() -> bytes:
    """A workbook with what a load and a save by a library would lose or change."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("06a")
    bold = book.add_format({"bold": True, "num_format": "#,##0"})
    sheet.write_string("D9", "mười", bold)
    sheet.write_formula("D10", "=1+1", None, 2)
    sheet.data_validation("D9:D12", {"validate": "integer", "criteria": ">=", "value": 0})
    sheet.conditional_format("D9:D12", {"type": "cell", "criteria": ">", "value": 5, "format": bold})
    sheet.write_comment("C9", "ghi chú của đơn vị")
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "='06a'!$D$9:$D$10"})
    sheet.insert_chart("H2", chart)
    book.add_worksheet("chi-tieu").write_string("B7", "x")
    book.add_worksheet("ẩn").hide()
    book.close()
    return stream.getvalue()


def test_marked_cells_are_coloured_and_commented():
    book = openpyxl.load_workbook(io.BytesIO(mark_cells(rich_book(), NOTES, "Văn phòng")))
    for sheet, marks in NOTES.items():
        for address, text in marks.items():
            cell = book[sheet][address]
            assert cell.fill.fgColor.rgb == FILL
            assert cell.comment.text == text
            assert cell.comment.author == "Văn phòng"
    assert book["06a"]["D9"].font.bold
    assert book["06a"]["D9"].number_format == "#,##0"
    assert book["06a"]["C9"].comment.text == "ghi chú của đơn vị"
    marked = {c.coordinate for row in book["06a"].iter_rows() for c in row if c.fill.fgColor.rgb == FILL}
    assert marked == set(NOTES["06a"])


def test_nothing_else_is_another():
    before, after = rich_book(), mark_cells(rich_book(), NOTES, "Văn phòng")
    read = read_contents({"a": before, "b": after}, None)
    assert [s.cells for s in read["a"].sheets] == [s.cells for s in read["b"].sheets]
    assert [s.visible for s in read["a"].sheets] == [s.visible for s in read["b"].sheets]
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        changed = {
            name for name in new.namelist() if name not in old.namelist() or old.read(name) != new.read(name)
        }
        assert set(old.namelist()) <= set(new.namelist())
    assert {
        name for name in changed if "chart" in name or "workbook.xml" in name or "sheet3" in name
    } == set()
    opened = openpyxl.load_workbook(io.BytesIO(after))["06a"]
    assert opened.data_validations.dataValidation[0].sqref.ranges
    assert opened.conditional_formatting


@pytest.mark.external
def test_libreoffice_shows_the_marks(tmp_path):
    import shutil
    import subprocess

    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    path = tmp_path / "a.xlsx"
    path.write_bytes(mark_cells(rich_book(), NOTES, "Văn phòng"))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'lo').as_uri()}", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "ra", path],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    book = openpyxl.load_workbook(tmp_path / "ra" / "a.xlsx")
    assert "Gõ số nguyên." in book["06a"]["D9"].comment.text
    assert book["06a"]["D9"].fill.fgColor.rgb == FILL
