"""Reading workbooks: kinds kept apart, hostile files refused cheaply, a child that may die."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import math
import os
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import unicodedata
import zipfile
import zlib
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from baocao.project.errors import WorkbookError
from baocao.reading.workbooks import read_contents, read_workbooks
from baocao.reading.workbooks import xml as xml_module
from baocao.reading.workbooks.cache import WorkbookCache
from baocao.reading.workbooks.child import answer, unpack_answer
from baocao.reading.workbooks.limited import LimitedParser
from baocao.reading.workbooks.parsing import parse_workbook
from baocao.reading.workbooks.workbook import RawCell, exact_number

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HALF_PAST_EIGHT = dt.datetime.fromisoformat("2026-01-15T08:30")
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def make(fill, **options):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet("S")
    fill(sheet, book)
    book.close()
    return stream.getvalue()


def bare(sheet: str, strings: str = "", *, extra: dict[str, bytes] | None = None, level: int = 6) -> bytes:
    """A workbook of its smallest parts, so that a test can write any XML."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{RELS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings:
            archive.writestr("xl/sharedStrings.xml", strings)
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return stream.getvalue()


def sheet_xml(rows: str, head: str = "", tail: str = "") -> str:
    return f"<worksheet {MAIN}>{head}<sheetData>{rows}</sheetData>{tail}</worksheet>"


def cell(data: bytes, row: int = 0, column: int = 0) -> RawCell | None:
    return parse_workbook(data).sheets[0].cells.get((row, column))


def refusal(data: bytes) -> WorkbookError:
    with pytest.raises(WorkbookError) as caught:
        parse_workbook(data)
    return caught.value


# -- kinds ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        (lambda s, b: s.write_number(0, 0, 0), RawCell("number", Decimal(0))),
        (lambda s, b: s.write_string(0, 0, "-"), RawCell("text", "-")),
        (lambda s, b: s.write_string(0, 0, " 12 "), RawCell("text", " 12 ")),
        (lambda s, b: s.write_string(0, 0, "001"), RawCell("text", "001")),
        (lambda s, b: s.write_boolean(0, 0, True), RawCell("bool", True)),
        (lambda s, b: s.write_formula(0, 0, "=1/0", None, "#DIV/0!"), RawCell("error", "#DIV/0!", True)),
        (lambda s, b: s.write_formula(0, 0, "=1+1", None, ""), RawCell("uncached", None, True)),
        (lambda s, b: s.write_formula(0, 0, "=1+1", None, 2), RawCell("number", Decimal(2), True)),
        (lambda s, b: s.write_formula(0, 0, '="a"', None, "a"), RawCell("text", "a", True)),
        (lambda s, b: s.write_blank(0, 0, None, b.add_format({"bold": True})), None),
    ],
)
def test_kinds_of_cells(fill, expected):
    assert cell(make(fill)) == expected


