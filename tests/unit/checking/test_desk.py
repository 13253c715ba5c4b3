"""Slips that were planted are found at their cell, and a clean quarter is left in peace."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from baocao.checking.desk import flag_table
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.reading.forms import FormRow
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table

PARAMS = Params(Path(__file__).resolve().parents[3] / "params")
FORM = PARAMS.form("06a")
UNITS = [f"{10507 + 3 * n}" for n in range(40)]
FIELDS = [f"Lĩnh vực {n}" for n in range(7)]
BEFORE, NOW = Period(2026, 1), Period(2026, 2)
LEAVES = (
    "truc_tuyen",
    "truc_tiep",
    "ky_truoc",
    "truoc_han",
    "dung_han",
    "qua_han",
    "trong_han",
    "dang_qua_han",
)


def draw_row(draw, before=None):
    """Draw a field's figures, near those of the quarter before; every sum holds."""

    def near(number):
        return max(0, round(number * draw.uniform(0.85, 1.2) + draw.uniform(-1, 1)))

    size = 10 ** draw.uniform(0.5, 4)
    row = {
        "truc_tuyen": near(before["truc_tuyen"]) if before else round(size),
        "truc_tiep": near(before["truc_tiep"]) if before else round(size * draw.uniform(0.01, 0.4)),
        "ky_truoc": near(before["dang_giai_quyet"]) if before else round(size * 0.12),
    }
    received = sum(row.values())
    pending = round(received * draw.uniform(0.1, 0.14))
    late = round(pending * 0.2)
    resolved = received - pending
    due, overdue = round(resolved * draw.uniform(0.2, 0.24)), round(resolved * draw.uniform(0.02, 0.03))
    row |= {
        "truoc_han": resolved - due - overdue,
        "dung_han": due,
        "qua_han": overdue,
        "trong_han": pending - late,
        "dang_qua_han": late,
    }
    return add_up(row)


def add_up(row):
    row["tiep_nhan"] = row["truc_tuyen"] + row["truc_tiep"] + row["ky_truoc"]
    row["da_giai_quyet"] = row["truoc_han"] + row["dung_han"] + row["qua_han"]
    row["dang_giai_quyet"] = row["trong_han"] + row["dang_qua_han"]
    return row


def make(period, rows):
    return make_table(
        FORM,
        period,
        [
            TableRow(
                unit,
                "xa",
                f"don-vi/{unit}.xlsx",
                "06a",
                FormRow(
                    9 + FIELDS.index(field), {"linh_vuc": field, **{k: Fraction(v) for k, v in row.items()}}
                ),
            )
            for (unit, field), row in rows.items()
        ],
    )


def draw_quarters(seed):
    draw = random.Random(seed)
    before = {(unit, field): draw_row(draw) for unit in UNITS for field in FIELDS}
    return draw, before, {key: draw_row(draw, row) for key, row in before.items()}


def transpose(number):
    text = str(number)
    swaps = [int(text[:at] + text[at + 1] + text[at] + text[at + 2 :]) for at in range(len(text) - 1)]
    return max(swaps, key=lambda other: abs(other - number))


def double(number):
    text = str(number)
    return int(text[0] + text)


SLIPS = {
    "times-ten": lambda number: number * 10,
    "tenth": lambda number: number // 10,
    "thousandfold": lambda number: number * 1000,
    "transposed": transpose,
    "doubled-digit": double,
    "never-zero": lambda _number: 0,
}


def plant(draw, rows, before, rule, used, *, consistent):
    """Plant one slip; a consistent one has the sums of its row made anew, as a program would."""
    while True:
        key = draw.choice([*rows])
        column = draw.choice(LEAVES)
        row = rows[key]
        if key in used or min(row[column], before[key][column]) < 60:
            continue
        if rule == "swapped":
            other = draw.choice([name for name in LEAVES if name != column])
            one, two = row[column], row[other]
            if min(one, two) < 30 or max(one, two) < 4 * min(one, two):
                continue
            row[column], row[other] = two, one
        else:
            slipped = SLIPS[rule](row[column])
            if abs(slipped - row[column]) < 0.6 * row[column]:
                continue
            row[column] = slipped
        used.add(key)
        if consistent:
            add_up(row)
        return key, column


