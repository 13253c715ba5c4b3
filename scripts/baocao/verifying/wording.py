"""The words round numbers that were changed: no findings, one list to be read beside them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from baocao.documents.passages import Passage, label_of, plain_words
from baocao.verifying.aligning import Alignment
from baocao.verifying.items import Item
from baocao.verifying.meaning import clause_of

Where = Literal["head", "closing", "heading", "caption", "column", "row", "clause"]


@dataclass(frozen=True)
class Rewording:
    """
    Words that were changed where they say what a number is, or who speaks to whom.

    Parameters
    ----------
    where
        ``head`` is what stands before the first heading (who issues it, its
        title), ``closing`` what stands behind the last number (who signs, who
        receives it).
    was, now
        The words; empty where there are none.
    mentions
        Whose words they are, in the order of the report.
    """

    where: Where
    was: str
    now: str
    mentions: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def list_rewordings(alignment: Alignment, items: Sequence[Item]) -> list[Rewording]:
    """
    List the changed words, each once; what a file does not tell apart (rows of a PDF) is not compared.

    Parameters
    ----------
    items
        The mentions and citations of the report.
    """
    of: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        of[item.origin].append(item)
    found: dict[tuple[Where, str, str], list[str]] = {}
    for origin, passage in enumerate(alignment.published):
        homes = alignment.homes.get(origin, [])
        edited = alignment.edited[homes[0]] if homes else None
        for where, was, now, ids in _compare(alignment, origin, passage, edited, of[origin]):
            if _strip_letter(was) != _strip_letter(now):
                found.setdefault((where, was, now), []).extend(ids)
    return [Rewording(where, was, now, tuple(dict.fromkeys(ids))) for (where, was, now), ids in found.items()]


def _compare(
    alignment: Alignment, origin: int, passage: Passage, edited: Passage | None, items: Sequence[Item]
) -> Iterator[tuple[Where, str, str, list[str]]]:
    if edited is None:
        return
    if passage.context in ("heading", "caption"):
        yield ("heading" if passage.context == "heading" else "caption"), _join(passage), _join(edited), []
    if passage.cells and len(passage.cells) == len(edited.cells):
        if items:
            yield "row", " ".join(label_of(passage)), " ".join(label_of(edited)), [one.id for one in items]
        for one, other in zip(passage.cells, edited.cells, strict=True):
            its = [item.id for item in items if one.start <= passage.numbers[item.numbers[0]].start < one.end]
            if its:
                yield "column", one.column, other.column, its
    elif not passage.cells and not edited.cells:
        slots = alignment.numbers(origin, alignment.homes[origin][0])
        for item in items:
            at = slots.get(item.numbers[0])
            if at is not None:
                meaning = alignment.house.meaning
                was, now = clause_of(passage, item.numbers[0], meaning), clause_of(edited, at, meaning)
                yield "clause", was, now, [item.id]


def compare_ends(published: Sequence[Passage], edited: Sequence[Passage]) -> list[Rewording]:
    """
    Compare what stands before the first heading and behind the last number: issuer, addressee, signatory.

    Parameters
    ----------
    published
        Read from the finished file of the same kind, since each kind sets these in its own way.
    """
    if not published:
        return []
    old, new = ([passage for passage in passages if not passage.note] for passages in (published, edited))
    first = next((at for at, one in enumerate(old) if one.context == "heading"), 0)
    last = max((at for at, one in enumerate(old) if one.marks), default=len(old))
    before, now = ([plain_words(passage.text) for passage in passages] for passages in (old, new))
    found = []
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        at_end = a2 <= first or a1 > last
        # Broken into lines otherwise, they say the same.
        if kind != "equal" and at_end and " ".join(before[a1:a2]) != " ".join(now[b1:b2]):
            gone, come = (" ".join(map(_join, passages)) for passages in (old[a1:a2], new[b1:b2]))
            found.append(Rewording("head" if a2 <= first else "closing", gone, come))
    return found


def _strip_letter(text: str) -> str:
    """Return the words without the letter of a list, which Word and the source set in two ways."""
    return re.sub(r"^[^\W\d_] ", "", plain_words(text))


def _join(passage: Passage) -> str:
    return " ".join(passage.text.replace(" | ", " ").split())
