"""The code in a project of one's own: what is issued can be made again from its commit alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import baocao
from baocao.editions.issuing import CODE, _check_code, hash_package
from baocao.intake.owncode import put_code
from baocao.intake.starting import start_project
from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.project.periods import Period

RUNNING = Path(baocao.__file__).parents[1]


@pytest.fixture
def project(tmp_path):
    return start_project(tmp_path / "mine", find_house("plain"), Period(2026, 1)).project


def test_the_code_that_runs_is_put_into_the_project_with_what_installs_it(project):
    with pytest.raises(UsageError, match=r"does not hold the code.*baocao init .*mine --code"):
        _check_code(project)
    put_code(project, CODE)
    _check_code(project)
    scripts = project.root / "scripts"
    for name in CODE:
        assert hash_package(scripts / name) == hash_package(RUNNING / name)
    # Layouts come along: what each has of its own, and what all share.
    assert (scripts / "baocao_houses/nd30/extension/nd30.lua").is_file()
    assert (scripts / "baocao/documents/extension/fonts/BaocaoSerif-Regular.ttf").is_file()
    assert (scripts / "baocao/locale/vi/LC_MESSAGES/baocao.mo").is_file()
    made = tomllib.loads((project.root / "pyproject.toml").read_text("utf-8"))
    assert made["project"]["version"] == baocao.__version__
    assert made["project"]["entry-points"]["baocao.houses"]["plain"] == "baocao_houses.plain:HOUSE"
    needed = " ".join(made["project"]["dependencies"])
    assert "papermill" in needed
    assert "pytest" not in needed
    lock = (project.root / "requirements.lock").read_text("utf-8")
    assert "papermill==" in lock
    assert "--hash=sha256:" in lock
    makefile = (project.root / "Makefile").read_text("utf-8")
    assert "--require-hashes -r requirements.lock" in makefile


def test_code_that_is_there_is_not_overwritten(project):
    own = project.root / "scripts" / "baocao" / "own.py"
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds code already"):
        put_code(project, CODE)
    assert [path.name for path in own.parent.iterdir()] == ["own.py"]
