"""Speed side by side, as ratios: run by ``make bench``, never by a test."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from baocao.reading.workbooks import read_workbooks

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3


def time_rounds(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Time every way in turn, round by round, so that a slow moment hits all alike; gives medians in seconds."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


def show(title: str, medians: dict[str, float]) -> None:
    """Print medians and the ratio to the first."""
    first = next(iter(medians.values()))
    print(f"\n{title}")
    for name, median in medians.items():
        print(f"  {name:44} {median:8.2f} s   x{first / median:.1f}")


def bench_reading() -> None:
    """Read the units' workbooks: as most scripts do, and as we do."""
    paths = sorted((ROOT / "data/raw/2026-Q1/don-vi").glob("*.xlsx"))
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm"
        read_workbooks(paths, warm)
        number = iter(range(10**6))
        show(
            f"reading {len(paths)} workbooks",
            time_rounds(
                {
                    "pandas with openpyxl": lambda: [
                        pd.read_excel(p, sheet_name=None, engine="openpyxl") for p in paths
                    ],
                    "pandas with calamine": lambda: [
                        pd.read_excel(p, sheet_name=None, engine="calamine") for p in paths
                    ],
                    "baocao, nothing cached (guard, child, facts)": lambda: read_workbooks(
                        paths, Path(folder) / str(next(number))
                    ),
                    "baocao, cached": lambda: read_workbooks(paths, warm),
                }
            ),
        )


def copy_project(folder: Path) -> Path:
    """Copy what a build reads, and nothing that it writes."""
    copy = folder / "project"
    ignore = shutil.ignore_patterns("[0-9]*-Q[1-4]")
    for name in ("params", "data/raw", "notebooks"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copytree(ROOT / "reports", copy / "reports", ignore=ignore)
    shutil.copyfile(ROOT / "requirements.lock", copy / "requirements.lock")
    return copy


def run(copy: Path, command: str) -> None:
    """Run a command on the quarter of a copy."""
    argv = [sys.executable, "-m", "baocao", "--root", str(copy), command, "2026-Q1"]
    subprocess.run(argv, check=True, capture_output=True)


def forget(copy: Path) -> None:
    """Remove all that was built."""
    shutil.rmtree(copy / "reports" / "2026-Q1", ignore_errors=True)
    shutil.rmtree(copy / "data" / "processed", ignore_errors=True)


def bench_building() -> None:
    """Build a quarter and its review pages: from nothing, after one change, and with nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_project(Path(folder))
        text = next((copy / "data/raw/2026-Q1/loi-van/kstthc").glob("15.md"))

        def change() -> None:
            text.write_text(text.read_text(encoding="utf-8") + "\n\nThêm một câu.\n", encoding="utf-8")
            run(copy, "build")

        show(
            "building 2026-Q1",
            time_rounds(
                {
                    "from nothing": lambda: (forget(copy), run(copy, "build")),
                    "one text changed": change,
                    "nothing changed": lambda: run(copy, "build"),
                    "review pages of a new build": lambda: run(copy, "review"),
                    "review pages, nothing changed": lambda: run(copy, "review"),
                }
            ),
        )


def add_communes(copy: Path, times: int) -> int:
    """Give the place so many times as many communes, each with a submission of its own; returns the units."""
    listed = copy / "params" / "units.csv"
    rows = listed.read_text(encoding="utf-8").splitlines()
    communes = [row.split(",") for row in rows[1:] if row.endswith(",xa")]
    for number in range((times - 1) * len(communes)):
        code, name, *rest = communes[number % len(communes)]
        new_code, new_name = str(20000 + number), f"{name} {number}"
        rows.append(",".join([new_code, new_name, *rest]))
        for period in ("2025-Q4", "2026-Q1"):
            folder = copy / "data" / "raw" / period / "don-vi"
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


def bench_units() -> None:
    """Build places of more and more communes: time and traces must not grow faster than the units."""
    taken, sizes = {}, []
    for times in (1, 5, 25):
        with tempfile.TemporaryDirectory() as folder:
            copy = copy_project(Path(folder))
            units = add_communes(copy, times)
            began = time.perf_counter()
            run(copy, "build")
            taken[f"{units} units"] = time.perf_counter() - began
            sizes.append((copy / "reports/2026-Q1/trace.json").stat().st_size)
    show("building 2026-Q1 from nothing, by units", taken)
    print("  trace.json: " + ", ".join(f"{size / 1e6:.2f} MB" for size in sizes))


if __name__ == "__main__":
    bench_reading()
    bench_building()
    bench_units()
