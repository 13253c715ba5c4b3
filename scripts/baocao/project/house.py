"""
What belongs to one administration: words, formats, folder names, document blocks, layout.

The core speaks only through :class:`House`. A house is found by the name that
``params/place.yaml`` gives (``house: nd30``) among the entry points of the
group ``baocao.houses``, so that a further one may come with another
distribution: one frozen object, most of it data, some of it functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from baocao.project.errors import UsageError
from baocao.project.language import _

GROUP = "baocao.houses"
#: Matches nowhere: for what an administration does not have.
NOTHING = re.compile(r"(?!)")


def any_of(words: Iterable[str]) -> str:
    r"""
    Return a pattern for any of some words, the longest first; without any it matches nowhere.

    Examples
    --------
    >>> any_of(["tỷ", "tỷ đồng"]), any_of([])
    ('tỷ\\ đồng|tỷ', '(?!)')
    """
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or NOTHING.pattern


PeriodKind = Literal["month", "quarter", "half", "nine-months", "year"]


class PeriodName(NamedTuple):
    """What a text calls a period: ``("quarter", 2026, 1)``; ``number`` is 1 where a year has one of the kind."""

    kind: PeriodKind
    year: int
    number: int


class Span(Protocol):
    """A period as a house sees it; see :class:`baocao.project.periods.Period`."""

    @property
    def kind(self) -> PeriodKind:
        """Which kind of period."""

    @property
    def year(self) -> int:
        """The year it lies in."""

    @property
    def number(self) -> int:
        """Which of its kind in the year: 4 for ``2026-M04``, 1 for ``2026-Q1``, ``2026-9M`` and ``2026``."""

    @property
    def months(self) -> tuple[int, ...]:
        """Its calendar months, in order."""

    @property
    def start(self) -> date:
        """First day of its window."""

    @property
    def end(self) -> date:
        """Last day of its window."""

    @property
    def previous(self) -> Span:
        """The one of its kind before it."""

    @property
    def next(self) -> Span:
        """The one of its kind after it."""


@dataclass(frozen=True)
class Changes:
    """
    How a number is said to have moved against an earlier period.

    Parameters
    ----------
    rose, fell
        Before by how much; same: in place of it.
    points
        The unit in which two shares differ.
    unknown
        Printed where the earlier period has no such number.
    from_nothing
        Printed where that number was 0.
    """

    rose: str = "up"
    fell: str = "down"
    same: str = "unchanged"
    points: str = "percentage points"
    unknown: str = "no earlier figure to compare with"
    from_nothing: str = "not comparable, there was none before"


@dataclass(frozen=True)
class Numbers:
    """
    How numbers are written.

    Parameters
    ----------
    group, point
        Between thousands; before decimals.
    pad
        Least digits of a count below ten in running text: 2 prints ``07``.
    undefined, without_base
        Printed for a share of nothing: where there was nothing to share either,
        and where there was.
    percent
        Words that say ``%`` or ``‰``, by sign.
    times
        Words behind a number that multiply it, each with the spelling it is compared by.
    money
        Amounts of money by the words of their unit: how many of the smallest.
    bounds, minus
        Words before a number that make it a bound; those that make it negative.
    changes
        How a number is said to have moved.

    Examples
    --------
    >>> Numbers(group=",", point=".").punctuate("1,234.50")
    '1,234.50'
    """

    group: str
    point: str
    pad: int = 1
    undefined: str = "not applicable"
    without_base: str = "not computable"
    percent: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    money: Mapping[str, int] = field(default_factory=dict)
    bounds: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    changes: Changes = Changes()

    @cached_property
    def grouped(self) -> re.Pattern[str]:
        """A number with marks between thousands."""
        return re.compile(rf"\d{{1,3}}(?:{re.escape(self.group)}\d{{3}})+(?:{re.escape(self.point)}\d+)?")

    @cached_property
    def decimal(self) -> re.Pattern[str]:
        """A number without marks between thousands: its whole part, its decimals."""
        return re.compile(rf"(\d+)(?:{re.escape(self.point)}(\d+))?")

    @cached_property
    def thousand(self) -> re.Pattern[str]:
        """What may stand behind the blank in "142 186"."""
        return re.compile(rf"\d{{3}}(?:{re.escape(self.point)}\d+)?%?")

    @cached_property
    def percent_behind(self) -> re.Pattern[str]:
        """A sign or a word for per cent behind a number, group 1."""
        return re.compile(rf"\s*({any_of(self.percent)})")

    @cached_property
    def times_behind(self) -> re.Pattern[str]:
        """A word that multiplies, behind a number, group 1."""
        return re.compile(rf"\s*({any_of(self.times)})(?!\w)", re.IGNORECASE)

    @cached_property
    def bound_before(self) -> re.Pattern[str]:
        """A word that bounds a number or makes it negative, before it, group 1."""
        return re.compile(rf"(?<!\w)({any_of((*self.minus, *self.bounds))})\s+$", re.IGNORECASE)

    @cached_property
    def money_behind(self) -> re.Pattern[str]:
        """The unit of an amount of money behind a number, group 1."""
        return re.compile(rf"\s*({any_of(self.money)})\b")

    def punctuate(self, text: str) -> str:
        """Put this administration's marks in place of Python's, ``1,234.50``."""
        return text.translate({ord(","): self.group, ord("."): self.point})


#: Numbers as Python writes them, for what belongs to no project.
NEUTRAL = Numbers(group=",", point=".")


@dataclass(frozen=True)
class Dates:
    """
    How dates are written.

    Parameters
    ----------
    short, long
        In running text and tables; in the head of a document.
    spelt
        Dates in a text, with the groups ``day``, ``month``, ``year``.
    loose
        The same as people type them, with digits or words.
    parts
        Dates and what is left of one in a foreign text: a month, a year.
    months
        Numbers of the months that ``spelt`` may find by name, in small letters.
    """

    short: Callable[[date], str]
    long: Callable[[date], str]
    spelt: re.Pattern[str]
    loose: re.Pattern[str]
    parts: re.Pattern[str]
    months: Mapping[str, int] = field(default_factory=dict)

    def split(self, match: re.Match[str]) -> tuple[str, str, str, str]:
        """Return day, month and year of what one of the patterns found, as numbers, and all of it."""
        month = match["month"].casefold()
        return match["day"], str(self.months.get(month, month)), match["year"], match[0]

    def read(self, match: re.Match[str]) -> date:
        """
        Read what one of the patterns found.

        Raises
        ------
        ValueError
            There is no such day.
        """
        day, month, year, _text = self.split(match)
        return date(int(year), int(month), int(day))


@dataclass(frozen=True)
class Periods:
    """
    How periods are called.

    Parameters
    ----------
    label
        In running text, with its year: ``quý I năm 2026``, ``Q1 2026``.
    words
        What stands for ``{word}`` in titles and headings of ``params/reports.yaml``:
        the period's own words, those of the next and of the last one of its kind.
    window
        From its first to its last day.
    find
        The period that a form's header names; None where it names none.
    calendar
        Spellings of the period, its window and its years that count nothing in a text.
    spelt
        Names of periods within a text; ``find`` reads what they match.
    comparing
        Words, in small letters, of a sentence that compares with another period.
    numbered
        A period's number before its year, group 1; it is as much of a date as the year.
    numbers
        Spellings of that number, each with the one it is compared by.
    """

    label: Callable[[Span], str]
    words: Callable[[Span], Mapping[str, str]]
    window: Callable[[date, date], str]
    find: Callable[[str], PeriodName | None]
    calendar: Callable[[Span], Sequence[re.Pattern[str]]]
    spelt: Sequence[re.Pattern[str]] = ()
    comparing: tuple[str, ...] = ()
    numbered: re.Pattern[str] = NOTHING
    numbers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Constants:
    """
    What numerals are that count nothing.

    Parameters
    ----------
    symbol
        Number and letters of an official document.
    legal
        Articles, clauses, items.
    names
        Numerals that are part of any name: levels of government, house numbers.
    measures
        Words behind a numeral that make it a number in any case.
    captions
        Words a caption may begin with before its number.
    filled_in
        What clerks fill in when a document is signed.
    """

    symbol: re.Pattern[str] = NOTHING
    legal: re.Pattern[str] = NOTHING
    names: re.Pattern[str] = NOTHING
    measures: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    filled_in: re.Pattern[str] = NOTHING


@dataclass(frozen=True)
class Meaning:
    """
    What turns a clause round while its numbers stay.

    Parameters
    ----------
    opposites
        Pairs of words; only plain ones, since others may be rewording.
    negations, beside
        Words that deny, and those that come and go with them.
    joints
        Words that begin a clause of its own.
    vague
        Units that may stand for what was named before.
    verbs
        Words between what a number says and the number itself.
    measure
        The unit that a caption states for a whole table, group 1.
    units
        Words for units beside those of the values: of time, of money, of length.
    """

    opposites: tuple[tuple[str, str], ...] = ()
    negations: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    joints: tuple[str, ...] = ()
    vague: frozenset[str] = frozenset()
    verbs: tuple[str, ...] = ()
    measure: re.Pattern[str] = NOTHING
    units: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Folders:
    """
    Names under ``data/raw/<period>`` and beside the reports.

    The first three are the sources of forms in ``params/forms.yaml``.

    Parameters
    ----------
    units, offices
        Folders with one workbook a unit, one an office.
    register
        The workbook with the register of documents, and its form.
    narrative
        The folder of texts, one a report.
    tries
        The register of what came in.
    guide
        The sheet of a blank workbook that says how to fill it in.
    pictures
        The folder of the charts, in ``reports/<period>``.
    annex
        What the trace annex of a report is called: ``<report>.<annex>.xlsx``.
    """

    units: str
    offices: str
    register: str
    narrative: str
    tries: str
    guide: str
    pictures: str = "figures"
    annex: str = "sources"


@dataclass(frozen=True)
class Cells:
    """
    Words in the cells of submissions.

    Parameters
    ----------
    totals
        What the totals row is called.
    nothing
        What is written in place of 0.
    row_number
        The heading of a column that numbers the rows.
    """

    totals: tuple[str, ...]
    nothing: tuple[str, ...]
    row_number: str


@dataclass(frozen=True)
class Register:
    """Names of the columns of the register of documents in ``params/forms.yaml``."""

    key: str
    type: str
    symbol: str
    day: str
    issuer: str
    subject: str
    report: str
    section: str
    role: str


@dataclass(frozen=True)
class Citing:
    """
    How a document of the register is named in a text; ``{}`` is what is named.

    Parameters
    ----------
    number, day, issuer
        What is said behind the type: ``" số {}"``.
    date_only
        The date alone.
    day_behind
        A date right behind a symbol, with the groups of :attr:`Dates.spelt`.
    plan, year, years
        In a document's type and title: what makes it a plan, a year it is for
        (group 1), several years.
    head
        Before the name of a body, what makes its head the issuer: both give out
        numbers of one book.
    """

    number: str
    day: str
    issuer: str
    date_only: str
    day_behind: re.Pattern[str]
    plan: re.Pattern[str] = NOTHING
    year: re.Pattern[str] = NOTHING
    years: re.Pattern[str] = NOTHING
    head: re.Pattern[str] = NOTHING


class Facts(NamedTuple):
    """
    What the head and the closing of a report are made of.

    Parameters
    ----------
    place, place_name
        In short, and in full as in running text.
    title, copies
        With the period's words in them.
    number, issued_on
        Empty or None until they are known.
    """

    place: str
    issuer: tuple[str, ...]
    period: Span
    title: str
    symbol: str
    number: str
    issued_on: date | None
    recipient: tuple[str, ...]
    copies: tuple[str, ...]
    signature: tuple[str, ...]
    signer: str
    place_name: str = ""


class HeadEntry(NamedTuple):
    """
    One entry of a document's metadata, read by the template.

    Parameters
    ----------
    source
        The params file whose numerals it holds; they are held to be traced like
        those of the text. Empty where they are none of the report's.
    """

    key: str
    value: str | tuple[str, ...]
    source: str = ""


def number_annex(number: int, count: int) -> str:
    """
    Return what an annex is called: by a letter, the only one by none.

    Examples
    --------
    >>> number_annex(1, 1), number_annex(2, 3), number_annex(28, 30)
    ('Annex', 'Annex B', 'Annex AB')
    """
    letters = ""
    while number:
        number, last = divmod(number - 1, 26)
        letters = chr(ord("A") + last) + letters
    return f"Annex {letters}" if count > 1 else "Annex"


@dataclass(frozen=True)
class Annexes:
    """
    The heads of annexes.

    Parameters
    ----------
    label
        What an annex is called, by its number and how many there are.
    attached
        The line that says which document it belongs to; empty for none.
    sources
        The sheet of the workbook that says where the numbers come from.
    columns
        Heads of its columns: sheet and cell, mention, value, label, number, unit, operation, made of,
        how many cells, where they lie.
    note
        Above them; ``{hash}`` is what tells the workbook of one build from another's.
    """

    label: Callable[[int, int], str] = number_annex
    attached: Callable[[Facts], str] = lambda facts: ""  # noqa: ARG005
    sources: str = "Sources"
    columns: tuple[str, ...] = (
        "Cell", "Mention", "Value", "What it is", "Number", "Unit", "Operation", "Made of", "Cells", "Where they lie",
    )  # fmt: skip
    note: str = "Every number of the annexes and the cells it was made from. Trace: {hash}"


@dataclass(frozen=True)
class Document:
    """
    What is printed into every report.

    Parameters
    ----------
    kind
        What such a document is called.
    table, chart
        What the caption of a table and of a chart begins with, before its number.
    opening, closing
        Sections that the text before the first heading and after the last belongs to.
    head
        Makes the metadata of head and closing.
    before, after
        Keys of that metadata that are printed before and after the body, in order.
    prefix
        What its keys begin with.
    treated
        By treatment, what the report says of a unit; ``{unit}``, ``{why}``.
    treatments
        The sentence about all of them; ``{units}``.
    annexes
        How annexes are headed.
    """

    table: str
    chart: str
    opening: str
    closing: str
    head: Callable[[Facts], Sequence[HeadEntry]]
    before: tuple[str, ...]
    after: tuple[str, ...]
    prefix: str
    treated: Mapping[str, str]
    treatments: str
    kind: str = ""
    annexes: Annexes = field(default_factory=Annexes)


@dataclass(frozen=True)
class Letters:
    """
    Letters to those who report.

    Parameters
    ----------
    head
        Makes the metadata of head and closing: the addressee, what the letter is about, the facts.
    symbol
        Behind the number of a letter.
    files
        Names of the letter that returns a workbook, and of a reminder.
    about_return, about_reminder
        What a letter is about; ``{period}``.
    returned
        The paragraph before the table; ``{unit}``, ``{period}``, ``{came}``, ``{count}``.
    doubted
        The same where nothing is an error: numbers that are used and may be right.
    came
        Stands for ``{came}`` where the day is known; ``{day}``.
    columns
        Heads of the table: number, where, what stands there, what must stand there and what to do.
    where
        ``{sheet}``, ``{cells}``.
    whole
        Stands there where no cell can be named.
    closing
        The paragraph behind the table; ``{deadline}``.
    confirming
        The same where nothing is an error.
    reminded
        The paragraphs of a reminder; ``{unit}``, ``{period}``, ``{deadline}``.
    at_once
        Stands for ``{deadline}`` where none is set.
    by
        Before a deadline; ``{day}``.
    """

    head: Callable[[str, str, Facts], Sequence[HeadEntry]]
    symbol: str = ""
    files: tuple[str, str] = ("letter", "reminder")
    about_return: str = "{period}: report returned for correction"
    about_reminder: str = "{period}: report due"
    returned: str = (
        "The report of {unit} for {period}{came} cannot be used as it is. "
        "The {count} points below stand at the cells marked in the workbook that comes with this letter."
    )
    doubted: str = (
        "The report of {unit} for {period}{came} is in use. Please look at the {count} points below; "
        "they stand at the cells marked in the workbook that comes with this letter."
    )
    came: str = ", received on {day},"
    columns: tuple[str, str, str, str] = ("No.", "Where", "What stands there", "What to do")
    where: str = "Sheet {sheet}: {cells}"
    whole: str = "The workbook"
    closing: str = (
        "Please correct these cells in your own workbook, change nothing else, and send it again {deadline}."
    )
    confirming: str = (
        "Where an entry is wrong, please correct it in your own workbook and send it again; "
        "where it is right, please confirm it, {deadline}."
    )
    reminded: str = (
        "No report of {unit} for {period} has been received.\n\n"
        "Please fill in the workbook that was sent to you and return it {deadline}."
    )
    at_once: str = "as soon as you can"
    by: str = "by {day}"


@dataclass(frozen=True)
class Layout:
    """
    The format extension of documents, ``reports/_extensions/<name>``.

    Parameters
    ----------
    folder
        What is its own: the extension file, templates, looks, filters for its blocks. Tables, charts,
        mentions, the page and the typeface are those of every layout, beside :mod:`baocao.documents`;
        a file of the same name takes their place.
    """

    name: str
    folder: Path

    def files(self) -> dict[str, Path]:
        """Return all its files by their names below the extension's folder: it holds everything that it names."""
        shared = Path(__file__).parents[1] / "documents" / "extension"
        return {
            path.relative_to(folder).as_posix(): path
            for folder in (shared, self.folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }

    def list_fonts(self) -> list[Path]:
        """List the files of the page's typeface, in order of their names."""
        found = (path for name, path in sorted(self.files().items()) if name.endswith((".ttf", ".otf")))
        return list(found)


@dataclass(frozen=True)
class House:
    """
    One administration.

    Parameters
    ----------
    name
        As in ``params/place.yaml``.
    language
        Of the sentences people are shown, where they ask for no other: ``vi``, ``en``.
    starter
        The folder with a small working project, see :mod:`baocao.intake.starting`.

    Examples
    --------
    >>> find_house("nd30").document.table, find_house("nd30").folders.units
    ('Bảng', 'don-vi')
    """

    name: str
    language: str
    numbers: Numbers
    dates: Dates
    periods: Periods
    constants: Constants
    meaning: Meaning
    folders: Folders
    cells: Cells
    register: Register
    citing: Citing
    document: Document
    letters: Letters
    layout: Layout
    starter: Path


@lru_cache
def find_house(name: str) -> House:
    """
    Find a house by name.

    Raises
    ------
    UsageError
        No installed distribution brings it; the message lists those there are.
    """
    houses = {point.name: point for point in entry_points(group=GROUP)}
    if name not in houses:
        raise UsageError(
            _(
                "params/place.yaml: expected a house of {houses}, got {name!r}. Write one of those, or install the distribution that brings it (entry point {name!r} in the group {group!r}).",
                houses=", ".join(sorted(houses)) or _("none"),
                name=name,
                group=GROUP,
            )
        )
    house: House = houses[name].load()
    return house
