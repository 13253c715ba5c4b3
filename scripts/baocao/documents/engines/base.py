"""What an engine is: one Markdown source in, finished documents out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

Format = Literal["docx", "pdf", "html"]
FORMATS: tuple[Format, ...] = ("docx", "pdf", "html")


class Engine(Protocol):
    """A way to render; engines of equal versions write equal bytes of Word and PDF."""

    name: str
    #: False for an engine of tests: what it writes is no document and is not inspected.
    writes_documents: bool

    @property
    def versions(self) -> dict[str, str]:
        """Programs and their versions, e.g. ``{"pandoc": "3.9", "typst": "0.15.2"}``."""
        ...

    def render(
        self, source: Path, extension: Path, output_dir: Path, *, formats: Sequence[Format], epoch: int
    ) -> Mapping[Format, Path]:
        """
        Render a source in a working copy that may be written to.

        Parameters
        ----------
        source
            The Markdown file; its pictures and its trace lie beside it.
        extension
            The folder of the format extension.
        output_dir
            An existing folder for the documents, ``<stem>.docx`` and so on.
        formats
            What to write.
        epoch
            Seconds since 1970 that stand for "now" in every document.
        """
        ...
