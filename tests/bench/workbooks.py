"""
Many small workbooks, as a whole country's communes would send them: calamine alone, ours, and kept ones.

Run by hand: ``python tests/bench/workbooks.py [COUNT]``. The workbooks are
copies of the sample's with the file's own number in the comment of the
archive, so that no two have one hash.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from python_calamine import CalamineWorkbook

from baocao.reading.workbooks import count_cores, read_workbooks

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "raw" / "2026-Q1" / "don-vi"
COUNT = 3700


def make_many(folder: Path, count: int = COUNT) -> list[Path]:
    """Write ``count`` different workbooks into a folder."""
    like = [path.read_bytes() for path in sorted(SAMPLE.glob("*.xlsx"))]
    paths = []
    for number in range(count):
        comment = f"{number:08}".encode()
        content = like[number % len(like)][:-2] + len(comment).to_bytes(2, "little") + comment
        paths.append(folder / f"{number:05}.xlsx")
        paths[-1].write_bytes(content)
    return paths


def read_with_calamine(paths: list[Path]) -> None:
    """Read every sheet of every workbook as an analyst's fastest script would, on one core."""
    for path in paths:
        workbook = CalamineWorkbook.from_path(str(path))
        for name in workbook.sheet_names:
            workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)


def measure(count: int = COUNT) -> Iterator[tuple[str, float]]:
    """Time each way once, in seconds."""

    def seconds(way: Callable[[], object]) -> float:
        began = time.perf_counter()
        way()
        return time.perf_counter() - began

    with tempfile.TemporaryDirectory() as folder:
        paths = make_many(Path(folder), count)
        cache = Path(folder) / "kept"
        yield "calamine alone", seconds(lambda: read_with_calamine(paths))
        yield "baocao, nothing kept", seconds(lambda: read_workbooks(paths, cache))
        yield "baocao, all kept", seconds(lambda: read_workbooks(paths, cache))
        yield (
            "baocao, all kept and decoded",
            seconds(
                lambda: [getattr(book, "sheets", None) for book in read_workbooks(paths, cache).values()]
            ),
        )


def main() -> None:
    """Print the times, and their ratios to calamine alone."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    print(f"{count} workbooks, {count_cores()} cores")
    first = None
    for name, taken in measure(count):
        first = first or taken
        print(f"  {name:32} {taken:7.2f} s   x{taken / first:.2f}")


if __name__ == "__main__":
    main()
