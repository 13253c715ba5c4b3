"""A project of one's own: a small one that works, or one after workbooks there are."""

from __future__ import annotations

import re
from datetime import date

import pytest
import xlsxwriter
import yaml

from baocao.checking.check import check_period
from baocao.intake.proposing import propose
from baocao.intake.starting import find_period, start_project
from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.reading.tables import read_tables
from baocao.values.views import whole_view

PLAIN = find_house("plain")
PERIOD = Period(2026, 1)


def write_book(path, rows, *, sheet="Permits", head="Permits, Q1 2026"):
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet(sheet)
    if head:
        page.write_string(0, 0, head)
    for number, row in enumerate([("Kind", "Asked for", "Granted"), *rows], start=2):
        page.write_row(number, 0, row)
    book.close()


@pytest.fixture
def books(tmp_path):
    folder = tmp_path / "books"
    folder.mkdir()
    write_book(folder / "B1-Hill Town.xlsx", [("Building", 30, 24), ("Trade", 21, 21), ("Total", 51, 45)])
    write_book(folder / "Lake.xlsx", [("Building", 50, 40), ("Trade", 35, 35), ("Total", 85, 75)])
    return folder


def test_the_example_is_read_without_a_finding(tmp_path):
    start = start_project(tmp_path / "mine", PLAIN, PERIOD)
    assert check_period(start.project, PERIOD).findings == ()
    table = read_tables(start.project, PERIOD).table("cases")
    assert (len(table), sum(table.column("received"))) == (6, 7296)
    assert "data/raw/2026-Q1/units/A01-north-district.xlsx" in start.files
    assert "data/raw/2026-Q1/narrative/cases/00.md" in start.files
    assert "reports/_extensions/plain/plain.typst" in start.files
    assert (start.project.root / ".gitattributes").read_text(encoding="utf-8").endswith("* -text\n")
    assert not [name for name in start.files if "@" in name or name.endswith("examples.yaml")]


@pytest.mark.parametrize("name", ["nd30", "plain"])
def test_the_example_of_every_house_is_read_without_a_finding(tmp_path, name):
    start = start_project(tmp_path / "mine", find_house(name), PERIOD)
    assert check_period(start.project, PERIOD).findings == ()
    assert start.project.house.name == name


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        start_project(tmp_path, PLAIN, PERIOD)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_forms_and_units_are_proposed_from_workbooks(tmp_path, books):
    proposal = propose(books, PLAIN)
    assert proposal.forms.startswith("# A PROPOSAL")
    form = yaml.safe_load(proposal.forms)["forms"]["permits"]
    assert (form["label_row"], form["first_row"], form["total"]) == (3, 4, {"column": "A", "text": "Total"})
    assert [(one["name"], one["type"]) for one in form["columns"]] == [
        ("kind", "text"),
        ("asked_for", "count"),
        ("granted", "count"),
    ]
    assert dict(proposal.units) == {"B1": "Hill Town", "U02": "Lake"}
    assert proposal.period == PERIOD
    start = start_project(tmp_path / "mine", PLAIN, PERIOD, proposal=proposal)
    assert [one for one in check_period(start.project, PERIOD).findings if one.severity == "error"] == []
    assert sum(read_tables(start.project, PERIOD).table("permits").column("asked_for")) == 136


def write_sheet(path, rows, *, sheet="Water use", merged=(), formats=None):
    book = xlsxwriter.Workbook(path)
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, entry in enumerate(row):
            if isinstance(entry, date):
                page.write_datetime(number, column, entry, book.add_format({"num_format": "yyyy-mm-dd"}))
            elif entry is not None:
                look = (formats or {}).get(column)
                page.write(number, column, entry, book.add_format({"num_format": look}) if look else None)
    for area, text in merged:
        page.merge_range(area, text)
    book.close()


HEAD = ["No.", "Zone", "Meters", "Volume (m3)", "Price", "Loss", "Code", "Year", "Read on", "Remark"]


