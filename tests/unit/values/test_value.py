"""A value equals plain arithmetic over its terms, and never loses its cells."""

from __future__ import annotations

import math
import re
import time
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.cells import CellRef
from baocao.project.errors import ValueUseError
from baocao.project.house import find_house
from baocao.values.value import Block, Source, Value, find_written, make_block, opaque, print_decimal, total

numbers = st.fractions(min_value=-(10**12), max_value=10**12, max_denominator=1000)


def leaf(
    number: Fraction | int, row: int = 9, column: str = "C", unit: str = "hồ sơ", file: str = "a.xlsx"
) -> Value:
    source = Source(make_block([(file, "06a", row)]), column, "term")
    return Value(Fraction(number), unit, "cell", sources=(source,), basis=f"{file}!{column}{row}")


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_total_is_the_exact_sum_and_keeps_every_cell(terms):
    made = total([leaf(term, row) for row, term in enumerate(terms, 9)])
    assert made.number == sum(terms, Fraction(0))
    assert made.cells() == {CellRef("a.xlsx", "06a", f"C{row}"): "term" for row in range(9, 9 + len(terms))}


@given(numbers, numbers.filter(bool))
def test_a_share_is_in_per_cent_and_exact(part, whole):
    share = leaf(part) / leaf(whole, 10)
    assert share.unit == "%"
    assert share.number == part * 100 / whole


@given(numbers, numbers)
def test_a_difference_is_exact(one, other):
    assert (leaf(one) - leaf(other, 10)).number == one - other


def test_a_share_of_nothing_says_that_it_says_nothing():
    share = leaf(0) / leaf(0, 10)
    assert share.number is None
    assert (share + share).number is None


@pytest.mark.parametrize("use", [float, int, round, bool, math.floor, lambda v: v < 3, lambda v: [0][v]])
def test_a_value_does_not_become_a_bare_number(use):
    with pytest.raises((ValueUseError, TypeError)):
        use(leaf(1))


@pytest.mark.parametrize(
    "use",
    [
        lambda v: v + 1,
        lambda v: 1 + v,
        lambda v: v - 1,
        lambda v: v / 2,
        lambda v: 2 * v,
        lambda v: sum([v, v]),
    ],
)
def test_bare_numbers_do_not_get_into_the_arithmetic(use):
    with pytest.raises(ValueUseError, match="without cells"):
        use(leaf(1))


def test_units_do_not_mix():
    with pytest.raises(ValueUseError, match="two units"):
        leaf(1) + leaf(1, unit="TTHC")
    assert (leaf(6) / leaf(2, unit="ngày")).unit == "hồ sơ/ngày"


def test_a_part_of_a_whole_names_its_parents():
    made = leaf(14).over(leaf(16, 10), "tphs")
    assert [parent.id for parent in made.parents] == ["tphs__tu", "tphs__mau"]
    assert made.number == Fraction(14, 16)


def test_ids_come_from_operation_and_parents_not_from_the_number():
    assert (leaf(1) + leaf(2, 10)).id == (leaf(5) + leaf(7, 10)).id
    assert (leaf(1) + leaf(2, 10)).id != (leaf(1) - leaf(2, 10)).id
    assert (leaf(1) + leaf(2, 10)).content != (leaf(5) + leaf(2, 10)).content


@pytest.mark.parametrize("name", ["Hoso", "hồ_sơ", "1a", "a-b", ""])
def test_an_id_is_small_letters_digits_and_underscores(name):
    with pytest.raises(ValueUseError, match="expected an id"):
        leaf(1).named(name)


def test_a_value_written_into_a_text_is_found_again_and_nothing_else_happens():
    value = leaf(1).named("mot")
    mark = f"{value:.2%}"
    assert mark.endswith("|.2%⟧")
    assert find_written(mark[1:].partition("|")[0]) is value


def test_a_value_used_many_times_costs_once():
    value = leaf(1)
    for _ in range(60):
        value = total([value, value])
    assert value.number == 2**60
    assert len(list(value.walk())) == 61
    assert len(value.cells()) == 1


def test_a_long_chain_neither_overruns_nor_grows_faster_than_its_length():
    def chain(length: int) -> float:
        started = time.process_time()
        value = leaf(1)
        for row in range(length):
            value += leaf(1, row + 10)
        assert value.number == length + 1
        assert len(value.cells()) == length + 1
        assert value.id
        assert value.content
        return time.process_time() - started

    chain(500)
    assert chain(16000) < 60 * chain(2000)


def test_code_that_knows_bare_numbers_has_one_door_and_is_named():
    made = opaque(max, leaf(3), leaf(4, 10), unit="ngày", name="lau_nhat", why="the larger")
    assert (made.op, made.number, made.basis) == ("opaque", 4, "the larger")
    assert len(made.cells()) == 2


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 50)), max_size=40))
def test_a_block_gives_back_its_rows_in_order(rows):
    block = make_block((file, "s", row) for file, row in rows)
    assert [(r.file, int(r.address[1:])) for r in Source(block, "C", "term").cells()] == rows
    assert len(block) == len(rows)


def test_equal_blocks_have_one_key():
    assert Block((("a", "s", 1, 3),)).key == make_block([("a", "s", 1), ("a", "s", 2), ("a", "s", 3)]).key


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(1, 3), "0.333333333333"),
        (Fraction(200, 3), "66.6666666667"),
        (Fraction(9715, 100), "97.1500000000"),
        (Fraction(123456789012345, 10), "12345678901200"),
        (Fraction(-1, 8), "-0.125000000000"),
    ],
)
def test_machines_read_twelve_digits(number, text):
    assert print_decimal(number) == text


def test_a_value_is_not_compared_by_itself_and_is_found_again_by_identity():
    nine, other = leaf(9), leaf(9)
    for compare in (
        lambda: nine == 0,
        lambda: nine != 0,
        lambda: nine == other,
        lambda: nine in [other, 0],
    ):
        with pytest.raises(ValueUseError, match=r"compare value\.number"):
            compare()
    assert nine == nine  # noqa: PLR0124
    assert len({nine, other, nine}) == 2
    assert {nine: 1}[nine] == 1
    assert replace(nine, unit="x").unit == "x"


def test_a_value_shows_number_unit_and_id():
    assert repr(leaf(142186).named("hoso")) == "142186 hồ sơ (hoso)"
    view = SimpleNamespace(params=SimpleNamespace(house=find_house("nd30")))
    read = replace(leaf(142186), counted=(view, "C"))
    assert repr(total([read, read], "hoso")) == "284.372 hồ sơ (hoso)"
    assert leaf(1, unit="<b>").named("x")._repr_html_() == "1 &lt;b&gt; (x)"


@pytest.mark.vietnamese
def test_what_cannot_be_done_with_a_value_is_said_in_one_language():
    value = Value(Fraction(1), "hồ sơ", "cell", name="a")
    for attempt in (
        lambda: value + 1,
        lambda: value - 1,
        lambda: value / 1,
        lambda: value * 2,
        lambda: 2 * value,
    ):
        with pytest.raises(ValueUseError) as refused:
            attempt()
        assert not re.search(r"\b(?:add|subtract|divide|with)\b", str(refused.value))
