"""Temporary folders go with their process, however it ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from baocao.project.temporary import remove_dead, temporary_folder

HOLD = """
import pathlib, sys, time
from baocao.project.temporary import temporary_folder
with temporary_folder("x", beside=pathlib.Path(sys.argv[1])) as folder:
    (folder / "a").write_text("a")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_a_folder_goes_with_its_block(tmp_path):
    with temporary_folder("giup", beside=tmp_path) as folder:
        (folder / "a").write_text("a")
        assert folder.name.startswith("baocao-giup-")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_goes_when_its_block_fails(tmp_path):
    with pytest.raises(ValueError, match="x"), temporary_folder(beside=tmp_path):
        raise ValueError("x")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_lives_is_not(tmp_path):
    (tmp_path / "baocao-cua-nguoi-khac").mkdir()
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder = process.stdout.readline().strip()
    assert remove_dead(tmp_path) == []
    process.kill()
    process.wait()
    process.stdout.close()
    assert [str(one) for one in remove_dead(tmp_path)] == [folder]
    assert [one.name for one in tmp_path.iterdir()] == ["baocao-cua-nguoi-khac"]
