"""What is different between two versions of one file: cells, parameters, notebook cells, packages, lines."""

from __future__ import annotations

import csv
import difflib
import io
import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from baocao.editions.record import Change
from baocao.project.cells import CellRef, join_address
from baocao.project.language import N_, _
from baocao.reading.workbooks import RawCell, Workbook, read_contents

MOST = 200
_SHORT = 200
# A pin with the lines that belong to it: its markers and hashes.
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)((?:.*\\\n(?=[ \t]))*.*)", re.MULTILINE)

_LOOKS = {
    "formula": N_("a formula"),
    "outside": N_("a formula that points into another workbook"),
    "volatile": N_("a formula that changes by itself"),
    "faint": N_("nobody can see it"),
    "veiled": N_("a condition may hide it"),
    "struck": N_("struck out"),
    "stale": N_("its formula gives another result"),
}


def compare_files(path: str, before: bytes | None, after: bytes | None, period: str = "") -> list[Change]:
    """
    Return what is different in a source, as finely as its kind allows.

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
        At least one where the contents differ, at most 200. A text whose
        entries are the same (a comment, a blank) differs by its first line
        that does, anything else by its size.

    Examples
    --------
    >>> print(compare_files("params/place.yaml", b"a: {b: 1}", b"a: {b: 2}")[0])
    params/place.yaml#a.b: 1 -> 2
    """
    if before == after:
        return []
    name = name_file(path, period)
    if before is None or after is None:
        gone, come = ("present" if side is not None else None for side in (before, after))
        return [Change(where=name, before=gone, after=come)]
    found: Iterator[Change] = iter(())
    if path.endswith(".xlsx"):
        found = _compare_workbooks(name, before, after)
    elif path.endswith((".yaml", ".yml")):
        found = _compare_tables(name, _parameters, before, after)
    elif path.endswith(".csv"):
        found = _compare_tables(name, _rows, before, after)
    elif path.endswith(".ipynb"):
        found = _compare_notebooks(name, before, after)
    elif path.endswith(".lock"):
        found = _compare_locks(name, _text(before), _text(after))
    changes = list(itertools.islice(found, MOST))
    if not changes and b"\0" not in before + after:
        changes = list(_compare_lines(name, _text(before), _text(after)))
    return changes or [Change(where=name, before=f"{len(before)} bytes", after=f"{len(after)} other bytes")]


def list_pins(lock: str) -> dict[str, str]:
    """
    Return the versions that a lock pins, by the package's name; several are joined by ``", "``.

    A lock for every system and Python may pin one package more than once.

    Examples
    --------
    >>> list_pins("papermill==2.6.0 ; x" + chr(10) + "    --hash=sha256:00")
    {'papermill': '2.6.0'}
    """
    found: dict[str, str] = {}
    for match in _PIN.finditer(lock):
        name = spell_package(match[1])
        found[name] = f"{found[name]}, {match[2]}" if name in found else match[2]
    return found


