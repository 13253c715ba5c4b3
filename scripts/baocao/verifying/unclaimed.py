"""The numerals of an edited file that belong to no mention: constants, copies, new numbers, units of tables."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from baocao.documents.passages import Number, Passage, label_of, make_form, shorten
from baocao.project.house import House
from baocao.project.language import N_, _
from baocao.verifying.aligning import Alignment
from baocao.verifying.edits import Edit
from baocao.verifying.items import Item, Spot, find_owners
from baocao.verifying.meaning import (
    are_same_unit,
    find_measure,
    find_other_measure,
    list_house_units,
    split_units,
)

_FIRM = frozenset(("calendar", "legal", "name"))  # constants that say something; others only count


def judge_rest(alignment: Alignment, items: Sequence[Item], claimed: AbstractSet[Spot]) -> list[Edit]:
    """
    Look at the numerals that belong to no mention, and at the units of whole tables.

    Parameters
    ----------
    claimed
        Numbers that belong to mentions and citations.
    """
    found = []
    owners = find_owners(items)
    filled = _find_filled(alignment)
    printed: dict[str, list[str]] = defaultdict(list)
    for (origin, number), item in owners.items():
        printed[alignment.published[origin].numbers[number].key].append(item.id)
    for home, passage in enumerate(alignment.edited):
        constants = _find_constants(alignment, home, owners)
        copied = _find_copied(alignment, home, items)
        for at, numeral in enumerate(passage.numbers):
            if Spot(home, at) in claimed or Spot(home, at) in filled:
                continue
            edit = _judge_one(
                passage, numeral, constants.get(at), copied.get(at), printed.get(numeral.key, ())
            )
            if edit is not None:
                found.append(edit)
    return [*found, *_judge_captions(alignment, items)]


def _judge_one(
    passage: Passage, numeral: Number, before: Number | None, copied: Item | None, alike: Sequence[str]
) -> Edit | None:
    around = shorten(passage.text, numeral.start)
    if copied is not None:
        message = _("«{printed}»: its paragraph was copied to another place", printed=copied.printed)
        printed = copied.printed
        return Edit("moved", copied.id, copied.value, copied.section, printed, numeral.text, around, message)
    if before is not None and (_says_no_other(before.key, numeral.key) or _only_counts(before, numeral)):
        return None
    if before is not None and (
        numeral.kind is None or (before.kind == numeral.kind and numeral.kind in _FIRM)
    ):
        message = _("«{was}» was changed to «{now}»", was=before.text, now=numeral.text)
        return Edit("altered", None, None, "", before.text, numeral.text, around, message)
    if numeral.kind is None:
        message = (
            _(
                "{number} does not stand here in the published report; elsewhere {ids} are printed so",
                number=numeral.text,
                ids=list(alike[:3]),
            )
            if alike
            else _("{number} is not in the published report and leads to no cell", number=numeral.text)
        )
        return Edit("added", None, None, "", "", numeral.text, around, message)
    return None


def _says_no_other(before: str, now: str) -> bool:
    """Return whether a constant still says the same; a year may lose its quarter."""
    return before == now or re.fullmatch(rf"[IVX]+/{re.escape(now)}", before) is not None


def _only_counts(before: Number, now: Number) -> bool:
    """Return whether the number of a row or heading was counted anew; a PDF does not say what is a row."""
    return before.kind == "structure" and re.fullmatch(r"\d{1,3}", now.text) is not None


def _find_constants(
    alignment: Alignment, home: int, owners: Mapping[tuple[int, int], Item]
) -> dict[int, Number]:
    """Return for numbers of an edited passage the constant that stood there, or stood elsewhere in it."""
    found: dict[int, Number] = {}
    elsewhere: dict[str, Number] = {}
    for origin in alignment.origins.get(home, ()):
        slots = alignment.numbers(origin, home)
        for number, numeral in enumerate(alignment.published[origin].numbers):
            if (origin, number) in owners or numeral.kind is None:
                continue
            if number in slots:
                found[slots[number]] = numeral
            elsewhere[numeral.key] = numeral
    for now, numeral in enumerate(alignment.edited[home].numbers):
        if now not in found and numeral.key in elsewhere:
            found[now] = elsewhere[numeral.key]
    return found


def _find_copied(alignment: Alignment, home: int, items: Sequence[Item]) -> dict[int, Item]:
    """Return for numbers of a passage that repeats another one the item that stands there."""
    origin = alignment.copies.get(home)
    if origin is None:
        return {}
    slots = alignment.numbers(origin, home)
    was, now = alignment.published[origin].numbers, alignment.edited[home].numbers
    return {
        slots[number]: item
        for item in items
        if item.origin == origin and item.value is not None
        for number in item.numbers
        if number in slots and now[slots[number]].key == was[number].key
    }


def _find_filled(alignment: Alignment) -> set[Spot]:
    """Return the numbers that were written into blanks: the report's own number and date, the clerk's notes."""
    forms = [form for form in map(make_form, alignment.published) if form is not None]
    clerks = {
        Spot(home, at)
        for home, passage in enumerate(alignment.edited)
        if passage.house is not None
        for match in passage.house.constants.filled_in.finditer(passage.text)
        for at, number in enumerate(passage.numbers)
        if match.start() <= number.start < match.end()
    }
    return clerks | {
        Spot(home, at)
        for home, passage in enumerate(alignment.edited)
        for form in forms
        for match in form.finditer(passage.text)
        for at, number in enumerate(passage.numbers)
        if any(start <= number.start < end for start, end in match.regs[1:])
    }


def _judge_captions(alignment: Alignment, items: Sequence[Item]) -> list[Edit]:
    """Find tables, columns and rows whose unit was changed for all of their numbers; each is said once."""
    house = alignment.house
    units = split_units((item.unit for item in items), house.meaning) | list_house_units(house)
    firsts: dict[int, Item] = {item.origin: item for item in reversed(items)}
    found: dict[tuple[str, str, str], Edit] = {}
    for origin, homes in alignment.homes.items():
        published, edited = alignment.published[origin], alignment.edited[homes[0]]
        for said, old, new in _list_labels(published, edited, has_numbers=origin in firsts):
            was, now = _find_other_measure(old, new, units, house)
            if now and (said, was, now) not in found:
                message = _(said, was=was, now=now)
                found[said, was, now] = Edit("altered", None, None, "", was, now, shorten(new, 0), message)
    return list(found.values())


def _list_labels(published: Passage, edited: Passage, *, has_numbers: bool) -> Iterator[tuple[str, str, str]]:
    if published.context == "caption":
        said = N_("the unit of the whole table, «{was}», was changed to «{now}»")
        yield said, published.text, edited.text
    if has_numbers and published.cells and len(published.cells) == len(edited.cells):
        said = N_("the unit of a column, «{was}», was changed to «{now}»")
        yield from (
            (said, one.column, other.column) for one, other in zip(published.cells, edited.cells, strict=True)
        )
        said = N_("the unit of a row, «{was}», was changed to «{now}»")
        yield said, " ".join(label_of(published)), " ".join(label_of(edited))


def _find_other_measure(old: str, new: str, units: frozenset[str], house: House) -> tuple[str, str]:
    """Hold the unit that a caption declares, else those that a label names, against what stands there now."""
    was, now = (find_measure(text, house.meaning) for text in (old, new))
    if was and now:
        return ("", "") if are_same_unit(was, now) else (was, now)
    return find_other_measure(old, new, units, house.numbers)
