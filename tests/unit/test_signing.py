"""An approval is bound to values, text and notebook, and says itself what changed under it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from baocao.errors import TraceError, UsageError
from baocao.movements import find_movements, read_numbers
from baocao.periods import Period
from baocao.project import Project
from baocao.signing import list_standings, print_standings, sign

ROOT = Path(__file__).parents[2]
PERIOD = Period(2026, 1)
QMD = """---
title: Thử
---

# I. KẾT QUẢ {#mau_i}

## 1. Công bố {#mau_i1}

Chủ tịch ban hành [57]{#m_mau_i1_01 .so v="quyet_dinh" n="57"} quyết định. Việc công khai kịp thời.

## 2. Hồ sơ {#mau_i2}

Các sở tiếp nhận [05]{#m_mau_i2a_01 .so v="tiep_nhan" n="5"} hồ sơ.
"""


class Built:
    """A project with one report, built by hand."""

    def __init__(self, root: Path) -> None:
        (root / "params").mkdir(parents=True)
        for name in ("place.yaml", "indicators.yaml"):
            shutil.copy(ROOT / "params" / name, root / "params" / name)
        sections = [
            {"key": "I", "heading": "I. KẾT QUẢ"},
            {"key": "I.1", "heading": "1. Công bố", "notebook": "01-cong-bo"},
            {"key": "I.2", "heading": "2. Hồ sơ", "notebook": "02-ho-so"},
        ]
        report = {"title": "Thử", "recipient": ["Bộ"], "copies": [], "signature": [], "sections": sections}
        (root / "params" / "reports.yaml").write_text(json.dumps({"mau": report}), encoding="utf-8")
        self.root = root
        self.output = root / "reports" / "2026-Q1"
        self.output.mkdir(parents=True)
        for name in ("01-cong-bo", "02-ho-so"):
            self.notebook(name, "{}")
        self.write(QMD, {"quyet_dinh": ("57", "57", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")})

    @property
    def project(self) -> Project:
        return Project(self.root)

    def notebook(self, name: str, content: str) -> None:
        path = self.root / "notebooks" / "mau" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def write(self, text: str, values: dict[str, tuple[str, str, str]]) -> None:
        (self.output / "mau.qmd").write_text(text, encoding="utf-8")
        mentions = [
            {"id": f"m_{value}", "report": "mau", "section": section, "value": value, "printed": printed}
            for value, (_, printed, section) in values.items()
        ]
        data = {
            "values": {v: {"number": n} for v, (n, _, _) in values.items()},
            "mentions": mentions,
            "charts": [],
        }
        (self.output / "mau.trace.json").write_text(json.dumps(data), encoding="utf-8")

    def states(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        return {one.section: (one.state, one.why) for one in list_standings(self.project, PERIOD)}


@pytest.fixture
def built(tmp_path) -> Built:
    return Built(tmp_path / "dự án")


def test_a_section_is_open_then_signed(built):
    assert {state for state, _ in built.states().values()} == {"open"}
    assert not (built.output / "signoff.json").exists()
    standing = sign(built.project, PERIOD, "I.1", by=" Trần B ", note="đã soát")
    assert (standing.section, standing.state, standing.by) == ("mau/I.1", "signed", "Trần B")
    states = built.states()
    assert [states[f"mau/{key}"][0] for key in ("I", "I.1", "I.2")] == ["open", "signed", "open"]
    assert print_standings(list_standings(built.project, PERIOD)) == ["sign-off: 1 signed, 0 stale, 2 open"]


def test_a_changed_value_makes_it_stale_and_names_both_numbers(built):
    sign(built.project, PERIOD, "mau/I.1", by="B")
    sign(built.project, PERIOD, "mau/I.2", by="B")
    built.write(
        QMD.replace("[57]", "[59]"), {"quyet_dinh": ("59", "59", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")}
    )
    states = built.states()
    assert states["mau/I.1"] == ("stale", ("quyet_dinh: 57 → 59",))
    assert states["mau/I.2"] == ("signed", ())
    [entry] = [
        e
        for e in json.loads((built.output / "signoff.json").read_text())["sections"].values()
        if "state" in e
    ]
    assert (entry["state"], entry["why"]) == ("stale", "quyet_dinh: 57 → 59")
    # The number of before brings the approval back.
    built.write(QMD, {"quyet_dinh": ("57", "57", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")})
    assert built.states()["mau/I.1"] == ("signed", ())
    assert '"state"' not in (built.output / "signoff.json").read_text()


def test_a_changed_sentence_is_quoted(built):
    sign(built.project, PERIOD, "I.1", by="B")
    built.write(
        QMD.replace("kịp thời", "chưa kịp thời"),
        {"quyet_dinh": ("57", "57", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")},
    )
    assert built.states()["mau/I.1"][1] == (
        "câu «Việc công khai kịp thời.» → «Việc công khai chưa kịp thời.»",
    )


def test_a_changed_notebook_is_named(built):
    sign(built.project, PERIOD, "I.2", by="B")
    built.notebook("02-ho-so", "{ }")
    built.notebook("01-cong-bo", "{ }")
    assert built.states()["mau/I.2"] == ("stale", ("sổ tính mau/02-ho-so.ipynb đã thay đổi",))


def test_a_notebook_newer_than_the_build_cannot_be_signed(built):
    (built.output / "run.json").write_text(
        json.dumps({"notebooks": {"mau/01-cong-bo": "0" * 64}}), encoding="utf-8"
    )
    with pytest.raises(TraceError, match="changed since the build"):
        sign(built.project, PERIOD, "I.1", by="B")


def test_nobody_nothing_and_a_forged_approval_are_refused(built):
    with pytest.raises(UsageError):
        sign(built.project, PERIOD, "I.1", by=" ")
    with pytest.raises(UsageError, match=r"mau/I\.2"):
        sign(built.project, PERIOD, "I.9", by="B")
    sign(built.project, PERIOD, "I.1", by="B")
    path = built.output / "signoff.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"57"', '"59"'), encoding="utf-8")
    with pytest.raises(TraceError, match="hash"):
        list_standings(built.project, PERIOD)


def test_the_same_approvals_give_the_same_bytes(built):
    sign(built.project, PERIOD, "I.1", by="B")
    sign(built.project, PERIOD, "I.2", by="B")
    first = (built.output / "signoff.json").read_bytes()
    (built.output / "signoff.json").unlink()
    sign(built.project, PERIOD, "I.2", by="B")
    sign(built.project, PERIOD, "I.1", by="B")
    assert (built.output / "signoff.json").read_bytes() == first


def test_moved_values_are_listed_as_printed(tmp_path):
    old = {
        "reports": ["a"],
        "values": {
            "x": {"number": "5"},
            "y": {"number": "1/2"},
            "sum_0123456789": {"number": "1"},
            "z": {"number": "3"},
        },
        "mentions": [{"value": "x", "printed": "05"}],
    }
    new = {
        "reports": ["a"],
        "values": {"x": {"number": "7"}, "y": {"number": "3/4"}, "sum_0123456789": {"number": "2"}},
        "mentions": [{"value": "x", "printed": "07"}],
    }
    assert [str(one) for one in find_movements(old, new)] == ["x: 05 → 07", "y: 0.5 → 0.75", "z: 3 → -"]
    assert find_movements(new, new) == []
    # A report that was not built the time before has not moved.
    assert [one.id for one in find_movements(old, {**new, "reports": ["a", "b"]})] == ["x", "y"]
    path = tmp_path / "trace.json"
    assert read_numbers(path) is None
    path.write_text("{", encoding="utf-8")
    assert read_numbers(path) is None
