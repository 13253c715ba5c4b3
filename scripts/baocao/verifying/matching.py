"""Which value a number in a foreign text speaks of: by the words around it, its section and its neighbours."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from baocao.project.house import Meaning, any_of
from baocao.project.text import slug

Words = Mapping[str, float]
Scores = NDArray[np.float64]

_CLAUSE_END = re.compile(r"[.;:!?…](?=\s|$)|\s[-–]\s")
_COMMA = re.compile(r",(?=\s)|[()]")
_DIGITS = re.compile(r"\d[\d.,/]*%?")
# Behind another number words are more likely its own; behind a comma somewhat.
_BREAKS = {"0": 0.6, "00": 0.8}
_REACH = 40  # words of a clause that still say something about a number
# How much each sign weighs beside the likeness of words (0 to 1).
EQUAL, SECTION, PARENT, ORDER, NEIGHBOUR = 0.30, 0.30, 0.15, 0.10, 0.25
STRANGE = 0.3  # how much a word says that nobody of ours uses, beside one that one value has alone
# Two numbers near each other have changed places where the words say so by this much more;
# a pair that stands crosswise to our order is half suspected already.
EXCHANGED, CROSSED, NEAR = 0.10, 0.10, 4


@dataclass(frozen=True)
class Place:
    """
    A number where it stands: in a foreign text, or in a report of ours.

    Parameters
    ----------
    printed
        As written.
    section
        ``I.7.a``.
    at
        Its position among the numbers of the section, 0 to 1.
    words
        What is said about it, with weights.
    value
        Id of the value; empty in a foreign text.
    group
        Number of the paragraph it stands in.
    """

    printed: str
    section: str
    at: float
    words: Words
    value: str = ""
    group: int = 0

    @property
    def shape(self) -> str:
        """``%``, ``/`` or a plain number: what is a share there is one here."""
        return "%" if self.printed.endswith("%") else "/" if "/" in self.printed else ""


def describe_number(text: str, start: int, end: int, meaning: Meaning, label: str = "") -> dict[str, float]:
    """
    Weigh the words around a number: its own clause first, what stands near it most.

    Words behind a number belong to it up to the next comma or number, unless
    the words before it already name it ("... là 663").

    Parameters
    ----------
    label
        What the value is called, if that is known.

    Examples
    --------
    >>> text = "có 111 TTHC mới ban hành và 165 TTHC bị bãi bỏ"
    >>> from baocao.project.house import find_house
    >>> words = describe_number(text, 28, 31, find_house("nd30").meaning)
    >>> words["bai_bo"] > words.get("moi_ban", 0)
    True
    """
    words: dict[str, float] = defaultdict(float)
    before = _CLAUSE_END.split(text[max(0, start - 400) : start])
    named = _is_named(before[-1], meaning)
    _add(words, _strip(before[-1]), reach_from_end=True, weight=1.2 if named else 1.0)
    if len(before) > 1:
        # The subject of a sentence, or the head of a list, stands in front of its clauses.
        _add(words, _strip(before[0] if len(before) < 3 else before[-2]), reach_from_end=False, weight=0.25)
    behind = _CLAUSE_END.split(text[end : end + 200])[0]
    stop = _DIGITS.search(behind)
    own = behind[: stop.start()] if stop else behind
    comma = _COMMA.search(own)
    near, far = (own[: comma.start()], own[comma.start() :]) if comma else (own, "")
    _add(words, near, reach_from_end=False, weight=0.7 if named else 1.2)
    _add(words, far, reach_from_end=False, weight=0.1 if named else 0.35)
    _add(words, label, reach_from_end=False, weight=1.0, steady=True)
    return dict(words)


def _is_named(clause: str, meaning: Meaning) -> bool:
    """Tell "the share resolved is …" from ", is … of them": words before the verb say what the number is."""
    copula = re.search(rf"(?:{any_of((*meaning.verbs, ':'))})\s*$", clause, re.IGNORECASE)
    if copula is None:
        return False
    own = _DIGITS.split(_COMMA.split(clause[: copula.start()])[-1])[-1]
    return len(own.split()) > 1


def _strip(text: str) -> str:
    return _COMMA.sub(" 00 ", _DIGITS.sub(" 0 ", text))


def _add(
    words: dict[str, float], text: str, *, reach_from_end: bool, weight: float, steady: bool = False
) -> None:
    syllables = [s for s in slug(text).split("_") if s]
    if reach_from_end:
        syllables.reverse()
    for index, syllable in enumerate(syllables[:_REACH]):
        if syllable in _BREAKS:
            weight *= _BREAKS[syllable]
            continue
        near = weight * (1.0 if steady else 1 / (1 + index / 6))
        words[syllable] = max(words.get(syllable, 0), 0.5 * near)
        if index and syllables[index - 1] not in _BREAKS:
            pair = (syllable, syllables[index - 1]) if reach_from_end else (syllables[index - 1], syllable)
            both = "_".join(pair)
            words[both] = max(words.get(both, 0), near)


class Likeness:
    """
    How alike the words around two numbers are, 0 to 1.

    Words that stand around many numbers say little; those of one say much.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        values: dict[str, set[str]] = defaultdict(set)
        known: set[str] = set()
        for place in places:
            known.add(place.value)
            for word in place.words:
                values[word].add(place.value)
        self._rare = {word: log(1 + len(known) / len(ids)) for word, ids in values.items()}
        self._most = log(1 + len(known)) if known else 1.0
        self._row = {word: row for row, word in enumerate(self._rare)}
        # Words by places, each place a column of length 1.
        self._columns = np.zeros((len(self._row), len(places)))
        for column, place in enumerate(places):
            weights = self._weigh(place.words)
            size = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for word, weight in weights.items():
                self._columns[self._row[word], column] = weight / size

    def __call__(self, one: Place) -> Scores:
        """Return the likeness to each place; words that none of them has make two numbers somewhat unlike."""
        weights = self._weigh(one.words)
        shared = [word for word in weights if word in self._row]
        size = sqrt(sum(weight * weight for weight in weights.values()))
        if not shared or not size:
            return np.zeros(self._columns.shape[1])
        rows = self._columns[[self._row[word] for word in shared]]
        return np.asarray([weights[word] / size for word in shared]) @ rows

    def _weigh(self, words: Words) -> dict[str, float]:
        return {word: weight * self._rare.get(word, STRANGE * self._most) for word, weight in words.items()}


