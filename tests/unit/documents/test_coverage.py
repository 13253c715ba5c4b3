"""Every numeral of a finished Word file is counted once, and rightly."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from baocao.documents.coverage import measure_coverage
from baocao.documents.numerals import Recogniser
from baocao.documents.paragraphs import read_paragraphs
from baocao.project.errors import TraceError
from baocao.project.house import find_house
from baocao.project.periods import Period
from baocao.tracing.record import CitationMention, Mention
from baocao.values.citations import Documents
from baocao.values.nodes import Node

RECOGNISER = Recogniser(Period(2026, 1), ["5 tại chỗ"], Documents(None, find_house("nd30")))
PLACES = [
    Mention("m_a_01", "kstthc", "I", "hoso", "142.186", "Có 142.186 hồ sơ"),
    CitationMention("c_a_01", "kstthc", "I", "Số 18 Hoàng Diệu", ("a.xlsx#b!C1",)),
]
VALUES = {"hoso": Node(Fraction(142186), "hồ sơ", "sum")}
PARAMS = SimpleNamespace(indicators={}, house=find_house("nd30"))


def trace(places: list) -> SimpleNamespace:
    record = SimpleNamespace(places=places, mentions=places[:1], values=VALUES)
    return SimpleNamespace(record=record, project=SimpleNamespace(params=PARAMS))


TRACE = trace(PLACES)


def bookmark(paragraph, name: str, text: str, number: int = 1) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph._p.append(start)
    paragraph.add_run(text[:3])
    paragraph.add_run(text[3:]).bold = True
    paragraph._p.append(end)


@pytest.fixture
def measure(tmp_path):
    def make(build) -> dict:
        document = Document()
        build(document)
        document.save(tmp_path / "a.docx")
        return measure_coverage(tmp_path / "a.docx", TRACE, RECOGNISER).as_dict()

    return make


def test_a_mention_in_its_bookmark_is_traced(measure):
    def build(document):
        paragraph = document.add_paragraph("Có ")
        bookmark(paragraph, "m_a_01", "142.186")
        paragraph.add_run(" hồ sơ tại ")
        bookmark(paragraph, "c_a_01", "Số 18 Hoàng Diệu", 2)

    assert measure(build) == {"numerals": 2, "traced": 2, "constants": 0, "untraced": []}


def test_another_number_in_the_bookmark_is_not(measure):
    def build(document):
        bookmark(document.add_paragraph("Có "), "m_a_01", "142.187")

    assert [item["numeral"] for item in measure(build)["untraced"]] == ["142.187"]


def test_the_same_number_outside_the_bookmark_is_not(measure):
    assert [i["numeral"] for i in measure(lambda d: d.add_paragraph("Có 142.186 hồ sơ"))["untraced"]] == [
        "142.186"
    ]


def test_constants_are_counted_by_where_they_stand(measure):
    def build(document):
        document.add_heading("7. Tình hình", 2)
        document.add_paragraph("Quý I năm 2026, khoản 1 Điều 4, mô hình 5 tại chỗ")
        table = document.add_table(2, 2)
        table.cell(0, 0).text = "STT"
        table.cell(1, 0).text = "1"
        table.cell(1, 1).text = "12"

    found = measure(build)
    assert found["constants"] == 6
    assert [item["numeral"] for item in found["untraced"]] == ["12"]
    assert found["numerals"] == 7


def test_what_the_layout_holds_together_reads_as_it_was_written(measure):
    held = "Quý I năm\N{NO-BREAK SPACE}2026, mô hình\N{NO-BREAK SPACE}5\N{NO-BREAK SPACE}tại\N{NO-BREAK SPACE}chỗ"
    assert measure(lambda document: document.add_paragraph(held))["untraced"] == []

    def build(document):
        bookmark(
            document.add_paragraph("Tại "), "c_a_01", "Số\N{NO-BREAK SPACE}18 Hoàng\N{NO-BREAK SPACE}Diệu"
        )

    assert measure(build)["traced"] == 1


def test_tracked_changes_are_read_as_accepted(tmp_path):
    document = Document()
    paragraph = document.add_paragraph("Có ")
    for tag, text, inner in (("w:del", "37", "w:delText"), ("w:ins", "38", "w:t")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    document.save(tmp_path / "a.docx")
    assert [p.text for p in read_paragraphs(tmp_path / "a.docx")] == ["Có 38"]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no zip", b"<html>"])
def test_what_is_no_word_file_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "a.docx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TraceError, match=r"a\.docx"):
        list(read_paragraphs(path))


def test_a_mention_whose_text_is_not_its_value_is_not(tmp_path):
    """The trace itself was changed: what it says was printed is not what the value is."""
    document = Document()
    bookmark(document.add_paragraph("Có "), "m_a_01", "142.187")
    document.save(tmp_path / "a.docx")
    forged = trace([Mention("m_a_01", "kstthc", "I", "hoso", "142.187", "")])
    coverage = measure_coverage(tmp_path / "a.docx", forged, RECOGNISER)
    assert [one["numeral"] for one in coverage.untraced] == ["142.187"]
