"""A trace is read as it was written, and what is damaged in it is named."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import TraceError
from baocao.tracing.record import (
    Chart,
    CitationMention,
    Mark,
    Mention,
    TraceRecord,
    dump_trace,
    hash_mentions,
    parse_trace,
)
from baocao.values.criteria import Among, Basis, Row
from baocao.values.nodes import Node, NodeSource

FILES = {"a.xlsx": "0", "b.xlsx": "1", "c.xlsx": "2"}
RECORD = TraceRecord(
    "2026-Q1",
    ("kstthc",),
    {
        "nhan": Node(
            Fraction(5, 3),
            "hồ sơ",
            "sum",
            sources=(NodeSource("k", "C", "term"),),
            basis=Basis("06a", (Among("linh_vuc", ("a|b", "c, d=e")), Row(3)), "tiep_nhan"),
        ),
        "nhan__tu": Node(Fraction(2), "hồ sơ", "count", basis=Basis("06a")),
        "ty_le": Node(None, "%", "ratio", ("nhan", "nhan__tu")),
        "kin": Node(Fraction(-7), "ngày", "opaque", ("nhan",), basis="vì thế"),
    },
    {"k": (("a.xlsx", "s", 9, 11), ("b.xlsx", "s", 9, 11), ("c.xlsx", "t", 1, 1))},
    (Mention("m_1", "kstthc", "I.7", "nhan", "02", "Có 02."),),
    (CitationMention("c_1", "kstthc", "I.7", "1/QĐ", ("a.xlsx#s!B1",)),),
    (Chart("bd", "kstthc", "I.7", "Hình", (Mark("s", "l", "nhan"),)),),
    FILES,
    {"06a": "f"},
)
FRACTIONS = st.fractions(min_value=-(10**30), max_value=10**30)


def test_a_trace_is_read_as_it_was_written():
    text = dump_trace(RECORD)
    assert parse_trace(text, "trace.json") == RECORD
    assert dump_trace(parse_trace(text, "trace.json")) == text


@given(FRACTIONS | st.none(), st.text(max_size=9), st.text(max_size=9))
def test_any_number_and_any_text_come_back(number, text, words):
    values = {"v": Node(number, text, "opaque", basis=words)}
    record = TraceRecord("2026-Q1", (text,), values, {}, (), (), (), {})
    assert parse_trace(dump_trace(record), "trace.json") == record


def _set(*path, value=None, drop=False):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        if drop:
            del data[path[-1]]
        else:
            data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_set("schema", value=3), "schema"),
        (_set("values", drop=True), "values"),
        (_set("values", "nhan", "number", value="1.5"), r"values\.nhan\.number"),
        (_set("values", "nhan", "number", value="10/4"), r"values\.nhan\.number"),
        (_set("values", "nhan", "number", value=1.5), r"values\.nhan\.number"),
        (_set("values", "nhan", "op", value="product"), r"values\.nhan\.op"),
        (_set("values", "nhan", "more", value=1), r"values\.nhan\.more"),
        (_set("values", "nhan", "basis", "criteria", 0, "test", value="x"), r"values\.nhan\.basis"),
        (_set("values", "ty_le", "parents", 0, value="x"), r"values\.ty_le\.parents: no value 'x'"),
        (_set("values", "nhan", "parents", value=["ty_le"]), "a value is made of itself"),
        (_set("values", "nhan", "sources", 0, 0, value="x"), r"values\.nhan\.sources: no block 'x'"),
        (_set("blocks", "k", 0, 0, value="x.xlsx"), "blocks: k"),
        (_set("mentions", 0, "value", value="x"), r"mentions\.m_1: no value 'x'"),
        (_set("mentions", 0, "printed", drop=True), r"mentions\.0\.printed"),
        (_set("charts", 0, "marks", 0, 2, value="x"), r"charts\.bd: no value 'x'"),
        (_set("files", "a.xlsx", value=1), r"files\.a\.xlsx"),
    ],
)
def test_damage_is_named_with_its_place(change, place):
    data = json.loads(dump_trace(RECORD))
    change(data)
    with pytest.raises(TraceError, match=f"trace.json is damaged at .*{place}"):
        parse_trace(json.dumps(data), "trace.json")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"schema": 2'])
def test_what_is_no_trace_is_refused(content):
    with pytest.raises(TraceError, match="is damaged at"):
        parse_trace(content, "trace.json")


def test_words_of_an_old_trace_are_kept_as_words():
    data = json.loads(dump_trace(RECORD))
    data["schema"] = 1
    del data["tables"]
    data["values"]["nhan"]["basis"] = "06a[level=so].tiep_nhan"
    assert parse_trace(json.dumps(data), "trace.json").values["nhan"].basis == "06a[level=so].tiep_nhan"


def test_old_ids_become_those_of_today_with_their_parts():
    renamed = RECORD.renamed({"nhan": "tiep_nhan", "ty_le": "kin"})
    assert set(renamed.values) == {"tiep_nhan", "tiep_nhan__tu", "ty_le", "kin"}
    assert renamed.values["ty_le"].parents == ("tiep_nhan", "tiep_nhan__tu")
    assert (renamed.mentions[0].value, renamed.charts[0].marks[0].value) == ("tiep_nhan", "tiep_nhan")
    assert RECORD.renamed({"x": "y"}) is RECORD


def test_the_hash_of_mentions_is_that_of_one_report():
    other = Mention("m_2", "cchc", "I", "kin", "07", "")
    before = hash_mentions("kstthc", RECORD.mentions, RECORD.values)
    assert hash_mentions("kstthc", (*RECORD.mentions, other), RECORD.values) == before
    assert hash_mentions("cchc", (*RECORD.mentions, other), RECORD.values) != before
