"""Temporary folders, which do not outlive their process: what a killed one left is removed by the next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX = "baocao-"
_HELD = ".baocao-lock"


@contextmanager
def temporary_folder(kind: str = "", *, beside: Path | None = None) -> Iterator[Path]:
    """
    Make a folder that is gone with the block, or once a later block of anybody finds its process dead.

    Parameters
    ----------
    kind
        Put into the name, for people who look.
    beside
        The folder to make it in; None takes the system's.

    Yields
    ------
    Path
        An empty folder.
    """
    place = Path(tempfile.gettempdir()) if beside is None else beside
    remove_dead(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}{'-' if kind else ''}", dir=place))
    # Held as long as the process lives, and let go by the system when it is killed.
    lock = FileLock(folder.with_name(f".{folder.name}.new"))
    lock.acquire()
    Path(lock.lock_file).rename(_lock_of(folder))  # seen by others only once it is held
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        _lock_of(folder).unlink(missing_ok=True)


def remove_dead(place: Path) -> list[Path]:
    """
    Remove the temporary folders whose process is surely dead: nobody holds their lock.

    Returns
    -------
    list of Path
        What was removed.
    """
    removed = []
    for held in place.glob(f".{PREFIX}*{_HELD}"):
        folder = held.with_name(held.name.removesuffix(_HELD)[1:])
        try:
            with FileLock(held, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
                held.unlink(missing_ok=True)
                removed.append(folder)
        except (OSError, Timeout):  # it is alive, or somebody else's
            continue
    return removed


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}{_HELD}")
