"""Choose the engine."""

from __future__ import annotations

from typing import Literal

from baocao.documents.engines.base import Engine
from baocao.documents.engines.embedded import EmbeddedEngine
from baocao.documents.engines.quarto import QuartoEngine
from baocao.project.errors import ToolError

EngineName = Literal["auto", "quarto", "embedded"]


def choose_engine(name: EngineName = "auto") -> Engine:
    """
    Choose how to render.

    Parameters
    ----------
    name
        ``quarto``, ``embedded``, or ``auto``: Quarto where it is on PATH and
        new enough, else the embedded Pandoc and Typst.

    Raises
    ------
    ToolMissingError
        Quarto is asked for by name, and is absent or too old.
    ToolError
        Quarto is asked for by name, and does not even tell its version.

    Examples
    --------
    >>> choose_engine("embedded").name
    'embedded'
    """
    if name == "embedded":
        return EmbeddedEngine()
    try:
        return QuartoEngine()
    except ToolError:
        if name == "quarto":
            raise
        return EmbeddedEngine()
