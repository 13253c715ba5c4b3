"""A period made of shorter ones: nothing counted twice, and every cell listed adds to its number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import InputError, ParamsError, UsageError
from baocao.project.folder import Project
from baocao.project.params import Params
from baocao.project.periods import Period, parse_period
from baocao.reading.forms import FormRow
from baocao.reading.forms.submissions import TableRow
from baocao.reading.tables import make_table, read_tables, table_findings
from baocao.reading.tables.combined import combine, find_parts
from baocao.values.value import Value
from baocao.values.views import View, whole_view

PARAMS = Params(Path(__file__).resolve().parents[3] / "params")
DOSSIERS = PARAMS.form("06a")
UNITS = ("H01", "10507")
FIELDS = ("Đất đai", "Hộ tịch")
FLOWS = ("truc_tuyen", "truc_tiep", "truoc_han", "dung_han", "qua_han")
number = st.integers(0, 10**6)
# By part, unit and field: what came in, what was done, what was carried over and what is pending.
parts_of = st.lists(
    st.dictionaries(
        st.tuples(st.sampled_from(UNITS), st.sampled_from(FIELDS)),
        st.tuples(*[number] * 8),
        min_size=1,
    ),
    min_size=2,
    max_size=4,
)


def dossiers(part, period):
    rows = []
    for place, ((unit, field), numbers) in enumerate(part.items(), 9):
        online, direct, early, due, late, carried, inside, overdue = map(Fraction, numbers)
        entries = {
            "linh_vuc": field, "truc_tuyen": online, "truc_tiep": direct, "ky_truoc": carried,
            "tiep_nhan": online + direct + carried, "truoc_han": early, "dung_han": due, "qua_han": late,
            "da_giai_quyet": early + due + late, "trong_han": inside, "dang_qua_han": overdue,
            "dang_giai_quyet": inside + overdue,
        }  # fmt: skip
        level = "so" if unit == "H01" else "xa"
        rows.append(TableRow(unit, level, f"don-vi/{unit}.xlsx", "06a", FormRow(place, entries)))
    return make_table(DOSSIERS, period, rows)


def register(form, period, rows, names):
    made = [
        TableRow(
            None,
            None,
            f"{PARAMS.form(form).source}.xlsx",
            "s",
            FormRow(7 + n, dict(zip(names, row, strict=True))),
        )
        for n, row in enumerate(rows)
    ]
    return make_table(PARAMS.form(form), period, made)


def read_back(value: Value, tables) -> Fraction:
    """Add the term cells of a value, each looked up in the table of its part."""
    entries = {}
    for table in tables:
        for row in range(len(table)):
            for name in table.form.by_name:
                cell = table.cell(row, name)
                entries[f"{table.period}/{cell.file}", cell.address] = table.column(name)[row]
    return sum(
        (entries[ref.file, ref.address] for ref, role in value.cells().items() if role == "term"), Fraction(0)
    )


MONTHS = tuple(Period(2026, month, "month") for month in range(1, 13))


@given(parts_of)
def test_combined_numbers_are_the_independent_sums_of_their_cells(data):
    tables = [dossiers(part, MONTHS[n]) for n, part in enumerate(data)]
    view = whole_view(combine(DOSSIERS, parse_period("2026"), tables), PARAMS)
    columns = (
        "truc_tuyen",
        "truc_tiep",
        "truoc_han",
        "dung_han",
        "qua_han",
        "ky_truoc",
        "trong_han",
        "dang_qua_han",
    )
    for unit in (None, *{unit for part in data for unit, _field in part}):

        def add(index, part, unit=unit):
            return sum(row[index] for (code, _field), row in part.items() if unit in (None, code))

        chosen = view if unit is None else view.where(unit=unit)
        expected = {name: sum(add(n, part) for part in data) for n, name in enumerate(columns[:5])}
        expected["ky_truoc"] = add(5, data[0])
        expected["dang_giai_quyet"] = add(6, data[-1]) + add(7, data[-1])
        expected["tiep_nhan"] = expected["truc_tuyen"] + expected["truc_tiep"] + expected["ky_truoc"]
        expected["da_giai_quyet"] = sum(expected[name] for name in FLOWS[2:])
        for name, wanted in expected.items():
            value = chosen.total(name)
            assert value.number == wanted, name
            assert read_back(value, tables) == wanted, name


@given(parts_of.filter(lambda data: len(data) == 4))
def test_parts_made_of_parts_are_the_same_as_all_at_once(data):
    tables = [dossiers(part, MONTHS[n]) for n, part in enumerate(data)]
    once = whole_view(combine(DOSSIERS, parse_period("2026"), tables), PARAMS)
    halves = [combine(DOSSIERS, Period(2026, n + 1, "half"), tables[2 * n : 2 * n + 2]) for n in range(2)]
    twice = whole_view(combine(DOSSIERS, parse_period("2026"), halves), PARAMS)
    for name in ("tiep_nhan", "ky_truoc", "da_giai_quyet", "dang_giai_quyet", "trong_han"):
        assert twice.total(name).number == once.total(name).number
        assert twice.total(name).cells() == once.total(name).cells()


@given(parts_of)
def test_groups_of_a_combined_table_add_up_to_the_whole(data):
    tables = [dossiers(part, MONTHS[n]) for n, part in enumerate(data)]
    view = whole_view(combine(DOSSIERS, parse_period("2026"), tables), PARAMS)
    received = view.total("tiep_nhan", "hoso_tong_tiep_nhan")
    split = view.by("unit").split(received)
    assert sum(part.number for part in split.values()) == received.number
    assert view.count().number == len({key for part in data for key in part})


def test_registers_are_joined_by_their_key_in_their_last_state():
    names = ("ma", "trang_thai", "phan_loai")
    first = register(
        "pakn",
        MONTHS[0],
        [("P1", "đang xử lý", "thuộc thẩm quyền"), ("P2", "đã xử lý", "thuộc thẩm quyền")],
        names,
    )
    second = register(
        "pakn",
        MONTHS[1],
        [("p1", "đã xử lý", "thuộc thẩm quyền"), ("P3", "đang xử lý", "thuộc thẩm quyền")],
        names,
    )
    view = whole_view(combine(PARAMS.form("pakn"), Period(2026, 1), [first, second]), PARAMS)
    assert view.count().number == 3
    assert view.where(trang_thai="đã xử lý").count().number == 2
    [cell] = [str(ref) for ref, role in view.where(ma="P1").count().cells().items() if role == "term"]
    assert cell == "2026-M02/van-phong/ttpvhcc.xlsx#s!A7"


def test_indicators_of_units_add_or_stand_and_units_count_once():
    form = PARAMS.form("chi-tieu")

    def table(period, accounts, posted):
        rows = [
            TableRow(
                unit,
                "xa",
                f"don-vi/{unit}.xlsx",
                "chi-tieu",
                FormRow(7 + n, {"ma": code, "gia_tri": Fraction(number)}),
            )
            for unit in ("10507", "10510")
            for n, (code, number) in enumerate((("ioc_tai_khoan", accounts), ("tthc_phai_niem_yet", posted)))
        ]
        return make_table(form, period, rows)

    view = whole_view(
        combine(form, Period(2026, 1), [table(MONTHS[0], 3, 400), table(MONTHS[1], 4, 435)]), PARAMS
    )
    accounts = view.where(ma="ioc_tai_khoan", level="xa").positive("gia_tri")
    assert accounts.total("gia_tri", unit="tài khoản").number == 14
    assert accounts.count(unit="xã").number == 2
    assert view.indicator("tthc_phai_niem_yet").number == 870


def test_a_list_that_stands_is_that_of_the_end():
    first = register("tthc", MONTHS[0], [("1.1",), ("1.2",)], ("ma",))
    second = register("tthc", MONTHS[1], [("1.2",), ("1.3",), ("1.4",)], ("ma",))
    assert (
        whole_view(combine(PARAMS.form("tthc"), Period(2026, 1), [first, second]), PARAMS).count().number == 3
    )


def test_a_procedure_paid_online_in_any_part_counts_once_and_online():
    names = ("ma", "hinh_thuc", "hoso_truc_tuyen", "hoso_truc_tiep")
    online, direct = "trực tuyến", "trực tiếp"
    first = register(
        "thanh-toan",
        MONTHS[0],
        [("1.1", online, Fraction(5), Fraction(1)), ("1.2", direct, Fraction(0), Fraction(2))],
        names,
    )
    second = register(
        "thanh-toan",
        MONTHS[1],
        [("1.1", direct, Fraction(0), Fraction(3)), ("1.3", direct, Fraction(0), Fraction(4))],
        names,
    )
    view = whole_view(combine(PARAMS.form("thanh-toan"), Period(2026, 1), [first, second]), PARAMS)
    assert view.where(hinh_thuc=online).count().number == 1
    assert view.where(hinh_thuc=direct).count().number == 2
    assert view.count().number == 3
    assert view.total("hoso_truc_tiep").number == 10
    with pytest.raises(UsageError, match="cannot be added by hinh_thuc over several periods"):
        view.where(hinh_thuc=direct).total("hoso_truc_tiep")


def test_what_an_office_states_of_one_period_is_not_put_together():
    form = PARAMS.form("so-lieu")
    tables = [
        register(
            "so-lieu",
            month,
            [("neu_ty_le_tthc_tt_truc_tuyen", Fraction(90)), ("tthc_chua_dvctt", Fraction(n))],
            ("ma", "gia_tri"),
        )
        for n, month in enumerate(MONTHS[:2], 7)
    ]
    view = whole_view(combine(form, Period(2026, 1), tables), PARAMS)
    assert view.indicator("tthc_chua_dvctt").number == 8
    with pytest.raises(UsageError, match="neu_ty_le_tthc_tt_truc_tuyen of form so-lieu is not put together"):
        view.indicator("neu_ty_le_tthc_tt_truc_tuyen")


def test_a_column_that_does_not_say_how_it_adds_is_named():
    columns = [c.model_copy(update={"over": None}) if c.name == "qua_han" else c for c in DOSSIERS.columns]
    form = DOSSIERS.model_copy(update={"columns": tuple(columns)})
    tables = [make_table(form, month, []) for month in MONTHS[:3]]
    with pytest.raises(
        UsageError, match=r"form 06a cannot be put together for 2026-Q1 .*: qua_han does not say"
    ):
        combine(form, Period(2026, 1), tables)


def test_every_form_says_how_it_is_taken_over_several_periods():
    for form in PARAMS.forms.values():
        combine(form, Period(2026, 1), [make_table(form, month, []) for month in MONTHS[:3]])


@pytest.fixture
def half(sandbox):
    """A project with two quarters and no submissions of the half-year."""
    path = sandbox.root / "params" / "forms.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    for name, form in data["forms"].items():
        real = PARAMS.form(name)
        if real.over:
            form["over"] = real.over
        said = {one.name: one for one in real.columns} | {one.code: one for one in real.indicators}
        for one in (*form["columns"], *form.get("indicators", ())):
            known = said.get(one.get("code", one.get("name")))
            for key in ("over", "cumulative") if known else ():
                one.update({key: getattr(known, key)} if getattr(known, key) else {})
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    for quarter in (Period(2026, 1), Period(2026, 2)):
        sandbox.fill(quarter)
    sandbox.project = Project(sandbox.root)
    return sandbox


HALF = parse_period("2026-H1")


def test_a_half_year_is_read_from_its_quarters_and_kept(half):
    tables = read_tables(half.project, HALF)
    assert tables.unusable == ()
    assert [str(part) for part in tables.parts] == ["2026-Q1", "2026-Q2"]
    view = View(tables.table("06a"), half.project.params, tuple(range(len(tables.table("06a")))))
    quarter = whole_view(read_tables(half.project, Period(2026, 1)).table("06a"), half.project.params)
    again = whole_view(read_tables(half.project, HALF).table("06a"), half.project.params)
    for one in (view, again):
        assert (
            one.total("tiep_nhan").number
            == 2 * quarter.total("tiep_nhan").number - quarter.total("ky_truoc").number
        )
        assert one.total("dang_giai_quyet").number == quarter.total("dang_giai_quyet").number
        assert {ref.file.partition("/")[0] for ref in one.total("dang_giai_quyet").cells()} == {"2026-Q2"}
    assert set(tables.sha256) == {
        f"{quarter}/{file}"
        for quarter in ("2026-Q1", "2026-Q2")
        for file in (
            "don-vi/10507-x.xlsx",
            "don-vi/H01-x.xlsx",
            "don-vi/H02-x.xlsx",
            "van-ban.xlsx",
            "van-phong/ttpvhcc.xlsx",
        )
    }


def test_an_error_of_a_part_stops_the_whole_and_names_its_cell(half):
    half.raw(
        "don-vi/H01-x.xlsx",
        half.books.unit(
            "H01", period="Quý II năm 2026", edit=lambda made, _: made["06a"].write_string("D9", "sáu")
        ),
        Period(2026, 2),
    )
    [finding] = read_tables(half.project, HALF).unusable
    assert finding.cells == ("2026-Q2/don-vi/H01-x.xlsx#06a!D9",)


def test_months_stand_in_for_a_quarter_that_nobody_reported(half):
    for month in MONTHS[3:6]:
        half.fill(month)
    for path in [*half.project.raw(Period(2026, 2)).rglob("*.xlsx")]:
        path.unlink()
    assert [str(part) for part in find_parts(half.project, Period(2026, 2))] == [
        "2026-M04",
        "2026-M05",
        "2026-M06",
    ]
    table = read_tables(half.project, HALF).table("06a")
    assert {file.partition("/")[0] for file in table.files} == {"2026-Q1", "2026-M04", "2026-M05", "2026-M06"}


def test_a_file_that_stands_for_two_parts_is_told(half):
    (half.project.raw(Period(2026, 2)) / "don-vi" / "H02-x.xlsx").unlink()
    half.treat("H02", Period(2026, 2), action="previous", why="chưa gửi")
    found = [one for one in read_tables(half.project, HALF).findings if one.code == "taken-twice"]
    assert [(one.unit, one.cells) for one in found] == [("H02", ("2026-Q1/don-vi/H02-x.xlsx",))]


def test_what_was_sent_for_the_half_year_itself_counts(half):
    half.fill(HALF)
    tables = read_tables(half.project, HALF)
    assert not tables.is_combined("06a")
    assert set(tables.table("06a").files) == {"don-vi/10507-x.xlsx", "don-vi/H01-x.xlsx", "don-vi/H02-x.xlsx"}


def test_an_undeclared_form_is_told_when_it_is_asked_for(half):
    path = half.root / "params" / "forms.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    for part in (data["forms"]["06a"], *data["forms"]["06a"]["columns"]):
        part.pop("over", None)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    half.project = Project(half.root)
    with pytest.raises(InputError, match="form 06a cannot be put together for 2026-H1 from 2026-Q1, 2026-Q2"):
        read_tables(half.project, HALF).table("06a")


def test_a_form_that_says_it_of_some_columns_alone_is_refused(half):
    path = half.root / "params" / "forms.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    late = next(one for one in data["forms"]["06a"]["columns"] if one["name"] == "qua_han")
    del late["over"]
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    with pytest.raises(ParamsError, match="qua_han does not say how it is taken over several periods"):
        _ = Project(half.root).params.forms


def test_what_was_sent_for_the_half_year_is_held_against_its_quarters(half):
    half.fill(HALF)
    for quarter in (Period(2026, 1), Period(2026, 2), HALF):
        path = half.root / "params" / f"{quarter}.yaml"
        path.write_text(f"period: {quarter}\n", "utf-8")
    project = Project(half.root)
    found = [one for one in table_findings(project, HALF) if one.code == "parts-differ"]
    quarter = read_tables(project, Period(2026, 1)).table("06a")
    row = quarter.column("linh_vuc").index("Đất đai")
    online = quarter.column("truc_tuyen")[row]
    [finding] = [
        one
        for one in found
        if one.unit == quarter.units[row] and "đất đai" in one.expected and "Trực tuyến" in one.expected
    ]
    assert (finding.expected.split(": ")[1].split(" ")[0], finding.got.split(" ")[0]) == (
        str(2 * online),
        str(online),
    )
    file, place = quarter.files[row], f"#06a!D{quarter.row_numbers[row]}"
    assert finding.cells == tuple(f"{part}{file}{place}" for part in ("", "2026-Q1/", "2026-Q2/"))
    # What is pending at the end, and what stands, is as it was at the end of the second quarter.
    assert not [
        one for one in found if "Số lượng hồ sơ đang giải quyết" in one.expected or "Cơ sở" in one.expected
    ]