def spell_package(name: str) -> str:
    """
    Spell a package's name as locks do.

    Examples
    --------
    >>> spell_package("Ruamel_.yaml")
    'ruamel-yaml'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


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


def _compare_tables(
    path: str, read: Callable[[bytes], Mapping[str, object]], before: bytes, after: bytes
) -> Iterator[Change]:
    try:
        sides = read(before), read(after)
    except (yaml.YAMLError, csv.Error, ValueError, RecursionError):  # a date that is none is a ValueError
        return
    yield from _compare_entries(path, *sides)


def _parameters(content: bytes) -> dict[str, object]:
    return _flatten(yaml.safe_load(_text(content)))


def _flatten(data: Any, prefix: str = "") -> dict[str, object]:
    if isinstance(data, dict) and data:
        items = ((str(key), value) for key, value in data.items())
    elif isinstance(data, list) and data:
        items = ((str(number), value) for number, value in enumerate(data))
    else:
        return {prefix: data}
    return {
        k: v for key, value in items for k, v in _flatten(value, f"{prefix}.{key}" if prefix else key).items()
    }


def _rows(content: bytes) -> dict[str, str]:
    rows = csv.reader(io.StringIO(_text(content), newline=None))
    return {row[0]: ",".join(row) for row in rows if row}


def _compare_entries(
    path: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        coded = [repr(side[key]) if key in side else None for side in (before, after)]
        if coded[0] != coded[1]:
            shown = [str(side[key]) if key in side else None for side in (before, after)]
            # A number that became a text reads the same.
            both = coded if shown[0] == shown[1] else shown
            yield Change(where=f"{path}#{key}", **_tell_apart(*both))


def _compare_locks(path: str, before: str, after: str) -> Iterator[Change]:
    """Compare versions, and under a version that is the same its markers and hashes."""
    pins = list_pins(before), list_pins(after)
    yield from _compare_entries(path, *pins)
    lines: list[dict[str, str]] = [{}, {}]
    for side, lock in zip(lines, (before, after), strict=True):
        for match in _PIN.finditer(lock):
            name = spell_package(match[1])
            side[name] = f"{side.get(name, '')}{match[2]}{match[3]}\n"
    for name, version in pins[0].items():
        if version == pins[1].get(name) and lines[0][name] != lines[1][name]:
            yield Change(where=f"{path}#{name}", **_first_lines(lines[0][name], lines[1][name]))


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
                    None if cell is None else _("(no result)") if cell.value is None else str(cell.value)
                    for cell in cells
                ]
                if shown[0] == shown[1] and cells[0] and cells[1]:
                    pair = (cells[0], cells[1])
                    shown = [_describe_look(cell, other) for cell, other in (pair, pair[::-1])]
                where = CellRef(path, name, join_address(row, column))
                yield Change(where=str(where), **_tell_apart(*shown))


def _describe_look(cell: RawCell, other: RawCell) -> str:
    """Return the content of a cell with what tells it from another of the same content."""
    content = _("(no result)") if cell.value is None else str(cell.value)
    if cell.kind != other.kind:
        return f"{cell.kind} {content}"
    looks = [_(words) for name, words in _LOOKS.items() if getattr(cell, name) and not getattr(other, name)]
    if cell.format != other.format:
        looks.append(_("format {format}", format=cell.format or "General"))
    return f"{content} ({', '.join(looks)})" if looks else content


def _compare_notebooks(path: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Compare cells by what they say; of two that say the same, their kind, tags and outputs."""
    try:
        cells = [json.loads(side)["cells"] for side in (before, after)]
        sources = [["".join(cell["source"]) for cell in side] for side in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    matcher = difflib.SequenceMatcher(None, sources[0], sources[1], autojunk=False)
    for kind, start, end, other, other_end in matcher.get_opcodes():
        if kind == "equal":
            for number, pair in enumerate(
                zip(cells[0][start:end], cells[1][other:other_end], strict=True), start + 1
            ):
                yield from _compare_cells(f"{path}#cell {number}", *pair)
            continue
        first = other if kind == "insert" else start
        pairs = itertools.zip_longest(sources[0][start:end], sources[1][other:other_end])
        for number, (one, two) in enumerate(pairs, first + 1):
            yield Change(where=f"{path}#cell {number}", **_first_lines(one, two))


def _compare_cells(where: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for key in sorted({*before, *after} - {"source"}):
        if before.get(key) != after.get(key):
            sides = (
                json.dumps(side.get(key), ensure_ascii=False, sort_keys=True) for side in (before, after)
            )
            one, other = (f"{key} {side}"[:_SHORT] for side in sides)
            yield Change(where=where, before=one, after=other)


def _first_lines(before: str | None, after: str | None) -> dict[str, str | None]:
    if before is None or after is None:
        return {"before": before, "after": after}
    for one, other in itertools.zip_longest(before.splitlines(), after.splitlines()):
        if one != other:
            return _tell_apart(one, other)
    return {"before": repr(before[-1:]), "after": repr(after[-1:])}


def _compare_lines(path: str, before: str, after: str) -> Iterator[Change]:
    pairs = itertools.zip_longest(before.splitlines(), after.splitlines())
    for number, (one, other) in enumerate(pairs, 1):
        if one != other:
            yield Change(where=f"{path}#line {number}", **_tell_apart(one, other))
            return


def _tell_apart(before: str | None, after: str | None) -> dict[str, str | None]:
    """Return two texts as they read; where only blanks or the coding of letters differ, so that it shows."""
    if before is not None and after is not None:
        if unicodedata.normalize("NFC", before) == unicodedata.normalize("NFC", after):
            return {"before": ascii(before), "after": ascii(after)}
        if before.split() == after.split():
            return {"before": repr(before), "after": repr(after)}
    return {"before": before, "after": after}
