"""A plain office that writes English: decimal points, no blocks of a decree, a title over the report."""

from __future__ import annotations

from pathlib import Path

from baocao.project.house import Cells, Folders, House, Register
from baocao_houses.plain.documents import DOCUMENT, LAYOUT, LETTERS
from baocao_houses.plain.periods import DATES, PERIODS
from baocao_houses.plain.words import CITING, CONSTANTS, MEANING, NUMBERS

__all__ = ["HOUSE"]

HOUSE = House(
    name="plain",
    language="en",
    numbers=NUMBERS,
    dates=DATES,
    periods=PERIODS,
    constants=CONSTANTS,
    meaning=MEANING,
    folders=Folders(
        units="units",
        offices="offices",
        register="documents",
        narrative="narrative",
        tries="received.csv",
        guide="guide",
    ),
    cells=Cells(
        totals=("Total", "Totals", "Grand total", "Sum"),
        nothing=("none", "nil", "n/a"),
        row_number="No.",
    ),
    register=Register(
        key="key",
        type="type",
        symbol="symbol",
        day="date",
        issuer="issuer",
        subject="subject",
        report="report",
        section="section",
        role="role",
    ),
    citing=CITING,
    document=DOCUMENT,
    letters=LETTERS,
    layout=LAYOUT,
    starter=Path(__file__).with_name("starter"),
)
