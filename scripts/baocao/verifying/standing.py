"""Whether a right number still means what it meant: its place, its sentence, its unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from baocao.documents.passages import Passage, label_of, plain_words
from baocao.project.house import Meaning
from baocao.project.language import _
from baocao.verifying.aligning import Alignment, likeness
from baocao.verifying.items import Item, Spot, find_owners
from baocao.verifying.likeness import Surroundings
from baocao.verifying.meaning import clause_of, find_other_unit, find_turn, list_house_units, split_units

SAME = 0.6  # likeness of the words around a number, for the same sentence elsewhere
_OTHER, _AHEAD = 0.6, 0.25  # so much like another number's words, and so much more than like its own


class Standing:
    """
    The places of published numbers, and what was said there.

    Parameters
    ----------
    around
        The words around the items and around the numbers of the edited file.
    units
        Of the project's other values: a number may not become one of these, either.
    """

    def __init__(
        self, alignment: Alignment, items: Sequence[Item], around: Surroundings, units: Iterable[str] = ()
    ) -> None:
        self._alignment = alignment
        self._items = items
        self._around = around
        self._more_units = units
        self._old, self._new, self._house = alignment.published, alignment.edited, alignment.house

    @cached_property
    def items_of(self) -> dict[int, list[Item]]:
        """The items of each published passage."""
        found: dict[int, list[Item]] = defaultdict(list)
        for item in self._items:
            found[item.origin].append(item)
        return found

    def place_of(self, item: Item, home: int) -> list[Spot]:
        """Return where the numbers of an item stand within a passage that is its own."""
        slots = self._alignment.numbers(item.origin, home)
        return [Spot(home, slots[number]) for number in item.numbers if number in slots]

    def key_of(self, item: Item) -> str:
        """Return by what an item's first number is compared."""
        return self._old[item.origin].numbers[item.numbers[0]].key

    def why_moved(self, item: Item, spot: Spot) -> str:
        """Return why a right number stands where it means something else; empty where it does not."""
        origin, home = self._old[item.origin], self._new[spot.home]
        if not any(letter.isalpha() for letter in origin.text):
            return (
                ""  # only the trace is left: a cell that is a number without words says nothing of its place
            )
        number = item.numbers[0]
        own = self._around.own(item, number, spot)
        taken = "" if origin.cells and home.cells else self._whose_place(item, spot, own)
        if taken:
            return taken
        if spot.home not in self._alignment.homes.get(item.origin, ()):
            sections = {
                one.section for at in self._alignment.origins.get(spot.home, ()) for one in self.items_of[at]
            }
            if own < SAME and not (origin.cells and not home.cells):
                return _("the number stands in another sentence")
            return (
                "" if not sections or item.section in sections else _("the number stands in another section")
            )
        if origin.cells and home.cells:
            return self._why_moved_in_table(item, number, spot)
        if origin.cells or home.cells:
            return ""
        for other in self.items_of[item.origin]:
            if other is item or other.value is None or self.key_of(other) == self.key_of(item):
                continue
            alike = self._around.own(other, other.numbers[0], spot)
            if alike >= _OTHER and alike - own >= _AHEAD:
                return _(
                    "the number stands where {printed} ({id}) belongs", printed=other.printed, id=other.id
                )
        return ""

    def _whose_place(self, item: Item, spot: Spot, own: float) -> str:
        """Return whose place a number took, where the words speak for the other one as much as for it."""
        for origin, number in self._seats.get(spot, ()):
            other = self._item_at.get((origin, number))
            if (
                other is None
                or other is item
                or other.value is None
                or self.key_of(other) == self.key_of(item)
            ):
                continue
            stands = any(self.place_of(item, home) for home in self._alignment.homes.get(item.origin, ()))
            if stands and self._around.own(other, number, spot) >= own:
                return _(
                    "the number stands where {printed} ({id}) belongs", printed=other.printed, id=other.id
                )
        return ""

    @cached_property
    def _seats(self) -> dict[Spot, list[tuple[int, int]]]:
        """The published numbers whose place each number has."""
        found: dict[Spot, list[tuple[int, int]]] = defaultdict(list)
        for origin, homes in self._alignment.homes.items():
            for home in homes:
                for number, now in self._alignment.numbers(origin, home).items():
                    found[Spot(home, now)].append((origin, number))
        return found

    @cached_property
    def _item_at(self) -> dict[tuple[int, int], Item]:
        return find_owners(self._items)

    def why_turned(self, item: Item, spot: Spot) -> str:
        """Return which word makes the clause of a number mean the opposite."""
        origin, home = self._old[item.origin], self._new[spot.home]
        meaning = self._house.meaning
        before = _clause(origin, item.numbers[0], meaning)
        turn = find_turn(before, _clause(home, spot.number, meaning), meaning)
        return _("its sentence now means something else: {turn}", turn=turn) if turn else ""

    def find_unit(self, item: Item, spot: Spot) -> tuple[str, str]:
        """Return the unit of a number and the one that stands behind it now; empty where it is its own."""
        origin, home = self._old[item.origin], self._new[spot.home]
        if origin.cells or home.cells:
            return "", ""
        old = origin.text[origin.numbers[item.numbers[-1]].end :]
        new = home.text[self._new[spot.home].numbers[spot.number].end :]
        other = find_other_unit(old, new, item.unit, self._units, self._other_units)
        return " ".join(old.split()[: len(other.split())]).strip(",;:."), other

    @cached_property
    def _other_units(self) -> frozenset[str]:
        return list_house_units(self._house) | split_units(self._more_units, self._house.meaning)

    @cached_property
    def _units(self) -> frozenset[str]:
        return split_units((item.unit for item in self._items), self._house.meaning)

    def _why_moved_in_table(self, item: Item, number: int, spot: Spot) -> str:
        origin, home = self._old[item.origin], self._new[spot.home]
        before, now = origin.cell_of(number), home.cell_of(spot.number)
        if before is None or now is None:
            return ""
        was, stands = plain_words(origin.cells[before].column), plain_words(home.cells[now].column)
        heads = {plain_words(cell.column) for cell in home.cells}
        if before != now and len(origin.cells) == len(home.cells) and was != stands:
            return _("the number stands in another column")
        if (
            was
            and was != stands
            and was in heads
            and stands in {plain_words(cell.column) for cell in origin.cells}
        ):
            return _("the heading of its column was exchanged")
        own, label = likeness(label_of(origin), label_of(home)), label_of(home)
        if label and label != label_of(origin):
            for at, other in enumerate(self._old):
                named = at != item.origin and self.items_of[at] and other.cells and label_of(other) == label
                # Rows of other tables are called alike; those of one table are not.
                if named and (own < SAME or self._are_of_one_table(at, item.origin)):
                    return _("the number stands in another row")
        return ""

    def _are_of_one_table(self, one: int, other: int) -> bool:
        return all(self._old[at].cells for at in range(min(one, other), max(one, other) + 1))


def _clause(passage: Passage, number: int, meaning: Meaning) -> str:
    """Return the words that say what a number is; in a table those of its row and column."""
    cell = passage.cell_of(number)
    if cell is None:
        return clause_of(passage, number, meaning)
    return f"{' '.join(label_of(passage))} {plain_words(passage.cells[cell].column)}"
