"""A copy of the project, built once; every story works on a copy of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from filelock import FileLock
from tests.conftest import shrink_annexes

from baocao.project.folder import Project
from baocao.project.periods import Period

ROOT = Path(__file__).resolve().parents[2]
PERIOD = "2026-Q1"


class Copy:
    """A project folder with a space and diacritics in its path, and the command line on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = Project(root)
        self.output = root / "reports" / PERIOD
        self.raw = root / "data" / "raw" / PERIOD

    def run(
        self, *argv: str, check: int | None = 0, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
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
    return _build_once(tmp_path_factory, worker_id, "xây dựng")


@pytest.fixture(scope="session")
def light_folder(tmp_path_factory, worker_id) -> Path:
    """Give a built project of one report, with a short annex; nobody writes to it."""
    return _build_once(tmp_path_factory, worker_id, "một báo cáo", leave_one_report)


def leave_one_report(root: Path) -> None:
    path = root / "params" / "reports.yaml"
    report = shrink_annexes(yaml.safe_load(path.read_text(encoding="utf-8"))["kstthc"])
    path.write_text(yaml.safe_dump({"kstthc": report}, allow_unicode=True), encoding="utf-8")
    shutil.rmtree(root / "notebooks" / "cchc")
    for folder in (root / "data" / "raw").glob("*/loi-van/cchc"):
        shutil.rmtree(folder)
    path = root / "data" / "raw" / PERIOD / "van-ban.xlsx"
    book = openpyxl.load_workbook(path)
    [sheet] = book
    for row in range(7, sheet.max_row + 1):
        if sheet[f"G{row}"].value == "cchc":
            sheet[f"G{row}"], sheet[f"H{row}"], sheet[f"I{row}"] = None, None, "căn cứ"
        elif sheet[f"G{row}"].value:
            sheet[f"G{row}"], sheet[f"H{row}"] = "kstthc", sheet[f"H{row}"].value.split(";")[0]
    book.save(path)


def _build_once(
    tmp_path_factory, worker_id: str, name: str, change: Callable[[Path], None] = lambda root: None
) -> Path:
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            copy_project_sources(folder)
            change(folder)
            Copy(folder).build()
            (folder / "done").touch()
    return folder


def copy_project_sources(target: Path) -> Path:
    """Copy what is tracked, not what somebody has built beside it."""
    target.mkdir(parents=True)
    ignore = shutil.ignore_patterns("[0-9]*-Q[1-4]", ".quarto", "__pycache__", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "reports", target / "reports", ignore=ignore)
    for name in ("params", "data/raw", "notebooks"):
        shutil.copytree(
            ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    shutil.copyfile(ROOT / "requirements.lock", target / "requirements.lock")
    return target


@pytest.fixture
def built(built_folder, tmp_path) -> Copy:
    """Give a built project of one's own."""
    return copy_project(built_folder, tmp_path / "dự án của tôi")


@pytest.fixture(scope="session")
def reviewed_light(light_folder) -> None:
    """Write the review pages of the project of one report, whoever comes first."""
    with FileLock(light_folder.parent / "reviewing.lock"):
        if not (light_folder / "reports" / PERIOD / "review" / "index.html").exists():
            Copy(light_folder).run("review", PERIOD)


@pytest.fixture
def light(light_folder, tmp_path) -> Copy:
    """Give a built project of one report, of one's own."""
    return copy_project(light_folder, tmp_path / "dự án của tôi")


@pytest.fixture(scope="session")
def built_once(built_folder) -> Copy:
    """Give the built project itself, for stories that only look."""
    return Copy(built_folder)


@pytest.fixture(scope="session")
def period() -> Period:
    return Period(2026, 1)
