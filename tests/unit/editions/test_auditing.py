"""Differences as finely as their kind allows, and the verdict each value and file gets from them."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from fractions import Fraction

import nbformat
import pytest

from baocao.cli.showing.audits import format_audit, format_audits
from baocao.editions.auditing import rerunning
from baocao.editions.auditing.audit import Audit
from baocao.editions.auditing.verdicts import Cause, Judge, Outputs, Verdict, kind_of, read_words
from baocao.editions.differences import compare_files, list_pins
from baocao.editions.record import Change, Environment, Recorded, hash_values
from baocao.project.errors import UsageError
from baocao.project.folder import Project
from baocao.project.hashes import hash_file
from baocao.project.periods import Period
from baocao.project.processes import Completed
from baocao.project.processes import run as run_program
from baocao.tracing.record import TraceRecord, dump_trace
from baocao.tracing.trace import Trace
from baocao.values.nodes import Node, NodeSource

PERIOD = Period(2026, 1)
FILE = "don-vi/H01-x.xlsx"
RAW = f"data/raw/2026-Q1/{FILE}"
RAW_TEXT = "data/raw/2026-Q1/loi-van/kstthc/15.md"


def test_a_workbook_differs_by_its_cells_with_both_contents(books, surgery):
    before = books.unit("H01")
    after = surgery(
        before, "xl/worksheets/sheet1.xml", lambda part: part.replace(b"<v>1234</v>", b"<v>1235</v>")
    )
    changes = compare_files(RAW, before, after, "2026-Q1")
    assert {change.where.partition("#")[0] for change in changes} == {FILE}
    # The stored totals are no longer what their formulas give.
    assert {(change.before, change.after) for change in changes} == {
        ("1234", "1235"),
        ("1244", "1244 (its formula gives another result)"),
    }
    assert all("#06a!" in change.where for change in changes)


def test_a_workbook_that_differs_without_a_cell_still_differs(books, surgery):
    before = books.unit("H01")
    after = surgery(before, "docProps/core.xml", lambda part: part + b" ")
    [change] = compare_files(RAW, before, after, "2026-Q1")
    assert change.where == FILE
    assert "bytes" in str(change.before)


def test_a_workbook_that_cannot_be_read_any_more_says_why(books):
    [change] = compare_files(RAW, books.unit("H01"), b"<html>", "2026-Q1")
    assert (change.where, change.after) == (FILE, "html")


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        ("params/a.yaml", b"a: {b: [1, 2]}", b"a: {b: [1, 3]}", "params/a.yaml#a.b.1: 2 -> 3"),
        ("params/a.yaml", b"a: 1", b"a: 1\nb: 2", "params/a.yaml#b: (absent) -> 2"),
        (
            "params/units.csv",
            b"code,name\nH01,x",
            b"code,name\nH01,y",
            "params/units.csv#H01: H01,x -> H01,y",
        ),
        (
            "requirements.lock",
            b"a==1 \\\n    --hash=x",
            b"a==2 \\\n    --hash=y",
            "requirements.lock#a: 1 -> 2",
        ),
        ("scripts/baocao/x.py", b"a\nb\n", b"a\nc\n", "scripts/baocao/x.py#line 2: b -> c"),
        ("data/raw/2026-Q1/loi-van/kstthc/15.md", b"a", b"b", "loi-van/kstthc/15.md#line 1: a -> b"),
        ("data/raw/2025-Q4/don-vi/H01-x.xlsx", None, b"x", "2025-Q4/don-vi/H01-x.xlsx: (absent) -> present"),
        ("params/a.yaml", b"a: 1", b"a:  1", "params/a.yaml#line 1: 'a: 1' -> 'a:  1'"),
        ("params/a.yaml", b"a: 1 # x", b"a: 1 # y", "params/a.yaml#line 1: a: 1 # x -> a: 1 # y"),
        ("params/a.yaml", b"a: 1", b"a: '1'", "params/a.yaml#a: 1 -> '1'"),
        (
            "params/a.yaml",
            b"a: 2026-02-28",
            b"a: 2026-02-30",
            "params/a.yaml#line 1: a: 2026-02-28 -> a: 2026-02-30",
        ),
        ("params/units.csv", b"a,1\nb,2\n", b"a,1\rb,2\r", "params/units.csv: 8 bytes -> 8 other bytes"),
        ("params/units.csv", b"a,1\n", b"a,1\na,1\n", "params/units.csv#line 2: (absent) -> a,1"),
        (
            "params/units.csv",
            b"a,1\n",
            b"a,1\n" + b"x" * 200_000,
            f"params/units.csv#line 2: (absent) -> {'x' * 200_000}",
        ),
        (
            "requirements.lock",
            b"a==1 \\\n    --hash=x\nb==2 \\\n    --hash=y\n",
            b"a==1 \\\n    --hash=x\nb==2 \\\n    --hash=z\n",
            "requirements.lock#b:     --hash=y ->     --hash=z",
        ),
        (
            RAW_TEXT,
            "một hai".encode(),
            "một\u00a0hai".encode(),
            r"loi-van/kstthc/15.md#line 1: 'một hai' -> 'một\xa0hai'",
        ),
        (RAW_TEXT, "á".encode(), "a\u0301".encode(), r"loi-van/kstthc/15.md#line 1: '\xe1' -> 'a\u0301'"),
    ],
)
def test_other_sources_differ_by_key_row_package_or_line(path, before, after, expected):
    assert [str(change) for change in compare_files(path, before, after, "2026-Q1")] == [expected]
    assert compare_files(path, before, before, "2026-Q1") == []


def test_a_notebook_differs_by_its_cells():
    def write(*sources):
        cells = [nbformat.v4.new_code_cell(source, id=str(number)) for number, source in enumerate(sources)]
        return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()

    changes = compare_files(
        "notebooks/a.ipynb", write("x = 1", "y = 1\nz = 2"), write("x = 1", "y = 1\nz = 3", "w")
    )
    assert [str(change) for change in changes] == [
        "notebooks/a.ipynb#cell 2: z = 2 -> z = 3",
        "notebooks/a.ipynb#cell 3: (absent) -> w",
    ]


def test_a_cell_that_comes_or_goes_moves_the_others_and_changes_none():
    cells = {name: nbformat.v4.new_code_cell(f"{name} = 1", id=name) for name in "xyzw"}

    def compare(before, after):
        sides = [nbformat.v4.new_notebook(cells=[cells[name] for name in names]) for names in (before, after)]
        return list(
            map(str, compare_files("notebooks/a.ipynb", *(nbformat.writes(side).encode() for side in sides)))
        )

    assert compare("xyz", "xwyz") == ["notebooks/a.ipynb#cell 2: (absent) -> w = 1"]
    assert compare("xyz", "xz") == ["notebooks/a.ipynb#cell 2: y = 1 -> (absent)"]
    cells["Z"] = nbformat.v4.new_code_cell("z = 1", id="z", metadata={"tags": ["parameters"]})
    assert compare("xyz", "xyZ") == [
        'notebooks/a.ipynb#cell 3: metadata {} -> metadata {"tags": ["parameters"]}'
    ]


def test_pins_are_told_by_name_whatever_their_spelling():
    assert list_pins("A_b==1.0 ; python_version < '3.12' \\\n    --hash=sha256:00\nc==2\n") == {
        "a-b": "1.0",
        "c": "2",
    }
    lock = "numpy==2.4.6 ; python_version < '3.12' \\\nnumpy==2.5.1 ; python_version >= '3.12' \\\n"
    assert list_pins(lock) == {"numpy": "2.4.6, 2.5.1"}
    [change] = compare_files("requirements.lock", lock.encode(), lock.replace("2.4.6", "2.4.5").encode())
    assert change.where == "requirements.lock#numpy"


def test_a_kind_is_told_by_the_path():
    assert kind_of("reports/_extensions/nd30/nd30.lua") == kind_of("scripts/baocao/x.py") == "code-changed"


# -- verdicts --------------------------------------------------------------------


def trace(a="7", b="3"):
    values = {
        "a": Node(Fraction(a), "", "sum", (), (NodeSource("k", "C", "term"),)),
        "b": Node(Fraction(b), "", "sum", (), (NodeSource("l", "C", "term"),)),
    }
    blocks = {"k": ((FILE, "06a", 9, 12),), "l": (("don-vi/H02-x.xlsx", "06a", 9, 12),)}
    return TraceRecord("2026-Q1", (), values, blocks, (), (), (), {})


@pytest.fixture
def judge(tmp_path):
    def make(before, after, causes=(), outputs=None, failure=""):
        sides = []
        for name, data in (("then", before), ("now", after)):
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            if data is None:
                sides.append(None)
                continue
            (folder / "trace.json").write_text(dump_trace(data), encoding="utf-8")
            sides.append(
                Outputs(
                    folder,
                    Trace(data, Project(tmp_path), PERIOD),
                    hash_values(data),
                    {"a": ["notebooks/x/1.ipynb"]},
                )
            )
        return Judge(hash_values(before), outputs or {}, sides[0], sides[1], list(causes), "2026-Q1", failure)

    return make


def raw_cause(address="C9", file=FILE):
    return Cause(f"data/raw/2026-Q1/{file}", (Change(where=f"{file}#06a!{address}", before="1", after="2"),))


def test_a_value_that_is_the_same_is_identical_whatever_changed(judge):
    assert [one.verdict for one in judge(trace(), trace(), [raw_cause()]).judge_values()] == [
        "identical-values"
    ] * 2


def test_a_difference_goes_to_the_value_whose_cell_it_is(judge):
    a, b = judge(trace(), trace("8", "4"), [raw_cause("C9"), raw_cause("C99")]).judge_values()
    assert (a.verdict, a.before, a.after) == ("input-changed", "7", "8")
    assert [reason.where for reason in a.reasons] == [f"{FILE}#06a!C9"]
    assert (b.verdict, b.note) == ("cannot-check", "nothing that is recorded is different")


def test_the_nearest_cause_comes_first_and_gives_the_verdict(judge):
    notebook = Cause(
        "notebooks/x/1.ipynb", (Change(where="notebooks/x/1.ipynb#cell 2", before="a", after="b"),)
    )
    other = Cause("notebooks/x/2.ipynb", (Change(where="notebooks/x/2.ipynb#cell 2", before="a", after="b"),))
    package = Cause("environment", (Change(where="requirements.lock#pandas", before="2", after="3"),))
    [a, _] = judge(trace(), trace("8"), [package, other, notebook]).judge_values()
    assert a.verdict == "code-changed"
    assert [reason.where for reason in a.reasons] == [
        "notebooks/x/1.ipynb#cell 2",
        "requirements.lock#pandas",
    ]
    [a, _] = judge(trace(), trace("8"), [package]).judge_values()
    assert a.verdict == "environment-changed"


def test_where_nothing_could_be_made_only_the_inputs_are_judged(judge):
    a, b = judge(trace(), None, [raw_cause()], failure="the build stopped").judge_values()
    assert (a.verdict, a.after) == ("input-changed", None)
    assert (b.verdict, b.note) == ("cannot-check", "the build stopped")


def test_an_issued_file_that_is_not_the_recorded_one_is_altered(judge, tmp_path):
    one = judge(trace(), trace(), outputs={"trace.json": "0" * 64, "kstthc.pdf": "1" * 64})
    pdf, file = one.judge_files()
    assert (pdf.name, pdf.verdict, pdf.after) == ("kstthc.pdf", "altered", None)
    assert file.verdict == "altered"
    assert "record" in file.note


def test_other_bytes_with_the_same_words_are_told_from_other_words(tmp_path):
    pages = {"a": "<p>1 <b>hai</b></p>", "b": "<div><p>1 <i>hai</i></p></div>", "c": "<p>1 ba</p>"}
    for name, text in pages.items():
        (tmp_path / name).write_text(f"<html><body>{text}</body></html>", encoding="utf-8")
    words = {name: read_words(tmp_path / name, "kstthc.html") for name in pages}
    assert words["a"] == words["b"] != words["c"]


def test_an_audit_is_good_only_if_nothing_at_all_is_different():
    good = Verdict("a", "identical-values", "1", "1")
    bad = Verdict("x", "altered", "1", "2", (Change(where="issued file x", before="1", after="2"),))
    whole = Audit("2026-Q1", 1, "c" * 40, "then", (good,), (good,), ())
    assert whole.good
    edited = Audit("2026-Q1", 1, "c" * 40, "then", (good,), (bad,), ())
    assert edited.identical
    assert not edited.good
    assert not Audit("2026-Q1", 1, "c" * 40, "then", (), (), ()).identical
    assert any("issued file x: 1 -> 2" in line for line in format_audit(edited))
    table = list(format_audits({"2025-Q4": UsageError("no such\nthing"), "2026-Q1": edited}))
    assert len({len(line.split("  ")[0]) for line in table}) >= 1
    assert [line.split()[0] for line in table] == ["period", "2025-Q4", "2026-Q1"]
    assert table[1].endswith("CANNOT CHECK: no such")


def test_a_value_in_another_unit_says_both(judge):
    other = trace()
    other.values["a"] = replace(other.values["a"], unit="vụ")
    package = Cause("environment", (Change(where="requirements.lock#pandas", before="2", after="3"),))
    a, b = judge(trace(), other, [package]).judge_values()
    assert (a.verdict, a.before, a.after) == ("environment-changed", "7", "7 vụ")
    assert (b.before, b.after) == ("3", "3")


def test_a_picture_of_the_same_values_does_not_claim_the_same_words(judge, tmp_path):
    one = judge(trace(), trace(), [Cause("scripts/baocao/x.py", (Change(where="x", before="a", after="b"),))])
    for folder, content in (("then", b"a"), ("now", b"b")):
        (tmp_path / folder / "a.svg").write_bytes(content)
    one.outputs = {"a.svg": hash_file(tmp_path / "then" / "a.svg")}
    [found] = one.judge_files()
    assert found.verdict == "identical-values"
    assert "words" not in found.note


def test_a_value_made_otherwise_is_identical_with_a_note(judge):
    moved = trace()
    moved.blocks["k"] = ((FILE, "06a", 10, 13),)
    a, _ = judge(trace(), moved).judge_values()
    assert a.verdict == "identical-values"
    assert a.note
    assert isinstance(hash_values(moved)["a"], Recorded)


def test_other_bytes_of_the_same_values_still_name_their_culprit():
    culprit = Change(where="reports/_extensions/nd30/nd30.typst#line 8", before="14pt", after="15pt")
    moved = Verdict("kstthc.pdf", "identical-values", "1", "2", (culprit,), "other bytes")
    value = Verdict("a", "identical-values", "1", "1")
    said = list(format_audit(Audit("2026-Q1", 1, "c" * 40, "today", (value,), (moved,), ())))
    assert any("nd30.typst#line 8: 14pt -> 15pt" in line for line in said)
    assert said[-1] == "  all values are identical"


def test_what_cannot_be_checked_is_named():
    files = tuple(Verdict(f"{name}.docx", "cannot-check", "1", "2", (), "why") for name in "abcdefg")
    said = list(format_audit(Audit("2026-Q1", 1, "c" * 40, "then", (), files[:1], files[1:])))
    assert "  file: 1 cannot be checked (a.docx): why" in said
    assert "  source: 6 cannot be checked (b.docx, c.docx, d.docx, e.docx, f.docx, …): why" in said
    python = Change(where="python", before="3.11.7", after="3.11.2")
    values = tuple(Verdict(name, "cannot-check", "1", None, (python,), "the build stopped") for name in "abc")
    said = list(format_audit(Audit("2026-Q1", 1, "c" * 40, "then", values, (), ())))
    assert [line for line in said if "stopped" in line or "python" in line] == [
        "  value: 3 cannot be checked (a, b, c): the build stopped",
        "    python: 3.11.7 -> 3.11.2",
    ]


def test_what_a_terminal_would_obey_is_spelt():
    bad = Verdict("\x1b[2Jx", "altered", "1", "2", (Change(where="số\u202e", before=None, after="\x07"),))
    said = "\n".join(format_audit(Audit("2026-Q1", 1, "c" * 40, "nothing", (), (bad,), ())))
    assert "\\x1b[2Jx" in said
    assert "số\\u202e" in said
    assert all(letter.isprintable() or letter == "\n" for letter in said)


# -- the environment -------------------------------------------------------------


def environment(**changes):
    version = rerunning.platform.python_version()
    given = {
        "python": version,
        "system": "Linux x86_64",
        "packages": {},
        "engine": "embedded",
        "versions": {},
    }
    return Environment(**{**given, **changes})


def test_another_patch_level_of_python_needs_no_environment_of_its_own(tmp_path):
    minor = ".".join(rerunning.platform.python_version().split(".")[:2])
    found = rerunning.choose_interpreter(
        environment(python=f"{minor}.99"), tmp_path / "lock", tmp_path / "environment", today=False
    )
    assert str(found.python) == rerunning.sys.executable
    assert "python" in {change.where for change in found.changes}
    assert not (tmp_path / "environment").exists()


def test_an_environment_made_from_the_lock_that_is_not_the_recorded_one_is_a_cause(tmp_path, monkeypatch):
    def run(argv, **_):
        said = (
            json.dumps([rerunning.platform.python_version(), [["Pandas", "2.2"], [None, None]]])
            if "-c" in argv
            else ""
        )
        return Completed(said, "")

    monkeypatch.setattr(rerunning, "run", run)
    found = rerunning.choose_interpreter(
        environment(packages={"pandas": "2.9"}), tmp_path / "lock", tmp_path / "environment", today=False
    )
    assert [str(change) for change in found.changes] == ["requirements.lock#pandas: 2.9 -> 2.2"]


def test_no_setting_of_the_caller_reaches_a_build(tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(rerunning, "run", lambda argv, **given: seen.update(given["env"]))
    for name in ("MATPLOTLIBRC", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "TYPST_FONT_PATHS", "BAOCAO_ROOT"):
        monkeypatch.setenv(name, "x")
    (tmp_path / "run").mkdir()
    rerunning.rerun(
        tmp_path / "run", PERIOD, ["kstthc"], rerunning.Interpreter(rerunning.Path("python"), "embedded")
    )
    assert {
        seen[name]
        for name in ("MATPLOTLIBRC", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "TYPST_FONT_PATHS", "BAOCAO_ROOT")
    } == {None}
    assert "PATH" not in seen
    assert seen["TMPDIR"] == str(tmp_path)
    assert seen["HOME"].startswith(str(tmp_path))


def test_a_setting_that_is_taken_away_is_absent_and_not_empty(tmp_path, monkeypatch):
    # libfaketime ends every program that finds its FAKETIME_SHARED empty.
    monkeypatch.setenv("FAKETIME_SHARED", "x")
    code = "import os; print('FAKETIME_SHARED' in os.environ, os.environ['TZ'])"
    assert run_program([sys.executable, "-c", code], cwd=tmp_path).stdout.split() == ["True", "UTC"]
    done = run_program([sys.executable, "-c", code], cwd=tmp_path, env={"FAKETIME_SHARED": None})
    assert done.stdout.split() == ["False", "UTC"]
