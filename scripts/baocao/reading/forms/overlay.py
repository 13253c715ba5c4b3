"""A form laid over a sheet: which columns are whose, what is blank, and the findings so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from baocao.project.cells import CellRef, column_index, join_address
from baocao.project.findings import Finding
from baocao.project.language import N_, _
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.entries import clean_text, is_blank

if TYPE_CHECKING:
    from baocao.project.forms import Column, Form
    from baocao.reading.forms.results import Sender
    from baocao.reading.workbooks import Sheet

NUMBERS = ("count", "number")
"""Types of columns that hold numbers."""
RESEND = N_("Correct it after the form and send it again.")


@dataclass
class Overlay:
    """
    State of reading one sheet as a form; rows and columns counted from 0.

    Parameters
    ----------
    findings
        What was found so far.
    faulty
        Rows with an entry that cannot be used.
    faulty_columns
        Columns with such an entry, by name.
    gapped
        True where rows are missing between others: totals then say nothing.
    """

    form: Form
    sheet: Sheet
    sender: Sender
    findings: list[Finding] = field(default_factory=list)
    faulty: set[int] = field(default_factory=set)
    faulty_columns: set[str] = field(default_factory=set)
    gapped: bool = False

    def __post_init__(self) -> None:
        self.columns: dict[int, Column] = {column_index(one.column): one for one in self.form.columns}
        self.covered = {cell for cell in self.sheet.anchors if cell[1] in self.columns}
        self.filled: dict[int, set[int]] = defaultdict(set)
        for (row, column), cell in self.sheet.cells.items():
            if not is_blank(cell):
                self.filled[row].add(column)

    @cached_property
    def texts(self) -> list[tuple[int, int, str]]:
        """Row, column and cleaned text of every cell of text, in the order of the sheet."""
        return [
            (row, column, clean_text(str(cell.value)))
            for (row, column), cell in sorted(self.sheet.cells.items())
            if cell.kind == "text"
        ]

    @property
    def first_row(self) -> int:
        """First row of data."""
        return self.form.first_row - 1

    @property
    def first_column(self) -> int:
        """Leftmost column of the form."""
        return min(self.columns)

    @property
    def head(self) -> int:
        """The first row below the head."""
        return self.form.first_label_row - 1

    @property
    def label(self) -> int:
        """The column that says what a row is: the first key, or else the first."""
        return next((index for index, column in self.columns.items() if column.key), self.first_column)

    def index(self, name: str) -> int:
        """Return the number of a column of the form."""
        return column_index(self.form.column(name).column)

    def at(self, address: str) -> str:
        """Spell a cell of this sheet given as ``D12``."""
        return str(CellRef(self.sender.file, self.sheet.name, address))

    def spell(self, row: int, column: int) -> str:
        """Spell a cell of this sheet."""
        return self.at(join_address(row, column))

    def make(self, code: str, cells: Iterable[str], expected: str, got: str, action: str = "") -> Finding:
        """Make a finding about this sheet."""
        return submission_finding(
            code, tuple(cells), unit=self.sender.unit, expected=expected, got=got, action=action or _(RESEND)
        )

    def add(self, code: str, cells: Iterable[str], expected: str, got: str, action: str = "") -> None:
        """Keep a finding about this sheet."""
        self.findings.append(self.make(code, cells, expected, got, action))

    def row_state(self, row: int) -> str:
        """Tell ``data`` from ``blank`` (nothing) and ``hollow`` (only entries that may be blank)."""
        held = self.filled.get(row, set()) & self.columns.keys()
        needed = [index for index, column in self.columns.items() if not column.blank]
        if any(index in held or (row, index) in self.covered for index in needed):
            return "data"
        return "hollow" if held else "blank"


def runs(numbers: Iterable[int]) -> list[list[int]]:
    """
    Split sorted numbers into runs of neighbours.

    Examples
    --------
    >>> runs([1, 2, 5])
    [[1, 2], [5]]
    """
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def say_rows(rows: Sequence[int]) -> str:
    """
    Name rows, counted from 0, as Excel shows them.

    Examples
    --------
    >>> say_rows([8, 9])
    'rows 9, 10'
    """
    return _(
        "rows {rows}{more}",
        rows=", ".join(str(row + 1) for row in rows[:10]),
        more="…" if len(rows) > 10 else "",
    )
