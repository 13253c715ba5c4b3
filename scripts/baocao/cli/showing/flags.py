"""What the comparison desk has to say, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from baocao.checking.desk import RULES
from baocao.project.language import _
from baocao.project.periods import format_date
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.checking.desk import Explained
    from baocao.project.models import Unit

_MOST_CELLS = 4


def format_flag(one: Explained, units: Mapping[str, Unit]) -> str:
    """Return a line: whose figure, what it was and is, by which rule, its cells; below it what the unit says."""
    flag = one.flag
    name = units[flag.unit].name if flag.unit in units else flag.unit
    was = f"{print_decimal(flag.before)} ({flag.period}) → " if flag.before is not None else ""
    cells = ", ".join(flag.cells[:_MOST_CELLS])
    more = f" … (+{len(flag.cells) - _MOST_CELLS})" if len(flag.cells) > _MOST_CELLS else ""
    line = f"{flag.unit} {name}: {flag.indicator}: {was}{print_decimal(flag.now)}: {_(RULES[flag.rule])} [{cells}{more}]"
    said = one.explanation
    if said is None:
        return f"{line} {_('mark {mark}', mark=flag.mark)}"
    told = _("explained by {who} on {day}: {text}", who=said.who, day=format_date(said.when), text=said.text)
    stale = (
        f" ({_('stale: the figures changed')}, {_('mark {mark}', mark=flag.mark)})"
        if one.state == "stale"
        else ""
    )
    return f"{line}\n    {told}{stale}"
