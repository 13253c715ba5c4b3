"""What is different between two versions of one file: cells, parameters, notebook cells, packages, lines."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from baocao.cells import CellRef, join_address
from baocao.editions import Change
from baocao.reading import Workbook, read_contents

MOST = 200
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def compare_files(path: str, before: bytes | None, after: bytes | None, period: str = "") -> list[Change]:
    """
    Say what is different in a source, as finely as its kind allows.

    Parameters
    ----------
    path
        From the project's root; its kind is told by it.
    before, after
        Contents; None where there is no such file.
    period
        Whose raw files are named without their folder, as in an address.

    Returns
    -------
    list of Change
        At least one where the contents differ, at most 200.

    Examples
    --------
    >>> print(compare_files("params/place.yaml", b"a: {b: 1}", b"a: {b: 2}")[0])
    params/place.yaml#a.b: 1 -> 2
    """
    if before == after:
        return []
    if before is None or after is None:
        gone, come = ("present" if side is not None else None for side in (before, after))
        return [Change(where=name_file(path, period), before=gone, after=come)]
    found: Iterator[Change] = iter(())
    if path.endswith(".xlsx"):
        found = _compare_workbooks(name_file(path, period), before, after)
    elif path.endswith((".yaml", ".yml")):
        found = _compare_entries(path, _flatten(_load(before)), _flatten(_load(after)), "#")
    elif path.endswith(".csv"):
        found = _compare_entries(path, _rows(before), _rows(after), "#")
    elif path.endswith(".ipynb"):
        found = _compare_notebooks(path, before, after)
    elif path.endswith(".lock"):
        found = _compare_entries(path, list_pins(_text(before)), list_pins(_text(after)), "#")
    elif b"\0" not in before + after:
        found = _compare_lines(name_file(path, period), _text(before), _text(after))
    changes = list(itertools.islice(found, MOST))
    return changes or [
        Change(
            where=name_file(path, period), before=f"{len(before)} bytes", after=f"{len(after)} other bytes"
        )
    ]


def list_pins(lock: str) -> dict[str, str]:
    """
    Give the versions that a lock pins, by the package's name; several are joined by ``", "``.

    A lock for every system and Python may pin one package more than once.

    Examples
    --------
    >>> list_pins("papermill==2.6.0 ; x" + chr(10) + "    --hash=sha256:00")
    {'papermill': '2.6.0'}
    """
    found: dict[str, str] = {}
    for match in _PIN.finditer(lock):
        name = match[1].lower().replace("_", "-")
        found[name] = f"{found[name]}, {match[2]}" if name in found else match[2]
    return found


def name_file(path: str, period: str) -> str:
    """
    Name a file as addresses do: raw files without their folder, those of another period with its name.

    Examples
    --------
    >>> name_file("data/raw/2026-Q1/van-ban.xlsx", "2026-Q1"), name_file("data/raw/2025-Q4/a.xlsx", "2026-Q1")
    ('van-ban.xlsx', '2025-Q4/a.xlsx')
    """
    return path.removeprefix("data/raw/").removeprefix(f"{period}/") if path.startswith("data/raw/") else path


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _load(content: bytes) -> Any:
    try:
        return yaml.safe_load(_text(content))
    except yaml.YAMLError:
        return _text(content)


def _flatten(data: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(data, dict) and data:
        items = ((str(key), value) for key, value in data.items())
    elif isinstance(data, list) and data:
        items = ((str(number), value) for number, value in enumerate(data))
    else:
        return {prefix: str(data)}
    return {
        k: v for key, value in items for k, v in _flatten(value, f"{prefix}.{key}" if prefix else key).items()
    }


def _rows(content: bytes) -> dict[str, str]:
    rows = csv.reader(io.StringIO(_text(content)))
    return {row[0]: ",".join(row) for row in rows if row}


def _compare_entries(
    path: str, before: Mapping[str, str], after: Mapping[str, str], mark: str
) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield Change(where=f"{path}{mark}{key}", before=before.get(key), after=after.get(key))


def _compare_workbooks(path: str, before: bytes, after: bytes) -> Iterator[Change]:
    read = read_contents({"before": before, "after": after}, None)
    books = [read[name] for name in ("before", "after")]
    for book in books:
        if not isinstance(book, Workbook):
            yield Change(where=path, before="readable" if book is books[1] else None, after=book.code)
            return
    sheets = [
        {sheet.name: sheet.cells for sheet in book.sheets} for book in books if isinstance(book, Workbook)
    ]
    for name in dict.fromkeys((*sheets[0], *sheets[1])):
        one, other = (side.get(name, {}) for side in sheets)
        for row, column in sorted({*one, *other}):
            cells = one.get((row, column)), other.get((row, column))
            if cells[0] != cells[1]:
                shown = [
                    None if cell is None else "(no result)" if cell.value is None else str(cell.value)
                    for cell in cells
                ]
                if shown[0] == shown[1] and cells[0] and cells[1]:
                    shown = [f"{cell.kind} {text}" for cell, text in zip(cells, shown, strict=True) if cell]
                where = CellRef(path, name, join_address(row, column))
                yield Change(where=str(where), before=shown[0], after=shown[1])


def _compare_notebooks(path: str, before: bytes, after: bytes) -> Iterator[Change]:
    try:
        cells = [json.loads(side)["cells"] for side in (before, after)]
        sources = [["".join(cell["source"]) for cell in side] for side in cells]
    except (ValueError, KeyError, TypeError):
        return
    for number, pair in enumerate(itertools.zip_longest(*sources), 1):
        if pair[0] != pair[1]:
            yield Change(where=f"{path}#cell {number}", **_first_lines(*pair))


def _first_lines(before: str | None, after: str | None) -> dict[str, str | None]:
    if before is None or after is None:
        return {"before": before, "after": after}
    for one, other in itertools.zip_longest(before.splitlines(), after.splitlines()):
        if one != other:
            return {"before": one, "after": other}
    return {"before": repr(before[-1:]), "after": repr(after[-1:])}


def _compare_lines(path: str, before: str, after: str) -> Iterator[Change]:
    pairs = itertools.zip_longest(before.splitlines(), after.splitlines())
    for number, (one, other) in enumerate(pairs, 1):
        if one != other:
            yield Change(where=f"{path}#line {number}", before=one, after=other)
            return
