"""Relations that cannot fail are told, and those that can are not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from baocao.checking.identities import AtMost, Complement, Equal, Flow, Identities, Share, Sum
from baocao.checking.vacuous import find_vacuous
from baocao.values.criteria import Basis
from baocao.values.nodes import Node


def cell(column: str) -> Node:
    return Node(Fraction(1), "hồ sơ", "sum", basis=Basis("06a", (), column))


NODES = {
    "a": cell("a"),
    "a_too": cell("a"),
    "b": cell("b"),
    "c": cell("c"),
    "ab": Node(Fraction(2), "hồ sơ", "sum", ("a", "b")),
    "rest": Node(Fraction(0), "hồ sơ", "difference", ("ab", "a")),
    "a_of_ab": Node(Fraction(50), "%", "ratio", ("a", "ab")),
    "b_of_ab": Node(Fraction(50), "%", "ratio", ("b", "ab")),
}
SAYS = {"name": "x", "says": "x"}


@pytest.mark.parametrize(
    ("relation", "vacuous"),
    [
        (Sum(kind="sum", whole="ab", parts=("a", "b"), **SAYS), True),
        (Sum(kind="sum", whole="ab", parts=("a_too", "rest"), **SAYS), True),
        (Sum(kind="sum", whole="c", parts=("a", "b"), **SAYS), False),
        (Equal(kind="equal", ids=("a", "a_too"), **SAYS), True),
        (Equal(kind="equal", ids=("rest", "b"), **SAYS), True),
        (Equal(kind="equal", ids=("a", "b"), **SAYS), False),
        (Flow(kind="flow", into=("a", "b"), out=("ab",), **SAYS), True),
        (Flow(kind="flow", into=("a", "c"), out=("ab",), **SAYS), False),
        (AtMost(kind="at-most", whole="ab", parts=("a",), **SAYS), True),
        (AtMost(kind="at-most", whole="a", parts=("ab",), **SAYS), False),
        (AtMost(kind="at-most", whole="c", parts=("a",), **SAYS), False),
        (Share(kind="share", stated="a_of_ab", part="a", whole=("a", "b"), **SAYS), True),
        (Share(kind="share", stated="c", part="a", whole=("a", "b"), **SAYS), False),
        (Complement(kind="complement", parts=("a_of_ab", "b_of_ab"), **SAYS), True),
        (Complement(kind="complement", parts=("a_of_ab", "c"), **SAYS), False),
    ],
)
def test_a_relation_that_cannot_fail_is_told(relation, vacuous):
    found = find_vacuous(Identities(relations=(relation,)), NODES)
    assert [finding.code for finding in found] == ["cannot-fail"] * vacuous
