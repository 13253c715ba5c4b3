"""The three documents of the sample: layout, mentions, metadata, repeatability."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import runpy
import signal
import string
import subprocess
import sys
import time
import unicodedata
import zipfile
from pathlib import Path

import docx
import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from baocao.documents.engines.base import FORMATS
from baocao.documents.engines.choosing import choose_engine
from baocao.documents.engines.recording import RecordingEngine
from baocao.documents.rendering import render_report
from baocao.documents.source import read_source
from baocao.documents.word import WordFile
from baocao.project.errors import RenderError, ToolError

ROOT = Path(__file__).parents[3]
REPORTS = ROOT / "reports"
EXTENSION = REPORTS / "_extensions" / "nd30"
SAMPLE = ROOT / "tests" / "data" / "rendering" / "sample.qmd"
SOURCE = read_source(SAMPLE.read_text("utf-8"))
EPOCH = 1_773_532_800
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


# Each of these has once been read as markup, or lost a mark, on the way to a document.
MARKS = ["- a", "-", "+", "= b", "1. c", "/ d: e", "// g", "/*", "~", "’", "-5", "x -5%", "0-?", "A-", ":\\"]
MARKS += [
    "2026-2030",
    "a...b",
    "a--b",
    "a---b",
    "http://a.vn/b",
    "{{x}}",
    "<<",
    "^^",
    "[x](y)",
    "@a",
    "#b()",
    "$c$",
    "&amp;",
]


def render(source: Path, output: Path, **options):
    options.setdefault("engine", choose_engine("embedded"))
    options.setdefault("reports_dir", REPORTS)
    return render_report(source, output, epoch=EPOCH, **options)


def write(folder: Path, body: str, head: str = "title: Thử\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "thu.qmd"
    source.write_text(f"---\n{head}---\n\n{body}\n", "utf-8")
    return source


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    return render(SAMPLE, tmp_path_factory.mktemp("ra"))


@pytest.fixture(scope="module")
def word(documents):
    return etree.fromstring(part(documents["docx"], "word/document.xml"))


@pytest.fixture(scope="module")
def web(documents):
    return html.fromstring(documents["html"].read_bytes())


@pytest.fixture(scope="module")
def pages(documents):
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(documents["pdf"])]


def part(document: Path, name: str) -> bytes:
    with zipfile.ZipFile(document) as archive:
        return archive.read(name)


def words(node) -> str:
    return "".join(leaf.text or "" for leaf in node.iter(f"{W}t"))


def same(text: str) -> str:
    """Read spaces and hyphens that do not break as those that were typed."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def marked(document: Path) -> dict[str, str]:
    """Return what stands in each bookmark."""
    passages = WordFile(document).passages("accepted")
    return {mark.id: one.text[mark.start : mark.end] for one in passages for mark in one.marks}


def bookmarks(document: Path) -> list[str]:
    return [
        node.get(f"{W}name")
        for name in ("word/document.xml", "word/footnotes.xml")
        for node in etree.fromstring(part(document, name)).iter(f"{W}bookmarkStart")
    ]


