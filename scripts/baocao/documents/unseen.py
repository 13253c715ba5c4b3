"""What stands in a file and cannot be read by who looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LEAST_CONTRAST = 1.3  # 1 is white on white, 21 black on white; the palest grey that anybody prints has 1.6


@dataclass(frozen=True)
class Unseen:
    """
    A stretch of text that a file holds and nobody sees, or that only a program adds to what is seen.

    Parameters
    ----------
    why
        For people: "it is white on white".
    ids
        Of the mentions it stands in.
    """

    text: str
    why: str
    ids: tuple[str, ...] = ()


def is_legible(ink: Sequence[float], paper: Sequence[float]) -> bool:
    """
    Return whether one colour can be read on another.

    Parameters
    ----------
    ink, paper
        Red, green, blue, each 0 to 1.

    Examples
    --------
    >>> is_legible((0, 0, 0), (1, 1, 1)), is_legible((1, 1, 1), (0.97, 1, 1)), is_legible((1, 1, 1), (0, 0, 0.5))
    (True, False, True)
    """
    one, other = sorted((_luminance(ink), _luminance(paper)))
    return (other + 0.05) / (one + 0.05) >= _LEAST_CONTRAST


def read_hex(color: str) -> tuple[float, float, float] | None:
    """
    Read a colour written as six hexadecimal digits; None where it is none.

    Examples
    --------
    >>> read_hex("FF0000"), read_hex("auto")
    ((1.0, 0.0, 0.0), None)
    """
    try:
        red, green, blue = bytes.fromhex(color)
    except ValueError:
        return None
    return red / 255, green / 255, blue / 255


def _luminance(color: Sequence[float]) -> float:
    """Return the relative luminance of WCAG 2.1, 0 to 1."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
