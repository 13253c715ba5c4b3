"""
Take back the copy of a report that was signed with a token, and keep it with its edition.

``issued/<n>/signed/<report>.pdf`` is the file as it came; beside it
``<report>.json`` says whose signatures it bears, what was filled in and what
was told when it was taken. Nothing there is part of the edition's seal: the
file is checked anew by every audit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baocao.documents.guard import read_file
from baocao.editions.record import Edition, read_edition
from baocao.editions.signed.comparing import compare_pdfs, measure_likeness
from baocao.editions.signed.looks import read_pages
from baocao.editions.signed.signatures import PdfSignature, check_signatures, open_reader, read_certificates
from baocao.project.errors import InputError, TraceError, UsageError
from baocao.project.files import dump_json, write_atomically
from baocao.project.findings import Finding
from baocao.project.folder import Project
from baocao.project.frozen import issued_folder
from baocao.project.hashes import hash_bytes, hash_file
from baocao.project.language import _
from baocao.project.periods import Period

FOLDER = "signed"
SCHEMA = 1


class SignedCopy(BaseModel):
    """
    The record of a signed copy, ``issued/<n>/signed/<report>.json`` (``schema`` 1, 2026-11).

    Parameters
    ----------
    issued, sha256
        Hashes of the PDF that was issued and of the one that came back.
    filled
        The lines of number and date as they read now, where they were left to be filled in.
    told
        Codes of the warnings that were given when it was taken.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    schema_: int = Field(alias="schema", default=SCHEMA)
    period: str
    edition: int
    report: str
    issued: str
    sha256: str
    signatures: tuple[PdfSignature, ...]
    filled: tuple[str, ...]
    told: tuple[str, ...]

    def dump(self) -> str:
        """Write the record as canonical JSON."""
        return dump_json(self.model_dump(mode="json", by_alias=True))


@dataclass(frozen=True)
class Examined:
    """
    What a copy that came back is.

    Parameters
    ----------
    findings
        With an error among them it is not fit to be kept.
    """

    report: str
    sha256: str
    signatures: tuple[PdfSignature, ...]
    filled: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Return whether nothing but signature, number and date came to it."""
        return not any(finding.severity == "error" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "report": self.report,
            "sha256": self.sha256,
            "good": self.good,
            "signatures": [signature.model_dump(mode="json") for signature in self.signatures],
            "filled": list(self.filled),
            "findings": [finding.as_dict() for finding in self.findings],
        }


@dataclass(frozen=True)
class Taken:
    """A copy that came back, and where it is kept; None where it is not."""

    examined: Examined
    path: Path | None


def take_back(
    project: Project,
    period: Period,
    file: Path,
    *,
    report: str | None = None,
    number: int | None = None,
    trust: Sequence[Path] = (),
) -> Taken:
    """
    Check a signed copy and keep it with its edition.

    Parameters
    ----------
    report
        Whose copy it is; None finds it by the first page.
    number
        The edition; None is the last one.
    trust
        Files with certificates of roots.

    Returns
    -------
    Taken
        It is kept only where nothing but signature, number and date came to
        it; another copy of the report that was kept before is replaced.

    Raises
    ------
    UsageError
        The period was not issued, or has no such report.
    InputError, TraceError
        The file is no PDF that can be read, or the issued one is not what was issued.
    """
    edition = read_edition(project, period, number)
    folder = issued_folder(project, period) / str(edition.number)
    if report is not None and report not in edition.reports:
        raise UsageError(
            _(
                "{period}, edition {number} has no report {report!r}; it has {reports}.",
                period=period,
                number=edition.number,
                report=report,
                reports=", ".join(edition.reports),
            )
        )
    chosen = report or _find_report(edition, folder, file)
    examined = examine(folder / f"{chosen}.pdf", edition.outputs[f"{chosen}.pdf"], file, chosen, trust=trust)
    if not examined.good:
        return Taken(examined, None)
    copy = SignedCopy(
        period=edition.period,
        edition=edition.number,
        report=chosen,
        issued=edition.outputs[f"{chosen}.pdf"],
        sha256=examined.sha256,
        signatures=examined.signatures,
        filled=examined.filled,
        told=tuple(sorted({finding.code for finding in examined.findings})),
    )
    path = folder / FOLDER / f"{chosen}.pdf"
    write_atomically(path, read_file(file))
    write_atomically(path.with_suffix(".json"), copy.dump())
    return Taken(examined, path)


def examine(issued: Path, sha256: str, file: Path, report: str, *, trust: Sequence[Path] = ()) -> Examined:
    """
    Check the signatures of a copy, and what else is not as issued.

    Parameters
    ----------
    sha256
        Of the issued PDF, as recorded.

    Raises
    ------
    InputError, TraceError
        One of the files cannot be read, or the issued one is not what was issued.
    """
    if not issued.is_file() or hash_file(issued) != sha256:
        raise InputError(_("{path} is not what was issued; restore it with git.", path=issued))
    content = read_file(file)
    with open_reader(content, file.name) as signed, open_reader(issued.read_bytes(), issued.name) as before:
        signatures, findings = check_signatures(signed, file.name, read_certificates(trust) if trust else ())
        comparison = compare_pdfs(file.name, issued, file, (before, signed))
    return Examined(
        report, hash_bytes(content), tuple(signatures), comparison.filled, (*findings, *comparison.findings)
    )


def _find_report(edition: Edition, folder: Path, file: Path) -> str:
    if len(edition.reports) == 1:
        return edition.reports[0]
    pages = read_pages(file)
    likeness = {
        report: measure_likeness(read_pages(folder / f"{report}.pdf"), pages) for report in edition.reports
    }
    return max(edition.reports, key=lambda report: likeness[report])


def read_copy(path: Path) -> SignedCopy:
    """
    Read the record of a signed copy.

    Raises
    ------
    InputError
        It is missing or damaged.
    """
    try:
        return SignedCopy.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise InputError(
            _(
                "{path} is missing or damaged ({error}); restore it with git.",
                path=path,
                error=str(error).partition("\n")[0],
            )
        ) from None


def list_copies(folder: Path) -> list[Path]:
    """List the records of the signed copies kept with an edition."""
    return sorted((folder / FOLDER).glob("*.json"))


def check_copies(edition: Edition, folder: Path) -> list[Finding]:
    """
    Check the signed copies kept with an edition as if they came back today.

    Parameters
    ----------
    folder
        Of the edition.

    Returns
    -------
    list of Finding
        Errors alone; ``cells`` holds the file's name in the edition's folder.
    """
    findings: list[Finding] = []
    for path in list_copies(folder):
        file = path.with_suffix(".pdf")
        name = f"{FOLDER}/{file.name}"
        try:
            copy = read_copy(path)
            found = list(
                examine(folder / file.name, edition.outputs.get(file.name, ""), file, copy.report).findings
            )
            if hash_file(file) != copy.sha256 or copy.report != path.stem:
                found.append(
                    Finding(
                        "copy-exchanged", "error", _("{name} is not the file that was taken back", name=name)
                    )
                )
        except (InputError, TraceError) as error:
            found = [Finding("copy-unreadable", "error", str(error))]
        findings += [
            Finding(one.code, one.severity, one.message, cells=(name,), expected=one.expected, got=one.got)
            for one in found
            if one.severity == "error"
        ]
    return findings
