"""What an audit found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baocao.editions.auditing.verdicts import Verdict


@dataclass(frozen=True)
class Audit:
    """
    What an audit found.

    Parameters
    ----------
    with_
        ``then``, ``today`` or ``nothing``: whose code and environment it ran.
    values, files
        One verdict for every value and every issued file.
    sources
        Verdicts on what the edition was made of and on its record; only what
        is not as recorded.
    notes
        What else there is to know.
    """

    period: str
    edition: int
    commit: str
    with_: str
    values: tuple[Verdict, ...]
    files: tuple[Verdict, ...]
    sources: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Return whether every value is the number it was."""
        return bool(self.values) and all(value.good for value in self.values)

    @property
    def good(self) -> bool:
        """Return whether nothing at all is to be said against the edition."""
        return self.identical and all(one.good for one in (*self.files, *self.sources))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "period": self.period,
            "edition": self.edition,
            "commit": self.commit,
            "with": self.with_,
            "identical": self.identical,
            "good": self.good,
            "values": [value.as_dict() for value in self.values],
            "files": [file.as_dict() for file in self.files],
            "sources": [source.as_dict() for source in self.sources],
            "notes": list(self.notes),
        }
