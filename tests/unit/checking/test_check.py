"""Checking a small project: forms, registers and numbers, without running a notebook."""

from __future__ import annotations

import json
import re
import shutil
from fractions import Fraction

import pytest
import yaml

from baocao.checking.breakdowns import split_value
from baocao.checking.check import check_period, find_definitions
from baocao.project.errors import ParamsError, TraceError
from baocao.project.files import write_atomically
from baocao.project.periods import Period
from baocao.reading.tables import read_tables
from baocao.tracing.evaluating import Evaluator, find_built, read_typed, read_values
from baocao.tracing.record import TraceRecord, dump_trace
from baocao.tracing.trace import read_trace
from baocao.values.criteria import Among, Basis, Positive
from baocao.values.nodes import Node
from baocao.values.value import Source, Value, make_block
from baocao.values.views import View

PERIOD = Period(2026, 1)
BEFORE = Period(2025, 4)


def leaf(op, basis, number, unit="hồ sơ"):
    return Node(Fraction(number), unit, op, basis=basis)


def made(op, parents, number, unit="hồ sơ"):
    return Node(Fraction(number), unit, op, tuple(parents))


SO, XA = Among("level", ("so",)), Among("level", ("xa",))
# The tiep_nhan of the sandbox's three fields is 10 + 0 + 1234 in every unit.
NODES = {
    "hoso_so_tiep_nhan": leaf("sum", Basis("06a", (SO,), "tiep_nhan"), 2488),
    "hoso_xa_tiep_nhan": leaf("sum", Basis("06a", (XA,), "tiep_nhan"), 1244),
    "hoso_tong_tiep_nhan": leaf("sum", Basis("06a", (), "tiep_nhan"), 3732),
    "hoso_so_da_giai_quyet": leaf("sum", Basis("06a", (SO,), "da_giai_quyet"), 2414),
    "ty_le_so": made("ratio", ["hoso_so_da_giai_quyet", "hoso_so_tiep_nhan"], Fraction(241400, 2488), "%"),
    "co_ho_so": leaf("count", Basis("06a", (Positive("tiep_nhan"),)), 6, "dòng"),
    "linh_vuc": leaf("distinct", Basis("06a", (SO,), "linh_vuc"), 3, "lĩnh vực"),
    "hai": leaf("sum", Basis("06a", (Among("linh_vuc", ("Đất đai", "Hộ tịch")), SO), "tiep_nhan"), 20),
    "hoso_dang_trong_han": made("difference", ["hoso_tong_tiep_nhan", "hoso_xa_tiep_nhan"], 2488),
    "kin": leaf("opaque", "nobody knows", 1),
    "cua_kin": made("sum", ["kin", "hoso_xa_tiep_nhan"], 1245),
}


@pytest.fixture
def built(sandbox):
    """The sandbox with relations of its own and a trace."""
    sandbox.fill()
    write_identities(sandbox, [])
    write_trace(sandbox)
    return sandbox


def write_identities(sandbox, relations, **more):
    data = {"stated": "neu_", "relations": relations, **more}
    (sandbox.root / "params" / "identities.yaml").write_text(
        yaml.safe_dump(data, allow_unicode=True), encoding="utf-8"
    )


def write_trace(sandbox, period=PERIOD, nodes=NODES, fingerprint=None):
    tables = read_tables(sandbox.project, period)
    fingerprints = {"06a": fingerprint or tables.fingerprint("06a")}
    record = TraceRecord(str(period), ("kstthc",), dict(nodes), {}, (), (), (), tables.sha256, fingerprints)
    for name in ("trace.json", "kstthc.trace.json"):
        write_atomically(sandbox.project.output(period) / name, dump_trace(record))


SUM = {"kind": "sum", "name": "tong", "says": "Tổng bằng các phần.", "whole": "hoso_tong_tiep_nhan", "parts": ["hoso_so_tiep_nhan", "hoso_xa_tiep_nhan"]}  # fmt: skip


def test_values_are_made_again_as_the_notebooks_made_them(built):
    values = Evaluator(NODES, read_tables(built.project, PERIOD))
    for key, node in NODES.items():
        if key in {"kin", "cua_kin"}:
            assert key not in values
        else:
            assert (values[key].number, values[key].unit, values[key].op) == (
                node.number,
                node.unit,
                node.op,
            ), key
    assert set(values) == set(NODES) - {"kin", "cua_kin"}
    assert len(values["hoso_so_tiep_nhan"].cells()) == 6


def test_a_basis_that_a_view_writes_can_be_read_back(built):
    tables = read_tables(built.project, PERIOD)
    table = tables.table("06a")
    view = View(table, built.project.params, tuple(range(len(table.files))))
    chosen = [
        view.where(level="so").positive("tiep_nhan").where(linh_vuc=["Đất đai", "Chứng thực"]),
        view.filled("stt").where(unit="H01"),
        view.by("linh_vuc")["Hộ tịch"],
    ]
    for one in chosen:
        for value in (
            one.total("tiep_nhan", unit="hồ sơ"),
            one.count(unit="hồ sơ"),
            one.distinct("linh_vuc", unit="hồ sơ"),
        ):
            again = Evaluator({"x": leaf(value.op, value.basis, 0)}, tables)["x"]
            assert (again.number, again.cells()) == (value.number, value.cells())


