"""What an analyst does: build, look where a number comes from, change a submission, build again."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import nbformat
import openpyxl
import pypdfium2
import pytest
from lxml import etree, html

from baocao.project.params import Params

PERIOD = "2026-Q1"
REPORTS = ("kstthc", "cchc")
ALIASES = Params(Path(__file__).parents[2] / "params").aliases
# With the ids of the published list, some of them older than today's.
PRINTED = [
    {**row, "id": ALIASES.get(row["id"], row["id"])}
    for row in csv.DictReader((Path(__file__).parents[1] / "data" / "printed.csv").open(encoding="utf-8"))
]


def test_every_published_row_is_printed_in_its_section_with_cells_behind_it(built_once):
    values = built_once.json("values", PERIOD)
    mentions = built_once.trace()["mentions"]
    printed = Counter((m["report"], m["section"], m["value"], m["printed"]) for m in mentions)
    wanted = Counter((row["report"], row["section"], row["id"], row["printed"]) for row in PRINTED)
    assert Counter(row["report"] for row in PRINTED) == {"kstthc": 91, "cchc": 125}
    assert not wanted - printed
    assert all(values[row["id"]]["cells"] >= 1 for row in PRINTED)


@pytest.mark.parametrize("report", REPORTS)
def test_the_documents_print_every_mention(built_once, report):
    mentions = [m for m in built_once.trace()["mentions"] if m["report"] == report]
    page = html.parse(str(built_once.output / f"{report}.html"))
    shown = {data.get("id"): data.text_content() for data in page.iter("data")}
    assert {m["id"]: m["printed"] for m in mentions} == shown
    with pypdfium2.PdfDocument(built_once.output / f"{report}.pdf") as pdf:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    words = Counter("".join(text.split()).count(m["printed"]) > 0 for m in mentions)
    assert words == {True: len(mentions)}


@pytest.mark.parametrize("report", REPORTS)
def test_nothing_in_the_report_is_untraced(built_once, report):
    coverage = built_once.json("coverage", PERIOD)[report]
    assert coverage["untraced"] == []
    assert coverage["numerals"] == coverage["traced"] + coverage["constants"] > 250


def test_thirty_numbers_drawn_at_random_are_what_their_cells_say(built_once):
    trace = built_once.trace()
    drawn = random.Random(20260314).sample(trace["mentions"], 30)
    books: dict[str, openpyxl.Workbook] = {}
    for mention in drawn:
        [value] = built_once.json("trace", PERIOD, mention["id"])["values"]
        assert mention["id"] in {m["id"] for m in value["mentions"]}
        assert value["cells"]
        for cell in value["cells"]:
            if cell["file"] not in books:
                books[cell["file"]] = openpyxl.load_workbook(built_once.raw / cell["file"], data_only=True)
            held = books[cell["file"]][cell["sheet"]][cell["address"]].value
            assert cell["cell"] == f"{cell['file']}#{cell['sheet']}!{cell['address']}"
            if isinstance(held, int | float):
                assert Fraction(cell["content"]) == Fraction(str(held))
            elif isinstance(held, str):
                assert cell["content"] == held
        if value["op"] == "sum" and all(c["role"] == "term" for c in value["cells"]):
            assert Fraction(value["number"]) == sum(Fraction(c["content"]) for c in value["cells"])


def test_a_printed_number_leads_to_the_subtotals_of_its_units(built_once):
    answer = built_once.json("trace", PERIOD, "142.186")
    value = next(v for v in answer["values"] if v["id"] == "hoso_so_tiep_nhan")
    assert value["number"] == "142186"
    assert len(value["parents"]) == 12
    parts = [built_once.json("trace", PERIOD, parent)["values"][0] for parent in value["parents"]]
    assert sum(int(part["number"]) for part in parts) == 142186
    assert {c["cell"] for part in parts for c in part["cells"]} == {c["cell"] for c in value["cells"]}


def test_a_citation_and_a_chart_lead_to_their_cells(built_once):
    [citation] = built_once.json("trace", PERIOD, "3220/UBND-TTPVHCC")["values"]
    assert {cell["file"] for cell in citation["cells"]} == {"van-ban.xlsx"}
    assert "3220/UBND-TTPVHCC" in {cell["content"] for cell in citation["cells"]}
    chart = built_once.trace()["charts"][0]
    assert len(built_once.json("trace", PERIOD, chart["id"])["values"]) == len({m[2] for m in chart["marks"]})


def test_both_on_time_rates_come_from_the_same_columns(built_once):
    [value] = built_once.json("trace", PERIOD, "97,15%")["values"]
    assert value["id"] == "ty_le_hoso_dung_han"
    assert {cell["sheet"] for cell in value["cells"]} == {"06a"}


def test_an_unknown_number_is_said_to_be_unknown(built_once):
    done = built_once.run("trace", PERIOD, "123.456.789", check=2)
    assert "nothing is called" in done.stderr


def test_a_second_build_runs_and_renders_nothing(built):
    before = {
        path: path.read_bytes()
        for path in built.output.iterdir()
        if path.suffix in {".docx", ".pdf", ".html"}
    }
    said = built.build()
    assert "up to date" in said
    assert ": done (" not in said
    assert "rendering" not in said
    assert {path: path.read_bytes() for path in before} == before


def test_one_dossier_more_changes_what_its_cells_feed_and_nothing_else(built, add_dossiers):
    before, values = built.trace(), built.json("values", PERIOD)
    page = (built.output / "kstthc.html").read_text(encoding="utf-8")
    path = built.unit_file("10507")
    add_dossiers(path)
    touched = set()
    for column in "CDKL":
        fed = built.json("impact", PERIOD, f"don-vi/{path.name}#06a!{column}9")
        touched |= set(fed["values"])

    said = built.build()
    ran = {line.split(":")[0] for line in said.splitlines() if ": done (" in line}
    assert ran == {"kstthc/07-ho-so", "kstthc/12-danh-gia-chung", "cchc/07-ho-so-pakn"}
    assert f"{path.name} changed (06a" in said

    after = built.json("values", PERIOD)
    changed = {key for key in values if values[key]["number"] != after[key]["number"]}
    assert changed <= touched
    assert {
        "hoso_xa_tiep_nhan",
        "hoso_xa_trong_ky_truc_tuyen",
        "hoso_xa_dang_giai_quyet",
        "ty_le_hoso_truc_tuyen",
    } <= changed
    named = {key for key in touched if key in values}
    assert changed == named, "a value whose cells changed must change: no share of the sample stays put"
    printed = {m["id"]: (m["value"], m["printed"]) for m in before["mentions"]}
    now = {m["id"]: (m["value"], m["printed"]) for m in built.trace()["mentions"]}
    moved = {key for key in printed if printed[key] != now[key]}
    assert {printed[key][0] for key in moved} <= changed
    assert _without(page, moved) == _without(
        (built.output / "kstthc.html").read_text(encoding="utf-8"), moved
    )


def _without(page: str, ids: set[str]) -> str:
    """The page's text, with the changed numbers and what depends on them left out."""
    root = html.fromstring(page.encode())
    for element in list(root.iter("data")):
        if element.get("id") in ids:
            element.text = "…"
    for element in list(root.iter("meta", "style", "script", "svg", "img")):
        element.drop_tree()
    return " ".join(etree.tostring(root, method="text", encoding="unicode").split())


