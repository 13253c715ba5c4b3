"""An approval is bound to values, text and notebook, and says itself what changed under it."""

from __future__ import annotations

import json
import shutil
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from baocao.building.movements import find_movements, read_record
from baocao.cli.showing.standings import format_standings
from baocao.project.errors import TraceError, UsageError
from baocao.project.folder import Project
from baocao.project.hashes import hash_file
from baocao.project.keys import read_key
from baocao.project.periods import Period
from baocao.reviewing import signing
from baocao.reviewing.signing import list_standings, sign
from baocao.tracing.record import CitationMention, Mention, TraceRecord, dump_trace
from baocao.values.nodes import Node

ROOT = Path(__file__).parents[3]
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
            self.notebook(name, "1 + 1")
        self.raw = root / "data" / "raw" / "2026-Q1"
        self.raw.mkdir(parents=True)
        for name, cells in (("a", {"A1": 50, "B1": "Nghị quyết"}), ("b", {"A1": 7})):
            self.submit(name, cells)
        self.write(QMD, {"quyet_dinh": ("57", "57", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")})

    @property
    def project(self) -> Project:
        return Project(self.root)

    def notebook(self, name: str, source: str, **more: object) -> None:
        content = json.dumps({"cells": [{"cell_type": "code", "source": [source], **more}]})
        path = self.root / "notebooks" / "mau" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def write(self, text: str, values: dict[str, tuple[str, str, str]]) -> None:
        (self.output / "mau.qmd").write_text(text, encoding="utf-8")
        mentions = [
            {
                "id": f"m_{value}",
                "report": "mau",
                "section": section,
                "value": value,
                "printed": printed,
                "context": "",
            }
            for value, (_, printed, section) in values.items()
        ]
        nodes = {
            v: {
                "number": n,
                "unit": "",
                "op": "sum",
                "sources": [["k", "A", "term"]] if v == "quyet_dinh" else [],
            }
            for v, (n, _, _) in values.items()
        }
        data = {
            "schema": 2,
            "period": "2026-Q1",
            "reports": ["mau"],
            "values": nodes,
            "blocks": {"k": [["a.xlsx", "s", 1, 1], ["b.xlsx", "s", 1, 1]]},
            "mentions": mentions,
            "citations": [
                {"id": "c", "report": "mau", "section": "I.2", "printed": "", "cells": ["a.xlsx#s!B1"]}
            ],
            "charts": [],
            "files": {path.name: hash_file(path) for path in self.raw.iterdir()},
        }
        (self.output / "mau.trace.json").write_text(json.dumps(data), encoding="utf-8")

    def submit(self, name: str, cells: dict[str, object]) -> None:
        book = openpyxl.Workbook()
        book.active.title = "s"
        for address, value in cells.items():
            book.active[address] = value
        book.save(self.raw / f"{name}.xlsx")

    def rebuild(self) -> None:
        self.write(QMD, {"quyet_dinh": ("57", "57", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")})

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
    assert list(format_standings(list_standings(built.project, PERIOD))) == [
        "sign-off: 1 signed, 0 stale, 2 open"
    ]


def test_a_changed_value_makes_it_stale_and_names_both_numbers(built):
    sign(built.project, PERIOD, "mau/I.1", by="B")
    sign(built.project, PERIOD, "mau/I.2", by="B")
    signed = (built.output / "signoff.json").read_bytes()
    built.write(
        QMD.replace("[57]", "[59]"), {"quyet_dinh": ("59", "59", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")}
    )
    states = built.states()
    assert states["mau/I.1"] == ("stale", ("quyet_dinh: 57 → 59",))
    assert states["mau/I.2"] == ("signed", ())
    # Reading has written nothing: a tree that is clean for issuing stays so.
    assert (built.output / "signoff.json").read_bytes() == signed
    # The number of before brings the approval back.
    built.rebuild()
    assert built.states()["mau/I.1"] == ("signed", ())


@pytest.mark.vietnamese
def test_a_cell_that_moves_no_number_is_under_the_approval(built):
    sign(built.project, PERIOD, "I.1", by="B")
    sign(built.project, PERIOD, "I.2", by="B")
    built.submit("a", {"A1": 49, "B1": "Nghị quyết"})
    built.submit("b", {"A1": 8})
    for _ in range(2):  # before the next build and after it
        assert built.states()["mau/I.1"] == ("stale", ("ô nguồn đã thay đổi trong a.xlsx, b.xlsx",))
        assert built.states()["mau/I.2"] == ("signed", ())
        built.rebuild()


@pytest.mark.vietnamese
def test_a_row_of_the_register_is_under_the_approval(built):
    sign(built.project, PERIOD, "I.2", by="B")
    built.submit("a", {"A1": 50, "B1": "Quyết định"})
    assert built.states()["mau/I.2"] == ("stale", ("ô nguồn đã thay đổi trong a.xlsx",))


def test_what_changes_nothing_that_was_approved_leaves_it_signed(built):
    sign(built.project, PERIOD, "I.1", by="B")
    # Saved by another program, with another cell filled that nobody reads, and a notebook opened and run.
    built.submit("a", {"A1": 50.0, "B1": "Nghị quyết", "D9": "ghi chú"})
    built.notebook("01-cong-bo", "1 + 1", outputs=[2], metadata={"x": 1})
    assert built.states()["mau/I.1"] == ("signed", ())


@pytest.mark.vietnamese
def test_a_file_that_is_no_longer_read_is_named(built):
    sign(built.project, PERIOD, "I.1", by="B")
    path = built.output / "mau.trace.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["blocks"]["k"][1][0] = "c.xlsx"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert built.states()["mau/I.1"][1] == ("không còn lấy từ b.xlsx", "lấy thêm từ c.xlsx")


def test_who_approves_the_same_signs_beside_the_others(built):
    sign(built.project, PERIOD, "I.1", by="Trần B", note="đã soát")
    standing = sign(built.project, PERIOD, "I.1", by="Nguyễn Thị Ánh Tuyết")
    assert standing.by == "Trần B; Nguyễn Thị Ánh Tuyết"
    # Signing again, with diacritics spelt the other way, is no second person and loses no note.
    again = sign(built.project, PERIOD, "I.1", by=unicodedata.normalize("NFD", "Trần  B"))
    assert [(one.by, one.note) for one in again.signatures] == [
        ("Nguyễn Thị Ánh Tuyết", ""),
        ("Trần B", "đã soát"),
    ]
    # What they approved is gone: whoever signs now signs alone.
    built.write(
        QMD.replace("[57]", "[59]"), {"quyet_dinh": ("59", "59", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")}
    )
    assert sign(built.project, PERIOD, "I.1", by="C").by == "C"


def test_reviewers_who_sign_at_once_all_have_signed(built):
    names = [f"Người {i}" for i in range(12)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: sign(built.project, PERIOD, f"I.{1 + int(name[-1]) % 2}", by=name), names))
    standings = list_standings(built.project, PERIOD)
    assert sorted(one.by for standing in standings for one in standing.signatures) == sorted(names)


def test_a_submission_newer_than_the_build_cannot_be_signed(built):
    built.submit("a", {"A1": 51, "B1": "Nghị quyết"})
    with pytest.raises(TraceError, match=r"a\.xlsx changed since the build"):
        sign(built.project, PERIOD, "I.1", by="B")


@pytest.mark.vietnamese
def test_a_changed_sentence_is_quoted(built):
    sign(built.project, PERIOD, "I.1", by="B")
    built.write(
        QMD.replace("kịp thời", "chưa kịp thời"),
        {"quyet_dinh": ("57", "57", "I.1"), "tiep_nhan": ("5", "05", "I.2.a")},
    )
    assert built.states()["mau/I.1"][1] == (
        "câu «Việc công khai kịp thời.» → «Việc công khai chưa kịp thời.»",
    )


@pytest.mark.vietnamese
def test_a_changed_notebook_is_named(built):
    sign(built.project, PERIOD, "I.2", by="B")
    built.notebook("02-ho-so", "1 + 2")
    built.notebook("01-cong-bo", "1 + 2")
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


def make_record(numbers, printed=None, citations=(), reports=("a",)):
    return TraceRecord(
        "2026-Q1",
        reports,
        {key: Node(Fraction(number), "", "sum") for key, number in numbers.items()},
        {},
        (Mention("m", "a", "I", "x", printed, ""),) if printed else (),
        tuple(CitationMention(f"c_{i}", "a", "I", text, ()) for i, text in enumerate(citations)),
        (),
        {},
    )


def test_moved_values_are_listed_as_printed(tmp_path):
    old = make_record({"x": "5", "y": "1/2", "sum_0123456789": "1", "z": "3"}, "05")
    numbers = {"x": "7", "y": "3/4", "sum_0123456789": "2"}
    new = make_record(numbers, "07")
    assert [str(one) for one in find_movements(old, new)] == ["x: 05 → 07", "y: 0.5 → 0.75", "z: 3 → -"]
    assert find_movements(new, new) == []
    # A citation before the others gives them new ids, and has alone come; one that reads otherwise has moved.
    cited, more, other = (
        make_record(numbers, "07", texts)
        for texts in (["1/QĐ", "2/QĐ", "3/QĐ"], ["0/QĐ", "1/QĐ", "2/QĐ", "3/QĐ"], ["1/QĐ", "2/KH", "3/QĐ"])
    )
    assert [str(one) for one in find_movements(cited, more)] == ["c_0: - → 0/QĐ"]
    assert [str(one) for one in find_movements(cited, other)] == ["c_1: 2/QĐ → 2/KH"]
    # A report that was not built the time before has not moved.
    both = make_record(numbers, "07", reports=("a", "b"))
    assert [one.id for one in find_movements(old, both)] == ["x", "y"]
    path = tmp_path / "trace.json"
    assert read_record(path) is None
    path.write_text("{", encoding="utf-8")
    assert read_record(path) is None
    path.write_text(dump_trace(both), encoding="utf-8")
    assert read_record(path) == both


def _edit(built, alter, *, seal=False):
    path = built.output / signing.FILE
    data = json.loads(path.read_text(encoding="utf-8"))
    alter(data["sections"]["mau/I.1"])
    if seal:
        for name, one in data["sections"].items():
            one["seal"] = signing._seal(name, one)
    path.write_text(json.dumps(data), encoding="utf-8")


def _rename(entry):
    entry["signatures"][0]["by"] = "Lê Văn C"


def _antedate(entry):
    entry["signatures"][0]["at"] = "2026-01-01"


def _add(entry):
    entry["signatures"].append({"by": "Lê Văn C", "at": "2026-03-20", "note": ""})


@pytest.mark.parametrize("alter", [_rename, _antedate, _add, lambda entry: entry.pop("seal")])
def test_a_sign_off_edited_by_hand_is_told(built, alter):
    sign(built.project, PERIOD, "I.1", by="Trần Thị B")
    _edit(built, alter)
    with pytest.raises(TraceError, match=r"edited by hand: mau/I\.1"):
        list_standings(built.project, PERIOD)


def test_who_makes_the_seal_anew_is_seen_where_a_key_has_signed(built, tmp_path, make_p12):
    (tmp_path / "key.p12").write_bytes(make_p12())
    key = read_key(tmp_path / "key.p12")
    standing = sign(built.project, PERIOD, "I.1", by="Trần Thị B", signing_key=key)
    assert standing.signatures[0].signer == "Nguyễn Văn A"
    sign(built.project, PERIOD, "I.1", by="Lê Văn C")
    assert [one.signer for one in list_standings(built.project, PERIOD)[1].signatures] == ["Nguyễn Văn A", ""]
    _edit(built, _antedate, seal=True)
    with pytest.raises(TraceError, match=r"mau/I\.1 \(Trần Thị B\)"):
        list_standings(built.project, PERIOD)


def test_approvals_of_the_schema_before_still_count(built):
    sign(built.project, PERIOD, "I.1", by="Trần Thị B")
    path = built.output / signing.FILE
    data = json.loads(path.read_text(encoding="utf-8"))
    data["schema"] = 2
    for one in data["sections"].values():
        del one["seal"]
        one["signatures"] = [
            {name: each[name] for name in ("by", "at", "note")} for each in one["signatures"]
        ]
    path.write_text(json.dumps(data), encoding="utf-8")
    assert [one.state for one in list_standings(built.project, PERIOD)][1] == "signed"
    sign(built.project, PERIOD, "I.2", by="Trần Thị B")
    assert json.loads(path.read_text(encoding="utf-8"))["schema"] == signing.SCHEMA
