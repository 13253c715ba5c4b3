"""
The record from mentions back to cells, and the questions it answers.

Layout of ``trace.json`` (``schema`` 1, 2026-11): ``values`` by id, each with
its exact ``number``, ``parents`` and ``sources`` (block, column letter, role);
``blocks`` name rows of raw sheets once for all values read from them, and once
for all files that follow each other in ``files`` and have them in common, so
that the trace of a total over thousands of units stays a reference; ``mentions``,
``citations`` and ``charts`` in the order of the document; ``files`` with their
sha256. Nothing in it depends on the clock, the machine or the folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from baocao.project.cells import CellRef, parse_cell, split_address
from baocao.project.errors import TraceError
from baocao.project.folder import Project
from baocao.project.house import Folders
from baocao.project.language import _
from baocao.project.periods import Period
from baocao.reading.workbooks import Workbook, read_workbooks
from baocao.tracing.record import Stitched
from baocao.tracing.spans import fold_spans, unfold_blocks
from baocao.values.grids import slug
from baocao.values.value import Block, Source, print_decimal

SCHEMA = 1
FILE = "trace.json"


def make_trace(period: Period, stitched: Sequence[Stitched], sha256: Mapping[str, str]) -> dict[str, Any]:
    """
    Make the record of some reports of a period.

    Parameters
    ----------
    sha256
        Of every raw file of the period; only those that a value or citation
        leads to are kept.
    """
    values: dict[str, Any] = {}
    blocks: dict[str, Any] = {}
    for one in stitched:
        for key, node in one.values.items():
            values.setdefault(key, node)
        blocks.update(one.blocks)
    used = {key for node in values.values() for key, *_rest in node["sources"]}
    blocks = {key: blocks[key] for key in sorted(used)}
    files = {span[0] for spans in blocks.values() for span in spans}
    files |= {parse_cell(cell).file for one in stitched for item in one.citations for cell in item.cells}
    order = {file: number for number, file in enumerate(sorted(file for file in files if file in sha256))}
    return {
        "schema": SCHEMA,
        "period": str(period),
        "reports": [one.report for one in stitched],
        "values": values,
        "blocks": {key: fold_spans(spans, order) for key, spans in blocks.items()},
        "mentions": [asdict(item) for one in stitched for item in one.mentions],
        "citations": [asdict(item) for one in stitched for item in one.citations],
        "charts": [asdict(item) for one in stitched for item in one.charts],
        "files": {file: sha256[file] for file in order},
    }


@dataclass(frozen=True)
class TracedCell:
    """One cell behind a value; ``content`` is None where the cell is blank or its file has changed since."""

    cell: str
    file: str
    sha256: str | None
    sheet: str
    address: str
    content: str | None
    role: str


class Trace:
    """
    What a period's ``trace.json`` can say.

    Parameters
    ----------
    data
        As :func:`make_trace` gives it.

    Attributes
    ----------
    spans
        By block, for each of its rows that lie together ``(file, sheet, first row, last row)``.

    Raises
    ------
    TraceError
        ``data`` has another schema.
    """

    def __init__(self, data: dict[str, Any], project: Project, period: Period) -> None:
        if data.get("schema") != SCHEMA:
            raise TraceError(
                _(
                    "expected a trace of schema {schema}, got {part!r}; build the period again.",
                    schema=SCHEMA,
                    part=data.get("schema"),
                )
            )
        self.data = data
        self.project = project
        self.period = period
        self.values: dict[str, Any] = data["values"]
        self.spans = unfold_blocks(data)
        self.blocks = {key: Block(tuple(spans)) for key, spans in self.spans.items()}

    @cached_property
    def mentions(self) -> dict[str, list[dict[str, Any]]]:
        """Mentions by value id, in the order of the documents."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for mention in self.data["mentions"]:
            found[mention["value"]].append(mention)
        return found

    # -- derivations -------------------------------------------------------

    def walk(self, key: str) -> Iterator[str]:
        """Yield the ids of a value and of everything it was made from."""
        seen: set[str] = set()
        stack = [key]
        while stack:
            one = stack.pop()
            if one not in seen:
                seen.add(one)
                yield one
                stack.extend(reversed(self.values[one]["parents"]))

    def sources(self, key: str) -> list[Source]:
        """Every source of a value and of what it was made from."""
        found: dict[tuple[str, str, str], Source] = {}
        for one in self.walk(key):
            for block, column, role in self.values[one]["sources"]:
                found.setdefault((block, column, role), Source(self.blocks[block], column, role))
        return list(found.values())

    def cells(self, key: str) -> dict[CellRef, str]:
        """Every cell behind a value, with its role; a cell that is both is a term."""
        found: dict[CellRef, str] = {}
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
        if node["op"] != "sum" or node["parents"]:
            return {}
        terms = [(b, c) for b, c, role in node["sources"] if role == "term"]
        parts: dict[str, list[Source]] = defaultdict(list)
        for block, column in terms:
            for span in self.blocks[block].spans:
                unit = unit_of(span[0], self.project.house.folders)
                if unit is None:
                    return {}
                parts[f"{key}__{slug(unit)}"].append(Source(Block((span,)), column, "term"))
        return dict(parts) if len(parts) > 1 else {}

    # -- questions ---------------------------------------------------------

    def find(self, what: str) -> list[dict[str, Any]]:
        """
        Answer "where from?".

        Parameters
        ----------
        what
            A value id, a mention id, a citation id, a chart id, the id of a
            unit's part of a sum, or a number or symbol as printed.

        Returns
        -------
        list of dict
            One per value: ``id``, ``number``, ``unit``, ``op``, ``parents``,
            ``mentions``, ``cells``.

        Raises
        ------
        TraceError
            Nothing of the period is called or printed so.
        """
        what = what.strip()
        if what in self.values:
            return [self.describe(what)]
        part = self._find_part(what)
        if part:
            return [part]
        keys = [m["value"] for m in self.data["mentions"] if m["id"] == what]
        for chart in self.data["charts"]:
            if chart["id"] == what:
                keys += [value for *_rest, value in chart["marks"]]
        if not keys:
            keys = [m["value"] for m in self.data["mentions"] if m["printed"] == what]
        citations = [
            c
            for c in self.data["citations"]
            if c["id"] == what or what in (c["printed"], *_words(c["printed"]))
        ]
        if not keys and not citations:
            raise TraceError(
                _(
                    "{period}: nothing is called {what!r} and no number is printed so; 'baocao values {period}' lists the ids.",
                    period=self.period,
                    what=what,
                )
            )
        described = [self.describe(key) for key in dict.fromkeys(keys)]
        return described or [self._describe_citations(citations)]

    def describe(self, key: str) -> dict[str, Any]:
        """Describe one value; see :meth:`find`."""
        node = self.values[key]
        return {
            "id": key,
            "number": print_exact(node["number"]),
            "unit": node["unit"],
            "op": node["op"],
            "basis": node["basis"],
            "parents": list(node["parents"]) or list(self.parts(key)),
            "mentions": [print_place(mention) for mention in self.mentions.get(key, ())],
            "cells": [asdict(cell) for cell in self.read_cells(self.cells(key))],
        }

    def _find_part(self, what: str) -> dict[str, Any] | None:
        stem, _bar, tail = what.rpartition("__")
        sources = self.parts(stem).get(what) if tail and stem in self.values else None
        if not sources:
            return None
        cells = self.read_cells({ref: "term" for source in sources for ref in source.cells()})
        number = sum((Fraction(cell.content) for cell in cells if cell.content is not None), Fraction(0))
        return {
            "id": what,
            "number": print_decimal(number),
            "unit": self.values[stem]["unit"],
            "op": "sum",
            "basis": f"{self.values[stem]['basis']}, {tail}",
            "parents": [],
            "mentions": [],
            "cells": [asdict(cell) for cell in cells],
        }

    def _describe_citations(self, citations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        cells = {parse_cell(cell): "term" for item in citations for cell in item["cells"]}
        return {
            "id": citations[0]["id"],
            "number": None,
            "unit": "",
            "op": "citation",
            "basis": citations[0]["printed"],
            "parents": [],
            "mentions": [print_place(item) for item in citations],
            "cells": [asdict(cell) for cell in self.read_cells(cells)],
        }

    def list_values(self) -> dict[str, Any]:
        """Give ``{id: {number, unit, printed, cells}}`` for every value that has a name or a mention."""
        listed = {}
        for key, node in self.values.items():
            printed = [mention["printed"] for mention in self.mentions.get(key, ())]
            if printed or not re.match(rf"^{node['op']}_[0-9a-f]{{10}}$", key):
                listed[key] = {
                    "number": print_exact(node["number"]),
                    "unit": node["unit"],
                    "printed": printed,
                    "cells": len(self.cells(key)),
                }
        return dict(sorted(listed.items()))

    # -- contents ----------------------------------------------------------

    def read_cells(self, cells: Mapping[CellRef, str]) -> list[TracedCell]:
        """Read the contents of cells from the raw files, where these are still the ones that were traced."""
        workbooks = self.workbooks({ref.file for ref in cells})
        read = []
        for ref, role in cells.items():
            sha256 = self.data["files"].get(ref.file)
            content = None
            if ref.file in workbooks:
                sheet = next((one for one in workbooks[ref.file].sheets if one.name == ref.sheet), None)
                raw = sheet.cells.get(split_address(ref.address)) if sheet else None
                content = None if raw is None or raw.value is None else print_content(raw.value)
            read.append(TracedCell(str(ref), ref.file, sha256, ref.sheet, ref.address, content, role))
        return read

    def changed_files(self) -> list[str]:
        """Raw files that are no longer the ones that were traced."""
        changed = []
        for file, sha256 in self.data["files"].items():
            path = self.project.raw_file(self.period, file)
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
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


def read_trace(project: Project, period: Period) -> Trace:
    """
    Read the trace of a period.

    Raises
    ------
    TraceError
        The period has not been built, or its trace is damaged.
    """
    path = project.output(period) / FILE
    try:
        return Trace(json.loads(path.read_text(encoding="utf-8")), project, period)
    except FileNotFoundError:
        raise TraceError(
            _("{path} is missing; run 'baocao build {period}' first.", path=path, period=period)
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise TraceError(
            _(
                "{path} is damaged ({error}); run 'baocao build {period}' again.",
                path=path,
                error=error,
                period=period,
            )
        ) from None


def unit_of(file: str, folders: Folders) -> str | None:
    """
    Say which unit sent a file; None for a file of an office.

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


def print_exact(number: str | None) -> str | None:
    """Write the exact number of a trace as a decimal; None stays None."""
    return None if number is None else print_decimal(Fraction(number))


def print_place(mention: Mapping[str, Any]) -> dict[str, Any]:
    """Say where a mention or citation stands, and how it is printed."""
    return {key: mention[key] for key in ("id", "report", "section", "printed")}


def print_content(value: object) -> str:
    """Write what stands in a cell: numbers as decimals, days as ``2026-03-14``."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def _words(printed: str) -> list[str]:
    return printed.split()
