"""Texts that are missing, that nobody prints, that name what is not there or speak of another period."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from baocao.checking.narratives import check_narratives
from baocao.project.findings import Finding
from baocao.project.folder import Project
from baocao.project.periods import Period

ROOT = Path(__file__).resolve().parents[3]
PERIOD = Period(2026, 1)


@pytest.fixture
def project(tmp_path) -> Project:
    for name in ("params", "notebooks", f"data/raw/{PERIOD}/loi-van"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return Project(tmp_path)


def text(project: Project, file: str) -> Path:
    return project.raw(PERIOD) / "loi-van" / file


def add(file: str, more: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        path = text(project, file)
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")

    return change


def write(file: str, content: str) -> Callable[[Project], None]:
    return lambda project: text(project, file).write_text(content, encoding="utf-8") and None


def check(project: Project) -> list[Finding]:
    return check_narratives(project, PERIOD, {})


def test_the_texts_of_the_repository_are_whole(project):
    assert check(project) == []


def test_the_texts_of_a_report_that_the_period_has_not_are_told_once(project):
    raw = project.raw(PERIOD).parent
    shutil.copytree(raw / str(PERIOD), raw / str(PERIOD.next))
    found = check_narratives(project, PERIOD.next, {})
    [idle] = [finding for finding in found if finding.code == "text-not-printed"]
    assert idle.got == "cchc"
    assert len(idle.cells) > 1
    assert all(cell.startswith("loi-van/cchc/") for cell in idle.cells)


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        (lambda project: text(project, "kstthc/00.md").unlink(), "narrative-missing", "loi-van/kstthc/00.md"),
        (lambda project: text(project, "cchc/04.md").unlink(), "narrative-missing", "loi-van/cchc/04.md"),
        (write("kstthc/00.md", "\n  \n"), "text-empty", "loi-van/kstthc/00.md:1"),
        (write("kstthc/98.md", "Lạc."), "text-not-printed", "loi-van/kstthc/98.md"),
        (write("ghi-chu.txt", "Lạc."), "text-not-printed", "loi-van/ghi-chu.txt"),
        (add("cchc/04.md", "\n## lac-loai\n\nLạc.\n"), "text-not-printed", "loi-van/cchc/04.md"),
        (add("kstthc/99.md", "\nXem {typo}.\n"), "unknown-name-in-text", "loi-van/kstthc/99.md"),
        (add("kstthc/12.md", "\nXem {hoso_tong_tiep_nham}.\n"), "unknown-name-in-text", "loi-van/kstthc/12.md"),
        (add("kstthc/00.md", "\nTình hình quý IV năm 2025 như sau.\n"), "other-period", "loi-van/kstthc/00.md"),
        (add("kstthc/00.md", "\nSố liệu từ ngày 15/9/2025 đến ngày 14/12/2025.\n"), "other-period", "loi-van/kstthc/00.md"),
        (add("kstthc/00.md", "\n<<<<<<< HEAD\n"), "narrative-markup", "loi-van/kstthc/00.md"),
        (lambda project: text(project, "kstthc/00.md").write_bytes("quý".encode("utf-16")) and None, "narrative-unreadable", "loi-van/kstthc/00.md"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(project, change, code, where):
    change(project)
    found = check(project)
    assert {finding.code for finding in found} == {code}, list(map(str, found))
    assert all(finding.cells[0].startswith(where) for finding in found)


@pytest.mark.parametrize(
    "sentence",
    [
        "Tình hình quý I năm 2026.",
        "Phương hướng quý II năm 2026.",
        "Tăng 5 hồ sơ so với quý IV năm 2025.",
        "Cùng kỳ quý I năm 2025 chưa triển khai.",
        "Kết quả {ky}, {KY}, {quy_sau} và {hoso_tong_tiep_nhan}.",
        r"Ký hiệu \{abc}.",
    ],
)
def test_what_may_be_said(project, sentence):
    add("kstthc/00.md", f"\n{sentence}\n")(project)
    assert check(project) == []


def test_every_missing_text_is_told_at_once(project):
    for name in ("kstthc/00.md", "kstthc/99.md", "cchc/00.md"):
        text(project, name).unlink()
    found = check(project)
    assert [finding.code for finding in found] == ["narrative-missing"] * 3
