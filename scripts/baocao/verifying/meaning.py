"""What makes a right number in its place say something else: the clause turned round, another unit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from baocao.documents.passages import Passage, plain_words
from baocao.project.house import House, Meaning, Numbers, any_of
from baocao.project.language import _

_BREAK = re.compile(r"[.;:!?](?=\s|$)|[,()]")
_STOP = re.compile(r"[.;!?](?=\s|$)")


def clause_of(passage: Passage, index: int, meaning: Meaning) -> str:
    """
    Return the words that say what a number is: of its own clause, and the label before a colon.

    Examples
    --------
    >>> from baocao.documents.passages import Number
    >>> row = Passage("Quá hạn: 0 hồ sơ, đạt mức cao.", numbers=[Number(9, 10, "0", "0", None)])
    >>> from baocao.project.house import Meaning
    >>> clause_of(row, 0, Meaning())
    'quá hạn hồ sơ'
    """
    number = passage.numbers[index]
    start = passage.numbers[index - 1].end if index else 0
    end = passage.numbers[index + 1].start if index + 1 < len(passage.numbers) else len(passage.text)
    before, behind = passage.text[start : number.start], passage.text[number.end : end]
    breaks = list(_BREAK.finditer(before))
    if breaks and breaks[-1][0] == ":" and not before[breaks[-1].end() :].strip():
        before = _STOP.split(before[: breaks[-1].start()])[-1]
    elif breaks:
        before = before[breaks[-1].end() :]
    elif index:
        # What stands between two numbers says what the first one is.
        joints = list(re.finditer(rf"(?<!\w)(?:{any_of(meaning.joints)})(?!\w)", before))
        before = before[joints[-1].end() :] if joints else ""
    return plain_words(f"{before} {_BREAK.split(behind)[0]}")


def find_turn(old: str, new: str, meaning: Meaning) -> str:
    """
    Return which word turned a clause round; empty where none did.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> words = find_house("nd30").meaning
    >>> find_turn("hồ sơ đã có kết quả", "hồ sơ chưa có kết quả", words)
    '«đã» became «chưa»'
    >>> find_turn("số hồ sơ đạt yêu cầu", "số hồ sơ không đạt yêu cầu", words)
    '«không» was added'
    >>> find_turn("hồ sơ đang xử lý", "hồ sơ chưa xử lý xong", words)
    ''
    """
    for pair in meaning.opposites:
        for one, other in (pair, pair[::-1]):
            if _count(one, new) < _count(one, old) and _count(other, new) > _count(other, old):
                return _("«{was}» became «{now}»", was=one, now=other)
    before, now = Counter(old.split()), Counter(new.split())
    gone, come = set(before - now), set(now - before)
    if not (gone | come) - meaning.negations - meaning.beside:
        for word in sorted(come & meaning.negations):
            return _("«{word}» was added", word=word)
        for word in sorted(gone & meaning.negations):
            return _("«{word}» was taken out", word=word)
    return ""


def split_units(units: Iterable[str], meaning: Meaning) -> frozenset[str]:
    """
    Return the words for units that stand behind numbers.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> words = find_house("nd30").meaning
    >>> sorted(split_units(["hồ sơ", "DVC/TTHC", "%", "xã, phường", "văn bản"], words))
    ['dvc', 'hồ sơ', 'tthc', 'xã']
    """
    parts = {plain_words(part.split(",")[0]) for unit in units for part in unit.split("/")}
    return frozenset(parts - meaning.vague - {""})


def list_house_units(house: House) -> frozenset[str]:
    """Return the words for units that an administration uses beside those of its values."""
    return house.meaning.units | frozenset(house.numbers.money)


def find_other_unit(
    old: str, new: str, own: str, units: frozenset[str], others: frozenset[str] = frozenset()
) -> str:
    """
    Return which unit stands behind a number instead of its own; empty where it is its own, or no known one.

    Parameters
    ----------
    old, new
        What stands behind the number, as published and now.
    own
        The unit of its value.
    units, others
        Of the report's values; and further ones, which only take the place of a known one.

    Examples
    --------
    >>> units = frozenset(("hồ sơ", "tthc"))
    >>> find_other_unit(" TTHC, gồm", " hồ sơ, gồm", "TTHC", units)
    'hồ sơ'
    >>> find_other_unit(" thủ tục hành chính, gồm", " TTHC, gồm", "", units)
    ''
    >>> find_other_unit(" thủ tục, gồm", " TTHC, gồm", "", units, frozenset(("thủ tục",)))
    ''
    >>> find_other_unit(" hồ sơ, gồm", " thủ tục, gồm", "hồ sơ", units, frozenset(("thủ tục",)))
    'thủ tục'
    >>> others = frozenset(("ngày", "tháng"))
    >>> tuple(find_other_unit(old, " tháng qua", "", units, others) for old in (" ngày", " hồ sơ", " trong"))
    ('tháng', 'tháng', '')
    """
    before, now = plain_words(_BREAK.split(old)[0]), plain_words(_BREAK.split(new)[0])
    if before and any(_are_same(unit, before) for unit in (*units, *others)):
        units |= others
    stands = [unit for unit in units if f"{now} ".startswith(f"{unit} ")]
    if not stands or not before:
        return ""
    found = max(stands, key=len)
    stood = max((unit for unit in units if f"{before} ".startswith(f"{unit} ")), key=len, default="")
    if _shortens(stood, found) or _shortens(found, before.split()[0]):
        return ""
    words = plain_words(own)
    return "" if _are_same(found, before) or (words and _are_same(found, words)) else found


def _shortens(phrase: str, letters: str) -> bool:
    """Tell whether the initials of a phrase begin an abbreviation of more: "thủ tục" and TTHC."""
    initials = "".join(word[0] for word in phrase.split())
    return len(initials) > 1 and " " not in letters and letters.startswith(initials)


def find_other_measure(old: str, new: str, units: frozenset[str], numbers: Numbers) -> tuple[str, str]:
    """
    Return the units that a head or label states, and the others that it states now; empty where it states its own.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> numbers, units = find_house("nd30").numbers, frozenset(("hồ sơ", "đồng"))
    >>> find_other_measure("Dự toán (tỷ đồng)", "Dự toán (triệu đồng)", units, numbers)
    ('tỷ đồng', 'triệu đồng')
    >>> find_other_measure("Số hồ sơ", "Số nghìn hồ sơ", units, numbers)
    ('hồ sơ', 'nghìn hồ sơ')
    >>> find_other_measure("Số hồ sơ đã nhận", "Hồ sơ tiếp nhận", units, numbers)
    ('', '')
    >>> find_other_measure("Tỷ lệ (%)", "Tỷ lệ (‰)", units, numbers)
    ('%', '‰')
    """
    was, now = (_list_measures(text, units, numbers) for text in (old, new))
    if not was or not now or set(was) & set(now) or any(are_same_unit(a, b) for a in was for b in now):
        return "", ""
    return ", ".join(was), ", ".join(now)


def _list_measures(text: str, units: frozenset[str], numbers: Numbers) -> list[str]:
    """List the units in a text, each with the word that multiplies it."""
    words = any_of(sorted(units, key=len, reverse=True))
    pattern = rf"(?<!\w)(?:(?:{any_of(numbers.times)})\s+)?(?:{words})(?!\w)|{any_of(numbers.percent)}"
    found = [" ".join(match[0].split()).casefold() for match in re.finditer(pattern, text, re.IGNORECASE)]
    return list(dict.fromkeys(found))


def find_measure(caption: str, meaning: Meaning) -> str:
    """
    Return the unit that a caption states for a whole table.

    Examples
    --------
    >>> from baocao.project.house import find_house
    >>> find_measure("Bảng 5. Thu ngân sách (đơn vị tính: tỷ đồng)", find_house("nd30").meaning)
    'tỷ đồng'
    """
    match = meaning.measure.search(caption)
    return match[1].strip() if match else ""


def are_same_unit(one: str, other: str) -> bool:
    """
    Return whether two units are one, written out or by initials.

    Examples
    --------
    >>> are_same_unit("TTHC", "thủ tục hành chính"), are_same_unit("tỷ đồng", "triệu đồng")
    (True, False)
    """
    left, right = plain_words(one), plain_words(other)
    return bool(left and right) and (_are_same(left, right) or _are_same(right, left))


def _are_same(unit: str, words: str) -> bool:
    initials = "".join(word[0] for word in words.split())
    short = "".join(word[0] for word in unit.split())
    return (
        f"{words} ".startswith(f"{unit} ") or initials.startswith(unit) or words.split(maxsplit=1)[0] == short
    )


def _count(phrase: str, text: str) -> int:
    return len(re.findall(rf"(?<!\w){phrase}(?!\w)", text))
