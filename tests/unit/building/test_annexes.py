"""Official tables: what a params file asks for stands in the report, in its workbook and in the trace."""

from __future__ import annotations

import io
import re
from fractions import Fraction

import openpyxl
import pytest
import yaml

from baocao.building.stitching import stitch
from baocao.documents.markup import read_mentions
from baocao.documents.source import check_source
from baocao.project.errors import ParamsError
from baocao.project.folder import Project
from baocao.project.periods import Period
from baocao.reading.tables import read_tables

PERIOD = Period(2026, 1)
BY_UNIT = {
    "id": "pl_so", "title": "HỒ SƠ {KY}", "caption": "Số liệu {tu_den}. Đơn vị tính: hồ sơ", "head": ["STT", "Đơn vị"],
    "form": "06a", "where": {"level": "so"}, "by": "unit", "total": "Tổng số",
}  # fmt: skip
BY_FIELD = {**BY_UNIT, "id": "pl_linh_vuc", "where": {}, "by": "linh_vuc", "head": ["STT", "Lĩnh vực"]}
LISTED = {
    "id": "pl_thong_ke", "title": "THỐNG KÊ", "caption": "Số liệu {tu_den}",
    "head": ["STT", "Chỉ tiêu", "Đơn vị tính", "Kết quả", "Ghi chú"],
    "lines": [
        {"heading": "Hồ sơ"},
        {"id": "hoso_so_tiep_nhan", "form": "06a", "where": {"level": "so"}, "column": "tiep_nhan"},
        {"id": "hoso_xa_tiep_nhan", "form": "06a", "where": {"level": "xa"}, "column": "tiep_nhan", "note": "cấp xã"},
        {"heading": "Khác"},
        {"id": "tthc_tong"},
    ],
}  # fmt: skip


@pytest.fixture
def make(sandbox):
    sandbox.fill()

    def stitch_with(*annexes, fill=None):
        if fill:
            fill()
        report = {
            "title": "Kết quả", "sections": [{"key": "I", "heading": "I. CHUNG"}], "annexes": list(annexes),
        }  # fmt: skip
        params = sandbox.root / "params"
        (params / "reports.yaml").write_text(yaml.safe_dump({"kstthc": report}, allow_unicode=True), "utf-8")
        if not (params / "2026-Q1.yaml").exists():
            (params / "2026-Q1.yaml").write_text('period: "2026-Q1"\n', "utf-8")
        project = Project(sandbox.root)
        return stitch(project, PERIOD, "kstthc", {}, read_tables(project, PERIOD))

    return stitch_with


def numbers(made) -> dict[str, int]:
    return {key: int(node.number) for key, node in made.values.items()}


def sheet(made, name: str):
    return openpyxl.load_workbook(io.BytesIO(made.workbook))[name]


def test_every_unit_has_a_row_and_the_last_one_adds_them_up(make):
    made = make(BY_UNIT)
    values = numbers(made)
    # Two units with the fields of the fixture: 10 + 0 + 1234 received each.
    assert values["pl_so__h01__tiep_nhan"] == 1244
    assert values["pl_so__tiep_nhan"] == 2488
    assert len(made.mentions) == 3 * 11
    assert {len(source.block) for source in made.values["pl_so__tiep_nhan"].sources} == {13}
    assert made.mentions[0].context == "Sở A: Tiếp nhận - Tổng số"
    assert made.mentions[0].printed == "1.244"
    assert not made.findings


def test_a_unit_that_sent_nothing_has_a_row_without_numbers(make, sandbox):
    def leave_out():
        (sandbox.project.raw(PERIOD) / "don-vi" / "H02-x.xlsx").unlink()
        sandbox.treat("H02", action="exclude", why="chưa gửi")

    made = make(BY_UNIT, fill=leave_out)
    row = next(line for line in made.text.splitlines() if line.startswith("| 2 | Sở B"))
    assert len(re.findall(r"\| \\?- (?=\|)", row)) == 11
    assert numbers(made)["pl_so__tiep_nhan"] == 1244


