"""How labels are compared."""

from __future__ import annotations

import unicodedata


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
