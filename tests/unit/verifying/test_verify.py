"""Thirty kinds of edits are found, each with its class and mention; rewording and formatting are not."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from fractions import Fraction
from pathlib import Path

import docx
import pikepdf
import pypdfium2
import pytest
from lxml import etree
from lxml import html as lxml_html

from baocao.cli.showing.edits import format_edits
from baocao.documents.engines.choosing import choose_engine
from baocao.documents.passages import Mark, Number, Passage, key_of, plain_words
from baocao.documents.pdf import PdfFile
from baocao.documents.rendering import render_report
from baocao.documents.web import WebPage
from baocao.project.errors import TraceError, UsageError
from baocao.project.folder import Project
from baocao.project.house import find_house
from baocao.values.value import print_decimal
from baocao.verifying.aligning import align
from baocao.verifying.verify import verify_file
from baocao.verifying.wording import Rewording, compare_ends

NUMBERS = find_house("nd30").numbers
ROOT = Path(__file__).parents[3]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
EPOCH = 1_773_532_800

SOURCE = """---
title: Thử
lang: vi
nd30-so: "Số:@@@@/BC-UBND"
nd30-noi-ngay: "ngày@@@@tháng@@@@năm 2026"
trace-file: mau.trace.json
trace-hash: "@HASH@"
---

# I. KẾT QUẢ THỰC HIỆN {#mau_i}

## 1. Công bố danh mục {#mau_i1}