def test_fields_of_all_units_are_added_and_the_head_is_that_of_the_form(make):
    made = make(BY_FIELD)
    assert numbers(made)["pl_linh_vuc__chung_thuc__tiep_nhan"] == 3 * 1234
    text = made.text
    assert "| STT | Lĩnh vực | Tiếp nhận | << | << | << |" in text
    assert "| ^^ | ^^ | Tổng số | Trong kỳ | << | Từ kỳ trước |" in text
    assert "| (1) | (2) | (3) | (4) |" in text
    assert check_source(text, "nd30") == []


def test_a_list_takes_values_of_the_report_and_of_forms_and_tells_what_is_missing(make):
    made = make(LISTED)
    assert [finding.code for finding in made.findings] == ["annex-blank"]
    assert made.findings[0].ids == ("tthc_tong",)
    held = sheet(made, "Phụ lục")
    rows = [[cell.value for cell in row] for row in held.iter_rows(min_row=6, max_row=10)]
    assert rows == [
        ["I", "Hồ sơ", None, None, None],
        ["1", "Hồ sơ các sở, ban, ngành: tổng tiếp nhận (gồm kỳ trước chuyển qua)", "hồ sơ", 2488, None],
        ["2", "Hồ sơ UBND cấp xã: tổng tiếp nhận (gồm kỳ trước chuyển qua)", "hồ sơ", 1244, "cấp xã"],
        ["II", "Khác", None, None, None],
        ["3", "Tổng TTHC thuộc thẩm quyền giải quyết", "TTHC", "-", None],
    ]


def test_annexes_are_numbered_in_their_order_and_say_what_they_belong_to(make):
    made = make(BY_UNIT, BY_FIELD)
    assert "# Phụ lục I {#kstthc_plso}" in made.text
    assert "# Phụ lục II {#kstthc_pllinhvuc}" in made.text
    assert re.search(
        r"\(Kèm theo Báo cáo số\s+/BC ngày\s+tháng\s+năm 2026 của Ủy ban nhân dân thành phố Hải Phòng\)",
        made.text,
    )
    assert "HỒ SƠ QUÝ I NĂM 2026" in made.text


def test_the_trace_says_where_each_mention_stands_in_the_workbook(make):
    made = make(BY_UNIT, BY_FIELD)
    printed = dict(read_mentions(made.text))
    for annex in made.annexes:
        held = sheet(made, annex.label)
        for address, id in annex.mentions.items():
            mention = next(one for one in made.mentions if one.id == id)
            stored = held[address].value
            number = made.values[mention.value].number
            assert printed[id] == mention.printed
            assert stored == annex.formulas.get(address, number)
    assert sum(len(annex.mentions) for annex in made.annexes) == len(made.mentions)


def evaluate(formula: str, held) -> Fraction:
    total = re.fullmatch(r"=SUM\((\w+):(\w+)\)", formula)
    if total:
        cells = [cell.value for row in held[f"{total[1]}:{total[2]}"] for cell in row]
    else:
        cells = [held[address].value for address in formula.removeprefix("=").split("+")]
    return sum(
        evaluate(one, held) if isinstance(one, str) and one.startswith("=") else Fraction(one)
        for one in cells
    )


def test_formulas_make_the_values(make):
    made = make(BY_UNIT)
    (annex,) = made.annexes
    held = sheet(made, annex.label)
    by_id = {mention.id: mention for mention in made.mentions}
    assert len(annex.formulas) == 2 * 3 + 11
    for address, formula in annex.formulas.items():
        assert evaluate(formula, held) == made.values[by_id[annex.mentions[address]].value].number


def test_the_same_annexes_make_the_same_bytes(make):
    assert make(BY_UNIT, LISTED).workbook == make(BY_UNIT, LISTED).workbook


def test_a_report_without_annexes_has_no_workbook(make):
    assert make().workbook is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"form": "06b"}, "06b"),
        ({"by": "linh_vu"}, "linh_vu"),
        ({"columns": ["tiep_nha"]}, "tiep_nha"),
        ({"where": {"cap": "so"}}, "cap"),
        ({"by": None}, "annex"),
        ({"head": ["STT"]}, "head"),
    ],
)
def test_a_name_that_stands_nowhere_is_refused_with_its_line(make, change, says):
    with pytest.raises(ParamsError, match=says):
        make({**BY_UNIT, **change})
