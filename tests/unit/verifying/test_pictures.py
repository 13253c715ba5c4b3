"""Charts that were replaced, taken out or exchanged are found; pictures saved anew are not."""

from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest

from baocao.tracing.record import Chart
from baocao.verifying.pictures import is_same_picture, judge_charts

CHARTS = [Chart(f"bd_{at}", "mau", "I.7", f"Hình {at}. Hồ sơ", ()) for at in (1, 2, 3)]


def draw(*heights: int) -> np.ndarray:
    """Draw bars on white, 400 by 600."""
    picture = np.ones((400, 600, 3))
    for at, height in enumerate(heights):
        picture[400 - height :, 40 + 120 * at : 110 + 120 * at] = (0.1, 0.3, 0.6)
    return picture


def save(picture: np.ndarray, kind: str = "png") -> bytes:
    out = io.BytesIO()
    matplotlib.image.imsave(out, picture, format=kind)
    return out.getvalue()


DRAWN = {
    "bd_1": save(draw(300, 200, 100)),
    "bd_2": save(draw(50, 350, 250, 120)),
    "bd_3": save(draw(10, 20, 390)),
}
ONE, TWO, THREE = DRAWN.values()
LOGO = save(np.zeros((200, 300, 3)))


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        ([ONE, TWO, THREE], []),
        ([LOGO, ONE, TWO, LOGO, THREE], []),
        ([ONE, THREE, TWO], [("moved", "bd_2"), ("moved", "bd_3")]),
        ([ONE, THREE], [("lost", "bd_2")]),
        ([ONE, save(draw(50, 330, 250, 120)), THREE], [("altered", "bd_2")]),
        ([LOGO, TWO, THREE], [("altered", "bd_1")]),
        ([ONE, b"\x89PNG damaged", THREE], [("altered", "bd_2")]),
        ([], [("lost", "bd_1"), ("lost", "bd_2"), ("lost", "bd_3")]),
    ],
)
def test_what_became_of_the_charts(pictures, expected):
    assert [(edit.kind, edit.mention) for edit in judge_charts(CHARTS, DRAWN, pictures)] == expected


def test_a_chart_whose_picture_is_not_kept_is_not_looked_at():
    assert judge_charts(CHARTS, {}, []) == []


def test_a_picture_saved_smaller_or_as_jpeg_is_the_same():
    picture = draw(300, 200, 100)
    assert is_same_picture(ONE, save(picture, "jpg"))
    assert is_same_picture(ONE, save(picture[::2, ::2]))
    assert not is_same_picture(ONE, save(draw(300, 200, 120)))
