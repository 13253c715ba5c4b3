"""Sharing a whole number out so that the parts are whole and their sum is exact."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def share(total: int, weights: Sequence[int | Fraction], caps: Sequence[int] | None = None) -> list[int]:
    """
    Share `total` out in proportion to `weights` by the largest remainder.

    Equal remainders go to the earlier part, so that the result depends on
    nothing but the arguments.

    Parameters
    ----------
    total
        What is shared out, >= 0.
    weights
        One weight >= 0 a part; a part with weight 0 gets nothing.
    caps
        The most that each part can take; None means no limit.

    Returns
    -------
    list of int
        As many as there are weights; their sum is `total`.

    Raises
    ------
    ValueError
        The caps of the parts with a weight do not hold `total`.

    Examples
    --------
    >>> share(10, [1, 1, 1])
    [4, 3, 3]
    >>> share(10, [1, 1, 8], caps=[9, 9, 2])
    [4, 4, 2]
    """
    room = [total if weight else 0 for weight in weights]
    if caps is not None:
        room = [min(cap, most) for cap, most in zip(caps, room, strict=True)]
    if sum(room) < total:
        raise ValueError(f"{total} cannot be shared out: the parts hold {sum(room)} at most.")
    parts = [0] * len(room)
    left = total
    while left:
        open_parts = [index for index, most in enumerate(room) if parts[index] < most]
        whole = sum((Fraction(weights[index]) for index in open_parts), Fraction(0))
        exact = {index: left * Fraction(weights[index]) / whole for index in open_parts}
        floors = {index: int(value) for index, value in exact.items()}
        spare = left - sum(floors.values())
        by_remainder = sorted(open_parts, key=lambda index: (floors[index] - exact[index], index))
        for index in by_remainder[:spare]:
            floors[index] += 1
        for index, value in floors.items():
            taken = min(value, room[index] - parts[index])
            parts[index] += taken
            left -= taken
    return parts
