"""How the cells of a workbook look, as far as it decides whether their content can be seen and read aright."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from baocao.reading.workbooks.formats import BUILT_IN, GENERAL, shown_as
from baocao.reading.workbooks.xml import parse_root

if TYPE_CHECKING:
    from baocao.reading.workbooks.guard import Archive

SMALL = 3.0
"""Letters of fewer points cannot be read."""
_WHITE = frozenset({"theme 0", "rgb FFFFFF", "indexed 1", "indexed 9"})
_PALE = 0.2
_ANY = Decimal(1234)
"""A number like any other."""
_NONE = ("none", "gray125")
_PLAIN_FONT = ("auto", 11.0, False)


class Look(NamedTuple):
    """
    How one style looks.

    Parameters
    ----------
    format
        The number format; empty where it shows every number as it is stored.
    faint
        True where the letters are too small to read or have the colour of their ground.
    struck
        True where they are struck through.
    """

    format: str = ""
    faint: bool = False
    struck: bool = False


PLAIN = Look()


def read_styles(archive: Archive, part: str) -> list[Look]:
    """
    Return the look of every cell style, by its number.

    Raises
    ------
    WorkbookError
        The part is no XML.
    """
    if part not in archive:
        return []
    return _read_looks(archive.text(part), part)


@lru_cache(maxsize=64)  # workbooks of one template have one part of styles
def _read_looks(content: bytes, part: str) -> list[Look]:
    root = parse_root(content, part)
    codes = dict(BUILT_IN)
    for element in root.iterfind("{*}numFmts/{*}numFmt"):
        if element.get("numFmtId", "").isdecimal():
            codes[int(element.get("numFmtId"))] = element.get("formatCode", "")
    fonts = [_read_font(element) for element in root.iterfind("{*}fonts/{*}font")]
    fills = [_read_fill(element) for element in root.iterfind("{*}fills/{*}fill")]
    looks = []
    for element in root.iterfind("{*}cellXfs/{*}xf"):
        code = codes.get(_number(element, "numFmtId"), "")
        letters, size, struck = _pick(fonts, _number(element, "fontId"), _PLAIN_FONT)
        ground = _pick(fills, _number(element, "fillId"), "theme 0")
        faint = size < SMALL or letters == ground or (letters in _WHITE and ground in _WHITE)
        looks.append(Look("" if code in (GENERAL, "0", "@", "#,##0") else code, faint, struck))
    return looks


def list_hiding(archive: Archive, part: str) -> frozenset[int]:
    """
    List the conditional styles, by their number, under which nobody sees a number, or another one.

    Raises
    ------
    WorkbookError
        The part is no XML.
    """
    if part not in archive:
        return frozenset()
    root = parse_root(archive.text(part), part)
    hiding = set()
    for number, element in enumerate(root.iterfind("{*}dxfs/{*}dxf")):
        code, font, fill = (element.find(f"{{*}}{name}") for name in ("numFmt", "font", "fill"))
        letters = "auto" if font is None else _read_font(font)[0]
        ground = "theme 0" if fill is None else _read_fill(fill)
        if (
            letters == ground
            or (letters in _WHITE and ground in _WHITE)
            or (code is not None and shown_as(code.get("formatCode", ""), _ANY) in ("hidden", "other"))
        ):
            hiding.add(number)
    return frozenset(hiding)


def _number(element: Any, name: str) -> int:
    text = element.get(name, "0")
    return int(text) if text.isdecimal() else 0


def _pick(items: list[Any], index: int, other: Any) -> Any:
    return items[index] if index < len(items) else other


def _read_font(element: Any) -> tuple[str, float, bool]:
    size, colour, strike = (element.find(f"{{*}}{name}") for name in ("sz", "color", "strike"))
    try:
        points = 11.0 if size is None else float(size.get("val", "11"))
    except ValueError:
        points = 11.0
    struck = strike is not None and strike.get("val", "1") not in ("0", "false")
    return "auto" if colour is None else _colour(colour), points, struck


def _read_fill(element: Any) -> str:
    pattern = element.find("{*}patternFill")
    if pattern is None:
        return "other"
    kind, colour = pattern.get("patternType", "none"), pattern.find("{*}fgColor")
    if kind in _NONE:
        return "theme 0"
    return _colour(colour) if kind == "solid" and colour is not None else "other"


def _colour(element: Any) -> str:
    """Name a colour so that equal ones have one name; one that is only nearly white counts as white."""
    try:
        tint = float(element.get("tint", "0"))
    except ValueError:
        tint = 0.0
    if element.get("rgb"):
        digits = element.get("rgb").upper()[-6:]
        try:
            pale = all(int(digits[i : i + 2], 16) > 255 * (1 - _PALE / 2) for i in (0, 2, 4))
        except ValueError:
            pale = False
        return "rgb FFFFFF" if pale else f"rgb {digits}"
    for name in ("theme", "indexed"):
        if element.get(name):
            shade = "" if abs(tint) < _PALE / 2 else f" {tint:.2f}"
            return f"{name} {element.get(name)}{shade}"
    return "auto"
