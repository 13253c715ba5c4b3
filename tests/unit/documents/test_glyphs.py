"""A letter without a shape is told with its line, not left to the program that stops at it."""

from __future__ import annotations

from tests.unit.conftest import REPOSITORY

from baocao.documents.glyphs import find_unprintable

FONTS = REPOSITORY / "reports" / "_extensions" / "nd30" / "fonts"


def test_vietnamese_and_what_offices_type_can_be_drawn():
    text = "Ủy ban nhân dân, ĐƯỜNG SỐ 5 – “a” ‘b’ … № ½ ≥ ≤ ± € • 10° m² \N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\tỷ đồng"
    assert find_unprintable(text, FONTS) == []


def test_a_letter_without_a_shape_is_told_with_its_line():
    [first, second] = find_unprintable("Một\nhai ⟦ba⟧\n⟦", FONTS)
    assert first == "line 2: the font has no «⟦» (U+27E6): hai ⟦ba⟧"
    assert "U+27E7" in second


def test_a_layout_without_a_font_is_not_looked_into(tmp_path):
    assert find_unprintable("⟦", tmp_path) == []
