"""Letters that the layout's font cannot draw: said with their place, before a program stops at them."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from baocao.project.language import _

_MOST = 10
# Nothing is drawn for these: separators, marks of direction, joiners.
_UNDRAWN = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))


def find_unprintable(text: str, fonts: Path) -> list[str]:
    """
    List letters of a source that the font has no shape for.

    Parameters
    ----------
    text
        The whole source.
    fonts
        The folder with the faces of the layout; the regular one is looked into.

    Returns
    -------
    list of str
        One entry a letter, with the line where it stands first; empty where every letter can be drawn,
        or where the layout brings no font.
    """
    faces = sorted(fonts.glob("*-Regular.ttf"))
    known = frozenset[int]().union(*(_read_letters(face, face.stat().st_mtime_ns) for face in faces))
    if not known:
        return []
    first: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for char in line:
            if ord(char) not in known and unicodedata.category(char) not in _UNDRAWN:
                first.setdefault(char, number)
    lines = text.split("\n")
    return [
        _(
            "line {line}: the font has no «{char}» (U+{code}): {excerpt}",
            line=line,
            char=char,
            code=f"{ord(char):04X}",
            excerpt=_cut(lines[line - 1], char),
        )
        for char, line in list(first.items())[:_MOST]
    ]


@cache
def _read_letters(face: Path, modified: int) -> frozenset[int]:  # noqa: ARG001 the time tells one file from another
    from fontTools.ttLib import TTFont

    with TTFont(face, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _cut(line: str, char: str, width: int = 40) -> str:
    at = line.index(char)
    return " ".join(line[max(0, at - width) : at + width].split())
