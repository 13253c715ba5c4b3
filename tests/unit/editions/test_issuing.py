"""The record of an edition: sealed, complete, and what of it is frozen."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.editions import issuing
from baocao.editions.auditing.evidence import Case, check_record
from baocao.editions.issuing import check_kept, compare_environments, compare_values, issue, list_signed
from baocao.editions.record import Edition, Environment, Recorded, hash_values, parse_edition, read_edition
from baocao.project.errors import InputError, UsageError
from baocao.project.frozen import (
    check_frozen,
    compare_hashes,
    hash_sources,
    is_source,
    list_editions,
    list_periods,
)
from baocao.project.git import Repository
from baocao.project.periods import Period
from baocao.reviewing.signing import Signature, Standing
from baocao.tracing.record import TraceRecord
from baocao.values.nodes import Node, NodeSource

ROOT = Path(__file__).resolve().parents[3]
PERIOD = Period(2026, 1)
TRACE = TraceRecord(
    "2026-Q1",
    ("kstthc",),
    {
        "a": Node(Fraction(7, 2), "%", "ratio", ("b",)),
        "b": Node(Fraction(7), "hồ sơ", "sum", (), (NodeSource("k", "C", "term"),)),
    },
    {"k": (("don-vi/H01-x.xlsx", "06a", 9, 12),)},
    (),
    (),
    (),
    {},
)


def make(sources, number=1):
    return Edition(
        schema_=1, period="2026-Q1", number=number, correction=None, changed=(), commit="c" * 40, version="0.1.0", reports=("kstthc",),
        sources=sources, environment=Environment(python="3.11.7", system="Linux", packages={}, engine="embedded", versions={}),
        values=hash_values(TRACE), outputs={}, signed={},
    ).sealed()  # fmt: skip


@pytest.fixture
def issued(sandbox):
    sandbox.fill()

    def freeze(number=1):
        folder = sandbox.project.output(PERIOD) / "issued" / str(number)
        folder.mkdir(parents=True)
        edition = make(hash_sources(sandbox.root, ["2026-Q1"]), number)
        (folder / "edition.json").write_text(edition.dump(), encoding="utf-8")
        return edition

    freeze()
    sandbox.freeze = freeze
    return sandbox


def test_a_record_is_read_as_it_was_written_and_any_change_breaks_its_seal():
    edition = make({"params/place.yaml": "0" * 64})
    again = parse_edition(edition.dump().encode(), "x")
    assert again == edition
    assert again.is_sealed
    data = json.loads(edition.dump())
    for key, value in (
        ("commit", "d" * 40),
        ("number", 2),
        ("sources", {}),
        ("values", {}),
        ("correction", "x"),
        ("signed", {"kstthc/I.1": ["A, 2026-03-20"]}),
    ):
        assert not parse_edition(json.dumps({**data, key: value}).encode(), "x").is_sealed, key


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"schema": 1}', b"[" * 100_000])
def test_what_is_no_record_is_refused(content):
    with pytest.raises(InputError, match="damaged"):
        parse_edition(content, "edition.json")


def test_a_record_of_another_schema_is_refused():
    data = {**json.loads(make({}).dump()), "schema": 2}
    with pytest.raises(InputError, match="schema 1, got 2"):
        parse_edition(json.dumps(data).encode(), "edition.json")


def test_the_hash_of_a_value_holds_its_number_its_derivation_and_its_cells():
    before = hash_values(TRACE)
    node = TRACE.values["b"]
    for change in (
        {"values": {**TRACE.values, "b": replace(node, number=Fraction(8))}},
        {"values": {**TRACE.values, "b": replace(node, unit="%")}},
        {"values": {**TRACE.values, "b": replace(node, op="count")}},
        {"blocks": {"k": (("don-vi/H01-x.xlsx", "06a", 9, 13),)}},
    ):
        after = hash_values(replace(TRACE, **change))
        assert after["b"].sha256 != before["b"].sha256
        assert after["a"] == before["a"]
    recorded = before["b"]
    assert (recorded.number, recorded.unit) == ("7", "hồ sơ")


def test_raw_files_of_an_issued_period_are_frozen_and_every_change_is_named(issued):
    check_frozen(issued.project, PERIOD)
    check_frozen(issued.project, PERIOD.next)
    raw = issued.project.raw(PERIOD)
    (raw / "don-vi" / "H01-x.xlsx").write_bytes(b"x")
    (raw / "don-vi" / "H02-x.xlsx").rename(raw / "don-vi" / "H02-y.xlsx")
    (raw / "don-vi" / "~$10507-x.xlsx").write_bytes(b"open in Excel")
    with pytest.raises(InputError) as caught:
        check_frozen(issued.project, PERIOD)
    said = str(caught.value)
    for part in (
        "3 are not",
        "H01-x.xlsx: expected sha256",
        "H02-x.xlsx: was removed",
        "H02-y.xlsx: was added",
        "--correction",
    ):
        assert part in said
    assert "~$" not in said
    issued.freeze(2)
    check_frozen(issued.project, PERIOD)


def test_parameters_may_go_on_after_an_edition(issued):
    (issued.root / "params" / "place.yaml").write_text("{}", encoding="utf-8")
    check_frozen(issued.project, PERIOD)


def test_an_edition_is_read_by_its_number_and_the_last_one_without(issued):
    issued.freeze(2)
    issued.freeze(10)
    assert read_edition(issued.project, PERIOD).number == 10
    assert read_edition(issued.project, PERIOD, 2).number == 2
    with pytest.raises(UsageError, match="it has 1, 2, 10"):
        read_edition(issued.project, PERIOD, 3)
    with pytest.raises(UsageError, match="baocao issue"):
        read_edition(issued.project, PERIOD.next)


def test_an_edition_in_the_folder_of_another_is_refused(issued):
    folder = issued.project.output(PERIOD) / "issued"
    (folder / "1").rename(folder / "2")
    with pytest.raises(InputError, match="expected 2026-Q1, edition 2"):
        read_edition(issued.project, PERIOD)


def test_sources_are_what_an_edition_is_made_of():
    for path in (
        "params/place.yaml",
        "params/2026-Q1.yaml",
        "notebooks/a.ipynb",
        "scripts/baocao/x.py",
        "data/raw/2026-Q1/van-ban.xlsx",
    ):
        assert is_source(path, ["2026-Q1"]), path
    for path in ("params/2026-Q2.yaml", "data/raw/2026-Q2/van-ban.xlsx", "data/processed/x", "tests/x.py", "scripts/baocao/__pycache__/x.pyc",
                 "reports/2026-Q1/kstthc.docx", "notebooks/.ipynb_checkpoints/a.ipynb", "data/raw/2026-Q1/.gitkeep"):  # fmt: skip
        assert not is_source(path, ["2026-Q1"]), path
    assert list_periods(["data/raw/2026-Q1/a", "data/raw/2025-Q4/b", "params/2024-Q1.yaml"]) == [
        "2025-Q4",
        "2026-Q1",
    ]


def test_values_are_compared_by_their_numbers():
    one, other = Recorded(number="1", unit="", sha256="x"), Recorded(number="2", unit="", sha256="x")
    assert compare_values({"a": one, "b": one}, {"a": one, "b": one.model_copy(update={"sha256": "y"})}) == []
    assert [str(change) for change in compare_values({"a": one, "b": one}, {"a": other, "c": other})] == [
        "value a: 1 -> 2", "value b: 1 -> (absent)", "value c: (absent) -> 2",
    ]  # fmt: skip


@given(
    st.dictionaries(st.text(max_size=3), st.text(max_size=2)),
    st.dictionaries(st.text(max_size=3), st.text(max_size=2)),
)
def test_compared_hashes_name_each_difference_once_and_either_way(before, after):
    differing = compare_hashes(before, after)
    assert differing == compare_hashes(after, before)
    assert (before == after) == (not differing)
    assert all(before.get(path) != after.get(path) for path in differing)


def test_environments_are_compared_by_python_engine_and_package():
    one = Environment(
        python="3.11.7",
        system="Linux",
        packages={"a": "1", "b": "1"},
        engine="embedded",
        versions={"typst": "1"},
    )
    other = one.model_copy(
        update={"python": "3.11.8", "packages": {"a": "2", "b": "1"}, "versions": {"typst": "2"}}
    )
    assert [str(change) for change in compare_environments(one, other)] == [
        "engine#typst: 1 -> 2", "python: 3.11.7 -> 3.11.8", "requirements.lock#a: 1 -> 2",
    ]  # fmt: skip
    assert compare_environments(one, one) == []


def test_a_stale_approval_is_none():
    who = (Signature("A", "2026-03-20"), Signature("B", "2026-03-21"))
    standings = [Standing("kstthc/I.1", "signed", who), Standing("kstthc/I.2", "stale", who)]
    assert list_signed(standings) == {"kstthc/I.1": ("A, 2026-03-20", "B, 2026-03-21"), "kstthc/I.2": ()}


# -- with git --------------------------------------------------------------------


@pytest.fixture
def repository(issued):
    """Give the issued project in a repository of its own, and what runs git in it."""

    def git(*argv):
        name = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *name, "-C", issued.root, *argv], check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "--all", "--force")
    git("commit", "--quiet", "--message", "x")
    found = Repository(issued.root)
    found.run_git = git
    return found


@pytest.mark.parametrize("committed", [False, True])
def test_an_edition_that_was_committed_cannot_just_go_away(issued, repository, committed):
    check_kept(issued.project, PERIOD, repository)
    shutil.rmtree(issued.project.output(PERIOD) / "issued")
    if committed:
        repository.run_git("commit", "--quiet", "--all", "--message", "y")
    with pytest.raises(InputError, match=r"issued/1/edition\.json is missing"):
        check_kept(issued.project, PERIOD, repository)
    with pytest.raises(InputError, match=r"issued/1/edition\.json is missing"):
        issue(issued.project, PERIOD)
    check_kept(issued.project, PERIOD.next, repository)


def test_git_answers_for_the_folder_asked_whatever_the_caller_set(issued, repository, tmp_path, monkeypatch):
    head, names = repository.head, repository.list_files("HEAD")
    subprocess.run(["git", "init", "--quiet", tmp_path / "other"], check=True)
    for name, value in (
        ("GIT_DIR", tmp_path / "other" / ".git"),
        ("GIT_WORK_TREE", tmp_path / "other"),
        ("GIT_INDEX_FILE", tmp_path / "index"),
    ):
        monkeypatch.setenv(name, str(value))
    assert Repository(issued.root).head == head
    assert repository.list_files("HEAD") == names
    assert repository.list_uncommitted() == []


def test_a_commit_is_exported_as_it_was_made_whatever_attributes_and_replacements_say(
    issued, repository, tmp_path, monkeypatch
):
    commit = repository.head
    path = issued.root / "params" / "place.yaml"
    before = path.read_bytes()
    path.write_bytes(b"{}")
    repository.run_git("commit", "--quiet", "--all", "--message", "y")
    repository.run_git("replace", commit, "HEAD")
    (tmp_path / "attributes").write_text("*.yaml export-ignore\n", encoding="utf-8")
    (tmp_path / "gitconfig").write_text(
        f"[core]\nattributesFile = {tmp_path / 'attributes'}\n", encoding="utf-8"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    repository.export(commit, tmp_path / "then")
    assert (tmp_path / "then" / "params" / "place.yaml").read_bytes() == before


def test_a_link_in_a_commit_is_exported_as_a_text_and_leads_nowhere(issued, repository, tmp_path):
    (issued.root / "params" / "x.yaml").symlink_to("/etc/passwd")
    repository.run_git("add", "--all")
    repository.run_git("commit", "--quiet", "--message", "y")
    repository.export("HEAD", tmp_path / "then")
    link = tmp_path / "then" / "params" / "x.yaml"
    assert not link.is_symlink()
    assert link.read_text(encoding="utf-8") == "/etc/passwd"


def test_a_commit_is_exported_by_a_python_that_cannot_unpack_tar_safely(
    issued, repository, tmp_path, monkeypatch
):
    # Debian 12 has Python 3.11.2.
    monkeypatch.delattr(tarfile, "data_filter")
    monkeypatch.delattr(tarfile, "FilterError")
    monkeypatch.delattr(tarfile.TarFile, "extractall")
    repository.export("HEAD", tmp_path / "then")
    assert hash_sources(tmp_path / "then", ["2026-Q1"]) == hash_sources(issued.root, ["2026-Q1"])


def test_a_record_is_held_against_the_commit_that_added_it(issued, repository, tmp_path):
    edition = read_edition(issued.project, PERIOD)
    path = issued.project.output(PERIOD) / "issued" / "1" / "edition.json"

    def check(record):
        case = Case(edition, path.parent, tmp_path / "then", [], [], [], "then")
        path.write_bytes(record)
        check_record(case, issued.project, repository)
        return [reason.where for one in case.sources for reason in one.reasons]

    record = path.read_bytes()
    assert check(record) == check(record.replace(b"\n", b"\r\n")) == []
    forged = edition.model_copy(update={"signed": {"kstthc/I.1": ("Ai đó, 2026-03-20",)}}).sealed().dump()
    name = path.relative_to(issued.root).as_posix()
    for _ in range(2):
        assert f"{name}#signed.kstthc/I.1" in check(forged.encode())
        repository.run_git("commit", "--quiet", "--all", "--allow-empty", "--message", "forged")
    assert check(record.decode().encode("utf-16")) == [name]
    # The record lies here as it was issued, but whoever clones the repository gets another.
    assert f"{name}#signed.kstthc/I.1" in check(record)
    check(record)
    repository.run_git("commit", "--quiet", "--all", "--message", "put back")
    # What programs put beside a document that is opened is nobody's file.
    for extra in ("~$stthc.docx", ".DS_Store", "thêm.docx"):
        (path.parent / extra).touch()
    assert check(record) == ["issued file thêm.docx"]


def test_only_whole_numbers_are_editions(issued):
    for name in ("²", "01", "٢", "0"):
        (issued.project.output(PERIOD) / "issued" / name).mkdir()
    assert list_editions(issued.project, PERIOD) == [1]


def test_packages_are_told_by_name_whatever_their_spelling_and_remains_are_passed_over(monkeypatch):
    names = ("Ruamel.YAML", "a__b", None)
    found = [SimpleNamespace(metadata={"Name": name}, version="1") for name in names]
    monkeypatch.setattr(issuing, "distributions", lambda: found)
    assert issuing.list_installed() == {"a-b": "1", "ruamel-yaml": "1"}


@pytest.mark.parametrize("package", ["baocao", "baocao_houses"])
def test_code_that_is_not_the_projects_own_issues_nothing(tmp_path, package):
    scripts = tmp_path / "scripts"
    for name in ("baocao", "baocao_houses"):
        shutil.copytree(ROOT / "scripts" / name, scripts / name)
    issuing._check_code(SimpleNamespace(root=tmp_path))
    (scripts / package / "__init__.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(UsageError, match=rf"is not that of .*/scripts/{package},"):
        issuing._check_code(SimpleNamespace(root=tmp_path))