def test_dates_and_times():
    def fill(sheet, book):
        sheet.write_datetime(0, 0, dt.date(2026, 1, 15), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_datetime(1, 0, HALF_PAST_EIGHT, book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
        sheet.write_number(2, 0, 0.25, book.add_format({"num_format": "hh:mm"}))

    for options in ({}, {"date_1904": True}):
        cells = parse_workbook(make(fill, **options)).sheets[0].cells
        assert cells[0, 0].value == dt.date(2026, 1, 15)
        assert cells[1, 0].value == HALF_PAST_EIGHT
        assert cells[2, 0] == RawCell("date", dt.time(6))


def test_an_empty_string_result_is_no_missing_result():
    rows = '<row r="1"><c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><f>1+1</f><v></v></c><c r="C1"><f>1</f></c></row>'
    cells = parse_workbook(bare(sheet_xml(rows))).sheets[0].cells
    assert cells[0, 0] == RawCell("text", "", True)
    assert cells[0, 1].kind == cells[0, 2].kind == "uncached"


def test_a_constant_error_and_an_inline_string():
    rows = '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="inlineStr"><is><t>Đất</t></is></c></row>'
    cells = parse_workbook(bare(sheet_xml(rows))).sheets[0].cells
    assert cells[0, 0] == RawCell("error", "#REF!")
    assert cells[0, 1] == RawCell("text", "Đất")


def test_cells_without_addresses_count_on():
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    cells = parse_workbook(bare(sheet_xml(rows))).sheets[0].cells
    assert {key: int(one.value) for key, one in cells.items()} == {(0, 0): 1, (0, 1): 2, (1, 0): 3}


def test_prefixed_elements_are_read():
    sheet = f'<x:worksheet xmlns:x="{MAIN[7:-1]}"><x:sheetData><x:row r="2" hidden="1"><x:c r="B2" t="e"><x:v>#N/A</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    made = parse_workbook(bare(sheet)).sheets[0]
    assert made.cells[1, 1] == RawCell("error", "#N/A")
    assert made.hidden_rows == {1}


def test_addresses_do_not_shift():
    made = parse_workbook(make(lambda s, b: s.write_number("D12", 7))).sheets[0]
    assert made.cells == {(11, 3): RawCell("number", Decimal(7))}


def test_hidden_and_merged():
    def fill(sheet, book):
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_row(5, 0)
        sheet.set_column("C:D", None, None, {"hidden": True})
        sheet.merge_range("A1:B2", "x", book.add_format())
        sheet.write_number("C4", 1)
        sheet.write_number("C6", 1)
        book.add_worksheet("H").hide()
        book.add_worksheet("V").very_hidden()

    made = parse_workbook(make(fill))
    first = made.sheets[0]
    assert first.hidden_rows == {3, 5}
    assert first.column_hidden(2)
    assert first.column_hidden(3)
    assert not first.column_hidden(4)
    assert first.merged == ((0, 0, 1, 1),)
    assert first.shown(1, 1) == RawCell("text", "x")
    assert [sheet.visible for sheet in made.sheets] == [True, False, False]


finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15).filter(
    lambda x: x == 0 or abs(x) > 1e-9
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.integers(-(10**14), 10**14), finite), min_size=1, max_size=30))
def test_numbers_written_are_numbers_read(numbers):
    def fill(sheet, _):
        for row, number in enumerate(numbers):
            sheet.write_number(row, 1, number)

    data = make(fill)
    cells = parse_workbook(data).sheets[0].cells
    other = openpyxl.load_workbook(io.BytesIO(data))["S"]
    for row, number in enumerate(numbers):
        written = float(f"{number:.16G}")  # XlsxWriter keeps 16 digits
        assert cells[row, 1].value == Decimal(f"{written:.15g}")
        assert math.isclose(cells[row, 1].value, other.cell(row + 1, 2).value, rel_tol=1e-14)


@given(st.integers(0, 10**15 - 1), st.integers(0, 6))
def test_a_decimal_of_15_digits_survives(digits, places):
    number = Decimal(digits).scaleb(-places)
    assert exact_number(float(number)) == number


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.integers(0, 30),
            st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=12),
        ),
        max_size=20,
    )
)
def test_texts_lie_where_they_were_written(entries):
    wanted = {(row, column): text for row, column, text in entries}

    def fill(sheet, _):
        for (row, column), text in wanted.items():
            sheet.write_string(row, column, text)

    cells = parse_workbook(make(fill)).sheets[0].cells
    assert {key: one.value for key, one in cells.items()} == wanted


# -- files that are something else, or broken ------------------------------------
GOOD = make(lambda s, b: s.write_number(0, 0, 1))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def document(names, mimetype=b""):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, mimetype if name == "mimetype" else b"<a/>")
    return stream.getvalue()


