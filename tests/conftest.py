"""What unit tests and stories of the review pages share: material made in memory, of any size."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from baocao.findings import Finding
from baocao.params import Params, Unit
from baocao.periods import Period
from baocao.reading import Sheet, Workbook
from baocao.reviewing import Document, Material
from baocao.reviewing.signoffs import SignOff

PARAMS = Params(Path(__file__).resolve().parents[1] / "params")
FIELDS = ("Đất đai", "Hộ tịch", "Chứng thực")
HOSTILE = "<script>document.title='x'</script><img src=x onerror=alert(1)>"
FIRST = 9


def make_workbook(number: int, *, hostile: bool = False) -> Workbook:
    """Make a unit's 06a: three fields from row 9, columns C (received) and F (carried over)."""
    packed: list[list[Any]] = [
        [1, 3, "s", "Quý I năm 2026", 0],
        [4, 2, "s", "Tiếp nhận", 0],
        [7, 2, "n", "3", 0],
    ]
    for index, field in enumerate(FIELDS):
        row = FIRST - 1 + index
        received = number * 10 + index
        packed += [
            [row, 0, "s", str(index + 1), 0], [row, 1, "s", HOSTILE if hostile else field, 0],
            [row, 2, "n", str(received), 0], [row, 5, "n", str(index), 0], [row, 12, "n", "0.5", 0],
        ]  # fmt: skip
    packed += [[FIRST + 2, 1, "s", "Tổng số", 0], [FIRST + 2, 2, "u", None, 1]]
    return Workbook((Sheet("06a", "worksheet", True, merged=((4, 2, 4, 5),), packed=tuple(packed)),))


