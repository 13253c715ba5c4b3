"""Put the code that makes its reports into a project: what is issued can be made again from its commit alone."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

import baocao
from baocao.project.errors import UsageError
from baocao.project.files import copy_atomically, write_atomically
from baocao.project.folder import Project
from baocao.project.language import _

LOCK = "requirements.lock"
PACKAGES = Path(baocao.__file__).parents[1]
"""The folder that holds the packages that run."""

_PYPROJECT = """\
# Written by 'baocao init --code': what 'make install' needs to set up .venv with the code in scripts/.
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "baocao"
version = {version}
requires-python = {python}
dependencies = {dependencies}

[project.scripts]
baocao = "baocao.cli.main:main"
{entry_points}
[tool.hatch.build.targets.wheel]
packages = {packages}
"""


def put_code(project: Project, packages: tuple[str, ...]) -> None:
    """
    Copy the packages that run into ``scripts/``, with the lock and what installs them.

    Parameters
    ----------
    packages
        Their names.

    Raises
    ------
    UsageError
        The project has code already.
    """
    if any((project.root / "scripts" / name).exists() for name in packages):
        raise UsageError(
            _(
                "{folder} holds code already: take it out ('git rm -r scripts', commit), then run the command again to have that of baocao {version}.",
                folder=project.root / "scripts",
                version=baocao.__version__,
            )
        )
    scripts = project.root / "scripts"
    copy_atomically(
        {
            scripts / path.relative_to(PACKAGES): path
            for name in packages
            for path in sorted((PACKAGES / name).rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }
    )
    copy_atomically({project.root / LOCK: _find_lock()})
    write_atomically(project.root / "pyproject.toml", _write_pyproject(packages).encode())


def _find_lock() -> Path:
    """Find the lock: in the package where it is installed, beside its sources otherwise."""
    packed = PACKAGES / "baocao" / LOCK
    return packed if packed.is_file() else PACKAGES.parent / LOCK


def _write_pyproject(packages: tuple[str, ...]) -> str:
    installed = distribution("baocao")
    groups: dict[str, list[str]] = {}
    for entry in installed.entry_points:
        if entry.group != "console_scripts":
            groups.setdefault(entry.group, []).append(f"{entry.name} = {json.dumps(entry.value)}")
    entry_points = "".join(
        "\n".join(("", f'[project.entry-points."{group}"]', *sorted(lines), ""))
        for group, lines in sorted(groups.items())
    )
    needed = [text for text in installed.requires or () if "extra ==" not in text.partition(";")[2]]
    return _PYPROJECT.format(
        version=json.dumps(baocao.__version__),
        python=json.dumps(installed.metadata["Requires-Python"]),
        dependencies=json.dumps(needed),
        entry_points=entry_points,
        packages=json.dumps([f"scripts/{name}" for name in packages]),
    )
