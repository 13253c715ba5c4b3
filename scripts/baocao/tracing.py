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
import os
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from baocao.cells import CellRef, parse_cell, split_address
from baocao.errors import TraceError
from baocao.periods import Period
from baocao.project import Project
from baocao.reading import Workbook, read_workbooks
from baocao.stitching import Stitched
from baocao.values import Block, Source, print_decimal
from baocao.views import slug

SCHEMA = 1
FILE = "trace.json"
MOST_SPANS = 3_000_000
"""What a trace may unfold to: a place of 3,500 units has a quarter of a million."""


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
    used = {key for node in values.values() for key, _, _ in node["sources"]}
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


def fold_spans(spans: Iterable[Sequence[Any]], order: Mapping[str, int]) -> list[list[Any]]:
    """
    Say once what files that follow each other have in common.

    Parameters
    ----------
    spans
        ``(file, sheet, first row, last row)``.
    order
        The place of each file among all of them.

    Returns
    -------
    list of list
        Spans, and ``[first file, last file, how many, sheet, first row, last
        row]`` for several; :func:`unfold_blocks` makes the spans again.

    Examples
    --------
    >>> order = {"a.xlsx": 0, "b.xlsx": 1, "c.xlsx": 2}
    >>> fold_spans([("a.xlsx", "s", 9, 16), ("b.xlsx", "s", 9, 16), ("c.xlsx", "s", 9, 12)], order)
    [['a.xlsx', 'b.xlsx', 2, 's', 9, 16], ['c.xlsx', 's', 9, 12]]
    """
    runs: list[list[Sequence[Any]]] = []
    for span in spans:
        before = runs[-1][-1] if runs else None
        follows = before is not None and order.get(span[0], -1) == order.get(before[0], -9) + 1
        if before is not None and follows and tuple(span[1:]) == tuple(before[1:]):
            runs[-1].append(span)
        else:
            runs.append([span])
    return [[run[0][0], run[-1][0], len(run), *run[0][1:]] if len(run) > 1 else list(run[0]) for run in runs]


def unfold_blocks(trace: Mapping[str, Any]) -> dict[str, list[tuple[str, str, int, int]]]:
    """
    Make the spans that :func:`fold_spans` has folded, for every block of a trace.

    Raises
    ------
    ValueError
        The files of a run are not those of the trace, or there are spans without end.
    """
    files = sorted(trace["files"]) if "files" in trace else []
    blocks: dict[str, list[tuple[str, str, int, int]]] = {}
    room = MOST_SPANS
    for key, folded in trace["blocks"].items():
        spans = blocks[key] = []
        for one in folded:
            if len(one) == 4:
                spans.append((one[0], one[1], one[2], one[3]))
                continue
            first, last, count, sheet, top, bottom = one
            start = bisect_left(files, first)
            run = files[start : start + count]
            room -= len(run)
            if len(run) != count or [*run[:1], *run[-1:]] != [first, last] or room < 0:
                raise ValueError(f"blocks: {count} files from {first} to {last} are not in it")
            spans += [(file, sheet, top, bottom) for file in run]
    return blocks


