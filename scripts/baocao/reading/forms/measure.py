"""In what the head of a sheet says that its numbers are measured, against its form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.forms.entries import clean_text
from baocao.reading.forms.overlay import Overlay

_EDGES = " \t:.-–—;,()[]*"


def check_measure(on: Overlay) -> None:
    """Compare every measure that the head names with those of the form."""
    form = on.form
    expected = _expected(on)
    found = list(_find_measures(on))
    for row, column, measure in found:
        _compare(on, row, column, measure)
    told = {(row, column) for row, column, _measure in found}
    for row, column, text in on.texts:
        if row < on.head and (row, column) not in told:
            alone = [text] if _bare(text) in map(_bare, form.words.scales) else []
            for measure in (*alone, *_find_scaled(on, text)):
                _compare(on, row, column, measure)
    if form.measures and form.words.measure and not found:
        on.add(
            "no-measure",
            [on.spell(on.head - 1, on.first_column)],
            expected,
            _("no measure"),
            _("Confirm that the numbers are in this measure, and say so in the head."),
        )


def check_notes(on: Overlay, rows: Sequence[int], total: int | None) -> None:
    """Find notes beside and below the data that say that its numbers are thousands or millions of the measure."""
    last = max((*rows, *(() if total is None else (total,))))
    for row, column, text in on.texts:
        if row > last or (row >= on.head and column not in on.columns):
            for measure in _find_scaled(on, text):
                _compare(on, row, column, measure)


def allowed_measures(on: Overlay) -> tuple[str, ...]:
    """Return what the head may say that the numbers are measured in; none where each row states its own."""
    return on.form.measures or ((on.form.unit,) if on.form.unit else ())


def _expected(on: Overlay) -> str:
    return ", ".join(allowed_measures(on)) or _("no measure in the head: each row states its own")


def _compare(on: Overlay, row: int, column: int, measure: str) -> None:
    if _bare(measure) not in map(_bare, allowed_measures(on)):
        on.add(
            "wrong-measure",
            [on.spell(row, column)],
            _expected(on),
            measure,
            _("Give the numbers in the measure of the form, and say so in its head."),
        )


def _find_scaled(on: Overlay, text: str) -> list[str]:
    """List the multiples of a measure that a text names; a number before one makes it an amount."""
    form = on.form
    if not form.words.scales:
        return []
    measures = frozenset((*allowed_measures(on), *form.words.units, *(item.unit for item in form.indicators)))
    pattern = _multiple_of(tuple(form.words.scales), measures)
    return [match[0] for match in pattern.finditer(fold_text(text))]


@cache
def _multiple_of(scales: tuple[str, ...], measures: frozenset[str]) -> re.Pattern[str]:
    scale, measure = (
        "|".join(re.escape(fold_text(word)) for word in sorted(words, key=lambda word: (-len(word), word)))
        for words in (scales, measures)
    )
    return re.compile(rf"(?<![\d.,]\s)(?<!\w)(?:{scale})\s+(?:{measure})(?!\w)")


def _find_measures(on: Overlay) -> Iterator[tuple[int, int, str]]:
    """Yield cell and measure, wherever the head names one: after a word for it, in the next cell, or alone."""
    words = sorted(map(_bare, on.form.words.measure), key=len, reverse=True)
    alone = {_bare(unit) for unit in on.form.words.units}
    for row, column, text in on.texts:
        if row >= on.head:
            continue
        folded = fold_text(text)
        start = next((end for word in words if (end := _end_of(folded, word)) is not None), None)
        if start is None:
            if _bare(text) in alone:
                yield row, column, text
            continue
        measure = folded[start:].strip(_EDGES)
        if measure:
            yield row, column, measure
            continue
        beside = [(at, other) for (line, at), other in on.sheet.cells.items() if line == row and at > column]
        if beside:
            at, other = min(beside)
            if other.kind == "text":
                yield row, at, clean_text(str(other.value))


def _end_of(text: str, word: str) -> int | None:
    """Return where a word ends in a text; None where it does not stand there as a word."""
    start = text.find(word)
    end = start + len(word)
    if start < 0 or (start and text[start - 1].isalnum()) or text[end : end + 1].isalnum():
        return None
    return end


def _bare(text: str) -> str:
    return fold_text(text).strip(_EDGES)
