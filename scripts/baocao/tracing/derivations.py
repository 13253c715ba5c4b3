"""A value for people to read: how it was made, unit by unit, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from baocao.tracing.trace import print_exact
from baocao.values.value import print_decimal

if TYPE_CHECKING:
    from baocao.tracing.trace import Trace


def print_derivation(trace: Trace, value: Mapping[str, Any], *, full: bool = False, most: int = 12) -> str:
    """
    Write a described value for people: how it was made, unit by unit, cell by cell.

    Parameters
    ----------
    full
        Show every file and cell; else ``most`` files, and ``most`` cells of each.
    """
    number = value["number"] if value["number"] is not None else "-"
    lines = [
        f"{value['id']} = {number} {value['unit']}".rstrip(),
        f"  made by {value['op']}: {value['basis']}".rstrip(": "),
    ]
    lines += [
        f"  printed {m['printed']} in {m['report']} {m['section']} ({m['id']})" for m in value["mentions"]
    ]
    parts = [key for key in value["parents"] if key.startswith(f"{value['id']}__") and value["op"] == "sum"]
    for key in value["parents"]:
        if key in trace.values and key not in parts:
            node = trace.values[key]
            made = ": ".join(filter(None, (node["op"], node["basis"])))
            lines.append(f"  from {key} = {print_exact(node['number'])} {node['unit']} ({made})")
    files: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for cell in value["cells"]:
        files[cell["file"]].append(cell)
    # The cells of a ratio's sides do not add up to it; those of a sum do, file by file.
    added = value["op"] == "sum" and len(parts) == len(value["parents"])
    shown_files = list(files) if full else list(files)[:most]
    for file in shown_files:
        cells = files[file]
        terms = [cell for cell in cells if cell["role"] == "term" and cell["content"] is not None]
        subtotal = f" = {_add(terms)} {value['unit']}" if added and terms else ""
        lines.append(f"  {file}{subtotal}  (sha256 {(cells[0]['sha256'] or '?')[:12]})")
        shown = cells if full else cells[:most]
        lines += [
            f"    {cell['sheet']}!{cell['address']}  {cell['content'] if cell['content'] is not None else '(blank)'}"
            + ("" if cell["role"] == "term" else "  (condition)")
            for cell in shown
        ]
        if len(shown) < len(cells):
            lines.append(f"    … {len(cells) - len(shown)} more cells; --all lists them")
    if len(shown_files) < len(files):
        lines.append(f"  … {len(files) - len(shown_files)} more files; --all lists them")
    if added and value["number"] is not None:
        lines.append(f"  sum = {number} {value['unit']}")
    return "\n".join(lines)


def _add(cells: Iterable[Mapping[str, Any]]) -> str:
    return print_decimal(sum((Fraction(cell["content"]) for cell in cells), Fraction(0)))
