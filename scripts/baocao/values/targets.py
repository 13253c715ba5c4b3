"""Numbers that nobody counted: targets that a period's params declare, each with the place it was declared at."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.values.value import Value

if TYPE_CHECKING:
    from baocao.project.models import Target


def make_target(id: str, target: Target, period: object) -> Value:
    """
    Make the value of a declared target.

    It has no cells: it leads to the line of the params that states it, and
    says so wherever it is traced.

    Examples
    --------
    >>> from baocao.project.models import Target
    >>> value = make_target("muc_tieu_so_hoa", Target(number="100", unit="%"), "2026-Q1")
    >>> value.number, value.unit, value.basis
    (Fraction(100, 1), '%', 'params/2026-Q1.yaml#targets!muc_tieu_so_hoa')
    """
    return Value(
        Fraction(target.number), target.unit, "opaque", basis=f"params/{period}.yaml#targets!{id}", name=id
    )
