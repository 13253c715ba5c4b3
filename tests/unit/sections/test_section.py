"""What a section's notebook calls prints what it was given, names it once, and refuses what would print wrongly."""

from __future__ import annotations

import json
import os
from fractions import Fraction

import IPython.display
import pytest
from hypothesis import given
from hypothesis import strategies as st

import baocao
from baocao import Grid, Section
from baocao.project.errors import UsageError, ValueUseError
from baocao.sections.injected import check_injected
from baocao.sections.parts import MIME, Note, Part, Printed, Styled, paragraphs

REPORTS = """
kstthc:
  title: "Báo cáo {quy}"
  recipient: [Bộ]
  copies: [Như trên]
  signature: [CHỦ TỊCH]
  sections:
    - {key: I.7, heading: "7. Hồ sơ", notebook: 07-ho-so, points: [{notebook: chung/so-hoa}]}
    - {key: I.8, heading: "8. Khác", notebook: 08-khac}
cchc:
  title: "Báo cáo {quy}"
  recipient: [Bộ]
  copies: [Như trên]
  signature: [CHỦ TỊCH]
  sections:
    - {key: II.2, heading: "2. Hồ sơ", notebook: 08-khac, points: [{notebook: chung/so-hoa}]}
"""


def read(runs):
    """Runs as text: a value as ``«07|id»``, a footnote as ``^[…]``."""
    return "".join(
        f"«{run.text}|{run.value}»"
        if isinstance(run, Printed)
        else f"^[{read(run.runs)}]"
        if isinstance(run, Note)
        else read(run.runs)
        if isinstance(run, Styled)
        else run.text
        for run in runs
    )


class Shown(list):
    """The parts that were displayed."""

    @property
    def prose(self):
        return [[read(block.runs) for block in paragraphs(part.content.blocks)] for part in self]


@pytest.fixture
def shown(monkeypatch):
    parts = Shown()
    monkeypatch.setattr(
        IPython.display,
        "display",
        lambda bundle, raw: parts.append(Part.model_validate_json(json.dumps(bundle[MIME]))),
    )
    return parts


@pytest.fixture(scope="module")
def root(tmp_path_factory, make_sandbox):
    sandbox = make_sandbox(tmp_path_factory.mktemp("section") / "project")
    sandbox.fill()
    (sandbox.root / "params" / "reports.yaml").write_text(REPORTS, encoding="utf-8")
    return os.fspath(sandbox.root)


@pytest.fixture
def section(root):
    return Section("07-ho-so", "2026-Q1", root=root)


def test_the_surface_is_all_there_and_nothing_else_is():
    assert {name for name in baocao.__all__ if getattr(baocao, name, None) is None} == set()
    with pytest.raises(AttributeError, match="Sections"):
        _ = baocao.Sections


def test_a_section_knows_where_it_is_printed(section, root):
    assert section.places == (("kstthc", "I.7"),)
    assert repr(section) == "Section kstthc/07-ho-so (kstthc I.7), 2026-Q1"
    shared = Section("so-hoa", "2026-Q1", root=root)
    assert shared.places == (("kstthc", "I.7"), ("cchc", "II.2"))


def test_a_name_that_fits_no_notebook_or_two_is_refused(section, root, monkeypatch):
    with pytest.raises(UsageError, match="07-ho-so"):
        Section("07-hoso", "2026-Q1", root=root)
    with pytest.raises(UsageError, match="kstthc/08-khac, cchc/08-khac"):
        Section("08-khac", "2026-Q1", root=root)
    monkeypatch.setenv("BAOCAO_NOTEBOOK", "cchc/08-khac")
    assert Section("08-khac", "2026-Q1", root=root).places == (("cchc", "II.2"),)
    with pytest.raises(UsageError, match=r"Section\('08-khac', period\)"):
        Section("07-ho-so", "2026-Q1", root=root)


@pytest.mark.parametrize("period", [20261, 2.5, None, "2026Q1", "2026-Q5", ""])
def test_a_period_of_another_kind_is_refused(section, root, period):
    with pytest.raises(UsageError, match="period"):
        Section("07-ho-so", period, root=root)


