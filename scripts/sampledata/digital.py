"""Registers of the data centre: systems, criteria, online sessions, open data."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sampledata.apportion import share
from sampledata.catalogue import working_days
from sampledata.reform import Rows, name_of

if TYPE_CHECKING:
    from baocao.project.models import Unit
    from sampledata.facts import Facts

DONE, INSTALLING = "đã hoàn thành", "đang cài đặt"
SINCE, BEFORE = "sau hợp nhất", "trước hợp nhất"
YES, NO = "có", "không"


def data_centre(facts: Facts, units: dict[str, Unit]) -> dict[str, Rows]:
    """
    Give the registers of who runs the data centre.

    Returns
    -------
    dict
        Rows of entries in the order of the columns, by name of the form.
    """
    words = facts.cchc["criteria"]
    criteria: Rows = [
        [number, "tiêu chí", name, source] for number, (name, source) in enumerate(words["list"], start=1)
    ]
    criteria.append([len(criteria) + 1, "màn hình giám sát", words["screen"], None])
    return {
        "he-thong-dc": systems(facts),
        "ioc": criteria,
        "phien-hop": sessions(facts),
        "du-lieu-mo": datasets(facts, units),
    }


def systems(facts: Facts) -> Rows:
    """
    Give the systems in the data centre: those watched and those being installed in the published order.

    Of those being installed, one is of a province before the merger; so all
    the published counts come out though 23 + 8 is not 30.
    """
    words = facts.cchc["systems"]
    former = [[name, place] for name in words["former"] for place in facts.cchc["legal"]["places"]]
    rows: Rows = []
    for listed, state, watched in (
        (words["watched"], DONE, YES),
        (words["installing"], INSTALLING, NO),
        (words["others"], DONE, NO),
        (former, DONE, NO),
    ):
        for name, *place in listed:
            owner = words["old_owner"].format(place[0]) if place else words["owner"]
            title = f"{name} {owner}" if listed is former else name
            rows.append([len(rows) + 1, title, owner, BEFORE if place else SINCE, state, watched])
    counts = {
        "dc_he_thong_tong": len(rows),
        "dc_he_thong_hp_moi": sum(row[3] == SINCE for row in rows),
        "dc_he_thong_da_cai": sum(row[3:5] == [SINCE, DONE] for row in rows),
        "dc_he_thong_dang_cai": sum(row[4] == INSTALLING for row in rows),
        "soc_ung_dung": sum(row[5] == YES for row in rows),
    }
    wrong = {name: count for name, count in counts.items() if count != facts.count(name)}
    if wrong:
        raise ValueError(f"cchc.yaml lists other systems than published: {wrong}.")
    return rows


def sessions(facts: Facts) -> Rows:
    """Make up the online sessions of the quarter, by day."""
    words = facts.cchc["meetings"]
    rng = facts.random("phien-hop")
    total = facts.count("phien_hop_truc_tuyen")
    counts = share(total, [level["share"] for level in words.values()])
    drawn = [name for name, count in zip(words, counts, strict=True) for _ in range(count)]
    rng.shuffle(drawn)
    days = sorted(rng.choices(working_days(facts, facts.period.start, facts.period.end), k=total))
    return [
        [number, day, name, rng.choice(words[name]["subjects"]), rng.randint(*words[name]["places"])]
        for number, (day, name) in enumerate(zip(days, drawn, strict=True), start=1)
    ]


def datasets(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Make up the open datasets: fields in the published order, within one by day; codes rise with the days."""
    words = facts.cchc["datasets"]
    rng = facts.random("du-lieu-mo")
    total, added = facts.count("bo_du_lieu_mo_tong"), facts.count("bo_du_lieu_mo_them")
    stock = {
        field: [pattern.format(thing) for thing in item["things"] for pattern in words["patterns"]]
        for field, item in words["fields"].items()
    }
    counts = share(total, [rng.randint(60, 140) for _ in stock], [len(titles) for titles in stock.values()])
    order = [field for field, count in zip(stock, counts, strict=True) for _ in range(count)]
    titles = {field: rng.sample(stock[field], count) for field, count in zip(stock, counts, strict=True)}
    fresh = set(rng.sample(range(total), added))
    start, end = facts.period.start, facts.period.end
    now = working_days(facts, start, end)
    earlier = working_days(facts, words["start"], start - timedelta(days=1))
    days = [rng.choice(now if place in fresh else earlier) for place in range(total)]
    by_day = sorted(range(total), key=lambda place: days[place])
    codes = {place: number for number, place in enumerate(by_day, start=1)}
    places = sorted(range(total), key=lambda place: (list(stock).index(order[place]), codes[place]))
    return [
        [
            f"DLM-{codes[place]:04d}",
            titles[order[place]].pop(),
            order[place],
            name_of(units, words["fields"][order[place]]["unit"]),
            days[place],
            YES if place in fresh else NO,
        ]
        for place in places
    ]
