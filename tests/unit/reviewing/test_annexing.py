"""The annex holds every printed number with its cells, and is the same each time."""

from __future__ import annotations

import hashlib
import json
import time

import openpyxl
import pytest
from lxml import html

from baocao.project.errors import TraceError, UsageError
from baocao.project.folder import Project
from baocao.project.periods import Period
from baocao.reviewing.annexing import describe, write_annexes
from baocao.tracing.trace import read_trace

PERIOD = Period(2026, 1)
FILE = "don-vi/H01-x.xlsx"


@pytest.fixture
def project(sandbox) -> Project:
    path = sandbox.raw(FILE, sandbox.books.unit("H01", period="Quý I năm 2026"))
    values = {
        "tiep_nhan": {
            "op": "sum",
            "basis": {"form": "06a", "column": "tiep_nhan"},
            "number": "1244",
            "unit": "hồ sơ",
            "parents": [],
        },
        "giai_quyet": {
            "op": "sum",
            "basis": {"form": "06a", "column": "da_giai_quyet"},
            "number": "622",
            "unit": "hồ sơ",
            "parents": [],
        },
        "ty_le": {
            "op": "ratio",
            "basis": "",
            "number": "50",
            "unit": "%",
            "parents": ["giai_quyet", "tiep_nhan"],
        },
    }
    sources = {"tiep_nhan": [["b1", "C", "term"]], "giai_quyet": [["b1", "G", "term"]], "ty_le": []}
    mention = {"id": "m_mau_i_01", "report": "mau", "section": "I", "value": "ty_le", "printed": "50%"}
    data = {
        "schema": 2, "period": "2026-Q1", "reports": ["mau"], "charts": [], "citations": [],
        "values": {key: {**node, "sources": sources[key]} for key, node in values.items()},
        "blocks": {"b1": [[FILE, "06a", 9, 11]]},
        "mentions": [{**mention, "context": "Đạt <50%> =1+1 (Công văn số 1/UBND)."}],
        "files": {FILE: hashlib.sha256(path.read_bytes()).hexdigest()},
    }  # fmt: skip
    output = sandbox.project.output(PERIOD)
    output.mkdir(parents=True)
    (output / "trace.json").write_text(json.dumps(data), encoding="utf-8")
    return sandbox.project


@pytest.mark.vietnamese
def test_the_annex_leads_from_the_printed_number_to_the_contents_of_cells(project):
    workbook, page = write_annexes(project, PERIOD)
    assert (workbook.name, page.name) == ("mau.phu-luc-nguon.xlsx", "mau.phu-luc-nguon.html")
    book = openpyxl.load_workbook(workbook)
    [row] = list(book["Số in"].iter_rows(min_row=2, values_only=True))
    assert row[:5] == ("m_mau_i_01", "50%", "I", "Đạt <50%> =1+1 (Công văn số 1/UBND).", "ty_le")
    assert row[7] == "tỷ lệ phần trăm: giai_quyet (622 hồ sơ) / tiep_nhan (1244 hồ sơ)"
    assert row[8] == 6
    cells = {row[3]: row for row in book["Ô nguồn"].iter_rows(min_row=2, values_only=True)}
    assert set(cells) == {"C9:C11", "G9:G11"}
    assert cells["C9:C11"][4:] == ("10; 0; 1234", "thành phần của số")
    [file] = list(book["Tệp"].iter_rows(min_row=2, values_only=True))
    assert file[1] == hashlib.sha256(project.raw_file(PERIOD, FILE).read_bytes()).hexdigest()
    root = html.parse(str(page)).getroot()
    assert (
        root.get_element_by_id("m_mau_i_01").xpath("td[4]")[0].text_content()
        == "Đạt <50%> =1+1 (Công văn số 1/UBND)."
    )
    assert root.findtext(".//h1") == "Phụ lục nguồn số liệu: báo cáo MAU, quý I năm 2026"
    assert "C9:C11 = 10; 0; 1234" in root.get_element_by_id("ty_le").text_content()


def test_the_same_trace_gives_the_same_bytes(project):
    first = [path.read_bytes() for path in write_annexes(project, PERIOD)]
    time.sleep(2.1)  # dates in an archive have steps of two seconds
    assert [path.read_bytes() for path in write_annexes(project, PERIOD)] == first


@pytest.mark.vietnamese
def test_a_file_that_changed_since_is_said_to_have(project):
    path = project.raw_file(PERIOD, FILE)
    path.write_bytes(path.read_bytes() + b" ")
    workbook, _ = write_annexes(project, PERIOD)
    book = openpyxl.load_workbook(workbook)
    assert [row[2] for row in book["Tệp"].iter_rows(min_row=2, values_only=True)] == [
        "đã thay đổi từ khi lập báo cáo"
    ]
    contents = {row[4] for row in book["Ô nguồn"].iter_rows(min_row=2, values_only=True)}
    assert contents == {"(tệp đã thay đổi từ khi lập báo cáo)"}


def test_what_is_not_built_has_no_annex(project, sandbox):
    with pytest.raises(UsageError, match="cchc"):
        write_annexes(project, PERIOD, ["cchc"])
    (project.output(PERIOD) / "trace.json").unlink()
    with pytest.raises(TraceError):
        write_annexes(project, PERIOD)


@pytest.mark.vietnamese
def test_a_sum_says_what_it_adds(project):
    assert describe(read_trace(project, PERIOD), "tiep_nhan") == "cộng các ô: 06a.tiep_nhan"
