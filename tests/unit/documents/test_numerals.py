"""Which runs of digits are no numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.documents.numerals import Recogniser
from baocao.project.cells import CellRef
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.values.citations import Document, Documents

HOUSE = find_house("nd30")


@pytest.fixture(scope="module")
def documents() -> Documents:
    register = Documents(None, HOUSE)
    for row, (symbol, day) in enumerate(
        [
            ("3220/UBND-TTPVHCC", date(2025, 12, 23)),
            ("66.7/2025/NQ-CP", date(2025, 11, 15)),
            ("57-NQ/TW", None),
        ],
        7,
    ):
        cells = {
            name: CellRef("van-ban.xlsx", "van-ban", f"{c}{row}")
            for name, c in (("so_ky_hieu", "C"), ("ngay", "D"))
        }
        document = Document(
            symbol, "Công văn", symbol, day, "UBND", "về việc", None, None, "căn cứ", cells, HOUSE
        )
        register._by_key[symbol] = document
        register._by_symbol[symbol] = [document]
    return register


@pytest.fixture(scope="module")
def recogniser(documents) -> Recogniser:
    return Recogniser(Period(2026, 1), ["5 tại chỗ"], documents, ["hồ sơ", "TTHC", "ban"])


def kinds(recogniser: Recogniser, text: str, context: str = "body") -> list[tuple[str, str | None]]:
    return [(numeral.text, numeral.kind) for numeral in recogniser.find(text, context)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Công văn số 3220/UBND-TTPVHCC ngày 23/12/2025 về",
            [("3220/UBND-TTPVHCC", "citation"), ("23/12/2025", "citation")],
        ),
        (
            "Nghị quyết số 66.7/2025/NQ-CP ngày 15 tháng 11 năm 2025",
            [("66.7/2025/NQ-CP", "citation"), ("15", "citation"), ("11", "citation"), ("2025", "citation")],
        ),
        ("số 57-NQ/TW,", [("57-NQ/TW", "citation")]),
        ("3220/UBND-TTPVHCC ngày 24/12/2025", [("3220/UBND-TTPVHCC", "citation"), ("24/12/2025", None)]),
        ("số 999/UBND-TTPVHCC", [("999/UBND-TTPVHCC", None)]),
        ("quý I năm 2026", [("2026", "calendar")]),
        ("quý I/2026", [("2026", "calendar")]),
        ("năm 2031", [("2031", None)]),
        ("từ ngày 15/12/2025 đến ngày 14/3/2026", [("15/12/2025", "calendar"), ("14/3/2026", "calendar")]),
        ("đến ngày 14/03/2026", [("14/03/2026", "calendar")]),
        ("ngày 16/3/2026", [("16/3/2026", None)]),
        ("từ tháng 01/2026", [("01/2026", "calendar")]),
        ("từ tháng 9 năm 2025", [("9", "calendar"), ("2025", "calendar")]),
        ("tháng 9/2031", [("9/2031", None)]),
        ("trong tháng 9", [("9", None)]),
        ("hết tháng 3", [("3", "calendar")]),
        ("khoản 37 hồ sơ", [("37", None)]),
        ("trong tháng 3 hồ sơ", [("3", None)]),
        ("năm 2026 TTHC", [("2026", None)]),
        ("năm 2026 ban hành", [("2026", "calendar")]),
        ("khoản 1, 2 và 3 Điều 4", [("1", "legal"), ("2", "legal"), ("3", "legal"), ("4", "legal")]),
        ("mô hình 5 tại chỗ", [("5", "name")]),
        ("5 hồ sơ", [("5", None)]),
        ("đạt 97,15%, 14/16, 1.018 TTHC", [("97,15%", None), ("14/16", None), ("1.018", None)]),
        ("tại điểm 5%", [("5%", None)]),
        ("điều 4 %", [("4", None)]),
        ("(1) một; (2) hai", [("1", "structure"), ("2", "structure")]),
    ],
)
def test_numerals_in_a_text(recogniser, text, expected):
    found = kinds(recogniser, text)
    # "ngày 15 tháng 11 năm 2025" may be one run or three; what counts is that none is left over.
    assert found == expected


@pytest.mark.parametrize(
    ("context", "text", "kind"),
    [
        ("heading", "10. Về tình hình", "structure"),
        ("heading", "**6.1. Triển khai tích hợp**", "structure"),
        ("body", "1.018 hồ sơ", None),
        ("caption", "Bảng 3. Hồ sơ", "structure"),
        ("body", "Bảng 3. Hồ sơ", None),
        ("body", "Kết quả nêu tại Bảng 3 và Hình 2", "structure"),
        ("body", "Bảng 3.000 hồ sơ", None),
        ("body", "Bảng 3%", None),
        ("row", "17", "structure"),
        ("body", "17", None),
        ("cell", "(3)", "structure"),
        ("cell", "1.018", None),
        ("cell", "12", None),
        ("cell", "(3)=(4)+(5)", "structure"),
    ],
)
def test_structure_is_structure_only_in_its_place(recogniser, context, text, kind):
    assert kinds(recogniser, text, context)[0][1] == kind


@given(st.text(alphabet="0123456789.,/%- aăTU()I", max_size=40))
def test_no_digit_is_overlooked_and_none_is_counted_twice(recogniser, text):
    found = recogniser.find(text)
    covered = [place for numeral in found for place in range(numeral.start, numeral.end)]
    assert len(covered) == len(set(covered))
    assert {place for place, char in enumerate(text) if char.isdigit()} <= set(covered)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trong 6 tháng đầu năm 2026 có", [("6", "calendar"), ("2026", "calendar")]),
        ("nhiệm vụ 9 tháng đầu năm", [("9", "calendar")]),
        ("kéo dài 6 tháng", [("6", None)]),
        ("6 tháng đầu tiên", [("6", None)]),
    ],
)
def test_a_period_is_called_by_its_months_and_a_measure_is_none(documents, text, expected):
    assert kinds(Recogniser(Period(2026, 1, "half"), [], documents, ["tháng"]), text) == expected
