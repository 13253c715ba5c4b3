"""What people have changed in a finished file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from baocao.project.language import N_, _, _n

if TYPE_CHECKING:
    from baocao.verifying.edits import Class, Edit, Reading
    from baocao.verifying.verify import Verified
    from baocao.verifying.wording import Rewording, Where

_SHOWN = 7  # of the numbers that one act took away
CLASSES: dict[Class, str] = {
    "altered": N_("ALTERED"),
    "added": N_("ADDED"),
    "lost": N_("LOST"),
    "moved": N_("MOVED"),
}
READINGS: dict[Reading, str] = {
    "accepted": N_("with tracked changes accepted"),
    "rejected": N_("with tracked changes rejected"),
}
FOUND_BY = {
    "hash": N_("the hash that it carries"),
    "mentions": N_("its mentions"),
    "words": N_("its words"),
}


def format_verified(verified: Verified) -> str:
    """Return which edition a file comes from, and how much there is to say about it."""
    return _(
        "{file}: {report} of {period} (reports/{edition}, found by {found_by}); {mentions}, {findings}",
        file=verified.file.name,
        report=verified.report,
        period=verified.period,
        edition=verified.edition,
        found_by=_(FOUND_BY[verified.found_by]),
        mentions=_n("{count} mention or citation", "{count} mentions and citations", verified.mentions),
        findings=_n("{count} finding", "{count} findings", len(verified.edits)),
    )


WHERE: dict[Where, str] = {
    "head": N_("head of the report"),
    "closing": N_("signatory and addressees"),
    "heading": N_("heading"),
    "caption": N_("caption"),
    "column": N_("head of a column"),
    "row": N_("label of a row"),
    "clause": N_("clause of a number"),
}


def format_rewordings(rewordings: Sequence[Rewording]) -> list[str]:
    """Return the words round numbers that were changed, below a line that says what they are."""
    if not rewordings:
        return []
    lines: list[str] = [_("Words round numbers that were changed; no findings, to be read:")]
    for one in rewordings:
        which = (
            f" {', '.join(one.mentions[:3])}{', …' if len(one.mentions) > 3 else ''}" if one.mentions else ""
        )
        lines.append(f"  {_(WHERE[one.where])}{which}: «{one.was}» → «{one.now}»")
    return lines


def format_edits(edits: Sequence[Edit]) -> Iterator[str]:
    """Yield what is to be said, once for neighbours that one act made: a row, a column or a paragraph that is gone."""
    for _key, group in groupby(edits, key=_get_act):
        alike = list(group)
        line = format_edit(alike[0])
        if len(alike) > 1:
            others = ", ".join(f"{edit.expected} ({edit.mention})" for edit in alike[1:_SHOWN])
            more = _(" and {count} more", count=len(alike) - _SHOWN) if len(alike) > _SHOWN else ""
            line += "\n  " + _(
                "and likewise {count}: {others}", count=len(alike) - 1, others=f"{others}{more}"
            )
        yield line


def _get_act(edit: Edit) -> tuple[str, ...]:
    """Return what neighbours share that one act made; an alteration is said for each number."""
    if edit.kind not in ("lost", "moved") or edit.mention is None:
        return (edit.kind, edit.mention or edit.context, edit.got)
    why = str(edit.message).removeprefix(f"«{edit.expected}»")
    return (edit.kind, edit.reading, edit.section, why)


def format_edit(edit: Edit) -> str:
    """Return one number that is not as it was published, with its sentence and what to do."""
    which = f" {edit.mention}" if edit.mention else ""
    value = f" ({edit.value})" if edit.value else ""
    reading = f" [{_(READINGS[edit.reading])}]" if edit.reading in READINGS else ""
    sentence = f"{edit.message}; «{edit.context}». {edit.action}"
    return f"[{_(CLASSES[edit.kind])}{which}{value}]{reading} {sentence}"
