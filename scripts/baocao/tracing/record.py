"""
The trace: what documents say and where it comes from, as records, with one reader and one writer.

Layout of ``trace.json`` (``schema`` 2, 2026-11): ``values`` by id, each with
its exact ``number``, ``parents``, ``sources`` (block, column letter, role) and
``basis`` (form, criteria, column; see :mod:`baocao.values.criteria`);
``blocks`` name rows of raw sheets once for all values read from them, and once
for all files that follow each other in ``files`` and have them in common, so
that the trace of a total over thousands of units stays a reference; ``mentions``,
``citations`` and ``charts`` in the order of the document; ``annexes`` say
where the mentions of official tables stand in the report's workbook; ``files`` with their
sha256; ``tables`` with the fingerprint of each form the values were read from.
In schema 1 a basis was words: it can be shown, and its values cannot be made again.
Nothing in it depends on the clock, the machine or the folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError

from baocao.project.cells import parse_cell
from baocao.project.errors import TraceError
from baocao.project.files import dump_json
from baocao.project.findings import Finding
from baocao.project.hashes import hash_bytes
from baocao.project.language import _
from baocao.project.schemas import expected_of
from baocao.tracing.spans import Folded, fold_spans, unfold_blocks
from baocao.values.criteria import Basis
from baocao.values.nodes import Node
from baocao.values.value import Span

SCHEMA: Literal[2] = 2
FILE = "trace.json"
_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in a document where a value is printed, as printed."""

    __pydantic_config__ = _STRICT

    id: str
    report: str
    section: str
    value: str
    printed: str
    context: str


@dataclass(frozen=True, slots=True)
class CitationMention:
    """One place in a document where a text of a raw file is printed."""

    __pydantic_config__ = _STRICT

    id: str
    report: str
    section: str
    printed: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakenCell:
    """
    Why a cell counts as something else than stands there.

    Parameters
    ----------
    value
        What it counts as.
    seen
        What stands there, a text in quotes.
    who, when, why
        Who decided it, on which day, and the reason.
    """

    __pydantic_config__ = _STRICT

    value: str
    seen: str
    who: str
    when: str
    why: str


