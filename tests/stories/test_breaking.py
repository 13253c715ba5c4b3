"""What goes wrong: bad submissions, failing sections, killed builds, two builds at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from docx import Document

PERIOD = "2026-Q1"


@pytest.fixture
def built(light):
    """Give a project of one report: what breaks, breaks there as it does in two."""
    return light


def test_unusable_submissions_stop_the_build_and_all_are_listed(built, edit):
    before = (built.output / "kstthc.docx").read_bytes()
    first, second = built.unit_file("10507"), built.unit_file("H03")
    edit(first, "06a", {"D9": "1.234"})
    second.write_bytes(b"<html><table><tr><td>06a</td></tr></table></html>")
    said = built.build(check=2)
    assert f"don-vi/{first.name}#06a!D9" in said
    assert second.name in said
    findings = built.json("check", PERIOD, check=1)
    errors = [f for f in findings if f["severity"] == "error"]
    assert sorted(f["unit"] for f in errors) == ["10507", "H03"]
    for finding in errors:
        assert finding["cells"]
        assert finding["expected"]
        assert finding["got"]
        assert finding["action"]
    assert (built.output / "kstthc.docx").read_bytes() == before


def test_a_treated_unit_is_left_out_and_the_report_says_so(built, edit):
    path = built.unit_file("10507")
    left_out = built.json("trace", PERIOD, "hoso_xa_tiep_nhan__10507")["values"][0]["number"]
    edit(path, "06a", {"D9": "1.234"})
    built.params('treatments:\n  "10507": {action: exclude, why: "chưa gửi bản sửa"}\n')
    built.build()
    values = built.json("values", PERIOD)
    assert int(values["hoso_xa_tiep_nhan"]["number"]) == 602862 - int(left_out)
    text = "\n".join(p.text for p in Document(built.output / "kstthc.docx").paragraphs)
    assert "Phường Thành Đông" in text
    assert "chưa gửi bản sửa" in text
    findings = built.json("check", PERIOD, check=1)
    assert [f["severity"] for f in findings if f["unit"] == "10507"] == ["warning"]
    assert not [f for f in findings if f["severity"] == "error"]


def test_the_figures_of_the_period_before_can_stand_in(built):
    path = built.unit_file("10507")
    path.unlink()
    assert "10507" in built.build(check=2)
    built.params('treatments:\n  "10507": {action: previous, why: "chưa gửi báo cáo"}\n')
    built.build()
    [value] = built.json("trace", PERIOD, "hoso_xa_tiep_nhan__10507")["values"]
    assert value["cells"]
    assert all(cell["file"].startswith("2025-Q4/don-vi/10507-") for cell in value["cells"])
    assert all(cell["content"] is not None for cell in value["cells"])


def test_a_numeral_without_a_trace_fails_the_build_and_is_named(built):
    path = built.raw / "loi-van" / "kstthc" / "15.md"
    text = path.read_text(encoding="utf-8") + "\n\nĐề nghị bố trí 37 tài khoản.\n"
    path.write_text(text, encoding="utf-8")
    said = built.build(check=1)
    assert "the numeral '37' in V of kstthc" in said
    assert f"loi-van/kstthc/15.md:{len(text.splitlines())}" in said


def test_a_failed_section_keeps_the_others_and_points_at_its_cell(built):
    path = built.root / "notebooks" / "kstthc" / "04-cong-bo.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].source += "\nraise RuntimeError('thiếu dữ liệu')"
    nbformat.write(notebook, path)
    other = built.root / "notebooks" / "kstthc" / "05-don-gian-hoa.ipynb"
    other.write_text(other.read_text(encoding="utf-8").replace("period =", "period  ="), encoding="utf-8")
    said = built.build(check=2)
    assert "04-cong-bo.ipynb, cell 3" not in said or "RuntimeError" in said
    assert "RuntimeError: thiếu dữ liệu" in said
    failed = built.output / "notebooks" / "kstthc" / "04-cong-bo.failed.ipynb"
    assert "thiếu dữ liệu" in failed.read_text(encoding="utf-8")
    assert "kstthc/05-don-gian-hoa: done" in said
    again = built.build(check=2)
    assert "05-don-gian-hoa" not in again


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('period = "2026-Q1"\nyear = 2026', "expected the parameters period"),
        ('quarter = "2026-Q1"', "expected the parameters period"),
    ],
)
def test_a_notebook_with_other_parameters_is_refused(built, source, expected):
    path = built.root / "notebooks" / "kstthc" / "15-kien-nghi.ipynb"
    notebook = nbformat.read(path, as_version=4)
    next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])).source = source
    nbformat.write(notebook, path)
    assert expected in built.build(check=2)


def test_a_notebook_that_stops_its_kernel_has_not_finished(built):
    path = built.root / "notebooks" / "kstthc" / "15-kien-nghi.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(3, nbformat.v4.new_code_cell("import sys\nsys.exit(0)"))
    nbformat.write(notebook, path)
    said = built.build(check=2)
    assert "15-kien-nghi.ipynb" in said


def test_a_killed_build_leaves_nothing_half_written_and_the_next_one_finishes(built):
    reference = {p: p.read_bytes() for p in built.output.rglob("*.ipynb")}
    finished = (built.output / "kstthc.docx").read_bytes()
    shutil.rmtree(built.output)
    with subprocess.Popen(
        [sys.executable, "-m", "baocao", "--root", str(built.root), "build", PERIOD],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 120
        state = built.output / ".state.json"
        while not (state.exists() and state.read_text(encoding="utf-8").count('"source"') > 1):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    for path in built.output.rglob("*.ipynb"):
        if not path.name.startswith("."):
            json.loads(path.read_text(encoding="utf-8"))
    assert not list(built.output.glob("*.docx"))
    said = built.build()
    assert said.count(": done (") < len(reference)
    assert {p: p.read_bytes() for p in built.output.rglob("*.ipynb")} == reference
    assert (built.output / "kstthc.docx").read_bytes() == finished
    assert not list(built.output.rglob(".*.[0-9]*"))


def test_two_builds_at_once_do_not_disturb_each_other(built):
    for path in built.output.glob("notebooks/kstthc/1*.ipynb"):
        path.unlink()
    command = [sys.executable, "-m", "baocao", "--root", str(built.root), "build", PERIOD]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") for _ in range(2)]
    said = [process.communicate(timeout=250)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    ran = [text.count(": done (") for text in said]
    assert min(ran) == 0
    assert "waiting for it" in said[ran.index(0)]


def test_a_word_file_edited_by_hand_is_kept(built):
    path = built.output / "kstthc.docx"
    document = Document(path)
    document.paragraphs[20].add_run(" (đã sửa tay)")
    document.save(path)
    edited = path.read_bytes()
    said = built.build()
    assert "edited by hand" in said
    assert (built.output / "kstthc.edited-1.docx").read_bytes() == edited
    assert path.read_bytes() != edited


def test_losing_what_can_be_made_again_costs_time_and_nothing_else(built):
    before = (built.output / "kstthc.pdf").read_bytes()
    shutil.rmtree(built.root / "data" / "processed")
    (built.output / ".state.json").write_text("{", encoding="utf-8")
    built.build()
    assert (built.output / "kstthc.pdf").read_bytes() == before
