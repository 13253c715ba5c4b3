"""The budget: published amounts, and plan bases from which the published shares come out again."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sampledata.reform import Rows

if TYPE_CHECKING:
    from sampledata.facts import Facts

REVENUE = {
    "thu_nsnn": "Tổng thu ngân sách nhà nước trên địa bàn",
    "thu_xnk": "Thu từ hoạt động xuất nhập khẩu",
    "thu_noi_dia": "Thu nội địa",
    "thu_dat": "Trong thu nội địa: thu tiền sử dụng đất",
}
PLAN, CAPITAL = "von_dau_tu_cong", "Kế hoạch vốn đầu tư công Thủ tướng Chính phủ giao"


def plan_base(amount: Fraction, percent: Fraction, decimals: int = 1) -> int:
    """
    Give the roundest whole base over which `amount` is `percent`, as printed with `decimals`.

    Plans are round numbers; of several equally round ones the nearest is taken.

    Examples
    --------
    >>> plan_base(Fraction(56364), Fraction("28.9")), plan_base(Fraction(20852), Fraction("108.8"))
    (195000, 19170)
    """
    half = Fraction(1, 2 * 10**decimals)
    exact = amount * 100 / percent
    lowest, highest = amount * 100 / (percent + half), amount * 100 / (percent - half)
    digits = len(str(int(exact)))
    for step in (int(lead + "0" * zeros) for zeros in range(digits, -1, -1) for lead in ("10", "5")):
        nearest = int((exact / step + Fraction(1, 2)).__floor__()) * step
        if lowest < nearest < highest:
            return nearest
    return int((exact + Fraction(1, 2)).__floor__())


def finance_office(facts: Facts) -> dict[str, Rows]:
    """
    Give the sheets of the office of finance, in billions of đồng.

    The year before is what it was and not round. Investment is measured
    against the same plan as disbursement, of which the amount is published.

    Returns
    -------
    dict
        Rows of entries in the order of the columns, by name of the form.
    """

    def base(name: str, share: str) -> int:
        return plan_base(facts.published[name].value, facts.published[share].value)

    revenue: Rows = []
    for name, label in REVENUE.items():
        amount, before = facts.published[name].value, facts.published[f"{name}_pct_cung_ky"].value
        plans = [base(name, f"{name}_pct_{plan}") for plan in ("du_toan", "phan_dau", "kich_ban")]
        same_time = int((amount * 100 / before + Fraction(1, 2)).__floor__())
        revenue.append([name, label, facts.number(name), *plans, same_time])
    plan = facts.number("kh_von_ttg_giao")
    recurrent = base("chi_tx", "chi_tx_pct_dt")
    spending: Rows = [
        [
            "chi_nsdp",
            "Tổng chi ngân sách địa phương",
            facts.number("chi_nsdp"),
            base("chi_nsdp", "chi_nsdp_pct_dt_tw"),
            base("chi_nsdp", "chi_nsdp_pct_dt_hdnd"),
        ],
        ["chi_dtpt", "Chi đầu tư phát triển", facts.number("chi_dtpt"), plan, plan],
        ["chi_tx", "Chi thường xuyên", facts.number("chi_tx"), recurrent, recurrent],
    ]
    return {
        "thu-ngan-sach": revenue,
        "chi-ngan-sach": spending,
        "dau-tu-cong": [[PLAN, CAPITAL, plan, facts.number("giai_ngan_dtc")]],
    }
