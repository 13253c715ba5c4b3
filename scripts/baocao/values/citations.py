"""Texts printed from a raw file: documents with their symbol and date, addresses, titles; traced, but no numbers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.periods import format_date
from baocao.values.value import remember

if TYPE_CHECKING:
    from baocao.project.cells import CellRef
    from baocao.reading.tables import Table, Tables

REGISTER = "van-ban"


@dataclass(frozen=True)
class Citation:
    """
    A text as printed, and the cells it was printed from.

    Parameters
    ----------
    text
        Plain text, not Markdown.
    cells
        At least one.
    """

    text: str
    cells: tuple[CellRef, ...]

    @cached_property
    def id(self) -> str:
        """A name made from the cells, the same for every printing."""
        made_of = json.dumps([str(ref) for ref in self.cells], ensure_ascii=False)
        return "citation_" + hashlib.sha256(made_of.encode()).hexdigest()[:10]

    @cached_property
    def content(self) -> str:
        """Short hash of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:10]

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return remember(self, spec)


@dataclass(frozen=True)
class Document:
    """
    One row of the register of documents.

    Parameters
    ----------
    symbol, day
        None for a document that has no number or date yet.
    """

    key: str
    type: str
    symbol: str | None
    day: date | None
    issuer: str
    subject: str
    report: str | None
    section: str | None
    role: str
    cells: Mapping[str, CellRef]

    def cite(
        self,
        *,
        subject: bool = False,
        issuer: bool = False,
        date_only: bool = False,
        title_only: bool = False,
    ) -> Citation:
        """
        Print the document.

        Parameters
        ----------
        subject
            Add ``về việc …`` as it stands in the register.
        issuer
            Add ``của …``.
        date_only
            Print the date alone.
        title_only
            Print type and subject, where a footnote gives symbol and date.

        Raises
        ------
        UsageError
            The date is asked for alone, and the register has none.
        """
        used = ["loai"]
        if date_only:
            if self.day is None:
                raise UsageError(
                    _("{ngay}: document {key!r} has no date to print.", ngay=self.cells["ngay"], key=self.key)
                )
            return Citation(f"ngày {format_date(self.day)}", (self.cells["ngay"],))
        if title_only:
            return Citation(f"{self.type} {self.subject}", (self.cells["loai"], self.cells["trich_yeu"]))
        text = self.type
        if self.symbol:
            text += f" số {self.symbol}"
            used.append("so_ky_hieu")
        if self.day:
            text += f" ngày {format_date(self.day)}"
            used.append("ngay")
        if issuer:
            text += f" của {self.issuer}"
            used.append("co_quan")
        if subject:
            text += f" {self.subject}"
            used.append("trich_yeu")
        return Citation(text, tuple(self.cells[name] for name in used))


@dataclass(frozen=True)
class Citing:
    """A stretch of a text that names a document of the register."""

    start: int
    end: int
    citation: Citation


# "ngày 26/3/2025", "ngày 26/03/2025", "ngày 26 tháng 3 năm 2025", right behind a symbol
_DATE_BEHIND = re.compile(
    r"(?:\s*,?\s*ngày\s+)(?:(\d{1,2})/(\d{1,2})/(\d{4})|(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4}))"
)
SYMBOL = re.compile(
    r"(?<![\w.,/-])\d+(?:\.\d+)?(?:/\d{4})?[/-](?:[A-ZĐƯ][A-Za-zĐĂÂÊÔƠƯđăâêôơư]*)(?:[-/][A-ZĐƯ][\wĐĂÂÊÔƠƯ]*)*"
)


class Documents:
    """
    The register of documents of one period.

    Parameters
    ----------
    table
        The form ``van-ban``; None where the period has no register.
    """

    def __init__(self, table: Table | None) -> None:
        self._by_key: dict[str, Document] = {}
        self._by_symbol: dict[str, list[Document]] = {}
        if table is None:
            return
        names = [column.name for column in table.form.columns]
        columns = {name: table.column(name) for name in names}
        for index, key in enumerate(columns["ma"]):
            document = Document(
                key=str(key),
                type=str(columns["loai"][index]),
                symbol=_text(columns["so_ky_hieu"][index]),
                day=_day(columns["ngay"][index]),
                issuer=str(columns["co_quan"][index]),
                subject=str(columns["trich_yeu"][index]),
                report=_text(columns["bao_cao"][index]),
                section=_text(columns["muc"][index]),
                role=str(columns["vai_tro"][index]),
                cells={name: table.cell(index, name) for name in names},
            )
            self._by_key[document.key] = document
            if document.symbol:
                self._by_symbol.setdefault(document.symbol, []).append(document)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> Document:
        if key in self._by_key:
            return self._by_key[key]
        if len(self._by_symbol.get(key, ())) == 1:
            return self._by_symbol[key][0]
        known = ", ".join(sorted(self._by_key)[:12])
        raise UsageError(
            _(
                "van-ban.xlsx has no document {key!r}; add a row to the register, or use one of {known} …",
                key=key,
                known=known,
            )
        )

    def listed(self, report: str, section: str, role: str | None = None) -> list[Document]:
        """Give the documents that the register lists for a section, in its order."""
        return [
            document
            for document in self
            if _lists(document.report, report)
            and _lists(document.section, section)
            and (role is None or document.role == role)
        ]

    def find(self, text: str) -> list[Citing]:
        """
        Find the documents that a plain text names by their symbol.

        A date right behind the symbol belongs to the citation when it is the
        register's; with another date nothing but the symbol is recognised.
        """
        found = []
        for match in SYMBOL.finditer(text):
            for document in self._by_symbol.get(match[0], ()):
                end, cells = match.end(), [document.cells["so_ky_hieu"]]
                behind = _DATE_BEHIND.match(text, match.end())
                if behind:
                    day, month, year = (int(part) for part in behind.groups() if part is not None)
                    if document.day is None or (day, month, year) != (
                        document.day.day,
                        document.day.month,
                        document.day.year,
                    ):
                        if len(self._by_symbol[match[0]]) > 1:
                            continue
                    else:
                        end = behind.end()
                        cells.append(document.cells["ngay"])
                found.append(Citing(match.start(), end, Citation(text[match.start() : end], tuple(cells))))
                break
        return found


def cite_alike(documents: Iterable[Document]) -> list[tuple[Citation, list[Citation]]]:
    """
    Cite documents of one type and one subject together, in the order of the first of each.

    Returns
    -------
    list of (title, symbols)
        The title for the text, the symbols with date and issuer for one footnote.
    """
    alike: dict[tuple[str, str], list[Document]] = {}
    for document in documents:
        alike.setdefault((document.type, document.subject), []).append(document)
    return [
        (group[0].cite(title_only=True), [document.cite(issuer=True) for document in group])
        for group in alike.values()
    ]


def _lists(entry: str | None, wanted: str) -> bool:
    return entry is not None and wanted in (part.strip() for part in entry.split(";"))


def _text(entry: object) -> str | None:
    return str(entry) if entry else None


def _day(entry: object) -> date | None:
    return entry if isinstance(entry, date) else None


def find_documents(tables: Tables) -> Documents:
    """Give the register of documents; an empty one where the period has none."""
    return Documents(tables.table(REGISTER) if tables.has(REGISTER) else None)