def corrupt(data: bytes) -> bytes:
    """Flip bytes inside the packed sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    middle = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    return data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 8]) + data[middle + 8 :]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (OLE + bytes(2000), "old-xls"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "encrypted"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html"),
        (b"\xef\xbb\xbf\r\n<?xml version='1.0'?><Workbook/>", "html"),
        ("<html>".encode("utf-16"), "html"),
        (b"MIME-Version: 1.0\r\n", "html"),
        (b"%PDF-1.7", "not-a-workbook"),
        (b"ma,ten\n1,2\n", "not-a-workbook"),
        (GOOD[: len(GOOD) // 2], "truncated"),
        (GOOD[:-10], "truncated"),
        (GOOD[:40], "truncated"),
        (corrupt(GOOD), "damaged"),
        (document(["word/document.xml"]), "not-a-workbook"),
        (document(["a.txt"]), "not-a-workbook"),
        (document([]), "not-a-workbook"),
        (document(["xl/workbook.bin"]), "binary-workbook"),
        (
            document(["mimetype", "content.xml"], b"application/vnd.oasis.opendocument.spreadsheet"),
            "open-document",
        ),
        (document(["xl/workbook.xml", "xl/vbaProject.bin"]), "macro-workbook"),
        (bare("<worksheet"), "damaged"),
        (bare(sheet_xml('<row r="1"><c r="A1"><v>abc</v></c></row>')), "damaged"),
        (bare(sheet_xml('<row r="1"><c r="A1"><v>1e999</v></c></row>')), "damaged"),
        (bare(sheet_xml('<row r="1"><c r="A1" t="s"><v>5</v></c></row>')), "damaged"),
        (bare(sheet_xml('<row r="1"><c r="ZZZZ1"><v>5</v></c></row>')), "damaged"),
        (bare(sheet_xml('<row r="1"><c r="A2"><v>5</v></c></row>')), "damaged"),
        (bare(sheet_xml(""), extra={"xl/styles.xml": b"<a"}), "damaged"),
    ],
)
def test_files_that_are_no_workbook(data, code):
    error = refusal(data)
    assert error.code == code
    assert error.expected
    assert error.got
    assert error.action


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"ma;ten\n1;2\n", "CSV"),
        ("ma\tten\n1\t2\n".encode("utf-16"), "CSV"),
        (document(["bao-cao.xlsx"]), "ZIP"),
        (document(["word/document.xml"]), ".docx"),
        (OLE + bytes(600) + "WordDocument".encode("utf-16-le"), ".doc"),
        (b"\x89PNG\r\n", "image"),
    ],
)
def test_what_is_no_workbook_is_called_by_name(data, kind):
    error = refusal(data)
    assert error.code == "not-a-workbook"
    assert kind in error.got


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/macros/vbaProject.bin", "xl/macrosheets/sheet1.xml"]
)
def test_macros_are_refused_wherever_they_lie(part):
    assert refusal(document(["xl/workbook.xml", part])).code == "macro-workbook"


STRINGS = f"<sst {MAIN}><si><t>Đất</t></si></sst>"
SHEET = sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>7</v></c></row>')
READ = {(0, 0): RawCell("text", "Đất"), (0, 1): RawCell("number", Decimal(7))}


def moved(data: bytes) -> bytes:
    """Put the shared strings under another name, as some programs do."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("workbook.xml.rels"):
                relation = f'<Relationship Id="r9" Type="{RELS}/sharedStrings" Target="strings/s.xml"/></Relationships>'
                content = content.replace(b"</Relationships>", relation.encode())
            new.writestr("xl/strings/s.xml" if name == "xl/sharedStrings.xml" else name, content)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "windows-1258", "utf-8-sig"])
def test_every_encoding_that_excel_reads_is_read(encoding):
    named = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    text = f'<?xml version="1.0" encoding="{named}"?>{STRINGS}' if "16-" not in encoding else STRINGS
    if encoding == "windows-1258":
        text = text.replace("Đất", "\u0110\u00e2\u0301t")
    cells = parse_workbook(bare(SHEET, text.encode(encoding))).sheets[0].cells
    assert unicodedata.normalize("NFC", cells[0, 0].value) == "Đất"
    assert cells[0, 1] == READ[0, 1]


