"""Engines and the programs they start; Quarto is played by a script."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import time
from pathlib import Path

import pytest

from baocao.documents.engines.choosing import choose_engine
from baocao.documents.engines.quarto import QuartoEngine
from baocao.documents.rendering import render_report
from baocao.project.errors import RenderError, ToolError, ToolMissingError
from baocao.project.processes import run

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "reports" / "_extensions" / "nd30"
SAMPLE = ROOT / "tests" / "data" / "rendering" / "sample.qmd"

SCRIPT = r"""#!/bin/sh
''':'
exec "{python}" "$0" "$@"
'''
import json, os, sys
from pathlib import Path
mode = os.environ.get("FAKE_MODE", "fine")
if sys.argv[1:] == ["--version"]:
    print(os.environ.get("FAKE_VERSION", "1.10.18")); sys.exit(1 if mode == "broken" else 0)
if sys.argv[2:] == ["--version"]:
    said = {{"pandoc": "pandoc 3.10.1\nFeatures: +lua", "typst": "typst 0.15.1 (abc)"}}[sys.argv[1]]
    print(said, file=sys.stderr if sys.argv[1] == "typst" else sys.stdout); sys.exit()
keys = ["SOURCE_DATE_EPOCH", "TYPST_IGNORE_SYSTEM_FONTS", "NO_COLOR", "TZ", "QUARTO_LOG_LEVEL", "QUARTO_PROFILE"]
if os.environ.get("QUARTO_LOG_LEVEL") == "error" and mode in ("warns", "pandoc-warns", "warns-at-length"):
    mode = "fine"
record = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "env": {{k: os.environ.get(k) for k in keys}}}}
with open(os.environ["FAKE_LOG"], "a") as log:
    log.write(json.dumps(record) + "\n")
to, folder = sys.argv[sys.argv.index("--to") + 1], Path(sys.argv[sys.argv.index("--output-dir") + 1])
suffix = {{"docx": "docx", "typst": "pdf", "html": "html"}}[to.split("-")[1]]
print("pandoc\n  to: docx\n  title: WARNING là một chữ trong tên", file=sys.stderr)
if mode == "fails":
    for option in ["to", "output-file", "standalone", "embed-resources", "wrap", "default-image-extension"]:
        print("  " + option + ": x", file=sys.stderr)
    print("\x1b[91mERROR: YAML validation failed\n  line 3: expected a list\x1b[39m\n\nStack trace:", file=sys.stderr)
    for line in range(9):
        print("    at async render (file:///opt/quarto.js:%d:1)" % line, file=sys.stderr)
    sys.exit(1)
if mode == "warns-at-length":
    print("WARNING (x.lua:12) the first line\nthe second line\n", file=sys.stderr)
if to.endswith("typst") and mode != "verapdf":
    print("WARN: PDF standard validation requested but verapdf is not installed.\n  Install with: quarto install verapdf\n", file=sys.stderr)
if mode == "warns":
    print("\x1b[33mWARNING (x.lua:12) Unable to resolve crossref @tbl-x\x1b[39m", file=sys.stderr)
if mode == "pandoc-warns":
    print("[WARNING] Could not fetch resource hinh/x.png", file=sys.stderr)
if mode != "silent":
    (folder / sys.argv[2]).with_suffix("." + suffix).write_text(to)
