"""What a document says and where it comes from: mentions, citations, charts, values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baocao.project.findings import Finding
from baocao.project.language import _


@dataclass(frozen=True)
class Mention:
    """One place in a document where a value is printed, as printed."""

    id: str
    report: str
    section: str
    value: str
    printed: str
    context: str


@dataclass(frozen=True)
class CitationMention:
    """One place in a document where a text of a raw file is printed."""

    id: str
    report: str
    section: str
    printed: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """A plot; each mark is ``(series, label, value id)``."""

    id: str
    report: str
    section: str
    caption: str
    marks: tuple[tuple[str, str, str], ...]


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
        Untraced numerals (``untraced``) and ids with two numbers (``two-values``).
    """

    report: str
    text: str = ""
    mentions: list[Mention] = field(default_factory=list)
    citations: list[CitationMention] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    blocks: dict[str, Any] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def two_values(
    key: str, one: Mapping[str, Any], other: Mapping[str, Any], first: str, second: str
) -> Finding:
    """Say that one id stands for two numbers."""
    return Finding(
        "two-values",
        "error",
        _("the id {id!r} has two numbers, in {first} and in {second}", id=key, first=first, second=second),
        ids=(key,),
        expected=f"{one['number']} {one['unit']}",
        got=f"{other['number']} {other['unit']}",
        action=_("Give one of the two values another id, or compute both alike."),
    )


def merge_values(stitched: Sequence[Stitched]) -> list[Finding]:
    """Find ids that stand for two numbers in two reports."""
    findings = []
    seen: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for one in stitched:
        for key, node in one.values.items():
            report, known = seen.setdefault(key, (one.report, node))
            if known["number"] != node["number"] or known["unit"] != node["unit"]:
                findings.append(two_values(key, known, node, report, one.report))
    return findings


def hash_stitched(stitched: Stitched) -> str:
    """Give the sha256 of a report's mentions and their values: what a finished file is held against."""
    lines = [
        f"{m.id}\t{m.value}\t{m.printed}\t{stitched.values[m.value]['number']}" for m in stitched.mentions
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
