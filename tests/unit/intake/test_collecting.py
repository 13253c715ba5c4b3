"""What comes in is recognised, checked and filed, and nothing that came is lost."""

from __future__ import annotations

import csv
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from baocao.cli.commands.intake import _follow
from baocao.intake import collecting
from baocao.intake.collecting import collect, take_waiting
from baocao.intake.register import Event, TryRegister
from baocao.intake.status import read_status
from baocao.project.errors import InputError, UsageError
from baocao.project.hashes import hash_file
from baocao.project.language import speaking
from baocao.project.periods import Period

PERIOD = Period(2026, 1)
FIELDS = (("Đất đai", (10, 6, 1, 3, 7, 4, 2, 1, 3, 2, 1)),)
OTHER = (("Đất đai", (11, 7, 1, 3, 8, 5, 2, 1, 3, 2, 1)),)


def spoil(sheets, _book) -> None:
    sheets["06a"].write_string("D9", "sáu")


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "thư đến"
    folder.mkdir()
    return folder


def states(taken) -> dict[str, tuple[str, str, int]]:
    return {one.file.name: (one.state, one.owner, one.attempt) for one in taken}


def test_files_are_recognised_by_what_is_in_them(sandbox, books, drop):
    (drop / "báo cáo quý 1 (sửa lần cuối).xlsx").write_bytes(books.unit("H01"))
    (drop / "bc.xlsx").write_bytes(books.unit("10507", level="xa"))
    (drop / "trung tâm.xlsx").write_bytes(sandbox.office())
    (drop / "~$bc.xlsx").write_bytes(b"x")
    (drop / "ghi chú.txt").write_text("không phải biểu", encoding="utf-8")
    (drop / "kỳ trước.xlsx").write_bytes(books.unit("H02", period="Quý IV năm 2025"))
    taken = collect(sandbox.project, PERIOD, [drop])
    assert states(taken) == {
        "bc.xlsx": ("counted", "10507", 1),
        "báo cáo quý 1 (sửa lần cuối).xlsx": ("counted", "H01", 1),
        "ghi chú.txt": ("aside", "", 0),
        "kỳ trước.xlsx": ("aside", "", 0),
        "trung tâm.xlsx": ("counted", "ttpvhcc", 1),
    }
    raw = sandbox.project.raw(PERIOD)
    assert (raw / "don-vi/H01-so-a.xlsx").read_bytes() == (
        drop / "báo cáo quý 1 (sửa lần cuối).xlsx"
    ).read_bytes()
    assert (raw / "van-phong/ttpvhcc.xlsx").is_file()
    assert not [
        one for one in read_status(sandbox.project, PERIOD).units if one.code == "H01" and one.findings
    ]


def test_the_drop_folder_is_not_touched_and_a_second_run_changes_nothing(sandbox, books, drop):
    (drop / "a.xlsx").write_bytes(books.unit("H01"))
    (drop / "b.txt").write_bytes(b"x")
    collect(sandbox.project, PERIOD, [drop])
    register = TryRegister(sandbox.project, PERIOD)
    before = register.path.read_bytes()
    again = collect(sandbox.project, PERIOD, [drop])
    assert {one.state for one in again} == {"identical"}
    assert register.path.read_bytes() == before
    assert sorted(path.name for path in drop.iterdir()) == ["a.xlsx", "b.txt"]


