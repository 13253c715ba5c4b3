"""How values were made, as notebooks and traces carry it: one reader and one writer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, ConfigDict, PlainSerializer

from baocao.project.language import _
from baocao.values.criteria import Basis
from baocao.values.value import OWN_HASH, Op, Role, Value


def _parse_number(number: object) -> Fraction:
    if isinstance(number, Fraction):
        return number
    if not isinstance(number, str) or str(parsed := Fraction(number)) != number:
        raise ValueError(
            _("expected an exact number such as '142186' or '5/3', got {number!r}", number=number)
        )
    return parsed


Exact = Annotated[Fraction, BeforeValidator(_parse_number), PlainSerializer(str, return_type=str)]
"""An exact number; in JSON a text such as ``"142186"`` or ``"5/3"``."""


class NodeSource(NamedTuple):
    """One column of a block of rows, by the block's key, and what its cells do."""

    block: str
    column: str
    role: Role


@dataclass(frozen=True, slots=True)
class Node:
    """
    One value as it is recorded: what :class:`~baocao.values.value.Value` holds, with ids for parents and blocks.

    Parameters
    ----------
    number
        Exact, in ``unit``; None where a ratio has the base 0.
    basis
        The rows it was read from; of an opaque value what happens inside, in words; else ``""``.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    number: Exact | None
    unit: str
    op: Op
    parents: tuple[str, ...] = ()
    sources: tuple[NodeSource, ...] = ()
    basis: Basis | str = ""

    def is_named(self, id: str) -> bool:
        """
        Return whether the id under which it is recorded was given to it, not made from its operation and parents.

        Examples
        --------
        >>> node = Node(Fraction(3), "hồ sơ", "sum")
        >>> node.is_named("hoso_so_tiep_nhan"), node.is_named("sum_0123456789")
        (True, False)
        """
        return not (id.startswith(f"{self.op}_") and OWN_HASH.fullmatch(id, len(self.op) + 1))


def make_node(value: Value) -> Node:
    """
    Record one value.

    Examples
    --------
    >>> make_node(Value(Fraction(5, 3), "ngày", "cell", basis=Basis("06a", (), "so_ngay"), name="cho")).number
    Fraction(5, 3)
    """
    return Node(
        value.number,
        value.unit,
        value.op,
        tuple(parent.id for parent in value.parents),
        tuple(NodeSource(source.block.key, source.column, source.role) for source in value.sources),
        value.basis,
    )
