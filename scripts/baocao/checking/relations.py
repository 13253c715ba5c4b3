"""Numbers of a period held against each other, by the relations of ``params/identities.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from baocao.checking.breakdowns import Group, Part, group_parts, name_cells, name_groups, name_owners
from baocao.checking.identities import (
    LIST,
    AtMost,
    Complement,
    Ids,
    Listed,
    Relation,
    Share,
    list_sides,
    say,
)
from baocao.project.findings import Finding
from baocao.project.house import NEUTRAL, Numbers
from baocao.project.language import N_, _
from baocao.project.models import NumberFormat
from baocao.values.formatting import format_number, round_half_up

if TYPE_CHECKING:
    from baocao.project.models import Treatment
    from baocao.values.value import Value

ACTION = N_(
    "Compare these cells with the original records; correct the wrong number, or the words that do not fit the numbers."
)


@dataclass
class Checked:
    """
    What the relations had to say.

    Parameters
    ----------
    held
        Names of the relations that were looked at and hold.
    skipped
        For each relation that could not be looked at, the ids that are not there.
    accepted
        Treatments by which contradictions stand, by where.
    """

    findings: list[Finding] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    skipped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    accepted: dict[str, Treatment] = field(default_factory=dict)


def check_relations(
    relations: Iterable[Relation],
    values: Mapping[str, Value],
    labels: Mapping[str, str] | None = None,
    split: Callable[[Value], tuple[Part, ...] | None] = lambda _: None,
    numbers: Numbers = NEUTRAL,
    language: str = "en",
) -> Checked:
    """
    Hold numbers against each other.

    Parameters
    ----------
    values
        By id, with those of typed cells by their code, and for a ``list`` the
        number of entries under :func:`list_id`. A relation that names an id
        that is not there, or has no number, is skipped.
    labels
        What a reader calls an id; one without a label is written itself.
    split
        Returns what each row adds to a value, to find the units and rows that
        break a relation; parts of a whole are held against it there as well.
    numbers
        How the findings write numbers.
    language
        Of the house, in which ``params/identities.yaml`` is written.

    Examples
    --------
    >>> from baocao.checking.identities import Sum
    >>> from baocao.values.value import Source, Value, make_block
    >>> def typed(number, row):
    ...     return Value(Fraction(number), "TTHC", "cell", sources=(Source(make_block([("a.xlsx", "s", row)]), "E", "term"),))
    >>> rule = Sum(kind="sum", name="tong", says="Tổng bằng các phần.", whole="a", parts=("b", "c"))
    >>> values = {"a": typed(41, 7), "b": typed(5, 8), "c": typed(35, 9)}
    >>> finding = check_relations([rule], values).findings[0]
    >>> finding.expected, finding.got, finding.cells
    ('a = 41', 'b + c = 5 + 35 = 40', ('a.xlsx#s!E7', 'a.xlsx#s!E8', 'a.xlsx#s!E9'))
    """
    checked = Checked()
    for relation in relations:
        left, right = list_sides(relation)
        missing = tuple(key for key in (*left, *right) if key not in values or values[key].number is None)
        if missing:
            checked.skipped[relation.name] = missing
            continue
        said = _compare(relation, left, right, values, _Words(labels or {}, numbers))
        guilty = _break_down(relation, left, right, values, split, strict=said is None)
        if said is None and guilty:
            # The sums hide it: units that hold make up for those that do not.
            said = _compare(
                relation, left, right, _restrict(values, _merge(guilty)), _Words(labels or {}, numbers)
            )
        if said is None:
            checked.held.append(relation.name)
            continue
        expected, got, off = said
        rule = say(relation, language)
        checked.findings.append(
            Finding(
                relation.name,
                relation.severity,
                _("{rule}, but {difference} in {where}", rule=rule, difference=off, where=name_owners(guilty))
                if guilty
                else _("{rule}, but {difference}", rule=rule, difference=off),
                cells=name_groups(guilty)
                or name_cells([values[key] for key in left], [values[key] for key in right]),
                ids=tuple(dict.fromkeys(key for key in (*left, *right) if not key.startswith(LIST))),
                expected=expected,
                got=got,
                action=_(ACTION),
            )
        )
    return checked


def _break_down(
    relation: Relation,
    left: Ids,
    right: Ids,
    values: Mapping[str, Value],
    split: Callable[[Value], tuple[Part, ...] | None],
    *,
    strict: bool,
) -> list[Group]:
    """Find the units or rows that break a relation by themselves; ``strict`` where the sums hold it."""
    if isinstance(relation, Share | Complement) or (strict and not isinstance(relation, AtMost)):
        return []
    sides: list[dict[str, tuple[Part, ...]]] = []
    for ids in (left, right):
        parts = {key: split(values[key]) for key in ids}
        known = {key: part for key, part in parts.items() if part is not None}
        if len(known) < len(parts):
            return []
        sides.append(known)
    return [
        group
        for group in group_parts(*sides, strict=strict)
        if _compare(relation, left, right, _restrict(values, group), _Words({}, NEUTRAL))
    ]


def _restrict(values: Mapping[str, Value], group: Group) -> dict[str, Value]:
    return {
        key: replace(values[key], number=sum((part.number for part in parts), Fraction(0)))
        for key, parts in group.items()
    }


def _merge(groups: list[Group]) -> Group:
    return {key: tuple(part for group in groups for part in group[key]) for key in groups[0]}


class _Words(NamedTuple):
    """What a finding calls ids, and how it writes numbers."""

    labels: Mapping[str, str]
    numbers: Numbers

    def number(self, number: Fraction, decimals: int | None = None) -> str:
        """Write a number as it is, not padded."""
        return format_number(number, NumberFormat(pad=1, decimals=decimals), self.numbers)


def _compare(
    relation: Relation, left: Ids, right: Ids, values: Mapping[str, Value], words: _Words
) -> tuple[str, str, str] | None:
    """Return what was expected, what is there and by how much it is off; None where the relation holds."""
    unit = values[left[0]].unit
    if isinstance(relation, Share):
        return _compare_share(relation, values, words)
    one, other = _add(left, values), _add(right, values)
    if isinstance(relation, Complement):
        off = abs(one - 100)
        if off <= relation.tolerance * len(left):
            return None
        expected = (
            _("a sum of 100% (give or take {slack})", slack=words.number(relation.tolerance * len(left)))
            if relation.tolerance
            else _("a sum of 100%")
        )
        return expected, _spell(left, values, words), _("off by {number}%", number=words.number(off))
    if isinstance(relation, AtMost):
        if other <= one:
            return None
        bound = _("at most {number}", number=_spell(left, values, words))
        return (
            bound,
            _spell(right, values, words),
            _("{number} {unit} too many", number=words.number(other - one), unit=unit),
        )
    if one == other:
        return None
    got = (
        _("entries listed = {number}", number=words.number(other))
        if isinstance(relation, Listed)
        else _spell(right, values, words)
    )
    return (
        _spell(left, values, words),
        got,
        _("off by {number} {unit}", number=words.number(abs(one - other)), unit=unit),
    )


def _compare_share(
    relation: Share, values: Mapping[str, Value], words: _Words
) -> tuple[str, str, str] | None:
    value = values[relation.stated]
    stated = value.number
    assert stated is not None  # a value without a number is skipped before
    part, whole = _add(relation.part, values), _add(relation.whole, values)
    full = stated == 100 and value.unit == "%"
    if (relation.whole and not whole) or (relation.only_full and not full):
        return None
    counted = part * 100 / whole if relation.whole else part
    if full or value.op == "ratio":
        same = stated == counted
    else:
        same = round_half_up(stated, relation.decimals) == round_half_up(counted, relation.decimals)
    if same:
        return None
    sign, off = ("%", _("percentage points")) if value.unit == "%" else ("", value.unit)
    made_of = "".join(f"{_spell(ids, values, words)}; " for ids in (relation.part, relation.whole))
    return (
        f"{made_of if relation.whole else ''}{words.number(counted, relation.decimals)}{sign}",
        f"{_spell((relation.stated,), values, words)}{sign}",
        _("off by {number} {unit}", number=words.number(abs(stated - counted), relation.decimals), unit=off),
    )


def _add(ids: Ids, values: Mapping[str, Value]) -> Fraction:
    return sum((values[key].number or Fraction(0) for key in ids), Fraction(0))


def _spell(ids: Ids, values: Mapping[str, Value], words: _Words) -> str:
    """Write ``b + c = 5 + 35 = 40``."""
    numbers = [words.number(values[key].number or Fraction(0)) for key in ids]
    added = [words.number(_add(ids, values))] if len(ids) > 1 else []
    return " = ".join([" + ".join(words.labels.get(key, key) for key in ids), " + ".join(numbers), *added])
