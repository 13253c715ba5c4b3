"""Files written whole or not at all, and JSON that is the same for the same data."""

from __future__ import annotations

import json
import os
from pathlib import Path

SYSTEM_FILES = frozenset({"desktop.ini", "thumbs.db", "ehthumbs.db", ".ds_store"})
"""What Windows and macOS leave in a folder that is looked at, in small letters."""


def is_litter(path: str) -> bool:
    """
    Tell whether a file is one that Word, Excel or the system puts beside those of people.

    Examples
    --------
    >>> [is_litter(name) for name in ("~$van-ban.xlsx", "don-vi/Thumbs.db", ".DS_Store", "van-ban.xlsx")]
    [True, True, True, False]
    """
    name = path.rpartition("/")[2]
    return name.startswith(("~$", ".")) or name.casefold() in SYSTEM_FILES


def dump_json(data: object) -> str:
    """Write canonical JSON: sorted keys, UTF-8, one indent, a final newline."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
    temporary.replace(path)
