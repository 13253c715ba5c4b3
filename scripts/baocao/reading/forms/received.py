"""The files of a period as they lie on the disk, each read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.errors import WorkbookError
from baocao.project.hashes import hash_bytes
from baocao.reading.forms.folder import Folder, scan_folder
from baocao.reading.workbooks.files import read_file

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.project.periods import Period


@dataclass
class Received:
    """
    What a period's folder holds.

    Parameters
    ----------
    folder
        Which file is whose.
    contents, sha256
        By file, its bytes and their hash.
    errors
        By file, why it could not be opened.
    """

    folder: Folder
    contents: dict[str, bytes]
    errors: dict[str, WorkbookError]
    sha256: dict[str, str]


def receive(raw: Path, params: Params, period: Period) -> Received:
    """Read the bytes of every submission of a period; what cannot be opened is kept as its error."""
    folder = scan_folder(raw, params.units, office_codes(params, period), params.house.folders)
    received = Received(folder, {}, {}, {})
    for file in folder.files:
        try:
            data = read_file(raw / file)
        except WorkbookError as error:
            received.errors[file] = error
            continue
        received.contents[file] = data
        received.sha256[file] = hash_bytes(data)
    return received


def office_codes(params: Params, period: Period) -> list[str]:
    """Return the offices that some form of a period comes from."""
    offices = params.house.folders.offices
    sources = dict.fromkeys(params.source_of(form, period) for form in params.forms.values())
    return [source.partition("/")[2] for source in sources if source.startswith(f"{offices}/")]
