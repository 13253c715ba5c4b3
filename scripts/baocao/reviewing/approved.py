"""What a section of a built report holds: values as printed, paragraphs, notebooks, and the cells under them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from baocao.documents.markup import heading_id, read_sections
from baocao.project.cells import column_index, parse_cell, split_address
from baocao.project.files import dump_json
from baocao.project.folder import Project
from baocao.project.hashes import hash_bytes, hash_file
from baocao.project.periods import Period
from baocao.project.reports import ReportSpec
from baocao.reading.workbooks import RawCell, Workbook, read_workbooks
from baocao.tracing.record import parse_trace
from baocao.tracing.trace import Trace

_Range = tuple[str, str, int, int]
"""Sheet, column letters, first and last row."""


class Sections:
    """What stands in the sections of a built period, and the cells it was made from as they lie there now."""

    def __init__(self, project: Project, period: Period) -> None:
        self.project = project
        self.period = period
        self._reports: dict[str, tuple[str, Trace] | None] = {}
        self._books: dict[str, Workbook | None] = {}

    def read(self, key: str) -> dict[str, Any] | None:
        """Return what is approved with a section; None where its report is not built, or does not hold it."""
        report, _, section = key.partition("/")
        built = self._report(report)
        if built is None:
            return None
        text, trace = built
        spec = self.project.params.report(report, self.period)
        paragraphs = _find_paragraphs(text, spec, section)
        if not paragraphs:
            return None
        values: dict[str, dict[str, Any]] = {}
        for mention in trace.record.mentions:
            if _owner(spec, mention.section) == section:
                values.setdefault(mention.value, {"printed": []})["printed"].append(mention.printed)
        for chart in trace.record.charts:
            if _owner(spec, chart.section) == section:
                for _, _, value in chart.marks:
                    values.setdefault(value, {"printed": []})
        for name, content in values.items():
            number = trace.values[name].number
            content["number"] = None if number is None else str(number)
        own = next(one for one in spec.sections if one.key == section)
        cited = [
            cell
            for one in trace.record.citations
            if _owner(spec, one.section) == section
            for cell in one.cells
        ]
        return {
            "values": values,
            "paragraphs": paragraphs,
            "notebooks": {
                name: _hash_notebook(self.project.notebooks / f"{name}.ipynb")
                for name in dict.fromkeys(spec.locate(part.notebook) for part in own.parts)
            },
            "cells": self._hash_cells(_list_ranges(trace, values, cited)),
        }

    def list_changed(self, key: str, content: Mapping[str, Any]) -> list[str]:
        """List the notebooks and raw files of a section that are not those of the build."""
        run = self.project.output(self.period) / "run.json"
        built = json.loads(run.read_text(encoding="utf-8")).get("notebooks", {}) if run.is_file() else {}
        paths = {name: self.project.notebooks / f"{name}.ipynb" for name in content["notebooks"]}
        known = [(name, paths[name], built.get(name)) for name in paths]
        report = self._report(key.partition("/")[0])
        files = report[1].record.files if report else {}
        known += [(one, self.project.raw_file(self.period, one), files.get(one)) for one in content["cells"]]
        return [
            name
            for name, path, sha256 in known
            if sha256 is not None and (not path.is_file() or hash_file(path) != sha256)
        ]

    def _report(self, report: str) -> tuple[str, Trace] | None:
        """Read the text and the trace of a report once."""
        if report not in self._reports:
            source, path = (
                self.project.output(self.period) / f"{report}{ending}" for ending in (".qmd", ".trace.json")
            )
            try:
                text = source.read_text(encoding="utf-8")
                record = parse_trace(path.read_bytes(), str(path))
                self._reports[report] = (text, Trace(record, self.project, self.period))
            except FileNotFoundError:
                self._reports[report] = None
        return self._reports[report]

    def _hash_cells(self, ranges: Mapping[str, set[_Range]]) -> dict[str, str]:
        """Hash by file what stands in ranges of cells; not the file, which saving alone changes."""
        paths = {self.project.raw_file(self.period, file): file for file in ranges if file not in self._books}
        for path, read in read_workbooks(paths, self.project.cache).items():
            self._books[paths[path]] = read if isinstance(read, Workbook) else None
        hashes = {}
        for file in sorted(ranges):
            book = self._books[file]
            sheets = {} if book is None else {sheet.name: sheet.cells for sheet in book.sheets}
            content = [
                [*one, [_say(sheets.get(one[0], {}).get((row, column_index(one[1])))) for row in _rows(one)]]
                for one in sorted(ranges[file])
            ]
            hashes[file] = hash_bytes(dump_json(content).encode())[:16]
        return hashes


def _list_ranges(trace: Trace, values: Mapping[str, Any], cited: list[str]) -> dict[str, set[_Range]]:
    """Return what values and citations read, by file."""
    found: dict[str, set[_Range]] = defaultdict(set)
    for name in values:
        for source in trace.sources(name):
            for file, sheet, first, last in source.block.spans:
                found[file].add((sheet, source.column, first, last))
    for cell in cited:
        ref = parse_cell(cell)
        row, _ = split_address(ref.address)
        found[ref.file].add((ref.sheet, ref.address.rstrip("0123456789"), row + 1, row + 1))
    return found


def _rows(one: _Range) -> range:
    return range(one[2] - 1, one[3])


def _say(cell: RawCell | None) -> list[str] | None:
    """Return kind and content; 5 and 5.0 are one number, however a program writes it."""
    if cell is None or cell.value is None:
        return None
    return [cell.kind, str(Fraction(cell.value) if isinstance(cell.value, Decimal) else cell.value)]


def _hash_notebook(path: Path) -> str:
    """Hash what a notebook says, cell by cell; opening and saving it changes other things in the file."""
    if not path.is_file():
        return ""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        said = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (ValueError, KeyError, TypeError):
        return hash_file(path)
    return hash_bytes(dump_json(said).encode())


def _owner(spec: ReportSpec, section: str) -> str:
    """Return to which section with a heading of its own a subsection belongs."""
    keys = [one.key for one in spec.sections if section == one.key or section.startswith(f"{one.key}.")]
    return max(keys, key=len, default="")


def _find_paragraphs(text: str, spec: ReportSpec, section: str) -> list[str]:
    """Return a section's paragraphs, those of its points as well."""
    keys = {heading_id(spec.name, one.key): one.key for one in spec.sections}
    keys |= {heading_id(spec.name, one.id): one.id for one in spec.annexes}  # behind the last section
    found: list[str] = []
    inside = False
    for id, paragraphs in read_sections(text):
        if id in keys:
            inside = keys[id] == section
        if inside:
            found += paragraphs
    return found
