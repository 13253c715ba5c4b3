"""README is true: what it tells people to type is typed, on a project of two units."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from baocao.cli.commands import _run
from baocao.editions.issuing import CODE
from baocao.intake.owncode import put_code
from baocao.intake.starting import start_project
from baocao.project.house import find_house
from baocao.project.periods import parse_period

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"`((?:baocao|make report|papermill) [^`…]+)`", README)
PERIOD = parse_period("2026-Q1")
# The project that is begun with 'init --house nd30' has two units and one section; in README stand those of a whole city.
STANDS_FOR = {
    "kstthc/07-ho-so": "hoso/01-ho-so",
    "kstthc/I.7": "hoso/I",
    "kstthc": "hoso",
    "don-vi/10507-phuong-thanh-dong.xlsx#06a!C10": "don-vi/10001-xa-mau-mot.xlsx#ho-so!B8",
    "don-vi/H01-so-noi-vu.xlsx#06a!D9": "don-vi/10001-xa-mau-mot.xlsx#ho-so!B7",
    "H01": "10001",
    "142.186": "7.296",
    "97,15%": "95,08%",
    "FOLDER": "forms/2026-Q2",
    "FILE.zip": "reports/2026-Q1/mau-2026-Q1-1.zip",
    "NAME": "'Nguyễn Văn A'",
    "bao-cao.docx": "reports/2026-Q1/hoso.docx",
    "published.docx": "reports/2026-Q1/hoso.docx",
}
# Where the project has nothing of what is asked: refused in words, with what to do.
REFUSED = {
    "make report PERIOD=2026-H1": "params/2026-H1.yaml",
    "baocao issue 2026-Q1 --correction": "there is nothing to correct",
}
# An archive is not believed before it is made again, which --run-code does: 1 as well.
# Findings in blank forms that came back as they went out, and between periods.
FINDINGS = ("baocao collect", "baocao diff", "baocao compare", "baocao audit FILE.zip")
# Minutes each, and the whole of other stories.
ELSEWHERE = {"--run-code": "test_auditor.py", "--all": "test_auditor.py"}


def read_recipe(target: str) -> list[str]:
    """Read what ``make`` does: its commands, without the program's folder."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    return [line.strip().removeprefix("$(BIN)/") for line in recipe.splitlines()]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project of two periods, in git, with its code; its report is built."""
    house = find_house("nd30")
    root = tmp_path_factory.mktemp("readme") / "project"
    project = start_project(root, house, PERIOD).project
    earlier = start_project(root.parent / "earlier", house, PERIOD.previous).project
    for path in (earlier.raw(PERIOD.previous), earlier.params.folder / f"{PERIOD.previous}.yaml"):
        target = root / path.relative_to(earlier.root)
        (shutil.copytree if path.is_dir() else shutil.copyfile)(path, target)
    put_code(project, CODE)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


def keep(root: Path) -> None:
    """Commit what is there, as who issues has to."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "add", "--all"], cwd=root, check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "x"], cwd=root, check=True)


@pytest.fixture
def type_in(project, monkeypatch, capfd):
    """Type a command in the project; returns its exit code and what was said."""

    def type_in(command: str) -> tuple[int, str]:
        words = shlex.split(command)
        monkeypatch.chdir(project)
        monkeypatch.setenv("BAOCAO_LANG", "en")
        monkeypatch.delenv("BAOCAO_ROOT", raising=False)
        monkeypatch.setattr(sys, "argv", words)
        code = _run()
        out, err = capfd.readouterr()
        return code, out + err

    return type_in


def put(command: str, project: Path) -> str:
    for name, mine in STANDS_FOR.items():
        command = command.replace(name, mine)
    return command.replace("DIR", str(project.parent / re.sub(r"\W+", "-", command)))


def test_readme_shows_every_command():
    from typer.main import get_command

    from baocao.cli.commands import app

    named = {command.split()[1] for command in COMMANDS if command.startswith("baocao ")} | {"build"}
    assert set(get_command(app).commands) - named == {"signed", "package"}, "README leaves out a command"


def test_what_readme_says_to_type_can_be_typed_from_top_to_bottom(project, type_in):
    wrong = [said for command in dict.fromkeys(COMMANDS) if (said := find_fault(command, project, type_in))]
    assert wrong == [], "\n".join(wrong)


def find_fault(command: str, project: Path, type_in) -> str:
    """Type a command of README; returns what is wrong with what came of it, empty where nothing is."""
    elsewhere = next((story for word, story in ELSEWHERE.items() if word in command.split()), None)
    if elsewhere:
        story = (REPOSITORY / "tests" / "stories" / elsewhere).read_text("utf-8")
        return "" if f'"{command.rsplit(maxsplit=1)[-1]}"' in story else f"{command}: not in {elsewhere}"
    if command.startswith("papermill"):
        words = put(command, project).replace("out.ipynb", str(project.parent / "out.ipynb"))
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(words)],
            cwd=project,
            env={**os.environ, "BAOCAO_ROOT": str(project)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stderr if done.returncode else ""
    steps = [command]
    if command.startswith("make report"):
        steps = [step.replace("$(PERIOD)", command.partition("=")[2]) for step in read_recipe("report")]
    wanted = next((part for name, part in REFUSED.items() if command.startswith(name)), None)
    for step in steps:
        if step.startswith("baocao issue"):
            keep(project)
        code, said = type_in(put(step, project))
        allowed = {2} if wanted is not None else {0, 1} if command.startswith(FINDINGS) else {0}
        if "Traceback" in said or code not in allowed or (wanted or "") not in said:
            return f"{step}: exit {code}\n{said[-600:]}"
        if wanted is not None:
            return ""
    return ""
