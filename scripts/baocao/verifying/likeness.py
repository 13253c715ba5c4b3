"""How alike the words around a number are to those around a published one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import log, sqrt

from baocao.documents.passages import Passage, label_of, plain_words
from baocao.verifying.items import Item, Spot

_REACH = 7
_STOP = re.compile(r"[.;:!?](?=\s|$)")
_WORD = re.compile(r"[^\W\d_]+")


class Surroundings:
    """
    Compares the words around numbers; rare words count most.

    Parameters
    ----------
    old, new
        The published and the edited passages.
    """

    def __init__(self, items: Sequence[Item], old: Sequence[Passage], new: Sequence[Passage]) -> None:
        self._items = items
        self._old = old
        self._new = new

    def own(self, item: Item, number: int, spot: Spot) -> float:
        """Return how alike the words around a number are to those around an item's, 0 to 1."""
        return self._alike(
            self._words(self._old, item.origin, number), self._words(self._new, spot.home, spot.number)
        )

    def _words(self, passages: Sequence[Passage], at: int, number: int) -> dict[str, float]:
        key = (passages is self._old, at, number)
        if key not in self._described:
            self._described[key] = _describe(passages[at], number)
        return self._described[key]

    @cached_property
    def _described(self) -> dict[tuple[bool, int, int], dict[str, float]]:
        return {}

    def _alike(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        left = {word: weight * self._rarity.get(word, self._most) for word, weight in one.items()}
        right = {word: weight * self._rarity.get(word, self._most) for word, weight in other.items()}
        shared = sum(weight * right.get(word, 0.0) for word, weight in left.items())
        size = sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
        return shared / size if size else 0.0

    @cached_property
    def _rarity(self) -> dict[str, float]:
        counts: dict[str, int] = defaultdict(int)
        for item in self._items:
            for word in self._words(self._old, item.origin, item.numbers[0]):
                counts[word] += 1
        return {word: log(1 + len(self._items) / count) for word, count in counts.items()}

    @cached_property
    def _most(self) -> float:
        return log(1 + len(self._items)) or 1.0


def _describe(passage: Passage, number: int) -> dict[str, float]:
    """Weigh the words around a number: those of its own clause, what stands near it most."""
    if passage.cells:
        at = passage.cell_of(number)
        words = list(label_of(passage)) + list(
            plain_words(passage.cells[at].column).split() if at is not None else []
        )
        return dict.fromkeys(words, 1.0)
    numeral = passage.numbers[number]
    before = re.split(r"\d", _STOP.split(passage.text[: numeral.start])[-1])[-1]
    clause = re.split(r"[,(]", before)[-1]
    before = clause if len(clause.split()) > 1 else before
    behind = _STOP.split(passage.text[numeral.end :])[0]
    behind = re.split(r"[\d,(]", behind)[0]
    found: dict[str, float] = {}
    for text, backwards in ((before, True), (behind, False)):
        words = [match[0].casefold() for match in _WORD.finditer(text)]
        if backwards:
            words.reverse()
        for at, word in enumerate(words[:_REACH]):
            weight = 1 / (1 + at / 3)
            found[word] = max(found.get(word, 0.0), weight)
            if at:
                pair = f"{word} {words[at - 1]}" if backwards else f"{words[at - 1]} {word}"
                found[pair] = max(found.get(pair, 0.0), weight)
    return found
