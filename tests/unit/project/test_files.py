"""Files written whole or not at all, and JSON as the standard library writes it, only sooner."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.files import copy_atomically, dump_json, write_atomically, write_folder


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "new" / "a.txt"
    write_atomically(path, "before")

    def fill_the_disk(self, content):
        with self.open("wb") as handle:
            handle.write(content[:2])
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", fill_the_disk)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, "after")
    assert path.read_text("utf-8") == "before"
    assert names(path.parent) == ["a.txt"]


def test_of_files_copied_together_none_takes_its_name_when_one_fails(tmp_path):
    (tmp_path / "good").write_text("new", encoding="utf-8")
    out = tmp_path / "out"
    write_atomically(out / "a", "old")
    with pytest.raises(FileNotFoundError):
        copy_atomically({out / "a": tmp_path / "good", out / "b": tmp_path / "missing"})
    assert (out / "a").read_text("utf-8") == "old"
    assert names(out) == ["a"]
    copy_atomically({out / "a": tmp_path / "good", out / "b": tmp_path / "good"})
    assert [(out / name).read_text("utf-8") for name in names(out)] == ["new", "new"]


def test_a_folder_is_replaced_with_everything_in_it(tmp_path):
    folder = tmp_path / "pages"
    write_folder(folder, {"index.html": b"1", "data/a.js": b"2"})
    write_folder(folder, {"index.html": b"3"})
    assert names(tmp_path) == ["pages", "pages/index.html"]
    assert (folder / "index.html").read_bytes() == b"3"
    with pytest.raises(AttributeError):
        write_folder(folder, {"index.html": b"4", "data/a.js": None})
    assert names(tmp_path) == ["pages", "pages/index.html"]


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.dictionaries(st.integers(), inner)
    ),
)


@given(DATA)
def test_what_is_dumped_is_what_the_standard_library_writes(data: object) -> None:
    assert dump_json(data) == json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        dump_json({"a": Fraction(1, 3)})
