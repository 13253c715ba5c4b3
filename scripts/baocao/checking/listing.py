"""Rows of the register of documents that a report should print: whether it can, and whether it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from baocao.project.findings import Finding
from baocao.project.language import _
from baocao.project.schemas import name_near
from baocao.project.text import fold_text

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.reading.tables import Table
    from baocao.tracing.record import TraceRecord


def check_listing(table: Table, params: Params, record: TraceRecord | None) -> list[Finding]:
    """
    Check the rows of the register of documents.

    Parameters
    ----------
    record
        The trace of the period; None where it has not been built.
    """
    return [*_check_places(table, params, record), *_check_symbols(table, params)]


def split_places(reports: object, sections: object) -> list[tuple[str, str]]:
    """
    Pair the reports and sections of a row.

    Examples
    --------
    >>> split_places("kstthc; cchc", "I.1; I.2")
    [('kstthc', 'I.1'), ('cchc', 'I.2')]
    """
    names, keys = (
        [part.strip() for part in str(text or "").split(";") if part.strip()] for text in (reports, sections)
    )
    return [
        (names[at] if at < len(names) else "", keys[at] if at < len(keys) else "")
        for at in range(max(len(names), len(keys)))
    ]


def _check_places(table: Table, params: Params, record: TraceRecord | None) -> Iterator[Finding]:
    words = params.house.register
    printed: dict[str, set[str]] = defaultdict(set)
    for citation in record.citations if record else ():
        printed[citation.report] |= set(citation.cells)
    for index in range(len(table)):
        cells = {column.name: str(table.cell(index, column.name)) for column in table.form.columns}
        for report, section in split_places(
            table.column(words.report)[index], table.column(words.section)[index]
        ):
            if report not in params.reports:
                yield _make(
                    "unknown-report", "error", _("the row is for a report that there is not"), (cells[words.report],),
                    name_near(report, params.reports), report or _("nothing"),
                )  # fmt: skip
                continue
            specs = params.report(report, table.period).sections
            keys = [spec.key for spec in specs]
            within = tuple(f"{spec.key}." for spec in specs if spec.parts)
            if section not in keys and not section.startswith(within):
                yield _make(
                    "unknown-section", "error", _("the row is for a section that the report {report} has not", report=report),
                    (cells[words.section],), name_near(section, keys), section or _("nothing"),
                )  # fmt: skip
            elif record and report in record.reports and not printed[report] & set(cells.values()):
                yield _make(
                    "row-not-printed", "warning", _("the row is listed for {report} {section} and is not printed there", report=report, section=section),
                    (cells[words.section],), _("a citation in {section}", section=section), _("none"),
                )  # fmt: skip


def _check_symbols(table: Table, params: Params) -> Iterator[Finding]:
    words = params.house.register
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, symbol in enumerate(table.column(words.symbol)):
        day = table.column(words.day)[index]
        if symbol is not None:
            seen[fold_text(str(symbol)), str(day)].append(index)
    for indices in seen.values():
        if len(indices) > 1:
            symbol = str(table.column(words.symbol)[indices[0]])
            yield _make(
                "symbol-twice", "error", _("{count} rows have one symbol and one date", count=len(indices)),
                [str(table.cell(index, words.symbol)) for index in indices], _("one row for each document"), symbol,
            )  # fmt: skip


def _make(code: str, severity: str, message: str, cells: Iterable[str], expected: str, got: str) -> Finding:
    action = _("Correct the row of the register.")
    return Finding(code, severity, message, cells=tuple(cells), expected=expected, got=got, action=action)  # type: ignore[arg-type]
