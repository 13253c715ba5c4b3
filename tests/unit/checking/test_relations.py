"""Relations between numbers and between entries of registers: each broken one is found, and nothing else."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from baocao.checking.breakdowns import Part, group_parts
from baocao.checking.definitions import check_definitions, find_without_base, list_definitions, make_declared
from baocao.checking.identities import (
    AtMost,
    Complement,
    Equal,
    Flow,
    Identities,
    Listed,
    Rule,
    Share,
    Sum,
    list_id,
    read_identities,
    say,
)
from baocao.checking.registers import Entry, check_rule
from baocao.checking.relations import check_relations
from baocao.project.cells import CellRef
from baocao.project.errors import ParamsError
from baocao.project.house import find_house
from baocao.project.language import speaking
from baocao.project.models import Indicator
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.values.criteria import Basis
from baocao.values.nodes import Node
from baocao.values.value import Source, Value, make_block
from baocao.verifying.misprints import read_number

ROOT = Path(__file__).resolve().parents[3]
PARAMS = Params(ROOT / "params")
IDENTITIES = read_identities(PARAMS)
PERIOD = Period(2026, 1)


def typed(number, row=7, unit="TTHC", op="cell", rows=1):
    """A value with ``rows`` cells of its own."""
    block = make_block([("a.xlsx", "s", row + i) for i in range(rows)])
    return Value(Fraction(number), unit, op, sources=(Source(block, "E", "term"),))


def published():
    """The published numbers, as the offices typed or counted them."""
    values = {}
    with (ROOT / "tests" / "data" / "printed.csv").open(encoding="utf-8", newline="") as handle:
        for row, line in enumerate(csv.DictReader(handle), 7):
            number = read_number(line["printed"], find_house("nd30").numbers)
            if number.base is not None:
                values[f"{line['id']}__tu"] = typed(number.number, row)
                values[f"{line['id']}__mau"] = typed(number.base, row + 1000)
            else:
                id = PARAMS.aliases.get(line["id"], line["id"])
                values[id] = typed(number.number, row, "%" if number.share else "TTHC")
    values["neu_ty_le_pakn_xu_ly_cong_khai"] = typed(100, 900, "%")
    values["neu_ty_le_pakn_xu_ly_kip_thoi"] = typed(100, 901, "%")
    values["list:tieu-chi-ioc-liet-ke"] = typed(17, 902)
    return values


CONTRADICTIONS = {
    "dvctt-nam-truoc-con-lai": {
        "dvctt_nam_truoc_tong", "dvctt_nam_truoc_toan_trinh", "dvctt_nam_truoc_mot_phan", "tthc_nam_truoc_cung_cap_thong_tin",
    },
    "dvctt-va-chua-dvctt": {"tthc_tong", "dvctt_tong", "tthc_chua_dvctt"},
    "pakn-xu-ly-100": {"neu_ty_le_pakn_xu_ly_cong_khai", "pakn_da_xu_ly", "pakn_thuoc_tham_quyen"},
    "pakn-kip-thoi-100": {"neu_ty_le_pakn_xu_ly_kip_thoi", "pakn_da_xu_ly", "pakn_thuoc_tham_quyen"},
    "don-gian-hoa-theo-phuong-an": {"tthc_don_gian_hoa", "tthc_don_gian_hoa_bai_bo", "tthc_don_gian_hoa_sua_doi"},
    "tu-kiem-tra-du": {"vb_tu_kiem_tra__mau", "qd_qppl_ubnd_tp"},
    "he-thong-cai-dat": {"dc_he_thong_hp_moi", "dc_he_thong_da_cai", "dc_he_thong_dang_cai"},
    "tieu-chi-ioc-liet-ke": {"ioc_tieu_chi"},
}  # fmt: skip


def consistent():
    values = published()
    for key, number in {
        "tthc_chua_dvctt": 1363, "tthc_nam_truoc_cung_cap_thong_tin": 0, "tthc_don_gian_hoa_bai_bo": 6,
        "vb_tu_kiem_tra__tu": 39, "vb_tu_kiem_tra__mau": 39, "dc_he_thong_dang_cai": 7, "ioc_tieu_chi": 17,
        "neu_ty_le_pakn_xu_ly_cong_khai": Fraction(9191, 100), "neu_ty_le_pakn_xu_ly_kip_thoi": Fraction(9191, 100),
    }.items():  # fmt: skip
        values[key] = typed(number, 2000 + len(key), values[key].unit)
    return values


def test_the_published_numbers_hold_every_contradiction_and_no_other():
    found = {one.code: set(one.ids) for one in check_relations(IDENTITIES.relations, published()).findings}
    assert found == CONTRADICTIONS


def test_a_consistent_quarter_has_no_finding():
    checked = check_relations(IDENTITIES.relations, consistent())
    assert checked.findings == []
    assert len(checked.held) > 40


@given(st.sampled_from(sorted(consistent())), st.integers(1, 10**6))
@pytest.mark.vietnamese
def test_a_broken_number_is_found_by_the_relations_that_name_it_and_by_no_others(key, more):
    values = consistent()
    values[key] = typed(values[key].number + more, 5000, values[key].unit)
    checked = check_relations(IDENTITIES.relations, values)
    naming = {one.name: one for one in IDENTITIES.relations if key in _names(one)}
    assert {one.code for one in checked.findings} <= set(naming)
    exact = {
        name
        for name, one in naming.items()
        if isinstance(one, Sum | Equal | Flow | Listed)
        and name in {*checked.held, *(f.code for f in checked.findings)}
    }
    assert exact <= {one.code for one in checked.findings}
    for finding in checked.findings:
        assert finding.cells
        assert finding.expected
        assert finding.got
        assert "nhưng lệch" in finding.message or "nhưng vượt" in finding.message
        assert finding.action


def derive(values):
    """What indicators.yaml makes of other ids, made anew."""
    made = dict(values)
    for key, indicator in PARAMS.indicators.items():
        if indicator.sum:
            made[key] = typed(sum(made[part].number for part in indicator.sum))
    for key, indicator in PARAMS.indicators.items():
        if indicator.share:
            made[key] = made[indicator.share[0]].named("a") / made[indicator.share[1]].named("b")
    return made


@pytest.mark.parametrize("relation", IDENTITIES.relations, ids=lambda one: one.name)
def test_every_relation_can_fail_by_one_number_that_is_read(relation):
    values = {key: typed(100, 10 * row) for row, key in enumerate(sorted(_read_ids()), 1)} | consistent()
    values = derive(values | {key: typed(1, 9000) for key in _names(relation) if key not in values})
    leaves = {part for key in _names(relation) for part in _leaves(key)}
    for leaf in leaves:
        for number in (values[leaf].number + 10**6, Fraction(0), Fraction(100)):
            broken = derive(values | {leaf: replace(values[leaf], number=number)})
            if [one.code for one in check_relations([relation], broken).findings] == [relation.name]:
                return
    pytest.fail(f"no number of {sorted(leaves)} breaks {relation.name}")


def test_what_is_declared_as_made_of_others_is_never_held_against_them():
    for relation in IDENTITIES.relations:
        for key in _names(relation):
            indicator = PARAMS.indicators.get(key)
            if indicator and indicator.made_of:
                assert not set(indicator.made_of) & set(_names(relation)), relation.name


def _read_ids():
    return {key for key, indicator in PARAMS.indicators.items() if not indicator.made_of}


def _leaves(key):
    made_of = PARAMS.indicators[key].made_of if key in PARAMS.indicators else ()
    return {leaf for part in made_of for leaf in _leaves(part)} or {key}


def _names(relation):
    names = [list_id(relation)] if isinstance(relation, Listed) else []
    for field in ("whole", "parts", "ids", "into", "out", "part", "stated", "id"):
        got = getattr(relation, field, ())
        names += [got] if isinstance(got, str) else got
    return names


def test_a_relation_over_absent_ids_is_skipped_and_named():
    values = {key: value for key, value in published().items() if key.startswith("hoso_")}
    checked = check_relations(IDENTITIES.relations, values)
    assert checked.findings == []
    assert "tthc-theo-cap" in checked.skipped
    assert "hoso-so-luan-chuyen" in checked.held


def test_every_id_of_a_relation_is_known():
    known = set(PARAMS.indicators) | {item.code for form in PARAMS.forms.values() for item in form.indicators}
    for relation in IDENTITIES.relations:
        for key in _names(relation):
            stem = key.partition("__")[0]
            assert key.startswith("list:") or key in known or stem in known, (relation.name, key)
    for rule in IDENTITIES.registers:
        columns = PARAMS.form(rule.form).by_name
        named = [rule.date, rule.other, rule.symbol, rule.issuer, rule.type, rule.subject, *rule.where]
        assert all(name in columns for name in named if name), rule.name


@pytest.mark.parametrize(
    ("stated", "part", "whole", "found"),
    [
        ("90.49", 352, 389, False),
        ("90.51", 352, 389, True),
        ("100", 389, 389, False),
        ("100", 99_999, 100_000, True),  # a rounded 100% is no 100%
        ("91.9", 761, 828, True),  # 91,91%
        ("50", 0, 0, False),
    ],
)
def test_a_stated_share_is_compared_as_it_is_printed(stated, part, whole, found):
    relation = Share(kind="share", name="x", says="x", stated="a", part="b", whole="c")
    values = {"a": typed(stated, unit="%"), "b": typed(part), "c": typed(whole)}
    assert bool(check_relations([relation], values).findings) == found


@pytest.mark.vietnamese
def test_shares_that_complete_each_other():
    relation = Complement(kind="complement", name="x", says="x", parts=("a", "b"), tolerance="0.005")
    fine = {"a": typed("90.49", unit="%"), "b": typed("9.52", unit="%")}
    assert not check_relations([relation], fine).findings
    [finding] = check_relations([relation], {**fine, "b": typed("9.53", unit="%")}).findings
    assert "cho phép lệch" in finding.expected


@pytest.mark.vietnamese
def test_parts_may_leave_a_remainder_but_not_exceed_the_whole():
    relation = AtMost(kind="at-most", name="x", says="x", whole="a", parts=("b", "c"), severity="error")
    values = {"a": typed(56_364), "b": typed(20_852), "c": typed(29_351)}
    assert not check_relations([relation], values).findings
    [finding] = check_relations([relation], {**values, "a": typed(50_000)}, language="vi").findings
    assert finding.severity == "error"
    assert finding.message == "x, nhưng vượt 203 TTHC"


def test_cells_are_bounded_and_name_the_rows_that_one_side_has_alone():
    relation = Sum(kind="sum", name="x", says="x", whole="a", parts=("b",))
    [finding] = check_relations([relation], {"a": typed(41, rows=41), "b": typed(40, rows=40)}).findings
    assert finding.cells == ("a.xlsx#s!E47",)
    [finding] = check_relations([relation], {"a": typed(400, rows=400), "b": typed(40, rows=40)}).findings
    assert finding.cells == ("a.xlsx#s",)


def parts(column, numbers, *, per_unit=True, form="f", first=0, counted=False):
    """One part a unit, or a row of an office's register."""
    return tuple(
        Part(
            Fraction(number), f"1{i:04}" if per_unit else "VP", form, first + i, f"khoá {i}",
            CellRef(f"don-vi/1{i:04}.xlsx" if per_unit else "van-phong/x.xlsx", "s", f"{column}{7 if per_unit else 7 + i}"),
            per_unit, counted,
        )
        for i, number in enumerate(numbers)
    )  # fmt: skip


