"""Before a submission is changed: what it feeds, and why it feeds nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.errors import TraceError
from baocao.periods import Period
from baocao.tracing import Trace, fold_spans, unfold_blocks

PERIOD = Period(2026, 1)
FILE = "don-vi/H01-x.xlsx"
OFFICE = "van-phong/ttpvhcc.xlsx"


@pytest.fixture
def trace(sandbox) -> Trace:
    content = sandbox.books.unit("H01", period="Quý I năm 2026")
    for file in (FILE, OFFICE, "don-vi/H02-y.xlsx"):
        sandbox.raw(file, content)
    sandbox.raw("loi-van/mau/01.md", b"Kh\xc3\xb4ng.")
    node = {"op": "sum", "basis": "", "number": "1", "unit": "", "parents": []}
    values = {
        "nhan": node | {"sources": [["b", "C", "term"], ["b", "G", "condition"]]},
        "khac": node | {"sources": [["o", "C", "term"]]},
        "tong": node | {"op": "sum", "parents": ["nhan", "khac"], "sources": []},
    }
    mentions = [
        {"id": f"m_{key}", "report": "mau", "section": "I", "value": key, "printed": "1"} for key in values
    ]
    data = {
        "schema": 1,
        "values": values,
        "blocks": {"b": [[FILE, "06a", 9, 11]], "o": [[OFFICE, "06a", 9, 9]]},
        "mentions": mentions,
        "citations": [
            {"id": "c", "report": "mau", "section": "I", "printed": "x", "cells": [f"{OFFICE}#06a!D2"]}
        ],
        "charts": [{"id": "bd", "marks": [["s", "l", "khac"]]}],
        "files": {FILE: "", OFFICE: ""},
    }
    return Trace(data, sandbox.project, PERIOD)


@pytest.mark.parametrize(
    ("what", "values", "charts"),
    [
        (f"{FILE}#06a!C10", ["nhan", "tong"], []),
        (f"{FILE}#06a!G11", ["nhan", "tong"], []),
        (FILE, ["nhan", "tong"], []),
        ("H01", ["nhan", "tong"], []),
        ("ttpvhcc", ["khac", "tong"], ["bd"]),
        (OFFICE, ["khac", "tong"], ["bd"]),
    ],
)
def test_what_is_fed_is_listed_through_what_is_made_of_it(trace, what, values, charts):
    fed = trace.impact(what)
    assert (fed["values"], fed["charts"], fed["note"]) == (values, charts, None)
    assert [one["id"] for one in fed["mentions"]] == [f"m_{key}" for key in trace.values if key in values]
    assert [one["id"] for one in fed["citations"]] == (["c"] if "khac" in values else [])


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (f"{FILE}#06a!C12", "reads this cell"),
        (f"{FILE}#06a!D10", "reads this cell"),
        ("don-vi/H02-y.xlsx", "reads this file"),
        ("loi-van/mau/01.md", "narrative"),
    ],
)
def test_what_feeds_nothing_says_why(trace, what, why):
    fed = trace.impact(what)
    assert not fed["values"]
    assert why in fed["note"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (f"{FILE}#06x!C9", "no sheet '06x'; it has 06a"),
        ("don-vi/H99-z.xlsx#06a!C9", "no file"),
        ("H99", "no file 'H99'"),
        ("../../../params/place.yaml", "no file"),
    ],
)
def test_what_is_not_there_is_refused(trace, what, said):
    with pytest.raises(TraceError, match=said):
        trace.impact(what)


SPANS = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("st"), st.integers(1, 2), st.integers(3, 4)),
    max_size=20,
)


@given(SPANS)
def test_folded_spans_unfold_to_themselves(spans):
    files = sorted({span[0] for span in spans})
    folded = fold_spans(spans, {file: number for number, file in enumerate(files)})
    read = json.loads(json.dumps({"files": dict.fromkeys(files, ""), "blocks": {"k": folded}}))
    assert unfold_blocks(read)["k"] == spans


def test_a_total_over_ten_times_the_units_is_one_range(sandbox):
    def size(count: int) -> int:
        files = [f"don-vi/{10000 + i}-xa.xlsx" for i in range(count)]
        order = {file: number for number, file in enumerate(files)}
        return len(json.dumps(fold_spans([(file, "06a", 9, 16) for file in files], order)))

    assert size(3500) < size(350) + 5


@pytest.mark.parametrize(
    "run",
    [
        ["a", "c", 2, "s", 1, 2],
        ["a", "b", 9, "s", 1, 2],
        ["x", "y", 2, "s", 1, 2],
        ["a", "b", 0, "s", 1, 2],
    ],
)
def test_a_run_of_files_that_are_not_there_is_refused(run, sandbox):
    data = {"schema": 1, "files": {"a": "", "b": "", "c": ""}, "values": {}, "blocks": {"k": [run]}}
    with pytest.raises(ValueError, match="not in it"):
        Trace(data, sandbox.project, PERIOD)


def test_a_trace_that_unfolds_without_end_is_refused(sandbox):
    files = dict.fromkeys([f"{i:05}" for i in range(4000)], "")
    run = ["00000", "03999", 4000, "s", 1, 1]
    with pytest.raises(ValueError, match="not in it"):
        unfold_blocks({"files": files, "blocks": {"k": [run] * 1000}})