def test_plain_papermill_runs_a_section_from_any_folder(built, tmp_path):
    elsewhere = tmp_path / "nơi khác"
    elsewhere.mkdir()
    notebook = built.root / "notebooks" / "kstthc" / "07-ho-so.ipynb"
    done = subprocess.run(
        [Path(sys.executable).with_name("papermill"), str(notebook), "out.ipynb", "-p", "period", PERIOD],
        cwd=elsewhere,
        env={"PATH": str(Path(sys.executable).parent), "BAOCAO_ROOT": str(built.root), "HOME": str(tmp_path)},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    executed = nbformat.read(elsewhere / "out.ipynb", as_version=4)
    shown = [
        o["data"]["text/html"]
        for c in executed.cells
        for o in c.get("outputs", [])
        if "text/html" in o.get("data", {})
    ]
    assert any('<data value="142186" title="hoso_so_tiep_nhan">142.186</data>' in text for text in shown)


def test_the_executed_notebooks_are_the_same_byte_for_byte(built):
    path = built.output / "notebooks" / "kstthc" / "09-moi-truong-dien-tu.ipynb"
    before = path.read_bytes()
    path.unlink()
    built.build()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "argv",
    [["build", "2026-Q9"], ["build", "2031-Q1"], ["build", PERIOD, "--report", "abc"], ["trace", PERIOD]],
)
def test_wrong_use_exits_with_2_and_says_why(built_once, argv):
    done = built_once.run(*argv, check=2)
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_json_is_one_document_and_nothing_else(built_once):
    for argv in (
        ["values", PERIOD],
        ["coverage", PERIOD],
        ["trace", PERIOD, "97,15%"],
        ["impact", PERIOD, "van-ban.xlsx"],
    ):
        json.loads(built_once.run(*argv, "--json").stdout)
