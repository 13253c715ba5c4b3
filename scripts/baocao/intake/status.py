"""Who is due, who has sent, what is wrong with it, and who has been reminded."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from baocao.intake.register import Event, TryRegister, last_event
from baocao.intake.scaffolding import list_addressees
from baocao.project.language import N_
from baocao.reading.forms.treatments import is_settled
from baocao.reading.tables import check_tables

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.project.folder import Project
    from baocao.project.periods import Period

State = Literal["received", "sent_back", "corrected", "treated", "missing"]
STATES: tuple[State, ...] = ("received", "sent_back", "corrected", "treated", "missing")

STATE_WORDS: dict[State, str] = {
    "received": N_("received"),
    "sent_back": N_("has errors"),
    "corrected": N_("corrected"),
    "treated": N_("treated"),
    "missing": N_("missing"),
}


@dataclass(frozen=True)
class UnitStatus:
    """
    Where one unit or office stands.

    Parameters
    ----------
    state
        ``received``: what counts is without errors at the first try;
        ``corrected``: at a later one; ``sent_back``: it has errors;
        ``treated``: the period's params say what to do with it as a whole;
        ``missing``: nothing counts.
    late
        Whether it came, or is still to come, after its deadline; None where none is set.
    tries
        How many submissions came.
    findings
        Errors and warnings of what counts.
    returned, reminded
        When that last went out, ISO 8601; empty where it never did.
    """

    code: str
    name: str
    state: State
    late: bool | None
    deadline: date | None
    received: str
    tries: int
    waiting: bool
    findings: int
    errors: int
    contact: str
    returned: str
    reminded: str


@dataclass(frozen=True)
class PeriodStatus:
    """Where a period stands: every unit and office that reports, in their order."""

    period: Period
    units: tuple[UnitStatus, ...]

    def count(self) -> dict[str, int]:
        """
        Return how many are due, late, and in each state; the states add up to those due.

        ``received`` counts everybody who sent something that counts.
        """
        states = Counter(unit.state for unit in self.units)
        return {
            "due": len(self.units),
            "received": len(self.units)
            - states["missing"]
            - sum(not u.tries for u in self.units if u.state == "treated"),
            "late": sum(unit.late is True for unit in self.units),
            "sent_back": states["sent_back"],
            "corrected": states["corrected"],
            "treated": states["treated"],
            "missing": states["missing"],
        }

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        units = []
        for unit in self.units:
            known = asdict(unit)
            known["deadline"] = unit.deadline.isoformat() if unit.deadline else None
            units.append(known)
        return {**self.count(), "units": units}


def read_status(project: Project, period: Period, today: date | None = None) -> PeriodStatus:
    """
    Return where a period stands.

    Parameters
    ----------
    today
        For whether somebody who has not sent is late; None is this day.

    Raises
    ------
    ParamsError, InputError
        The params cannot be read, or the register was edited by hand.
    """
    day = today or date.today()  # noqa: DTZ011 an office's day is the day where it stands
    events = TryRegister(project, period).read()
    params = project.params
    found: dict[str, list[Finding]] = {}
    absent: set[str] = set()
    treated: Mapping[str, object] = {}
    collected = project.raw(period).is_dir()
    if collected:
        checked = check_tables(project, period)
        treated = checked.treated
        for finding in checked.findings:
            code = finding.unit or params.house.folders.register
            if finding.code == "missing-submission":
                absent.add(code)
            elif not is_settled(finding):
                found.setdefault(code, []).append(finding)
    path = params.folder / f"{period}.yaml"
    own = params.period(period) if path.exists() else None
    contacts = read_contacts(project)
    status = partial(_status, events=events, treated=treated, contacts=contacts, today=day)
    units = []
    for source, to, _forms in list_addressees(project, period):
        code = to.code or source
        deadline = (
            None
            if own is None
            else own.deadlines.get(code) or own.deadlines.get(to.level or "") or own.deadline
        )
        missing = not collected or code in absent
        units.append(status(code, to.name, found.get(code, []), deadline, missing=missing))
    return PeriodStatus(period, tuple(units))


def _status(
    code: str,
    name: str,
    findings: Iterable[Finding],
    deadline: date | None,
    *,
    missing: bool,
    events: list[Event],
    treated: Mapping[str, object],
    contacts: Mapping[str, str],
    today: date,
) -> UnitStatus:
    listed = list(findings)
    errors = [finding for finding in listed if finding.severity == "error"]
    mine = [event for event in events if event.owner == code]
    tries = sum(event.kind == "received" for event in mine)
    state: State = "received"
    if code in treated:
        state = "treated"
    elif missing:
        state = "missing"
    elif errors:
        state = "sent_back"
    elif tries > 1:
        state = "corrected"
    first = next((event.time for event in mine if event.kind == "received"), "")
    came = datetime.fromisoformat(first).date() if first else None
    late = None if deadline is None else (came or today) > deadline if (came or missing) else False
    last = last_event(mine, code, "received", "counted", "waiting")
    returned, reminded = (last_event(mine, code, kind) for kind in ("returned", "reminded"))
    return UnitStatus(
        code=code,
        name=name,
        state=state,
        late=late,
        deadline=deadline,
        received=first,
        tries=tries or int(not missing),
        waiting=last is not None and last.kind == "waiting",
        findings=len(listed),
        errors=len(errors),
        contact=contacts.get(code, ""),
        returned=returned.time if returned else "",
        reminded=reminded.time if reminded else "",
    )


def read_contacts(project: Project) -> dict[str, str]:
    """Return whom to call by code, from ``params/contacts.csv`` (``code,contact``); empty where there is none."""
    path = project.params.folder / "contacts.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return {row["code"]: row["contact"] for row in csv.DictReader(handle) if row.get("code")}
