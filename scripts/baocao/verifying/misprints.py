"""Numbers as a published text prints them, and how a wrong one may have come about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from baocao.project.language import _
from baocao.values.formatting import round_half_up

_NUMBER = re.compile(r"^(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?(%?)$")
_AMOUNTS = {"đồng": 1, "nghìn đồng": 10**3, "triệu đồng": 10**6, "tỷ đồng": 10**9}
_AMOUNT = re.compile(r"\s*((?:nghìn |triệu |tỷ )?đồng)\b")
_OVER = re.compile(r"^(\d+)/(\d+)$")
_POINT = re.compile(r"^(\d+)\.(\d+)(%?)$")


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
        """Tell whether two printings are of one number: ``07`` and ``7``, ``26%`` and ``26,0%``."""
        return (self.number, self.share, self.base) == (other.number, other.share, other.base)

    def stands_for(self, number: Fraction) -> bool:
        """Tell whether an exact number would be printed so."""
        return self.base is None and Fraction(round_half_up(number, self.decimals)) == self.number


def read_number(text: str) -> Printed | None:
    """
    Read a number as the administration prints it; None where it is none.

    Examples
    --------
    >>> read_number("8.502,380").number, read_number("97,15%").share, read_number("14/16").base
    (Fraction(425119, 50), True, Fraction(16, 1))
    >>> read_number("44/KH-UBND") is None
    True
    """
    over = _OVER.match(text)
    if over:
        return Printed(Fraction(int(over[1])), base=Fraction(int(over[2])))
    match = _NUMBER.match(text)
    if match:
        whole, decimals = match[1].replace(".", ""), match[2] or ""
        return Printed(Fraction(f"{whole}.{decimals or 0}"), len(decimals), bool(match[3]))
    point = _POINT.match(text)  # 97.15%, the English way
    if point:
        return Printed(Fraction(f"{point[1]}.{point[2]}"), len(point[2]), bool(point[3]))
    return None


def find_cause(printed: str, expected: str, around: Mapping[str, tuple[str, str]]) -> str:
    """
    Say how a wrong number may have come about; empty where nothing suggests itself.

    Parameters
    ----------
    around
        For the values beside it, what is printed and what is expected there.

    Examples
    --------
    >>> find_cause("90,51%", "90,49%", {"truc_tiep": ("9,49%", "9,51%")})
    'decimals swapped with truc_tiep'
    >>> find_cause("645", "828", {"chuyen": ("828", "645")}), find_cause("1.081", "1.018", {})
    ('swapped with chuyen', 'digits transposed')
    >>> find_cause("21,91%", "2,191%", {}), find_cause("97,2%", "97,15%", {}), find_cause("27", "72", {})
    ('decimal or unit slip', 'rounding', 'digits transposed')
    """
    one, right = read_number(printed), read_number(expected)
    if one is None or right is None:
        return ""
    for id, (other_printed, other_expected) in around.items():
        if (printed, expected) == (other_expected, other_printed):
            return _("swapped with {id}", id=id)
        if _swapped_decimals(printed, expected, other_printed, other_expected):
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


def same_amount(printed: str, behind: str, expected: str, unit: str) -> bool:
    """
    Tell whether a number and the words behind it are an amount of money that is expected in another unit.

    Examples
    --------
    >>> same_amount("8.502.380", " triệu đồng", "8.502,380", "tỷ đồng")
    True
    """
    one, right, said = read_number(printed), read_number(expected), _AMOUNT.match(behind)
    if one is None or right is None or said is None or unit not in _AMOUNTS or said[1] == unit:
        return False
    return one.number * _AMOUNTS[said[1]] == right.number * _AMOUNTS[unit]


def _swapped_decimals(printed: str, expected: str, other_printed: str, other_expected: str) -> bool:
    """Tell whether two numbers have each other's decimals, as when two shares were completed from one line."""
    parts = [text.rstrip("%").partition(",") for text in (printed, expected, other_printed, other_expected)]
    (a, _, x), (b, _, y), (c, _, z), (d, _, w) = parts
    return a == b and c == d and x == w != y == z


def _rounded(one: Printed, right: Printed) -> bool:
    """Tell whether one is the other with fewer digits, or they are one unit of the last digit apart."""
    last = Fraction(1, 10 ** min(one.decimals, right.decimals))
    if one.decimals or right.decimals:
        return abs(one.number - right.number) <= last
    zeros = len(str(one.number)) - len(str(one.number).rstrip("0"))
    return zeros > 1 and abs(one.number - right.number) * 2 <= 10**zeros


def _one_dropped(short: str, long: str) -> bool:
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
