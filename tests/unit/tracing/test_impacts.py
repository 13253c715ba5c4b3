"""Before a submission is changed: what it feeds, and why it feeds nothing."""

from __future__ import annotations

import json

import pytest

from baocao.project.errors import TraceError
from baocao.project.periods import Period
from baocao.tracing.impacts import find_impact
from baocao.tracing.record import parse_trace
from baocao.tracing.trace import Trace

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
        {"id": f"m_{key}", "report": "mau", "section": "I", "value": key, "printed": "1", "context": ""}
        for key in values
    ]
    data = {
        "schema": 2,
        "period": "2026-Q1",
        "reports": ["mau"],
        "values": values,
        "blocks": {"b": [[FILE, "06a", 9, 11]], "o": [[OFFICE, "06a", 9, 9]]},
        "mentions": mentions,
        "citations": [
            {"id": "c", "report": "mau", "section": "I", "printed": "x", "cells": [f"{OFFICE}#06a!D2"]}
        ],
        "charts": [
            {"id": "bd", "report": "mau", "section": "I", "caption": "", "marks": [["s", "l", "khac"]]}
        ],
        "files": {FILE: "", OFFICE: ""},
    }
    return Trace(parse_trace(json.dumps(data), "trace.json"), sandbox.project, PERIOD)


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
    fed = find_impact(trace, what)
    assert (fed.values, fed.charts, fed.note) == (tuple(values), tuple(charts), None)
    assert [place.id for place in fed.mentions] == [f"m_{key}" for key in trace.values if key in values]
    assert [place.id for place in fed.citations] == (["c"] if "khac" in values else [])


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
    fed = find_impact(trace, what)
    assert not fed.values
    assert why in fed.note


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
        find_impact(trace, what)