class Mark(NamedTuple):
    """One bar, point or slice of a chart, and the id of its value."""

    series: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot whose marks know their values."""

    __pydantic_config__ = _STRICT

    id: str
    report: str
    section: str
    caption: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Annex:
    """
    An official table, as its sheet of the report's workbook holds it.

    Parameters
    ----------
    label, title
        What it is called: ``Phụ lục I``; the label is also the name of the sheet.
    texts, mentions, formulas
        By address within the sheet: what is typed, the id of the mention, and how a number follows
        from others.
    """

    __pydantic_config__ = _STRICT

    id: str
    report: str
    label: str
    title: str
    texts: dict[str, str]
    mentions: dict[str, str]
    formulas: dict[str, str]


@dataclass(frozen=True)
class TraceRecord:
    """
    What a ``trace.json`` holds.

    Parameters
    ----------
    values
        By id.
    blocks
        By key, the rows of raw sheets, ``(file, sheet, first row, last row)``.
    files
        sha256 of every raw file that a value or citation leads to.
    tables
        Fingerprint of the table of each form that a value was read from;
        empty in a trace of schema 1.
    taken
        By cell, why it counts as something else than stands there; every other
        cell counts as what stands there.
    annexes
        The official tables of the reports.
    """

    period: str
    reports: tuple[str, ...]
    values: dict[str, Node]
    blocks: dict[str, tuple[Span, ...]]
    mentions: tuple[Mention, ...]
    citations: tuple[CitationMention, ...]
    charts: tuple[Chart, ...]
    files: dict[str, str]
    tables: dict[str, str] = field(default_factory=dict)
    taken: dict[str, TakenCell] = field(default_factory=dict)
    annexes: tuple[Annex, ...] = ()

    @property
    def places(self) -> tuple[Mention | CitationMention, ...]:
        """Every place of the documents that leads back to cells."""
        return (*self.mentions, *self.citations)

    def renamed(self, names: Mapping[str, str]) -> TraceRecord:
        """
        Return the record with other ids for values.

        Parameters
        ----------
        names
            New id by old one; a part ``<old>__x`` goes with its whole. An id
            whose new name is taken stays.
        """
        new: dict[str, str] = {}
        for key in self.values:
            stem, mark, part = key.partition("__")
            name = names.get(key) or names.get(stem, stem) + mark + part
            new[key] = key if name != key and name in self.values else name
        if all(key == name for key, name in new.items()):
            return self
        return replace(
            self,
            values={
                new[key]: replace(node, parents=tuple(new[parent] for parent in node.parents))
                for key, node in self.values.items()
            },
            mentions=tuple(replace(mention, value=new[mention.value]) for mention in self.mentions),
            charts=tuple(
                replace(chart, marks=tuple(mark._replace(value=new[mark.value]) for mark in chart.marks))
                for chart in self.charts
            ),
        )


@dataclass(frozen=True)
class _Written(TraceRecord):
    """The record as it is written: its blocks folded."""

    __pydantic_config__ = _STRICT

    blocks: dict[str, tuple[Folded, ...]]  # type: ignore[assignment]
    schema: Literal[1, 2] = SCHEMA


_WRITTEN: TypeAdapter[_Written] = TypeAdapter(_Written)


def parse_trace(content: bytes | str, name: str) -> TraceRecord:
    """
    Read a trace.

    Parameters
    ----------
    name
        What the file is called in an error.

    Raises
    ------
    TraceError
        It is damaged; the message names the place.
    """
    try:
        written = _WRITTEN.validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise _damaged(
            name,
            ".".join(map(str, first["loc"])) or "JSON",
            _("expected: {expected}", expected=expected_of(first)),
        ) from None
    try:
        blocks = unfold_blocks(written.blocks, written.files)
    except ValueError as error:
        raise _damaged(name, "blocks", str(error)) from None
    fields = {key: value for key, value in vars(written).items() if key not in ("schema", "blocks")}
    record = TraceRecord(**fields, blocks=blocks)
    fault = _find_fault(record)
    if fault:
        raise _damaged(name, *fault)
    return record


def _damaged(name: str, place: str, why: str) -> TraceError:
    return TraceError(
        _("{name} is damaged at {place}: {why}; build the period again.", name=name, place=place, why=why)
    )


def _find_fault(record: TraceRecord) -> tuple[str, str] | None:
    """Return the first place where the record names what it does not hold."""
    for key, node in record.values.items():
        for parent in node.parents:
            if parent not in record.values:
                return f"values.{key}.parents", _("no value {parent!r}", parent=parent)
        for source in node.sources:
            if source.block not in record.blocks:
                return f"values.{key}.sources", _("no block {block!r}", block=source.block)
    for mention in record.mentions:
        if mention.value not in record.values:
            return f"mentions.{mention.id}", _("no value {value!r}", value=mention.value)
    for chart in record.charts:
        for mark in chart.marks:
            if mark.value not in record.values:
                return f"charts.{chart.id}", _("no value {value!r}", value=mark.value)
    known = {mention.id for mention in record.mentions} if record.annexes else set()
    for annex in record.annexes:
        for address, id in annex.mentions.items():
            if id not in known:
                return f"annexes.{annex.id}.mentions.{address}", _("no mention {mention!r}", mention=id)
    try:
        TopologicalSorter({key: node.parents for key, node in record.values.items()}).prepare()
    except CycleError as error:
        return f"values.{error.args[1][0]}.parents", _("a value is made of itself")
    return None


def dump_trace(record: TraceRecord) -> str:
    """Write a trace as canonical JSON."""
    order = {file: number for number, file in enumerate(sorted(record.files))}
    blocks = {key: tuple(fold_spans(spans, order)) for key, spans in record.blocks.items()}
    data: dict[str, Any] = _WRITTEN.dump_python(
        _Written(**{**vars(record), "blocks": blocks}, schema=SCHEMA), mode="json"
    )
    return dump_json(data)


@dataclass
class Stitched:
    """
    A report as one Markdown document, and what in it leads back to cells.

    Parameters
    ----------
    values, blocks
        The derivations as the notebooks carried them out.
    pictures
        File name below the document's folder to content.
    findings
        Untraced numerals (``untraced``), ids with two numbers (``two-values``),
        numbers printed otherwise than their values are (``misprinted``).
    workbook
        The annexes as a workbook; None where there are none.
    """

    report: str
    text: str = ""
    mentions: list[Mention] = field(default_factory=list)
    citations: list[CitationMention] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    values: dict[str, Node] = field(default_factory=dict)
    blocks: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    annexes: list[Annex] = field(default_factory=list)
    workbook: bytes | None = None


def make_record(
    period: str,
    stitched: Sequence[Stitched],
    sha256: Mapping[str, str],
    fingerprints: Mapping[str, str],
    taken: Mapping[str, TakenCell] | None = None,
) -> TraceRecord:
    """
    Make the record of some reports of a period.

    Parameters
    ----------
    sha256
        Of every raw file of the period; only those that a value or citation
        leads to are kept.
    fingerprints
        Of the table of every form; only those that a value was read from are kept.
    taken
        By cell, why it counts as something else; only those of files that are kept.
    """
    values: dict[str, Node] = {}
    blocks: dict[str, tuple[Span, ...]] = {}
    for one in stitched:
        for key, node in one.values.items():
            values.setdefault(key, node)
        blocks.update(one.blocks)
    used = {source.block for node in values.values() for source in node.sources}
    blocks = {key: blocks[key] for key in sorted(used)}
    files = {span[0] for spans in blocks.values() for span in spans}
    files |= {parse_cell(cell).file for one in stitched for item in one.citations for cell in item.cells}
    forms = {node.basis.form for node in values.values() if isinstance(node.basis, Basis)}
    return TraceRecord(
        period,
        tuple(one.report for one in stitched),
        values,
        blocks,
        tuple(item for one in stitched for item in one.mentions),
        tuple(item for one in stitched for item in one.citations),
        tuple(item for one in stitched for item in one.charts),
        {file: sha256[file] for file in sorted(files) if file in sha256},
        {form: fingerprints[form] for form in sorted(forms) if form in fingerprints},
        {cell: one for cell, one in sorted((taken or {}).items()) if parse_cell(cell).file in files},
        tuple(item for one in stitched for item in one.annexes),
    )


def two_values(key: str, one: Node, other: Node, first: str, second: str) -> Finding:
    """Return the finding that one id stands for two numbers."""
    return Finding(
        "two-values",
        "error",
        _("the id {id!r} has two numbers, in {first} and in {second}", id=key, first=first, second=second),
        ids=(key,),
        expected=f"{one.number} {one.unit}",
        got=f"{other.number} {other.unit}",
        action=_("Give one of the two values another id, or compute both alike."),
    )


def merge_values(stitched: Sequence[Stitched]) -> list[Finding]:
    """Find ids that stand for two numbers in two reports."""
    findings = []
    seen: dict[str, tuple[str, Node]] = {}
    for one in stitched:
        for key, node in one.values.items():
            report, known = seen.setdefault(key, (one.report, node))
            if (known.number, known.unit) != (node.number, node.unit):
                findings.append(two_values(key, known, node, report, one.report))
    return findings


def hash_mentions(report: str, mentions: Sequence[Mention], values: Mapping[str, Node]) -> str:
    """Return the sha256 of a report's mentions and their values: what a finished file is held against."""
    lines = [
        f"{mention.id}\t{mention.value}\t{mention.printed}\t{values[mention.value].number}"
        for mention in mentions
        if mention.report == report
    ]
    return hash_bytes("\n".join(lines).encode())
