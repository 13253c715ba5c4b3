"""What goes back: marked workbooks and letters for those with findings, reminders for those who are missing."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from types import SimpleNamespace

import docx
import openpyxl
import pytest

from baocao.intake.marking import FILL
from baocao.intake.register import TryRegister
from baocao.intake.returning import _row, list_marks, return_submissions
from baocao.intake.status import read_status
from baocao.project.errors import UsageError
from baocao.project.findings import Finding
from baocao.project.house import find_house
from baocao.project.language import speaking
from baocao.project.periods import Period
from baocao.reading.forms.treatments import mark_finding
from baocao.reading.tables import read_tables

ROOT = Path(__file__).resolve().parents[3]
PERIOD = Period(2026, 1)
HOSTILE = "<b>*sáu*</b> [x](javascript:1)"


@pytest.fixture
def ready(sandbox, books, tmp_path):
    def spoil(sheets, _book):
        sheets["06a"].write_string("D9", HOSTILE)

    reports = sandbox.root / "params/reports.yaml"
    reports.write_text(
        reports.read_text("utf-8").replace("signature: []", "signature: [PHÓ CHỦ TỊCH]"), "utf-8"
    )
    sandbox.fill()
    sandbox.raw("don-vi/H01-x.xlsx", books.unit("H01", edit=spoil))
    (sandbox.project.raw(PERIOD) / "don-vi/H02-x.xlsx").unlink()
    shutil.copytree(ROOT / "reports/_extensions", sandbox.root / "reports/_extensions")
    shutil.copy(ROOT / "reports/_quarto.yml", sandbox.root / "reports")
    out = tmp_path / "trả lại"
    return out, {one.code: one for one in return_submissions(sandbox.project, PERIOD, out)}


def words(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_each_gets_what_is_theirs(ready, sandbox):
    out, returned = ready
    assert sorted(returned) == ["H01", "H02"]
    assert returned["H02"].workbook is None
    marked = openpyxl.load_workbook(returned["H01"].workbook)
    cells = {
        cell.coordinate for row in marked["06a"].iter_rows() for cell in row if cell.fill.fgColor.rgb == FILL
    }
    assert cells == {"D9"}
    assert marked["06a"]["D9"].comment is not None
    before = openpyxl.load_workbook(
        io.BytesIO((sandbox.project.raw(PERIOD) / "don-vi/H01-x.xlsx").read_bytes())
    )
    assert [[c.value for c in row] for row in marked["06a"].iter_rows()] == [
        [c.value for c in row] for row in before["06a"].iter_rows()
    ]
    assert out.is_dir()


def test_the_letter_names_the_cell_and_prints_what_stands_there_as_text(ready):
    text = words(ready[1]["H01"].letter)
    assert "06a" in text
    assert "D9" in text
    assert HOSTILE in text
    assert "Kính gửi: Sở A" in text
    assert "PHÓ CHỦ TỊCH" in text  # in whose name it is signed, as the report is


@pytest.mark.parametrize("asked", ["en", "vi"])
def test_what_goes_out_speaks_the_houses_language(sandbox, books, tmp_path, asked):
    sandbox.fill()
    sandbox.raw(
        "don-vi/H01-x.xlsx", books.unit("H01", edit=lambda s, _: s["06a"].write_string("D9", "1.234"))
    )
    shutil.copytree(ROOT / "reports/_extensions", sandbox.root / "reports/_extensions")
    shutil.copy(ROOT / "reports/_quarto.yml", sandbox.root / "reports")
    with speaking(asked):
        (returned,) = return_submissions(sandbox.project, PERIOD, tmp_path / "out")
    assert "không kèm dấu cách, dấu nháy hay dấu phân cách" in words(returned.letter)
    comment = openpyxl.load_workbook(returned.workbook)["06a"]["D9"].comment
    assert "không kèm dấu cách, dấu nháy hay dấu phân cách" in comment.text


def test_what_was_accepted_or_treated_is_not_sent_back(sandbox, books, tmp_path):
    sandbox.fill()
    sandbox.raw("don-vi/H01-x.xlsx", books.unit("H01", edit=lambda s, _: s["06a"].write_number("H9", 5)))
    (finding,) = read_tables(sandbox.project, PERIOD).unusable
    assert [unit.state for unit in read_status(sandbox.project, PERIOD).units][:1] == ["sent_back"]
    sandbox.treat(
        "don-vi/H01-x.xlsx#06a!9",
        action="accept",
        seen=mark_finding(finding),
        who="A",
        when="2026-03-20",
        why="x",
    )
    assert return_submissions(sandbox.project, PERIOD, tmp_path / "out") == []
    assert [unit.errors for unit in read_status(sandbox.project, PERIOD).units][:1] == [0]


def test_reminders_are_noted_and_status_knows_them(ready, sandbox):
    assert "Sở B" in words(ready[1]["H02"].letter)
    kinds = {event.owner: event.kind for event in TryRegister(sandbox.project, PERIOD).read()}
    assert kinds == {"H01": "returned", "H02": "reminded"}
    status = {unit.code: unit for unit in read_status(sandbox.project, PERIOD).units}
    assert status["H02"].reminded
    assert status["H01"].returned


def test_nothing_is_written_among_the_submissions(sandbox):
    sandbox.fill()
    with pytest.raises(UsageError, match="--to"):
        return_submissions(sandbox.project, PERIOD, sandbox.project.raw(PERIOD) / "x")


def test_cells_of_other_files_get_no_mark():
    finding = Finding(
        "carried-over",
        "warning",
        "khác kỳ trước",
        cells=("don-vi/a.xlsx#06a!F9", "2025-Q4/don-vi/a.xlsx#06a!K9"),
    )
    assert list_marks([finding], "don-vi/a.xlsx") == {"06a": {"F9": "khác kỳ trước"}}


def test_numbers_that_are_in_use_are_asked_about_and_not_called_unusable(sandbox, books, tmp_path):
    sandbox.fill()
    sandbox.raw(
        "don-vi/H01-x.xlsx", books.unit("H01", edit=lambda s, _: s["06a"].write_string("D12", "1.006"))
    )
    shutil.copytree(ROOT / "reports/_extensions", sandbox.root / "reports/_extensions")
    shutil.copy(ROOT / "reports/_quarto.yml", sandbox.root / "reports")
    (returned,) = return_submissions(sandbox.project, PERIOD, tmp_path / "out")
    assert {one.severity for one in returned.findings} == {"warning"}
    text = words(returned.letter)
    assert "đã được tổng hợp" in text
    assert "trả lời xác nhận" in text
    assert "chưa đủ điều kiện" not in text


def test_a_letter_names_cells_of_the_workbook_that_comes_with_it_and_no_others():
    finding = Finding(
        "thousandfold", "warning", "x", cells=("don-vi/a.xlsx#06a!F9", "2025-Q4/don-vi/a.xlsx#06a!K9")
    )
    desk = SimpleNamespace(house=find_house("nd30"))
    assert _row(desk, 1, finding, "don-vi/a.xlsx")[1] == "Trang 06a: F9"


def test_a_letter_names_no_file_of_ours():
    finding = Finding("missing-sheet", "error", "x", cells=("don-vi/a.xlsx",))
    desk = SimpleNamespace(house=find_house("nd30"))
    assert _row(desk, 1, finding, None)[1] == "Tệp báo cáo"
