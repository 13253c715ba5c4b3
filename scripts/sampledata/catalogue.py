"""The catalogue of procedures, and the decisions of the quarter that announce some of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sampledata.apportion import share
from sampledata.posting import catalogue_counts

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterator

    from baocao.project.models import Unit
    from sampledata.facts import Facts

ACTIONS = ("mới ban hành", "sửa đổi, bổ sung, thay thế", "bãi bỏ")
ACTION_IDS = ("tthc_cong_bo_moi", "tthc_cong_bo_sua_doi", "tthc_cong_bo_bai_bo")
GENERAL, SPECIAL = "danh mục", "đặc thù"


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure; ``unit`` looks after it, ``level`` is where it is resolved."""

    code: str
    name: str
    unit: str
    field: str
    level: str
    online: str
    one_stop: str
    shortened: str
    special: int | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """One procedure within a decision that announces it."""

    symbol: str
    code: str
    kind: str
    action: str

    @property
    def anywhere(self) -> bool:
        """Whether the decision lets it be handed in anywhere; the place's own follow in another one."""
        return self.kind == GENERAL and self.action != ACTIONS[2]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision that announces procedures."""

    symbol: str
    day: date
    kind: str
    subject: str


def new_codes(facts: Facts, number: int) -> list[str]:
    """
    Draw codes of the official shape, none twice; a longer list begins like a shorter one.

    Examples
    --------
    >>> from sampledata.facts import Facts
    >>> len(set(new_codes(Facts(), 50)))
    50
    """
    stock = list(range(100, 14_000))
    facts.random("codes").shuffle(stock)
    return [f"1.0{code:05d}{facts.shape['code_suffix']}" for code in stock[:number]]


def _names(words: dict[str, Any], field: str, extra: str) -> Iterator[str]:
    """Give names of a field's procedures, the plainest first, without an end short of the stock's."""
    stock = words["fields"][field]
    for name in stock.get("own", ()):
        yield name + extra
    kinds = [kind for kind in words["patterns"] if kind in stock]
    for turn in range(max(len(words["patterns"][kind]) for kind in kinds) if kinds else 0):
        for kind in kinds:
            patterns = words["patterns"][kind]
            if turn < len(patterns):
                for thing in stock[kind]:
                    yield patterns[turn].format(thing) + extra


def _marked(rng: random.Random, size: int, marks: dict[str, int], rest: str) -> list[str]:
    """Give `size` marks in random order: each as often as asked, the others `rest`."""
    found = [mark for mark, number in marks.items() for _ in range(number)]
    found += [rest] * (size - len(found))
    rng.shuffle(found)
    return found


def catalogue(facts: Facts) -> list[Procedure]:
    """
    Make up the catalogue with the published number of procedures in each state.

    Returns
    -------
    list of Procedure
        Agencies first, then communes; codes and names are distinct. Those with
        ``special`` (a position in ``words.yaml``) are the place's own.
    """
    words = facts.words
    rng = facts.random("catalogue")
    fields_twice = Counter(field for _, field in catalogue_counts(facts))
    drafts: list[tuple[str, str, str, str, int | None]] = []
    for (unit, field), (own, shared) in catalogue_counts(facts).items():
        special = [
            (index, item["name"])
            for index, item in enumerate(words["special"])
            if (item["unit"], item["field"]) == (unit, field)
        ]
        apart = fields_twice[field] > 1 and words["told_apart"].get(unit)
        names = _names(words, field, f" {apart}" if apart else "")
        level = "cấp xã" if unit == "xa" else "cấp tỉnh"
        keeper = words["looked_after"][field] if unit == "xa" else unit
        for index, name in special:
            drafts.append((name, keeper, field, level, index))
        for number in range(own - len(special) + shared):
            mine = "dùng chung" if number < shared else level
            drafts.append((next(names), keeper, field, mine, None))
    codes = new_codes(facts, len(drafts))
    size = len(drafts)
    if size != facts.count("tthc_tong"):
        raise ValueError(f"the levels of the catalogue sum to {size}, published is tthc_tong.")
    full = fully_online(facts)
    known = {index: "toàn trình" if index in full else "một phần" for index in range(len(words["special"]))}
    online = {"toàn trình": facts.count("dvctt_toan_trinh"), "một phần": facts.count("dvctt_mot_phan")}
    # The place's own procedures are online and shortened; the others get what is left of the marks.
    left = {mark: number - list(known.values()).count(mark) for mark, number in online.items()}
    outside = facts.shape["outside"]
    others = size - len(known)
    states = zip(
        _marked(rng, others, left, "chưa cung cấp"),
        _marked(rng, others, {"không thuộc diện": outside["mot_cua"]}, "có"),
        _marked(rng, others, {"không thuộc diện": outside["rut_ngan"]}, "có"),
        strict=True,
    )
    result = []
    for code, (name, unit, field, level, own_index) in zip(codes, drafts, strict=True):
        state = next(states) if own_index is None else (known[own_index], "có", "có")
        result.append(Procedure(code, name, unit, field, level, *state, special=own_index))
    return result


def fully_online(facts: Facts) -> set[int]:
    """Draw the place's own procedures (positions in ``words.yaml``) that are fit to be wholly online."""
    number = facts.count("tthc_dac_thu_du_dk_toan_trinh")
    return set(facts.random("dac-thu").sample(range(len(facts.words["special"])), number))


