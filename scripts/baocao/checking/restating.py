"""Parts of a period that were corrected since they were issued: what was published of them, and what stands now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baocao.project.cells import parse_cell
from baocao.project.findings import Finding
from baocao.project.frozen import issued_folder, list_editions
from baocao.project.language import _
from baocao.project.periods import split_file
from baocao.reading.tables import read_tables
from baocao.reading.tables.combined import list_parts
from baocao.tracing.evaluating import Evaluator
from baocao.tracing.record import FILE, parse_trace
from baocao.tracing.trace import Trace
from baocao.values.formatting import format_value
from baocao.values.value import Value, print_decimal

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period
    from baocao.values.nodes import Node

_MOST_CELLS = 40


@dataclass(frozen=True)
class Restated:
    """
    A number of an issued period that is no longer what was issued.

    Parameters
    ----------
    period, edition
        Where it was issued.
    before, now
        Decimal texts in ``unit``; None where there is no number.
    shown
        Both as a report prints them.
    cells
        Of the number, in files that are not those of the edition; prefixed with the period.
    """

    id: str
    label: str
    unit: str
    period: str
    edition: int
    before: str | None
    now: str | None
    shown: tuple[str, str]
    cells: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "period": self.period,
            "edition": self.edition,
            "before": self.before,
            "now": self.now,
            "cells": list(self.cells),
        }

    def __str__(self) -> str:
        return _(
            "{period}: {id} ({label}) was issued as {before} (edition {edition}) and is {now} now",
            period=self.period,
            id=self.id,
            label=self.label,
            before=self.shown[0],
            edition=self.edition,
            now=self.shown[1],
        )


def find_restated(project: Project, period: Period, files: Iterable[str] = ()) -> list[Restated]:
    """
    Find what was corrected since it was issued, of the periods that one takes numbers from.

    Parameters
    ----------
    files
        Raw files of a trace; those of other periods name periods that it compares with.
    """
    others = {other for file in files if (other := split_file(file)[0]) is not None}
    asked = sorted({*list_parts(project, period), *others} - {period})
    return [one for part in asked for one in compare_with_issued(project, part)]


def compare_with_issued(project: Project, period: Period) -> list[Restated]:
    """
    Compare the numbers of a period, as its files lie there now, with those of its editions.

    Returns
    -------
    list of Restated
        By id, against the latest edition that says otherwise; empty for a
        period that was never issued.
    """
    found: dict[str, Restated] = {}
    for number in reversed(list_editions(project, period)):
        path = issued_folder(project, period) / str(number) / FILE
        if path.is_file():
            trace = Trace(parse_trace(path.read_bytes(), str(path)), project, period, project.params.aliases)
            for one in _compare(project, trace, number):
                found.setdefault(one.id, one)
    return [found[key] for key in sorted(found)]


def _compare(project: Project, trace: Trace, number: int) -> Iterator[Restated]:
    tables = read_tables(project, trace.period)
    known = trace.record.files
    changed = {file for file in known if tables.sha256.get(file) != known[file]}
    if not changed and all(tables.fingerprint(form) == one for form, one in trace.record.tables.items()):
        return
    values = Evaluator(trace.values, tables)
    indicators, numbers = project.params.indicators, project.house.numbers
    for key in trace.list_values():
        node, value = trace.values[key], values.get(key)
        if key not in indicators or value is None or value.number == node.number:
            continue
        cells = [str(cell) for cell in value.cells() if cell.file in changed]
        yield Restated(
            key,
            indicators[key].label,
            node.unit,
            str(trace.period),
            number,
            _decimal(node),
            _decimal(value),
            (
                format_value(_restore(key, trace), indicators, numbers),
                format_value(value, indicators, numbers),
            ),
            tuple(
                cell if split_file(parse_cell(cell).file)[0] else f"{trace.period}/{cell}"
                for cell in cells[:_MOST_CELLS]
            ),
        )


def _restore(key: str, trace: Trace) -> Value:
    """Return a value as it was recorded, with its parents, which some are printed by."""
    node = trace.values[key]
    nodes = [(parent, trace.values[parent]) for parent in node.parents]
    parents = tuple(Value(one.number, one.unit, one.op, name=name) for name, one in nodes)
    return Value(node.number, node.unit, node.op, parents, name=key)


def _decimal(one: Node | Value) -> str | None:
    return None if one.number is None else print_decimal(one.number)


def tell_restated(restated: Iterable[Restated]) -> list[Finding]:
    """Return a finding for each number that was corrected since it was issued."""
    return [
        Finding(
            "restated",
            "warning",
            str(one),
            cells=one.cells,
            ids=(one.id,),
            expected=_(
                "{number} ({period}, edition {edition})",
                number=one.shown[0],
                period=one.period,
                edition=one.edition,
            ),
            got=one.shown[1],
            action=_(
                "Issue the correction of {period}, and say in this report that its number was corrected.",
                period=one.period,
            ),
        )
        for one in restated
    ]
