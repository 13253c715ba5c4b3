"""What became of every mention and citation, and which numerals are new."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import log, sqrt
from typing import Any, Literal

from baocao.verifying.aligning import Alignment, likeness
from baocao.verifying.passages import Passage, key_of

Class = Literal["altered", "added", "lost", "moved"]
Reading = Literal["accepted", "rejected", "both"]

_SAME = 0.6  # likeness of the words around a number, for the same sentence elsewhere
_OTHER, _AHEAD = 0.6, 0.25  # so much like another number's words, and so much more than like its own
_REACH = 7
_STOP = re.compile(r"[.;:!?](?=\s|$)")
_WORD = re.compile(r"[^\W\d_]+")
_ACTIONS: dict[Class, str] = {
    "altered": "Khôi phục số đã công bố; nếu số liệu thay đổi thật, sửa dữ liệu gốc rồi lập lại báo cáo.",
    "added": "Xóa số này, hoặc bổ sung vào sổ liệu của kỳ để số có nguồn rồi lập lại báo cáo.",
    "lost": "Đưa số trở lại, hoặc bỏ nội dung này ở sổ tính của mục rồi lập lại báo cáo.",
    "moved": "Đưa số về đúng câu của nó; kiểm tra lại nghĩa của câu đang chứa số.",
}


@dataclass(frozen=True)
class Edit:
    """
    One number that is not as it was published.

    Parameters
    ----------
    mention, value
        None where the number belongs to no mention.
    expected, got
        As printed; empty where there is none.
    context
        The sentence it stands in, or stood in.
    reading
        With tracked changes accepted, rejected, or both.
    """

    kind: Class
    mention: str | None
    value: str | None
    section: str
    expected: str
    got: str
    context: str
    message: str
    reading: Reading = "both"

    @property
    def action(self) -> str:
        """What to do about it."""
        return _ACTIONS[self.kind]

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON types."""
        data = asdict(self)
        data["class"] = data.pop("kind")
        return {**data, "action": self.action}

    def __str__(self) -> str:
        names = {"altered": "SỬA", "added": "THÊM", "lost": "MẤT", "moved": "CHUYỂN CHỖ"}
        which = f" {self.mention}" if self.mention else ""
        value = f" ({self.value})" if self.value else ""
        reading = {
            "both": "",
            "accepted": " [khi chấp nhận các sửa đổi đang theo dõi]",
            "rejected": " [khi từ chối các sửa đổi đang theo dõi]",
        }[self.reading]
        return f"[{names[self.kind]}{which}{value}]{reading} {self.message}; «{self.context}». {self.action}"


@dataclass(frozen=True)
class Item:
    """A mention or citation where it was published: the numbers ``numbers`` of the passage ``origin``."""

    id: str
    value: str | None
    section: str
    printed: str
    origin: int
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Spot:
    """A number of the edited file."""

    home: int
    number: int


def find_items(published: Sequence[Passage], known: Mapping[str, Mapping[str, Any]]) -> list[Item]:
    """
    Find the mentions and citations in what was published.

    Parameters
    ----------
    known
        Mentions and citations of the trace by id.
    """
    items = []
    for origin, passage in enumerate(published):
        for mark in passage.marks:
            one = known.get(mark.id)
            numbers = tuple(passage.marked(mark.start, mark.end))
            if one is not None and numbers:
                items.append(Item(mark.id, one.get("value"), one["section"], one["printed"], origin, numbers))
    return items


def judge(alignment: Alignment, items: Sequence[Item]) -> list[Edit]:
    """Hold an edited file against what was published; in the order of what was published, new numbers last."""
    return _Judge(alignment, items).run()