def test_a_later_try_says_what_it_changes_before_it_counts(sandbox, books, drop):
    (drop / "1.xlsx").write_bytes(books.unit("H01"))
    collect(sandbox.project, PERIOD, [drop / "1.xlsx"])
    (drop / "2.xlsx").write_bytes(books.unit("H01", fields=OTHER))
    (taken,) = collect(sandbox.project, PERIOD, [drop / "2.xlsx"])
    counted = sandbox.project.raw(PERIOD) / "don-vi/H01-so-a.xlsx"
    assert (taken.state, taken.attempt) == ("waiting", 2)
    first, second = (drop / "1.xlsx").read_bytes(), (drop / "2.xlsx").read_bytes()
    assert counted.read_bytes() == first
    assert ("don-vi/H01-so-a.xlsx#06a!C9", "10", "11") in {(c.cell, c.before, c.after) for c in taken.changes}
    (taken,) = take_waiting(sandbox.project, PERIOD, ["H01"])
    assert taken.state == "counted"
    assert counted.read_bytes() == second
    kept = sorted((sandbox.root / "data/received/2026-Q1/H01").iterdir())
    assert [path.read_bytes() for path in kept] == [first, second]
    with pytest.raises(UsageError, match="H01"):
        take_waiting(sandbox.project, PERIOD, ["H01"])


def test_a_try_with_errors_is_replaced_by_the_next_one(sandbox, books, drop):
    (drop / "1.xlsx").write_bytes(books.unit("H01", edit=spoil))
    (first,) = collect(sandbox.project, PERIOD, [drop])
    assert first.state == "counted"
    assert first.errors
    (drop / "2.xlsx").write_bytes(books.unit("H01"))
    assert states(collect(sandbox.project, PERIOD, [drop]))["2.xlsx"] == ("counted", "H01", 2)
    unit = next(one for one in read_status(sandbox.project, PERIOD).units if one.code == "H01")
    assert (unit.state, unit.tries, unit.errors) == ("corrected", 2, 0)


def test_what_lay_in_the_folder_is_kept_before_it_is_replaced(sandbox, books, drop):
    sandbox.fill()
    counted = sandbox.project.raw(PERIOD) / "don-vi/H01-x.xlsx"
    before = counted.read_bytes()
    (drop / "2.xlsx").write_bytes(books.unit("H01", fields=OTHER))
    (taken,) = collect(sandbox.project, PERIOD, [drop], replace_counted=True)
    assert (taken.state, taken.attempt) == ("counted", 2)
    kept = [path.read_bytes() for path in (sandbox.root / "data/received/2026-Q1/H01").iterdir()]
    assert before in kept
    assert counted.read_bytes() == (drop / "2.xlsx").read_bytes()


@pytest.mark.parametrize("step", ["keep", "append", "place"])
def test_a_command_killed_at_any_step_is_gone_on_with(sandbox, books, drop, monkeypatch, step):
    (drop / "1.xlsx").write_bytes(books.unit("H01"))

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "keep":
            patch.setattr(TryRegister, "append", die)
        elif step == "append":
            patch.setattr(collecting._Desk, "decide", die)
        else:
            patch.setattr(collecting, "write_atomically", die)
        with pytest.raises(KeyboardInterrupt):
            collect(sandbox.project, PERIOD, [drop])
    collect(sandbox.project, PERIOD, [drop])
    assert (sandbox.project.raw(PERIOD) / "don-vi/H01-so-a.xlsx").read_bytes() == (
        drop / "1.xlsx"
    ).read_bytes()
    received = [event for event in TryRegister(sandbox.project, PERIOD).read() if event.kind == "received"]
    assert [event.attempt for event in received] == [1]


def test_a_file_changed_by_hand_after_it_counted_is_not_put_back(sandbox, books, drop):
    (drop / "1.xlsx").write_bytes(books.unit("H01"))
    collect(sandbox.project, PERIOD, [drop])
    counted = sandbox.project.raw(PERIOD) / "don-vi/H01-so-a.xlsx"
    edited = books.unit("H01", fields=OTHER)
    counted.write_bytes(edited)
    collect(sandbox.project, PERIOD, [drop])
    assert counted.read_bytes() == edited


def test_the_register_opens_as_text_and_takes_no_name_for_a_formula(sandbox, drop):
    (drop / "=cmd|calc.txt").write_text("x", encoding="utf-8")
    collect(sandbox.project, PERIOD, [drop])
    register = TryRegister(sandbox.project, PERIOD)
    with register.path.open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert row["name"] == "'=cmd|calc.txt"
    assert register.read()[0].name == "=cmd|calc.txt"


