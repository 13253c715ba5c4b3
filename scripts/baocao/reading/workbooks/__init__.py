"""
Reading workbooks: fast, and truthful.

The bytes of a file pass a guard that bounds what they may inflate to, are
parsed in a child process with limits, and are kept by the sha256 of the file.
What comes out keeps blank, text, number, date, error value and a formula
without a stored result apart. The codes of everything that can be wrong with
a submission stand in :mod:`baocao.reading.forms.codes`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.errors import WorkbookError
from baocao.reading.workbooks.cache import WorkbookCache, reader_version
from baocao.reading.workbooks.child import error_from_dict
from baocao.reading.workbooks.files import read_file
from baocao.reading.workbooks.guard import sniff
from baocao.reading.workbooks.limited import LimitedParser
from baocao.reading.workbooks.workbook import RawCell, Sheet, Workbook, load_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "RawCell",
    "Sheet",
    "Workbook",
    "read_contents",
    "read_workbooks",
    "reader_version",
]


def read_contents(
    contents: Mapping[str, bytes], cache: Path | None, *, parser: LimitedParser | None = None
) -> dict[str, Workbook | WorkbookError]:
    """
    Read workbooks whose bytes are at hand.

    Parameters
    ----------
    contents
        Bytes by any name.
    cache
        Folder of earlier answers; None reads everything anew.
    parser
        The child that parses; None starts one, and only if something has to be parsed.

    Returns
    -------
    dict
        For every name the workbook, or why it cannot be read.
    """
    kept = WorkbookCache(cache) if cache is not None else None
    results: dict[str, Workbook | WorkbookError] = {}
    with parser or LimitedParser() as child:
        for name, data in contents.items():
            try:
                sniff(data)
                sha256 = hashlib.sha256(data).hexdigest()
                answer = kept.get(sha256) if kept else None
                if answer is None:
                    answer = child.parse(data)
                    if kept:
                        kept.put(sha256, answer)
                results[name] = error_from_dict(answer) if "error" in answer else load_workbook(answer)
            except WorkbookError as error:
                results[name] = error
    return results


def read_workbooks(paths: Iterable[Path], cache: Path | None) -> dict[Path, Workbook | WorkbookError]:
    """
    Read workbooks from their files.

    Parameters
    ----------
    paths
        Files; those that cannot be opened come back as ``unreadable-file``.
    cache
        Folder of earlier answers, see :func:`read_contents`.

    Examples
    --------
    >>> read_workbooks([Path("no-such.xlsx")], None)[Path("no-such.xlsx")].code
    'unreadable-file'
    """
    results: dict[Path, Workbook | WorkbookError] = {}
    contents: dict[str, bytes] = {}
    for path in paths:
        try:
            contents[str(path)] = read_file(path)
        except WorkbookError as error:
            results[path] = error
    read = read_contents(contents, cache)
    return {path: results[path] if path in results else read[str(path)] for path in paths}
