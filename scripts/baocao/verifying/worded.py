"""Values that are printed with words or as words: "down 12.3%", "unchanged", "not applicable"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from baocao.documents.passages import Passage, shorten
from baocao.project.language import _
from baocao.tracing.record import CitationMention, Mention
from baocao.verifying.aligning import Alignment
from baocao.verifying.edits import Edit


def judge_worded(
    alignment: Alignment, known: Mapping[str, Mention | CitationMention], said: Sequence[Edit]
) -> Iterator[Edit]:
    """
    Find values whose words were changed: no number tells that "up" became "down".

    Parameters
    ----------
    known
        Mentions and citations of the trace by id.
    said
        What is told already.
    """
    told = {edit.mention for edit in said}
    for origin, passage in enumerate(alignment.published):
        mentions = [one for mark in passage.marks if isinstance(one := known.get(mark.id), Mention)]
        worded = {one.id: one for one in mentions if any(letter.isalpha() for letter in one.printed)}
        homes = [alignment.edited[home] for home in alignment.homes.get(origin, ())]
        text = " ".join(_fold(home.text) for home in homes)
        for mention in worded.values():
            printed = _fold(mention.printed)
            if mention.id in told or text.count(printed) >= _fold(passage.text).count(printed):
                continue
            got = next(_list_marked(homes, mention.id), "")
            yield Edit(
                "altered" if homes else "lost",
                mention.id,
                mention.value,
                mention.section,
                mention.printed,
                got,
                shorten(homes[0].text if homes else passage.text, 0),
                _("«{was}» was changed to «{now}»", was=mention.printed, now=got)
                if got
                else _("«{was}» no longer stands in its sentence", was=mention.printed),
            )


def _list_marked(homes: Sequence[Passage], id: str) -> Iterator[str]:
    for home in homes:
        for mark in home.marks:
            if mark.id == id:
                yield home.text[mark.start : mark.end].strip()


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
