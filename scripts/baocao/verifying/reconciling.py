"""Every number of a published text held against the values of a period."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from baocao.documents.numerals import make_recogniser
from baocao.project.house import House, Numbers
from baocao.project.language import _
from baocao.reading.tables import read_tables
from baocao.tracing.evaluating import read_values
from baocao.tracing.trace import read_trace
from baocao.values.formatting import format_number
from baocao.verifying.matching import Likeness, Place, describe_number, match_places
from baocao.verifying.misprints import find_cause, read_number, same_amount
from baocao.verifying.texts import NOTE_CLOSE, NOTE_OPEN, TextParagraph, read_text

if TYPE_CHECKING:
    from baocao.documents.numerals import Recogniser
    from baocao.project.folder import Project
    from baocao.project.params import Params
    from baocao.project.periods import Period
    from baocao.tracing.record import Mention
    from baocao.tracing.trace import Trace
    from baocao.values.value import Value

Kind = Literal["equal", "different", "citation", "date", "structure", "unknown"]

# How alike words must be: for another number in its place, for one in a place
# whose own number the text has nowhere, for the same number elsewhere.
ALIKE, ALIKE_LOST, ALIKE_ELSEWHERE, ALIKE_OWN = 0.22, 0.08, 0.12, 0.07
_KINDS: dict[str, Kind] = {
    "citation": "citation", "legal": "citation", "calendar": "date", "name": "structure", "structure": "structure",
}  # fmt: skip
_UNREAD = 4  # rows that may have been missed between two that were read
_SENTENCE_END = re.compile(r"(?<=[.;!?…])\s+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Account:
    """
    What one number of a text is.

    Parameters
    ----------
    number
        As printed in the text.
    id, expected
        The value that stands in this place, and how it is printed; empty where none does.
    cause
        For ``different`` and ``unknown``: why, as far as it can be told.
    aliases
        Names that the value had before.
    """

    number: str
    kind: Kind
    section: str
    sentence: str
    id: str = ""
    expected: str = ""
    cause: str = ""
    aliases: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


@dataclass
class _Numeral:
    """A number of the text while its account is made."""

    paragraph: TextParagraph
    index: int
    start: int
    end: int
    text: str
    house: House
    account: Account | None = None

    def settle(self, kind: Kind, id: str = "", expected: str = "", cause: str = "") -> None:
        sentence = _find_sentence(self.paragraph.text, self.start)
        self.account = Account(self.text, kind, self.paragraph.section, sentence, id, expected, cause)


def reconcile(project: Project, period: Period, report: str, path: Path) -> list[Account]:
    """
    Account for every number of a text, in its order.

    A number is matched by what is said about it, not by its digits: by its
    section, the words around it and the numbers beside it, held against the
    sentences of the period's own report and the names of the values.

    Raises
    ------
    UsageError
        The text cannot be read, or there is no such report.
    TraceError
        The period has not been built.
    """
    project.params.report(report, period)
    trace = read_trace(project, period)
    tables = read_tables(project, period)
    recogniser = make_recogniser(project, period, tables)
    accounts = reconcile_text(
        read_text(path, project.house.cells.row_number), trace, report, recogniser, project.params
    )
    before = period.previous
    if project.raw(before).is_dir() and any(one.kind == "different" and not one.cause for one in accounts):
        earlier = read_values(read_tables(project, before), trace).values
        accounts = [_name_earlier(one, earlier, str(before), project.house.numbers) for one in accounts]
    return [replace(one, aliases=trace.names_before(one.id)) for one in accounts]


def _name_earlier(account: Account, earlier: Mapping[str, Value], period: str, style: Numbers) -> Account:
    if account.kind != "different" or account.cause or account.id not in earlier:
        return account
    number, printed = earlier[account.id].number, read_number(account.number, style)
    if number is None or printed is None or not printed.stands_for(number):
        return account
    return replace(account, cause=_("the number of {period}", period=period))


def reconcile_text(
    paragraphs: Sequence[TextParagraph], trace: Trace, report: str, recogniser: Recogniser, params: Params
) -> list[Account]:
    """Account for every number of paragraphs; see :func:`reconcile`."""
    cited = {one.printed for one in trace.record.citations}
    numerals = [one for i, p in enumerate(paragraphs) for one in _find_numerals(p, i, recogniser, cited)]
    ours = _read_mentions(trace, report, params)
    prose = [one for one in ours if one.group >= 0]
    _match_same_paragraphs(numerals, trace, report, recogniser.numeral)
    _match_tables(numerals, [one for one in ours if one.group < 0])
    _match_sections(numerals, prose)
    _match_elsewhere(numerals, [*prose, *_read_others(trace, report, params)])
    heads = _read_heads(recogniser)
    for one in numerals:
        if one.account is None:
            _settle_rest(one, heads)
        elif one.account.kind == "different" and one.account.id in params.indicators:
            behind, unit = one.paragraph.text[one.end : one.end + 20], params.indicators[one.account.id].unit
            if same_amount(one.text, behind, one.account.expected, unit, recogniser.house.numbers):
                one.account = replace(one.account, cause=_("same amount in another unit"))
    return [one.account for one in numerals if one.account is not None]


# -- the numbers of the text -----------------------------------------------------


def _find_numerals(
    paragraph: TextParagraph, index: int, recogniser: Recogniser, cited: Iterable[str]
) -> Iterator[_Numeral]:
    text = paragraph.text
    context = {"heading": "heading", "row": "row", "cell": "cell"}.get(paragraph.kind, "body")
    house = recogniser.house
    dates = [match.span() for match in house.dates.parts.finditer(text)]
    names = [match.span() for match in house.constants.names.finditer(text)]
    captions = "|".join(map(re.escape, house.constants.captions))
    names += [match.span() for match in re.finditer(rf"^\s*(?:{captions})\s+\d+", text)]
    texts = [(at, at + len(printed)) for printed in cited if (at := text.find(printed)) >= 0]
    wrong = _find_wrong_dates(text, recogniser)
    for found in recogniser.find(text, context):  # type: ignore[arg-type]
        one = _Numeral(paragraph, index, found.start, found.end, found.text, house)
        inside = (found.start, found.end)
        if found.start in wrong:
            one.settle("different", *wrong[found.start], _("date of the document"))
        elif (
            text.endswith(NOTE_OPEN, 0, found.start) and text.startswith(NOTE_CLOSE, found.end)
        ) or paragraph.kind == "page":
            one.settle("structure")
        elif found.kind is not None:
            one.settle(_KINDS[found.kind])
        elif _inside(inside, texts):
            one.settle("citation")
        elif _LETTER.search(found.text):
            one.settle("unknown", cause=_("no document of this symbol stands in the register"))
        elif paragraph.kind == "heading" and not text[: found.start].strip():
            one.settle("structure")
        elif _inside(inside, dates):
            one.settle("date")
        elif _inside(inside, names):
            one.settle("structure")
        yield one


def _find_wrong_dates(text: str, recogniser: Recogniser) -> dict[int, tuple[str, str]]:
    """Return where a date behind a symbol is not the register's: the symbol, and the date that it has there."""
    wrong = {}
    house = recogniser.house
    for symbol in house.constants.symbol.finditer(text):
        days = [one.day for one in recogniser.documents if one.symbol == symbol[0] and one.day]
        match = house.citing.day_behind.match(text, symbol.end())
        if match is None or not days:
            continue
        try:
            said = house.dates.read(match)
        except ValueError:
            said = None
        if said not in days:
            wrong[match.start("day")] = (symbol[0], house.dates.short(days[0]))
    return wrong