class TestMentions:
    def test_the_sample_has_mentions_of_every_kind(self):
        text = SAMPLE.read_text("utf-8")
        assert len(SOURCE.mentions) == len(re.findall(r"\.so\b", text)) > 500
        assert set(SOURCE.mentions) < set(SOURCE.ids)

    def test_word_has_a_bookmark_for_each_and_nothing_that_shows_on_a_click(self, documents, word):
        found = marked(documents["docx"])
        assert {id: same(found[id]) for id in SOURCE.mentions} == SOURCE.mentions
        marks = bookmarks(documents["docx"])
        assert len(marks) == len(set(marks))
        assert set(SOURCE.ids) <= set(marks)
        assert not list(word.iter(f"{W}sdt", f"{W}hyperlink"))

    def test_python_docx_reads_the_numbers(self, documents):
        file = docx.Document(str(documents["docx"]))
        cells = [cell.text for table in file.tables for row in table.rows for cell in row.cells]
        text = same("\n".join([*(one.text for one in file.paragraphs), *cells]))
        notes = same(words(etree.fromstring(part(documents["docx"], "word/footnotes.xml"))))
        assert [one for one in SOURCE.mentions.values() if one not in text and one not in notes] == []

    def test_web_page_has_data(self, web):
        data = {node.get("id"): node for node in web.iter("data")}
        assert {name: node.text_content() for name, node in data.items()} == SOURCE.mentions
        assert data["m_kstthc_i7_10"].get("value") == "117138"
        assert data["m_kstthc_i7_10"].get("data-v") == "hoso_mau"
        assert {node.get("data-k") for node in web.iter("cite")} >= {"1514-btp-kstt", "3220-ubnd-ttpvhcc"}

    def test_pdf_shows_no_links_but_notes(self, documents):
        with pikepdf.open(documents["pdf"]) as pdf:
            uris = [note for page in pdf.pages for note in page.get("/Annots", []) if "/A" in note]
        assert uris == []

    def test_python_docx_keeps_bookmarks(self, documents, tmp_path):
        saved = tmp_path / "saved.docx"
        docx.Document(str(documents["docx"])).save(str(saved))
        assert marked(saved) == marked(documents["docx"])


class TestText:
    def test_typed_characters_arrive(self, documents, word, web, pages):
        typed = """a|b # $5 * _x_ <thẻ> @tên [ngoặc] \\ “ngoặc kép” ‘đơn’ "thẳng" 'thẳng' – — … ~ ^ & % ₫ ² 1/2 -- ` {x}"""
        assert typed in same("\n".join(words(p) for p in word.iter(f"{W}p")))
        assert typed in same(web.text_content())
        assert re.sub(r"\s", "", typed) in re.sub(r"\s", "", "".join(pages))

    @settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.text(string.printable[:95] + "ăâđêôơưẢỹỆ“”‘’–—…²₫«»§°±×", min_size=1).map(
                lambda text: " ".join(unicodedata.normalize("NFC", text).split())
            ),
            min_size=20,
            max_size=40,
        )
    )
    def test_any_escaped_text_arrives(self, tmp_path, texts):
        texts = [text for text in texts if text] + MARKS
        escaped = [re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text) for text in texts]
        rows = "\n".join(f"| [{text}]{{#m_{n} .so}} |" for n, text in enumerate(escaped))
        body = "\n\n".join(escaped) + f"\n\n::: {{.bang #b}}\nBảng.\n\n| A |\n|:--|\n{rows}\n:::\n"
        source = write(tmp_path, body)
        found = render(source, tmp_path / "ra")
        document = etree.fromstring(part(found["docx"], "word/document.xml"))
        assert [words(p) for p in document.iter(f"{W}p")].count("Bảng.") == 1
        lines = [same(words(p)) for p in document.iter(f"{W}p")]
        assert set(texts) <= set(lines)
        assert [
            same(node.text_content()) for node in html.fromstring(found["html"].read_bytes()).iter("data")
        ] == texts
        squeeze = lambda text: re.sub(r"\s", "", text.replace("\ufffe", "-"))  # noqa: E731
        pdf = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(found["pdf"]))
        assert [text for text in texts if squeeze(text) not in squeeze(pdf)] == []

    def test_lists_are_typed_paragraphs(self, word):
        lines = [words(p) for p in word.iter(f"{W}p")]
        assert any(line.startswith("- Các sở, ban, ngành") for line in lines)
        assert any(line.startswith("+ Trực tuyến") for line in lines)
        assert not list(word.iter(f"{W}numPr"))

    def test_lists_keep_empty_items_numbers_and_depth(self, tmp_path):
        body = "Mở:\n\n- một\n    - hai\n-\n\nGiữa.\n\n3. ba\n4. bốn\n\nCuối./."
        found = render(write(tmp_path, body), tmp_path, formats=["docx", "html"])
        lines = [words(p) for p in etree.fromstring(part(found["docx"], "word/document.xml")).iter(f"{W}p")]
        text = "\n".join(line.strip() for line in lines if line)
        assert "Mở:\n- một\n+ hai\n-\nGiữa.\n3. ba\n4. bốn\nCuối./." in text

    def test_several_addressees(self, tmp_path):
        head = "title: T\nnd30-kinh-gui: [Bộ Tư pháp, Bộ Nội vụ, Văn phòng Chính phủ]\nnd30-co-quan: [VĂN PHÒNG]\n"
        found = render(write(tmp_path, "Một đoạn./.", head), tmp_path / "ra")
        lines = [words(p) for p in etree.fromstring(part(found["docx"], "word/document.xml")).iter(f"{W}p")]
        assert [line for line in lines if line.startswith("- ")] == [
            "- Bộ Tư pháp;",
            "- Bộ Nội vụ;",
            "- Văn phòng Chính phủ.",
        ]
        assert "- Bộ Nội vụ;" in pypdfium2.PdfDocument(found["pdf"])[0].get_textpage().get_text_range()


