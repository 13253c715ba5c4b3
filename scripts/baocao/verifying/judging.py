"""What became of every mention and citation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from baocao.documents.passages import Number, Passage, key_of, label_of, plain_words, shorten
from baocao.project.house import Meaning
from baocao.project.language import _
from baocao.verifying.aligning import Alignment, likeness
from baocao.verifying.edits import Class, Edit
from baocao.verifying.items import Item, Spot, find_owners
from baocao.verifying.likeness import Surroundings
from baocao.verifying.meaning import (
    clause_of,
    find_other_unit,
    find_turn,
    list_house_units,
    split_units,
)
from baocao.verifying.unclaimed import judge_rest

_SAME = 0.6  # likeness of the words around a number, for the same sentence elsewhere
_REWRITTEN = 0.25  # for the only number like it in its paragraph
_OTHER, _AHEAD = 0.6, 0.25  # so much like another number's words, and so much more than like its own


def judge(alignment: Alignment, items: Sequence[Item]) -> list[Edit]:
    """Hold an edited file against what was published; in the order of what was published, new numbers last."""
    return _Judge(alignment, items).run()


class _Judge:
    def __init__(self, alignment: Alignment, items: Sequence[Item]) -> None:
        self.alignment = alignment
        self.items = items
        self.old = alignment.published
        self.new = alignment.edited
        self.house = alignment.house
        self.around = Surroundings(items, self.old, self.new)
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
            why = self._why_moved(item, spots[0])
            if why:
                self._add("moved", item, spots, why)
                return
        self._alter(item, spots)

    def _find_other_meaning(self, item: Item, spots: list[Spot]) -> bool:
        """Return the edit of a right number that means something else where it stands."""
        if item.value is None:
            return False
        why = self._why_moved(item, spots[0]) or self._why_turned(item, spots[0])
        if why:
            self._add("moved", item, spots, why)
            return True
        was, other = self._find_unit(item, spots[-1])
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
        key = self._key(item)
        alike = [other for other in self._items_of[item.origin] if self._key(other) == key]
        homes = self.alignment.homes.get(item.origin, ())
        spots = [spot for home in homes for spot in self._spots(home) if self._number(spot).key == key]
        if len(alike) != 1 or len(item.numbers) != 1 or len(spots) != 1 or self.old[item.origin].cells:
            return []
        return spots if self.around.own(item, item.numbers[0], spots[0]) >= _REWRITTEN else []

    def _stands(self, item: Item) -> bool:
        keys = [self.old[item.origin].numbers[number].key for number in item.numbers]
        return any(
            [self._number(spot).key for spot in self._place_of(item, home)] == keys
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
        if equal and (origin.cells or self.around.own(item, number, equal[0]) >= _SAME / 2):
            return equal[0]
        if not origin.cells or not slots:
            near = [spot for home in homes for spot in self._spots(home) if self._number(spot).key == key]
            kinds = {None, origin.numbers[number].kind}  # not the number of the row
            near = [
                spot
                for spot in near
                if self._number(spot).kind in kinds and self.around.own(item, number, spot) >= _SAME
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
        away = [spot for spot in away if self.around.own(item, number, spot) >= _SAME or len(key) > 3]
        return max(away, key=lambda spot: self.around.own(item, number, spot)) if away else None

    def _is_free(self, spot: Spot) -> bool:
        return spot not in self.claimed and spot not in self.marked

    def _spots(self, home: int) -> Iterator[Spot]:
        for number in range(len(self.new[home].numbers)):
            if self._is_free(Spot(home, number)):
                yield Spot(home, number)

    # -- meaning ---------------------------------------------------------------

    def _why_moved(self, item: Item, spot: Spot) -> str:
        """Return why a right number stands where it means something else; empty where it does not."""
        origin, home = self.old[item.origin], self.new[spot.home]
        if not any(letter.isalpha() for letter in origin.text):
            return (
                ""  # only the trace is left: a cell that is a number without words says nothing of its place
            )
        number = item.numbers[0]
        own = self.around.own(item, number, spot)
        taken = "" if origin.cells and home.cells else self._whose_place(item, spot, own)
        if taken:
            return taken
        if spot.home not in self.alignment.homes.get(item.origin, ()):
            sections = {
                one.section for at in self.alignment.origins.get(spot.home, ()) for one in self._items_of[at]
            }
            if own < _SAME and not (origin.cells and not home.cells):
                return _("the number stands in another sentence")
            return (
                "" if not sections or item.section in sections else _("the number stands in another section")
            )
        if origin.cells and home.cells:
            return self._why_moved_in_table(item, number, spot)
        if origin.cells or home.cells:
            return ""
        for other in self._items_of[item.origin]:
            if other is item or other.value is None or self._key(other) == self._key(item):
                continue
            alike = self.around.own(other, other.numbers[0], spot)
            if alike >= _OTHER and alike - own >= _AHEAD:
                return _(
                    "the number stands where {printed} ({id}) belongs", printed=other.printed, id=other.id
                )
        return ""

    def _whose_place(self, item: Item, spot: Spot, own: float) -> str:
        """Return whose place a number took, where the words speak for the other one as much as for it."""
        for origin, number in self._seats.get(spot, ()):
            other = self._item_at.get((origin, number))
            if other is None or other is item or other.value is None or self._key(other) == self._key(item):
                continue
            stands = any(self._place_of(item, home) for home in self.alignment.homes.get(item.origin, ()))
            if stands and self.around.own(other, number, spot) >= own:
                return _(
                    "the number stands where {printed} ({id}) belongs", printed=other.printed, id=other.id
                )
        return ""

    @cached_property
    def _seats(self) -> dict[Spot, list[tuple[int, int]]]:
        """The published numbers whose place each number has."""
        found: dict[Spot, list[tuple[int, int]]] = defaultdict(list)
        for origin, homes in self.alignment.homes.items():
            for home in homes:
                for number, now in self.alignment.numbers(origin, home).items():
                    found[Spot(home, now)].append((origin, number))
        return found

    @cached_property
    def _item_at(self) -> dict[tuple[int, int], Item]:
        return find_owners(self.items)

    def _why_turned(self, item: Item, spot: Spot) -> str:
        """Return which word makes the clause of a number mean the opposite."""
        origin, home = self.old[item.origin], self.new[spot.home]
        meaning = self.house.meaning
        before = _clause(origin, item.numbers[0], meaning)
        turn = find_turn(before, _clause(home, spot.number, meaning), meaning)
        return _("its sentence now means something else: {turn}", turn=turn) if turn else ""

    def _find_unit(self, item: Item, spot: Spot) -> tuple[str, str]:
        """Return the unit of a number and the one that stands behind it now; empty where it is its own."""
        origin, home = self.old[item.origin], self.new[spot.home]
        if origin.cells or home.cells:
            return "", ""
        old = origin.text[origin.numbers[item.numbers[-1]].end :]
        new = home.text[self._number(spot).end :]
        other = find_other_unit(old, new, item.unit, self._units, list_house_units(self.house))
        return " ".join(old.split()[: len(other.split())]).strip(",;:."), other

    @cached_property
    def _units(self) -> frozenset[str]:
        return split_units((item.unit for item in self.items), self.house.meaning)

    def _why_moved_in_table(self, item: Item, number: int, spot: Spot) -> str:
        origin, home = self.old[item.origin], self.new[spot.home]
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
        own = likeness(label_of(origin), label_of(home))
        if own < _SAME and label_of(home):
            for at, other in enumerate(self.old):
                if (
                    at != item.origin
                    and other.cells
                    and self._items_of[at]
                    and label_of(other) == label_of(home)
                ):
                    return _("the number stands in another row")
        return ""

    @cached_property
    def _items_of(self) -> dict[int, list[Item]]:
        found: dict[int, list[Item]] = defaultdict(list)
        for item in self.items:
            found[item.origin].append(item)
        return found

    # -- whole passages ----------------------------------------------------------

    def _judge_order(self) -> None:
        """Find what was put into another section: passages, whole tables, headings, whole sections."""
        said = {edit.mention for edit in self.edits}
        sections = self._sections()
        was, now = self._heads()
        displaced = self._displaced_heads()
        pairs = sorted((homes[0], origin) for origin, homes in self.alignment.homes.items())
        stay = [(home, origin) for home, origin in pairs if origin not in self.alignment.displaced]
        for home, origin in pairs:
            # Where a note stands is the business of the layout.
            if self.old[origin].note:
                continue
            head, above = was[origin], now[home]
            if above != head:
                gone = head >= 0 and head not in now.values()
                other = above >= 0 and sections[above]
                why = (
                    ""
                    if gone or not other
                    else _(
                        "the number now stands under the heading «{heading}»",
                        heading=shorten(self.old[above].text, 0),
                    )
                )
                around = {sections[above]} if why else set()
            elif head in displaced:
                why, around = _("its whole section was moved within the report"), {""}
            elif origin in self.alignment.displaced:
                before = [at for place, at in stay if place < home and was[at] == head][-1:]
                behind = [at for place, at in stay if place > home and was[at] == head][:1]
                why = _("its whole paragraph was moved to another section")
                around = {
                    sections[at] for at in before + [at for at in behind if self.old[at].context != "heading"]
                }
            else:
                continue
            for item in self._items_of[origin]:
                if around and item.section not in around and item.value is not None and item.id not in said:
                    self._add("moved", item, self._place_of(item, home), why)

    def _heads(self) -> tuple[list[int], dict[int, int]]:
        """Return the heading that each published passage stood under, and that each edited one stands under; -1 for none."""
        was, head = [], -1
        for at, passage in enumerate(self.old):
            head = at if passage.context == "heading" else head
            was.append(head)
        heads = {
            homes[0]: at
            for at, homes in self.alignment.homes.items()
            if self.old[at].context == "heading"
            # Run into the text, it is no heading any more.
            and not any(self._items_of[one] for one in self.alignment.origins[homes[0]] if one != at)
        }
        now, head = {}, -1
        for home in range(len(self.new)):
            head = heads.get(home, head)
            now[home] = head
        return was, now

    def _displaced_heads(self) -> set[int]:
        """Return the headings that no longer stand in their order."""
        heads = Alignment(self.old, self.new)
        heads.homes = {
            at: homes for at, homes in self.alignment.homes.items() if self.old[at].context == "heading"
        }
        return heads.displaced

    def _sections(self) -> list[str]:
        """Return the section of each published passage: of a heading that of what follows, of others that of what precedes."""
        found = [next((item.section for item in self._items_of[at]), "") for at in range(len(self.old))]
        for at in range(1, len(found)):
            if not found[at] and self.old[at].context != "heading":
                found[at] = found[at - 1]
        for at in range(len(found) - 2, -1, -1):
            found[at] = found[at] or found[at + 1]
        return found

    def _place_of(self, item: Item, home: int) -> list[Spot]:
        slots = self.alignment.numbers(item.origin, home)
        return [Spot(home, slots[number]) for number in item.numbers if number in slots]

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
                by_key[self._key(item)].append(at)
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

    def _key(self, item: Item) -> str:
        return self.old[item.origin].numbers[item.numbers[0]].key


def _clause(passage: Passage, number: int, meaning: Meaning) -> str:
    """Return the words that say what a number is; in a table those of its row and column."""
    cell = passage.cell_of(number)
    if cell is None:
        return clause_of(passage, number, meaning)
    return f"{' '.join(label_of(passage))} {plain_words(passage.cells[cell].column)}"
