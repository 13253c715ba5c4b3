"""Whether the text of a mention is what its value prints: no text stands for a number that it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from baocao.project.findings import Finding
from baocao.project.language import _
from baocao.values.formatting import format_value
from baocao.values.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baocao.project.params import Params
    from baocao.tracing.record import Mention
    from baocao.values.nodes import Node

# Every format that a notebook can ask for; without one the indicator says it, so that comes first.
_SPECS = (
    "",
    *(f"0{pad}" for pad in range(1, 10)),
    *(f".{decimals}{trim}" for decimals in range(7) for trim in ("", "~")),
)


def find_misprints(
    mentions: Iterable[Mention], values: Mapping[str, Node], params: Params
) -> Iterator[Finding]:
    """
    Find mentions whose text is nothing that their value prints.

    Parameters
    ----------
    values
        The recorded values, by id.

    Yields
    ------
    Finding
        ``misprinted``, its ids those of the mention and of the value.
    """
    for mention in mentions:
        value = _restore(mention.value, values)
        if not any(text == mention.printed for text in _list_printings(value, params)):
            right = next(_list_printings(value, params))
            yield Finding(
                "misprinted",
                "error",
                _(
                    "section {section} of {report} prints {printed!r} for the value {id}, which is {number} {unit}",
                    section=mention.section,
                    report=mention.report,
                    printed=mention.printed,
                    id=mention.value,
                    number=value.number,
                    unit=value.unit,
                ),
                ids=(mention.id, mention.value),
                expected=right,
                got=mention.printed,
                action=_("Let the notebook write the value itself; no text may stand in its place."),
            )


def _list_printings(value: Value, params: Params) -> Iterator[str]:
    return (format_value(value, params.indicators, params.house.numbers, spec) for spec in _SPECS)


def _restore(key: str, values: Mapping[str, Node]) -> Value:
    node = values[key]
    parents = [(parent, values[parent]) for parent in node.parents]
    made = tuple(Value(part.number, part.unit, part.op, name=name) for name, part in parents)
    return Value(node.number, node.unit, node.op, made, name=key)
