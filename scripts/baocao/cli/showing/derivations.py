"""A value for people to read: how it was made, unit by unit, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.project.language import _, _n, format_number
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.tracing.record import TakenCell
    from baocao.tracing.trace import Trace, TracedCell, TracedValue


def format_derivation(trace: Trace, value: TracedValue, *, full: bool = False, most: int = 12) -> str:
    """
    Return a described value as lines: how it was made, unit by unit, cell by cell.

    Parameters
    ----------
    full
        Show every file and cell; else ``most`` files, and ``most`` cells of each.
    """
    number = "-" if value.number is None else format_number(Decimal(value.number))
    made = ": ".join(filter(None, (value.op, value.basis)))
    lines = [f"{value.id} = {number} {value.unit}".rstrip(), "  " + _("made by {made}", made=made)]
    lines += [
        "  "
        + _(
            "printed {printed} in {place}",
            printed=place.printed,
            place=f"{place.report} {place.section} ({place.id})",
        )
        for place in value.mentions
    ]
    if value.aliases:
        lines.append("  " + _("once called {names}", names=", ".join(value.aliases)))
    count = sum(cell.taken is not None for cell in value.cells)
    if count:
        lines.append(
            "  "
            + _n(
                "{count} cell counts as something else than stands there",
                "{count} cells count as something else than stands there",
                count,
            )
        )
    parts = [key for key in value.parents if key.startswith(f"{value.id}__") and value.op == "sum"]
    for key in value.parents:
        if key in trace.values and key not in parts:
            node = trace.values[key]
            made = ": ".join(filter(None, (node.op, str(node.basis))))
            named = f"{key} = {'-' if node.number is None else _write(node.number)} {node.unit}"
            lines.append("  " + _("from {value} ({made})", value=named, made=made))
    files: dict[str, list[TracedCell]] = defaultdict(list)
    for cell in sorted(value.cells, key=lambda cell: cell.taken is None):
        files[cell.file].append(cell)
    # The cells of a ratio's sides do not add up to it; those of a sum do, file by file.
    added = value.op == "sum" and len(parts) == len(value.parents)
    shown_files = list(files) if full else list(files)[:most]
    for file in shown_files:
        cells = files[file]
        terms = [cell for cell in cells if cell.role == "term" and cell.counted is not None]
        subtotal = f" = {_add(terms)} {value.unit}" if added and terms else ""
        lines.append(f"  {file}{subtotal}  (sha256 {(cells[0].sha256 or '?')[:12]})")
        shown = cells if full else cells[:most]
        lines += [f"    {_format_cell(cell)}" for cell in shown]
        if len(shown) < len(cells):
            lines.append("    " + _("… {count} more cells; --all lists them", count=len(cells) - len(shown)))
    if len(shown_files) < len(files):
        lines.append("  " + _("… {count} more files; --all lists them", count=len(files) - len(shown_files)))
    if added and value.number is not None:
        lines.append("  " + _("sum = {number} {unit}", number=number, unit=value.unit))
    return "\n".join(lines)


def _format_cell(cell: TracedCell) -> str:
    content = _("(blank)") if cell.content is None else cell.content
    role = "" if cell.role == "term" else "  " + _("(condition)")
    taken = "  " + format_taken_cell(cell.taken) if cell.taken is not None else ""
    return f"{cell.sheet}!{cell.address}  {content}{role}{taken}"


def format_taken_cell(taken: TakenCell) -> str:
    """Return that a cell counts as something else than stands there, and who says so."""
    return _(
        "TAKEN AS {value}: {why} ({who}, {when})",
        value=taken.value,
        why=taken.why,
        who=taken.who,
        when=taken.when,
    )


def _add(cells: Iterable[TracedCell]) -> str:
    return _write(sum((Fraction(cell.counted or 0) for cell in cells), Fraction(0)))


def _write(number: Fraction) -> str:
    """Write a number as ``--json`` has it, with the decimal mark of the reader."""
    return format_number(Decimal(print_decimal(number)))
