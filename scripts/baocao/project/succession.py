"""Who reports when: units and offices that come and go, and who took over from whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from baocao.project.language import _
from baocao.project.schemas import name_near

if TYPE_CHECKING:
    from datetime import date

    from baocao.project.models import Body

_B = TypeVar("_B", bound="Body")


class SuccessionFault(NamedTuple):
    """What cannot be in the body at ``place`` of a list."""

    place: int
    column: str
    message: str


def list_present(bodies: Sequence[_B], day: date) -> dict[str, _B]:
    """
    Return those that are there on a day, by code, in the order of the list.

    Examples
    --------
    >>> from datetime import date
    >>> from baocao.project.models import Body
    >>> old = Body(code="a", name="A", until="2026-03-31", successor="b")
    >>> new = Body(code="b", name="B", **{"from": "2026-04-01"})
    >>> [list(list_present([old, new], day)) for day in (date(2026, 3, 14), date(2026, 6, 14))]
    [['a'], ['b']]
    """
    return {body.code: body for body in bodies if body.exists_on(day)}


def find_heirs(code: str, bodies: Sequence[Body], day: date) -> tuple[str, ...]:
    """
    Return who has on a day what a body once had: itself, or those who took over, step by step.

    Returns
    -------
    tuple of str
        Empty where nobody took over.

    Examples
    --------
    >>> from datetime import date
    >>> from baocao.project.models import Body
    >>> a = Body(code="a", name="A", until="2026-03-31", successor="b c")
    >>> b = Body(code="b", name="B", until="2026-05-31", successor="d")
    >>> c, d = Body(code="c", name="C"), Body(code="d", name="D")
    >>> find_heirs("a", [a, b, c, d], date(2026, 6, 14)), find_heirs("a", [a, b, c, d], date(2026, 3, 14))
    (('c', 'd'), ('a',))
    """
    present = list_present(bodies, day)
    successors = _map_successors(bodies)
    heirs: list[str] = []
    seen: set[str] = set()
    ahead = [code]
    while ahead:
        current = ahead.pop(0)
        if current in seen:
            continue
        seen.add(current)
        if current in present:
            heirs.append(current)
        else:
            ahead += successors[current]
    return tuple(heirs)


def check_succession(bodies: Sequence[Body]) -> list[SuccessionFault]:
    """
    List what cannot be in who takes over from whom.

    A code may stand there several times, for days that do not overlap: a unit
    that was renamed.
    """
    by_code: dict[str, list[Body]] = defaultdict(list)
    faults: list[SuccessionFault] = []
    for index, body in enumerate(bodies):
        if any(_overlap(body, other) for other in by_code.get(body.code, ())):
            message = _(
                "{code} stands there twice for the same days; give the first one a last day (until)",
                code=body.code,
            )
            faults.append(SuccessionFault(index, "code", message))
        by_code[body.code].append(body)
    successors = _map_successors(bodies)
    for index, body in enumerate(bodies):
        for heir in body.successors:
            if heir not in by_code:
                message = _(
                    "the successor {heir} of {code} is not in the list; there are {names}",
                    heir=heir, code=body.code, names=name_near(heir, by_code),
                )  # fmt: skip
                faults.append(SuccessionFault(index, "successor", message))
                continue
            assert body.until is not None  # a successor asks for a last day
            first = body.until + timedelta(days=1)
            if not any(other.exists_on(first) for other in by_code[heir]):
                message = _(
                    "{heir} takes over from {code} on {day}, when it is not there",
                    heir=heir,
                    code=body.code,
                    day=first,
                )
                faults.append(SuccessionFault(index, "successor", message))
        if _leads_back(body, successors):
            message = _("{code} comes to be its own successor", code=body.code)
            faults.append(SuccessionFault(index, "successor", message))
    return faults


def _map_successors(bodies: Sequence[Body]) -> dict[str, list[str]]:
    successors: dict[str, list[str]] = defaultdict(list)
    for body in bodies:
        successors[body.code] += body.successors
    return successors


def _overlap(one: Body, other: Body) -> bool:
    starts = [body.start for body in (one, other) if body.start]
    ends = [body.until for body in (one, other) if body.until]
    return not starts or not ends or max(starts) <= min(ends)


def _leads_back(body: Body, successors: dict[str, list[str]]) -> bool:
    ahead, seen = list(body.successors), set[str]()
    while ahead:
        current = ahead.pop()
        if current == body.code:
            return True
        if current not in seen:
            seen.add(current)
            ahead += successors.get(current, ())
    return False