class TestLayout:
    def test_sections(self, word):
        sections = list(word.iter(f"{W}sectPr"))
        sizes = [
            (
                int(s.find(f"{W}pgSz").get(f"{W}w")),
                int(s.find(f"{W}pgSz").get(f"{W}h")),
                s.find(f"{W}titlePg") is not None,
            )
            for s in sections
        ]
        assert sizes == [(11906, 16838, True), (16838, 11906, False), (11906, 16838, False)]
        for section in sections:
            margins = section.find(f"{W}pgMar")
            assert [margins.get(f"{W}{side}") for side in ("top", "bottom", "left", "right")] == [
                "1134",
                "1134",
                "1701",
                "1134",
            ]
            kinds = [node.get(f"{W}type") for node in section.iter(f"{W}headerReference")]
            assert kinds == ["default", "first"]

    def test_header_is_a_page_number_and_the_first_is_empty(self, documents):
        assert b" PAGE " in part(documents["docx"], "word/trang.xml")
        assert b"<w:t" not in part(documents["docx"], "word/trang-dau.xml")

    def test_pdf_numbers_pages_from_the_second(self, documents, pages):
        pdf = pypdfium2.PdfDocument(documents["pdf"])
        assert len(pages) > 5
        for index, page in enumerate(pdf):
            width, height = page.get_size()
            top = page.get_textpage().get_text_bounded(
                left=width * 0.4, right=width * 0.7, bottom=height - 54, top=height
            )
            assert top.strip() == ("" if index == 0 else str(index + 1))
        assert sorted({tuple(round(x / 72 * 25.4) for x in page.get_size()) for page in pdf}) == [
            (210, 297),
            (297, 210),
        ]

    def test_tables(self, word):
        tables = [t for t in word.iter(f"{W}tbl") if t.find(f"{W}tblPr/{W}tblStyle") is not None]
        assert len(tables) == 3
        for table in tables:
            rows = table.findall(f"{W}tr")
            columns = len(table.findall(f"{W}tblGrid/{W}gridCol"))
            assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
            for row in rows:
                spans = [cell.find(f"{W}tcPr/{W}gridSpan") for cell in row.findall(f"{W}tc")]
                assert sum(1 if span is None else int(span.get(f"{W}val")) for span in spans) == columns
                assert all(cell.find(f"{W}p") is not None for cell in row.findall(f"{W}tc"))
        said = [
            [same(t.find(f"{W}tblPr/{W}{name}").get(f"{W}val")) for name in ("tblCaption", "tblDescription")]
            for t in tables
        ]
        assert all(caption and columns for caption, columns in said)
        assert said[1][1] == (
            "STT; Đơn vị; Tiếp nhận Trực tuyến; Tiếp nhận Trực tiếp; Giải quyết Đúng hạn; Giải quyết Quá hạn"
        )
        heads = [sum(r.find(f"{W}trPr/{W}tblHeader") is not None for r in t.iter(f"{W}tr")) for t in tables]
        assert heads == [1, 2, 1]
        assert len(tables[1].findall(f"{W}tr")) == 64

    def test_heading_row_merges(self, web):
        top, bottom = web.get_element_by_id("bang_kstthc_i7_02").findall("thead/tr")
        assert [(c.text_content().strip(), c.get("colspan"), c.get("rowspan")) for c in top] == [
            ("STT", None, "2"),
            ("Đơn vị", None, "2"),
            ("Tiếp nhận", "2", None),
            ("Giải quyết", "2", None),
        ]
        assert [c.text_content().strip() for c in bottom] == [
            "Trực tuyến",
            "Trực tiếp",
            "Đúng hạn",
            "Quá hạn",
        ]

    def test_charts_have_alternative_text_and_id(self, documents, word, web):
        expected = 'Biểu đồ thanh: Sở Tư pháp tiếp nhận 41.203 hồ sơ, gấp gần hai lần Sở Xây dựng (22.118 hồ sơ) | "nguồn" \\ #'
        described = [node.get("descr") for node in word.iter("{*}docPr")]
        assert described[0] == expected
        names = [same(node.get("name")) for node in word.iter("{*}docPr")]
        assert names[0] == "Hình 1. 05 sở tiếp nhận nhiều hồ sơ nhất"
        assert len(described) == 3
        figure = web.get_element_by_id("bd_tiep_nhan_so")
        assert figure.find("img").get("alt") == expected
        assert figure.find("img").get("src").startswith("data:image/svg+xml")
        with pikepdf.open(documents["pdf"]) as pdf:
            alts = [str(node.Alt) for node in structure(pdf) if "/Alt" in node]
        assert alts == described

    def test_no_line_ends_where_it_would_hurt_the_reading(self, tmp_path):
        body = (
            "Ngày 23/12/2025, theo Công văn số 137/UBND-TTPVHCC, tiếp nhận [142.186]{#m_1 .so} hồ sơ - đạt [97,15%]{#m_2 .so}. "
            "Kỳ này có 7 và 8.\n\n# IV. NHIỆM VỤ QUÝ II {#x_4}\n\nBao gồm:\n\n- một\n"
        )
        found = render(write(tmp_path, body), tmp_path / "ra")
        document = etree.fromstring(part(found["docx"], "word/document.xml"))
        text = "\n".join(words(p) for p in document.iter(f"{W}p"))
        page = html.fromstring(found["html"].read_bytes())
        for said in ("Ngày\xa023/12/2025", "số\xa0137/UBND", "142.186\xa0hồ sơ\xa0- đạt", "QUÝ\xa0II"):
            assert said in text
            assert said in page.text_content()
        assert "137/UBND\u2011TTPVHCC" in text
        assert "có 7 và 8." in text.replace("có\xa07", "có 7")
        assert [node.text_content() for node in page.find_class("lien")] == [
            "23/12/2025,",
            "137/UBND-TTPVHCC,",
        ]
        kept = {
            words(p)
            for p in document.iter(f"{W}p")
            if p.find(f"{W}pPr/{W}pStyle[@{W}val='ThanLien']") is not None
        }
        assert kept == {"Bao gồm:"}

    def test_headings(self, word, web):
        levels = {
            same(words(p)): p.find(f"{W}pPr/{W}pStyle").get(f"{W}val")
            for p in word.iter(f"{W}p")
            if p.find(f"{W}pPr/{W}pStyle") is not None
        }
        assert levels["I. TÌNH HÌNH, KẾT QUẢ THỰC HIỆN"] == "Heading1"
        assert levels["2. Công bố, công khai 57 quyết định về TTHC"] == "Heading2"
        assert levels["a) Tổng số hồ sơ tiếp nhận, giải quyết TTHC"] == "Heading3"
        assert web.get_element_by_id("kstthc_i3_a").tag == "h3"

    def test_prose_follows_the_decree_in_word(self, documents):
        styles = etree.fromstring(part(documents["docx"], "word/styles.xml"))
        for name in ("BodyText", "FirstParagraph", "Heading1", "Heading2", "Heading3"):
            style = next(node for node in styles.iter(f"{W}style") if node.get(f"{W}styleId") == name)
            spacing = style.find(f"{W}pPr/{W}spacing")
            assert int(spacing.get(f"{W}before")) >= 120
            assert 240 <= int(spacing.get(f"{W}line")) <= 360
            assert style.find(f"{W}pPr/{W}ind").get(f"{W}firstLine") == "720"
            # A heading of two lines would be pulled apart.
            assert style.find(f"{W}pPr/{W}jc").get(f"{W}val") == ("left" if "Heading" in name else "both")
            assert style.find(f"{W}rPr/{W}sz").get(f"{W}val") == "28"

    def test_prose_follows_the_decree_in_pdf(self, documents):
        text = pypdfium2.PdfDocument(documents["pdf"])[0].get_textpage()
        start = text.get_text_range().index("Đoạn này cố ý dài")
        # get_charbox counts characters, and so does the text up to here but for its line ends
        boxes = [text.get_charbox(index) for index in range(start, start + 600)]
        bottoms = sorted({round(box[1], 1) for box in boxes if box[3] > box[1]}, reverse=True)
        lines = [bottoms[0]]
        for bottom in bottoms:
            if lines[-1] - bottom > 10:
                lines.append(bottom)
        pitches = [above - below for above, below in itertools.pairwise(lines)]
        single = 14 * (1825 + 443 + 87) / 2048  # Times New Roman in Word
        assert len(pitches) >= 5
        assert all(single - 3 < pitch < 1.5 * single + 9 for pitch in pitches)
        assert sum(pitches) / len(pitches) >= single

    @pytest.mark.parametrize("lines", [16, 20, 24, 28])
    def test_closing_stays_on_one_page_with_the_end_of_the_text(self, tmp_path, lines):
        head = "title: T\nnd30-noi-nhan: [Như trên;, 'Lưu: VT.']\nnd30-chu-ky: [CHỦ TỊCH]\nnd30-nguoi-ky: Trần Văn A\n"
        body = "\n\n".join(["Một dòng."] * lines) + "\n\nTrên đây là báo cáo./."
        pdf = pypdfium2.PdfDocument(render(write(tmp_path, body, head), tmp_path, formats=["pdf"])["pdf"])
        last = pdf[len(pdf) - 1].get_textpage().get_text_range()
        for text in ("báo cáo./.", "Nơi nhận:", "- Lưu: VT.", "CHỦ TỊCH", "Trần Văn A"):
            assert text in last
        assert len(pdf) == (1 if lines < 20 else 2)

    def test_narrow_column_keeps_its_longest_word_whole(self, word):
        first = next(t for t in word.iter(f"{W}tbl") if t.find(f"{W}tblPr/{W}tblStyle") is not None)
        widths = [int(c.get(f"{W}w")) for c in first.iter(f"{W}gridCol")]
        assert widths[0] > 9071 / 15
        assert abs(sum(widths) - 9071) <= len(widths)


