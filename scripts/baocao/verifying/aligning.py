"""Which passage of an edited file is which of the published ones."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property

from baocao.documents.passages import Cell, Passage
from baocao.project.house import House

_ALIKE = 0.45  # of words, for a reworded passage
_PART = 0.7  # of a passage's words in another one, for a paragraph that was split or joined
_COPY = 0.8


@dataclass
class Alignment:
    """
    Passages that belong together.

    Parameters
    ----------
    homes
        For each published passage the edited ones that it became, the closest first.
    copies
        Edited passages that repeat a published one which also stands elsewhere.
    """

    published: Sequence[Passage]
    edited: Sequence[Passage]
    homes: dict[int, list[int]] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    _paired: dict[tuple[int, int], dict[int, int]] = field(default_factory=dict, init=False)

    @property
    def house(self) -> House:
        """How the numbers of its passages are written."""
        return next(passage.house for passage in (*self.published, *self.edited) if passage.house is not None)

    @cached_property
    def origins(self) -> dict[int, list[int]]:
        """For each edited passage the published ones that went into it."""
        found: dict[int, list[int]] = defaultdict(list)
        for origin, homes in self.homes.items():
            for home in homes:
                found[home].append(origin)
        return found

    @cached_property
    def displaced(self) -> set[int]:
        """Published passages that no longer stand in their order."""
        pairs = sorted((homes[0], origin) for origin, homes in self.homes.items())
        kept = set(_longest_rise([origin for _, origin in pairs]))
        return {origin for _, origin in pairs} - kept

    def numbers(self, origin: int, home: int) -> dict[int, int]:
        """Return which number of an edited passage stands where one of the published passage stood."""
        if (origin, home) not in self._paired:
            self._paired[origin, home] = self._pair_numbers(origin, home)
        return self._paired[origin, home]

    def _pair_numbers(self, origin: int, home: int) -> dict[int, int]:
        one, other = self.published[origin], self.edited[home]
        found: dict[int, int] = {}
        if one.cells and len(one.cells) == len(other.cells):
            for cell, its in _pair_cells(one, other):
                left, right = _numbers_in(one, cell), _numbers_in(other, its)
                if len(left) == len(right):
                    found.update(zip(left, right, strict=True))
            return found
        # A year beside a number that was taken out is not taken for it.
        matcher = SequenceMatcher(None, one.dated, other.dated, autojunk=False)
        for kind, a1, a2, b1, b2 in matcher.get_opcodes():
            left = [token.number for token in one.tokens[a1:a2] if token.number >= 0]
            right = [token.number for token in other.tokens[b1:b2] if token.number >= 0]
            if kind == "equal" or (kind == "replace" and len(left) == len(right)):
                found.update(zip(left, right, strict=True))
        return found


def align(published: Sequence[Passage], edited: Sequence[Passage]) -> Alignment:
    """Find for each published passage where it went: by its words with numbers masked, then by its mentions."""
    alignment = Alignment(published, edited)
    old, new = list(range(len(published))), list(range(len(edited)))
    gaps: list[tuple[list[int], list[int]]] = []
    keys = [_key(passage) for passage in published], [_key(passage) for passage in edited]
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if kind == "equal":
            for offset in range(a2 - a1):
                alignment.homes[a1 + offset] = [b1 + offset]
        elif kind == "replace":
            gaps.append((old[a1:a2], new[b1:b2]))
    free = set(new) - {home for homes in alignment.homes.values() for home in homes}
    left = [origin for origin in old if origin not in alignment.homes]
    _pair_alike(alignment, left, free)
    for origins, homes in gaps:
        _pair_by_mentions(alignment, origins, [home for home in homes if home in free], free)
    _attach_parts(alignment, free)
    return alignment


def given(published: Sequence[Passage], cut: Sequence[tuple[int, Passage]]) -> Alignment:
    """Make the alignment of passages that are known to be the published ones; -1 for others."""
    alignment = Alignment(published, [passage for _, passage in cut])
    for home, (origin, _) in enumerate(cut):
        if origin >= 0:
            alignment.homes[origin] = [home]
    for home, (origin, passage) in enumerate(cut):
        if origin < 0:
            _note_copy(alignment, home, passage)
    return alignment


def _pair_cells(one: Passage, other: Passage) -> list[tuple[Cell, Cell]]:
    """Pair the cells of two rows by the headings of their columns, where these are the same, else by their order."""
    by_name = {cell.column: cell for cell in other.cells}
    if len(by_name) == len(other.cells) and set(by_name) == {cell.column for cell in one.cells}:
        return [(cell, by_name[cell.column]) for cell in one.cells]
    return list(zip(one.cells, other.cells, strict=True))


def _numbers_in(passage: Passage, cell: Cell) -> list[int]:
    return [at for at, number in enumerate(passage.numbers) if cell.start <= number.start < cell.end]


def _key(passage: Passage) -> str:
    return " ".join(passage.named)


def _pair_alike(alignment: Alignment, left: Sequence[int], free: set[int]) -> None:
    scores = []
    for origin in left:
        one = alignment.published[origin]
        ids = {mark.id for mark in one.marks}
        for home in free:
            other = alignment.edited[home]
            shared = len(ids & {mark.id for mark in other.marks}) / len(ids) if ids else 0.0
            alike = likeness(one.named, other.named)
            if alike >= _ALIKE or (shared and alike >= _ALIKE / 2):
                # Notes of one wording differ by their numbers alone.
                equal = likeness([n.key for n in one.numbers], [n.key for n in other.numbers])
                scores.append((alike + shared / 2, equal, -abs(origin - home), origin, home))
    for *_, origin, home in sorted(scores, reverse=True):
        if origin not in alignment.homes and home in free:
            alignment.homes[origin] = [home]
            free.discard(home)


def _pair_by_mentions(
    alignment: Alignment, origins: Sequence[int], homes: Sequence[int], free: set[int]
) -> None:
    """Pair what was written anew around the same mentions, where it stands in the same place."""
    for origin in origins:
        ids = {mark.id for mark in alignment.published[origin].marks}
        if origin in alignment.homes or not ids:
            continue
        for home in homes:
            if home in free and ids <= {mark.id for mark in alignment.edited[home].marks}:
                alignment.homes[origin] = [home]
                free.discard(home)
                break


def _attach_parts(alignment: Alignment, free: set[int]) -> None:
    owner = {homes[0]: origin for origin, homes in alignment.homes.items()}
    for home in sorted(free):
        other = alignment.edited[home]
        for step in (-1, 1):
            origin = owner.get(home + step)
            if origin is None:
                continue
            whole = alignment.published[origin]
            # What stands in the neighbour as well was not split off it.
            rest = Counter(whole.words) - Counter(alignment.edited[home + step].words)
            if other.words and _shared(Counter(other.words), rest) >= _PART * len(other.words):
                alignment.homes[origin].append(home)
                owner[home] = origin
                free.discard(home)
                break
    for origin in [at for at in range(len(alignment.published)) if at not in alignment.homes]:
        one = alignment.published[origin]
        for step in (-1, 1):
            near = alignment.homes.get(origin + step)
            if not near or not one.words:
                continue
            rest = Counter(alignment.edited[near[0]].words) - Counter(
                alignment.published[origin + step].words
            )
            if _shared(Counter(one.words), rest) >= _PART * len(one.words):
                alignment.homes[origin] = [near[0]]
                break
    for home in sorted(free):
        _note_copy(alignment, home, alignment.edited[home])


def _note_copy(alignment: Alignment, home: int, passage: Passage) -> None:
    if not passage.numbers:
        return
    best = max(
        (
            (likeness(one.words, passage.words), -at)
            for at, one in enumerate(alignment.published)
            if one.numbers
        ),
        default=(0.0, 0),
    )
    if best[0] >= _COPY and len(passage.words) > 2 * len(passage.numbers):
        alignment.copies[home] = -best[1]


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """
    Return how many words two passages share, 0 to 1.

    Examples
    --------
    >>> likeness(("có", "#", "xã"), ("có", "#", "phường"))
    0.6666666666666666
    """
    if not one or not other:
        return 0.0
    return 2 * _shared(Counter(one), Counter(other)) / (len(one) + len(other))


def _shared(one: Counter[str], other: Counter[str]) -> int:
    return sum((one & other).values())


def _longest_rise(sequence: Iterable[int]) -> list[int]:
    """Return the longest rising part of a sequence without repetitions."""
    items = list(sequence)
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, item in enumerate(items):
        place = bisect_left(tails, item)
        tails[place : place + 1] = [item]
        ends[place : place + 1] = [at]
        before.append(ends[place - 1] if place else -1)
    found: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(items[at])
        at = before[at]
    return found[::-1]
