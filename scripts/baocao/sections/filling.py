"""What stands in braces in a text: values, citations and words, each put in as what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from baocao.project.errors import UsageError
from baocao.project.hashes import hash_bytes
from baocao.project.language import _
from baocao.values.citations import Citation, Document
from baocao.values.value import Value, remember

PLACEHOLDER = re.compile(r"(?<!\\)\{([A-Za-z][A-Za-z0-9_]*)(?::([^{}\n]*))?\}")
_STRAY = re.compile(r"(?<!\\)[{}].{0,30}")
BETWEEN = "; "


@dataclass(frozen=True)
class Typed:
    """A text from outside, or a word of the params: printed as it was typed, whatever it looks like."""

    text: str

    @property
    def id(self) -> str:
        """A name made from the text."""
        return f"text_{self.content}"

    @property
    def content(self) -> str:
        """Short hash of the text."""
        return hash_bytes(self.text.encode())[:16]

    def __format__(self, spec: str) -> str:
        return remember(self, spec)


@dataclass(frozen=True)
class Reference:
    """A table or a chart that a text speaks of, by its id: printed as the report numbers it."""

    to: str

    @property
    def id(self) -> str:
        """A name made from the id."""
        return f"reference_{self.to}"

    @property
    def content(self) -> str:
        """What it refers to."""
        return self.to

    def __format__(self, spec: str) -> str:
        return remember(self, spec)


class Markdown(str):
    """A text made by the section itself; put into another text it stays as it is."""

    __slots__ = ()


Piece: TypeAlias = (
    Value | Citation | Document | Reference | str | Iterable["Value | Citation | Document | str"]
)


def names_in(text: str) -> set[str]:
    """Return the names that stand in braces in a text."""
    return {match[1] for match in PLACEHOLDER.finditer(text)}


def find_stray_brace(text: str) -> str | None:
    r"""
    Return a brace with what stands behind it that belongs to no name; None where there is none.

    Examples
    --------
    >>> find_stray_brace(r"{so:.2%}, 10 \{ 20"), find_stray_brace("đạt {ty_le .2%} hồ sơ")
    (None, '{ty_le .2%} hồ sơ')
    """
    match = _STRAY.search(PLACEHOLDER.sub("", text))
    return match[0] if match else None


def fill(text: str, find: Callable[[str], Piece]) -> str:
    """
    Put values, citations and words into a text.

    Parameters
    ----------
    text
        With ``{name}`` or ``{name:how}``: ``how`` is the format of a value (``.2%``), or what
        stands between the entries of a list (``{units:, }``).
    find
        What a name stands for; raises where it stands for nothing.

    Raises
    ------
    UsageError
        Something cannot be printed with a trace, such as a bare number.

    Examples
    --------
    >>> fill("{ten}: {noi:, }", {"ten": Markdown("*A*"), "noi": [Markdown("b"), Markdown("c")]}.__getitem__)
    '*A*: b, c'
    """
    return PLACEHOLDER.sub(lambda match: _format_piece(match[1], find(match[1]), match[2] or ""), text)


def _format_piece(name: str, piece: object, how: str) -> str:
    if isinstance(piece, Value):
        return format(piece, how)
    if not isinstance(piece, str | Citation | Document | Reference | Mapping) and isinstance(piece, Iterable):
        return (how or BETWEEN).join(_format_piece(name, entry, "") for entry in piece)
    if how:
        raise UsageError(
            _(
                "{{{name}:{how}}}: only values and lists take what stands behind the colon.",
                name=name,
                how=how,
            )
        )
    if isinstance(piece, Document):
        piece = piece.cite()
    if isinstance(piece, Citation | Reference):
        return format(piece, "")
    if isinstance(piece, Markdown):
        return piece
    if isinstance(piece, str):
        return format(Typed(piece))
    raise UsageError(
        _(
            "{{{name}}}: expected a value, a citation or a text, got {got}; a number without cells would break "
            "the trace: read it from a form with section.table(...).",
            name=name,
            got=repr(piece),
        )
    )


def list_near(name: str, known: Iterable[str]) -> str:
    """
    List the names nearest to one that is not known, else the first twelve there are.

    Examples
    --------
    >>> list_near("perid", ["period", "root"])
    'period'
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=3)
    return ", ".join(near or names[:12]) + (" …" if not near and len(names) > 12 else "") or "-"
