"""
What lies in the folder of a period: submissions by owner, and what does not belong there.

The owner of a file is the unit or office whose code its name starts with. A
file that is no spreadsheet counts as a submission only where its owner sent no
spreadsheet: then it is what they sent instead.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.files import SYSTEM_FILES
from baocao.project.language import _
from baocao.reading.forms.codes import submission_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from baocao.project.findings import Finding
    from baocao.project.house import Folders

SPREADSHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".xltx", ".xltm", ".ods", ".csv"})
# What git and file managers leave behind; nobody sent it.
IGNORED = frozenset({".gitkeep", ".gitignore", ".gitattributes"}) | SYSTEM_FILES


@dataclass
class Folder:
    """
    The raw folder of one period.

    Parameters
    ----------
    submissions
        Files by source, ``<units>/<code>``, ``<offices>/<office>`` or that of the register,
        each relative to the folder.
    unknown
        Spreadsheets of units and offices that no code claims.
    findings
        Stray files, links, names that cannot be an address.
    archive
        True where there are neither offices nor a register: only units' forms were kept.
    """

    submissions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    archive: bool = False

    @property
    def files(self) -> list[str]:
        """All files to read."""
        return sorted({*self.unknown, *(file for files in self.submissions.values() for file in files)})


def owner_of(name: str, codes: Iterable[str]) -> str | None:
    """
    Find whose code a file's name starts with; the longest wins.

    Examples
    --------
    >>> owner_of("10507-thanh-dong.xlsx", ["1050", "10507"]), owner_of("so-noi-vu (2).xls", ["so-noi-vu"])
    ('10507', 'so-noi-vu')
    """
    folded = name.casefold()
    fits = [
        code
        for code in codes
        if folded.startswith(code.casefold()) and not folded[len(code) : len(code) + 1].isalnum()
    ]
    return max(fits, key=len, default=None)


def scan_folder(raw: Path, units: Iterable[str], offices: Iterable[str], names: Folders) -> Folder:
    """
    List the submissions of a period.

    Parameters
    ----------
    raw
        ``data/raw/<period>``.
    units, offices
        Codes that may own a file.
    names
        What the house calls the folders.
    """
    folder = Folder()
    # Where texts or tries lie, the period is under way, and offices that sent nothing are missing.
    begun = any((raw / name).exists() for name in (names.offices, names.narrative, names.tries))
    folder.archive = not begun and not any(raw.glob(f"{names.register}.*"))
    places: Mapping[str, list[str]] = {
        names.units: list(units),
        names.offices: list(offices),
        "": [names.register],
    }
    own = frozenset({names.units, names.offices, names.narrative, names.tries})
    for place, codes in places.items():
        _scan_place(raw, place, codes, folder, own)
    return folder


def _scan_place(raw: Path, place: str, codes: list[str], folder: Folder, own: frozenset[str]) -> None:
    other: dict[str, list[str]] = defaultdict(list)
    where = raw / place if place else raw
    if not where.is_dir():
        return
    for entry in sorted(os.scandir(where), key=lambda one: one.name):
        name = entry.name
        file = f"{place}/{name}" if place else name
        if name.casefold() in IGNORED or (not place and (name in own or name.startswith("README"))):
            continue
        directory = entry.is_dir(follow_symlinks=True)
        owner = None if name.startswith(("~$", ".")) or directory else owner_of(name, codes)
        sheet = (
            not directory and Path(name).suffix.lower() in SPREADSHEETS and not name.startswith(("~$", "."))
        )
        source = f"{place}/{owner}" if place else str(owner)
        if owner is None and not (sheet and place):
            folder.findings.append(_stray(file, _("folder") if directory else _("file")))
        elif not _is_plain(name):
            folder.findings.append(_bad_name(file, owner))
            if owner is not None:
                folder.submissions.setdefault(source, [])
        elif owner is None:
            folder.unknown.append(file)
        else:
            (folder.submissions if sheet else other)[source].append(file)
            if entry.is_symlink() and entry.is_file():
                folder.findings.append(_link(file, owner, Path(entry.path).readlink().name))
    for source, files in other.items():
        if source in folder.submissions:
            folder.findings.extend(_stray(file, _("file")) for file in files)
        else:
            folder.submissions[source].extend(files)


def _is_plain(name: str) -> bool:
    """Return whether a name can stand in an address, in JSON and in a document."""
    return "#" not in name and name.isprintable() and name.encode("utf-8", "replace").decode() == name


def _printable(file: str) -> str:
    return file.encode("utf-8", "backslashreplace").decode()


def _stray(file: str, what: str) -> Finding:
    return submission_finding(
        "stray-file",
        (_printable(file),),
        unit=None,
        expected=_("a report file .xlsx whose name begins with the unit's code"),
        got=what,
        action=_("Move it out of the folder of reports if it is not needed."),
    )


def _bad_name(file: str, owner: str | None) -> Finding:
    return submission_finding(
        "bad-file-name",
        (_printable(file),),
        unit=owner,
        expected=_("a file name without # and control characters"),
        got=_printable(file),
        action=_("Rename the file after the pattern <code>-<name>.xlsx."),
    )


def _link(file: str, owner: str, target: str) -> Finding:
    return submission_finding(
        "linked-file",
        (file,),
        unit=owner,
        expected=_("the file received from the unit"),
        got=_("link to {target}", target=_printable(target)),
        action=_("Copy the file itself into the folder of reports."),
    )