def check_parts(relation, **sides):
    values = {key: replace(typed(sum(p.number for p in own)), name=key) for key, own in sides.items()}
    return check_relations([relation], values, {}, lambda value: sides[value.name]).findings


ADDED = Sum(kind="sum", name="x", says="x", whole="a", parts=("b",))
WITHIN = AtMost(kind="at-most", name="x", says="x", whole="a", parts=("b",))


@given(st.lists(st.integers(0, 50), min_size=13, max_size=40), st.data())
def test_only_the_units_that_break_a_relation_are_named(numbers, data):
    guilty = data.draw(st.sets(st.sampled_from(range(len(numbers))), min_size=1, max_size=4))
    more = [number + (3 if i in guilty else 0) for i, number in enumerate(numbers)]
    for relation in (ADDED, WITHIN):
        [finding] = check_parts(relation, a=parts("C", numbers, first=0), b=parts("D", more, first=100))
        assert {cell.partition("#")[0] for cell in finding.cells} == {f"don-vi/1{i:04}.xlsx" for i in guilty}
        assert all(f"1{i:04}" in finding.message for i in guilty)


@pytest.mark.vietnamese
def test_parts_are_held_against_the_whole_in_every_unit_and_in_every_row_of_a_register():
    for per_unit, first in ((True, 100), (False, 0)):
        whole = parts("C", (19, 900, 7), per_unit=per_unit)
        [finding] = check_parts(WITHIN, a=whole, b=parts("D", (25, 100, 8), per_unit=per_unit, first=first))
        assert len(finding.cells) == 4
        assert "vượt 7" in finding.message
        assert not check_parts(WITHIN, a=whole, b=parts("D", (19, 900, 7), per_unit=per_unit, first=first))


