"""A small province at work: its blank workbooks filled in, rightly and wrongly, as people send them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl

UNITS = ("10507", "10525", "10532", "10537", "11914", "H01", "H02", "H03")
FIRST = 9


def take_few(source: Path, target: Path) -> None:
    """Make a project of few units, so that a table of all of them is a picture."""
    for name in ("params", "data/raw", "notebooks", "reports/_extensions"):
        shutil.copytree(source / name, target / name)
    shutil.copyfile(source / "reports/_quarto.yml", target / "reports/_quarto.yml")
    path = target / "params/units.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = [row for row in csv.reader(handle) if row[0] in ("code", *UNITS)]
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)
    for folder in (target / "data/raw").iterdir():
        for book in (folder / "don-vi").glob("*.xlsx"):
            if book.name.partition("-")[0] not in UNITS:
                book.unlink()


def fill(project: Path, period: str, before: str, unit: str, target: Path, **cells: object) -> None:
    """Fill a unit's blank in, indicators as they stood before; ``cells`` of its first sheet say otherwise."""
    [blank] = (project / "forms" / period / "don-vi").glob(f"{unit}-*.xlsx")
    [last] = (project / "data/raw" / before / "don-vi").glob(f"{unit}-*.xlsx")
    book = openpyxl.load_workbook(blank)
    sheet, row = book["06a"], FIRST
    while sheet[f"B{row}"].value not in (None, "Tổng số"):
        carried = sheet[f"F{row}"].value
        online, direct = 3 * carried + 12, carried + 5
        done = online + direct
        line = {"D": online, "E": direct, "H": done - 2, "I": 2, "J": 0, "L": carried, "M": 0}
        line |= {"C": done + carried, "G": done, "K": carried}
        for column, number in line.items():
            sheet[f"{column}{row}"] = number
        row += 1
    numbers = {address: entry for address, entry in cells.items() if isinstance(entry, int)}
    for address, entry in numbers.items():
        sheet[address] = entry
    while sheet[f"B{row}"].value != "Tổng số":
        row += 1
    for column in "CDEFGHIJKLM":  # a spreadsheet program stores what its formulas give
        sheet[f"{column}{row}"] = sum(sheet[f"{column}{above}"].value or 0 for above in range(FIRST, row))
    known = {
        line[1].value: line[4].value for line in openpyxl.load_workbook(last)["chi-tieu"].iter_rows(min_row=7)
    }
    for line in book["chi-tieu"].iter_rows(min_row=7):
        if line[1].value in known:
            line[4].value = known[line[1].value]
    for address in cells.keys() - numbers.keys():
        sheet[address] = cells[address]
    book.save(target)