def test_two_commands_at_once_lose_nothing_and_take_nothing_twice(sandbox, books, drop):
    for number, fields in enumerate((FIELDS, OTHER)):
        (drop / f"{number}.xlsx").write_bytes(books.unit("H01", fields=fields))
    (drop / "2.xlsx").write_bytes(books.unit("H02"))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: collect(sandbox.project, PERIOD, [drop], replace_counted=True), range(3)))
    events = TryRegister(sandbox.project, PERIOD).read()
    received = [(event.owner, event.attempt, event.sha256) for event in events if event.kind == "received"]
    assert sorted(one[:2] for one in received) == [("H01", 1), ("H01", 2), ("H02", 1)]
    assert len({sha256 for *_whose, sha256 in received}) == 3
    for event in events:
        assert hash_file(TryRegister(sandbox.project, PERIOD).kept / event.kept) == event.sha256


def test_a_unit_that_has_ended_is_told_with_its_successor(sandbox, books, drop):
    (sandbox.root / "params/units.csv").write_text(
        "code,name,type,level,until,successor\nH01,Sở A,sở,so,2025-12-31,H02\nH02,Sở B,sở,so,,\n",
        encoding="utf-8",
    )
    (drop / "1.xlsx").write_bytes(books.unit("H01"))
    (taken,) = collect(sandbox.project, PERIOD, [drop])
    assert (taken.state, taken.reason) == ("aside", "H01 does not report for 2026-Q1; H02 reports")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", b"PK\x05\x06" + bytes(18), "an archive"),
        ("a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(20), "an archive"),
        ("a.csv", "Lĩnh vực,Tổng số\n".encode(), "a text file"),
        ("a.pdf", b"%PDF-1.7\n", "a PDF"),
    ],
)
def test_what_is_no_workbook_is_kept_aside_by_its_name(sandbox, drop, name, content, said):
    (drop / name).write_bytes(content)
    (taken,) = collect(sandbox.project, PERIOD, [drop])
    assert taken.state == "aside"
    assert taken.reason.startswith(said)


def test_notes_of_the_register_are_the_houses_whoever_collects(sandbox, drop):
    (drop / "a.txt").write_bytes(b"x")
    with speaking("en"):
        collect(sandbox.project, PERIOD, [drop])
    (event,) = TryRegister(sandbox.project, PERIOD).read()
    assert event.note.startswith("tệp văn bản")


def test_a_register_edited_by_hand_is_refused_with_its_line(sandbox):
    register = TryRegister(sandbox.project, PERIOD)
    register.append([Event("2026-03-15T08:00:00+07:00", "received", "H01")])
    register.path.write_text(register.path.read_text() + "lời ghi thêm\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3"):
        register.read()


def test_a_path_that_is_not_there_is_named(sandbox, tmp_path):
    with pytest.raises(UsageError, match="khong-co"):
        collect(sandbox.project, PERIOD, [tmp_path / "khong-co"])


def test_status_counts_every_unit_once(sandbox, books, drop):
    (sandbox.root / "params/2026-Q1.yaml").write_text(
        "period: 2026-Q1\ndeadline: 2026-03-20\ndeadlines: {xa: 2026-03-18}\n", encoding="utf-8"
    )
    (sandbox.root / "params/contacts.csv").write_text("code,contact\nH02,0225 0000\n", encoding="utf-8")
    (drop / "1.xlsx").write_bytes(books.unit("H01"))
    (drop / "2.xlsx").write_bytes(books.unit("10507", level="xa", edit=spoil))
    collect(sandbox.project, PERIOD, [drop])
    status = read_status(sandbox.project, PERIOD, today=date(2026, 3, 25))
    found = {unit.code: (unit.state, unit.late, unit.contact) for unit in status.units}
    assert found["H02"] == ("missing", True, "0225 0000")
    assert found["10507"][0] == "sent_back"
    counts = status.count()
    states = counts["sent_back"] + counts["corrected"] + counts["treated"] + counts["missing"]
    assert counts["due"] == len(status.units) == states + sum(u.state == "received" for u in status.units)
    shutil.rmtree(sandbox.project.raw(PERIOD))
    empty = read_status(sandbox.project, PERIOD, today=date(2026, 3, 10))
    assert empty.count()["missing"] == empty.count()["due"]
    assert empty.count()["late"] == 0


