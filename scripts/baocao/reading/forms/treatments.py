"""Treatments of submissions that cannot be used: which are known, and how findings tell of them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING

from baocao.project.hashes import hash_bytes
from baocao.project.language import N_, _, join
from baocao.reading.forms.codes import CODES, CONTRADICTIONS, submission_finding

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.project.models import Treatment

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
WORDS = {
    "exclude": N_("this unit is not counted"),
    "zero": N_("blank cells and dashes count as 0"),
    "previous": N_("the numbers of the period before are taken"),
    "use": N_("one of the files is chosen"),
    "accept": N_("the numbers are kept as they are"),
    "take": N_("a cell counts as what was confirmed"),
}


def choose_file(files: list[str], treatment: Treatment | None) -> str | None:
    """Return the file that ``use`` names; None where it names none of these."""
    if treatment is None or treatment.action != "use" or not treatment.file:
        return None
    wanted = treatment.file.rpartition("/")[2]
    return next((file for file in files if file.rpartition("/")[2] == wanted), None)


def mark_treated(finding: Finding, treatment: Treatment) -> Finding:
    """Make the finding a warning that names its treatment."""
    words = _(
        "Treated as the period's parameters say ({action}: {words}): {why}.",
        action=treatment.action,
        words=_(WORDS[treatment.action]),
        why=treatment.why,
    )
    return replace(finding, severity="warning", action=words)


def mark_uncured(finding: Finding, treatment: Treatment) -> Finding:
    """Say in the finding that its treatment does not help."""
    words = _(
        "The treatment in the period's parameters ({action}) does not cure this.", action=treatment.action
    )
    return replace(finding, action=join([finding.action, words], " "))


def mark_errors(findings: Iterable[Finding], treatment: Treatment, *, cured: bool) -> list[Finding]:
    """Mark every error as treated, or as not helped by its treatment."""
    mark = mark_treated if cured else mark_uncured
    return [mark(finding, treatment) if finding.severity == "error" else finding for finding in findings]


def is_settled(finding: Finding) -> bool:
    """Return whether somebody has decided what to do about a finding: a fault that is only a warning any more."""
    known = CODES.get(finding.code)
    return known is not None and known.severity == "error" and finding.severity == "warning"


def mark_finding(finding: Finding) -> str:
    """
    Return the mark of what a finding is about: with another number, another cell or another code it is another.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from baocao.project.findings import Finding
    >>> one = Finding("sum-mismatch", "error", "", cells=("a.xlsx#06a!C9",), expected="C = D + E", got="5, 4")
    >>> mark_finding(one) == mark_finding(replace(one, message="said in other words", severity="warning"))
    True
    >>> mark_finding(one) == mark_finding(replace(one, got="6, 4"))
    False
    """
    # Whichever language the finding is told in, its numbers are the same.
    numbers = [number.replace(".", ",") for number in _NUMBER.findall(f"{finding.expected} {finding.got}")]
    return hash_bytes("\n".join((finding.code, *finding.cells, *numbers)).encode())[:8]


def accept_contradictions(
    findings: Iterable[Finding],
    treatments: Mapping[str, Treatment],
    codes: Container[str] = CONTRADICTIONS,
) -> tuple[list[Finding], dict[str, Treatment]]:
    """
    Make warnings of contradictions that somebody has decided to let stand.

    Parameters
    ----------
    treatments
        By unit or office, by row (``don-vi/10507-thanh-dong.xlsx#06a!12``) or by cell (``…!D12``).
    codes
        Of the findings that may be accepted.

    Returns
    -------
    list of Finding
        All of them; a contradiction that stays an error says how it may be accepted.
    dict
        The treatments that had effect.
    """
    accepted = {where: treatment for where, treatment in treatments.items() if treatment.action == "accept"}
    settled: list[Finding] = []
    used: dict[str, Treatment] = {}
    for finding in findings:
        if finding.code not in codes:
            settled.append(finding)
            continue
        mark = mark_finding(finding)
        where = next((place for place in _list_places(finding) if place in accepted), None)
        if where is not None and mark in accepted[where].seen.split():
            treatment = used[where] = accepted[where]
            action = _(
                "Accepted by {who} on {day}: {why}.",
                who=treatment.who,
                day=str(treatment.when),
                why=treatment.why,
            )
            settled.append(replace(finding, severity="warning", action=action))
            continue
        advice = (
            _(
                "What was accepted at {where} is no longer what stands there (now {mark}).",
                where=where,
                mark=mark,
            )
            if where is not None
            else _(
                "To let it stand, write under treatments in the period's params: "
                '"{where}": {{action: accept, seen: {mark}, who: …, when: …, why: …}}.',
                where=_list_places(finding)[0],
                mark=mark,
            )
        )
        settled.append(replace(finding, advice=advice))
    return settled, used


def find_idle(treatments: Mapping[str, Treatment], used: Container[str]) -> list[Finding]:
    """List the decisions to let numbers stand where nothing contradicts itself any more."""
    return [
        submission_finding(
            "treatment-unneeded",
            (where,) if "#" in where else (),
            unit=None if "#" in where else where,
            expected=_("figures that contradict themselves"),
            got=_("nothing there to accept: {why}", why=treatment.why),
            action=_("Delete the line from the treatments of the period's params."),
        )
        for where, treatment in treatments.items()
        if treatment.action == "accept" and where not in used
    ]


def _list_places(finding: Finding) -> list[str]:
    """List where a finding can be treated: its cells, their rows, its unit."""
    cells = [cell for cell in finding.cells if "#" in cell]
    rows = [
        f"{head}!{address.lstrip(ascii_uppercase)}"
        for head, _bang, address in (cell.rpartition("!") for cell in cells)
    ]
    return [*cells, *dict.fromkeys(rows), *([finding.unit] if finding.unit else [])] or [finding.code]
