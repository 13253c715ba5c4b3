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