def match_places(
    foreign: Sequence[Place], ours: Sequence[Place], equal: Collection[tuple[int, int]]
) -> dict[int, tuple[int, float]]:
    """
    Pair numbers of a foreign text with ours, each of ours at most once.

    Parameters
    ----------
    equal
        The pairs of indices whose numbers agree: one sign among others.

    Returns
    -------
    dict
        Index of ours and likeness of the words, by index of the foreign number.
    """
    alike = Likeness(ours)
    words = np.array([alike(one) for one in foreign])
    scores = _score(foreign, ours, words, equal)
    pairs = assign(scores)
    for _ in range(2):  # what stands beside a number speaks once the beside is known
        pairs = assign(_add_neighbours(scores, pairs, foreign, ours))
    pairs = _put_back(_first_of_alike(pairs, ours), words, foreign, ours)
    return {i: (j, float(words[i, j])) for i, j in pairs.items()}


def _put_back(
    pairs: Mapping[int, int],
    words: Scores,
    foreign: Sequence[Place],
    ours: Sequence[Place],
) -> dict[int, int]:
    """Give numbers that a text has exchanged back the places that its words speak of."""
    put = dict(pairs)
    order = sorted(pairs)
    for n, i in enumerate(order):
        for k in order[n + 1 : n + 1 + NEAR]:
            j, other = put[i], put[k]
            if foreign[i].group != foreign[k].group or foreign[i].shape != foreign[k].shape:
                continue
            if foreign[i].printed == foreign[k].printed or (put[i], put[k]) != (pairs[i], pairs[k]):
                continue
            gain = float(words[i, other] + words[k, j] - words[i, j] - words[k, other])
            if ours[j].group == ours[other].group:
                gain += CROSSED if j > other else -CROSSED
            if gain > EXCHANGED:
                put[i], put[k] = other, j
    return put


