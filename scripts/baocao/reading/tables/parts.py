"""A period's own submissions beside what its parts make: every figure that is not the same."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.errors import UsageError
from baocao.project.findings import Finding
from baocao.project.language import _, format_number
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding
from baocao.reading.tables.combined import combine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baocao.reading.tables.table import Table

_Item = tuple[str | None, ...]
_MOST_CELLS = 40


def compare_parts(own: Table, parts: Sequence[Table]) -> Iterator[Finding]:
    """
    Compare a table that was sent for a period with the one that its parts make.

    Yields
    ------
    Finding
        For each unit, item and column of numbers that differs, with the cells
        of both; for each item of a register that only one side has.
    """
    try:
        made = combine(own.form, own.period, parts)
    except UsageError:
        return  # told where it is asked for
    mine, theirs = _read(own), _read(made)
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        *item, column = key
        now, then = mine.get(key), theirs.get(key)
        if (now and now[0]) == (then and then[0]):
            continue
        label = own.form.column(column).label if column else own.form.title
        what = ", ".join([*(str(part) for part in item[1:]), label])
        yield submission_finding(
            "parts-differ",
            tuple([*(now[1] if now else ()), *(then[1] if then else ())][:_MOST_CELLS]),
            unit=item[0] or own.form.source.partition("/")[2] or None,
            expected=_(
                "{what}: {number} from {parts}",
                what=what,
                number=_show(then),
                parts=", ".join(str(part.period) for part in parts),
            ),
            got=_("{number} for {period}", number=_show(now), period=own.period),
            action=_(
                "Find which is right with who sent them; correct it, or accept what was sent for the period."
            ),
        )


def _show(entry: tuple[Fraction, list[str]] | None) -> str:
    return _("nothing") if entry is None else format_number(entry[0])


def _read(table: Table) -> dict[_Item, tuple[Fraction, list[str]]]:
    """Add up the numbers of each item; an item of a register without numbers is there as one."""
    form = table.form
    keys = [table.column(column.name) for column in form.columns if column.key]
    first = next(column.name for column in form.columns if column.key)
    single = {fold_text(item.code) for item in form.indicators if item.taken == "never"}
    numbers = [
        column.name
        for column in form.columns
        if column.type in ("count", "number") and not column.key and not column.order
    ]
    found: dict[_Item, tuple[Fraction, list[str]]] = {}

    def add(item: _Item, number: Fraction, cells: list[str]) -> None:
        sum_, listed = found.get(item, (Fraction(0), []))
        found[item] = (sum_ + number, [*listed, *cells])

    for row in range(len(table)):
        item = (table.units[row], *(fold_text(str(key[row])) for key in keys))
        if form.indicators and item[1] in single:
            continue
        if form.kind == "register" and form.over != "each":
            found[*item, ""] = (Fraction(1), [str(table.cell(row, first))])
        for name in numbers:
            entry = table.column(name)[row]
            if isinstance(entry, Fraction):
                rule = form.rebuilt.get(name) if table.combined else None
                names = (
                    [part for part in rule.parts if table.column(part)[row] is not None] if rule else [name]
                )
                add((*item, name), entry, [str(table.cell(row, part)) for part in names])
    return found
