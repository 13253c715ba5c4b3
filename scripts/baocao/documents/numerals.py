"""Every run of digits in a text, and which of them are no numbers: citations, dates of the period, articles, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from baocao.project.periods import format_words
from baocao.values.citations import Citation, find_documents

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period
    from baocao.reading.tables import Tables
    from baocao.values.citations import Documents

Kind = Literal["citation", "calendar", "legal", "name", "structure"]
Context = Literal["body", "heading", "caption", "cell", "row"]

_DIGITS = r"\d+(?:[.,/]\d+)*%?"
_HEADING_NUMBER = re.compile(r"^[\s*]*(?:[IVXLC]+|\d{1,2}(?:\.\d{1,2})*)\.(?=\s)")
_LIST_NUMBER = re.compile(r"^[\s*]*\d{1,2}(?:\.\d{1,2})*\.(?=\s)|(?:^|(?<=[;:,.]))\s*\(\d{1,2}\)(?=\s)")
_ROW_NUMBER = re.compile(r"^\s*\d{1,4}\s*$")
_COLUMN_FORMULA = re.compile(r"^\s*\(\d{1,2}\)(?:\s*[=+]\s*\(\d{1,2}\))*\s*$")


@dataclass(frozen=True)
class Numeral:
    """
    One run of digits.

    Parameters
    ----------
    kind
        Why it is no number; None where nothing says so: such a numeral must
        be a mention, or it is untraced.
    citation
        What a ``citation`` names.
    """

    start: int
    end: int
    text: str
    kind: Kind | None
    citation: Citation | None = None


class Recogniser:
    """
    Tells the numerals of a text apart by what is declared, not by how they look.

    Parameters
    ----------
    period
        Its window, quarter, months and years are ``calendar``.
    names
        Names that hold a numeral ("5 tại chỗ"); from params.
    documents
        The register; symbols and dates that stand in it are citations.
    units
        Measuring units; a numeral that one of them follows is never a constant.
    """

    def __init__(
        self,
        period: Period,
        names: Iterable[str],
        documents: Documents,
        units: Iterable[str] = (),
        legal: Iterable[str] = (),
    ) -> None:
        self.documents = documents
        self.house = documents.house
        constants = self.house.constants
        # One each: 14/16, 1.018, 97,15%, 23/12/2025, 3220/UBND-TTPVHCC.
        self.numeral = re.compile(rf"(?:{constants.symbol.pattern})|{_DIGITS}")
        # Short words ("ban", "điểm") begin other words as often as they measure.
        words = [
            re.escape(unit)
            for unit in sorted(units, key=len, reverse=True)
            if len(unit) > 4 or unit.isupper()
        ]
        self._measured = re.compile(
            rf"\)?\s*(?:%|(?:{'|'.join([*words, *map(re.escape, constants.measures)]) or '(?!)'})(?!\w))"
        )
        self._names = [re.compile(re.escape(name)) for name in names]
        self._legal = [self.house.constants.legal, *(re.compile(re.escape(text)) for text in legal)]
        self._calendar = self.house.periods.calendar(period)
        captions = "|".join(map(re.escape, constants.captions))
        document = self.house.document
        referred = re.compile(
            rf"(?<!\w)(?:{document.table}|{document.chart})\s+\d{{1,3}}(?![\w%]|[.,/]\d|\.\s)"
        )
        self._structure = {
            **_STRUCTURE,
            "body": (*_STRUCTURE["body"], referred),
            "caption": (re.compile(rf"^\s*(?:{captions})\s+\d+(?=\.\s)"),),
        }

    def find(self, text: str, context: Context = "body") -> list[Numeral]:
        """
        Find every numeral of a plain text, in order.

        Parameters
        ----------
        context
            Where the text stands: numbers of headings, captions, list items
            and table rows are ``structure`` only in their own place.
        """
        cited = [(item.start, item.end, item.citation) for item in self.documents.find(text)]
        declared: list[tuple[int, int, Kind]] = []
        for pattern in self._calendar:
            declared += [(match.start(), match.end(), "calendar") for match in pattern.finditer(text)]
        for pattern in self._legal:
            declared += [(match.start(), match.end(), "legal") for match in pattern.finditer(text)]
        for pattern in self._names:
            declared += [(match.start(), match.end(), "name") for match in pattern.finditer(text)]
        for pattern in self._structure[context]:
            declared += [(match.start(), match.end(), "structure") for match in pattern.finditer(text)]
        found = []
        for match in self.numeral.finditer(text):
            citation = next(
                (c for start, end, c in cited if start <= match.start() and match.end() <= end), None
            )
            kind: Kind | None = "citation" if citation else None
            measured = self._measured.match(text, match.end())
            # "6 tháng đầu năm" is what a period is called, its measure within.
            if measured and any(
                kind == "calendar" and start <= match.start() and measured.end() <= end
                for start, end, kind in declared
            ):
                measured = None
            if kind is None and not match[0].endswith("%") and not measured:
                kind = next(
                    (k for start, end, k in declared if start <= match.start() and match.end() <= end), None
                )
            found.append(Numeral(match.start(), match.end(), match[0], kind, citation))
        return found


_STRUCTURE: dict[Context, tuple[re.Pattern[str], ...]] = {
    "body": (_LIST_NUMBER,),
    "heading": (_HEADING_NUMBER,),
    "cell": (_COLUMN_FORMULA,),
    "row": (_ROW_NUMBER,),
}


def _list_headings(project: Project, period: Period) -> Iterator[str]:
    """Yield titles and headings of ``params/reports.yaml``: years and numbers in them are part of what they are called."""
    for spec in project.params.reports_of(period).values():
        texts = [spec.title, *(section.heading for section in spec.sections)]
        for text in texts:
            yield format_words(text, period, project.house.periods, place=project.params.place.name)


def make_recogniser(project: Project, period: Period, tables: Tables) -> Recogniser:
    """Make what tells numerals of a period's documents apart."""
    params = project.params
    own = params.period(period)
    numbered = (f"{own.number[name]}/{params.reports[name].symbol}" for name in own.number)
    names = (
        *params.place.names,
        *own.names,
        *numbered,
        *map(project.house.dates.long, own.issued_on.values()),
        *_list_headings(project, period),
    )
    units = {indicator.unit for indicator in params.indicators.values()}
    return Recogniser(period, names, find_documents(tables), units, own.legal)
