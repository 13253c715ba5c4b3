"""Which numbers of a PDF nobody can read: the page is drawn, and looked at where they should stand."""

from __future__ import annotations

import re
from ctypes import c_double
from typing import Any

import numpy as np

from baocao.project.language import _

_SCALE = 2.0  # pixels a point
_LEAST_DIFFERENCE = 40  # between ink and paper, of 255
_LEAST_HEIGHT = 2.0  # points; the digit of a raised note has 4.5
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*%?")
_WHOLE_PAGE = 0.6  # a picture behind everything covers nothing


def find_unreadable(text: Any, said: str) -> dict[tuple[int, int], str]:
    """
    Find the numbers of a page that are not to be seen on it.

    Parameters
    ----------
    text
        A ``pypdfium2.PdfTextPage``.
    said
        Its characters, one each.

    Returns
    -------
    dict
        Why, by the places of the first character and behind the last one.
    """
    spans = [match.span() for match in _NUMBER.finditer(said)]
    page = text.page
    if not spans or page.get_rotation():
        return {}
    boxes = {span: [_box(text, at) for at in range(*span)] for span in spans}
    grey = np.asarray(page.render(scale=_SCALE, grayscale=True).to_numpy()).squeeze()
    left, _bottom, _right, top = page.get_cropbox()
    covers = _list_covers(page)
    found: dict[tuple[int, int], str] = {}
    for span, all_boxes in boxes.items():
        digits = [box for box, at in zip(all_boxes, range(*span), strict=True) if said[at].isdigit()]
        if max(box[3] - box[1] for box in digits) < _LEAST_HEIGHT:
            found[span] = _("it is too small to be read")
        elif not all(_is_drawn(grey, box, left, top) for box in digits):
            found[span] = _("it is covered, or has the colour of what it stands on")
        elif any(all(_lies_in(box, cover) for box in digits) for cover in covers):
            found[span] = _("it is covered by a picture or a remark")
    return found


def count_pictures(page: Any) -> int:
    """Return how many pictures of pixels a page holds."""
    from pypdfium2 import raw

    return sum(1 for _one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _is_drawn(grey: Any, box: tuple[float, float, float, float], left: float, top: float) -> bool:
    x0, y0, x1, y1 = box
    columns = slice(max(0, int((x0 - left) * _SCALE)), int((x1 - left) * _SCALE) + 2)
    rows = slice(max(0, int((top - y1) * _SCALE)), int((top - y0) * _SCALE) + 2)
    patch = grey[rows, columns]
    return bool(patch.size) and int(patch.max()) - int(patch.min()) >= _LEAST_DIFFERENCE


def _box(text: Any, at: int) -> tuple[float, float, float, float]:
    """Return the box of a character in points: left, bottom, right, top."""
    from pypdfium2 import raw

    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    raw.FPDFText_GetCharBox(text, at, left, right, bottom, top)
    return left.value, bottom.value, right.value, top.value


def _lies_in(box: tuple[float, ...], cover: tuple[float, ...]) -> bool:
    return cover[0] <= box[0] and cover[1] <= box[1] and box[2] <= cover[2] and box[3] <= cover[3]


def _list_covers(page: Any) -> list[tuple[float, ...]]:
    """List the boxes of pictures and of remarks that are drawn over the text."""
    from pypdfium2 import raw

    width, height = page.get_size()
    covers = [one.get_bounds() for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4)]
    drawn = (raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_SQUARE, raw.FPDF_ANNOT_REDACT)
    for at in range(raw.FPDFPage_GetAnnotCount(page)):
        remark = raw.FPDFPage_GetAnnot(page, at)
        rect = raw.FS_RECTF()
        if raw.FPDFAnnot_GetSubtype(remark) in drawn and raw.FPDFAnnot_GetRect(remark, rect):
            covers.append((rect.left, rect.bottom, rect.right, rect.top))
        raw.FPDFPage_CloseAnnot(remark)
    return [
        cover
        for cover in covers
        if (cover[2] - cover[0]) * (cover[3] - cover[1]) < _WHOLE_PAGE * width * height
    ]


def list_remarks(page: Any) -> list[str]:
    """List the texts that were written onto a page beside its own: remarks, stamps, fields."""
    from pypdfium2 import raw

    said = []
    for at in range(raw.FPDFPage_GetAnnotCount(page)):
        remark = raw.FPDFPage_GetAnnot(page, at)
        # The contents of a link are what is read aloud for it.
        length = raw.FPDFAnnot_GetStringValue(remark, b"Contents", None, 0)
        if length > 2 and raw.FPDFAnnot_GetSubtype(remark) != raw.FPDF_ANNOT_LINK:
            buffer = (raw.FPDF_WCHAR * (length // 2))()
            raw.FPDFAnnot_GetStringValue(remark, b"Contents", buffer, length)
            said.append(bytes(buffer).decode("utf-16-le", "replace").rstrip("\0"))
        raw.FPDFPage_CloseAnnot(remark)
    return said
