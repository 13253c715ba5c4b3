"""Registers of legal documents: registered, issued, checked, no longer in force."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from sampledata.apportion import share
from sampledata.catalogue import decision_numbers, working_days
from sampledata.reform import Rows, name_of

if TYPE_CHECKING:
    import random
    from collections.abc import Collection

    from baocao.project.models import Unit
    from sampledata.facts import Facts

PROPOSED, ISSUED = "trình", "ban hành"
LAST_YEAR, THIS_YEAR = "năm trước", "năm báo cáo"


def legal_office(facts: Facts, units: dict[str, Unit], taken: Collection[str]) -> dict[str, Rows]:
    """
    Make up the registers of the office of justice.

    Parameters
    ----------
    taken
        Symbols of decisions given out elsewhere.

    Returns
    -------
    dict
        Rows of entries in the order of the columns, by name of the form.
    """
    words = facts.cchc["legal"]
    adjusting = decision_numbers(facts, facts.count("qd_dieu_chinh_dang_ky"), "dieu-chinh", taken)
    issued = issued_documents(facts, units)
    used: set[tuple[str, str]] = set()
    return {
        "dang-ky-vbqppl": registered(facts, units),
        "qd-dieu-chinh": [[symbol, day, words["adjusted"]] for symbol, day in adjusting],
        "vbqppl": issued,
        "sau-ra-soat": reviewed(facts, issued, used),
        "het-hieu-luc": expired(facts, used),
        "pakn-vbqppl": opinions(facts),
    }


def registered(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Give the documents to be drafted; some of each kind detail what a law leaves to the place."""
    words = facts.cchc["legal"]
    rng = facts.random("dang-ky-vbqppl")
    rows: Rows = []
    for kind, stock, count, detailing in (
        (words["resolution"], words["resolutions"], "nq_hdnd_dang_ky_xay_dung", "nq_quy_dinh_chi_tiet_hdnd"),
        (
            words["registered"],
            words["decisions_about"],
            "vb_ubnd_dang_ky_xay_dung",
            "qd_quy_dinh_chi_tiet_ubnd",
        ),
    ):
        drawn = rng.sample(stock, facts.count(count))
        detailed = set(rng.sample(range(len(drawn)), facts.count(detailing)))
        what = "Nghị quyết" if kind == words["resolution"] else "Quyết định"
        for index, (subject, lead) in enumerate(drawn):
            mark = "có" if index in detailed else "không"
            rows.append([len(rows) + 1, kind, f"{what} quy định {subject}", name_of(units, lead), mark])
    return rows


