"""Numbers of a file that nobody can read, and numbers that stand beside its text: hidden, covered, in comments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from baocao.documents.numerals import Recogniser
from baocao.documents.passages import key_of
from baocao.documents.unseen import Unseen
from baocao.project.language import _
from baocao.verifying.edits import Edit


def judge_unseen(unseen: Iterable[Unseen], edits: Sequence[Edit], recogniser: Recogniser) -> list[Edit]:
    """
    Return edits that say of lost numbers that they stand there and cannot be read, and of others nobody sees that they stand there.

    Parameters
    ----------
    edits
        What was found without them.
    """
    found = list(edits)
    style = recogniser.house.numbers
    for piece in unseen:
        numerals = [one for one in recogniser.find(piece.text) if one.kind is None]
        lost = _find_lost(found, piece, {key_of(one.text, style) for one in numerals}, recogniser)
        if lost is not None:
            was = found[lost].expected
            message = _(
                "«{printed}» stands in the file and cannot be read: {why}", printed=was, why=piece.why
            )
            found[lost] = replace(found[lost], message=message)
            continue
        for numeral in numerals:
            message = _(
                "{number} is not part of the published report: {why}",
                number=numeral.text,
                why=piece.why,
            )
            found.append(Edit("added", None, None, "", "", numeral.text, piece.text.strip(), message))
    return found


def _find_lost(edits: Sequence[Edit], piece: Unseen, keys: set[str], recogniser: Recogniser) -> int | None:
    """Return which lost number a piece is: by its mark, else by its digits."""
    style = recogniser.house.numbers
    for at, edit in enumerate(edits):
        if edit.kind in ("lost", "altered") and edit.mention in piece.ids and edit.mention is not None:
            return at
    for at, edit in enumerate(edits):
        if edit.kind == "lost" and key_of(edit.expected, style) in keys:
            return at
    return None
