"""A workbook of annexes that came back edited: what is said of it."""

from __future__ import annotations

import openpyxl
import pytest
import yaml

from baocao.building.stitching import stitch
from baocao.project.errors import TraceError
from baocao.project.folder import Project
from baocao.project.periods import Period
from baocao.reading.tables import read_tables
from baocao.tracing.record import dump_trace, make_record
from baocao.verifying.verify import verify_file

PERIOD = Period(2026, 1)
REPORT = {
    "title": "Kết quả",
    "sections": [{"key": "I", "heading": "I. CHUNG"}],
    "annexes": [
        {
            "id": "pl_so", "title": "HỒ SƠ", "caption": "Đơn vị tính: hồ sơ", "head": ["STT", "Đơn vị"],
            "form": "06a", "by": "unit", "total": "Tổng số",
        },
    ],
}  # fmt: skip
SHEET, SOURCES = "Phụ lục", "Nguồn số liệu"
# Rows 9 to 11 are H01, H02 and 10507, row 12 the sum; column C is what was received.


@pytest.fixture(scope="module")
def edition(tmp_path_factory, books):
    from tests.unit.conftest import Sandbox

    made = Sandbox(tmp_path_factory.mktemp("so") / "project", books)
    made.fill()
    params = made.root / "params"
    (params / "reports.yaml").write_text(yaml.safe_dump({"kstthc": REPORT}, allow_unicode=True), "utf-8")
    (params / "2026-Q1.yaml").write_text('period: "2026-Q1"\n', "utf-8")
    project = Project(made.root)
    tables = read_tables(project, PERIOD)
    stitched = stitch(project, PERIOD, "kstthc", {}, tables)
    folder = project.output(PERIOD)
    folder.mkdir(parents=True)
    (folder / "kstthc.qmd").write_text(stitched.text, "utf-8")
    (folder / "kstthc.trace.json").write_text(
        dump_trace(make_record("2026-Q1", [stitched], tables.sha256, {})), "utf-8"
    )
    (folder / "kstthc.xlsx").write_bytes(stitched.workbook)
    return project, folder / "kstthc.xlsx"


@pytest.fixture
def judged(edition, tmp_path):
    project, published = edition

    def judge(change=lambda book: None):
        book = openpyxl.load_workbook(published)
        change(book)
        book.save(tmp_path / "ve.xlsx")
        verified = verify_file(project, tmp_path / "ve.xlsx")
        return [(edit.kind, edit.value or edit.got) for edit in verified.edits]

    return judge


def test_the_workbook_as_it_was_built_is_right(edition):
    project, published = edition
    verified = verify_file(project, published)
    assert (verified.edits, verified.mentions, verified.found_by) == ([], 4 * 11, "hash")


def test_a_program_that_calculates_nothing_leaves_it_right(judged):
    assert judged() == []


def test_an_altered_number_is_found(judged):
    def change(book):
        book[SHEET]["D9"] = 1000

    assert judged(change) == [("altered", "pl_so__h01__truc_tuyen")]


def test_a_formula_of_other_cells_is_found(judged):
    def change(book):
        book[SHEET]["C9"] = "=D9+E9"
        book[SHEET]["C12"] = "=SUM(C9:C10)"

    assert judged(change) == [("altered", "pl_so__h01__tiep_nhan"), ("altered", "pl_so__tiep_nhan")]


def test_a_number_in_the_place_of_its_formula_is_the_same_number(judged):
    def change(book):
        book[SHEET]["C9"] = 1244

    assert judged(change) == []


def test_a_number_that_is_gone_hidden_or_scaled_is_found(judged):
    def change(book):
        book[SHEET]["D9"] = None
        book[SHEET].row_dimensions[10].hidden = True
        book[SHEET]["D11"].number_format = "#,##0,"

    found = judged(change)
    assert ("lost", "pl_so__h01__truc_tuyen") in found
    assert sum(kind == "lost" for kind, _value in found) == 12
    assert ("altered", "pl_so__10507__truc_tuyen") in found


def test_labels_and_heads_that_say_something_else_are_found(judged):
    def change(book):
        book[SHEET]["B9"] = "Sở Khác"
        book[SHEET]["D7"] = "Trực tiếp"

    assert judged(change) == [("moved", "pl_so__h01__truc_tuyen"), ("moved", "pl_so__h01__tiep_nhan")]


def test_rows_in_another_order_are_the_same_rows(judged):
    def change(book):
        sheet = book[SHEET]
        for column in range(2, 14):
            one, other = sheet.cell(9, column), sheet.cell(11, column)
            one.value, other.value = other.value, one.value

    # Formulas that went along point elsewhere now; what they show is known when somebody has calculated.
    assert judged(change) == []


def test_numbers_of_exchanged_units_are_found(judged):
    def change(book):
        sheet = book[SHEET]
        sheet["D9"], sheet["D11"] = 1, 2

    assert judged(change) == [
        ("altered", "pl_so__h01__truc_tuyen"),
        ("altered", "pl_so__10507__truc_tuyen"),
    ]


def test_new_numbers_are_found_and_new_words_are_not(judged):
    def change(book):
        book[SHEET]["B20"] = "Người lập biểu"
        book[SHEET]["C20"] = 77
        book.create_sheet("Khác")["A1"] = 5

    assert judged(change) == [("added", "77"), ("added", "5")]


def test_the_number_and_day_that_a_clerk_fills_in_are_no_finding(judged):
    def change(book):
        book[SHEET]["A3"] = "(Kèm theo Báo cáo số 128/BC-UBND ngày 25 tháng 3 năm 2026 của Ủy ban nhân dân)"

    assert judged(change) == []


def test_without_its_hash_it_is_known_by_its_numbers(judged, edition, tmp_path):
    def change(book):
        del book[SOURCES]
        book[SHEET]["D9"] = 1000

    assert judged(change) == [("altered", "pl_so__h01__truc_tuyen")]


def test_a_foreign_workbook_is_refused(edition, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = 7
    book.save(tmp_path / "la.xlsx")
    with pytest.raises(TraceError, match=r"la\.xlsx"):
        verify_file(edition[0], tmp_path / "la.xlsx")
