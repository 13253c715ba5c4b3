"""Two PDFs as a person sees them: the letters of each page with their places, and the page as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from baocao.documents.guard import MAX_CHARACTERS, open_pdf
from baocao.project.errors import TraceError
from baocao.project.language import _

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""
_LINE = 4.0  # letters whose middles lie nearer than this stand in one line
_BLANKS = 4  # so many spaces in a row are a place to fill in
_ABOVE = 8.0  # what is filled in may be set larger, or a little higher or lower
MAX_SIDE = 5000.0  # points
_SHADE = 48  # of 255: below it two renderings of one thing differ at an edge


class Letter(NamedTuple):
    """One letter and where it stands."""

    text: str
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


class Page(NamedTuple):
    """
    A page as it is seen.

    Parameters
    ----------
    letters
        Of the page itself.
    laid
        The same with what is laid on it: annotations, fields, signatures.
    picture
        numpy array of (height, width) with all of it, one point a pixel, 0 black.
    """

    letters: tuple[Letter, ...]
    laid: tuple[Letter, ...]
    size: tuple[float, float]
    picture: Any


def read_pages(path: Path) -> list[Page]:
    """
    Read the pages of a PDF, annotations and form fields drawn as they are printed.

    Raises
    ------
    TraceError
        It is missing, is no PDF, or holds more than a report can.
    """
    import numpy as np
    from pypdfium2 import PdfiumError, raw

    found: list[Page] = []
    left = MAX_CHARACTERS
    with open_pdf(path) as pdf:
        try:
            for number in range(len(pdf)):
                page = pdf[number]
                width, height = page.get_size()
                if max(width, height) > MAX_SIDE:
                    raise TraceError(
                        _("{path}: page {page} is larger than a report's.", path=path, page=number + 1)
                    )
                letters = _read_letters(page)
                # Annotations become part of the page only once it is loaded anew.
                raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
                page = pdf[number]
                laid = _read_letters(page)
                left -= len(laid)
                if left < 0:
                    raise TraceError(
                        _(
                            "{path} holds more than {most} characters, more than a report has.",
                            path=path,
                            most=MAX_CHARACTERS,
                        )
                    )
                picture = np.asarray(page.render(scale=1, grayscale=True).to_numpy()).squeeze()
                found.append(Page(letters, laid, (width, height), picture))
        except PdfiumError as error:
            raise TraceError(
                _("{path} is no PDF that can be read ({error}).", path=path, error=error)
            ) from None
    return found


def _read_letters(page: Any) -> tuple[Letter, ...]:
    from pypdfium2 import raw

    text = page.get_textpage()
    return tuple(
        Letter(chr(raw.FPDFText_GetUnicode(text, at)), text.get_charbox(at, loose=True))
        for at in range(text.count_chars())
    )


def find_blanks(page: Page) -> list[Box]:
    """List the lines of a page that have a place to fill in (number, day, month): several spaces in a row."""
    found: list[Box] = []
    run = 0
    for letter in page.letters:
        run = run + 1 if letter.text in " \u00a0" else 0
        if run == _BLANKS:
            line = [one for one in page.letters if abs(one.middle[1] - letter.middle[1]) < _LINE]
            found.append(
                (
                    min(one.box[0] for one in line) - _ABOVE,
                    min(one.box[1] for one in line) - _ABOVE / 2,
                    max(one.box[2] for one in line) + _ABOVE,
                    max(one.box[3] for one in line) + _ABOVE,
                )
            )
    return sorted(set(found))


def lies_in(box: Box, places: Iterable[Box]) -> bool:
    """
    Return whether a box lies in one of several places.

    Examples
    --------
    >>> lies_in((1, 1, 2, 2), [(0, 0, 3, 3)]), lies_in((1, 1, 4, 2), [(0, 0, 3, 3)])
    (True, False)
    """
    return any(
        place[0] <= box[0] and place[1] <= box[1] and box[2] <= place[2] and box[3] <= place[3]
        for place in places
    )


def read_within(page: Page, places: Sequence[Box]) -> str:
    """Return the letters whose middles lie in one of the places, what is laid there included."""
    return "".join(one.text for one in page.laid if lies_in((*one.middle, *one.middle), places))


def read_without(page: Page, places: Sequence[Box]) -> str:
    """Return the letters of a page outside the places, without blanks."""
    return "".join(
        letter.text
        for letter in page.letters
        if not letter.text.isspace() and not lies_in((*letter.middle, *letter.middle), places)
    )


def list_covered(page: Page, box: Box, places: Sequence[Box]) -> str:
    """Return the letters of a page that a box touches, but for those in the places."""
    return "".join(
        letter.text
        for letter in page.letters
        if letter.box[0] < box[2]
        and box[0] < letter.box[2]
        and letter.box[1] < box[3]
        and box[1] < letter.box[3]
        and not letter.text.isspace()
        and not lies_in((*letter.middle, *letter.middle), places)
    )


def find_difference(before: Page, after: Page, places: Sequence[Box]) -> Box | None:
    """Return where two pages look different outside the places; None where they do not."""
    import numpy as np

    if before.picture.shape != after.picture.shape:
        return (0.0, 0.0, *after.size)
    differing = np.abs(before.picture.astype(int) - after.picture.astype(int)) > _SHADE
    height = before.picture.shape[0]
    for left, bottom, right, top in places:
        first, last = max(0, int(height - top) - 2), max(0, int(height - bottom) + 3)
        differing[first:last, max(0, int(left) - 2) : max(0, int(right) + 3)] = False
    rows, columns = np.nonzero(differing)
    if not len(rows):
        return None
    return (
        float(columns.min()),
        float(height - rows.max() - 1),
        float(columns.max() + 1),
        float(height - rows.min()),
    )
