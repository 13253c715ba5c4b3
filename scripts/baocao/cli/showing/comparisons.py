"""Two periods side by side: what changed, then what is absent, then how much is equal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.language import _, _n
from baocao.project.models import NumberFormat
from baocao.values.formatting import format_number

if TYPE_CHECKING:
    from baocao.checking.comparing import Cause, Compared, Comparison
    from baocao.project.house import Numbers


def format_comparison(comparison: Comparison, numbers: Numbers) -> Iterator[str]:
    """Return a comparison as lines."""
    for value in comparison.values:
        if value.kind == "changed":
            yield _format_change(value, numbers)
            yield from (f"    {_format_cause(cause, numbers)}" for cause in value.causes)
    for period, side in ((comparison.a, "shown_a"), (comparison.b, "shown_b")):
        absent = [
            value.id for value in comparison.values if value.kind == "absent" and getattr(value, side) is None
        ]
        if absent:
            yield _("absent in {period} ({count}): {ids}", period=period, count=len(absent), ids=absent)
    yield from map(str, comparison.restated)
    equal = sum(value.kind == "equal" for value in comparison.values)
    yield _n("{count} value is equal", "{count} values are equal", equal)


def _format_change(value: Compared, numbers: Numbers) -> str:
    name = f"{value.label} ({value.id})" if value.label else value.id
    share = value.unit == "%"
    line = f"{name}: {value.shown_a} -> {value.shown_b}{'' if share else f' {value.unit}'}"
    if value.difference is None:
        return line
    difference = _sign(_spell(numbers, value.difference))
    if share:
        return _("{change}, {difference} percentage points", change=line, difference=difference)
    percent = f" ({_sign(_spell(numbers, value.percent))}%)" if value.percent is not None else ""
    return f"{line}, {difference}{percent}"


def _format_cause(cause: Cause, numbers: Numbers) -> str:
    name = f"{cause.name} {cause.label}".strip()
    if cause.what == "register":
        return _("{name}: {gone} entries went, {come} came", name=name, gone=cause.a, come=cause.b)
    return f"{name}: {_spell(numbers, cause.a)} -> {_spell(numbers, cause.b)}, {_sign(_spell(numbers, cause.difference))}"


def _spell(numbers: Numbers, number: str | None) -> str:
    return "-" if number is None else format_number(Fraction(number), NumberFormat(pad=1), numbers)


def _sign(text: str) -> str:
    return text if text.startswith("-") else f"+{text}"
