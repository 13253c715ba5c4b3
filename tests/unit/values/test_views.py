"""Totals, counts and groups equal plain arithmetic over their cells, and nothing else can change them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.cells import CellRef
from baocao.project.errors import UsageError
from baocao.project.forms import Column, Form, Header
from baocao.project.models import Indicator, LevelWords, Unit
from baocao.project.periods import Period
from baocao.project.text import slug
from baocao.reading.forms import FormRow
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table
from baocao.values.criteria import BASIS, Among, Filled, Positive
from baocao.values.value import Value
from baocao.values.views import View

FIELDS = ("Đất đai", "Hộ tịch", "Chứng thực")
FORM = Form(
    name="06a",
    title="Thử",
    source="don-vi",
    sheet="06a",
    kind="table",
    header=Header(period="A1"),
    first_row=9,
    unit="hồ sơ",
    columns=(
        Column(name="linh_vuc", column="B", label="Thử", type="choice", choices=FIELDS, key=True),
        Column(name="tiep_nhan", column="C", label="Thử", type="count"),
        Column(name="qua_han", column="J", label="Thử", type="count"),
        Column(name="ghi_chu", column="K", label="Thử", type="text", blank=True),
    ),
)
UNITS = {
    code: Unit(code=code, name=f"Đơn vị {code}", type="xã", level="xa") for code in ("10507", "10510")
} | {"H01": Unit(code="H01", name="Sở Nội vụ", type="sở", level="so")}
PARAMS = SimpleNamespace(
    indicators={"hoso": Indicator(label="Hồ sơ", unit="hồ sơ")},
    units=UNITS,
    units_of=lambda _period: UNITS,
    place=SimpleNamespace(
        levels={"so": LevelWords(label="sở", name="sở"), "xa": LevelWords(label="xã", name="cấp xã")}
    ),
)

rows = st.lists(
    st.tuples(
        st.sampled_from(["H01", "10507", "10510"]),
        st.sampled_from(FIELDS),
        st.integers(0, 10**9),
        st.integers(0, 50),
    ),
    max_size=25,
)


def make_view(data) -> View:
    numbers = defaultdict(lambda: 8)
    made = []
    for unit, field, received, late in sorted(data, key=lambda row: row[0]):
        numbers[unit] += 1
        entries = {
            "linh_vuc": field,
            "tiep_nhan": Fraction(received),
            "qua_han": Fraction(late),
            "ghi_chu": "trễ hạn",
        }
        level = PARAMS.units[unit].level
        made.append(TableRow(unit, level, f"don-vi/{unit}-x.xlsx", "06a", FormRow(numbers[unit], entries)))
    table = make_table(FORM, Period(2026, 1), made)
    return View(table, PARAMS, tuple(range(len(table))))


def derivations(view: View) -> dict[str, Value]:
    """Give one value of each kind."""
    so, xa = view.where(level="so"), view.where(level="xa")
    made = {
        "total": view.total("tiep_nhan"),
        "of units": xa.total("tiep_nhan"),
        "of a field": view.where(linh_vuc="Đất đai").total("tiep_nhan"),
        "of two choices": view.where(level="xa", linh_vuc=["Đất đai", "Hộ tịch"]).total("qua_han"),
        "count": view.positive("qua_han").count(unit="dòng"),
        "count of a field": so.where(linh_vuc="Chứng thực").count(unit="dòng"),
        "distinct": view.distinct("linh_vuc", unit="lĩnh vực"),
        "share": view.total("qua_han") / view.total("tiep_nhan"),
    }
    made |= {f"by {key}": value for key, value in view.by("linh_vuc").total("tiep_nhan").items()}
    return made


@given(rows)
def test_values_equal_plain_arithmetic(data):
    made = derivations(make_view(data))
    level = {code: unit.level for code, unit in PARAMS.units.items()}
    total = sum(r for _, _, r, _ in data)
    assert made["total"].number == total
    assert made["of units"].number == sum(r for u, _, r, _ in data if level[u] == "xa")
    assert made["of a field"].number == sum(r for _, f, r, _ in data if f == "Đất đai")
    assert made["of two choices"].number == sum(
        late for u, f, _, late in data if level[u] == "xa" and f in {"Đất đai", "Hộ tịch"}
    )
    assert made["count"].number == sum(late > 0 for *_, late in data)
    assert made["count of a field"].number == sum(u == "H01" and f == "Chứng thực" for u, f, *_ in data)
    assert made["distinct"].number == len({f for _, f, *_ in data})
    late = sum(late for *_, late in data)
    assert made["share"].number == (Fraction(late * 100, total) if total else None)
    groups = {key[3:]: value.number for key, value in made.items() if key.startswith("by ")}
    assert groups == {f: sum(r for _, g, r, _ in data if g == f) for f in {f for _, f, *_ in data}}


@given(rows, st.data())
def test_no_cell_outside_its_cells_can_change_a_value(data, draw):
    view = make_view(data)
    if not len(view):
        return
    before = derivations(view)
    data = sorted(data, key=lambda row: row[0])
    index = draw.draw(st.integers(0, len(data) - 1))
    column = draw.draw(st.sampled_from(["linh_vuc", "tiep_nhan", "qua_han"]))
    changed = list(data[index])
    place = {"linh_vuc": 1, "tiep_nhan": 2, "qua_han": 3}[column]
    changed[place] = draw.draw(st.sampled_from(FIELDS) if place == 1 else st.integers(0, 10**9))
    after = derivations(make_view([*data[:index], tuple(changed), *data[index + 1 :]]))
    touched = view.table.cell(index, column)
    for name in before.keys() & after.keys():
        if touched not in before[name].cells():
            assert after[name].number == before[name].number, name


@given(rows)
def test_a_total_is_the_sum_of_its_terms(data):
    view = make_view(data)
    held = {view.table.cell(i, "tiep_nhan"): view.table.column("tiep_nhan")[i] for i in range(len(view))}
    for value in (view.total("tiep_nhan"), view.where(linh_vuc="Đất đai").total("tiep_nhan")):
        assert value.number == sum(held[ref] for ref, role in value.cells().items() if role == "term")


def test_the_conditions_of_rows_that_do_not_count_are_cells_of_the_count():
    view = make_view([("H01", "Đất đai", 1, 0), ("H01", "Hộ tịch", 1, 0)])
    cells = view.where(linh_vuc="Đất đai").total("tiep_nhan").cells()
    file = "don-vi/H01-x.xlsx"
    assert cells == {
        CellRef(file, "06a", "C9"): "term",
        CellRef(file, "06a", "B9"): "condition",
        CellRef(file, "06a", "B10"): "condition",
    }


def test_groups_are_named_after_their_keys():
    view = make_view([("H01", "Đất đai", 3, 0), ("10507", "Hộ tịch", 4, 0)])
    groups = view.by("unit").total("tiep_nhan", id="hoso")
    assert {key: (value.id, value.number) for key, value in groups.items()} == {
        "10507": ("hoso__10507", 4),
        "H01": ("hoso__h01", 3),
    }
    assert view.by("unit").label("H01") == "Sở Nội vụ"
    assert view.by("level").label("xa") == "Cấp xã"


def test_a_total_over_no_rows_is_nothing_and_has_no_terms():
    view = make_view([]).where(level="xa")
    assert view.total("tiep_nhan").number == 0
    assert view.total("tiep_nhan").cells() == {}


def test_what_is_not_there_is_said_with_what_is():
    view = make_view([("H01", "Đất đai", 1, 0)])
    with pytest.raises(UsageError, match="has no column 'tiep_nhap'; it has tiep_nhan, "):
        view.total("tiep_nhap")
    with pytest.raises(UsageError, match="is never 'Đất đâi'; it is one of: Đất đai, "):
        view.where(linh_vuc="Đất đâi")
    with pytest.raises(UsageError, match="what does"):
        make_view([]).unit_of.__func__(
            View(
                dataclasses.replace(view.table, form=FORM.model_copy(update={"unit": None})),
                PARAMS,
                (0,),
            ),
            "khong_ai_biet",
        )
    with pytest.raises(UsageError, match="expected one row"):
        make_view([("H01", "Đất đai", 1, 0), ("H01", "Hộ tịch", 1, 0)]).value("tiep_nhan")


@pytest.mark.parametrize(
    ("criteria", "near"),
    [
        ({"level": "sở"}, "one of: so, xa"),
        ({"unit": "H99"}, "one of: 10507, 10510, H01"),
        ({"type": "xa"}, "one of: xã, sở"),
        ({"linh_vuk": "Đất đai"}, "it has linh_vuc, "),
        ({"linh_vuc": ("Đất đai", "Dat dai")}, "one of: Đất đai, "),
        ({"ghi_chu": "TRE HAN"}, "one of: trễ hạn"),
        ({"qua_han": 3}, "expected a text or several, got 3"),
    ],
)
def test_a_criterion_that_names_nothing_is_refused_with_what_there_is(criteria, near):
    view = make_view([("H01", "Đất đai", 1, 0), ("10507", "Hộ tịch", 2, 0)])
    with pytest.raises(UsageError, match=near):
        view.where(**criteria)


@pytest.mark.parametrize("column", ["linh_vuc", "ghi_chu", "unit"])
def test_no_text_is_asked_whether_it_is_above_zero(column):
    with pytest.raises(UsageError, match="expected a column of numbers of form '06a': tiep_nhan, qua_han"):
        make_view([("H01", "Đất đai", 1, 0)]).positive(column)


def test_a_free_text_that_no_row_holds_yet_is_no_fault():
    view = make_view([("H01", "Đất đai", 1, 0)])
    assert len(view.where(ghi_chu="gia hạn")) == 0
    assert len(view.where(level="xa")) == 0


def test_an_unknown_group_is_refused_and_a_known_one_without_rows_is_empty():
    groups = make_view([("H01", "Đất đai", 1, 0)]).by("level")
    assert groups["xa"].total("tiep_nhan").number == 0
    with pytest.raises(UsageError, match="no group 'sở' by level; there is: so"):
        groups["sở"]


def test_texts_that_differ_in_case_are_one_group_as_they_are_one_choice():
    view = make_view([("H01", "Đất đai", 1, 0), ("H01", "đất ĐAI", 2, 0)])
    groups = view.by("linh_vuc")
    assert list(groups) == ["Đất đai"]
    assert (
        groups["Đất đai"].total("tiep_nhan").number
        == view.where(linh_vuc="Đất đai").total("tiep_nhan").number
    )


@given(rows, st.data())
def test_a_recorded_choice_chooses_the_same_rows_again(data, draw):
    view = make_view(data)
    chosen = view
    for criterion in draw.draw(
        st.lists(
            st.sampled_from(
                [
                    Among("level", ("xa",)),
                    Among("linh_vuc", FIELDS[:2]),
                    Positive("qua_han"),
                    Filled("tiep_nhan"),
                ]
            ),
            max_size=3,
        )
    ):
        chosen = chosen.keep(criterion)
    again = view
    for criterion in BASIS.validate_json(BASIS.dump_json(chosen.basis("tiep_nhan"))).criteria:
        again = again.keep(criterion)
    assert (again.rows, again.conditions, again.basis()) == (chosen.rows, chosen.conditions, chosen.basis())


def test_what_is_looked_at_is_bounded_whatever_stands_in_it():
    long = make_view([("H01", "Đất đai", 10**30, 1)] * 3000).where(ghi_chu=["x" * 10_000, "trễ hạn"])
    for shown in (repr(long), long._repr_html_(), repr(long.by("unit"))):
        assert len(shown) < 12_000
    assert "3000 row(s)" in repr(long)
    assert repr(make_view([])) == "06a: 0 row(s)"


def test_a_view_shown_as_html_escapes_its_texts():
    view = make_view([("H01", "<b>x</b>", 1, 0)]).where(ghi_chu=["<i>", "trễ hạn"])
    page = view._repr_html_()
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_frame_holds_bare_numbers_and_blanks():
    frame = make_view([("H01", "Đất đai", 5, 0), ("10507", "Hộ tịch", 7, 0)]).where(level="xa").frame()
    assert list(frame.columns) == ["unit", "level", "linh_vuc", "tiep_nhan", "qua_han", "ghi_chu"]
    assert frame["tiep_nhan"].dtype == "int64"  # else nothing of it can be plotted
    assert frame.iloc[0].tolist() == ["10507", "xa", "Hộ tịch", 7, 0, "trễ hạn"]


def test_letter_case_and_spaces_do_not_matter_and_diacritics_do():
    view = make_view([("H01", "Đất đai", 1, 0)])
    assert len(view.where(linh_vuc=" đất  ĐAI")) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Đất đai", "dat_dai"), ("H01", "h01"), ("a - b/c", "a_b_c"), ("đặc khu", "dac_khu")],
)
def test_slugs(text, expected):
    assert slug(text) == expected
