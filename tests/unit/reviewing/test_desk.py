"""The desk's workbook takes an explanation and gives it back, and page and annex print it as text."""

from __future__ import annotations

import datetime as dt
import io
from fractions import Fraction

import openpyxl
import pytest

from baocao.checking.desk import Flag, explain_flags
from baocao.intake.treating import add_explanations
from baocao.project.errors import UsageError
from baocao.project.folder import Project
from baocao.project.language import _
from baocao.project.periods import Period
from baocao.reviewing.desk import COLUMNS, make_desk_page, read_explanations, write_desk

PERIOD = Period(2026, 1)
CELL = "don-vi/H01-x.xlsx#06a!D9"
FLAG = Flag(
    "H01", "06a.truc_tuyen: <Đất đai>", "2025-Q4", Fraction(120), Fraction(1224), "doubled-digit",
    (CELL, "2025-Q4/don-vi/H01-x.xlsx#06a!D9"), "0a1b2c3d",
)  # fmt: skip
FIRST = 5


@pytest.fixture
def project(sandbox):
    (sandbox.root / "params" / "2026-Q1.yaml").write_text("period: 2026-Q1\n", encoding="utf-8")
    return sandbox.project


def fill(project, tmp_path, **entries):
    """The workbook with the given columns of its first row filled in by hand."""
    content = write_desk(explain_flags(project, PERIOD, [FLAG]), project, PERIOD)
    assert content == write_desk(explain_flags(project, PERIOD, [FLAG]), project, PERIOD)
    book = openpyxl.load_workbook(io.BytesIO(content))
    heads = [cell.value for cell in book.active[FIRST - 1]]
    for name, entry in entries.items():
        column = {"text": "Explanation of the unit", "who": "Explained by", "when": "On"}[name]
        book.active.cell(FIRST, heads.index(_(column)) + 1).value = entry
    path = tmp_path / "desk.xlsx"
    book.save(path)
    return path


def test_an_explanation_goes_into_the_params_and_holds_for_these_figures_alone(project, tmp_path):
    path = fill(project, tmp_path, text="+ Đợt cao điểm <cấp đổi>", who="Nguyễn Văn A", when="20/3/2026")
    said = read_explanations(path, project, PERIOD)
    assert list(said) == [CELL]
    add_explanations(project.params.folder / "2026-Q1.yaml", said)
    project = Project(project.root)
    (one,) = explain_flags(project, PERIOD, [FLAG])
    assert one.state == "explained"
    assert one.as_dict()["explanation"] == {
        "text": "+ Đợt cao điểm <cấp đổi>", "who": "Nguyễn Văn A", "when": "2026-03-20", "seen": "0a1b2c3d",
        "state": "explained",
    }  # fmt: skip
    page = make_desk_page([one], project.params, label="quý I năm 2026").decode()
    assert "&lt;cấp đổi&gt;" in page
    assert "&lt;Đất đai&gt;" in page
    moved = Flag(**{**vars(FLAG), "mark": "ffffffff"})
    assert [one.state for one in explain_flags(project, PERIOD, [moved])] == ["stale"]


def test_a_day_typed_as_a_date_is_a_day(project, tmp_path):
    path = fill(project, tmp_path, text="Đúng", who="A", when=dt.date(2026, 3, 20))
    assert read_explanations(path, project, PERIOD)[CELL].when == dt.date(2026, 3, 20)


@pytest.mark.parametrize(
    "entries",
    [
        {"text": "Đúng"},
        {"text": "Đúng", "who": "A"},
        {"text": "Đúng", "who": "A", "when": "31/2/2026"},
        {"who": "A"},
    ],
)
def test_an_explanation_that_nobody_signs_is_refused(project, tmp_path, entries):
    with pytest.raises(UsageError, match="row 5"):
        read_explanations(fill(project, tmp_path, **entries), project, PERIOD)


def test_a_row_left_blank_explains_nothing_and_another_workbook_is_refused(project, tmp_path, books):
    assert read_explanations(fill(project, tmp_path), project, PERIOD) == {}
    other = tmp_path / "other.xlsx"
    other.write_bytes(books.unit())
    with pytest.raises(UsageError, match="compare --xlsx"):
        read_explanations(other, project, PERIOD)
    assert len(COLUMNS) == 15
