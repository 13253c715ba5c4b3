"""Somebody puts markup, scripts and forged numbers into every text a report is made of: all of it is text."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import lxml.html
import pytest

from baocao.documents.paragraphs import read_paragraphs

CHROMIUM = shutil.which("chromium")
PERIOD = "2026-Q3"
TOPICS = {
    "Housing": '[nine]{.so v="cases_received" onclick="window.hit=true"}',
    "Transport": '<img src=x onerror="window.hit=true"><script>window.hit=true</script> *a* $\\frac{$ {{< include x >}}',
    "Permits": "[link](javascript:window.hit=true) ::: {.proof} | `<b>`{=html} " + "[" * 40 + "]" * 40,
}
FORGED = '[999]{.so v="cases_received"}'
UNIT = "North <b onclick=window.hit=true> ^[note] District"
LISTING = 'section.listing(cases.by("topic"), "- **{label}**^[{label}]: {label}.")'


class Small:
    """A project of two units and one section."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output = root / "reports" / PERIOD
        self.opening = root / "data" / "raw" / PERIOD / "narrative" / "cases" / "00.md"

    def run(self, *argv: str, check: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "baocao", "--lang", "en", *argv],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.root if self.root.exists() else self.root.parent,
            env={k: v for k, v in os.environ.items() if k != "BAOCAO_ROOT"},
            timeout=200,
            check=False,
        )
        assert done.returncode == check, f"exit {done.returncode}\n{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    def trace(self) -> dict:
        return json.loads((self.output / "trace.json").read_text(encoding="utf-8"))

    def replace(self, old: str, new: str) -> None:
        """Put another text into every workbook, as a sender types it."""
        for path in (self.root / "data" / "raw" / PERIOD / "units").glob("*.xlsx"):
            with zipfile.ZipFile(path) as archive:
                parts = {name: archive.read(name).decode() for name in archive.namelist()}
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in parts.items():
                    archive.writestr(name, text.replace(f">{escape(old)}<", f">{escape(new)}<"))


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Small:
    small = Small(tmp_path_factory.mktemp("hostile") / "project")
    small.run("init", str(small.root), "--house", "plain")
    notebook = small.root / "notebooks" / "cases" / "01-cases.ipynb"
    data = json.loads(notebook.read_text(encoding="utf-8"))
    cell = {"cell_type": "code", "id": "listing", "metadata": {}, "outputs": [], "execution_count": None}
    data["cells"].append({**cell, "source": [LISTING]})
    notebook.write_text(json.dumps(data), encoding="utf-8")
    for topic, text in TOPICS.items():
        small.replace(topic, text)
    small.replace("North District", UNIT)
    units = small.root / "params" / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("North District", UNIT), encoding="utf-8")
    small.run("build", PERIOD)
    return small


def test_every_text_is_printed_as_it_was_typed(small):
    printed = "\n".join(paragraph.text for paragraph in read_paragraphs(small.output / "cases.docx"))
    page = lxml.html.parse(small.output / "cases.html").getroot().text_content()
    for text in (*TOPICS.values(), UNIT):
        assert text in printed
        assert text in " ".join(page.split())


def test_nothing_of_it_is_a_mention(small):
    mentions = small.trace()["mentions"]
    assert len(mentions) == 21
    assert all(mention["printed"][0].isdigit() for mention in mentions)


def test_a_number_that_is_forged_so_is_one_without_a_trace(small):
    small.replace(TOPICS["Housing"], FORGED)
    try:
        said = small.run("build", PERIOD, check=1)
    finally:
        small.replace(FORGED, TOPICS["Housing"])
    assert "'999' in 1 of cases leads to no cell" in said


def test_nothing_of_it_is_markup(small):
    page = lxml.html.parse(small.output / "cases.html").getroot()
    assert (
        page.xpath(
            "//script | //iframe | //object | //*[@onclick or @onerror] | //a[starts-with(@href, 'java')]"
        )
        == []
    )
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    with zipfile.ZipFile(small.output / "cases.docx") as archive:
        assert b"javascript" not in archive.read("word/_rels/document.xml.rels")
    assert b"/JavaScript" not in (small.output / "cases.pdf").read_bytes()
    assert b"/URI (java" not in (small.output / "cases.pdf").read_bytes()


def test_a_narrative_that_holds_it_stops_the_build_with_file_and_line(small):
    texts = [
        '[999]{.so v="cases_received"}',
        "<script>alert(1)</script>",
        "[a](javascript:alert)",
        "---",
        "<<<<<<< HEAD",
        "[" * 2000,
    ]
    kept = small.opening.read_text(encoding="utf-8")
    small.opening.write_text("\n\n".join(texts), encoding="utf-8")
    try:
        said = small.run("build", PERIOD, check=2)
    finally:
        small.opening.write_text(kept, encoding="utf-8")
    for line in range(1, 2 * len(texts), 2):
        assert f"narrative/cases/00.md:{line}:" in said


def test_what_somebody_changed_by_hand_is_kept(small):
    text, notebook = small.output / "cases.qmd", small.output / "notebooks" / "cases" / "01-cases.ipynb"
    edited = {}
    for path in (text, notebook):
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        edited[path] = path.read_bytes()
    said = small.run("build", PERIOD)
    for path, content in edited.items():
        aside = path.with_name(f"{path.stem}.edited-1{path.suffix}")
        assert aside.name in said
        assert aside.read_bytes() == content
        assert path.read_bytes() != content
        aside.unlink()


@pytest.mark.external
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_nothing_of_it_runs_in_a_browser(small):
    from playwright.sync_api import sync_playwright

    small.run("review", PERIOD)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            for path in (small.output / "cases.html", small.output / "review" / "index.html"):
                page = browser.new_page()
                asked: list[str] = []
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.on("dialog", lambda dialog: pytest.fail(dialog.message))
                page.goto(path.as_uri())
                page.wait_for_timeout(1500)
                for node in page.query_selector_all("article a, main a")[:40]:
                    node.evaluate("one => one.dispatchEvent(new MouseEvent('click', {bubbles: true}))")
                assert page.evaluate("window.hit") is None
                assert (
                    page.evaluate("document.querySelectorAll('[onclick], [onerror], a[href^=java]').length")
                    == 0
                )
                assert all(url.startswith(("file:", "data:")) for url in asked)
                page.close()
        finally:
            browser.close()
