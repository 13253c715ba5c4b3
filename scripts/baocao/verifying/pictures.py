"""The charts of a Word file, held against those that were drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from baocao.project.language import _
from baocao.tracing.record import Chart
from baocao.verifying.edits import Class, Edit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Measured: saved at half or a third of the size, or as JPEG, a chart differs by less; one shortened bar by more.
_GRID = 48, 80  # rows and columns that pictures are compared in
_FORMATS = ("PNG", "JPEG")
_MOST_PIXELS = 40_000_000  # a page at 600 dots an inch
_STEP = 0.15  # of the range from black to white


def judge_charts(
    charts: Sequence[Chart], drawn: Mapping[str, bytes], pictures: Sequence[bytes]
) -> list[Edit]:
    """
    Find charts that were replaced, taken out or exchanged; other pictures are nobody's business.

    Parameters
    ----------
    charts
        Of the report, in its order, as in the trace.
    drawn
        The picture of each, by id; a chart without one is not looked at.
    pictures
        Of the file, in the order of reading.
    """
    known = [chart for chart in charts if chart.id in drawn]
    free = list(range(len(pictures)))
    places: dict[int, int] = {}
    for at, chart in enumerate(known):
        same = next((place for place in free if is_same_picture(drawn[chart.id], pictures[place])), None)
        if same is not None:
            places[at] = same
            free.remove(same)
    rank = {place: at for at, place in zip(sorted(places), sorted(places.values()), strict=True)}
    found = []
    for at, chart in enumerate(known):
        if at in places:
            if rank[places[at]] != at:
                found.append(_make("moved", chart, _("the chart is no longer in its place")))
            continue
        before = max((places[one] for one in places if one < at), default=-1)
        behind = min((places[one] for one in places if one > at), default=len(pictures))
        instead = next((place for place in free if before < place < behind), None)
        if instead is None:
            found.append(_make("lost", chart, _("the chart is gone from the report")))
        else:
            free.remove(instead)
            found.append(_make("altered", chart, _("the chart was replaced by another picture")))
    return found


def is_same_picture(one: bytes, other: bytes) -> bool:
    """Return whether two pictures show the same, also when one was saved smaller or as another format."""
    if one == other:
        return True
    left, right = _reduce(one), _reduce(other)
    if left is None or right is None:
        return False
    return bool(np.max(np.abs(left - right)) <= _STEP)


def _reduce(content: bytes) -> NDArray[np.float64] | None:
    """Return the grey values of a picture on the grid; None of what cannot be read."""
    from PIL import Image

    try:
        # The size is in the head of the file; nothing is unpacked before it is looked at.
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            # Transparent parts show the paper.
            paper = Image.new("RGBA", opened.size, "white")
            paper.alpha_composite(opened.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    picture: NDArray[np.float64] = np.asarray(paper.convert("RGB"), dtype=float).mean(axis=2) / 255.0
    if picture.shape[0] < _GRID[0] or picture.shape[1] < _GRID[1]:
        return None
    for axis, size in enumerate(_GRID):
        edges = np.linspace(0, picture.shape[axis], size + 1).astype(int)
        sums = np.add.reduceat(picture, edges[:-1], axis=axis)
        counts = np.diff(edges)
        picture = sums / (counts[:, None] if axis == 0 else counts[None, :])
    return picture


def _make(kind: Class, chart: Chart, why: str) -> Edit:
    caption = chart.caption
    return Edit(kind, chart.id, None, chart.section, caption, "", caption, f"«{chart.id}»: {why}")
