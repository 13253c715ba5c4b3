"""The form ``chi-tieu``: procedures posted, and dossiers handed in anywhere in the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampledata.apportion import share
from sampledata.dossiers import unit_sizes

if TYPE_CHECKING:
    from baocao.project.models import Unit
    from sampledata.facts import Facts


def catalogue_counts(facts: Facts) -> dict[tuple[str, str], tuple[int, int]]:
    """
    Count the procedures of the catalogue by unit (``xa`` for all communes) and field.

    Returns
    -------
    dict
        Procedures of the unit's own level and those shared by both levels;
        the own ones of all agencies are ``tthc_cap_tinh``, those of ``xa``
        ``tthc_cap_xa``, the shared ones lie with the agencies.
    """
    levels = facts.shape["catalogue"]
    agencies = [shape for shape in facts.fields if shape.unit != "xa"]
    communes = [shape for shape in facts.fields if shape.unit == "xa"]
    own = share(levels["cấp tỉnh"], [shape.tthc for shape in agencies])
    shared = share(levels["dùng chung"], [shape.shared for shape in agencies])
    counts = {
        (shape.unit, shape.field): (first, second)
        for shape, first, second in zip(agencies, own, shared, strict=True)
    }
    theirs = share(levels["cấp xã"], [shape.tthc for shape in communes])
    counts |= {(shape.unit, shape.field): (count, 0) for shape, count in zip(communes, theirs, strict=True)}
    return counts


def posting(facts: Facts, units: list[Unit]) -> dict[str, dict[str, int]]:
    """
    Make up the indicators of every unit.

    Every unit has posted what it has to post, which gives the published
    100%; the dossiers handed in anywhere fall on as many communes as published.

    Returns
    -------
    dict
        Indicator code to count, by code of the unit.
    """
    counts = catalogue_counts(facts)
    silent = facts.shape["silent"]
    in_communes = sum(own for (unit, _), (own, _) in counts.items() if unit == "xa")
    in_communes += sum(shared for _, shared in counts.values())
    anywhere = _anywhere(facts, [unit for unit in units if unit.level == "xa"])
    result = {}
    for unit in units:
        own = sum(sum(pair) for (code, _), pair in counts.items() if code == unit.code)
        due = 0 if unit.code in silent else in_communes if unit.level == "xa" else own
        result[unit.code] = {
            "tthc_phai_niem_yet": due,
            "tthc_da_niem_yet": due,
            "hoso_phi_dia_gioi": anywhere.get(unit.code, 0),
        }
    return result


def _anywhere(facts: Facts, communes: list[Unit]) -> dict[str, int]:
    rng = facts.random("phi-dia-gioi")
    sizes = unit_sizes(facts, communes)
    number = facts.count("xa_co_hoso_phi_dia_gioi")
    drawn = sorted(communes, key=lambda unit: (-sizes[unit.code] * rng.randint(1, 100), unit.code))[:number]
    # One each beforehand: a unit that was drawn must not be rounded down to none.
    rest = share(
        facts.count("hoso_phi_dia_gioi") - number,
        [sizes[unit.code] * rng.randint(10, 100) for unit in drawn],
    )
    return {unit.code: 1 + count for unit, count in zip(drawn, rest, strict=True)}
