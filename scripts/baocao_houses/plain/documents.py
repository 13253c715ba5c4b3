"""The title over a report, its captions and its layout."""

from __future__ import annotations

from pathlib import Path

from baocao.project.house import Document, Facts, HeadEntry, Layout, Letters
from baocao_houses.plain.periods import format_day, format_label


def make_head(facts: Facts) -> list[HeadEntry]:
    """List the metadata of the title: who reports, what, for which period, for which place."""
    issued = f", {format_day(facts.issued_on)}" if facts.issued_on else ""
    return [
        HeadEntry("title", facts.title),
        HeadEntry("lang", "en"),
        HeadEntry("plain-organisation", facts.issuer),
        HeadEntry("plain-title", facts.title, source="params/reports.yaml"),
        HeadEntry("plain-period", f"{facts.place}, {format_label(facts.period)}{issued}", source="params"),
    ]


def make_letter_head(to: str, about: str, facts: Facts) -> list[HeadEntry]:
    """List the metadata over a letter: who writes, what it is about, to whom."""
    return [
        HeadEntry("title", about),
        HeadEntry("lang", "en"),
        HeadEntry("plain-organisation", facts.issuer),
        HeadEntry("plain-title", about),
        HeadEntry("plain-period", to),
    ]


DOCUMENT = Document(
    table="Table",
    chart="Figure",
    opening="opening",
    closing="closing",
    head=make_head,
    before=("plain-organisation", "plain-title", "plain-period"),
    after=(),
    prefix="plain-",
    treated={
        "exclude": "the figures of {unit} are not included this time ({why})",
        "zero": "what {unit} left blank is counted as nothing ({why})",
        "previous": "the figures of {unit} are those of the period before, where it reported then ({why})",
        "use": "the figures of {unit} are those of the submission that was settled as the right one ({why})",
        "accept": "the figures of {unit} stand as they were sent ({why})",
        "take": "some figures of {unit} were confirmed otherwise than its form has them ({why})",
    },
    treatments="About the figures of some units: {units}.",
)
LETTERS = Letters(head=make_letter_head)
LAYOUT = Layout(name="plain", folder=Path(__file__).with_name("extension"))
