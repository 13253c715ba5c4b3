"""Which project a command works on."""

from __future__ import annotations

from pathlib import Path

import pytest

from baocao.project.errors import ParamsError, UsageError
from baocao.project.folder import find_here, find_project
from baocao.project.language import house_language

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


def test_the_folder_asked_for_comes_first_then_the_one_we_stand_in_then_the_one_installed_from(
    another, monkeypatch, tmp_path
):
    assert find_project(REPOSITORY).root == REPOSITORY
    assert find_project().root == find_here().root == another
    with pytest.raises(UsageError, match="is no project"):
        find_project(another / "data")
    monkeypatch.setenv("BAOCAO_ROOT", str(REPOSITORY))
    assert find_project().root == REPOSITORY
    monkeypatch.delenv("BAOCAO_ROOT")
    monkeypatch.chdir(tmp_path)
    assert find_here() is None
    assert find_project().root == REPOSITORY


def test_a_project_that_lost_its_place_is_told_so_and_another_is_not_worked_on_in_its_stead(another):
    (another / "params" / "place.yaml").rename(another / "params" / "forms.yaml")
    assert find_project().root == find_project(another).root == another
    assert house_language(None) == "en"
    with pytest.raises(ParamsError, match=r"params/place.yaml is missing; write it: code, name"):
        find_project().house  # noqa: B018