Trong quý I năm 2026, Chủ tịch ban hành [57]{#m_mau_i1_01 .so v="quyet_dinh"} quyết định công bố [1.018]{#m_mau_i1_02 .so v="cong_bo"} thủ tục, gồm [111]{#m_mau_i1_03 .so v="moi"} thủ tục mới ban hành và [742]{#m_mau_i1_04 .so v="sua_doi"} thủ tục được sửa đổi, theo [Công văn số 12/UBND-KSTT ngày 05/3/2026]{#c_mau_i1_01 .vb}.

Tỷ lệ đăng tải công khai đạt [100%]{#m_mau_i1_05 .so v="dang_tai"}; kinh phí là [16,5]{#m_mau_i1_06 .so v="kinh_phi"} tỷ đồng, theo khoản 2 Điều 5 của quy chế[^1].

[^1]: Trong số này [09]{#m_mau_i1_07 .so v="dac_thu"} thủ tục đặc thù của thành phố.

## 2. Giải quyết hồ sơ {#mau_i2}

Các sở tiếp nhận [142.186]{#m_mau_i2_01 .so v="so_tiep_nhan"} hồ sơ; trước và đúng hạn [119.877]{#m_mau_i2_02 .so v="dung_han"} hồ sơ, quá hạn [427]{#m_mau_i2_03 .so v="qua_han"} hồ sơ, đạt [97,15%]{#m_mau_i2_04 .so v="ty_le"}.

Người dân gửi [14/16]{#m_mau_i2_05 .so v="phan_anh"} phản ánh qua cổng thông tin điện tử của thành phố.

::: {.bang #bang_mau cot="1,4,2,2"}
Bảng 1. Hồ sơ theo cơ quan (đơn vị tính: hồ sơ)

| STT | Cơ quan | Tiếp nhận | Giải quyết (hồ sơ) |
|:-:|:--|--:|--:|
| 1 | Sở Tư pháp | [41.203]{#m_mau_i2_06 .so v="tp_nhan"} | [40.877]{#m_mau_i2_07 .so v="tp_giai"} |
| 2 | Sở Xây dựng | [22.118]{#m_mau_i2_08 .so v="xd_nhan"} | [21.004]{#m_mau_i2_09 .so v="xd_giai"} |
| 3 | Sở Y tế (hồ sơ) | [19.870]{#m_mau_i2_10 .so v="yt_nhan"} | [19.112]{#m_mau_i2_11 .so v="yt_giai"} |
:::

- Đã hoàn thành đến hết quý I năm 2026: [24]{#m_mau_i2_12 .so v="xong"} nhiệm vụ.

- Đang thực hiện đến hết quý I năm 2026: [29]{#m_mau_i2_13 .so v="dang"} nhiệm vụ.

# II. KIẾN NGHỊ {#mau_ii}

Đề nghị Bộ Tư pháp xem xét [03]{#m_mau_ii_01 .so v="kien_nghi"} nội dung về phần mềm dùng chung của ngành.

Đề nghị các đơn vị, địa phương tiếp tục nâng cao chất lượng phục vụ người dân.
""".replace("@@@@", "\u00a0" * 8)
UNITS = {"cong_bo": "thủ tục", "so_tiep_nhan": "hồ sơ"}
MENTION = re.compile(r'\[([^\]]*)\]\{#(([mc])_mau_(\w+?)_\d+) \.\w+(?: v="(\w+)")?\}')


def make_values(key: str, printed: str) -> dict[str, dict[str, object]]:
    """Return the value that prints so, and the parts of one that is a count out of a whole."""
    part, _, whole = printed.partition("/")
    if whole:
        parts = {f"{key}__tu": part, f"{key}__mau": whole}
        made = {id: text for one, number in parts.items() for id, text in make_values(one, number).items()}
        number = str(Fraction(int(part), int(whole)))
        return {**made, key: {"number": number, "unit": "", "op": "over", "parents": list(parts)}}
    number = str(Fraction(printed.rstrip("%").replace(".", "").replace(",", ".")))
    unit = "%" if printed.endswith("%") else UNITS.get(key, "")
    return {key: {"number": number, "unit": unit, "op": "sum"}}


def write_edition(folder: Path) -> None:
    mentions, citations, values = [], [], {}
    for paragraph in SOURCE.split("\n\n"):
        sentence = MENTION.sub(lambda match: match[1], paragraph)
        for printed, id, kind, section, value in MENTION.findall(paragraph):
            # As the stitcher has it: what stands round a number in a table is its cell.
            context = printed if paragraph.startswith("|") else sentence
            one = {"id": id, "report": "mau", "section": section, "printed": printed}
            if kind == "m":
                mentions.append({**one, "value": value, "context": context})
                values |= make_values(value, printed)
            else:
                citations.append({**one, "cells": ["van-ban.xlsx#van-ban!C9"]})
    data = {
        "schema": 2, "period": "2026-Q1", "reports": ["mau"], "values": values, "blocks": {}, "charts": [],
        "files": {}, "mentions": mentions, "citations": citations,
    }  # fmt: skip
    lines = [f"{m['id']}\t{m['value']}\t{m['printed']}\t{values[m['value']]['number']}" for m in mentions]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "mau.trace.json").write_text(json.dumps(data), encoding="utf-8")
    numbered = re.sub(
        r'v="(\w+)"', lambda m: f'{m[0]} n="{print_decimal(Fraction(values[m[1]]["number"]))}"', SOURCE
    )
    (folder / "mau.qmd").write_text(numbered.replace("@HASH@", digest), encoding="utf-8")
    render_report(
        folder / "mau.qmd",
        folder,
        reports_dir=ROOT / "reports",
        engine=choose_engine("embedded"),
        epoch=EPOCH,
    )


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("mau") / "2026-Q1"
    write_edition(folder)
    return folder


@pytest.fixture(scope="module")
def place(rendered, make_sandbox, tmp_path_factory) -> Path:
    """Make the project that the edition is part of; its register has been read once."""
    sandbox = make_sandbox(tmp_path_factory.mktemp("place") / "project")
    register = [["a", "Công văn", "12/UBND-KSTT", dt.date(2026, 3, 5), "UBND", "x", None, None, "căn cứ"]]
    sandbox.raw("van-ban.xlsx", sandbox.books.register("van-ban", register, period="Quý I năm 2026"))
    (sandbox.root / "params" / "2026-Q1.yaml").write_text('period: "2026-Q1"\n', encoding="utf-8")
    (sandbox.root / "params" / "reports.yaml").write_text(
        "mau: {title: Mẫu, sections: [{key: I, heading: I. MẪU}]}\n", encoding="utf-8"
    )
    folder = sandbox.root / "reports" / "2026-Q1"
    shutil.copytree(rendered, folder)
    verify(folder / "mau.docx", folder)
    return sandbox.root


@pytest.fixture
def edition(place, tmp_path) -> Path:
    """Give the folder of the edition in a project of its own."""
    shutil.copytree(place, tmp_path / "project")
    return tmp_path / "project" / "reports" / "2026-Q1"


def verify(file: Path, edition: Path):
    return verify_file(Project(edition.parents[1]), file)


def found(verified) -> list[tuple[str, str | None]]:
    return [(edit.kind, edit.mention) for edit in verified.edits]


# -- edits, on the XML of the Word file ---------------------------------------------------------


def as_typed(words: str) -> re.Pattern[str]:
    """Return what finds words whatever blanks and hyphens the layout holds them together by."""
    return re.compile(re.escape(words).replace(r"\ ", "[ \u00a0]").replace(r"\-", "[-\u2011]"))


class Word:
    """A Word file taken apart."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.body = etree.fromstring(self.parts["word/document.xml"])
        self.notes = etree.fromstring(self.parts["word/footnotes.xml"])

    def save(self, path: Path) -> Path:
        self.parts["word/document.xml"] = etree.tostring(self.body)
        self.parts["word/footnotes.xml"] = etree.tostring(self.notes)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        return path

    def mention(self, id: str) -> list:
        """Give a mention from the start of its bookmark to its end."""
        start = next(
            node
            for root in (self.body, self.notes)
            for node in root.iter(f"{W}bookmarkStart")
            if node.get(f"{W}name") == id
        )
        nodes = [start]
        while not (nodes[-1].tag == f"{W}bookmarkEnd" and nodes[-1].get(f"{W}id") == start.get(f"{W}id")):
            nodes.append(nodes[-1].getnext())
        return nodes

    def run(self, id: str):
        """Give the run that prints a mention."""
        [run] = self.mention(id)[1:-1]
        return run

    def text(self, id: str):
        return self.run(id).find(f"{W}t")

    def set(self, id: str, text: str) -> None:
        self.text(id).text = text

    def runs(self, words: str):
        """Give the text node that holds some words."""
        return next(
            t
            for root in (self.body, self.notes)
            for t in root.iter(f"{W}t")
            if as_typed(words).search(t.text or "")
        )

    def replace(self, old: str, new: str) -> None:
        for root in (self.body, self.notes):
            for t in root.iter(f"{W}t"):
                t.text = as_typed(old).sub(new, t.text or "")

    def paragraph(self, words: str):
        return next(
            p for p in self.body.iter(f"{W}p") if as_typed(words).search("".join(p.itertext(f"{W}t")))
        )

    def row(self, words: str):
        return next(
            r for r in self.body.iter(f"{W}tr") if as_typed(words).search("".join(r.itertext(f"{W}t")))
        )

    def unwrap(self, id: str) -> None:
        """Remove the bookmark, keep what it holds."""
        start, *_, end = self.mention(id)
        start.getparent().remove(start)
        end.getparent().remove(end)

    def wrap(self, id: str) -> None:
        """Put a mention into a content control, as editions had them that were issued before."""
        run = self.run(id)
        control = etree.Element(f"{W}sdt")
        etree.SubElement(etree.SubElement(control, f"{W}sdtPr"), f"{W}alias").set(f"{W}val", id)
        run.addprevious(control)
        etree.SubElement(control, f"{W}sdtContent").append(run)


def make_run(text: str, tag: str = "t"):
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}{tag}").text = text
    return run


def track(kind: str, *runs):
    node = etree.Element(f"{W}{kind}")
    node.set(f"{W}id", "900")
    node.set(f"{W}author", "Người soát")
    node.extend(runs)
    return node


def exchange(one, other) -> None:
    mark = etree.Element("mark")
    one.addprevious(mark)
    other.addprevious(one)
    mark.addprevious(other)
    mark.getparent().remove(mark)


def put_after(word: Word, words: str, *nodes) -> None:
    paragraph = word.paragraph(words)
    paragraph.extend(nodes)


def swap_texts(word, one, other):
    a, b = word.text(one), word.text(other)
    a.text, b.text = b.text, a.text


def swap_mentions(word, one, other):
    left, right = word.mention(one), word.mention(other)
    for a, b in zip(left, right, strict=True):
        exchange(a, b)


def cut_to(word, id, words):
    put_after(word, words, make_run(" với "), *word.mention(id))


def copy_to(word, id, words):
    put_after(word, words, make_run(" với "), *copy.deepcopy(word.mention(id)))


def strip_marks(word):
    for root in (word.body, word.notes):
        for tag in ("bookmarkStart", "bookmarkEnd"):
            for node in list(root.iter(f"{W}{tag}")):
                node.getparent().remove(node)


def tracked_change(word, id, new):
    """Replace the text of a mention as Word does while it tracks changes."""
    run = word.run(id)
    run.addprevious(track("del", make_run(run.find(f"{W}t").text, "delText")))
    run.addprevious(track("ins", make_run(new)))
    run.getparent().remove(run)


def tracked_delete(word, words):
    paragraph = word.paragraph(words)
    for run in list(paragraph.iter(f"{W}r")):
        for t in run.iter(f"{W}t"):
            t.tag = f"{W}delText"
        parent, at = run.getparent(), run.getparent().index(run)
        parent.insert(at, track("del", run))


def insert_paragraph(word, behind, text):
    node = etree.Element(f"{W}p")
    node.append(make_run(text))
    word.paragraph(behind).addnext(node)


def drop_note(word):
    reference = next(word.body.iter(f"{W}footnoteReference"))
    reference.getparent().getparent().remove(reference.getparent())


def swap_labels(word):
    a, b = word.runs("Sở Tư pháp"), word.runs("Sở Xây dựng")
    a.text, b.text = b.text, a.text


def swap_words(word):
    word.replace("trước và đúng hạn", "@")
    word.replace("quá hạn", "trước và đúng hạn")
    word.replace("@", "quá hạn")


def move_paragraph(word, words, behind):
    word.paragraph(behind).addnext(word.paragraph(words))


def copy_paragraph(word, words, behind):
    word.paragraph(behind).addnext(copy.deepcopy(word.paragraph(words)))


def drop(node):
    node.getparent().remove(node)


def all_of(kind, *numbers):
    return [(kind, f"m_mau_{number}") for number in numbers]


def in_turn(*steps):
    def edit(word):
        for step in steps:
            step(word)

    return edit


def _reorder(word):
    """Put 'quá hạn 427 hồ sơ' before 'trước và đúng hạn 119.877 hồ sơ', words and numbers together."""
    word.replace("trước và đúng hạn", "@")
    word.replace("quá hạn", "trước và đúng hạn")
    word.replace("@", "quá hạn")
    swap_mentions(word, "m_mau_i2_02", "m_mau_i2_03")


def _split(word, id):
    run = word.text(id).getparent()
    text = word.text(id).text
    word.set(id, text[:3])
    run.addnext(make_run(text[3:]))


def _break(word):
    paragraph = word.paragraph("Tỷ lệ đăng tải")
    at = next(i for i, n in enumerate(paragraph) if "kinh phí" in "".join(n.itertext(f"{W}t")))
    tail = etree.Element(f"{W}p")
    tail.extend(list(paragraph)[at:])
    paragraph.addnext(tail)


def _run_in(word, heading, words):
    node = word.paragraph(heading)
    word.paragraph(words).find(f"{W}r").addprevious(make_run(f"{heading}. "))
    drop(node)


def _join(word):
    first, second = word.paragraph("Các sở tiếp nhận"), word.paragraph("14/16")
    first.append(make_run(" "))
    first.extend(n for n in list(second) if n.tag != f"{W}pPr")
    drop(second)


def _field(instruction, result):
    node = etree.Element(f"{W}fldSimple")
    node.set(f"{W}instr", instruction)
    node.append(make_run(result))
    return node


def _put_in_head(word):
    name = next(name for name, content in word.parts.items() if b"<w:hdr" in content)
    head = etree.fromstring(word.parts[name])
    etree.SubElement(head, f"{W}p").append(make_run("Tổng hợp 99.999 hồ sơ"))
    word.parts[name] = etree.tostring(head)


def _fill_in(word):
    """Write the number and the day into their blanks, as an office does when it issues a report."""
    for t in word.body.iter(f"{W}t"):
        t.text = re.sub("ngày\u00a0+tháng\u00a0+", "ngày 18 tháng 3 ", t.text or "")
        t.text = re.sub("Số:\u00a0+", "Số: 128", t.text)


def swap_items(word):
    word.replace("Đã hoàn thành", "@")
    word.replace("Đang thực hiện", "Đã hoàn thành")
    word.replace("@", "Đang thực hiện")


def swap_heads(word):
    word.replace("Công bố danh mục", "@")
    word.replace("Giải quyết hồ sơ", "Công bố danh mục")
    word.replace("@", "Giải quyết hồ sơ")


def move_section(word):
    """Put the last section before the others, with its heading."""
    first = word.paragraph("I. KẾT QUẢ")
    for words in ("II. KIẾN NGHỊ", "Đề nghị Bộ Tư pháp", "Đề nghị các đơn vị"):
        first.addprevious(word.paragraph(words))


def _retype_citation(word):
    """Type "văn bản số 12/UBND-KSTT" where "Công văn số 12/UBND-KSTT" stood: it lands outside the bookmark."""
    node = word.runs("12/UBND-KSTT")
    node.text = as_typed("12/UBND-KSTT").split(node.text)[1]
    start = next(n for n in word.body.iter(f"{W}bookmarkStart") if n.get(f"{W}name") == "c_mau_i1_01")
    start.addprevious(make_run("văn bản số 12/UBND-KSTT"))


MEANINGFUL = {
    "a digit changed": (lambda w: w.set("m_mau_i1_02", "1.019"), all_of("altered", "i1_02")),
    "a digit typed behind the bookmark": (
        lambda w: w.mention("m_mau_i1_01")[2].addnext(make_run("1")),
        all_of("altered", "i1_01"),
    ),
    "a decimal rounded": (lambda w: w.set("m_mau_i2_04", "97,2%"), all_of("altered", "i2_04")),
    "a comma for a point": (lambda w: w.set("m_mau_i2_01", "142,186"), all_of("altered", "i2_01")),
    "the percent sign gone": (lambda w: w.set("m_mau_i2_04", "97,15"), all_of("altered", "i2_04")),
    "a minus before it": (lambda w: w.set("m_mau_i2_03", "-427"), all_of("altered", "i2_03")),
    "billions to millions": (lambda w: w.replace("tỷ đồng", "triệu đồng"), all_of("altered", "i1_06")),
    "a ratio changed": (lambda w: w.set("m_mau_i2_05", "15/16"), all_of("altered", "i2_05")),
    "a table cell changed": (lambda w: w.set("m_mau_i2_08", "22.811"), all_of("altered", "i2_08")),
    "a number in a footnote changed": (lambda w: w.set("m_mau_i1_07", "90"), all_of("altered", "i1_07")),
    "changed without bookmark": (
        in_turn(lambda w: w.set("m_mau_i1_03", "117"), lambda w: w.unwrap("m_mau_i1_03")),
        all_of("altered", "i1_03"),
    ),
    "changed where no mark is left at all": (
        in_turn(lambda w: w.set("m_mau_i2_09", "12.004"), strip_marks),
        all_of("altered", "i2_09"),
    ),
    "find and replace": (lambda w: w.replace("1.018", "1.108"), all_of("altered", "i1_02")),
    "texts of two numbers swapped": (
        lambda w: swap_texts(w, "m_mau_i2_02", "m_mau_i2_03"),
        all_of("moved", "i2_02", "i2_03"),
    ),
    "like names of two rows exchanged": (
        in_turn(
            lambda w: w.replace("Sở Tư pháp", "Sở Nào"),
            lambda w: w.replace("Sở Xây dựng", "Sở Tư pháp"),
            lambda w: w.replace("Sở Nào", "Sở Xây dựng"),
        ),
        all_of("moved", "i2_06", "i2_07", "i2_08", "i2_09"),
    ),
    "a bound that was not there": (
        lambda w: w.replace("Các sở tiếp nhận", "Các sở tiếp nhận không quá"),
        all_of("altered", "i2_01"),
    ),
    "two mentions swapped": (
        lambda w: swap_mentions(w, "m_mau_i2_02", "m_mau_i2_03"),
        all_of("moved", "i2_02", "i2_03"),
    ),
    "two numbers swapped without marks": (
        in_turn(lambda w: swap_texts(w, "m_mau_i1_03", "m_mau_i1_04"), strip_marks),
        all_of("moved", "i1_03", "i1_04"),
    ),
    "two cells of a row swapped": (
        lambda w: swap_mentions(w, "m_mau_i2_06", "m_mau_i2_07"),
        all_of("moved", "i2_06", "i2_07"),
    ),
    "two cells of a column swapped": (
        lambda w: swap_mentions(w, "m_mau_i2_06", "m_mau_i2_08"),
        all_of("moved", "i2_06", "i2_08"),
    ),
    "names of two rows swapped": (swap_labels, all_of("moved", "i2_06", "i2_07", "i2_08", "i2_09")),
    "words of two numbers swapped": (swap_words, all_of("moved", "i2_02", "i2_03")),
    "a number cut and pasted elsewhere": (
        lambda w: cut_to(w, "m_mau_i1_01", "nâng cao chất lượng"),
        all_of("moved", "i1_01"),
    ),
    "a number copied elsewhere": (
        lambda w: copy_to(w, "m_mau_i1_02", "nâng cao chất lượng"),
        all_of("moved", "i1_02"),
    ),
    "a paragraph pasted in from elsewhere": (
        lambda w: copy_paragraph(w, "14/16", "nâng cao chất lượng"),
        all_of("moved", "i2_05"),
    ),
    "a paragraph moved to another section": (
        lambda w: move_paragraph(w, "14/16", "Tỷ lệ đăng tải"),
        all_of("moved", "i2_05"),
    ),
    "a number typed as words": (lambda w: w.set("m_mau_i1_01", "năm mươi bảy"), all_of("lost", "i1_01")),
    "a number deleted from its bookmark": (
        lambda w: drop(w.run("m_mau_i2_03")),
        all_of("lost", "i2_03"),
    ),
    "a number deleted with its bookmark": (
        lambda w: [drop(node) for node in w.mention("m_mau_i1_04")],
        all_of("lost", "i1_04"),
    ),
    "a sentence deleted": (lambda w: drop(w.paragraph("14/16")), all_of("lost", "i2_05")),
    "a table row removed": (lambda w: drop(w.row("Sở Xây dựng")), all_of("lost", "i2_08", "i2_09")),
    "a footnote dropped": (drop_note, all_of("lost", "i1_07")),
    "a number hidden": (
        lambda w: etree.SubElement(
            etree.SubElement(w.text("m_mau_ii_01").getparent(), f"{W}rPr"), f"{W}vanish"
        ),
        all_of("lost", "ii_01"),
    ),
    "a number added": (
        lambda w: w.replace("chất lượng phục vụ", "chất lượng phục vụ tại 25 điểm"),
        [("added", None)],
    ),
    "a sentence with a number added": (
        lambda w: insert_paragraph(w, "14/16", "Có 8 đơn vị chậm trả lời."),
        [("added", None)],
    ),
    "a symbol's digit changed": (
        lambda w: w.replace("12/UBND-KSTT", "21/UBND-KSTT"),
        [("altered", "c_mau_i1_01")],
    ),
    "a date's digit changed": (lambda w: w.replace("05/3/2026", "06/3/2026"), [("altered", "c_mau_i1_01")]),
    "another quarter": (
        lambda w: w.replace("Trong quý I năm 2026", "Trong quý III năm 2026"),
        [("altered", None)],
    ),
    "per mille": (lambda w: w.set("m_mau_i2_04", "97,15‰"), all_of("altered", "i2_04")),
    "another unit": (lambda w: w.replace("thủ tục, gồm", "hồ sơ, gồm"), all_of("altered", "i1_02")),
    "another unit of a whole table": (
        lambda w: w.replace("đơn vị tính: hồ sơ", "đơn vị tính: nghìn hồ sơ"),
        [("altered", None)],
    ),
    "a unit of time for one of the values": (
        lambda w: w.replace("thủ tục, gồm", "ngày, gồm"),
        all_of("altered", "i1_02"),
    ),
    "a unit in the head of a column": (
        lambda w: w.replace("Giải quyết (hồ sơ)", "Giải quyết (nghìn hồ sơ)"),
        [("altered", None)],
    ),
    "a unit in the label of a row": (
        lambda w: w.replace("Sở Y tế (hồ sơ)", "Sở Y tế (ngày)"),
        [("altered", None)],
    ),
    "a bound for a number": (
        lambda w: w.replace("quyết định công bố", "quyết định công bố hơn"),
        all_of("altered", "i1_02"),
    ),
    "a minus in words": (lambda w: w.replace("kinh phí là", "kinh phí là âm"), all_of("altered", "i1_06")),
    "mentions of two like sentences exchanged": (
        lambda w: swap_mentions(w, "m_mau_i2_12", "m_mau_i2_13"),
        all_of("moved", "i2_12", "i2_13"),
    ),
    "words of two like sentences exchanged": (swap_items, all_of("moved", "i2_12", "i2_13")),
    "a share put where an amount stood": (
        lambda w: swap_mentions(w, "m_mau_i1_05", "m_mau_i1_06"),
        all_of("moved", "i1_05", "i1_06"),
    ),
    "not": (lambda w: w.replace(", đạt", ", không đạt"), all_of("moved", "i2_04")),
    "the opposite": (lambda w: w.replace("quá hạn", "đúng hạn"), all_of("moved", "i2_03")),
    "a number beside a year deleted": (
        lambda w: [drop(node) for node in w.mention("m_mau_i2_12")],
        all_of("lost", "i2_12"),
    ),
    "a number in the head of the page": (_put_in_head, [("added", None)]),
    "another year": (
        lambda w: w.replace("Trong quý I năm 2026", "Trong quý I năm 2025"),
        [("altered", None)],
    ),
    "another article": (lambda w: w.replace("Điều 5", "Điều 6"), [("altered", None)]),
    "headings exchanged over what stands": (
        swap_heads,
        all_of("moved", *(f"i1_0{n}" for n in range(1, 7)), *(f"i2_{n:02}" for n in range(1, 14))),
    ),
    "a table moved to another section": (
        lambda w: w.paragraph("1. Công bố danh mục").addnext(
            next(w.row("Sở Tư pháp").iterancestors(f"{W}tbl"))
        ),
        all_of("moved", *(f"i2_{n:02}" for n in range(6, 12))),
    ),
    "a whole section moved": (move_section, all_of("moved", "ii_01")),
    "a date with dots changed": (lambda w: w.replace("05/3/2026", "06.3.2026"), [("altered", "c_mau_i1_01")]),
    "another quarter, in digits": (
        lambda w: w.replace("Trong quý I năm 2026", "Trong quý 3 năm 2026"),
        [("altered", None)],
    ),
}

HARMLESS = {
    "nothing": lambda w: None,
    "words changed": lambda w: w.replace("quyết định công bố", "văn bản công khai"),
    "a sentence reworded": lambda w: w.replace(
        "Tỷ lệ đăng tải công khai đạt", "Việc đăng tải đã hoàn thành, đạt mức"
    ),
    "words before a number": lambda w: w.replace("gồm", "trong đó có"),
    "clauses reordered": _reorder,
    "a spelling mistake": lambda w: w.replace("phản ánh", "phan ánh"),
    "a sentence without numbers added": lambda w: insert_paragraph(
        w, "14/16", "Không có kiến nghị nào khác."
    ),
    "a sentence without numbers deleted": lambda w: drop(w.paragraph("nâng cao chất lượng")),
    "a heading reworded": lambda w: w.replace("Giải quyết hồ sơ", "Kết quả tiếp nhận, giải quyết hồ sơ"),
    "a heading deleted": lambda w: drop(w.paragraph("2. Giải quyết hồ sơ")),
    "headings run into the text": lambda w: [
        _run_in(w, "1. Công bố danh mục", "Trong quý I"),
        _run_in(w, "2. Giải quyết hồ sơ", "Các sở tiếp nhận"),
    ],
    "a heading renumbered": lambda w: w.replace("2. Giải quyết", "3. Giải quyết"),
    "bold": lambda w: [
        etree.SubElement(etree.SubElement(r, f"{W}rPr"), f"{W}b") for r in w.body.iter(f"{W}r")
    ],
    "a number split into two runs": lambda w: _split(w, "m_mau_i2_01"),
    "a bookmark removed, its text kept": lambda w: w.unwrap("m_mau_i1_02"),
    "content controls, as earlier editions had them": lambda w: [
        w.wrap(id) for id in ("m_mau_i1_01", "m_mau_i2_06")
    ],
    "a content control alone": lambda w: [w.wrap("m_mau_i2_06"), w.unwrap("m_mau_i2_06")],
    "all marks gone": strip_marks,
    "tags gone": lambda w: [drop(t) for t in list(w.body.iter(f"{W}tag"))],
    "a paragraph split in two": _break,
    "two paragraphs joined": _join,
    "no point between thousands": lambda w: w.set("m_mau_i1_02", "1018"),
    "a blank between thousands": lambda w: w.set("m_mau_i2_01", "142\u00a0186"),
    "a blank between thousands, all marks gone": in_turn(
        lambda w: w.set("m_mau_i2_01", "142 186"), strip_marks
    ),
    "number and day of the report written into their blanks": _fill_in,
    "the quarter left out": lambda w: w.replace("Trong quý I năm 2026", "Trong năm 2026"),
    "not yet for still": lambda w: w.replace("Đang thực hiện", "Chưa thực hiện xong"),
    "the unit by another word": lambda w: w.replace("thủ tục, gồm", "TTHC, gồm"),
    "per cent in words": lambda w: w.set("m_mau_i2_04", "97,15 phần trăm"),
    "a date written out": lambda w: w.replace("ngày 05/3/2026", "ngày 5 tháng 3 năm 2026"),
    "rows sorted": lambda w: w.row("Sở Y tế").addnext(w.row("Sở Tư pháp")),
    "a word of time behind a share": lambda w: w.replace("của quy chế", "năm nay của quy chế"),
    "a column heading reworded": lambda w: w.replace("Tiếp nhận", "Hồ sơ đã nhận"),
    "number of the page as a field": lambda w: w.paragraph("14/16").append(_field("PAGE", "12")),
    "a paragraph moved within its section": lambda w: move_paragraph(w, "14/16", "2. Giải quyết hồ sơ"),
    "capitals": lambda w: w.replace("Các sở tiếp nhận", "CÁC SỞ TIẾP NHẬN"),
    "hyphens that do not break": lambda w: w.replace("-", "\u2011"),
    "dashes for hyphens": lambda w: w.replace("UBND-KSTT", "UBND–KSTT"),
    "joiners and directions from pasted text": lambda w: [
        w.replace(".", "\u2060.\u2060"),
        w.replace("1", "\u200e1\u200c"),
        w.replace("/", "\u2060/"),
    ],
    "a date with hyphens": lambda w: w.replace("05/3/2026", "05-3-2026"),
    "a date with points": lambda w: w.replace("05/3/2026", "05.3.2026"),
    "the quarter in digits": lambda w: w.replace("quý I năm 2026", "quý 1 năm 2026"),
    "blanks in a ratio": lambda w: w.set("m_mau_i2_05", "14 / 16"),
    "a citation typed anew before its mark": _retype_citation,
    "a sentence written anew, all marks gone": in_turn(
        strip_marks,
        lambda w: w.replace("Người dân gửi", "Qua cổng thông tin điện tử, thành phố nhận được"),
        lambda w: w.replace("phản ánh qua cổng thông tin điện tử của thành phố", "phản ánh của người dân"),
    ),
    "who keeps it, and how many copies": lambda w: insert_paragraph(
        w, "Đề nghị các đơn vị", "Lưu: VT, NC2 (05b)."
    ),
    "day and hour of a digital signature": lambda w: insert_paragraph(
        w, "Đề nghị các đơn vị", "Ngày ký: 18-03-2026 16:05:33 +07:00"
    ),
}


@pytest.mark.parametrize("name", MEANINGFUL)
def test_an_edit_of_a_number_gets_its_class_and_mention(name, edition, tmp_path):
    edit, expected = MEANINGFUL[name]
    word = Word(edition / "mau.docx")
    edit(word)
    verified = verify(word.save(tmp_path / "da-sua.docx"), edition)
    assert found(verified) == expected
    for one in verified.edits:
        assert one.message
        assert one.context
        assert one.reading == "both"


@pytest.mark.parametrize("name", HARMLESS)
def test_rewording_and_formatting_are_not_findings(name, edition, tmp_path):
    word = Word(edition / "mau.docx")
    HARMLESS[name](word)
    verified = verify(word.save(tmp_path / "da-sua.docx"), edition)
    assert verified.edits == []
    assert verified.mentions == 22


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda w: tracked_change(w, "m_mau_i2_03", "429"), [("altered", "m_mau_i2_03", "accepted")]),
        (lambda w: tracked_delete(w, "14/16"), [("lost", "m_mau_i2_05", "accepted")]),
        (
            lambda w: w.paragraph("nâng cao").append(track("ins", make_run(" tại 25 điểm"))),
            [("added", None, "accepted")],
        ),
        (
            in_turn(lambda w: w.set("m_mau_i2_03", "428"), lambda w: tracked_change(w, "m_mau_i2_03", "427")),
            [("altered", "m_mau_i2_03", "rejected")],
        ),
        (
            in_turn(lambda w: w.set("m_mau_i1_01", "75"), lambda w: tracked_change(w, "m_mau_i2_03", "429")),
            [("altered", "m_mau_i1_01", "both"), ("altered", "m_mau_i2_03", "accepted")],
        ),
        (lambda w: w.paragraph("nâng cao").append(track("ins", make_run(" và doanh nghiệp"))), []),
    ],
)
def test_tracked_changes_are_read_both_ways(edit, expected, edition, tmp_path):
    word = Word(edition / "mau.docx")
    edit(word)
    verified = verify(word.save(tmp_path / "da-sua.docx"), edition)
    assert [(one.kind, one.mention, one.reading) for one in verified.edits] == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (">1.018<", ">1.081<", [("altered", "m_mau_i1_02")]),
        (">427<", "><", [("lost", "m_mau_i2_03")]),
        ("nâng cao chất lượng", "nâng cao 12 chất lượng", [("added", None)]),
        ("phục vụ người dân", "phục vụ nhân dân", []),
    ],
)
def test_a_web_page(old, new, expected, edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "da-sua.html"
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert found(verify(path, edition)) == expected
    # Without ids, by the words around.
    path.write_text(re.sub(r"</?(data|cite)[^>]*>", "", text.replace(old, new)), encoding="utf-8")
    assert found(verify(path, edition)) == expected


def test_what_programs_read_from_a_web_page(edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    path = tmp_path / "da-sua.html"
    changed = re.sub(r'(id="m_mau_i1_02" value=")\d+', r"\g<1>999", text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    [edit] = verify(path, edition).edits
    assert (edit.kind, edit.mention, edit.got) == ("altered", "m_mau_i1_02", "999")


@pytest.mark.parametrize(
    ("words", "behind", "expected"),
    [
        ("Người dân gửi 14/16 phản ánh qua cổng thông tin điện tử của thành phố. ", "1. Công bố danh mục ",
         all_of("moved", "i2_05")),
        ("Đề nghị các đơn vị, địa phương tiếp tục", "1. Công bố danh mục ", []),
    ],
)  # fmt: skip
def test_a_paragraph_moved_in_a_pdf(words, behind, expected, edition, monkeypatch):
    class Moved(PdfFile):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            text = " ".join(self.text.split())
            assert words in text
            assert behind in text
            self.text = text.replace(words, "").replace(behind, behind + words)

    monkeypatch.setattr("baocao.verifying.verify.PdfFile", Moved)
    assert found(verify(edition / "mau.pdf", edition)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2 Sở Xây dựng 22.118 21.004 3 Sở Y tế", "2 Sở Y tế", all_of("lost", "i2_08", "i2_09")),
        ("1 Sở Tư pháp", "(1) (2) (3) (4) 1 Sở Tư pháp", []),
        ("phục vụ người dân.", "phục vụ người dân. Lưu: VT, NC (05b). Ngày ký: 18-03-2026 16:05:33", []),
        ("phục vụ người dân.", "phục vụ người dân. Lưu: VT. Có 25 điểm mới.", [("added", None)]),
    ],
)
def test_rows_columns_and_clerks_notes_of_a_pdf(old, new, expected, edition, monkeypatch):
    class Edited(PdfFile):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            text = " ".join(self.text.split())
            assert old in text
            self.text = text.replace(old, new)

    monkeypatch.setattr("baocao.verifying.verify.PdfFile", Edited)
    assert found(verify(edition / "mau.pdf", edition)) == expected


@pytest.mark.parametrize(
    ("entry", "expected"), [("II. KIẾN NGHỊ", []), ("II. 25 KIẾN NGHỊ", [("added", None)])]
)
def test_a_list_of_contents_says_what_the_headings_say(entry, expected, edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    assert '<a href="#mau_ii">II. KIẾN NGHỊ</a>' in text
    path = tmp_path / "mau.html"
    path.write_text(text.replace(">II. KIẾN NGHỊ</a>", f">{entry}</a>"), encoding="utf-8")
    assert found(verify(path, edition)) == expected


def test_a_list_of_contents_repeats_headings_and_nothing_else(edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    path = tmp_path / "mau.html"
    number = re.search(r'<data id="(m_mau_i1_02)"[^>]*>([^<]+)</data>', text)
    entry = f'<li><a href="#{number[1]}">{number[2]}</a></li>'
    path.write_text(text.replace("</ul></nav>", f"{entry}</ul></nav>"), encoding="utf-8")
    assert found(verify(path, edition)) == [("added", None)]


def test_a_section_may_have_the_id_of_its_heading(edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    path = tmp_path / "mau.html"
    changed = re.sub(
        r'<h1 id="mau_ii">(.*?)</h1>', r'<section id="mau_ii"><h1>\1</h1></section>', text, flags=re.DOTALL
    )
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert found(verify(path, edition)) == []


def test_notes_of_one_wording_are_told_apart_by_their_symbols():
    def note(symbol: str, day: str, words: str) -> Passage:
        text = f"Báo cáo số {symbol} ngày {day} {words}."
        at, then = text.index(symbol), text.index(day)
        numbers = [
            Number(at, at + len(symbol), symbol, symbol, "citation"),
            Number(then, then + len(day), day, day, "citation"),
        ]
        return Passage(text, note=True, numbers=numbers)

    one, other = ("13/BC-ĐKT", "17/01/2026"), ("23/BC-ĐKT", "23/01/2026")
    published = [note(*one, "của Đoàn kiểm tra"), note(*other, "của Đoàn kiểm tra")]
    edited = [note(*one, "do Đoàn kiểm tra lập"), note(*other, "của Đoàn kiểm tra")]
    assert align(published, edited).homes == {0: [0], 1: [1]}


# -- numbers that nobody can read -----------------------------------------------------------------


def _look(id, **properties):
    def edit(word):
        for run in [word.run(id)]:
            own = run.find(f"{W}rPr")
            if own is None:
                own = etree.Element(f"{W}rPr")
                run.insert(0, own)
            for name, value in properties.items():
                etree.SubElement(own, f"{W}{name}").set(f"{W}val", value)

    return edit


def _hide_by_style(word):
    styles = etree.fromstring(word.parts["word/styles.xml"])
    style = etree.SubElement(styles, f"{W}style")
    style.set(f"{W}type", "character")
    style.set(f"{W}styleId", "An")
    etree.SubElement(etree.SubElement(style, f"{W}rPr"), f"{W}vanish")
    word.parts["word/styles.xml"] = etree.tostring(styles)
    _look("m_mau_i2_03", rStyle="An")(word)


def _on_its_own_colour(word):
    _look("m_mau_i2_03", color="112233")(word)
    paragraph = next(word.run("m_mau_i2_03").iterancestors(f"{W}p"))
    fill = etree.SubElement(paragraph.find(f"{W}pPr"), f"{W}shd")
    fill.set(f"{W}fill", "112233")


@pytest.mark.parametrize(
    "edit",
    [
        _look("m_mau_i2_03", color="FFFFFF"),
        _look("m_mau_i2_03", color="FEFEFA"),
        _look("m_mau_i2_03", sz="2"),
        _look("m_mau_i2_03", strike="true"),
        _look("m_mau_i2_03", dstrike="1"),
        _look("m_mau_i2_03", w="1"),
        _look("m_mau_i2_03", color="000000", highlight="black"),
        _hide_by_style,
        _on_its_own_colour,
    ],
)
def test_a_number_that_nobody_can_read_is_lost(edit, edition, tmp_path):
    word = Word(edition / "mau.docx")
    edit(word)
    [one] = verify(word.save(tmp_path / "da-sua.docx"), edition).edits
    assert (one.kind, one.mention) == ("lost", "m_mau_i2_03")
    assert "427" in one.message


@pytest.mark.parametrize(
    "edit",
    [
        _look("m_mau_i2_03", color="1F3864"),
        _look("m_mau_i2_03", color="FFFFFF", highlight="darkBlue"),
        _look("m_mau_i2_03", sz="20"),
        _look("m_mau_i2_03", strike="false"),
        _look("m_mau_i2_03", color="auto", highlight="black"),
    ],
)
def test_other_looks_are_nobodys_business(edit, edition, tmp_path):
    word = Word(edition / "mau.docx")
    edit(word)
    assert verify(word.save(tmp_path / "da-sua.docx"), edition).edits == []


def test_hidden_words_and_comments_with_numbers(edition, tmp_path):
    word = Word(edition / "mau.docx")
    run = make_run(" và 888.888 hồ sơ khác")
    etree.SubElement(etree.SubElement(run, f"{W}rPr"), f"{W}vanish")
    run.insert(0, run[-1])
    word.paragraph("14/16").append(run)
    comments = etree.Element(f"{W}comments")
    etree.SubElement(etree.SubElement(comments, f"{W}comment"), f"{W}p").append(make_run("Thực ra là 777"))
    word.parts["word/comments.xml"] = etree.tostring(comments)
    verified = verify(word.save(tmp_path / "da-sua.docx"), edition)
    assert [(one.kind, one.got) for one in verified.edits] == [("added", "888.888"), ("added", "777")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id="m_mau_i2_03"', 'id="m_mau_i2_03" style="display: none"', [("lost", "m_mau_i2_03")]),
        ('id="m_mau_i2_03"', 'id="m_mau_i2_03" style="color:#fff"', [("lost", "m_mau_i2_03")]),
        ('id="m_mau_i2_03"', 'id="m_mau_i2_03" style="font-size: 1px"', [("lost", "m_mau_i2_03")]),
        ("</style>", "#m_mau_i2_03 { visibility: hidden }</style>", [("lost", "m_mau_i2_03")]),
        ("</style>", "p data#m_mau_i2_03 { opacity: 0 }</style>", [("lost", "m_mau_i2_03")]),
        ("</style>", '#m_mau_i2_03::after { content: "9" }</style>', [("added", None)]),
        ("</body>", "<script>document.body.append(999999)</script></body>", [("added", None)]),
        ("</style>", "@media print { #m_mau_i2_03 { display: none } }</style>", []),
        ('id="m_mau_i2_03"', 'id="m_mau_i2_03" style="color: white; background: navy"', []),
        ("</style>", "data { color: #204060; font-weight: bold }</style>", []),
    ],
)
def test_looks_of_a_web_page(old, new, expected, edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "da-sua.html"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert found(verify(path, edition)) == expected


def test_a_row_of_a_web_page_that_is_hidden(edition, tmp_path):
    text = (edition / "mau.html").read_text(encoding="utf-8")
    root = lxml_html.document_fromstring(text)
    next(row for row in root.iter("tr") if "Sở Xây dựng" in row.text_content()).set("style", "display:none")
    path = tmp_path / "da-sua.html"
    path.write_bytes(lxml_html.tostring(root, encoding="utf-8"))
    assert found(verify(path, edition)) == all_of("lost", "i2_08", "i2_09")


def _draw(path: Path, drawing: bytes, target: Path) -> Path:
    """Draw over the first page of a PDF."""
    with pikepdf.open(path) as pdf:
        page = pdf.pages[0]
        page.contents_add(pikepdf.Stream(pdf, b"q " + drawing + b" Q"))
        pdf.save(target)
    return target


def _where(path: Path, printed: str) -> tuple[float, float, float, float]:
    with pypdfium2.PdfDocument(path) as pdf:
        text = pdf[0].get_textpage()
        at, length = text.search(printed).get_next()
        boxes = [text.get_charbox(at + one) for one in range(length)]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def test_a_number_covered_in_a_pdf_is_lost(edition, tmp_path):
    left, bottom, right, top = _where(edition / "mau.pdf", "119.877")
    box = f"{left - 1} {bottom - 1} {right - left + 2} {top - bottom + 2} re f".encode()
    covered = _draw(edition / "mau.pdf", b"1 1 1 rg " + box, tmp_path / "che.pdf")
    [one] = verify(covered, edition).edits
    assert (one.kind, one.mention) == ("lost", "m_mau_i2_02")
    beside = b"1 1 1 rg 5 5 20 20 re f"
    assert verify(_draw(edition / "mau.pdf", beside, tmp_path / "ben.pdf"), edition).edits == []


def test_a_scan_is_told_as_such(edition, tmp_path):
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "quet.pdf")
    with pytest.raises(TraceError, match="scan"):
        verify(tmp_path / "quet.pdf", edition)


def test_a_number_drawn_in_the_file_is_found(edition, tmp_path):
    word = Word(edition / "mau.docx")
    chart = (
        '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:v>4321</c:v></c:chart>'
    )
    word.parts["word/charts/chart1.xml"] = chart.encode()
    [edit] = verify(word.save(tmp_path / "da-sua.docx"), edition).edits
    assert (edit.kind, edit.mention, edit.got) == ("added", None, "4321")


def test_the_finished_files_and_what_saves_them_again_have_no_findings(edition, tmp_path):
    for kind in ("docx", "pdf", "html"):
        verified = verify(edition / f"mau.{kind}", edition)
        assert verified.edits == []
        assert verified.found_by == "hash"
        assert (str(verified.period), verified.report, verified.mentions) == ("2026-Q1", "mau", 22)
    saved = tmp_path / "luu.docx"
    docx.Document(str(edition / "mau.docx")).save(str(saved))
    assert verify(saved, edition).edits == []


def test_a_file_without_hash_is_recognised_by_its_mentions_then_by_its_words(edition, tmp_path):
    word = Word(edition / "mau.docx")
    del word.parts["docProps/custom.xml"]
    word.set("m_mau_i1_01", "75")
    verified = verify(word.save(tmp_path / "mot.docx"), edition)
    assert (verified.found_by, found(verified)) == ("mentions", all_of("altered", "i1_01"))
    strip_marks(word)
    verified = verify(word.save(tmp_path / "hai.docx"), edition)
    assert (verified.found_by, found(verified)) == ("words", all_of("altered", "i1_01"))


def test_the_edited_file_may_stand_in_place_of_the_finished_one(edition):
    (edition / "mau.qmd").unlink()
    word = Word(edition / "mau.docx")
    word.set("m_mau_i1_01", "75")
    word.save(edition / "mau.docx")
    (edition / "mau.html").unlink()
    assert found(verify(edition / "mau.docx", edition)) == all_of("altered", "i1_01")


def test_files_of_nobody_are_refused(edition, tmp_path):
    with pytest.raises(UsageError):
        verify(tmp_path / "a.odt", edition)
    broken = tmp_path / "a.docx"
    broken.write_bytes(b"PK")
    with pytest.raises(TraceError):
        verify(broken, edition)
    content = bytearray((edition / "mau.docx").read_bytes())
    with zipfile.ZipFile(edition / "mau.docx") as archive:
        start = archive.getinfo("word/document.xml").header_offset
    content[start + 300 : start + 2000] = bytes(1700)
    broken.write_bytes(content)
    with pytest.raises(TraceError, match="no Word file"):
        verify(broken, edition)
    other = docx.Document()
    other.add_paragraph("Một văn bản khác hẳn, chẳng nói gì về việc ấy.")
    other.save(str(tmp_path / "b.docx"))
    with pytest.raises(TraceError):
        verify(tmp_path / "b.docx", edition)
    word = Word(edition / "mau.docx")
    word.parts["docProps/custom.xml"] = re.sub(rb"[0-9a-f]{64}", b"0" * 64, word.parts["docProps/custom.xml"])
    with pytest.raises(TraceError, match=r"mau of 2026-Q1 was built again.*'baocao build'"):
        verify(word.save(tmp_path / "c.docx"), edition)
    shutil.rmtree(edition)
    with pytest.raises(TraceError, match="'baocao build 2026-Q1'"):
        verify(word.save(tmp_path / "c.docx"), edition)


@pytest.mark.parametrize(
    ("one", "other"), [("1.018", "1018"), ("01", "1"), ("100,0%", "100%"), ("05/3/2026", "5/03/2026")]
)
def test_numbers_written_otherwise_are_the_same(one, other):
    assert key_of(one, NUMBERS) == key_of(other, NUMBERS)


@pytest.mark.parametrize(("one", "other"), [("1.018", "1,018"), ("10", "1"), ("5%", "5"), ("14/16", "16/14")])
def test_other_numbers_are_not(one, other):
    assert key_of(one, NUMBERS) != key_of(other, NUMBERS)


@pytest.mark.external
def test_round_trips_through_libreoffice(edition, tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")

    def convert(path: Path, kind: str, folder: str) -> Path:
        home = f"-env:UserInstallation={(tmp_path / 'ho-so').as_uri()}"
        argv = [
            program,
            home,
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(tmp_path / folder),
            str(path),
        ]
        subprocess.run(argv, check=True, capture_output=True, timeout=120)
        return tmp_path / folder / f"{path.stem}.{kind}"

    word = Word(edition / "mau.docx")
    word.set("m_mau_i2_08", "22.811")
    edited = word.save(tmp_path / "da-sua.docx")
    for path, expected in ((edition / "mau.docx", []), (edited, all_of("altered", "i2_08"))):
        for copied in (
            convert(path, "docx", "a"),
            convert(convert(path, "odt", "b"), "docx", "c"),
            convert(path, "pdf", "d"),
            convert(path, "html", "e"),
        ):
            assert found(verify(copied, edition)) == expected, copied


@pytest.mark.parametrize(
    ("old", "new", "where", "mention"),
    [
        ("Sở Tư pháp", "Sở Tài chính", "row", "m_mau_i2_06"),
        ("Giải quyết hồ sơ", "Giải quyết khiếu nại", "heading", None),
        ("Hồ sơ theo cơ quan", "Đơn theo cơ quan", "caption", None),
        ("Tiếp nhận", "Trả lại", "column", "m_mau_i2_06"),
        ("Tỷ lệ đăng tải công khai", "Tỷ lệ văn bản bị thu hồi", "clause", "m_mau_i1_05"),
    ],
)
def test_words_round_numbers_are_listed_apart_from_the_findings(old, new, where, mention, edition, tmp_path):
    word = Word(edition / "mau.docx")
    word.replace(old, new)
    verified = verify(word.save(tmp_path / "da-sua.docx"), edition)
    [one] = [one for one in verified.rewordings if one.where == where]
    assert plain_words(new) in plain_words(one.now)
    assert plain_words(new) not in plain_words(one.was)
    assert mention is None or mention in one.mentions


def test_who_issues_who_receives_and_who_signs():
    def read(*texts: str) -> list[Passage]:
        body = [
            Passage("I. KẾT QUẢ", context="heading"),
            Passage("Có 5 hồ sơ.", [Mark(3, 4, "m_mau_i_01")]),
        ]
        return [*map(Passage, texts[:2]), *body, Passage(texts[2])]

    published = read("BỘ TƯ PHÁP", "Kính gửi: Chính phủ", "KT. BỘ TRƯỞNG")
    assert compare_ends(published, published) == []
    edited = read("BỘ TƯ PHÁP", "Kính gửi: Quốc hội", "TL. BỘ TRƯỞNG")
    assert compare_ends(published, edited) == [
        Rewording("head", "Kính gửi: Chính phủ", "Kính gửi: Quốc hội"),
        Rewording("closing", "KT. BỘ TRƯỞNG", "TL. BỘ TRƯỞNG"),
    ]
    assert compare_ends(published, published[:-1]) == [Rewording("closing", "KT. BỘ TRƯỞNG", "")]


def test_a_finished_file_has_no_words_changed(edition, tmp_path):
    for kind in ("docx", "pdf", "html"):
        path = tmp_path / f"ban-sao.{kind}"
        shutil.copy(edition / f"mau.{kind}", path)
        assert verify(path, edition).rewordings == []


def test_a_number_that_the_report_prints_elsewhere_is_not_called_untraceable(edition, tmp_path):
    word = Word(edition / "mau.docx")
    insert_paragraph(word, "14/16", "Tổng cộng 41.203 trường hợp tại các sở.")
    [one] = verify(word.save(tmp_path / "da-sua.docx"), edition).edits
    assert one.kind == "added"
    assert "m_mau_i2_06" in one.message


def test_a_row_that_is_gone_is_said_once(edition, tmp_path):
    word = Word(edition / "mau.docx")
    drop(word.row("Sở Xây dựng"))
    [line] = format_edits(verify(word.save(tmp_path / "da-sua.docx"), edition).edits)
    assert "m_mau_i2_08" in line
    assert "21.004 (m_mau_i2_09)" in line


def test_pictures_of_a_web_page(tmp_path):
    path = tmp_path / "a.html"
    data = base64.b64encode(b"<svg/>").decode()
    path.write_text(
        f'<img src="data:image/svg+xml;base64,{data}"><img src="b.png"><img src="data:image/png;base64,%%">'
    )
    assert WebPage(path).pictures() == [b"<svg/>", b"", b""]
