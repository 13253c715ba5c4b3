"""Two periods of a small project, value by value."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from baocao.checking.comparing import _compare_amounts, _compare_entries, compare_periods
from baocao.cli.showing.comparisons import format_comparison
from baocao.project.errors import TraceError
from baocao.project.files import write_atomically
from baocao.project.forms import Column, Form, Header
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.reading.forms import FormRow
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table, read_tables
from baocao.tracing.record import TraceRecord, dump_trace
from baocao.values.criteria import Among, Basis
from baocao.values.nodes import Node
from baocao.values.views import whole_view

PERIOD, BEFORE = Period(2026, 1), Period(2025, 4)
FEWER = (
    ("Đất đai", (8, 4, 1, 3, 5, 2, 2, 1, 3, 2, 1)),
    ("Chứng thực", (1234, 1000, 200, 34, 1200, 1100, 90, 10, 34, 30, 4)),
)


SO, XA = Among("level", ("so",)), Among("level", ("xa",))
NODES = {
    "hoso_so_tiep_nhan": Node(Fraction(2488), "hồ sơ", "sum", basis=Basis("06a", (SO,), "tiep_nhan")),
    "hoso_xa_tiep_nhan": Node(Fraction(1244), "hồ sơ", "sum", basis=Basis("06a", (XA,), "tiep_nhan")),
    "ty_le": Node(Fraction(200), "%", "ratio", ("hoso_so_tiep_nhan", "hoso_xa_tiep_nhan")),
    "dia_diem": Node(Fraction(1), "địa điểm", "count", basis=Basis("co-so")),
    "tren_tong": Node(Fraction(2), "hồ sơ", "over", ("hoso_so_tiep_nhan", "hoso_xa_tiep_nhan")),
    "khong": Node(
        Fraction(0), "hồ sơ", "sum", basis=Basis("06a", (Among("linh_vuc", ("Hộ tịch",)),), "tiep_nhan")
    ),
    "khong_mau": Node(None, "%", "ratio", ("hoso_so_tiep_nhan", "khong")),
    "hoso_phi_dia_gioi": Node(
        Fraction(18),
        "hồ sơ",
        "sum",
        basis=Basis("chi-tieu", (Among("ma", ("hoso_phi_dia_gioi",)),), "gia_tri"),
    ),
    "thue": Node(
        Fraction(219), "TTHC", "cell", basis=Basis("nganh-doc", (Among("ma", ("thue",)),), "so_tthc")
    ),
}


def write_trace(sandbox, period, nodes=NODES):
    files = read_tables(sandbox.project, period).sha256
    record = TraceRecord(str(period), ("kstthc",), nodes, {}, (), (), (), files)
    write_atomically(sandbox.project.output(period) / "trace.json", dump_trace(record))


@pytest.fixture
def two(sandbox):
    sandbox.fill(BEFORE, archive=True)
    sandbox.raw(
        "don-vi/H02-x.xlsx",
        sandbox.books.unit("H02", period="Quý IV năm 2025", fields=FEWER, sheets=("06a",)),
        BEFORE,
    )
    sandbox.fill()
    write_trace(sandbox, PERIOD)
    return sandbox


def test_a_period_equals_itself(two):
    comparison = compare_periods(two.project, PERIOD, PERIOD)
    assert not comparison.differs
    assert {one.kind for one in comparison.values} == {"equal"}
    assert list(format_comparison(comparison, find_house("nd30").numbers)) == ["9 values are equal"]


def test_a_period_with_dossier_forms_only_is_read_by_the_derivations_of_the_other(two):
    comparison = compare_periods(two.project, BEFORE, PERIOD)
    by_id = {one.id: one for one in comparison.values}
    assert comparison.differs
    assert "has not been built" in comparison.notes[0]
    changed = by_id["hoso_so_tiep_nhan"]
    assert (changed.kind, changed.a, changed.b, changed.difference, changed.percent) == (
        "changed",
        "2486",
        "2488",
        "2",
        "0.08",
    )
    [cause] = changed.causes
    assert (cause.what, cause.name, cause.label, cause.difference) == ("unit", "H02", "Sở B", "2")
    assert by_id["hoso_xa_tiep_nhan"].kind == "equal"
    assert by_id["ty_le"].causes[0].name == "hoso_so_tiep_nhan"
    assert (by_id["dia_diem"].kind, by_id["dia_diem"].a, by_id["dia_diem"].b) == ("absent", None, "1")
    counts = comparison.as_dict()["counts"]
    assert counts == {"equal": 3, "changed": 3, "absent": 3}
    text = "\n".join(format_comparison(comparison, find_house("nd30").numbers))
    assert "absent in 2025-Q4 (3): dia_diem, hoso_phi_dia_gioi, thue" in text
    assert "H02 Sở B: 1.242 -> 1.244, +2" in text


def test_the_order_of_the_periods_turns_the_sign(two):
    one = {v.id: v for v in compare_periods(two.project, PERIOD, BEFORE).values}["hoso_so_tiep_nhan"]
    assert (one.difference, one.percent) == ("-2", "-0.08")


def test_entries_of_a_register_come_and_go(two):
    two.fill(BEFORE)
    import datetime as dt

    day = dt.date(2025, 7, 1)
    forms = {
        "nganh-doc": [["thue", "Thuế", 200], ["bhxh", "BHXH", 25]],
        "co-so": [["Cơ sở 2", "1 A", day], ["Cơ sở 1", "2 B", day]],
    }
    two.raw("van-phong/ttpvhcc.xlsx", two.books.registers(forms, period=str(BEFORE)), BEFORE)
    by_id = {one.id: one for one in compare_periods(two.project, BEFORE, PERIOD).values}
    [cause] = by_id["dia_diem"].causes
    assert (cause.what, cause.a, cause.b, cause.difference) == ("register", "1", "0", "-1")
    [cause] = by_id["thue"].causes
    assert (cause.what, cause.a, cause.b) == ("cell", "200", "219")
    assert cause.name.startswith("van-phong/ttpvhcc.xlsx#")


def test_a_value_of_every_unit_without_a_measure_of_its_own_is_compared_unit_by_unit(two):
    def add(sheets, _book):
        sheets["chi-tieu"].write(8, 4, 12)

    two.fill(BEFORE)
    two.raw(
        "don-vi/10507-x.xlsx", two.books.unit("10507", level="xa", period="Quý IV năm 2025", edit=add), BEFORE
    )
    compared = {one.id: one for one in compare_periods(two.project, BEFORE, PERIOD).values}[
        "hoso_phi_dia_gioi"
    ]
    assert compared.kind == "changed"
    [cause] = compared.causes
    assert (cause.what, cause.name, cause.a) == ("unit", "10507", "12")
    assert (cause.b, cause.difference) == ("18", "6")


def test_a_share_is_shown_as_a_share_and_a_count_out_of_a_whole_as_both(two):
    by_id = {one.id: one for one in compare_periods(two.project, BEFORE, PERIOD).values}
    share, count = by_id["ty_le"], by_id["tren_tong"]
    assert (share.shown_a, share.shown_b) == ("199,84%", "200%")
    assert (count.shown_a, count.shown_b) == ("2.486/1.244", "2.488/1.244")
    lines = list(format_comparison(compare_periods(two.project, BEFORE, PERIOD), find_house("nd30").numbers))
    assert any("199,84% -> 200%, +0,16 percentage points" in line for line in lines)


def test_a_share_without_a_base_is_there_and_not_absent(two):
    compared = {one.id: one for one in compare_periods(two.project, PERIOD, PERIOD).values}["khong_mau"]
    assert (compared.kind, compared.a, compared.shown_a) == (
        "equal",
        None,
        find_house("nd30").numbers.without_base,
    )


def make_register(*entries):
    form = Form(
        name="nv", title="Nhiệm vụ", source="van-ban", sheet="nv", kind="register", header=Header(period="A1"),
        first_row=2, unit="nhiệm vụ", columns=(
            Column(name="stt", column="A", label="STT", type="count", key=True),
            Column(name="ten", column="B", label="Tên", type="text"),
            Column(name="trang_thai", column="C", label="Trạng thái", type="choice", choices=("xong", "chưa")),
            Column(name="so_tien", column="D", label="Số tiền", type="number"),
        ),
    )  # fmt: skip
    rows = [
        TableRow(None, None, "nv.xlsx", "nv", FormRow(at + 1, {"stt": Fraction(at), "ten": name, "trang_thai": state, "so_tien": Fraction(amount)}))
        for at, (name, state, amount) in enumerate(entries, 1)
    ]  # fmt: skip
    return whole_view(make_table(form, PERIOD, rows), None)


def test_entries_are_told_by_what_they_are_about_where_their_key_only_numbers_them():
    before = make_register(("Một", "chưa", 1), ("Hai", "chưa", 2), ("Ba", "chưa", 3))
    after = make_register(("hai", "xong", 2), ("Bốn", "chưa", 3))
    [cause] = _compare_entries(before, after)
    assert (cause.what, cause.a, cause.b, cause.difference) == ("register", "2", "1", "-1")
    assert [cause.a for cause in _compare_entries(before, before)] == ["0"]


def test_an_amount_names_the_entries_that_moved_it():
    before = make_register(("Một", "chưa", 10), ("Hai", "chưa", 2), ("Ba", "chưa", 5))
    after = make_register(("Hai", "xong", 2), ("Một", "xong", 14), ("Bốn", "chưa", 1))
    causes = _compare_amounts(before, after, "so_tien")
    assert [(cause.label, cause.name, cause.a, cause.b, cause.difference) for cause in causes] == [
        ("ba", "nv.xlsx#nv!D4", "5", None, "-5"),
        ("một", "nv.xlsx#nv!D3", "10", "14", "4"),
        ("bốn", "nv.xlsx#nv!D4", None, "1", "1"),
    ]


def test_a_trace_that_contradicts_its_files_stops_the_comparison(two):
    nodes = {**NODES, "hoso_xa_tiep_nhan": replace(NODES["hoso_xa_tiep_nhan"], number=Fraction(1245))}
    write_trace(two, PERIOD, nodes)
    with pytest.raises(TraceError, match="hoso_xa_tiep_nhan"):
        compare_periods(two.project, BEFORE, PERIOD)


def test_a_damaged_trace_is_an_error_and_no_other_is_taken_in_its_place(two):
    (two.project.output(PERIOD) / "trace.json").write_text('{"schema": 2}', encoding="utf-8")
    with pytest.raises(TraceError, match="is damaged at period"):
        compare_periods(two.project, BEFORE, PERIOD)


def test_nothing_built_is_an_error(sandbox):
    sandbox.fill()
    sandbox.fill(BEFORE, archive=True)
    with pytest.raises(TraceError, match="has been built"):
        compare_periods(sandbox.project, BEFORE, PERIOD)
