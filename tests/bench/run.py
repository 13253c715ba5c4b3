"""Speed side by side, as ratios: run by ``make bench``, never by a test."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from baocao.reading import read_workbooks

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
                    "pandas with openpyxl": lambda: [pd.read_excel(p, sheet_name=None) for p in paths],
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


def bench_building() -> None:
    """Build a quarter: from nothing, after one change, and with nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        ignore = shutil.ignore_patterns("[0-9]*-Q[1-4]")
        for name in ("params", "data/raw", "notebooks"):
            shutil.copytree(ROOT / name, copy / name)
        shutil.copytree(ROOT / "reports", copy / "reports", ignore=ignore)
        shutil.copyfile(ROOT / "requirements.lock", copy / "requirements.lock")
        output = copy / "reports" / "2026-Q1"
        text = next((copy / "data/raw/2026-Q1/loi-van/kstthc").glob("15.md"))

        def build() -> None:
            command = [sys.executable, "-m", "baocao", "--root", str(copy), "build", "2026-Q1"]
            subprocess.run(command, check=True, capture_output=True)

        def fresh() -> None:
            shutil.rmtree(output, ignore_errors=True)
            shutil.rmtree(copy / "data" / "processed", ignore_errors=True)
            build()

        def changed() -> None:
            text.write_text(text.read_text(encoding="utf-8") + "\n\nThêm một câu.\n", encoding="utf-8")
            build()

        show(
            "building 2026-Q1",
            time_rounds({"from nothing": fresh, "one text changed": changed, "nothing changed": build}),
        )


if __name__ == "__main__":
    bench_reading()
    bench_building()
