"""A collector's period, from the blank workbooks to the finished report, in the order in which people send things."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import docx
import openpyxl
import pytest

from baocao.cli import commands

ROOT = Path(__file__).resolve().parents[2]
BAOCAO = [sys.executable, "-m", "baocao", "--lang", "en"]
ROWS = (("Permits", 700, 500), ("Registry", 300, 250))
PARAMS = "deadline: 2099-01-01\ndeadlines: {A02: 2020-01-01}\n"


class Desk:
    """A small project with four units, and its command line."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.run("init", "mine", "--house", "plain")
        self.root = folder / "mine"
        with (self.root / "params/units.csv").open("a", encoding="utf-8") as units:
            units.write("A03,East District,district,district\nA04,West District,district,district\n")
        (last,) = (self.root / "data/raw").iterdir()
        year, quarter = int(last.name[:4]), int(last.name[-1])
        self.period = f"{year}-Q{quarter + 1}" if quarter < 4 else f"{year + 1}-Q1"
        self.params = self.root / "params" / f"{self.period}.yaml"
        self.drop = folder / "drop"
        self.drop.mkdir()

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Enter by the door of the command line, without a new process for each command."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["baocao", *arguments])
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = commands._run()
        return code, out.getvalue(), err.getvalue()

    def run(self, *arguments: str, code: int = 0) -> str:
        ended, out, err = self.call(*arguments)
        assert ended == code, out + err
        assert "Traceback" not in err
        return out + err

    def json(self, *arguments: str, code: int | None = 0):
        ended, out, err = self.call(*arguments, "--json")
        assert code is None or ended == code, out + err
        return json.loads(out)

    def commit(self) -> None:
        """Put the project under git with the code that it is issued by."""
        plain = shutil.ignore_patterns("__pycache__")
        for name in ("baocao", "baocao_houses"):
            shutil.copytree(ROOT / "scripts" / name, self.root / "scripts" / name, ignore=plain)
        for name in ("requirements.lock", "pyproject.toml"):
            shutil.copyfile(ROOT / name, self.root / name)
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
            who = ["-c", "user.name=x", "-c", "user.email=x@example.invalid"]
            subprocess.run(["git", *who, *words], cwd=self.root, check=True, capture_output=True)

    def collect(self, *files: Path, code: int | None = 0) -> dict[str, str]:
        taken = self.json("collect", self.period, *map(str, files), code=code)
        return {Path(one["file"]).name: one["state"] for one in taken}

    def status(self) -> dict[str, dict]:
        return {unit["code"]: unit for unit in self.json("status", self.period)["units"]}

    def fill(self, name: str, unit: str, rows=ROWS, **cells: object) -> Path:
        """Fill a unit's blank in as somebody with a spreadsheet program would."""
        (blank,) = (self.root / "forms" / self.period / "units").glob(f"{unit}-*.xlsx")
        book = openpyxl.load_workbook(blank)
        sheet = book["cases"]
        for row, (topic, received, resolved) in enumerate(rows, 7):
            line = (topic, received, received - 100, 100, resolved, received - resolved)
            for column, entry in zip("ABCDEF", line, strict=True):
                sheet[f"{column}{row}"] = entry
        for address, entry in cells.items():
            sheet[address] = entry
        book.save(self.drop / name)
        return self.drop / name


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    return Desk(tmp_path_factory.mktemp("desk"))


