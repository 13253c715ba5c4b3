"""Blank workbooks: what is known is filled in and locked, and a filled one passes the check of its form."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from baocao.intake.blanks import Addressee, KnownRow, make_blank
from baocao.intake.scaffolding import known_rows, list_addressees, slug
from baocao.project.folder import Project
from baocao.project.house import find_house
from baocao.project.periods import parse_period
from baocao.reading.forms import Sender, read_submission
from baocao.reading.workbooks import read_contents

ROOT = Path(__file__).resolve().parents[3]
PERIOD = parse_period("2026-Q2")
HOUSE = find_house("nd30")


@pytest.fixture(scope="module")
def project() -> Project:
    return Project(ROOT)


def blank_of(project: Project, code: str) -> tuple[Addressee, list, bytes]:
    for _path, to, forms in list_addressees(project, PERIOD):
        if to.code == code:
            known = {form.name: known_rows(form, to, None) for form in forms}
            known["06a"] = [
                KnownRow(
                    {"stt": "1", "linh_vuc": "Hộ tịch", "ky_truoc": Fraction(5)},
                    frozenset({"ky_truoc", "linh_vuc"}),
                ),
                KnownRow(
                    {"stt": "2", "linh_vuc": "Đất đai", "ky_truoc": Fraction(0)},
                    frozenset({"ky_truoc", "linh_vuc"}),
                ),
            ]
            return to, forms, make_blank(forms, to=to, period=PERIOD, house=HOUSE, known=known)
    raise AssertionError(code)


def fill(content: bytes) -> bytes:
    """Fill in what is open, as an outside program would: counts that add up, nothing else touched."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["06a"]
    for row in (9, 10):
        carried = sheet.cell(row, 6).value
        for column, value in zip(
            "CDEGHIJKLM", (7 + carried, 4, 3, 5 + carried, 1, 4 + carried, 0, 2, 2, 0), strict=True
        ):
            sheet[f"{column}{row}"] = value
    listing = book["chi-tieu"]
    for row in range(7, listing.max_row + 1):
        if listing.cell(row, 2).value:
            listing.cell(row, 5).value = 3
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def check(to: Addressee, forms: list, content: bytes) -> list:
    book = read_contents({"a.xlsx": content}, None)["a.xlsx"]
    result = read_submission(book, forms, Sender("a.xlsx", PERIOD, HOUSE, to.code, to.level))
    return [(one.code, one.severity, one.cells, one.got) for one in result.findings]


def test_what_is_known_is_filled_in_and_locked(project):
    to, _forms, content = blank_of(project, "10507")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["06a"]
    assert (sheet["L1"].value, sheet["L2"].value, sheet["D2"].value) == (to.name, "10507", "Quý II năm 2026")
    assert sheet["L4"].value == "06a.v1"
    assert (sheet["F9"].value, sheet["F9"].protection.locked, sheet["D9"].protection.locked) == (
        5,
        True,
        False,
    )
    assert sheet.protection.sheet
    total = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["06a"]["F11"]
    assert (sheet["F11"].value, total.value) == ("=SUM(F9:F10)", 5)
    assert sheet["C6"].comment is not None


def test_a_blank_filled_in_by_another_program_passes_its_own_check(project):
    to, forms, content = blank_of(project, "10507")
    findings = check(to, forms, fill(content))
    assert [one for one in findings if one[1] == "error"] == []


def test_a_blank_sent_back_empty_is_told_as_blank(project):
    to, forms, content = blank_of(project, "10507")
    assert {code for code, severity, *_ in check(to, forms, content) if severity == "error"} == {"blank"}


def test_a_blank_of_last_year_is_told(project):
    to, forms, content = blank_of(project, "10507")
    book = openpyxl.load_workbook(io.BytesIO(fill(content)))
    book["06a"]["L4"] = "06b.v1"
    out = io.BytesIO()
    book.save(out)
    assert ("wrong-form", "error") in {one[:2] for one in check(to, forms, out.getvalue())}


def test_drop_downs_offer_every_choice_with_its_commas(project):
    for _path, to, forms in list_addressees(project, PERIOD):
        if to.code != "ttpvhcc":
            continue
        content = make_blank(forms, to=to, period=PERIOD, house=HOUSE, known={}, spare_rows=3)
        book = openpyxl.load_workbook(io.BytesIO(content))
        form = next(form for form in forms if form.name == "tthc-cong-bo")
        column = form.column("hanh_dong")
        rule = next(
            one
            for one in book[form.sheet].data_validations.dataValidation
            if f"{column.column}{form.first_row}" in one
        )
        sheet, _, area = rule.formula1.partition("!")
        offered = [row[0].value for row in book[sheet.strip("'=")][area.replace("$", "")]]
        assert tuple(offered) == column.choices


def test_the_same_blank_is_the_same_bytes(project):
    assert blank_of(project, "H01")[2] == blank_of(project, "H01")[2]


def test_names_of_files_are_plain():
    assert slug("Đặc khu Cát Hải") == "dac-khu-cat-hai"
