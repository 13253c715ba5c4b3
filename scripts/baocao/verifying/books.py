"""A workbook of annexes that people have edited, held cell by cell against the trace it was published with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.documents.annexbook import FIRST_SOURCE, SOURCE_NUMBER, SOURCE_VALUE, is_stored, store_number
from baocao.project.cells import join_address, split_address
from baocao.project.errors import TraceError, WorkbookError
from baocao.project.folder import Project
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.workbooks import RawCell, Sheet, Workbook, read_workbooks
from baocao.tracing.record import Annex, Mention
from baocao.verifying.edits import Class, Edit
from baocao.verifying.origin import Edition, find_edition, list_editions

if TYPE_CHECKING:
    from baocao.documents.numerals import Recogniser

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_LABELS = 1  # the column that says what a row is about
_DOCUMENT = 2  # the row of the line that a clerk completes when the report is signed
_PLAIN = re.compile(r"(?:General|[#0,]*0(?:\.0+)?)(?P<percent>%?)")
_LEAST = 0.5  # share of the cells that must be those of an edition, where no hash says which it is
_CLOSE = Decimal("1e-12")


class BookFile:
    """
    A workbook of annexes.

    Raises
    ------
    TraceError
        It is missing or is no workbook.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        read = read_workbooks([path], None)[path]
        if not isinstance(read, Workbook):
            raise TraceError(_("{path} cannot be read: {reason}", path=path, reason=_say(read))) from read
        self.sheets = {sheet.name: sheet for sheet in read.sheets if sheet.kind == "worksheet"}

    def find_hash(self, sources: str) -> str | None:
        """Return what the sheet of sources says of the build; None where it says nothing."""
        sheet = self.sheets.get(sources)
        cell = sheet.cells.get((0, 0)) if sheet else None
        found = _HASH.search(str(cell.value)) if cell else None
        return found[0] if found else None

    def find_sheet(self, annex: Annex) -> Sheet | None:
        """Return the sheet of an annex by its name, or by its title where it was renamed."""
        if annex.label in self.sheets:
            return self.sheets[annex.label]
        title = fold_text(annex.title)
        return next(
            (
                sheet
                for sheet in self.sheets.values()
                if any(fold_text(str(cell.value)) == title for cell in sheet.cells.values())
            ),
            None,
        )

    @cached_property
    def formulas(self) -> dict[str, dict[tuple[int, int], str]]:
        """Formulas by sheet, and by row and column counted from 0."""
        # The guard has looked into the file already: it is what it says, and no larger.
        import openpyxl

        book = openpyxl.load_workbook(self.path)
        return {
            sheet.title: {
                (cell.row - 1, cell.column - 1): str(cell.value)
                for row in sheet.iter_rows()
                for cell in row
                if cell.data_type == "f"
            }
            for sheet in book.worksheets
        }


def _say(error: WorkbookError) -> str:
    return f"{error.got}; {error.action}" if error.got else error.code


def find_book_edition(project: Project, book: BookFile) -> tuple[Edition, str]:
    """
    Find what a workbook was made from: by the hash in it, else by its numbers.

    Raises
    ------
    TraceError
        There is none.
    """
    trace_hash = book.find_hash(project.house.document.annexes.sources)
    if trace_hash is not None:
        return find_edition(project, book.path, trace_hash, [])
    editions = [one for one in list_editions(project) if one.annexes]
    likely = max(editions, key=lambda one: _share(book, one), default=None)
    if likely is None or _share(book, likely) < _LEAST:
        raise TraceError(
            _(
                "{path} is none of the workbooks built in {reports}: it bears no trace and other numbers.",
                path=book.path,
                reports=project.reports,
            )
        )
    return likely, "mentions"


def _share(book: BookFile, edition: Edition) -> float:
    places = same = 0
    for annex in edition.annexes:
        sheet = book.find_sheet(annex)
        for address, id in annex.mentions.items():
            places += 1
            cell = sheet.cells.get(split_address(address)) if sheet else None
            same += cell is not None and _is_same(cell, edition, id)
    return same / max(1, places)


