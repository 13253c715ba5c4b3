"""The sheets of the city offices: registers with a row per item, and typed indicators."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from sampledata.apportion import share
from sampledata.catalogue import announcements, catalogue, fully_online

if TYPE_CHECKING:
    from baocao.project.forms import Form
    from baocao.project.models import Unit
    from sampledata.dossiers import Row
    from sampledata.facts import Facts
    from sampledata.workbooks import Entry

Rows = list[list["Entry"]]
YES, NO = "có", "không"
TYPED = ("so-lieu-tu-phap", "so-lieu-tuyen-truyen", "so-lieu-ioc")


def _part(whole: int, percent: Fraction) -> int:
    """Count the items of `whole` that makes a published share, rounded half up."""
    return int((whole * percent / 100 + Fraction(1, 2)).__floor__())


def _stated(text: str) -> int | float:
    """Read a number as printed in Vietnamese: an integer, or a decimal as Excel keeps it."""
    plain = text.rstrip("%").replace(".", "").replace(",", ".")
    return float(plain) if "." in plain else int(plain)


def centre_office(facts: Facts, units: dict[str, Unit], rows: list[Row], stated: Form) -> dict[str, Rows]:
    """
    Make up every sheet of the centre's workbook.

    Parameters
    ----------
    facts
        Published totals and the stock of words.
    units
        Units by code.
    rows
        Form 06a of all units, which digitisation goes along with.
    stated
        The form ``so-lieu``, whose indicators are typed by the office.

    Returns
    -------
    dict
        Rows of entries in the order of the columns, by name of the form.
    """
    procedures = catalogue(facts)
    decisions, announced = announcements(facts, procedures, units)
    words = facts.words
    special = sorted((item.special, item.code) for item in procedures if item.special is not None)
    simple = words["simplified"]
    plans: list[Entry] = ["bãi bỏ, thay thế"] * simple["repealed"]
    plans += [None] * simple["undecided"]
    plans += ["sửa đổi, bổ sung"] * (facts.count("tthc_don_gian_hoa") - len(plans))
    facts.random("don-gian-hoa").shuffle(plans)
    simplified = []
    for unit, number in simple["units"].items():
        mine = [item.name for item in procedures if item.unit == unit and item.special is None]
        drawn = facts.random(f"don-gian-hoa/{unit}").sample(mine, number)
        simplified += [(name, units[unit].name) for name in drawn]
    internal = words["internal"]
    return {
        "tthc": [
            [p.code, p.name, p.level, p.field, p.online, YES, YES, p.one_stop, p.shortened]
            for p in procedures
        ],
        "qd-cong-bo": [[item.symbol, item.day, item.kind, item.subject] for item in decisions],
        "tthc-cong-bo": [
            [number, item.symbol, item.code, item.kind, item.action, YES if item.anywhere else NO]
            for number, item in enumerate(announced, start=1)
        ],
        "du-thao": [
            [number, item["step"], item["kind"], item["name"], facts.count(item["procedures"])]
            for number, item in enumerate(words["drafts"], start=1)
        ],
        "don-gian-hoa": [
            [number, name, unit, plan, simple["decision"]]
            for number, ((name, unit), plan) in enumerate(zip(simplified, plans, strict=True), start=1)
        ],
        "noi-bo": [
            [number, name, field, internal["decision"]]
            for number, (field, name) in enumerate(
                ((field, name) for field, names in internal["fields"].items() for name in names), start=1
            )
        ],
        "pakn": petitions(facts),
        "dac-thu": _special(facts, special),
        "thanh-phan": _components(facts, special),
        "so-hoa": digitised(facts, units, rows),
        "thanh-toan": payments(facts, [item.code for item in procedures]),
        "so-lieu": [
            [
                str(number),
                item.code,
                item.label,
                item.unit,
                _stated((fact := facts.published[facts.shape["stated"][item.code]]).stated or fact.printed),
                facts.shape["stated_notes"].get(item.code),
            ]
            for number, item in enumerate(stated.indicators, start=1)
        ],
        "he-thong": [list(system) for system in words["systems"]],
        "co-so": [list(place) for place in words["places"]],
        "nganh-doc": [[code, name, facts.count(total)] for code, name, total in words["vertical"]],
    }


def typed_rows(facts: Facts, form: Form) -> Rows:
    """Give what an office types: published numbers, both sides of a ratio, and the months counted."""
    checked, due = facts.ratio("vb_tu_kiem_tra")
    known = {"vb_da_tu_kiem_tra": checked, "vb_phai_tu_kiem_tra": due}
    known["tin_bai_so_thang"] = facts.cchc["months_counted"]
    notes = facts.cchc["typed_notes"]
    return [
        [
            str(number),
            item.code,
            item.label,
            item.unit,
            known[item.code] if item.code in known else facts.count(item.code),
            notes.get(item.code),
        ]
        for number, item in enumerate(form.indicators, start=1)
    ]


def unit_register(units: dict[str, Unit], levels: dict[str, str]) -> Rows:
    """Give the list of units: communes have a centre of their own, agencies hand in at the city's."""
    return [
        [unit.code, unit.name, levels[unit.level], unit.type, YES if unit.level == "xa" else NO]
        for unit in units.values()
    ]


def document_register(facts: Facts) -> Rows:
    """Give the register of documents; blank entries stay blank, days become dates."""
    return [
        [date.fromisoformat(text) if name == "ngay" and text else text or None for name, text in row.items()]
        for row in facts.documents
    ]