def test_shared_strings_are_found_by_their_relation():
    assert parse_workbook(moved(bare(SHEET, STRINGS))).sheets[0].cells == READ


def test_an_encoding_nobody_knows_is_damage():
    assert refusal(bare(SHEET, b'<?xml version="1.0" encoding="klingon"?><sst/>')).code == "damaged"


def test_a_flipped_number_names_its_cell():
    error = refusal(bare(sheet_xml('<row r="4"><c r="D4"><v>1..5</v></c></row>')))
    assert (error.sheet, error.address) == ("S", "D4")


def test_two_parts_of_one_name_are_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/workbook.xml", "<b/>")
    assert refusal(stream.getvalue()).code == "damaged"


# -- hostile files ---------------------------------------------------------------
def far_cell():
    return bare(sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


def giant_string():
    strings = f"<sst {MAIN}><si><t>{'x' * 32_767}</t></si></sst>"
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 150_001))
    return bare(sheet_xml(rows), strings)


def long_string():
    return bare(
        sheet_xml('<row r="1"><c r="B1" t="s"><v>0</v></c></row>'),
        f"<sst {MAIN}><si><t>{'x' * 40_000}</t></si></sst>",
    )


def huge_string():
    """10 MB of one letter: small enough to look into, so the cell is named."""
    return bare(
        sheet_xml('<row r="3"><c r="C3" t="s"><v>0</v></c></row>'),
        f"<sst {MAIN}><si><t>{'x' * 10_000_000}</t></si></sst>",
    )


def declared_bomb():
    """1 GB of spaces that the archive declares truly; made without writing 1 GB through zipfile."""
    return bomb(declared=1 << 30)


def lying_bomb():
    """The same, declared as 1 KB."""
    return bomb(declared=1024)


def bomb(declared: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * (1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * 64 + packer.flush()
    good = bare("@")
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        entries = [(one.filename, archive.read(one)) for one in archive.infolist()]
    out, directory = io.BytesIO(), b""
    for name, content in entries:
        body, size, crc = (
            (packed, declared, 0)
            if content == b"@"
            else (zlib.compress(content)[2:-4], len(content), zlib.crc32(content))
        )
        offset = out.tell()
        fields = (20, 0, 8, 0, 0, crc, len(body), size, len(name), 0)
        out.write(struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name.encode() + body)
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, 0, 0, 0, 0, offset) + name.encode()
    start = out.tell()
    out.write(
        directory
        + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), start, 0)
    )
    return out.getvalue()


def billion_laughs():
    entities = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )
    return bare(f"<!DOCTYPE x [{entities}]>" + sheet_xml('<row r="1"><c r="A1" t="str"><v>&j;</v></c></row>'))


def many_cells():
    row = "".join("<c><v>1</v></c>" for _ in range(1000))
    return bare(sheet_xml(f"<row>{row}</row>" * 700), level=1)


HOSTILE = [
    (far_cell, "far-cell", "XFD1048576"),
    (giant_string, "giant-text", "A489"),
    (long_string, "giant-text", "B1"),
    (huge_string, "giant-text", "C3"),
    (declared_bomb, "zip-bomb", None),
    (lying_bomb, "zip-bomb", None),
    (billion_laughs, "xml-doctype", None),
]


@pytest.mark.parametrize(("make_it", "code", "address"), HOSTILE, ids=[one[0].__name__ for one in HOSTILE])
def test_hostile_files_are_refused_at_once(make_it, code, address):
    data = make_it()
    assert len(data) < 1_200_000
    start = time.process_time()
    error = refusal(data)
    assert time.process_time() - start < 0.8
    assert (error.code, error.address) == (code, address)