def test_rows_are_no_wholes_where_they_are_counted_or_speak_of_other_things():
    whole = parts("C", (0, 9), per_unit=False)
    assert not check_parts(WITHIN, a=whole, b=parts("A", (1, 1), per_unit=False, counted=True))
    assert not check_parts(WITHIN, a=whole, b=parts("C", (3, 3), per_unit=False, first=50))
    assert group_parts({"a": parts("C", (1,))}, {"b": parts("D", (1,), per_unit=False, form="g")}) == []


def test_the_row_that_is_counted_on_one_side_only_is_named():
    rows = parts("A", (1,) * 41, per_unit=False, counted=True)
    [finding] = check_parts(ADDED, a=rows, b=rows[:3] + rows[4:])
    assert finding.cells == ("van-phong/x.xlsx#s!A10",)
    assert "khoá 3" in finding.message


def test_a_sum_over_many_units_that_no_unit_breaks_names_no_arbitrary_dozen():
    block = make_block([(f"don-vi/1{i:04}.xlsx", "s", 7) for i in range(40)])
    values = {"a": Value(Fraction(40), "TTHC", "sum", sources=(Source(block, "E", "term"),)), "b": typed(41)}
    [finding] = check_relations([ADDED], values).findings
    assert finding.cells == ("a.xlsx#s!E7", "don-vi/*#s")


