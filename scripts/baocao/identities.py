"""What must hold between the numbers of a period; data in ``params/identities.yaml``, and their comparison here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from baocao.findings import Finding, Severity
from baocao.params import NumberFormat
from baocao.wording import print_number, round_half_up

if TYPE_CHECKING:
    from baocao.params import Params
    from baocao.values import Value

FILE = "identities.yaml"
MOST_CELLS = 12  # of one value, and of what two sides do not share; a reader looks at no more
ACTION = "Đối chiếu các ô nêu trên với hồ sơ gốc; sửa số liệu sai hoặc câu chữ không đúng với số liệu."


def _listed(data: object) -> object:
    return (data,) if isinstance(data, str) else data


Ids = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Relation(_Model):
    name: str
    says: str
    severity: Severity = "warning"


class Sum(_Relation):
    """``whole`` is the sum of ``parts``."""

    kind: Literal["sum"]
    whole: Ids
    parts: Ids


class AtMost(_Relation):
    """The sum of ``parts`` does not exceed ``whole``."""

    kind: Literal["at-most"]
    whole: Ids
    parts: Ids


class Equal(_Relation):
    """Two ids have one number."""

    kind: Literal["equal"]
    ids: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]


class Flow(_Relation):
    """What was carried over and received is what was resolved and is pending."""

    kind: Literal["flow"]
    into: Annotated[Ids, Field(alias="in")]
    out: Ids


class Share(_Relation):
    """
    ``stated``, in per cent, is ``part`` over ``whole``; a stated 100% must be exact.

    Without a ``whole``, ``stated`` is ``part``. With ``only_full`` nothing but
    a stated 100% is looked at.
    """

    kind: Literal["share"]
    stated: str
    part: Ids
    whole: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    decimals: int = 2
    only_full: bool = False


class Complement(_Relation):
    """Shares that add to 100, each exact to ``tolerance`` percentage points."""

    kind: Literal["complement"]
    parts: Ids
    tolerance: Fraction = Fraction(0)


class Listed(_Relation):
    """A count is the number of entries of a register that hold ``where``."""

    kind: Literal["list"]
    id: str
    form: str
    where: dict[str, str] = Field(default_factory=dict)


Relation = Annotated[Sum | AtMost | Equal | Flow | Share | Complement | Listed, Field(discriminator="kind")]


class Rule(_Model):
    """What must hold between entries of a register; each column is named as in ``params/forms.yaml``."""

    name: str
    says: str
    kind: Literal["order", "window", "until", "before", "symbol", "plan-year"]
    form: str
    date: str = ""
    other: str = ""
    symbol: str = ""
    issuer: str = ""
    type: str = ""
    subject: str = ""
    where: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Rule:
        missing = [name for name in _NEEDED[self.kind] if not getattr(self, name)]
        if missing:
            raise ValueError(f"rule {self.name!r} of kind {self.kind!r} needs {', '.join(missing)}")
        return self


_NEEDED = {
    "order": ("symbol", "date"),
    "window": ("date",),
    "until": ("date",),
    "before": ("date", "other"),
    "symbol": ("symbol", "type"),
    "plan-year": ("date", "type", "subject"),
}


class Identities(_Model):
    """The whole of ``params/identities.yaml``."""

    stated: str = ""
    relations: tuple[Relation, ...] = ()
    registers: tuple[Rule, ...] = ()
    types: dict[str, str] = Field(default_factory=dict)
    letter: str = ""
    not_letter: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_name_each(self) -> Identities:
        names = [item.name for item in (*self.relations, *self.registers)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self


def read_identities(params: Params) -> Identities:
    """
    Read ``params/identities.yaml``.

    Raises
    ------
    ParamsError
        It is missing, or a relation is not well formed.
    """
    return params.read(FILE, Identities)


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
    """

    findings: list[Finding] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    skipped: dict[str, tuple[str, ...]] = field(default_factory=dict)


def check_relations(relations: Iterable[Relation], values: Mapping[str, Value]) -> Checked:
    """
    Hold numbers against each other.

    Parameters
    ----------
    values
        By id, with those of typed cells by their code, and for a ``list`` the
        number of entries under :func:`list_id`. A relation that names an id
        that is not there, or has no number, is skipped.

    Examples
    --------
    >>> from baocao.values import Source, Value, make_block
    >>> def typed(number, row):
    ...     return Value(Fraction(number), "TTHC", "cell", sources=(Source(make_block([("a.xlsx", "s", row)]), "E", "term"),))
    >>> rule = Sum(kind="sum", name="tong", says="Tổng bằng các phần.", whole="a", parts=("b", "c"))
    >>> values = {"a": typed(41, 7), "b": typed(5, 8), "c": typed(35, 9)}
    >>> finding = check_relations([rule], values).findings[0]
    >>> finding.expected, finding.got, finding.cells
    ('a = 41', 'b + c = 5 + 35 = 40, lệch 1 TTHC', ('a.xlsx#s!E7', 'a.xlsx#s!E8', 'a.xlsx#s!E9'))
    """
    checked = Checked()
    for relation in relations:
        left, right = _sides(relation)
        missing = tuple(key for key in (*left, *right) if key not in values or values[key].number is None)
        if missing:
            checked.skipped[relation.name] = missing
            continue
        said = _compare(relation, left, right, values)
        if said is None:
            checked.held.append(relation.name)
            continue
        expected, got = said
        checked.findings.append(
            Finding(
                relation.name,
                relation.severity,
                relation.says.rstrip("."),
                cells=name_cells([values[key] for key in left], [values[key] for key in right]),
                ids=tuple(dict.fromkeys(key for key in (*left, *right) if not key.startswith(_LIST))),
                expected=expected,
                got=got,
                action=ACTION,
            )
        )
    return checked


