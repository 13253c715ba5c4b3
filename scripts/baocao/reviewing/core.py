"""What every page needs at once: values, mentions, blocks, files and findings, with numbers standing for names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from baocao.project.cells import parse_cell, split_address
from baocao.project.errors import UsageError
from baocao.project.language import N_, _
from baocao.project.text import slug
from baocao.reviewing.material import raw_link
from baocao.tracing.trace import format_exact, unit_of
from baocao.values.criteria import Among, Basis, Earlier, Filled, Positive, Step
from baocao.values.labels import name_parts
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.reviewing.material import Material
    from baocao.values.nodes import Node

_OF_THE_UNIT = {"unit": N_("unit"), "level": N_("level"), "type": N_("type of unit")}


class Core:
    """
    The numbering of a period's values, files, sheets, units and blocks, and the data written by it.

    Parameters
    ----------
    material
        What the pages show.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        trace = material.trace
        self.values: dict[str, int] = {key: number for number, key in enumerate(trace.values)}
        self.blocks: dict[str, int] = {key: number for number, key in enumerate(trace.blocks)}
        self.units: dict[str, int] = {code: number for number, code in enumerate(material.units)}
        named = {cell.partition("#")[0] for finding in material.findings for cell in finding.cells}
        files = sorted({*trace.files, *(file for file in named if file in material.workbooks)})
        self.files: dict[str, int] = {file: number for number, file in enumerate(files)}
        sheets = {span[1] for spans in trace.blocks.values() for span in spans}
        sheets |= {parse_cell(cell).sheet for item in trace.citations for cell in item.cells}
        sheets |= {ref[1] for finding in material.findings for ref in _cells(finding)}
        self.sheets: dict[str, int] = {sheet: number for number, sheet in enumerate(sorted(sheets))}
        self._suffixes = {
            **{slug(unit.type): unit.type for unit in material.units.values()},
            **{slug(level): label for level, label in material.levels.items()},
            **{slug(code): unit.name for code, unit in material.units.items()},
        }

    def dump(self, chunks: Mapping[str, int], parts: Iterable[str]) -> dict[str, Any]:
        """
        Return the data.

        Parameters
        ----------
        chunks
            For each raw file the number of the file of excerpts it lies in.
        parts
            Values that have a table by unit.
        """
        material, trace = self.material, self.material.trace
        with_parts = set(parts)
        touched = self._touched()
        return {
            "period": str(material.period),
            "label": f"{material.label[0].upper()}{material.label[1:]}",
            "previous": str(material.period.previous),
            "place": material.place,
            "levels": dict(material.levels),
            "notes": list(material.notes),
            "units": [[code, unit.name, unit.level] for code, unit in material.units.items()],
            "offices": dict(material.offices),
            "sheets": list(self.sheets),
            "files": [self._file(file, chunks) for file in self.files],
            "blocks": [self._spans(spans) for spans in trace.blocks.values()],
            "values": [self._value(key, node, key in with_parts) for key, node in trace.values.items()],
            "mentions": [
                [one.id, self.values[one.value], one.printed, one.report, one.section, one.context]
                for one in trace.mentions
            ],
            "citations": [
                [one.id, one.printed, one.report, one.section, [self._cell(cell) for cell in one.cells]]
                for one in trace.citations
            ],
            "charts": [
                [one.id, one.report, one.section, one.caption,
                 [[series, label, self.values[value]] for series, label, value in one.marks]]
                for one in trace.charts
            ],
            "findings": [
                {**finding.as_dict(), "cells": [self._cell(cell) for cell in finding.cells],
                 "values": sorted(touched[number])}
                for number, finding in enumerate(material.findings)
            ],
            "documents": [
                {"id": one.id, "kind": one.kind, "title": one.title, "files": dict(one.files),
                 "sections": list(one.sections)}
                for one in material.documents
            ],
        }  # fmt: skip

    def _file(self, file: str, chunks: Mapping[str, int]) -> list[Any]:
        """Name, sha256, link, unit, file of excerpts: None for a file that changed since the build."""
        unit = unit_of(file, self.material.folders)
        link = quote(raw_link(self.material.period, file).as_posix())
        sha256 = self.material.trace.files.get(file)
        return [file, sha256, link, None if unit is None else self.units.get(unit), chunks.get(file)]

    def _spans(self, spans: Iterable[tuple[str, str, int, int]]) -> list[int]:
        flat: list[int] = []
        for file, sheet, first, last in spans:
            flat += (self.files[file], self.sheets[sheet], first, last)
        return flat

    def _cell(self, cell: str) -> list[Any]:
        """File number, sheet number, address; the words alone where there is no such file."""
        try:
            ref = parse_cell(cell)
            return [self.files[ref.file], self.sheets[ref.sheet], ref.address]
        except (UsageError, KeyError):
            return [cell]

    def _value(self, key: str, node: Node, parts: bool) -> list[Any]:
        return [
            key,
            self.label(key),
            format_exact(node.number),
            node.unit,
            node.op,
            self.explain(node.basis),
            [self.values[parent] for parent in node.parents],
            [[self.blocks[block], column, int(role == "term")] for block, column, role in node.sources],
            int(parts),
        ]

    def label(self, key: str) -> str:
        """Return what a value is called; a part of a known one is called by its unit; empty where nobody has named it."""
        if key in self.material.indicators:
            return self.material.indicators[key].label
        stem, _bar, tail = key.rpartition("__")
        known = self.material.indicators.get(stem)
        if known is None:
            return ""
        return (
            f"{known.label} - {self._suffixes.get(tail) or name_parts().get(tail) or tail.replace('_', ' ')}"
        )

    def explain(self, basis: Basis | str) -> str:
        """Return in words what a value was read from; words are given as they are."""
        form = self.material.forms.get(basis.form) if isinstance(basis, Basis) else None
        if form is None or not isinstance(basis, Basis):
            return str(basis)
        columns = {column.name: column.label for column in form.columns}
        words = (
            [_("column «{column}»", column=columns.get(basis.column, basis.column))] if basis.column else []
        )
        words.append(
            _("form {name} ({title})", name=form.name, title=form.title)
            if form.title
            else _("form {name}", name=form.name)
        )
        chosen = [self._criterion(criterion, columns) for criterion in basis.criteria]
        place = words[0] if len(words) == 1 else _("{column} of {form}", column=words[0], form=words[1])
        return (
            _("{place}, the rows with {criteria}", place=place, criteria="; ".join(chosen))
            if chosen
            else place
        )

    def _criterion(self, criterion: Step, columns: Mapping[str, str]) -> str:
        match criterion:
            case Among(column, texts):
                shown = [self._called(column, text) for text in texts]
                called = (
                    _(_OF_THE_UNIT[column]) if column in _OF_THE_UNIT else f"«{columns.get(column, column)}»"
                )
                return _("{name} is {choices}", name=called, choices=_(" or ").join(shown))
            case Positive(column):
                return _("«{name}» greater than 0", name=columns.get(column, column))
            case Filled(column):
                return _("«{name}» not blank", name=columns.get(column, column))
            case Earlier(period):
                return _("same period last year") if period == "last_year" else _("period before")
        return _("number {number} of them", number=criterion.number)

    def _called(self, name: str, text: str) -> str:
        if name == "unit" and text in self.material.units:
            return self.material.units[text].name
        return self.material.levels.get(text, text) if name == "level" else text

    # -- what a finding touches -----------------------------------------------

    def _touched(self) -> list[set[int]]:
        """For each finding the values it names, those read from its cells, and those made of them."""
        trace = self.material.trace
        children: dict[str, list[str]] = defaultdict(list)
        readers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for key, node in trace.values.items():
            for parent in node.parents:
                children[parent].append(key)
            for block, column, _role in node.sources:
                readers[block].append((column, key))
        wanted: dict[tuple[str, str], list[tuple[int, str, int]]] = defaultdict(list)
        for number, finding in enumerate(self.material.findings):
            for file, sheet, address in _cells(finding):
                wanted[file, sheet].append(
                    (number, address.rstrip("0123456789"), split_address(address)[0] + 1)
                )
        named = [set(finding.ids) & set(trace.values) for finding in self.material.findings]
        for block, spans in trace.blocks.items():
            for file, sheet, first, last in spans:
                for number, column, row in wanted.get((file, sheet), ()):
                    if first <= row <= last:
                        named[number] |= {key for letters, key in readers[block] if letters == column}
        return [{self.values[key] for key in _spread(keys, children)} for keys in named]


def _spread(keys: set[str], children: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    stack = list(keys)
    while stack:
        key = stack.pop()
        if key not in found:
            found.add(key)
            stack.extend(children.get(key, ()))
    return found


def _cells(finding: Finding) -> list[tuple[str, str, str]]:
    refs = [parse_cell(cell) for cell in finding.cells if "!" in cell]
    return [(ref.file, ref.sheet, ref.address) for ref in refs]


def exact(number: Fraction) -> int | str:
    """Return a number as JSON holds it without loss: small whole ones as such, others as decimals."""
    if number.denominator == 1 and abs(number.numerator) < 2**53:
        return number.numerator
    return print_decimal(number)