def test_a_chain_of_sums_longer_than_the_stack_is_made_again(built):
    nodes = {"v0": leaf("sum", Basis("06a", (XA,), "tiep_nhan"), 1244)}
    nodes |= {f"v{i}": made("sum", [f"v{i - 1}"], 1244) for i in range(1, 3000)}
    assert Evaluator(nodes, read_tables(built.project, PERIOD))["v2999"].number == 1244


def test_a_trace_that_holds_words_says_that_it_must_be_built_again(built):
    nodes = {**NODES, "hoso_xa_tiep_nhan": leaf("sum", "06a[level=xa].tiep_nhan", 1244)}
    write_trace(built, nodes=nodes)
    read = read_values(read_tables(built.project, PERIOD), read_trace(built.project, PERIOD))
    assert read.values["hoso_xa_tiep_nhan"].number == 1244
    assert "build it again" in read.notes[0]


def test_without_a_build_submissions_are_checked_and_the_reader_is_told(sandbox):
    sandbox.fill()
    write_identities(sandbox, [SUM])
    checked = check_period(sandbox.project, PERIOD)
    assert checked.findings == ()
    assert "tong" in checked.skipped
    assert "has not been built" in checked.notes[0]


def test_a_damaged_trace_is_told_with_its_place(built):
    (built.project.output(PERIOD) / "trace.json").write_text('{"schema": 2}', encoding="utf-8")
    write_identities(built, [])
    note, *_ = check_period(built.project, PERIOD).notes
    assert "is damaged at period" in note


def test_a_consistent_period_has_no_finding_and_no_note(built):
    write_identities(built, [SUM])
    checked = check_period(built.project, PERIOD)
    assert (checked.findings, dict(checked.skipped)) == ((), {})
    [note] = checked.notes
    assert "no submissions of 2025-Q4" in note


def test_a_contradiction_is_found_with_both_sides(built):
    write_identities(built, [{**SUM, "parts": ["hoso_so_tiep_nhan"]}])
    [finding] = check_period(built.project, PERIOD).findings
    assert finding.code == "tong"
    assert finding.severity == "warning"
    assert finding.expected.endswith(" = 3.732")
    assert finding.ids == ("hoso_tong_tiep_nhan", "hoso_so_tiep_nhan")
    assert "off by 1.244 hồ sơ" in str(finding.message)
    assert built.project.params.indicators["hoso_tong_tiep_nhan"].label in finding.expected
    [guilty] = {cell.partition("#")[0] for cell in finding.cells}
    assert len(finding.cells) == 2  # rows that the parts leave out; the empty one breaks nothing
    assert re.fullmatch(r"don-vi/\d{5}-.*", guilty)


def test_a_number_made_again_otherwise_from_unchanged_files_is_an_error_and_not_preferred(built):
    nodes = {**NODES, "hoso_xa_tiep_nhan": leaf("sum", Basis("06a", (XA,), "tiep_nhan"), 1245)}
    write_trace(built, nodes=nodes)
    write_identities(built, [SUM])
    [finding] = check_period(built.project, PERIOD).findings
    assert (finding.code, finding.severity, finding.ids) == (
        "remade-otherwise",
        "error",
        ("hoso_xa_tiep_nhan",),
    )
    assert (finding.expected, finding.got) == ("1245 hồ sơ", "1244 hồ sơ")
    with pytest.raises(TraceError, match="hoso_xa_tiep_nhan"):
        read_values(read_tables(built.project, PERIOD), read_trace(built.project, PERIOD))


def test_numbers_that_count_other_rows_since_params_changed_are_made_anew_and_the_reader_is_told(built):
    nodes = {**NODES, "hoso_xa_tiep_nhan": leaf("sum", Basis("06a", (XA,), "tiep_nhan"), 1245)}
    write_trace(built, nodes=nodes, fingerprint="of other rows")
    write_identities(built, [SUM])
    checked = check_period(built.project, PERIOD)
    assert checked.findings == ()
    note, *_ = checked.notes
    assert "has changed since it was built" in note


def test_numbers_are_those_of_the_files_as_they_lie_there_now(built):
    shutil.copy(built.project.raw(PERIOD) / "don-vi" / "H01-x.xlsx", built.root / "kept.xlsx")
    fields = (("Đất đai", (11, 7, 1, 3, 8, 5, 2, 1, 3, 2, 1)),)
    built.raw("don-vi/H01-x.xlsx", built.books.unit("H01", fields=fields))
    known = {
        "kind": "equal",
        "name": "cu",
        "says": "Số cũ.",
        "ids": ["hoso_so_tiep_nhan", "hoso_dang_trong_han"],
    }
    write_identities(built, [SUM, known])
    checked = check_period(built.project, PERIOD)
    assert checked.findings == ()
    assert "changed since" in checked.notes[0]


