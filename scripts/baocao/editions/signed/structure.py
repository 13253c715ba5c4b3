"""Two PDFs held against each other object by object: what of the one is not in the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from baocao.project.errors import InputError
from baocao.project.language import _

MAX_OBJECTS = 400_000
"""The largest report known has 6,000."""
# How a stream is packed says nothing of what it holds.
_PACKING = frozenset({"/Length", "/Filter", "/DecodeParms", "/DL"})
# What a signature adds to the catalog: its fields, what proves it for longer, the version that allows it.
_SIGNING = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Version", "/Perms"})
# What signing changes in an empty signature field: its value, its look, what it locks.
_FILLED = frozenset({"/V", "/AP", "/F", "/Lock", "/MK", "/DA", "/M"})
_PAGES = frozenset({"/Pages"})
_LAYOUT = frozenset({"/Contents", "/Resources", "/Annots", "/Parent", "/Tabs"})


@dataclass(frozen=True)
class AddedAnnotation:
    """
    Something laid on a page.

    Parameters
    ----------
    page
        Counted from 0.
    kind
        ``signature``, or the subtype that the PDF names.
    box
        Left, bottom, right, top in points.
    """

    page: int
    kind: str
    box: tuple[float, float, float, float]


@dataclass
class Structure:
    """
    What a PDF holds that another does not.

    Parameters
    ----------
    pages
        How many pages each has.
    differing
        Where objects differ, as paths from the catalog.
    annotations
        Added to pages; none that was there may be gone or another.
    drawn
        Pages, from 0, whose own drawing or its fonts and pictures differ.
    """

    pages: tuple[int, int]
    differing: list[str] = field(default_factory=list)
    annotations: list[AddedAnnotation] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)


def compare_structures(before: Any, after: Any) -> Structure:
    """
    Compare two PDFs.

    Parameters
    ----------
    before, after
        pyHanko readers.

    Raises
    ------
    InputError
        One of them has more objects than a report can have, or pages that lie in one another.
    """
    pages = _list_pages(before), _list_pages(after)
    found = Structure((len(pages[0]), len(pages[1])))
    walk = _Walk(pages)
    roots = before.root, after.root
    for key in sorted({*roots[0], *roots[1]} - _SIGNING - _PAGES):
        found.differing += walk.compare(_raw(roots[0], key), _raw(roots[1], key), key)
    found.differing += _compare_fields(roots[0], roots[1])
    for number, (one, other) in enumerate(zip(*pages, strict=False)):
        name = f"/Pages/{number + 1}"
        if _differs(walk, one, other, "/Contents") or _differs(walk, one, other, "/Resources"):
            found.drawn.append(number)
        for key in sorted({*one, *other} - _LAYOUT):
            found.differing += walk.compare(_raw(one, key), _raw(other, key), name + key)
        _compare_annotations(walk, number, one, other, found)
    return found


def _raw(holder: Any, key: str) -> Any:
    return holder.raw_get(key) if key in holder else None


def _resolve(value: Any) -> Any:
    from pyhanko.pdf_utils import generic

    for _turn in range(32):
        if not isinstance(value, generic.IndirectObject):
            return value
        value = value.get_object()
    raise ValueError("references that lead to one another")


def _list_pages(reader: Any) -> list[Any]:
    """List the pages in order, each with what it inherits."""
    found: list[Any] = []
    seen: set[tuple[int, int]] = set()

    def visit(raw: Any, inherited: dict[str, Any], depth: int) -> None:
        reference = (raw.idnum, raw.generation) if hasattr(raw, "idnum") else None
        node = _resolve(raw)
        if depth > 64 or (reference is not None and reference in seen):
            raise InputError(_("the pages of the PDF lie in one another."))
        if reference is not None:
            seen.add(reference)
        own = inherited | {
            key: node.raw_get(key)
            for key in ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
            if key in node
        }
        if "/Kids" in node:
            kids = node["/Kids"]
            for at in range(len(kids)):
                visit(kids.raw_get(at), own, depth + 1)
            return
        for key, value in own.items():
            if key not in node:
                node[key] = value
        found.append(node)

    visit(reader.root.raw_get("/Pages"), {}, 0)
    return found


def _differs(walk: _Walk, one: Any, other: Any, key: str) -> bool:
    return bool(walk.compare(_raw(one, key), _raw(other, key), key))


class _Walk:
    """Compares objects pair by pair, each pair once: they refer to one another in circles."""

    def __init__(self, pages: tuple[list[Any], list[Any]]) -> None:
        self._number = [{id(page): at for at, page in enumerate(side)} for side in pages]
        self._seen: set[tuple[Any, ...]] = set()
        self._count = 0

    def compare(self, before: Any, after: Any, path: str) -> list[str]:
        """List the paths below which two objects differ."""
        found: list[str] = []
        stack = [(before, after, path)]
        while stack:
            before, after, path = stack.pop()
            keys = tuple(
                (side.idnum, side.generation) if hasattr(side, "idnum") else None for side in (before, after)
            )
            if None not in keys:
                if keys in self._seen:
                    continue
                self._seen.add(keys)
            self._count += 1
            if self._count > MAX_OBJECTS:
                raise InputError(_("the PDF has more objects than a report has."))
            pair = self._step(_resolve(before), _resolve(after), path)
            if pair is None:
                found.append(path)
                if None not in keys:
                    self._seen.discard(keys)
            else:
                stack += pair
        return sorted(found)

    def _step(self, one: Any, other: Any, path: str) -> list[tuple[Any, Any, str]] | None:
        """Return the pairs below two objects; None where the objects themselves differ."""
        from pyhanko.pdf_utils import generic

        numbers = [side.get(id(value)) for side, value in zip(self._number, (one, other), strict=True)]
        if numbers != [None, None]:
            return [] if numbers[0] == numbers[1] else None
        if isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
            streams = [isinstance(side, generic.StreamObject) for side in (one, other)]
            if streams[0] != streams[1] or (streams[0] and _content(one) != _content(other)):
                return None
            ignored = _PACKING if streams[0] else _FILLED if _was_filled(one, other) else frozenset()
            keys = sorted({*one, *other} - ignored)
            return [(_raw(one, key), _raw(other, key), path + key) for key in keys]
        if isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
            if len(one) != len(other):
                return None
            return [(one.raw_get(at), other.raw_get(at), f"{path}/{at}") for at in range(len(one))]
        return [] if _same(one, other) else None


def _was_filled(one: Any, other: Any) -> bool:
    """Tell whether a signature field that was empty holds a signature now."""
    if not all(side.get("/FT") == "/Sig" and side.get("/Subtype") == "/Widget" for side in (one, other)):
        return False
    value = _resolve(_raw(other, "/V"))
    return "/V" not in one and hasattr(value, "get") and "/ByteRange" in value and "/Contents" in value


def _content(stream: Any) -> bytes:
    try:
        return bytes(stream.data)
    except (NotImplementedError, ValueError):  # a picture in a coding of its own
        return bytes(stream.encoded_data)


def _same(one: Any, other: Any) -> bool:
    from pyhanko.pdf_utils import generic

    empty = [side is None or isinstance(side, generic.NullObject) for side in (one, other)]
    if any(empty):
        return all(empty)
    if isinstance(one, bool | generic.BooleanObject) or isinstance(other, bool | generic.BooleanObject):
        return type(one) is type(other) and bool(one == other)
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return float(one) == float(other)
    texts = (str, bytes)
    if isinstance(one, texts) and isinstance(other, texts):
        names = [isinstance(side, generic.NameObject) for side in (one, other)]
        return names[0] == names[1] and _bytes(one) == _bytes(other)
    try:
        return bool(one == other) or float(one) == float(other)
    except (TypeError, ValueError):
        return False


def _bytes(text: Any) -> bytes:
    original = getattr(text, "original_bytes", None)
    return (
        original if isinstance(original, bytes) else text if isinstance(text, bytes) else str(text).encode()
    )


def _compare_fields(one: Any, other: Any) -> list[str]:
    """List the form fields of the second that are no signatures, and anything else that a form brings along."""
    if "/AcroForm" not in other:
        return ["/AcroForm"] if "/AcroForm" in one else []
    form = other["/AcroForm"]
    found = [f"/AcroForm{key}" for key in form if key in {"/XFA", "/CO"}]
    pending = [(form["/Fields"], at, 0, "") for at in range(len(_resolve(_raw(form, "/Fields")) or ()))]
    while pending:
        holder, at, depth, kind = pending.pop()
        entry = holder[at]
        kind = str(entry.get("/FT", kind))
        name = f"/AcroForm/{entry.get('/T', at)}"
        if depth > 16 or any(key in entry for key in ("/A", "/AA")):
            found.append(name)
        kids = _resolve(_raw(entry, "/Kids")) or ()
        if kind != "/Sig" and not len(kids):
            found.append(name)
        if depth <= 16:
            pending += [(kids, below, depth + 1, kind) for below in range(len(kids))]
    return sorted(set(found))


def _compare_annotations(walk: _Walk, number: int, one: Any, other: Any, found: Structure) -> None:
    sides: list[Any] = [_resolve(_raw(page, "/Annots")) or () for page in (one, other)]
    left = [sides[1].raw_get(at) for at in range(len(sides[1]))]
    for at in range(len(sides[0])):
        raw = sides[0].raw_get(at)
        match = next((here for here in left if not walk.compare(raw, here, "/Annots")), None)
        if match is None:
            found.differing.append(f"/Pages/{number + 1}/Annots/{at + 1}")
            continue
        left = [here for here in left if here is not match]
        if _was_filled(_resolve(raw), _resolve(match)):
            found.annotations.append(AddedAnnotation(number, "signature", _read_box(_resolve(match))))
    for raw in left:
        entry = _resolve(raw)
        kind = str(entry.get("/Subtype", "/?"))[1:]
        holder = entry
        for _turn in range(16):
            if "/FT" in holder or "/Parent" not in holder:
                break
            holder = holder["/Parent"]
        if kind == "Widget" and holder.get("/FT") == "/Sig":
            kind = "signature"
        if any(key in entry for key in ("/A", "/AA")):
            found.differing.append(f"/Pages/{number + 1}/Annots/{kind}")
        found.annotations.append(AddedAnnotation(number, kind, _read_box(entry)))


def _read_box(entry: Any) -> tuple[float, float, float, float]:
    sides = [float(_resolve(side)) for side in _resolve(_raw(entry, "/Rect")) or (0, 0, 0, 0)]
    return min(sides[::2]), min(sides[1::2]), max(sides[::2]), max(sides[1::2])
