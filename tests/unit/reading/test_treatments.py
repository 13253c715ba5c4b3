"""Units that come and go: who is asked, and who carries over what was pending."""

from __future__ import annotations

import pytest

from baocao.project.folder import Project
from baocao.project.periods import Period
from baocao.reading.forms.treatments import find_idle
from baocao.reading.tables import check_tables, read_tables

BEFORE, NOW = Period(2025, 4), Period(2026, 1)
HEAD = "code,name,type,level,from,until,successor\n"
SO = "H01,Sở A,sở,so,,,\nH02,Sở B,sở,so,,,\n"


@pytest.fixture
def full(sandbox):
    sandbox.fill()
    return sandbox


def row(carried: int, pending: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """One field: so many carried over, so many pending at the end, none received."""
    solved = max(0, carried - pending)
    received = max(0, pending - carried)
    return (
        ("Đất đai", (carried + received, received, 0, carried, solved, solved, 0, 0, pending, pending, 0)),
    )


def write_units(sandbox, lines: str) -> None:
    (sandbox.root / "params" / "units.csv").write_text(HEAD + SO + lines, encoding="utf-8")
    sandbox.project = Project(sandbox.root)


def send(sandbox, period: Period, **numbers: tuple[int, int]) -> None:
    folder = sandbox.project.raw(period) / "don-vi"
    for path in folder.glob("[0-9]*"):
        path.unlink()
    for code in ("H01", "H02"):
        numbers[code] = (0, 0)
    for name, (carried, pending) in numbers.items():
        code = name.lstrip("u")
        level = "so" if code.startswith("H") else "xa"
        book = sandbox.books.unit(code, level=level, period=str(period), fields=row(carried, pending))
        sandbox.raw(f"don-vi/{code}-x.xlsx", book, period)


def carried_over(sandbox) -> list[tuple[str | None, str, str]]:
    findings = check_tables(sandbox.project, NOW).findings
    return [
        (one.unit, one.expected.partition(" ")[0], one.got.partition(",")[0])
        for one in findings
        if one.code == "carried-over"
    ]


MERGED = "10507,A,xã,xa,,2025-12-31,10510\n10508,B,xã,xa,,2025-12-31,10510\n10510,C,xã,xa,2026-01-01,,\n"
SPLIT = "10507,A,xã,xa,,2025-12-31,10510 10511\n10510,B,xã,xa,2026-01-01,,\n10511,C,xã,xa,2026-01-01,,\n"


def test_a_period_asks_the_units_that_are_there_on_its_last_day(full):
    write_units(full, MERGED)
    params = full.project.params
    assert list(params.units_of(BEFORE)) == ["H01", "H02", "10507", "10508"]
    assert list(params.units_of(NOW)) == ["H01", "H02", "10510"]
    assert list(params.units) == ["H01", "H02", "10507", "10508", "10510"]


def test_a_period_before_a_merger_reads_as_before(full):
    send(full, NOW, u10507=(0, 3))
    write_units(full, "10507,A,xã,xa,,2026-06-30,10510\n10510,C,xã,xa,2026-07-01,,\n")
    assert read_tables(full.project, NOW).unusable == ()
    assert set(read_tables(full.project, NOW).table("06a").units) == {"H01", "H02", "10507"}


def test_a_unit_that_has_ended_is_not_asked_and_its_file_is_told(full):
    write_units(full, MERGED)
    send(full, NOW, u10510=(0, 0), u10507=(0, 0))
    [finding] = read_tables(full.project, NOW).unusable
    assert (finding.code, finding.unit) == ("ended-unit", "10507")
    assert "10510" in finding.expected
    assert "10507" not in read_tables(full.project, NOW).table("06a").units


@pytest.mark.parametrize(
    ("units", "before", "now", "found"),
    [
        (MERGED, {"u10507": (0, 3), "u10508": (0, 4)}, {"u10510": (7, 0)}, []),
        (MERGED, {"u10507": (0, 3), "u10508": (0, 4)}, {"u10510": (4, 0)}, [("10510", "7", "4")]),
        (SPLIT, {"u10507": (0, 5)}, {"u10510": (2, 0), "u10511": (3, 0)}, []),
        (SPLIT, {"u10507": (0, 5)}, {"u10510": (2, 0), "u10511": (2, 0)}, [("10510", "5", "4")]),
        # nobody took over, or what is carried over comes from nowhere: the city does not add up
        ("10507,A,xã,xa,,2025-12-31,\n", {"u10507": (0, 5)}, {}, [("10507", "5", "0")]),
        ("10510,A,xã,xa,2026-01-01,,\n", {}, {"u10510": (6, 0)}, [("10510", "0", "6")]),
        ("10510,A,xã,xa,2026-01-01,,\n", {}, {"u10510": (0, 6)}, []),
        # a unit that keeps its code under another name
        ("10507,A,xã,xa,,2025-12-31,\n10507,Phường A,phường,xa,2026-01-01,,\n", {"u10507": (0, 5)}, {"u10507": (5, 0)}, []),
    ],
)  # fmt: skip
def test_what_was_pending_passes_to_who_took_over(full, units, before, now, found):
    write_units(full, units)
    send(full, BEFORE, **before)
    send(full, NOW, **now)
    assert carried_over(full) == found


def test_a_contradiction_stands_only_as_it_was_accepted(full):
    send(full, BEFORE, u10507=(0, 5))
    send(full, NOW, u10507=(4, 0))
    [finding] = [one for one in check_tables(full.project, NOW).findings if one.code == "carried-over"]
    assert finding.severity == "error"
    mark = finding.advice.partition("seen: ")[2][:8]
    cell = finding.cells[0]
    for where in ("10507", cell, cell.replace("!F", "!")):
        full.treat(
            where, NOW, action="accept", why="đối chiếu sau", who="Trần B", when="2026-03-20", seen=mark
        )
        checked = check_tables(full.project, NOW)
        assert [one.severity for one in checked.findings if one.code == "carried-over"] == ["warning"]
        assert list(checked.treated) == [where]
    send(full, NOW, u10507=(3, 0))
    checked = check_tables(full.project, NOW)
    assert [(one.code, one.severity) for one in checked.findings] == [("carried-over", "error")]
    assert checked.treated == {}
    send(full, NOW, u10507=(5, 0))
    assert check_tables(full.project, NOW).findings == ()
    treatments = read_tables(full.project, NOW).treatments
    assert [one.code for one in find_idle(treatments, {})] == ["treatment-unneeded"]


def test_a_row_that_does_not_add_up_stops_until_it_is_accepted(full):
    wrong = (("Đất đai", (9, 6, 1, 3, 7, 4, 2, 1, 3, 2, 1)),)
    book = full.books.unit("10507", level="xa", fields=wrong)
    full.raw("don-vi/10507-x.xlsx", book)
    tables = read_tables(full.project, NOW)
    assert {one.code for one in tables.unusable} == {"sum-mismatch"}
    marks = " ".join(one.advice.partition("seen: ")[2][:8] for one in tables.unusable)
    full.treat("10507", NOW, action="accept", why="x", who="B", when="2026-03-20", seen=marks)
    tables = read_tables(full.project, NOW)
    assert tables.unusable == ()
    assert list(tables.treated) == ["10507"]
    assert 9 in tables.table("06a").column("tiep_nhan")
