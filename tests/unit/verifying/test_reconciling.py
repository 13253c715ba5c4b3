"""Published texts held against a trace that is made here, from words of the indicators and not of the texts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from time import process_time
from types import SimpleNamespace

import pikepdf
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from baocao.cli.showing.accounts import format_accounts
from baocao.documents.numerals import Recogniser
from baocao.project.cells import CellRef
from baocao.project.errors import UsageError
from baocao.project.folder import Project
from baocao.project.house import find_house
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.tracing.record import Mention, TraceRecord
from baocao.tracing.trace import Trace
from baocao.values.citations import Citation, Citing, Documents
from baocao.values.nodes import Node
from baocao.verifying.matching import assign
from baocao.verifying.misprints import find_cause, read_number
from baocao.verifying.reconciling import reconcile_text
from baocao.verifying.texts import TextParagraph, read_text, split_sections

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "tests" / "data" / "published"
PARAMS = Params(ROOT / "params")
HOUSE = find_house("nd30")
PERIOD = Period(2026, 1)


class EverySymbol(Documents):
    """A register that has every document."""

    def __init__(self):
        super().__init__(None, HOUSE)

    def find(self, text):
        cell = CellRef("van-ban.xlsx", "van-ban", "C7")
        return [
            Citing(m.start(), m.end(), Citation(m[0], (cell,))) for m in HOUSE.constants.symbol.finditer(text)
        ]


RECOGNISER = Recogniser(PERIOD, PARAMS.place.names, EverySymbol())


def rows(report):
    with (ROOT / "tests" / "data" / "printed.csv").open(encoding="utf-8", newline="") as handle:
        return [
            {**row, "id": PARAMS.aliases.get(row["id"], row["id"])}
            for row in csv.DictReader(handle)
            if row["report"] == report
        ]


def make_trace(mentions, reports=("kstthc", "cchc")):
    """A trace of ``(report, section, id, printed, context)``."""
    values = {}
    for _, _, key, printed, _ in mentions:
        indicator = PARAMS.indicators.get(key)
        values[key] = Node(
            read_number(printed, HOUSE.numbers).number, indicator.unit if indicator else "", "cell"
        )
    places = tuple(Mention(f"m_{i}", *mention) for i, mention in enumerate(mentions))
    record = TraceRecord(str(PERIOD), tuple(reports), values, {}, places, (), (), {})
    return Trace(record, Project(ROOT), PERIOD)


def trace_of_labels():
    """What a report would be that said nothing but the names of its values, one sentence a section."""
    mentions = []
    for report in ("kstthc", "cchc"):
        sections = {}
        for row in rows(report):
            sections.setdefault(row["section"], []).append(row)
        for section, listed in sections.items():
            context = "; ".join(f"{PARAMS.indicators[r['id']].label} là {r['printed']}" for r in listed) + "."
            mentions += [(report, section, r["id"], r["printed"], context) for r in listed]
    return make_trace(mentions)


def account(lines, trace, report="kstthc"):
    paragraphs = split_sections((line, "") for line in lines)
    return reconcile_text(paragraphs, trace, report, RECOGNISER, PARAMS)


@pytest.fixture(scope="module")
def labels():
    return trace_of_labels()


@pytest.mark.parametrize("report", ["kstthc", "cchc"])
def test_every_published_number_is_found_in_its_own_section(report, labels):
    accounts = reconcile_text(
        read_text(PUBLISHED / f"{report}-2026-Q1.txt"), labels, report, RECOGNISER, PARAMS
    )
    assert all(
        one.kind in {"equal", "different", "citation", "date", "structure", "unknown"} for one in accounts
    )
    found = [(one.section, one.id, one.expected) for one in accounts if one.id]
    missing = []
    for row in rows(report):
        key = (row["section"], row["id"], row["printed"])
        if key in found:
            found.remove(key)
        else:
            missing.append(key)
    # Names alone say less than sentences; two of a hundred may go astray, none may be lost in number.
    assert len(missing) <= len(rows(report)) // 40, missing
    different = {one.id: one for one in accounts if one.kind == "different"}
    assert {"ty_le_tthc_tt_truc_tuyen", "ty_le_tthc_tt_truc_tiep"} <= set(different)
    assert different["ty_le_tthc_tt_truc_tuyen"].number == "90,51%"
    assert "swapped" in different["ty_le_tthc_tt_truc_tuyen"].cause
    # Documents called by a bare number, which only a register can tell.
    assert {one.number for one in accounts if one.kind == "unknown"} <= {"766", "57", "06"}


SENTENCE = (
    "Tiếp nhận 1.473 phản ánh, kiến nghị; 645 trường hợp được chuyển cơ quan khác; 828 trường hợp thuộc thẩm quyền, "
    "trong đó 761 trường hợp đã xử lý và 67 trường hợp đang xử lý."
)
PETITIONS = ("pakn_tiep_nhan_cong_dvcqg", "pakn_chuyen_co_quan_khac", "pakn_thuoc_tham_quyen", "pakn_da_xu_ly", "pakn_dang_xu_ly")  # fmt: skip


@pytest.fixture(scope="module")
def petitions():
    printed = ("1.473", "645", "828", "761", "67")
    return make_trace(
        [("kstthc", "I.6", key, text, SENTENCE) for key, text in zip(PETITIONS, printed, strict=True)]
    )


HEAD = ["I. TÌNH HÌNH", "6. Tiếp nhận phản ánh"]
PARAPHRASE = (
    "Thành phố đã tiếp nhận {} phản ánh trên Cổng; chuyển đến cơ quan khác {} phản ánh; "
    "{} phản ánh thuộc thẩm quyền (đã xử lý {} phản ánh, đang xử lý {} phản ánh)."
)


def test_other_words_in_another_order_of_clauses_still_speak_of_the_same_values(petitions):
    accounts = account([*HEAD, PARAPHRASE.format("1.473", "645", "828", "761", "67")], petitions)
    assert [(one.kind, one.id) for one in accounts if one.id] == [("equal", key) for key in PETITIONS]
    other = "Đang xử lý 67 phản ánh, đã xử lý 761 phản ánh; chuyển cơ quan khác 645 phản ánh."
    accounts = account([*HEAD, other], petitions)
    assert [one.id for one in accounts if one.id] == [PETITIONS[4], PETITIONS[3], PETITIONS[1]]


@pytest.mark.parametrize(
    ("numbers", "index", "expected", "cause"),
    [
        (("1.473", "828", "645", "761", "67"), 1, "645", "swapped with pakn_thuoc_tham_quyen"),
        (("1.437", "645", "828", "761", "67"), 0, "1.473", "digits transposed"),
        (("1.473", "6.450", "828", "761", "67"), 1, "645", "decimal or unit slip"),
        (("1.473", "645", "828", "761", "61"), 4, "67", "one digit wrong"),
        (("1.473", "645", "828", "76", "67"), 3, "761", "one digit lost or doubled"),
        (("1.500", "645", "828", "761", "67"), 0, "1.473", "rounding"),
    ],
)
def test_a_wrong_number_is_held_against_the_value_of_its_place(petitions, numbers, index, expected, cause):
    accounts = [one for one in account([*HEAD, PARAPHRASE.format(*numbers)], petitions) if one.id]
    assert [one.id for one in accounts] == list(PETITIONS)
    assert (accounts[index].kind, accounts[index].expected, accounts[index].cause) == (
        "different",
        expected,
        cause,
    )
    right = [one for i, one in enumerate(accounts) if numbers[i] == one.expected]
    assert all(one.kind == "equal" for one in right)


@given(st.lists(st.integers(1, 99_999), min_size=5, max_size=5, unique=True))
def test_it_works_whatever_the_numbers_of_the_quarter_are(numbers):
    texts = [f"{number:,}".replace(",", ".") for number in numbers]
    sentence = SENTENCE
    for old, new in zip(("1.473", "645", "828", "761", "67"), texts, strict=True):
        sentence = sentence.replace(old, f"<{new}>", 1)
    sentence = sentence.replace("<", "").replace(">", "")
    trace = make_trace(
        [("kstthc", "I.6", key, text, sentence) for key, text in zip(PETITIONS, texts, strict=True)]
    )
    accounts = [
        one
        for one in account([*HEAD, PARAPHRASE.format(*texts)], trace)
        if one.kind not in {"structure", "date"}
    ]
    assert [(one.kind, one.id) for one in accounts] == [("equal", key) for key in PETITIONS]


def test_what_is_no_number_of_the_report_is_said(petitions):
    lines = [
        "Căn cứ Công văn số 12/UBND-TH ngày 05/3/2026", *HEAD,
        "Từ ngày 15/12/2025, theo khoản 2 Điều 4, tiếp nhận 1.473 phản ánh trên Cổng¹ tại số 18 Hoàng Diệu.",
        "¹ Quyết định số 5/QĐ-UBND.", "Bố trí 37 chỗ đỗ xe.",
    ]  # fmt: skip
    kinds = {one.number: one.kind for one in account(lines, petitions)}
    assert kinds["12/UBND-TH"] == kinds["2"] == kinds["4"] == kinds["5/QĐ-UBND"] == "citation"
    assert kinds["05/3/2026"] == kinds["15/12/2025"] == "date"
    assert kinds["6."[:1]] == kinds["1"] == kinds["18"] == "structure"
    assert kinds["1.473"] == "equal"
    assert kinds["37"] == "unknown"
    assert any("37 is unknown" in line for line in format_accounts(account(lines, petitions)))


def test_a_document_that_the_register_lacks_is_unknown(petitions):
    recogniser = Recogniser(PERIOD, (), Documents(None, HOUSE))
    [one] = reconcile_text(
        [TextParagraph("Quyết định số 9/QĐ-UBND.", "I.6")], petitions, "kstthc", recogniser, PARAMS
    )
    assert (one.kind, one.number) == ("unknown", "9/QĐ-UBND")


def test_pages_notes_and_marks_do_not_tear_a_sentence(tmp_path, petitions):
    path = tmp_path / "text.md"
    path.write_text(
        "## **I. TÌNH HÌNH**\n\n### *6. Tiếp nhận phản ánh*\n\nThành phổ đã đã tiếp nhận **1 .473** phản ánh; chuyển cơ quan\n\n"
        "<sup>1</sup> Quyết định số 7/QĐ-UBND ngày 26/12/2025.\n\n2\n\nkhác 645 phản ánh<sup>2</sup>; *828 phản ánh thuộc thẩm quyền*.\n",
        encoding="utf-8",
    )
    accounts = reconcile_text(read_text(path), petitions, "kstthc", RECOGNISER, PARAMS)
    assert [(one.number, one.kind, one.id) for one in accounts if one.id] == [
        ("1.473", "equal", PETITIONS[0]), ("645", "equal", PETITIONS[1]), ("828", "equal", PETITIONS[2]),
    ]  # fmt: skip
    assert accounts[2].section == "I.6"
    assert not [one for one in accounts if one.kind in {"different", "unknown"}]


def test_a_text_of_our_own_words_is_settled_by_its_sentences(tmp_path, petitions):
    path = tmp_path / "own.docx"
    document = Document()
    for line in (*HEAD, SENTENCE):
        document.add_paragraph(line)
    document.save(path)
    accounts = [
        one for one in reconcile_text(read_text(path), petitions, "kstthc", RECOGNISER, PARAMS) if one.id
    ]
    assert [(one.kind, one.id) for one in accounts] == [("equal", key) for key in PETITIONS]


@pytest.mark.parametrize("name", ["missing.txt", "report.odt", "latin.txt", "empty.md"])
def test_a_text_that_cannot_be_read_is_refused(tmp_path, name):
    if name == "latin.txt":
        (tmp_path / name).write_bytes("số".encode("utf-16"))
    if name == "empty.md":
        (tmp_path / name).write_text("\n\n", encoding="utf-8")
    with pytest.raises(UsageError):
        read_text(tmp_path / name)


def test_sections_are_told_by_their_numbers():
    lines = [
        "Số: /BC-UBND",
        "I. MỘT",
        "6. Sáu",
        "6.1. Sáu một",
        "a) Điểm a",
        "b) Điểm b",
        "7. Bảy",
        "II. HAI",
        "Lời.",
    ]
    sections = [one.section for one in split_sections((line, "") for line in lines)]
    assert sections == ["dau", "I", "I.6", "I.6.1", "I.6.1.a", "I.6.1.b", "I.7", "II", "II"]


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_printings_are_the_same_only_of_one_number(one, other):
    def printed(n):
        return f"{n:,}".replace(",", ".")

    assert read_number(printed(one), HOUSE.numbers).number == one
    assert read_number(printed(one), HOUSE.numbers).same(read_number(printed(other), HOUSE.numbers)) == (
        one == other
    )
    if one != other:
        assert isinstance(find_cause(printed(one), printed(other), {}, HOUSE.numbers), str)


@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=3))
def test_assignment_is_the_best_of_all(scores):
    from itertools import permutations

    pairs = assign(scores)
    best = max(sum(scores[i][j] for i, j in enumerate(p)) for p in permutations(range(3), len(scores)))
    assert sum(scores[i][j] for i, j in pairs.items()) == best
    assert len(set(pairs.values())) == len(pairs) == len(scores)


@pytest.mark.parametrize(
    "lines",
    [
        ["Có 25 con chim và 114 con cá, 1.201 bông hoa, 97,15% là màu đỏ.", "Giá vàng 142.186 đồng."],
        ["I. TÌNH HÌNH", "7. Tiếp nhận", "Nuôi 25 con chim.", "a) Hoa:", "Giá vàng 142.186 đồng."],
    ],
)
def test_the_same_number_said_of_something_else_is_unknown(labels, lines):
    accounts = [one for one in account(lines, labels) if one.kind != "structure"]
    assert accounts
    assert {one.kind for one in accounts} == {"unknown"}


def test_a_new_sentence_in_a_known_section_is_unknown(petitions):
    accounts = account(
        [*HEAD, PARAPHRASE.format("1.473", "645", "828", "761", "91"), "Mở 67 lớp tập huấn."], petitions
    )
    assert [one.kind for one in accounts if one.number == "67"] == ["unknown"]


def test_a_long_text_takes_time_by_its_length(labels):
    once = (PUBLISHED / "kstthc-2026-Q1.txt").read_text(encoding="utf-8")
    times = []
    for count in (2, 8):
        lines = [(line, "") for line in (once * count).splitlines()]
        began = process_time()
        accounts = reconcile_text(split_sections(lines), labels, "kstthc", RECOGNISER, PARAMS)
        times.append(process_time() - began)
        assert len(accounts) >= 100 * count
    assert times[1] < 9 * times[0] + 0.5


def test_a_text_without_lines_is_cut_to_paragraphs():
    paragraphs = split_sections([("I. MỘT", ""), ("có 12 hồ sơ và " * 5_000, "")])
    assert max(len(one.text) for one in paragraphs) <= 20_000
    assert sum(one.text.count("12") for one in paragraphs) == 5_000


def test_spans_and_front_matter_of_markdown_are_no_text(tmp_path):
    path = tmp_path / "text.md"
    path.write_text('---\ntitle: Báo cáo 99\n---\n\nCó [142.186]{#m .so v="7"} hồ sơ.\n', encoding="utf-8")
    assert [one.text for one in read_text(path)] == ["Có 142.186 hồ sơ."]


class OneDocument(Documents):
    """A register of one document of 23 December 2025."""

    def __iter__(self):
        return iter([SimpleNamespace(symbol="3220/UBND-TH", key="cv", day=date(2025, 12, 23))])


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("25/12/2025", "25/12/2025"),
        ("25 tháng 12 năm 2025", "25"),
        ("23/12/2025", None),
        ("23 tháng 12 năm 2025", None),
    ],
)
def test_a_date_behind_a_symbol_is_held_against_the_register(petitions, said, wrong):
    paragraphs = [TextParagraph(f"Công văn số 3220/UBND-TH ngày {said}.", "I.6")]
    recogniser = Recogniser(PERIOD, (), OneDocument(None, HOUSE))
    accounts = reconcile_text(paragraphs, petitions, "kstthc", recogniser, PARAMS)
    found = [(one.number, one.expected, one.cause) for one in accounts if one.kind == "different"]
    assert found == ([(wrong, "23/12/2025", "date of the document")] if wrong else [])


def test_an_amount_in_another_unit_is_called_so():
    key = next(key for key, one in PARAMS.indicators.items() if one.unit == "tỷ đồng")
    trace = make_trace(
        [("cchc", "II.5", key, "8.502,380", "Thành phố giải ngân vốn đầu tư công ước đạt 8.502,380 tỷ đồng.")]
    )
    text = "Đến nay, thành phố giải ngân vốn đầu tư công ước đạt 8.502.380 triệu đồng."
    [one] = reconcile_text([TextParagraph(text, "II.5")], trace, "cchc", RECOGNISER, PARAMS)
    assert (one.kind, one.cause) == ("different", "same amount in another unit")


def test_numbers_swapped_far_from_each_other_are_called_so(petitions):
    accounts = [
        one
        for one in account([*HEAD, PARAPHRASE.format("1.473", "67", "828", "761", "645")], petitions)
        if one.id
    ]
    assert [one.cause for one in accounts if one.kind == "different"] == [
        f"swapped with {PETITIONS[4]}", f"swapped with {PETITIONS[1]}",
    ]  # fmt: skip


def test_a_web_page_is_read_as_a_text(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(
        '<meta charset="utf-8"><h1>I. KẾT QUẢ</h1><p>Tiếp nhận 5\u00a0hồ sơ.</p>'
        "<table><tr><th>STT</th><th>Số</th></tr><tr><td>1</td><td>7</td></tr></table>"
        '<p style="display:none">Có 9 hồ sơ.</p>',
        encoding="utf-8",
    )
    found = [(one.kind, one.text) for one in read_text(path)]
    assert found == [
        ("heading", "I. KẾT QUẢ"),
        ("body", "Tiếp nhận 5 hồ sơ."),
        ("cell", "STT | Số |"),
        ("cell", "1 | 7 |"),
    ]


def test_the_lines_of_a_pdf_are_read_as_a_text(tmp_path):
    path = tmp_path / "a.pdf"
    words = [
        b"I. FINDINGS OF THE WHOLE QUARTER",
        b"The offices received 1.018 cases in all of the quarter,",
        b"and 7 more.",
    ]
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = {
            "/Type": pikepdf.Name("/Font"),
            "/Subtype": pikepdf.Name("/Type1"),
            "/BaseFont": pikepdf.Name("/Helvetica"),
        }
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pikepdf.Dictionary(font)))
        drawn = b" ".join(
            b"BT /F1 12 Tf 50 %d Td (%s) Tj ET" % (800 - 20 * at, one) for at, one in enumerate(words)
        )
        page.Contents = pdf.make_stream(drawn)
        pdf.save(path)
    assert [one.text for one in read_text(path)] == [words[0].decode(), b" ".join(words[1:]).decode()]