def test_a_stated_share_is_held_against_the_computed_one(built, monkeypatch):
    cell = (Source(make_block([("van-phong/x.xlsx", "so-lieu", 9)]), "E", "term"),)
    typed = {"neu_ty_le_so": Value(Fraction(9707, 100), "%", "cell", sources=cell, name="neu_ty_le_so")}
    monkeypatch.setattr("baocao.checking.check.read_typed", lambda _: typed)
    [finding] = check_period(built.project, PERIOD).findings
    assert (finding.code, finding.ids) == ("stated-share", ("neu_ty_le_so", "ty_le_so"))
    assert finding.cells[0] == "van-phong/x.xlsx#so-lieu!E9"
    assert (finding.expected[-6:], "97,07%" in finding.got) == ("97,03%", True)


def test_registers_are_checked_without_a_build(sandbox):
    sandbox.fill()
    rule = {"kind": "until", "name": "mo", "says": "Đã mở.", "form": "co-so", "date": "tu_ngay"}
    write_identities(sandbox, [], registers=[rule])
    checked = check_period(sandbox.project, PERIOD)
    assert checked.findings == ()
    early = Period(2025, 1)  # the place opened later
    sandbox.fill(early)
    assert [one.code for one in check_period(sandbox.project, early).findings] == ["mo"]


def test_what_was_carried_over_is_what_was_pending(built):
    built.fill(BEFORE, archive=True)
    assert check_period(built.project, PERIOD).findings == ()
    fields = (
        ("Đất đai", (10, 6, 1, 3, 8, 5, 2, 1, 2, 1, 1)),
        ("Hộ tịch", (0,) * 11),
        ("Chứng thực", (1234, 1000, 200, 34, 1200, 1100, 90, 10, 34, 30, 4)),
    )
    built.raw(
        "don-vi/H02-x.xlsx",
        built.books.unit("H02", period="Quý IV năm 2025", fields=fields, sheets=("06a",)),
        BEFORE,
    )
    [finding] = check_period(built.project, PERIOD).findings
    assert (finding.code, finding.unit) == ("carried-over", "H02")


def test_one_id_with_two_numbers_in_two_reports(built):
    output = built.project.output(PERIOD)
    data = json.loads((output / "trace.json").read_text(encoding="utf-8"))
    data["reports"] = ["kstthc", "cchc"]
    (output / "trace.json").write_text(json.dumps(data), encoding="utf-8")
    data["values"]["hoso_xa_tiep_nhan"]["number"] = "1245"
    (output / "cchc.trace.json").write_text(json.dumps(data), encoding="utf-8")
    [finding] = check_period(built.project, PERIOD).findings
    assert (finding.code, finding.ids, finding.severity) == ("two-values", ("hoso_xa_tiep_nhan",), "error")


def test_one_id_made_in_two_ways_is_found_though_the_numbers_are_alike(built):
    output = built.project.output(PERIOD)
    data = json.loads((output / "trace.json").read_text(encoding="utf-8"))
    data["reports"] = ["kstthc", "cchc"]
    (output / "trace.json").write_text(json.dumps(data), encoding="utf-8")
    data["values"]["linh_vuc"]["basis"]["criteria"][0]["texts"] = ["xa"]
    (output / "cchc.trace.json").write_text(json.dumps(data), encoding="utf-8")
    [finding] = check_period(built.project, PERIOD).findings
    assert (finding.code, finding.ids) == ("two-bases", ("linh_vuc",))
    assert "level=so" in finding.expected
    assert "level=xa" in finding.got


def test_values_are_split_into_what_each_row_adds(built):
    tables = read_tables(built.project, PERIOD)
    values = Evaluator(NODES, tables)
    for key in ("hoso_so_tiep_nhan", "co_ho_so", "hoso_dang_trong_han", "hai"):
        assert sum(part.number for part in split_value(values[key], tables)) == values[key].number
    assert split_value(values["linh_vuc"], tables) is None
    assert split_value(values["ty_le_so"], tables) is None


def test_relations_must_be_there(sandbox):
    sandbox.fill()
    with pytest.raises(ParamsError, match=r"identities\.yaml"):
        check_period(sandbox.project, PERIOD)


def test_typed_cells_are_read_by_their_code(built):
    typed = read_typed(read_tables(built.project, PERIOD))
    assert typed["tthc_phai_niem_yet"].op == "sum"
    assert typed["hoso_phi_dia_gioi"].op == "cell"
    assert "tthc_tong" not in typed


def test_definitions_of_the_latest_build(built):
    definitions, findings = find_definitions(built.project)
    [share] = [one for one in definitions if one.id == "ty_le_so"]
    assert share.numerator.sources == ("06a[level=so].da_giai_quyet",)
    assert share.base.sources == ("06a[level=so].tiep_nhan",)
    assert findings == []
    with pytest.raises(TraceError):
        find_definitions(built.project, BEFORE)


def test_the_nearest_built_period_is_found(built):
    assert find_built(built.project, Period(2026, 4)).period == PERIOD
    assert find_built(built.project).period == PERIOD
    shutil.rmtree(built.project.reports)
    assert find_built(built.project) is None
