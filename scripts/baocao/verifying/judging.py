"""What became of every mention and citation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from baocao.documents.passages import Number, key_of, shorten
from baocao.project.language import _
from baocao.verifying.aligning import Alignment
from baocao.verifying.edits import Class, Edit
from baocao.verifying.items import Item, Spot
from baocao.verifying.likeness import Surroundings
from baocao.verifying.order import find_displaced
from baocao.verifying.standing import SAME, Standing
from baocao.verifying.unclaimed import judge_rest

_REWRITTEN = 0.25  # for the only number like it in its paragraph


def judge(alignment: Alignment, items: Sequence[Item], units: Iterable[str] = ()) -> list[Edit]:
    """
    Hold an edited file against what was published; in the order of what was published, new numbers last.

    Parameters
    ----------
    units
        Of the project's other values: a number may not become one of these, either.
    """
    return _Judge(alignment, items, units).run()


class _Judge:
    def __init__(self, alignment: Alignment, items: Sequence[Item], units: Iterable[str]) -> None:
        self.alignment = alignment
        self.items = items
        self.old = alignment.published
        self.new = alignment.edited
        self.house = alignment.house
        self.around = Surroundings(items, self.old, self.new)
        self.standing = Standing(alignment, items, self.around, units)
        self.claimed: set[Spot] = set()
        self.edits: list[Edit] = []
        self.altered: list[
            tuple[Item, int, Edit]
        ] = []  # position in ``edits`` of mentions with another number
        ids = {item.id for item in items}
        self.marks: dict[str, list[list[Spot]]] = defaultdict(list)
        self.marked: dict[Spot, str] = {}
        for home, passage in enumerate(self.new):
            for mark in passage.marks:
                if mark.id in ids:
                    spots = [Spot(home, number) for number in passage.marked(mark.start, mark.end)]
                    if spots not in self.marks[mark.id]:  # bookmark and control round the same number
                        self.marks[mark.id].append(spots)
                    for spot in spots:
                        self.marked.setdefault(spot, mark.id)

    def run(self) -> list[Edit]:
        for item in self.items:
            if any(self.marks.get(item.id, ())):
                self._judge_marked(item)
        # First what stands where it stood, so that nothing that was lost takes its number.
        unmarked = [item for item in self.items if not any(self.marks.get(item.id, ()))]
        for item in sorted(unmarked, key=lambda item: not self._stands(item)):
            self._judge_unmarked(item)
        self._judge_order()
        self.edits += judge_rest(self.alignment, self.items, self.claimed)
        self._find_exchanged()
        order = {item.id: at for at, item in enumerate(self.items)}
        once = dict.fromkeys(self.edits)
        return sorted(once, key=lambda edit: order.get(edit.mention or "", len(order)))

    # -- mentions ------------------------------------------------------------

    def _judge_marked(self, item: Item) -> None:
        homes = self.alignment.homes.get(item.origin, [])
        places = sorted(
            (spots for spots in self.marks[item.id] if spots), key=lambda spots: spots[0].home not in homes
        )
        whole = self._prefer(item, places)
        whole = [*whole, *self._find_beside(item, whole)]
        self.claimed.update(whole)
        if not self._compare(item, whole):
            return
        for spots in places:
            if spots is not whole and not set(spots) & set(whole):
                self.claimed.update(spots)
                self._add("moved", item, spots, _("the number was copied to another place"))
                return

    def _find_beside(self, item: Item, spots: Sequence[Spot]) -> list[Spot]:
        """Find what was typed anew and so stands before its mark: "văn bản số 12/UBND" for "Công văn số 12/UBND"."""
        held = {self._number(spot).key for spot in spots}
        missing = [n for n in item.numbers if self.old[item.origin].numbers[n].key not in held]
        found = [self._place(item, number) for number in missing]
        return [
            spot
            for number, spot in zip(missing, found, strict=True)
            if spot is not None
            and spot.home == spots[0].home
            and self._number(spot).key == self.old[item.origin].numbers[number].key
        ]

    def _prefer(self, item: Item, places: Sequence[list[Spot]]) -> list[Spot]:
        homes = self.alignment.homes.get(item.origin, [])
        right = [spots for spots in places if self._misfits(item, spots) == []]
        at_home = [spots for spots in right if spots[0].home in homes]
        return next(iter([*at_home, *right, *places]))

    def _compare(self, item: Item, spots: list[Spot]) -> bool:
        """Hold the numbers that bear an item's mark against what was printed."""
        if self._misfits(item, spots):
            self._say_misfit(item, spots)
            return False
        # What else stands in the mark was typed into it.
        wanted = {self.old[item.origin].numbers[n].key for n in item.numbers}
        printed = [spot for spot in spots if self._number(spot).key in wanted]
        if printed:
            self.claimed -= set(spots) - set(printed)
        return not self._find_other_meaning(item, printed or spots)

    def _say_misfit(self, item: Item, spots: list[Spot]) -> None:
        """Return the edit of other numbers that stand there; with the same digits in another place they were moved."""
        keys = {self.old[item.origin].numbers[number].key for number in item.numbers}
        if item.value is not None and keys <= {self._number(spot).key for spot in spots}:
            why = self.standing.why_moved(item, spots[0])
            if why:
                self._add("moved", item, spots, why)
                return
        self._alter(item, spots)

    def _find_other_meaning(self, item: Item, spots: list[Spot]) -> bool:
        """Return the edit of a right number that means something else where it stands."""
        if item.value is None:
            return False
        why = self.standing.why_moved(item, spots[0]) or self.standing.why_turned(item, spots[0])
        if why:
            self._add("moved", item, spots, why)
            return True
        was, other = self.standing.find_unit(item, spots[-1])
        if other:
            self._add(
                "altered", item, spots, _("its unit «{was}» was changed to «{now}»", was=was, now=other)
            )
        return bool(other)

    def _misfits(self, item: Item, spots: Sequence[Spot]) -> list[str]:
        """Name the printed numbers that are not among those of the file."""
        left = [(self._number(spot).key, self.new[spot.home].sign(spot.number)) for spot in spots]
        misfits = []
        for number in item.numbers:
            passage = self.old[item.origin]
            wanted = (passage.numbers[number].key, passage.sign(number))
            if wanted in left:
                left.remove(wanted)
            else:
                misfits.append(passage.numbers[number].text)
        return misfits

    def _judge_unmarked(self, item: Item) -> None:
        spots = [self._place(item, number) for number in item.numbers]
        found = [spot for spot in spots if spot is not None] or self._find_rewritten(item)
        self.claimed.update(found)
        if not found:
            self._add("lost", item, [], self._say_lost(item))
        elif len(found) < len(spots) or self._misfits(item, found):
            self._say_misfit(item, found)
        else:
            self._find_other_meaning(item, found)

    def _find_rewritten(self, item: Item) -> list[Spot]:
        """Find the only number like an item's in its paragraph, whose sentence was written anew."""
        key = self.standing.key_of(item)
        alike = [other for other in self.standing.items_of[item.origin] if self.standing.key_of(other) == key]
        homes = self.alignment.homes.get(item.origin, ())
        spots = [spot for home in homes for spot in self._spots(home) if self._number(spot).key == key]
        if len(alike) != 1 or len(item.numbers) != 1 or len(spots) != 1 or self.old[item.origin].cells:
            return []
        return spots if self.around.own(item, item.numbers[0], spots[0]) >= _REWRITTEN else []

    def _stands(self, item: Item) -> bool:
        keys = [self.old[item.origin].numbers[number].key for number in item.numbers]
        return any(
            [self._number(spot).key for spot in self.standing.place_of(item, home)] == keys
            for home in self.alignment.homes.get(item.origin, ())
        )

    def _place(self, item: Item, number: int) -> Spot | None:
        """Find the number of the file that is one of an item's, where no mark says so."""
        origin = self.old[item.origin]
        key = origin.numbers[number].key
        homes = self.alignment.homes.get(item.origin, [])
        slots = [
            Spot(home, self.alignment.numbers(item.origin, home)[number])
            for home in homes
            if number in self.alignment.numbers(item.origin, home)
        ]
        slots = [spot for spot in slots if self._is_free(spot)]
        equal = [spot for spot in slots if self._number(spot).key == key]
        if equal and (origin.cells or self.around.own(item, number, equal[0]) >= SAME / 2):
            return equal[0]
        if not origin.cells or not slots:
            near = [spot for home in homes for spot in self._spots(home) if self._number(spot).key == key]
            kinds = {None, origin.numbers[number].kind}  # not the number of the row
            near = [
                spot
                for spot in near
                if self._number(spot).kind in kinds and self.around.own(item, number, spot) >= SAME
            ]
            if near:
                return max(near, key=lambda spot: self.around.own(item, number, spot))
        if slots:
            return (equal or slots)[0]
        away = [
            spot
            for home in range(len(self.new))
            if home not in homes
            for spot in self._spots(home)
            if self._number(spot).key == key and self._number(spot).kind is None
        ]
        # Small numbers are alike by chance; the words must say that it is this one.
        away = [spot for spot in away if self.around.own(item, number, spot) >= SAME or len(key) > 3]
        return max(away, key=lambda spot: self.around.own(item, number, spot)) if away else None

    def _is_free(self, spot: Spot) -> bool:
        return spot not in self.claimed and spot not in self.marked

    def _spots(self, home: int) -> Iterator[Spot]:
        for number in range(len(self.new[home].numbers)):
            if self._is_free(Spot(home, number)):
                yield Spot(home, number)

    def _judge_order(self) -> None:
        said = {edit.mention for edit in self.edits}
        for passage in find_displaced(self.alignment, self.standing.items_of):
            for item in self.standing.items_of[passage.origin]:
                if item.section not in passage.sections and item.value is not None and item.id not in said:
                    spots = self.standing.place_of(item, passage.home)
                    self._add("moved", item, spots, passage.why)

    # -- what is said --------------------------------------------------------------

    def _alter(self, item: Item, spots: list[Spot]) -> None:
        got = self._text(item, spots)
        edit = self._make(
            "altered", item, spots, _("«{was}» was changed to «{now}»", was=item.printed, now=got)
        )
        self.altered.append((item, len(self.edits), edit))
        self.edits.append(edit)

    def _find_exchanged(self) -> None:
        """Two numbers that stand in each other's place were not altered but moved."""
        by_key: dict[str, list[int]] = defaultdict(list)
        for at, (item, *_rest) in enumerate(self.altered):
            if item.value is not None:
                by_key[self.standing.key_of(item)].append(at)
        goes: dict[int, int] = {}
        for at, (item, _at, edit) in enumerate(self.altered):
            if item.value is None:
                continue
            others = [other for other in by_key.get(key_of(edit.got, self.house.numbers), ()) if other != at]
            if others:
                goes[at] = min(others, key=lambda other: abs(other - at))
        for at in goes:
            path = [at]
            while path[-1] in goes and goes[path[-1]] not in path:
                path.append(goes[path[-1]])
            if goes.get(path[-1]) == at:
                item, position, edit = self.altered[at]
                other = self.altered[goes[at]][0]
                message = _(
                    "«{was}» was exchanged: here now stands «{now}» of {id}",
                    was=item.printed,
                    now=edit.got,
                    id=other.id,
                )
                self.edits[position] = replace(edit, kind="moved", message=message)

    def _add(self, kind: Class, item: Item, spots: list[Spot], why: str) -> None:
        self.edits.append(self._make(kind, item, spots, f"«{item.printed}»: {why}"))

    def _make(self, kind: Class, item: Item, spots: list[Spot], message: str) -> Edit:
        got = self._text(item, spots)
        context = self._around(spots[0]) if spots else self._context_of(item)
        return Edit(kind, item.id, item.value, item.section, item.printed, got, context, message)

    def _text(self, item: Item, spots: Sequence[Spot]) -> str:
        if not spots:
            return ""
        if item.value is None:
            ordered = sorted(spots, key=lambda spot: (spot.home, spot.number))
            return "; ".join(self._number(spot).text for spot in ordered)
        passage = self.new[spots[0].home]
        numbers = [passage.numbers[spot.number] for spot in spots if spot.home == spots[0].home]
        start, end = numbers[0].start, numbers[-1].end
        before, times = passage.sign(spots[-1].number)
        own = self.old[item.origin].sign(item.numbers[-1])
        minus = f"{before} ".replace("- ", "-") if before and before != own[0] else ""
        return minus + passage.text[start:end] + (f" {times}" if times and times != own[1] else "")

    def _say_lost(self, item: Item) -> str:
        if item.origin not in self.alignment.homes:
            return _("the paragraph, row or note with the number is gone")
        return _("the number is gone from its sentence, or was written in words")

    def _context_of(self, item: Item) -> str:
        homes = self.alignment.homes.get(item.origin)
        if homes:
            return shorten(self.new[homes[0]].text, 0)
        passage = self.old[item.origin]
        return shorten(passage.text, passage.numbers[item.numbers[0]].start)

    def _around(self, spot: Spot) -> str:
        passage = self.new[spot.home]
        return shorten(passage.text, passage.numbers[spot.number].start)

    def _number(self, spot: Spot) -> Number:
        return self.new[spot.home].numbers[spot.number]
