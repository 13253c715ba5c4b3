"""The form ``chi-tieu``: every indicator of every unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampledata.apportion import share
from sampledata.dossiers import unit_sizes
from sampledata.posting import posting

if TYPE_CHECKING:
    from baocao.project.models import Unit
    from sampledata.facts import Facts


def unit_indicators(facts: Facts, units: list[Unit]) -> dict[str, dict[str, int]]:
    """
    Make up the indicators of every unit; each of them sums to what is published.

    Returns
    -------
    dict
        Indicator code to count, by code of the unit. Indicators that are not
        asked of a unit's level are there too, as zeros.
    """
    communes = [unit for unit in units if unit.level == "xa"]
    sizes = unit_sizes(facts, communes)
    parts = {
        "ioc_tai_khoan": _accounts(facts, units, sizes),
        **_documents(facts, sizes),
        **_staff(facts, sizes),
    }
    posted = posting(facts, units)
    return {
        unit.code: posted[unit.code] | {name: counts.get(unit.code, 0) for name, counts in parts.items()}
        for unit in units
    }


def _accounts(facts: Facts, units: list[Unit], sizes: dict[str, int]) -> dict[str, int]:
    """Give accounts to all agencies and to as many communes as published, at least one each."""
    rng = facts.random("ioc-tai-khoan")
    with_any, communes = facts.ratio("ioc_xa_co_tai_khoan")
    agencies, listed = facts.ratio("ioc_so_co_tai_khoan")
    known = [unit.code for unit in units if unit.level == "so"]
    if (listed, communes) != (len(known), len(sizes)):
        raise ValueError(f"{listed} agencies and {communes} communes are published, units.csv has others.")
    ranked = sorted(
        (code for code in sizes if sizes[code]), key=lambda code: (-sizes[code] * rng.randint(1, 100), code)
    )
    drawn = sorted(rng.sample(known, agencies)) + sorted(ranked[:with_any])
    weight = facts.shape["accounts"]
    weights = [weight["so" if code in known else "xa"] * rng.randint(50, 150) for code in drawn]
    counts = share(facts.count("ioc_tai_khoan") - len(drawn), weights)
    return {code: 1 + count for code, count in zip(drawn, counts, strict=True)}


def _documents(facts: Facts, sizes: dict[str, int]) -> dict[str, dict[str, int]]:
    """Legal documents of communes; the few that issue any issue one or two, all are checked."""
    rng = facts.random("vbqppl-cap-xa")
    checked, due = facts.ratio("vb_kiem_tra_theo_tham_quyen")
    drawn = sorted(rng.sample([code for code in sizes if sizes[code]], facts.shape["issuing_communes"]))

    def spread(total: int) -> dict[str, int]:
        return dict(zip(drawn, share(total, [1] * len(drawn)), strict=True))

    return {
        "qd_qppl_cap_xa": spread(facts.count("qd_qppl_cap_xa")),
        "vb_phai_kiem_tra": spread(due),
        "vb_da_kiem_tra": spread(checked),
    }


def _staff(facts: Facts, sizes: dict[str, int]) -> dict[str, dict[str, int]]:
    """People not on the payroll who left: those reviewed, and among them those who qualify."""
    rng = facts.random("nguoi-kct")
    codes = list(sizes)
    reviewed = share(
        facts.count("nguoi_kct_ra_soat"), [size * rng.randint(60, 140) for size in sizes.values()]
    )
    fit = share(facts.count("nguoi_kct_du_dieu_kien"), [n * rng.randint(85, 100) for n in reviewed], reviewed)
    return {
        "nguoi_kct_ra_soat": dict(zip(codes, reviewed, strict=True)),
        "nguoi_kct_du_dieu_kien": dict(zip(codes, fit, strict=True)),
    }
