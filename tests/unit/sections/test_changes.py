"""How a number has moved against an earlier period: made of the cells of both, refused where it says nothing."""

from __future__ import annotations

import json
import os
from fractions import Fraction

import IPython.display
import pytest
import yaml

from baocao import Section
from baocao.project.errors import UsageError, ValueUseError
from baocao.project.house import find_house
from baocao.project.models import NumberFormat
from baocao.project.periods import Period
from baocao.sections.parts import MIME, Part, paragraphs, plain
from baocao.values.formatting import format_value
from baocao.values.value import Value, measure_change

NUMBERS = find_house("nd30").numbers
REPORT = """
kstthc:
  title: "Báo cáo {ky}"
  recipient: [Bộ]
  copies: [Như trên]
  signature: [CHỦ TỊCH]
  sections:
    - {key: I.7, heading: "7. Hồ sơ", notebook: 07-ho-so}
"""
LAST_YEAR = (("Đất đai", (8, 4, 1, 3, 6, 4, 1, 1, 2, 1, 1)), ("Hộ tịch", (0,) * 11))
TAKEN = {
    "tiep_nhan": "parts", "ky_truoc": "first", "dang_giai_quyet": "last", "trong_han": "last", "dang_qua_han": "last",
}  # fmt: skip


def declare(root):
    path = root / "params" / "forms.yaml"
    forms = yaml.safe_load(path.read_text(encoding="utf-8"))
    forms["forms"]["06a"]["over"] = "each"
    for column in forms["forms"]["06a"]["columns"]:
        if column["type"] == "count":
            column["over"] = TAKEN.get(column["name"], "flow")
    for name in ("nganh-doc", "co-so", "van-ban"):
        forms["forms"][name]["over"] = "last"
    for item in forms["forms"]["chi-tieu"]["indicators"]:
        item.pop("cumulative", None)
        item["over"] = "flow"
    forms["forms"]["chi-tieu"]["indicators"][0]["cumulative"] = "ever"
    del forms["forms"]["chi-tieu"]["indicators"][0]["over"]
    path.write_text(yaml.safe_dump(forms, allow_unicode=True), encoding="utf-8")
    return forms["forms"]["chi-tieu"]["indicators"]


@pytest.fixture(scope="module")
def project(tmp_path_factory, make_sandbox, books):
    sandbox = make_sandbox(tmp_path_factory.mktemp("changes") / "project")
    asked = declare(sandbox.root)
    (sandbox.root / "params" / "reports.yaml").write_text(REPORT, encoding="utf-8")
    sandbox.fill()
    for code, level in (("H01", "so"), ("H02", "so"), ("10507", "xa")):
        book = books.unit(code, level=level, period="Quý I năm 2025", fields=LAST_YEAR, sheets=("06a",))
        sandbox.raw(f"don-vi/{code}-x.xlsx", book, Period(2025, 1))
    return os.fspath(sandbox.root), asked


@pytest.fixture
def section(project):
    return Section("07-ho-so", "2026-Q1", root=project[0])


@pytest.fixture
def printed(monkeypatch):
    parts = []
    monkeypatch.setattr(
        IPython.display,
        "display",
        lambda bundle, raw: parts.append(Part.model_validate_json(json.dumps(bundle[MIME]))),
    )
    return parts


def test_a_change_knows_the_cells_of_both_periods(section):
    received = section.table("06a").where(level="so").total("tiep_nhan")
    section.name(hoso_so_tiep_nhan=received)
    moved = section.change("hoso_so_tiep_nhan")
    assert moved.id == "hoso_so_tiep_nhan__change_last_year"
    assert moved.number == Fraction(2 * 1244 - 2 * 8) * 100 / 16
    now, before = moved.parents
    assert (before.id, before.number) == ("hoso_so_tiep_nhan__last_year", 16)
    cells = {str(cell) for cell in before.cells()}
    assert cells == {
        str(cell).replace("don-vi", "2025-Q1/don-vi")
        for cell in now.cells()
        if "!C11" not in str(cell)  # the archive has two rows
    }