def test_hostile_files_take_little_memory(tmp_path):
    for make_it, _, _ in HOSTILE:
        (tmp_path / make_it.__name__).write_bytes(make_it())
    code = (
        "import resource, sys, pathlib\n"
        "from baocao.reading.workbooks.child import answer\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    assert answer(path.read_bytes()).startswith(b'E')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 60_000  # KiB


def test_too_many_cells(monkeypatch):
    monkeypatch.setattr(xml_module, "MAX_CELLS", 1000)
    error = refusal(many_cells())
    assert (error.code, error.address) == ("too-many-cells", "A2")


def test_formats_far_below_are_no_cells():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert cell(bare(sheet_xml(rows))) == RawCell("number", Decimal(1))


# -- the child -------------------------------------------------------------------
def test_the_parser_may_abort_and_the_next_file_is_read():
    """With the guard loosened the value reader really takes its process down."""
    child = (
        "from baocao.reading.workbooks import xml\n"
        "xml.MAX_GRID = 1 << 60\n"
        "from baocao.reading.workbooks.child import main\n"
        "main()\n"
    )
    with LimitedParser([sys.executable, "-c", child]) as parser:
        with pytest.raises(WorkbookError) as caught:
            parser.parse(far_cell())
        assert caught.value.code == "parser-failed"
        assert unpack_answer(parser.parse(GOOD)) == parse_workbook(GOOD)


@pytest.mark.parametrize("hang", ["time.sleep(60)", "sum(1 for _ in iter(int, 1))"])
def test_a_hanging_parser_is_stopped(hang, monkeypatch):
    monkeypatch.setattr("baocao.reading.workbooks.limited.PATIENCE", 2)
    child = (
        "import sys, time\n"
        "from baocao.reading.workbooks import child\n"
        "good = child.answer\n"
        f"child.answer = lambda data: {hang} if data == b'hang' else good(data)\n"
        "child.main()\n"
    )
    with LimitedParser([sys.executable, "-c", child], seconds=1.0) as parser:
        with pytest.raises(WorkbookError, match="out of time"):
            parser.parse(b"hang")
        assert unpack_answer(parser.parse(GOOD)) == parse_workbook(GOOD)


@pytest.mark.skipif(sys.platform != "linux", reason="resource limits")
def test_the_child_limits_its_memory():
    child = (
        "from baocao.reading.workbooks import child\n"
        "child.answer = lambda data: str(len(bytearray(2 << 30))).encode()\n"
        "child.main()\n"
    )
    with LimitedParser([sys.executable, "-c", child]) as parser, pytest.raises(WorkbookError) as caught:
        parser.parse(GOOD)
    assert caught.value.code == "parser-failed"


def test_nonsense_from_the_child_is_a_failure():
    with (
        LimitedParser([sys.executable, "-c", "print('x' * 100)"]) as parser,
        pytest.raises(WorkbookError) as caught,
    ):
        parser.parse(GOOD)
    assert caught.value.code == "parser-failed"


def test_one_bad_file_does_not_stop_the_others():
    results = read_contents({"a": GOOD, "b": b"<html>", "c": far_cell(), "d": GOOD}, None)
    assert [getattr(results[name], "code", "fine") for name in "abcd"] == ["fine", "html", "far-cell", "fine"]


# -- the cache -------------------------------------------------------------------
class Broken(LimitedParser):
    """A parser that must not be asked."""

    def parse(self, data):
        raise AssertionError


def test_what_was_read_is_not_parsed_again(tmp_path):
    contents = {"a": GOOD, "b": far_cell()}
    first = read_contents(contents, tmp_path)
    again = read_contents(contents, tmp_path, parser=Broken())
    assert again["a"] == first["a"]
    assert again["b"].code == first["b"].code == "far-cell"


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-3000], lambda data: b"", lambda data: b"x" * len(data)]
)
def test_damaged_answers_are_read_again(tmp_path, damage):
    first = read_contents({"a": GOOD}, tmp_path)
    (kept,) = [path for path in tmp_path.iterdir() if path.is_file()]
    kept.write_bytes(damage(kept.read_bytes()))
    assert read_contents({"a": GOOD}, tmp_path) == first
    assert read_contents({"a": GOOD}, tmp_path, parser=Broken()) == first