def test_a_clean_quarter_has_hardly_a_flag():
    for seed in range(3):
        _draw, before, now = draw_quarters(seed)
        assert len(flag_table(make(NOW, now), [make(BEFORE, before)])) <= 5


@pytest.mark.parametrize("consistent", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_sixty_planted_slips_are_found_at_their_cell(seed, consistent):
    draw, before, now = draw_quarters(seed)
    used: set = set()
    planted = [
        plant(draw, now, before, rule, used, consistent=consistent) for rule in (["swapped", *SLIPS] * 9)[:60]
    ]
    flags = flag_table(make(NOW, now), [make(BEFORE, before)])
    told = {(flag.unit, cell) for flag in flags for cell in flag.cells}
    found = [
        (unit, field, column)
        for (unit, field), column in planted
        if (unit, f"don-vi/{unit}.xlsx#06a!{FORM.column(column).column}{9 + FIELDS.index(field)}") in told
    ]
    assert len(planted) == 60
    assert len(found) >= 57
    rows = {(flag.unit, flag.indicator.partition(": ")[2]) for flag in flags}
    assert len(rows - used) <= 5


def test_the_file_of_the_quarter_before_is_told_once():
    _draw, before, now = draw_quarters(4)
    for field in FIELDS:
        now[UNITS[0], field] = dict(before[UNITS[0], field])
    [flag] = [
        one for one in flag_table(make(NOW, now), [make(BEFORE, before)]) if one.rule == "same-as-before"
    ]
    assert (flag.unit, flag.indicator, flag.period) == (UNITS[0], "06a", "2026-Q1")


def test_a_flag_says_what_was_and_what_is():
    _draw, before, now = draw_quarters(5)
    key = next(key for key, row in now.items() if row["truc_tuyen"] > 500)
    now[key]["truc_tuyen"] *= 10
    add_up(now[key])
    [flag] = [
        one
        for one in flag_table(make(NOW, now), [make(BEFORE, before)])
        if one.unit == key[0] and key[1] in one.indicator
    ]
    place = 9 + FIELDS.index(key[1])
    assert flag.as_dict() == {
        "unit": key[0],
        "indicator": f"06a.truc_tuyen: {key[1]}",
        "period": "2026-Q1",
        "before": str(before[key]["truc_tuyen"]),
        "now": str(now[key]["truc_tuyen"]),
        "rule": "times-ten",
        "cells": [f"don-vi/{key[0]}.xlsx#06a!D{place}", f"2026-Q1/don-vi/{key[0]}.xlsx#06a!D{place}"],
        "mark": flag.mark,
    }
    again = flag_table(make(NOW, now), [make(BEFORE, before)])
    assert [one.mark for one in again if one.place == flag.place] == [flag.mark]
    now[key]["truc_tuyen"] += 10
    add_up(now[key])
    moved = flag_table(make(NOW, now), [make(BEFORE, before)])
    assert flag.mark not in {one.mark for one in moved if one.unit == flag.unit}


def test_without_a_past_the_peers_say_what_is_too_much():
    form = PARAMS.form("chi-tieu")

    def table(numbers):
        rows = [
            TableRow(
                f"u{n}",
                "xa",
                f"don-vi/u{n}.xlsx",
                "chi-tieu",
                FormRow(7, {"ma": "ioc_tai_khoan", "gia_tri": Fraction(number)}),
            )
            for n, number in enumerate(numbers)
        ]
        return make_table(form, NOW, rows)

    assert flag_table(table([11, 14, 9, 37, 40, 22]), []) == []
    [flag] = flag_table(table([11, 140, 9, 37, 40, 22]), [])
    assert (flag.unit, flag.indicator, flag.rule, flag.before) == ("u1", "ioc_tai_khoan", "peers", None)
