"""Review pages as data: what they know is what the trace and the workbooks hold."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.files import write_folder
from baocao.project.findings import Finding
from baocao.project.house import find_house
from baocao.reading.workbooks import Sheet, Workbook
from baocao.reviewing import make_pages, refresh_review, write_review
from baocao.reviewing import pages as pages_module
from baocao.reviewing.core import Core
from baocao.reviewing.documents import clean, read_report_page
from baocao.reviewing.excerpts import locate, make_excerpts
from baocao.reviewing.marks import find_marks
from baocao.reviewing.shares import Shares, make_parts
from baocao.sections.charts import draw_chart
from baocao.values.criteria import Among, Basis, Positive
from baocao.values.value import Value


def unpack(content: bytes):
    return json.loads("[" + content.decode().removeprefix("baocao.receive(").removesuffix(");\n") + "]")


def cleaned(source: str) -> str:
    element = lxml.html.fragment_fromstring(source, create_parent="div")
    clean(element, "d")
    return lxml.html.tostring(element, encoding="unicode")


class TestDocuments:
    @pytest.mark.parametrize(
        "source",
        [
            "<script>alert(1)</script>",
            "<iframe src='x'></iframe>",
            "<style>p{}</style>",
            "<svg onload=alert(1)><text>a</text></svg>",
            "<object data=x></object>",
            "<form action=x><input></form>",
        ],
    )
    def test_an_unknown_element_shows_as_text(self, source):
        page = lxml.html.fragment_fromstring(cleaned(f"<p>{source}</p>"))
        assert {element.tag for element in page.iter()} <= {"div", "p"}
        assert source[1:5] in page.text_content()

    @pytest.mark.parametrize(
        "source",
        [
            '<a href="javascript:x()">a</a>',
            '<img src="x" onerror="x()">',
            '<p style="background:url(x)">a</p>',
            '<a href="//x">a</a>',
        ],
    )
    def test_no_attribute_acts_or_reaches_out(self, source):
        page = lxml.html.fragment_fromstring(cleaned(source))
        assert not [name for element in page.iter() for name in element.attrib]

    def test_what_reports_need_stays(self):
        source = '<h2 id="i7">a</h2><a href="#fn1">1</a><data id="m_a_01" data-v="x" value="1">1</data><td style="text-align:right">1</td>'
        page = lxml.html.fragment_fromstring(cleaned(source))
        assert page.find("h2").get("id") == "d--i7"
        assert page.find("a").get("href") == "#d--fn1"
        assert page.find("data").attrib == {"id": "m_a_01", "data-v": "x", "value": "1"}

    @given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
    def test_text_is_never_lost(self, text):
        element = lxml.html.Element("div")
        inner = lxml.html.etree.SubElement(element, "marquee")
        inner.text = text
        clean(element, "d")
        assert element.text_content() == f"<marquee>{text}</marquee>"

    def test_a_report_page_has_its_chart_marked(self, tmp_path):
        path = tmp_path / "x.html"
        picture = "data:image/svg+xml;base64,PHN2Zy8+"
        path.write_text(
            f'<html><body><main><figure id="bd_x"><img src="{picture}" alt="a"></figure></main></body></html>',
            encoding="utf-8",
        )
        image = lxml.html.fragment_fromstring(read_report_page(path, "r")).find(".//img")
        assert image.get("data-chart") == "bd_x"
        assert image.get("src") == picture


class TestMarks:
    @pytest.mark.parametrize("kind", ["bar", "column", "stacked"])
    def test_each_bar_of_a_drawn_chart_is_found_in_the_order_of_its_marks(self, kind):
        series = {
            name: {
                label: Value(Fraction(number), "hồ sơ", "opaque", name=f"v_{name}_{label}")
                for label, number in row.items()
            }
            for name, row in {"a": {"x": 10, "y": 0, "z": 40}, "b": {"x": 20, "y": 5, "z": 1}}.items()
        }
        drawing = draw_chart(series, {}, find_house("nd30").numbers, kind=kind, axis="Số")
        places = [
            [float(part) for part in place.split(",")] for place in find_marks(drawing.svg.encode()).split()
        ]
        assert len(places) == len(drawing.marks)
        longs = [place[3 if kind == "column" else 2] for place in places]
        numbers = [float(series[mark.series][mark.label].number) for mark in drawing.marks]
        scale = longs[2] / numbers[2]
        assert longs == pytest.approx([number * scale for number in numbers], abs=0.05)

    @pytest.mark.parametrize(
        "svg", [b"", b"<svg", b"<svg/>", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="a b c d"/>']
    )
    def test_a_damaged_picture_has_none(self, svg):
        assert find_marks(svg) == ""


class TestShares:
    def test_parts_add_up_and_carry_the_quarter_before(self, make_material):
        material = make_material(5)
        parts = make_parts(material, Core(material))
        received = parts["hoso_xa_tiep_nhan"]
        assert received["now"] == [3, 33, 63, 93, 123]
        assert received["before"] == [0, 8, None, 24, 32]
        assert parts["hoso_xa_trong_ky"]["now"] == [0, 30, 60, 90, 120]
        assert parts["hoso_xa_trong_ky"]["before"] is None
        assert parts["so_dong"]["now"] == [3] * 5
        assert not {"ty_le_thu", "du_bao", "hoso_xa_tiep_nhan__10000"} & set(parts)

    def test_parts_that_do_not_add_up_are_not_shown(self, make_material):
        material = make_material(3)
        key = next(iter(material.workbooks))
        other = {**material.workbooks, key: material.workbooks[list(material.workbooks)[2]]}
        assert Shares(replace(material, workbooks=other)).parts("hoso_xa_tiep_nhan") is None

    def test_a_file_that_changed_leaves_no_table(self, make_material):
        material = make_material(3)
        books = dict(list(material.workbooks.items())[1:])
        assert Shares(replace(material, workbooks=books)).parts("hoso_xa_tiep_nhan") is None


class TestCore:
    @pytest.mark.vietnamese
    def test_a_value_is_explained_in_words(self, make_material):
        core = Core(make_material())
        assert core.explain(Basis("06a", (Among("level", ("xa",)),), "tiep_nhan")).endswith(
            "các dòng có cấp là xã, phường"
        )
        assert "«Tiếp nhận - Tổng số» lớn hơn 0" in core.explain(Basis("06a", (Positive("tiep_nhan"),)))
        assert core.explain(Basis("06a", (Among("unit", ("10001",)),), "tiep_nhan")).endswith(
            "đơn vị là Xã Thử Nghiệm 1"
        )
        assert core.explain("không có biểu này") == "không có biểu này"
        assert core.label("hoso_xa_tiep_nhan__10002").endswith(" - Xã Thử Nghiệm 2")
        assert core.label("hoso_xa_tiep_nhan__xa") == f"{core.label('hoso_xa_tiep_nhan')} - xã, phường"
        assert core.label("sum_0123456789") == ""

    def test_a_finding_touches_what_is_made_of_its_cell_and_nothing_else(self, make_material):
        material = make_material()
        core = Core(material)
        [finding] = core.dump({}, ())["findings"]
        touched = {list(core.values)[number] for number in finding["values"]}
        assert touched == {"hoso_xa_ky_truoc", "hoso_xa_trong_ky", "ty_le_thu", "du_bao"}

    def test_a_finding_about_an_id_touches_it(self, make_material):
        material = make_material(
            findings=(Finding("x", "warning", "m", ids=("so_dong", "unknown"), cells=("don-vi/none.xlsx",)),)
        )
        core = Core(material)
        [finding] = core.dump({}, ())["findings"]
        assert finding["values"] == [core.values["so_dong"]]
        assert finding["cells"] == [["don-vi/none.xlsx"]]


class TestExcerpts:
    def test_every_cell_of_the_trace_can_be_looked_up(self, make_material):
        material = make_material(4)
        core = Core(material)
        chunks = make_excerpts(material, core)
        where = locate(chunks, core)
        for file, sheet, first, last in material.trace.blocks["ball"]:
            cut = chunks[where[file]][str(core.files[file])][str(core.sheets[sheet])]
            rows = dict(cut["rows"])
            cells = material.workbooks[file].sheets[0].cells
            for row in range(first, last + 1):
                assert rows[row][2] == int(cells[row - 1, 2].value)
            assert rows[9][12] == ["d", "0.5"]
            assert rows[12][2] == ["u", ""]
            assert cut["merged"] == [[5, 2, 1, 4]]

    def test_a_long_sheet_is_cut_around_its_cells(self, make_material):
        material = make_material(2)
        file = next(iter(material.workbooks))
        packed = tuple([row, 2, "n", str(row), 0] for row in range(5000))
        sheet = Sheet("06a", "worksheet", True, packed=packed)
        material = replace(material, workbooks={**material.workbooks, file: Workbook((sheet,))})
        core = Core(material)
        [chunk] = make_excerpts(material, core)
        rows = [row for row, _ in chunk[str(core.files[file])]["0"]["rows"]]
        assert rows == list(range(1, 15))


class TestPages:
    def test_the_same_material_gives_the_same_bytes(self, make_material):
        assert make_pages(make_material(7)) == make_pages(make_material(7))

    def test_a_sheet_lies_once_however_many_values_read_it(self, make_material):
        pages = make_pages(make_material(50))
        sheets = b"".join(content for name, content in pages.items() if "sheets-" in name)
        assert sheets.count("Chứng thực".encode()) == 49

    def test_size_grows_with_units_not_with_units_times_values(self, make_material):
        small, large = (sum(map(len, make_pages(make_material(n)).values())) for n in (200, 400))
        assert large < 2.1 * small

    def test_hostile_text_stays_data(self, make_material, hostile):
        pages = make_pages(make_material())
        assert hostile.encode() not in pages["index.html"]
        name, data = unpack(pages["data/sheets-0.js"])
        assert name == "sheets-0"
        assert dict(data["0"]["0"]["rows"])[9][1] == hostile


class TestSignOffs:
    @pytest.fixture(autouse=True)
    def _no_reports(self, sandbox):
        (sandbox.project.root / "params" / "reports.yaml").write_text("{}", encoding="utf-8")

    def test_pages_say_how_sections_stand_and_are_told_alone(self, make_material, sandbox):
        material = make_material(2)
        output = sandbox.project.output(material.period)
        write_folder(output / "review", make_pages(material))
        signed = output / "review" / "data" / "signed.js"
        name, data = unpack(signed.read_bytes())
        assert name == "signed"
        assert data["kstthc/I.7"]["state"] == "stale"
        core = (output / "review" / "data" / "core.js").read_bytes()
        refresh_review(sandbox.project, material.period)
        assert unpack(signed.read_bytes()) == ["signed", {}]
        assert (output / "review" / "data" / "core.js").read_bytes() == core

    def test_pages_of_an_earlier_build_are_known_and_only_then_written_again(
        self, make_material, sandbox, monkeypatch
    ):
        material, written = make_material(2), []
        output = sandbox.project.output(material.period)
        monkeypatch.setattr(pages_module, "gather", lambda *_: written.append(1) or material)

        def review() -> int:
            written.clear()
            write_review(sandbox.project, material.period)
            assert refresh_review(sandbox.project, material.period)
            return len(written)

        assert not refresh_review(sandbox.project, material.period)
        assert (review(), review()) == (1, 0)
        (output / "trace.json").write_text("{}", encoding="utf-8")
        assert not refresh_review(sandbox.project, material.period)
        assert (review(), review()) == (1, 0)
        (output / "review" / "data" / "core.js").unlink()
        assert (review(), review()) == (1, 0)
        (sandbox.project.root / "params" / "place.yaml").write_text("{}", encoding="utf-8")
        assert not refresh_review(sandbox.project, material.period)
