"""Quarterly administrative reports from submitted workbooks, every printed number traced to its cells."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["Section"]


def __getattr__(name: str) -> Any:
    # Notebooks say "from baocao import Section"; the command line starts fast without it.
    if name == "Section":
        from baocao.sections import Section

        return Section
    raise AttributeError(f"module 'baocao' has no attribute {name!r}")
