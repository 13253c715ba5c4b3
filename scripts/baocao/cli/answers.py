"""
What a build said, for as long as nothing that it depends on has changed.

One pass over the files, by what the system knows of them (size, times, number), and
the answer is given again before anything is loaded. A file of which that differs is
hashed: where it was only touched, nothing has changed. Else the command runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time

# Whatever else is in the environment changes no report and no sentence.
_VARIABLES = ("BAOCAO_", "PYTHON", "QUARTO", "PANDOC", "TYPST", "LC_", "LANG", "PATH", "HOME")
_INPUTS = (
    "params",
    "data/raw",
    "notebooks",
    "requirements.lock",
    "reports/_extensions",
    "reports/_quarto.yml",
)
# Written by every command, and read by none to say something.
_SKIPPED = frozenset({"__pycache__", ".ipynb_checkpoints", "build.log", ".building.lock", "signed.js"})
_MARKS = ("place.yaml", "reports.yaml", "forms.yaml", "units.csv")  # as baocao.project.folder has them
_TICK_NS = 100_000_000  # a file this young may change once more and keep its time

State = dict[str, list[int]]


class Question:
    """
    A command line as it is asked here and now.

    Parameters
    ----------
    argv
        Without the program's name.
    root
        The project folder.
    """

    def __init__(self, argv: list[str], root: str) -> None:
        self._root = root
        self._began = time.time_ns()
        asked = {
            "argv": argv,
            "cwd": os.getcwd(),
            "env": {name: value for name, value in sorted(os.environ.items()) if name.startswith(_VARIABLES)},
            "python": [sys.executable, sys.version],
            "installed": _list_installed(),
        }
        key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:24]
        self._file = os.path.join(root, "data", "processed", "answers", f"{key}.json")
        self._inputs = self._look(*_INPUTS)
        _walk(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), self._inputs)
        _stat(_find_quarto(), self._inputs)

    def recall(self) -> list[str] | None:
        """Return what was said when everything was as it is now; None where that was never so."""
        try:
            with open(self._file, encoding="utf-8") as handle:
                kept = json.load(handle)
            lines: list[str] = kept["lines"]
            folders: list[str] = kept["folders"]
            before, now = kept["inputs"] | kept["outputs"], self._inputs | self._look(*folders)
            same = before == now
            if not same and _hold_the_same(before, now, kept["sha256"]):
                same = True
                self.remember(lines, folders)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return lines if same else None

    def remember(self, lines: list[str], folders: list[str]) -> None:
        """
        Keep what is to be said as long as everything stays as it was when the question was asked.

        Parameters
        ----------
        folders
            Relative to the project: what was written, and must still be there.
        """
        if any(state and state[1] > self._began - _TICK_NS for state in self._inputs.values()):
            return
        outputs = self._look(*folders)
        kept = {
            "lines": lines,
            "inputs": self._inputs,
            "folders": folders,
            "outputs": outputs,
            "sha256": _hash_unchanged(self._inputs | outputs),
        }
        os.makedirs(os.path.dirname(self._file), exist_ok=True)
        temporary = f"{self._file}.{os.getpid()}"
        with open(temporary, "w", encoding="utf-8") as handle:
            json.dump(kept, handle, ensure_ascii=False)
        os.replace(temporary, self._file)

    def _look(self, *names: str) -> State:
        states: State = {}
        for name in names:
            _walk(os.path.join(self._root, name), states)
        return states


def _walk(path: str, states: State) -> None:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name in _SKIPPED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    _walk(entry.path, states)
                else:
                    _stat(entry.path, states)
    except NotADirectoryError:
        _stat(path, states)
    except FileNotFoundError:
        return


def _stat(path: str, states: State) -> None:
    try:
        state = os.stat(path)
    except OSError:
        states[path] = []
    else:
        states[path] = [state.st_size, state.st_ctime_ns, state.st_mtime_ns, state.st_ino]


def _hash_unchanged(states: State) -> dict[str, str]:
    """Hash files; one that is no longer as it was, and so may hold something else, gets no hash."""
    hashes = {}
    for path, state in states.items():
        if state:
            sha256 = _hash(path)
            now: State = {}
            _stat(path, now)
            if now[path] == state:
                hashes[path] = sha256
    return hashes


def _hold_the_same(before: State, now: State, hashes: dict[str, str]) -> bool:
    """Tell whether there are the same files, and those that look another way hold what they held."""
    return before.keys() == now.keys() and all(
        before[path] == state or (path in hashes and hashes[path] == _hash(path))
        for path, state in now.items()
    )


def _hash(path: str) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _list_installed() -> list[str]:
    """List every installed distribution by name and version."""
    names: set[str] = set()
    for folder in sys.path:
        if folder and os.path.isdir(folder):
            names.update(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
    return sorted(names)


def _find_quarto() -> str:
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = (os.path.join(place, "quarto") for place in places)
    return next((path for path in found if os.path.exists(path)), "quarto")


# -- the question of this process ---------------------------------------------------

_question: Question | None = None


def recall(argv: list[str]) -> list[str] | None:
    """Return what this command line said when everything was as it is now; None where it has to run."""
    global _question  # noqa: PLW0603 a process is asked one thing
    root = _find_root(argv)
    if "build" not in argv or root is None:
        return None
    _question = Question(argv, root)
    return _question.recall()


def remember(lines: list[str], folders: list[str]) -> None:
    """Keep what this command line would say if it were asked again; see :meth:`Question.remember`."""
    if _question is not None:
        _question.remember(lines, folders)


def _find_root(argv: list[str]) -> str | None:
    """Return the project folder as :func:`baocao.project.folder.find_project` finds it, without its words."""
    asked = os.environ.get("BAOCAO_ROOT")
    for number, word in enumerate(argv):
        if word == "--root":
            asked = argv[number + 1] if number + 1 < len(argv) else None
        elif word.startswith("--root="):
            asked = word.partition("=")[2]
    here = os.path.realpath(os.path.expanduser(asked) if asked else os.getcwd())
    folders = [here]
    while not asked and os.path.dirname(folders[-1]) != folders[-1]:
        folders.append(os.path.dirname(folders[-1]))
    folders.append(os.path.abspath(os.path.join(__file__, *[os.pardir] * 4)))
    for folder in folders[:1] if asked else folders:
        if any(os.path.isfile(os.path.join(folder, "params", name)) for name in _MARKS):
            return folder
    return None
