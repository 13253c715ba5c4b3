"""What README and the manuals tell people to type is there: every command, with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from baocao import __version__
from baocao.cli.commands import app

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
# In code spans and in consoles; what follows a comment sign or leads on to another program is not ours.
_SPAN = re.compile(r"`((?:\.venv/bin/)?baocao [^`]+)`")
_LINE = re.compile(r"^\s*\$ ((?:\.venv/bin/)?baocao .+)$", re.MULTILINE)
_END = re.compile(r"\s+(?:#|&&|\||>).*$")


def commands(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    found = [
        _END.sub("", " ".join(command.split())) for command in (*_SPAN.findall(text), *_LINE.findall(text))
    ]
    return list(dict.fromkeys(found))


TYPED = [(page.name, command) for page in PAGES for command in commands(page)]


def test_there_is_something_to_try():
    assert len(TYPED) > 15


@pytest.mark.parametrize(("page", "command"), TYPED)
def test_a_command_that_a_page_names_exists_with_its_options(page, command, monkeypatch):
    monkeypatch.chdir(REPOSITORY)
    _program, *words = shlex.split(command)
    group = get_command(app)
    words = [word for word in words if word != "…"]
    while words and words[0].startswith("--"):
        words = words[2:] if words[0] in {"--lang", "--root"} else words[1:]
    if not words:
        return
    name, *rest = words
    assert name in group.commands, command
    options = {option for param in group.commands[name].params for option in param.opts}
    options |= {"--help", "-h", "--lang"}
    assert {word.split("=")[0] for word in rest if re.match(r"--?[a-z]", word)} <= options, command
    if len(rest) > 1 or (rest and not rest[0].startswith("-")):
        given = [word for word in rest if word not in {"--help", "-h"}]
        # Raises where an argument is missing or too many, or a value is not what its option takes.
        with group.commands[name].make_context(name, list(given), resilient_parsing=False):
            pass


def test_the_changelog_speaks_of_this_version():
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    assert versions[0] == __version__
    assert versions == sorted(versions, key=lambda one: [int(part) for part in one.split(".")], reverse=True)
    assert text.index("## [Unreleased]") < text.index(f"## [{__version__}]")