_LIST = "list:"


def list_id(relation: Listed) -> str:
    """Name the number of entries that a ``list`` compares with."""
    return f"{_LIST}{relation.name}"


def _sides(relation: Relation) -> tuple[Ids, Ids]:
    match relation:
        case Sum() | AtMost():
            return relation.whole, relation.parts
        case Equal():
            return relation.ids[:1], relation.ids[1:]
        case Flow():
            return relation.into, relation.out
        case Share():
            return (relation.stated,), (*relation.part, *relation.whole)
        case Complement():
            return relation.parts, ()
        case Listed():
            return (relation.id,), (list_id(relation),)


def _compare(
    relation: Relation, left: Ids, right: Ids, values: Mapping[str, Value]
) -> tuple[str, str] | None:
    """Say what was expected and what is there; None where the relation holds."""
    unit = values[left[0]].unit
    if isinstance(relation, Share):
        return _compare_share(relation, values)
    one, other = _add(left, values), _add(right, values)
    if isinstance(relation, Complement):
        off = abs(one - 100)
        if off <= relation.tolerance * len(left):
            return None
        slack = f" (cho phép lệch {_print(relation.tolerance * len(left))})" if relation.tolerance else ""
        return f"tổng bằng 100%{slack}", f"{_spell(left, values)}, lệch {_print(off)}%"
    if isinstance(relation, AtMost):
        if other <= one:
            return None
        return f"không quá {_spell(left, values)}", f"{_spell(right, values)}, vượt {_print(other - one)} {unit}"
    if one == other:
        return None
    got = f"số mục liệt kê = {_print(other)}" if isinstance(relation, Listed) else _spell(right, values)
    return _spell(left, values), f"{got}, lệch {_print(abs(one - other))} {unit}"


def _compare_share(relation: Share, values: Mapping[str, Value]) -> tuple[str, str] | None:
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
    sign, off = ("%", "điểm phần trăm") if value.unit == "%" else ("", value.unit)
    made_of = f"{_spell(relation.part, values)}; {_spell(relation.whole, values)}; " if relation.whole else ""
    return (
        f"{made_of}{_print(counted, relation.decimals)}{sign}",
        f"{relation.stated} = {_print(stated)}{sign}, lệch {_print(abs(stated - counted), relation.decimals)} {off}",
    )


def _add(ids: Ids, values: Mapping[str, Value]) -> Fraction:
    return sum((values[key].number or Fraction(0) for key in ids), Fraction(0))


def _spell(ids: Ids, values: Mapping[str, Value]) -> str:
    """Write ``b + c = 5 + 35 = 40``."""
    numbers = [_print(values[key].number or Fraction(0)) for key in ids]
    added = [_print(_add(ids, values))] if len(ids) > 1 else []
    return " = ".join([" + ".join(ids), " + ".join(numbers), *added])


def _print(number: Fraction, decimals: int | None = None) -> str:
    return print_number(number, NumberFormat(pad=1, decimals=decimals))


def name_cells(left: Iterable[Value], right: Iterable[Value]) -> tuple[str, ...]:
    """
    Name the cells behind two sides, a bounded number of them.

    All cells of a value that has few; of values over many, the cells that
    stand on one side only (the rows that one count has and the other has
    not), or else the files as a whole.
    """
    named: dict[str, None] = {}
    many: list[set[str]] = []
    files: dict[str, None] = {}
    for side in (left, right):
        wide: set[str] = set()
        for value in side:
            cells = [str(ref) for ref, role in value.cells().items() if role == "term"]
            if len(cells) <= MOST_CELLS:
                named.update(dict.fromkeys(cells))
            else:
                wide.update(cells)
                files.update(dict.fromkeys(cell.partition("#")[0] for cell in cells))
        many.append(wide)
    alone = sorted(many[0] ^ many[1])
    if files and 0 < len(alone) <= MOST_CELLS:
        named.update(dict.fromkeys(alone))
    else:
        named.update(dict.fromkeys(list(files)[:MOST_CELLS]))
    return tuple(named)
