"""Relations that cannot fail: both sides are made of the same cells, so whatever an office sends they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from baocao.checking.identities import AtMost, Complement, Equal, Flow, Listed, Share, Sum
from baocao.project.findings import Finding
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.checking.identities import Identities, Relation
    from baocao.values.nodes import Node

RATIOS = frozenset({"ratio", "over"})
Terms = Counter[str]


def find_vacuous(identities: Identities, nodes: Mapping[str, Node]) -> list[Finding]:
    """
    List the relations that hold whatever is sent, by the derivations of a trace.

    Examples
    --------
    >>> from baocao.checking.identities import Identities, Sum
    >>> from fractions import Fraction
    >>> from baocao.values.nodes import Node
    >>> nodes = {"a": Node(Fraction(3), "hồ sơ", "sum", ("b", "c")), "b": Node(Fraction(1), "hồ sơ", "cell"),
    ...          "c": Node(Fraction(2), "hồ sơ", "cell"), "d": Node(Fraction(3), "hồ sơ", "cell")}
    >>> def relation(whole): return Sum(kind="sum", name=whole, says="", whole=whole, parts=("b", "c"))
    >>> [finding.got for finding in find_vacuous(Identities(relations=(relation("a"), relation("d"))), nodes)]
    ['a']
    """
    return [
        Finding(
            "cannot-fail",
            "warning",
            _(
                "the relation {name} holds whatever is sent: both sides are made of the same numbers",
                name=relation.name,
            ),
            cells=("params/identities.yaml",),
            expected=_("two sides that are read from different cells"),
            got=relation.name,
            action=_("Compare with a number that somebody else states, or delete the relation."),
        )
        for relation in identities.relations
        if _cannot_fail(relation, nodes)
    ]


def _cannot_fail(relation: Relation, nodes: Mapping[str, Node]) -> bool:
    match relation:
        case Sum():
            return _same(relation.whole, relation.parts, nodes)
        case Flow():
            return _same(relation.into, relation.out, nodes)
        case Equal():
            return _same(relation.ids[:1], relation.ids[1:], nodes)
        case AtMost():
            left, right = _expand(relation.whole, nodes), _expand(relation.parts, nodes)
            return all(left[key] >= count for key, count in right.items()) and all(
                count >= 0 for count in left.values()
            )
        case Share():
            sides = _sides(relation.stated, nodes)
            if not relation.whole:
                return _same((relation.stated,), relation.part, nodes)
            return (
                sides is not None
                and _same((sides[0],), relation.part, nodes)
                and _same((sides[1],), relation.whole, nodes)
            )
        case Complement():
            sides_of = [_sides(part, nodes) for part in relation.parts]
            known = [sides for sides in sides_of if sides is not None]
            if len(known) < len(sides_of):
                return False
            bases = {tuple(sorted(_expand((base,), nodes).items())) for _count, base in known}
            return len(bases) == 1 and _same([count for count, _base in known], [known[0][1]], nodes)
        case Listed():
            return False


def _sides(key: str, nodes: Mapping[str, Node]) -> tuple[str, str] | None:
    node = nodes.get(key)
    if node is None or node.op not in RATIOS or len(node.parents) != 2:
        return None
    return node.parents[0], node.parents[1]


def _same(one: Iterable[str], other: Iterable[str], nodes: Mapping[str, Node]) -> bool:
    return _expand(one, nodes) == _expand(other, nodes)


def _expand(ids: Iterable[str], nodes: Mapping[str, Node]) -> Terms:
    """Return what numbers are made of: what was read from cells, and how often it is added."""
    terms: Terms = Counter()
    ahead = [(key, 1) for key in ids]
    while ahead:
        key, sign = ahead.pop()
        node = nodes.get(key)
        if node is not None and node.parents and node.op == "sum":
            ahead += [(parent, sign) for parent in node.parents]
        elif node is not None and node.op == "difference" and len(node.parents) == 2:
            ahead += [(node.parents[0], sign), (node.parents[1], -sign)]
        elif node is not None and node.basis and node.op in ("sum", "cell", "count", "distinct"):
            terms[f"{node.op} {node.basis}"] += sign
        else:
            terms[key] += sign
    return Counter({key: count for key, count in terms.items() if count})
