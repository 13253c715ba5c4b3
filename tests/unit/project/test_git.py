"""The repository as it answers in the git of the real world: anybody's settings, merges, other ends of lines."""

from __future__ import annotations

import subprocess

import pytest

from baocao.project.git import Repository

RECORD = "reports/2026-Q1/issued/1/edition.json"


def git(root, *argv):
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
    return subprocess.run(
        ["git", *identity, *argv], cwd=root, check=True, capture_output=True, text=True
    ).stdout


def write(root, content, name=RECORD):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    write(folder, "one", "params.yaml")
    return folder


def test_a_record_that_was_never_changed_was_added_once(root):
    write(root, "record")
    write(root, "two", "params.yaml")
    assert Repository(root).list_added_texts(RECORD) == ["record"]
    assert Repository(root).list_added_texts("no such file") == []


def test_a_record_that_was_forged_on_a_side_branch_and_merged_was_added_twice(root):
    git(root, "checkout", "-q", "-b", "side")
    write(root, "forged")
    git(root, "checkout", "-q", "main")
    write(root, "record")
    git(root, "merge", "-q", "-X", "theirs", "--no-edit", "side")
    assert (root / RECORD).read_text() == "forged"
    assert set(Repository(root).list_added_texts(RECORD)) == {"record", "forged"}


def test_a_record_that_a_merge_alone_changed_is_known_as_it_was_added(root):
    write(root, "record")
    git(root, "checkout", "-q", "-b", "side")
    write(root, "two", "params.yaml")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "--no-commit", "side")
    write(root, "forged")
    assert Repository(root).list_added_texts(RECORD) == ["record"]


@pytest.mark.parametrize("side", ["side", "main"])
def test_an_edition_that_was_deleted_in_a_merge_is_still_known(root, side):
    git(root, "checkout", "-q", "-b", "side")
    write(root, "two", "other.yaml")
    git(root, "checkout", "-q", side)
    write(root, "record")
    git(root, "checkout", "-q", "main")
    write(root, "three", "third.yaml")
    git(root, "merge", "-q", "--no-ff", "--no-commit", "side")
    git(root, "rm", "-q", "-f", RECORD)
    git(root, "commit", "-q", "-m", "merged")
    assert Repository(root).list_added("reports/*/issued/*/edition.json") == [RECORD]


SETTINGS = """
[log]
showSignature = true
date = human
follow = true
[diff]
noprefix = true
external = false
renames = copies
relative = true
[color]
ui = always
[core]
quotePath = true
autocrlf = true
pager = false
[status]
short = true
branch = true
relativePaths = true
showUntrackedFiles = no
[column]
ui = always
[alias]
log = status
show = status
[format]
pretty = oneline
"""


@pytest.mark.parametrize("place", ["own", "user", "environment"])
def test_nobodys_settings_change_an_answer(root, tmp_path, monkeypatch, place):
    name = "báo cáo/edition.json"
    write(root, "line\nline\n", name)
    plain = Repository(root)
    (root / "mới.txt").write_text("x")
    (root / "Thumbs.db").write_text("x")
    expected = (plain.list_uncommitted(), plain.list_added_texts(name), plain.head, plain.date("HEAD"))
    assert expected[:2] == (["mới.txt"], ["line\nline\n"])
    if place == "own":
        with (root / ".git" / "config").open("a") as file:
            file.write(SETTINGS)
    elif place == "user":
        (tmp_path / "config").write_text(SETTINGS)
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    else:
        monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'log.showsignature=true' 'color.ui=always'")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
        monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
        monkeypatch.setenv("GIT_TRACE", "1")
    hostile = Repository(root)
    assert (
        hostile.list_uncommitted(),
        hostile.list_added_texts(name),
        hostile.head,
        hostile.date("HEAD"),
    ) == expected
    hostile.export("HEAD", tmp_path / "then")
    assert (tmp_path / "then" / name).read_bytes() == b"line\nline\n"


def test_a_signed_commit_is_read_like_any_other(root):
    write(root, "record")
    head = git(root, "cat-file", "commit", "HEAD")
    signed = head.replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n", 1
    )
    name = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=root,
        input=signed,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    git(root, "reset", "-q", "--hard", name)
    git(root, "config", "log.showSignature", "true")
    repository = Repository(root)
    assert repository.head == name
    assert repository.date(name).year >= 2020
    assert repository.list_added_texts(RECORD) == ["record"]


def test_a_clone_that_changes_the_ends_of_lines_leaves_every_byte(root, tmp_path):
    write(root, "* -text\n", ".gitattributes")
    (root / "a.md").write_bytes(b"one\ntwo\r\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", str(root), "copy")
    assert (tmp_path / "copy" / "a.md").read_bytes() == b"one\ntwo\r\n"
    assert Repository(tmp_path / "copy").list_uncommitted() == []