class _Judge:
    def __init__(self, alignment: Alignment, items: Sequence[Item]) -> None:
        self.alignment = alignment
        self.items = items
        self.old = alignment.published
        self.new = alignment.edited
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
        self._judge_rest()
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
        self.claimed.update(whole)
        if not self._compare(item, whole):
            return
        for spots in places:
            if spots is not whole and not set(spots) & set(whole):
                self.claimed.update(spots)
                self._add("moved", item, spots, "số được chép thêm sang chỗ khác")
                return

    def _prefer(self, item: Item, places: Sequence[list[Spot]]) -> list[Spot]:
        homes = self.alignment.homes.get(item.origin, [])
        right = [spots for spots in places if self._misfits(item, spots) == []]
        at_home = [spots for spots in right if spots[0].home in homes]
        return next(iter([*at_home, *right, *places]))

    def _compare(self, item: Item, spots: list[Spot]) -> bool:
        """Hold the numbers that bear an item's mark against what was printed."""
        misfits = self._misfits(item, spots)
        if misfits:
            self._alter(item, spots)
            return False
        # What else stands in the mark was typed into it.
        wanted = {self.old[item.origin].numbers[n].key for n in item.numbers}
        printed = [spot for spot in spots if self._number(spot).key in wanted]
        if printed:
            self.claimed -= set(spots) - set(printed)
        if item.value is not None:
            why = self._why_moved(item, (printed or spots)[0])
            if why:
                self._add("moved", item, spots, why)
                return False
        return True

    def _misfits(self, item: Item, spots: Sequence[Spot]) -> list[str]:
        """Name the printed numbers that are not among those of the file."""
        left = [(self._number(spot).key, self.new[spot.home].sign(spot.number)) for spot in spots]
        if spots:
            # "142 186": Excel and people set blanks between thousands.
            text = self.new[spots[0].home].text[self._number(spots[0]).start : self._number(spots[-1]).end]
            left.append((key_of(text), left[-1][1]))
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
        found = [spot for spot in spots if spot is not None]
        self.claimed.update(found)
        if not found:
            self._add("lost", item, [], self._say_lost(item))
        elif len(found) < len(spots) or self._misfits(item, found):
            self._alter(item, found)
        elif item.value is not None:
            why = self._why_moved(item, found[0])
            if why:
                self._add("moved", item, found, why)

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
            Spot(home, self._slots(item.origin, home)[number])
            for home in homes
            if number in self._slots(item.origin, home)
        ]
        slots = [spot for spot in slots if self._is_free(spot)]
        equal = [spot for spot in slots if self._number(spot).key == key]
        if equal and (origin.cells or self._own(item, number, equal[0]) >= _SAME / 2):
            return equal[0]
        if not origin.cells or not slots:
            near = [spot for home in homes for spot in self._spots(home) if self._number(spot).key == key]
            near = [spot for spot in near if self._own(item, number, spot) >= _SAME]
            if near:
                return max(near, key=lambda spot: self._own(item, number, spot))
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
        away = [spot for spot in away if self._own(item, number, spot) >= _SAME or len(key) > 3]
        return max(away, key=lambda spot: self._own(item, number, spot)) if away else None

    def _is_free(self, spot: Spot) -> bool:
        return spot not in self.claimed and spot not in self.marked

    def _spots(self, home: int) -> Iterator[Spot]:
        for number in range(len(self.new[home].numbers)):
            if self._is_free(Spot(home, number)):
                yield Spot(home, number)

    def _slots(self, origin: int, home: int) -> dict[int, int]:
        known = self._numbers_of.get((origin, home))
        if known is None:
            known = self._numbers_of[origin, home] = self.alignment.numbers(origin, home)
        return known

    @cached_property
    def _numbers_of(self) -> dict[tuple[int, int], dict[int, int]]:
        return {}

    # -- meaning ---------------------------------------------------------------

    def _why_moved(self, item: Item, spot: Spot) -> str:
        """Say why a right number stands where it means something else; empty where it does not."""
        origin, home = self.old[item.origin], self.new[spot.home]
        number = item.numbers[0]
        own = self._own(item, number, spot)
        if spot.home not in self.alignment.homes.get(item.origin, ()):
            sections = {
                one.section for at in self.alignment.origins.get(spot.home, ()) for one in self._items_of[at]
            }
            if own < _SAME and not (origin.cells and not home.cells):
                return "số nằm trong một câu khác"
            return "" if not sections or item.section in sections else "số nằm ở mục khác"
        if origin.cells and home.cells:
            return self._why_moved_in_table(item, number, spot)
        if origin.cells or home.cells:
            return ""
        for other in self._items_of[item.origin]:
            if other is item or other.value is None or self._key(other) == self._key(item):
                continue
            alike = self._own(other, other.numbers[0], spot)
            if alike >= _OTHER and alike - own >= _AHEAD:
                return f"số đứng ở chỗ của {other.printed} ({other.id})"
        return ""

    def _why_moved_in_table(self, item: Item, number: int, spot: Spot) -> str:
        origin, home = self.old[item.origin], self.new[spot.home]
        before, now = origin.cell_of(number), home.cell_of(spot.number)
        if before is None or now is None:
            return ""
        was, stands = _plain(origin.cells[before].column), _plain(home.cells[now].column)
        heads = {_plain(cell.column) for cell in home.cells}
        if before != now and len(origin.cells) == len(home.cells) and was != stands:
            return "số nằm ở cột khác"
        if (
            was
            and was != stands
            and was in heads
            and stands in {_plain(cell.column) for cell in origin.cells}
        ):
            return "đầu cột của số đã đổi chỗ"
        own = likeness(_label(origin), _label(home))
        if own < _SAME and _label(home):
            for at, other in enumerate(self.old):
                if at != item.origin and other.cells and self._items_of[at] and _label(other) == _label(home):
                    return "số nằm ở dòng khác"
        return ""

    def _own(self, item: Item, number: int, spot: Spot) -> float:
        """Say how alike the words around a number are to those around an item's, 0 to 1."""
        return self._alike(
            self._words(self.old, item.origin, number), self._words(self.new, spot.home, spot.number)
        )

    def _words(self, passages: Sequence[Passage], at: int, number: int) -> dict[str, float]:
        key = (passages is self.old, at, number)
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
        for item in self.items:
            for word in self._words(self.old, item.origin, item.numbers[0]):
                counts[word] += 1
        return {word: log(1 + len(self.items) / count) for word, count in counts.items()}

    @cached_property
    def _most(self) -> float:
        return log(1 + len(self.items)) or 1.0

    @cached_property
    def _items_of(self) -> dict[int, list[Item]]:
        found: dict[int, list[Item]] = defaultdict(list)
        for item in self.items:
            found[item.origin].append(item)
        return found

    # -- whole passages ----------------------------------------------------------

    def _judge_order(self) -> None:
        """Find paragraphs that were put into another section."""
        said = {edit.mention for edit in self.edits}
        sections = self._sections()
        pairs = sorted((homes[0], origin) for origin, homes in self.alignment.homes.items())
        stay = [(home, origin) for home, origin in pairs if origin not in self.alignment.displaced]
        for home, origin in pairs:
            # Where a note stands is the business of the layout.
            if origin not in self.alignment.displaced or self.old[origin].note:
                continue
            before = [at for place, at in stay if place < home][-1:]
            behind = [at for place, at in stay if place > home][:1]
            around = {
                sections[at] for at in before + [at for at in behind if self.old[at].context != "heading"]
            }
            for item in self._items_of[origin]:
                if item.section not in around and item.value is not None and item.id not in said:
                    spot = self._place_of(item, home)
                    self._add("moved", item, spot, "cả đoạn được chuyển sang mục khác")

    def _sections(self) -> list[str]:
        """Give each published passage its section: a heading that of what follows, others that of what precedes."""
        found = [next((item.section for item in self._items_of[at]), "") for at in range(len(self.old))]
        for at in range(1, len(found)):
            if not found[at] and self.old[at].context != "heading":
                found[at] = found[at - 1]
        for at in range(len(found) - 2, -1, -1):
            found[at] = found[at] or found[at + 1]
        return found

    def _place_of(self, item: Item, home: int) -> list[Spot]:
        slots = self._slots(item.origin, home)
        return [Spot(home, slots[number]) for number in item.numbers if number in slots]

    def _judge_rest(self) -> None:
        """Look at the numerals that belong to no mention."""
        for home, passage in enumerate(self.new):
            constants = self._constants(home)
            copied = self._copied(home)
            for number, numeral in enumerate(passage.numbers):
                spot = Spot(home, number)
                if spot in self.claimed:
                    continue
                before = constants.get(number)
                if number in copied:
                    self.claimed.add(spot)
                    self._add("moved", copied[number], [spot], "đoạn chứa số được chép thêm sang chỗ khác")
                elif before is not None and before.key == numeral.key:
                    continue
                elif before is not None and (
                    numeral.kind is None
                    or (before.kind == numeral.kind and numeral.kind in {"calendar", "legal", "name"})
                ):
                    message = f"«{before.text}» bị sửa thành «{numeral.text}»"
                    self.edits.append(
                        Edit(
                            "altered", None, None, "", before.text, numeral.text, self._around(spot), message
                        )
                    )
                elif numeral.kind is None:
                    message = f"số {numeral.text} không có trong bản đã lập và không truy được về ô nào"
                    self.edits.append(
                        Edit("added", None, None, "", "", numeral.text, self._around(spot), message)
                    )

    def _constants(self, home: int) -> dict[int, Any]:
        """Give for numbers of an edited passage the constant that stood there."""
        found = {}
        for origin in self.alignment.origins.get(home, ()):
            used = {number for item in self._items_of[origin] for number in item.numbers}
            for number, now in self._slots(origin, home).items():
                if number not in used and self.old[origin].numbers[number].kind is not None:
                    found[now] = self.old[origin].numbers[number]
        return found

    def _copied(self, home: int) -> dict[int, Item]:
        origin = self.alignment.copies.get(home)
        if origin is None:
            return {}
        slots = self._slots(origin, home)
        return {
            slots[number]: item
            for item in self._items_of[origin]
            if item.value is not None
            for number in item.numbers
            if number in slots
            and self.new[home].numbers[slots[number]].key == self.old[origin].numbers[number].key
        }

    # -- what is said --------------------------------------------------------------

    def _alter(self, item: Item, spots: list[Spot]) -> None:
        got = self._text(item, spots)
        edit = self._make("altered", item, spots, f"«{item.printed}» bị sửa thành «{got}»")
        self.altered.append((item, len(self.edits), edit))
        self.edits.append(edit)

    def _find_exchanged(self) -> None:
        """Two numbers that stand in each other's place were not altered but moved."""
        by_key: dict[str, list[int]] = defaultdict(list)
        for at, (item, _, _) in enumerate(self.altered):
            if item.value is not None:
                by_key[self._key(item)].append(at)
        goes: dict[int, int] = {}
        for at, (item, _, edit) in enumerate(self.altered):
            if item.value is None:
                continue
            others = [other for other in by_key.get(key_of(edit.got), ()) if other != at]
            if others:
                goes[at] = min(others, key=lambda other: abs(other - at))
        for at in goes:
            path = [at]
            while path[-1] in goes and goes[path[-1]] not in path:
                path.append(goes[path[-1]])
            if goes.get(path[-1]) == at:
                item, position, edit = self.altered[at]
                other = self.altered[goes[at]][0]
                message = f"«{item.printed}» bị đổi chỗ: ở đây nay là «{edit.got}» của {other.id}"
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
        sign = passage.sign(spots[-1].number)
        times = sign.lstrip("-")
        if times and times not in self.old[item.origin].sign(item.numbers[-1]):
            return f"{passage.text[start:end]} {times}"
        minus = "-" if sign.startswith("-") else ""
        return minus + passage.text[start:end]

    def _say_lost(self, item: Item) -> str:
        if item.origin not in self.alignment.homes:
            return "đoạn, dòng hoặc chú thích chứa số không còn"
        return "số không còn trong câu, hoặc đã viết thành chữ"

    def _context_of(self, item: Item) -> str:
        homes = self.alignment.homes.get(item.origin)
        if homes:
            return _shorten(self.new[homes[0]].text, 0)
        passage = self.old[item.origin]
        return _shorten(passage.text, passage.numbers[item.numbers[0]].start)

    def _around(self, spot: Spot) -> str:
        passage = self.new[spot.home]
        return _shorten(passage.text, passage.numbers[spot.number].start)

    def _number(self, spot: Spot) -> Any:
        return self.new[spot.home].numbers[spot.number]

    def _key(self, item: Item) -> str:
        return self.old[item.origin].numbers[item.numbers[0]].key


def merge_readings(accepted: Iterable[Edit], rejected: Iterable[Edit]) -> list[Edit]:
    """Put the two readings of tracked changes together: what both have is said once."""
    left, right = list(accepted), list(rejected)

    def same(one: Edit, other: Edit) -> bool:
        return (one.kind, one.mention, one.expected, one.got) == (
            other.kind,
            other.mention,
            other.expected,
            other.got,
        )

    merged = [
        one if any(same(one, other) for other in right) else replace(one, reading="accepted") for one in left
    ]
    merged += [
        replace(one, reading="rejected") for one in right if not any(same(one, other) for other in left)
    ]
    return merged


def _describe(passage: Passage, number: int) -> dict[str, float]:
    """Weigh the words around a number: those of its own clause, what stands near it most."""
    if passage.cells:
        at = passage.cell_of(number)
        words = list(_label(passage)) + list(
            _plain(passage.cells[at].column).split() if at is not None else []
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


def _label(row: Passage) -> tuple[str, ...]:
    return tuple(word for word in row.words if word != "#")


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _shorten(text: str, at: int, width: int = 80) -> str:
    start, end = max(0, at - width), at + width
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
