"""Sums and counts over several units, split by unit, beside what each had a quarter ago."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from baocao.project.cells import column_index, parse_cell, split_address
from baocao.reviewing.core import exact
from baocao.tracing.trace import unit_of

if TYPE_CHECKING:
    from baocao.reviewing.core import Core
    from baocao.reviewing.material import Material, Parts
    from baocao.values.nodes import Node

_ADDED = {"sum": 1, "difference": -1}


class Shares:
    """
    The parts by unit of a period's values.

    Parameters
    ----------
    material
        What the pages show.
    """

    def __init__(self, material: Material) -> None:
        self.material = material
        self._cells = {
            (file, sheet.name): sheet.cells
            for file, book in material.workbooks.items()
            for sheet in book.sheets
        }
        self._taken = {
            (ref.file, ref.sheet, *split_address(ref.address)): _number_of(one.value)
            for ref, one in ((parse_cell(cell), one) for cell, one in material.trace.taken.items())
        }
        self._leaves: dict[str, dict[str, Fraction] | None] = {}

    def parts(self, key: str) -> dict[str, Fraction] | None:
        """
        Split a value by unit.

        Returns
        -------
        dict or None
            By code of unit, in the order of the table; None where the value is
            not made by adding and subtracting cells or rows of units, where
            only one unit has a part, or where the parts do not add up to it.
        """
        split = self._combine(key, self._leaf)
        number = self.material.trace.values[key].number
        if split is None or len(split) < 2 or number is None or sum(split.values()) != number:
            return None
        return split

    def before(self, key: str) -> Parts | None:
        """Return the parts of the quarter before; None where one of its sources was not collected then."""
        return self._combine(key, self.material.previous.get)

    def _combine(self, key: str, leaf: Any) -> dict[str, Fraction] | None:
        nodes = self.material.trace.values
        found: dict[str, Fraction] = {}
        stack = [(key, 1)]
        while stack:
            one, sign = stack.pop()
            node = nodes[one]
            parents = node.parents
            if parents:
                if node.op not in _ADDED:
                    return None
                for number, parent in reversed(list(enumerate(parents))):
                    stack.append((parent, sign * (_ADDED[node.op] if number else 1)))
                continue
            split = leaf(one)
            if split is None:
                return None
            for unit, part in split.items():
                found[unit] = found.get(unit, Fraction(0)) + sign * part
        return found

    def _leaf(self, key: str) -> dict[str, Fraction] | None:
        if key not in self._leaves:
            self._leaves[key] = self._read(self.material.trace.values[key])
        return self._leaves[key]

    def _read(self, node: Node) -> dict[str, Fraction] | None:
        if node.op not in ("sum", "cell", "count"):
            return None
        found: dict[str, Fraction] = {}
        for block, letters, role in node.sources:
            if role != "term":
                continue
            column = column_index(letters)
            for file, sheet, first, last in self.material.trace.blocks[block]:
                unit = unit_of(file, self.material.folders)
                cells = self._cells.get((file, sheet))
                if unit is None or unit not in self.material.units or cells is None:
                    return None
                part = Fraction(0)
                for row in range(first - 1, last):
                    cell = cells.get((row, column))
                    if node.op == "count":
                        part += 1
                    elif (taken := self._taken.get((file, sheet, row, column))) is not None:
                        part += taken
                    elif cell is not None and cell.kind == "number":
                        part += Fraction(cell.value)  # type: ignore[arg-type]
                found[unit] = found.get(unit, Fraction(0)) + part
        return found


def _number_of(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except ValueError:
        return None


def make_parts(material: Material, core: Core) -> dict[str, dict[str, Any]]:
    """
    Split every value that can be split.

    Returns
    -------
    dict
        By value id ``{units: [number, …], now: [part, …], before: [part or
        None, …]}``, columns of one table; ``before`` is None where the quarter
        before did not collect it.
    """
    shares = Shares(material)
    made = {}
    for key in core.values:
        split = shares.parts(key)
        if split is None:
            continue
        before = shares.before(key)
        made[key] = {
            "units": [core.units[unit] for unit in split],
            "now": [exact(part) for part in split.values()],
            "before": None
            if not before
            else [None if unit not in before else exact(before[unit]) for unit in split],
        }
    return made
