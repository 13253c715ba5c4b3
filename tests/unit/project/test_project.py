"""Which project a command works on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from baocao.cli import commands as cli
from baocao.project.errors import UsageError
from baocao.project.folder import find_here, find_project

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second project; the working folder lies in it."""
    root = tmp_path / "dự án"
    (root / "params").mkdir(parents=True)
    (root / "params" / "place.yaml").write_text("", encoding="utf-8")
    (root / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(root / "data")
    monkeypatch.delenv("BAOCAO_ROOT", raising=False)
    return root


def test_the_folder_asked_for_comes_first_then_the_one_installed_from(another, monkeypatch):
    assert find_project(another).root == another
    assert find_project().root == REPOSITORY
    assert find_here().root == another
    monkeypatch.setenv("BAOCAO_ROOT", str(another))
    assert find_project().root == another
    with pytest.raises(UsageError, match="is no project"):
        find_project(another / "data")


@pytest.mark.parametrize("asked", [True, False])
def test_a_command_run_inside_another_project_says_which_it_works_on(another, monkeypatch, capsys, asked):
    argv = ["baocao", "values", "2050-Q1", *(["--root", str(another)] if asked else [])]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert (f"this works on {REPOSITORY}" in said) is not asked
    assert (f"--root {another}" in said) is not asked
