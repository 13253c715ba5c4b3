"""Every damage gives one finding, at its cell, and leaves the other rows alone."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baocao.project.cells import parse_cell, split_address
from baocao.project.house import find_house
from baocao.project.language import as_record, from_record
from baocao.project.periods import Period
from baocao.reading.forms import Sender, read_submission
from baocao.reading.forms.codes import CODES
from baocao.reading.forms.entries import describe
from baocao.reading.workbooks.parsing import parse_workbook
from baocao.reading.workbooks.workbook import RawCell

PERIOD = Period(2026, 1)
FILE = "don-vi/H01-x.xlsx"


def read(books, data, *, zero=False, unit="H01", level="so", names=("06a", "chi-tieu"), file=FILE):
    forms = [books.forms[name] for name in names]
    return read_submission(
        parse_workbook(data), forms, Sender(file, PERIOD, find_house("nd30"), unit, level, zero=zero)
    )


def hide_row(number):
    return lambda s, _: s["06a"].set_row(number - 1, None, None, {"hidden": True})


def put(address, value, sheet="06a"):
    return lambda s, _: s[sheet].write(address, value)


def text(address, value, sheet="06a"):
    return lambda s, _: s[sheet].write_string(address, value)


def formula(address, result, sheet="06a", source="=INDEX(1,1)"):
    return lambda s, _: s[sheet].write_formula(address, source, None, result)


def blank(address, sheet="06a"):
    return lambda s, _: s[sheet].write_blank(address, None, _.add_format())


def day(address, sheet="06a"):
    return lambda s, b: s[sheet].write_datetime(
        address, dt.date(2026, 1, 15), b.add_format({"num_format": "dd/mm/yyyy"})
    )


def hide_sheet(s, _):
    s["chi-tieu"].activate()
    s["chi-tieu"].set_first_sheet()
    s["06a"].hide()


def swap_labels(s, b):
    s["06a"].write_string("H6", "Đúng hạn")
    s["06a"].write_string("I6", "Trước hạn")


def insert_row(s, _):
    for row in range(12, 16):
        s["06a"].write_blank(row, 1, None, _.add_format())


CELL_DAMAGES = [
    ("blank", blank("D9"), "blank", ["D9"]),
    ("spaces", text("D9", "  "), "blank", ["D9"]),
    ("nbsp", text("D9", "\u00a0"), "blank", ["D9"]),
    ("dash", text("D9", "-"), "dash", ["D9"]),
    ("long dash", text("D9", " – "), "dash", ["D9"]),
    ("thousands as text", text("D9", "1.234"), "text-number", ["D9"]),
    ("decimal comma as text", text("D9", "1,5"), "text-number", ["D9"]),
    ("spaces round a number", text("D9", " 12 "), "text-number", ["D9"]),
    ("nbsp thousands", text("D9", "1\u00a0234"), "text-number", ["D9"]),
    ("zero as text", text("D9", "0"), "text-number", ["D9"]),
    ("words", text("D9", "không phát sinh"), "not-a-number", ["D9"]),
    ("div by zero", formula("D9", "#DIV/0!"), "error-value", ["D9"]),
    ("ref", formula("M11", "#REF!"), "error-value", ["M11"]),
    ("uncached", formula("D9", ""), "formula-no-result", ["D9"]),
    ("negative", put("D9", -1), "negative", ["D9"]),
    ("decimal", put("D9", 1.5), "not-whole", ["D9"]),
    ("bool", put("D9", True), "not-a-number", ["D9"]),
    ("date", day("D9"), "not-a-number", ["D9"]),
    ("no field name", blank("B10"), "blank", ["B10"]),
    ("field name error", formula("B10", "#N/A"), "error-value", ["B10"]),
    ("field name date", day("B10"), "not-text", ["B10"]),
    ("duplicate field", text("B10", "đất  ĐAI"), "duplicate-key", ["B9", "B10"]),
    (
        "duplicate field NFD",
        text("B10", unicodedata.normalize("NFD", "Đất đai")),
        "duplicate-key",
        ["B9", "B10"],
    ),
    ("hidden row", hide_row(10), "hidden-rows", ["A10"]),
    (
        "hidden column",
        lambda s, _: s["06a"].set_column("D:D", None, None, {"hidden": True}),
        "hidden-columns",
        ["D9"],
    ),
    ("column of no width", lambda s, _: s["06a"].set_column("D:D", 0), "hidden-columns", ["D9"]),
    (
        "merged across",
        lambda s, b: s["06a"].merge_range("D9:E9", 7, b.add_format()),
        "merged-cells",
        ["D9", "E9"],
    ),
    (
        "merged down",
        lambda s, b: s["06a"].merge_range("D9:D10", 6, b.add_format()),
        "merged-cells",
        ["D9", "D10"],
    ),
    ("hidden sheet", hide_sheet, "hidden-sheet", ["A1"]),
    ("wrong period", text("D2", "Quý IV năm 2025"), "wrong-period", ["D2"]),
    ("no period", blank("D2"), "wrong-period", ["D2"]),
    ("calendar quarter", text("D3", "(Từ ngày 01/01/2026 đến ngày 31/3/2026)"), "wrong-period", ["D3"]),
    ("wrong unit", text("L2", "H02"), "wrong-unit", ["L2"]),
    ("no unit", blank("L2"), "wrong-unit", ["L2"]),
    ("another form", text("L4", "06b.v1"), "wrong-form", ["L4"]),
    ("an old version of the form", text("L4", "06a.v0"), "wrong-form", ["L4"]),
    ("renamed column", text("H6", "Sớm hạn"), "wrong-columns", ["H6"]),
    ("moved columns", swap_labels, "wrong-columns", ["H6", "I6"]),
    ("wrong column number", put("H8", 9), "wrong-columns", ["H8"]),
    ("no total", text("B12", "Cộng"), "no-total", ["B14"]),
    ("number below the total", put("D13", 5), "outside-number", ["D13"]),
    ("number beside", put("P10", 5), "outside-number", ["P10"]),
    ("total without result", formula("D12", ""), "total-unreadable", ["D12"]),
    ("total blank", blank("D12"), "total-unreadable", ["D12"]),
    ("total as text", text("D12", "1.006"), "total-unreadable", ["D12"]),
    ("total differs", put("D12", 5), "total-mismatch", ["D12"]),
    ("sum differs", put("H9", 5), "sum-mismatch", ["H9", "H12"]),
    ("received differs", put("C9", 11), "sum-mismatch", ["C9", "C12"]),
    ("note beside", text("N9", "xem công văn"), "outside-text", ["N9"]),
    ("indicator blank", blank("E7", "chi-tieu"), "blank", ["E7"]),
    ("indicator text", text("E7", "12 ", "chi-tieu"), "text-number", ["E7"]),
    ("unknown indicator", text("B7", "khac", "chi-tieu"), "unknown-indicator", ["B7"]),
    ("indicator without code", blank("B7", "chi-tieu"), "blank", ["B7"]),
    ("indicator twice", text("B7", "tthc_da_niem_yet", "chi-tieu"), "duplicate-key", ["B7", "B8"]),
    ("wrong measure", text("D7", "%", "chi-tieu"), "wrong-measure", ["D7"]),
    ("changed label", text("C7", "Số thủ tục", "chi-tieu"), "changed-label", ["C7"]),
]


@pytest.mark.parametrize(
    ("edit", "code", "addresses"), [one[1:] for one in CELL_DAMAGES], ids=[one[0] for one in CELL_DAMAGES]
)
def test_one_damage_one_finding(books, edit, code, addresses):
    result = read(books, books.unit(edit=edit))
    assert [finding.code for finding in result.findings] == [code]
    finding = result.findings[0]
    assert finding.unit == "H01"
    assert finding.severity == CODES[code].severity
    assert finding.message == CODES[code].message
    assert finding.expected
    assert finding.got
    assert finding.action
    where = [parse_cell(cell) for cell in finding.cells]
    assert {cell.file for cell in where} == {FILE}
    assert set(addresses) <= {cell.address for cell in where}


@pytest.mark.parametrize("edit", [one[1] for one in CELL_DAMAGES], ids=[one[0] for one in CELL_DAMAGES])
def test_a_damage_leaves_the_other_rows_alone(books, edit):
    good = read(books, books.unit())
    damaged = read(books, books.unit(edit=edit))
    touched = {
        split_address(parse_cell(cell).address)[0] + 1 for one in damaged.findings for cell in one.cells
    }
    for name, result in damaged.forms.items():
        known = {row.number: row for row in good.forms[name].rows}
        for row in result.rows:
            assert row.number in touched or row == known[row.number]


def test_a_good_workbook_has_no_findings(books):
    result = read(books, books.unit())
    assert result.findings == ()
    assert [row.entries["tiep_nhan"] for row in result.forms["06a"].rows] == [10, 0, 1234]
    assert [row.number for row in result.forms["06a"].rows] == [9, 10, 11]
    assert result.forms["chi-tieu"].rows[0].entries["gia_tri"] == 16


def test_only_zeros_are_fine(books):
    zeros = (("Đất đai", (0,) * 11), ("Hộ tịch", (0,) * 11))
    assert read(books, books.unit(fields=zeros)).findings == ()


def test_a_formula_with_a_result_is_a_number(books):
    result = read(books, books.unit(edit=formula("D9", 6)))
    assert result.findings == ()
    assert result.forms["06a"].rows[0].entries["truc_tuyen"] == Fraction(6)


@pytest.mark.parametrize("edit", [put("L2", 10507), put("B3", 10507.0, "chi-tieu")])
def test_a_code_typed_as_a_number_is_that_code(books, edit):
    data = books.unit("10507", level="xa", edit=edit)
    assert read(books, data, unit="10507", level="xa", file="don-vi/10507-x.xlsx").findings == ()


@pytest.mark.parametrize(
    "spelling",
    ["QUÝ I/2026", "2026-Q1", "Kỳ báo cáo: quý 1 năm 2026", unicodedata.normalize("NFD", "Quý I năm 2026")],
)
def test_spellings_of_the_period(books, spelling):
    assert read(books, books.unit(period=spelling)).findings == ()


def test_window_that_names_the_period_is_fine(books):
    assert read(books, books.unit(edit=text("D3", "(Từ ngày 15/12/2025 đến ngày 14/03/2026)"))).findings == ()


def test_wrong_period_on_both_sheets_is_one_finding(books):
    (finding,) = read(books, books.unit(period="Quý II năm 2026")).findings
    assert finding.code == "wrong-period"
    assert finding.cells == (f"{FILE}#06a!D2", f"{FILE}#chi-tieu!B4")
    assert finding.expected == "quý I năm 2026"


def test_wrong_unit_on_both_sheets_is_one_finding(books):
    (finding,) = read(books, books.unit("H02")).findings
    assert finding.code == "wrong-unit"
    assert len(finding.cells) == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sở Nội vụ", []),
        ("SỞ NỘI VỤ thành phố Hải Phòng", []),
        ("So Noi vu", []),
        ("Phường Không Có", ["unknown-sender"]),
        ("Sở Nội vụ và Lao động", ["unknown-sender"]),
        ("Sở Y tế", ["wrong-unit"]),
        ("", []),
    ],
)
def test_who_the_head_names_is_who_its_code_means(books, name, expected):
    data = books.unit(edit=text("L1", name))
    names = {"sở nội vụ": "H01", "nội vụ": "H01", "sở y tế": "H02", "sở nội vụ và lao động": "H03"}
    if name.endswith("Lao động"):
        names.pop("sở nội vụ và lao động")
        names["nội vụ và lao động"] = "H03"
    sender = Sender(FILE, PERIOD, find_house("nd30"), "H01", "so", names=names)
    result = read_submission(parse_workbook(data), [books.forms["06a"]], sender)
    assert [finding.code for finding in result.findings] == expected


@pytest.mark.parametrize(
    "cell",
    [
        RawCell("date", dt.datetime(2026, 1, 15, 13, 45)),  # noqa: DTZ001 a workbook knows no zones
        RawCell("date", dt.date(2026, 1, 15)),
        RawCell("date", dt.timedelta(days=3)),
        RawCell("number", Decimal("1E+30")),
        RawCell("error", "#REF!"),
        None,
    ],
)
def test_what_stands_in_a_cell_can_be_kept_and_told_again(cell):
    said = describe(cell)
    assert from_record(json.loads(json.dumps(as_record(said)))) == said


def test_missing_sheet(books):
    (finding,) = read(books, books.unit(sheets=("06a",))).findings
    assert (finding.code, finding.cells) == ("missing-sheet", (FILE,))
    assert "chi-tieu" in finding.expected
    assert "06a" in finding.got


def test_both_sheets_missing_is_one_finding(books):
    def rename(_, book):
        for sheet in book.worksheets():
            sheet.name = f"Sheet {sheet.name}"

    (finding,) = read(books, books.unit(edit=rename)).findings
    assert finding.code == "missing-sheet"


def test_a_sheet_name_may_differ_in_case_and_spaces(books):
    def rename(_, book):
        book.worksheets()[0].name = "06A "

    result = read(books, books.unit(edit=rename))
    assert result.findings == ()
    assert result.forms["06a"].sheet == "06A "


def test_an_empty_sheet_is_one_finding(books):
    def edit(_, book):
        book.worksheets()[0].name = "cũ"
        book.add_worksheet("06a")

    assert [one.code for one in read(books, books.unit(edit=edit)).findings] == ["empty-sheet"]


def test_a_chart_is_no_sheet_of_a_form(books):
    def edit(made, book):
        made["06a"].name = "cũ"
        sheet = book.add_chartsheet("06a")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "='cũ'!$C$9:$C$11"})
        sheet.set_chart(chart)

    (finding,) = read(books, books.unit(edit=edit)).findings
    assert finding.code == "missing-sheet"
    assert "06a (chart)" in finding.got


def test_extra_sheets(books):
    def edit(_, book):
        book.add_worksheet("nháp").write("A1", 5)
        hidden = book.add_worksheet("ẩn")
        hidden.write("A1", 5)
        hidden.very_hidden()

    (finding,) = read(books, books.unit(edit=edit)).findings
    assert (finding.code, finding.severity) == ("hidden-extra-sheet", "warning")
    assert finding.cells == (f"{FILE}#ẩn!A1",)


def test_a_deleted_column_is_one_finding(books):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(books.unit()))
    for merged in list(book["06a"].merged_cells.ranges):
        book["06a"].unmerge_cells(str(merged))
    book["06a"].delete_cols(4)
    stream = io.BytesIO()
    book.save(stream)
    (finding,) = read(books, stream.getvalue()).findings
    assert finding.code == "wrong-columns"


def test_a_row_inserted_on_top_is_one_finding(books):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(books.unit(sheets=("chi-tieu",))))
    book["chi-tieu"].insert_rows(1)
    stream = io.BytesIO()
    book.save(stream)
    (finding,) = read(books, stream.getvalue(), names=("chi-tieu",)).findings
    assert finding.code == "wrong-columns"


def test_labels_without_merged_cells_are_the_same_labels(books):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(books.unit()), data_only=True)
    for merged in list(book["06a"].merged_cells.ranges):
        book["06a"].unmerge_cells(str(merged))
    stream = io.BytesIO()
    book.save(stream)
    assert read(books, stream.getvalue()).findings == ()


def test_a_file_saved_without_results_is_one_finding(books):
    import io

    import openpyxl

    def formulas(made, _):
        for row in (9, 10, 11):
            made["06a"].write_formula(f"C{row}", f"=D{row}+E{row}+F{row}", None, 1)

    book = openpyxl.load_workbook(io.BytesIO(books.unit(edit=formulas)))
    stream = io.BytesIO()
    book.save(stream)
    (finding,) = read(books, stream.getvalue()).findings
    assert (finding.code, finding.severity) == ("formula-no-result", "error")
    assert {f"{FILE}#06a!C9", f"{FILE}#06a!C10", f"{FILE}#06a!C11", f"{FILE}#06a!D12"} <= set(finding.cells)


def test_only_totals_without_results_is_a_warning(books):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(books.unit()))
    stream = io.BytesIO()
    book.save(stream)
    result = read(books, stream.getvalue())
    (finding,) = result.findings
    assert (finding.code, finding.severity, len(finding.cells)) == ("total-unreadable", "warning", 11)
    assert result.forms["06a"].usable


def test_a_cleared_row_is_one_finding(books):
    def clear(made, book):
        for column in range(13):
            made["06a"].write_blank(9, column, None, book.add_format())

    (finding,) = read(books, books.unit(edit=clear)).findings
    assert (finding.code, finding.cells) == ("blank-row", (f"{FILE}#06a!A10",))


def test_a_row_of_dashes_is_one_finding_with_its_cells(books):
    def dashes(made, _):
        for column in "CDEFGHIJKLM":
            made["06a"].write_string(f"{column}10", "-")

    (finding,) = read(books, books.unit(edit=dashes)).findings
    assert finding.code == "dash"
    assert [parse_cell(cell).address for cell in finding.cells] == [f"{column}10" for column in "CDEFGHIJKLM"]


def test_zero_reads_blank_and_dash_as_nought(books):
    def edit(made, book):
        made["06a"].write_string("D10", "-")
        made["06a"].write_blank("E10", None, book.add_format())
        made["06a"].write_string("F9", "3 hồ sơ")

    result = read(books, books.unit(edit=edit), zero=True)
    assert sorted((one.code, one.severity) for one in result.findings) == [
        ("blank", "warning"),
        ("dash", "warning"),
        ("not-a-number", "error"),
    ]
    row = next(row for row in result.forms["06a"].rows if row.number == 10)
    assert (row.entries["truc_tuyen"], row.entries["truc_tiep"]) == (0, 0)


def test_a_total_label_may_be_merged_to_the_left(books):
    def merge(made, book):
        made["06a"].write_blank("B12", None)
        made["06a"].merge_range("A12:B12", "TỔNG SỐ", book.add_format())

    assert read(books, books.unit(edit=merge)).findings == ()


def test_an_indicator_of_another_level_is_told_and_not_counted(books):
    def edit(made, _):
        made["chi-tieu"].write_row("A9", ["3", "hoso_phi_dia_gioi", "x", "hồ sơ", 5])

    result = read(books, books.unit(edit=edit))
    assert [one.code for one in result.findings] == ["indicator-not-asked"]
    assert len(result.forms["chi-tieu"].rows) == 2


def test_a_missing_indicator_is_told_where_it_should_stand(books):
    result = read(books, books.unit(level="so"), level="xa")
    (finding,) = result.findings
    assert (finding.code, finding.expected) == ("missing-indicator", "hoso_phi_dia_gioi")
    assert finding.cells == (f"{FILE}#chi-tieu!B9",)


# -- registers ----------------------------------------------------------------
DAY = dt.date(2026, 1, 15)
DECISIONS = [["1/QĐ", DAY, "danh mục", "a"], ["2/QĐ", DAY, "đặc thù", "b"], ["3/QĐ", DAY, "danh mục", "c"]]


def register(books, rows=DECISIONS, edit=None, name="qd-cong-bo"):
    return read(
        books,
        books.register(name, rows, edit=edit),
        unit="ttpvhcc",
        level=None,
        names=(name,),
        file="van-phong/ttpvhcc.xlsx",
    )


REGISTER_DAMAGES = [
    ("text date", text("B8", "31/03/2025", "qd-cong-bo"), "text-date", "B8"),
    ("number for a date", put("B8", 46000, "qd-cong-bo"), "not-a-date", "B8"),
    ("no date", blank("B8", "qd-cong-bo"), "blank", "B8"),
    ("not a choice", text("C8", "khác", "qd-cong-bo"), "not-a-choice", "C8"),
    ("decimal for a code", put("A8", 1.01258, "qd-cong-bo"), "not-text", "A8"),
    ("bool for text", put("D8", True, "qd-cong-bo"), "not-text", "D8"),
    ("duplicate", text("A8", "1/qđ", "qd-cong-bo"), "duplicate-key", "A8"),
    ("column swapped", text("D6", "Ghi chú", "qd-cong-bo"), "wrong-columns", "D6"),
    ("number beside", put("F8", 3, "qd-cong-bo"), "outside-number", "F8"),
]


@pytest.mark.parametrize(
    ("edit", "code", "address"),
    [one[1:] for one in REGISTER_DAMAGES],
    ids=[one[0] for one in REGISTER_DAMAGES],
)
def test_one_damage_of_a_register(books, edit, code, address):
    (finding,) = register(books, edit=edit).findings
    assert finding.code == code
    assert f"van-phong/ttpvhcc.xlsx#qd-cong-bo!{address}" in finding.cells


def test_register_entries(books):
    result = register(books, [["1/QĐ\u00a0", DAY, " Danh mục", "a  b"]])
    assert result.findings == ()
    assert dict(result.forms["qd-cong-bo"].rows[0].entries) == {
        "so_ky_hieu": "1/QĐ",
        "ngay": DAY,
        "loai": "danh mục",
        "trich_yeu": "a  b",
    }


def test_a_gap_in_a_register_is_one_finding_and_ends_it(books):
    def gap(made, _):
        made["qd-cong-bo"].write_row("A12", ["4/QĐ"])

    result = register(books, edit=gap)
    (finding,) = result.findings
    assert finding.code == "blank-row"
    assert "#qd-cong-bo!A10" in finding.cells[0]
    assert "row 12" in finding.got
    assert len(result.forms["qd-cong-bo"].rows) == 3


def test_an_empty_register_is_told(books):
    result = register(books, [])
    assert [(one.code, one.severity) for one in result.findings] == [("empty-register", "warning")]
    assert result.forms["qd-cong-bo"].usable


def test_a_1904_workbook_has_the_same_dates(books):
    import io

    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"date_1904": True, "default_date_format": "dd/mm/yyyy"})
    form = books.forms["qd-cong-bo"]
    sheet = book.add_worksheet("qd-cong-bo")
    books.head(sheet, book, form, "ttpvhcc", "2026-Q1")
    sheet.write_row(6, 0, DECISIONS[0])
    book.close()
    result = read(books, stream.getvalue(), unit="ttpvhcc", level=None, names=("qd-cong-bo",), file="a.xlsx")
    assert result.findings == ()
    assert result.forms["qd-cong-bo"].rows[0].entries["ngay"] == DAY


# -- properties ---------------------------------------------------------------
numbers = st.integers(min_value=0, max_value=10**6)


@st.composite
def true_fields(draw):
    """Rows of 06a true to the form's sums."""
    rows = []
    for index in range(draw(st.integers(1, 4))):
        early, on_time, late, due, overdue = (draw(numbers) for _ in range(5))
        done, open_ = early + on_time + late, due + overdue
        carried = draw(st.integers(0, done + open_))
        online = draw(st.integers(0, done + open_ - carried))
        received = done + open_
        rows.append(
            (
                f"Lĩnh vực {index}",
                (
                    received,
                    online,
                    received - carried - online,
                    carried,
                    done,
                    early,
                    on_time,
                    late,
                    open_,
                    due,
                    overdue,
                ),
            )
        )
    return tuple(rows)


