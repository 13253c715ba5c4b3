"""What unit tests, stories and damages share: material made in memory, one cell edited in place, a project that was issued."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from filelock import FileLock
from hypothesis import settings
from lxml import etree

from baocao.project.cells import split_address
from baocao.project.findings import Finding
from baocao.project.house import find_house
from baocao.project.models import Unit
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.reading.workbooks import Sheet, Workbook
from baocao.reviewing import Document, Material
from baocao.reviewing.signing import Signature, Standing
from baocao.tracing.record import parse_trace
from baocao.values.criteria import BASIS, Among, Basis, Criterion, Positive

# No example is timed, since a busy machine is no fault; and all machines try the same ones.
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

PARAMS = Params(Path(__file__).resolve().parents[1] / "params")
FIELDS = ("Đất đai", "Hộ tịch", "Chứng thực")
HOSTILE = "<script>document.title='x'</script><img src=x onerror=alert(1)>"
FIRST = 9


def make_workbook(number: int, *, hostile: bool = False) -> Workbook:
    """Make a unit's 06a: three fields from row 9, columns C (received) and F (carried over)."""
    packed: list[list[Any]] = [
        [1, 3, "s", "Quý I năm 2026", 0],
        [4, 2, "s", "Tiếp nhận", 0],
        [7, 2, "n", "3", 0],
    ]
    for index, field in enumerate(FIELDS):
        row = FIRST - 1 + index
        received = number * 10 + index
        packed += [
            [row, 0, "s", str(index + 1), 0], [row, 1, "s", HOSTILE if hostile else field, 0],
            [row, 2, "n", str(received), 0], [row, 5, "n", str(index), 0], [row, 12, "n", "0.5", 0],
        ]  # fmt: skip
    packed += [[FIRST + 2, 1, "s", "Tổng số", 0], [FIRST + 2, 2, "u", None, 1]]
    return Workbook((Sheet("06a", "worksheet", True, merged=((4, 2, 4, 5),), packed=tuple(packed)),))