def decision_numbers(
    facts: Facts, number: int, topic: str = "decisions", taken: Collection[str] = ()
) -> list[tuple[str, date]]:
    """
    Draw symbols and days of decisions within the window, both rising together.

    Numbers that a real, cited decision bears are left out.

    Parameters
    ----------
    topic
        What the decisions are about; each topic has its own draw.
    taken
        Further symbols to leave out.

    Returns
    -------
    list of (str, date)
        Symbol and day, in the order of the days.
    """
    rng = facts.random(topic)
    shape = facts.shape["decisions"]
    taken = {row["so_ky_hieu"] for row in facts.documents}.union(taken)
    ranges = _daily_ranges(shape["last"], set(shape["holidays"]))
    window = [
        (day, first, last)
        for day, first, last in ranges
        if facts.period.start <= day <= facts.period.end and last > first
    ]
    chances = [
        (day, figure)
        for day, first, last in window
        for figure in range(first + 1, last + 1)
        if shape["symbol"].format(figure) not in taken
    ]
    # Sorting by day and number keeps one year behind the other.
    drawn = sorted(rng.sample(chances, number))
    return [(shape["symbol"].format(figure), day) for day, figure in drawn]


def working_days(facts: Facts, first: date, last: date) -> list[date]:
    """List the working days of a span, both ends included."""
    holidays = set(facts.shape["decisions"]["holidays"])
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5 and day not in holidays]


def _daily_ranges(last: dict[date, int], holidays: set[date]) -> list[tuple[date, int, int]]:
    """Give each working day the numbers (first, last] that were given out on it."""
    result = []
    known = sorted(last.items())
    for (before, low), (after, high) in pairwise(known):
        days = [before + timedelta(days=step) for step in range(1, (after - before).days + 1)]
        days = [day for day in days if day.weekday() < 5 and day not in holidays]
        if high < low or not days:
            continue
        marks = [low + (high - low) * index // len(days) for index in range(len(days) + 1)]
        result += [(day, marks[index], marks[index + 1]) for index, day in enumerate(days)]
    return result


def announcements(
    facts: Facts, procedures: list[Procedure], units: dict[str, Unit]
) -> tuple[list[Decision], list[Announced]]:
    """
    Make up the decisions of the quarter and the procedures in them.

    Every decision is about one agency's procedures. Abolished procedures are
    no longer in the catalogue and have codes of their own; no procedure is
    announced twice.

    Returns
    -------
    tuple
        Decisions by day, and their procedures in the same order.
    """
    rng = facts.random("announcements")
    counts = [facts.count(name) for name in ACTION_IDS]
    ordinary = [item for item in procedures if item.special is None]
    chosen = rng.sample(ordinary, sum(counts[:2]))
    gone = new_codes(facts, len(procedures) + counts[2])[len(procedures) :]
    entries = [
        (item.unit, item.field, item.code, ACTIONS[0] if index < counts[0] else ACTIONS[1])
        for index, item in enumerate(chosen)
    ]
    entries += [
        (item.unit, item.field, code, ACTIONS[2])
        for code, item in zip(gone, rng.choices(ordinary, k=len(gone)), strict=True)
    ]
    entries.sort()
    batches = _batches(entries, facts.count("qd_cong_bo_danh_muc_tthc"))
    kinds = [GENERAL] * len(batches)
    recent = [item for item in procedures if item.special is not None and not _tourism(facts, item)]
    special = sorted((item.unit, item.field, item.code, ACTIONS[0]) for item in recent)
    if len(special) != facts.count("tthc_dac_thu_cong_bo_trong_ky"):
        raise ValueError("words.yaml has another number of special procedures of the quarter than published.")
    more = _batches(special, facts.count("qd_cong_bo_tthc_dac_thu"))
    batches += more
    kinds += [SPECIAL] * len(more)
    order = list(range(len(batches)))
    rng.shuffle(order)
    decisions, rows = [], []
    for place, (symbol, day) in zip(order, decision_numbers(facts, len(batches)), strict=True):
        batch, kind = batches[place], kinds[place]
        template = facts.words["announced" if kind == GENERAL else "announced_special"]
        fields = ", ".join(sorted({field[0].lower() + field[1:] for _, field, _, _ in batch}))
        found = {action for *_, action in batch}
        listed = [action for action in ACTIONS if action in found]
        actions = " và ".join(part for part in (", ".join(listed[:-1]), listed[-1]) if part)
        unit = " và ".join(dict.fromkeys(units[code].name for code, *_ in batch))
        subject = template.format(actions=actions, fields=fields, unit=unit)
        decisions.append(Decision(symbol, day, kind, subject))
        rows += [Announced(symbol, code, kind, action) for _, _, code, action in batch]
    return decisions, rows


def _tourism(facts: Facts, item: Procedure) -> bool:
    assert item.special is not None
    return bool(facts.words["special"][item.special]["cut"])


def _batches(entries: list[tuple[str, str, str, str]], number: int) -> list[list[tuple[str, str, str, str]]]:
    """Cut sorted entries into `number` runs, none of them over two units where there are enough runs."""
    sizes = Counter(unit for unit, *_ in entries)
    units = list(sizes)
    if number < len(units):
        cuts = [len(entries) * index // number for index in range(number + 1)]
        return [entries[start:end] for start, end in pairwise(cuts)]
    # One decision each beforehand: every unit has entries to announce.
    parts = share(number - len(units), [sizes[unit] for unit in units], [sizes[unit] - 1 for unit in units])
    result = []
    for unit, extra in zip(units, parts, strict=True):
        mine = [entry for entry in entries if entry[0] == unit]
        cuts = [len(mine) * index // (extra + 1) for index in range(extra + 2)]
        result += [mine[start:end] for start, end in pairwise(cuts)]
    return result
