"""The questions a trace answers: where does a number come from, what stands in its cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from baocao.project.cells import CellRef, parse_cell, split_address
from baocao.project.errors import TraceError
from baocao.project.folder import Project
from baocao.project.hashes import hash_file
from baocao.project.house import Folders
from baocao.project.language import _
from baocao.project.periods import Period
from baocao.project.schemas import name_near
from baocao.project.text import slug
from baocao.reading.workbooks import Workbook, read_workbooks
from baocao.tracing.record import FILE, CitationMention, Mention, TakenCell, TraceRecord, parse_trace
from baocao.values.nodes import Node
from baocao.values.value import Block, Op, Role, Source, print_decimal


@dataclass(frozen=True)
class TracedCell:
    """
    One cell behind a value.

    Parameters
    ----------
    content
        What stands there; None where the cell is blank or its file has changed since.
    taken
        Why it counts as something else than stands there; None where it does not.
    """

    cell: str
    file: str
    sha256: str | None
    sheet: str
    address: str
    content: str | None
    role: Role
    taken: TakenCell | None = None

    @property
    def counted(self) -> str | None:
        """What the cell counts as."""
        return self.content if self.taken is None else self.taken.value


@dataclass(frozen=True)
class Place:
    """Where a mention or a citation stands, and how it is printed."""

    id: str
    report: str
    section: str
    printed: str


@dataclass(frozen=True)
class TracedValue:
    """
    One value with everything behind it.

    Parameters
    ----------
    number
        A decimal text in ``unit``; None where there is none.
    op
        ``citation`` where what was asked for is a text.
    basis
        What it was read from, in words.
    aliases
        Names it had before.
    """

    id: str
    number: str | None
    unit: str
    op: Op | Literal["citation"]
    basis: str
    parents: tuple[str, ...]
    mentions: tuple[Place, ...]
    cells: tuple[TracedCell, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListedValue:
    """One value in the list of all: ``printed`` as it is printed, ``cells`` how many stand behind it."""

    id: str
    number: str | None
    unit: str
    printed: tuple[str, ...]
    cells: int
    aliases: tuple[str, ...] = ()


class Trace:
    """
    What a period's trace can say.

    Parameters
    ----------
    aliases
        New id by the old ones; either finds a value.
    """

    def __init__(
        self, record: TraceRecord, project: Project, period: Period, aliases: Mapping[str, str] | None = None
    ) -> None:
        self.aliases: Mapping[str, str] = aliases or {}
        self.record = record.renamed(self.aliases)
        self.project = project
        self.period = period
        self.blocks = {key: Block(spans) for key, spans in record.blocks.items()}

    @property
    def values(self) -> Mapping[str, Node]:
        """The recorded values by id."""
        return self.record.values

    @cached_property
    def mentions(self) -> Mapping[str, list[Mention]]:
        """Mentions by value id, in the order of the documents."""
        found: dict[str, list[Mention]] = defaultdict(list)
        for mention in self.record.mentions:
            found[mention.value].append(mention)
        return found

    def names_before(self, key: str) -> tuple[str, ...]:
        """Return the names that a value had before."""
        return list_former_ids(self.aliases, key)

    # -- derivations -------------------------------------------------------

    def walk(self, key: str) -> Iterator[str]:
        """Yield the ids of a value and of everything it was made from."""
        seen: set[str] = set()
        stack = [key]
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                yield name
                stack.extend(reversed(self.values[name].parents))

    def sources(self, key: str) -> list[Source]:
        """Return every source of a value and of what it was made from."""
        found = dict.fromkeys(source for name in self.walk(key) for source in self.values[name].sources)
        return [Source(self.blocks[block], column, role) for block, column, role in found]

    def cells(self, key: str) -> dict[CellRef, Role]:
        """Return every cell behind a value, with its role; a cell that is both is a term."""
        found: dict[CellRef, Role] = {}
        for source in self.sources(key):
            for ref in source.cells():
                if found.get(ref) != "term":
                    found[ref] = source.role
        return found

    def parts(self, key: str) -> dict[str, list[Source]]:
        """
        Split a sum over several units by unit.

        Returns
        -------
        dict
            For each unit, in the order of the table, its sources under the id
            ``<id>__<unit>``; empty where the value is no such sum.
        """
        node = self.values[key]
        if node.op != "sum" or node.parents:
            return {}
        parts: dict[str, list[Source]] = defaultdict(list)
        for block, column, role in node.sources:
            for span in self.blocks[block].spans if role == "term" else ():
                unit = unit_of(span[0], self.project.house.folders)
                if unit is None:
                    return {}
                parts[f"{key}__{slug(unit)}"].append(Source(Block((span,)), column, "term"))
        return dict(parts) if len(parts) > 1 else {}

    # -- questions ---------------------------------------------------------

    def find(self, what: str) -> list[TracedValue]:
        """
        Answer "where from?".

        Parameters
        ----------
        what
            A value id, old or new, a mention id, a citation id, a chart id, the
            id of a unit's part of a sum, or a number or symbol as printed.

        Returns
        -------
        list of TracedValue
            One per value.

        Raises
        ------
        TraceError
            Nothing of the period is called or printed so.
        """
        what = what.strip()
        name = self.find_id(what)
        if name in self.values:
            return [self.describe(name)]
        part = self._find_part(name)
        if part:
            return [part]
        keys = [mention.value for mention in self.record.mentions if mention.id == what]
        keys += [mark.value for chart in self.record.charts if chart.id == what for mark in chart.marks]
        if not keys:
            keys = [mention.value for mention in self.record.mentions if mention.printed == what]
        citations = [
            citation
            for citation in self.record.citations
            if citation.id == what or what in (citation.printed, *citation.printed.split())
        ]
        if not keys and not citations:
            raise TraceError(
                _(
                    "{period}: nothing is called {what!r} and no number is printed so; "
                    "'baocao values {period}' lists the ids, the nearest are: {near}.",
                    period=self.period,
                    what=what,
                    near=name_near(what, self.list_values()),
                )
            )
        described = [self.describe(key) for key in dict.fromkeys(keys)]
        return described or [self._describe_citations(citations)]

    def find_id(self, name: str) -> str:
        """Return the id that a value has now, by any name it had; an unknown name as it is."""
        stem, mark, part = name.partition("__")
        if name in self.values:
            return name
        return self.aliases.get(name) or self.aliases.get(stem, stem) + mark + part

    def describe(self, key: str) -> TracedValue:
        """Describe one value."""
        node = self.values[key]
        return TracedValue(
            key,
            format_exact(node.number),
            node.unit,
            node.op,
            str(node.basis),
            node.parents or tuple(self.parts(key)),
            tuple(map(make_place, self.mentions.get(key, ()))),
            tuple(self.read_cells(self.cells(key))),
            self.names_before(key),
        )

    def _find_part(self, what: str) -> TracedValue | None:
        stem, _mark, tail = what.rpartition("__")
        sources = self.parts(stem).get(what) if tail and stem in self.values else None
        if not sources:
            return None
        cells = self.read_cells({ref: "term" for source in sources for ref in source.cells()})
        number = sum((Fraction(cell.counted) for cell in cells if cell.counted is not None), Fraction(0))
        node = self.values[stem]
        return TracedValue(
            what,
            print_decimal(number),
            node.unit,
            "sum",
            f"{node.basis}, {tail}",
            (),
            (),
            tuple(cells),
            self.names_before(what),
        )

    def _describe_citations(self, citations: Sequence[CitationMention]) -> TracedValue:
        cells: dict[CellRef, Role] = {parse_cell(cell): "term" for item in citations for cell in item.cells}
        first = citations[0]
        return TracedValue(
            first.id,
            None,
            "",
            "citation",
            first.printed,
            (),
            tuple(map(make_place, citations)),
            tuple(self.read_cells(cells)),
        )

    def list_values(self) -> dict[str, ListedValue]:
        """List every value that has a name or a mention, by id."""
        listed = {}
        for key, node in sorted(self.values.items()):
            printed = tuple(mention.printed for mention in self.mentions.get(key, ()))
            if printed or node.is_named(key):
                listed[key] = ListedValue(
                    key,
                    format_exact(node.number),
                    node.unit,
                    printed,
                    len(self.cells(key)),
                    self.names_before(key),
                )
        return listed

    # -- contents ----------------------------------------------------------

    def read_cells(self, cells: Mapping[CellRef, Role]) -> list[TracedCell]:
        """Read the contents of cells from the raw files, where these are still the ones that were traced."""
        workbooks = self.workbooks({ref.file for ref in cells})
        read = []
        for ref, role in cells.items():
            sha256 = self.record.files.get(ref.file)
            content = None
            if ref.file in workbooks:
                sheet = next((one for one in workbooks[ref.file].sheets if one.name == ref.sheet), None)
                raw = sheet.cells.get(split_address(ref.address)) if sheet else None
                content = None if raw is None or raw.value is None else print_content(raw.value)
            taken = self.record.taken.get(str(ref))
            read.append(TracedCell(str(ref), ref.file, sha256, ref.sheet, ref.address, content, role, taken))
        return read

    def changed_files(self) -> list[str]:
        """List the raw files that are no longer the ones that were traced."""
        changed = []
        for file, sha256 in self.record.files.items():
            path = self.project.raw_file(self.period, file)
            if not path.is_file() or hash_file(path) != sha256:
                changed.append(file)
        return changed

    def workbooks(self, files: Iterable[str]) -> dict[str, Workbook]:
        """Read raw files, of which those that changed since they were traced are left out."""
        changed = set(self._changed)
        paths = {
            self.project.raw_file(self.period, file): file
            for file in sorted(files)
            if file not in changed and file.endswith(".xlsx")
        }
        read = read_workbooks(list(paths), self.project.cache)
        return {paths[path]: book for path, book in read.items() if isinstance(book, Workbook)}

    @cached_property
    def _changed(self) -> list[str]:
        return self.changed_files()


def is_built(project: Project, period: Period) -> bool:
    """Return whether a period has a trace, be it damaged."""
    return (project.output(period) / FILE).is_file()


def list_former_ids(aliases: Mapping[str, str], key: str) -> tuple[str, ...]:
    """
    List the names that a value, or the whole it is a part of, had before.

    Examples
    --------
    >>> list_former_ids({"dvctt_2025_tong": "dvctt_tong"}, "dvctt_tong__tu")
    ('dvctt_2025_tong__tu',)
    """
    stem, mark, part = key.partition("__")
    return (
        *(old for old, new in aliases.items() if new == key),
        *(old + mark + part for old, new in aliases.items() if new == stem and mark),
    )


def read_trace(project: Project, period: Period) -> Trace:
    """
    Read the trace of a period; values have the ids they have now, whatever they were called when it was built.

    Raises
    ------
    TraceError
        The period has not been built, or its trace is damaged.
    """
    path = project.output(period) / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise TraceError(
            _("{path} is missing; run 'baocao build {period}' first.", path=path, period=period)
        ) from None
    return Trace(parse_trace(content, str(path)), project, period, project.params.aliases)


def unit_of(file: str, folders: Folders) -> str | None:
    """
    Return which unit sent a file; None for a file of an office.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> folders = find_house("nd30").folders
    >>> files = ("don-vi/10507-thanh-dong.xlsx", "2025-Q4/don-vi/H01-x.xlsx", "van-ban.xlsx")
    >>> tuple(unit_of(file, folders) for file in files)
    ('10507', 'H01', None)
    """
    parts = file.split("/")
    return parts[-1].partition("-")[0] if len(parts) > 1 and parts[-2] == folders.units else None


def format_exact(number: Fraction | None) -> str | None:
    """Write the exact number of a trace as a decimal; None stays None."""
    return None if number is None else print_decimal(number)


def make_place(mention: Mention | CitationMention) -> Place:
    """Return where a mention or citation stands, and how it is printed."""
    return Place(mention.id, mention.report, mention.section, mention.printed)


def print_content(value: object) -> str:
    """Write what stands in a cell: numbers as decimals, days as ``2026-03-14``."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.date().isoformat() if isinstance(value, datetime) else str(value)