BAD = {
    "dash": lambda s, a, b: s.write_string(a, "-"),
    "text-number": lambda s, a, b: s.write_string(a, "1.234"),
    "blank": lambda s, a, b: s.write_blank(a, None, b.add_format()),
    "negative": lambda s, a, b: s.write_number(a, -3),
    "not-whole": lambda s, a, b: s.write_number(a, 0.5),
    "error-value": lambda s, a, b: s.write_formula(a, "=NA()", None, "#N/A"),
    "formula-no-result": lambda s, a, b: s.write_formula(a, "=1+1", None, ""),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=true_fields(),
    column=st.sampled_from("CDEFGHIJKLM"),
    code=st.sampled_from(sorted(BAD)),
    data=st.data(),
)
def test_any_damaged_cell_is_told_once_and_changes_no_other_row(books, fields, column, code, data):
    row = data.draw(st.integers(9, 8 + len(fields)))
    address = f"{column}{row}"
    good = read(books, books.unit(fields=fields))
    assert good.findings == ()
    result = read(
        books, books.unit(fields=fields, edit=lambda made, book: BAD[code](made["06a"], address, book))
    )
    assert [(one.code, one.cells) for one in result.findings] == [(code, (f"{FILE}#06a!{address}",))]
    assert result.forms["06a"].rows == tuple(one for one in good.forms["06a"].rows if one.number != row)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=true_fields())
def test_every_entry_is_the_content_of_its_cell(books, fields):
    import io

    import openpyxl

    data = books.unit(fields=fields)
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["06a"]
    form = books.forms["06a"]
    for row in read(books, data).forms["06a"].rows:
        for name, entry in row.entries.items():
            content = sheet[f"{form.column(name).column}{row.number}"].value
            assert entry == (Fraction(Decimal(str(content))) if isinstance(entry, Fraction) else content)


def test_every_code_is_used_by_the_code_that_reads():
    package = Path(__file__).resolve().parents[3] / "scripts" / "baocao"
    sources = list((package / "reading").rglob("*.py"))
    written = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "codes.py")
    assert [code for code in CODES if f'"{code}"' not in written] == []
