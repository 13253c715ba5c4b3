"""Every wrong file under params is refused with file, line, what is expected and what stands there; none with a traceback."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.checking.identities import read_identities
from baocao.project.errors import BaocaoError, ParamsError
from baocao.project.language import speaking
from baocao.project.params import Params

PARAMS = Path(__file__).resolve().parents[3] / "params"
PERIOD = "2026-Q1"
HEAD = "period: 2026-Q1\n"
PLACE = """code: "31"
name: thành phố Hải Phòng
short: Hải Phòng
kind: thành phố
issuer: [ỦY BAN NHÂN DÂN]
levels:
  so: {label: sở, name: sở}
  xa: {label: xã, name: xã}
"""
UNITS = "code,name,type,level,from,until,successor\n"
REPORT = """kstthc:
  title: "Kết quả quý {quy}"
  recipient: [Bộ Tư pháp]
  copies: [Như trên]
  signature: [CHỦ TỊCH]
  sections:
    - {key: I, heading: "I."}
"""
FORM = """forms:
  don-vi:
    title: Danh sách
    source: van-phong/so-noi-vu
    sheet: don-vi
    kind: register
    header: {period: B4}
    first_row: 7
    columns:
      - {name: ma, column: A, label: Mã, type: text}
      - {name: so, column: B, label: Số, type: count}