def test_labels_are_shown_and_ids_kept():
    [finding] = check_relations([ADDED], {"a": typed(2), "b": typed(1)}, {"a": "Tổng số"}).findings
    assert (finding.expected, finding.got, finding.ids) == ("Tổng số = 2", "b = 1", ("a", "b"))


@pytest.mark.parametrize(
    "text",
    ["relations: [{kind: sum, name: x, says: y, whole: a}]", "registers: [{kind: order, name: x, says: y, form: f}]",
     "relations: [{kind: nothing, name: x, says: y}]"],
)  # fmt: skip
def test_a_relation_that_is_not_whole_is_refused(tmp_path, text):
    (tmp_path / "identities.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError, match=r"identities\.yaml"):
        read_identities(Params(tmp_path))


def test_two_relations_of_one_name_are_refused():
    one = {"kind": "equal", "name": "x", "says": "y", "ids": ("a", "b")}
    with pytest.raises(ValidationError, match="named twice"):
        Identities(relations=(one, one))


# -- registers -----------------------------------------------------------------


def entries(*rows):
    """Rows of ``(type, symbol, date, issuer, subject)``."""
    names = ("loai", "so_ky_hieu", "ngay", "co_quan", "trich_yeu")
    return [
        Entry(
            dict(zip(names, row, strict=True)),
            {name: f"v.xlsx#s!{chr(66 + i)}{n}" for i, name in enumerate(names)},
        )
        for n, row in enumerate(rows, 7)
    ]


RULES = {rule.kind: rule for rule in IDENTITIES.registers if rule.form == "van-ban"}
UB = "Ủy ban nhân dân thành phố"


def run(kind, *rows, rule=None):
    return check_rule(rule or RULES[kind], entries(*rows), PERIOD, IDENTITIES, find_house("nd30"))


@pytest.mark.parametrize("told", [*IDENTITIES.relations, *IDENTITIES.registers], ids=lambda told: told.name)
def test_a_reader_of_another_language_meets_no_word_of_the_projects(told):
    with speaking("vi"):
        assert say(told, "vi") == told.says.rstrip(".")
    with speaking("en"):
        said = say(told, "vi")
    assert said
    assert said.isascii()


def test_a_number_out_of_order_is_named_with_the_one_it_contradicts():
    book = [("Kế hoạch", f"{n}/KH-UBND", date(2026, 2, d), UB, "") for n, d in ((39, 5), (44, 10), (48, 12))]
    [finding] = run("order", *book, ("Quyết định", "247/KH-UBND", date(2026, 1, 20), UB, ""))
    assert finding.cells == ("v.xlsx#s!C10", "v.xlsx#s!D10", "v.xlsx#s!C9", "v.xlsx#s!D9")
    assert "48/KH-UBND" in finding.expected
    assert not run("order", *book)


def test_numbers_of_other_books_years_and_kinds_are_not_compared():
    rows = [
        ("Quyết định", "900/QĐ-UBND", date(2026, 1, 2), UB, ""),
        ("Quyết định", "5/QĐ-UBND", date(2026, 2, 2), "Ủy ban nhân dân phường An Biên", ""),
        ("Quyết định", "12/QĐ-UBND", date(2025, 2, 2), UB, ""),
        ("Quyết định", "1/2026/QĐ-UBND", date(2026, 3, 2), UB, ""),
        ("Nghị quyết", "66.7/2025/NQ-CP", date(2025, 11, 15), "Chính phủ", ""),
        ("Nghị quyết", "71/NQ-CP", date(2025, 4, 1), "Chính phủ", ""),
        ("Luật", None, None, "Quốc hội", ""),
    ]
    assert not run("order", *rows)
    [finding] = run("order", *rows, ("Quyết định", "901/QĐ-UBND", date(2026, 1, 1), f"Chủ tịch {UB}", ""))
    assert "901/QĐ-UBND" in finding.expected + finding.got


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 60)), max_size=12, unique_by=lambda pair: pair[0])
)
def test_a_book_in_order_has_no_finding_and_one_out_of_order_has(pairs):
    numbers = sorted(number for number, _ in pairs)
    days = sorted(day for _, day in pairs)
    ordered = [
        ("Quyết định", f"{n}/QĐ-UBND", date.fromordinal(date(2026, 1, 1).toordinal() + d), UB, "")
        for n, d in zip(numbers, days, strict=True)
    ]
    assert not run("order", *ordered)
    mixed = [(r[0], f"{n}/QĐ-UBND", *r[2:]) for r, (n, _) in zip(ordered, pairs, strict=True)]
    dates = [row[2] for row in sorted(mixed, key=lambda row: int(row[1].partition("/")[0]))]
    assert bool(run("order", *mixed)) == (dates != sorted(dates))


