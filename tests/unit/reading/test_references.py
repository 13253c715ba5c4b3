"""Keys across forms and figures beside those of the period before."""

from __future__ import annotations

from fractions import Fraction

import pytest

from baocao.project.forms import Column, Form, FormIndicator, Header
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.reading.forms import FormRow
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table
from baocao.reading.tables.previous import compare_previous
from baocao.reading.tables.references import find_references

PERIOD = Period(2026, 1)


def column(name, letter, **changes):
    return Column(**{"name": name, "column": letter, "label": name, "type": "text", **changes})


def make_form(name, *columns, source="van-phong/ttpvhcc", **changes):
    return Form(
        name=name, title=name, source=source, sheet=name, kind=changes.pop("kind", "register"),
        header=Header(period="A1"), first_row=2, columns=columns, **changes,
    )  # fmt: skip


def fill(form, rows, *, period=PERIOD, unit=None, file=None):
    names = [one.name for one in form.columns]
    made = [
        TableRow(
            unit, None, file or f"{form.source}.xlsx", form.sheet,
            FormRow(number, {k: Fraction(v) if isinstance(v, int) else v for k, v in zip(names, row, strict=True)}),
        )
        for number, row in enumerate(rows, 2)
    ]  # fmt: skip
    return make_table(form, period, made)


@pytest.fixture
def params(tmp_path):
    (tmp_path / "place.yaml").write_text(
        "code: '1'\nname: A\nshort: A\nkind: B\nlevels: {so: {label: cơ quan, name: cấp tỉnh}, xa: {label: xã, name: cấp xã}}\n",
        encoding="utf-8",
    )
    (tmp_path / "units.csv").write_text(
        "code,name,type,level\nH01,Sở A,sở,so\n10507,Phường C,phường,xa\n10508,Xã D,xã,xa\n", encoding="utf-8"
    )
    (tmp_path / "offices.csv").write_text("code,name\nttpvhcc,Trung tâm\n", encoding="utf-8")
    return Params(tmp_path)


def find(params, monkeypatch, *tables):
    forms = {table.form.name: table.form for table in tables}
    monkeypatch.setattr(Params, "form", lambda _, name: forms[name])
    return find_references(params, PERIOD, {table.form.name: table for table in tables})


UNITS = make_form(
    "don-vi",
    column("ma", "A", key=True, refers=("units",), whole=True),
    column("ten", "B", of_unit="name"),
    column("cap", "C", of_unit="level"),
)
GOOD = [["H01", "Sở A", "cấp tỉnh"], ["10507", "phường C", "cấp xã"], ["10508", "Xã D", "cấp xã"]]


@pytest.mark.parametrize(
    ("row", "entry", "code", "cell"),
    [
        (1, ["10509", "Phường C", "cấp xã"], "unknown-key", "A3"),
        (1, ["10507", "Xã D", "cấp xã"], "wrong-unit-data", "B3"),
        (1, ["10507", "Phường C", "cấp tỉnh"], "wrong-unit-data", "C3"),
        (1, None, "missing-key", "A3"),
    ],
)
def test_a_register_of_units_holds_all_units_as_they_are(params, monkeypatch, row, entry, code, cell):
    assert find(params, monkeypatch, fill(UNITS, GOOD)) == []
    rows = [entry if number == row else one for number, one in enumerate(GOOD) if entry or number != row]
    found = find(params, monkeypatch, fill(UNITS, rows))
    assert code in [finding.code for finding in found]
    [one] = [finding for finding in found if finding.code == code]
    assert one.cells == (f"van-phong/ttpvhcc.xlsx#don-vi!{cell}",)
    assert one.unit == "ttpvhcc"


CATALOGUE = make_form("tthc", column("ma", "A", key=True))
PAID = make_form(
    "thu",
    column("ma", "A", key=True, refers=("tthc.ma",), unless={"loai": "bãi bỏ"}),
    column("loai", "B", blank=True),
)


