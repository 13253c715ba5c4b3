"""Spans that are folded unfold to themselves, and to nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.periods import Period
from baocao.tracing.spans import fold_spans, unfold_blocks
from baocao.tracing.trace import Trace

PERIOD = Period(2026, 1)
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
