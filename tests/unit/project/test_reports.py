"""Which reports there are for a period, and how they are worded for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.project.params import Params
from baocao.project.periods import format_words, parse_period
from baocao.project.reports import Holding, ReportPlan

PARAMS = Params(Path(__file__).resolve().parents[3] / "params")


def plan(**fields):
    sections = [{"key": "I", "heading": "I."}]
    return ReportPlan.model_validate({"name": "r", "title": "T", "sections": sections, **fields})


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("2026-Q1", ["kstthc", "cchc"]),
        ("2026-Q2", ["kstthc"]),
        ("2026-H1", ["kstthc", "cchc"]),
        ("2026-Q4", ["kstthc"]),
        ("2026", ["kstthc", "cchc"]),
        ("2026-M04", ["kstthc"]),
    ],
)
def test_the_half_year_and_the_year_take_the_quarters_place(period, names):
    assert list(PARAMS.reports_of(parse_period(period))) == names


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2026-Q1", "hành chính quý I và phương hướng, nhiệm vụ quý II năm 2026 của"),
        ("2026-H1", "6 tháng đầu năm 2026 và phương hướng, nhiệm vụ 6 tháng cuối năm 2026 của"),
        ("2026", "năm 2026 và phương hướng, nhiệm vụ năm 2027 của"),
        ("2026-Q4", "quý IV năm 2026 và phương hướng, nhiệm vụ quý I năm 2027 của"),
    ],
)
def test_a_title_is_worded_for_its_period(period, said):
    title = PARAMS.report("cchc", parse_period(period)).title
    assert said in format_words(title, parse_period(period), find_house("nd30").periods, place="X")


@pytest.mark.parametrize("period", ["2026-M04", "2026-Q4", "2026-H2", "2026-9M", "2026"])
def test_every_heading_can_be_filled_in_for_every_kind(period):
    parsed = parse_period(period)
    for spec in PARAMS.reports_of(parsed).values():
        for text in (spec.title, *(section.heading for section in spec.sections)):
            format_words(text, parsed, find_house("nd30").periods, place="X")


def test_texts_by_kind_and_lines_for_a_time():
    made = plan(
        title={"quarter": "Quý", "year": "Năm"},
        recipient=["Bộ A", {"text": "Bộ B", "until": "2026-03-31"}, {"text": "Bộ C", "from": "2026-04-01"}],
        sections=[
            {"key": "I", "heading": "I. Quý", "periods": ["quarter"]},
            {"key": "I", "heading": "I. Năm", "periods": ["year"], "notebook": "01-nam"},
        ],
    )
    first, second = made.settle(parse_period("2026-Q1")), made.settle(parse_period("2026-Q2"))
    assert (first.title, first.recipient, second.recipient) == ("Quý", ("Bộ A", "Bộ B"), ("Bộ A", "Bộ C"))
    assert first.sections[0].heading == "I. Quý"
    assert made.settle(parse_period("2026")).notebooks == ("r/01-nam",)
    assert list(made.list_notebooks(parse_period("2026-Q1"))) == []
    with pytest.raises(UsageError, match="no wording of title for 2026-H1"):
        made.settle(parse_period("2026-H1"))


def test_a_section_that_a_period_has_twice_is_refused():
    sections = [
        {"key": "I", "heading": "a", "periods": ["quarter"]},
        {"key": "I", "heading": "b", "periods": ["Q1"]},
    ]
    with pytest.raises(UsageError, match="section I twice for 2026-Q1"):
        plan(sections=sections).settle(parse_period("2026-Q1"))
    plan(sections=sections).settle(parse_period("2026-Q2"))


@given(st.sampled_from(["2026-M04", "2026-Q2", "2026-H1", "2026-9M", "2026"]))
def test_a_period_is_its_kind_and_its_own_spelling(text):
    period = parse_period(text)
    assert Holding().holds(period)
    assert Holding(periods=(period.kind,)).holds(period)
    if period.kind != "year":
        assert Holding(periods=(text.partition("-")[2],)).holds(period)
        assert not Holding(periods=("year",)).holds(period)