def test_a_keyword_is_the_id_and_its_unit_is_the_indicators(section, shown):
    units = section.table("chi-tieu")
    section.prose(
        "Có {xa_co_hoso_phi_dia_gioi} {xa} ở {place}, {ky}.",
        xa_co_hoso_phi_dia_gioi=units.where(level="xa").count(),
    )
    assert shown.prose == [
        ["Có «03|xa_co_hoso_phi_dia_gioi» xã, phường, đặc khu ở thành phố Hải Phòng, quý I năm 2026."]
    ]
    assert section.value("xa_co_hoso_phi_dia_gioi").unit == "xã, phường, đặc khu"


def test_an_id_that_nobody_knows_is_refused_with_the_near_one(section):
    with pytest.raises(ValueUseError, match="hoso_so_tiep_nhan"):
        section.prose("{hoso_so_tiep_nha}", hoso_so_tiep_nha=section.table("06a").total("tiep_nhan"))


def test_an_id_stands_for_one_value(section):
    hoso = section.table("06a")
    section.name(hoso_so_tiep_nhan=hoso.where(level="so").total("tiep_nhan"))
    section.name(hoso_so_tiep_nhan=hoso.where(level="so").total("tiep_nhan"))
    with pytest.raises(ValueUseError, match="two values"):
        section.name(hoso_so_tiep_nhan=hoso.total("tiep_nhan"))
    with pytest.raises(ValueUseError, match="measured"):
        section.name(ty_le_so_hoa=hoso.total("tiep_nhan") + hoso.total("tiep_nhan"))


def test_a_share_is_what_params_declare_and_nothing_else(section, shown):
    hoso = section.table("06a")
    section.name(
        hoso_truoc_han=hoso.total("truoc_han"),
        hoso_dung_han=hoso.total("dung_han"),
        hoso_tong_da_giai_quyet=hoso.total("da_giai_quyet"),
    )
    section.prose("{ty_le_hoso_giai_quyet_dung_han}")
    value = section.value("ty_le_hoso_giai_quyet_dung_han")
    assert [parent.id for parent in value.parents] == [
        "hoso_giai_quyet_dung_truoc_han",
        "hoso_tong_da_giai_quyet",
    ]
    assert value.number == Fraction(100) * (1104 + 92) * 3 / (1207 * 3)
    with pytest.raises(ValueUseError, match=r"section\.value"):
        section.name(
            ty_le_hoso_dung_han=section.value("hoso_truoc_han") / section.value("hoso_tong_da_giai_quyet")
        )


def test_a_value_named_by_hand_is_held_to_the_same(section):
    hoso = section.table("06a")
    other = hoso.total("qua_han") / hoso.total("tiep_nhan")
    with pytest.raises(ValueUseError, match=r"section\.value"):
        section.prose(f"{other.named('ty_le_hoso_dung_han')}")
    with pytest.raises(ValueUseError, match="measured"):
        section.prose(f"{hoso.total('qua_han').named('ty_le_so_hoa')}")


def test_what_a_share_lacks_is_said(section):
    with pytest.raises(UsageError, match="hoso_da_so_hoa"):
        section.prose("{ty_le_so_hoa}")


def test_an_old_id_is_understood(section):
    asked = section.table("06a").total("tiep_nhan")
    section.name(qd_qppl_ubnd_tp_nv_nam_truoc=asked)
    assert section.value("qd_qppl_ubnd_tp_nv2025") is section.value("qd_qppl_ubnd_tp_nv_nam_truoc")


def test_a_name_in_braces_that_stands_for_nothing_is_refused(section):
    with pytest.raises(UsageError, match=r"\{plac\}.*place"):
        section.prose("Ở {plac}.")


@pytest.mark.parametrize("text", ["Có {so_luong hồ sơ.", "Đạt {ty_le .2%}.", "Có so_luong} hồ sơ.", "{1}"])
def test_a_brace_that_belongs_to_no_name_is_refused_and_never_printed(section, text):
    with pytest.raises(UsageError, match="expected a name in braces"):
        section.prose(text)


def test_what_is_looked_at_is_no_table_of_a_report_and_a_bare_number_no_column(section):
    rows = section.table("06a")
    with pytest.raises(UsageError, match="got DataFrame"):
        section.grid("bang", "x", rows.frame())
    with pytest.raises(UsageError, match="column 'Số': expected a value"):
        rows.by("level").grid("Cấp", {"Số": 5})
    with pytest.raises(UsageError, match="one of bar, column, stacked, got 'pie'"):
        section.chart(
            rows.total("qua_han"), by=rows.by("level"), id="bd", caption="x", alt="x", axis="x", kind="pie"
        )


