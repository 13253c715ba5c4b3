"""How many numerals of a report are traced, declared constants, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from baocao.project.language import N_, _

if TYPE_CHECKING:
    from baocao.documents.coverage import Coverage

KINDS = {
    "structure": N_("structure"),
    "calendar": N_("calendar"),
    "legal": N_("legal"),
    "name": N_("name"),
}


def format_coverage(report: str, coverage: Coverage) -> Iterator[str]:
    """Return the counts of a report, then each numeral without a source with the words around it."""
    kinds = ", ".join(f"{count} {_(KINDS[kind])}" for kind, count in sorted(coverage.kinds.items()))
    yield _(
        "{report}: {numerals} numerals = {traced} traced + {constants} constants ({kinds}) + {untraced} untraced",
        report=report,
        numerals=coverage.numerals,
        traced=coverage.traced,
        constants=coverage.constants,
        kinds=kinds,
        untraced=len(coverage.untraced),
    )
    yield from (f"  {item['numeral']}: …{item['text']}…" for item in coverage.untraced)