@pytest.mark.parametrize(
    ("loai", "symbol", "found"),
    [
        ("Quyết định", "247/KH-UBND", True), ("Quyết định", "48/2025/QĐ-TTg", False), ("Kế hoạch", "12-KH/TU", False),
        ("Công văn", "390/UBND-TTPVHCC", False), ("Công văn", "39/KH-UBND", True), ("Tờ trình", "67/TTr-UBND", False),
        ("Báo cáo", "13/BC-ĐKT", False), ("Luật", None, False), ("Văn bản", "5/XX-YY", False),
        ("Luật", "90/2025/QH15", False), ("Quyết định", "Số 12/QĐ-UBND", True), ("Quyết định", "12/QĐ-UBND (dự kiến)", True),
    ],
)  # fmt: skip
def test_a_symbol_speaks_of_its_type(loai, symbol, found):
    assert bool(run("symbol", (loai, symbol, None, UB, ""))) == found


@pytest.mark.parametrize(("symbol", "found"), [("5/QĐ-UBND", False), ("5/BC-UBND", True), ("năm", True)])
def test_a_register_of_one_kind_of_document_has_its_letters(symbol, found):
    rule = Rule(name="x", kind="symbol", form="f", symbol="so_ky_hieu", letters="QĐ")
    assert bool(run("symbol", ("", symbol, None, UB, ""), rule=rule)) == found


@pytest.mark.parametrize(
    ("symbol", "day", "found"),
    [
        ("170/2025/QĐ-UBND", date(2025, 12, 30), False), ("170/2025/QĐ-UBND", date(2026, 1, 3), True),
        ("12/QĐ-UBND", date(2026, 1, 3), False), ("90/2025/QH15", date(2024, 6, 25), True), ("90/2025/QH15", None, False),
    ],
)  # fmt: skip
def test_a_year_in_a_symbol_is_that_of_its_date(symbol, day, found):
    assert bool(run("year", ("Quyết định", symbol, day, UB, ""))) == found


@pytest.mark.parametrize("tolerance", [-1, 2])
def test_a_slack_below_nought_or_beyond_reason_is_refused(tolerance):
    with pytest.raises(ValidationError):
        Complement(kind="complement", name="x", parts=("a", "b"), tolerance=tolerance)


