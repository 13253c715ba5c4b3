"""The entries of the rows, and what is wrong with single cells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.findings import list_first
from baocao.project.language import _
from baocao.project.text import fold_spelling, fold_text
from baocao.reading.forms.entries import (
    ZEROED,
    Entry,
    Fault,
    describe,
    propose_count,
    read_entry,
    spell_content,
)
from baocao.reading.forms.overlay import NUMBERS, Overlay, say_rows

if TYPE_CHECKING:
    from baocao.project.forms import Column


def read_rows(on: Overlay, rows: list[int]) -> dict[int, dict[str, Entry]]:
    """
    Read the entries of the rows and report every cell that gives none.

    Returns
    -------
    dict
        By row the entries by column name; a column without a usable entry is left out.
    """
    entries: dict[int, dict[str, Entry]] = {}
    uncached: list[tuple[int, int, Fault]] = []
    for row in rows:
        entries[row] = {}
        faults: list[tuple[int, Fault]] = []
        for index, column in on.columns.items():
            if (row, index) in on.covered:
                continue
            entry, fault = read_entry(column, on.sheet.cells.get((row, index)))
            if fault is None:
                entries[row][column.name] = entry
                continue
            zeroed = on.sender.zero and fault.code in ZEROED and column.type in NUMBERS
            if zeroed:
                entries[row][column.name] = Fraction(0)
            else:
                on.faulty.add(row)
                on.faulty_columns.add(column.name)
            if fault.code == "formula-no-result":
                uncached.append((row, index, fault))
            else:
                faults.append((index, fault))
        _add_faults(on, row, faults)
    if uncached:
        fault = uncached[0][2]
        cells = [on.spell(row, index) for row, index, _fault in uncached]
        on.add(
            fault.code,
            cells,
            fault.expected,
            _("{count} cells: {got}", count=len(cells), got=fault.got) if cells[1:] else fault.got,
            fault.action,
        )
    return entries


def _add_faults(on: Overlay, row: int, faults: list[tuple[int, Fault]]) -> None:
    """Report the faults of a row cell by cell, or once where all its numbers share one."""
    numbers = [index for index, column in on.columns.items() if column.type in NUMBERS and not column.key]
    same = [one for one in faults if one[0] in numbers]
    if len(numbers) > 1 and len(same) == len(numbers) and len({fault.code for _index, fault in same}) == 1:
        fault = same[0][1]
        _add_fault(on, fault, [on.spell(row, index) for index, _fault in same])
        faults = [one for one in faults if one not in same]
    for index, fault in faults:
        _add_fault(on, fault, [on.spell(row, index)], on.columns[index])
        on.findings[-1] = replace(on.findings[-1], advice=_propose(on, row, index, fault))


def _propose(on: Overlay, row: int, index: int, fault: Fault) -> str:
    """Return how a number typed as text may be taken as the number it can only be."""
    cell = on.sheet.cells.get((row, index))
    number = propose_count(on.columns[index], cell) if fault.code == "text-number" else None
    if number is None:
        return ""
    return _(
        "Where the sender confirms it, it can be taken as {number}; write under treatments in the period's params: "
        "'{cell}': {{action: take, value: {number}, seen: '{seen}', who: …, when: …, why: …}}.",
        cell=on.spell(row, index),
        number=number,
        seen=spell_content(cell).replace("'", "''"),
    )


def _add_fault(on: Overlay, fault: Fault, cells: list[str], column: Column | None = None) -> None:
    on.add(fault.code, cells, fault.expected, fault.got, fault.action)
    numeric = column is None or column.type in NUMBERS
    if on.sender.zero and fault.code in ZEROED and numeric:
        on.findings[-1] = replace(on.findings[-1], severity="warning")


def check_keys(on: Overlay, entries: dict[int, dict[str, Entry]]) -> None:
    """Find rows that name the same item: keys alike but for case, spaces and Unicode form."""
    keys = [column for column in on.form.columns if column.key]
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, entry in entries.items():
        if keys and all(entry.get(column.name) is not None for column in keys):
            seen[tuple(fold_text(str(entry[column.name])) for column in keys)].append(row)
    for rows in seen.values():
        key = on.index(keys[0].name)
        if len(rows) > 1:
            on.add(
                "duplicate-key",
                [on.spell(row, key) for row in rows],
                _("one row for each entry"),
                _(
                    "{entry} in {rows}",
                    entry=describe(on.sheet.cells.get((rows[0], key))),
                    rows=say_rows(rows),
                ),
                _("Put the two rows together, or delete one."),
            )
    near: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for folded, rows in seen.items():
        near[tuple(map(fold_spelling, folded))].append(rows[0])
    texts = [column for column in keys if column.type == "text"]
    for rows in near.values():
        if len(rows) > 1 and texts:
            key = on.index(texts[-1].name)
            on.add(
                "near-key",
                [on.spell(row, key) for row in rows],
                _("one row for each entry"),
                list_first(describe(on.sheet.cells.get((row, key))) for row in rows),
                _("Check whether the rows are about one thing; put them together, or delete one."),
            )


def check_unique(on: Overlay, entries: dict[int, dict[str, Entry]]) -> None:
    """Find rows that share an entry which only one of them can have, such as the symbol of a document."""
    for column in on.form.columns:
        if not column.unique:
            continue
        seen: dict[str, list[int]] = defaultdict(list)
        for row, entry in entries.items():
            if entry.get(column.name) is not None:
                seen[fold_text(str(entry[column.name]))].append(row)
        index = on.index(column.name)
        for rows in seen.values():
            if len(rows) > 1:
                on.add(
                    "same-entry",
                    [on.spell(row, index) for row in rows],
                    _("one row for each {column}", column=column.label),
                    _(
                        "{entry} in {rows}",
                        entry=describe(on.sheet.cells.get((rows[0], index))),
                        rows=say_rows(rows),
                    ),
                    _("Correct the entry of one of the rows, or delete the row."),
                )
