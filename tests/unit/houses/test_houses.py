"""What every house must hold: numbers, dates and periods that read back as they were written."""

from __future__ import annotations

import re
import runpy
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.documents.numerals import Recogniser
from baocao.documents.passages import key_of
from baocao.project.errors import UsageError
from baocao.project.house import Facts, PeriodName, find_house
from baocao.project.models import NumberFormat
from baocao.project.periods import Period
from baocao.values.citations import Documents
from baocao.values.formatting import format_number
from baocao.verifying.misprints import read_number

HOUSES = [find_house(name) for name in ("nd30", "plain")]
REPOSITORY = Path(__file__).resolve().parents[3]
PLAIN = REPOSITORY / "scripts" / "baocao_houses" / "plain"
VIETNAMESE = re.compile(r"[ăâđêôơưạ-ỹ]", re.IGNORECASE)
houses = pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.name)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
numbers = st.fractions(-(10**12), 10**12, max_denominator=10**6)


@dataclass(frozen=True)
class Named:
    """A period of any kind, as a house sees it."""

    kind: str
    number: int
    year: int = 2026

    @property
    def next(self):
        return Named(self.kind, self.number, self.year + 1)

    @property
    def previous(self):
        return Named(self.kind, self.number, self.year - 1)

    @property
    def months(self):
        return {
            "month": (self.number,),
            "quarter": tuple(range(self.number * 3 - 2, self.number * 3 + 1)),
            "half": tuple(range(self.number * 6 - 5, self.number * 6 + 1)),
            "nine-months": tuple(range(1, 10)),
            "year": tuple(range(1, 13)),
        }[self.kind]

    @property
    def start(self):
        first = self.months[0] - 1
        return date(self.year, first, 15) if first else date(self.year - 1, 12, 15)

    @property
    def end(self):
        return date(self.year, self.months[-1], 14)


PERIODS = [
    *(Named("month", number) for number in range(1, 13)),
    *(Named("quarter", number) for number in range(1, 5)),
    *(Named("half", number) for number in (1, 2)),
    Named("nine-months", 1),
    Named("year", 1),
]


@houses
@given(number=numbers, decimals=st.integers(0, 6))
def test_a_printed_number_reads_back_as_it_was_rounded(house, number, decimals):
    printed = format_number(abs(number), NumberFormat(decimals=decimals), house.numbers)
    read = read_number(printed, house.numbers)
    assert abs(read.number - abs(number)) * 2 <= Fraction(1, 10**decimals)
    assert read.stands_for(abs(number))


@houses
@given(one=st.integers(0, 10**9), other=st.integers(0, 10**9))
def test_two_numbers_are_one_only_where_they_are(house, one, other):
    left, right = (format_number(Fraction(n), NumberFormat(), house.numbers) for n in (one, other))
    assert (key_of(left, house.numbers) == key_of(right, house.numbers)) == (one == other)
    assert key_of(left, house.numbers) == str(one)


@houses
@given(count=st.integers(1, 9))
def test_a_small_count_is_padded_as_the_house_does(house, count):
    assert format_number(Fraction(count), NumberFormat(), house.numbers) == str(count).zfill(
        house.numbers.pad
    )


@houses
@given(day=days)
def test_a_date_reads_back(house, day):
    for text in (house.dates.short(day), house.dates.long(day)):
        found = [house.dates.read(match) for match in house.dates.loose.finditer(text)]
        assert found == [day], text
    assert house.dates.parts.search(house.dates.short(day))[0]


@houses
@pytest.mark.parametrize("period", PERIODS, ids=lambda one: f"{one.kind}-{one.number}")
def test_a_period_of_any_kind_is_found_by_what_it_is_called(house, period):
    label = house.periods.label(period)
    if (house.name, period.kind) != ("plain", "year"):  # a year alone may be anything
        assert house.periods.find(label) == PeriodName(period.kind, 2026, period.number)
    assert all(isinstance(word, str) and word for word in house.periods.words(period).values())
    assert str(period.year) in house.periods.words(period).values()


@houses
@pytest.mark.parametrize("period", PERIODS, ids=lambda one: f"{one.kind}-{one.number}")
def test_what_a_period_is_called_counts_nothing(house, period):
    recogniser = Recogniser(period, (), Documents(None, house))
    window = house.periods.window(period.start, period.end)
    said = f"x {house.periods.label(period)}, {window}; 38 x"
    kinds = {numeral.text: numeral.kind for numeral in recogniser.find(said)}
    assert kinds.pop("38") is None
    if (house.name, period.kind) != ("plain", "year"):
        assert set(kinds.values()) == {"calendar"}, kinds


@houses
def test_a_caption_of_the_house_is_structure(house):
    recogniser = Recogniser(Period(2026, 1), (), Documents(None, house))
    for word in (house.document.table, house.document.chart):
        assert [one.kind for one in recogniser.find(f"{word} 3. x", "caption")] == ["structure"]


@houses
def test_the_head_has_the_keys_that_the_template_reads(house):
    facts = Facts("Demo", ("Office",), Period(2026, 1), "Title", "BC", "", None, (), (), (), "")
    keys = [entry.key for entry in house.document.head(facts)]
    assert len(keys) == len(set(keys))
    own = {key for key in keys if key.startswith(house.document.prefix)}
    assert set(keys) - own == {"title", "lang"}
    assert own <= {*house.document.before, *house.document.after}


@houses
def test_the_layout_is_whole(house):
    files = house.layout.files()
    assert {"_extension.yml", "reference.docx"} <= set(files)
    assert any(name.endswith(".ttf") for name in files)
    extension = files["_extension.yml"].read_text("utf-8")
    named = re.findall(r"(?:path|template|reference-doc): ([\w.-]+)", extension)
    named += re.findall(r"[\w-]+\.css", extension)
    assert len(named) >= 10
    assert set(named) <= set(files)
    assert all(path.is_file() for path in files.values())


def test_the_extension_of_this_repository_is_what_its_house_brings():
    lying = REPOSITORY / "reports" / "_extensions" / "nd30"
    files = {name: path.read_bytes() for name, path in find_house("nd30").layout.files().items()}
    found = {
        path.relative_to(lying).as_posix(): path.read_bytes()
        for path in lying.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    differing = [name for name in {**files, **found} if files.get(name) != found.get(name)]
    assert not differing, "change the layout under scripts/, then 'make layout'"


@houses
def test_no_layout_takes_a_file_of_another_house(house):
    others = {other.name for other in HOUSES} - {house.name}
    for name, path in house.layout.files().items():
        assert not others & set(path.relative_to(REPOSITORY).parts)
        if path.suffix in {".lua", ".typst", ".css", ".html", ".yml"}:
            assert not any(f"{other}-" in path.read_text("utf-8") for other in others), name


def test_what_every_layout_shares_has_no_word_of_one_language():
    for path in (REPOSITORY / "scripts/baocao/documents/extension").glob("*.*"):
        assert not VIETNAMESE.search(path.read_text("utf-8")), path.name


def test_the_word_template_of_plain_is_what_its_script_makes(tmp_path):
    made = tmp_path / "reference.docx"
    runpy.run_path(str(PLAIN / "make_reference.py"))["write"](made)
    assert made.read_bytes() == (PLAIN / "extension" / "reference.docx").read_bytes()


def test_a_house_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(UsageError, match=r"nd30, plain.*got 'nowhere'"):
        find_house("nowhere")