def issued_documents(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Make up what was proposed and issued: the drafts and resolutions first, then decisions by day."""
    words = facts.cchc["legal"]
    rng = facts.random("vbqppl")
    count = {
        LAST_YEAR: facts.count("qd_qppl_ubnd_tp_nv2025"),
        THIS_YEAR: facts.count("qd_qppl_ubnd_tp_nv2026"),
    }
    total = facts.count("qd_qppl_ubnd_tp")
    one = words["issued"]
    if (
        sum(count.values()) != total
        or facts.count("nq_hdnd_ban_hanh") != 1
        or facts.count("du_thao_nq_trinh_hdnd") != 1
    ):
        raise ValueError(
            "cchc.yaml names one draft and one resolution; the decisions are those of two years."
        )
    lead = name_of(units, one["lead"])
    rows: Rows = [
        [
            1,
            words["resolution"],
            PROPOSED,
            None,
            words["proposed"],
            f"Dự thảo Nghị quyết {_lower(one['title'])}",
            lead,
            None,
        ],
        [2, words["resolution"], ISSUED, one["symbol"], one["day"], one["title"], lead, None],
    ]
    period, shape = facts.period, words["decisions"]
    turn = date(period.end.year, 1, 1)
    early = working_days(facts, period.start, turn - timedelta(days=1))
    late = working_days(facts, turn, period.end)
    fresh = [day for day in late if day >= words["new_year_programme"]]
    days = sorted(rng.choices(early, k=shape[turn.year - 1]))
    rest = [(day, LAST_YEAR) for day in rng.choices(late, k=count[LAST_YEAR] - len(days))]
    rest += [(day, THIS_YEAR) for day in rng.choices(fresh, k=count[THIS_YEAR])]
    dated = [(day, LAST_YEAR) for day in days] + sorted(rest)
    repealing = [(words["repealing"].format(field), lead) for field, lead in words["repealing_of"]]
    drawn = rng.sample(words["decisions_about"], total - len(repealing))
    titles = [(f"Quy định {subject}", lead) for subject, lead in drawn] + repealing
    rng.shuffle(titles)
    number = dict(shape["first"])
    for (day, year), (title, office) in zip(dated, titles, strict=True):
        symbol = shape["symbol"].format(f"{number[day.year]:02d}", day.year)
        number[day.year] += 1
        rows.append(
            [len(rows) + 1, words["decision"], ISSUED, symbol, day, title, name_of(units, office), year]
        )
    return rows


def reviewed(facts: Facts, issued: Rows, used: set[tuple[str, str]]) -> Rows:
    """Make up the old decisions that those of the quarter replace, or repeal several at a time."""
    words = facts.cchc["legal"]
    rng = facts.random("sau-ra-soat")
    decisions = [row for row in issued if row[1] == words["decision"]]
    # Those that repeal do so in the field of the office that drafted them.
    fields = {words["repealing"].format(field): lead for field, lead in words["repealing_of"]}
    repealed = len(fields) * words["repealed_each"]
    others = [row for row in decisions if row[5] not in fields]
    replaced = share(
        facts.count("vb_thay_the_bai_bo_sau_ra_soat") - repealed, [rng.randint(1, 3) for _ in others]
    )
    rows: Rows = []
    for row in decisions:
        lead = fields.get(str(row[5]))
        if lead:
            theirs = [subject for subject, office in words["decisions_about"] if office == lead]
            subjects = rng.sample(theirs, words["repealed_each"])
        else:
            subjects = [str(row[5]).removeprefix("Quy định ")] * replaced[others.index(row)]
        for turn, subject in enumerate(subjects):
            pattern = words["patterns"][0 if lead else turn % len(words["patterns"])]
            symbol, day = _old_symbol(facts, rng, "quyết định", words["places"][0], used)
            how = "bãi bỏ" if lead else "thay thế"
            rows.append([len(rows) + 1, symbol, day, pattern.format(subject), how, row[3]])
    return rows


def expired(facts: Facts, used: set[tuple[str, str]]) -> Rows:
    """Make up the documents announced as no longer in force: resolutions first, each kind by day."""
    words = facts.cchc["legal"]
    rng = facts.random("het-hieu-luc")
    rows: Rows = []
    for kind, what, stock, name in (
        (words["resolution"], "nghị quyết", words["resolutions"], "vb_het_hieu_luc_nq"),
        (words["decision"], "quyết định", words["decisions_about"], "vb_het_hieu_luc_qd"),
    ):
        wholly, partly = facts.count(f"{name}_toan_bo"), facts.count(f"{name}_mot_phan")
        titles = [
            (pattern.format(subject), place)
            for subject, _ in stock
            for pattern in words["patterns"]
            for place in words["places"]
        ]
        drafts = []
        for title, place in rng.sample(titles, wholly + partly):
            symbol, day = _old_symbol(facts, rng, what, place, used)
            drafts.append((day, symbol, place, title))
        drafts.sort()
        in_part = set(rng.sample(range(len(drafts)), partly))
        for index, (day, symbol, place, title) in enumerate(drafts):
            extent = "một phần" if index in in_part else "toàn bộ"
            rows.append([len(rows) + 1, kind, symbol, day, title, place, extent])
    if len(rows) != facts.count("vb_het_hieu_luc_tong"):
        raise ValueError("the published parts of vb_het_hieu_luc_tong do not add up to it.")
    return rows


def opinions(facts: Facts) -> Rows:
    """Make up the opinions received about legal documents, all of them handled."""
    rng = facts.random("pakn-vbqppl")
    days = working_days(facts, facts.period.start, facts.period.end)
    drawn = sorted(rng.choices(days, k=facts.count("pakn_vbqppl")))
    return [
        [f"VB-{day:%y%m%d}-{number:02d}", day, rng.choice(facts.cchc["legal"]["opinions"]), "đã xử lý"]
        for number, day in enumerate(drawn, start=1)
    ]


def _old_symbol(
    facts: Facts, rng: random.Random, kind: str, place: str, used: set[tuple[str, str]]
) -> tuple[str, date]:
    """Draw a symbol that no other old document of the place bears; its day follows from its number."""
    words = facts.cchc["legal"]
    most = words["old"][kind]
    while True:
        year, number = rng.randint(*words["old_years"]), rng.randint(1, most)
        end = "NQ-HĐND" if kind == "nghị quyết" else "QĐ-UBND"
        symbol = f"{number:02d}/{year}/{end}"
        if (symbol, place) not in used:
            used.add((symbol, place))
            return symbol, date(year, 1, 4) + timedelta(days=int(Fraction(355 * number, most)))


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