def test_a_folder_is_followed_and_a_half_written_file_is_taken_when_it_is_whole(
    sandbox, books, drop, monkeypatch
):
    """Three looks: nothing yet, a file cut short, the whole file."""
    content = books.unit("H01")

    def watch(*_paths: Path, **_options: object):
        yield set()
        (drop / "1.xlsx").write_bytes(content[: len(content) // 2])
        yield set()
        (drop / "1.xlsx").write_bytes(content)
        yield set()

    monkeypatch.setitem(sys.modules, "watchfiles", SimpleNamespace(watch=watch))
    taken: list[tuple[str, str]] = []
    _follow(
        sandbox.project,
        PERIOD,
        [drop],
        replace=False,
        tell=lambda one: taken.append((one.state, one.file.name)),
    )
    assert taken == [("aside", "1.xlsx"), ("counted", "1.xlsx")]


def test_an_office_that_sent_nothing_is_missing_though_only_units_have_sent(sandbox, books, drop):
    (drop / "a.xlsx").write_bytes(books.unit("H01"))
    collect(sandbox.project, PERIOD, [drop])
    states = {unit.code: unit.state for unit in read_status(sandbox.project, PERIOD).units}
    assert states["H01"] == "received"
    assert states["ttpvhcc"] == "missing"


def test_what_waited_and_counts_now_has_the_name_it_came_with(sandbox, books, drop):
    (drop / "1.xlsx").write_bytes(books.unit("H01"))
    (drop / "gửi lại.xlsx").write_bytes(books.unit("H01", fields=OTHER))
    collect(sandbox.project, PERIOD, [drop])
    (taken,) = take_waiting(sandbox.project, PERIOD, ["H01"])
    assert taken.file.name == "gửi lại.xlsx"


def head(sheet: str, address: str, text: str):
    return lambda sheets, _book: sheets[sheet].write_string(address, text)


def test_whoever_types_the_code_of_another_does_not_take_its_place(sandbox, books, drop):
    (drop / "1.xlsx").write_bytes(books.unit("H02", edit=head("06a", "L1", "Sở A")))
    (taken,) = collect(sandbox.project, PERIOD, [drop])
    assert (taken.state, taken.reason) == ("aside", "its head has the code H02 and the name of H01")
    assert not list(sandbox.project.raw(PERIOD).glob("don-vi/*"))
    (again,) = collect(sandbox.project, PERIOD, [drop])
    assert again.state == "identical"
    assert "H02" in again.reason  # in the words of the office, as the register keeps them


def test_sheets_of_two_units_are_nobodys(sandbox, books, drop):
    (drop / "1.xlsx").write_bytes(books.unit("H01", edit=head("06a", "L2", "H02")))
    (taken,) = collect(sandbox.project, PERIOD, [drop])
    assert taken.state == "aside"
    assert taken.reason == "the heads of its sheets name more than one: H01, H02"


def test_a_name_that_says_another_unit_than_the_head_is_told(sandbox, books, drop):
    (drop / "H02-nhầm.xlsx").write_bytes(books.unit("H01"))
    (taken,) = collect(sandbox.project, PERIOD, [drop])
    assert (taken.state, taken.owner) == ("counted", "H01")
    assert taken.reason == "its name says H02, its head says H01"
