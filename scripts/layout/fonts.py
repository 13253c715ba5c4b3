"""
Give the vendored faces a family name of their own.

Typst takes a system's fonts before those of a document's folder where the family has the same name, and an old
Liberation Serif (as some distributions carry) lacks Vietnamese letters; the licence, too, reserves the name
Liberation for unchanged files. Run once, on the upstream files::

    python scripts/layout/fonts.py FOLDER-OF-LIBERATION-FILES scripts/baocao/documents/extension/fonts
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

FAMILY = "Baocao Serif"
STYLES = {"Regular": "Regular", "Bold": "Bold", "Italic": "Italic", "BoldItalic": "Bold Italic"}


def rename(source: Path, target: Path, style: str) -> None:
    """Write a face under the family's own name; outlines, metrics and the time stamp stay."""
    font = TTFont(source, recalcTimestamp=False)
    postscript = "BaocaoSerif" if style == "Regular" else f"BaocaoSerif-{style.replace(' ', '')}"
    names = {1: FAMILY, 2: style, 3: f"{postscript};2.1.5", 4: f"{FAMILY} {style}", 6: postscript}
    for record in list(font["name"].names):
        if record.nameID in names:
            font["name"].setName(
                names[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID
            )
        elif record.nameID in {16, 17, 18, 21, 22}:
            font["name"].names.remove(record)
    font.save(target)


if __name__ == "__main__":
    folder, out = map(Path, sys.argv[1:])
    for short, style in STYLES.items():
        rename(folder / f"LiberationSerif-{short}.ttf", out / f"BaocaoSerif-{short}.ttf", style)
