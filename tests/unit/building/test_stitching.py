"""Parts of notebooks become one document in which every number has an id, or is reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from baocao.building.stitching import _Stitcher
from baocao.documents.markup import read_mentions
from baocao.documents.numerals import Recogniser
from baocao.project.cells import CellRef
from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.project.periods import Period, format_words
from baocao.project.reports import SectionSpec
from baocao.sections.markdown import parse_markdown
from baocao.sections.notebooks import CellPart
from baocao.sections.parts import (
    Cited,
    Heading,
    Note,
    Paragraph,
    Part,
    Printed,
    Prose,
    Reference,
    Run,
    Runs,
    Styled,
    Table,
    Text,
    TextBlock,
)
from baocao.tracing.record import hash_mentions
from baocao.values.citations import Document, Documents
from baocao.values.nodes import Node

HOUSE = find_house("nd30")
SECTION = SectionSpec(key="I.7", heading="7. Hồ sơ", notebook="07-ho-so")
NODE = Node(Fraction(142186), "hồ sơ", "sum")


def documents() -> Documents:
    register = Documents(None, HOUSE)
    cells = {
        "so_ky_hieu": CellRef("van-ban.xlsx", "van-ban", "C7"),
        "ngay": CellRef("van-ban.xlsx", "van-ban", "D7"),
    }
    one = Document(
        "a",
        "Công văn",
        "3220/UBND-KSTT",
        date(2025, 12, 23),
        "UBND",
        "về",
        None,
        None,
        "căn cứ",
        cells,
        HOUSE,
    )
    register._by_key["a"] = one
    register._by_symbol["3220/UBND-KSTT"] = [one]
    return register


HOSO = Printed(value="hoso", text="142.186")


@pytest.fixture
def stitcher() -> _Stitcher:
    made = _Stitcher("kstthc", Recogniser(Period(2026, 1), ["5 tại chỗ"], documents()), {"bang_x": "Bảng 1"})
    made.done.values["hoso"] = NODE
    made.heading(SECTION, "7. Hồ sơ")
    return made


def runs(*pieces: str | Run) -> Runs:
    return tuple(Text(text=piece) if isinstance(piece, str) else piece for piece in pieces)


def prose(*paragraphs: Runs | TextBlock, file: str | None = None) -> Prose:
    blocks = [one if not isinstance(one, tuple) else Paragraph(runs=one) for one in paragraphs]
    return Prose(blocks=tuple(blocks), file=file)


def item(content: Prose | Table | str, values: dict | None = None) -> CellPart:
    content = prose(runs(content)) if isinstance(content, str) else content
    part = Part(content=content, report="kstthc", section="I.7", values=values or {"hoso": NODE})
    return CellPart(4, part)


def table(*rows: Runs) -> Table:
    return Table(
        id="bang_x",
        caption=runs("Hồ sơ"),
        header=(runs("STT"), runs("Cơ quan"), runs("Số")),
        rows=(rows,),
        numeric=(False, False, True),
        widths=(1, 4, 2),
        numbered=True,
    )


def test_every_mention_gets_an_id_of_its_section_and_point(stitcher):
    first = prose(
        runs("Có ", HOSO, " hồ sơ."), Heading(level=3, runs=runs("b) Khác")), runs("Lại ", HOSO, ".")
    )
    stitcher.part(item(first), SECTION, "kstthc/07-ho-so")
    stitcher.part(item(prose(runs("c) Vẫn ", HOSO, "."), runs("Và ", HOSO, "."))), SECTION, "kstthc/07-ho-so")
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
    stitcher.text("a) Một", "I.7", "")
    stitcher.heading(SectionSpec(key="I.8", heading="8. Khác"), "8. Khác")
    stitcher.text("Hai", "I.8", "")
    assert stitcher._key == "I.8"


def test_numbered_subsections_are_sections_of_their_chapter(stitcher):
    bold = Styled(kind="strong", runs=runs("6.1. Nền tảng"))
    stitcher.prose(prose(runs(bold), runs("Có ", HOSO, ".")), "II.6", "")
    assert stitcher.done.mentions[0].section == "II.6.1"


def test_a_number_that_leads_nowhere_is_reported_with_its_place(stitcher):
    stitcher.part(item("Có 37 hồ sơ và quý I năm 2026."), SECTION, "kstthc/07-ho-so")
    [finding] = stitcher.done.findings
    assert (finding.code, finding.got, finding.cells) == (
        "untraced",
        "37",
        ("notebooks/kstthc/07-ho-so.ipynb, cell 4",),
    )
    assert "I.7" in finding.message
    assert "Có 37 hồ sơ" in finding.message


def test_a_number_of_a_narrative_is_reported_with_its_file_and_line(stitcher):
    blocks = parse_markdown("Một.\n\n- Hai\n- Có 37 hồ sơ", line=5)
    stitcher.part(item(Prose(blocks=blocks, file="loi-van/kstthc/07.md")), SECTION, "kstthc/07-ho-so")
    [finding] = stitcher.done.findings
    assert finding.cells == ("loi-van/kstthc/07.md:8",)
    assert "«Có 37 hồ sơ»" in finding.message


def test_a_plain_text_citation_is_marked_with_its_cells(stitcher):
    stitcher.text("Theo Công văn số 3220/UBND-KSTT ngày 23/12/2025, mô hình 5 tại chỗ.", "I.7", "")
    assert (
        stitcher.out[-1]
        == "Theo Công văn số [3220/UBND-KSTT ngày 23/12/2025]{#c_kstthc_i7_01 .vb}, mô hình 5 tại chỗ."
    )
    assert stitcher.done.citations[0].cells == ("van-ban.xlsx#van-ban!C7", "van-ban.xlsx#van-ban!D7")
    assert stitcher.done.findings == []


def test_a_citation_in_a_footnote_or_in_bold_is_marked_as_well(stitcher):
    cited = Cited(text="Quyết định số 1/QĐ-UBND", cells=("van-ban.xlsx#van-ban!B7",))
    bold = Styled(kind="strong", runs=runs("số 3220/UBND-KSTT"))
    stitcher.prose(prose(runs("Đã duyệt ", bold, Note(runs=runs(cited, ".")), ".")), "I.7", "")
    assert [citation.printed for citation in stitcher.done.citations] == [
        "3220/UBND-KSTT",
        "Quyết định số 1/QĐ-UBND",
    ]
    assert stitcher.out[-1] == (
        "Đã duyệt **số [3220/UBND-KSTT]{#c_kstthc_i7_01 .vb}**^[[Quyết định số 1/QĐ-UBND]{#c_kstthc_i7_02 .vb}.]."
    )


FORGED = '[999]{.so v="hoso"}'


def test_what_looks_like_our_markup_is_text_wherever_it_stands(stitcher):
    """In a cell, a citation, a heading, a caption, a narrative: no mention, and its number is untraced."""
    forged = runs(FORGED)
    stitcher.part(item(prose(forged, Heading(level=3, runs=forged))), SECTION, "n")
    stitcher.part(item(Prose(blocks=parse_markdown(FORGED))), SECTION, "n")
    stitcher.part(item(table(runs("1"), forged, forged)), SECTION, "n")
    stitcher.part(item(prose(runs(Cited(text=FORGED, cells=("a.xlsx#b!C1",))))), SECTION, "n")
    assert stitcher.done.mentions == []
    assert [finding.got for finding in stitcher.done.findings] == ["999"] * 5
    assert list(read_mentions("\n\n".join(stitcher.out))) == []
    assert [one.printed for one in stitcher.done.citations] == [FORGED]


def test_texts_with_marks_of_markdown_come_through_as_they_are(stitcher):
    cells = ("van-phong/x.xlsx#co so!B7", 'y.xlsx#a"b!C1')
    stitcher.prose(prose(runs(Cited(text="Số #1 [a|b]", cells=cells))), "I.7", "")
    [citation] = stitcher.done.citations
    assert citation.printed == "Số #1 [a|b]"
    assert citation.cells == cells
    assert stitcher.done.findings == []


def test_tables_number_their_captions_and_their_rows_are_structure(stitcher):
    stitcher.part(item(table(runs("1"), runs("Sở"), runs(HOSO))), SECTION, "n")
    written = stitcher.out[-1]
    assert written.startswith('::: {.bang #bang_x cot="1,4,2"}\nBảng 1. Hồ sơ\n\n')
    assert '| [142.186]{#m_kstthc_i7_01 .so v="hoso" n="142186"} |' in written
    assert stitcher.done.findings == []


def test_a_text_that_refers_to_a_table_prints_its_number_and_no_number_of_ours(stitcher):
    stitcher.part(item(prose(runs("Chi tiết tại ", Reference(to="bang_x"), "."))), SECTION, "kstthc/07")
    assert stitcher.out[-1] == "Chi tiết tại Bảng 1."
    assert not stitcher.done.findings
    with pytest.raises(UsageError, match="bang_x"):
        stitcher.part(item(prose(runs(Reference(to="bang_y")))), SECTION, "kstthc/07")


def test_a_digit_in_a_table_cell_that_is_no_row_number_is_untraced(stitcher):
    stitcher.part(item(table(runs("1"), runs("Sở"), runs("1.018"))), SECTION, "n")
    assert [finding.got for finding in stitcher.done.findings] == ["1.018"]


def test_one_id_for_two_numbers_is_a_finding(stitcher):
    stitcher.part(item("a"), SECTION, "n")
    other = replace(NODE, number=Fraction(7))
    stitcher.part(item("b", {"hoso": other}), SectionSpec(key="II", heading="II. X"), "n")
    [finding] = stitcher.done.findings
    assert (finding.code, finding.ids, finding.expected, finding.got) == (
        "two-values",
        ("hoso",),
        "142186 hồ sơ",
        "7 hồ sơ",
    )


def test_the_hash_of_a_report_is_that_of_its_mentions_and_values(stitcher):
    stitcher.prose(prose(runs("Có ", HOSO, ".")), "I.7", "")
    done = stitcher.done
    before = hash_mentions("kstthc", done.mentions, done.values)
    done.values["hoso"] = replace(done.values["hoso"], number=Fraction(142187))
    assert hash_mentions("kstthc", done.mentions, done.values) != before


def test_headings_say_the_quarter():
    assert (
        format_words("QUÝ {quy_sau} NĂM {nam_sau} {place}", Period(2026, 4), HOUSE.periods, place="tỉnh")
        == "QUÝ I NĂM 2027 tỉnh"
    )