def dump_json(data: object) -> str:
    """Write canonical JSON: sorted keys, UTF-8, one indent, a final newline."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
    temporary.replace(path)


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
                f"expected a trace of schema {SCHEMA}, got {data.get('schema')!r}; build the period again."
            )
        self.data = data
        self.project = project
        self.period = period
        self.values: dict[str, Any] = data["values"]
        self.spans = unfold_blocks(data)
        self._blocks = {key: Block(tuple(spans)) for key, spans in self.spans.items()}

    @cached_property
    def mentions(self) -> dict[str, list[dict[str, Any]]]:
        """Mentions by value id, in the order of the documents."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for mention in self.data["mentions"]:
            found[mention["value"]].append(mention)
        return found

    # -- derivations -------------------------------------------------------

    def _walk(self, key: str) -> Iterator[str]:
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
        for one in self._walk(key):
            for block, column, role in self.values[one]["sources"]:
                found.setdefault((block, column, role), Source(self._blocks[block], column, role))
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
            for span in self._blocks[block].spans:
                unit = unit_of(span[0])
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
                keys += [value for _, _, value in chart["marks"]]
        if not keys:
            keys = [m["value"] for m in self.data["mentions"] if m["printed"] == what]
        citations = [
            c
            for c in self.data["citations"]
            if c["id"] == what or what in (c["printed"], *_words(c["printed"]))
        ]
        if not keys and not citations:
            raise TraceError(
                f"{self.period}: nothing is called {what!r} and no number is printed so; "
                f"'baocao values {self.period}' lists the ids."
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
            "mentions": [_short(mention) for mention in self.mentions.get(key, ())],
            "cells": [asdict(cell) for cell in self.read_cells(self.cells(key))],
        }

    def _find_part(self, what: str) -> dict[str, Any] | None:
        stem, _, tail = what.rpartition("__")
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
            "mentions": [_short(item) for item in citations],
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

    def impact(self, what: str) -> dict[str, Any]:
        """
        Say what a cell, a file or all files of a unit or office feed.

        A value that a cell decides about (a condition) may keep its number when
        the cell changes; no other value of the build can change.

        Parameters
        ----------
        what
            ``file#sheet!D12``, a file relative to ``data/raw/<period>/``, or
            the code of a unit or an office.

        Returns
        -------
        dict
            ``values``, ``mentions``, ``charts`` and ``citations`` that are fed,
            and under ``note`` why nothing is, else None.

        Raises
        ------
        TraceError
            The period has no such file or sheet, or traces nothing to the unit.
        """
        wanted = parse_cell(what) if "#" in what else None
        files = {wanted.file} if wanted else self._files_of(what)
        row = split_address(wanted.address)[0] + 1 if wanted else 0
        place = (wanted.sheet, wanted.address.rstrip("0123456789")) if wanted else None
        direct = {
            key
            for key, node in self.values.items()
            for block, column, _ in node["sources"]
            for file, sheet, first, last in self._blocks[block].spans
            if file in files and (place is None or (place == (sheet, column) and first <= row <= last))
        }
        fed = {key for key in self.values if any(one in direct for one in self._walk(key))}
        cited = [
            one
            for one in self.data["citations"]
            if any((cell == what if wanted else parse_cell(cell).file in files) for cell in one["cells"])
        ]
        return {
            "what": what,
            "citations": [_short(one) for one in cited],
            "values": sorted(fed),
            "mentions": [_short(m) for m in self.data["mentions"] if m["value"] in fed],
            "charts": [
                c["id"] for c in self.data["charts"] if any(value in fed for _, _, value in c["marks"])
            ],
            "note": None if fed or cited else self._say_nothing_fed(next(iter(files)), wanted),
        }

    def _files_of(self, what: str) -> set[str]:
        # What the period before sent does not come with a unit's submission.
        files = {one for one in self.data["files"] if unit_of(one) == what and one.startswith("don-vi/")}
        return files or {one for one in self.data["files"] if one == f"van-phong/{what}.xlsx"} or {what}

    def _say_nothing_fed(self, file: str, wanted: CellRef | None) -> str:
        path = self.project.raw_file(self.period, file)
        if not path.is_file() or not path.resolve().is_relative_to(
            self.project.raw(self.period).parent.resolve()
        ):
            raise TraceError(
                f"{self.period} has no file {file!r} in data/raw, and no unit or office of that code is traced; "
                "give a file as don-vi/H01-so-noi-vu.xlsx, or a unit as H01."
            )
        if path.suffix == ".md":
            return "a narrative file holds text; a change in it changes what a section says, and no value"
        if wanted is None:
            return "no value and no citation of the build reads this file"
        book = read_workbooks([path], self.project.cache)[path]
        names = [sheet.name for sheet in book.sheets] if isinstance(book, Workbook) else [wanted.sheet]
        if wanted.sheet not in names:
            raise TraceError(f"{file} has no sheet {wanted.sheet!r}; it has {', '.join(names)}.")
        return "no value and no citation of the build reads this cell; 'check' may compare it with others"

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
        raise TraceError(f"{path} is missing; run 'baocao build {period}' first.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise TraceError(f"{path} is damaged ({error}); run 'baocao build {period}' again.") from None


def unit_of(file: str) -> str | None:
    """
    Say which unit sent a file; None for a file of an office.

    Examples
    --------
    >>> unit_of("don-vi/10507-thanh-dong.xlsx"), unit_of("2025-Q4/don-vi/H01-x.xlsx"), unit_of("van-ban.xlsx")
    ('10507', 'H01', None)
    """
    parts = file.split("/")
    return parts[-1].partition("-")[0] if len(parts) > 1 and parts[-2] == "don-vi" else None


def print_exact(number: str | None) -> str | None:
    """Write the exact number of a trace as a decimal; None stays None."""
    return None if number is None else print_decimal(Fraction(number))


def _short(mention: Mapping[str, Any]) -> dict[str, Any]:
    return {key: mention[key] for key in ("id", "report", "section", "printed")}


def print_content(value: object) -> str:
    """Write what stands in a cell: numbers as decimals, days as ``2026-03-14``."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def _is_in(cell: str, what: str) -> bool:
    return cell == what or cell.startswith(f"{what}#")


def _words(printed: str) -> list[str]:
    return printed.split()


def print_derivation(trace: Trace, value: Mapping[str, Any], *, full: bool = False, most: int = 12) -> str:
    """
    Write a described value for people: how it was made, unit by unit, cell by cell.

    Parameters
    ----------
    full
        Show every file and cell; else ``most`` files, and ``most`` cells of each.
    """
    number = value["number"] if value["number"] is not None else "-"
    lines = [
        f"{value['id']} = {number} {value['unit']}".rstrip(),
        f"  made by {value['op']}: {value['basis']}".rstrip(": "),
    ]
    lines += [
        f"  printed {m['printed']} in {m['report']} {m['section']} ({m['id']})" for m in value["mentions"]
    ]
    parts = [key for key in value["parents"] if key.startswith(f"{value['id']}__") and value["op"] == "sum"]
    for key in value["parents"]:
        if key in trace.values and key not in parts:
            node = trace.values[key]
            lines.append(
                f"  from {key} = {print_exact(node['number'])} {node['unit']} ({node['op']}: {node['basis']})"
            )
    files: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for cell in value["cells"]:
        files[cell["file"]].append(cell)
    # The cells of a ratio's sides do not add up to it; those of a sum do, file by file.
    added = value["op"] == "sum" and len(parts) == len(value["parents"])
    shown_files = list(files) if full else list(files)[:most]
    for file in shown_files:
        cells = files[file]
        terms = [cell for cell in cells if cell["role"] == "term" and cell["content"] is not None]
        subtotal = f" = {_add(terms)} {value['unit']}" if added and terms else ""
        lines.append(f"  {file}{subtotal}  (sha256 {(cells[0]['sha256'] or '?')[:12]})")
        shown = cells if full else cells[:most]
        lines += [
            f"    {cell['sheet']}!{cell['address']}  {cell['content'] if cell['content'] is not None else '(blank)'}"
            + ("" if cell["role"] == "term" else "  (condition)")
            for cell in shown
        ]
        if len(shown) < len(cells):
            lines.append(f"    … {len(cells) - len(shown)} more cells; --all lists them")
    if len(shown_files) < len(files):
        lines.append(f"  … {len(files) - len(shown_files)} more files; --all lists them")
    if added and value["number"] is not None:
        lines.append(f"  sum = {number} {value['unit']}")
    return "\n".join(lines)


def _add(cells: Iterable[Mapping[str, Any]]) -> str:
    return print_decimal(sum((Fraction(cell["content"]) for cell in cells), Fraction(0)))
