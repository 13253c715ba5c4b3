"""One thing that a check, a verification or an audit has to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from baocao.project.language import N_, _, as_record, from_record, join

Severity = Literal["error", "warning"]
SEVERITIES: dict[Severity, str] = {"error": N_("error"), "warning": N_("warning")}


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Where, what was expected, what was there, and what to do about it.

    Parameters
    ----------
    code
        Stable short name in kebab case, for example ``"text-number"``.
    severity
        ``"error"`` makes a submission unusable; ``"warning"`` does not.
    message
        One sentence, in the language in force.
    unit
        Code of the unit or office concerned; None where none is.
    cells
        Addresses, spelt ``file#sheet!D12``; a file as a whole is just ``file``.
    ids
        Value ids concerned.
    expected, got
        What the form or the identity asks for, and what stands there.
    action
        What the reader can do about it.
    advice
        What the office can decide itself, so that nobody need send anything again; a sender is not told.

    Examples
    --------
    >>> Finding("blank", "error", "Ô trống", cells=("a.xlsx#06a!D9",)).cells[0]
    'a.xlsx#06a!D9'
    """

    code: str
    severity: Severity
    message: str
    unit: str | None = None
    cells: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    expected: str = ""
    got: str = ""
    action: str = ""
    advice: str = ""

    def __str__(self) -> str:
        where = ", ".join(self.cells[:3]) + (" …" if len(self.cells) > 3 else "")
        parts = [f"{where}: {self.message}" if where else self.message]
        if self.expected:
            parts.append(_("expected: {expected}", expected=self.expected))
        if self.got:
            parts.append(_("got: {got}", got=self.got))
        if self.action or self.advice:
            parts.append(self._whole_action)
        return f"[{_(SEVERITIES[self.severity])} {self.code}] " + "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain JSON types in the language in force, lists for tuples."""
        values = self._list_fields()
        del values["advice"]
        return {**values, "action": self._whole_action}

    @property
    def _whole_action(self) -> str:
        return join((part for part in (self.action, self.advice) if part), " ")

    def _list_fields(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def as_record(self) -> dict[str, Any]:
        """Return plain JSON types from which every reader gets the finding in their own language."""
        return {
            name: as_record(value) if isinstance(value, str) else value
            for name, value in self._list_fields().items()
        }


def list_first(texts: Iterable[str], most: int = 3) -> str:
    """
    Return the first texts, each once, and how many more there are.

    Examples
    --------
    >>> list_first(["a", "b", "a", "c", "d", "e"])
    'a; b; c; and 2 more'
    """
    different = list(dict.fromkeys(texts))
    first, more = "; ".join(different[:most]), len(different) - most
    return _("{first}; and {count} more", first=first, count=more) if more > 0 else first


def finding_from_record(record: Mapping[str, Any]) -> Finding:
    """
    Undo :meth:`Finding.as_record`.

    Examples
    --------
    >>> finding = Finding("blank", "error", _("the cell is blank"), unit="H01", got=_("{count} rows", count=3))
    >>> finding_from_record(finding.as_record()) == finding
    True
    """
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value if value is None else from_record(value)
        for name, value in record.items()
    }
    return Finding(**values)
