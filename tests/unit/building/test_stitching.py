"""Parts of notebooks become one document in which every number has an id, or is reported."""

from __future__ import annotations

from datetime import date

import pytest

from baocao.building.stitching import _Stitcher
from baocao.documents.numerals import Recogniser
from baocao.project.cells import CellRef
from baocao.project.periods import Period, format_words
from baocao.project.reports import SectionSpec
from baocao.tracing.record import hash_stitched
from baocao.values.citations import Document, Documents

SECTION = SectionSpec(key="I.7", heading="7. Hồ sơ", notebook="07-ho-so")
NODE = {"number": "142186", "unit": "hồ sơ", "op": "sum", "parents": [], "sources": [], "basis": ""}


def documents() -> Documents:
    register = Documents(None)
    cells = {
        "so_ky_hieu": CellRef("van-ban.xlsx", "van-ban", "C7"),
        "ngay": CellRef("van-ban.xlsx", "van-ban", "D7"),
    }
    one = Document(
        "a", "Công văn", "3220/UBND-KSTT", date(2025, 12, 23), "UBND", "về", None, None, "căn cứ", cells
    )
    register._by_key["a"] = one
    register._by_symbol["3220/UBND-KSTT"] = [one]
    return register


@pytest.fixture
def stitcher() -> _Stitcher:
    made = _Stitcher("kstthc", Recogniser(Period(2026, 1), ["5 tại chỗ"], documents()), Period(2026, 1))
    made.done.values["hoso"] = NODE
    made.heading(SECTION, Period(2026, 1), "thành phố")
    return made


def part(markdown: str, **more) -> dict:
    return {"kind": "prose", "cell": 3, "markdown": markdown, "values": {"hoso": NODE}, "blocks": {}, **more}


def test_every_mention_gets_an_id_of_its_section_and_point(stitcher):
    stitcher.part(
        part('Có [142.186]{.so v="hoso"} hồ sơ.\n\n### b) Khác\n\nLại [142.186]{.so v="hoso"}.'),
        SECTION,
        "kstthc/07-ho-so",
    )
    stitcher.part(
        part('c) Vẫn [142.186]{.so v="hoso"}.\n\nVà [142.186]{.so v="hoso"}.'), SECTION, "kstthc/07-ho-so"
    )
    assert [(m.id, m.section) for m in stitcher.done.mentions] == [
        ("m_kstthc_i7_01", "I.7"),
        ("m_kstthc_i7b_01", "I.7.b"),
        ("m_kstthc_i7c_01", "I.7.c"),
        ("m_kstthc_i7c_02", "I.7.c"),
    ]
    assert stitcher.out[1] == 'Có [142.186]{#m_kstthc_i7_01 .so v="hoso" n="142186"} hồ sơ.'
    assert stitcher.out[2] == "### b) Khác {#kstthc_i7b}"
    assert stitcher.done.mentions[0].context == "Có 142.186 hồ sơ."


def test_the_next_section_leaves_the_point(stitcher):
    stitcher.prose("a) Một", "I.7", "")
    stitcher.heading(SectionSpec(key="I.8", heading="8. Khác"), Period(2026, 1), "")
    stitcher.prose("Hai", "I.8", "")
    assert stitcher._key == "I.8"


def test_numbered_subsections_are_sections_of_their_chapter(stitcher):
    stitcher.prose('**6.1. Nền tảng**\n\nCó [142.186]{.so v="hoso"}.', "II.6", "")
    assert stitcher.done.mentions[0].section == "II.6.1"


def test_a_number_that_leads_nowhere_is_reported_with_its_place(stitcher):
    stitcher.part(part("Có 37 hồ sơ và quý I năm 2026."), SECTION, "kstthc/07-ho-so")
    [finding] = stitcher.done.findings
    assert (finding.code, finding.got, finding.cells) == (
        "untraced",
        "37",
        ("notebooks/kstthc/07-ho-so.ipynb, cell 4",),
    )
    assert "mục I.7" in finding.message
    assert "Có 37 hồ sơ" in finding.message


