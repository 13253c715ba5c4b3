"""What a number format shows of a number."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from baocao.reading.workbooks.formats import pads, shown_as
from baocao.reading.workbooks.parsing import parse_workbook


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", "1234.5", "same"),
        ("@", "12", "same"),
        ("0", "12", "same"),
        ("#,##0", "1234567", "same"),
        ("#,##0.00#", "1.5", "same"),
        ("000000", "12", "same"),
        ('#,##0 "hồ sơ"', "12", "same"),
        ('_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "1234", "same"),
        ('_(* #,##0_);_(* (#,##0);_(* "-"??_);_(@_)', "0", "same"),
        ("#,##0;-#,##0;", "0", "same"),
        ("[Red]#,##0", "5", "same"),
        ("[$₫-42A]#,##0", "5", "same"),
        ("0.00E+00", "1500", "same"),
        ("0", "12.6", "rounded"),
        ("#,##0.0", "0.25", "rounded"),
        (";;;", "5", "hidden"),
        (";;;", "0", "same"),
        ("[White]0", "5", "hidden"),
        ("[Color2]0", "5", "hidden"),
        ("[Color 2]0", "5", "hidden"),
        ('"0"', "5", "other"),
        ('"-"', "5", "other"),
        ('"Không"', "5", "other"),
        ('0"000"', "5", "other"),
        ('"1"0', "5", "other"),
        ("0\\0", "5", "other"),
        ("#,##0,", "5000", "other"),
        ("0.0,,", "5000000", "other"),
        ("#,##0,.0", "5000", "other"),
        ("0%", "5", "other"),
        ("0.00%", "0.5", "other"),
        ("0%", "0", "same"),
        ("0-00", "1234", "other"),
        ("0\\.00", "1234", "other"),
        ("0*0", "5", "other"),
        ("# ?/?", "0.5", "other"),
        ("dd/mm/yyyy", "5", "other"),
        ('[>100]0;"ít"', "5", "other"),
        ('[>100]0;"ít"', "500", "same"),
        ("[<10]0;0,", "5", "same"),
        ("[<10]0;0,", "5000", "other"),
        ('0;"-"', "-5", "other"),
    ],
)
def test_what_a_format_shows(code, number, shown):
    assert shown_as(code, Decimal(number)) == shown


@pytest.mark.parametrize(
    ("code", "padded"), [("00000", True), ("0", False), ("#,##0.00", False), ("000-000", True)]
)
def test_formats_that_put_zeros_before_a_number(code, padded):
    assert pads(code) == padded


numbers = st.decimals(min_value=1, max_value=10**12, places=3)


@given(numbers)
def test_a_scaled_number_is_never_the_same(number):
    for code in ("#,##0,", "0.000,", "#,##0,,", "0.000%", '0.000"0"', '"1"0.000'):
        assert shown_as(code, number) == "other"


@given(numbers, st.sampled_from(["#,##0", "0", "#", "0000", "_-0_-", '[Blue]#,##0 "TTHC"']))
def test_a_plain_format_only_rounds(number, code):
    assert shown_as(code, number) == ("same" if number == int(number) else "rounded")
    assert shown_as(f"{code}.000" if code[-1] in "0#" else "0.000", number) == "same"


@given(st.text(max_size=20), st.decimals(min_value=-(10**6), max_value=10**6, places=2))
def test_no_format_is_a_traceback(code, number):
    assert shown_as(code, number) in ("same", "rounded", "hidden", "other")


def _book(**look):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet("S").write_number(0, 0, 5, book.add_format(look))
    book.close()
    return parse_workbook(stream.getvalue()).sheets[0].cells[0, 0]


@pytest.mark.parametrize(
    ("look", "faint"),
    [
        ({}, False),
        ({"font_color": "#FFFFFF"}, True),
        ({"font_color": "#FEFEFE"}, True),
        ({"font_color": "#FFFFFF", "bg_color": "#003366"}, False),
        ({"font_color": "#003366", "bg_color": "#003366"}, True),
        ({"font_size": 1}, True),
        ({"font_size": 8}, False),
        ({"bg_color": "#FFFF00"}, False),
    ],
)
def test_letters_that_nobody_can_read(look, faint):
    assert _book(**look).faint == faint


@given(st.sampled_from(["#,##0,", ";;;", '0"000"', "0%"]))
def test_the_format_reaches_the_cell(code):
    assert _book(num_format=code).format == code


@pytest.mark.parametrize(
    ("formula", "outside", "volatile"),
    [
        ("=A2+1", False, False),
        ("=[1]Sheet1!A1", True, False),
        ("='[1]Bảng 1'!A1+2", True, False),
        ("=SUM(A2,[1]S!B2)", True, False),
        ("=[1]!Ten", True, False),
        ("=Bang[2025]", False, False),
        ("=Bang[[#This Row],[2025]]", False, False),
        ('="[1]x!"', False, False),
        ("=YEAR(TODAY())", False, True),
        ("=RAND()", False, True),
        ("=TODAYS", False, False),
    ],
)
def test_where_a_formula_points(formula, outside, volatile):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet("S").write_formula(0, 0, formula, None, 5)
    book.close()
    cell = parse_workbook(stream.getvalue()).sheets[0].cells[0, 0]
    assert (cell.outside, cell.volatile, cell.formula) == (outside, volatile, True)