def build_material(count: int = 3, *, sums: int = 0, by_unit: bool = False, **changes: Any) -> Material:
    """
    Make material of ``count`` units; every printed number adds up.

    ``sums`` more values are sums over all units, and with ``by_unit`` the
    report prints a value of every unit, as a large report would.
    """
    units = {
        f"{10000 + i}": Unit(code=f"{10000 + i}", name=f"Xã Thử Nghiệm {i}", type="xã", level="xa")
        for i in range(count)
    }
    files = [f"don-vi/{code}-xa.xlsx" for code in units]
    spans = [[file, "06a", FIRST, FIRST + 2] for file in files]
    received = sum(i * 10 + field for i in range(count) for field in range(3))
    carried = 3 * count
    node = {"unit": "hồ sơ", "parents": [], "op": "sum"}

    def basis(column: str | None, *more: Criterion) -> Any:
        return BASIS.dump_python(Basis("06a", (Among("level", ("xa",)), *more), column), mode="json")

    values = {
        "hoso_xa_tiep_nhan": node | {"number": str(received), "sources": [["ball", "C", "term"]], "basis": basis("tiep_nhan")},
        "hoso_xa_ky_truoc": node | {"number": str(carried), "sources": [["ball", "F", "term"]], "basis": basis("ky_truoc")},
        "hoso_xa_trong_ky": node | {"number": str(received - carried), "sources": [], "basis": "", "op": "difference",
                                    "parents": ["hoso_xa_tiep_nhan", "hoso_xa_ky_truoc"]},
        "ty_le_thu": node | {"number": str(Fraction(carried * 100, received)), "unit": "%", "sources": [], "basis": "", "op": "ratio",
                             "parents": ["hoso_xa_ky_truoc", "hoso_xa_tiep_nhan"]},
        "so_dong": node | {"number": str(3 * count), "unit": "dòng", "op": "count", "basis": basis(None, Positive("tiep_nhan")),
                           "sources": [["ball", "A", "term"], ["ball", "C", "condition"]]},
        "du_bao": node | {"number": "7", "op": "opaque", "parents": ["hoso_xa_ky_truoc"], "sources": [], "basis": "mô hình <b>dự báo</b>"},
        "hoso_xa_tiep_nhan__10000": node | {"number": "3", "sources": [["bone", "C", "term"]], "basis": basis("tiep_nhan", Among("unit", ("10000",)))},
    }  # fmt: skip
    values |= {f"tong_{i}": values["hoso_xa_tiep_nhan"] for i in range(sums)}
    blocks = {"ball": spans, "bone": spans[:1]}
    if by_unit:
        for i, code in enumerate(units):
            key = f"hoso_xa_tiep_nhan__{code}"
            values[key] = node | {
                "number": str(i * 30 + 3),
                "sources": [[f"b{code}", "C", "term"]],
                "basis": basis("tiep_nhan", Among("unit", (code,))),
            }
            blocks[f"b{code}"] = spans[i : i + 1]
    printed = {"hoso_xa_tiep_nhan": f"{received:,}".replace(",", "."), "hoso_xa_trong_ky": f"{received - carried:,}".replace(",", "."),
               "ty_le_thu": "0,01%", "so_dong": str(3 * count), "du_bao": "07"}  # fmt: skip
    printed |= {
        key: f"{int(node['number']):,}".replace(",", ".")
        for key, node in values.items()
        if key.startswith("tong_") or (by_unit and "__" in key)
    }
    mentions = [
        {
            "id": f"m_kstthc_i7_{i:02}",
            "value": key,
            "printed": text,
            "report": "kstthc",
            "section": "I.7",
            "context": f"Câu có {text} hồ sơ.",
        }
        for i, (key, text) in enumerate(printed.items(), 1)
    ]
    cells = [f"{files[0]}#06a!B9"]
    trace = {
        "schema": 2, "period": "2026-Q1", "reports": ["kstthc"], "values": values,
        "blocks": blocks, "mentions": mentions,
        "citations": [{"id": "c_kstthc_i7_01", "report": "kstthc", "section": "I.7", "printed": HOSTILE, "cells": cells}],
        "charts": [{"id": "bd_thu", "report": "kstthc", "section": "I.7", "caption": "Hình 1. Thử", "marks": [["Thử", "Xã 0", "hoso_xa_tiep_nhan__10000"]]}],
        "files": {file: f"{i:064x}" for i, file in enumerate(files)},
    }  # fmt: skip
    numbers = " ".join(
        f'<data id="{m["id"]}" value="1" data-v="{m["value"]}">{m["printed"]}</data> hồ sơ;' for m in mentions
    )
    body = f'<div><h2 id="kstthc--kstthc_i7">7. Hồ sơ</h2><p>{numbers} <cite id="c_kstthc_i7_01" data-k="">viện dẫn</cite></p></div>'
    given: dict[str, Any] = {
        "period": Period(2026, 1),
        "label": "quý I năm 2026",
        "folders": find_house("nd30").folders,
        "place": "tỉnh Thử",
        "trace": parse_trace(json.dumps(trace), "trace.json"),
        "units": units,
        "levels": {"xa": "xã, phường"},
        "forms": {"06a": PARAMS.form("06a")},
        "indicators": PARAMS.indicators,
        "workbooks": {file: make_workbook(i, hostile=i == 0) for i, file in enumerate(files)},
        "documents": (
            Document("kstthc", "report", "Báo cáo thử", body, ({"key": "I.7", "heading": "7. Hồ sơ", "notebooks": ["kstthc/07"]},)),
            Document("kstthc/07", "notebook", "7. Hồ sơ", '<div><p><data data-v="so_dong">9</data></p></div>'),
        ),
        "findings": (Finding("dash", "error", "Ô có dấu gạch", unit="10001", cells=(f"{files[1]}#06a!F9",), got="-"),),
        "previous": {"hoso_xa_tiep_nhan": {code: Fraction(i * 8) for i, code in enumerate(units) if i % 10 != 2}},
        "standings": (Standing("kstthc/I.7", "stale", (Signature("Nguyễn Văn A", "2026-03-20"),), ("số đã thay đổi",)),),
    }  # fmt: skip
    return Material(**{**given, **changes})


@pytest.fixture(scope="session")
def make_material() -> Callable[..., Material]:
    return build_material


@pytest.fixture(scope="session")
def hostile() -> str:
    return HOSTILE


ROOT = Path(__file__).resolve().parents[1]
PERIOD = "2026-Q1"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
SMALL = ("07-ho-so", "15-kien-nghi")


