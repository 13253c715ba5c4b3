"""
Periodic administrative reports from submitted workbooks, every printed number traced to its cells.

What stands here is all that the notebook of a section imports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baocao.project.periods import format_date
    from baocao.sections.section import Section
    from baocao.values.citations import Citation, cite_alike
    from baocao.values.grids import Grid
    from baocao.values.value import opaque, total

__all__ = ["Citation", "Grid", "Section", "cite_alike", "format_date", "opaque", "total"]
__version__ = "0.3.0"

_HOMES = {
    "Citation": "baocao.values.citations",
    "Grid": "baocao.values.grids",
    "Section": "baocao.sections.section",
    "cite_alike": "baocao.values.citations",
    "format_date": "baocao.project.periods",
    "opaque": "baocao.values.value",
    "total": "baocao.values.value",
}


def __getattr__(name: str) -> Any:
    # Later than the import, so that a command line without notebooks need not load what they need.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'baocao' has no attribute {name!r}")
