"""Quarterly administrative reports from submitted workbooks, every printed number traced to its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baocao.sections.section import Section

__all__ = ["Section"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Later than the import, so that a command line without notebooks need not load what they need.
    if name == "Section":
        from baocao.sections.section import Section

        return Section
    raise AttributeError(f"module 'baocao' has no attribute {name!r}")
