"""What became of files that came in, and where a period stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from baocao.intake.status import STATE_WORDS
from baocao.project.language import N_, _, _n

if TYPE_CHECKING:
    from baocao.intake.collecting import Taken
    from baocao.intake.status import PeriodStatus

TAKEN = {
    "counted": N_("counted"),
    "waiting": N_("waiting"),
    "aside": N_("kept aside"),
    "identical": N_("known already"),
}
MOST_SHOWN = 5


def format_taken(taken: Taken) -> Iterator[str]:
    """Yield a line for a file, and one for each of the first things there are to say about it."""
    whose = f"{taken.owner} ({taken.attempt})" if taken.attempt else taken.owner or "-"
    yield f"{_(TAKEN[taken.state]):16} {whose:14} {taken.file.name}"
    if taken.reason:
        yield f"    {taken.reason}"
    for change in taken.changes[:MOST_SHOWN]:
        yield f"    {change.cell.partition('#')[2]}: {change.before or '-'} → {change.after or '-'}"
    yield from _more(len(taken.changes))
    for finding in taken.findings[:MOST_SHOWN]:
        yield f"    {finding}"
    yield from _more(len(taken.findings))


def _more(count: int) -> Iterator[str]:
    if count > MOST_SHOWN:
        yield f"    {_n('… and {count} more', '… and {count} more', count - MOST_SHOWN)}"


def format_status(status: PeriodStatus) -> Iterator[str]:
    """Yield the counters, then a line for everybody who reports."""
    counts = status.count()
    yield _(
        "{due} due: {received} received ({corrected} corrected, {sent_back} with errors), {treated} treated, {missing} missing; {late} late",
        **counts,
    )
    for unit in status.units:
        late = _("late") if unit.late else ""
        waiting = _("one waits") if unit.waiting else ""
        told = (
            _("reminded {time}", time=unit.reminded)
            if unit.reminded and unit.state == "missing"
            else _("returned {time}", time=unit.returned)
            if unit.returned
            else ""
        )
        rest = "; ".join(part for part in (late, waiting, told, unit.contact) if part)
        yield f"{unit.code:16} {_(STATE_WORDS[unit.state]):14} {unit.tries:3} {unit.findings:5}  {unit.name}  {rest}".rstrip()
