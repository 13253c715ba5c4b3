"""Rows that are no items, measures, what cells show, relations within a row: told at their cells, never counted."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.forms import (
    AtMost,
    Column,
    EntriesRule,
    FixedRow,
    Form,
    Header,
    StateRule,
    TotalRow,
    Words,
)
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.reading.forms import Sender, read_form
from baocao.reading.forms.roles import role_of_text
from baocao.reading.workbooks.parsing import parse_workbook

PERIOD = Period(2026, 1)
WORDS = Words(
    measure=("Đơn vị tính", "ĐVT"),
    units=("triệu đồng", "1.000 đồng"),
    scales=("nghìn", "triệu", "x 1000"),
    totals=("Tổng số", "Cộng", "Tổng cộng"),
    parts=("Trong đó", "Bao gồm"),
)
SENDER = Sender("a.xlsx", PERIOD, find_house("nd30"))


def make_form(**changes) -> Form:
    columns = (
        Column(name="stt", column="A", label="STT", type="text", blank=True, order=True),
        Column(name="ten", column="B", label="Tên", type="text", key=True),
        *(
            Column(name=name, column=letter, label=name, type="count")
            for name, letter in zip("cdef", "CDEF", strict=True)
        ),
    )
    given_ = {
        "name": "f", "title": "F", "source": "van-ban", "sheet": "S", "kind": "table", "unit": "hồ sơ",
        "header": Header(period="B1"), "label_row": 4, "first_row": 5, "columns": columns, "words": WORDS,
        "total": TotalRow(column="B", text="Tổng số"),
    }  # fmt: skip
    return Form.model_validate({**given_, **changes})


def read(form, rows, *, head=(), looks=None, edit=None):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("S")
    sheet.write_string("B1", "Quý I năm 2026")
    for address, text in head:
        sheet.write(address, text)
    for index, column in enumerate(form.columns):
        sheet.write_string(form.label_row - 1, index, column.label)
    for number, row in enumerate(rows, form.first_row - 1):
        for index, entry in enumerate(row):
            look = (looks or {}).get((number + 1, index))
            if entry is not None:
                sheet.write(number, index, entry, *([book.add_format(look)] if look else []))
    if edit:
        edit(sheet, book)
    book.close()
    return read_form(form, parse_workbook(stream.getvalue()).sheets[0], SENDER)


def codes(result):
    return [finding.code for finding in result.findings]


A, B, C = (
    ["1", "Đất đai", 110, 98, 12, 7],
    ["2", "Hộ tịch", 205, 201, 4, 33],
    ["3", "Chứng thực", 1003, 900, 103, 15],
)


def add(*rows, label=("", "Tổng số")):
    return [*label, *(sum(row[i] for row in rows) for i in range(2, 6))]


def test_items_and_their_total_say_nothing():
    result = read(make_form(), [A, B, C, add(A, B, C)])
    assert codes(result) == []
    assert len(result.rows) == 3


GROUPED = [
    ("roman group", [add(A, B, label=("I", "Cấp tỉnh")), A, B, C], ["subtotal-row"]),
    ("letter group", [add(A, B, C, label=("A", "Cấp tỉnh")), A, B, C], ["subtotal-row"]),
    ("subtotal below", [A, B, add(A, B, label=("", "Cộng (I):")), C], ["subtotal-row"]),
    ("other spelling", [A, B, C, add(A, B, C, label=("", "CỘNG"))], ["subtotal-row"]),
    ("group that is no sum", [["I", "Cấp tỉnh", 9, 9, 0, 1], A, B, C], ["subtotal-mismatch"]),
    ("heading", [["I", "Cấp tỉnh"], A, B, C], ["heading-row"]),
    ("part", [A, ["", "Trong đó: trực tuyến", 20, 18, 2, 1], B, C], ["part-row"]),
    ("dotted", [A, ["1.1", "Đo đạc", 20, 18, 2, 1], B, C], ["part-row"]),
    ("sum that nothing marks", [A, B, ["3", "Khối một", 315, 299, 16, 40], C], ["sum-of-rows"]),
    ("sum without a number", [["", "Khối nhỏ", 5, 3, 2, 7], ["1", "x", 2, 1, 1, 3], ["2", "y", 3, 2, 1, 4], C], ["sum-of-rows"]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "found"), [one[1:] for one in GROUPED], ids=[one[0] for one in GROUPED])
def test_a_row_that_is_no_item_is_told_and_never_counted(rows, found):
    items = [row for row in rows if row[0] in ("1", "2", "3") and row[1] != "Khối một"]
    result = read(make_form(), [*rows, add(*items)])
    assert codes(result) == found
    assert [row.entries["ten"] for row in result.rows] == [row[1] for row in items]


def test_small_numbers_agree_by_accident():
    rows = [["1", "a", 4, 3, 1, 2], ["2", "b", 2, 1, 1, 1], ["3", "c", 2, 2, 0, 1]]
    assert codes(read(make_form(), [*rows, add(*rows)])) == []


def test_another_word_for_the_totals_row_is_understood():
    assert codes(read(make_form(), [A, B, add(A, B, label=("", "Tổng cộng:"))])) == []


@given(st.sampled_from(WORDS.totals), st.sampled_from(["", ":", " (I+II)", " I", " (A + B):", " mục I"]))
def test_words_for_sums(word, tail):
    wanted = "item" if "mục" in tail else "total"
    assert role_of_text(word + tail, WORDS.totals, WORDS.parts) == wanted
    assert role_of_text((word + tail).upper(), WORDS.totals, WORDS.parts) == wanted


@given(st.sampled_from(["Cộng", "Tổng số", "Trong đó", "Bao gồm"]), st.text("abcđêô", min_size=1, max_size=6))
def test_a_name_that_only_begins_like_one_is_an_item(word, rest):
    assert role_of_text(word + rest, WORDS.totals, WORDS.parts) == "item"


# -- the measure ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("head", "found"),
    [
        ([("A3", "Đơn vị tính: hồ sơ")], []),
        ([("F2", "ĐVT: Hồ sơ.")], []),
        ([("C3", "(Đơn vị tính: triệu đồng)")], ["wrong-measure"]),
        ([("C3", "Đơn vị tính:"), ("D3", "nghìn hồ sơ")], ["wrong-measure"]),
        ([("F3", "(1.000 đồng)")], ["wrong-measure"]),
        ([("A2", "Biểu số 3, đơn vị tính: triệu đồng")], ["wrong-measure"]),
        ([("A2", "Đơn vị báo cáo: Sở A")], []),
        ([("F3", "ĐVT: hồ sơ"), ("A3", "(nghìn hồ sơ)")], ["wrong-measure"]),
        ([("A2", "Đơn vị: nghìn hồ sơ")], ["wrong-measure"]),
        ([("A2", "Kết quả giải quyết (nghìn hồ sơ)")], ["wrong-measure"]),
        ([("A2", "(x 1000)")], ["wrong-measure"]),
        ([("A2", "Kế hoạch xử lý 20 nghìn hồ sơ")], []),
    ],
)
def test_the_measure_of_the_head(head, found):
    result = read(make_form(), [A, B, add(A, B)], head=head)
    assert codes(result) == found
    assert all(head[-1][0] == cell.rpartition("!")[2] for one in result.findings for cell in one.cells)


@pytest.mark.parametrize(
    ("note", "found"),
    [("Ghi chú: số liệu tính bằng nghìn hồ sơ", ["wrong-measure"]), ("Còn 2 nghìn hồ sơ lưu kho", [])],
)
def test_a_note_below_the_data_names_no_other_measure(note, found):
    result = read(make_form(), [A, B, add(A, B)], head=[("B12", note)])
    assert codes(result) == found


def test_a_form_that_declares_measures_asks_for_one():
    form = make_form(measures=("tỷ đồng", "tỉ đồng"))
    assert codes(read(form, [A, B, add(A, B)])) == ["no-measure"]
    assert codes(read(form, [A, B, add(A, B)], head=[("A3", "Đơn vị tính: Tỉ đồng")])) == []


# -- what the sender sees -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("look", "code"),
    [
        ({"num_format": "#,##0,"}, "shown-differently"),
        ({"num_format": '0"000"'}, "shown-differently"),
        ({"num_format": "0%"}, "shown-differently"),
        ({"num_format": '#,##0" nghìn"'}, "shown-differently"),
        ({"num_format": '#,##0 "(nghìn hồ sơ)"'}, "shown-differently"),
        ({"num_format": ";;;"}, "not-shown"),
        ({"font_color": "#FFFFFF"}, "not-shown"),
        ({"font_size": 1}, "not-shown"),
    ],
)
def test_a_cell_that_shows_something_else(look, code):
    result = read(make_form(), [A, B, add(A, B)], looks={(5, 2): look})
    assert [(one.code, one.cells) for one in result.findings] == [(code, ("a.xlsx#S!C5",))]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda s, _: s.set_row(4, 1), "hidden-rows"),
        (lambda s, _: s.set_row(4, None, None, {"hidden": True, "level": 1}), "hidden-rows"),
        (lambda s, _: s.set_column("C:C", 0.1), "hidden-columns"),
        (lambda s, _: s.set_default_row(1), "hidden-rows"),
    ],
)
def test_rows_and_columns_that_nobody_sees(edit, code):
    assert code in codes(read(make_form(), [A, B, add(A, B)], edit=edit))


@pytest.mark.parametrize(
    ("rule", "look", "found"),
    [
        ({"type": "formula", "criteria": "=TRUE"}, {"num_format": ";;;"}, ["not-always-shown"]),
        ({"type": "cell", "criteria": ">", "value": 100}, {"font_color": "#FFFFFF"}, ["not-always-shown"]),
        ({"type": "cell", "criteria": "==", "value": 0}, {"font_color": "#FFFFFF"}, []),
        ({"type": "formula", "criteria": "=C5=0"}, {"num_format": ";;;"}, []),
        ({"type": "cell", "criteria": ">", "value": 100}, {"font_color": "#FF0000", "bg_color": "#FFFF00"}, []),
        ({"type": "cell", "criteria": ">", "value": 100}, {"num_format": "#,##0"}, []),
    ],
)  # fmt: skip
def test_a_conditional_format_that_hides_numbers(rule, look, found):
    def edit(sheet, book):
        sheet.conditional_format("C5:D9", {**rule, "format": book.add_format(look)})

    assert codes(read(make_form(), [A, B, add(A, B)], edit=edit)) == found


def test_a_code_shown_with_zeros_is_another_code():
    form = make_form(kind="register", total=None)
    result = read(form, [["1", 123, 1, 1, 0, 0], A, B], looks={(5, 1): {"num_format": "00000"}})
    assert "shown-differently" in codes(result)


def test_many_cells_of_one_kind_are_one_finding():
    rows = [[str(i), f"Lĩnh vực {i}", -i, 1, 1, 1] for i in range(1, 40)]
    found = [one for one in read(make_form(), [*rows, add(*rows)]).findings if one.code == "negative"]
    assert len(found) == 1
    assert len(found[0].cells) == 39
    assert "36" in found[0].got


# -- relations within a row -------------------------------------------------------------
def test_a_part_is_no_more_than_its_whole():
    form = make_form(rules=(AtMost(kind="at-most", column="d", of="c"),))
    result = read(form, [A, ["2", "Hộ tịch", 5, 6, 0, 0], add(A, ["2", "", 5, 6, 0, 0])])
    assert [(one.code, one.cells) for one in result.findings] == [
        ("above-limit", ("a.xlsx#S!D6", "a.xlsx#S!C6"))
    ]


def make_tasks(**changes) -> Form:
    columns = (
        Column(name="ten", column="A", label="Tên", type="text", key=True),
        Column(
            name="trang_thai",
            column="B",
            label="Tình trạng",
            type="choice",
            choices=("xong", "còn trong hạn", "quá hạn"),
        ),
        Column(name="han", column="C", label="Hạn", type="date"),
        Column(name="ngay", column="D", label="Ngày", type="date", blank=True),
    )
    return make_form(kind="register", total=None, columns=columns, **changes)


DAY = dt.date(2026, 2, 1)
LATER = dt.date(2026, 6, 1)
EXPECTED = [
    ("xong", "ngay", "filled", None, False),
    ("xong", "ngay", "filled", DAY, True),
    ("xong", "ngay", "past", LATER, False),
    ("còn trong hạn", "ngay", "blank", DAY, False),
    ("còn trong hạn", "ngay", "blank", None, True),
]


@pytest.mark.parametrize(("state", "column", "expects", "day", "holds"), EXPECTED)
def test_a_state_and_its_date(state, column, expects, day, holds):
    rule = StateRule(kind="state", column="trang_thai", states=(state,), date=column, expects=expects)
    result = read(make_tasks(rules=(rule,)), [["a", state, LATER, day]])
    assert codes(result) == ([] if holds else ["state-contradicts-date"])


@given(st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)))
def test_what_is_due_in_the_period_is_not_still_in_time(due):
    rule = StateRule(
        kind="state", column="trang_thai", states=("còn trong hạn",), date="han", expects="ahead"
    )
    result = read(make_tasks(rules=(rule,)), [["a", "còn trong hạn", due, None]])
    assert codes(result) == ([] if due >= PERIOD.end else ["state-contradicts-date"])


@given(st.decimals(min_value=0, max_value=500, places=2))
def test_a_share_is_within_its_bounds(share):
    columns = (
        Column(name="ma", column="A", label="Mã", type="text", key=True),
        Column(name="ty_le", column="B", label="Tỷ lệ", type="number", unit="%"),
        Column(name="ke_hoach", column="C", label="Kế hoạch", type="number", positive=True),
    )
    form = make_form(kind="register", total=None, columns=columns, unit=None)
    assert codes(read(form, [["a", float(share), 1]])) == ([] if share <= 100 else ["out-of-bounds"])
    assert codes(read(form, [["a", 1, 0]])) == ["out-of-bounds"]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (["a", 20852, 84000], []),
        (["a", 20.852, 84000], ["uneven-amounts"]),
        (["a", 20852000, 8400], ["uneven-amounts"]),
        (["a", 0, 84000], []),
    ],
)
def test_an_amount_in_another_measure_than_its_row(row, found):
    columns = (
        Column(name="ma", column="A", label="Mã", type="text", key=True),
        Column(name="thu", column="B", label="Thu", type="number", unit="tỷ đồng"),
        Column(name="du_toan", column="C", label="Dự toán", type="number", unit="tỷ đồng"),
    )
    form = make_form(kind="register", total=None, columns=columns, unit="tỷ đồng", measures=("tỷ đồng",))
    result = read(form, [row], head=[("A2", "Đơn vị tính: tỷ đồng")])
    assert codes(result) == found
    assert all(one.cells == ("a.xlsx#S!B5", "a.xlsx#S!C5") for one in result.findings) or row[1] > row[2]


# -- fixed rows ---------------------------------------------------------------------------
ROWS = (FixedRow(key="thu"), FixedRow(key="thu_dat", within="thu"))


@pytest.mark.parametrize(
    ("rows", "changes", "found"),
    [
        ([["thu", 10], ["thu_dat", 3]], {}, []),
        ([["thu", 10]], {}, ["missing-row"]),
        ([["thu", 10], ["thu_đất", 3]], {}, ["missing-row", "unknown-row"]),
        ([["thu", 10], ["thu_dat", 3], ["khac", 1]], {}, ["unknown-row"]),
        ([["thu", 10], ["thu_dat", 3], ["khac", 1]], {"open": True}, []),
        ([["thu", 10], ["thu_dat", 30]], {}, ["above-limit"]),
        ([["thu", 10], ["thu", 10], ["thu_dat", 3]], {}, ["duplicate-key"]),
    ],
)
def test_rows_that_must_be_there(rows, changes, found):
    columns = (
        Column(name="ma", column="A", label="Mã", type="text", key=True),
        Column(name="so", column="B", label="Số", type="number"),
    )
    form = make_form(kind="register", total=None, columns=columns, rows=ROWS, **changes)
    assert codes(read(form, rows)) == found


@given(st.lists(st.tuples(*[st.integers(0, 10**6)] * 4), min_size=2, max_size=6))
def test_a_group_row_with_its_sum_is_never_added_up(numbers):
    items = [[str(i), f"Lĩnh vực {i}", *row] for i, row in enumerate(numbers, 1)]
    result = read(make_form(), [add(*items, label=("I", "Nhóm")), *items, add(*items)])
    counted = sum(row.entries["c"] for row in result.rows)
    errors = [one for one in result.findings if one.severity == "error"]
    assert errors or Decimal(int(counted)) == sum(row[0] for row in numbers)


def test_contradictions_stay_apart_so_that_each_is_accepted_by_itself():
    form = make_form(rules=(AtMost(kind="at-most", column="d", of="c"),))
    rows = [[str(i), f"Lĩnh vực {i}", i, i + 1, 0, 0] for i in range(1, 9)]
    found = [one for one in read(form, [*rows, add(*rows)]).findings if one.code == "above-limit"]
    assert [len(one.cells) for one in found] == [2] * 8


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (("1", "2", "3"), []),
        (("1", "3", "4"), ["broken-order"]),
        (("1", "2", "2"), ["broken-order"]),
        (("2", "3", "4"), ["broken-order"]),
        ((None, None, None), []),
    ],
)
def test_a_gap_in_the_numbers_of_the_rows_is_told(numbers, expected):
    rows = [[number, *row[1:]] for number, row in zip(numbers, (A, B, C), strict=True)]
    assert codes(read(make_form(total=None), rows)) == expected


def test_numbers_may_begin_anew_below_a_heading():
    rows = [["I", "Nhóm một"], A, B, ["II", "Nhóm hai"], ["1", *C[1:]]]
    assert codes(read(make_form(total=None), rows)) == ["heading-row"]


def test_rows_that_differ_in_punctuation_only_are_told():
    rows = [A, B, ["3", "Hộ tịch.", *C[2:]]]
    result = read(make_form(total=None), rows)
    assert codes(result) == ["near-key"]
    assert result.findings[0].cells == ("a.xlsx#S!B6", "a.xlsx#S!B7")


REGISTER = (
    Column(name="ma", column="A", label="Mã", type="text", key=True),
    Column(name="state", column="B", label="Trạng thái", type="choice", choices=("đã xử lý", "đang xử lý")),
    Column(name="open", column="C", label="Công khai", type="choice", choices=("có", "không"), blank=True),
    Column(name="symbol", column="D", label="Số, ký hiệu", type="text", blank=True, unique=True),
    Column(name="day", column="E", label="Ngày", type="date", blank=True),
)


def read_register(rows):
    rules = tuple(
        EntriesRule(kind="entries", column="state", states=(state,), others=("open",), expects=expects)
        for state, expects in (("đã xử lý", "filled"), ("đang xử lý", "blank"))
    )
    form = make_form(kind="register", total=None, columns=REGISTER, rules=rules)
    return read(form, rows)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["b", "đã xử lý", "có"], []),
        (["b", "đã xử lý", None], ["state-contradicts-entry"]),
        (["b", "đang xử lý", "không"], ["state-contradicts-entry"]),
        (["b", "đang xử lý", None, "12/QĐ-UBND"], ["same-entry"]),
        (["b", "đang xử lý", None, "13/QĐ-UBND", dt.date(2206, 1, 1)], ["odd-date"]),
        (["b", "đang xử lý", None, "13/QĐ-UBND", dt.date(1951, 1, 1)], []),
    ],
)
def test_entries_of_a_row_that_contradict_each_other(row, expected):
    assert codes(read_register([["a", "đang xử lý", None, "12/QĐ-UBND"], row])) == expected


@pytest.mark.parametrize(
    ("look", "expected"),
    [({"font_strikeout": True}, ["struck-out"]), ({"num_format": "0E+0"}, ["shown-differently"]), ({}, [])],
)
def test_what_the_sender_sees_is_what_is_counted(look, expected):
    result = read(make_form(total=None), [A, B], looks={(5, 2): look} if look else {})
    assert codes(result) == expected


@pytest.mark.parametrize(
    ("formula", "stored", "expected"),
    [
        ("=100+10", 110, []),
        ("=100+11", 110, ["formula-stale"]),
        ("=SUM(D5:E5)", 110, []),
        ("=SUM(D5:F5)", 110, ["formula-stale"]),
        ("=ROUND(D5/3,0)+E5*(7-F5)+77", 110, []),
        ("=VLOOKUP(1,D5:E5,1)", 110, []),
        ("=WEBSERVICE(D5)", 110, ["formula-outside"]),
    ],
)
def test_a_stored_result_is_what_its_formula_gives(formula, stored, expected):
    rows = [["1", "Đất đai", None, 98, 12, 7], B]
    result = read(
        make_form(total=None), rows, edit=lambda sheet, _: sheet.write_formula("C5", formula, None, stored)
    )
    assert codes(result) == expected
