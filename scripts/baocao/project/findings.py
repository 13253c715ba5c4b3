"""One thing that a check, a verification or an audit has to say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


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
        One sentence, in Vietnamese where it goes back to a unit.
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

    def __str__(self) -> str:
        where = ", ".join(self.cells[:3]) + (" …" if len(self.cells) > 3 else "")
        parts = [f"{where}: {self.message}" if where else self.message]
        if self.expected:
            parts.append(f"cần: {self.expected}")
        if self.got:
            parts.append(f"thực tế: {self.got}")
        if self.action:
            parts.append(self.action)
        return f"[{self.severity} {self.code}] " + "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Give the finding as plain JSON types, lists for tuples."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


def finding_from_dict(data: dict[str, Any]) -> Finding:
    """
    Undo :meth:`Finding.as_dict`.

    Examples
    --------
    >>> one = Finding("blank", "error", "Ô trống", unit="H01")
    >>> finding_from_dict(one.as_dict()) == one
    True
    """
    known: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
    return Finding(**known)
