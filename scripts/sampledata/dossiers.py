"""Form 06a: the published totals of a quarter spread over units and fields, and the quarter before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sampledata.apportion import share

if TYPE_CHECKING:
    import random

    from baocao.project.models import Unit
    from sampledata.facts import Facts, FieldShape


@dataclass(frozen=True, slots=True)
class Row:
    """One row of form 06a; counts of dossiers, the sums follow from the parts."""

    unit: str
    field: str
    online: int
    direct: int
    carried: int
    early: int
    on_time: int
    late: int
    pending_in_time: int
    pending_late: int

    @property
    def received(self) -> int:
        """Column 3."""
        return self.online + self.direct + self.carried

    @property
    def resolved(self) -> int:
        """Column 7."""
        return self.early + self.on_time + self.late

    @property
    def pending(self) -> int:
        """Column 11."""
        return self.pending_in_time + self.pending_late

    @property
    def cells(self) -> dict[str, int]:
        """
        The row under the column names of ``params/forms.yaml``.

        Examples
        --------
        >>> row = Row("H01", "Việc làm", 8, 1, 2, early=4, on_time=3, late=1,
        ...           pending_in_time=2, pending_late=1)
        >>> row.cells["tiep_nhan"], row.cells["da_giai_quyet"], row.cells["dang_giai_quyet"]
        (11, 8, 3)
        """
        return {
            "tiep_nhan": self.received,
            "truc_tuyen": self.online,
            "truc_tiep": self.direct,
            "ky_truoc": self.carried,
            "da_giai_quyet": self.resolved,
            "truoc_han": self.early,
            "dung_han": self.on_time,
            "qua_han": self.late,
            "dang_giai_quyet": self.pending,
            "trong_han": self.pending_in_time,
            "dang_qua_han": self.pending_late,
        }


@dataclass(frozen=True, slots=True)
class _Slot:
    """A row to be: its unit, its field and how large the unit is."""

    unit: Unit
    shape: FieldShape
    size: int


def _about(rng: random.Random, percent: int) -> int:
    return rng.randint(100 - percent, 100 + percent)


def unit_sizes(facts: Facts, units: list[Unit]) -> dict[str, int]:
    """Weight of each commune by code; 0 for one that reports nothing but zeros."""
    rng = facts.random("sizes")
    known = facts.shape["communes"]
    return {
        unit.code: known["code"].get(unit.code, known["type"][unit.type]) * _about(rng, known["spread"])
        for unit in units
    }


def _slots(facts: Facts, units: list[Unit], level: str) -> list[_Slot]:
    if level == "so":
        by_code = {unit.code: unit for unit in units}
        return [_Slot(by_code[shape.unit], shape, 1) for shape in facts.fields if shape.unit in by_code]
    sizes = unit_sizes(facts, units)
    fewer = facts.shape["fields_of"]
    return [
        _Slot(unit, shape, sizes[unit.code])
        for unit in units
        for shape in facts.fields
        if shape.unit == level and shape.field in fewer.get(unit.code, [shape.field])
    ]


def quarter(facts: Facts, units: list[Unit], level: str) -> list[Row]:
    """
    Spread the published totals of one level over its units and their fields.

    Every column sums to the published total, every row balances, and no
    count is negative.

    Parameters
    ----------
    facts
        Published totals and weights.
    units
        The units of `level`, in the order of the rows.
    level
        ``so`` or ``xa``.

    Returns
    -------
    list of Row
        One row a unit and field, units in the order given.
    """
    rng = facts.random(f"06a/{level}")
    slots = _slots(facts, units, level)
    spread = facts.shape["spread"]
    late = facts.shape["late"][level]

    def weigh(weight: Callable[[FieldShape], int | Fraction]) -> list[Fraction]:
        return [Fraction(slot.size * weight(slot.shape)) * _about(rng, spread) for slot in slots]

    def total(column: str) -> int:
        return facts.count(f"hoso_{level}_{column}")

    online = share(total("trong_ky_truc_tuyen"), weigh(lambda shape: shape.volume))
    direct = share(total("trong_ky_truc_tiep"), weigh(lambda shape: shape.volume * shape.direct))
    carried = share(total("ky_truoc"), weigh(lambda shape: shape.volume * shape.carried))
    received = [sum(parts) for parts in zip(online, direct, carried, strict=True)]
    pending = share(total("dang_giai_quyet"), weigh(lambda shape: shape.volume * shape.carried), received)
    resolved = [most - rest for most, rest in zip(received, pending, strict=True)]

    def late_of(count: int, base: list[int], most: int) -> list[int]:
        # Some units are hardly ever late, others often: the spread is wide and falls on the unit.
        habit = {unit.code: rng.randint(5, 100) for unit in units}
        weights = [
            number * slot.shape.late * habit[slot.unit.code] for number, slot in zip(base, slots, strict=True)
        ]
        return share(count, weights, [number * most // 100 for number in base])

    resolved_late = late_of(late["resolved"], resolved, late["most_resolved"])
    pending_late = late_of(late["pending"], pending, late["most_pending"])
    in_time = [whole - part for whole, part in zip(resolved, resolved_late, strict=True)]
    early_total = sum(resolved) * facts.shape["early"][level] // 1000
    early = share(early_total, [number * _about(rng, 10) for number in in_time], in_time)
    return [
        Row(
            unit=slot.unit.code,
            field=slot.shape.field,
            online=online[index],
            direct=direct[index],
            carried=carried[index],
            early=early[index],
            on_time=in_time[index] - early[index],
            late=resolved_late[index],
            pending_in_time=pending[index] - pending_late[index],
            pending_late=pending_late[index],
        )
        for index, slot in enumerate(slots)
    ]


def quarter_before(facts: Facts, rows: list[Row]) -> list[Row]:
    """
    Make up the quarter before: its pending dossiers are those that `rows` carry over.

    Returns
    -------
    list of Row
        One for each of `rows`, in their order; nothing of it is published.
    """
    rng = facts.random("06a/before")
    shape = facts.shape["before"]
    result = []
    for row in rows:
        pending = row.carried
        online = row.online * rng.randint(*shape["volume"]) // 100
        direct = row.direct * rng.randint(*shape["volume"]) // 100
        carried = pending * rng.randint(*shape["carried"]) // 100
        online += max(0, pending - online - direct - carried)
        resolved = online + direct + carried - pending
        late = min(resolved, row.late * rng.randint(*shape["late"]) // 100)
        early = (resolved - late) * row.early // max(1, row.early + row.on_time)
        pending_late = min(pending, row.pending_late * rng.randint(*shape["late"]) // 100)
        result.append(
            Row(
                unit=row.unit,
                field=row.field,
                online=online,
                direct=direct,
                carried=carried,
                early=early,
                on_time=resolved - late - early,
                late=late,
                pending_in_time=pending - pending_late,
                pending_late=pending_late,
            )
        )
    return result
