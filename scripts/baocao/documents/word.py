"""A Word file as its reader sees it, with tracked changes accepted or rejected."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from baocao.documents.characters import fold_characters
from baocao.documents.guard import WordParts
from baocao.documents.paragraphs import CAPTION_STYLES, W
from baocao.documents.passages import Passage, Writer, make_row
from baocao.documents.unseen import Unseen
from baocao.documents.wordlooks import WordLooks
from baocao.project.errors import TraceError
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.documents.numerals import Context

Reading = Literal["accepted", "rejected"]
BODY = "word/document.xml"
NOTES = ("word/footnotes.xml", "word/endnotes.xml")
PROPERTIES = "docProps/custom.xml"
STYLES, COMMENTS = "word/styles.xml", "word/comments.xml"
RELATIONS = "word/_rels/document.xml.rels"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PICTURES = frozenset((
    "{http://schemas.openxmlformats.org/drawingml/2006/main}blip",
    "{urn:schemas-microsoft-com:vml}imagedata",
))  # fmt: skip
_DRAWN_TEXT = (
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}v",
    "{http://schemas.openxmlformats.org/drawingml/2006/main}t",
)
# Heads and feet have any name; a chart or drawing of Word keeps its text in a part of its own.
_BESIDE = re.compile(r"word/[^/]+\.xml|word/charts/chart\d*\.xml|word/diagrams/data\d*\.xml")
_HEADS = frozenset((f"{W}hdr", f"{W}ftr"))
_HIDDEN: dict[Reading, set[str]] = {
    "accepted": {f"{W}del", f"{W}moveFrom"},
    "rejected": {f"{W}ins", f"{W}moveTo"},
}
_TRACKED = {f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo"}
_WRAPPERS = _TRACKED | {f"{W}sdt", f"{W}customXml", f"{W}sdtContent"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# LibreOffice adds this to the name of a bookmark in a note.
_COPIED = re.compile(r"_Copy_\d+$")
# What a program puts in by itself: numbers of pages, tables of contents.
_OWN_FIELDS = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|PAGEREF|NOTEREF|TOC|SEQ)\b")


class WordFile:
    """
    A Word file.

    Raises
    ------
    TraceError
        The file is missing or is no Word file.
    """

    def __init__(self, path: Path) -> None:
        parts = WordParts(path)
        if BODY not in parts:
            raise TraceError(
                _("{path} is no Word file: {body} is missing; save it as .docx again.", path=path, body=BODY)
            )
        self._archive = parts
        self._parts: dict[str, Any] = {
            name: parts.parse(name)
            for name in parts.names
            if name in {BODY, *NOTES, PROPERTIES} or _BESIDE.fullmatch(name)
        }

    def _read_pictures(self) -> dict[str, bytes]:
        """Return the pictures of the text, by the id of their relation."""
        found = {}
        for relation in self._archive.parse(RELATIONS) if RELATIONS in self._archive else ():
            name = posixpath.normpath(posixpath.join("word", relation.get("Target", "")))
            if relation.get("Type", "").endswith("/image") and name in self._archive:
                found[relation.get("Id")] = self._archive.read(name)
        return found

    def pictures(self, reading: Reading) -> list[bytes]:
        """Return the pictures of the text in the order of reading."""
        pictures = self._read_pictures()
        reader = _Reader(self._parts, reading)
        reader.read()
        return [pictures[id] for id in reader.pictures if id in pictures]

    @property
    def trace_hash(self) -> str | None:
        """The hash that the file was given when it was rendered."""
        for node in self._parts.get(PROPERTIES, ()):
            if node.get("name") == "trace-hash":
                return "".join(node.itertext()).strip() or None
        return None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Both where changes are tracked and still open, else one."""
        tracked = any(
            next(part.iter(*_TRACKED), None) is not None
            for name, part in self._parts.items()
            if name != PROPERTIES
        )
        return ("accepted", "rejected") if tracked else ("accepted",)

    def passages(self, reading: Reading) -> list[Passage]:
        """Read the file; a note stands behind the passage that calls it."""
        return _Reader(self._parts, reading).read()

    def unseen(self, reading: Reading) -> list[Unseen]:
        """Return what nobody can read on the page, and what stands in comments."""
        reader = _Reader(self._parts, reading)
        reader.read()
        remarks = ("".join(part.itertext(f"{W}t")) for part in self._parts.get(COMMENTS, ()))
        return [*reader.unseen, *(Unseen(text, _("it stands in a comment")) for text in remarks)]