def judge_book(book: BookFile, edition: Edition, recogniser: Recogniser) -> list[Edit]:
    """Say what became of every number of the annexes, and which numbers are new."""
    found: list[Edit] = []
    known = set()
    for annex in edition.annexes:
        sheet = book.find_sheet(annex)
        if sheet is None:
            why = _("the sheet {label} is gone", label=annex.label)
            found += [_make("lost", edition, id, "", why) for id in annex.mentions.values()]
            continue
        known.add(sheet.name)
        found += _Judge(annex, sheet, book, edition, recogniser).run()
    sources = edition.house.document.annexes.sources
    for name, sheet in book.sheets.items():
        if name == sources:
            found += _judge_sources(sheet, edition)
        elif name not in known:
            found += [
                _add(sheet, at, cell)
                for at, cell in sorted(sheet.cells.items())
                if cell.kind in ("number", "date")
            ]
    return found


class _Judge:
    def __init__(
        self, annex: Annex, sheet: Sheet, book: BookFile, edition: Edition, recogniser: Recogniser
    ) -> None:
        self.annex = annex
        self.sheet = sheet
        self.book = book
        self.edition = edition
        self.recogniser = recogniser
        self.texts = dict(sorted((split_address(address), text) for address, text in annex.texts.items()))
        self.mentions = dict(sorted((split_address(address), id) for address, id in annex.mentions.items()))
        self.first = min((row for row, _column in self.mentions), default=0)
        self.rows = self._align()
        self.taken: set[tuple[int, int]] = set()

    def _align(self) -> dict[int, int | None]:
        """Return where each published row stands now: where it stood, or else where its label is."""
        rows = sorted({row for row, _column in {*self.mentions, *self.texts} if row >= self.first})
        at: dict[str, list[int]] = {}
        for (row, column), cell in self.sheet.cells.items():
            if column == _LABELS and row >= self.first:
                at.setdefault(fold_text(str(cell.value)), []).append(row)
        aligned: dict[int, int | None] = {}
        for row in rows:
            places = at.get(fold_text(self.texts.get((row, _LABELS), "")), [])
            aligned[row] = row if row in places or not places else places[0] if len(places) == 1 else None
        return aligned

    def run(self) -> Iterator[Edit]:
        moved = any(row != now for row, now in self.rows.items())
        yield from self._judge_texts()
        for (row, column), id in self.mentions.items():
            now = self.rows[row]
            at = (now, column) if now is not None else None
            cell = self.sheet.cells.get(at) if at else None
            if at is None or cell is None or (cell.value is None and cell.kind != "uncached"):
                yield _make("lost", self.edition, id, "", _("the number is gone from its cell"))
                continue
            self.taken.add(at)
            if self._is_hidden(at, cell):
                yield _make("lost", self.edition, id, "", _("its cell is hidden, or nobody can read it"))
            elif cell.kind == "uncached":
                # A program that does not calculate has saved it: what it will show follows from the formula.
                if not moved:
                    yield from self._judge_formula((row, column), id)
            elif not _is_same(cell, self.edition, id):
                yield self._alter(id, _show(cell))
            elif not moved:
                yield from self._judge_formula((row, column), id)
        for at, cell in sorted(self.sheet.cells.items()):
            if at not in self.taken and self._is_new(cell):
                yield _add(self.sheet, at, cell)

    def _judge_texts(self) -> Iterator[Edit]:
        """Find heads and labels that say something else: their numbers would mean something else."""
        for (row, column), text in self.texts.items():
            now = self.rows.get(row, row)
            cell = self.sheet.shown(now, column) if now is not None else None
            said = "" if cell is None or cell.value is None else str(cell.value)
            if now is not None:
                self.taken.add((now, column))
            counts = column == 0 and text.isdigit()  # which row it is, wherever it stands now
            if fold_text(said) == fold_text(text) or row == _DOCUMENT or now is None or counts:
                continue
            id = self._find_mention(row, column)
            message = _("«{was}» was changed to «{now}»", was=text, now=said)
            if id is None:
                yield Edit("altered", None, None, self.annex.id, text, said, self.annex.label, message)
            else:
                yield _make("moved", self.edition, id, said, message)

    def _find_mention(self, row: int, column: int) -> str | None:
        """Return the first number that a head or a label is about."""
        inside = (
            id
            for (at, beside), id in sorted(self.mentions.items())
            if (at == row if row >= self.first else beside == column)
        )
        return next(inside, None)

    def _judge_formula(self, at: tuple[int, int], id: str) -> Iterator[Edit]:
        """Find a formula that shows the right number, and another one as soon as the file is calculated anew."""
        now = self.book.formulas.get(self.sheet.name, {}).get(at)
        if now is None:
            return
        was = self.annex.formulas.get(join_address(*at), "")
        if _plain(now) != _plain(was):
            yield self._alter(id, now)

    def _alter(self, id: str, got: str) -> Edit:
        printed = self.edition.items[id].printed
        return _make(
            "altered", self.edition, id, got, _("«{was}» was changed to «{now}»", was=printed, now=got)
        )

    def _is_hidden(self, at: tuple[int, int], cell: RawCell) -> bool:
        return (
            not self.sheet.visible
            or at[0] in self.sheet.hidden_rows
            or self.sheet.column_hidden(at[1])
            or cell.faint
        )

    def _is_new(self, cell: RawCell) -> bool:
        if cell.kind == "text":
            return any(numeral.kind is None for numeral in self.recogniser.find(str(cell.value), "cell"))
        return cell.kind in ("number", "date")


