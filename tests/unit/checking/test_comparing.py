"""Two periods of a small project, value by value."""

from __future__ import annotations

from fractions import Fraction

import pytest

from baocao.checking.comparing import compare_periods
from baocao.cli.showing.comparisons import format_comparison
from baocao.project.errors import TraceError
from baocao.project.files import write_atomically
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.reading.tables import read_tables
from baocao.tracing.record import TraceRecord, dump_trace
from baocao.values.criteria import Among, Basis
from baocao.values.nodes import Node

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
    "thue": Node(
        Fraction(219), "TTHC", "cell", basis=Basis("nganh-doc", (Among("ma", ("thue",)),), "so_tthc")
    ),
}


def write_trace(sandbox, period):
    files = read_tables(sandbox.project, period).sha256
    record = TraceRecord(str(period), ("kstthc",), NODES, {}, (), (), (), files)
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
    assert list(format_comparison(comparison, find_house("nd30").numbers)) == ["5 values are equal"]


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
    assert counts == {"equal": 1, "changed": 2, "absent": 2}
    text = "\n".join(format_comparison(comparison, find_house("nd30").numbers))
    assert "absent in 2025-Q4 (2): dia_diem, thue" in text
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


def test_nothing_built_is_an_error(sandbox):
    sandbox.fill()
    sandbox.fill(BEFORE, archive=True)
    with pytest.raises(TraceError, match="has been built"):
        compare_periods(sandbox.project, BEFORE, PERIOD)
