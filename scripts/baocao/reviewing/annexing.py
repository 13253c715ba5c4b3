"""
The trace annex: for people who check a report by hand, every printed number with its cells, as a file of its own.

Written beside the reports as ``<report>.<annex>.xlsx`` and ``.html``, ``annex`` as the house calls it;
the same trace and raw files give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from baocao.checking.desk import Explained, explain_flags, find_flags
from baocao.project.cells import CellRef, join_address, parse_cell, split_address
from baocao.project.errors import UsageError
from baocao.project.files import write_atomically
from baocao.project.folder import Project
from baocao.project.language import N_, _, _n, language_in_force
from baocao.project.periods import Period, format_date
from baocao.reviewing.desk import COLUMNS, list_texts
from baocao.tracing.record import CitationMention, Mention
from baocao.tracing.trace import Trace, format_exact, print_content, read_trace

CHANGED = N_("(the file changed since the report was built)")
_OPERATIONS = {
    "sum": N_("sum of the cells"),
    "count": N_("number of rows"),
    "distinct": N_("number of different entries"),
    "cell": N_("cell typed by the unit"),
    "ratio": N_("share in per cent"),
    "over": N_("part over whole"),
    "change": N_("change against an earlier period"),
}
_ROLES = {"term": N_("part of the number"), "condition": N_("condition that chooses rows")}
_NUMBERS = (
    N_("Mention"),
    N_("Printed"),
    N_("Section"),
    N_("Sentence"),
    N_("Value"),
    N_("Exact number"),
    N_("Unit of measure"),
    N_("How it is made"),
    N_("Cells"),
)
_CELLS = (N_("Value"), N_("File"), N_("Sheet"), N_("Cells"), N_("Content"), N_("Role"))
_CITATIONS = (
    N_("Mention"),
    N_("Printed"),
    N_("Section"),
    N_("File"),
    N_("Sheet"),
    N_("Cell"),
    N_("Content of the cell"),
)
_EXPLAINED = (*COLUMNS[1:10], *COLUMNS[11:14])
_FILES = (N_("File"), "sha256", N_("State"))
_STYLE = (
    "body{font:14px/1.45 serif;margin:2em;max-width:75em}table{border-collapse:collapse;width:100%;margin:.5em 0}"
    "th,td{border:1px solid #999;padding:.2em .5em;text-align:left;vertical-align:top}th{background:#eee}"
    "td.cau{min-width:22em}code{font-size:12px;word-break:break-all}summary{cursor:pointer}:target{background:#ffc}"
    "@media print{details>*{display:block}}"
)


@dataclass(frozen=True)
class Cells:
    """
    Cells below each other that play one role: ``C9:C16``, and what stands in them.

    A total over thousands of units reads tens of thousands of cells; one row for
    each would not fit into a sheet.
    """

    file: str
    sheet: str
    address: str
    count: int
    content: str
    role: str


@dataclass(frozen=True)
class Annex:
    """
    The rows of one report's annex.

    Parameters
    ----------
    cells
        By value id, each value once however often it is printed.
    explained
        Figures that looked like slips and that their units have explained.
    """

    report: str
    period: Period
    mentions: list[Mention]
    citations: list[tuple[CitationMention, list[Cells]]]
    cells: dict[str, list[Cells]]
    trace: Trace
    changed: frozenset[str]
    explained: tuple[Explained, ...] = ()

    @property
    def files(self) -> dict[str, str]:
        """sha256 of every file that a number or citation of the report leads to."""
        files = {cells.file for found in self.cells.values() for cells in found}
        files |= {cells.file for _section, found in self.citations for cells in found}
        known = self.trace.record.files
        return {file: known.get(file, "") for file in sorted(files)}


def write_annexes(project: Project, period: Period, reports: Sequence[str] = ()) -> list[Path]:
    """
    Write the annex of every built report of a period, as a workbook and as a page.

    Parameters
    ----------
    reports
        Which; empty for all.

    Raises
    ------
    TraceError
        The period has not been built.
    UsageError
        A report that was asked for has not been built.
    """
    trace = read_trace(project, period)
    missing = sorted(set(reports) - set(trace.record.reports))
    if missing:
        raise UsageError(
            _(
                "{missing}: not built for {period}; built are {reports}.",
                missing=", ".join(missing),
                period=period,
                reports=", ".join(trace.record.reports),
            )
        )
    changed = frozenset(trace.changed_files())
    flags = explain_flags(project, period, find_flags(project, period))
    explained = tuple(one for one in flags if one.state == "explained")
    written = []
    for report in reports or trace.record.reports:
        annex = replace(_collect(trace, report, changed), explained=explained)
        for kind, content in (("xlsx", _write_workbook(annex)), ("html", _write_page(annex).encode())):
            path = project.output(period) / f"{report}.{project.house.folders.annex}.{kind}"
            write_atomically(path, content)
            written.append(path)
    return written


def describe(trace: Trace, value: str) -> str:
    """Return in words how a value was made."""
    node = trace.values[value]
    words: str = _(_OPERATIONS[node.op]) if node.op in _OPERATIONS else node.op
    if node.parents:
        sign = {"ratio": " / ", "over": " / ", "change": " ← "}.get(node.op, ", ")
        parts = [
            f"{name} ({format_exact(trace.values[name].number)} {trace.values[name].unit})".replace(" )", ")")
            for name in node.parents
        ]
        words += f": {sign.join(parts)}"
    return f"{words}: {node.basis}" if node.basis else words


def _collect(trace: Trace, report: str, changed: frozenset[str]) -> Annex:
    mentions = [one for one in trace.record.mentions if one.report == report]
    citations = [one for one in trace.record.citations if one.report == report]
    values = dict.fromkeys(one.value for one in mentions)
    reader = _Reader(trace, changed)
    return Annex(
        report,
        trace.period,
        mentions,
        [
            (one, [cells for cell in one.cells for cells in reader.read({parse_cell(cell): "term"})])
            for one in citations
        ],
        {value: list(reader.read(trace.cells(value))) for value in values},
        trace,
        changed,
    )


class _Reader:
    """Contents of raw files, each opened once."""

    def __init__(self, trace: Trace, changed: frozenset[str]) -> None:
        self._changed = changed
        self._sheets = {
            (file, sheet.name): sheet.cells
            for file, book in trace.workbooks(trace.record.files).items()
            for sheet in book.sheets
        }

    def read(self, cells: Mapping[CellRef, str]) -> Iterator[Cells]:
        """Put cells with their roles together where they lie below each other."""
        placed = [(ref, *split_address(ref.address), role) for ref, role in cells.items()]
        columns: dict[tuple[str, str, int, str], list[int]] = {}
        for ref, row, column, role in placed:
            columns.setdefault((ref.file, ref.sheet, column, role), []).append(row)
        for (file, sheet, column, role), rows in columns.items():
            rows.sort()
            # Rows that follow each other have one distance from their place in the list.
            for _distance, run in groupby(enumerate(rows), lambda item: item[1] - item[0]):
                first, *others = (row for _place, row in run)
                address = join_address(first, column)
                if others:
                    address += f":{join_address(others[-1], column)}"
                texts = [self._content(file, sheet, row, column) for row in (first, *others)]
                content = _(CHANGED) if file in self._changed else "; ".join(texts)
                yield Cells(file, sheet, address, len(texts), content, role)

    def _content(self, file: str, sheet: str, row: int, column: int) -> str:
        cell = self._sheets.get((file, sheet), {}).get((row, column))
        return _("(blank)") if cell is None or cell.value is None else print_content(cell.value)


def _mention_row(annex: Annex, mention: Mention) -> list[str | int]:
    value = mention.value
    node = annex.trace.values[value]
    return [
        mention.id, mention.printed, mention.section, mention.context, value,
        format_exact(node.number) or "", node.unit, describe(annex.trace, value), sum(cells.count for cells in annex.cells[value]),
    ]  # fmt: skip


def _file_rows(annex: Annex) -> list[list[str]]:
    return [
        [file, sha256, _("changed since the report was built") if file in annex.changed else _("unchanged")]
        for file, sha256 in annex.files.items()
    ]


def _citation_rows(annex: Annex) -> list[list[str]]:
    return [
        [
            one.id,
            one.printed,
            one.section,
            cell.file,
            cell.sheet,
            cell.address,
            cell.content,
        ]
        for one, cells in annex.citations
        for cell in cells
    ]


def _explained_rows(annex: Annex) -> list[list[str]]:
    rows = []
    for one in annex.explained:
        said = one.explanation
        assert said is not None
        *texts, _state = list_texts(one, annex.trace.project.params)
        rows.append([*texts, said.text, said.who, format_date(said.when)])
    return rows


def _write_workbook(annex: Annex) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    # No text may become a formula or a link, and the clock is that of the period.
    book = xlsxwriter.Workbook(
        stream, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    end = annex.period.end
    created = datetime(end.year, end.month, end.day, tzinfo=UTC).replace(
        tzinfo=None
    )  # Excel knows no time zones
    book.set_properties({"created": created, "title": _("Sources of {report}", report=annex.report)})
    head = book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
    numbers = _add_sheet(book, _("Printed numbers"), _NUMBERS, (20, 12, 8, 60, 32, 18, 14, 50, 8), head)
    cells = _add_sheet(book, _("Source cells"), _CELLS, (32, 44, 14, 10, 60, 24), head)
    first: dict[str, int] = {}
    row = 0
    for value, found in annex.cells.items():
        first[value] = row + 2
        for cell in found:
            row += 1
            cells.write_row(row, 0, [
                value, cell.file, cell.sheet, cell.address, cell.content, _(_ROLES[cell.role]),
            ])  # fmt: skip
    cells.autofilter(0, 0, max(row, 1), len(_CELLS) - 1)
    for at, mention in enumerate(annex.mentions, 1):
        numbers.write_row(at, 0, _mention_row(annex, mention), wrap)
        if annex.cells[mention.value]:
            target = f"internal:'{_('Source cells')}'!A{first[mention.value]}"
            numbers.write_url(at, 4, target, link, mention.value)
    numbers.autofilter(0, 0, max(len(annex.mentions), 1), len(_NUMBERS) - 1)
    for name, columns, widths, rows in (
        (_("Citations"), _CITATIONS, (20, 60, 8, 24, 14, 8, 50), _citation_rows(annex)),
        (_("Files"), _FILES, (48, 68, 34), _file_rows(annex)),
        *(
            [(_("Explanations of units"), _EXPLAINED, (10, 28, 44, 16, 14, 14, 12, 36, 48, 60, 24, 14), told)]
            if (told := _explained_rows(annex))
            else []
        ),
    ):
        sheet = _add_sheet(book, name, columns, widths, head)
        for at, texts in enumerate(rows, 1):
            sheet.write_row(at, 0, texts, wrap)
    book.close()
    return stream.getvalue()


def _add_sheet(book: Any, name: str, columns: Sequence[str], widths: Sequence[int], head: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, list(map(_, columns)), head)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def _write_page(annex: Annex) -> str:
    title = _(
        "Sources of the numbers: report {report}, {period}",
        report=annex.report.upper(),
        period=annex.trace.project.house.periods.label(annex.period),
    )
    lines = [
        f'<!DOCTYPE html>\n<html lang="{language_in_force()}"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
        f"<p>{escape(_('{mentions} printed numbers, {citations} citations, {files} files.', mentions=len(annex.mentions), citations=len(annex.citations), files=len(annex.files)))}</p>",
        f"<h2>{escape(_('Numbers printed in the report'))}</h2>",
        "<table><tr>" + "".join(f"<th>{escape(_(name))}</th>" for name in _NUMBERS) + "</tr>",
    ]
    for mention in annex.mentions:
        texts = [escape(str(text)) for text in _mention_row(annex, mention)]
        texts[4] = f'<a href="#{texts[4]}">{texts[4]}</a>'
        tagged = [
            f'<td class="cau">{text}</td>' if at == 3 else f"<td>{text}</td>" for at, text in enumerate(texts)
        ]
        lines.append(f'<tr id="{texts[0]}">' + "".join(tagged) + "</tr>")
    lines.append(f"</table><h2>{escape(_('Source cells of each value'))}</h2>")
    for value, cells in annex.cells.items():
        lines.append(
            f'<details id="{escape(value)}"><summary>{escape(value)}: {escape(describe(annex.trace, value))}'
            f" ({_n('{count} cell', '{count} cells', sum(one.count for one in cells))})</summary>"
        )
        # One row a file: a total over all units has thousands of cells.
        grouped: dict[tuple[str, str, str], list[str]] = {}
        for one in cells:
            entry = grouped.setdefault((one.file, one.sheet, one.role), [])
            entry.append(f"{one.address} = {one.content}")
        rows = [
            [file, sheet, _(_ROLES[role]), " | ".join(texts)]
            for (file, sheet, role), texts in grouped.items()
        ]
        lines += [
            _table((N_("File"), N_("Sheet"), N_("Role"), N_("Cells and their content")), rows),
            "</details>",
        ]
    lines += [f"<h2>{escape(_('Documents cited'))}</h2>", _table(_CITATIONS, _citation_rows(annex))]
    lines += [f"<h2>{escape(_('Source files'))}</h2>", _table(_FILES, _file_rows(annex))]
    if annex.explained:
        lines.append(f"<h2>{escape(_('Explanations of units'))}</h2>")
        lines.append(_table(_EXPLAINED, _explained_rows(annex)))
    lines.append("</body></html>")
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(_(name))}</th>" for name in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}</table>"
