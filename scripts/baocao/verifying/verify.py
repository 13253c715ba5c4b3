"""A finished Word file, PDF, web page or workbook that people have edited, held against the trace it was published with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baocao.documents.numerals import make_recogniser
from baocao.documents.passages import Passage
from baocao.documents.pdf import PdfFile
from baocao.documents.web import WebPage
from baocao.documents.word import WordFile
from baocao.project.errors import UsageError
from baocao.project.folder import Project
from baocao.project.language import _
from baocao.project.params import Params
from baocao.project.periods import Period
from baocao.reading.tables import read_tables
from baocao.tracing.printing import find_misprints
from baocao.verifying.aligning import align, given
from baocao.verifying.books import BookFile, count_items, find_book_edition, judge_book
from baocao.verifying.edits import Edit, merge_readings
from baocao.verifying.items import Item, find_items
from baocao.verifying.judging import judge
from baocao.verifying.origin import Edition, find_edition
from baocao.verifying.pictures import judge_charts
from baocao.verifying.unseen import judge_unseen
from baocao.verifying.worded import judge_worded
from baocao.verifying.wording import Rewording, compare_ends, list_rewordings

__all__ = ["Edit", "Verified", "verify_file"]
SUFFIXES = (".docx", ".pdf", ".html", ".htm", ".xlsx")


@dataclass(frozen=True)
class Verified:
    """
    What there is to say about an edited file.

    Parameters
    ----------
    found_by
        ``hash``, ``mentions`` or ``words``: how the edition was recognised.
    mentions
        How many mentions and citations with numbers were looked for.
    rewordings
        Words round numbers that were changed; no findings.
    unread
        What was not looked at, in words.
    """

    file: Path
    period: Period
    report: str
    edition: str
    trace_hash: str
    found_by: str
    mentions: int
    edits: list[Edit]
    rewordings: list[Rewording]
    unread: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "file": str(self.file),
            "period": str(self.period),
            "report": self.report,
            "edition": self.edition,
            "trace_hash": self.trace_hash,
            "found_by": self.found_by,
            "mentions": self.mentions,
            "findings": [edit.as_dict() for edit in self.edits],
            "unread": list(map(str, self.unread)),
            "wording": [one.as_dict() for one in self.rewordings],
        }


def verify_file(project: Project, file: Path) -> Verified:
    """
    Return which numbers of a finished file are no longer those that were published.

    Wording, order of sentences within a section and looks may change; numbers
    may not be altered, added, lost, or stand in a sentence that means
    something else.

    Raises
    ------
    UsageError
        The file is of a kind that reports do not have.
    TraceError
        It cannot be read, or comes from no edition of this project.
    """
    kind = file.suffix.lower()
    if kind not in SUFFIXES:
        raise UsageError(_("{file}: expected a file {suffixes}.", file=file, suffixes=", ".join(SUFFIXES)))
    if kind == ".xlsx":
        return _verify_book(project, file)
    read: WordFile | WebPage | PdfFile
    if kind == ".docx":
        read = WordFile(file)
        versions = {reading: read.passages(reading) for reading in read.readings}
    elif kind == ".pdf":
        read = PdfFile(file)
        versions = {"accepted": [Passage(read.text)]}
    else:
        read = WebPage(file)
        versions = {"accepted": read.passages()}
    edition, found_by = find_edition(project, file, read.trace_hash, versions["accepted"])
    recogniser = make_recogniser(project, edition.period, read_tables(project, edition.period))
    published = edition.read(file)
    for passage in published:
        passage.recognise(recogniser)
    items = find_items(published, edition.items, edition.units)
    found: dict[str, list[Edit]] = {}
    unread: list[str] = []
    rewordings: dict[Rewording, None] = {}
    for reading, passages in versions.items():
        cut = read.passages(published, recogniser) if isinstance(read, PdfFile) else list(enumerate(passages))
        for _index, passage in cut:
            passage.recognise(recogniser, flow=isinstance(read, PdfFile))
        alignment = given(published, cut) if isinstance(read, PdfFile) else align(published, passages)
        found[reading] = judge(alignment, items, [one.unit for one in project.params.indicators.values()])
        found[reading] += judge_worded(alignment, edition.items, found[reading])
        rewordings |= dict.fromkeys(list_rewordings(alignment, items))
        rewordings |= dict.fromkeys(compare_ends(edition.read_alike(file), passages))
        if isinstance(read, WordFile):
            found[reading] += judge_charts(edition.charts, edition.drawn(), read.pictures(reading))
        elif isinstance(read, WebPage) and all(pictures := read.pictures()):
            # Saved by another program the charts are pictures of pixels.
            drawn = edition.drawn("svg" if all(b"<svg" in one for one in pictures) else "png")
            found[reading] += judge_charts(edition.charts, drawn, pictures)
        elif edition.charts:
            unread = [
                _("the charts: verify compares them in the Word file and in the web page as it was built")
            ]
        unseen = read.unseen(reading) if isinstance(read, WordFile) else read.unseen
        found[reading] = judge_unseen(unseen, found[reading], recogniser)
    if isinstance(read, WebPage):
        found["accepted"] += _judge_hidden(read.hidden_numbers, edition.hidden, items, found["accepted"])
    edits = merge_readings(found["accepted"], found["rejected"]) if "rejected" in found else found["accepted"]
    edits = [*_judge_trace(edition, project.params), *edits]
    return Verified(
        file,
        edition.period,
        edition.report,
        edition.folder.relative_to(project.reports).as_posix(),
        edition.trace_hash,
        found_by,
        len(items),
        edits,
        list(rewordings),
        unread,
    )


def _verify_book(project: Project, file: Path) -> Verified:
    book = BookFile(file)
    edition, found_by = find_book_edition(project, book)
    recogniser = make_recogniser(project, edition.period, read_tables(project, edition.period))
    edits = [*_judge_trace(edition, project.params), *judge_book(book, edition, recogniser)]
    return Verified(
        file,
        edition.period,
        edition.report,
        edition.folder.relative_to(project.reports).as_posix(),
        edition.trace_hash,
        found_by,
        count_items(edition.annexes),
        edits,
        [],
        [],
    )


def _judge_trace(edition: Edition, params: Params) -> list[Edit]:
    """Find mentions that the trace itself prints otherwise than their values: a forged text, or a forged trace."""
    record = edition.record
    mentions = {mention.id: mention for mention in record.mentions if mention.report == edition.report}
    return [
        Edit(
            "altered",
            mention.id,
            mention.value,
            mention.section,
            finding.expected,
            finding.got,
            mention.context,
            finding.message,
        )
        for finding in find_misprints(mentions.values(), record.values, params)
        for mention in (mentions[finding.ids[0]],)
    ]


def _judge_hidden(
    held: Mapping[str, str], wanted: Mapping[str, str], items: Sequence[Item], said: Sequence[Edit]
) -> list[Edit]:
    """Find numbers that programs read otherwise than people."""
    known = {edit.mention for edit in said}
    found = []
    for item in items:
        got, right = held.get(item.id), wanted.get(item.id)
        if got and right is not None and got != right and item.id not in known:
            message = _(
                "«{was}», which programs read (attribute value), was changed to «{now}»", was=right, now=got
            )
            found.append(
                Edit("altered", item.id, item.value, item.section, right, got, item.printed, message)
            )
    return found