def test_a_period_from_the_blank_workbooks_to_the_finished_report(desk):
    period = desk.period
    said = desk.run("new", period)
    assert "4 blank workbooks" in said
    blanks = sorted(path.name[:3] for path in (desk.root / "forms" / period / "units").iterdir())
    assert blanks == ["A01", "A02", "A03", "A04"]
    assert re.findall(r'- "(.*)"', desk.params.read_text("utf-8")) == ["cases/00.md", "cases/99.md"]
    desk.params.write_text(desk.params.read_text("utf-8") + PARAMS, encoding="utf-8")
    before = desk.status()
    assert {one["state"] for one in before.values()} == {"missing"}
    assert [code for code, one in before.items() if one["late"]] == ["A02"]

    # The first try of A01 has a word for a number; somebody else sends an archive.
    first = desk.fill("from north (1).xlsx", "A01", B7="seven hundred")
    archive = desk.drop / "all.zip"
    archive.write_bytes(b"PK\x05\x06" + bytes(18))
    assert desk.collect(first, archive, code=1) == {first.name: "counted", archive.name: "aside"}
    assert desk.status()["A01"]["state"] == "sent_back"
    desk.run("build", period, code=2)

    # It is sent back marked; the three that are missing are reminded.
    out = desk.root.parent / "out"
    desk.run("return", period, "--to", str(out))
    assert sorted(path.name[:3] for path in out.iterdir()) == ["A01", "A02", "A03", "A04"]
    (marked,) = (out / next(one.name for one in out.glob("A01*"))).glob("*.xlsx")
    book = openpyxl.load_workbook(marked)
    assert book["cases"]["B7"].comment is not None
    assert book["cases"]["B8"].comment is None
    assert desk.status()["A03"]["reminded"]

    # The second try corrects that cell in the marked workbook; a third changes its mind and waits.
    book["cases"]["B7"] = 700
    second = desk.drop / "from north (2).xlsx"
    book.save(second)
    assert desk.collect(second) == {second.name: "counted"}
    assert desk.status()["A01"]["state"] == "corrected"
    third = desk.fill("north, final.xlsx", "A01", (("Permits", 720, 500), ("Registry", 300, 250)))
    assert desk.collect(third, code=1) == {third.name: "waiting"}
    assert "B7: 700 → 720" in desk.run("collect", period, "--take", "A01")
    assert desk.status()["A01"]["tries"] == 3

    # A02 comes late, A04 types a number as text, and the command is killed while it takes them in.
    late = desk.fill("south.xlsx", "A02")
    typed = desk.fill("west.xlsx", "A04", B7="700")
    kept = set((desk.root / "data/received" / period).rglob("*"))
    process = subprocess.Popen(
        [*BAOCAO, "collect", period, str(desk.drop)],
        cwd=desk.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and set((desk.root / "data/received" / period).rglob("*")) == kept:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    # How far it came decides whether A04's fault is found now, or was before the end.
    states = desk.collect(desk.drop, code=None)
    assert set(states) == {first.name, second.name, third.name, late.name, typed.name, archive.name}
    with next((desk.root / "data/raw" / period).glob("*.csv")).open(encoding="utf-8", newline="") as handle:
        events = [row for row in csv.DictReader(handle) if row["kind"] == "received"]
    assert sorted((row["owner"], row["attempt"]) for row in events) == [
        ("A01", "1"), ("A01", "2"), ("A01", "3"), ("A02", "1"), ("A04", "1"),
    ]  # fmt: skip
    for row in events:
        assert (desk.root / "data/received" / period / row["kept"]).is_file()

    # A04 confirms its number on the telephone; A03 never answers.
    (west,) = (desk.root / "data/raw" / period / "units").glob("A04-*")
    cell = f"units/{west.name}#cases!B7"
    desk.run("treat", period, cell, "700", "--why", "confirmed by telephone", "--who", "The desk")
    text = desk.params.read_text("utf-8")
    assert text.count("treatments:") >= 1
    head, _colon, rest = text.partition("\ntreatments:\n")
    desk.params.write_text(
        f'{head}\ntreatments:\n  A03: {{action: exclude, why: "it sent nothing"}}\n{rest}', "utf-8"
    )
    counts = desk.json("status", period)
    assert (counts["due"], counts["received"], counts["missing"], counts["treated"]) == (4, 3, 0, 1)

    # A check says which texts nobody has reviewed; then somebody has.
    assert "cases/00.md" in desk.run("check", period, code=1)
    lines = [line for line in desk.params.read_text("utf-8").splitlines() if "cases/" not in line]
    desk.params.write_text("\n".join(line for line in lines if line != "unreviewed:") + "\n", "utf-8")
    assert "nobody has reviewed" not in desk.run("check", period, code=1)

    # It is issued, with what was decided told in it and every number traced to its cell.
    desk.commit()
    desk.run("issue", period, "--engine", "embedded")
    traced = desk.json("trace", period, "cases_received")
    taken = [one for value in traced["values"] for one in value["cells"] if one["taken"]]
    assert [(one["cell"], one["content"], one["taken"]["value"]) for one in taken] == [(cell, "700", "700")]
    (issued,) = (desk.root / "reports" / period / "issued").glob("*/cases.docx")
    text = "\n".join(one.text for one in docx.Document(str(issued)).paragraphs)
    assert "confirmed by telephone" in text
    assert "it sent nothing" in text

    # What comes too late is kept and does not count, and nothing is decided any more.
    after = desk.fill("east, at last.xlsx", "A03")
    assert desk.collect(after, code=1) == {after.name: "waiting"}
    assert "was issued" in desk.run("treat", period, cell, "701", "--why", "x", code=2)
