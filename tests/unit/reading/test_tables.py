"""The tables of a period: who sent what, what is told, what is treated, what is kept."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import threading
from decimal import Decimal
from fractions import Fraction

import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.cells import parse_cell
from baocao.project.errors import InputError, ParamsError, UsageError
from baocao.project.folder import Project
from baocao.project.forms import Column, Form, Header
from baocao.project.periods import Period
from baocao.reading.forms import FormRow
from baocao.reading.forms.folder import scan_folder
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table, read_tables, table_findings
from baocao.reading.tables.parquet import dump_table, load_columns
from baocao.reading.workbooks.limited import LimitedParser
from baocao.values.views import View

PERIOD = Period(2026, 1)
BEFORE = Period(2025, 4)


def codes(tables):
    return [(one.code, one.unit, one.severity) for one in tables.findings]


def the_finding(sandbox):
    (finding,) = read_tables(sandbox.project, PERIOD).findings
    return finding


@pytest.fixture
def full(sandbox):
    sandbox.fill()
    return sandbox


def test_a_good_period(full):
    tables = read_tables(full.project, PERIOD)
    assert tables.findings == tables.unusable == ()
    assert tables.treated == {}
    table = tables.table("06a")
    assert table.units == ("H01",) * 3 + ("H02",) * 3 + ("10507",) * 3
    assert table.levels == ("so",) * 6 + ("xa",) * 3
    assert table.column("tiep_nhan")[:3] == (Fraction(10), Fraction(0), Fraction(1234))
    assert str(table.cell(2, "tiep_nhan")) == "don-vi/H01-x.xlsx#06a!C11"
    assert len(tables.table("chi-tieu")) == 2 + 2 + 3
    offices = tables.table("co-so")
    assert offices.units == (None,)
    assert offices.column("tu_ngay") == (dt.date(2025, 7, 1),)
    assert tables.table("van-ban").column("so_ky_hieu") == ("1/KH",)
    assert set(tables.sha256) == {f"don-vi/{code}-x.xlsx" for code in ("H01", "H02", "10507")} | {
        "van-phong/ttpvhcc.xlsx",
        "van-ban.xlsx",
    }
    with pytest.raises(UsageError):
        tables.table("khác")
    with pytest.raises(UsageError, match="no column"):
        table.column("khác")


def test_every_entry_is_the_content_of_its_cell(full):
    """Checked with another reader."""
    tables = read_tables(full.project, PERIOD)
    for name in full.project.params.forms:
        table = tables.table(name)
        for column in table.form.columns:
            for index, entry in enumerate(table.column(column.name)):
                cell = parse_cell(str(table.cell(index, column.name)))
                data = full.project.raw_file(PERIOD, cell.file).read_bytes()
                content = openpyxl.load_workbook(io.BytesIO(data), data_only=True)[cell.sheet][
                    cell.address
                ].value
                if isinstance(entry, Fraction):
                    assert entry == Fraction(Decimal(str(content)))
                elif isinstance(entry, dt.date):
                    assert content.date() == entry
                else:
                    assert content == entry


# -- who sent what ----------------------------------------------------------------
def test_a_missing_unit_is_one_finding(full):
    full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx").unlink()
    finding = the_finding(full)
    assert (finding.code, finding.unit, finding.cells) == (
        "missing-submission",
        "H02",
        ("don-vi/H02-*.xlsx",),
    )
    assert set(read_tables(full.project, PERIOD).table("06a").units) == {"H01", "10507"}


def test_a_missing_office_is_one_finding(full):
    full.project.raw_file(PERIOD, "van-phong/ttpvhcc.xlsx").unlink()
    finding = the_finding(full)
    assert (finding.code, finding.unit, finding.cells) == (
        "missing-submission",
        "ttpvhcc",
        ("van-phong/ttpvhcc.xlsx",),
    )
    with pytest.raises(InputError) as caught:
        read_tables(full.project, PERIOD).table("co-so")
    assert caught.value.findings == (finding,)


def test_a_missing_register_is_one_finding(full):
    full.project.raw_file(PERIOD, "van-ban.xlsx").unlink()
    assert (the_finding(full).code, the_finding(full).cells) == ("missing-submission", ("van-ban.xlsx",))


@pytest.mark.parametrize(
    "name", ["don-vi/H02 (2).xlsx", "don-vi/H02-y.xlsx", "don-vi/h02_x.xls", "don-vi/H02.xlsm"]
)
def test_a_second_submission_is_one_finding_naming_both(full, name):
    full.raw(name, b"whatever")
    finding = the_finding(full)
    assert (finding.code, finding.unit) == ("second-submission", "H02")
    assert set(finding.cells) == {"don-vi/H02-x.xlsx", name}
    assert "H02" not in read_tables(full.project, PERIOD).table("06a").units


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("don-vi/H02-x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-xls"),
        ("don-vi/H02-x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-xls"),
        ("don-vi/H02-x.xlsx", b"<html>", "html"),
        ("don-vi/H02-x.xlsx", b"", "empty-file"),
        ("don-vi/H02-x.pdf", b"%PDF-1.7", "not-a-workbook"),
        ("don-vi/H02-x.csv", b"a,b", "not-a-workbook"),
    ],
)
def test_something_else_is_not_also_missing(full, name, data, code):
    full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx").unlink()
    full.raw(name, data)
    finding = the_finding(full)
    assert (finding.code, finding.unit, finding.cells, finding.severity) == (code, "H02", (name,), "error")


def test_a_truncated_file_is_one_finding(full):
    path = full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx")
    path.write_bytes(path.read_bytes()[:3000])
    assert (the_finding(full).code, the_finding(full).unit) == ("truncated", "H02")


def test_a_far_cell_is_named(full):
    data = full.books.unit("H02", edit=lambda made, _: made["chi-tieu"].write("XFD1048576", 1))
    full.raw("don-vi/H02-x.xlsx", data)
    assert the_finding(full).cells == ("don-vi/H02-x.xlsx#chi-tieu!XFD1048576",)


def test_the_workbook_of_an_unknown_unit(full):
    full.raw("don-vi/99999-la.xlsx", full.books.unit("99999"))
    finding = the_finding(full)
    assert (finding.code, finding.unit, finding.cells) == ("unknown-unit", None, ("don-vi/99999-la.xlsx",))


def test_a_mistyped_file_name_is_not_also_missing(full):
    full.project.raw_file(PERIOD, "don-vi/10507-x.xlsx").rename(
        full.project.raw(PERIOD) / "don-vi" / "10570-x.xlsx"
    )
    finding = the_finding(full)
    assert (finding.code, finding.unit, finding.cells) == ("unknown-unit", "10507", ("don-vi/10570-x.xlsx",))


def test_wrong_extension_is_a_warning(full):
    full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx").rename(
        full.project.raw(PERIOD) / "don-vi" / "H02-x.xls"
    )
    tables = read_tables(full.project, PERIOD)
    assert codes(tables) == [("wrong-extension", "H02", "warning")]
    assert "H02" in tables.table("06a").units


@pytest.mark.parametrize(
    "name",
    [
        "don-vi/~$H02-x.xlsx",
        "don-vi/ghi chú.txt",
        "don-vi/H02-x.pdf",
        "ảnh.db",
        "van-phong/cũ/a.xlsx",
        "ghi-chu.docx",
    ],
)
def test_stray_files_are_told(full, name):
    full.raw(name, b"x")
    tables = read_tables(full.project, PERIOD)
    assert [(one.code, one.severity) for one in tables.findings] == [("stray-file", "warning")]
    assert tables.unusable == ()


def test_narrative_and_readme_are_not_stray(full):
    full.raw("loi-van/kstthc/01.md", b"x")
    full.raw("README.md", b"x")
    full.raw("don-vi/.gitkeep", b"")
    assert read_tables(full.project, PERIOD).findings == ()


def test_a_name_that_cannot_be_an_address(full):
    full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx").rename(
        full.project.raw(PERIOD) / "don-vi" / "H02-x#1.xlsx"
    )
    assert (the_finding(full).code, the_finding(full).unit) == ("bad-file-name", "H02")


def test_a_link_is_told_and_read(full, tmp_path):
    path = full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx")
    path.rename(tmp_path / "elsewhere.xlsx")
    path.symlink_to(tmp_path / "elsewhere.xlsx")
    tables = read_tables(full.project, PERIOD)
    assert codes(tables) == [("linked-file", "H02", "warning")]
    assert "H02" in tables.table("06a").units


def test_a_link_to_nowhere(full, tmp_path):
    path = full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx")
    path.unlink()
    path.symlink_to(tmp_path / "nowhere.xlsx")
    assert codes(read_tables(full.project, PERIOD)) == [("unreadable-file", "H02", "error")]


def test_a_file_that_vanishes_while_reading(full, monkeypatch):
    def vanish(*arguments):
        listed = scan_folder(*arguments)
        full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx").unlink(missing_ok=True)
        return listed

    monkeypatch.setattr("baocao.reading.forms.received.scan_folder", vanish)
    tables = read_tables(full.project, PERIOD)
    assert [(one.code, one.unit, one.got) for one in tables.findings] == [
        ("unreadable-file", "H02", "the file is no longer there")
    ]


def test_no_folder_for_the_period(sandbox):
    with pytest.raises(UsageError, match="2026-Q1"):
        read_tables(sandbox.project, PERIOD)


def test_other_units_go_on(full):
    full.raw("don-vi/H02-x.xlsx", full.books.unit("H02", edit=lambda made, _: made["06a"].write("D9", "-")))
    tables = read_tables(full.project, PERIOD)
    assert tables.unusable == tables.findings
    assert tables.findings[0].cells == ("don-vi/H02-x.xlsx#06a!D9",)
    assert set(tables.table("06a").units) == {"H01", "10507"}
    assert set(tables.table("chi-tieu").units) == {"H01", "H02", "10507"}


def test_all_findings_are_listed(full):
    full.project.raw_file(PERIOD, "don-vi/H01-x.xlsx").unlink()
    full.raw("don-vi/H02-x.xlsx", b"<html>")
    full.raw("don-vi/10507-x.xlsx", full.books.unit("10507", level="xa", period="2025-Q4"))
    tables = read_tables(full.project, PERIOD)
    assert [(one.unit, one.code) for one in tables.unusable] == [
        ("H01", "missing-submission"),
        ("H02", "html"),
        ("10507", "wrong-period"),
    ]
    assert not tables.has("06a")
    with pytest.raises(InputError) as caught:
        tables.table("06a")
    assert len(caught.value.findings) == 3


# -- archives -----------------------------------------------------------------------
def test_an_archive_of_dossier_forms_has_no_other_forms(sandbox):
    sandbox.fill(BEFORE, archive=True)
    tables = read_tables(sandbox.project, BEFORE)
    assert tables.findings == ()
    assert len(tables.table("06a")) == 9
    for name in ("chi-tieu", "co-so", "van-ban"):
        assert not tables.has(name)
        with pytest.raises(InputError, match="2025-Q4 has no form"):
            tables.table(name)


def test_an_archive_still_misses_a_unit(sandbox):
    sandbox.fill(BEFORE, archive=True)
    sandbox.project.raw_file(BEFORE, "don-vi/H02-x.xlsx").unlink()
    assert [one.code for one in read_tables(sandbox.project, BEFORE).findings] == ["missing-submission"]


def test_a_sheet_that_only_some_have_is_missing_in_the_others(sandbox):
    sandbox.fill(BEFORE, archive=True)
    sandbox.raw("don-vi/H01-x.xlsx", sandbox.books.unit("H01", period="2025-Q4"), BEFORE)
    found = read_tables(sandbox.project, BEFORE).findings
    assert [(one.code, one.unit) for one in found] == [("missing-sheet", "H02"), ("missing-sheet", "10507")]


# -- treatments -----------------------------------------------------------------------
def test_exclude_leaves_the_unit_out_and_goes_on(full):
    full.raw("don-vi/H02-x.xlsx", b"<html>")
    full.treat("H02", action="exclude", why="tệp hỏng")
    tables = read_tables(full.project, PERIOD)
    assert tables.unusable == ()
    (finding,) = tables.findings
    assert (finding.code, finding.severity) == ("html", "warning")
    assert "exclude" in finding.action
    assert "tệp hỏng" in finding.action
    assert tables.treated["H02"].why == "tệp hỏng"
    assert set(tables.table("06a").units) == {"H01", "10507"}


def test_exclude_of_a_good_submission_is_done_and_told(full):
    full.treat("H02", action="exclude", why="chờ xác nhận")
    tables = read_tables(full.project, PERIOD)
    assert codes(tables) == [("treatment-unneeded", "H02", "warning")]
    assert "H02" in tables.treated
    assert "H02" not in tables.table("chi-tieu").units


def test_zero_reads_blank_and_dash(full):
    full.raw("don-vi/H02-x.xlsx", full.books.unit("H02", edit=lambda made, _: made["06a"].write("J10", "-")))
    full.treat("H02", action="zero", why="đơn vị xác nhận không phát sinh")
    tables = read_tables(full.project, PERIOD)
    assert codes(tables) == [("dash", "H02", "warning")]
    assert "zero" in tables.findings[0].action
    assert "H02" in tables.treated
    assert tables.table("06a").column("qua_han")[4] == 0


@pytest.mark.parametrize("data", [b"<html>", None])
def test_zero_does_not_cure_a_broken_or_missing_file(full, data):
    path = full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx")
    path.write_bytes(data) if data else path.unlink()
    full.treat("H02", action="zero", why="x")
    tables = read_tables(full.project, PERIOD)
    assert [one.severity for one in tables.findings] == ["error"]
    assert "does not cure" in tables.findings[0].action
    assert tables.treated == {}


def test_zero_without_need_has_no_effect(full):
    full.treat("H02", action="zero", why="x")
    tables = read_tables(full.project, PERIOD)
    assert tables.findings == ()
    assert tables.treated == {}


def test_a_count_over_a_register_without_rows_leads_to_the_row_that_is_blank(full):
    forms = {"nganh-doc": [["thue", "Thuế", 219]], "co-so": []}
    full.raw("van-phong/ttpvhcc.xlsx", full.books.registers(forms, period=str(PERIOD)))
    for _ in range(2):  # read, then kept
        table = read_tables(full.project, PERIOD).table("co-so")
        count = View(table, full.project.params, ()).count(unit="địa điểm")
        first = table.form.first_row
        assert (count.number, list(map(str, count.cells()))) == (
            0,
            [f"van-phong/ttpvhcc.xlsx#co-so!A{first}"],
        )
    other = read_tables(full.project, PERIOD).table("nganh-doc")
    assert other.blank == ()


def test_previous_takes_the_rows_of_the_period_before(full):
    full.fill(BEFORE)
    full.raw("don-vi/H02-x.xlsx", b"")
    full.treat("H02", action="previous", why="chưa gửi")
    tables = read_tables(full.project, PERIOD)
    assert codes(tables) == [("empty-file", "H02", "warning")]
    table = tables.table("06a")
    assert table.files[3] == "2025-Q4/don-vi/H02-x.xlsx"
    assert str(table.cell(3, "tiep_nhan")) == "2025-Q4/don-vi/H02-x.xlsx#06a!C9"
    assert full.project.raw_file(PERIOD, table.files[3]).is_file()
    assert tables.sha256["2025-Q4/don-vi/H02-x.xlsx"]
    assert "H02" in tables.table("chi-tieu").units
    full.raw(
        "don-vi/H02-x.xlsx",
        full.books.unit("H02", period="2025-Q4", fields=(("Mới", (1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0)),)),
        BEFORE,
    )
    assert read_tables(full.project, PERIOD).table("06a").column("linh_vuc")[3] == "Mới"


def test_previous_without_that_form_goes_on_and_says_so(full):
    full.fill(BEFORE, archive=True)
    full.raw("don-vi/H02-x.xlsx", b"")
    full.treat("H02", action="previous", why="chưa gửi")
    tables = read_tables(full.project, PERIOD)
    assert sorted(codes(tables)) == [
        ("empty-file", "H02", "warning"),
        ("treatment-partial", "H02", "warning"),
    ]
    assert "H02" in tables.table("06a").units
    assert "H02" not in tables.table("chi-tieu").units


def test_previous_without_a_period_before_cures_nothing(full):
    full.raw("don-vi/H02-x.xlsx", b"")
    full.treat("H02", action="previous", why="chưa gửi")
    assert [one.severity for one in read_tables(full.project, PERIOD).findings] == ["error"]


def test_previous_of_a_unit_that_sent_nothing_before_cures_nothing(full):
    full.fill(BEFORE)
    full.project.raw_file(BEFORE, "don-vi/H02-x.xlsx").unlink()
    full.raw("don-vi/H02-x.xlsx", b"")
    full.treat("H02", action="previous", why="chưa gửi")
    assert codes(read_tables(full.project, PERIOD)) == [("empty-file", "H02", "error")]


def test_use_names_the_file_that_counts(full):
    full.raw(
        "don-vi/H02-y.xlsx", full.books.unit("H02", fields=(("Mới", (1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0)),))
    )
    full.treat("H02", action="use", why="bản sau", file="don-vi/H02-y.xlsx")
    tables = read_tables(full.project, PERIOD)
    assert codes(tables) == [("second-submission", "H02", "warning")]
    assert "H02" in tables.treated
    assert tables.table("06a").files[3] == "don-vi/H02-y.xlsx"


def test_use_of_a_file_that_is_not_there(full):
    full.raw("don-vi/H02-y.xlsx", b"")
    full.treat("H02", action="use", why="x", file="H02-z.xlsx")
    assert codes(read_tables(full.project, PERIOD)) == [("second-submission", "H02", "error")]


def test_use_does_not_cure_the_file_used(full):
    full.raw("don-vi/H02-y.xlsx", b"<html>")
    full.treat("H02", action="use", why="x", file="H02-y.xlsx")
    assert codes(read_tables(full.project, PERIOD)) == [
        ("second-submission", "H02", "warning"),
        ("html", "H02", "error"),
    ]


def test_an_office_may_be_treated_too(full):
    full.raw("van-phong/ttpvhcc.xlsx", b"")
    full.treat("ttpvhcc", action="exclude", why="x")
    tables = read_tables(full.project, PERIOD)
    assert tables.unusable == ()
    with pytest.raises(InputError, match="left out by the parameters"):
        tables.table("co-so")


def test_a_treatment_of_nobody_is_refused(full):
    full.treat("H99", action="exclude", why="x")
    with pytest.raises(ParamsError, match="H99"):
        read_tables(full.project, PERIOD)


# -- against the period before -----------------------------------------------------------
def test_carried_over_against_the_period_before(full):
    fields = (
        ("Đất đai", (3, 0, 0, 3, 0, 0, 0, 0, 3, 3, 0)),
        ("Chứng thực", (35, 0, 0, 35, 1, 1, 0, 0, 34, 30, 4)),
    )
    for code, level in (("H01", "so"), ("H02", "so"), ("10507", "xa")):
        full.raw(
            f"don-vi/{code}-x.xlsx",
            full.books.unit(code, level=level, period="2025-Q4", sheets=("06a",)),
            BEFORE,
        )
        full.raw(f"don-vi/{code}-x.xlsx", full.books.unit(code, level=level, fields=fields))
    full.raw("don-vi/10507-x.xlsx", b"")
    found = [one for one in table_findings(full.project, PERIOD) if one.code == "carried-over"]
    assert [(one.unit, one.severity, one.got) for one in found] == [
        ("H01", "error", "35"),
        ("H02", "error", "35"),
    ]
    assert found[0].cells == ("don-vi/H01-x.xlsx#06a!F10", "2025-Q4/don-vi/H01-x.xlsx#06a!K11")


def test_without_a_period_before_nothing_is_compared(full):
    assert table_findings(full.project, PERIOD) == ()


# -- what is kept -----------------------------------------------------------------------
def test_an_unchanged_period_is_not_read_again(full, monkeypatch):
    first = read_tables(full.project, PERIOD)
    monkeypatch.setattr(LimitedParser, "parse", lambda *_: pytest.fail("parsed"))
    monkeypatch.setattr("baocao.reading.tables.cache.ingest", lambda *_: pytest.fail("ingested"))
    again = read_tables(Project(full.root), PERIOD)
    for name in full.project.params.forms:
        assert again.table(name) == first.table(name)
    assert again.sha256 == first.sha256


def test_only_the_changed_part_changes(full):
    before = read_tables(full.project, PERIOD)
    full.raw(
        "don-vi/H02-x.xlsx", full.books.unit("H02", fields=(("Mới", (1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0)),))
    )
    after = read_tables(full.project, PERIOD)
    old, new = before.table("06a"), after.table("06a")
    assert old.fingerprint != new.fingerprint
    assert [file for file in new.parts if new.parts[file] != old.parts[file]] == ["don-vi/H02-x.xlsx"]
    assert before.table("chi-tieu").fingerprint == after.table("chi-tieu").fingerprint
    assert before.table("co-so") == after.table("co-so")


def test_a_resaved_file_of_the_same_content_keeps_the_fingerprint(full, surgery):
    before = read_tables(full.project, PERIOD)
    path = full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx")
    path.write_bytes(surgery(path.read_bytes(), "docProps/core.xml", lambda data: data + b"<!-- later -->"))
    after = read_tables(full.project, PERIOD)
    assert before.sha256 != after.sha256
    assert before.table("06a").fingerprint == after.table("06a").fingerprint


@pytest.mark.parametrize("change", ["treatment", "forms", "units", "gone", "stray"])
def test_whatever_the_tables_depend_on_makes_them_anew(full, change):
    assert read_tables(full.project, PERIOD).findings == ()
    params = full.root / "params"
    if change == "treatment":
        full.treat("H02", action="exclude", why="x")
    elif change == "forms":
        text = (params / "forms.yaml").read_text(encoding="utf-8")
        (params / "forms.yaml").write_text(text.replace("Trước hạn", "Sớm hạn"), encoding="utf-8")
    elif change == "units":
        with (params / "units.csv").open("a", encoding="utf-8") as stream:
            stream.write("H03,Sở D,sở,so\n")
    elif change == "gone":
        full.project.raw_file(PERIOD, "don-vi/H02-x.xlsx").unlink()
    else:
        full.raw("thua.txt", b"")
    assert read_tables(Project(full.root), PERIOD).findings != ()


def test_the_signer_does_not_make_the_tables_anew(full, monkeypatch):
    read_tables(full.project, PERIOD)
    (full.root / "params" / "2026-Q1.yaml").write_text("period: 2026-Q1\nsigner: A\n", encoding="utf-8")
    monkeypatch.setattr("baocao.reading.tables.cache.ingest", lambda *_: pytest.fail("ingested"))
    read_tables(Project(full.root), PERIOD)


@pytest.mark.parametrize("damage", ["index", "parquet", "all", "half"])
def test_damaged_tables_are_made_anew(full, damage):
    first = read_tables(full.project, PERIOD)
    folder = full.project.processed(PERIOD)
    if damage == "index":
        (folder / "index.json").write_text("{", encoding="utf-8")
    elif damage == "half":
        data = json.loads((folder / "index.json").read_bytes())
        del data["sha256"]
        (folder / "index.json").write_text(json.dumps(data), encoding="utf-8")
    elif damage == "parquet":
        (folder / "06a.parquet").write_bytes(b"PAR1")
    else:
        shutil.rmtree(folder)
    assert read_tables(Project(full.root), PERIOD).table("06a") == first.table("06a")


def test_a_form_that_is_gone_leaves_no_table(full):
    read_tables(full.project, PERIOD)
    full.raw("van-phong/ttpvhcc.xlsx", b"")
    read_tables(full.project, PERIOD)
    assert not (full.project.processed(PERIOD) / "co-so.parquet").exists()


def test_two_readers_at_once(full):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(read_tables(Project(full.root), PERIOD)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.table("06a").fingerprint for one in results}) == 1
    assert not list(full.root.rglob("*.tmp"))


# -- exactness ----------------------------------------------------------------------------
FORM = Form(
    name="f",
    title="Thử",
    source="van-ban",
    sheet="s",
    kind="register",
    header=Header(period="A1"),
    first_row=1,
    columns=(
        Column(name="so", column="A", label="Thử", type="number", blank=True),
        Column(name="dem", column="B", label="Thử", type="count"),
        Column(name="chu", column="C", label="Thử", type="text", blank=True),
        Column(name="ngay", column="D", label="Thử", type="date", blank=True),
    ),
)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=0).map(Fraction)
entries = st.fixed_dictionaries(
    {
        "so": st.none() | decimals,
        "dem": st.integers(0, 10**20).map(Fraction),
        "chu": st.none() | st.text(st.characters(codec="utf-8"), max_size=8),
        "ngay": st.none() | st.dates(),
    }
)


@given(st.lists(entries, max_size=6))
def test_what_is_kept_is_what_was_read(rows):
    made = [
        TableRow(None, None, "van-ban.xlsx", "s", FormRow(number, one)) for number, one in enumerate(rows, 1)
    ]
    table = make_table(FORM, PERIOD, made)
    kept = load_columns(dump_table(table), FORM)
    assert {name: tuple(kept[name]) for name in kept} == table.columns
    numbers = [entry for name in ("so", "dem") for entry in kept[name] if entry is not None]
    assert all(type(number) is Fraction for number in numbers)


@given(entries, entries)
def test_the_fingerprint_tells_contents_apart(one, other):
    tables = [
        make_table(FORM, PERIOD, [TableRow(None, None, "a", "s", FormRow(1, row))]) for row in (one, other)
    ]
    assert (tables[0].fingerprint == tables[1].fingerprint) == (one == other)


def test_the_code_that_an_indicator_had_before_is_understood(sandbox):
    path = sandbox.root / "params" / "forms.yaml"
    forms = yaml.safe_load(path.read_text(encoding="utf-8"))
    asked = forms["forms"]["chi-tieu"]["indicators"][0]
    old, asked["code"] = asked["code"], "ma_moi"
    asked["aliases"] = [old]
    path.write_text(yaml.safe_dump(forms, allow_unicode=True), encoding="utf-8")
    sandbox.fill()  # workbooks made before the code changed
    tables = read_tables(Project(sandbox.root), PERIOD)
    assert codes(tables) == []
    table = tables.table("chi-tieu")
    assert table.column("ma").count("ma_moi") >= 1
    assert old not in table.column("ma")
