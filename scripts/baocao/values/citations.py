"""Texts printed from a raw file: documents with their symbol and date, addresses, titles; traced, but no numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from textwrap import shorten
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.hashes import hash_bytes
from baocao.project.language import _
from baocao.values.value import remember

if TYPE_CHECKING:
    from baocao.project.cells import CellRef
    from baocao.project.house import House
    from baocao.reading.tables import Table, Tables


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
        return "citation_" + hash_bytes(made_of.encode())[:10]

    @cached_property
    def content(self) -> str:
        """Short hash of the text."""
        return hash_bytes(self.text.encode())[:10]

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return remember(self, spec)


@dataclass(frozen=True, repr=False)
class Document:
    """
    One row of the register of documents.

    Parameters
    ----------
    symbol, day
        None for a document that has no number or date yet.
    cells
        By the column's name in the form.
    house
        How a document is named.
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
    house: House

    def __repr__(self) -> str:
        named = " ".join(filter(None, (self.type, self.symbol, self.day.isoformat() if self.day else None)))
        return f"<Document {self.key}: {named}, {shorten(self.subject, 60, placeholder='…')}>"

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
            Add what it is about, as it stands in the register.
        issuer
            Add who issued it.
        date_only
            Print the date alone.
        title_only
            Print type and subject, where a footnote gives symbol and date.

        Raises
        ------
        UsageError
            The date is asked for alone, and the register has none.
        """
        citing, columns = self.house.citing, self.house.register
        used = [columns.type]
        if date_only:
            if self.day is None:
                raise UsageError(
                    _(
                        "{cell}: document {key!r} has no date to print.",
                        cell=self.cells[columns.day],
                        key=self.key,
                    )
                )
            day = self.house.dates.short(self.day)
            return Citation(citing.date_only.format(day), (self.cells[columns.day],))
        if title_only:
            return Citation(
                f"{self.type} {self.subject}", (self.cells[columns.type], self.cells[columns.subject])
            )
        text = self.type
        if self.symbol:
            text += citing.number.format(self.symbol)
            used.append(columns.symbol)
        if self.day:
            text += citing.day.format(self.house.dates.short(self.day))
            used.append(columns.day)
        if issuer:
            text += citing.issuer.format(self.issuer)
            used.append(columns.issuer)
        if subject:
            text += f" {self.subject}"
            used.append(columns.subject)
        return Citation(text, tuple(self.cells[name] for name in used))


@dataclass(frozen=True)
class Citing:
    """A stretch of a text that names a document of the register."""

    start: int
    end: int
    citation: Citation


class Documents:
    """
    The register of documents of one period.

    Parameters
    ----------
    table
        The form of the register; None where the period has none.
    house
        Names of its columns, and how a document is named.
    """

    def __init__(self, table: Table | None, house: House) -> None:
        self.house = house
        self._columns = house.register
        self._by_key: dict[str, Document] = {}
        self._by_symbol: dict[str, list[Document]] = {}
        if table is None:
            return
        names = [column.name for column in table.form.columns]
        columns = {name: table.column(name) for name in names}
        register = house.register
        for index, key in enumerate(columns[register.key]):
            document = Document(
                key=str(key),
                type=str(columns[register.type][index]),
                symbol=_text(columns[register.symbol][index]),
                day=_day(columns[register.day][index]),
                issuer=str(columns[register.issuer][index]),
                subject=str(columns[register.subject][index]),
                report=_text(columns[register.report][index]),
                section=_text(columns[register.section][index]),
                role=str(columns[register.role][index]),
                cells={name: table.cell(index, name) for name in names},
                house=house,
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
                "{register}.xlsx has no document {key!r}; add a row to the register, or use one of {known} …",
                register=self.house.folders.register,
                key=key,
                known=known,
            )
        )

    def listed(self, report: str, section: str, role: str | None = None) -> list[Document]:
        """Return the documents that the register lists for a section, in its order."""
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
        for match in self.house.constants.symbol.finditer(text):
            for document in self._by_symbol.get(match[0], ()):
                end, cells = match.end(), [document.cells[self._columns.symbol]]
                behind = self.house.citing.day_behind.match(text, match.end())
                if behind:
                    if document.day is None or not self._is_day(behind, document.day):
                        if len(self._by_symbol[match[0]]) > 1:
                            continue
                    else:
                        end = behind.end()
                        cells.append(document.cells[self._columns.day])
                found.append(Citing(match.start(), end, Citation(text[match.start() : end], tuple(cells))))
                break
        return found

    def _is_day(self, match: re.Match[str], day: date) -> bool:
        try:
            return self.house.dates.read(match) == day
        except ValueError:
            return False


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
    """Return the register of documents; an empty one where the period has none."""
    house = tables.project.house
    register = house.folders.register
    return Documents(tables.table(register) if tables.has(register) else None, house)
