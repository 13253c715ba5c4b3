"""Numbers as a published text prints them, and how a wrong one may have come about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from baocao.project.house import Numbers
from baocao.project.language import _
from baocao.values.formatting import round_half_up

_OVER = re.compile(r"^(\d+)/(\d+)$")


@dataclass(frozen=True)
class Printed:
    """
    A number as printed; ``base`` is what stands behind the stroke of ``14/16``.

    Parameters
    ----------
    decimals
        How many were printed.
    """

    number: Fraction
    decimals: int = 0
    share: bool = False
    base: Fraction | None = None

    def same(self, other: Printed) -> bool:
        """Return whether two printings are of one number: ``07`` and ``7``, ``26%`` and ``26,0%``."""
        return (self.number, self.share, self.base) == (other.number, other.share, other.base)

    def stands_for(self, number: Fraction) -> bool:
        """Return whether an exact number would be printed so."""
        return self.base is None and Fraction(round_half_up(number, self.decimals)) == self.number


def read_number(text: str, style: Numbers) -> Printed | None:
    """
    Read a number as the administration prints it; None where it is none.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> style = find_house("nd30").numbers
    >>> read_number("8.502,380", style).number, read_number("97,15%", style).share, read_number("14/16", style).base
    (Fraction(425119, 50), True, Fraction(16, 1))
    >>> read_number("44/KH-UBND", style) is None
    True
    """
    over = _OVER.match(text)
    if over:
        return Printed(Fraction(int(over[1])), base=Fraction(int(over[2])))
    share = text.endswith("%")
    plain = text.removesuffix("%")
    if style.grouped.fullmatch(plain):
        plain = plain.replace(style.group, "")
    match = style.decimal.fullmatch(plain)
    if match is None:  # 97.15% where a comma is usual, 97,15% where a point is
        match = re.fullmatch(rf"(\d+){re.escape(style.group)}(\d+)", plain)
    if match is None:
        return None
    decimals = match[2] or ""
    return Printed(Fraction(f"{match[1]}.{decimals or 0}"), len(decimals), share)


def find_cause(printed: str, expected: str, around: Mapping[str, tuple[str, str]], style: Numbers) -> str:
    """
    Return how a wrong number may have come about; empty where nothing suggests itself.

    Parameters
    ----------
    around
        For the values beside it, what is printed and what is expected there.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> style = find_house("nd30").numbers
    >>> find_cause("90,51%", "90,49%", {"truc_tiep": ("9,49%", "9,51%")}, style)
    'decimals swapped with truc_tiep'
    >>> find_cause("645", "828", {"chuyen": ("828", "645")}, style), find_cause("1.081", "1.018", {}, style)
    ('swapped with chuyen', 'digits transposed')
    >>> pairs = (("21,91%", "2,191%"), ("97,2%", "97,15%"), ("27", "72"))
    >>> tuple(find_cause(printed, expected, {}, style) for printed, expected in pairs)
    ('decimal or unit slip', 'rounding', 'digits transposed')
    """
    one, right = read_number(printed, style), read_number(expected, style)
    if one is None or right is None:
        return ""
    for id, (other_printed, other_expected) in around.items():
        if (printed, expected) == (other_expected, other_printed):
            return _("swapped with {id}", id=id)
        if _swapped_decimals(style.point, printed, expected, other_printed, other_expected):
            return _("decimals swapped with {id}", id=id)
    for id, (_printed, other_expected) in around.items():
        if printed == other_expected:
            return _("the number of {id} beside it", id=id)
    digits, wanted = (re.sub(r"\D", "", text).lstrip("0") for text in (printed, expected))
    if one.base is None and right.base is None and one.number and right.number:
        ratio = one.number / right.number
        if ratio in {Fraction(10) ** power for power in (-6, -3, -2, -1, 1, 2, 3, 6)}:
            return _("decimal or unit slip")
        if digits and digits.rstrip("0") == wanted.rstrip("0"):
            return _("decimal or unit slip")
        if _rounded(one, right):
            return "rounding"
    if len(digits) == len(wanted):
        if sorted(digits) == sorted(wanted):
            return _("digits transposed")
        if sum(a != b for a, b in zip(digits, wanted, strict=True)) == 1:
            return _("one digit wrong")
    elif abs(len(digits) - len(wanted)) == 1 and _one_dropped(*sorted((digits, wanted), key=len)):
        return _("one digit lost or doubled")
    return ""


def same_amount(printed: str, behind: str, expected: str, unit: str, style: Numbers) -> bool:
    """
    Return whether a number and the words behind it are an amount of money that is expected in another unit.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> same_amount("8.502.380", " triệu đồng", "8.502,380", "tỷ đồng", find_house("nd30").numbers)
    True
    """
    one, right = read_number(printed, style), read_number(expected, style)
    said = style.money_behind.match(behind)
    if one is None or right is None or said is None or unit not in style.money or said[1] == unit:
        return False
    return one.number * style.money[said[1]] == right.number * style.money[unit]


def _swapped_decimals(point: str, *numbers: str) -> bool:
    """Return whether two numbers have each other's decimals, as when two shares were completed from one line."""
    parts = [text.rstrip("%").partition(point) for text in numbers]
    (a, _, x), (b, _, y), (c, _, z), (d, _, w) = parts
    return a == b and c == d and x == w != y == z


def _rounded(one: Printed, right: Printed) -> bool:
    """Return whether one is the other with fewer digits, or they are one unit of the last digit apart."""
    last = Fraction(1, 10 ** min(one.decimals, right.decimals))
    if one.decimals or right.decimals:
        return abs(one.number - right.number) <= last
    zeros = len(str(one.number)) - len(str(one.number).rstrip("0"))
    return zeros > 1 and abs(one.number - right.number) * 2 <= 10**zeros


def _one_dropped(short: str, long: str) -> bool:
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
