"""The page that says who has reported: counters, and unit by unit, with whom to call and when they were last reminded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from baocao.intake.status import STATE_WORDS
from baocao.project.language import _
from baocao.project.periods import format_date
from baocao.reviewing.lists import write_cells, write_list_page, write_state

if TYPE_CHECKING:
    from baocao.intake.status import PeriodStatus, UnitStatus

PAGE = "status.html"
_LOOKS = {
    "missing": "stale",
    "sent_back": "warning",
    "corrected": "signed",
    "received": "signed",
    "treated": "",
}


def make_status_page(status: PeriodStatus, *, label: str, place: str) -> bytes:
    """
    Make the page.

    Parameters
    ----------
    label
        What the house calls the period.
    """
    counts = status.count()
    counters = (
        (_("due"), counts["due"]),
        (_("received"), counts["received"]),
        (_("corrected"), counts["corrected"]),
        (_("has errors"), counts["sent_back"]),
        (_("treated"), counts["treated"]),
        (_("missing"), counts["missing"]),
        (_("late"), counts["late"]),
    )
    heads = (
        _("Code"), _("Unit"), _("State"), _("Tries"), _("Errors"), _("Findings"), _("Received"), _("Deadline"),
        _("Returned"), _("Reminded"), _("Contact"),
    )  # fmt: skip
    title = f"{_('Who has reported')} {label} - {place}"
    return write_list_page(title, counters, heads, map(_row, status.units))


def _row(unit: UnitStatus) -> str:
    states = [(_(STATE_WORDS[unit.state]), _LOOKS[unit.state])]
    states += [(_("late"), "warning")] if unit.late else []
    states += [(_("one waits"), "warning")] if unit.waiting else []
    shown = " ".join(write_state(*state) for state in states)
    texts = (str(unit.tries), str(unit.errors), str(unit.findings), _day(unit.received))
    deadline = format_date(unit.deadline) if unit.deadline else ""
    last = (deadline, _day(unit.returned), _day(unit.reminded), unit.contact)
    return write_cells((unit.code, unit.name)) + f"<td>{shown}</td>" + write_cells((*texts, *last))


def _day(time: str) -> str:
    return format_date(datetime.fromisoformat(time).date()) if time else ""
