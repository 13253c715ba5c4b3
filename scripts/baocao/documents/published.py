"""The passages that a report was published with, read from its Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baocao.documents.engines.embedded import EmbeddedEngine
from baocao.documents.passages import Passage, Writer, make_row
from baocao.project.processes import run

if TYPE_CHECKING:
    from baocao.documents.numerals import Context
    from baocao.project.house import Document

_INNER = {
    "Emph": 0, "Strong": 0, "Strikeout": 0, "Underline": 0, "Superscript": 0, "Subscript": 0, "SmallCaps": 0,
    "Quoted": 1, "Cite": 1, "Link": 1,
}  # fmt: skip


def read_published(source: Path, words: Document) -> list[Passage]:
    """
    Read the Markdown of a report.

    Parameters
    ----------
    words
        Which metadata are printed before and after the body.

    Returns
    -------
    list of Passage
        Head, body, closing; a note behind the passage that calls it.

    Raises
    ------
    ToolError
        Pandoc refuses it.
    """
    pandoc = EmbeddedEngine().pandoc
    said = run([pandoc, "--from=markdown-smart", "--to=json", source.name], cwd=source.parent).stdout
    document = json.loads(said)
    reader = _Reader()
    for key in words.before:
        reader.meta(document["meta"].get(key))
    reader.blocks(document["blocks"])
    for key in words.after:
        reader.meta(document["meta"].get(key))
    return [passage for passage in reader.out if passage.text.strip()]


class _Reader:
    def __init__(self) -> None:
        self.out: list[Passage] = []
        self._notes: list[list[dict[str, Any]]] = []

    def meta(self, value: dict[str, Any] | None) -> None:
        if value is None:
            return
        kind, content = value["t"], value["c"]
        if kind == "MetaList":
            for item in content:
                self.meta(item)
        elif kind == "MetaInlines":
            self._paragraph(content)
        elif kind == "MetaBlocks":
            self.blocks(content)

    def blocks(self, blocks: Iterable[dict[str, Any]], context: Context = "body") -> None:
        for block in blocks:
            kind: str = block["t"]
            content: Any = block.get("c")
            if kind in {"Para", "Plain"}:
                self._paragraph(content, context)
            elif kind == "Header":
                self._paragraph(content[2], "heading")
            elif kind == "Div":
                classes, inner = content[0][1], content[1]
                if "bang" in classes:
                    self.blocks(inner[:1], "caption")
                    heads = dict(content[0][2]).get("dau", "1")
                    for table in inner[1:]:
                        self._table(table["c"], int(heads))
                elif "hinh" in classes:
                    self.blocks(inner[1:], "caption")
                else:
                    self.blocks(inner)
            elif kind == "BulletList":
                for item in content:
                    self.blocks(item)
            elif kind == "OrderedList":
                self._ordered(content)
            elif kind == "BlockQuote":
                self.blocks(content)
            elif kind == "LineBlock":
                for line in content:
                    self._paragraph(line)
            elif kind == "Table":
                self._table(content, 1)

    def _ordered(self, content: Any) -> None:
        (start, style, delimiter), items = content
        for number, item in enumerate(items, start):
            # Letters say nothing that could be altered; numbers stand in the document as text.
            mark = f"{number}" if style["t"] in {"Decimal", "DefaultStyle"} else ""
            end = ")" if delimiter["t"] == "OneParen" else "."
            for index, block in enumerate(item):
                if index == 0 and mark and block["t"] in {"Para", "Plain"}:
                    self._paragraph([{"t": "Str", "c": f"{mark}{end} "}, *block["c"]])
                else:
                    self.blocks([block])

    def _paragraph(self, inlines: list[dict[str, Any]], context: Context = "body") -> None:
        writer = Writer()
        self._inlines(inlines, writer)
        self.out.append(writer.passage(context))
        self._flush_notes()

    def _flush_notes(self) -> None:
        notes, self._notes = self._notes, []
        for note in notes:
            writer = Writer()
            for block in note:
                if block["t"] in {"Para", "Plain"}:
                    self._inlines(block["c"], writer)
                    writer.add(" ")
            self.out.append(writer.passage(note=True))

    def _inlines(self, inlines: Iterable[dict[str, Any]], writer: Writer) -> None:
        for inline in inlines:
            kind: str = inline["t"]
            content: Any = inline.get("c")
            if kind == "Str":
                writer.add(content)
            elif kind in {"Space", "SoftBreak", "LineBreak"}:
                writer.add(" ")
            elif kind in {"Code", "Math"}:
                writer.add(content[1])
            elif kind == "Note":
                self._notes.append(content)
            elif kind == "Span":
                id = content[0][0]
                if id:
                    writer.open(id, id)
                self._inlines(content[1], writer)
                writer.close(id)
            elif kind in _INNER:
                inner = content if _INNER[kind] == 0 else content[1]
                self._inlines(inner, writer)

    def _table(self, content: Any, heads: int) -> None:
        """Read a table whose first rows are its heads."""
        _, _, _, head, bodies, foot = content
        rows = [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]
        labels: list[str] = []
        for number, row in enumerate(rows):
            self._row(row[1], labels, head=number < heads)

    def _row(self, row: list[Any], labels: list[str], *, head: bool) -> None:
        cells: list[tuple[Writer, Context, str]] = []
        left = ""
        for column, cell in enumerate(row):
            writer = Writer()
            for block in cell[4]:
                if block["t"] in {"Para", "Plain"}:
                    self._inlines(block["c"], writer)
            joined = writer.text.strip() if writer.text.strip() in {"<<", "^^"} else ""
            if head:
                # `<<` stands below the head to its left as well, `^^` adds nothing to the one above.
                left = left if joined == "<<" else "" if joined else writer.text
                labels += [""] * (column + 1 - len(labels))
                labels[column] = f"{labels[column]} {left}".strip()
            label = labels[column] if column < len(labels) and not head else ""
            empty = Writer() if joined else writer
            cells.append((empty, "row" if column == 0 and not head else "cell", label))
        self.out.append(make_row(cells))
        self._flush_notes()
