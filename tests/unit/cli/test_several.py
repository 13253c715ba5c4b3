"""Several periods and folders are found, built each for itself, and said apart."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from baocao.cli.commands import building
from baocao.cli.commands.building import _build_several, _list_targets
from baocao.project.errors import UsageError
from baocao.project.periods import parse_period
from baocao.project.processes import Failure, run_side_by_side


@pytest.fixture
def places(make_sandbox: Any, tmp_path: Path) -> Path:
    sandbox = make_sandbox(tmp_path / "places" / "a")
    sandbox.fill()
    (sandbox.root / "params" / "2026-Q1.yaml").write_text("period: 2026-Q1\n", encoding="utf-8")
    (sandbox.root / "data" / "raw" / "2025-Q4").mkdir()
    (sandbox.root / "data" / "raw" / "ghi-chu").mkdir()
    shutil.copytree(sandbox.root, tmp_path / "places" / "b")
    (tmp_path / "places" / "not-a-project").mkdir()
    return tmp_path / "places"


def names(targets: Any) -> list[tuple[str, str]]:
    return [(project.root.name, str(period)) for project, period in targets]


def test_a_pattern_and_all_find_what_can_be_built(places: Path) -> None:
    assert names(_list_targets((), f"{places}/*")) == [("a", "2026-Q1"), ("b", "2026-Q1")]
    assert names(_list_targets((), str(places / "b"))) == [("b", "2026-Q1")]
    both = _list_targets(("2026-Q1", "2025-Q4"), str(places / "a"))
    assert names(both) == [("a", "2026-Q1"), ("a", "2025-Q4")]


def test_a_pattern_that_fits_nothing_is_said(places: Path) -> None:
    with pytest.raises(UsageError, match="no folder that fits"):
        list(_list_targets((), f"{places}/x*"))


def test_one_that_fails_stops_no_other() -> None:
    first, odd, none, last = dict(
        run_side_by_side(parse_period, ["2026-Q1", "x", None, "2026-Q2"], 2)
    ).values()  # type: ignore[list-item]
    assert (first, last) == (parse_period("2026-Q1"), parse_period("2026-Q2"))
    assert isinstance(odd, Failure)
    assert odd.exit_code == UsageError.exit_code
    assert "'x'" in str(odd)
    assert isinstance(none, Failure)


def test_each_line_says_of_which_build_it_is(
    places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = list(_list_targets((), f"{places}/*"))

    def side_by_side(task: Any, keys: Any, at_once: int) -> Any:
        return zip(keys, (["up to date"], Failure("broken", 3)), strict=True)

    monkeypatch.setattr("baocao.project.processes.run_side_by_side", side_by_side)
    order = building.Order(None, building.EngineName.auto, 2)
    assert list(_build_several(targets, order, None)) == [0, 3]
    assert capsys.readouterr().err == "a 2026-Q1: up to date\nb 2026-Q1: broken\n"
