"""What was put under another heading or into another section: passages, whole tables, headings, whole sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from baocao.documents.passages import Passage, shorten
from baocao.project.language import _
from baocao.verifying.aligning import Alignment
from baocao.verifying.items import Item


class Displaced(NamedTuple):
    """
    A published passage that stands elsewhere in the edited file.

    Parameters
    ----------
    origin, home
        Its number among the published passages, and among the edited ones.
    sections
        Where it stands now; a number of one of these sections was not moved.
    why
        In words.
    """

    origin: int
    home: int
    sections: frozenset[str]
    why: str


def find_displaced(alignment: Alignment, items: Mapping[int, Sequence[Item]]) -> Iterator[Displaced]:
    """
    Find what was put into another section.

    Parameters
    ----------
    items
        Those of each published passage.
    """
    old = alignment.published
    sections = _list_sections(old, items)
    was, now = _list_heads(alignment, items)
    displaced = _find_displaced_heads(alignment)
    pairs = sorted((homes[0], origin) for origin, homes in alignment.homes.items())
    stay = [(home, origin) for home, origin in pairs if origin not in alignment.displaced]
    for home, origin in pairs:
        # Where a note stands is the business of the layout.
        if old[origin].note:
            continue
        head, above = was[origin], now[home]
        if above != head:
            gone = head >= 0 and head not in now.values()
            if not gone and above >= 0 and sections[above]:
                why = _(
                    "the number now stands under the heading «{heading}»", heading=shorten(old[above].text, 0)
                )
                yield Displaced(origin, home, frozenset([sections[above]]), why)
        elif head in displaced:
            yield Displaced(origin, home, frozenset(), _("its whole section was moved within the report"))
        elif origin in alignment.displaced:
            before = [at for place, at in stay if place < home and was[at] == head][-1:]
            behind = [at for place, at in stay if place > home and was[at] == head][:1]
            around = before + [at for at in behind if old[at].context != "heading"]
            if around:
                why = _("its whole paragraph was moved to another section")
                yield Displaced(origin, home, frozenset(sections[at] for at in around), why)


def _list_heads(
    alignment: Alignment, items: Mapping[int, Sequence[Item]]
) -> tuple[list[int], dict[int, int]]:
    """Return the heading that each published passage stood under, and that each edited one stands under; -1 for none."""
    old = alignment.published
    was, head = [], -1
    for at, passage in enumerate(old):
        head = at if passage.context == "heading" else head
        was.append(head)
    heads = {
        homes[0]: at
        for at, homes in alignment.homes.items()
        if old[at].context == "heading"
        # Run into the text, it is no heading any more.
        and not any(items.get(origin) for origin in alignment.origins[homes[0]] if origin != at)
    }
    now, head = {}, -1
    for home in range(len(alignment.edited)):
        head = heads.get(home, head)
        now[home] = head
    return was, now


def _find_displaced_heads(alignment: Alignment) -> set[int]:
    """Return the headings that no longer stand in their order."""
    old = alignment.published
    heads = Alignment(old, alignment.edited)
    heads.homes = {at: homes for at, homes in alignment.homes.items() if old[at].context == "heading"}
    return heads.displaced


def _list_sections(old: Sequence[Passage], items: Mapping[int, Sequence[Item]]) -> list[str]:
    """Return the section of each published passage: of a heading that of what follows, of others that of what precedes."""
    found = [next((item.section for item in items.get(at, ())), "") for at in range(len(old))]
    for at in range(1, len(found)):
        if not found[at] and old[at].context != "heading":
            found[at] = found[at - 1]
    for at in range(len(found) - 2, -1, -1):
        found[at] = found[at] or found[at + 1]
    return found
