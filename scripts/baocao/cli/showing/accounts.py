"""What every number of a published text is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from baocao.project.language import N_, _

if TYPE_CHECKING:
    from baocao.verifying.reconciling import Account

KINDS = {
    "equal": N_("equal"),
    "different": N_("different"),
    "citation": N_("citation"),
    "date": N_("date"),
    "structure": N_("structure"),
    "unknown": N_("unknown"),
}


def format_accounts(accounts: Sequence[Account]) -> Iterator[str]:
    """List what a reader has to look at, then how many numbers are what."""
    for account in accounts:
        if account.kind == "different":
            line = _(
                "{section}: {number} is different from {id} = {expected}",
                section=account.section,
                number=account.number,
                id=account.id,
                expected=account.expected,
            )
            yield f"{line} ({account.cause})" if account.cause else line
            yield f"    {account.sentence}"
        elif account.kind == "unknown":
            yield _(
                "{section}: {number} is unknown: {cause}",
                section=account.section,
                number=account.number,
                cause=account.cause,
            )
            yield f"    {account.sentence}"
    counts = Counter(account.kind for account in accounts)
    yield _(
        "{total} numbers: {kinds}",
        total=len(accounts),
        kinds=[f"{count} {_(KINDS[kind])}" for kind, count in sorted(counts.items())],
    )
