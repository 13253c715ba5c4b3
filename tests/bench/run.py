"""
Speed side by side, as ratios to an analyst's script in the same run: ``make bench``, never a test.

Medians and their spread depend on the machine, which is printed; what can be compared
between machines are the ratios. ``--rounds`` and ``--places`` make it longer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import analyst
import psutil

from baocao.building.running import Job, run_notebooks
from baocao.reading.workbooks import read_workbooks

ROOT = Path(__file__).resolve().parents[2]
PERIOD = "2026-Q1"
Ways = dict[str, Callable[[], object]]


def time_rounds(ways: Ways, rounds: int) -> dict[str, list[float]]:
    """Time every way in turn, round by round, so that a slow moment hits all alike; seconds."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    return taken


def show(title: str, taken: dict[str, list[float]]) -> None:
    """Print medians, their spread, and the ratio of the first to each."""
    print(f"\n{title}")
    first = statistics.median(next(iter(taken.values())))
    for name, times in taken.items():
        median = statistics.median(times)
        spread = f"[{min(times):.2f}-{max(times):.2f}]"
        print(f"  {name:52} {median:8.2f} s {spread:>16}   x{first / median:.1f}", flush=True)


def copy_project(folder: Path) -> Path:
    """Copy what a build reads, and nothing that it writes."""
    copy = folder / "project"
    ignore = shutil.ignore_patterns("[0-9]*-Q[1-4]")
    for name in ("params", "data/raw", "notebooks"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copytree(ROOT / "reports", copy / "reports", ignore=ignore)
    shutil.copyfile(ROOT / "requirements.lock", copy / "requirements.lock")
    return copy


def run(copy: Path, *command: str) -> None:
    """Run a command on a copy."""
    argv = [sys.executable, "-m", "baocao", "--root", str(copy), *command]
    subprocess.run(argv, check=True, capture_output=True)


def forget(copy: Path) -> None:
    """Remove all that was built."""
    shutil.rmtree(copy / "reports" / PERIOD, ignore_errors=True)
    shutil.rmtree(copy / "data" / "processed", ignore_errors=True)


def edit_submission(copy: Path, number: int) -> None:
    """Let one commune have received some dossiers more, in a cell and in the sums that it stands in."""
    path = min((copy / "data/raw" / PERIOD / "don-vi").glob("1*.xlsx"))
    import openpyxl

    book = openpyxl.load_workbook(path)
    sheet = book["chi-tieu"]
    for row in sheet.iter_rows(min_row=7):
        if row[1].value == "hoso_phi_dia_gioi":
            row[4].value = int(row[4].value or 0) + number
    book.save(path)


class Memory(threading.Thread):
    """The most memory that this process's descendants hold at once, shared pages counted once (PSS)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.1):
            total = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    total += process.memory_full_info().pss
                except (psutil.Error, OSError, AttributeError):
                    continue
            self.peak = max(self.peak, total)

    def end(self) -> int:
        self._ended.set()
        self.join()
        return self.peak


def bench_building(folder: Path, rounds: int) -> None:
    """Build a quarter from nothing, after one submission changed, and with nothing to do."""
    copy = copy_project(folder)
    run(copy, "build", PERIOD)
    trace: dict[str, Any] = json.loads((copy / "reports" / PERIOD / "trace.json").read_bytes())
    theirs = folder / "analyst"
    (theirs / "out").mkdir(parents=True)
    notebooks = analyst.write_notebooks(copy, trace, theirs)

    def make_as_analyst() -> None:
        numbers = analyst.run_notebooks(notebooks, theirs / "out", PERIOD)
        analyst.write_documents(notebooks, theirs / "out")
        if different := analyst.differing(trace, numbers):
            raise SystemExit(f"the two sides give other numbers: {different}")

    def run_bare() -> None:
        sources = sorted((copy / "notebooks").glob("*/*.ipynb"))
        jobs = [
            Job(f"{path.parent.name}/{path.stem}", path, folder / "floor" / path.parent.name / path.name,
                {"period": PERIOD}, copy)
            for path in sources
        ]  # fmt: skip
        run_notebooks(jobs, workers=os.cpu_count() or 1)

    run(copy, "build", PERIOD)
    taken = time_rounds({"nothing changed": lambda: run(copy, "build", PERIOD)}, 5 * rounds)
    numbers = iter(range(1, 10**6))
    print(
        f"\n{len(notebooks)} notebooks of the analyst, {len(list((copy / 'notebooks').glob('*/*.ipynb')))} of ours"
    )
    memory: list[int] = []

    def build_cold() -> None:
        forget(copy)
        watch = Memory()
        watch.start()
        run(copy, "build", PERIOD)
        memory.append(watch.end())

    theirs_taken = time_rounds(
        {
            "the analyst's script": make_as_analyst,
            "baocao build, from nothing": build_cold,
            "the same notebooks in forked kernels, nothing else": run_bare,
        },
        rounds,
    )
    changed: list[float] = []
    for _ in range(rounds):
        edit_submission(copy, next(numbers))
        began = time.perf_counter()
        run(copy, "build", PERIOD)
        changed.append(time.perf_counter() - began)
    theirs_taken["baocao build, one submission changed"] = changed
    show(f"building {PERIOD}", theirs_taken | taken)
    print(f"  peak memory of a build from nothing: {max(memory) / 1e6:.0f} MB over all processes (PSS)")


def add_communes(copy: Path, times: int) -> int:
    """Give the place so many times as many communes, each with a submission of its own; returns the units."""
    listed = copy / "params" / "units.csv"
    rows = listed.read_text(encoding="utf-8").splitlines()
    communes = [row.split(",") for row in rows[1:] if ",xa" in row]
    for number in range((times - 1) * len(communes)):
        code, name, *rest = communes[number % len(communes)]
        new_code, new_name = str(20000 + number), f"{name} {number}"
        rows.append(",".join([new_code, new_name, *rest]))
        folder = copy / "data" / "raw" / PERIOD / "don-vi"
        like = next(folder.glob(f"{code}-*.xlsx"))
        with zipfile.ZipFile(like) as old, zipfile.ZipFile(folder / f"{new_code}-x.xlsx", "w") as new:
            for part in old.namelist():
                content = old.read(part)
                if part == "xl/sharedStrings.xml":
                    for was, now in ((code, new_code), (name, new_name)):
                        content = content.replace(f">{was}<".encode(), f">{now}<".encode())
                new.writestr(part, content)
    listed.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return len(rows) - 1


def bench_reading(folder: Path, times: int, rounds: int) -> None:
    """Read the workbooks of a large place: calamine alone, and as we do."""
    from python_calamine import CalamineWorkbook

    copy = copy_project(folder)
    units = add_communes(copy, times)
    paths = sorted((copy / "data/raw" / PERIOD / "don-vi").glob("*.xlsx"))
    kept = folder / "kept"
    fresh = iter(range(10**6))

    def calamine() -> None:
        for path in paths:
            book = CalamineWorkbook.from_path(path)
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python(skip_empty_area=False)

    read_workbooks(paths, kept)
    show(
        f"reading {len(paths)} workbooks of {units} units",
        time_rounds(
            {
                "calamine alone": calamine,
                "baocao, nothing kept": lambda: read_workbooks(paths, folder / str(next(fresh))),
                "baocao, kept": lambda: read_workbooks(paths, kept),
            },
            rounds,
        ),
    )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--times", type=int, default=32, help="communes of the large place; 32 is 3,700 workbooks"
    )
    parser.add_argument("--only", choices=("building", "reading"))
    asked = parser.parse_args()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB,"
        f" Python {platform.python_version()}, load {load}, bytecode {'not ' * sys.dont_write_bytecode}written"
    )
    if asked.only != "reading":
        with tempfile.TemporaryDirectory() as folder:
            bench_building(Path(folder), asked.rounds)
    if asked.only != "building":
        with tempfile.TemporaryDirectory() as folder:
            bench_reading(Path(folder), asked.times, asked.rounds)


if __name__ == "__main__":
    main()
