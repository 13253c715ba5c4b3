"""The page that says who has reported shows every unit as ``status`` tells it, and names from outside as text."""

from __future__ import annotations

from datetime import date

import lxml.html
import pytest

from baocao.intake.status import PeriodStatus, UnitStatus
from baocao.project.language import speaking
from baocao.project.periods import Period
from baocao.reviewing.receiving import make_status_page


def unit(code: str, state, **more) -> UnitStatus:
    fields = {
        "late": False, "deadline": date(2026, 3, 20), "received": "", "tries": 0, "waiting": False, "findings": 0,
        "errors": 0, "contact": "", "returned": "", "reminded": "", **more,
    }  # fmt: skip
    return UnitStatus(code, f"Sở {code}", state, **fields)


UNITS = (
    unit("H01", "received", tries=1, received="2026-03-18T08:00:00+07:00"),
    unit("H02", "missing", late=True, contact="<b>0225</b>", reminded="2026-03-21T08:00:00+07:00"),
    unit("H03", "sent_back", tries=2, errors=3, findings=4, waiting=True),
)


@pytest.mark.parametrize(("language", "late"), [("en", "late"), ("vi", "chậm")])
def test_every_unit_stands_there_once(language, late):
    with speaking(language):
        content = make_status_page(
            PeriodStatus(Period(2026, 1), UNITS), label="quý I năm 2026", place="A & B"
        )
    page = lxml.html.fromstring(content)
    rows = [[cell.text_content() for cell in row] for row in page.findall(".//tbody/tr")]
    assert [row[0] for row in rows] == ["H01", "H02", "H03"]
    assert late in rows[1][2]
    assert rows[1][-1] == "<b>0225</b>"
    assert rows[1][-2] == "21/3/2026"
    assert rows[2][3:6] == ["2", "3", "4"]
    counters = [item.text_content() for item in page.findall(".//ul[@class='counters']/li")]
    assert [text.split()[0] for text in counters] == ["3", "2", "0", "1", "0", "1", "1"]
    assert page.get("lang") == language
