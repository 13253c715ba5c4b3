"""The characters of a text as its reader takes them, whatever holds its lines together."""

from __future__ import annotations

import re
import unicodedata

# LibreOffice leaves control characters round what was a content control; pasted text brings joiners and directions.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_HYPHENS = re.compile(r"[\u2010\u2011]|(?<=[^\W\d_])\u2013(?=[^\W\d_])")  # a dash within a word is a hyphen


def fold_characters(text: str) -> str:
    r"""
    Write blanks and hyphens at which no line ends as plain ones, without characters that nobody sees.

    Every reader of a document does so, since a layout and an office set them as they like.

    Examples
    --------
    >>> fold_characters("quý\u00a0I, 12/UBND\u2011KSTT, 1\u2060.018")
    'quý I, 12/UBND-KSTT, 1.018'
    """
    return fold_hyphens(unicodedata.normalize("NFC", _UNSEEN.sub("", text)).translate(_BLANKS))


def fold_hyphens(text: str) -> str:
    r"""
    Write each kind of hyphen as a plain one; the text keeps its length.

    Examples
    --------
    >>> fold_hyphens("UBND\u2013KSTT, 2025\u20132026")
    'UBND-KSTT, 2025–2026'
    """
    return _HYPHENS.sub("-", text)