"""


class Wrong(NamedTuple):
    """A file as somebody has left it, and what the refusal must say."""

    name: str
    file: str
    content: str | bytes | None
    says: tuple[str, ...]


def _wrong(name: str, file: str, content: str | bytes | None, *says: str) -> Wrong:
    return Wrong(name, file, content, says)


def _swap(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


BOMB = "a: &a [x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
P, PL, U, F, IN, R, D, OF = (
    f"{PERIOD}.yaml", "place.yaml", "units.csv", "forms.yaml", "indicators.yaml", "reports.yaml", "identities.yaml", "offices.csv",
)  # fmt: skip
YAMLS = (P, PL, F, IN, R, D)

CASES = [
    # any YAML file: what it is at all
    *(_wrong("missing", file, None, file, "is missing", "write it") for file in (*YAMLS, U, OF)),
    *(_wrong("empty", file, "", file, "is empty") for file in YAMLS),
    *(_wrong("only a comment", file, "# nothing yet\n", file, "is empty") for file in (P, F)),
    *(_wrong("a list", file, "- a\n- b\n", f"{file}:1") for file in YAMLS),
    *(_wrong("a number", file, "12\n", f"{file}:1") for file in YAMLS),
    *(_wrong("a tab", file, "a:\n\tb: 1\n", f"{file}:2", "tab") for file in (P, PL)),
    *(_wrong("an open bracket", file, "a: [1,\nb: 2\n", f"{file}:", "not YAML") for file in (P, R)),
    *(_wrong("a conflict", file, "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n", f"{file}:1", "unmerged") for file in (P, IN, U)),
    *(_wrong("utf-16", file, PLACE.encode("utf-16"), file, "UTF-16", "UTF-8") for file in (PL, P, U)),
    *(_wrong("cp1258", file, b"a: 1\nname: Th\xe0nh ph\xf4\n", f"{file}:2", "UTF-8", "1258") for file in (PL, P, U)),
    _wrong("zeros", P, b"period: \0\0", P, "no text"),
    _wrong("a workbook", P, b"PK\x03\x04" + bytes(300), P, "UTF-8"),
    _wrong("a bomb", P, BOMB, f"{P}:2", "anchor"),
    _wrong("an anchor in itself", P, "a: &a [*a]\n", f"{P}:1", "anchor"),
    _wrong("deep brackets", P, "a: " + "[" * 5000 + "]" * 5000, f"{P}:1", "deeper"),
    _wrong("unfolds", IN, "a: &a [" + "x, " * 900 + "x]\nb: [" + "*a, " * 900 + "*a]\n", IN, "unfolds"),
    _wrong("a tag", P, "period: !!python/object:os.system x\n", f"{P}:1", "tag"),
    _wrong("an own tag", P, "period: !quy 2026-Q1\n", f"{P}:1", "tag"),
    _wrong("two documents", P, HEAD + "---\n" + HEAD, f"{P}:2", "second document"),
    _wrong("a merge key", P, HEAD + "x: &x {a: 1}\ndrafter:\n  <<: *x\n", f"{P}:4", "merged"),
    _wrong("a list as a key", P, "[a, b]: 1\n", f"{P}:1", "a key"),
    _wrong("two million letters", P, "#" + "x" * 2_000_001, P, "at most"),
    *(_wrong("a key twice", file, "name: 1\nx: 2\nname: 3\n", f"{file}:3", "name stands there twice", "line 1") for file in YAMLS),
    _wrong("a treatment twice", P, HEAD + 'treatments:\n  "10507": {action: zero, why: x}\n  10507: {action: exclude, why: y}\n', f"{P}:4", "treatments.10507", "line 3"),
    # the period
    _wrong("another period", P, "period: 2026-Q2\n", f"{P}:1", "2026-Q1", "2026-Q2"),
    _wrong("no period", P, "signer: A\n", P, "period is missing"),
    _wrong("a number as signer", P, HEAD + "signer: 10507\n", f"{P}:2", "signer", "text", "10507", "quotes"),
    _wrong("on as signer", P, HEAD + "signer: on\n", f"{P}:2", "signer", "text", "got on", "quotes"),
    _wrong("a date as signer", P, HEAD + "signer: 2026-03-20\n", f"{P}:2", "signer", "text", "date"),
    _wrong("no signer behind the colon", P, HEAD + "signer:\n", f"{P}:2", "signer", "text"),
    _wrong("number not by report", P, HEAD + "number: 37\n", f"{P}:2", "number", "37"),
    _wrong("a number in place of text", P, HEAD + "number: {kstthc: 37}\n", f"{P}:2", "number.kstthc", "quotes"),
    _wrong("a report nobody knows", P, HEAD + 'number: {ksttch: "37"}\n', f"{P}:2", "ksttch", "kstthc"),
    _wrong("issued for nobody", P, HEAD + "issued_on: {cch: 2026-03-20}\n", f"{P}:2", "cchc"),
    _wrong("no date", P, HEAD + "issued_on: {kstthc: tomorrow}\n", f"{P}:2", "issued_on.kstthc", "2026-03-20"),
    _wrong("a date that is none", P, HEAD + "issued_on: {kstthc: 2026-02-31}\n", f"{P}:2", "issued_on.kstthc"),
    _wrong("a date backwards", P, HEAD + "issued_on: {kstthc: 20/3/2026}\n", f"{P}:2", "20/3/2026"),
    _wrong("a date as number", P, HEAD + "issued_on: {kstthc: 20260320}\n", f"{P}:2", "20260320"),
    _wrong("a huge date", P, HEAD + "issued_on: {kstthc: 99999-01-01}\n", f"{P}:2", "99999-01-01"),
    _wrong("a drafter in a list", P, HEAD + "drafter: [a]\n", f"{P}:2", "drafter", "a list of 1"),
    _wrong("a key misspelt", P, HEAD + "treatment: {}\n", f"{P}:2", "treatment", "treatments"),
    _wrong("names as text", P, HEAD + "names: Đề án\n", f"{P}:2", "names", "a list"),
    _wrong("names of numbers", P, HEAD + "names: [Đề án, 6]\n", f"{P}:2", "names", "6", "quotes"),
    _wrong("an empty name", P, HEAD + 'names: [""]\n', f"{P}:2", "names"),
    _wrong("a unit nobody knows", P, HEAD + 'treatments:\n  "10508": {action: zero, why: x}\n', f"{P}:3", "10508", "10507"),
    _wrong("treatments in a list", P, HEAD + "treatments: [a]\n", f"{P}:2", "treatments"),
    _wrong("an action nobody knows", P, HEAD + 'treatments: {"10507": {action: ignore, why: x}}\n', f"{P}:2", "treatments.10507.action", "exclude", "ignore"),
    _wrong("no reason", P, HEAD + 'treatments: {"10507": {action: zero}}\n', f"{P}:2", "treatments.10507.why is missing"),
    _wrong("a blank reason", P, HEAD + 'treatments: {"10507": {action: zero, why: " "}}\n', f"{P}:2", "treatments.10507.why"),
    _wrong("use without a file", P, HEAD + 'treatments: {"10507": {action: use, why: x}}\n', f"{P}:2", "treatments.10507", "file"),
    _wrong("accept by nobody", P, HEAD + 'treatments: {"10507": {action: accept, why: x}}\n', f"{P}:2", "treatments.10507", "who"),
    _wrong("a treatment that is text", P, HEAD + 'treatments: {"10507": zero}\n', f"{P}:2", "treatments.10507", "zero"),
    # the place
    _wrong("no code", PL, _swap(PLACE, 'code: "31"\n', ""), PL, "code is missing"),
    _wrong("a code as number", PL, _swap(PLACE, '"31"', "31"), f"{PL}:1", "code", "31", "quotes"),
    _wrong("a code with a nought", PL, _swap(PLACE, '"31"', "031"), f"{PL}:1", "code", "031", "quotes"),
    _wrong("a name that is a list", PL, _swap(PLACE, "thành phố Hải Phòng", "[a]"), f"{PL}:2", "name"),
    _wrong("an issuer that is text", PL, _swap(PLACE, "[ỦY BAN NHÂN DÂN]", "ỦY BAN"), f"{PL}:5", "issuer", "a list"),
    _wrong("no levels", PL, PLACE.partition("levels")[0], PL, "levels is missing"),
    _wrong("empty levels", PL, PLACE.partition("levels")[0] + "levels: {}\n", f"{PL}:6", "levels", "at least 1"),
    _wrong("a level without words", PL, _swap(PLACE, "{label: sở, name: sở}", "sở"), f"{PL}:7", "levels.so"),
    _wrong("a level misspelt", PL, _swap(PLACE, "{label: sở, name", "{lable: sở, name"), f"{PL}:7", "levels.so.lable", "label"),
    _wrong("a key too many", PL, PLACE + "mayor: A\n", f"{PL}:9", "mayor", "names"),
    _wrong("a house nobody has", PL, PLACE + "house: nd31\n", "nd31", "nd30"),
    # units and offices
    _wrong("no unit", U, "", U),
    _wrong("a head alone", U, UNITS, U, "nobody"),
    _wrong("no head", U, "H01,Sở Nội vụ,sở,so\n", f"{U}:1", "code", "H01"),
    _wrong("a column misspelt", U, "code,name,type,levle\nH01,Sở,sở,so\n", f"{U}:1", "level", "levle"),
    _wrong("parted by semicolons", U, "code;name;type;level\nH01;Sở;sở;so\n", f"{U}:1", "';'"),
    _wrong("a column twice", U, "code,name,name,type,level\nH01,Sở,Sở,sở,so\n", f"{U}:1", "name, name"),
    _wrong("too many entries", U, UNITS + "H01,Sở Văn hóa, Thể thao,sở,so,,,,\n", f"{U}:2", "more entries"),
    _wrong("no name", U, UNITS + "H01,,sở,so\n", f"{U}:2", "name is missing"),
    _wrong("a level nobody knows", U, UNITS + "H01,Sở,sở,so\nH02,Sở,sở,tinh\n", f"{U}:3", "tinh", "so"),
    _wrong("a unit twice", U, UNITS + "H01,Sở A,sở,so\nH01,Sở B,sở,so\n", f"{U}:3", "H01", "twice"),
    _wrong("a code with a slash", U, UNITS + "../H01,Sở,sở,so\n", f"{U}:2", "code", "../H01"),
    _wrong("an open quote", U, UNITS + 'H01,"Sở,sở,so\n', U, "CSV"),
    _wrong("a last day that is none", U, UNITS + "H01,Sở,sở,so,,31/3/2026,\n", f"{U}:2", "until", "31/3/2026"),
    _wrong("ends before it begins", U, UNITS + "H01,Sở,sở,so,2026-04-01,2026-03-31,\n", f"{U}:2", "before it begins"),
    _wrong("a successor and no end", U, UNITS + "H01,Sở,sở,so,,,H02\nH02,Sở,sở,so\n", f"{U}:2", "H01", "until"),
    _wrong("a successor nobody knows", U, UNITS + "H01,Sở,sở,so,,2026-03-31,H09\nH02,Sở,sở,so\n", f"{U}:2", "H09", "H02"),
    _wrong("its own successor", U, UNITS + "H01,Sở,sở,so,,2026-03-31,H02\nH02,Sở,sở,so,2026-04-01,2026-05-31,H01\n", f"{U}:2", "own successor"),
    _wrong("a successor not there yet", U, UNITS + "H01,Sở,sở,so,,2026-03-31,H02\nH02,Sở,sở,so,2026-06-01,,\n", f"{U}:2", "2026-04-01"),
    _wrong("an office twice", OF, "code,name\na,A\na,B\n", f"{OF}:3", "twice"),
    _wrong("an office without a name", OF, "code,name\na\n", f"{OF}:2", "name"),
    # forms
    _wrong("no forms", F, "form: {}\n", F, "forms"),
    _wrong("forms that are a list", F, "forms: [a]\n", F, "forms"),
    _wrong("a form that is text", F, "forms: {a: b}\n", f"{F}:1", "forms.a"),
    _wrong("an office nobody knows", F, _swap(FORM, "so-noi-vu", "so-noi-vụ"), f"{F}:4", "source"),
    _wrong("an office misspelt", F, _swap(FORM, "so-noi-vu", "so-noivu"), f"{F}:4", "so-noi-vu"),
    _wrong("a kind nobody knows", F, _swap(FORM, "kind: register", "kind: list"), f"{F}:6", "kind", "register", "list"),
    _wrong("a type nobody knows", F, _swap(FORM, "type: count", "type: integer"), f"{F}:11", "type", "count", "integer"),
    _wrong("a choice without choices", F, _swap(FORM, "type: count", "type: choice"), F, "so", "choices"),
    _wrong("no first row", F, _swap(FORM, "    first_row: 7\n", ""), F, "first_row is missing"),
    _wrong("a first row of nought", F, _swap(FORM, "first_row: 7", "first_row: 0"), f"{F}:8", "first_row", "at least 1"),
    _wrong("a row below the sheet", F, _swap(FORM, "first_row: 7", "first_row: 99999999999999999999"), f"{F}:8", "first_row", "at most"),
    _wrong("half a row", F, _swap(FORM, "first_row: 7", "first_row: 7.5"), f"{F}:8", "first_row", "whole number"),
    _wrong("yes as a row", F, _swap(FORM, "first_row: 7", "first_row: yes"), f"{F}:8", "first_row", "a number"),
    _wrong("a column in small letters", F, _swap(FORM, "column: B", "column: b"), f"{F}:11", "column"),
    _wrong("two columns of one letter", F, _swap(FORM, "column: B", "column: A"), F, "A", "twice"),
    _wrong("two columns of one name", F, _swap(FORM, "name: so", "name: ma"), F, "ma", "twice"),
    _wrong("no cell", F, _swap(FORM, "period: B4", "period: 4"), f"{F}:7", "header.period"),
    _wrong("a sum of what is not there", F, FORM + "    sums: [{of: so, parts: [tong]}]\n", F, "tong", "so"),
    _wrong("carried from what is not there", F, FORM + "    carried: {this: so, previous: som}\n", F, "som"),
    _wrong("a state that is no choice", F, _swap(FORM, "type: count", "type: choice, choices: [xong, hoãn]") + "    rules: [{kind: state, column: so, states: [song], date: ma, expects: filled}]\n", F, "xong", "song"),
    _wrong("an exception that is no choice", F, _swap(FORM, "type: count", "type: choice, choices: [xong, hoãn], unless: {so: song}"), F, "xong", "song"),
    _wrong("a total in no column", F, FORM + "    total: {column: Z, text: Tổng}\n", F, "Z"),
    _wrong("a level of a form nobody knows", F, FORM + "    levels: [tinh]\n", f"{F}:12", "tinh", "xa"),
    _wrong("two forms in one sheet", F, FORM + FORM.partition("\n")[2].replace("  don-vi:", "  don-vi-2:", 1), F, "don-vi-2", "one sheet"),
    # indicators
    _wrong("no label", IN, "a: {unit: TTHC}\n", f"{IN}:1", "a.label is missing"),
    _wrong("a pad of nought", IN, "a: {label: A, unit: B, print: {pad: 0}}\n", f"{IN}:1", "a.print.pad", "at least 1"),
    _wrong("a huge pad", IN, "a: {label: A, unit: B, print: {pad: 100000000}}\n", f"{IN}:1", "a.print.pad", "at most 9"),
    _wrong("a pad of words", IN, "a: {label: A, unit: B, print: {pad: two}}\n", f"{IN}:1", "a.print.pad", "whole number"),
    _wrong("negative decimals", IN, "a: {label: A, unit: B, print: {decimals: -1}}\n", f"{IN}:1", "a.print.decimals", "at least 0"),
    _wrong("decimals that are true", IN, "a: {label: A, unit: B, print: {decimals: true}}\n", f"{IN}:1", "a.print.decimals"),
    _wrong("a unit of %", IN, "a: {label: A, unit: %}\n", f"{IN}:1", "not YAML"),
    _wrong("an id with a space", IN, "a b: {label: A, unit: B}\n", f"{IN}:1", "a b"),
    _wrong("an indicator that is text", IN, "a: A\n", f"{IN}:1"),
    # reports
    _wrong("made of an unknown id", IN, "a: {label: A, unit: x, sum: [khong_co]}\n", "indicators.yaml:1", "khong_co"),
    _wrong("made of itself", IN, "a: {label: A, unit: x, sum: [b]}\nb: {label: B, unit: x, sum: [a]}\n", "indicators.yaml:1", "itself"),
    _wrong("no sections", R, _swap(REPORT, '    - {key: I, heading: "I."}\n', "    []\n"), R, "sections", "at least 1"),
    _wrong("a section twice", R, REPORT + '    - {key: I, heading: "II."}\n', R, "I", "twice"),
    _wrong("a notebook twice", R, REPORT + "    - {key: J, heading: x, notebook: a}\n    - {key: K, heading: y, notebook: a}\n", R, "a", "twice"),
    _wrong("a notebook outside", R, REPORT + "    - {key: J, heading: x, notebook: ../../a}\n", f"{R}:8", "notebook"),
    _wrong("an odd brace", R, _swap(REPORT, "{quy}", "{quy"), f"{R}:2", "brace"),
    _wrong("an empty brace", R, _swap(REPORT, "{quy}", "{}"), f"{R}:2", "brace"),
    _wrong("a title that is a number", R, _swap(REPORT, '"Kết quả quý {quy}"', "2026"), f"{R}:2", "title", "quotes"),
    _wrong("copies without a dash", R, _swap(REPORT, "[Như trên]", "Như trên"), f"{R}:4", "copies", "a list"),
    # relations
    _wrong("relations that are a map", D, "relations: {a: 1}\n", f"{D}:1", "relations", "a list"),
    _wrong("a relation of no kind", D, "relations: [{name: a, says: b}]\n", f"{D}:1", "relations.[1]", "kind"),
    _wrong("a relation of a kind nobody knows", D, "relations: [{name: a, says: b, kind: same}]\n", f"{D}:1", "equal", "same"),
    _wrong("a relation with a key too many", D, "relations: [{name: a, says: b, kind: equal, ids: [x, y], of: z}]\n", f"{D}:1", "of", "ids"),
    _wrong("an equal of one", D, "relations: [{name: a, says: b, kind: equal, ids: [hoso_tong_tiep_nhan]}]\n", f"{D}:1", "ids", "at least 2"),
    _wrong("a relation twice", D, "relations: [{name: a, says: b, kind: sum, whole: c, parts: d}, {name: a, says: b, kind: sum, whole: c, parts: d}]\n", D, "a", "twice"),
    _wrong("a rule without its column", D, "registers: [{name: a, says: b, kind: window, form: van-ban}]\n", f"{D}:1", "date"),
    _wrong("an id misspelt", D, "relations: [{name: a, says: b, kind: sum, whole: hoso_tong_tiep_nham, parts: hoso_so_tiep_nhan}]\n", f"{D}:1", "hoso_tong_tiep_nham", "hoso_tong_tiep_nhan"),
    _wrong("a rule of no form", D, "registers: [{name: a, says: b, kind: window, form: vanban, date: ngay}]\n", f"{D}:1", "vanban", "van-ban"),
    _wrong("a rule of no column", D, "registers: [{name: a, says: b, kind: window, form: van-ban, date: ngya}]\n", f"{D}:1", "ngya", "ngay"),
    _wrong("a choice nobody has", D, "registers: [{name: a, says: b, kind: window, form: vbqppl, date: ngay, where: {buoc: ban hanh}}]\n", f"{D}:1", "ban hanh", "ban hành"),
]  # fmt: skip


ENGLISH = re.compile(
    r"\b(?:the|should|expected|found|allowed|valid|input|not|must|cannot|could|while|does|are)\b"
)
VIETNAMESE = re.compile(r"\b(?:cần|hiện là|thiếu|không đúng|phải)\b")

READ = {
    P: lambda params: params.period(PERIOD),
    PL: lambda params: (params.place, params.house),
    U: lambda params: params.units,
    OF: lambda params: params.offices,
    F: lambda params: params.forms,
    IN: lambda params: params.indicators,
    R: lambda params: params.reports,
    D: read_identities,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(PARAMS, tmp_path / "params"))


def test_what_is_right_is_read(folder):
    for read in READ.values():
        read(Params(folder))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name}")
def test_wrong_params_are_told(folder, case):
    path = folder / case.file
    if case.content is None:
        path.unlink()
    else:
        path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    with pytest.raises(BaocaoError) as error:
        READ[case.file](Params(folder))
    message = str(error.value)
    assert [part for part in case.says if part not in message] == [], message
    assert len(message) < 4000
    with speaking("vi"), pytest.raises(BaocaoError) as error:
        READ[case.file](Params(folder))
    # Neither a sentence of ours nor one of a library: pydantic and the YAML parser speak English only.
    assert not ENGLISH.search(str(error.value)), str(error.value)
    assert not VIETNAMESE.search(message), message


def test_there_are_enough():
    assert len({(case.file, case.content) for case in CASES}) >= 95


def test_every_fault_of_a_file_is_told_at_once(folder):
    (folder / P).write_text(
        HEAD + "signer: 7\nnames: [8]\ntreatments: {a: {action: x, why: y}}\n", encoding="utf-8"
    )
    with pytest.raises(ParamsError) as error:
        Params(folder).period(PERIOD)
    lines = {finding.cells[0] for finding in error.value.findings}
    assert lines == {f"params/{P}:{line}" for line in (2, 3, 4)}


def test_a_mark_of_windows_is_no_fault(folder):
    path = folder / PL
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Params(folder).place.short == "Hải Phòng"


def test_a_year_is_a_period_and_no_number(folder):
    (folder / "2026.yaml").write_text("period: 2026\n", encoding="utf-8")
    assert Params(folder).period("2026").period == "2026"


def test_a_code_written_as_a_number_is_that_code(folder):
    path = folder / P
    path.write_text(HEAD + "treatments:\n  10507: {action: zero, why: x}\n", encoding="utf-8")
    assert list(Params(folder).period(PERIOD).treatments) == ["10507"]


@given(
    content=st.binary(max_size=200)
    | st.text(alphabet="ab: -[]{}&*!|>#'\"\n\t,?%@0١", max_size=80).map(str.encode)
)
def test_no_file_is_met_with_a_traceback(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("params")
    (folder / PL).write_bytes(content)
    (folder / U).write_bytes(content)
    for name in ("place", "all_units"):
        with contextlib.suppress(BaocaoError):
            getattr(Params(folder), name)
