"""
Every error a user can meet, in one tree.

* BaocaoError                exit code 2 unless said otherwise
  + UsageError               a period, a report, an id or a parameter that does not exist
  + ParamsError              a file under ``params/`` is wrong; carries ``.path``, ``.findings``
  + InputError               submissions that cannot be used; carries ``.findings``
    - WorkbookError          one file cannot be read; carries ``.code``
  + ValueUseError            arithmetic that would lose the trace or mix units
  + NotebookError            a notebook failed or is not fit to run; carries ``.notebook``, ``.cell``
  + UntracedError            a numeral without a trace; carries ``.findings``; exit code 1
  + TraceError               a trace is missing, names what is not there, or contradicts itself; carries ``.findings``
  + ToolError                an outside program failed; carries ``.argv``, ``.stderr``; exit code 3
    - ToolMissingError       it is not installed, or too old
  + RenderError              a document was rendered but is not fit to publish; exit code 3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from baocao.project.language import _, as_record, from_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from baocao.project.findings import Finding


class BaocaoError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code = 2


class UsageError(BaocaoError):
    """A period, a report, an id or a parameter that does not exist."""


class ParamsError(BaocaoError):
    """A file under ``params/`` is wrong."""

    def __init__(self, message: str, *, path: Path | None = None, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.path = path
        self.findings = tuple(findings)


class InputError(BaocaoError):
    """Submissions that cannot be used; every one of them is in ``findings``."""

    def __init__(self, message: str, *, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


WORKBOOK_ERROR_FIELDS = ("code", "expected", "got", "action", "sheet", "address")


class WorkbookError(InputError):
    """One file cannot be read; ``code`` is the code of the finding it becomes."""

    def __init__(
        self,
        code: str,
        *,
        expected: str,
        got: str,
        action: str,
        sheet: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(
            _(
                "{code}: expected {expected}, got {got}. {action}",
                code=code,
                expected=expected,
                got=got,
                action=action,
            )
        )
        self.code = code
        self.expected = expected
        self.got = got
        self.action = action
        self.sheet = sheet
        self.address = address

    def as_record(self) -> dict[str, Any]:
        """Return plain JSON types from which every reader gets the error in their own language."""
        return {name: as_record(getattr(self, name)) for name in WORKBOOK_ERROR_FIELDS}


def workbook_error_from_record(record: Mapping[str, Any]) -> WorkbookError:
    """Undo :meth:`WorkbookError.as_record`."""
    code, *words = (from_record(record[name]) for name in WORKBOOK_ERROR_FIELDS)
    return WorkbookError(code, **dict(zip(WORKBOOK_ERROR_FIELDS[1:], words, strict=True)))


class ValueUseError(BaocaoError, TypeError):
    """Arithmetic that would lose the trace, mix units or divide by zero."""


class NotebookError(BaocaoError):
    """A notebook failed, or is not fit to run."""

    def __init__(
        self, message: str, *, notebook: str, cell: int | None = None, executed: Path | None = None
    ) -> None:
        super().__init__(message)
        self.notebook = notebook
        self.cell = cell
        self.executed = executed


class UntracedError(BaocaoError):
    """A numeral in a document that leads to no cell and is no declared constant."""

    exit_code = 1

    def __init__(self, message: str, *, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class TraceError(BaocaoError):
    """A trace is missing, names something that is not there, or contradicts itself."""

    def __init__(self, message: str, *, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ToolError(BaocaoError):
    """An outside program failed."""

    exit_code = 3

    def __init__(self, message: str, *, argv: Sequence[str] = (), stderr: str = "") -> None:
        super().__init__(message)
        self.argv = tuple(argv)
        self.stderr = stderr


class ToolMissingError(ToolError):
    """An outside program is not installed, or is too old."""


class RenderError(BaocaoError):
    """A document was written but is not fit to publish."""

    exit_code = 3
