"""An answer is given again only where every file is as it was when the same was asked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from baocao.cli import answers
from baocao.cli.answers import Question

ARGV = ["build", "2026-Q1"]
OLD_NS = 1_700_000_000_000_000_000


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Files of a test are young: let the clock of the question be ahead of theirs.
    monkeypatch.setattr(answers.time, "time_ns", lambda: 2**62)
    for name in (
        "params/place.yaml",
        "data/raw/2026-Q1/a.xlsx",
        "notebooks/a/01.ipynb",
        "reports/2026-Q1/a.docx",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first", encoding="utf-8")
    Question(ARGV, str(tmp_path)).remember(["nothing new"], ["reports/2026-Q1"])
    return tmp_path


def recall(root: Path, argv: list[str] = ARGV) -> list[str] | None:
    return Question(argv, str(root)).recall()


def test_the_same_question_has_the_same_answer(root: Path) -> None:
    assert recall(root) == ["nothing new"]
    assert recall(root, [*ARGV, "--report", "a"]) is None


CHANGES: dict[str, Callable[[Path], object]] = {
    "a submission": lambda root: (root / "data/raw/2026-Q1/a.xlsx").write_text("other"),
    "the same size and time": lambda root: rewrite(root / "data/raw/2026-Q1/a.xlsx"),
    "a new submission": lambda root: (root / "data/raw/2026-Q1/b.xlsx").write_text("new"),
    "a submission gone": lambda root: (root / "data/raw/2026-Q1/a.xlsx").unlink(),
    "another period": lambda root: (
        (root / "data/raw/2025-Q4").mkdir() or (root / "data/raw/2025-Q4/a").touch()
    ),
    "parameters": lambda root: (root / "params/place.yaml").write_text("other"),
    "a notebook": lambda root: (root / "notebooks/a/01.ipynb").write_text("other"),
    "a document edited by hand": lambda root: (root / "reports/2026-Q1/a.docx").write_text("other"),
    "a document gone": lambda root: (root / "reports/2026-Q1/a.docx").unlink(),
    "a lock": lambda root: (root / "requirements.lock").touch(),  # there was none
}


def test_files_that_were_only_touched_change_nothing(root: Path) -> None:
    paths = [root / "params/place.yaml", root / "data/raw/2026-Q1/a.xlsx", root / "reports/2026-Q1/a.docx"]
    for path in paths:
        os.utime(path, ns=(OLD_NS, OLD_NS))
    assert recall(root) == ["nothing new"]
    for path in paths:
        os.utime(path, ns=(OLD_NS + 1, OLD_NS + 1))
    paths[1].write_text("FIRST", encoding="utf-8")
    assert recall(root) is None


def test_what_was_changed_under_a_command_is_not_what_it_answered(root: Path) -> None:
    argv = [*ARGV, "-j", "1"]
    asked = Question(argv, str(root))
    path = root / "data/raw/2026-Q1/a.xlsx"
    rewrite(path)
    asked.remember(["of the first"], [])
    assert recall(root, argv) is None
    path.touch()
    assert recall(root, argv) is None


def rewrite(path: Path) -> None:
    times = path.stat()
    path.write_text("FIRST", encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_asks_the_command(root: Path, change: str) -> None:
    CHANGES[change](root)
    assert recall(root) is None


def test_a_variable_of_ours_is_part_of_the_question(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOCAO_LANG", "fr")
    assert recall(root) is None


def test_what_a_command_writes_by_the_way_changes_nothing(root: Path) -> None:
    (root / "reports/2026-Q1/build.log").write_text("x", encoding="utf-8")
    (root / "data/raw/__pycache__").mkdir()
    (root / "data/raw/__pycache__/a.pyc").touch()
    assert recall(root) == ["nothing new"]


def test_a_file_that_was_written_just_now_is_not_trusted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = (root / "params/place.yaml").stat().st_ctime_ns
    monkeypatch.setattr(answers.time, "time_ns", lambda: changed + 1)
    argv = [*ARGV, "-j", "1"]
    Question(argv, str(root)).remember(["x"], [])
    assert recall(root, argv) is None


def test_a_damaged_answer_is_none(root: Path) -> None:
    for path in (root / "data/processed/answers").iterdir():
        path.write_text("{", encoding="utf-8")
    assert recall(root) is None


def test_an_answer_loads_nothing_heavy(root: Path) -> None:
    """What is loaded, not how long it takes: a clock would depend on the machine."""
    script = (
        "import sys; from baocao.cli import answers\n"
        "answers.time.time_ns = lambda: 2**62\n"
        "sys.argv = ['baocao', 'build', '2026-Q1', '--root', sys.argv[1]]\n"
        "answers.recall(sys.argv[1:]); answers.remember(['nothing new'], ['reports/2026-Q1'])\n"
        "from baocao.cli.main import main\n"
        "try: main()\n"
        "finally: print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == "nothing new\n"
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.startswith("baocao.")}
    assert ours == {"baocao.cli", "baocao.cli.answers", "baocao.cli.main"}
    assert not loaded & {
        "typer",
        "rich",
        "pandas",
        "papermill",
        "pyarrow",
        "pydantic",
        "numpy",
        "yaml",
        "asyncio",
    }
