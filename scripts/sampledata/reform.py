"""Registers of the reform programme, of tasks given by the Government and of staff."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sampledata.apportion import share
from sampledata.catalogue import working_days

if TYPE_CHECKING:
    from baocao.project.models import Unit
    from sampledata.facts import Facts
    from sampledata.workbooks import Entry

Rows = list[list["Entry"]]


def name_of(units: dict[str, Unit], office: str) -> str:
    """Give the name of a unit for its code; other offices are written by name."""
    return units[office].name if office in units else office


def home_office(facts: Facts, units: dict[str, Unit]) -> dict[str, Rows]:
    """
    Make up the registers of the office of home affairs: programme, inspections, staff, election boards.

    Returns
    -------
    dict
        Rows of entries in the order of the columns, by name of the form.
    """
    boards = facts.count("ban_bau_cu_dbqh")
    members = share(facts.count("thanh_vien_ban_bau_cu"), [1] * boards)
    return {
        "nhiem-vu-cchc": programme(facts, units),
        "kiem-tra-cong-vu": inspections(facts, units),
        "can-bo": staff(facts, units),
        "ban-bau-cu": [
            [facts.cchc["boards"].format(number), count] for number, count in enumerate(members, start=1)
        ],
    }


def programme(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Give the tasks of the year's programme; those done have a day, of the others most are under way."""
    words = facts.cchc["programme"]
    rng = facts.random("nhiem-vu-cchc")
    done, whole = facts.ratio("nhiem_vu_khcchc_hoan_thanh")
    rows: Rows = []
    for field, tasks in words["fields"].items():
        for task, lead, *day in tasks:
            if day:
                due, state = words["quarter_end"], "hoàn thành"
            else:
                due = rng.choice(words["later"])
                state = (
                    "đang thực hiện" if due < words["later"][2] or rng.random() < 0.5 else "chưa thực hiện"
                )
            rows.append(
                [len(rows) + 1, field, task, name_of(units, lead), due, state, day[0] if day else None]
            )
    if (sum(row[6] is not None for row in rows), len(rows)) != (done, whole):
        raise ValueError(f"cchc.yaml has another number of tasks than the published {done}/{whole}.")
    return rows


def inspections(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Give the offices that were inspected, those of the city first; a commune goes by its name and what it is."""
    words = facts.cchc["inspected"]
    rows: Rows = []
    for office in words["city"]:
        name = name_of(units, office)
        rows.append([len(rows) + 1, name, name, "cơ quan cấp tỉnh", words["decision"]])
    for code in words["communes"]:
        unit = units[code]
        commune = _lower(unit.name)
        name = f"Ủy ban nhân dân {commune}"
        rows.append([len(rows) + 1, name, commune, "xã, phường, đặc khu", words["decision"]])
    return rows


def staff(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Make up the decisions on staff, one person each, by day; their numbers rise within a year."""
    words = facts.cchc["staff"]
    rng = facts.random("can-bo")
    agencies = [unit.name for unit in units.values() if unit.level == "so"]
    communes = [unit.name for unit in units.values() if unit.level == "xa"]

    def place(text: str) -> str:
        if text == "unit":
            return rng.choice(agencies)
        if text == "commune":
            return str(words["commune_body"].format(_lower(rng.choice(communes))))
        return text

    offices = agencies + [f"Ủy ban nhân dân {_lower(name)}" for name in rng.sample(communes, len(agencies))]
    moves = [(words["moved"], *rng.sample(offices, 2)) for _ in range(facts.count("qd_dieu_dong_cong_chuc"))]
    for item in words["others"]:
        moves += [
            (item["kind"], place(item["from"]), place(item["to"])) for _ in range(facts.count(item["count"]))
        ]
    rng.shuffle(moves)
    days = working_days(facts, facts.period.start, facts.period.end)
    drawn = sorted(rng.choices(days, k=len(moves)))
    next_number = dict(words["numbers"])
    rows: Rows = []
    for (kind, origin, target), day in zip(moves, drawn, strict=True):
        symbol = words["symbol"].format(next_number[day.year])
        next_number[day.year] += rng.randint(1, 9)
        rows.append([len(rows) + 1, kind, symbol, day, origin, target, 1])
    return rows


def given_tasks(facts: Facts, units: dict[str, Unit]) -> Rows:
    """Make up the tasks that the Government gave in the quarter: the earlier ones are done in time, none is late."""
    words: dict[str, Any] = facts.cchc["given"]
    rng = facts.random("nhiem-vu-giao")
    total, done = facts.count("nhiem_vu_ttg_giao"), facts.count("nhiem_vu_ttg_hoan_thanh")
    if facts.count("nhiem_vu_ttg_qua_han") or total != done + facts.count("nhiem_vu_ttg_dang_thuc_hien"):
        raise ValueError("the published tasks do not add up, or some are late: say which.")
    tasks = [
        (pattern.format(matter), lead) for matter, lead in words["matters"] for pattern in words["patterns"]
    ]
    start, end = facts.period.start, facts.period.end
    days = sorted(rng.choices(working_days(facts, start, end - timedelta(days=10)), k=total))
    rows: Rows = []
    for number, ((task, lead), day) in enumerate(zip(rng.sample(tasks, total), days, strict=True), start=1):
        if number <= done:
            finished = rng.choice(
                working_days(facts, day + timedelta(days=4), min(end, day + timedelta(days=40)))
            )
            due: date = finished + timedelta(days=rng.randint(0, 10))
            state, when = "hoàn thành đúng hạn", finished
        else:
            due = end + timedelta(days=rng.randint(words["days"], 5 * words["days"]))
            state, when = "đang thực hiện", None
        rows.append([number, task, name_of(units, lead), day, due, state, when])
    return rows


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
