"""
The trace annex: for people who check a report by hand, every printed number with its cells, as a file of its own.

Written beside the reports as ``<report>.phu-luc-nguon.xlsx`` and ``.html``;
the same trace and raw files give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from baocao.cells import CellRef, parse_cell
from baocao.errors import UsageError
from baocao.periods import Period
from baocao.project import Project
from baocao.tracing import Trace, TracedCell, print_exact, read_trace, write_atomically

STEM = "phu-luc-nguon"
_OPERATIONS = {
    "sum": "cộng các ô",
    "count": "đếm các dòng",
    "distinct": "đếm các giá trị khác nhau",
    "cell": "lấy từ ô do đơn vị nhập",
    "ratio": "tỷ lệ phần trăm",
    "over": "tỷ số",
}
_ROLES = {"term": "thành phần của số", "condition": "điều kiện để tính dòng"}
_NUMBERS = (
    "Mã chỗ in",
    "Số in",
    "Mục",
    "Câu chứa số",
    "Mã giá trị",
    "Số chính xác",
    "Đơn vị tính",
    "Cách tính",
    "Số ô",
)
_CELLS = ("Mã giá trị", "Tệp", "Trang tính", "Ô", "Nội dung", "Vai trò", "sha256 của tệp")
_CITATIONS = ("Mã chỗ in", "Nội dung in", "Mục", "Tệp", "Trang tính", "Ô", "Nội dung ô")
_FILES = ("Tệp", "sha256", "Tình trạng")
_STYLE = (
    "body{font:14px/1.45 serif;margin:2em;max-width:75em}table{border-collapse:collapse;width:100%;margin:.5em 0}"
    "th,td{border:1px solid #999;padding:.2em .5em;text-align:left;vertical-align:top}th{background:#eee}"
    "code{font-size:12px;word-break:break-all}summary{cursor:pointer}:target{background:#ffc}"
    "@media print{details>*{display:block}}"
)


@dataclass(frozen=True)
class Annex:
    """
    The rows of one report's annex.

    Parameters
    ----------
    cells
        By value id, each value once however often it is printed.
    """

    report: str
    period: Period
    mentions: list[dict[str, Any]]
    citations: list[tuple[dict[str, Any], list[TracedCell]]]
    cells: dict[str, list[TracedCell]]
    trace: Trace
    changed: frozenset[str]

    @property
    def files(self) -> dict[str, str]:
        """sha256 of every file that a number or citation of the report leads to."""
        cells = [cell for found in self.cells.values() for cell in found]
        cells += [cell for _, found in self.citations for cell in found]
        return {cell.file: cell.sha256 or "" for cell in sorted(cells, key=lambda cell: cell.file)}


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
    missing = sorted(set(reports) - set(trace.data["reports"]))
    if missing:
        raise UsageError(
            f"{', '.join(missing)}: not built for {period}; built are {', '.join(trace.data['reports'])}."
        )
    changed = frozenset(trace.changed_files())
    written = []
    for report in reports or trace.data["reports"]:
        annex = _collect(trace, report, changed)
        for kind, content in (("xlsx", _write_workbook(annex)), ("html", _write_page(annex).encode())):
            path = project.output(period) / f"{report}.{STEM}.{kind}"
            write_atomically(path, content)
            written.append(path)
    return written


def describe(trace: Trace, value: str) -> str:
    """Say in words how a value was made."""
    node = trace.values[value]
    words = _OPERATIONS.get(node["op"], node["op"])
    if node["parents"]:
        sign = " / " if node["op"] in {"ratio", "over"} else ", "
        parts = [
            f"{name} ({print_exact(trace.values[name]['number'])} {trace.values[name]['unit']})".replace(
                " )", ")"
            )
            for name in node["parents"]
        ]
        words += f": {sign.join(parts)}"
    return f"{words}: {node['basis']}" if node["basis"] else words


def _collect(trace: Trace, report: str, changed: frozenset[str]) -> Annex:
    mentions = [one for one in trace.data["mentions"] if one["report"] == report]
    citations = [one for one in trace.data["citations"] if one["report"] == report]
    wanted = {value: trace.cells(value) for value in dict.fromkeys(one["value"] for one in mentions)}
    # One reading for all: a workbook is opened once, not once a value.
    refs: dict[CellRef, str] = {ref: role for cells in wanted.values() for ref, role in cells.items()}
    refs |= {parse_cell(cell): "term" for one in citations for cell in one["cells"]}
    read = {one.cell: one for one in trace.read_cells(refs)}

    def with_role(ref: CellRef, role: str) -> TracedCell:
        one = read[str(ref)]
        return TracedCell(one.cell, one.file, one.sha256, one.sheet, one.address, one.content, role)

    return Annex(
        report,
        trace.period,
        mentions,
        [(one, [with_role(parse_cell(cell), "term") for cell in one["cells"]]) for one in citations],
        {value: [with_role(ref, role) for ref, role in cells.items()] for value, cells in wanted.items()},
        trace,
        changed,
    )


def _mention_row(annex: Annex, mention: Mapping[str, Any]) -> list[str | int]:
    value = mention["value"]
    node = annex.trace.values[value]
    return [
        mention["id"], mention["printed"], mention["section"], mention["context"], value,
        print_exact(node["number"]) or "", node["unit"], describe(annex.trace, value), len(annex.cells[value]),
    ]  # fmt: skip


def _content(annex: Annex, cell: TracedCell) -> str:
    if cell.file in annex.changed:
        return "(tệp đã thay đổi từ khi lập báo cáo)"
    return cell.content if cell.content is not None else "(trống)"


def _file_rows(annex: Annex) -> list[list[str]]:
    return [
        [file, sha256, "đã thay đổi từ khi lập báo cáo" if file in annex.changed else "nguyên vẹn"]
        for file, sha256 in annex.files.items()
    ]


def _citation_rows(annex: Annex) -> list[list[str]]:
    return [
        [
            one["id"],
            one["printed"],
            one["section"],
            cell.file,
            cell.sheet,
            cell.address,
            _content(annex, cell),
        ]
        for one, cells in annex.citations
        for cell in cells
    ]


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
    book.set_properties({"created": created, "title": f"Phụ lục nguồn {annex.report}"})
    head = book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    link = book.add_format({"font_color": "#0563C1", "underline": 1, "valign": "top"})
    numbers = _add_sheet(book, "Số in", _NUMBERS, (20, 12, 8, 60, 32, 18, 14, 50, 8), head)
    cells = _add_sheet(book, "Ô nguồn", _CELLS, (32, 44, 14, 8, 24, 24, 68), head)
    first: dict[str, int] = {}
    row = 0
    for value, found in annex.cells.items():
        first[value] = row + 2
        for cell in found:
            row += 1
            cells.write_row(row, 0, [
                value, cell.file, cell.sheet, cell.address, _content(annex, cell), _ROLES.get(cell.role, cell.role),
                cell.sha256 or "",
            ])  # fmt: skip
    cells.autofilter(0, 0, max(row, 1), len(_CELLS) - 1)
    for at, mention in enumerate(annex.mentions, 1):
        numbers.write_row(at, 0, _mention_row(annex, mention), wrap)
        if annex.cells[mention["value"]]:
            target = f"internal:'Ô nguồn'!A{first[mention['value']]}"
            numbers.write_url(at, 4, target, link, mention["value"])
    numbers.autofilter(0, 0, max(len(annex.mentions), 1), len(_NUMBERS) - 1)
    for name, columns, widths, rows in (
        ("Trích dẫn", _CITATIONS, (20, 60, 8, 24, 14, 8, 50), _citation_rows(annex)),
        ("Tệp", _FILES, (48, 68, 34), _file_rows(annex)),
    ):
        sheet = _add_sheet(book, name, columns, widths, head)
        for at, texts in enumerate(rows, 1):
            sheet.write_row(at, 0, texts, wrap)
    book.close()
    return stream.getvalue()


def _add_sheet(book: Any, name: str, columns: Sequence[str], widths: Sequence[int], head: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, columns, head)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


def _write_page(annex: Annex) -> str:
    title = f"Phụ lục nguồn số liệu: {annex.report}, {annex.period}"
    lines = [
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
        f"<p>{len(annex.mentions)} số in, {len(annex.citations)} trích dẫn, {len(annex.files)} tệp.</p>",
        "<h2>Số in trong báo cáo</h2>",
        "<table><tr>" + "".join(f"<th>{escape(name)}</th>" for name in _NUMBERS) + "</tr>",
    ]
    for mention in annex.mentions:
        texts = [escape(str(text)) for text in _mention_row(annex, mention)]
        texts[4] = f'<a href="#{texts[4]}">{texts[4]}</a>'
        lines.append(f'<tr id="{texts[0]}">' + "".join(f"<td>{text}</td>" for text in texts) + "</tr>")
    lines.append("</table><h2>Ô nguồn của từng giá trị</h2>")
    for value, cells in annex.cells.items():
        lines.append(
            f'<details id="{escape(value)}"><summary>{escape(value)}: {escape(describe(annex.trace, value))}'
            f" ({len(cells)} ô)</summary>"
        )
        # One row a file: a total over all units has thousands of cells.
        grouped: dict[tuple[str, str, str], list[str]] = {}
        for cell in cells:
            entry = grouped.setdefault((cell.file, cell.sheet, cell.role), [])
            entry.append(f"{cell.address} = {_content(annex, cell)}")
        rows = [
            [file, sheet, _ROLES.get(role, role), "; ".join(texts)]
            for (file, sheet, role), texts in grouped.items()
        ]
        lines += [_table(("Tệp", "Trang tính", "Vai trò", "Ô và nội dung"), rows), "</details>"]
    lines += ["<h2>Trích dẫn văn bản</h2>", _table(_CITATIONS, _citation_rows(annex))]
    lines += ["<h2>Tệp nguồn</h2>", _table(_FILES, _file_rows(annex)), "</body></html>"]
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>\n{body}</table>"
