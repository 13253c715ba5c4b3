"""Hashes of files, of code, of the environment: one place, one spelling (sha256 in hex)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path


def hash_bytes(content: bytes) -> str:
    """
    Return the sha256 of some bytes, in hex.

    Examples
    --------
    >>> hash_bytes(b"")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def list_houses() -> list[Path]:
    """List the Python files of every installed house: what it says is printed, so it counts as code."""
    files: set[Path] = set()
    for point in entry_points(group="baocao.houses"):
        spec = find_spec(point.module)
        origin = Path(spec.origin) if spec is not None and spec.origin else None
        files |= {origin, *origin.parent.rglob("*.py")} if origin is not None else set()
    return sorted(files)


def hash_code(parts: Iterable[str] | None = None) -> str:
    """
    Return one sha256 over the package's source and that of the installed houses.

    Parameters
    ----------
    parts
        Only packages and modules with these paths, for example ``"reading"``
        or ``"documents/engines"``; None takes the whole package.
    """
    folder = Path(__file__).parents[1]
    wanted = None if parts is None else tuple(parts)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        stem = name.removesuffix(".py")
        if wanted is None or any(stem == part or stem.startswith(f"{part}/") for part in wanted):
            digest.update(f"{name}\n{hash_file(path)}\n".encode())
    for path in list_houses():
        digest.update(f"{path.name}\n{hash_file(path)}\n".encode())
    return digest.hexdigest()


def hash_environment(root: Path) -> str:
    """Return one sha256 over the lock of a project and the version of Python."""
    lock = root / "requirements.lock"
    known = hash_file(lock) if lock.is_file() else "no lock"
    return hash_bytes(f"{known} {sys.version_info[:3]}".encode())
