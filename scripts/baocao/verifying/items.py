"""The mentions and citations of a report, and the places of numbers in an edited file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baocao.documents.passages import Passage
from baocao.tracing.record import CitationMention, Mention


@dataclass(frozen=True)
class Item:
    """
    A mention or citation where it was published: the numbers ``numbers`` of the passage ``origin``.

    Parameters
    ----------
    value
        None of a citation.
    unit
        Of the value; empty where it has none.
    """

    id: str
    value: str | None
    section: str
    printed: str
    origin: int
    numbers: tuple[int, ...]
    unit: str = ""


@dataclass(frozen=True)
class Spot:
    """A number of the edited file."""

    home: int
    number: int


def find_items(
    published: Sequence[Passage], known: Mapping[str, Mention | CitationMention], units: Mapping[str, str]
) -> list[Item]:
    """
    Find the mentions and citations in what was published.

    Parameters
    ----------
    known
        Mentions and citations of the trace by id.
    units
        Of the values, by their ids.
    """
    items = []
    for origin, passage in enumerate(published):
        for mark in passage.marks:
            one = known.get(mark.id)
            numbers = tuple(passage.marked(mark.start, mark.end))
            if one is not None and numbers:
                value = one.value if isinstance(one, Mention) else None
                unit = units.get(value or "", "")
                items.append(Item(mark.id, value, one.section, one.printed, origin, numbers, unit))
    return items


def find_owners(items: Sequence[Item]) -> dict[tuple[int, int], Item]:
    """Return for each number of a published passage which item it belongs to."""
    return {(item.origin, number): item for item in items for number in item.numbers}
