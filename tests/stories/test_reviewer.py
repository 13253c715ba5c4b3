"""A reviewer verifies what came back, signs what was read, and is told what moved under it."""

from __future__ import annotations

import json
import zipfile

import openpyxl
import pytest
from lxml import etree

PERIOD = "2026-Q1"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def change_mention(source, target, id, text):
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    root = etree.fromstring(parts["word/document.xml"])
    start = next(one for one in root.iter(f"{W}bookmarkStart") if one.get(f"{W}name") == id)
    next(start.getnext().iter(f"{W}t")).text = text
    parts["word/document.xml"] = etree.tostring(root)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("report", ["kstthc", "cchc"])
def test_what_was_built_is_as_published_and_one_digit_is_found(report, built_once, tmp_path):
    for kind in ("docx", "pdf", "html"):
        verified = built_once.json("verify", str(built_once.output / f"{report}.{kind}"))
        assert (verified["period"], verified["report"], verified["findings"]) == (PERIOD, report, [])
    mentions = [m for m in built_once.trace()["mentions"] if m["report"] == report]
    target = next(m for m in mentions if len(m["printed"]) > 3 and m["printed"][-1] != "%")
    printed = target["printed"]
    changed = printed[:-1] + str((int(printed[-1]) + 1) % 10)
    edited = tmp_path / "đã sửa.docx"
    change_mention(built_once.output / f"{report}.docx", edited, target["id"], changed)
    [finding] = built_once.json("verify", str(edited), check=1)["findings"]
    assert (finding["class"], finding["mention"], finding["value"]) == (
        "altered",
        target["id"],
        target["value"],
    )
    assert (finding["expected"], finding["got"]) == (printed, changed)
    assert finding["action"]


def test_a_resubmission_says_what_moved_and_makes_the_approval_stale(built, add_dossiers):
    built.run("sign", PERIOD, "kstthc/I.7", "--by", "Trần Thị B", "--note", "đã soát")
    built.run("sign", PERIOD, "kstthc/I.4", "--by", "Trần Thị B")
    add_dossiers(built.unit_file("H05"), 1000)
    before = built.json("values", PERIOD)["hoso_so_trong_ky_truc_tuyen"]["printed"][0]
    said = built.build()
    now = built.json("values", PERIOD)["hoso_so_trong_ky_truc_tuyen"]["printed"][0]
    assert f"hoso_so_trong_ky_truc_tuyen: {before} → {now}" in said
    assert "moved since the build before" in said
    assert "sign-off: 1 signed, 1 stale" in said
    standing = {one["section"]: one for one in built.json("sign", PERIOD, "--status")}
    assert standing["kstthc/I.4"]["state"] == "signed"
    stale = standing["kstthc/I.7"]
    assert (stale["state"], stale["by"], stale["note"]) == ("stale", "Trần Thị B", "đã soát")
    assert f"hoso_so_trong_ky_truc_tuyen: {before} → {now}" in stale["why"]
    assert "moved since" not in built.build()


@pytest.mark.vietnamese
def test_the_annex_has_a_row_for_every_number_of_the_report(built):
    built.run("annex", PERIOD, "--report", "kstthc")
    book = openpyxl.load_workbook(built.output / "kstthc.phu-luc-nguon.xlsx", read_only=True)
    ids = [row[0] for row in book["Số in"].iter_rows(min_row=2, values_only=True)]
    book.close()
    trace = json.loads((built.output / "kstthc.trace.json").read_text(encoding="utf-8"))
    assert ids == [mention["id"] for mention in trace["mentions"]]
    assert (built.output / "kstthc.phu-luc-nguon.html").stat().st_size > 0


def test_a_unit_feeds_what_its_file_feeds(built_once):
    file = built_once.unit_file("H05")
    by_file = built_once.json("impact", PERIOD, f"don-vi/{file.name}")
    by_unit = built_once.json("impact", PERIOD, "H05")
    assert {**by_unit, "what": ""} == {**by_file, "what": ""}
    assert "hoso_so_tiep_nhan" in by_unit["values"]
    assert by_unit["mentions"]
    assert built_once.json("impact", PERIOD, "van-ban.xlsx")["citations"]
    assert built_once.run("impact", PERIOD, "H99", check=2).stderr
