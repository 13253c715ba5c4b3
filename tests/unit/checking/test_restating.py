"""A part that was corrected since it was issued is told, with the number of then and that of now."""

from __future__ import annotations

import hashlib
import json

import pytest

from baocao.checking.restating import compare_with_issued, find_restated, tell_restated
from baocao.project.folder import Project
from baocao.project.periods import parse_period

QUARTER = parse_period("2026-Q1")
FILE = "don-vi/H01-x.xlsx"


def fields(received):
    return (("Đất đai", (received + 4, received, 1, 3, received + 1, received, 1, 0, 3, 2, 1)),)


@pytest.fixture
def issued(sandbox):
    """A quarter with one unit, issued once with 10 received online."""
    path = sandbox.raw(FILE, sandbox.books.unit("H01", fields=fields(10)))
    leaf = {"form": "06a", "criteria": [{"column": "level", "texts": ["so"], "test": "among"}]}
    data = {
        "schema": 2, "period": "2026-Q1", "reports": ["kstthc"], "charts": [], "citations": [], "mentions": [],
        "values": {
            "hoso_so_trong_ky_truc_tuyen": {
                "op": "sum", "basis": leaf | {"column": "truc_tuyen"}, "number": "10", "unit": "hồ sơ",
                "parents": [], "sources": [["b1", "D", "term"]],
            },
            "hoso_so_da_giai_quyet": {
                "op": "sum", "basis": leaf | {"column": "qua_han"}, "number": "0", "unit": "hồ sơ",
                "parents": [], "sources": [["b1", "J", "term"]],
            },
        },
        "blocks": {"b1": [[FILE, "06a", 9, 9]]},
        "files": {FILE: hashlib.sha256(path.read_bytes()).hexdigest()},
    }  # fmt: skip
    folder = sandbox.project.output(QUARTER) / "issued" / "1"
    folder.mkdir(parents=True)
    (folder / "trace.json").write_text(json.dumps(data), encoding="utf-8")
    return sandbox


def test_nothing_is_told_while_the_files_are_those_that_were_issued(issued):
    assert compare_with_issued(issued.project, QUARTER) == []


def test_a_corrected_part_is_told_with_both_numbers_and_its_cell(issued):
    issued.raw(FILE, issued.books.unit("H01", fields=fields(15)))
    project = Project(issued.root)
    (one,) = find_restated(project, parse_period("2026-H1"), [f"2026-Q1/{FILE}"])
    assert (one.id, one.period, one.edition, one.before, one.now) == (
        "hoso_so_trong_ky_truc_tuyen", "2026-Q1", 1, "10", "15",
    )  # fmt: skip
    assert one.cells == (f"2026-Q1/{FILE}#06a!D9",)
    (finding,) = tell_restated([one])
    assert (finding.code, finding.severity, finding.ids) == ("restated", "warning", (one.id,))
    assert ("10" in finding.expected, finding.got) == (True, "15")


def test_a_period_that_takes_no_number_from_it_is_told_nothing(issued):
    issued.raw(FILE, issued.books.unit("H01", fields=fields(15)))
    assert find_restated(Project(issued.root), parse_period("2027-Q1")) == []