def structure(pdf):
    def walk(node):
        if isinstance(node, pikepdf.Array):
            for inner in node:
                yield from walk(inner)
        elif isinstance(node, pikepdf.Dictionary):
            yield node
            if "/K" in node:
                yield from walk(node.K)

    yield from walk(pdf.Root.StructTreeRoot.K)


class TestMetadata:
    def test_word(self, documents):
        custom = etree.fromstring(part(documents["docx"], "docProps/custom.xml"))
        assert [node.get("name") for node in custom] == ["trace-hash"]
        assert "".join(custom.itertext()).startswith("9f86d081")
        core = part(documents["docx"], "docProps/core.xml").decode()
        assert "Báo cáo Tài liệu mẫu" in core
        assert "2026-03-15T00:00:00Z" in core
        assert "<dc:language>vi-VN</dc:language>" in core
        application = part(documents["docx"], "docProps/app.xml").decode()
        [company] = re.findall("<Company>(.+)</Company>", application)
        assert f"<dc:creator>{company}</dc:creator>" in core
        assert "Normal.dotm" not in application
        assert {
            one.get(f"{W}val")
            for one in etree.fromstring(part(documents["docx"], "word/styles.xml")).iter(f"{W}lang")
        } == {"vi-VN"}

    def test_pdf_has_an_empty_field_where_the_signature_goes(self, documents):
        """PDF/A asks for an appearance and for print, PDF/UA for words, the page's tab order and a form in the structure."""
        with pikepdf.open(documents["pdf"]) as pdf:
            [field] = pdf.Root.AcroForm.Fields
            assert (field.FT, field.Subtype, "/V" in field) == ("/Sig", "/Widget", False)
            assert str(field.TU) == "Chữ ký số của người có thẩm quyền"
            assert int(field.F) == 4
            assert field.AP.N.read_bytes().strip() == b""
            page = next(one for one in pdf.pages if one.obj.objgen == field.P.objgen)
            assert page.Tabs == "/S"
            [form] = [node for node in structure(pdf) if node.get("/S") == "/Form"]
            assert form.K[0].Obj.objgen == field.objgen
            assert "/NeedAppearances" not in pdf.Root.AcroForm
            left, bottom, right, top = (float(side) for side in field.Rect)
            number = pdf.pages.index(page)
        text = pypdfium2.PdfDocument(documents["pdf"])[number].get_textpage()
        assert text.get_text_bounded(left, bottom, right, top).strip() == ""
        assert text.get_text_bounded(left, top, right, top + 30).strip().endswith("PHÓ CHỦ TỊCH")
        assert text.get_text_bounded(left, bottom - 25, right, bottom).strip() == "Hoàng Minh Cường"

    def test_pdf_claims_archival_form_and_carries_the_trace(self, documents):
        with pikepdf.open(documents["pdf"]) as pdf:
            meta = pdf.open_metadata()
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
            assert meta["pdfuaid:part"] == "1"
            assert pdf.Root.ViewerPreferences.DisplayDocTitle
            assert meta["dc:title"].startswith("Báo cáo Tài liệu mẫu")
            assert meta["pdf:Keywords"].startswith("trace-hash: 9f86d081")
            assert str(pdf.Root.Lang) == "vi-VN"
            assert pdf.Root.MarkInfo.Marked
            assert pdf.Root.AF[0].AFRelationship == pikepdf.Name.Data
            attached = pdf.attachments["trace.json"].get_file().read_bytes()
            tags = {str(node.S) for node in structure(pdf) if "/S" in node}
            fonts = {
                str(font.BaseFont).split("+")[1]
                for page in pdf.pages
                for font in page.Resources.get("/Font", {}).values()
            }
        assert attached == (SAMPLE.parent / "trace.json").read_bytes()
        assert {"/H1", "/H2", "/H3", "/TH", "/TD", "/THead", "/Figure", "/Note", "/P"} <= tags
        assert fonts == {f"BaocaoSerif{face}" for face in ("", "-Bold", "-Italic", "-BoldItalic")}

    def test_web_page_stands_alone(self, documents, web):
        assert web.find("head/meta[@name='trace-hash']").get("content").startswith("9f86d081")
        assert web.get("lang") == "vi"
        assert not web.xpath("//link | //script")
        text = documents["html"].read_text("utf-8")
        assert not re.search(r"""(src|href)=["'](?!data:|#)""", text)


