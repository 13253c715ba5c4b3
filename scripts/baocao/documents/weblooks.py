"""Which elements of a web page nobody can read, and what its style sheets write into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from baocao.documents.unseen import Unseen, is_legible
from baocao.project.language import _

_STRUCK_TAGS = frozenset(("del", "s", "strike"))
_GENERATED = re.compile(r"::?(?:before|after|marker)$")
_COMPOUND = re.compile(r"([\w-]+|\*)?((?:[.#][\w-]+|\[[^\]]+\])*)")
_SIMPLE = re.compile(r"[.#][\w-]+|\[[^\]]+\]")
_PSEUDO = re.compile(r"::?[\w-]+(?:\([^)]*\))?")
_LENGTH = re.compile(r"(-?[\d.]+)(px|pt|em|rem|ex|ch|vw|vh|cm|mm|%)?$")
_SMALLEST = {"": 3, "px": 4, "pt": 3, "em": 0.25, "rem": 0.25, "%": 25, "mm": 1, "cm": 0.1}
_AWAY = -400  # pixels or points outside the page
_NO_SIZE = re.compile(
    r"inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0|rect\(\s*(?:0|1px)[ ,]+(?:0|1px)[ ,]+(?:0|1px)"
)
_EMPTY = re.compile(r"scale[xy]?\(\s*0?\.?0*\s*[,)]", re.IGNORECASE)

Declarations = dict[str, str]


class WebLooks:
    """
    How the elements of a page look by its own style sheets; what stands under conditions does not count.

    Parameters
    ----------
    root
        The page.
    """

    def __init__(self, root: Any) -> None:
        self._looks: dict[Any, Declarations] = {}
        self.written: list[Unseen] = []
        rules = [rule for sheet in root.iter("style") for rule in _read_rules(sheet.text or "")]
        for selector, declarations in rules:
            if _GENERATED.search(selector):
                self._note_written(declarations)
                continue
            for node in _select(root, selector):
                self._looks.setdefault(node, {}).update(declarations)
        for node in root.iter():
            if isinstance(node.tag, str) and node.get("style"):
                self._looks.setdefault(node, {}).update(_read_declarations(node.get("style")))
        for script in root.iter("script"):
            # Data for programs is nothing that a page runs.
            if "json" not in (script.get("type") or ""):
                text = script.text or script.get("src") or ""
                self.written.append(Unseen(text, _("a script may write it into the page")))

    def find_reason(self, node: Any) -> str:
        """Return why an element cannot be read, by its own looks; empty where it can."""
        looks = self._looks.get(node, {})
        if node.get("hidden") is not None or _is_away(looks):
            return _("it is hidden")
        if node.tag in _STRUCK_TAGS or "line-through" in (
            looks.get("text-decoration", "") + looks.get("text-decoration-line", "")
        ):
            return _("it is struck through")
        size = _LENGTH.match(looks.get("font-size", ""))
        if size and float(size[1]) < _SMALLEST.get(size[2] or "", 0):
            return _("it is too small to be read")
        if not self._is_coloured(node, looks):
            return _("it has the colour of what it stands on")
        return ""

    def _is_coloured(self, node: Any, looks: Declarations) -> bool:
        ink = _read_color(looks.get("color", ""))
        if ink is None:
            return True
        if ink[3] < 0.1:
            return False
        paper = (1.0, 1.0, 1.0)
        for one in (node, *node.iterancestors()):
            its = self._looks.get(one, {})
            fill = _read_color(its.get("background-color", its.get("background", "")))
            if fill is not None and fill[3] > 0.5:
                paper = fill[:3]
                break
        return is_legible(ink[:3], paper)

    def _note_written(self, declarations: Declarations) -> None:
        said = " ".join(re.findall(r"[\"']([^\"']*)[\"']", declarations.get("content", "")))
        if said.strip():
            self.written.append(Unseen(said, _("a style sheet writes it into the page")))


def _is_away(looks: Declarations) -> bool:
    length = [_LENGTH.match(looks.get(name, "")) for name in ("left", "text-indent", "top", "margin-left")]
    return (
        looks.get("display") == "none"
        or looks.get("visibility") in ("hidden", "collapse")
        or looks.get("content-visibility") == "hidden"
        or bool(re.fullmatch(r"0?\.?0\d*|0%|[1-9]%", looks.get("opacity", "")))
        or any(match and float(match[1]) <= _AWAY for match in length)
        or bool(_NO_SIZE.search(looks.get("clip-path", "") + looks.get("clip", "")))
        or bool(_EMPTY.search(looks.get("transform", "")))
        or (
            "hidden" in looks.get("overflow", "")
            and any(
                re.fullmatch(r"0(?:px|pt|em)?", looks.get(name, ""))
                for name in ("height", "width", "max-height")
            )
        )
    )


def _read_rules(sheet: str) -> Iterator[tuple[str, Declarations]]:
    import tinycss2

    yield from _walk(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True))


def _walk(rules: Iterable[Any]) -> Iterator[tuple[str, Declarations]]:
    import tinycss2

    for rule in rules:
        if rule.type == "qualified-rule":
            declarations = _read_declarations(rule.content)
            for selector in tinycss2.serialize(rule.prelude).split(","):
                yield selector.strip(), declarations
        # A phone, the dark or paper are not what everybody sees.
        elif (
            rule.type == "at-rule"
            and rule.lower_at_keyword == "media"
            and rule.content
            and tinycss2.serialize(rule.prelude).strip().lower() in ("all", "screen", "")
        ):
            yield from _walk(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))


def _read_declarations(content: Any) -> Declarations:
    import tinycss2

    found: Declarations = {}
    for one in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if one.type == "declaration":
            found[one.lower_name] = tinycss2.serialize(one.value).strip().lower()
            if one.lower_name == "content":
                found["content"] = tinycss2.serialize(one.value)
    return found


def _read_color(text: str) -> tuple[float, float, float, float] | None:
    from tinycss2.color3 import parse_color

    color = parse_color(text) if text else None
    return None if color is None or color == "currentColor" else tuple(color)


def _select(root: Any, selector: str) -> list[Any]:
    """List the elements that a selector names; conditions of a moment (``:hover``) name none."""
    if re.search(r":(?:hover|focus|active|target|checked|root|not|is|where|has)\b", selector):
        return []
    path = ""
    for step in re.sub(r"\s*([>+~])\s*", r" \1", _PSEUDO.sub("", selector)).split():
        joint = "/" if step[0] == ">" else "/following-sibling::" if step[0] in "+~" else "//"
        match = _COMPOUND.fullmatch(step.lstrip(">+~"))
        if match is None:
            return []
        path += joint + (match[1] or "*") + "".join(map(_condition, _SIMPLE.findall(match[2])))
    try:
        return list(root.getroottree().xpath(path)) if path else []
    except etree.XPathError:
        return []


def _condition(simple: str) -> str:
    name = simple[1:]
    if simple[0] == ".":
        return f'[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'
    if simple[0] == "#":
        return f'[@id="{name}"]'
    key, equals, value = name.removesuffix("]").partition("=")
    return f'[@{key}="{value.strip(chr(34) + chr(39))}"]' if equals else f"[@{key}]"
