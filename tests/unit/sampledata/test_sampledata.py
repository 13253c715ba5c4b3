"""The sample submissions, read with openpyxl alone: do the published totals come out of them?"""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.house import find_house
from baocao.project.params import Params
from baocao.values.formatting import format_number
from sampledata.apportion import share
from sampledata.budget import plan_base

NUMBERS = find_house("nd30").numbers
ROOT = Path(__file__).resolve().parents[3]
RAW = ROOT / "data" / "raw"
THIS, BEFORE = RAW / "2026-Q1", RAW / "2025-Q4"
FORMS = yaml.safe_load((ROOT / "params" / "forms.yaml").read_text(encoding="utf-8"))["forms"]
SILENT = "11948"
RESOLUTION = {"loai": "nghị quyết của Hội đồng nhân dân"}
DECISION = {"loai": "quyết định của Ủy ban nhân dân"}
COUNTS = "CDEFGHIJKLM"
THIS_WINDOW = (date(2025, 12, 15), date(2026, 3, 14))


def published() -> dict[str, str]:
    with (ROOT / "scripts" / "sampledata" / "published.csv").open(encoding="utf-8") as handle:
        return {row["id"]: row["printed"] for row in csv.DictReader(handle)}


@dataclass
class Submission:
    code: str
    fields: dict[str, list[int]]
    totals: list[int]
    indicators: dict[str, int]


def read_submission(path: Path) -> Submission:
    book = openpyxl.load_workbook(path, data_only=True)
    sheet = book["06a"]
    fields: dict[str, list[int]] = {}
    row = 9
    while sheet[f"B{row}"].value != "Tổng số":
        fields[sheet[f"B{row}"].value] = [sheet[f"{column}{row}"].value for column in COUNTS]
        row += 1
    totals = [sheet[f"{column}{row}"].value for column in COUNTS]
    indicators = {}
    if "chi-tieu" in book.sheetnames:
        indicators = {line[1]: line[4] for line in book["chi-tieu"].iter_rows(min_row=7, values_only=True)}
    return Submission(sheet["L2"].value, fields, totals, indicators)


@pytest.fixture(scope="module")
def submissions() -> dict[str, Submission]:
    return {path.name: read_submission(path) for path in sorted((THIS / "don-vi").glob("*.xlsx"))}


@pytest.fixture(scope="module")
def before() -> dict[str, Submission]:
    return {path.name: read_submission(path) for path in sorted((BEFORE / "don-vi").glob("*.xlsx"))}


@pytest.fixture(scope="module")
def offices() -> dict[str, list[dict[str, Any]]]:
    """Rows of every office form by the names of its columns."""
    books: dict[str, Any] = {}
    result = {}
    for name, form in FORMS.items():
        if form["source"] == "don-vi":
            continue
        source = form["source"]
        if source not in books:
            books[source] = openpyxl.load_workbook(THIS / f"{source}.xlsx", data_only=True)
        sheet = books[source][form["sheet"]]
        labels = [cell.value for cell in sheet[form["label_row"]]]
        assert labels == [column["label"] for column in form["columns"]]
        names = [column["name"] for column in form["columns"]]
        rows = sheet.iter_rows(min_row=form["first_row"], values_only=True)
        result[name] = [dict(zip(names, row, strict=True)) for row in rows]
    return result


