"""Numbers, constants and plain opposites in English reports."""

from __future__ import annotations

import re

from baocao.project.house import Citing, Constants, Meaning, Numbers
from baocao_houses.plain.periods import DAY

NUMBERS = Numbers(
    group=",",
    point=".",
    pad=1,
    undefined="not applicable",
    percent={"%": "%", "‰": "‰", "per cent": "%", "percent": "%"},
    times={"thousand": "thousand", "million": "million", "billion": "billion", "bn": "billion"},
    bounds=("more than", "less than", "nearly", "almost", "over", "under", "about"),
    minus=("minus",),
)

CONSTANTS = Constants(
    symbol=re.compile(r"(?<![\w.,/-])\d+/\d{4}(?:/[A-Z]+)?(?![\w/])"),
    legal=re.compile(
        r"(?<!\w)(?:article|section|clause|paragraph|chapter|annex|appendix)\s+\d{1,3}(?![\d.])"
        r"(?:\s*(?:,|and|to|-)\s*\d{1,2}(?![\d.]))*",
        re.IGNORECASE,
    ),
    measures=("per cent", "percent", "thousand", "million", "billion", "times", "people"),
    captions=("Table", "Figure", "Chart", "Annex"),
)

MEANING = Meaning(
    opposites=(
        ("increased", "decreased"),
        ("rose", "fell"),
        ("increase", "decrease"),
        ("early", "late"),
        ("overdue", "on time"),
        ("online", "in person"),
        ("received", "rejected"),
        ("resolved", "pending"),
        ("high", "low"),
        ("more", "fewer"),
        ("above", "below"),
        ("before", "after"),
        ("first", "last"),
        ("income", "spending"),
        ("opened", "closed"),
    ),
    negations=frozenset({"not", "no", "never"}),
    beside=frozenset({"has", "have", "had", "is", "are", "was", "were", "been", "do", "did", "does"}),
    joints=("and", "or", "to"),
    vague=frozenset({"case", "cases", "item", "items"}),
    verbs=("is", "are", "was", "were", "reached", "of", "to", "by"),
    measure=re.compile(r"\((?:unit|in):?\s*([^)]+)\)", re.IGNORECASE),
    units=frozenset(
        {
            "minutes",
            "hours",
            "days",
            "weeks",
            "months",
            "years",
            "dollars",
            "usd",
            "euros",
            "eur",
            "km",
            "ha",
            "kg",
            "tonnes",
            "people",
            "households",
            "percentage points",
        }
    ),
)

CITING = Citing(
    number=" No. {}",
    day=" of {}",
    issuer=" by {}",
    date_only="{}",
    day_behind=re.compile(r"\s*,?\s*(?:of|dated)\s+" + DAY, re.IGNORECASE),
    plan=re.compile(r"^(?:(?:adopting|approving) )?(?:the |a )?plan\b"),
    year=re.compile(r"(?<!\w)(?:for|in) (\d{4})(?!\d)", re.IGNORECASE),
    years=re.compile(r"\d{4}\s*(?:-|–|to|,|and)\s*\d{4}"),
    head=re.compile(r"^(?:the )?(?:head|director|chair) of (?:the )?"),
)