def test_codes_outside_the_catalogue_are_told_once_with_all_their_cells(params, monkeypatch):
    rows = [["1.1", None], ["9.9", None], ["8.8", "Bãi bỏ"], ["7.7", "mới"]]
    [one] = find(params, monkeypatch, fill(CATALOGUE, [["1.1"], ["1.2"]]), fill(PAID, rows))
    assert (one.code, one.cells) == (
        "unknown-key",
        ("van-phong/ttpvhcc.xlsx#thu!A3", "van-phong/ttpvhcc.xlsx#thu!A5"),
    )


def test_a_form_that_is_not_there_refers_nowhere(params, monkeypatch):
    assert find(params, monkeypatch, fill(PAID, [["9.9", None]])) == []


# -- the period before --------------------------------------------------------------------
DOSSIERS = make_form(
    "06a", column("linh_vuc", "A", key=True), *(column(n, letter, type="count") for n, letter in zip("abcde", "BCDEF", strict=True)),
    source="don-vi", kind="table", flow=True,
)  # fmt: skip
ROWS = [["Đất đai", 10, 8, 2, 7, 3], ["Hộ tịch", 5, 5, 0, 5, 0]]


def compare(form, now, before, *, this=PERIOD, **place):
    return compare_previous(
        fill(form, now, period=this, **place), fill(form, before, period=this.previous, **place)
    )


def test_the_figures_of_the_period_before_sent_again_are_one_finding():
    place = {"unit": "H01", "file": "don-vi/H01-a.xlsx"}
    [one] = compare(DOSSIERS, ROWS, ROWS, **place)
    assert (one.code, one.unit) == ("same-as-before", "H01")
    changed = [[*ROWS[0][:-1], 4], ROWS[1]]
    assert compare(DOSSIERS, changed, ROWS, **place) == []
    zeros = [["Đất đai", 0, 0, 0, 0, 0]]
    assert compare(DOSSIERS, zeros, zeros, **place) == []


def test_rows_taken_over_by_a_treatment_are_not_held_against_themselves():
    assert compare(DOSSIERS, ROWS, ROWS, unit="H01", file="2025-Q4/don-vi/H01-a.xlsx") == []


MONEY = make_form("dtc", column("ma", "A", key=True), column("luy_ke", "B", type="number", cumulative="year"))


@pytest.mark.parametrize(
    ("this", "now", "found"),
    [
        (Period(2026, 2), 90, ["fallen"]),
        (Period(2026, 2), 120, []),
        (Period(2026, 1), 90, []),
        (Period(2026, 2), 100_000, ["thousandfold"]),
        (Period(2026, 1), 0, []),
    ],
)
def test_what_adds_up_over_the_year_does_not_fall_and_nothing_leaps(this, now, found):
    assert [one.code for one in compare(MONEY, [["v", now]], [["v", 100]], this=this)] == found


def test_an_indicator_that_only_grows():
    form = make_form(
        "ct", column("ma", "A", key=True), column("gia_tri", "B", type="count"), kind="indicators",
        indicators=(FormIndicator(code="x", label="x", unit="x", cumulative="ever"), FormIndicator(code="y", label="y", unit="y")),
    )  # fmt: skip
    [one] = compare(form, [["x", 9], ["y", 9]], [["x", 10], ["y", 10]])
    assert (one.code, one.cells[0][-2:], one.cells[1][-2:]) == ("fallen", "B2", "B2")
    assert one.cells[1].startswith("2025-Q4/")


def test_items_of_the_period_before_do_not_come_again():
    form = make_form("pakn", column("ma", "A", key=True), flow=True)
    [one] = compare(form, [["p1"], ["p2"], ["p3"]], [["p0"], ["P2"]])
    assert (one.code, one.cells) == ("counted-before", ("van-phong/ttpvhcc.xlsx#pakn!A3",))
