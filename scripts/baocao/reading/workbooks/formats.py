"""
What a number format makes of a stored number: whether the sender sees the number that is read.

Only what changes the number's meaning matters here; thousands separators,
signs, currency marks and padding do not. Formats are those of ECMA-376 part 1,
18.8.31.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Literal, NamedTuple

Display = Literal["same", "rounded", "hidden", "other"]
GENERAL = "General"
BUILT_IN = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 37: "#,##0;-#,##0", 38: "#,##0;[Red]-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;[Red]-#,##0.00", 41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_($* #,##0_);_($* (#,##0);_($* "-"_);_(@_)', 43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)', 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Codes that a workbook names by number only; those of dates are left out."""

_PART = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|[0#?.,%/@;]|General|.', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"^\[(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:E[+-]?\d+)?)\]$", re.IGNORECASE)
_CURRENCY = re.compile(r"^\[\$([^\]-]*)(?:-[^\]]*)?\]$")
_WHITE = re.compile(r"^\[(white|color\s*2)\]$", re.IGNORECASE)
_DIGITS = "0#?"
_BLANK = ("", "-", "–", "—")


class Section(NamedTuple):
    """
    One section of a number format.

    Parameters
    ----------
    test
        Operator and number of its condition; None where it has none.
    before, within, after
        Literal text before the first, between and after the last digit.
    whole, zeros, decimals
        Digits before the decimal point that the format names, how many of them are
        always shown, and digits after it.
    shift
        Powers of ten by which it shows the number smaller: 3 a trailing comma, -2 a ``%``.
    general
        It shows the number as it is.
    unknown
        It is a fraction, a date or the like.
    white
        It shows white letters.
    exponent
        It shows the number as a power of ten, with so many digits before the point as
        ``whole`` says at most.
    """

    test: tuple[str, Decimal] | None = None
    before: str = ""
    within: str = ""
    after: str = ""
    whole: int = 0
    zeros: int = 0
    decimals: int = 0
    shift: int = 0
    general: bool = False
    unknown: bool = False
    white: bool = False
    exponent: bool = False

    @property
    def empty(self) -> bool:
        """Return whether the section shows no digit of the number."""
        return not (self.whole or self.decimals or self.general or self.unknown)


def split_format(code: str) -> list[list[str]]:
    """
    Split a format into sections, each a list of parts.

    Examples
    --------
    >>> split_format('0"a;b";;@')
    [['0', '"a;b"'], [], ['@']]
    """
    sections: list[list[str]] = [[]]
    for part in _PART.findall(code):
        if part == ";":
            sections.append([])
        else:
            sections[-1].append(part)
    return sections


def read_section(parts: list[str]) -> Section:
    """Read the parts of one section."""
    test, white, general, unknown, percent = None, False, False, False, 0
    pieces: list[str] = []  # literal text, or one of 0 # ? . ,
    literal: list[bool] = []
    exponent = False
    for part in parts:
        condition = _CONDITION.match(part)
        if condition:
            test = condition[1], Decimal(condition[2])
        elif part.startswith("[") and part.endswith("]") and len(part) > 1:
            currency = _CURRENCY.match(part)
            if currency:
                pieces.append(currency[1])
                literal.append(True)
            elif _WHITE.match(part):
                white = True
            elif part.lower().strip("[]hms") == "":
                unknown = True
        elif part[0] == '"':
            pieces.append(part.strip('"'))
            literal.append(True)
        elif part[0] == "\\" and len(part) > 1:
            pieces.append(part[1])
            literal.append(True)
        elif part[0] == "_" and len(part) > 1:
            continue
        elif part[0] == "*" and len(part) > 1:
            pieces.append(part[1] if part[1].isdigit() else "")
            literal.append(True)
        elif part.lower() == "general" or part == "@":
            general = True
        elif part == "%":
            percent += 1
        elif part in ("E+", "E-", "e+", "e-"):
            exponent = True
        elif part in ("0", "#", "?", ".", ","):
            if not exponent:
                pieces.append(part)
                literal.append(False)
        elif part == "/":
            unknown = True
        else:
            unknown |= part.lower() in "ymdhsb" and part.isalpha()
            pieces.append(part)
            literal.append(True)
    places = [i for i, piece in enumerate(pieces) if not literal[i] and piece in _DIGITS]
    if not places:
        text = "".join(piece for i, piece in enumerate(pieces) if literal[i])
        return Section(
            test, text, general=general, unknown=unknown or exponent, shift=-2 * percent, white=white
        )
    first, last = places[0], places[-1]
    point = next((i for i, piece in enumerate(pieces) if not literal[i] and piece == "."), len(pieces))
    whole_places = [i for i in places if i < point]
    end = whole_places[-1] if whole_places else first
    # Commas right after the last digit of the whole part, before or after the decimals, scale.
    scale, i = 0, end + 1
    while i < len(pieces) and not literal[i] and pieces[i] == ",":
        scale, i = scale + 1, i + 1
    i = last + 1
    while last > end and i < len(pieces) and not literal[i] and pieces[i] == ",":
        scale, i = scale + 1, i + 1
    texts = [piece if literal[i] else "" for i, piece in enumerate(pieces)]
    return Section(
        test,
        "".join(texts[:first]),
        "".join(texts[first:last]),
        "".join(texts[last + 1 :]),
        len(whole_places),
        sum(pieces[i] == "0" for i in whole_places),
        len(places) - len(whole_places),
        3 * scale - 2 * percent,
        general,
        unknown,
        white,
        exponent,
    )


@cache
def read_format(code: str) -> tuple[Section, ...]:
    """Read the sections of a format that numbers use; a fourth one is for text."""
    parts = split_format(code)
    if len(parts) == 4 or (len(parts) > 1 and "@" in parts[-1]):
        parts = parts[:-1]
    return tuple(read_section(section) for section in parts[:3])


def choose_section(sections: tuple[Section, ...], number: Decimal) -> Section:
    """Choose the section that shows a number."""
    if any(section.test for section in sections):
        for section in sections:
            if section.test is None or _holds(section.test, number):
                return section
        return Section(before="####")  # what Excel shows where no section fits
    index = 0 if number > 0 or len(sections) == 1 else 1 if number < 0 else 2
    return sections[index if index < len(sections) else 0]


def _holds(test: tuple[str, Decimal], number: Decimal) -> bool:
    sign, limit = test
    return {
        "<": number < limit, "<=": number <= limit, ">": number > limit,
        ">=": number >= limit, "=": number == limit, "<>": number != limit,
    }[sign]  # fmt: skip


def shown_as(code: str, number: Decimal) -> Display:
    """
    Return whether a format shows the number that is stored.

    Returns
    -------
    str
        ``"same"``; ``"rounded"``: fewer decimals than stored; ``"hidden"``: nothing
        to see; ``"other"``: another number or a text. A zero shown as nothing or
        as a dash is the same.

    Examples
    --------
    >>> from decimal import Decimal
    >>> [shown_as(code, Decimal(1234)) for code in ("#,##0", ";;;", "#,##0,", "0%", '0"000"', '"0"')]
    ['same', 'hidden', 'other', 'other', 'other', 'other']
    >>> shown_as("0.0", Decimal("12.34")), shown_as('#,##0;-#,##0;"-"', Decimal(0))
    ('rounded', 'same')
    >>> [shown_as(code, Decimal(1234)) for code in ("0E+0", "0.000E+00", "##0.0E+0", "##0.000E+0")]
    ['other', 'same', 'other', 'same']
    """
    section = choose_section(read_format(code), number)
    if section.general and not section.whole:
        literal = section.before + section.within + section.after
        return "other" if _misleads(literal) or section.shift else "hidden" if section.white else "same"
    if section.unknown:
        return "other"
    if section.empty:
        text = section.before.strip()
        if number == 0 and text in (*_BLANK, "0"):
            return "same"
        return "other" if text else "hidden"
    if section.white:
        return "hidden"
    if number == 0 and not section.zeros and (section.before + section.after).strip() in _BLANK:
        return "same"  # "-"?? shows a dash
    if section.within.strip(" \u00a0.") or _misleads(section.before) or _misleads(section.after):
        return "other"
    if (section.shift and number) or (section.exponent and not _keeps_digits(section, number)):
        return "other"
    if section.exponent:
        return "same"
    if section.within.strip(" \u00a0"):
        return "other"  # a point that is only drawn, as in 0\.00
    return "same" if number == round(number, section.decimals) else "rounded"


def _keeps_digits(section: Section, number: Decimal) -> bool:
    """Tell whether a power of ten shows all digits of a number: 1,5E+3 does of 1500, 2E+3 does not."""
    before = number.adjusted() % max(section.whole, 1) + 1
    return not number or number == round(number, before + section.decimals - 1 - number.adjusted())


def words_beside(code: str, number: Decimal) -> list[str]:
    """
    List the words that a format shows beside a number.

    Examples
    --------
    >>> from decimal import Decimal
    >>> words_beside('#,##0" nghìn hồ sơ"', Decimal(5)), words_beside("#,##0", Decimal(5))
    (['nghìn', 'hồ', 'sơ'], [])
    """
    section = choose_section(read_format(code), number)
    return re.findall(r"[^\W\d_]+", f"{section.before} {section.within} {section.after}")


def _misleads(text: str) -> bool:
    """Return whether text beside a number reads as digits of it, or as its sign or its decimals."""
    text = text.strip(" \u00a0")
    return (
        any(char.isdigit() for char in text)
        or text[-1:] in (".", ",")
        or text[:1] in (".", ",")
        or text == "-"
    )


def pads(code: str) -> bool:
    """
    Return whether a format may put zeros before a number, as codes have them.

    Examples
    --------
    >>> pads("00000"), pads("0"), pads("#,##0.00")
    (True, False, False)
    """
    return any(section.zeros > 1 for section in read_format(code))
