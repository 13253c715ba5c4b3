"""The folder ``data/raw``: which workbook holds what."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.text import slug
from sampledata.budget import finance_office
from sampledata.digital import data_centre
from sampledata.dossiers import Row, quarter, quarter_before
from sampledata.facts import Facts
from sampledata.indicators import unit_indicators
from sampledata.legal import legal_office
from sampledata.reform import given_tasks, home_office
from sampledata.registers import TYPED, centre_office, document_register, typed_rows, unit_register
from sampledata.workbooks import PERIODS, Book

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baocao.project.models import Unit
    from baocao.project.params import Params
    from baocao.project.periods import Period


def write_file(path: Path, content: bytes) -> bool:
    """
    Write a file whole or not at all; a file that is already so stays untouched.

    Returns
    -------
    bool
        Whether anything was written.
    """
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
    return True


def unit_file(unit: Unit) -> str:
    """
    Name of a unit's workbook: communes without their type, agencies with the whole name.

    Examples
    --------
    >>> from baocao.project.models import Unit
    >>> unit_file(Unit(code="10507", name="Phường Thành Đông", type="phường", level="xa"))
    '10507-thanh-dong.xlsx'
    """
    name = unit.name
    if unit.level == "xa" and name.casefold().startswith(unit.type.casefold()):
        name = name[len(unit.type) :]
    return f"{unit.code}-{slug(name, '-')}.xlsx"


class Generator:
    """
    Everything under ``data/raw`` that is generated.

    Parameters
    ----------
    params
        Units and forms of the project.
    facts
        Published totals and the made-up shape.
    """

    def __init__(self, params: Params, facts: Facts) -> None:
        self.params = params
        self.facts = facts

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Give each file's path under ``data/raw`` and its bytes."""
        units = list(self.params.units.values())
        rows = [
            row
            for level in self.params.place.levels
            for row in quarter(self.facts, [unit for unit in units if unit.level == level], level)
        ]
        yield from self._submissions(units, rows)
        yield from self._offices(rows)
        words = self.facts.shape["words"]
        book = Book("Sổ văn bản", words["register_office"])
        book.listing(
            self.params.form("van-ban"),
            period=self.facts.period,
            code=None,
            name=words["register_office"],
            name_label="Cơ quan quản lý:",
            rows=document_register(self.facts),
        )
        yield f"{self.facts.period}/van-ban.xlsx", book.content()

    def _offices(self, rows: list[Row]) -> Iterator[tuple[str, bytes]]:
        period, units = self.facts.period, self.params.units
        levels = {key: level.name for key, level in self.params.place.levels.items()}
        sheets = centre_office(self.facts, units, rows, self.params.form("so-lieu"))
        sheets["don-vi"] = unit_register(units, levels)
        given_out = [str(row[0]) for row in sheets["qd-cong-bo"]]
        sheets |= home_office(self.facts, units) | legal_office(self.facts, units, given_out)
        sheets |= finance_office(self.facts) | data_centre(self.facts, units)
        sheets["nhiem-vu-giao"] = given_tasks(self.facts, units)
        for name in TYPED:
            sheets[name] = typed_rows(self.facts, self.params.form(name))
        for code, name in self.params.offices.items():
            forms = [form for form in self.params.forms.values() if form.source == f"van-phong/{code}"]
            book = Book(f"Số liệu {PERIODS.label(period)}", name)
            made = False
            for form in forms:
                if form.name in sheets:
                    book.listing(form, period=period, code=code, name=name, rows=sheets[form.name])
                    made = True
            if made:
                yield f"{period}/van-phong/{code}.xlsx", book.content()

    def _submissions(self, units: list[Unit], rows: list[Row]) -> Iterator[tuple[str, bytes]]:
        period = self.facts.period
        counts = unit_indicators(self.facts, units)
        for unit, mine in zip(units, _by_unit(units, rows), strict=True):
            book = self._dossier_book(unit, period, mine)
            form = self.params.form("chi-tieu")
            asked = [item for item in form.indicators if unit.level in item.levels]
            entries = [
                [str(number), item.code, item.label, item.unit, counts[unit.code][item.code], None]
                for number, item in enumerate(asked, start=1)
            ]
            book.listing(form, period=period, code=unit.code, name=unit.name, rows=entries)
            yield f"{period}/don-vi/{unit_file(unit)}", book.content()
        before = period.previous
        for unit, mine in zip(units, _by_unit(units, quarter_before(self.facts, rows)), strict=True):
            yield f"{before}/don-vi/{unit_file(unit)}", self._dossier_book(unit, before, mine).content()

    def _dossier_book(self, unit: Unit, period: Period, rows: list[Row]) -> Book:
        book = Book(f"Báo cáo {PERIODS.label(period)}", unit.name)
        book.dossiers(
            self.params.form("06a"),
            period=period,
            code=unit.code,
            name=unit.name,
            words=self.facts.shape["words"],
            rows=[(row.field, row.cells) for row in rows],
        )
        return book


def _by_unit(units: list[Unit], rows: list[Row]) -> list[list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.unit].append(row)
    return [found[unit.code] for unit in units]
