"""A new quarter needs new workbooks, params and texts, and no code."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
import yaml

FIRST, NEXT = "2026-Q1", "2026-Q3"
COLUMNS = "CDEFGHIJKLM"
WINDOW = datetime(2025, 12, 15)  # noqa: DTZ001 as cells hold them
"""What is dated from then on happened in the first quarter; items of the next one have days of their own."""


def fill_dossiers(path: Path, form: dict, draw: random.Random, sums: Counter[str]) -> None:
    """Write other numbers into a copy of a form, with sums of one's own."""
    book = openpyxl.load_workbook(path)
    for name in book.sheetnames:
        header = form["forms"]["06a" if name == "06a" else "chi-tieu"]["header"]
        book[name][header["period"]] = "Quý III năm 2026"
        if "window" in header:
            book[name][header["window"]] = "(Từ ngày 15/6/2026 đến ngày 14/9/2026)"
    sheet = book["06a"]
    level = "so" if path.name.startswith("H") else "xa"
    row = form["forms"]["06a"]["first_row"]
    while sheet[f"B{row}"].value != "Tổng số":
        online, direct, carried = draw.randrange(5000), draw.randrange(50), draw.randrange(300)
        received = online + direct + carried
        resolved = draw.randrange(received + 1)
        early = draw.randrange(resolved + 1)
        late = draw.randrange((resolved - early) // 9 + 1)
        pending = received - resolved
        overdue = draw.randrange(pending // 9 + 1)
        numbers = [
            received, online, direct, carried, resolved, early, resolved - early - late, late,
            pending, pending - overdue, overdue,
        ]  # fmt: skip
        for column, number in zip(COLUMNS, numbers, strict=True):
            sheet[f"{column}{row}"] = number
            sums[f"{level}{column}"] += number
        row += 1
    book.save(path)


def later(match: re.Match[str]) -> str:
    """Move a day as the register's days are moved."""
    day, month, year = map(int, match[0].removeprefix("ngày ").split("/"))
    moved = datetime(year, month, day)  # noqa: DTZ001 as cells hold them
    if moved < WINDOW:
        return match[0]
    moved += timedelta(days=182)
    return (
        f"ngày {moved.day:02d}/{moved.month:02d}/{moved.year}"
        if moved.month < 3
        else f"ngày {moved.day:02d}/{moved.month}/{moved.year}"
    )


def test_another_quarter_builds_from_its_own_workbooks(built):
    raw = built.root / "data" / "raw"
    shutil.copytree(raw / FIRST, raw / NEXT)
    form = yaml.safe_load((built.root / "params" / "forms.yaml").read_text(encoding="utf-8"))
    draw, sums = random.Random(7), Counter()
    for path in sorted((raw / NEXT / "don-vi").glob("*.xlsx")):
        fill_dossiers(path, form, draw, sums)
    for path in [*(raw / NEXT / "van-phong").glob("*.xlsx"), raw / NEXT / "van-ban.xlsx"]:
        book = openpyxl.load_workbook(path)
        for name in book.sheetnames:
            sheet = book[name]
            for cells in sheet.iter_rows(max_row=5, max_col=13):
                for cell in cells:
                    if cell.value == "Quý I năm 2026":
                        cell.value = "Quý III năm 2026"
            for cells in sheet.iter_rows(min_row=6):
                for cell in cells:
                    if isinstance(cell.value, datetime) and cell.value >= WINDOW:
                        cell.value += timedelta(days=182)
        book.save(path)
    # The documents of the register have other days now, and so has the text that cites them.
    for path in sorted((raw / NEXT / "loi-van").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?<=[A-ZĐg] )ngày \d{1,2}/\d{1,2}/\d{4}", later, text), encoding="utf-8")
    shutil.copyfile(built.root / "params" / f"{FIRST}.yaml", built.root / "params" / f"{NEXT}.yaml")
    params = built.root / "params" / f"{NEXT}.yaml"
    params.write_text(
        params.read_text(encoding="utf-8").replace(f"period: {FIRST}", f"period: {NEXT}"), encoding="utf-8"
    )

    built.run("build", NEXT)

    values = {key: int(v["number"]) for key, v in built.json("values", NEXT).items() if v["number"].isdigit()}
    for level in ("so", "xa"):
        assert values[f"hoso_{level}_tiep_nhan"] == sums[f"{level}C"]
        assert values[f"hoso_{level}_trong_ky_truc_tuyen"] == sums[f"{level}D"]
        assert values[f"hoso_{level}_trong_ky"] == sums[f"{level}D"] + sums[f"{level}E"]
        assert values[f"hoso_{level}_ky_truoc"] == sums[f"{level}F"]
        assert values[f"hoso_{level}_da_giai_quyet"] == sums[f"{level}G"]
        assert values[f"hoso_{level}_dang_giai_quyet"] == sums[f"{level}K"]
    both = {column: sums[f"so{column}"] + sums[f"xa{column}"] for column in COLUMNS}
    rate = built.json("values", NEXT)["ty_le_hoso_dung_han"]
    assert float(rate["number"]) == pytest.approx(
        100 * (both["C"] - both["J"] - both["M"]) / both["C"], abs=1e-9
    )
    assert built.json("coverage", NEXT)["kstthc"]["untraced"] == []
    head = (built.root / "reports" / NEXT / "kstthc.qmd").read_text(encoding="utf-8")
    assert "quý III năm 2026" in head
    assert "III. PHƯƠNG HƯỚNG NHIỆM VỤ QUÝ IV NĂM 2026" in head

    codes = Counter(finding["code"] for finding in built.json("check", NEXT, check=1))
    assert codes["total-unreadable"] == 126, codes


def test_another_place_needs_no_code(light):
    built = light
    params = built.root / "params"
    place = params / "place.yaml"
    text = place.read_text(encoding="utf-8")
    text = text.replace("thành phố Hải Phòng", "tỉnh Bắc Sơn").replace("short: Hải Phòng", "short: Bắc Sơn")
    text = text.replace("kind: thành phố", "kind: tỉnh").replace("THÀNH PHỐ HẢI PHÒNG", "TỈNH BẮC SƠN")
    place.write_text(text, encoding="utf-8")
    said = built.build()
    assert "params/place.yaml changed" in said
    for name in ("kstthc.qmd",):
        written = (built.output / name).read_text(encoding="utf-8")
        assert "TỈNH BẮC SƠN" in written
        assert "tỉnh Bắc Sơn" in written
