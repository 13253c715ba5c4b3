"""An engine for tests: it writes what it was given instead of documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from baocao.documents.engines.base import Format


class RecordingEngine:
    """
    Writes a JSON record in place of each document.

    Attributes
    ----------
    calls
        One record a call, oldest first.
    """

    name = "recording"
    writes_documents = False

    def __init__(self) -> None:
        self.calls: list[dict[str, object]] = []

    @property
    def versions(self) -> dict[str, str]:
        """Nothing outside is used."""
        return {}

    def render(
        self, source: Path, extension: Path, output_dir: Path, *, formats: Sequence[Format], epoch: int
    ) -> dict[Format, Path]:
        """Write a record of the call as each document."""
        beside = sorted(
            path.relative_to(source.parent).as_posix() for path in source.parent.rglob("*") if path.is_file()
        )
        record: dict[str, object] = {
            "source": source.read_text("utf-8"),
            "extension": extension.name,
            "files": beside,
            "formats": list(formats),
            "epoch": epoch,
        }
        self.calls.append(record)
        written: dict[Format, Path] = {}
        for wanted in formats:
            written[wanted] = output_dir / f"{source.stem}.{wanted}"
            text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            written[wanted].write_text(text, encoding="utf-8", newline="\n")
        return written