def build_material(count: int = 3, *, sums: int = 0, by_unit: bool = False, **changes: Any) -> Material:
    """
    Make material of ``count`` units; every printed number adds up.

    ``sums`` more values are sums over all units, and with ``by_unit`` the
    report prints a value of every unit, as a large report would.
    """
    units = {
        f"{10000 + i}": Unit(code=f"{10000 + i}", name=f"Xã Thử Nghiệm {i}", type="xã", level="xa")
        for i in range(count)
    }
    files = [f"don-vi/{code}-xa.xlsx" for code in units]
    spans = [[file, "06a", FIRST, FIRST + 2] for file in files]
    received = sum(i * 10 + field for i in range(count) for field in range(3))
    carried = 3 * count
    node = {"unit": "hồ sơ", "parents": [], "op": "sum"}
    values = {
        "hoso_xa_tiep_nhan": node | {"number": str(received), "sources": [["ball", "C", "term"]], "basis": "06a[level=xa].tiep_nhan"},
        "hoso_xa_ky_truoc": node | {"number": str(carried), "sources": [["ball", "F", "term"]], "basis": "06a[level=xa].ky_truoc"},
        "hoso_xa_trong_ky": node | {"number": str(received - carried), "sources": [], "basis": "", "op": "difference",
                                    "parents": ["hoso_xa_tiep_nhan", "hoso_xa_ky_truoc"]},
        "ty_le_thu": node | {"number": str(Fraction(carried * 100, received)), "unit": "%", "sources": [], "basis": "", "op": "ratio",
                             "parents": ["hoso_xa_ky_truoc", "hoso_xa_tiep_nhan"]},
        "so_dong": node | {"number": str(3 * count), "unit": "dòng", "op": "count", "basis": "06a[level=xa, tiep_nhan>0]",
                           "sources": [["ball", "A", "term"], ["ball", "C", "condition"]]},
        "du_bao": node | {"number": "7", "op": "opaque", "parents": ["hoso_xa_ky_truoc"], "sources": [], "basis": "mô hình <b>dự báo</b>"},
        "hoso_xa_tiep_nhan__10000": node | {"number": "3", "sources": [["bone", "C", "term"]], "basis": "06a[level=xa, unit=10000].tiep_nhan"},
    }  # fmt: skip
    values |= {f"tong_{i}": values["hoso_xa_tiep_nhan"] for i in range(sums)}
    blocks = {"ball": spans, "bone": spans[:1]}
    if by_unit:
        for i, code in enumerate(units):
            key = f"hoso_xa_tiep_nhan__{code}"
            values[key] = node | {
                "number": str(i * 30 + 3),
                "sources": [[f"b{code}", "C", "term"]],
                "basis": f"06a[level=xa, unit={code}].tiep_nhan",
            }
            blocks[f"b{code}"] = spans[i : i + 1]
    printed = {"hoso_xa_tiep_nhan": f"{received:,}".replace(",", "."), "hoso_xa_trong_ky": f"{received - carried:,}".replace(",", "."),
               "ty_le_thu": "0,01%", "so_dong": str(3 * count), "du_bao": "07"}  # fmt: skip
    printed |= {
        key: f"{int(node['number']):,}".replace(",", ".")
        for key, node in values.items()
        if key.startswith("tong_") or (by_unit and "__" in key)
    }
    mentions = [
        {
            "id": f"m_kstthc_i7_{i:02}",
            "value": key,
            "printed": text,
            "report": "kstthc",
            "section": "I.7",
            "context": f"Câu có {text} hồ sơ.",
        }
        for i, (key, text) in enumerate(printed.items(), 1)
    ]
    cells = [f"{files[0]}#06a!B9"]
    trace = {
        "schema": 1, "period": "2026-Q1", "reports": ["kstthc"], "values": values,
        "blocks": blocks, "mentions": mentions,
        "citations": [{"id": "c_kstthc_i7_01", "report": "kstthc", "section": "I.7", "printed": HOSTILE, "cells": cells}],
        "charts": [{"id": "bd_thu", "report": "kstthc", "section": "I.7", "caption": "Hình 1. Thử", "marks": [["Thử", "Xã 0", "hoso_xa_tiep_nhan__10000"]]}],
        "files": {file: f"{i:064x}" for i, file in enumerate(files)},
    }  # fmt: skip
    numbers = " ".join(
        f'<data id="{m["id"]}" value="1" data-v="{m["value"]}">{m["printed"]}</data> hồ sơ;' for m in mentions
    )
    body = f'<div><h2 id="kstthc--kstthc_i7">7. Hồ sơ</h2><p>{numbers} <cite id="c_kstthc_i7_01" data-k="">viện dẫn</cite></p></div>'
    given: dict[str, Any] = {
        "period": Period(2026, 1),
        "place": "tỉnh Thử",
        "trace": trace,
        "units": units,
        "levels": {"xa": "xã, phường"},
        "forms": {"06a": PARAMS.form("06a")},
        "indicators": PARAMS.indicators,
        "workbooks": {file: make_workbook(i, hostile=i == 0) for i, file in enumerate(files)},
        "documents": (
            Document("kstthc", "report", "Báo cáo thử", body, ({"key": "I.7", "heading": "7. Hồ sơ", "notebooks": ["kstthc/07"]},)),
            Document("kstthc/07", "notebook", "7. Hồ sơ", '<div><p><data data-v="so_dong">9</data></p></div>'),
        ),
        "findings": (Finding("dash", "error", "Ô có dấu gạch", unit="10001", cells=(f"{files[1]}#06a!F9",), got="-"),),
        "previous": {"hoso_xa_tiep_nhan": {code: Fraction(i * 8) for i, code in enumerate(units) if i % 10 != 2}},
        "signoffs": {("kstthc", "I.7"): SignOff("stale", "Nguyễn Văn A", "20/3/2026", "số đã thay đổi")},
    }  # fmt: skip
    return Material(**{**given, **changes})


@pytest.fixture(scope="session")
def make_material() -> Callable[..., Material]:
    return build_material


@pytest.fixture(scope="session")
def hostile() -> str:
    return HOSTILE
