"""Policy text that an office writes for a section: plain Markdown, block by block."""

from __future__ import annotations

import re
from pathlib import Path

from baocao.project.errors import UsageError
from baocao.project.language import _

_BLOCK = re.compile(r"^##\s+(.+?)\s*$", re.MULTILINE)


def read_narrative(path: Path, file: str, block: str | None = None) -> str:
    """
    Read a narrative file, or one block of it.

    Raises
    ------
    UsageError
        The file is missing, or has no such block; the message lists its blocks.
    """
    try:
        text: str = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(_("{file} is missing; write the section's text there.", file=file)) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            _(
                "{file}: expected UTF-8 text, got byte {start}: {reason}.",
                file=file,
                start=error.start,
                reason=error.reason,
            )
        ) from None
    parts = _BLOCK.split(text)
    blocks = dict(zip(parts[1::2], parts[2::2], strict=True))
    if block is None:
        return "\n\n".join([parts[0], *blocks.values()])
    if block not in blocks:
        raise UsageError(
            _(
                "{file} has no block '## {block}'; it has {blocks}.",
                file=file,
                block=block,
                blocks=", ".join(blocks) or _("none"),
            )
        )
    return blocks[block]
