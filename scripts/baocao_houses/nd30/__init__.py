"""The Vietnamese administration: documents of Decree 30/2020/NĐ-CP, periods of Decree 09/2019/NĐ-CP."""

from __future__ import annotations

from pathlib import Path

from baocao.project.house import Cells, Folders, House, Register
from baocao_houses.nd30.documents import DOCUMENT, LAYOUT, LETTERS
from baocao_houses.nd30.periods import DATES, PERIODS
from baocao_houses.nd30.words import CITING, CONSTANTS, MEANING, NUMBERS

__all__ = ["HOUSE"]

HOUSE = House(
    name="nd30",
    language="vi",
    numbers=NUMBERS,
    dates=DATES,
    periods=PERIODS,
    constants=CONSTANTS,
    meaning=MEANING,
    folders=Folders(
        units="don-vi",
        offices="van-phong",
        register="van-ban",
        narrative="loi-van",
        tries="so-tiep-nhan.csv",
        guide="huong-dan",
        pictures="hinh",
        annex="phu-luc-nguon",
    ),
    cells=Cells(
        totals=("Tổng số", "Tổng cộng", "Tổng", "Cộng"),
        nothing=("không phát sinh", "không có", "không"),
        row_number="STT",
    ),
    register=Register(
        key="ma",
        type="loai",
        symbol="so_ky_hieu",
        day="ngay",
        issuer="co_quan",
        subject="trich_yeu",
        report="bao_cao",
        section="muc",
        role="vai_tro",
    ),
    citing=CITING,
    document=DOCUMENT,
    letters=LETTERS,
    layout=LAYOUT,
    starter=Path(__file__).with_name("starter"),
)
