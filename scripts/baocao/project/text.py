"""How labels are compared, and spelt in ids and file names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(1 << 14)  # the same labels come in every workbook
def fold_text(text: str) -> str:
    """
    Bring a label to the form in which labels are compared: NFC, single spaces, lower case.

    Diacritics stay: ``Cẩm Giang`` and ``Cẩm Giàng`` are two communes.

    Examples
    --------
    >>> fold_text("  Tổng   SỐ ")
    'tổng số'
    """
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def strip_diacritics(text: str) -> str:
    """
    Bring a label to letters without diacritics, to find what somebody meant who left them out.

    Examples
    --------
    >>> strip_diacritics("Sở Nội vụ"), strip_diacritics("Đất đai")
    ('so noi vu', 'dat dai')
    """
    plain = unicodedata.normalize("NFD", fold_text(text).replace("đ", "d"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def slug(text: str, joint: str = "_") -> str:
    """
    Return a text in small plain letters and digits, as ids and names of files have it.

    Parameters
    ----------
    joint
        Between the words.

    Examples
    --------
    >>> slug("Đất đai"), slug("Sở Văn hóa, Thể thao và Du lịch", "-")
    ('dat_dai', 'so-van-hoa-the-thao-va-du-lich')
    """
    return joint.join(re.findall(r"[a-z0-9]+", strip_diacritics(text)))


def fold_spelling(text: str) -> str:
    """
    Bring a label to what it spells: no punctuation, and the tone of a syllable wherever it was put.

    Examples
    --------
    >>> fold_spelling("Hoà Bình - (mới).") == fold_spelling("Hòa Bình (mới)")
    True
    >>> fold_spelling("Cẩm Giang") == fold_spelling("Cẩm Giàng")
    False
    """
    words = "".join(char if char.isalnum() else " " for char in fold_text(text)).split()
    return " ".join(map(_tone_last, words))


_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


def _tone_last(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    return "".join(sorted(letters, key=_TONES.__contains__))