def recompute(submissions: dict[str, Submission], offices: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Every id of both reports from cells: counts as integers, amounts as decimals, shares as fractions."""
    result: dict[str, Any] = {}
    columns: dict[str, list[int]] = {}
    for level, agency in (("so", True), ("xa", False)):
        mine = [item for item in submissions.values() if item.code.startswith("H") is agency]
        sums = [sum(row[place] for item in mine for row in item.fields.values()) for place in range(11)]
        columns[level] = sums
        result |= {
            f"hoso_{level}_tiep_nhan": sums[0],
            f"hoso_{level}_trong_ky_truc_tuyen": sums[1],
            f"hoso_{level}_trong_ky_truc_tiep": sums[2],
            f"hoso_{level}_trong_ky": sums[1] + sums[2],
            f"hoso_{level}_ky_truoc": sums[3],
            f"hoso_{level}_da_giai_quyet": sums[4],
            f"hoso_{level}_dang_giai_quyet": sums[8],
        }
    city = [a + b for a, b in zip(columns["so"], columns["xa"], strict=True)]
    result["ty_le_hoso_truc_tuyen"] = Fraction(city[1], city[1] + city[2])
    result["ty_le_hoso_dung_han"] = Fraction(city[5] + city[6] + city[9], city[0])
    result["ty_le_hoso_giai_quyet_dung_han"] = Fraction(city[5] + city[6], city[4])
    result |= {
        "hoso_tong_tiep_nhan": city[0],
        "hoso_tong_da_giai_quyet": city[4],
        "hoso_tong_dang_giai_quyet": city[8],
    }

    def asked(code: str, agencies: bool | None = None) -> list[int]:
        return [
            item.indicators[code]
            for item in submissions.values()
            if code in item.indicators and agencies in (None, item.code.startswith("H"))
        ]

    result["ty_le_tthc_niem_yet"] = Fraction(sum(asked("tthc_da_niem_yet")), sum(asked("tthc_phai_niem_yet")))
    result["hoso_phi_dia_gioi"] = sum(asked("hoso_phi_dia_gioi"))
    result["xa_co_hoso_phi_dia_gioi"] = sum(count > 0 for count in asked("hoso_phi_dia_gioi"))

    def count(form: str, **wanted: Any) -> int:
        return sum(all(row[key] == value for key, value in wanted.items()) for row in offices[form])

    def total(form: str, column: str, **wanted: Any) -> Any:
        rows = [row for row in offices[form] if all(row[key] == value for key, value in wanted.items())]
        return sum(row[column] for row in rows)

    no = "không"
    result["so_so_ban_nganh"] = count("don-vi", cap="sở, ban, ngành")
    result["so_xa_phuong_dac_khu"] = count("don-vi", cap="cấp xã")
    result["ttpvhcc_cap_xa"] = count("don-vi", cap="cấp xã", ttpvhcc="có")
    result["tthc_tong"] = all_of = len(offices["tthc"])
    for name, column in (
        ("ty_le_tthc_cong_khai", "cong_khai"),
        ("ty_le_tthc_phi_dia_gioi", "phi_dia_gioi"),
        ("ty_le_tthc_mot_cua", "mot_cua"),
        ("ty_le_tthc_rut_ngan_thoi_gian", "rut_ngan"),
    ):
        with_it, without = count("tthc", **{column: "có"}), count("tthc", **{column: no})
        result[name] = Fraction(with_it, with_it + without)
    assert count("tthc", phi_dia_gioi="có") == all_of
    result["dvctt_toan_trinh"] = count("tthc", muc_dvctt="toàn trình")
    result["dvctt_mot_phan"] = count("tthc", muc_dvctt="một phần")
    result["dvctt_tong"] = result["dvctt_toan_trinh"] + result["dvctt_mot_phan"]

    result["qd_cong_bo_danh_muc_tthc"] = count("qd-cong-bo", loai="danh mục")
    result["qd_cong_bo_tthc_dac_thu"] = count("qd-cong-bo", loai="đặc thù")
    result["tthc_cong_bo_trong_ky"] = count("tthc-cong-bo", loai="danh mục")
    result["tthc_dac_thu_cong_bo_trong_ky"] = count("tthc-cong-bo", loai="đặc thù")
    result["tthc_cong_bo_moi"] = count("tthc-cong-bo", loai="danh mục", hanh_dong="mới ban hành")
    result["tthc_cong_bo_sua_doi"] = count(
        "tthc-cong-bo", loai="danh mục", hanh_dong="sửa đổi, bổ sung, thay thế"
    )
    result["tthc_cong_bo_bai_bo"] = count("tthc-cong-bo", loai="danh mục", hanh_dong="bãi bỏ")
    result["tthc_phi_dia_gioi_cong_bo_trong_ky"] = count("tthc-cong-bo", phi_dia_gioi="có")
    result["tthc_danh_gia_tac_dong"] = total("du-thao", "so_tthc", buoc="đánh giá tác động")
    result["tthc_tham_dinh"] = total("du-thao", "so_tthc", buoc="thẩm định")
    result["tthc_don_gian_hoa"] = len(offices["don-gian-hoa"])
    result["tthc_noi_bo_don_gian_hoa"] = len(offices["noi-bo"])
    result["linh_vuc_tthc_noi_bo_dgh"] = len({row["linh_vuc"] for row in offices["noi-bo"]})

    own = {"phan_loai": "thuộc thẩm quyền"}
    result["pakn_tiep_nhan_cong_dvcqg"] = len(offices["pakn"])
    result["pakn_chuyen_co_quan_khac"] = count(
        "pakn", phan_loai="chuyển cơ quan khác", trang_thai="đã chuyển"
    )
    result["pakn_thuoc_tham_quyen"] = count("pakn", **own)
    result["pakn_da_xu_ly"] = handled = count("pakn", **own, trang_thai="đã xử lý")
    result["pakn_dang_xu_ly"] = count("pakn", **own, trang_thai="đang xử lý")
    result["ty_le_pakn_xu_ly_cong_khai"] = Fraction(count("pakn", **own, cong_khai="có"), handled)
    result["ty_le_pakn_xu_ly_kip_thoi"] = Fraction(count("pakn", **own, dung_han="có"), handled)
    satisfied, not_satisfied = (count("pakn", danh_gia=word) for word in ("hài lòng", "không hài lòng"))
    result["ty_le_hai_long_pakn"] = Fraction(satisfied, satisfied + not_satisfied)

    result["tthc_dac_thu_tong"] = len(offices["dac-thu"])
    result["tthc_dac_thu_doanh_nghiep"] = count("dac-thu", doanh_nghiep="có")
    result["ty_le_tthc_dac_thu_dvctt"] = Fraction(
        count("dac-thu", doanh_nghiep="có", dvctt="có"), count("dac-thu", doanh_nghiep="có")
    )
    result["tthc_dac_thu_du_dk_toan_trinh"] = count("dac-thu", du_dk_toan_trinh="có")
    result["tthc_dac_thu_du_lich"] = count("dac-thu", linh_vuc="Du lịch", tai_cau_truc="có")
    result["ty_le_cat_giam_thoi_gian_du_lich"] = Fraction(
        total("dac-thu", "thoi_han_cat_giam", linh_vuc="Du lịch"),
        total("dac-thu", "thoi_han_quy_dinh", linh_vuc="Du lịch"),
    )
    result["tphs_dac_thu_tong"] = len(offices["thanh-phan"])
    result["tphs_dac_thu_con_lai"] = count("thanh-phan", tich_hop=no)
    done, reusable = count("thanh-phan", tich_hop="có", tai_cau_truc="có"), count("thanh-phan", tich_hop="có")
    result["tphs_dac_thu_tai_cau_truc"] = f"{done}/{reusable}"

    for name, part, whole in (
        ("ty_le_so_hoa", "da_so_hoa", "phai_so_hoa"),
        ("ty_le_cap_kq_dien_tu", "da_cap_ket_qua", "phai_cap_ket_qua"),
        ("ty_le_khai_thac_du_lieu_so_hoa", "da_khai_thac", "co_du_lieu"),
    ):
        result[name] = Fraction(total("so-hoa", part), total("so-hoa", whole))
    result["hoso_khai_thac_du_lieu_so_hoa"] = total("so-hoa", "da_khai_thac")
    result["hoso_chung_thuc_dien_tu"] = total("so-hoa", "chung_thuc")

    result["tthc_phat_sinh_tt_truc_tuyen"] = online = count("thanh-toan", hinh_thuc="trực tuyến")
    result["tthc_phat_sinh_tt_truc_tiep"] = direct = count("thanh-toan", hinh_thuc="trực tiếp")
    result["ty_le_tthc_tt_truc_tuyen"] = Fraction(online, online + direct)
    result["ty_le_tthc_tt_truc_tiep"] = Fraction(direct, online + direct)
    result["hoso_tt_truc_tuyen"] = paid = total("thanh-toan", "hoso_truc_tuyen")
    result["hoso_tt_truc_tiep"] = by_hand = total("thanh-toan", "hoso_truc_tiep")
    result["ty_le_hoso_tt_truc_tuyen"] = Fraction(paid, paid + by_hand)
    result["ty_le_hoso_tt_truc_tiep"] = Fraction(by_hand, paid + by_hand)

    # Published ids, some of them older than the codes of today's forms.
    old = {today: name for name, today in Params(ROOT / "params").aliases.items()}
    typed = {old.get(row["ma"], row["ma"]): row["gia_tri"] for row in offices["so-lieu"]}
    for name in (
        "dvctt_2025_tong",
        "dvctt_2025_toan_trinh",
        "dvctt_2025_mot_phan",
        "tthc_2025_cung_cap_thong_tin",
        "tthc_chua_dvctt",
        "tthc_2025_tich_hop_thanh_toan",
    ):
        result[name] = typed[name]
    result["ty_le_dvctt_2025_toan_trinh_du_dk"] = Fraction(
        typed["dvctt_2025_toan_trinh"], typed["dvctt_2025_du_dk_toan_trinh"]
    )
    result["ty_le_tthc_2025_tich_hop_thanh_toan"] = Fraction(
        typed["tthc_2025_tich_hop_thanh_toan"], typed["tthc_2025_co_phi"]
    )
    result["he_thong_ttgqtthc_song_song"] = len(offices["he-thong"])
    result["dia_diem_ttpvhcc_tp"] = len(offices["co-so"])
    vertical = {row["ma"]: row["so_tthc"] for row in offices["nganh-doc"]}
    result["tthc_thue_tai_ttpvhcc"] = vertical["thue"]
    result["tthc_bhxh_tai_ttpvhcc"] = vertical["bhxh"]

    for name, level in (
        ("tthc_cap_tinh", "cấp tỉnh"),
        ("tthc_cap_xa", "cấp xã"),
        ("tthc_dung_chung", "dùng chung"),
    ):
        result[name] = count("tthc", cap=level)
    result["tthc_don_gian_hoa_bai_bo"] = count("don-gian-hoa", phuong_an="bãi bỏ, thay thế")
    result["tthc_don_gian_hoa_sua_doi"] = count("don-gian-hoa", phuong_an="sửa đổi, bổ sung")

    for name in ("qd_qppl_cap_xa", "nguoi_kct_ra_soat", "nguoi_kct_du_dieu_kien", "ioc_tai_khoan"):
        result[name] = sum(asked(name))
    result["vb_kiem_tra_theo_tham_quyen"] = (
        f"{sum(asked('vb_da_kiem_tra')):02d}/{sum(asked('vb_phai_kiem_tra')):02d}"
    )
    for name, agencies in (("ioc_so_co_tai_khoan", True), ("ioc_xa_co_tai_khoan", False)):
        accounts = asked("ioc_tai_khoan", agencies)
        result[name] = f"{sum(number > 0 for number in accounts)}/{len(accounts)}"

    programme = count("nhiem-vu-cchc", trang_thai="hoàn thành"), len(offices["nhiem-vu-cchc"])
    result["nhiem_vu_khcchc_hoan_thanh"] = "{}/{}".format(*programme)
    result["nhiem_vu_ttg_giao"] = len(offices["nhiem-vu-giao"])
    result["nhiem_vu_ttg_hoan_thanh"] = count("nhiem-vu-giao", trang_thai="hoàn thành đúng hạn")
    result["nhiem_vu_ttg_dang_thuc_hien"] = count("nhiem-vu-giao", trang_thai="đang thực hiện")
    result["nhiem_vu_ttg_qua_han"] = count("nhiem-vu-giao", trang_thai="quá hạn")
    result["qd_dieu_dong_cong_chuc"] = count("can-bo", loai="điều động công chức giữa các cơ quan")
    for name, kind in (
        ("cong_chuc_tiep_nhan_tu_dang_tw", "tiếp nhận công chức từ cơ quan Đảng, Trung ương"),
        ("cong_chuc_chuyen_mttq", "chuyển công chức sang cơ quan Mặt trận Tổ quốc"),
        ("vien_chuc_tiep_nhan_ngoai_tinh", "tiếp nhận viên chức từ tỉnh ngoài"),
    ):
        result[name] = total("can-bo", "so_nguoi", loai=kind)
    result["ban_bau_cu_dbqh"] = len(offices["ban-bau-cu"])
    result["thanh_vien_ban_bau_cu"] = total("ban-bau-cu", "so_thanh_vien")

    registered = {"loai": "văn bản của Ủy ban nhân dân, Chủ tịch Ủy ban nhân dân"}
    result["nq_hdnd_dang_ky_xay_dung"] = count("dang-ky-vbqppl", **RESOLUTION)
    result["vb_ubnd_dang_ky_xay_dung"] = count("dang-ky-vbqppl", **registered)
    result["nq_quy_dinh_chi_tiet_hdnd"] = count("dang-ky-vbqppl", **RESOLUTION, quy_dinh_chi_tiet="có")
    result["qd_quy_dinh_chi_tiet_ubnd"] = count("dang-ky-vbqppl", **registered, quy_dinh_chi_tiet="có")
    result["qd_dieu_chinh_dang_ky"] = len(offices["qd-dieu-chinh"])
    result["du_thao_nq_trinh_hdnd"] = count("vbqppl", **RESOLUTION, buoc="trình")
    result["nq_hdnd_ban_hanh"] = count("vbqppl", **RESOLUTION, buoc="ban hành")
    result["qd_qppl_ubnd_tp"] = count("vbqppl", **DECISION, buoc="ban hành")
    result["qd_qppl_ubnd_tp_nv2025"] = count("vbqppl", **DECISION, nhiem_vu="năm trước")
    result["qd_qppl_ubnd_tp_nv2026"] = count("vbqppl", **DECISION, nhiem_vu="năm báo cáo")
    result["vb_thay_the_bai_bo_sau_ra_soat"] = len(offices["sau-ra-soat"])
    result["pakn_vbqppl"] = len(offices["pakn-vbqppl"])
    result["vb_het_hieu_luc_tong"] = len(offices["het-hieu-luc"])
    for name, chosen in (("nq", RESOLUTION), ("qd", DECISION)):
        result[f"vb_het_hieu_luc_{name}"] = count("het-hieu-luc", **chosen)
        result[f"vb_het_hieu_luc_{name}_toan_bo"] = count("het-hieu-luc", **chosen, muc="toàn bộ")
        result[f"vb_het_hieu_luc_{name}_mot_phan"] = count("het-hieu-luc", **chosen, muc="một phần")

    stated = {
        row["ma"]: row["gia_tri"]
        for form in ("so-lieu-tu-phap", "so-lieu-tuyen-truyen", "so-lieu-ioc")
        for row in offices[form]
    }
    result["vb_tu_kiem_tra"] = "{vb_da_tu_kiem_tra}/{vb_phai_tu_kiem_tra}".format_map(stated)
    for name in (
        "ioc_tieu_chi",
        "tin_bai_tuyen_truyen_cchc",
        "tan_suat_tuyen_truyen_min",
        "tan_suat_tuyen_truyen_max",
    ):
        result[name] = stated[name]

    new = {"pham_vi": "sau hợp nhất"}
    result["dc_he_thong_tong"] = len(offices["he-thong-dc"])
    result["dc_he_thong_hp_moi"] = count("he-thong-dc", **new)
    result["dc_he_thong_da_cai"] = count("he-thong-dc", **new, trang_thai="đã hoàn thành")
    result["dc_he_thong_dang_cai"] = count("he-thong-dc", trang_thai="đang cài đặt")
    result["soc_ung_dung"] = count("he-thong-dc", soc="có")
    result["ioc_man_hinh_giam_sat"] = count("ioc", loai="màn hình giám sát")
    result["phien_hop_truc_tuyen"] = len(offices["phien-hop"])
    result["bo_du_lieu_mo_tong"] = len(offices["du-lieu-mo"])
    result["bo_du_lieu_mo_them"] = count("du-lieu-mo", trong_ky="có")
    return result | budget(offices)


def budget(offices: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Amounts as decimals, shares over the plans beside them as fractions."""
    result: dict[str, Any] = {}

    def exact(number: float) -> Fraction:
        return Fraction(str(number))

    for row in offices["thu-ngan-sach"]:
        result[row["ma"]] = row["thuc_hien"]
        for plan in ("du_toan", "phan_dau", "kich_ban", "cung_ky"):
            result[f"{row['ma']}_pct_{plan}"] = exact(row["thuc_hien"]) / exact(row[plan])
    spent = {row["ma"]: row for row in offices["chi-ngan-sach"]}
    for share_id, plan in (
        ("chi_nsdp_pct_dt_tw", "trung_uong_giao"),
        ("chi_nsdp_pct_dt_hdnd", "hdnd_giao"),
        ("chi_dtpt_pct_kh", "trung_uong_giao"),
        ("chi_tx_pct_dt", "trung_uong_giao"),
    ):
        row = spent[share_id.split("_pct_")[0]]
        result[row["ma"]] = row["thuc_hien"]
        result[share_id] = exact(row["thuc_hien"]) / exact(row[plan])
    for name in ("chi_dtpt", "chi_tx"):
        assert spent[name]["trung_uong_giao"] == spent[name]["hdnd_giao"]
    planned = sum(Decimal(str(row["ke_hoach"])) for row in offices["dau-tu-cong"])
    paid = sum(Decimal(str(row["giai_ngan"])) for row in offices["dau-tu-cong"])
    result |= {"kh_von_ttg_giao": planned, "giai_ngan_dtc": paid}
    result["giai_ngan_dtc_pct"] = Fraction(paid) / Fraction(planned)
    return result


def printed(value: Any, like: str) -> str:
    """Print without padding, with the decimals of `like`: both belong to the indicators."""
    decimals = len(like.rstrip("%").partition(",")[2])
    step = Decimal(1).scaleb(-decimals)
    if isinstance(value, Decimal):
        return f"{value.quantize(step, ROUND_HALF_UP):,}".translate(str.maketrans(",.", ".,"))
    if isinstance(value, Fraction):
        percent = value * 100
        exact = Decimal(percent.numerator) / Decimal(percent.denominator)
        return str(exact.quantize(step, ROUND_HALF_UP)).replace(".", ",") + "%"
    if isinstance(value, str):
        return value
    assert isinstance(value, int)
    return f"{value:,}".replace(",", ".")


def test_every_published_number_comes_out(
    submissions: dict[str, Submission], offices: dict[str, list[dict[str, Any]]]
) -> None:
    facts = published()
    found = recompute(submissions, offices)
    assert len(facts) == 175
    expected = {name: str(int(text)) if text.isdigit() else text for name, text in facts.items()}
    assert {name: printed(value, expected.get(name, "")) for name, value in found.items()} == expected


def test_indicators_print_what_is_published(
    submissions: dict[str, Submission], offices: dict[str, list[dict[str, Any]]]
) -> None:
    found = recompute(submissions, offices)
    params = Params(ROOT / "params")
    for name, text in published().items():
        indicator = params.indicators[params.aliases.get(name, name)]
        value = found[name]
        if indicator.print.over:
            made = "/".join(
                format_number(Fraction(part), indicator.print, NUMBERS) for part in value.split("/")
            )
        else:
            percent = indicator.unit == "%"
            made = format_number(
                Fraction(value) * (100 if percent else 1), indicator.print, NUMBERS, percent=percent
            )
        assert (name, made) == (name, text)
        assert bool(indicator.definition) is (indicator.unit == "%" or indicator.print.over)


def test_what_the_office_states_differs_from_its_counts(offices: dict[str, list[dict[str, Any]]]) -> None:
    # Published ids, some of them older than the codes of today's forms.
    old = {today: name for name, today in Params(ROOT / "params").aliases.items()}
    typed = {old.get(row["ma"], row["ma"]): row["gia_tri"] for row in offices["so-lieu"]}
    assert typed["neu_ty_le_tthc_tt_truc_tuyen"] == 90.51
    assert typed["neu_ty_le_tthc_tt_truc_tiep"] == 9.49
    assert typed["dvctt_2025_tong"] + typed["tthc_chua_dvctt"] == 3585


def test_what_the_published_text_contradicts_stays_visible(offices: dict[str, list[dict[str, Any]]]) -> None:
    decisions = [row for row in offices["vbqppl"] if row["loai"] == DECISION["loai"]]
    checked = {row["ma"]: row["gia_tri"] for row in offices["so-lieu-tu-phap"]}
    assert (len(decisions), checked["vb_phai_tu_kiem_tra"]) == (39, 38)
    assert all(THIS_WINDOW[0] <= row["ngay"].date() <= THIS_WINDOW[1] for row in decisions)
    installing = [row for row in offices["he-thong-dc"] if row["trang_thai"] == "đang cài đặt"]
    assert [row["pham_vi"] for row in installing] == ["sau hợp nhất"] * 7 + ["trước hợp nhất"]
    typed = {row["ma"]: row["gia_tri"] for row in offices["so-lieu-ioc"]}
    listed = [row for row in offices["ioc"] if row["loai"] == "tiêu chí"]
    assert (typed["ioc_tieu_chi"], len(listed)) == (18, 17)


@pytest.mark.parametrize("quarter", ["submissions", "before"])
def test_every_row_balances_and_totals_are_stored(quarter: str, request: pytest.FixtureRequest) -> None:
    items: dict[str, Submission] = request.getfixturevalue(quarter)
    assert len(items) == 126
    for name, item in items.items():
        assert name.startswith(f"{item.code}-")
        for row in item.fields.values():
            assert all(type(count) is int and count >= 0 for count in row)
            assert row[0] == sum(row[1:4]) == row[4] + row[8]
            assert row[4] == sum(row[5:8])
            assert row[8] == sum(row[9:11])
        sums = [sum(row[place] for row in item.fields.values()) for place in range(11)]
        assert item.totals == sums


@pytest.mark.parametrize("name", ["H05-so-nong-nghiep-va-moi-truong.xlsx", "11948-bach-long-vi.xlsx"])
def test_totals_are_formulas_over_the_fields(name: str, submissions: dict[str, Submission]) -> None:
    last = 8 + len(submissions[name].fields)
    sheet = openpyxl.load_workbook(THIS / "don-vi" / name)["06a"]
    formulas = [sheet[f"{column}{last + 1}"].value for column in COUNTS]
    assert formulas == [f"=SUM({column}9:{column}{last})" for column in COUNTS]


def test_carried_over_is_what_was_pending(
    submissions: dict[str, Submission], before: dict[str, Submission]
) -> None:
    assert submissions.keys() == before.keys()
    for name, item in submissions.items():
        pending = {field: row[8] for field, row in before[name].fields.items()}
        assert {field: row[3] for field, row in item.fields.items()} == pending


def test_one_unit_reports_nothing_but_zeros(submissions: dict[str, Submission]) -> None:
    zero = {
        item.code
        for item in submissions.values()
        if not any(item.totals) and not any(item.indicators.values()) and item.fields
    }
    assert zero == {SILENT}


def test_header_labels_join_to_those_of_the_form() -> None:
    form = FORMS["06a"]
    sheet = openpyxl.load_workbook(THIS / "don-vi" / "H01-so-noi-vu.xlsx")["06a"]
    merged = {
        cell: sheet.cell(area.min_row, area.min_col).value
        for area in sheet.merged_cells.ranges
        for cell in area.cells
    }
    for place, column in enumerate(form["columns"], start=1):
        texts = [merged.get((row, place), sheet.cell(row, place).value) for row in form["label_rows"]]
        assert " - ".join(dict.fromkeys(text for text in texts if text)) == column["label"]
        assert sheet.cell(form["number_row"], place).value == column["number"]
    assert sheet[form["header"]["period"]].value == "Quý I năm 2026"
    assert sheet[form["header"]["window"]].value == "(Từ ngày 15/12/2025 đến ngày 14/3/2026)"
    assert sheet[form["header"]["unit_code"]].value == "H01"


def test_registers_are_consistent(offices: dict[str, list[dict[str, Any]]]) -> None:
    codes = [row["ma"] for row in offices["tthc"]]
    assert len(set(codes)) == len({(row["ten"], row["linh_vuc"]) for row in offices["tthc"]}) == len(codes)
    levels: dict[str, int] = defaultdict(int)
    for row in offices["tthc"]:
        levels[row["cap"]] += 1
    assert levels == {"cấp tỉnh": 1775, "cấp xã": 314, "dùng chung": 121}
    known = set(codes)
    for row in offices["tthc-cong-bo"]:
        assert (row["ma"] in known) is (row["hanh_dong"] != "bãi bỏ")
    announced = {row["so_ky_hieu"] for row in offices["tthc-cong-bo"]}
    assert announced == {row["so_ky_hieu"] for row in offices["qd-cong-bo"]}
    assert {row["ma"] for row in offices["thanh-phan"]} == {row["ma"] for row in offices["dac-thu"]} <= known
    assert {row["ma"] for row in offices["thanh-toan"]} <= known
    plans = [row["phuong_an"] for row in offices["don-gian-hoa"]]
    assert (plans.count("bãi bỏ, thay thế"), plans.count("sửa đổi, bổ sung"), plans.count(None)) == (5, 35, 1)
    for row in offices["so-hoa"]:
        assert row["phai_so_hoa"] >= row["da_so_hoa"] >= row["co_du_lieu"] >= row["da_khai_thac"]
        assert row["phai_cap_ket_qua"] >= row["da_cap_ket_qua"]


def test_numbers_of_decisions_rise_with_their_days(offices: dict[str, list[dict[str, Any]]]) -> None:
    cited = [(row["so_ky_hieu"], row["ngay"]) for row in offices["van-ban"]]
    drawn = [
        (row["so_ky_hieu"], row["ngay"]) for form in ("qd-cong-bo", "qd-dieu-chinh") for row in offices[form]
    ]
    assert len({symbol for symbol, _ in drawn}) == len(drawn)
    assert not {symbol for symbol, _ in cited} & {symbol for symbol, _ in drawn}
    both = [
        (day, int(symbol.split("/")[0]))
        for symbol, day in cited + drawn
        if symbol and symbol.endswith("/QĐ-UBND") and isinstance(day, datetime)
    ]
    assert len(both) > 60
    for year in (2025, 2026):
        numbers = [number for day, number in sorted(both) if day.year == year]
        assert numbers == sorted(set(numbers))
    assert all(THIS_WINDOW[0] <= day.date() <= THIS_WINDOW[1] for _, day in drawn)


@pytest.mark.parametrize(("form", "symbol"), [("vbqppl", "so_ky_hieu"), ("can-bo", "so_quyet_dinh")])
def test_made_up_symbols_rise_with_their_days(
    form: str, symbol: str, offices: dict[str, list[dict[str, Any]]]
) -> None:
    numbers: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in offices[form]:
        if row[symbol]:
            number, _, rest = row[symbol].partition("/")
            numbers[row["ngay"].year, rest].append(int(number))
    assert len(numbers) >= 2
    assert all(found == sorted(set(found)) for found in numbers.values())


def test_made_up_documents_are_no_cited_ones(offices: dict[str, list[dict[str, Any]]]) -> None:
    cited = {row["so_ky_hieu"] for row in offices["van-ban"]} - {None}
    columns = [("vbqppl", "so_ky_hieu"), ("sau-ra-soat", "so_ky_hieu"), ("het-hieu-luc", "so_ky_hieu")]
    columns += [("can-bo", "so_quyet_dinh"), ("qd-dieu-chinh", "so_ky_hieu")]
    made_up = [{row[column] for row in offices[form]} for form, column in columns]
    assert not cited & set().union(*made_up)
    # A document of one place is expired or was reviewed, not both, and stands in the list once.
    old = [(row["so_ky_hieu"], row["dia_phuong"]) for row in offices["het-hieu-luc"]]
    old += [(row["so_ky_hieu"], "Hải Phòng") for row in offices["sau-ra-soat"]]
    assert len(set(old)) == len(old)
    issued = {row["so_ky_hieu"] for row in offices["vbqppl"]}
    assert {row["van_ban_xu_ly"] for row in offices["sau-ra-soat"]} <= issued
    assert {row["quyet_dinh"] for row in offices["kiem-tra-cong-vu"]} <= cited


def test_registers_of_the_reform_are_consistent(
    submissions: dict[str, Submission], offices: dict[str, list[dict[str, Any]]]
) -> None:
    known = {row["ten"] for row in offices["don-vi"]}
    inspected = [row for row in offices["kiem-tra-cong-vu"] if row["loai"] == "xã, phường, đặc khu"]
    names = [row["ten"].removeprefix("Ủy ban nhân dân ") for row in inspected]
    assert {name[0].upper() + name[1:] for name in names} <= known
    assert len(offices["kiem-tra-cong-vu"]) == 7
    for row in offices["nhiem-vu-giao"] + offices["nhiem-vu-cchc"]:
        assert (row["ngay_hoan_thanh"] is not None) is row["trang_thai"].startswith("hoàn thành")
    for row in offices["nhiem-vu-giao"]:
        if row["ngay_hoan_thanh"]:
            assert row["ngay_giao"] < row["ngay_hoan_thanh"] <= row["thoi_han"]
            assert row["ngay_hoan_thanh"].date() <= THIS_WINDOW[1]
    for row in offices["du-lieu-mo"]:
        assert (THIS_WINDOW[0] <= row["ngay"].date() <= THIS_WINDOW[1]) is (row["trong_ky"] == "có")
    by_code = sorted((row["ma"], row["ngay"]) for row in offices["du-lieu-mo"])
    assert [day for _, day in by_code] == sorted(day for _, day in by_code)
    systems = [row["ten"] for row in offices["he-thong-dc"]]
    assert len(set(systems)) == len(systems)
    for item in submissions.values():
        if not item.code.startswith("H"):
            found = item.indicators
            assert found["nguoi_kct_ra_soat"] >= found["nguoi_kct_du_dieu_kien"]
            assert found["qd_qppl_cap_xa"] <= found["vb_phai_kiem_tra"]


@given(
    amount=st.integers(50, 10**6),
    percent=st.integers(10, 3000).map(lambda tenths: Fraction(tenths, 10)),
)
def test_a_plan_base_gives_its_share_again(amount: int, percent: Fraction) -> None:
    base = plan_base(Fraction(amount), percent)
    exact = Fraction(amount) * 100 / percent
    # Whole bases are too coarse where they are small.
    if exact > 20 * percent:
        assert abs(Fraction(amount * 100, base) - percent) <= Fraction(1, 20)
    assert abs(base - exact) <= exact


def test_two_runs_give_the_committed_bytes(tmp_path: Path) -> None:
    def hashes(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*.xlsx")
        }

    runs = []
    for name, settings in (
        ("one", {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "PYTHONUTF8": "1"}),
        ("two", {"PYTHONHASHSEED": "2", "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C.UTF-8"}),
    ):
        command = [sys.executable, str(ROOT / "scripts" / "sampledata"), "--out", str(tmp_path / name)]
        subprocess.run(command, env=os.environ | settings, check=True, capture_output=True)
        runs.append(hashes(tmp_path / name))
    assert runs[0] == runs[1]
    assert {name: digest for name, digest in hashes(RAW).items() if name in runs[0]} == runs[0]


@given(
    total=st.integers(0, 10_000),
    parts=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 800)), min_size=1, max_size=30),
)
def test_shares_sum_and_stay_within_their_caps(total: int, parts: list[tuple[int, int]]) -> None:
    weights, caps = [weight for weight, _ in parts], [cap for _, cap in parts]
    room = sum(min(cap, total) for weight, cap in parts if weight)
    if room < total:
        with pytest.raises(ValueError, match="cannot be shared out"):
            share(total, weights, caps)
        return
    result = share(total, weights, caps)
    assert sum(result) == total
    assert all(0 <= part <= cap for part, cap in zip(result, caps, strict=True))
    assert all(part == 0 for part, weight in zip(result, weights, strict=True) if weight == 0)
