"""Indicators found by their codes: unknown, missing, not asked for, and in another measure."""

from __future__ import annotations

from collections.abc import Mapping

from baocao.project.cells import column_index
from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.forms.entries import Entry
from baocao.reading.forms.overlay import Overlay


def check_indicators(
    on: Overlay, entries: dict[int, dict[str, Entry]], last: int
) -> dict[int, dict[str, Entry]]:
    """Keep the rows of indicators asked of this unit; tell unknown, missing and changed ones apart."""
    level = on.sender.level
    asked = {
        indicator.code: indicator
        for indicator in on.form.indicators
        if not indicator.levels or level is None or level in indicator.levels
    }
    known = {indicator.code for indicator in on.form.indicators}
    key = next(column for column in on.form.columns if column.key)
    index = column_index(key.column)
    kept: dict[int, dict[str, Entry]] = {}
    today = {alias: indicator.code for indicator in on.form.indicators for alias in indicator.aliases}
    for entry in entries.values():
        entry[key.name] = today.get(str(entry.get(key.name)), entry.get(key.name))
    codes = [entry.get(key.name) for entry in entries.values()]
    seen, strange = set(), []
    for row, entry in entries.items():
        code = entry.get(key.name)
        if code is None:
            strange.append(row)
        elif code in asked:
            if code in seen:
                strange.append(row)
            seen.add(code)
            kept[row] = entry
            if codes.count(code) == 1:
                _check_words(on, row, entry, asked[str(code)].label, asked[str(code)].unit)
        elif code in known:
            on.add(
                "indicator-not-asked",
                [on.spell(row, index)],
                ", ".join(asked),
                str(code),
                _("Take this row out."),
            )
        else:
            strange.append(row)
            missing = [one for one in asked if one not in codes]
            on.add("unknown-indicator", [on.spell(row, index)], ", ".join(missing or asked), str(code))
    missing = [code for code in asked if code not in seen]
    # A row whose code cannot be used stands for one that is missing; it is told already.
    if len(missing) > len(strange) and not on.gapped:
        on.add(
            "missing-indicator", [on.spell(last + 1, index)], ", ".join(missing), _("no row of the indicator")
        )
    return kept


def _check_words(on: Overlay, row: int, entry: Mapping[str, Entry], label: str, unit: str) -> None:
    for name, wanted, code in (("don_vi_tinh", unit, "wrong-measure"), ("ten", label, "changed-label")):
        if name in on.form.by_name and entry.get(name) is not None:
            column = on.index(name)
            if fold_text(str(entry[name])) != fold_text(wanted):
                on.add(code, [on.spell(row, column)], wanted, str(entry[name]))
                if code == "wrong-measure":
                    on.faulty.add(row)