@pytest.mark.parametrize(
    ("loai", "day", "subject", "found"),
    [
        ("Kế hoạch", date(2024, 12, 24), "kiểm tra văn bản năm 2026", True),
        ("Kế hoạch", date(2025, 12, 24), "kiểm tra văn bản năm 2026", False),
        ("Quyết định", date(2024, 12, 24), "ban hành Kế hoạch kiểm tra năm 2026", True),
        ("Báo cáo", date(2024, 12, 24), "kết quả thực hiện Kế hoạch năm 2026", False),
        ("Kế hoạch", date(2022, 1, 1), "giai đoạn năm 2021 - 2026", False),
        ("Kế hoạch", None, "năm 2026", False),
    ],
)
def test_a_plan_belongs_to_its_year(loai, day, subject, found):
    assert bool(run("plan-year", (loai, "1/KH-UBND", day, UB, subject))) == found


def test_what_was_issued_in_the_quarter_is_dated_in_it():
    rows = [
        ("Kế hoạch", "1/KH-UBND", day, UB, "")
        for day in (date(2025, 12, 15), date(2026, 3, 14), date(2026, 3, 15))
    ]
    [finding] = run("window", *rows)
    assert finding.cells == ("v.xlsx#s!D9",)
    until = Rule(name="x", says="x", kind="until", form="f", date="ngay")
    assert len(run("until", *rows, rule=until)) == 1


# -- definitions ---------------------------------------------------------------


def share(parents):
    return Node(Fraction(1), "%", "ratio", tuple(parents))


def leaf(column):
    return Node(Fraction(1), "hồ sơ", "sum", basis=Basis("06a", (), column))


def test_two_bases_under_one_name_are_found():
    nodes = {
        "a": leaf("x"),
        "b": leaf("y"),
        "c": leaf("z"),
        "p": share(["a", "b"]),
        "q": share(["a", "c"]),
    }
    one, other = Indicator(label="Tỷ lệ đúng hạn", unit="%"), Indicator(label="Tỷ lệ  ĐÚNG hạn", unit="%")
    [finding] = check_definitions({"p": one, "q": other}, nodes)
    assert (finding.code, finding.ids) == ("two-bases", ("p", "q"))
    assert check_definitions({"p": one, "q": Indicator(label="Tỷ lệ: đúng-hạn.", unit="%")}, nodes)
    assert not check_definitions({"p": one, "q": Indicator(label="Tỷ lệ trong hạn", unit="%")}, nodes)
    listed = {d.id: d for d in list_definitions({"p": one}, nodes)}
    assert listed["p"].numerator.sources == ("06a.x",)
    assert listed["q"].base.ids == ("c",)


def test_the_definitions_of_the_project_are_all_there_and_all_different():
    shares = [one for one in PARAMS.indicators.values() if one.unit == "%" or one.print.over]
    assert all(one.definition for one in shares)
    assert not check_definitions(PARAMS.indicators, {})


def test_a_declared_share_is_defined_before_anything_is_built():
    told = {one.id: one for one in list_definitions(PARAMS.indicators, {})}
    share = told["ty_le_hoso_dung_han"]
    assert (share.numerator.id, share.base.id) == ("hoso_dung_han_trong_han", "hoso_tong_tiep_nhan")
    assert share.numerator.ids[1:] == ("hoso_truoc_han", "hoso_dung_han", "hoso_dang_trong_han")
    assert all(one.numerator for one in told.values() if PARAMS.indicators[one.id].share)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_declared_shares_are_made_of_declared_sums(online, direct, other):
    counts = {"hoso_tt_truc_tuyen": typed(online), "hoso_tt_truc_tiep": typed(direct), "x": typed(other)}
    made = make_declared(PARAMS.indicators, counts)
    assert made["hoso_thanh_toan"].number == online + direct
    both = [made[key].number for key in ("ty_le_hoso_tt_truc_tuyen", "ty_le_hoso_tt_truc_tiep")]
    assert both == [None, None] if online + direct == 0 else sum(both) == 100
    assert "ty_le_so_hoa" not in made


def test_a_share_of_something_in_nothing_is_told():
    part, base = amount("chi", 3), amount("ke_hoach", 0)
    share = (part / base).named("ty_le_chi")
    [finding] = find_without_base({"ty_le_chi": share, "chi": part})
    assert (finding.code, finding.ids) == ("without-base", ("ty_le_chi", "chi", "ke_hoach"))
    assert not list(find_without_base({"x": (amount("a", 0) / amount("b", 0)).named("x")}))


def amount(name: str, number: int) -> Value:
    return Value(Fraction(number), "tỷ đồng", "cell", name=name)
