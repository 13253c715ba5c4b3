"""Whose submission it is, and what reading it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from baocao.project.findings import Finding
from baocao.project.house import House
from baocao.reading.forms.codes import CONTRADICTIONS
from baocao.reading.forms.entries import Entry

if TYPE_CHECKING:
    from baocao.project.periods import Period


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Whose submission it is and what it must say.

    Parameters
    ----------
    file
        File part of every address.
    period
        The period it must be for.
    unit
        Code of the unit or office; None for the register of documents.
    level
        Level of the unit; None for an office.
    house
        What periods are called.
    zero
        Read blank and "-" in columns of numbers as 0; their findings become warnings.
    names
        Codes of the units, or for an office of the offices, by what they are called, in the form in which
        labels are compared.
    """

    file: str
    period: Period
    house: House
    unit: str | None = None
    level: str | None = None
    zero: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row: its number as Excel shows it, and its entries by column name."""

    number: int
    entries: Mapping[str, Entry]


@dataclass(frozen=True)
class FormResult:
    """What a sheet gives: rows that can be used, and findings."""

    rows: tuple[FormRow, ...]
    findings: tuple[Finding, ...]
    sheet: str = ""

    @property
    def usable(self) -> bool:
        """Return whether every number can be read; whether all can be right is another question."""
        return all(finding.severity != "error" or finding.code in CONTRADICTIONS for finding in self.findings)


@dataclass(frozen=True)
class SubmissionResult:
    """What a workbook gives: a result for each form that has a sheet, and all findings."""

    forms: Mapping[str, FormResult]
    findings: tuple[Finding, ...]
    missing: frozenset[str] = frozenset()