@pytest.mark.parametrize("piece", [5, 2.5, None, {"a": 5}.values()])
def test_a_bare_number_is_refused(section, piece):
    with pytest.raises(UsageError, match="trace"):
        section.prose("Có {so_luong} hồ sơ.", so_luong=piece)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1))
def test_what_is_put_in_is_printed_as_it_is_typed(root, text):
    with pytest.MonkeyPatch.context() as patch:
        parts = Shown()
        patch.setattr(
            IPython.display,
            "display",
            lambda bundle, raw: parts.append(Part.model_validate_json(json.dumps(bundle[MIME]))),
        )
        section = Section("07-ho-so", "2026-Q1", root=root)
        section.prose("Tên: {ten}.", ten=text)
        assert parts.prose == [[f"Tên: {text}."]]
        section.prose("Tên: {ten}.", ten="{place} [9]{.so v='x'} {hoso_so_tiep_nhan}")
        assert parts.prose[1] == ["Tên: {place} [9]{.so v='x'} {hoso_so_tiep_nhan}."]


def test_when_there_is_something(section, shown):
    rows = section.table("nganh-doc")
    section.prose("Có.", when=rows, otherwise="Không.")
    section.prose("Có.", when=rows.where(ma="khác"), otherwise="Không.")
    section.prose("Có.", when=[])
    assert shown.prose == [["Có."], ["Không."]]


def test_a_value_of_zero_or_of_nothing_is_nothing(section, shown):
    nothing = section.table("06a").where(unit="H01", linh_vuc="Hộ tịch").total("tiep_nhan")
    section.prose("Có.", when=nothing, otherwise="Không.")
    section.prose("Có.", when=nothing / nothing, otherwise="Không.")
    assert shown.prose == [["Không."], ["Không."]]


def test_a_listing_has_a_paragraph_for_each_row_and_its_frame_only_then(section, shown):
    section.listing(section.table("nganh-doc"), "- {ten}.", before="Gồm:", after="Hết.")
    section.listing(
        section.table("nganh-doc").where(ma="khác"), "- {ten}.", before="Gồm:", otherwise="Chưa có."
    )
    section.listing(section.listed("căn cứ"), "- {title}^[{symbols}.]", before="Gồm:")
    assert shown.prose == [["Gồm:", "Thuế.", "BHXH.", "Hết."], ["Chưa có."]]


def test_a_listing_of_groups_takes_a_piece_for_each(section, shown):
    rows = section.table("nganh-doc")
    groups = rows.by("ma", label="ten")
    counts = groups.split(rows.total("so_tthc"), id="tthc_{key}_tai_ttpvhcc")
    section.listing(groups, "{label}: {so_tthc} {loai}", so_tthc=counts, loai="TTHC")
    assert shown.prose == [
        ["Thuế: «219|tthc_thue_tai_ttpvhcc» TTHC", "BHXH: «25|tthc_bhxh_tai_ttpvhcc» TTHC"]
    ]


def test_a_grid_splits_values_and_its_last_row_is_their_whole(section, shown):
    hoso = section.table("06a")
    section.name(hoso_tong_tiep_nhan=hoso.total("tiep_nhan"))
    grid = hoso.by("level").grid(
        ["STT", "Cấp"],
        {"Tiếp nhận": section.value("hoso_tong_tiep_nhan"), "Đúng hạn": hoso.total("dung_han")},
        total="Tổng số",
    )
    section.grid("bang", "Hồ sơ, {ky}", grid)
    table = shown[0].content
    assert read(table.caption) == "Hồ sơ, quý I năm 2026"
    assert [[read(cell) for cell in row] for row in [table.header, *table.rows]] == [
        ["STT", "Cấp", "Tiếp nhận", "Đúng hạn"],
        ["1", "Sở, ban, ngành", "«2.488|hoso_tong_tiep_nhan__so»", f"«184|{_part(grid, 0)}»"],
        ["2", "Cấp xã", "«1.244|hoso_tong_tiep_nhan__xa»", f"«92|{_part(grid, 1)}»"],
        ["", "Tổng số", "«3.732|hoso_tong_tiep_nhan»", f"«276|{grid.total[2].id}»"],
    ]
    assert (table.numbered, table.total, table.numeric) == (True, True, (False, False, True, True))


