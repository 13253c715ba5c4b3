"""Openings and closings take words, values and targets like every other text."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from baocao.building.stitching import _Fill
from baocao.project.errors import UsageError
from baocao.project.folder import Project
from baocao.project.periods import Period
from baocao.sections.parts import Printed, Text
from baocao.values.nodes import Node

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def fill(tmp_path) -> _Fill:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    own = tmp_path / "params" / "2026-Q1.yaml"
    own.write_text(
        own.read_text(encoding="utf-8") + 'targets: {muc_tieu: {number: 100, unit: "%"}}\n', encoding="utf-8"
    )
    nodes = {"hoso_tong_tiep_nhan": Node(Fraction(142186), "hồ sơ", "cell")}
    return _Fill(Project(tmp_path), Period(2026, 1), nodes)


def runs(fill: _Fill, text: str) -> list[tuple[str, ...]]:
    held, put = fill.hold(text, "00.md", 1)
    return [
        (run.text,) if isinstance(run, Text) else (run.value, run.text)
        for run in put(held)
        if isinstance(run, Text | Printed)
    ]


def test_words_values_and_targets_stand_for_their_names(fill):
    assert runs(fill, "Trong {ky}, tiếp nhận {hoso_tong_tiep_nhan} hồ sơ; phấn đấu {muc_tieu}.") == [
        ("Trong ",),
        ("quý I năm 2026",),
        (", tiếp nhận ",),
        ("hoso_tong_tiep_nhan", "142.186"),
        (" hồ sơ; phấn đấu ",),
        ("muc_tieu", "100%"),
        (".",),
    ]
    assert fill.used == {"hoso_tong_tiep_nhan", "muc_tieu"}
    assert str(fill.nodes["muc_tieu"].basis) == "params/2026-Q1.yaml#targets!muc_tieu"


def test_a_name_that_stands_for_nothing_is_told_with_its_line(fill):
    with pytest.raises(UsageError, match=r"00\.md:3: \{typo\}.*\n00\.md:4: \{kyy\}"):
        fill.hold("Một.\n\nHai {typo}.\nBa {kyy}.", "00.md", 1)


def test_what_is_not_meant_as_a_name_stays(fill):
    assert runs(fill, r"\{ky} và { } và {2}") == [(r"\{ky} và { } và {2}",)]