class TestRepeat:
    def test_bytes_do_not_depend_on_folder_zone_language_or_hash_seed(self, documents, tmp_path):
        folder = tmp_path / "chỗ khác, có dấu cách"
        folder.mkdir()
        for name in ("sample.qmd", "trace.json", "hinh"):
            (folder / name).symlink_to(SAMPLE.parent / name)
        program = (
            "import sys; from pathlib import Path; from baocao.documents.engines.choosing import choose_engine; from baocao.documents.rendering import render_report\n"
            "render_report(Path(sys.argv[1]), Path(sys.argv[2]), reports_dir=Path(sys.argv[3]),"
            f" engine=choose_engine('embedded'), epoch={EPOCH})"
        )
        subprocess.run(
            [sys.executable, "-c", program, folder / "sample.qmd", tmp_path / "ra", REPORTS],
            check=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "TZ": "Asia/Ho_Chi_Minh",
                "LC_ALL": "C",
                "PYTHONUTF8": "1",
                "PYTHONHASHSEED": "7",
            },
        )
        for kind in FORMATS:
            ours, other = documents[kind].read_bytes(), (tmp_path / "ra" / f"sample.{kind}").read_bytes()
            assert hashlib.sha256(ours).hexdigest() == hashlib.sha256(other).hexdigest(), kind

    def test_epoch_is_the_date_of_the_documents(self, documents, tmp_path):
        later = render_report(
            write(tmp_path, "Một đoạn."),
            tmp_path,
            reports_dir=REPORTS,
            engine=choose_engine("embedded"),
            formats=["docx"],
            epoch=EPOCH + 86_400,
        )
        assert list(later) == ["docx"]
        assert b"2026-03-16T00:00:00Z" in part(later["docx"], "docProps/core.xml")

    def test_reference_is_made_by_its_script(self, tmp_path):
        made = tmp_path / "reference.docx"
        runpy.run_path(str(REPORTS.parent / "scripts/baocao_houses/nd30/make_reference.py"))["write"](made)
        assert made.read_bytes() == (EXTENSION / "reference.docx").read_bytes()