def test_a_plain_text_citation_is_marked_with_its_cells(stitcher):
    stitcher.prose("Theo Công văn số 3220/UBND-KSTT ngày 23/12/2025, mô hình 5 tại chỗ.", "I.7", "")
    assert (
        stitcher.out[-1]
        == "Theo Công văn số [3220/UBND-KSTT ngày 23/12/2025]{#c_kstthc_i7_01 .vb}, mô hình 5 tại chỗ."
    )
    assert stitcher.done.citations[0].cells == ("van-ban.xlsx#van-ban!C7", "van-ban.xlsx#van-ban!D7")
    assert stitcher.done.findings == []


def test_a_citation_in_a_footnote_is_the_citation_alone(stitcher):
    stitcher.prose('Đã duyệt^[[Quyết định số 1/QĐ-UBND]{.vb c="van-ban.xlsx#van-ban!B7"}.].', "I.7", "")
    assert [citation.printed for citation in stitcher.done.citations] == ["Quyết định số 1/QĐ-UBND"]
    assert stitcher.out[-1] == "Đã duyệt^[[Quyết định số 1/QĐ-UBND]{#c_kstthc_i7_01 .vb}.]."


def test_texts_with_marks_of_markdown_come_through_as_they_are(stitcher):
    stitcher.prose('[Số \\#1 \\[a\\|b\\]]{.vb c="van-phong/x.xlsx#co so!B7;y.xlsx#a\\"b!C1"}', "I.7", "")
    [citation] = stitcher.done.citations
    assert citation.printed == "Số #1 [a|b]"
    assert citation.cells == ("van-phong/x.xlsx#co so!B7", 'y.xlsx#a"b!C1')
    assert stitcher.done.findings == []


def test_tables_number_their_captions_and_their_rows_are_structure(stitcher):
    table = '| STT | Cơ quan | Số |\n| :-: | :-- | --: |\n| 1 | Sở | [142.186]{.so v="hoso"} |'
    stitcher.part(
        part(table, kind="table", id="bang_x", caption="Hồ sơ", widths=[1, 4, 2], wide=False, numbered=True),
        SECTION,
        "n",
    )
    written = stitcher.out[-1]
    assert written.startswith('::: {.bang #bang_x cot="1,4,2"}\nBảng 1. Hồ sơ\n\n')
    assert '| [142.186]{#m_kstthc_i7_01 .so v="hoso" n="142186"} |' in written
    assert stitcher.done.findings == []


def test_a_digit_in_a_table_cell_that_is_no_row_number_is_untraced(stitcher):
    table = "| STT | Cơ quan | Số |\n| :-: | :-- | --: |\n| 1 | Sở | 1.018 |"
    stitcher.part(
        part(table, kind="table", id="bang_x", caption="Hồ sơ", widths=[1, 4, 2], wide=False, numbered=True),
        SECTION,
        "n",
    )
    assert [finding.got for finding in stitcher.done.findings] == ["1.018"]


def test_one_id_for_two_numbers_is_a_finding(stitcher):
    stitcher.part(part("a"), SECTION, "n")
    other = {**NODE, "number": "7"}
    stitcher.part(part("b", values={"hoso": other}), SectionSpec(key="II", heading="II. X"), "n")
    [finding] = stitcher.done.findings
    assert (finding.code, finding.ids, finding.expected, finding.got) == (
        "two-values",
        ("hoso",),
        "142186 hồ sơ",
        "7 hồ sơ",
    )


def test_the_hash_of_a_report_is_that_of_its_mentions_and_values(stitcher):
    stitcher.prose('Có [142.186]{.so v="hoso"}.', "I.7", "")
    before = hash_stitched(stitcher.done)
    stitcher.done.values["hoso"] = {**NODE, "number": "142187"}
    assert hash_stitched(stitcher.done) != before


def test_headings_say_the_quarter():
    assert (
        format_words("QUÝ {quy_sau} NĂM {nam_sau} {place}", Period(2026, 4), "tỉnh") == "QUÝ I NĂM 2027 tỉnh"
    )
