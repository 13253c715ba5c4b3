"""Rows of raw sheets as a trace names them: files that follow each other and share rows are one range."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from baocao.project.language import _
from baocao.values.value import Span

Folded = Span | tuple[str, str, int, str, int, int]
"""A span, or ``(first file, last file, how many, sheet, first row, last row)`` for several."""

MOST_SPANS = 3_000_000
"""What a trace may unfold to: a place of 3,500 units has a quarter of a million."""


def fold_spans(spans: Iterable[Span], order: Mapping[str, int]) -> list[Folded]:
    """
    Fold what files that follow each other have in common into one range.

    Parameters
    ----------
    spans
        ``(file, sheet, first row, last row)``.
    order
        The place of each file among all of them.

    Returns
    -------
    list of Folded
        :func:`unfold_blocks` makes the spans again.

    Examples
    --------
    >>> order = {"a.xlsx": 0, "b.xlsx": 1, "c.xlsx": 2}
    >>> fold_spans([("a.xlsx", "s", 9, 16), ("b.xlsx", "s", 9, 16), ("c.xlsx", "s", 9, 12)], order)
    [('a.xlsx', 'b.xlsx', 2, 's', 9, 16), ('c.xlsx', 's', 9, 12)]
    """
    runs: list[list[Span]] = []
    for span in spans:
        before = runs[-1][-1] if runs else None
        follows = before is not None and order.get(span[0], -1) == order.get(before[0], -9) + 1
        if before is not None and follows and span[1:] == before[1:]:
            runs[-1].append(span)
        else:
            runs.append([span])
    return [(run[0][0], run[-1][0], len(run), *run[0][1:]) if len(run) > 1 else run[0] for run in runs]


def unfold_blocks(
    blocks: Mapping[str, Iterable[Folded]], files: Iterable[str]
) -> dict[str, tuple[Span, ...]]:
    """
    Make the spans that :func:`fold_spans` has folded, for every block of a trace.

    Parameters
    ----------
    files
        All files of the trace.

    Raises
    ------
    ValueError
        The files of a run are not those of the trace, or there are spans without end.
    """
    ordered = sorted(files)
    unfolded: dict[str, tuple[Span, ...]] = {}
    room = MOST_SPANS
    for key, folded in blocks.items():
        spans: list[Span] = []
        for part in folded:
            if len(part) == 4:
                spans.append(part)
                continue
            first, last, count, sheet, top, bottom = part
            start = bisect_left(ordered, first)
            run = ordered[start : start + count]
            room -= len(run)
            if len(run) != count or [*run[:1], *run[-1:]] != [first, last] or room < 0:
                raise ValueError(
                    _(
                        "{key}: {count} files from {first} to {last} are not in it",
                        key=key,
                        count=count,
                        first=first,
                        last=last,
                    )
                )
            spans += [(file, sheet, top, bottom) for file in run]
        unfolded[key] = tuple(spans)
    return unfolded