class TestFonts:
    def test_files_are_those_of_the_note(self):
        note = (EXTENSION / "fonts" / "README.md").read_text("utf-8")
        hashes = dict(re.findall(r"\| (\S+\.ttf) \| (\w{64}) \|", note))
        files = sorted((EXTENSION / "fonts").glob("*.ttf"))
        assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == hashes
        assert len(files) == 4
        assert all(path.stat().st_size < 800_000 for path in files)

    def test_every_face_has_every_vietnamese_letter(self):
        marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
        letters = {
            unicodedata.normalize("NFC", v + m) for v in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for m in marks
        } | set("đĐ₫")
        for path in (EXTENSION / "fonts").glob("*.ttf"):
            assert not [letter for letter in letters if ord(letter) not in TTFont(path).getBestCmap()], (
                path.name
            )


class TestRefusals:
    """What is not right is not published, and old documents stay as they were."""

    @pytest.fixture
    def output(self, tmp_path):
        folder = tmp_path / "ra"
        folder.mkdir()
        (folder / "thu.docx").write_text("cũ")
        yield folder
        assert [path.name for path in folder.iterdir()] == ["thu.docx"]
        assert (folder / "thu.docx").read_text() == "cũ"

    def test_missing_picture(self, tmp_path, output):
        source = write(tmp_path, "::: {.hinh #bd_x}\n![Mô tả](hinh/bd_x)\n\nHình 1. X\n:::")
        with pytest.raises(RenderError, match=r"hinh/bd_x\.png, hinh/bd_x\.svg"):
            render(source, output)

    def test_missing_trace(self, tmp_path, output):
        with pytest.raises(RenderError, match=r"trace\.json"):
            render(write(tmp_path, "Một.", "title: T\ntrace-file: trace.json\n"), output)

    def test_refused_construct(self, tmp_path, output):
        with pytest.raises(RenderError, match="line 5: a Quarto shortcode"):
            render(write(tmp_path, "{{< include x.qmd >}}"), output)

    def test_glyph_that_no_font_has(self, tmp_path, output):
        with pytest.raises(RenderError, match="line 5: the font has no «中»"):
            render(write(tmp_path, "Một chữ lạ: 中."), output, formats=["docx", "pdf"])

    def test_fonts_missing(self, tmp_path, output):
        reports = tmp_path / "reports"
        for path in [*EXTENSION.rglob("*"), REPORTS / "_quarto.yml"]:
            if path.is_file() and path.suffix != ".ttf":
                target = reports / path.relative_to(REPORTS)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        with pytest.raises(RenderError, match="unknown font family"):
            render(write(tmp_path, "Một."), output, reports_dir=reports)

    def test_value_absent(self, tmp_path, output):
        with pytest.raises(RenderError, match=r"thu\.docx is not published.*'142\.186' \(0 of 1\)"):
            render(write(tmp_path, "Không có số."), output, values=["142.186"])

    @pytest.mark.parametrize("body", ["::: {.bang #b}\nBảng.\n:::", "![x](hinh/y)", "[]{#m_1 .so}"])
    def test_filter_fails_loudly(self, tmp_path, output, body):
        (tmp_path / "hinh").mkdir()
        for extension in ("png", "svg"):
            (tmp_path / "hinh" / f"y.{extension}").write_bytes(b"")
        with pytest.raises(ToolError, match=r"\.lua") as caught:
            render(write(tmp_path, body), output)
        assert caught.value.argv[0].endswith("pandoc")

    @pytest.mark.parametrize(
        ("kind", "before", "after"),
        [
            ("docx", b">142.186<", b">142.187<"),
            ("docx", b'w:name="m_1"', b'w:name="m_2"'),
            ("html", b"142.186", b"142.187"),
        ],
    )
    def test_altered_document(self, tmp_path, output, kind, before, after):
        engine = Altering(kind, before, after)
        with pytest.raises(
            RenderError, match=rf"thu\.{kind} is not published; missing in it: (mention|bookmark) m_1"
        ):
            render(write(tmp_path, 'Số [142.186]{#m_1 .so v="x" n="142186"}.'), output, engine=engine)

    def test_unreadable_document(self, tmp_path, output):
        engine = RecordingEngine()
        engine.writes_documents = True
        with pytest.raises(RenderError, match="cannot be read back"):
            render(write(tmp_path, "Một."), output, engine=engine)

    def test_killed_render(self, tmp_path, output):
        program = (
            "import sys, time; from pathlib import Path; from baocao.documents.rendering import render_report\n"
            "from baocao.documents.engines.recording import RecordingEngine\n"
            "class Slow(RecordingEngine):\n"
            "    def render(self, *a, **k):\n"
            "        super().render(*a, **k); print('written', flush=True); time.sleep(60)\n"
            "render_report(Path(sys.argv[1]), Path(sys.argv[2]), reports_dir=Path(sys.argv[3]), engine=Slow(), epoch=0)"
        )
        argv = [sys.executable, "-c", program, write(tmp_path, "Một."), output, REPORTS]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        with subprocess.Popen(argv, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout.readline() == b"written\n"
            process.send_signal(signal.SIGKILL)


class Altering:
    """The embedded engine, with one document changed behind its back."""

    name = "altering"
    writes_documents = True
    versions: dict[str, str] = {}  # noqa: RUF012

    def __init__(self, kind, before, after):
        self.kind, self.before, self.after = kind, before, after

    def render(self, source, extension, output_dir, *, formats, epoch):
        documents = choose_engine("embedded").render(
            source, extension, output_dir, formats=formats, epoch=epoch
        )
        path = documents[self.kind]
        if self.kind == "html":
            path.write_bytes(path.read_bytes().replace(self.before, self.after))
            return documents
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data.replace(self.before, self.after))
        return documents


