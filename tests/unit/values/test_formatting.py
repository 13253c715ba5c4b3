"""Numbers as the Vietnamese administration writes them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.project.models import Indicator, NumberFormat
from baocao.values.formatting import format_number, format_value, parse_format, round_half_up
from baocao.values.value import Value

NUMBERS = find_house("nd30").numbers


@given(st.integers(-(10**15), 10**15), st.integers(0, 6), st.integers(0, 6))
def test_rounding_is_that_of_decimal_half_up(scaled, places, decimals):
    exact = Decimal(scaled).scaleb(-places)
    expected = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
    assert round_half_up(Fraction(scaled, 10**places), decimals) == expected


def test_rounding_happens_once_from_the_fraction():
    # 98,5849… rounds down, although its twelve printed digits would round up.
    just_below = Fraction(98585, 1000) - Fraction(1, 10**20)
    assert format_number(just_below, NumberFormat(decimals=2), NUMBERS, percent=True) == "98,58%"


@pytest.mark.parametrize(
    ("number", "form", "percent", "text"),
    [
        (1018, NumberFormat(), False, "1.018"),
        (0, NumberFormat(), False, "0"),
        (9, NumberFormat(), False, "09"),
        (10, NumberFormat(), False, "10"),
        (6, NumberFormat(pad=1), False, "6"),
        (7, NumberFormat(pad=3), False, "007"),
        (50, NumberFormat(decimals=2), True, "50%"),
        (100, NumberFormat(decimals=2), True, "100%"),
        (Fraction(99996, 1000), NumberFormat(decimals=2), True, "100,00%"),
        (Fraction(289, 10), NumberFormat(decimals=1, trim=True), True, "28,9%"),
        (Fraction(26004, 1000), NumberFormat(decimals=1, trim=True), True, "26%"),
        (Fraction(38806443, 1000), NumberFormat(decimals=3), False, "38.806,443"),
        (Fraction(1, 2), NumberFormat(), False, "0,5"),
        (Fraction(1, 1000), NumberFormat(decimals=2), True, "0,00%"),
    ],
)
def test_printed_numbers(number, form, percent, text):
    assert format_number(Fraction(number), form, NUMBERS, percent=percent) == text


@given(st.integers(0, 10**12))
def test_a_printed_count_reads_back_as_itself(count):
    assert int(format_number(Fraction(count), NumberFormat(), NUMBERS).replace(".", "")) == count


def test_the_indicator_decides_unless_the_text_says_otherwise():
    indicators = {"ty_le": Indicator(label="Thử", unit="%", print=NumberFormat(decimals=2))}
    value = Value(Fraction(97153, 1000), "%", "ratio", name="ty_le")
    assert format_value(value, indicators, NUMBERS) == "97,15%"
    assert format_value(value, indicators, NUMBERS, ".1%") == "97,2%"


def test_an_undefined_share_is_said_in_words():
    none = (Value(Fraction(0), "tỷ đồng", "cell"), Value(Fraction(0), "tỷ đồng", "cell"))
    assert format_value(Value(None, "%", "ratio", none), {}, NUMBERS) == "không phát sinh"


def test_a_share_of_something_in_nothing_did_occur():
    """A plan of 0 that was spent from: to print "none occurred" would be a lie."""
    some = (Value(Fraction(3), "tỷ đồng", "cell"), Value(Fraction(0), "tỷ đồng", "cell"))
    assert format_value(Value(None, "%", "ratio", some), {}, NUMBERS) == "không tính được"


def test_parts_of_a_whole_are_printed_as_counts():
    parts = (Value(Fraction(7), "văn bản", "count"), Value(Fraction(7), "văn bản", "count"))
    assert format_value(Value(Fraction(1), "văn bản", "over", parts), {}, NUMBERS) == "07/07"


@pytest.mark.parametrize("spec", ["d", ".%%", "abc", ".-1", ",.2f"])
def test_other_formats_are_refused(spec):
    with pytest.raises(UsageError, match="expected a format"):
        parse_format(spec)
