"""Which runs of a Word file nobody can read: hidden, struck, tiny, or of the colour they stand on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from baocao.documents.paragraphs import W
from baocao.documents.unseen import is_legible, read_hex
from baocao.project.language import _

_ON = {None, "1", "true", "on"}
_SMALLEST = 8  # half points; the smallest note of a report has 16
_NARROWEST = 20  # per cent of the width of a letter
_WHITE, _BLACK = "FFFFFF", "000000"
_MARKERS = {
    "black": _BLACK, "white": _WHITE, "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF",
    "red": "FF0000", "yellow": "FFFF00", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000",
    "darkMagenta": "800080", "darkRed": "800000", "darkYellow": "808000", "darkGray": "808080",
    "lightGray": "C0C0C0",
}  # fmt: skip


class WordLooks:
    """
    How the runs of a Word file look.

    Parameters
    ----------
    styles
        The root of ``word/styles.xml``; None where the file has none.
    """

    def __init__(self, styles: Any | None) -> None:
        self._styles = (
            {} if styles is None else {one.get(f"{W}styleId"): one for one in styles.iter(f"{W}style")}
        )
        found = None if styles is None else styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._defaults = [] if found is None else [found]
        self._from_styles = cache(self._list_properties)

    def find_reason(self, run: Any) -> str:
        """Return why a run cannot be read; empty where it can."""
        paragraph = next(run.iterancestors(f"{W}p"), None)
        own = run.find(f"{W}rPr")
        named = _value(own, "rStyle")
        style = _value(paragraph.find(f"{W}pPr"), "pStyle") if paragraph is not None else None
        sources = [*([own] if own is not None else []), *self._from_styles(named, style)]
        if any(_is_on(sources, name) for name in ("vanish", "specVanish")):
            return _("it is hidden")
        if any(_is_on(sources, name) for name in ("strike", "dstrike")):
            return _("it is struck through")
        if _number(_first(sources, "sz"), _SMALLEST) < _SMALLEST:
            return _("it is too small to be read")
        if _number(_first(sources, "w"), _NARROWEST) < _NARROWEST:
            return _("it is too small to be read")
        ink = read_hex(_first(sources, "color") or "auto")
        # Word sets what has no colour in black or white, whichever can be read.
        if ink is not None and not is_legible(ink, self._paper(sources, paragraph)):
            return _("it has the colour of what it stands on")
        return ""

    def _paper(self, sources: list[Any], paragraph: Any) -> tuple[float, float, float]:
        cells = paragraph.iterancestors(f"{W}tc") if paragraph is not None else ()
        fills = [
            _MARKERS.get(_first(sources, "highlight") or ""),
            _first(sources, "shd", "fill"),
            None if paragraph is None else _value(paragraph.find(f"{W}pPr"), "shd", "fill"),
            *(_value(cell.find(f"{W}tcPr"), "shd", "fill") for cell in cells),
        ]
        return next((color for fill in fills if (color := read_hex(fill or ""))), (1.0, 1.0, 1.0))

    def _list_properties(self, named: str | None, style: str | None) -> list[Any]:
        return [*self._chain(named), *self._chain(style), *self._defaults]

    def _chain(self, id: str | None) -> Iterator[Any]:
        seen: set[str] = set()
        while id is not None and id in self._styles and id not in seen:
            seen.add(id)
            style = self._styles[id]
            properties = style.find(f"{W}rPr")
            if properties is not None:
                yield properties
            id = _value(style, "basedOn")


def _value(node: Any | None, name: str, attribute: str = "val") -> str | None:
    found = None if node is None else node.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}{attribute}")


def _first(sources: list[Any], name: str, attribute: str = "val") -> str | None:
    return next((value for node in sources if (value := _value(node, name, attribute)) is not None), None)


def _is_on(sources: list[Any], name: str) -> bool:
    found = next((node for source in sources if (node := source.find(f"{W}{name}")) is not None), None)
    return found is not None and found.get(f"{W}val") in _ON


def _number(text: str | None, default: int) -> float:
    try:
        return float((text or "").removesuffix("%") or default)
    except ValueError:
        return default