class TestWorkingCopy:
    def test_engine_gets_a_copy_with_all_it_needs(self, tmp_path):
        engine = RecordingEngine()
        before = sorted(SAMPLE.parent.rglob("*"))
        found = render(SAMPLE, tmp_path / "sâu" / "hơn", engine=engine)
        assert sorted(SAMPLE.parent.rglob("*")) == before
        assert {path.name for path in (tmp_path / "sâu" / "hơn").iterdir()} == {
            f"sample.{kind}" for kind in FORMATS
        }
        record = json.loads(found["docx"].read_text("utf-8"))
        assert record["source"] == SAMPLE.read_text("utf-8")
        assert {"_quarto.yml", "sample.qmd", "trace.json", "hinh/bd_kenh.png", "hinh/bd_kenh.svg"} <= set(
            record["files"]
        )
        assert "_extensions/nd30/_extension.yml" in record["files"]
        assert record["epoch"] == EPOCH

    def test_only_pictures_of_the_formats_are_needed(self, tmp_path):
        source = write(tmp_path, "::: {.hinh #bd_x}\n![Mô tả](hinh/bd_x)\n\nHình 1. X\n:::")
        (tmp_path / "hinh").mkdir()
        (tmp_path / "hinh" / "bd_x.png").write_bytes((SAMPLE.parent / "hinh" / "bd_kenh.png").read_bytes())
        assert render(source, tmp_path / "ra", formats=["docx"])["docx"].is_file()

    def test_it_is_fast_enough_to_be_run_often(self, tmp_path):
        start = time.monotonic()
        render(SAMPLE, tmp_path)
        assert time.monotonic() - start < 30