class _Reader:
    def __init__(self, parts: dict[str, Any], reading: Reading) -> None:
        self._root = parts[BODY]
        self._reading = reading
        self._notes = {
            (name, note.get(f"{W}id")): note
            for name in NOTES
            for note in parts.get(name, ())
            if note.get(f"{W}type") in {None, "normal"}
        }
        self._heads = [part for part in parts.values() if part.tag in _HEADS]
        self._drawn = [part for name, part in parts.items() if name.count("/") > 1]
        self._called: list[Any] = []
        self._carry: Writer | None = None
        self.out: list[Passage] = []
        self.pictures: list[str] = []
        self.unseen: list[Unseen] = []
        self._looks = WordLooks(parts.get(STYLES))

    def read(self) -> list[Passage]:
        body = self._root.find(f"{W}body")
        self._blocks(body if body is not None else self._root)
        if self._carry is not None:
            self.out.append(self._carry.passage())
            self._carry = None
        for part in self._heads:
            self._blocks(part)
        for part in self._drawn:
            writer = Writer()
            for node in part.iter(*_DRAWN_TEXT):
                writer.add(f"{node.text or ''}; ")
            self.out.append(writer.passage())
        return [passage for passage in self.out if passage.text.strip() or passage.marks]

    def _blocks(self, parent: Any) -> None:
        for node in parent:
            if node.tag == f"{W}p":
                self._paragraph(node)
            elif node.tag == f"{W}tbl":
                self._table(node)
            elif node.tag in _WRAPPERS - _HIDDEN[self._reading]:
                self._blocks(node)

    def _paragraph(self, node: Any) -> None:
        writer = self._carry or Writer()
        self._carry = None
        self._inline(node, writer)
        if self._joins_next(node):
            self._carry = writer
            return
        self.out.append(writer.passage(_context(node)))
        self._flush_notes()

    def _flush_notes(self) -> None:
        called, self._called = self._called, []
        for note in called:
            writer = Writer()
            for paragraph in note.iter(f"{W}p"):
                self._inline(paragraph, writer)
                writer.add(" ")
            self.out.append(writer.passage(note=True))

    def _joins_next(self, node: Any) -> bool:
        gone = f"{W}del" if self._reading == "accepted" else f"{W}ins"
        return node.find(f"{W}pPr/{W}rPr/{gone}") is not None

    def _table(self, table: Any) -> None:
        labels: list[str] = []
        for row in table.iter(f"{W}tr"):
            if next(row.iterancestors(f"{W}tbl")) is not table:
                continue  # of a table in a cell
            gone = f"{W}del" if self._reading == "accepted" else f"{W}ins"
            if row.find(f"{W}trPr/{gone}") is not None:
                continue
            cells: list[tuple[Writer, Context, str]] = []
            head = row.find(f"{W}trPr/{W}tblHeader") is not None
            column = 0
            for cell in row.iter(f"{W}tc"):
                if next(cell.iterancestors(f"{W}tr")) is not row:
                    continue
                writer = Writer()
                for paragraph in cell.iter(f"{W}p"):
                    if writer.length:
                        writer.add(" ")
                    self._inline(paragraph, writer)
                span = cell.find(f"{W}tcPr/{W}gridSpan")
                across = int(span.get(f"{W}val")) if span is not None else 1
                if head:
                    labels += [""] * (column + across - len(labels))
                    for at in range(column, column + across):
                        labels[at] = f"{labels[at]} {writer.text}".strip()
                label = labels[column] if column < len(labels) and not head else ""
                cells.append((writer, "row" if column == 0 and not head else "cell", label))
                column += across
            self.out.append(make_row(cells))
            self._flush_notes()

    def _inline(self, paragraph: Any, writer: Writer) -> None:
        fields: list[list[Any]] = []  # [its instruction, whether its result has begun]
        for node in self._visible(paragraph, paragraph):
            tag = node.tag
            own = any(begun and _OWN_FIELDS.match(said) for said, begun in fields)
            if tag == f"{W}bookmarkStart":
                writer.open(f"b{node.get(f'{W}id')}", _COPIED.sub("", node.get(f"{W}name") or ""))
            elif tag == f"{W}bookmarkEnd":
                writer.close(f"b{node.get(f'{W}id')}")
            elif tag in {f"{W}t", f"{W}delText"}:
                writer.add("" if own else node.text or "")
            elif tag in {f"{W}tab", f"{W}br", f"{W}cr"}:
                writer.add(" ")
            elif tag in _PICTURES:
                self.pictures.append(node.get(f"{R}embed") or node.get(f"{R}id") or "")
            elif tag == f"{W}noBreakHyphen":
                writer.add("-")
            elif tag == f"{W}instrText" and fields:
                fields[-1][0] += node.text or ""
            elif tag == f"{W}fldChar":
                kind = node.get(f"{W}fldCharType")
                if kind == "begin":
                    fields.append(["", False])
                elif kind == "separate" and fields:
                    fields[-1][1] = True
                elif kind == "end" and fields:
                    fields.pop()
            elif tag in {f"{W}footnoteReference", f"{W}endnoteReference"}:
                part = NOTES[tag == f"{W}endnoteReference"]
                if (part, node.get(f"{W}id")) in self._notes:
                    self._called.append(self._notes.pop((part, node.get(f"{W}id"))))
            elif tag == f"{W}sdt":
                # Where the bookmark is gone, the control's alias still names the mention.
                alias = node.find(f"{W}sdtPr/{W}alias")
                if alias is not None:
                    writer.open(f"s{id(node)}", alias.get(f"{W}val") or "")
            elif isinstance(node, _Hidden):
                text = "".join(node.run.itertext(f"{W}t"))
                self.unseen.append(Unseen(fold_characters(text), node.why, writer.opened))
            elif isinstance(tag, str) and tag.startswith("end "):
                writer.close(tag[4:])

    def _visible(self, node: Any, paragraph: Any) -> Iterator[Any]:
        for child in node:
            tag = child.tag
            if not isinstance(tag, str) or tag == _FALLBACK or tag in _HIDDEN[self._reading]:
                continue
            if tag == f"{W}fldSimple" and _OWN_FIELDS.match(child.get(f"{W}instr") or ""):
                continue
            why = self._looks.find_reason(child) if tag == f"{W}r" else ""
            if why:
                yield _Hidden(child, why)
                continue
            yield child
            yield from self._visible(child, paragraph)
            if tag == f"{W}sdt":
                yield _End(f"end s{id(child)}")


class _End:
    def __init__(self, tag: str) -> None:
        self.tag = tag


class _Hidden:
    tag = ""

    def __init__(self, run: Any, why: str) -> None:
        self.run = run
        self.why = why


def _context(paragraph: Any) -> Context:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    name = (style.get(f"{W}val") if style is not None else "").casefold()
    if name.startswith("heading"):
        return "heading"
    return "caption" if name.endswith(CAPTION_STYLES) else "body"
