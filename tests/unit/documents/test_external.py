"""What other programs make of the documents."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import yaml

from baocao.building.stitching import stitch
from baocao.documents.engines.choosing import choose_engine
from baocao.documents.rendering import render_report
from baocao.documents.source import read_source
from baocao.project.folder import Project
from baocao.project.periods import Period
from baocao.reading.tables import read_tables

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "tests" / "data" / "rendering" / "sample.qmd"
SOURCE = read_source(SAMPLE.read_text("utf-8"))

pytestmark = pytest.mark.external


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    return render_report(
        SAMPLE,
        tmp_path_factory.mktemp("ra"),
        reports_dir=ROOT / "reports",
        engine=choose_engine("embedded"),
        epoch=1_773_532_800,
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("office")

    def convert(document: Path, kind: str) -> Path:
        home = f"-env:UserInstallation={(folder / 'ho-so').as_uri()}"
        argv = [program, home, "--headless", "--convert-to", kind, "--outdir", str(folder), str(document)]
        subprocess.run(argv, check=True, capture_output=True, timeout=120)
        return folder / f"{document.stem}.{kind}"

    return convert


def test_libreoffice_keeps_bookmarks(documents, office):
    with zipfile.ZipFile(office(documents["docx"], "docx")) as archive:
        text = archive.read("word/document.xml").decode() + archive.read("word/footnotes.xml").decode()
    # In notes LibreOffice may add this to a name.
    marks = {
        name.removesuffix("_Copy_1") for name in re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', text)
    }
    assert set(SOURCE.ids) <= marks


def test_libreoffice_shows_every_value_and_numbers_the_pages(documents, office):
    pdf = pypdfium2.PdfDocument(office(documents["docx"], "pdf"))
    texts = [page.get_textpage().get_text_range() for page in pdf]
    whole = re.sub(r"\s", "", "".join(texts))
    assert [text for text in SOURCE.mentions.values() if text not in whole] == []
    for index, page in enumerate(pdf):
        width, height = page.get_size()
        top = page.get_textpage().get_text_bounded(
            left=width * 0.4, right=width * 0.7, bottom=height - 54, top=height
        )
        assert top.strip() == ("" if index == 0 else str(index + 1))


def test_chromium_prints_the_web_page(documents, tmp_path):
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed")
    target = tmp_path / "in.pdf"
    argv = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--print-to-pdf={target}",
        documents["html"].as_uri(),
    ]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    sizes = {tuple(round(x / 72 * 25.4) for x in page.get_size()) for page in pypdfium2.PdfDocument(target)}
    assert sizes == {(210, 297), (297, 210)}


def test_libreoffice_calculates_the_annexes_as_we_do(office, sandbox, tmp_path):
    sandbox.fill()
    annex = {
        "id": "pl_so", "title": "HỒ SƠ", "caption": "Đơn vị tính: hồ sơ", "head": ["STT", "Đơn vị"],
        "form": "06a", "by": "unit", "total": "Tổng số",
    }  # fmt: skip
    report = {"title": "Kết quả", "sections": [{"key": "I", "heading": "I."}], "annexes": [annex]}
    (sandbox.root / "params" / "reports.yaml").write_text(yaml.safe_dump({"kstthc": report}), "utf-8")
    (sandbox.root / "params" / "2026-Q1.yaml").write_text('period: "2026-Q1"\n', "utf-8")
    project, period = Project(sandbox.root), Period(2026, 1)
    made = stitch(project, period, "kstthc", {}, read_tables(project, period))
    # Without its stored results a workbook has to be calculated.
    bare = openpyxl.load_workbook(io.BytesIO(made.workbook))
    bare.save(tmp_path / "bieu.xlsx")
    calculated = openpyxl.load_workbook(office(tmp_path / "bieu.xlsx", "xlsx"), data_only=True)
    values = {mention.id: made.values[mention.value].number for mention in made.mentions}
    (one,) = made.annexes
    assert one.formulas
    assert {address: calculated[one.label][address].value for address in one.mentions} == {
        address: values[id] for address, id in one.mentions.items()
    }