def _first_of_alike(pairs: Mapping[int, int], ours: Sequence[Place]) -> dict[int, int]:
    """Take the first of several places in a row that print one number, where a text prints it once."""
    taken = set(pairs.values())
    moved = {}
    for i, j in pairs.items():
        first = j
        while (
            first
            and first - 1 not in taken
            and (ours[first - 1].group, ours[first - 1].printed) == (ours[j].group, ours[j].printed)
        ):
            first -= 1
        moved[i] = first
    return moved


def _score(
    foreign: Sequence[Place], ours: Sequence[Place], words: Scores, equal: Collection[tuple[int, int]]
) -> Scores:
    def alike(name: Callable[[Place], str]) -> NDArray[np.bool_]:
        left, right = ([name(place) for place in places] for places in (foreign, ours))
        return np.asarray(np.array(left)[:, None] == np.array(right), dtype=np.bool_)

    parent = np.where(alike(_parent), PARENT, 0.0)
    apart = np.subtract.outer(
        np.array([place.at for place in foreign]), np.array([place.at for place in ours])
    )
    scores = words + np.where(alike(lambda one: one.section), SECTION, parent) + ORDER * (1 - abs(apart))
    for pair in equal:
        scores[pair] += EQUAL
    return np.where(alike(lambda one: one.shape), scores, words * 0.3 - 0.5)


def _parent(place: Place) -> str:
    return ".".join(place.section.split(".")[:2])


def _add_neighbours(
    scores: Scores, pairs: Mapping[int, int], foreign: Sequence[Place], ours: Sequence[Place]
) -> Scores:
    """Favour what stands beside a pair on both sides, in one paragraph."""
    favoured = scores.copy()
    for i, j in pairs.items():
        for step in (-1, 1):
            k, other = i + step, j + step
            if 0 <= k < len(foreign) and 0 <= other < len(ours):
                together = foreign[i].group == foreign[k].group and ours[j].group == ours[other].group
                favoured[k, other] += NEIGHBOUR / 2 * together
    return favoured


def assign(scores: Sequence[Sequence[float]] | Scores) -> dict[int, int]:
    """
    Pair rows with columns so that the sum of the scores is largest (Kuhn's Hungarian method).

    The shorter side is paired whole; time grows with its square times the longer.

    Examples
    --------
    >>> assign([[0.9, 0.8], [0.8, 0.1]])
    {0: 1, 1: 0}
    """
    cost = -np.asarray(scores, dtype=float)
    if not cost.size:
        return {}
    if cost.shape[0] > cost.shape[1]:
        return dict(sorted((i, j) for j, i in assign(-cost.T).items()))
    rows, columns = cost.shape
    # Potentials and augmenting paths; the last column is where each path begins.
    row_of = np.full(columns + 1, -1)
    left, right = np.zeros(rows), np.zeros(columns)
    for row in range(rows):
        row_of[columns] = row
        column, path = columns, [columns]
        least, way = np.full(columns, np.inf), np.full(columns, columns)
        free = np.ones(columns, dtype=bool)
        while row_of[column] >= 0:
            here = row_of[column]
            slack = cost[here] - left[here] - right
            nearer = free & (slack < least)
            least[nearer], way[nearer] = slack[nearer], column
            after = int(np.argmin(np.where(free, least, np.inf)))
            delta = least[after]
            left[row_of[path]] += delta
            right[path[1:]] -= delta
            least[free] -= delta
            free[after] = False
            path.append(after)
            column = after
        while column != columns:
            row_of[column] = row_of[way[column]]
            column = int(way[column])
    return dict(sorted((int(i), j) for j, i in enumerate(row_of[:columns]) if i >= 0))