print("Output created: x", file=sys.stderr)
"""


@pytest.fixture
def quarto(tmp_path, monkeypatch):
    """Put a `quarto` on PATH that writes down how it was called."""
    folder = tmp_path / "chương trình"
    folder.mkdir()
    program = folder / "quarto"
    program.write_text(SCRIPT.format(python=sys.executable), "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    monkeypatch.delenv("FAKE_MODE", raising=False)
    return lambda: [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "nguồn có dấu cách"
    folder.mkdir()
    path = folder / "báo cáo quý.qmd"
    path.write_text("Một.\n", "utf-8")
    return path


class TestChoice:
    def test_auto_takes_quarto_where_it_is_new_enough(self, quarto):
        engine = choose_engine("auto")
        assert (engine.name, engine.versions) == (
            "quarto",
            {"quarto": "1.10.18", "pandoc": "3.10.1", "typst": "0.15.1"},
        )

    @pytest.mark.parametrize("version", ["1.9.37", "0.99", ""])
    def test_auto_leaves_an_old_one(self, quarto, monkeypatch, version):
        monkeypatch.setenv("FAKE_VERSION", version)
        assert choose_engine("auto").name == "embedded"
        with pytest.raises(
            ToolMissingError, match=r"too old: install 1\.10 or newer, or use --engine embedded"
        ):
            choose_engine("quarto")

    def test_newer_versions_count_as_numbers(self, quarto, monkeypatch):
        monkeypatch.setenv("FAKE_VERSION", "2.0.1")
        assert choose_engine("auto").name == "quarto"

    def test_broken_one(self, quarto, monkeypatch):
        monkeypatch.setenv("FAKE_MODE", "broken")
        assert choose_engine("auto").name == "embedded"
        with pytest.raises(ToolError):
            choose_engine("quarto")

    def test_what_auto_found_is_told(self, quarto, monkeypatch):
        told = []
        choose_engine("auto", told.append)
        monkeypatch.setenv("FAKE_VERSION", "1.9.37")
        choose_engine("auto", told.append)
        assert "Quarto 1.10.18 renders" in told[0]
        assert "1.9.37" in told[1]
        assert "passed over" in told[1]

    def test_absent(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        told = []
        assert choose_engine("auto", told.append).name == "embedded"
        assert told == []
        with pytest.raises(ToolMissingError, match="not on PATH: install Quarto"):
            choose_engine("quarto")

    def test_embedded_is_told_its_versions(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))  # the program of the wheel, not one on PATH
        versions = choose_engine("embedded").versions
        assert sorted(versions) == ["pandoc", "typst"]
        assert all(value[0].isdigit() for value in versions.values())


class TestQuarto:
    def test_one_call_a_format(self, quarto, source, tmp_path):
        output = tmp_path / "đầu ra"
        output.mkdir()
        found = QuartoEngine().render(source, EXTENSION, output, formats=["docx", "pdf", "html"], epoch=7)
        assert {kind: path.read_text() for kind, path in found.items()} == {
            "docx": "nd30-docx",
            "pdf": "nd30-typst",
            "html": "nd30-html",
        }
        assert [call["argv"] for call in quarto()] == [
            ["render", source.name, "--to", f"nd30-{writer}", "--output-dir", str(output)]
            for writer in ("docx", "typst", "html")
        ]
        for call in quarto():
            assert Path(call["cwd"]) == source.parent
            assert call["env"] == {
                "SOURCE_DATE_EPOCH": "7",
                "TYPST_IGNORE_SYSTEM_FONTS": "1",
                "NO_COLOR": "1",
                "TZ": "UTC",
                "QUARTO_LOG_LEVEL": None,
                "QUARTO_PROFILE": None,
            }

    @pytest.mark.parametrize(
        ("mode", "error", "said"),
        [
            (
                "fails",
                ToolError,
                "^Quarto could not write docx: ERROR: YAML validation failed\n  line 3: expected a list\n'--engine embedded'",
            ),
            ("warns-at-length", ToolError, "the first line\nthe second line\n'--engine embedded'"),
            ("warns", ToolError, "Unable to resolve crossref"),
            ("pandoc-warns", ToolError, "Could not fetch resource"),
            ("silent", RenderError, r"wrote no báo cáo quý\.docx"),
        ],
    )
    def test_faults(self, quarto, source, tmp_path, monkeypatch, mode, error, said):
        monkeypatch.setenv("FAKE_MODE", mode)
        with pytest.raises(error, match=f"(?s){said}") as caught:
            QuartoEngine().render(source, EXTENSION, tmp_path, formats=["docx"], epoch=7)
        assert "\x1b" not in str(caught.value)

    def test_settings_of_the_user_hide_no_fault(self, quarto, source, tmp_path, monkeypatch):
        monkeypatch.setenv("FAKE_MODE", "warns")
        monkeypatch.setenv("QUARTO_LOG_LEVEL", "error")
        monkeypatch.setenv("QUARTO_PROFILE", "x")
        with pytest.raises(ToolError, match="Unable to resolve crossref"):
            QuartoEngine().render(source, EXTENSION, tmp_path, formats=["docx"], epoch=7)

    def test_without_verapdf_it_renders_all_the_same(self, quarto, source, tmp_path):
        found = QuartoEngine().render(source, EXTENSION, tmp_path, formats=["pdf"], epoch=7)
        assert found["pdf"].read_text() == "nd30-typst"

    def test_what_it_wrote_is_inspected_too(self, quarto, source, tmp_path):
        with pytest.raises(RenderError, match="cannot be read back"):
            render_report(
                source, tmp_path / "ra", reports_dir=ROOT / "reports", engine=QuartoEngine(), epoch=7
            )
        assert not (tmp_path / "ra").exists()

    @pytest.mark.external
    @pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not installed")
    def test_real_one_renders_the_sample(self, tmp_path):
        found = render_report(SAMPLE, tmp_path, reports_dir=ROOT / "reports", engine=QuartoEngine(), epoch=7)
        ours = render_report(
            SAMPLE, tmp_path / "e", reports_dir=ROOT / "reports", engine=choose_engine("embedded"), epoch=7
        )
        if QuartoEngine().versions.get("pandoc") == choose_engine("embedded").versions["pandoc"]:
            assert found["docx"].read_bytes() == ours["docx"].read_bytes()


class TestTool:
    def test_no_shell_reads_the_arguments(self, tmp_path):
        assert run(["printf", "%s|", "$HOME; ls", "một hai"], cwd=tmp_path).stdout == "$HOME; ls|một hai|"

    def test_stderr_is_kept_without_colours(self, tmp_path):
        code = r"import sys; sys.stderr.write('\x1b[31mđỏ\x1b[0m'); sys.exit(3)"
        with pytest.raises(ToolError, match="exit code 3: đỏ") as caught:
            run([sys.executable, "-X", "utf8", "-c", code], cwd=tmp_path)
        assert caught.value.stderr == "đỏ"
        assert caught.value.exit_code == 3

    def test_missing_program(self, tmp_path):
        with pytest.raises(ToolMissingError, match="khong-co cannot be started"):
            run(["khong-co"], cwd=tmp_path)

    def test_time_limit_ends_children_too(self, tmp_path):
        start = time.monotonic()
        with pytest.raises(ToolError, match=r"did not end within 0\.5 s"):
            run(["sh", "-c", "sleep 30 & sleep 30"], cwd=tmp_path, time_limit=0.5)
        assert time.monotonic() - start < 10
