"""Rows of the register of documents that no report can print, or that stand there twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from baocao.checking.listing import check_listing
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.reading.forms import FormRow
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table
from baocao.tracing.record import CitationMention, TraceRecord

PARAMS = Params(Path(__file__).resolve().parents[3] / "params")
DAY = dt.date(2026, 1, 5)


def check(*rows: tuple[str, str | None, str | None], record: TraceRecord | None = None):
    form = PARAMS.form("van-ban")
    names = [column.name for column in form.columns]
    entries = [
        dict.fromkeys(names)
        | {"ma": f"a{at}", "so_ky_hieu": symbol, "ngay": DAY, "bao_cao": reports, "muc": sections}
        for at, (symbol, reports, sections) in enumerate(rows)
    ]
    table = make_table(
        form,
        Period(2026, 1),
        [
            TableRow(None, None, "van-ban.xlsx", "van-ban", FormRow(7 + at, entry))
            for at, entry in enumerate(entries)
        ],
    )
    return [
        (one.code, [cell.partition("!")[2] for cell in one.cells])
        for one in check_listing(table, PARAMS, record)
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (("1/KH", None, None), []),
        (("1/KH", "kstthc", "I.1"), []),
        (("1/KH", "cchc", "II.1.b"), []),
        (("1/KH", "kstthc; cchc", "I.1; I.1"), []),
        (("1/KH", "kstth", "I.1"), [("unknown-report", ["G7"])]),
        (("1/KH", "kstthc; cch", "I.1; I.1"), [("unknown-report", ["G7"])]),
        (("1/KH", "kstthc", "I.77"), [("unknown-section", ["H7"])]),
        (("1/KH", "kstthc", None), [("unknown-section", ["H7"])]),
        (("1/KH", None, "I.1"), [("unknown-report", ["G7"])]),
        (("1/KH", "kstthc; cchc", "I.1"), [("unknown-section", ["H7"])]),
    ],
)
def test_a_row_is_for_a_section_that_there_is(row, found):
    assert check(row) == found


def test_one_document_has_one_row():
    assert check(("1/KH", None, None), ("2/KH", None, None)) == []
    assert check(("1/KH", None, None), ("1/kh ", None, None)) == [("symbol-twice", ["C7", "C8"])]
    assert check((None, None, None), (None, None, None)) == []  # type: ignore[arg-type]


def test_a_row_that_is_listed_and_not_printed_is_told():
    record = TraceRecord("2026-Q1", ("kstthc",), {}, {}, (), (), (), {})
    cited = CitationMention("c_1", "kstthc", "I.1", "1/KH", ("van-ban.xlsx#van-ban!C7",))
    row = ("1/KH", "kstthc", "I.1")
    assert check(row, record=record) == [("row-not-printed", ["H7"])]
    assert check(row, record=replace(record, citations=(cited,))) == []
    assert check(("1/KH", "cchc", "I.1"), record=record) == []