def test_the_prose_says_the_direction_and_the_trace_has_the_numbers(section, printed):
    online = section.table("06a").total("truc_tuyen")
    share = online / section.table("06a").total("tiep_nhan")
    section.name(hoso_so_trong_ky_truc_tuyen=online)
    moved = section.change("hoso_so_trong_ky_truc_tuyen")
    section.prose(
        "Trực tuyến {tang} so với cùng kỳ ({truoc}); tỷ lệ {ty_le}.",
        tang=moved,
        truoc=section.earlier("hoso_so_trong_ky_truc_tuyen"),
        ty_le=section.change(share),
    )
    (block,) = paragraphs(printed[0].content.blocks)
    assert plain(block.runs) == (
        "Trực tuyến tăng 25.050% so với cùng kỳ (12); tỷ lệ tăng 30,9 điểm phần trăm."
    )
    node = printed[0].values[moved.id]
    assert (node.op, node.parents[1]) == ("change", "hoso_so_trong_ky_truc_tuyen__last_year")


def test_where_nothing_was_received_the_text_says_so(section, printed):
    received = section.table("06a").total("tiep_nhan", id=None)
    moved = section.change(received, against="last_period")
    assert moved.number is None
    section.prose("{tang}", tang=moved, when=moved, otherwise="Chưa có số liệu kỳ trước.")
    section.prose("Kỳ này: {tang}.", tang=moved)
    texts = [plain(block.runs) for part in printed for block in paragraphs(part.content.blocks)]
    assert texts == ["Chưa có số liệu kỳ trước.", "Kỳ này: chưa có số liệu để so sánh."]
    section.prose("{truoc}", truoc=section.earlier(received, against="last_period"))
    assert plain(next(paragraphs(printed[-1].content.blocks)).runs) == "chưa có số liệu để so sánh"
    assert any("earlier:2025-Q4" in part.reads for part in printed)


def test_what_was_not_collected_then_has_no_earlier_number(section, project):
    item = project[1][1]["code"]
    counted = section.table("chi-tieu").where(ma=item).total("gia_tri", unit="x")
    assert section.change(counted).number is None


def test_what_is_cumulative_is_refused(section, project):
    item = project[1][0]["code"]
    counted = section.table("chi-tieu").where(ma=item).total("gia_tri", unit="x")
    with pytest.raises(ValueUseError, match=f"{item}.*cumulative"):
        section.change(counted)


def test_a_part_over_a_whole_and_an_unknown_period_are_refused(section):
    hoso = section.table("06a")
    over = hoso.total("truc_tuyen").over(hoso.total("tiep_nhan"))
    with pytest.raises(ValueUseError, match="share"):
        section.change(over)
    with pytest.raises(UsageError, match="last_year, last_period"):
        section.change(hoso.total("tiep_nhan"), against="last_month")


def test_a_row_by_its_place_cannot_be_found_then(section):
    row = next(iter(section.table("06a").each()))
    with pytest.raises(ValueUseError, match="cannot be made again"):
        section.change(row.total("tiep_nhan"))


def number(amount, unit="hồ sơ"):
    return Value(None if amount is None else Fraction(amount), unit, "opaque", basis="x", name="a")


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (112, 100, "tăng 12%"),
        (1123, 1000, "tăng 12,3%"),
        (90, 100, "giảm 10%"),
        (100, 100, "không đổi"),
        (100_003, 100_000, "tăng 0,003%"),
        (0, 100, "giảm 100%"),
        (5, 0, "không so sánh được do kỳ so sánh không phát sinh"),
        (5, None, "chưa có số liệu để so sánh"),
    ],
)
def test_a_change_in_words(now, before, text):
    moved = measure_change(number(now), None if before is None else number(before))
    assert format_value(moved, {}, NUMBERS) == text


def test_a_share_moves_by_points():
    points = NUMBERS.changes.points
    moved = measure_change(number("97.5", "%"), number(100, "%"), points)
    assert format_value(moved, {}, NUMBERS) == "giảm 2,5 điểm phần trăm"
    assert format_value(moved, {}, NUMBERS, ".2") == "giảm 2,50 điểm phần trăm"
    assert NumberFormat().decimals is None
