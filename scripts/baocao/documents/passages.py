"""What every kind of file is read to: passages in the order of reading, with the mentions marked in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from baocao.documents.characters import fold_characters, fold_hyphens

if TYPE_CHECKING:
    from baocao.documents.numerals import Context, Kind, Recogniser
    from baocao.project.house import House, Numbers

CELL_END = " | "
_WORD = re.compile(r"[^\W\d_]+")
_POINTED_DATE = re.compile(r"(?<![\d/.,-])(\d{1,2})([.-])(\d{1,2})\2(\d{4})(?![\d/]|[.,-]\d)")
_LESS = re.compile(r"(?:^|[\s(])[-−–]$")
_BLANK = re.compile(r"\s{3,}")


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
    house
        How its numbers are written; None until they are recognised.
    """

    text: str
    marks: list[Mark] = field(default_factory=list)
    context: Context = "body"
    cells: list[Cell] = field(default_factory=list)
    note: bool = False
    numbers: list[Number] = field(default_factory=list)
    house: House | None = field(default=None, repr=False, compare=False)

    def recognise(self, recogniser: Recogniser, *, flow: bool = False) -> None:
        """
        Find the numerals; until then there are only words.

        Parameters
        ----------
        flow
            Cells are not told apart, so that a blank between two numbers does not join them.
        """
        for known in ("tokens", "words", "named", "dated"):
            self.__dict__.pop(known, None)
        self.house = recogniser.house
        pieces = self.cells or [Cell(0, len(self.text), self.context)]
        found = [number for piece in pieces for number in _find_numbers(self.text, piece, recogniser)]
        self.numbers = found if flow else _join_groups(self.text, found, recogniser.house.numbers)

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

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The words with symbols and dates of documents spelt out: notes differ by these alone."""
        return tuple(
            self.numbers[token.number].key
            if token.number >= 0 and self.numbers[token.number].kind == "citation"
            else token.word
            for token in self.tokens
        )

    @cached_property
    def dated(self) -> tuple[str, ...]:
        """The words with every numeral that is no number spelt out."""
        return tuple(
            self.numbers[token.number].key
            if token.number >= 0 and self.numbers[token.number].kind is not None
            else token.word
            for token in self.tokens
        )

    def marked(self, start: int, end: int) -> list[int]:
        """Return the numbers that a stretch touches, so that a digit typed right behind it belongs to it."""
        return [
            index
            for index, number in enumerate(self.numbers)
            if (number.start < end and start < number.end) or (start == end == number.start)
        ]

    def sign(self, index: int) -> tuple[str, str]:
        """Return what makes a number another one without a digit: a minus or "over" before it, "million" behind it."""
        number = self.numbers[index]
        before = self.text[: number.start]
        assert self.house is not None  # it has numbers, so they were recognised
        style = self.house.numbers
        bound = style.bound_before.search(before)
        word = bound[1].casefold() if bound else ""
        minus = "-" if word in style.minus or _LESS.search(before) else word
        times = style.times_behind.match(self.text, number.end)
        behind = times[1].casefold() if times else ""
        return minus, style.times.get(behind, behind)

    def cell_of(self, index: int) -> int | None:
        """Return in which cell a number stands; None outside a table."""
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
        piece = fold_characters(text)
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

    @property
    def opened(self) -> tuple[str, ...]:
        """The ids of the marks that are not ended yet."""
        return tuple(id for _, id in self._open.values())

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
        return fold_hyphens("".join(self._pieces))

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


def label_of(row: Passage) -> tuple[str, ...]:
    """Return the words of a row without its numbers: what it is about."""
    return tuple(word for word in row.words if word != "#")


def plain_words(text: str) -> str:
    """
    Return the words alone, in small letters.

    Examples
    --------
    >>> plain_words("Tiếp nhận (1)")
    'tiếp nhận'
    """
    return " ".join(_WORD.findall(text.casefold()))


def shorten(text: str, at: int, width: int = 80) -> str:
    """Return what stands round a place of a text."""
    start, end = max(0, at - width), at + width
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")


def make_form(passage: Passage) -> re.Pattern[str] | None:
    """
    Return a pattern for a passage with blanks to be filled in; None where it has none.

    Examples
    --------
    >>> form = make_form(Passage("Số:        /BC-UBND"))
    >>> form.search("Số: 128/BC-UBND")[1]
    '128'
    """
    pieces = [re.escape(piece).replace(r"\ ", r"\s+") for piece in _BLANK.split(passage.text.strip())]
    return re.compile(r"\s*(\d{0,5})\s*".join(pieces)) if len(pieces) > 1 else None


def key_of(text: str, style: Numbers) -> str:
    """
    Write a numeral the same however it was written.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> style = find_house("nd30").numbers
    >>> tuple(key_of(text, style) for text in ("142.186", "97,150 %", "05/03/2026", "48/QĐ-TTg"))
    ('142186', '97,15%', '5/3/2026', '48/QĐ-TTG')
    """
    for word, sign in style.percent.items():
        text = text.replace(word, sign)
    squeezed = re.sub(r"\s", "", text)
    percent = squeezed[-1:] if squeezed.endswith(("%", "‰")) else ""
    plain = squeezed.removesuffix(percent)
    if style.grouped.fullmatch(plain):
        plain = plain.replace(style.group, "")
    decimal = style.decimal.fullmatch(plain)
    if decimal:
        fraction = (decimal[2] or "").rstrip("0")
        return (decimal[1].lstrip("0") or "0") + (style.point + fraction if fraction else "") + percent
    if re.fullmatch(r"[\d/]+", plain):
        return "/".join(part.lstrip("0") or "0" for part in plain.split("/")) + percent
    return plain.upper() + percent


def _find_numbers(text: str, piece: Cell, recogniser: Recogniser) -> Iterable[Number]:
    inner = text[piece.start : piece.end]
    house = recogniser.house
    periods, style = house.periods, house.numbers
    numbered = {match.end(): match for match in periods.numbered.finditer(inner)}
    dates = {match.start(): house.dates.split(match) for match in house.dates.spelt.finditer(inner)}
    dates |= {m.start(): (m[1], m[3], m[4], m[0]) for m in _POINTED_DATE.finditer(inner)}
    behind = 0
    for numeral in recogniser.find(inner, piece.context):
        if numeral.start < behind or any(match.start(1) == numeral.start for match in numbered.values()):
            continue
        start, end, kind = numeral.start, numeral.end, numeral.kind
        said = numeral.text
        if start in dates:
            day, month, year, whole = dates[start]
            end, said = start + len(whole), f"{day}/{month}/{year}"
            rest = recogniser.find(said)
            kind = kind or (rest[0].kind if rest else None)
        elif start in numbered:
            match = numbered[start]
            start, said = match.start(), f"{periods.numbers.get(match[1], match[1].upper())}/{said}"
        elif not said.endswith("%"):
            percent = style.percent_behind.match(inner, end)
            if percent:
                end, said = percent.end(), f"{said}{style.percent.get(percent[1], percent[1])}"
        behind = end
        yield Number(piece.start + start, piece.start + end, inner[start:end], key_of(said, style), kind)


def _join_groups(text: str, numbers: Sequence[Number], style: Numbers) -> list[Number]:
    """Take "142 186" and "38 / 38" for one number: Excel and people set blanks there."""
    joined: list[Number] = []
    for number in numbers:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.kind is None
            and number.kind is None
            and (_is_group(text, last, number, style) or _is_ratio(text, last, number, style))
        ):
            whole = text[last.start : number.end]
            joined[-1] = Number(last.start, number.end, whole, key_of(whole, style), None)
        else:
            joined.append(number)
    return joined


def _is_group(text: str, last: Number, number: Number, style: Numbers) -> bool:
    return (
        text[last.end : number.start] == " "
        and style.thousand.fullmatch(number.text) is not None
        and re.fullmatch(r"[1-9]\d{0,2}(?:\s\d{3})*", last.text) is not None
    )


def _is_ratio(text: str, last: Number, number: Number, style: Numbers) -> bool:
    between = text[last.end : number.start]
    plain = f"{last.text}{number.text}".replace(style.group, "")
    return between != "/" and between.strip() == "/" and plain.isdigit()
