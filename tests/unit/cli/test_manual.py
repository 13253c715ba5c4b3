"""Every command that README and manual show is there, with the options that they show, and so is every page they link."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from baocao.cli import commands  # noqa: F401 they enter themselves
from baocao.cli.app import app

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
SHOWN = re.compile(r"^\$ (?:\.venv/bin/)?baocao (.+)$|`(?:\.venv/bin/)?baocao ([a-z][^`]*)`", re.MULTILINE)


def list_shown() -> list[tuple[str, str]]:
    """List each page's commands as they are typed."""
    return [
        (page.name, match[1] or match[2])
        for page in PAGES
        for match in SHOWN.finditer(page.read_text(encoding="utf-8"))
    ]


@pytest.fixture(scope="module")
def group():
    return typer.main.get_command(app)


@pytest.mark.parametrize(("page", "line"), list_shown(), ids=lambda text: text[:50])
def test_what_the_manual_shows_can_be_typed(group, page, line):
    name, *words = shlex.split(line)
    command = group.commands[name]
    options = {spelt: one for one in command.params for spelt in (*one.opts, *one.secondary_opts)}
    shown = [word for word in words if word.startswith("--")]
    assert [word for word in shown if word not in options] == [], f"{page}: {line}"
    for place, word in enumerate(words):
        if word in options and not options[word].is_flag:
            assert place + 1 < len(words), f"{page}: {line}"


def test_the_manual_shows_every_command_of_the_intake():
    shown = {line.split()[0] for _page, line in list_shown()}
    assert {"new", "collect", "status", "return", "treat"} <= shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_the_manual_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
