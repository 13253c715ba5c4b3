"""Files written whole or not at all, and JSON that is the same for the same data."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from json.encoder import encode_basestring  # in C
from pathlib import Path
from typing import Any
from uuid import uuid4

SYSTEM_FILES = frozenset({"desktop.ini", "thumbs.db", "ehthumbs.db", ".ds_store"})
"""What Windows and macOS leave in a folder that is looked at, in small letters."""


def is_litter(path: str) -> bool:
    """
    Return whether a file is one that Word, Excel or the system puts beside those of people.

    Examples
    --------
    >>> [is_litter(name) for name in ("~$van-ban.xlsx", "don-vi/Thumbs.db", ".DS_Store", "van-ban.xlsx")]
    [True, True, True, False]
    """
    name = path.rpartition("/")[2]
    return name.startswith(("~$", ".")) or name.casefold() in SYSTEM_FILES


def dump_json(data: object) -> str:
    """
    Write canonical JSON: sorted keys, UTF-8, one indent, a final newline.

    Examples
    --------
    >>> print(dump_json({"b": [1, "hai"], "a": None}), end="")
    {
     "a": null,
     "b": [
      1,
      "hai"
     ]
    }
    """
    return f"{_dump(data, NEWLINE)}{NEWLINE}"


NEWLINE = "\n"


def _dump(data: Any, margin: str) -> str:
    # What json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) writes, four times as fast:
    # with an indent, that one writes sign by sign in Python.
    if isinstance(data, str):
        text: str = encode_basestring(data)
        return text
    inner = f"{margin} "
    if isinstance(data, dict):
        if not data:
            return "{}"
        lines = (f"{_key(key)}: {_dump(data[key], inner)}" for key in sorted(data))
        return f"{{{inner}{f',{inner}'.join(lines)}{margin}}}"
    if isinstance(data, list | tuple):
        if not data:
            return "[]"
        return f"[{inner}{f',{inner}'.join([_dump(item, inner) for item in data])}{margin}]"
    return json.dumps(data)


def _key(key: object) -> str:
    text: str = encode_basestring(key if isinstance(key, str) else json.dumps(key))
    return text


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file, and the folders it lies in, whole or not at all; what lay there is replaced."""
    with _staged(path) as temporary:
        temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
        temporary.replace(path)


def copy_atomically(copies: Mapping[Path, Path]) -> None:
    """
    Copy files together: until all lie beside their targets, none takes its name.

    Parameters
    ----------
    copies
        By target, the file to copy.
    """
    with ExitStack() as stack:
        staged = [(stack.enter_context(_staged(target)), target) for target in copies]
        for (temporary, _target), source in zip(staged, copies.values(), strict=True):
            shutil.copyfile(source, temporary)
        for temporary, target in staged:
            temporary.replace(target)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """
    Write a folder whole or not at all; one that lay there is replaced, with everything in it.

    Parameters
    ----------
    files
        Contents by path within the folder.
    """
    with _staged(folder) as fresh, _staged(folder) as old:
        for name, content in files.items():
            write_atomically(fresh / name, content)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)


@contextmanager
def _staged(path: Path) -> Iterator[Path]:
    """Return a name beside a path that nobody else has; whatever still bears it afterwards is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{uuid4().hex[:8]}")
    try:
        yield temporary
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            temporary.unlink(missing_ok=True)
