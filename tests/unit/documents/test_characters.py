"""What a layout or an office holds together is read as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.documents.characters import fold_characters
from baocao.documents.passages import Writer
from baocao.verifying.texts import clean_line

HELD = "\u00a0\u202f\u2009\u2010\u2011\u2060\u200b\ufeff\u00ad"


@given(st.text(alphabet=f"a1 -/.{HELD}ấ\u0301"))
def test_folding_is_done_once(text):
    folded = fold_characters(text)
    assert fold_characters(folded) == folded
    assert not set(folded) & set(HELD)


@pytest.mark.parametrize("read", [fold_characters, clean_line])
@pytest.mark.parametrize(
    ("held", "plain"),
    [
        ("quý\u00a0I năm\u00a02026", "quý I năm 2026"),
        ("số\u00a012/UBND\u2011KSTT", "số 12/UBND-KSTT"),
        ("“5\u00a0tại chỗ”", "“5 tại chỗ”"),
        ("142\u202f186 hồ sơ", "142 186 hồ sơ"),
        ("UBND–KSTT, 2025–2026", "UBND-KSTT, 2025–2026"),
    ],
)
def test_every_reader_takes_the_same_text(read, held, plain):
    assert read(held) == plain


def test_a_dash_between_two_pieces_of_a_word_is_a_hyphen():
    writer = Writer()
    for piece in ("12/UBND", "–", "KSTT", "\u00a0ngày"):
        writer.add(piece)
    assert writer.text == "12/UBND-KSTT ngày"