def _part(grid, row):
    return grid.rows[row][2].id


def test_parts_of_other_rows_than_those_grouped_are_refused(section):
    hoso = section.table("06a")
    with pytest.raises(UsageError, match="other rows"):
        hoso.where(level="so").by("unit").split(hoso.total("tiep_nhan"))
    with pytest.raises(UsageError, match="other rows"):
        hoso.by("unit").split(section.table("nganh-doc").total("so_tthc"))


def test_the_parts_of_a_share_are_shares(section):
    hoso = section.table("06a")
    share = hoso.total("dung_han") / hoso.total("da_giai_quyet")
    parts = hoso.by("unit").split(share.named("ty_le"))
    assert {key: value.number for key, value in parts.items()} == dict.fromkeys(
        ("H01", "H02", "10507"), Fraction(92 * 100, 1207)
    )
    assert parts["H01"].id == "ty_le__h01"


def test_a_row_of_another_length_is_refused(section):
    with pytest.raises(UsageError, match="2 entries"):
        section.grid("bang", "x", Grid(["A", "B"], [["a"]]))


def test_narratives_have_the_sections_words_and_values(section, shown):
    path = section.project.raw(section.period) / "loi-van" / "kstthc" / "07.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("## mo-dau\n\nTrong {ky}, {so_dia_diem} điểm.\n", encoding="utf-8")
    section.narrative("mo-dau", so_dia_diem=section.table("co-so").count(id="dia_diem_ttpvhcc_tp"))
    assert shown.prose == [["Trong quý I năm 2026, «1|dia_diem_ttpvhcc_tp» điểm."]]
    path.write_text("## mo-dau\n\nTrong {kyy}.\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"loi-van/kstthc/07\.md:3: \{kyy\}"):
        section.narrative("mo-dau")


@pytest.mark.parametrize(
    ("injected", "near"),
    [
        ('perid = "2026-Q2"', "period"),
        ('period = "2026-Q2"\nroot = "/x"', "period"),
        ('Period = "2026-Q2"', "period"),
    ],
)
def test_a_parameter_that_the_notebook_does_not_know_is_refused(injected, near):
    cells = ["", 'period = "2026-Q1"', f"# Parameters\n{injected}\n"]
    with pytest.raises(UsageError, match=near):
        check_injected(cells)
    check_injected([*cells[:2], '# Parameters\nperiod = "2026-Q2"\n', "perid = 1"])
    check_injected(["%matplotlib inline", *cells[:2], "x = 1"])


def test_parameters_without_a_cell_that_takes_them_are_refused():
    with pytest.raises(UsageError, match="no parameter 'period'"):
        check_injected(["", '# Parameters\nperiod = "2026-Q2"\n'])


def test_what_a_notebook_shows_of_itself_is_short(section):
    hoso = section.table("06a")
    for thing in (
        section,
        hoso.by("unit"),
        hoso.by("unit").total("tiep_nhan"),
        hoso.by("unit").grid("Đơn vị", {}),
    ):
        assert 10 < len(repr(thing)) < 400
    assert repr(list(section.documents)) == "[<Document a: Kế hoạch 1/KH, x>]"


def test_a_text_that_nothing_prints_is_refused(section):
    with pytest.raises(UsageError, match="ten"):
        section.prose("Tên: {ten}.", ten="a", tenn="b")
    with pytest.raises(UsageError, match="bhxh"):
        section.listing(section.table("nganh-doc").by("ma"), "{label} {x}", x={"thue": "a", "khác": "b"})


def test_values_by_key_are_no_list(section):
    with pytest.raises(UsageError, match="trace"):
        section.prose("{x}", x=section.table("06a").by("unit").total("tiep_nhan"))


def test_a_grid_adds_up_a_column_that_it_is_given_by_name(section):
    hoso = section.table("06a")
    grid = hoso.by("level").grid("Cấp", {"Tiếp nhận": "tiep_nhan"}, total="Tổng số")
    assert [[row[0], row[1].number] for row in [*grid.rows, grid.total]] == [
        ["Sở, ban, ngành", 2488],
        ["Cấp xã", 1244],
        ["Tổng số", 3732],
    ]
