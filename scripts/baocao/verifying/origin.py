"""Which edition a file was made from: by the hash it carries, else by the mentions and words in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from baocao.documents.passages import Passage, Writer
from baocao.documents.published import read_published
from baocao.documents.web import WebPage
from baocao.documents.word import WordFile
from baocao.project.errors import TraceError, UsageError
from baocao.project.folder import Project
from baocao.project.house import House
from baocao.project.language import _
from baocao.project.periods import Period, list_period_folders, parse_period
from baocao.tracing.record import (
    Annex,
    Chart,
    CitationMention,
    Mention,
    TraceRecord,
    hash_mentions,
    parse_trace,
)
from baocao.values.value import print_decimal
from baocao.verifying.aligning import likeness

TRACES = ".trace.json"
_RECOGNISED = 0.5  # share of the mentions, or of the words, that must be there


@dataclass(frozen=True)
class Edition:
    """
    A finished report with its trace.

    Parameters
    ----------
    folder
        ``reports/<period>`` or ``reports/<period>/issued/<n>``.
    """

    period: Period
    report: str
    folder: Path
    record: TraceRecord
    house: House

    @cached_property
    def trace_hash(self) -> str:
        """What the report's files carry; see :func:`baocao.tracing.record.hash_mentions`."""
        return hash_mentions(self.report, self.record.mentions, self.record.values)

    @cached_property
    def items(self) -> dict[str, Mention | CitationMention]:
        """Mentions and citations by id."""
        return {item.id: item for item in self.record.places if item.report == self.report}

    @cached_property
    def hidden(self) -> dict[str, str]:
        """What web pages give programs: the number of each mention, unrounded."""
        values = self.record.values
        return {
            m.id: print_decimal(number)
            for m in self.record.mentions
            if m.report == self.report and (number := values[m.value].number) is not None
        }

    @cached_property
    def charts(self) -> list[Chart]:
        """The charts of the report."""
        return [chart for chart in self.record.charts if chart.report == self.report]

    @cached_property
    def annexes(self) -> list[Annex]:
        """The official tables of the report."""
        return [annex for annex in self.record.annexes if annex.report == self.report]

    def drawn(self, kind: Literal["png", "svg"] = "png") -> dict[str, bytes]:
        """Return the pictures of the charts, as they were set into the Word file (png) or the web page (svg)."""
        folder = self.folder / self.house.folders.pictures
        paths = {chart.id: folder / f"{chart.id}.{kind}" for chart in self.charts}
        return {id: path.read_bytes() for id, path in paths.items() if path.is_file()}

    @cached_property
    def units(self) -> dict[str, str]:
        """Units of the values by their ids."""
        return {id: value.unit for id, value in self.record.values.items()}

    def read(self, edited: Path) -> list[Passage]:
        """Read the report as it was published; never from the edited file itself."""
        source = self.folder / f"{self.report}.qmd"
        if source.is_file():
            return read_published(source, self.house.document)
        for kind in ("html", "docx"):
            path = self.folder / f"{self.report}.{kind}"
            if path.is_file() and path.resolve() != edited.resolve():
                return WebPage(path).passages() if kind == "html" else WordFile(path).passages("rejected")
        return list(self._sentences())

    def read_alike(self, edited: Path) -> list[Passage]:
        """Read the finished file of the same kind, with its head and closing; empty where it is gone, and of a PDF."""
        kind = {".docx": "docx", ".html": "html", ".htm": "html"}.get(edited.suffix.lower(), "")
        path = self.folder / f"{self.report}.{kind}"
        if not kind or not path.is_file() or path.resolve() == edited.resolve():
            return []
        return WebPage(path).passages() if kind == "html" else WordFile(path).passages("accepted")

    def _sentences(self) -> Iterator[Passage]:
        """Return the sentences of the trace, where nothing else of the edition is left."""
        writer, known = Writer(), ""
        at = 0
        for mention in self.record.mentions:
            if mention.report != self.report:
                continue
            if mention.context != known or mention.printed not in known[at:]:
                if known:
                    yield writer.passage()
                writer, known, at = Writer(), mention.context, 0
                writer.add(known)
            start = known.index(mention.printed, at) if mention.printed in known[at:] else at
            at = start + len(mention.printed)
            writer.mark(start, at, mention.id)
        if known:
            yield writer.passage()


