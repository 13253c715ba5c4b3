"""Rows of raw sheets as a trace names them: files that follow each other and share rows are one range."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST_SPANS = 3_000_000
"""What a trace may unfold to: a place of 3,500 units has a quarter of a million."""


def fold_spans(spans: Iterable[Sequence[Any]], order: Mapping[str, int]) -> list[list[Any]]:
    """
    Say once what files that follow each other have in common.

    Parameters
    ----------
    spans
        ``(file, sheet, first row, last row)``.
    order
        The place of each file among all of them.

    Returns
    -------
    list of list
        Spans, and ``[first file, last file, how many, sheet, first row, last
        row]`` for several; :func:`unfold_blocks` makes the spans again.

    Examples
    --------
    >>> order = {"a.xlsx": 0, "b.xlsx": 1, "c.xlsx": 2}
    >>> fold_spans([("a.xlsx", "s", 9, 16), ("b.xlsx", "s", 9, 16), ("c.xlsx", "s", 9, 12)], order)
    [['a.xlsx', 'b.xlsx', 2, 's', 9, 16], ['c.xlsx', 's', 9, 12]]
    """
    runs: list[list[Sequence[Any]]] = []
    for span in spans:
        before = runs[-1][-1] if runs else None
        follows = before is not None and order.get(span[0], -1) == order.get(before[0], -9) + 1
        if before is not None and follows and tuple(span[1:]) == tuple(before[1:]):
            runs[-1].append(span)
        else:
            runs.append([span])
    return [[run[0][0], run[-1][0], len(run), *run[0][1:]] if len(run) > 1 else list(run[0]) for run in runs]


def unfold_blocks(trace: Mapping[str, Any]) -> dict[str, list[tuple[str, str, int, int]]]:
    """
    Make the spans that :func:`fold_spans` has folded, for every block of a trace.

    Raises
    ------
    ValueError
        The files of a run are not those of the trace, or there are spans without end.
    """
    files = sorted(trace["files"]) if "files" in trace else []
    blocks: dict[str, list[tuple[str, str, int, int]]] = {}
    room = MOST_SPANS
    for key, folded in trace["blocks"].items():
        spans = blocks[key] = []
        for one in folded:
            if len(one) == 4:
                spans.append((one[0], one[1], one[2], one[3]))
                continue
            first, last, count, sheet, top, bottom = one
            start = bisect_left(files, first)
            run = files[start : start + count]
            room -= len(run)
            if len(run) != count or [*run[:1], *run[-1:]] != [first, last] or room < 0:
                raise ValueError(f"blocks: {count} files from {first} to {last} are not in it")
            spans += [(file, sheet, top, bottom) for file in run]
    return blocks
