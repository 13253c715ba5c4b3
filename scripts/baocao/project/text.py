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