def list_editions(project: Project) -> list[Edition]:
    """Return every edition of the project, the latest period first, issued ones behind the built one."""
    found = []
    paths = [
        path
        for period in list_period_folders(project.reports)
        for path in (project.reports / str(period)).rglob(f"*{TRACES}")
    ]
    for path in sorted(paths, reverse=True):
        try:
            record = parse_trace(path.read_bytes(), str(path))
            period = parse_period(record.period)
            found.append(Edition(period, path.name.removesuffix(TRACES), path.parent, record, project.house))
        except (OSError, UsageError, TraceError):
            continue  # a damaged one cannot be what a good file was made from
    found.sort(key=lambda one: len(one.folder.parts))
    return sorted(found, key=lambda one: one.period, reverse=True)


def find_edition(
    project: Project, edited: Path, trace_hash: str | None, passages: Sequence[Passage]
) -> tuple[Edition, str]:
    """
    Find what a file was made from.

    Returns
    -------
    Edition, str
        And by what it was found: ``hash``, ``mentions`` or ``words``.

    Raises
    ------
    TraceError
        There is none.
    """
    editions = list_editions(project)
    if not editions:
        periods = [*map(str, list_period_folders(project.root / "data" / "raw"))] or ["PERIOD"]
        commands = ", ".join(f"'baocao build {period}'" for period in periods)
        raise TraceError(
            _(
                "{reports} holds no built report; run {commands} first.",
                reports=project.reports,
                commands=commands,
            )
        )
    same = [one for one in editions if one.trace_hash == trace_hash]
    if same:
        beside = [one for one in same if one.folder.resolve() == edited.parent.resolve()]
        return (beside or same)[0], "hash"
    if trace_hash is not None:
        raise TraceError(_say_older(edited, trace_hash, editions, passages))
    ids = {mark.id for passage in passages for mark in passage.marks}
    if ids:
        best = max(editions, key=lambda one: len(ids & set(one.items)) / max(1, len(one.items)))
        if len(ids & set(best.items)) >= _RECOGNISED * len(best.items):
            return _closest(best, editions, passages), "mentions"
    words = [word for passage in passages for word in passage.words]
    shares = [(likeness(words, _words_of(one)), -at) for at, one in enumerate(editions)]
    share, at = max(shares)
    if share >= _RECOGNISED / 2:
        return editions[-at], "words"
    raise TraceError(
        _(
            "{edited} is none of the reports built in {reports}: it bears no trace and other words.",
            edited=edited,
            reports=project.reports,
        )
    )


def _say_older(
    edited: Path, trace_hash: str, editions: Sequence[Edition], passages: Sequence[Passage]
) -> str:
    """Return what to do with a file whose build is no longer there."""
    ids = {mark.id for passage in passages for mark in passage.marks}
    best = max(editions, key=lambda one: len(ids & set(one.items)) / max(1, len(one.items)))
    which = (
        _(
            "the report {report} of {period} was built again since, from other numbers",
            report=best.report,
            period=best.period,
        )
        if len(ids & set(best.items)) >= _RECOGNISED * len(best.items)
        else _("its report was built again since, from other numbers, or elsewhere")
    )
    return _(
        "{edited} was made from a build with the hash {trace_hash}…, of which nothing is kept: {which}. Put the submissions and the commit of then into a copy of the project, run 'baocao build' there and verify with '--root COPY'; or edit the report as it is built now. Issued editions are always kept.",
        edited=edited,
        trace_hash=trace_hash[:12],
        which=which,
    )


def _closest(best: Edition, editions: Sequence[Edition], passages: Sequence[Passage]) -> Edition:
    """Of editions with the same mentions, take the one whose numbers the file has."""
    alike = [one for one in editions if set(one.items) == set(best.items)]
    held = {
        mark.id: passage.text[mark.start : mark.end].strip() for passage in passages for mark in passage.marks
    }
    return max(alike, key=lambda one: sum(held.get(id) == item.printed for id, item in one.items.items()))


def _words_of(edition: Edition) -> list[str]:
    source = edition.folder / f"{edition.report}.qmd"
    contexts = dict.fromkeys(mention.context for mention in edition.record.mentions)
    text = source.read_text(encoding="utf-8") if source.is_file() else " ".join(contexts)
    return list(Passage(text).words)