def _inside(span: tuple[int, int], spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def _find_sentence(text: str, at: int) -> str:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.start() >= at:
            return text[start : match.start()]
        start = match.end()
    return text[start:]


# -- the numbers of ours ---------------------------------------------------------


def _read_mentions(trace: Trace, report: str, params: Params) -> list[Place]:
    """Return the mentions of a report; those of tables, of which no words speak, have a group below 0."""
    mentions = [one for one in trace.record.mentions if one.report == report]
    sections: dict[str, int] = defaultdict(int)
    for one in mentions:
        sections[one.section] += 1
    seen: dict[str, int] = defaultdict(int)
    places: list[Place] = []
    group, last, at = -1, "", 0
    for mention in mentions:
        section, context = mention.section, mention.context
        seen[section] += 1
        position = seen[section] / sections[section]
        if not _is_prose(context):
            places.append(Place(mention.printed, section, position, {}, mention.value, -1))
            continue
        if context != last:
            group, last, at = group + 1, context, 0
        at = max(context.find(mention.printed, at), 0)
        label = _label(mention.value, params)
        words = describe_number(context, at, at + len(mention.printed), params.house.meaning, label)
        at += len(mention.printed)
        places.append(Place(mention.printed, section, position, words, mention.value, group))
    return places


def _read_others(trace: Trace, report: str, params: Params) -> list[Place]:
    """Return the values that other reports print, or that have a name and are printed nowhere."""
    others = [one for one in trace.record.reports if one != report]
    places = [one for other in others for one in _read_mentions(trace, other, params) if one.group >= 0]
    for key, node in trace.values.items():
        if key in params.indicators and node.number is not None:
            label, indicator = _label(key, params), params.indicators[key]
            printed = format_number(
                node.number, indicator.print, params.house.numbers, percent=indicator.unit == "%"
            )
            places.append(
                Place(printed, "", 0.5, describe_number("", 0, 0, params.house.meaning, label), key)
            )
    return places


def _label(key: str, params: Params) -> str:
    """Return what a value is called; a part behind ``__`` is called after its whole."""
    stem = key.partition("__")[0]
    return (
        f"{params.indicators[stem].label} {params.indicators[stem].unit}" if stem in params.indicators else ""
    )


def _is_prose(context: str) -> bool:
    return len(_LETTER.findall(context)) > len(re.findall(r"\d", context)) / 2 and len(context.split()) > 3


# -- matching --------------------------------------------------------------------


def _mask(text: str, numeral: re.Pattern[str]) -> str:
    return numeral.sub("#", re.sub(rf"[{NOTE_OPEN}{NOTE_CLOSE}*\\]|\s", "", text))


def _match_same_paragraphs(
    numerals: Sequence[_Numeral], trace: Trace, report: str, numeral: re.Pattern[str]
) -> None:
    """Settle paragraphs that say word for word what the period's own report says."""
    contexts: dict[str, dict[str, dict[int, Mention]]] = defaultdict(dict)
    at: dict[str, int] = defaultdict(int)
    for mention in trace.record.mentions:
        if mention.report != report or not _is_prose(mention.context):
            continue
        text = mention.context
        key = f"{mention.section}\n{text}"
        start = text.find(mention.printed, at[key])
        at[key] = start + len(mention.printed)
        number = sum(1 for match in numeral.finditer(text) if match.start() < start)
        contexts[_mask(text, numeral)].setdefault(text, {})[number] = mention
    paragraphs: dict[int, list[_Numeral]] = defaultdict(list)
    for one in numerals:
        paragraphs[one.index].append(one)
    for group in paragraphs.values():
        marked = [one for one in group if not _is_note_mark(one)]
        known = contexts.get(
            _mask(re.sub(f"{NOTE_OPEN}\\w+{NOTE_CLOSE}", "", group[0].paragraph.text), numeral)
        )
        if not known:
            continue
        for number, mention in next(iter(known.values())).items():
            if number < len(marked) and marked[number].account is None:
                _settle(marked[number], mention.printed, mention.value, {})


def _is_note_mark(one: _Numeral) -> bool:
    return one.paragraph.text.endswith(NOTE_OPEN, 0, one.start)


def _match_tables(numerals: Sequence[_Numeral], cells: Sequence[Place]) -> None:
    """Settle the cells of tables in their order, where a text has the tables of ours."""
    table = [one for one in numerals if one.account is None and one.paragraph.kind in ("cell", "row")]
    row = 0
    for one in table:
        # A column that counts its rows.
        first = not one.paragraph.text[: one.start].strip(" |")
        words = _LETTER.match(one.paragraph.text[one.end :].lstrip(" |"))
        # Rows that were broken into lines are no rows; the next ones go on counting.
        if (
            first
            and words
            and (one.text == "1" or (one.text.isdigit() and row < int(one.text) <= row + _UNREAD))
        ):
            row = int(one.text)
            one.settle("structure")
    table = [one for one in table if one.account is None]
    texts, ours = [one.text for one in table], [one.printed for one in cells]
    for tag, a, b, c, d in SequenceMatcher(None, texts, ours, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            for one, place in zip(table[a:b], cells[c:d], strict=True):
                _settle(one, place.printed, place.value, {})


def _match_sections(numerals: Sequence[_Numeral], prose: Sequence[Place]) -> None:
    """Match section by section, then what is left over all of them."""
    waiting = [one for one in numerals if one.account is None]
    taken = {one.account.id for one in numerals if one.account is not None}
    free = [one for one in prose if one.value not in taken] if taken - {""} else list(prose)
    groups: dict[str, list[_Numeral]] = defaultdict(list)
    for one in waiting:
        groups[_top(one.paragraph.section)].append(one)
    for section, group in groups.items():
        ours = [one for one in free if _top(one.section) == section]
        _match(group, ours)
    ours_too = {_top(one.section) for one in free}
    rest = [one for one in waiting if one.account is None and _top(one.paragraph.section) not in ours_too]
    _match(rest, free)


def _top(section: str) -> str:
    return ".".join(section.split(".")[:2])


def _match(numerals: Sequence[_Numeral], ours: Sequence[Place]) -> None:
    if not numerals or not ours:
        return
    foreign = _place(numerals)
    style = numerals[0].house.numbers
    known = _index(ours, style)
    agree = {(i, j) for i, one in enumerate(foreign) for j in known.get(_key(one.printed, style), ())}
    pairs = match_places(foreign, ours, agree)
    # A number that has a place of its own is not looked for in another.
    found = {j for i, j in agree if i not in pairs or (i, pairs[i][0]) not in agree}
    own = _accept(numerals, foreign, ours, {i: pair for i, pair in pairs.items() if (i, pair[0]) in agree})
    for i, (j, likeness) in pairs.items():
        if (i, j) in agree and (i, j) not in own:
            continue
        enough = ALIKE if j in found or foreign[i].section != ours[j].section else ALIKE_LOST
        exchanged = any((i, other) in agree and (k, j) in agree for k, (other, _) in pairs.items() if k != i)
        if (i, j) in own or ((exchanged or likeness >= enough) and foreign[i].shape == ours[j].shape):
            around = (
                {}
                if (i, j) in agree
                else {
                    ours[pairs[k][0]].value: (foreign[k].printed, ours[pairs[k][0]].printed)
                    for k in sorted(pairs, key=lambda k: abs(k - i))
                    if k != i and _top(foreign[k].section) == _top(foreign[i].section)
                    if abs(k - i) <= 2 or (k, pairs[k][0]) not in agree
                }
            )
            _settle(numerals[i], ours[j].printed, ours[j].value, around)


def _accept(
    numerals: Sequence[_Numeral],
    foreign: Sequence[Place],
    ours: Sequence[Place],
    pairs: Mapping[int, tuple[int, float]],
) -> set[tuple[int, int]]:
    """Take the pairs of one number that words vouch for, or another number of the sentence that is vouched for."""
    taken = {
        (i, j)
        for i, (j, likeness) in pairs.items()
        if likeness >= (ALIKE_OWN if foreign[i].section == ours[j].section else ALIKE)
    }
    for i, (j, _likeness) in pairs.items():
        for k in (i - 1, i + 1):
            if k not in pairs or (k, pairs[k][0]) not in taken or foreign[i].section != ours[j].section:
                continue
            if _same_sentence(numerals[i], numerals[k]) and ours[j].group == ours[pairs[k][0]].group:
                taken.add((i, j))
    return taken


def _same_sentence(one: _Numeral, other: _Numeral) -> bool:
    between = one.paragraph.text[min(one.end, other.end) : max(one.start, other.start)]
    return one.index == other.index and not re.search(r"[.!?…]\s", between)


def _key(printed: str, style: Numbers) -> tuple[object, ...] | None:
    one = read_number(printed, style)
    return (one.number, one.share, one.base) if one else None


def _index(places: Sequence[Place], style: Numbers) -> Mapping[tuple[object, ...] | None, list[int]]:
    """Return where each number stands."""
    known: dict[tuple[object, ...] | None, list[int]] = defaultdict(list)
    for j, place in enumerate(places):
        if (key := _key(place.printed, style)) is not None:
            known[key].append(j)
    return known


def _place(numerals: Sequence[_Numeral]) -> list[Place]:
    sections: dict[str, int] = defaultdict(int)
    for one in numerals:
        sections[one.paragraph.section] += 1
    seen: dict[str, int] = defaultdict(int)
    places = []
    for one in numerals:
        section = one.paragraph.section
        seen[section] += 1
        words = describe_number(one.paragraph.text, one.start, one.end, one.house.meaning)
        places.append(Place(one.text, section, seen[section] / sections[section], words, "", one.index))
    return places


def _match_elsewhere(numerals: Sequence[_Numeral], places: Sequence[Place]) -> None:
    """Give a number that stands in no place of its own the likeliest value of the same number."""
    waiting = [one for one in numerals if one.account is None]
    if not waiting:
        return
    alike, known = Likeness(places), _index(places, waiting[0].house.numbers)
    for one, place in zip(waiting, _place(waiting), strict=True):
        if same := known.get(_key(one.text, one.house.numbers)):
            likeness = alike(place)[same]
            best = places[same[int(likeness.argmax())]]
            if likeness.max() >= ALIKE_ELSEWHERE:
                _settle(one, best.printed, best.value, {})


def _settle(one: _Numeral, expected: str, id: str, around: Mapping[str, tuple[str, str]]) -> None:
    if _agree(one.text, expected, one.house.numbers):
        one.settle("equal", id, expected)
    else:
        one.settle("different", id, expected, find_cause(one.text, expected, around, one.house.numbers))


def _agree(printed: str, expected: str, style: Numbers) -> bool:
    one, other = read_number(printed, style), read_number(expected, style)
    return one is not None and other is not None and one.same(other)


def _read_heads(recogniser: Recogniser) -> set[str]:
    """Return the numbers that the documents of the register begin with."""
    return {
        match[0].lstrip("0")
        for document in recogniser.documents
        for match in re.finditer(r"\d+", document.symbol.split("/")[0] if document.symbol else document.key)
    }


def _settle_rest(one: _Numeral, heads: set[str]) -> None:
    # "Đề án 06", "NQ 57": a document of the register called by its bare number.
    called = re.search(r"[^\W\d_]+\s*$", one.paragraph.text[max(0, one.start - 40) : one.start])
    behind = one.paragraph.text[one.end :].lstrip()
    if called and one.text.isdigit() and one.text.lstrip("0") in heads and not re.match(r"[^\W\d_]", behind):
        one.settle("citation")
    else:
        one.settle("unknown", cause=_("no value of the period stands here"))
