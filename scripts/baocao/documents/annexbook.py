"""The annexes of a report as one workbook: a sheet each with live formulas, and a sheet of sources."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from baocao.documents.annexes import AnnexRow, AnnexTable, join_heads
from baocao.sections.parts import Printed
from baocao.tracing.record import Annex
from baocao.values.labels import Labels
from baocao.values.nodes import Node
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.values.value import Span

FIRST_HEAD = 5
"""The first row of heads, as Excel counts; above it label, title, document and caption."""
FIRST_SOURCE = 4
"""The first row of the sheet of sources that says something of a number."""
SOURCE_VALUE, SOURCE_NUMBER = 2, 4
"""Its columns with the id of a value and its number, counted from 0."""
_MOST_PLACES = 12
_SIGNS = {"sum": "+", "difference": "-", "ratio": "/"}


@dataclass(frozen=True)
class AnnexBook:
    """
    What stands where in the workbook of a report.

    Parameters
    ----------
    tables, annexes
        In the order of the sheets; ``annexes`` are what the trace keeps.
    sources
        For each row of the sheet of sources the id of a value, and where it is printed: sheet and address,
        empty where it is not.
    """

    tables: tuple[AnnexTable, ...]
    annexes: tuple[Annex, ...]
    sources: tuple[tuple[str, str, str], ...]


def lay_out_book(
    report: str,
    tables: Sequence[AnnexTable],
    placed: Sequence[Mapping[tuple[int, int], str]],
    values: Mapping[str, Node],
    sheet: str,
) -> AnnexBook:
    """
    Say what stands where.

    Parameters
    ----------
    placed
        For each table the ids of its mentions by row and column, counted from 0.
    values
        The values of the report.
    sheet
        What the sheet of sources is called.
    """
    sources = [
        (cell.value, table.label, _address(table, at, column))
        for table in tables
        for at, row in enumerate(table.rows)
        for column, cell in enumerate(row.cells)
        if isinstance(cell, Printed)
    ]
    printed = {value for value, _sheet, _at in sources}
    # What a share or a sum of the tables is made of, where no table prints it.
    unprinted = dict.fromkeys(
        parent
        for table in tables
        for row in table.rows
        for cell in row.cells
        if isinstance(cell, Printed) and values[cell.value].op in _SIGNS
        for parent in values[cell.value].parents
        if parent not in printed
    )
    sources += [(parent, "", "") for parent in unprinted]
    annexes = []
    for table, ids in zip(tables, placed, strict=True):
        annexes.append(
            Annex(
                table.id,
                report,
                table.label,
                table.title,
                dict(_list_texts(table)),
                {_address(table, *place): id for place, id in ids.items()},
                dict(_list_formulas(table, values, sources, sheet)),
            )
        )
    return AnnexBook(tuple(tables), tuple(annexes), tuple(sources))


def count_heads(table: AnnexTable) -> int:
    """Return how many rows the heads take."""
    return max(len(column.path) for column in table.columns) + table.numbered


def _address(table: AnnexTable, row: int, column: int) -> str:
    return f"{xl_col_to_name(column)}{FIRST_HEAD + count_heads(table) + row}"


def _list_texts(table: AnnexTable) -> Iterator[tuple[str, str]]:
    for row, text in enumerate((table.label, table.title, table.attached, table.caption), 1):
        if text:
            yield f"A{row}", text
    heads = join_heads(table.columns)
    if table.numbered:
        heads.append([column.number for column in table.columns])
    for row, line in enumerate(heads, FIRST_HEAD):
        for column, text in enumerate(line):
            if text not in ("<<", "^^"):
                yield f"{xl_col_to_name(column)}{row}", text
    for at, one in enumerate(table.rows):
        for column, cell in enumerate(one.cells):
            if isinstance(cell, str) and cell:
                yield _address(table, at, column), cell


def _list_formulas(
    table: AnnexTable, values: Mapping[str, Node], sources: Sequence[tuple[str, str, str]], behind: str
) -> Iterator[tuple[str, str]]:
    """Yield how numbers follow from others, where they do so exactly."""
    pointed: dict[str, str] = {}
    for at, (value, sheet, address) in enumerate(sources):
        if sheet == table.label:
            pointed[value] = address
        else:
            own = address or f"{xl_col_to_name(SOURCE_NUMBER)}{FIRST_SOURCE + at}"
            pointed.setdefault(value, f"'{sheet or behind}'!{own}")
    for at, row in enumerate(table.rows):
        for column, cell in enumerate(row.cells):
            if not isinstance(cell, Printed):
                continue
            formula = None
            if row.kind == "total":
                formula = _sum_column(table, column, values)
            elif table.columns[column].parts:
                formula = _sum_row(table, at, column, values)
            else:
                node = values[cell.value]
                known = all(is_stored(values[parent]) for parent in node.parents)
                if node.op in _SIGNS and node.parents and known and node.number is not None:
                    formula = _SIGNS[node.op].join(pointed[parent] for parent in node.parents)
            if formula:
                yield _address(table, at, column), f"={formula}"


def _sum_row(table: AnnexTable, at: int, column: int, values: Mapping[str, Node]) -> str | None:
    row = table.rows[at]
    parts = table.columns[column].parts
    numbers = [_number(row, part, values) for part in parts]
    # A row that was accepted although it does not add up keeps the numbers it was sent with.
    if None in numbers or sum(one for one in numbers if one is not None) != _number(row, column, values):
        return None
    return "+".join(_address(table, at, part) for part in parts)


def _sum_column(table: AnnexTable, column: int, values: Mapping[str, Node]) -> str | None:
    inner = [at for at, row in enumerate(table.rows) if row.kind == "row"]
    numbers = [_number(table.rows[at], column, values) for at in inner]
    whole = next(_number(row, column, values) for row in table.rows if row.kind == "total")
    if not inner or sum((one for one in numbers if one is not None), Fraction(0)) != whole:
        return None
    return f"SUM({_address(table, inner[0], column)}:{_address(table, inner[-1], column)})"


def _number(row: AnnexRow, column: int, values: Mapping[str, Node]) -> Fraction | None:
    cell = row.cells[column]
    return values[cell.value].number if isinstance(cell, Printed) else None


def is_stored(node: Node) -> bool:
    """Tell whether a value stands in the workbook as a number; ``14/16`` and a share of nothing are texts."""
    return node.number is not None and node.op != "over"


def store_number(node: Node) -> float:
    """
    Return a value as a workbook holds it: 97,15% is 0.9715.

    Examples
    --------
    >>> store_number(Node(Fraction(9715, 100), "%", "ratio"))
    0.9715
    """
    assert node.number is not None
    number = node.number / 100 if node.unit == "%" else node.number
    return number.numerator if number.denominator == 1 else number.numerator / number.denominator


# -- writing -------------------------------------------------------------------


@dataclass
class _Looks:
    """The formats of a book, each made once."""

    book: Any
    made: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def __call__(self, **look: object) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(
                {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter", **look}
            )
        return self.made[key]


def write_book(
    book: AnnexBook,
    params: Params,
    values: Mapping[str, Node],
    blocks: Mapping[str, Sequence[Span]],
    period: Period,
    trace_hash: str,
) -> bytes:
    """
    Write the workbook; the same book gives the same bytes.

    Parameters
    ----------
    blocks
        The rows that values were read from.
    trace_hash
        What the report's files carry, see :func:`baocao.tracing.record.hash_mentions`.
    """
    stream = io.BytesIO()
    # No text may become a formula or a link, and the clock is that of the period.
    made = xlsxwriter.Workbook(
        stream, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    )
    end = period.end
    made.set_properties(
        {"created": datetime(end.year, end.month, end.day), "title": book.tables[0].label}  # noqa: DTZ001
    )
    looks = _Looks(made)
    words = params.house.document.annexes
    for table, annex in zip(book.tables, book.annexes, strict=True):
        sheet = made.add_worksheet(table.label)
        _write_table(sheet, table, annex, values, looks, params.house.numbers.point)
    _write_sources(made.add_worksheet(words.sources), book, params, values, blocks, trace_hash, looks)
    made.close()
    return stream.getvalue()


def _write_table(
    sheet: Any, table: AnnexTable, annex: Annex, values: Mapping[str, Node], looks: _Looks, point: str
) -> None:
    last = len(table.columns) - 1
    heads = count_heads(table)
    above = (
        looks(bold=True, font_size=14, align="center"),
        looks(bold=True, font_size=13, align="center", text_wrap=True),
        looks(italic=True, font_size=13, align="center"),
        looks(italic=True, align="right"),
    )
    for line, look in enumerate(above):
        sheet.merge_range(line, 0, line, last, annex.texts.get(f"A{line + 1}", ""), look)
    sheet.set_row(1, 36)
    _write_heads(sheet, table, looks)
    for at, row in enumerate(table.rows):
        bold = row.kind != "row"
        for column, cell in enumerate(row.cells):
            address = _address(table, at, column)
            where = xl_cell_to_rowcol(address)
            side = table.columns[column].side
            if isinstance(cell, Printed) and is_stored(values[cell.value]):
                node = values[cell.value]
                look = looks(border=1, bold=bold, align=side, num_format=_format(cell.text, point))
                formula = annex.formulas.get(address)
                if formula:
                    sheet.write_formula(*where, formula, look, store_number(node))
                else:
                    sheet.write_number(*where, store_number(node), look)
            else:
                text = cell.text if isinstance(cell, Printed) else cell
                look = looks(border=1, bold=bold, align=side, text_wrap=True)
                sheet.write_string(*where, text, look) if text else sheet.write_blank(*where, None, look)
    first = FIRST_HEAD + heads - 1
    sheet.freeze_panes(first, table.naming + 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=1.18, right=0.79, top=0.79, bottom=0.79)
    sheet.repeat_rows(FIRST_HEAD - 1, first - 1)
    sheet.set_header('&C&"Times New Roman,Regular"&14&P')
    for column, one in enumerate(table.columns):
        longest = max((len(_text(row, column)) for row in table.rows if row.kind != "heading"), default=0)
        words = max(len(word) for head in (one.path[-1], one.number) for word in ["", *head.split()])
        sheet.set_column(column, column, min(max(5, longest + 1, words + 1), 60))


def _write_heads(sheet: Any, table: AnnexTable, looks: _Looks) -> None:
    grid = join_heads(table.columns)
    look = looks(border=1, bold=True, align="center", text_wrap=True)
    for level, line in enumerate(grid):
        for column, text in enumerate(line):
            if text in ("<<", "^^"):
                continue
            right = column
            while right + 1 < len(line) and line[right + 1] == "<<":
                right += 1
            low = level
            while low + 1 < len(grid) and grid[low + 1][column] == "^^":
                low += 1
            top = FIRST_HEAD - 1
            if (level, column) == (low, right):
                sheet.write_string(top + level, column, text, look)
            else:
                sheet.merge_range(top + level, column, top + low, right, text, look)
    sheet.set_row(FIRST_HEAD - 2 + len(grid), 64 if len(grid) > 1 else 36)
    if table.numbered:
        for column, one in enumerate(table.columns):
            small = looks(border=1, italic=True, align="center", font_size=9, text_wrap=True)
            sheet.write_string(FIRST_HEAD - 1 + len(grid), column, one.number, small)


def _text(row: AnnexRow, column: int) -> str:
    cell = row.cells[column]
    return cell.text if isinstance(cell, Printed) else cell


def _format(text: str, point: str) -> str:
    """
    Return the number format that shows a value with the decimals that are printed.

    Examples
    --------
    >>> _format("97,15%", ","), _format("142.186", ","), _format("8.502,380", ",")
    ('#,##0.00%', '#,##0', '#,##0.000')
    """
    decimals = len(text.partition(point)[2].rstrip("%"))
    return "#,##0" + ("." + "0" * decimals if decimals else "") + ("%" if text.endswith("%") else "")


def _write_sources(
    sheet: Any,
    book: AnnexBook,
    params: Params,
    values: Mapping[str, Node],
    blocks: Mapping[str, Sequence[Span]],
    trace_hash: str,
    looks: _Looks,
) -> None:
    words = params.house.document.annexes
    labels = Labels(params)
    mentions = {(annex.label, at): id for annex in book.annexes for at, id in annex.mentions.items()}
    sheet.write_string(0, 0, words.note.format(hash=trace_hash), looks())
    head = looks(bold=True, border=1, text_wrap=True, align="center", bg_color="#EEEEEE")
    sheet.write_row(FIRST_SOURCE - 2, 0, words.columns, head)
    plain = looks(valign="top")
    for row, (value, on, address) in enumerate(book.sources, FIRST_SOURCE - 1):
        node = values[value]
        if address:
            sheet.write_url(row, 0, f"internal:'{on}'!{address}", plain, f"{on}!{address}")
        texts = {
            1: mentions.get((on, address), ""),
            SOURCE_VALUE: value,
            3: labels.label(value, node.basis),
            5: node.unit,
            6: node.op,
            7: ", ".join(node.parents),
            9: _list_places(node, blocks),
        }
        for column, text in texts.items():
            if text:
                sheet.write_string(row, column, text, plain)
        if is_stored(node):
            sheet.write_number(row, SOURCE_NUMBER, store_number(node), plain)
        elif node.number is not None:
            sheet.write_string(row, SOURCE_NUMBER, print_decimal(node.number), plain)
        count = sum(
            last - first + 1 for source in node.sources for _file, _sheet, first, last in blocks[source.block]
        )
        sheet.write_number(row, 8, count, plain)
    sheet.freeze_panes(FIRST_SOURCE - 1, 0)
    sheet.autofilter(FIRST_SOURCE - 2, 0, FIRST_SOURCE - 2 + len(book.sources), len(words.columns) - 1)
    for column, width in enumerate((18, 24, 34, 50, 12, 14, 10, 40, 10, 80)):
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(FIRST_SOURCE - 2)


def _list_places(node: Node, blocks: Mapping[str, Sequence[Span]]) -> str:
    """Return where the terms of a value lie; what is longer stands in the trace."""
    places = []
    for source in node.sources:
        if source.role == "term":
            for file, sheet, first, last in blocks[source.block]:
                cells = f"{source.column}{first}" + (f":{source.column}{last}" if last > first else "")
                places.append(f"{file}#{sheet}!{cells}")
    more = len(places) - _MOST_PLACES
    return "; ".join(places[:_MOST_PLACES]) + (f"; … (+{more})" if more > 0 else "")
