"""Blank workbooks: what is known is filled in and locked, and a filled one passes the check of its form."""

from __future__ import annotations

import io
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from baocao.intake.blanks import Addressee, KnownRow, make_blank
from baocao.intake.scaffolding import known_rows, list_addressees, scaffold_period
from baocao.project.folder import Project
from baocao.project.house import find_house
from baocao.project.language import speaking
from baocao.project.periods import Period, parse_period
from baocao.project.text import slug
from baocao.reading.forms import Sender, read_submission
from baocao.reading.tables import check_tables, read_tables
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
            known = {form.name: known_rows(form, to, project.params, PERIOD) for form in forms}
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
    total = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["06a"]["F16"]
    assert (sheet["F16"].value, total.value) == ("=SUM(F9:F15)", 5)
    assert sheet["C6"].comment is not None


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Project:
    """All forms and offices, and three units."""
    root = tmp_path_factory.mktemp("small")
    shutil.copytree(ROOT / "params", root / "params", ignore=shutil.ignore_patterns("20*.yaml"))
    units = (root / "params/units.csv").read_text(encoding="utf-8").splitlines()
    few = [line for line in units if line.split(",")[0] in ("code", "H01", "H02", "10507")]
    (root / "params/units.csv").write_text("\n".join(few) + "\n", encoding="utf-8")
    return Project(root)


def send(project: Project, period: Period, fill, through=lambda content: content) -> None:
    """Make the blanks of a period, fill them in, and put them where submissions lie."""
    folder = scaffold_period(project, period).folder
    for path, _to, forms in list_addressees(project, period):
        content = through(fill((folder / f"{path}.xlsx").read_bytes(), forms, project.params.forms, period))
        target = project.raw(period) / f"{path}.xlsx"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def test_every_blank_filled_in_by_another_program_passes_every_check(small, fill):
    """Two quarters, so that the second begins with what the first left pending."""
    for period in (PERIOD.previous, PERIOD):
        send(small, period, fill)
        checked = check_tables(small, period)
        assert {(one.severity, one.code) for one in checked.findings} == {("warning", "total-unreadable")}
        assert all(read_tables(small, period).has(name) for name in small.params.forms)
    assert checked.compared


@pytest.mark.parametrize("kind", ["2027-M04", "2027-H1", "2027-9M", "2027"])
def test_blanks_of_every_kind_of_period_pass(small, fill, kind):
    period = parse_period(kind)
    scaffold = scaffold_period(small, period)
    (path,) = (path for path in scaffold.blanks if "H01" in path)
    to, forms = next((to, forms) for _path, to, forms in list_addressees(small, period) if to.code == "H01")
    content = fill((scaffold.folder / path).read_bytes(), forms, small.params.forms, period)
    book = read_contents({"a.xlsx": content}, None)["a.xlsx"]
    found = read_submission(book, forms, Sender("a.xlsx", period, HOUSE, to.code, to.level)).findings
    assert [one.code for one in found if one.severity == "error"] == []


@pytest.mark.external
def test_blanks_saved_by_libreoffice_pass_every_check(small, fill, tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")

    def save(content: bytes) -> bytes:
        (tmp_path / "a.xlsx").write_bytes(content)
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'lo').as_uri()}", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", tmp_path / "a.xlsx"],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return (tmp_path / "out" / "a.xlsx").read_bytes()

    period = PERIOD.next
    send(small, period, fill, save)
    assert check_tables(small, period).findings == ()


def test_what_a_dissolved_unit_left_pending_is_its_successors(sandbox, books):
    (sandbox.root / "params/units.csv").write_text(
        "code,name,type,level,from,until,successor\nH01,Sở A,sở,so,,2026-03-31,H02\nH02,Sở B,sở,so,,,\n"
        "10507,Phường C,phường,xa,,2026-03-31,10508 10509\n10508,Phường D,phường,xa,2026-04-01,,\n"
        "10509,Phường E,phường,xa,2026-04-01,,\n",
        encoding="utf-8",
    )
    sandbox.fill()
    scaffold = scaffold_period(sandbox.project, PERIOD)
    assert [name.partition("-")[0] for name in scaffold.blanks[:3]] == ["don", "don", "don"]
    sheets = {
        code: openpyxl.load_workbook(scaffold.folder / "don-vi" / name)["06a"]
        for code, name in (("H02", "H02-so-b.xlsx"), ("10508", "10508-phuong-d.xlsx"))
    }
    # FIELDS of tests/unit/conftest.py: 3, 0 and 34 pending in each unit.
    assert [sheets["H02"][f"F{row}"].value for row in (9, 10, 11)] == [6, 0, 68]
    assert [sheets["10508"][f"F{row}"].value for row in (9, 10, 11)] == [None, None, None]
    assert sheets["10508"]["B9"].value == "Đất đai"
    assert not sheets["10508"]["F9"].protection.locked
    assert any("10508, 10509" in note for note in scaffold.notes)


def test_figures_that_cannot_be_used_are_not_carried_over(sandbox, books):
    sandbox.fill()
    spoilt = books.unit("H01", edit=lambda sheets, _book: sheets["06a"].write_number("C9", 11))
    sandbox.raw("don-vi/H01-x.xlsx", spoilt)
    scaffold = scaffold_period(sandbox.project, PERIOD)
    sheet = openpyxl.load_workbook(scaffold.folder / "don-vi" / "H01-so-a.xlsx")["06a"]
    assert [sheet[f"F{row}"].value for row in (9, 10, 11)] == [None, None, None]
    assert any("H01" in note for note in scaffold.notes)


@pytest.mark.parametrize("asked", ["en", "vi"])
def test_a_blank_speaks_the_language_of_its_house_whoever_makes_it(project, asked):
    with speaking(asked):
        content = blank_of(project, "H01")[2]
    book = openpyxl.load_workbook(io.BytesIO(content))
    words = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "Cách nhập biểu này" in words
    assert "How to fill in this workbook" not in words
    assert blank_of(project, "H01")[2] == content


def test_a_blank_sent_back_empty_is_told_as_blank(project):
    to, forms, content = blank_of(project, "10507")
    assert {code for code, severity, *_ in check(to, forms, content) if severity == "error"} == {"blank"}


def test_a_blank_of_last_year_is_told(project, fill):
    to, forms, content = blank_of(project, "10507")
    book = openpyxl.load_workbook(io.BytesIO(fill(content, forms, project.params.forms, PERIOD)))
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
    assert slug("Đặc khu Cát Hải", "-") == "dac-khu-cat-hai"
