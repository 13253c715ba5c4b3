"""Where a command writes: results to stdout, all else to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def say(text: str) -> None:
    """Write a message to stderr."""
    print(text, file=sys.stderr)


def print_lines(lines: Iterable[str]) -> None:
    """Write lines to stdout."""
    for line in lines:
        print(line)


def print_json(data: Any) -> None:
    """Write one JSON document to stdout."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def relative(path: Path) -> Path:
    """Return a path as somebody in the working folder would type it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
