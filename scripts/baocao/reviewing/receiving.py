"""The page that says who has reported: counters, and unit by unit, with whom to call and when they were last reminded."""

from __future__ import annotations

import html
from datetime import datetime
from typing import TYPE_CHECKING

from baocao.intake.status import STATE_WORDS
from baocao.project.language import _, language_in_force
from baocao.project.periods import format_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    title = f"{_('Who has reported')} {html.escape(label)} - {html.escape(place)}"
    return f"""<!DOCTYPE html>
<html lang="{language_in_force()}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="review.css">
</head>
<body>
<header class="top"><h1>{title}</h1><a href="index.html">{html.escape(_("Review of the numbers"))}</a></header>
<main id="documents">
<ul class="counters">{"".join(f"<li><b>{number}</b> {html.escape(name)}</li>" for name, number in counters)}</ul>
<table class="status">
<thead><tr>{_cells(heads, "th")}</tr></thead>
<tbody>
{"".join(f"<tr>{_row(unit)}</tr>" for unit in status.units)}
</tbody>
</table>
</main>
</body>
</html>
""".encode()


def _row(unit: UnitStatus) -> str:
    late = f" <span class='state warning'>{html.escape(_('late'))}</span>" if unit.late else ""
    waiting = f" <span class='state warning'>{html.escape(_('one waits'))}</span>" if unit.waiting else ""
    state = f"<span class='state {_LOOKS[unit.state]}'>{html.escape(_(STATE_WORDS[unit.state]))}</span>"
    texts = (str(unit.tries), str(unit.errors), str(unit.findings), _day(unit.received))
    deadline = format_date(unit.deadline) if unit.deadline else ""
    last = (deadline, _day(unit.returned), _day(unit.reminded), unit.contact)
    return (
        _cells((unit.code, unit.name), "td")
        + f"<td>{state}{late}{waiting}</td>"
        + _cells((*texts, *last), "td")
    )


def _cells(texts: Sequence[str] | Iterable[str], tag: str) -> str:
    return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)


def _day(time: str) -> str:
    return format_date(datetime.fromisoformat(time).date()) if time else ""