@pytest.mark.parametrize(
    "change", ["sha256 = x'00'", "answer = substr(answer, 1, 9)", "file = (SELECT max(file) FROM kept)"]
)
def test_an_entry_that_does_not_match_is_not_trusted(tmp_path, change):
    other = make(lambda s, b: s.write_number(0, 0, 2))
    read_contents({"a": GOOD, "b": other}, tmp_path)
    kept = WorkbookCache(tmp_path)
    with contextlib.closing(sqlite3.connect(kept.path)) as connection, connection:
        if change.startswith("file"):
            connection.execute("DELETE FROM kept WHERE file = (SELECT max(file) FROM kept)")
            keys = {hashlib.sha256(data).hexdigest() for data in (GOOD, other)}
            connection.execute("UPDATE kept SET file = ?", [max(keys)])
        else:
            connection.execute(f"UPDATE kept SET {change}")
    results = read_contents({"a": GOOD, "b": other}, tmp_path)
    assert [int(results[name].sheets[0].cells[0, 0].value) for name in "ab"] == [1, 2]


def test_answers_of_another_version_go(tmp_path):
    (tmp_path / "0123456789ab.kept").write_bytes(b"x")
    read_contents({"a": GOOD}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [WorkbookCache(tmp_path).path.name]


def test_two_at_once_do_not_disturb_each_other(tmp_path):
    contents = {
        str(number): make(lambda s, b, number=number: s.write_number(0, 0, number)) for number in range(12)
    }
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(read_contents(contents, tmp_path))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        assert {name: int(book.sheets[0].cells[0, 0].value) for name, book in result.items()} == {
            name: int(name) for name in contents
        }
    assert not list(tmp_path.rglob("*.tmp"))


# -- files on the disk -------------------------------------------------------------
def test_files_that_cannot_be_opened(tmp_path, monkeypatch):
    good, gone, folder, pipe, link = (tmp_path / name for name in ("good", "gone", "folder", "pipe", "link"))
    good.write_bytes(GOOD)
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "nowhere")
    results = read_workbooks([good, gone, folder, pipe, link], None)
    assert not isinstance(results[good], WorkbookError)
    for path in (gone, folder, pipe, link):
        assert results[path].code == "unreadable-file"


def test_a_file_without_permission(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("baocao.reading.workbooks.files.os.open", refuse)
    error = read_workbooks([tmp_path / "a.xlsx"], None)[tmp_path / "a.xlsx"]
    assert (error.code, error.got) == ("unreadable-file", "no permission to read it")


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge.xlsx"
    with path.open("wb") as stream:
        stream.truncate(100 << 20)
    assert read_workbooks([path], None)[path].code == "too-large"


def test_an_answer_survives_packing():
    data = make(lambda s, b: s.write_string(0, 0, "Đất"))
    assert unpack_answer(answer(data)) == parse_workbook(data)


def test_a_flood_of_empty_elements(monkeypatch):
    monkeypatch.setattr(xml_module, "MAX_ELEMENTS", 1000)
    assert refusal(bare(sheet_xml("<row/>" * 2000))).code == "too-many-cells"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_refused_or_harmless(flips):
    """Never another number, never another exception."""
    data = bytearray(GOOD)
    for place, byte in flips:
        data[place] = byte
    with contextlib.suppress(WorkbookError):
        assert parse_workbook(bytes(data)).sheets[0].cells == {(0, 0): RawCell("number", Decimal(1))}


@given(st.integers(0, len(GOOD) - 1))
def test_any_truncation_is_one_refusal(length):
    assert refusal(GOOD[:length]).code in ("empty-file", "truncated", "not-a-workbook")


def test_a_file_of_the_folder_one_stands_in_is_no_module(books, tmp_path, monkeypatch):
    (tmp_path / "copy.py").write_text("raise SystemExit('not this one')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert not isinstance(read_contents({"a.xlsx": books.unit()}, None)["a.xlsx"], WorkbookError)
