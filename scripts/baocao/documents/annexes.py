"""An official table as data, before it is written: its columns, its rows, the values in its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from baocao.sections.parts import Printed
from baocao.values.nodes import Node
from baocao.values.value import Span

ABSENT = "-"
"""Stands where nothing was reported."""

AnnexCell: TypeAlias = Printed | str
RowKind = Literal["row", "heading", "total"]


@dataclass(frozen=True)
class AnnexColumn:
    """
    One column.

    Parameters
    ----------
    path
        Its heads, top down; columns with the same first ones stand under one head.
    number
        As the form numbers it, ``(3)``; empty where none is numbered.
    parts
        Which columns it is the sum of, counted from 0.
    """

    path: tuple[str, ...]
    number: str = ""
    side: Literal["left", "right", "center"] = "left"
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class AnnexRow:
    """One row: as many cells as there are columns."""

    cells: tuple[AnnexCell, ...]
    kind: RowKind = "row"


@dataclass(frozen=True)
class AnnexTable:
    """
    One annex.

    Parameters
    ----------
    id
        Of the annex; also the key of its part of the document.
    label, title, attached, caption
        What is printed above the table, line by line; ``attached`` may be empty.
    naming
        The column that says what a row is about, counted from 0.
    nodes, blocks
        What the values in it were made of.
    """

    id: str
    label: str
    title: str
    attached: str
    caption: str
    columns: tuple[AnnexColumn, ...]
    rows: tuple[AnnexRow, ...]
    naming: int = 1
    nodes: Mapping[str, Node] = field(default_factory=dict)
    blocks: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    @property
    def numbered(self) -> bool:
        """Whether a row under the heads numbers the columns."""
        return any(column.number for column in self.columns)

    def name_cell(self, row: AnnexRow, column: int) -> str:
        """Return what a cell says: its row and the heads of its column."""
        label = row.cells[self.naming]
        head = " - ".join(self.columns[column].path)
        return f"{label}: {head}" if isinstance(label, str) else head


def join_heads(columns: Sequence[AnnexColumn]) -> list[list[str]]:
    """
    Return the rows of heads as a source has them: ``<<`` continues the cell to the left, ``^^`` the one above.

    Examples
    --------
    >>> columns = [AnnexColumn(("STT",)), AnnexColumn(("Tiếp nhận", "Tổng số")), AnnexColumn(("Tiếp nhận", "Kỳ trước"))]
    >>> join_heads(columns)
    [['STT', 'Tiếp nhận', '<<'], ['^^', 'Tổng số', 'Kỳ trước']]
    """
    depth = max(len(column.path) for column in columns)
    rows = []
    for level in range(depth):
        row = []
        for at, column in enumerate(columns):
            before = columns[at - 1].path if at else ()
            if level >= len(column.path):
                row.append("^^")
            elif level < len(column.path) - 1 and before[: level + 1] == column.path[: level + 1]:
                row.append("<<")
            else:
                row.append(column.path[level])
        rows.append(row)
    return rows
