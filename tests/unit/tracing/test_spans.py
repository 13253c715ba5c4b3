"""Spans that are folded unfold to themselves, and to nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import TraceError
from baocao.tracing.record import parse_trace
from baocao.tracing.spans import fold_spans, unfold_blocks

SPANS = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("st"), st.integers(1, 2), st.integers(3, 4)),
    max_size=20,
)


@given(SPANS)
def test_folded_spans_unfold_to_themselves(spans):
    files = sorted({span[0] for span in spans})
    folded = fold_spans(spans, {file: number for number, file in enumerate(files)})
    read = json.loads(json.dumps({"files": dict.fromkeys(files, ""), "blocks": {"k": folded}}))
    folded = {key: [tuple(part) for part in parts] for key, parts in read["blocks"].items()}
    assert unfold_blocks(folded, read["files"])["k"] == tuple(spans)


def test_a_total_over_ten_times_the_units_is_one_range():
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
def test_a_run_of_files_that_are_not_there_is_refused(run):
    data = {
        "schema": 2, "period": "2026-Q1", "reports": [], "values": {}, "blocks": {"k": [run]}, "mentions": [],
        "citations": [], "charts": [], "files": {"a": "", "b": "", "c": ""},
    }  # fmt: skip
    with pytest.raises(TraceError, match=r"blocks: k: .*not in it"):
        parse_trace(json.dumps(data), "trace.json")


def test_a_trace_that_unfolds_without_end_is_refused():
    files = dict.fromkeys([f"{i:05}" for i in range(4000)], "")
    run = ("00000", "03999", 4000, "s", 1, 1)
    with pytest.raises(ValueError, match="not in it"):
        unfold_blocks({"k": [run] * 1000}, files)
