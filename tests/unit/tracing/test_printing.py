"""No text stands for a number that it is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.params import Params
from baocao.tracing.printing import find_misprints
from baocao.tracing.record import Mention
from baocao.values.formatting import format_value
from baocao.values.nodes import Node
from baocao.values.value import Value

PARAMS = Params(Path(__file__).parents[3] / "params")
VALUES = {
    "hoso": Node(Fraction(142186), "hồ sơ", "sum"),
    "ty_le": Node(Fraction(9715, 100), "%", "ratio"),
    "tu": Node(Fraction(14), "sở", "count"),
    "mau": Node(Fraction(16), "sở", "count"),
    "co": Node(Fraction(7, 8), "sở", "over", ("tu", "mau")),
    "khong": Node(None, "%", "ratio"),
    "bay": Node(Fraction(7), "hồ sơ", "count"),
}


def find(value, printed):
    return list(find_misprints([Mention("m", "kstthc", "I.7", value, printed, "")], VALUES, PARAMS))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("hoso", "142.186"),
        ("ty_le", "97,15%"),
        ("ty_le", "97,2%"),
        ("co", "14/16"),
        ("khong", PARAMS.house.numbers.undefined),
        ("bay", "07"),
        ("bay", "7"),
    ],
)
def test_what_a_value_prints_is_no_misprint(value, printed):
    assert find(value, printed) == []


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("hoso", "999"),
        ("hoso", "142186"),
        ("hoso", "142.187"),
        ("ty_le", "97,16%"),
        ("ty_le", "97,15"),
        ("co", "7/8"),
        ("khong", "0%"),
        ("bay", "70"),
        ("bay", ""),
    ],
)
def test_anything_else_is_told_with_what_stands_there_and_what_should(value, printed):
    [finding] = find(value, printed)
    assert (finding.code, finding.severity, finding.ids, finding.got) == (
        "misprinted",
        "error",
        ("m", value),
        printed,
    )
    assert finding.expected == format_value(
        Value(
            VALUES[value].number,
            VALUES[value].unit,
            VALUES[value].op,
            tuple(Value(VALUES[parent].number, "sở", "count") for parent in VALUES[value].parents),
            name=value,
        ),
        PARAMS.indicators,
        PARAMS.house.numbers,
    )


@given(
    st.fractions(max_denominator=1000),
    st.sampled_from(["", "01", "03", ".2", ".3~"]),
    st.sampled_from(["%", "x"]),
)
def test_every_format_a_notebook_asks_for_is_known(number, spec, unit):
    values = {"v": Node(number, unit, "sum")}
    printed = format_value(Value(number, unit, "sum", name="v"), {}, PARAMS.house.numbers, spec)
    assert list(find_misprints([Mention("m", "r", "I", "v", printed, "")], values, PARAMS)) == []
