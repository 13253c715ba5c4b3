"""
Reading workbooks: fast, and truthful.

The bytes of a file pass a guard that bounds what they may inflate to, are
parsed in a child process with limits, and are kept by the sha256 of the file.
What comes out keeps blank, text, number, date, error value and a formula
without a stored result apart. The codes of everything that can be wrong with
a submission stand in :mod:`baocao.reading.forms.codes`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.errors import WorkbookError
from baocao.project.hashes import hash_bytes
from baocao.reading.workbooks.cache import WorkbookCache, reader_version
from baocao.reading.workbooks.child import unpack_answer
from baocao.reading.workbooks.files import read_file
from baocao.reading.workbooks.guard import sniff
from baocao.reading.workbooks.limited import LimitedParser
from baocao.reading.workbooks.workbook import RawCell, Sheet, Workbook

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


_ALONE = 24  # workbooks that one child reads sooner than a second one has started
_MOST_CHILDREN = 4


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
        The child that parses, which stays open; None starts as many as there are cores, and only if something has to be parsed.

    Returns
    -------
    dict
        For every name the workbook, or why it cannot be read.
    """
    results: dict[str, Workbook | WorkbookError] = {}
    names: dict[str, list[str]] = {}  # by the sha256 of the content
    for name, data in contents.items():
        try:
            sniff(data)
        except WorkbookError as error:
            results[name] = error
        else:
            names.setdefault(hash_bytes(data), []).append(name)
    kept = WorkbookCache(cache) if cache is not None else None
    answers = kept.get(names) if kept else {}
    missing = {key: contents[same[0]] for key, same in names.items() if key not in answers}
    if missing:
        read, failed = _parse(missing, parser)
        if kept:
            kept.put(read)
        answers.update(read)
        for key, refusal in failed.items():
            results.update(dict.fromkeys(names.pop(key), refusal))
    for key, same in names.items():
        results.update(dict.fromkeys(same, unpack_answer(answers[key])))
    return {name: results[name] for name in contents}


def _parse(
    contents: Mapping[str, bytes], parser: LimitedParser | None
) -> tuple[dict[str, bytes], dict[str, WorkbookError]]:
    """Parse in as many children as there are cores; what took a child down is in the second mapping."""
    answers: dict[str, bytes] = {}
    failed: dict[str, WorkbookError] = {}

    def parse_some(keys: list[str]) -> None:
        with nullcontext(parser) if parser else LimitedParser() as child:
            for key in keys:
                try:
                    answers[key] = child.parse(contents[key])
                except WorkbookError as error:
                    failed[key] = error

    keys = list(contents)
    children = 1 if parser or len(keys) <= _ALONE else min(_MOST_CHILDREN, count_cores())
    with ThreadPoolExecutor(children) as pool:
        list(pool.map(parse_some, (keys[first::children] for first in range(children))))
    return answers, failed


def count_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
