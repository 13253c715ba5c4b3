"""
Where a number stands: one cell of one raw file, and its one spelling.

openpyxl spells addresses as well, but importing it takes a quarter of a second,
which every notebook would pay for a dozen lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from baocao.project.errors import UsageError
from baocao.project.language import _

_SPELLING = re.compile(r"^(?P<file>[^#]+)#(?P<sheet>.+)!(?P<address>[A-Z]{1,3}[1-9][0-9]*)$")
_ADDRESS = re.compile(r"^([A-Z]{1,3})([1-9][0-9]*)$")


def column_letters(index: int) -> str:
    """
    Spell a column.

    Parameters
    ----------
    index
        Column number, counted from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """
    Return the number of a column, counted from 0.

    Examples
    --------
    >>> column_index("A"), column_index("XFD")
    (0, 16383)
    """
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def split_address(address: str) -> tuple[int, int]:
    """
    Turn ``"D12"`` into row and column, both counted from 0.

    Raises
    ------
    UsageError
        ``address`` is not the address of one cell.

    Examples
    --------
    >>> split_address("D12")
    (11, 3)
    """
    match = _ADDRESS.match(address)
    if match is None:
        raise UsageError(_("expected a cell address such as D12, got {address!r}.", address=address))
    return int(match[2]) - 1, column_index(match[1])


def join_address(row: int, column: int) -> str:
    """
    Spell a cell from row and column, both counted from 0.

    Examples
    --------
    >>> join_address(11, 3)
    'D12'
    """
    return f"{column_letters(column)}{row + 1}"


@dataclass(frozen=True, slots=True, order=True)
class CellRef:
    """
    The address of one cell.

    Parameters
    ----------
    file
        Path relative to ``data/raw/<period>/``; a file of another period is
        prefixed with it, ``2025-Q4/don-vi/…``.
    sheet
        Name of the sheet, as written in the workbook.
    address
        ``D12``: column letters and row number.

    Examples
    --------
    >>> str(CellRef("don-vi/10507-thanh-dong.xlsx", "06a", "D12"))
    'don-vi/10507-thanh-dong.xlsx#06a!D12'
    """

    file: str
    sheet: str
    address: str

    def __str__(self) -> str:
        return f"{self.file}#{self.sheet}!{self.address}"


def is_cell(text: str) -> bool:
    """
    Return whether a text spells one cell of a file.

    Examples
    --------
    >>> is_cell("van-ban.xlsx#van-ban!B7"), is_cell("van-ban.xlsx#van-ban!7")
    (True, False)
    """
    return _SPELLING.match(text) is not None


def parse_cell(text: str) -> CellRef:
    """
    Read the spelling of a cell.

    Raises
    ------
    UsageError
        ``text`` is not ``file#sheet!D12``.

    Examples
    --------
    >>> parse_cell("van-ban.xlsx#van-ban!B7").address
    'B7'
    """
    match = _SPELLING.match(text)
    if match is None:
        raise UsageError(
            _("expected a cell such as don-vi/H01-so-noi-vu.xlsx#06a!D12, got {text!r}.", text=text)
        )
    return CellRef(match["file"], match["sheet"], match["address"])
