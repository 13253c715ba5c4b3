"""Periods of every kind: spelt, ordered, split, and next to each other."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import UsageError
from baocao.project.house import find_house
from baocao.project.periods import Period, find_period, parse_period, split_file

COUNTS = {"month": 12, "quarter": 4, "half": 2, "nine-months": 1, "year": 1}
periods = st.sampled_from(sorted(COUNTS)).flatmap(
    lambda kind: st.builds(Period, st.integers(2001, 2998), st.integers(1, COUNTS[kind]), st.just(kind))
)


@given(periods)
def test_a_period_is_read_as_it_is_spelt(period):
    assert parse_period(str(period)) == period
    assert split_file(f"{period}/don-vi/a.xlsx") == (period, "don-vi/a.xlsx")


@given(periods)
def test_those_before_and_after_are_next_to_it(period):
    assert period.next.previous == period == period.previous.next
    if period.kind != "nine-months":
        assert period.next.start == period.end + timedelta(days=1)
    assert period.previous < period < period.next


@given(periods)
def test_what_a_period_is_made_of_fills_it_without_gaps(period):
    for kind in COUNTS:
        parts = period.split(kind)
        if not parts:
            continue
        assert (parts[0].start, parts[-1].end) == (period.start, period.end)
        assert all(one.end + timedelta(days=1) == other.start for one, other in pairwise(parts))


@given(periods, st.sampled_from(["nd30"]))
def test_a_house_finds_the_period_that_it_names(period, name):
    words = find_house(name).periods
    assert find_period(words.label(period), words) == period


@pytest.mark.parametrize(
    "text", ["2026-Q5", "2026-M13", "2026-M4", "2026-H3", "26-Q1", "2026-", "1999", "2026-Q1 "[:-1] + "x"]
)
def test_other_spellings_are_refused(text):
    with pytest.raises(UsageError, match="2026-M04"):
        parse_period(text)


def test_the_decree_s_windows():
    windows = {
        text: (parse_period(text).start.isoformat(), parse_period(text).end.isoformat())
        for text in ("2026", "2026-9M", "2026-H2", "2026-M01")
    }
    assert windows == {
        "2026": ("2025-12-15", "2026-12-14"),
        "2026-9M": ("2025-12-15", "2026-09-14"),
        "2026-H2": ("2026-06-15", "2026-12-14"),
        "2026-M01": ("2025-12-15", "2026-01-14"),
    }
