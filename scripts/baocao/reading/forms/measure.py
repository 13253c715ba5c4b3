"""In what the head of a sheet says that its numbers are measured, against its form."""

from __future__ import annotations

from collections.abc import Iterator

from baocao.project.language import _
from baocao.project.text import fold_text
from baocao.reading.forms.entries import clean_text
from baocao.reading.forms.overlay import Overlay

_EDGES = " \t:.-–—;,()[]*"


def check_measure(on: Overlay) -> None:
    """Compare every measure that the head names with those of the form."""
    form = on.form
    allowed = form.measures or ((form.unit,) if form.unit else ())
    known = {_bare(measure) for measure in allowed}
    expected = ", ".join(allowed) or _("no measure in the head: each row states its own")
    found = list(_find_measures(on))
    for row, column, measure in found:
        if _bare(measure) not in known:
            on.add(
                "wrong-measure",
                [on.spell(row, column)],
                expected,
                measure,
                _("Give the numbers in the measure of the form, and say so in its head."),
            )
    if form.measures and form.words.measure and not found:
        on.add(
            "no-measure",
            [on.spell(on.head - 1, on.first_column)],
            expected,
            _("no measure"),
            _("Confirm that the numbers are in this measure, and say so in the head."),
        )


def _find_measures(on: Overlay) -> Iterator[tuple[int, int, str]]:
    """Yield cell and measure, wherever the head names one: after a word for it, in the next cell, or alone."""
    words = sorted(map(_bare, on.form.words.measure), key=len, reverse=True)
    alone = {_bare(unit) for unit in on.form.words.units}
    for (row, column), cell in sorted(on.sheet.cells.items()):
        if row >= on.head or cell.kind != "text":
            continue
        text = clean_text(str(cell.value))
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
