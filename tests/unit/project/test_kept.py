"""Parameters kept before a fork are those of the files, or they are not used."""

from __future__ import annotations

import pytest

from baocao.project.errors import ParamsError
from baocao.project.folder import find_project
from baocao.project.kept import _kept, find_params, keep_params
from baocao.project.periods import parse_period


def test_kept_params_are_used_as_long_as_every_file_is_the_same(sandbox) -> None:
    folder, period = sandbox.root / "params", parse_period("2026-Q1")
    try:
        keep_params(folder, period)
        kept = find_params(folder)
        assert find_params(folder) is kept is find_project(sandbox.root).params
        assert {"all_units", "forms", "indicators"} <= vars(kept).keys(), "nothing is left to parse"
        place = folder / "place.yaml"
        before = place.read_bytes()
        place.write_bytes(before + b"\n# seen\n")
        assert find_params(folder) is not kept
        place.write_bytes(before)
        assert find_params(folder) is kept
        (folder / "2026-Q2.yaml").write_text("period: 2026-Q2\n", encoding="utf-8")
        assert find_params(folder) is not kept
    finally:
        _kept.clear()


def test_a_fault_in_the_params_is_told_to_whoever_asks(sandbox) -> None:
    folder = sandbox.root / "params"
    (folder / "forms.yaml").write_text("forms: [", encoding="utf-8")
    try:
        keep_params(folder, parse_period("2026-Q1"))
        with pytest.raises(ParamsError, match=r"forms\.yaml"):
            _ = find_params(folder).forms
        assert find_params(folder).place.name
    finally:
        _kept.clear()
