"""What the generator starts from: the published totals, and the made-up shape of the city."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from baocao.project.periods import Period, parse_period

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One published number.

    ``value`` is a count, or a share in %; ``printed`` how the report has to
    print it; ``stated`` how the published report printed it where that
    contradicts its own counts, else empty.
    """

    id: str
    kind: str
    value: Fraction
    printed: str
    stated: str


@dataclass(frozen=True, slots=True)
class FieldShape:
    """
    One field of a unit (or of every commune, ``unit`` = ``xa``).

    ``volume`` dossiers received, ``carried`` pending ones, ``direct`` those
    handed in over the counter and ``late`` are weights; ``tthc`` and
    ``shared`` weigh the procedures of the field in the catalogue.
    """

    unit: str
    field: str
    volume: int
    carried: Fraction
    direct: int
    late: Fraction
    tthc: int
    shared: int


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _value(text: str) -> Fraction:
    over, _, under = text.partition("/")
    return Fraction(Decimal(over)) / Fraction(Decimal(under or "1"))


class Facts:
    """
    The data files beside this module, read when asked.

    Examples
    --------
    >>> facts = Facts()
    >>> facts.count("hoso_so_ky_truoc"), facts.published["ty_le_tthc_tt_truc_tuyen"].printed
    (24385, '90,49%')
    """

    @cached_property
    def published(self) -> dict[str, Fact]:
        """Published numbers by id."""
        return {
            row["id"]: Fact(row["id"], row["kind"], _value(row["value"]), row["printed"], row["stated"])
            for row in _rows("published.csv")
        }

    @cached_property
    def shape(self) -> dict[str, Any]:
        """What stands in ``shape.yaml``."""
        data: dict[str, Any] = yaml.safe_load((HERE / "shape.yaml").read_text(encoding="utf-8"))
        return data

    @cached_property
    def words(self) -> dict[str, Any]:
        """What stands in ``words.yaml``: the stock of names."""
        data: dict[str, Any] = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
        return data

    @cached_property
    def cchc(self) -> dict[str, Any]:
        """What stands in ``cchc.yaml``: the stock for the registers of the second report."""
        data: dict[str, Any] = yaml.safe_load((HERE / "cchc.yaml").read_text(encoding="utf-8"))
        return data

    @cached_property
    def fields(self) -> list[FieldShape]:
        """Fields of the agencies, then those of the communes."""
        return [
            FieldShape(
                unit=row["unit"],
                field=row["field"],
                volume=int(row["volume"]),
                carried=Fraction(row["carried"]),
                direct=int(row["direct"]),
                late=Fraction(row["late"]),
                tthc=int(row["tthc"]),
                shared=int(row["shared"]),
            )
            for row in _rows("fields.csv")
        ]

    @cached_property
    def documents(self) -> list[dict[str, str]]:
        """Documents issued or cited, one row a document."""
        return _rows("documents.csv")

    @property
    def period(self) -> Period:
        """The quarter whose totals are published."""
        return parse_period(self.shape["period"])

    def count(self, name: str) -> int:
        """Give the value of the published count called `name`."""
        value = self.published[name].value
        if value.denominator != 1:
            raise ValueError(f"{name} is {value}, no whole number.")
        return int(value)

    def ratio(self, name: str) -> tuple[int, int]:
        """
        Give both sides of a published ratio as they are printed.

        Examples
        --------
        >>> Facts().ratio("ioc_xa_co_tai_khoan")
        (96, 114)
        """
        over, under = self.published[name].printed.split("/")
        return int(over), int(under)

    def number(self, name: str) -> int | float:
        """
        Give a published number as a workbook keeps it.

        Examples
        --------
        >>> Facts().number("kh_von_ttg_giao"), Facts().number("chi_tx")
        (38806.443, 10023)
        """
        value = self.published[name].value
        return int(value) if value.denominator == 1 else float(value)

    def random(self, topic: str) -> random.Random:
        """
        Give a topic its own stream, so that adding one leaves the others as they were.

        A text as seed is hashed by the generator itself and does not depend on PYTHONHASHSEED.
        """
        return random.Random(f"{self.shape['seed']}/{topic}")
