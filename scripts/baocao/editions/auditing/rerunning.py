"""Run a build again in a clean folder, with the environment of then or with this one."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import baocao
from baocao.documents.engines.choosing import choose_engine
from baocao.editions.differences import spell_package
from baocao.editions.issuing import LOCK, list_installed
from baocao.editions.record import Change, Environment
from baocao.project.errors import ToolError
from baocao.project.language import _
from baocao.project.periods import Period
from baocao.project.processes import run
from baocao.project.temporary import temporary_folder

TIME_LIMIT_S = 3600.0
# Of the caller's settings a build gets these alone; LC_ALL, TZ and NO_COLOR are the same for every program that is run.
_KEPT = frozenset(
    {"PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "FAKETIME", "SYSTEMROOT", "LC_ALL", "TZ", "NO_COLOR"}
)
_ASK = """
import json, platform
from importlib.metadata import distributions
print(json.dumps([platform.python_version(), [[one.metadata["Name"], one.version] for one in distributions()]]))
"""


@dataclass(frozen=True)
class Interpreter:
    """
    A Python to run with.

    Parameters
    ----------
    python
        Its program.
    changes
        What of it is not as recorded: packages, Python, the system, the engine.
    """

    python: Path
    engine: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Rerun:
    """What came of a build: the folder of its output, or why there is none."""

    output: Path
    error: str | None = field(default=None)


def choose_interpreter(recorded: Environment, lock: Path, folder: Path, *, today: bool) -> Interpreter:
    """
    Find or make the environment of an edition.

    Parameters
    ----------
    recorded
        As the edition has it.
    lock
        The lock of the edition; read only where an environment has to be made.
    folder
        Where to make one.
    today
        Take this one, whatever was recorded.

    Raises
    ------
    ToolError
        The packages of then cannot be installed, or there is no such Python.
    """
    engine, changes = _choose_engine(recorded)
    system = f"{platform.system()} {platform.machine()}"
    changes += _differ("system", recorded.system, system)
    installed = list_installed()
    if today or (_same_minor(recorded.python) and not _differ_packages(recorded, installed)):
        # Another patch level cannot be had by making an environment: it would be made from this Python.
        changes += _differ("python", recorded.python, platform.python_version())
        return Interpreter(Path(sys.executable), engine, (*changes, *_differ_packages(recorded, installed)))
    base = _find_python(recorded.python)
    python = folder / "bin" / "python"
    settings = {"PYTHONPATH": None, "TMPDIR": str(folder.parent)}
    run([base, "-m", "venv", folder], cwd=folder.parent, env=settings)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps")
    run([python, *pip, "-r", lock], cwd=folder.parent, env=settings, time_limit=TIME_LIMIT_S)
    said = run([python, "-c", _ASK], cwd=folder.parent, env=settings).stdout
    version, found = json.loads(said)
    installed = {spell_package(name): release for name, release in found if name}
    changes += _differ("python", recorded.python, version)
    return Interpreter(python, engine, (*changes, *_differ_packages(recorded, installed)))


def _same_minor(version: str) -> bool:
    return platform.python_version().split(".")[:2] == version.split(".")[:2]


def _differ_packages(recorded: Environment, installed: Mapping[str, str]) -> list[Change]:
    return [
        change
        for name, version in recorded.packages.items()
        for change in _differ(f"{LOCK}#{name}", version, installed.get(name))
    ]


def _choose_engine(recorded: Environment) -> tuple[str, list[Change]]:
    name = recorded.engine if recorded.engine in {"quarto", "embedded"} else "embedded"
    try:
        engine = choose_engine("quarto" if name == "quarto" else "embedded")
    except ToolError:
        engine = choose_engine("embedded")
    changes = _differ("engine", recorded.engine, engine.name)
    if engine.name == "quarto":
        for tool, version in recorded.versions.items():
            changes += _differ(f"engine#{tool}", version, engine.versions.get(tool))
    return engine.name, changes


def _differ(where: str, before: str, after: str | None) -> list[Change]:
    return [] if before == after else [Change(where=where, before=before, after=after)]


def _find_python(version: str) -> str:
    """Find a Python of the same minor version; another one could not take the lock's wheels."""
    if _same_minor(version):
        return sys.executable
    minor = ".".join(version.split(".")[:2])
    found = shutil.which(f"python{minor}")
    if found is None:
        raise ToolError(
            _(
                "the edition was made with Python {version}, and there is no python{minor} on PATH.",
                version=version,
                minor=minor,
            )
        )
    return found


def rerun(
    root: Path, period: Period, reports: Iterable[str], interpreter: Interpreter, *, workers: int = 2
) -> Rerun:
    """
    Build a period in a clean project folder with the code that lies in it.

    Nothing of the caller's settings reaches the build, and nothing that the
    build leaves if it is killed lies outside the folder's parent.

    Parameters
    ----------
    root
        The folder; without ``scripts/baocao`` in it this package's code runs.
    """
    code = root / "scripts" if (root / "scripts" / "baocao").is_dir() else Path(baocao.__file__).parents[1]
    asked = [word for report in reports for word in ("--report", report)]
    argv: list[str | Path] = [
        interpreter.python,
        "-P",
        "-m",
        "baocao",
        "--root",
        root,
        "build",
        str(period),
        "--engine",
        interpreter.engine,
    ]
    output = root / "reports" / str(period)
    with temporary_folder("home", beside=root.parent) as folder:
        home = str(folder)
        settings: dict[str, str | None] = {
            **dict.fromkeys(os.environ.keys() - _KEPT),
            "PYTHONPATH": str(code),
            "PYTHONNOUSERSITE": "1",
            "PYTHONHASHSEED": "0",
            "HOME": home,
            "TMPDIR": str(root.parent),
            "XDG_CONFIG_HOME": home,
            "XDG_DATA_HOME": home,
            "XDG_CACHE_HOME": home,
            "IPYTHONDIR": home,
            "JUPYTER_CONFIG_DIR": home,
            "JUPYTER_DATA_DIR": home,
            "JUPYTER_PREFER_ENV_PATH": "1",
            "MPLCONFIGDIR": home,
        }
        try:
            run([*argv, "--jobs", str(workers), *asked], cwd=root, env=settings, time_limit=TIME_LIMIT_S)
        except ToolError as error:
            lines = [line for line in error.stderr.splitlines() if line.strip()]
            start = next((number for number, line in enumerate(lines) if line.startswith("baocao: ")), -12)
            return Rerun(output, "\n".join(lines[start:][:40]) or str(error))
    return Rerun(output)
