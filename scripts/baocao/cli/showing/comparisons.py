"""Two periods side by side: what changed, then what is absent, then how much is equal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.language import _, _n
from baocao.project.models import NumberFormat
from baocao.values.formatting import format_number

if TYPE_CHECKING:
    from baocao.checking.comparing import Cause, Comparison
    from baocao.project.house import Numbers


def format_comparison(comparison: Comparison, numbers: Numbers) -> Iterator[str]:
    """Return a comparison as lines."""
    for value in comparison.values:
        if value.kind == "changed":
            percent = f" ({_sign(_spell(numbers, value.percent))}%)" if value.percent else ""
            difference = _sign(_spell(numbers, value.difference))
            yield f"{value.id}: {_spell(numbers, value.a)} -> {_spell(numbers, value.b)} {value.unit}, {difference}{percent}"
            yield from (f"    {_format_cause(cause, numbers)}" for cause in value.causes)
    for period, side in ((comparison.a, "a"), (comparison.b, "b")):
        absent = [
            value.id for value in comparison.values if value.kind == "absent" and getattr(value, side) is None
        ]
        if absent:
            yield _("absent in {period} ({count}): {ids}", period=period, count=len(absent), ids=absent)
    equal = sum(value.kind == "equal" for value in comparison.values)
    yield _n("{count} value is equal", "{count} values are equal", equal)


def _format_cause(cause: Cause, numbers: Numbers) -> str:
    name = f"{cause.name} {cause.label}".strip()
    if cause.what == "register":
        return _("{name}: {gone} entries went, {come} came", name=name, gone=cause.a, come=cause.b)
    return f"{name}: {_spell(numbers, cause.a)} -> {_spell(numbers, cause.b)}, {_sign(_spell(numbers, cause.difference))}"


def _spell(numbers: Numbers, number: str | None) -> str:
    return "-" if number is None else format_number(Fraction(number), NumberFormat(pad=1), numbers)


def _sign(text: str) -> str:
    return text if text.startswith("-") else f"+{text}"