def _judge_sources(sheet: Sheet, edition: Edition) -> Iterator[Edit]:
    """Find numbers of the sheet of sources that are not those of their values: formulas point at some."""
    for (row, column), cell in sorted(sheet.cells.items()):
        if column != SOURCE_NUMBER or row < FIRST_SOURCE - 1 or cell.kind != "number":
            continue
        named = sheet.cells.get((row, SOURCE_VALUE))
        # LibreOffice writes a "_x" of a text so, and the reader leaves it.
        id = str(named.value).replace("_x005F_", "_") if named else ""
        node = edition.record.values.get(id)
        if node is None:
            yield _add(sheet, (row, column), cell)
        elif not is_stored(node) or not _is_close(cell.value, store_number(node)):
            printed = "" if node.number is None else str(store_number(node))
            where = f"{sheet.name}!{join_address(row, column)}"
            message = _("«{was}» was changed to «{now}»", was=printed, now=_show(cell))
            yield Edit("altered", None, id, "", printed, _show(cell), where, message)


def _is_same(cell: RawCell, edition: Edition, id: str) -> bool:
    mention = edition.items[id]
    assert isinstance(mention, Mention)
    node = edition.record.values[mention.value]
    if cell.kind == "text":
        return fold_text(str(cell.value)) == fold_text(mention.printed)
    if not is_stored(node) or not _is_close(cell.value, store_number(node)):
        return False
    # 0.97 with the format 0% is 97%; a format may also scale a number, or say another one in quotes.
    shown = _PLAIN.fullmatch(cell.format or "General")
    return shown is not None and (bool(shown["percent"]) == (node.unit == "%"))


def _is_close(got: object, wanted: float) -> bool:
    if not isinstance(got, Decimal):
        return False
    right = Decimal(repr(wanted))
    return abs(got - right) <= _CLOSE * max(Decimal(1), abs(right))


def _show(cell: RawCell) -> str:
    return f"{cell.value:f}" if isinstance(cell.value, Decimal) else str(cell.value)


def _plain(formula: str) -> str:
    return re.sub(r"[\s$']", "", formula).casefold()


def _make(kind: Class, edition: Edition, id: str, got: str, message: str) -> Edit:
    mention = edition.items[id]
    assert isinstance(mention, Mention)
    return Edit(
        kind, id, mention.value, mention.section, mention.printed, got, mention.context,
        f"«{mention.printed}»: {message}" if kind != "altered" else message,
    )  # fmt: skip


def _add(sheet: Sheet, at: tuple[int, int], cell: RawCell) -> Edit:
    where = f"{sheet.name}!{join_address(*at)}"
    got = _show(cell)
    return Edit(
        "added", None, None, "", "", got, where, _("«{now}» was added at {where}", now=got, where=where)
    )


def count_items(annexes: Iterable[Annex]) -> int:
    """Return how many numbers the annexes print."""
    return sum(len(annex.mentions) for annex in annexes)
