"""Choose the engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Literal

from baocao.documents.engines.base import Engine
from baocao.documents.engines.embedded import EmbeddedEngine
from baocao.documents.engines.quarto import QuartoEngine
from baocao.project.errors import ToolError
from baocao.project.language import _

EngineName = Literal["auto", "quarto", "embedded"]


def choose_engine(name: EngineName = "auto", tell: Callable[[str], None] = lambda _: None) -> Engine:
    """
    Choose how to render.

    Parameters
    ----------
    name
        ``quarto``, ``embedded``, or ``auto``: Quarto where it is on PATH and
        new enough, else the embedded Pandoc and Typst.
    tell
        Is told, in a sentence, which engine ``auto`` took and why.

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
        quarto = QuartoEngine()
    except ToolError as error:
        if name == "quarto":
            raise
        # Absent is what most people have; one that is there and not used is worth a word.
        if shutil.which("quarto") is not None:
            tell(_("Quarto is passed over, Pandoc and Typst from the wheels render: {reason}", reason=error))
        return EmbeddedEngine()
    if name == "auto":
        tell(
            _(
                "Quarto {version} renders ({path}); '--engine embedded' does without it",
                version=quarto.version,
                path=quarto.program,
            )
        )
    return quarto
