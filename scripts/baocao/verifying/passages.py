"""What every kind of file is read to: passages in the order of reading, with the mentions marked in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from baocao.numerals import Context, Kind, Recogniser

CELL_END = " | "
_WORD = re.compile(r"[^\W\d_]+")
_SPELT_DATE = re.compile(r"(?<![\d/.,])(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4})(?!\d)")
_SPACED_PERCENT = re.compile(r"\s*(?:%|phần trăm)")
_TIMES = re.compile(r"\s*(nghìn|ngàn|vạn|triệu|tỷ|tỉ)(?!\w)", re.IGNORECASE)
_SAME_TIMES = {"ngàn": "nghìn", "tỉ": "tỷ"}
# LibreOffice leaves control characters round what was a content control.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u00ad\u200b\ufeff]")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_DECIMAL = re.compile(r"(\d+)(?:,(\d+))?")


@dataclass(frozen=True)
class Mark:
    """A stretch of a passage that bears the id of a mention or citation."""

    start: int
    end: int
    id: str


@dataclass(frozen=True)
class Cell:
    """A stretch of a passage that was a table cell, with the heading of its column."""

    start: int
    end: int
    context: Context
    column: str = ""


@dataclass(frozen=True)
class Number:
    """
    A numeral of a passage.

    Parameters
    ----------
    key
        What it says however it is written: ``1.018`` and ``1018`` are one.
    kind
        Why it is no number; None where nothing says so.
    """

    start: int
    end: int
    text: str
    key: str
    kind: Kind | None


class Token(NamedTuple):
    """A word, or ``#`` for the numeral ``number`` (else -1)."""

    start: int
    end: int
    word: str
    number: int


@dataclass
class Passage:
    """
    A paragraph, a note, or a row of a table.

    Parameters
    ----------
    cells
        Of a row; empty for a paragraph.
    """

    text: str
    marks: list[Mark] = field(default_factory=list)
    context: Context = "body"
    cells: list[Cell] = field(default_factory=list)
    note: bool = False
    numbers: list[Number] = field(default_factory=list)

    def recognise(self, recogniser: Recogniser) -> None:
        """Find the numerals; until then there are only words."""
        self.__dict__.pop("tokens", None)
        self.__dict__.pop("words", None)
        pieces = self.cells or [Cell(0, len(self.text), self.context)]
        self.numbers = [number for piece in pieces for number in _find_numbers(self.text, piece, recogniser)]

    @cached_property
    def tokens(self) -> list[Token]:
        """Words in small letters and ``#`` for numerals, in order."""
        found = [Token(number.start, number.end, "#", index) for index, number in enumerate(self.numbers)]
        taken = [(number.start, number.end) for number in self.numbers]
        at = 0
        for match in _WORD.finditer(self.text):
            while at < len(taken) and taken[at][1] <= match.start():
                at += 1
            if at == len(taken) or match.end() <= taken[at][0]:
                found.append(Token(match.start(), match.end(), match[0].casefold(), -1))
        return sorted(found)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the tokens alone."""
        return tuple(token.word for token in self.tokens)

    def marked(self, start: int, end: int) -> list[int]:
        """Give the numbers that a stretch touches, so that a digit typed right behind it belongs to it."""
        return [
            index
            for index, number in enumerate(self.numbers)
            if (number.start < end and start < number.end) or (start == end == number.start)
        ]

    def sign(self, index: int) -> str:
        """Say what makes a number another one without a digit: a minus before it, "triệu" behind it."""
        number = self.numbers[index]
        before = self.text[: number.start]
        minus = "-" if re.search(r"(?:^|[\s(])[-−–]$", before) else ""
        times = _TIMES.match(self.text, number.end)
        word = times[1].casefold() if times else ""
        return minus + _SAME_TIMES.get(word, word)

    def cell_of(self, index: int) -> int | None:
        """Say in which cell a number stands; None outside a table."""
        start = self.numbers[index].start
        return next((at for at, cell in enumerate(self.cells) if cell.start <= start < cell.end), None)


class Writer:
    """Collects the text of a passage with its marks."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.marks: list[Mark] = []
        self._open: dict[str, tuple[int, str]] = {}

    def add(self, text: str) -> None:
        """Write some text."""
        piece = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
        self._pieces.append(piece)
        self.length += len(piece)

    def open(self, key: str, id: str) -> None:
        """Begin a mark; ``key`` closes it."""
        self._open[key] = (self.length, id)

    def close(self, key: str) -> None:
        """End a mark that was begun."""
        if key in self._open:
            start, id = self._open.pop(key)
            self.marks.append(Mark(start, self.length, id))

    def mark(self, start: int, end: int, id: str) -> None:
        """Mark a stretch that was written."""
        self.marks.append(Mark(start, end, id))

    def take(self, other: Writer) -> None:
        """Write what another one has collected."""
        self.marks += [Mark(m.start + self.length, m.end + self.length, m.id) for m in other.marks]
        self._pieces.append(other.text)
        self.length += other.length

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._pieces)

    def passage(self, context: Context = "body", *, note: bool = False) -> Passage:
        """Make a passage of it."""
        return Passage(self.text, self.marks, context, note=note)


