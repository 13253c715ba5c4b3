"""What the comparison desk has to say, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from baocao.checking.desk import RULES
from baocao.project.language import _
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.checking.desk import Flag
    from baocao.project.models import Unit

_MOST_CELLS = 4


def format_flag(flag: Flag, units: Mapping[str, Unit]) -> str:
    """Return one line: whose figure, what it was and is, by which rule, and its cells."""
    name = units[flag.unit].name if flag.unit in units else flag.unit
    was = f"{print_decimal(flag.before)} ({flag.period}) → " if flag.before is not None else ""
    cells = ", ".join(flag.cells[:_MOST_CELLS])
    more = f" … (+{len(flag.cells) - _MOST_CELLS})" if len(flag.cells) > _MOST_CELLS else ""
    return f"{flag.unit} {name}: {flag.indicator}: {was}{print_decimal(flag.now)}: {_(RULES[flag.rule])} [{cells}{more}]"
