"""What a value was read from goes into a trace and comes back, whatever texts stand in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from baocao.values.criteria import BASIS, Among, Basis, Earlier, Filled, Positive, Row

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet='|,=[]"\\\n\r\u2028.>0 a', max_size=12),
    st.sampled_from(
        ["sửa đổi, bổ sung", "a filled", "row 3", "last_year", "x, y=z", "a|b", '"a"', "", " a "]
    ),
)
COLUMNS = st.sampled_from(["level", "unit", "tiep_nhan", "y"])
CRITERIA = st.one_of(
    st.builds(Among, COLUMNS, st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    st.builds(Positive, COLUMNS),
    st.builds(Filled, COLUMNS),
    st.builds(Row, st.integers(1, 10**6)),
    st.builds(Earlier, st.sampled_from(["last_year", "last_period"])),
)
BASES = st.builds(
    Basis,
    st.sampled_from(["06a", "chi-tieu"]),
    st.lists(CRITERIA, max_size=4).map(tuple),
    st.none() | COLUMNS,
)


@given(BASES)
def test_a_basis_comes_back_from_json_as_it_was(basis):
    text = json.dumps(BASIS.dump_python(basis, mode="json"), ensure_ascii=False, indent=1)
    assert BASIS.validate_json(text) == basis


@given(BASES, BASES)
def test_two_bases_never_read_alike(one, other):
    assert (str(one) == str(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((Among("x", ("a|b",)),), (Among("x", ("a", "b")),)),
        ((Among("x", ("a, y=b",)),), (Among("x", ("a",)), Among("y", ("b",)))),
        ((Among("x", ("a, y>0",)),), (Among("x", ("a",)), Positive("y"))),
        ((Among("x", ("a, y filled",)),), (Among("x", ("a",)), Filled("y"))),
        ((Among("x", ("a, row 3",)),), (Among("x", ("a",)), Row(3))),
        ((Among("x", ("a].y",)),), (Among("x", ("a",)),)),
        ((Among("x", ('"a"',)),), (Among("x", ("a",)),)),
    ],
)
def test_texts_that_look_like_criteria_are_told_apart(one, other):
    assert str(Basis("f", one)) != str(Basis("f", other))


def test_words_that_need_no_quotes_have_none():
    basis = Basis("06a", (Among("loai", ("sửa đổi, bổ sung", "bãi bỏ")), Filled("ngay")), "so")
    assert str(basis) == "06a[loai=sửa đổi, bổ sung|bãi bỏ, ngay filled].so"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"form": "06a", "criteria": [{"column": "x"}]},
        {"form": "06a", "criteria": [{"test": "among", "column": "x", "texts": "a"}]},
        {"form": "06a", "criteria": [{"test": "never", "column": "x"}]},
        {"form": "06a", "criteria": [{"test": "row", "number": "3"}]},
        {"form": "06a", "more": 1},
    ],
)
def test_what_is_no_basis_is_refused(data):
    with pytest.raises(ValidationError):
        BASIS.validate_json(json.dumps(data))
