"""What every share and ratio counts over which base, by its definition and by how it was made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from baocao.project.findings import Finding
from baocao.project.language import OwnWords, _
from baocao.project.text import fold_text
from baocao.values.value import Value, print_decimal, total

if TYPE_CHECKING:
    from baocao.project.models import Indicator
    from baocao.values.nodes import Node
    from baocao.values.value import Value

RATIOS = ("ratio", "over")


@dataclass(frozen=True)
class Counted:
    """
    One side of a share.

    Parameters
    ----------
    ids
        The value, and below it those it is the sum of.
    sources
        ``form[choice].column`` of every form it was read from, in words of the forms.
    """

    id: str
    label: str
    ids: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """
    A share or ratio: what is counted over which base.

    Parameters
    ----------
    definition
        The sentence of ``params/indicators.yaml``, to readers of its language; empty where there is none.
    numerator, base
        None where the value was typed by an office, or neither params nor a built period say it.
    """

    id: str
    label: str
    unit: str
    definition: str
    numerator: Counted | None
    base: Counted | None
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def list_definitions(
    indicators: Mapping[str, Indicator], values: Mapping[str, Node], language: str = "en"
) -> list[Definition]:
    """
    List every share and ratio of the reports.

    Parameters
    ----------
    values
        The ``values`` of a trace; empty where nothing has been built.
    language
        Of the house, in which ``params/indicators.yaml`` is written.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from baocao.values.criteria import Basis
    >>> from baocao.values.nodes import Node
    >>> nodes = {
    ...     "a": Node(Fraction(9), "hồ sơ", "sum", basis=Basis("06a", (), "tiep_nhan")),
    ...     "b": Node(Fraction(12), "hồ sơ", "sum", basis=Basis("06a", (), "tong")),
    ...     "c": Node(Fraction(75), "%", "ratio", parents=("a", "b")),
    ... }
    >>> [one] = list_definitions({}, nodes)
    >>> one.id, one.numerator.sources, one.base.sources
    ('c', ('06a.tiep_nhan',), ('06a.tong',))
    """
    shares = {key for key, one in indicators.items() if one.unit == "%" or one.print.over or one.definition}
    shares |= {key for key, node in values.items() if node.op in RATIOS}
    return [_define(key, indicators, values, language) for key in sorted(shares)]


def _define(
    key: str, indicators: Mapping[str, Indicator], values: Mapping[str, Node], language: str
) -> Definition:
    indicator, node = indicators.get(key), values.get(key)
    sides: list[Counted | None] = [None, None]
    if node is not None and node.op in RATIOS:
        sides = [_count(parent, indicators, values) for parent in node.parents]
    elif node is None and indicator is not None and indicator.share:
        sides = [_count(part, indicators, values) for part in indicator.share]
    return Definition(
        key,
        indicator.label if indicator else "",
        indicator.unit if indicator else node.unit if node else "",
        OwnWords({language: indicator.definition}, "") if indicator else "",
        sides[0],
        sides[1],
        str(node.basis) if node is not None and node.op not in RATIOS else "",
    )


def _count(key: str, indicators: Mapping[str, Indicator], values: Mapping[str, Node]) -> Counted:
    ids, sources = [], []
    stack = [key]
    while stack:
        one = stack.pop()
        ids.append(one)
        node = values.get(one)
        if node is None:
            stack.extend(reversed(indicators[one].made_of if one in indicators else ()))
        elif node.parents:
            stack.extend(reversed(node.parents))
        elif node.basis:
            sources.append(str(node.basis))
    label = indicators[key].label if key in indicators else ""
    return Counted(key, label, tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(sources)))


def make_declared(indicators: Mapping[str, Indicator], values: Mapping[str, Value]) -> dict[str, Value]:
    """
    Make the shares and sums that ``params/indicators.yaml`` declares, where everything they are made of is there.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from baocao.project.models import Indicator
    >>> from baocao.values.value import Value
    >>> counts = {"a": Value(Fraction(3), "hồ sơ", "cell"), "b": Value(Fraction(4), "hồ sơ", "cell")}
    >>> print(make_declared({"c": Indicator(label="Tỷ lệ", unit="%", share=("a", "b"))}, counts)["c"])
    75 %
    """
    made: dict[str, Value] = {}
    waiting = [key for key, one in indicators.items() if one.made_of and key not in values]
    while ready := [
        key for key in waiting if all(part in values or part in made for part in indicators[key].made_of)
    ]:
        for key in ready:
            parts = [values[part] if part in values else made[part] for part in indicators[key].made_of]
            made[key] = (parts[0] / parts[1] if indicators[key].share else total(parts)).named(key)
        waiting = [key for key in waiting if key not in made]
    return made


def check_definitions(indicators: Mapping[str, Indicator], values: Mapping[str, Node]) -> list[Finding]:
    """
    Find shares of two bases under one name.

    Returns
    -------
    list of Finding
        ``two-bases``: two shares are called alike, or have one definition,
        and are made in two ways, or in ways that nobody recorded.
    """
    found: list[Finding] = []
    for kind, said in (("label", _("name")), ("definition", _("definition"))):
        alike: dict[str, list[Definition]] = defaultdict(list)
        for one in list_definitions(indicators, values):
            text = getattr(one, kind)
            if text:
                alike[_letters(text)].append(one)
        for group in alike.values():
            ways = {_way(one): one for one in group}
            if len(group) > 1 and (len(ways) > 1 or not all(one.numerator for one in group)):
                found.append(
                    Finding(
                        "two-bases",
                        "warning",
                        _(
                            "The shares {ids} have one {name} but are computed in different ways.",
                            ids=[one.id for one in group],
                            name=said,
                        ),
                        cells=("params/indicators.yaml",),
                        ids=tuple(one.id for one in group),
                        expected=_("a {name} for each share", name=said),
                        got=getattr(group[0], kind),
                        action=_("Give each share a {name} that says its numerator and base.", name=said),
                    )
                )
    return found


def find_without_base(values: Mapping[str, Value]) -> Iterator[Finding]:
    """
    Find shares of something in nothing: a plan of 0 that was spent from.

    Yields
    ------
    Finding
        ``without-base``, its ids those of the share, its numerator and its base.
    """
    for key, value in values.items():
        if value.op != "ratio" or value.number is not None:
            continue
        part, base = value.parents
        if part.number and base.number == 0:
            yield Finding(
                "without-base",
                "warning",
                _(
                    "The share {id} has no base: {part} is counted over {base}, which is 0.",
                    id=key,
                    part=part.id,
                    base=base.id,
                ),
                cells=tuple(map(str, base.cells())),
                ids=(key, part.id, base.id),
                expected=_("a base above 0"),
                got=f"{print_decimal(part.number)} / 0",
                action=_("Enter the base in its form, or leave the share out of the text."),
            )


def _letters(text: str) -> str:
    """Bring a name to its letters and digits: a dash or a full stop more makes no other name."""
    return "".join(char for char in fold_text(text) if char.isalnum())


def _way(one: Definition) -> tuple[object, ...]:
    sides = (one.numerator, one.base)
    return (one.source, *((side.sources if side else None) for side in sides))
