"""A project of one's own: a small one that works, or one after workbooks there are."""

from __future__ import annotations

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
    assert dict(proposal.units) == {"B1": "Hill town", "U02": "Lake"}
    assert proposal.notes == ()
    start = start_project(tmp_path / "mine", PLAIN, PERIOD, proposal=proposal)
    assert [one for one in check_period(start.project, PERIOD).findings if one.severity == "error"] == []
    assert sum(read_tables(start.project, PERIOD).table("permits").column("asked_for")) == 136


def test_a_workbook_without_a_period_is_told(tmp_path):
    write_book(tmp_path / "a.xlsx", [("Building", 1, 2)], head="")
    proposal = propose(tmp_path, PLAIN)
    [note] = proposal.notes
    assert "no cell above its table names a period" in note


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