def petitions(facts: Facts) -> Rows:
    """
    Make up the petitions received on the national portal, by day.

    Those still open are among the latest; all that were handled were
    published and in time, and whoever rated one was satisfied.
    """
    rng = facts.random("pakn")
    window = facts.period
    total = facts.count("pakn_tiep_nhan_cong_dvcqg")
    span = (window.end - window.start).days
    days = sorted(window.start + timedelta(days=rng.randint(0, span)) for _ in range(total))
    passed_on = set(rng.sample(range(total), facts.count("pakn_chuyen_co_quan_khac")))
    own = [index for index in range(total) if index not in passed_on]
    late = own[-3 * facts.count("pakn_dang_xu_ly") :]
    is_open = set(rng.sample(late, facts.count("pakn_dang_xu_ly")))
    result: Rows = []
    for index, day in enumerate(days):
        code = f"PAKN-{day:%y%m%d}-{index + 1:05d}"
        if index in passed_on:
            result.append([code, day, "chuyển cơ quan khác", "đã chuyển", None, None, None])
        elif index in is_open:
            result.append([code, day, "thuộc thẩm quyền", "đang xử lý", None, None, None])
        else:
            rated = "hài lòng" if rng.randint(1, 100) <= facts.shape["rated"] else "chưa đánh giá"
            result.append([code, day, "thuộc thẩm quyền", "đã xử lý", YES, YES, rated])
    return result


def _special(facts: Facts, special: list[tuple[int, str]]) -> Rows:
    listed = facts.words["special"]
    full = fully_online(facts)
    return [
        [
            code,
            (item := listed[index])["name"],
            item["field"],
            item.get("business", YES),
            YES,
            YES if index in full else NO,
            YES if item["cut"] else NO,
            item["due"],
            item["cut"],
        ]
        for index, code in special
    ]


def _components(facts: Facts, special: list[tuple[int, str]]) -> Rows:
    """Restructured components lie with the procedures that were restructured, as evenly as they go."""
    words, listed = facts.words["components"], facts.words["special"]
    total = facts.count("tphs_dac_thu_tong")
    ratio = facts.published["tphs_dac_thu_tai_cau_truc"].printed
    done, reusable = (int(part) for part in ratio.split("/"))
    changed = [int(bool(listed[index]["cut"])) for index, _ in special]
    of_done = share(done, changed)
    of_rest = share(reusable - done, [1 - mark for mark in changed])
    other = share(total - reusable, [1] * len(special))
    result: Rows = []
    for (_, code), first, second, rest in zip(special, of_done, of_rest, other, strict=True):
        names = [(words["reusable"][k], YES, YES) for k in range(first)]
        names += [(words["reusable"][k], YES, NO) for k in range(second)]
        names += [(words["other"][k], NO, NO) for k in range(rest)]
        result += [[len(result) + k, code, *name] for k, name in enumerate(names, start=1)]
    return result


def digitised(facts: Facts, units: dict[str, Unit], rows: list[Row]) -> Rows:
    """
    Make up the portal's counts of digitised dossiers by unit.

    All of a unit's resolved dossiers had to be digitised; the counts that make
    the published shares are spread over the units and stay within their bases.
    """
    rng = facts.random("so-hoa")
    resolved: dict[str, int] = defaultdict(int)
    certified: dict[str, int] = defaultdict(int)
    portal = facts.shape["portal"]
    for row in rows:
        resolved[row.unit] += row.resolved
        if units[row.unit].level == "xa" and row.field == portal["chung_thuc_field"]:
            certified[row.unit] += row.resolved
    codes = list(units)
    due = [resolved[code] for code in codes]

    def spread(total: int, caps: list[int]) -> list[int]:
        return share(total, [cap * rng.randint(80, 100) for cap in caps], caps)

    percent = {name: fact.value for name, fact in facts.published.items() if name.startswith("ty_le_")}
    done = spread(_part(sum(due), percent["ty_le_so_hoa"]), due)
    results = [count * portal["electronic_result"] // 1000 for count in due]
    electronic = spread(_part(sum(results), percent["ty_le_cap_kq_dien_tu"]), results)
    used = facts.count("hoso_khai_thac_du_lieu_so_hoa")
    base = _part(used, 100 * 100 / percent["ty_le_khai_thac_du_lieu_so_hoa"])
    with_data = spread(base, done)
    reused = spread(used, with_data)
    copies = spread(facts.count("hoso_chung_thuc_dien_tu"), [certified[code] for code in codes])
    table = zip(codes, due, done, results, electronic, with_data, reused, copies, strict=True)
    return [[code, units[code].name, *counts] for code, *counts in table]


def payments(facts: Facts, codes: list[str]) -> Rows:
    """
    Make up the payments by procedure: a few procedures have most of them.

    The published shares of procedures add up to 100, so that no procedure is
    paid both ways.
    """
    rng = facts.random("thanh-toan")
    online, direct = facts.count("tthc_phat_sinh_tt_truc_tuyen"), facts.count("tthc_phat_sinh_tt_truc_tiep")
    drawn = rng.sample(codes, online + direct)

    def spread(total: int, number: int) -> list[int]:
        weights = [Fraction(rng.randint(50, 150), place) for place in range(1, number + 1)]
        return [1 + count for count in share(total - number, weights)]

    paid = spread(facts.count("hoso_tt_truc_tuyen"), online)
    by_hand = spread(facts.count("hoso_tt_truc_tiep"), direct)
    rows: Rows = [[code, "trực tuyến", count, 0] for code, count in zip(drawn, paid, strict=False)]
    rows += [[code, "trực tiếp", 0, count] for code, count in zip(drawn[online:], by_hand, strict=True)]
    return sorted(rows, key=lambda row: str(row[0]))
