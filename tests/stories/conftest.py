"""A copy of the project, built once; every story works on a copy of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from lxml import etree

from baocao.cells import split_address
from baocao.periods import Period
from baocao.project import Project

ROOT = Path(__file__).resolve().parents[2]
PERIOD = "2026-Q1"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Copy:
    """A project folder with a space and diacritics in its path, and the command line on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = Project(root)
        self.output = root / "reports" / PERIOD
        self.raw = root / "data" / "raw" / PERIOD

    def run(self, *argv: str, check: int | None = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "baocao", "--root", str(self.root), *argv],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd or self.root.parent,
            env={k: v for k, v in os.environ.items() if k != "BAOCAO_ROOT"},
            timeout=280,
            check=False,
        )
        if check is not None:
            assert done.returncode == check, f"exit {done.returncode}\n{done.stderr[-4000:]}"
        return done

    def json(self, *argv: str, check: int = 0) -> Any:
        return json.loads(self.run(*argv, "--json", check=check).stdout)

    def build(self, *argv: str, check: int = 0) -> str:
        return self.run("build", PERIOD, *argv, check=check).stderr

    def trace(self) -> dict[str, Any]:
        return json.loads((self.output / "trace.json").read_text(encoding="utf-8"))

    def params(self, text: str) -> None:
        path = self.root / "params" / f"{PERIOD}.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")

    def unit_file(self, code: str) -> Path:
        return next(self.raw.glob(f"don-vi/{code}-*.xlsx"))


def copy_project(source: Path, target: Path) -> Copy:
    target.mkdir(parents=True)
    for name in ("params", "data", "notebooks", "reports"):
        shutil.copytree(source / name, target / name, symlinks=True)
    shutil.copyfile(source / "requirements.lock", target / "requirements.lock")
    return Copy(target)


@pytest.fixture(scope="session")
def built_folder(tmp_path_factory, worker_id) -> Path:
    """Give a built project, made by whichever worker comes first; nobody writes to it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "xây dựng"
    with FileLock(shared / "building.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            clean = copy_project_sources(folder)
            Copy(clean).build()
            (folder / "done").touch()
    return folder


def copy_project_sources(target: Path) -> Path:
    """Copy what is tracked, not what somebody has built beside it."""
    target.mkdir(parents=True)
    ignore = shutil.ignore_patterns("[0-9]*-Q[1-4]", ".quarto", "__pycache__", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "reports", target / "reports", ignore=ignore)
    for name in ("params", "data/raw", "notebooks"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    shutil.copyfile(ROOT / "requirements.lock", target / "requirements.lock")
    return target


@pytest.fixture
def built(built_folder, tmp_path) -> Copy:
    """Give a built project of one's own."""
    return copy_project(built_folder, tmp_path / "dự án của tôi")


@pytest.fixture(scope="session")
def built_once(built_folder) -> Copy:
    """Give the built project itself, for stories that only look."""
    return Copy(built_folder)


@pytest.fixture(scope="session")
def period() -> Period:
    return Period(2026, 1)


@pytest.fixture(scope="session")
def edit():
    return edit_cells


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