class Issued:
    """A project of two sections in a git repository of its own, with the code in it; its period is issued."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.raw = root / "data" / "raw" / PERIOD
        self.edition = root / "reports" / PERIOD / "issued" / "1"

    def run(self, *argv: str, check: int | None = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "baocao", "--root", str(self.root), *argv],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.root.parent,
            env={**os.environ, "PYTHONPATH": str(self.root / "scripts"), "BAOCAO_ROOT": "", **variables},
            timeout=280,
            check=False,
        )
        if check is not None:
            assert done.returncode == check, (
                f"exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            )
        return done

    def audit(self, *argv: str, check: int, **variables: str) -> Any:
        return json.loads(self.run("audit", PERIOD, *argv, "--json", check=check, **variables).stdout)

    def git(self, *argv: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(self.root), *argv],
            check=True, capture_output=True, text=True, encoding="utf-8",
        ).stdout  # fmt: skip

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x")

    def unit_file(self, code: str) -> Path:
        return next(self.raw.glob(f"don-vi/{code}-*.xlsx"))

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def shrink_annexes(report: dict[str, Any]) -> dict[str, Any]:
    """Let annexes of a report with a row for each unit or field have one for each level: they take a third of a build."""
    for annex in report["annexes"]:
        if annex.get("where") != {"level": "so"}:
            annex["by"] = "level"
    return report


def make_small(target: Path) -> Issued:
    """Copy what is tracked and issued with, and leave two sections of one report."""
    skip = shutil.ignore_patterns("[0-9]*-Q[1-4]", ".quarto", "__pycache__", ".ipynb_checkpoints", "cchc")
    plain = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name, ignore in (
        ("reports", skip),
        ("notebooks", skip),
        ("params", plain),
        ("data/raw", plain),
        ("scripts/baocao", plain),
        ("scripts/baocao_houses", plain),
    ):
        shutil.copytree(ROOT / name, target / name, ignore=ignore)
    for name in (
        "requirements.lock",
        "pyproject.toml",
        "Makefile",
        "README.md",
        "environment.yml",
        "LICENSE",
        ".gitignore",
    ):
        shutil.copyfile(ROOT / name, target / name)
    path = target / "params" / "reports.yaml"
    report = yaml.safe_load(path.read_text(encoding="utf-8"))["kstthc"]
    report["sections"] = [
        section for section in report["sections"] if section.get("notebook") in SMALL or section["key"] == "I"
    ]
    path.write_text(yaml.safe_dump({"kstthc": shrink_annexes(report)}, allow_unicode=True), encoding="utf-8")
    project = Issued(target)
    project.git("init", "--quiet")
    project.commit()
    return project


@pytest.fixture(scope="session")
def issued_folder(tmp_path_factory, worker_id) -> Path:
    """Give an issued project, made by whichever worker comes first; nobody writes to it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "đã phát hành"
    with FileLock(shared / "issuing.lock"):
        if not (shared / "issued").exists():
            shutil.rmtree(folder, ignore_errors=True)
            project = make_small(folder)
            project.run("issue", PERIOD)
            project.commit()
            (shared / "issued").touch()
    return folder


@pytest.fixture
def issued(issued_folder, tmp_path) -> Issued:
    """Give an issued project of one's own."""
    shutil.copytree(issued_folder, tmp_path / "bản của tôi", symlinks=True)
    return Issued(tmp_path / "bản của tôi")


@pytest.fixture(scope="session")
def small():
    """Give what makes a small project that is not issued yet."""
    return make_small


@pytest.fixture(scope="session")
def edit():
    return edit_cells


@pytest.fixture(scope="session")
def add_dossiers():
    return add_dossiers_to


DOSSIER = ("C", "D", "K", "L")
"""Where a dossier of 06a stands that came online in the period and is not due yet."""


def add_dossiers_to(path: Path, count: int = 1) -> None:
    """Add dossiers to the first field of 06a and to its total, so that all sums of the form hold."""
    sheet = openpyxl.load_workbook(path, data_only=True)["06a"]
    total = next(row for row in range(FIRST, 40) if sheet[f"B{row}"].value == "Tổng số")
    cells = {
        f"{column}{row}": sheet[f"{column}{row}"].value + count
        for column in DOSSIER
        for row in (FIRST, total)
    }
    edit_cells(path, "06a", cells)


def edit_cells(path: Path, sheet: str, cells: Mapping[str, int | str | None]) -> None:
    """
    Change cells of a workbook in its XML, everything else byte for byte as it was.

    An int keeps a formula and replaces its stored result; a text becomes an
    inline string; None empties the cell.
    """
    with zipfile.ZipFile(path) as archive:
        parts = {info: archive.read(info) for info in archive.infolist()}
    content = {info.filename: data for info, data in parts.items()}
    name = _sheet_part(content, sheet)
    root = etree.fromstring(content[name])
    for address, value in cells.items():
        row, _ = split_address(address)
        cell = root.find(f".//{MAIN}row[@r='{row + 1}']/{MAIN}c[@r='{address}']")
        assert cell is not None, f"{path.name}#{sheet}!{address} is not there"
        formula = cell.find(f"{MAIN}f")
        for child in list(cell):
            if child is not formula:
                cell.remove(child)
        cell.attrib.pop("t", None)
        if isinstance(value, int):
            etree.SubElement(cell, f"{MAIN}v").text = str(value)
        elif value is not None:
            cell.set("t", "inlineStr")
            etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = value
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in parts.items():
            archive.writestr(info, etree.tostring(root) if info.filename == name else data)


def _sheet_part(content: Mapping[str, bytes], sheet: str) -> str:
    book = etree.fromstring(content["xl/workbook.xml"])
    relation = next(s.get(RELATION) for s in book.iter(f"{MAIN}sheet") if s.get("name") == sheet)
    relations = etree.fromstring(content["xl/_rels/workbook.xml.rels"])
    target = next(r.get("Target") for r in relations if r.get("Id") == relation)
    return "xl/" + re.sub(r"^/?(xl/)?", "", target)
