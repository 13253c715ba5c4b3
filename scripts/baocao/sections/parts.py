"""
What a notebook carries out to the stitcher: parts of a document as data.

A text is a row of runs. Only a `Printed` or a `Cited` run is a mention, and
only a notebook's formatting makes one: whatever a cell, a narrative or a file
name holds lies in a `Text` run and is printed as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from baocao.values.nodes import Node
from baocao.values.value import Span

# An output carries its part under this type; the number is the version of its layout.
MIME = "application/vnd.baocao.v2+json"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(_Data):
    """Characters, printed as they are."""

    kind: Literal["text"] = "text"
    text: str


class Printed(_Data):
    """A value as printed; ``value`` is its id."""

    kind: Literal["value"] = "value"
    value: str
    text: str


class Cited(_Data):
    """A text printed from raw files; ``cells`` are their addresses."""

    kind: Literal["citation"] = "citation"
    text: str
    cells: tuple[str, ...]


class Reference(_Data):
    """A table or a chart of the report, by its id; printed as the report numbers it."""

    kind: Literal["reference"] = "reference"
    to: str


class Styled(_Data):
    """Runs in bold or in italics."""

    kind: Literal["strong", "emphasis"]
    runs: tuple[Run, ...]


class Link(_Data):
    """Runs that lead to an address: http, https or mailto."""

    kind: Literal["link"] = "link"
    url: str
    runs: tuple[Run, ...]


class Note(_Data):
    """A footnote, called where it stands."""

    kind: Literal["note"] = "note"
    runs: tuple[Run, ...]


Run = Annotated[Text | Printed | Cited | Reference | Styled | Link | Note, Field(discriminator="kind")]
Runs = tuple[Run, ...]


class Paragraph(_Data):
    """A paragraph; ``line`` counts from 1 in the text it was read from."""

    kind: Literal["paragraph"] = "paragraph"
    runs: Runs
    line: int = 1


class Heading(_Data):
    """A heading."""

    kind: Literal["heading"] = "heading"
    level: int
    runs: Runs
    line: int = 1


class Listing(_Data):
    """A list; ``start`` is the number of its first item, None for one with dashes."""

    kind: Literal["list"] = "list"
    start: int | None = None
    items: tuple[tuple[TextBlock, ...], ...]


TextBlock = Annotated[Paragraph | Heading | Listing, Field(discriminator="kind")]


class Prose(_Data):
    """Paragraphs; ``file`` is the narrative they were read from, None for the notebook's own text."""

    kind: Literal["prose"] = "prose"
    blocks: tuple[TextBlock, ...]
    file: str | None = None


class Table(_Data):
    """
    A table.

    Parameters
    ----------
    header, rows
        One entry a column; ``numeric`` tells which columns hold numbers.
    total
        Whether the last row is a total, in bold.
    numbered
        Whether the first column counts the rows.
    widths
        Relative.
    wide
        On a page across.
    """

    kind: Literal["table"] = "table"
    id: str
    caption: Runs
    header: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]
    numeric: tuple[bool, ...]
    widths: tuple[int, ...]
    total: bool = False
    numbered: bool = False
    wide: bool = False


class Chart(_Data):
    """A chart; each mark is ``(series, label, value id)``."""

    kind: Literal["chart"] = "chart"
    id: str
    caption: Runs
    alt: Runs
    axis: str
    marks: tuple[tuple[str, str, str], ...]


class Part(_Data):
    """
    One output of a notebook.

    Parameters
    ----------
    content
        What is printed.
    report, section
        What the notebook calls itself.
    reads
        What was read since the output before, with fingerprints.
    values, blocks
        Derivations that no earlier output has carried out.
    """

    content: Annotated[Prose | Table | Chart, Field(discriminator="kind")]
    report: str
    section: str
    reads: dict[str, str] = {}
    values: dict[str, Node] = {}
    blocks: dict[str, tuple[Span, ...]] = {}


for _model in (Styled, Link, Note, Listing, Prose, Table, Chart, Part):
    _model.model_rebuild()


def plain(runs: Sequence[Run], *, notes: bool = True) -> str:
    """
    Return runs as their reader reads them.

    Parameters
    ----------
    notes
        Whether footnotes belong to it, in parentheses where they are called.

    Examples
    --------
    >>> plain((Text(text="Có "), Printed(value="so", text="38"), Text(text=" hồ sơ")))
    'Có 38 hồ sơ'
    """
    return "".join(_plain(run, notes) for run in runs)


def _plain(run: Run, notes: bool) -> str:
    if isinstance(run, Note):
        return f" ({plain(run.runs)})" if notes else ""
    if isinstance(run, Reference):
        return f"[{run.to}]"
    return run.text if isinstance(run, Text | Printed | Cited) else plain(run.runs, notes=notes)


def paragraphs(blocks: Sequence[TextBlock]) -> Iterator[Paragraph | Heading]:
    """Yield the paragraphs and headings of blocks, those in lists as well, in the order of reading."""
    for block in blocks:
        if isinstance(block, Listing):
            for item in block.items:
                yield from paragraphs(item)
        else:
            yield block
