"""Workbooks that were read before, by the sha256 of the file, all in one file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cache as once
from importlib.metadata import version
from pathlib import Path

from baocao.project.hashes import hash_bytes

_SUFFIX = ".kept"
_SECONDS = 30.0
_AT_ONCE = 500  # SQLite takes at least 999 parameters in one question


@once
def reader_version() -> str:
    """Name what reads: a change of this package's reader or of its libraries makes old entries stale."""
    libraries = f"{version('python-calamine')} {version('lxml')}".encode()
    code = (path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hash_bytes(b"".join((libraries, *code)))[:12]


class WorkbookCache:
    """
    Answers of the reader in a folder, one SQLite file for one version of it; it may vanish at any time.

    An entry holds the sha256 of its content; one that does not match is as good
    as none, and so is a file that is damaged or cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{reader_version()}{_SUFFIX}"

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=_SECONDS)
        try:
            connection.execute("PRAGMA synchronous = OFF")  # what a crash loses is read again
            with connection:
                yield connection
        finally:
            connection.close()

    def get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the answers for files, by the sha256 of each; without those there is none to trust for."""
        if not self.path.is_file():
            return {}
        wanted = list(keys)
        answers: dict[str, bytes] = {}
        try:
            with self._open() as connection:
                for start in range(0, len(wanted), _AT_ONCE):
                    some = wanted[start : start + _AT_ONCE]
                    marks = ",".join("?" * len(some))
                    rows = connection.execute(f"SELECT * FROM kept WHERE file IN ({marks})", some)  # noqa: S608 only marks
                    answers.update(
                        (file, answer) for file, check, answer in rows if _check(file, answer) == check
                    )
        except sqlite3.Error:
            return answers
        return answers

    def put(self, answers: Mapping[str, bytes]) -> None:
        """Keep answers; where they cannot be kept they are made again another time."""
        if not answers:
            return
        rows = [(file, _check(file, answer), answer) for file, answer in answers.items()]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(2):
            try:
                with self._open() as connection:
                    connection.execute(
                        "CREATE TABLE IF NOT EXISTS kept (file TEXT PRIMARY KEY, sha256 BLOB, answer BLOB)"
                    )
                    connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
            except sqlite3.OperationalError:
                return
            except sqlite3.DatabaseError:
                self.path.unlink(missing_ok=True)  # damaged
            else:
                break
        for other in self.path.parent.glob(f"*{_SUFFIX}"):
            if other != self.path:
                other.unlink(missing_ok=True)


def _check(file: str, answer: object) -> bytes:
    return bytes.fromhex(hash_bytes(file.encode() + answer)) if isinstance(answer, bytes) else b""
