"""Cells of workbooks that were read before, by the sha256 of the file."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zlib
from functools import cache as once
from importlib.metadata import version
from pathlib import Path
from typing import Any


@once
def reader_version() -> str:
    """Name what reads: a change of this package's reader or of its library makes old entries stale."""
    digest = hashlib.sha256(version("python-calamine").encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class WorkbookCache:
    """
    A folder of answers, one file a workbook; any of them may vanish at any time.

    An entry starts with the sha256 of its content; one that does not match is
    as good as none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}.{reader_version()}.json.z"

    def get(self, sha256: str) -> dict[str, Any] | None:
        """Give the answer for a file, or None where there is none to trust."""
        try:
            data = self._path(sha256).read_bytes()
            head, body = data[:32], data[32:]
            if hashlib.sha256(sha256.encode() + body).digest() != head:
                return None
            answer = json.loads(zlib.decompress(body))
        except (OSError, ValueError, zlib.error):
            return None
        return answer if isinstance(answer, dict) else None

    def put(self, sha256: str, answer: dict[str, Any]) -> None:
        """Keep an answer; written beside and renamed, so that two processes do not disturb each other."""
        body = zlib.compress(json.dumps(answer, separators=(",", ":")).encode("ascii"), 1)
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(sha256.encode() + body).digest() + body)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
