"""The command line in both languages: help, faults of the arguments, and what it costs to begin."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from baocao.cli.commands import app
from baocao.cli.faults import UsageFault, format_fault
from baocao.cli.language import take_language
from baocao.cli.stages import Stage
from baocao.project.language import VARIABLE, language_in_force

REPOSITORY = Path(__file__).resolve().parents[3]
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]|[àáãèéìíòóõùúýÀÁÃÈÉÌÍÒÓÕÙÚÝ]")
COMMANDS = list(get_command(app).commands)
# What stands in a Vietnamese help besides Vietnamese: names of commands, options, files and formats.
NAMES = re.compile(
    r"'[^']*'|--?[\w-]+|[\w./#!|]*[A-Z0-9_./#|][\w./#!|]*|\b(?:baocao|auto|quarto|embedded|en|vi|docx|xlsx|md|txt|git)\b"
)
ENGLISH = re.compile(
    r"\b(?:the|of|and|with|not|is|are|this|what|from|every|file|usage|options|arguments|error|missing|should|valid|unable|as)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_every_help_speaks_one_language(command, capsys):
    argv = [command, "--help"] if command else ["--help"]
    app(["--lang", "en", *argv], standalone_mode=False)
    english = capsys.readouterr().out
    app([*argv, "--lang=vi"], standalone_mode=False)
    vietnamese = capsys.readouterr().out
    assert english.startswith("Usage: ")
    assert not VIETNAMESE.search(english)
    assert vietnamese.startswith("Cách dùng: ")
    assert not ENGLISH.search(NAMES.sub("", re.sub(rf"\b(?:{'|'.join(COMMANDS)})\b", "", vietnamese))), (
        vietnamese
    )
    # One paragraph or entry in one language is one in the other.
    assert len(re.findall(r"^  ?-", english, re.MULTILINE)) == len(
        re.findall(r"^  ?-", vietnamese, re.MULTILINE)
    )


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["buidl"],
        ["nonsense"],
        ["check"],
        ["build", "2026-Q1", "--nonsense"],
        ["build", "2026-Q1", "--jbos", "1"],
        ["check", "2026-Q1", "more"],
        ["build", "2026-Q1", "--jobs"],
        ["build", "2026-Q1", "--jobs", "many"],
        ["build", "2026-Q1", "--jobs", "0"],
        ["build", "2026-Q1", "--engine", "none"],
        ["check", "2026-Q1", "--json=yes"],
    ],
)
def test_every_fault_of_the_arguments_speaks_one_language(argv, capsys):
    said = {}
    for language in ("en", "vi"):
        try:
            app(["--lang", language, *argv], standalone_mode=False)
            said[language] = capsys.readouterr().out
        except UsageFault as fault:
            said[language] = format_fault(fault) if argv else str(fault)
    assert not VIETNAMESE.search(said["en"])
    assert VIETNAMESE.search(said["vi"].splitlines()[-1])
    assert argv == [] or not ENGLISH.search(NAMES.sub("", said["vi"])), said["vi"]


def test_a_language_that_nobody_speaks_is_refused():
    ended = run("--lang", "fr", "--help")
    assert ended.returncode == 2
    assert "'fr'" in ended.stderr
    assert "en, vi" in ended.stderr


@pytest.mark.parametrize(
    ("args", "language"),
    [
        (["init", "p", "--house", "plain"], "en"),
        (["init", "p"], "en"),
        (["init", "p", "--house=nd30"], "vi"),
        (["init", "p", "--lang", "vi"], "vi"),
        (["init", "--help"], "vi"),
        (["collect", "2026-Q1", "init"], "vi"),
    ],
)
def test_a_project_is_begun_in_the_language_of_its_house_wherever_that_is_done(args, language, monkeypatch):
    monkeypatch.setenv("BAOCAO_ROOT", str(REPOSITORY))
    monkeypatch.delenv("BAOCAO_LANG", raising=False)
    take_language(args)
    assert language_in_force() == language


def test_every_command_belongs_to_a_stage():
    assert {command.rich_help_panel for command in get_command(app).commands.values()} <= {
        stage.value for stage in Stage
    }


def test_help_loads_nothing_heavy():
    heavy = (
        "rich",
        "pydantic",
        "pandas",
        "pyarrow",
        "yaml",
        "matplotlib",
        "papermill",
        "nbformat",
        "babel",
        "baocao.project.periods",
    )
    code = f"import sys; sys.argv = ['baocao', '--help']\ntry:\n import baocao.cli.commands as c; c.main()\nexcept SystemExit: pass\nprint([n for n in {heavy!r} if n in sys.modules], file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, VARIABLE: "en"},
    )
    assert ended.stderr.strip() == "[]"


def test_json_is_all_that_stdout_gets():
    ended = run("values", "2050-Q1", "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "2050-Q1" in ended.stderr


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "baocao", *argv], capture_output=True, text=True, check=False, timeout=60
    )
