"""Tables of a period made of those of the shorter periods within it: nothing counted twice, each entry with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.tables.table import FILE, PLACES, UNIT, Table, fingerprint_table, is_other_period

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.forms import Form
    from baocao.project.house import PeriodKind
    from baocao.project.periods import Period

_KINDS: tuple[PeriodKind, ...] = ("quarter", "month", "half")
"""Kinds of parts, those that come first are taken where there are several."""
_Item = tuple[str | None, ...]


def find_parts(project: Project, period: Period) -> tuple[Period, ...]:
    """
    Find the shorter periods that a period can be made of: those that fill it and have submissions, or parts.

    Returns
    -------
    tuple of Period
        In order; empty where it can be made of none.
    """
    for kind in _KINDS:
        parts = period.split(kind)
        if parts and all(is_received(project, part) for part in parts):
            return parts
    return ()


def list_parts(project: Project, period: Period) -> list[Period]:
    """List the shorter periods that a period is made of, and those that these are made of."""
    return [part for direct in find_parts(project, period) for part in (direct, *list_parts(project, direct))]


def has_submissions(project: Project, period: Period) -> bool:
    """Return whether anybody sent something for a period itself."""
    folders, raw = project.house.folders, project.raw(period)
    return any(
        path.is_file() and not path.name.startswith(".")
        for pattern in (f"{folders.units}/*", f"{folders.offices}/*", f"{folders.register}.*")
        for path in raw.glob(pattern)
    )


def is_received(project: Project, period: Period) -> bool:
    """Tell whether there is anything to read a period from: submissions of its own, or parts that have them."""
    return has_submissions(project, period) or bool(find_parts(project, period))


def combine(form: Form, period: Period, parts: Sequence[Table]) -> Table:
    """
    Make the table of a period from those of its parts.

    Rows keep their cells, files prefixed with their part. What of a row does
    not count over the whole period is absent (None): what was carried over
    into the second part and what was pending at the end of the first. A column
    that is the sum of others is the sum of what is left of them.

    Parameters
    ----------
    parts
        In order, as long together as ``period``.

    Raises
    ------
    UsageError
        A column or an indicator does not say under ``over`` how it is taken.
    """
    undeclared = form.undeclared
    if undeclared:
        raise UsageError(
            _(
                "params/forms.yaml: form {form} cannot be put together for {period} from {parts}: {names} does not say how it is taken over several periods; write over: flow, first, last … there.",
                form=form.name,
                period=period,
                parts=", ".join(str(part.period) for part in parts),
                names=", ".join(undeclared),
            )
        )
    columns: dict[str, list[Any]] = {name: [] for name in (*PLACES, *form.by_name)}
    part_of: list[int] = []
    for number, part in enumerate(parts):
        for name, entries in columns.items():
            entries.extend(part.columns[name])
        part_of += [number] * len(part)
    columns[FILE] = [
        file if is_other_period(file) else f"{parts[number].period}/{file}"
        for file, number in zip(columns[FILE], part_of, strict=True)
    ]
    items = _list_items(form, columns)
    last = len(parts) - 1
    if form.over == "each":
        _blank_uncounted(form, columns, items, part_of, last)
        rows: Sequence[int] = range(len(part_of))
    elif form.kind == "indicators":
        rows = list(_choose_indicators(form, columns, part_of, last))
    else:
        rows = _choose_states(form, columns, items, part_of, last)
    chosen = {name: tuple(entries[row] for row in rows) for name, entries in columns.items()}
    fingerprint, by_file = fingerprint_table(form, period, chosen)
    return Table(form, period, chosen, fingerprint, by_file, combined=True)


def find_taken_twice(table: Table, parts: Sequence[Table]) -> list[tuple[str, str]]:
    """Find units and files whose rows stand for two parts, since a treatment took them over into the later one."""
    twice = {
        (str(unit), file)
        for part in parts
        for unit, file in zip(part.units, part.files, strict=True)
        if is_other_period(file) and not part.combined and file in set(table.files)
    }
    own = {f"{part.period}/" for part in parts}
    return sorted((unit, file) for unit, file in twice if any(file.startswith(prefix) for prefix in own))


def _list_items(form: Form, columns: dict[str, list[Any]]) -> list[_Item]:
    keys = [columns[column.name] for column in form.columns if column.key]
    return [
        (unit, *(fold_text(str(entry)) for entry in key))
        for unit, *key in zip(columns[UNIT], *keys, strict=True)
    ]


def _choose_indicators(
    form: Form, columns: dict[str, list[Any]], part_of: Sequence[int], last: int
) -> Iterator[int]:
    taken = {fold_text(item.code): item.taken for item in form.indicators}
    code = next(column.name for column in form.columns if column.key)
    for row, entry in enumerate(columns[code]):
        how = taken.get(fold_text(str(entry)))
        number = part_of[row]
        if how == "flow" or (how == "first" and number == 0) or (how == "last" and number == last):
            yield row


def _choose_states(
    form: Form, columns: dict[str, list[Any]], items: Sequence[_Item], part_of: Sequence[int], last: int
) -> list[int]:
    """Choose one row an item: its last state, or the one that says it ever was."""
    ever = {column.name: column.choices[0] for column in form.columns if column.over == "ever"}
    state: dict[_Item, int] = {}
    for row, item in enumerate(items):
        was = item in state and any(columns[name][state[item]] == text for name, text in ever.items())
        now = any(columns[name][row] == text for name, text in ever.items())
        if now or not was:
            state[item] = row
    there = {item for item, number in zip(items, part_of, strict=True) if number == last}
    return [row for item, row in state.items() if form.over == "union" or item in there]


def _blank_uncounted(
    form: Form, columns: dict[str, list[Any]], items: Sequence[_Item], part_of: Sequence[int], last: int
) -> None:
    """Take out of every row what does not count over the whole period; fill in what is a sum of the rest."""
    for column in form.columns:
        entries = columns[column.name]
        if column.taken in ("first", "last") and column.type in ("count", "number"):
            kept = 0 if column.taken == "first" else last
            columns[column.name] = [
                entry if number == kept else None for entry, number in zip(entries, part_of, strict=True)
            ]
        elif column.taken in ("last", "ever"):
            state: dict[_Item, int] = {}
            for row, (item, entry) in enumerate(zip(items, entries, strict=True)):
                was = item in state and column.taken == "ever" and entries[state[item]] == column.choices[0]
                if entry is not None and not (was and entry != column.choices[0]):
                    state[item] = row
            chosen = set(state.values())
            columns[column.name] = [entry if row in chosen else None for row, entry in enumerate(entries)]
    for rule in form.rebuilt.values():
        sides = zip(*(columns[part] for part in rule.parts), strict=True)
        columns[rule.of] = [
            sum((entry for entry in side if entry is not None), Fraction(0))
            if any(entry is not None for entry in side)
            else None
            for side in sides
        ]
