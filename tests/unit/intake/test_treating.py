"""A cell that counts as what was confirmed: said, traced, and stale as soon as the cell changes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from baocao.building.stitching import format_treatments
from baocao.cli.showing.derivations import format_derivation
from baocao.intake.treating import treat_cell
from baocao.project.errors import ParamsError, UsageError
from baocao.project.periods import Period
from baocao.reading.tables import check_tables, read_tables
from baocao.tracing.record import Stitched, TakenCell, dump_trace, make_record, parse_trace
from baocao.tracing.trace import Trace
from baocao.values.nodes import make_node
from baocao.values.views import whole_view

PERIOD = Period(2026, 1)
CELL = "don-vi/H01-x.xlsx#06a!D11"
PARAMS = """# giữ nguyên dòng này
period: 2026-Q1
signer: "Nguyễn Văn A"  # người ký
# treatments: chưa có
names: ["Đề án 06"]
"""


@pytest.fixture
def typed(sandbox, books):
    """A sandbox in which a unit has typed a count as text; the stored total has gone without it."""
    sandbox.fill()

    def edit(sheets, _book):
        sheets["06a"].write_string("D11", "1.000")
        sheets["06a"].write_formula("D12", "=SUM(D9:D11)", None, 6)

    sandbox.raw("don-vi/H01-x.xlsx", books.unit("H01", edit=edit))
    (sandbox.root / "params/2026-Q1.yaml").write_text(PARAMS, encoding="utf-8")
    return sandbox


def treat(sandbox, value: str = "1000", cell: str = CELL):
    treated = treat_cell(sandbox.project, PERIOD, cell, value, why="xác nhận qua điện thoại", who="Trần B")
    sandbox.project = type(sandbox.project)(sandbox.root)
    return treated


def test_the_finding_proposes_what_can_be_pasted(typed):
    (finding,) = read_tables(typed.project, PERIOD).unusable
    assert finding.code == "text-number"
    assert f"""'{CELL}': {{action: take, value: 1000, seen: '"1.000"',""" in finding.advice
    line = finding.advice[finding.advice.index(f"'{CELL}'") :].rstrip(".")
    line = line.replace("who: …", "who: B").replace("when: …", "when: 2026-03-20").replace("why: …", "why: x")
    with (typed.root / "params/2026-Q1.yaml").open("a", encoding="utf-8") as handle:
        handle.write(f"treatments:\n  {line}\n")
    project = type(typed.project)(typed.root)
    assert check_tables(project, PERIOD).findings == ()


def test_the_cell_counts_and_every_other_line_of_the_params_stays(typed):
    assert treat(typed).seen == '"1.000"'
    text = (typed.root / "params/2026-Q1.yaml").read_text(encoding="utf-8")
    assert text.startswith(PARAMS)
    checked = check_tables(typed.project, PERIOD)
    assert checked.findings == ()
    assert list(checked.treated) == [CELL]
    table = read_tables(typed.project, PERIOD).table("06a")
    assert table.column("truc_tuyen")[table.units.index("H01") + 2] == 1000
    assert "Sở A" in format_treatments(typed.project, checked.treated)
    # A second decision stands beside the first.
    treat(typed, "201", "don-vi/H01-x.xlsx#06a!E11")
    assert len(typed.project.params.period(PERIOD).treatments) == 2


def test_a_decision_is_stale_as_soon_as_the_cell_changes(typed, books):
    treat(typed)
    typed.raw("don-vi/H01-x.xlsx", books.unit("H01", edit=lambda s, _: s["06a"].write_number("D11", 1001)))
    (stale,) = (one for one in check_tables(typed.project, PERIOD).findings if one.code == "treatment-stale")
    assert (stale.severity, stale.cells, stale.expected) == ("error", (CELL,), '"1.000"')
    assert "1000" in stale.action
    (typed.project.raw(PERIOD) / "don-vi/H01-x.xlsx").unlink()
    codes = {one.code for one in check_tables(typed.project, PERIOD).findings}
    assert {"treatment-stale", "missing-submission"} <= codes


def test_the_number_and_the_text_of_the_same_digits_are_two(typed, books):
    treat(typed)
    typed.raw("don-vi/H01-x.xlsx", books.unit("H01"))
    assert "treatment-stale" in {one.code for one in check_tables(typed.project, PERIOD).findings}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (CELL, "nghìn"),
        (CELL, "1.5"),
        (CELL, "-3"),
        (CELL, "NaN"),
        ("don-vi/H01-x.xlsx#06a!Z99", "3"),
        ("don-vi/H01-x.xlsx#06a!D2", "3"),
        ("don-vi/H01-x.xlsx#khac!D9", "3"),
        ("don-vi/khac.xlsx#06a!D9", "3"),
    ],
)
def test_what_cannot_stand_there_is_refused_and_nothing_is_written(typed, cell, value):
    with pytest.raises(UsageError):
        treat(typed, value, cell)
    assert (typed.root / "params/2026-Q1.yaml").read_text(encoding="utf-8") == PARAMS


@pytest.mark.parametrize(
    "line",
    [
        '"H01": {action: take, value: 3, seen: "4", who: A, when: 2026-03-20, why: x}',
        f'"{CELL}": {{action: take, value: 3, who: A, when: 2026-03-20, why: x}}',
        f'"{CELL}": {{action: take, seen: "4", who: A, when: 2026-03-20, why: x}}',
    ],
)
def test_a_decision_says_all_of_it_about_one_cell(typed, line):
    (typed.root / "params/2026-Q1.yaml").write_text(f"{PARAMS}treatments:\n  {line}\n", encoding="utf-8")
    with pytest.raises(ParamsError):
        type(typed.project)(typed.root).params.period(PERIOD)


def test_the_trace_shows_what_stands_there_and_what_is_taken(typed):
    treat(typed)
    tables = read_tables(typed.project, PERIOD)
    value = whole_view(tables.table("06a"), typed.project.params).total(
        "truc_tuyen", id="online", unit="hồ sơ"
    )
    stitched = Stitched("kstthc", values={"online": make_node(value)})
    stitched.blocks = {source.block.key: tuple(source.block.spans) for source in value.sources}
    taken = {
        cell: TakenCell(one.value, one.seen, one.who, str(one.when), one.why)
        for cell, one in tables.taken.items()
    }
    record = make_record(str(PERIOD), [stitched], tables.sha256, {}, taken)
    record = parse_trace(dump_trace(record), "trace.json")
    trace = Trace(record, typed.project, PERIOD)
    (described,) = trace.find("online")
    (cell,) = (cell for cell in described.cells if cell.taken is not None)
    assert (cell.cell, cell.content, cell.taken.value, cell.taken.who) == (CELL, "1.000", "1000", "Trần B")
    assert sum(Fraction(cell.counted) for cell in described.cells) == value.number == 3 * 1006
    (part,) = trace.find("online__h01")
    assert part.number == "1006"
    text = format_derivation(trace, described)
    assert "TAKEN AS 1000: xác nhận qua điện thoại (Trần B" in text
    assert "don-vi/H01-x.xlsx = 1006 hồ sơ" in text