def make_row(cells: Sequence[tuple[Writer, Context, str]]) -> Passage:
    """Put the cells of a row together: ``(content, context, heading of the column)`` each."""
    whole = Writer()
    pieces = []
    for content, context, column in cells:
        start = whole.length
        whole.take(content)
        pieces.append(Cell(start, whole.length, context, column))
        whole.add(CELL_END)
    return Passage(whole.text, whole.marks, "cell", pieces)


def same_number(one: str, other: str) -> bool:
    """
    Say whether two numerals say the same, however they are written.

    Examples
    --------
    >>> same_number("1.018", "1018"), same_number("01", "1"), same_number("97,15%", "97,51%")
    (True, True, False)
    """
    return key_of(one) == key_of(other)


def key_of(text: str) -> str:
    """
    Write a numeral the same however it was written.

    Examples
    --------
    >>> key_of("142.186"), key_of("97,150 %"), key_of("05/03/2026"), key_of("3220/UBND")
    ('142186', '97,15%', '5/3/2026', '3220/UBND')
    """
    squeezed = re.sub(r"\s", "", text.replace("phần trăm", "%"))
    percent = "%" if squeezed.endswith("%") else ""
    plain = squeezed.removesuffix("%")
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(".", "")
    decimal = _DECIMAL.fullmatch(plain)
    if decimal:
        fraction = (decimal[2] or "").rstrip("0")
        return (decimal[1].lstrip("0") or "0") + ("," + fraction if fraction else "") + percent
    if re.fullmatch(r"[\d/]+", plain):
        return "/".join(part.lstrip("0") or "0" for part in plain.split("/")) + percent
    return plain + percent


def _find_numbers(text: str, piece: Cell, recogniser: Recogniser) -> Iterable[Number]:
    inner = text[piece.start : piece.end]
    dates = {match.start(): match for match in _SPELT_DATE.finditer(inner)}
    behind = 0
    for numeral in recogniser.find(inner, piece.context):
        if numeral.start < behind:
            continue
        start, end, kind = numeral.start, numeral.end, numeral.kind
        said = numeral.text
        if start in dates:
            match = dates[start]
            end, said = match.end(), f"{match[1]}/{match[2]}/{match[3]}"
            rest = recogniser.find(said)
            kind = kind or (rest[0].kind if rest else None)
        elif not said.endswith("%"):
            percent = _SPACED_PERCENT.match(inner, end)
            if percent:
                end, said = percent.end(), f"{said}%"
        behind = end
        yield Number(piece.start + start, piece.start + end, inner[start:end], key_of(said), kind)
