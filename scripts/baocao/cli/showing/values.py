"""The values of a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baocao.project.language import _n


def format_values(values: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Return a line for each value: id, as printed, unit, how many cells."""
    for key, value in values.items():
        printed = ", ".join(dict.fromkeys(value["printed"])) or "-"
        cells = _n("{count} cell", "{count} cells", value["cells"])
        yield f"{key:44} {printed:>16} {value['unit']:<20} {cells}"