@pytest.fixture
def mixed(tmp_path):
    """Two workbooks with what people put into tables: shares, prices, codes, years, dates, remarks, notes below."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, more in (("W1-north.xlsx", 0), ("W2-south.xlsx", 5)):
        rows = [
            [1, "Port", 10 + more, 2.5, 1.85, 0.12, 101, 2026, date(2026, 2, 1), "estimated"],
            [2, "Hill", 20, 4, 2.1, 0.08, 102, 2026, date(2026, 2, 2), None],
        ]
        total = [None, "TOTAL:", 30 + more, 6.5, None, 0.1]
        write_sheet(
            folder / name,
            [["Water use"], ["First quarter of 2026"], [], HEAD, *rows, total, [], [None, "Provisional."]],
        )
    return folder


def read_columns(proposal, form):
    return {one["name"]: one for one in yaml.safe_load(proposal.forms)["forms"][form]["columns"]}


def test_only_what_a_row_of_totals_shows_to_be_added_is_added(tmp_path, mixed):
    proposal = propose(mixed, PLAIN)
    form = yaml.safe_load(proposal.forms)["forms"]["water_use"]
    assert (form["kind"], form["total"]) == ("table", {"column": "B", "text": "TOTAL:"})
    columns = read_columns(proposal, "water_use")
    assert {name: one["type"] for name, one in columns.items()} == {
        "no": "text", "zone": "text", "meters": "count", "volume_m3": "number", "price": "number",
        "loss": "number", "code": "count", "year": "count", "read_on": "date", "remark": "text",
    }  # fmt: skip
    assert [name for name, one in columns.items() if one.get("adds") is False] == [
        "price",
        "loss",
        "code",
        "year",
    ]
    assert [name for name, one in columns.items() if one.get("key")] == ["zone"]
    assert columns["no"]["order"]
    assert columns["remark"]["blank"]
    # What cannot be known is said in the file, at its line, and to whoever began the project.
    for doubt in ("the row of totals says 0.1, its numbers add up to 0.2", "rows 9 to 9 below the table"):
        assert doubt in proposal.forms
        assert any(doubt in note for note in proposal.notes)
    start = start_project(tmp_path / "mine", PLAIN, PERIOD, proposal=proposal)
    assert [one for one in check_period(start.project, PERIOD).findings if one.severity == "error"] == []
    table = read_tables(start.project, PERIOD).table("water_use")
    view = whole_view(table, start.project.params)
    assert view.total("meters").number == 65
    with pytest.raises(UsageError, match=r"column price of form water_use is not added up"):
        view.total("price")
    assert "no district" not in (start.project.root / "README.md").read_text("utf-8")
    assert "uncertain" in (start.project.root / "README.md").read_text("utf-8")


def test_labels_of_two_rows_are_read_as_excel_shows_them(tmp_path):
    write_sheet(
        tmp_path / "a.xlsx",
        [["Wards, Q1 2026"], [None] * 4, [None, "In", "Out", None], ["Eyes", 3, 2, 1.5], ["Heart", 4, 4, 2]],
        sheet="Wards",
        merged=(("A2:A3", "Ward"), ("B2:C2", "Patients"), ("D2:D3", "Cost")),
    )
    proposal = propose(tmp_path, PLAIN)
    form = yaml.safe_load(proposal.forms)["forms"]["wards"]
    assert (form["label_rows"], form["first_row"]) == ([2, 3], 4)
    assert [one["label"] for one in form["columns"]] == ["Ward", "Patients - In", "Patients - Out", "Cost"]
    start = start_project(tmp_path / "mine", PLAIN, PERIOD, proposal=proposal)
    assert [one for one in check_period(start.project, PERIOD).findings if one.severity == "error"] == []


def test_a_row_of_sums_that_is_not_called_so_is_told(tmp_path):
    rows = [["Permits, Q1 2026"], ["Kind", "Asked for", "Granted"], ["Building", 30, 24], ["Trade", 21, 21]]
    write_sheet(tmp_path / "a.xlsx", [*rows, ["Altogether", 51, 45]], sheet="Permits")
    proposal = propose(tmp_path, PLAIN)
    form = yaml.safe_load(proposal.forms)["forms"]["permits"]
    assert form["total"] == {"column": "A", "text": "Altogether"}
    assert 'row 5 (text "Altogether") is taken for the row of totals' in proposal.forms
    write_sheet(tmp_path / "a.xlsx", [*rows, [None, 51, 45]], sheet="Permits")
    proposal = propose(tmp_path, PLAIN)
    assert "row 5 holds the sums of those above and is not called so" in proposal.forms
    assert all(
        one["adds"] is False for one in read_columns(proposal, "permits").values() if one["type"] == "count"
    )


UNCERTAIN = {
    'not every cell is a number: B3, text "n/a"': [["Eyes", "n/a"], ["Heart", 3], ["Ear", 4]],
    "cells of it are blank; check asks for a number in each": [["Eyes", None], ["Heart", 3], ["Ear", 4]],
    "numbers below 0 stand in it": [["Eyes", -1], ["Heart", 3]],
    "no column of text tells its rows apart": [["Eyes", 1], ["Eyes", 3]],
    "no row of totals shows whether it is added up": [["Eyes", 1], ["Heart", 3]],
}


def test_what_is_uncertain_is_said_at_its_form(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for number, rows in enumerate(UNCERTAIN.values()):
        page = book.add_worksheet(f"F{number}")
        for row, entries in enumerate([["Q1 2026"], ["Ward", "Beds"], *rows]):
            page.write_row(row, 0, entries)
    book.close()
    _head, *forms = re.split(r"\n  (?=f\d:)", propose(tmp_path, PLAIN).forms)
    assert [doubt for doubt, form in zip(UNCERTAIN, forms, strict=True) if doubt not in form] == []


def test_a_column_that_shows_percentages_is_not_added(tmp_path):
    write_sheet(tmp_path / "a.xlsx", [["Q1 2026"], ["Ward", "Used"], ["A", 0.5], ["B", 0.25], ["Total", 0.75]], formats={1: "0%"})  # fmt: skip
    proposal = propose(tmp_path, PLAIN)
    assert read_columns(proposal, "water_use")["used"]["adds"] is False
    assert "show a percentage (0%)" in proposal.forms


def test_workbooks_that_differ_and_files_that_are_none_are_told(tmp_path):
    rows = [["Q1 2026"], ["Ward", "Beds"], ["A", 5], ["B", 6]]
    for name in ("a.xlsx", "b.xlsx"):
        write_sheet(tmp_path / name, rows)
    write_sheet(tmp_path / "c.xlsx", [["Q4 2025"], ["Ward", "Seats"], ["A", 5], ["B", 6]])
    write_sheet(tmp_path / "d.xlsx", [["Notes"], ["nothing here"]], sheet="Text")
    (tmp_path / "old.xls").write_bytes(b"")
    said = "\n".join(propose(tmp_path, PLAIN).notes)
    for wanted in (
        "laid out otherwise in c.xlsx",
        "only 3 of 4 workbooks have this sheet",
        "d.xlsx, sheet Text is left out: no table was found in it",
        "old.xls is no .xlsx file and is left out",
        "the workbooks name several periods: 2025-Q4, 2026-Q1",
    ):
        assert wanted in said


def test_a_name_of_somebodys_workbook_is_text(tmp_path):
    write_sheet(
        tmp_path / '5-a{b}_"c".xlsx'.replace('"', "'"),
        [["Q1 2026"], ["Ward", "{x} *in* 2024"], ["A", 5], ["B", 6], ["Total", 11]],
        sheet="{so} #1",
    )
    start = start_project(tmp_path / "mine", PLAIN, PERIOD, proposal=propose(tmp_path, PLAIN))
    assert [one for one in check_period(start.project, PERIOD).findings if one.severity == "error"] == []
    assert start.project.params.place.names == ("{so} #1", "{x} *in* 2024")


def test_a_workbook_without_a_period_is_told(tmp_path):
    write_book(tmp_path / "a.xlsx", [("Building", 1, 2)], head="")
    proposal = propose(tmp_path, PLAIN)
    assert proposal.period is None
    assert any("no cell above its table names a period" in note for note in proposal.notes)


def test_a_folder_without_a_table_is_refused(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"no workbook")
    with pytest.raises(UsageError, match=r"expected workbooks.*found none among 1 files"):
        propose(tmp_path, PLAIN)


@pytest.mark.parametrize(
    ("today", "period"),
    [(date(2026, 1, 1), "2025-Q4"), (date(2026, 6, 14), "2026-Q1"), (date(2026, 6, 15), "2026-Q2")],
)
def test_the_period_is_the_last_whole_quarter(today, period):
    assert str(find_period(today)) == period
