"""A chart shows its values and nothing of the machine it was drawn on."""

from __future__ import annotations

from fractions import Fraction

import matplotlib as mpl
import pytest

from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.sections.charts import Mark, draw_chart
from baocao.values.value import Source, Value, make_block

SOURCES = (Source(make_block([("a.xlsx", "06a", 9)]), "C", "term"),)


def value(number: int | None, name: str) -> Value:
    return Value(
        None if number is None else Fraction(number), "hồ sơ", "cell", sources=SOURCES, basis="", name=name
    )


NUMBERS = find_house("nd30").numbers
SERIES = {"Đã giải quyết": {"Sở Nội vụ": value(1018, "mot"), "Sở Y tế": value(None, "hai")}}


@pytest.mark.parametrize("kind", ["bar", "column", "stacked"])
def test_the_settings_of_a_person_do_not_reach_a_chart(kind):
    drawn = draw_chart(SERIES, {}, NUMBERS, kind=kind, axis="Số hồ sơ")
    own = {"font.size": 20, "axes.facecolor": "red", "savefig.bbox": "tight", "figure.dpi": 31}
    with mpl.rc_context(own):
        again = draw_chart(SERIES, {}, NUMBERS, kind=kind, axis="Số hồ sơ")
        assert mpl.rcParams["font.size"] == 20, "drawing leaves the settings as they were"
    assert (again.png, again.svg) == (drawn.png, drawn.svg)


def test_every_bar_has_a_mark_and_another_number_another_picture():
    drawn = draw_chart(SERIES, {}, NUMBERS, kind="bar", axis="Số hồ sơ")
    assert drawn.marks == (
        Mark("Đã giải quyết", "Sở Nội vụ", "mot"),
        Mark("Đã giải quyết", "Sở Y tế", "hai"),
    )
    other = {"Đã giải quyết": {**SERIES["Đã giải quyết"], "Sở Nội vụ": value(1019, "mot")}}
    assert draw_chart(other, {}, NUMBERS, kind="bar", axis="Số hồ sơ").svg != drawn.svg


def test_series_of_unlike_labels_are_refused():
    with pytest.raises(UsageError, match="the same labels"):
        draw_chart(
            {**SERIES, "Đang giải quyết": {"Sở Nội vụ": value(1, "ba")}}, {}, NUMBERS, kind="bar", axis="x"
        )
    with pytest.raises(UsageError, match="at least one"):
        draw_chart({}, {}, NUMBERS, kind="bar", axis="x")


def test_a_label_with_dollars_is_text():
    """It reaches no parser of mathematics, which would fail on it or set it in another way."""
    series = {"$x^2$ và $": {r"a $\frac{$ b$": value(5, "a")}}
    draw_chart(series, {}, NUMBERS, kind="bar", axis="$y$ (hồ sơ)")


def test_a_tone_for_a_series_that_is_not_there_is_refused():
    with pytest.raises(UsageError, match="no series"):
        draw_chart(SERIES, {}, NUMBERS, kind="bar", axis="x", tones={"Quá hạn": "late"})


def test_what_is_late_has_a_look_of_its_own():
    series = {"Đúng hạn": {"A": value(5, "a")}, "Quá hạn": {"A": value(3, "b")}}
    plain = draw_chart(series, {}, NUMBERS, kind="stacked", axis="x")
    told = draw_chart(series, {}, NUMBERS, kind="stacked", axis="x", tones={"Quá hạn": "late"})
    assert "#a3201d" in told.svg
    assert "#a3201d" not in plain.svg


def test_the_face_of_the_page_is_used():
    fonts = find_house("nd30").layout.list_fonts()
    assert fonts
    own = draw_chart(SERIES, {}, NUMBERS, kind="bar", axis="Số hồ sơ", fonts=fonts)
    assert "BaocaoSerif" in own.svg
