"""What each row adds to a number, so that a broken relation names the units and rows that break it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.language import _
from baocao.values.criteria import Basis
from baocao.values.remaking import ChosenRows

if TYPE_CHECKING:
    from baocao.project.cells import CellRef
    from baocao.reading.tables import Tables
    from baocao.values.value import Value

MOST_CELLS = 12  # of one value or one file; a reader looks at no more


@dataclass(frozen=True)
class Part:
    """
    What one row adds to a value.

    Parameters
    ----------
    unit
        Code of who sent the row.
    form
        Form of the row; ``per_unit`` where every unit fills one.
    row
        Index into the form's table.
    key
        What the row is about.
    counted
        The row counts as one; else a column of it is added.
    """

    number: Fraction
    unit: str
    form: str
    row: int
    key: str
    cell: CellRef
    per_unit: bool
    counted: bool


def split_value(value: Value, tables: Tables) -> tuple[Part, ...] | None:
    """Return what each row adds to a value; None where it is no sum or count of rows."""
    if value.parents:
        if value.op not in ("sum", "difference"):
            return None
        split = [split_value(parent, tables) for parent in value.parents]
        if value.op == "difference" and split[1] is not None:
            split[1] = tuple(replace(part, number=-part.number) for part in split[1])
        return None if None in split else tuple(part for parts in split if parts for part in parts)
    if value.op not in ("sum", "cell", "count"):
        return None
    view = ChosenRows(tables).rows(value.basis) if isinstance(value.basis, Basis) else None
    if view is None or not isinstance(value.basis, Basis):
        return None
    column = value.basis.column
    table = view.table
    absent = table.uncounted(column) if column else frozenset()
    key = next(one.name for one in table.form.columns if one.key)
    keys = table.column(key)
    entries = table.column(column) if column else None
    parts = []
    for row in view.rows if column else view.items().rows:
        if row in absent:
            continue
        number = entries[row] if entries else Fraction(1)
        if not isinstance(number, Fraction):
            return None
        cell = table.cell(row, column or key)
        per_unit = table.units[row] is not None
        parts.append(
            Part(
                number,
                table.units[row] or "",
                table.form.name,
                row,
                str(keys[row]),
                cell,
                per_unit,
                column is None,
            )
        )
    return tuple(parts)


Group = Mapping[str, tuple[Part, ...]]
"""The parts of each id that belong to one row or one unit."""


def group_parts(left: Group, right: Group, *, strict: bool = False) -> list[Group]:
    """
    Group the parts of two sides: by row where they share rows, by unit where every unit fills their forms.

    Parameters
    ----------
    strict
        Only groups of which the relation must hold by itself: units that
        stand on the left side, and rows of which both sides add columns.

    Returns
    -------
    list
        Empty where the sides cannot be held against each other so.
    """
    sides = [[part for parts in side.values() for part in parts] for side in (left, right)]
    every = [*sides[0], *sides[1]]
    one, other = ({(part.form, part.row) for part in side} for side in sides)
    alike = len({part.form for part in every}) == 1 and one & other
    if alike and not (strict and (one != other or any(part.counted for part in every))):
        return _group({**left, **right}, by_row=True)
    if every and all(part.per_unit for part in every):
        known = {part.unit for part in sides[0]}
        groups = _group({**left, **right}, by_row=False)
        return [group for group in groups if not strict or _unit(group) in known]
    return []


def _group(ids: Group, *, by_row: bool) -> list[Group]:
    groups: dict[object, dict[str, list[Part]]] = defaultdict(lambda: defaultdict(list))
    for key, parts in ids.items():
        for part in parts:
            groups[(part.form, part.row) if by_row else part.unit][key].append(part)
    return [{key: tuple(group.get(key, ())) for key in ids} for group in groups.values()]


def _unit(group: Group) -> str:
    return next(part.unit for parts in group.values() for part in parts)


def name_groups(groups: Iterable[Group]) -> tuple[str, ...]:
    """Name the cells of groups; of a file with many of them its sheets."""
    files: dict[str, dict[CellRef, None]] = defaultdict(dict)
    for group in groups:
        for parts in group.values():
            for part in parts:
                files[part.cell.file][part.cell] = None
    return tuple(name for cells in files.values() for name in shorten_cells(cells))


def name_owners(groups: Iterable[Group]) -> str:
    """Return whose groups they are: the units, or in an office's register what the rows are about."""
    parts = [part for group in groups for found in group.values() for part in found]
    named = sorted({part.unit if part.per_unit else part.key for part in parts})
    few = len(named) <= MOST_CELLS
    if all(part.per_unit for part in parts):
        return _("units {names}", names=named) if few else _("{count} units", count=len(named))
    return _("entries {names}", names=named) if few else _("{count} entries", count=len(named))


def shorten_cells(cells: Iterable[CellRef]) -> tuple[str, ...]:
    """
    Name cells, or their sheets where there are many, or their folder where there are many sheets.

    Examples
    --------
    >>> from baocao.project.cells import CellRef
    >>> shorten_cells(CellRef("van-ban.xlsx", "van-ban", f"A{row}") for row in range(7, 90))
    ('van-ban.xlsx#van-ban',)
    """
    listed = list(cells)
    names = dict.fromkeys(str(cell) for cell in listed)
    if len(names) > MOST_CELLS:
        names = dict.fromkeys(f"{cell.file}#{cell.sheet}" for cell in listed)
    if len(names) > MOST_CELLS:
        names = dict.fromkeys(f"{cell.file.rpartition('/')[0]}/*#{cell.sheet}" for cell in listed)
    return tuple(names)


def name_cells(left: Iterable[Value], right: Iterable[Value]) -> tuple[str, ...]:
    """
    Name the cells behind two sides.

    All cells of a value that has few; of values over many, the cells that
    stand on one side only (the rows that one count has and the other has
    not), or else their sheets.
    """
    named: dict[str, None] = {}
    many: list[dict[CellRef, None]] = []
    for side in (left, right):
        wide: dict[CellRef, None] = {}
        for value in side:
            cells = [ref for ref, role in value.cells().items() if role == "term"]
            if len(cells) <= MOST_CELLS:
                named.update(dict.fromkeys(str(cell) for cell in cells))
            else:
                wide.update(dict.fromkeys(cells))
        many.append(wide)
    alone = sorted(many[0].keys() ^ many[1].keys())
    few = 0 < len(alone) <= MOST_CELLS
    named.update(dict.fromkeys(shorten_cells(alone if few else [*many[0], *many[1]])))
    return tuple(named)
