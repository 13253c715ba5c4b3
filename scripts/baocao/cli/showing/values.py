"""The values of a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from baocao.project.language import _n

if TYPE_CHECKING:
    from baocao.tracing.trace import ListedValue


def format_values(values: Mapping[str, ListedValue]) -> Iterator[str]:
    """Return a line for each value: id, as printed, unit, how many cells, the ids it had before."""
    for key, value in values.items():
        printed = ", ".join(dict.fromkeys(value.printed)) or "-"
        cells = _n("{count} cell", "{count} cells", value.cells)
        before = f" ({', '.join(value.aliases)})" if value.aliases else ""
        unit = "" if printed.endswith(value.unit) else value.unit
        yield f"{key:44} {printed:>16} {unit:<20} {cells}{before}"
