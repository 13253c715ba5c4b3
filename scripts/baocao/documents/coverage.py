"""Count every numeral of a finished Word file: traced, constant, or untraced."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baocao.documents.paragraphs import read_paragraphs
from baocao.tracing.printing import find_misprints

if TYPE_CHECKING:
    from baocao.documents.numerals import Recogniser
    from baocao.tracing.trace import Trace


@dataclass
class Coverage:
    """
    Numerals of one finished document; ``numerals`` = traced + constants + untraced.

    Parameters
    ----------
    untraced
        For each, ``numeral`` and the text around it.
    """

    traced: int = 0
    constants: int = 0
    untraced: list[dict[str, str]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def numerals(self) -> int:
        """All of them."""
        return self.traced + self.constants + len(self.untraced)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "numerals": self.numerals,
            "traced": self.traced,
            "constants": self.constants,
            "untraced": self.untraced,
        }


def measure_coverage(docx: Path, trace: Trace, recogniser: Recogniser) -> Coverage:
    """
    Hold every numeral of a Word file against the trace.

    A numeral is traced where it lies in a mention's bookmark and the text
    there is the one that was printed and that its value prints, or in a citation's bookmark, or where
    it names a document of the register. It is a constant where it is declared
    one (see :class:`baocao.documents.numerals.Recogniser`).

    Raises
    ------
    TraceError
        The file is missing or is no Word file.
    """
    record = trace.record
    misprinted = {
        finding.ids[0] for finding in find_misprints(record.mentions, record.values, trace.project.params)
    }
    printed = {place.id: place.printed for place in record.places if place.id not in misprinted}
    coverage = Coverage()
    for paragraph in read_paragraphs(docx, recogniser.house.cells.row_number):
        held = [
            (start, end, name)
            for start, end, name in paragraph.marks
            if name in printed and _squeeze(paragraph.text[start:end]) == _squeeze(printed[name])
        ]
        for numeral in recogniser.find(paragraph.text, paragraph.context):
            mentioned = any(start <= numeral.start and numeral.end <= end for start, end, _ in held)
            if mentioned or numeral.kind == "citation":
                coverage.traced += 1
            elif numeral.kind is not None:
                coverage.constants += 1
                coverage.kinds[numeral.kind] = coverage.kinds.get(numeral.kind, 0) + 1
            else:
                at = max(0, numeral.start - 60)
                around = paragraph.text[at : numeral.end + 60]
                coverage.untraced.append({"numeral": numeral.text, "text": " ".join(around.split())})
    return coverage


def _squeeze(text: str) -> str:
    return " ".join(text.split())
