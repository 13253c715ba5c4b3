"""
Make ``extension/reference.docx``: page, header and styles of the Word files.

Run ``python scripts/baocao_houses/nd30/make_reference.py`` after a change here;
the same text gives the same bytes (nothing is compressed, dates are fixed).
Sizes and letters follow Decree 30/2020, Annex I, choice 13/14/14.

"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

FONT = "Times New Roman"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

INDENT = 720  # twips: 1.27 cm
GAP = 120  # twips: 6 points before a paragraph
SPACING = 276  # 240ths of a line: 1.15


class Style(NamedTuple):
    """A paragraph style; sizes in points, lengths in twips."""

    id: str
    name: str
    size: float = 14
    bold: bool = False
    italic: bool = False
    align: str = "left"
    first: int = 0
    left: int = 0
    right: int = 0
    before: int = 0
    after: int = 0
    line: int = 240
    exact: bool = False
    keep_next: bool = False
    keep_lines: bool = False
    outline: int | None = None
    border: bool = False
    based: str = "Normal"

    def xml(self) -> str:
        """Write the style; children stand in the order of the schema."""
        rule = f'w:lineRule="{"exact" if self.exact else "auto"}"'
        properties = [
            "<w:keepNext/>" if self.keep_next else "",
            "<w:keepLines/>" if self.keep_lines else "",
            "<w:widowControl/>",
            '<w:pBdr><w:top w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:pBdr>'
            if self.border
            else "",
            f'<w:spacing w:before="{self.before}" w:after="{self.after}" w:line="{self.line}" {rule}/>',
            f'<w:ind w:left="{self.left}" w:right="{self.right}" w:firstLine="{self.first}"/>',
            f'<w:jc w:val="{self.align}"/>',
            f'<w:outlineLvl w:val="{self.outline}"/>' if self.outline is not None else "",
        ]
        half = round(self.size * 2)
        letters = [
            "<w:b/><w:bCs/>" if self.bold else '<w:b w:val="0"/><w:bCs w:val="0"/>',
            "<w:i/><w:iCs/>" if self.italic else '<w:i w:val="0"/><w:iCs w:val="0"/>',
            f'<w:color w:val="000000"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/>',
        ]
        return (
            f'<w:style w:type="paragraph" w:styleId="{self.id}"{_custom(self.name)}>'
            f"<w:name w:val={quoteattr(self.name)}/>"
            + (f'<w:basedOn w:val="{self.based}"/>' if self.id != "Normal" else "")
            + f"<w:qFormat/><w:pPr>{''.join(properties)}</w:pPr><w:rPr>{''.join(letters)}</w:rPr></w:style>"
        )


BUILT_IN = {"Body Text", "header", "footnote text", "heading 1", "heading 2", "heading 3", "heading 4"}


def _custom(name: str) -> str:
    return "" if name in BUILT_IN else ' w:customStyle="1"'


def _cell(
    key: str, name: str, align: str, *, size: float = 13, bold: bool = False, keep_next: bool = False
) -> Style:
    return Style(key, name, size, bold=bold, align=align, before=30, after=30, keep_next=keep_next)


PROSE = Style("", "", align="both", first=INDENT, before=GAP, line=SPACING)
# Left, since a heading of two lines would be pulled apart.
HEADING = PROSE._replace(align="left")
CENTRE = Style("", "", align="center")
STYLES = [
    PROSE._replace(id="BodyText", name="Body Text"),
    PROSE._replace(id="FirstParagraph", name="First Paragraph", based="BodyText"),
    PROSE._replace(id="Compact", name="Compact", based="BodyText"),
    PROSE._replace(id="DoanKet", name="Đoạn kết", based="BodyText", keep_next=True),
    PROSE._replace(id="ThanLien", name="Thân liền", based="BodyText", keep_next=True),
    HEADING._replace(id="Heading1", name="heading 1", bold=True, keep_next=True, keep_lines=True, outline=0),
    HEADING._replace(id="Heading2", name="heading 2", bold=True, keep_next=True, keep_lines=True, outline=1),
    HEADING._replace(id="Heading3", name="heading 3", keep_next=True, keep_lines=True, outline=2),
    HEADING._replace(id="Heading4", name="heading 4", italic=True, keep_next=True, keep_lines=True, outline=3),
    Style("FootnoteText", "footnote text", 11, align="both"),
    CENTRE._replace(id="Header", name="header"),
    CENTRE._replace(id="QuocHieu", name="Quốc hiệu", size=13, bold=True),
    CENTRE._replace(id="TieuNgu", name="Tiêu ngữ", bold=True),
    CENTRE._replace(id="CoQuanChuQuan", name="Cơ quan chủ quản", size=13),
    CENTRE._replace(id="CoQuanBanHanh", name="Cơ quan ban hành", size=13, bold=True),
    CENTRE._replace(id="SoKyHieu", name="Số, ký hiệu", size=13, before=80),
    CENTRE._replace(id="DiaDanhNgay", name="Địa danh, ngày", italic=True, before=80),
    CENTRE._replace(id="TenLoai", name="Tên loại", bold=True, before=300, keep_next=True),
    CENTRE._replace(id="TrichYeu", name="Trích yếu", bold=True, left=567, right=567, keep_next=True),
    CENTRE._replace(id="KinhGui", name="Kính gửi", before=200, after=120),
    Style("KinhGuiNhieu", "Kính gửi nhiều nơi", 14, left=2268, before=240, keep_next=True),
    Style("NoiGui", "Nơi gửi", 14, left=3402, before=60),
    Style("Ke", "Kẻ", 1, line=40, exact=True, before=70, border=True, keep_next=True),
    CENTRE._replace(id="TenBang", name="Tên bảng", size=13, bold=True, before=160, after=80, keep_next=True, keep_lines=True),
    Style("SauBang", "Sau bảng", 2, line=120, exact=True),
    CENTRE._replace(id="Hinh", name="Hình", before=160, keep_next=True),
    CENTRE._replace(id="TenHinh", name="Tên hình", size=13, italic=True, before=60, after=120, keep_lines=True),
    _cell("ODauBang", "Ô đầu bảng", "center", bold=True, keep_next=True),
    _cell("ODauBangNho", "Ô đầu bảng nhỏ", "center", size=12, bold=True, keep_next=True),
    *(
        _cell(
            f"O{key}{small_key}{bold_key}{keep_key}", f"Ô {name}{small_name}{bold_name}{keep_name}", align,
            size=size, bold=bool(bold_key), keep_next=bool(keep_key),
        )
        for key, name, align in (("Trai", "trái", "left"), ("Phai", "phải", "right"), ("Giua", "giữa", "center"))
        for small_key, small_name, size in (("", "", 13), ("Nho", " nhỏ", 12))
        for bold_key, bold_name in (("", ""), ("Dam", " đậm"))
        for keep_key, keep_name in (("", ""), ("Lien", " liền"))
    ),
    CENTRE._replace(id="PhuLuc", name="Phụ lục", bold=True, keep_next=True, outline=0),
    CENTRE._replace(id="TenPhuLuc", name="Tên phụ lục", bold=True, before=60, keep_next=True),
    CENTRE._replace(id="KemTheo", name="Kèm theo", italic=True, before=60, keep_next=True),
    Style("DonViTinh", "Đơn vị tính", 13, italic=True, align="right", before=120, after=80, keep_next=True),
    Style("NoiNhan", "Nơi nhận", 12, bold=True, italic=True, keep_next=True, before=60),
    Style("DanhSachNoiNhan", "Danh sách nơi nhận", 11, keep_next=True),
    CENTRE._replace(id="QuyenHan", name="Quyền hạn, chức vụ", bold=True, keep_next=True),
    CENTRE._replace(id="HoTen", name="Họ tên", bold=True, before=1500),
]  # fmt: skip


def styles() -> str:
    """Write ``word/styles.xml``."""
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
    line = '<w:{0} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    borders = "".join(line.format(side) for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    return (
        f'{XML}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}'
        '<w:color w:val="000000"/><w:sz w:val="28"/><w:szCs w:val="28"/>'
        '<w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        + "".join(style.xml() for style in STYLES)
        + '<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>'
        '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
        '<w:rPr><w:color w:val="000000"/></w:rPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="Bang"><w:name w:val="Bảng"/>'
        '<w:basedOn w:val="TableNormal"/>'
        f"<w:tblPr><w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>"
        '<w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        "</w:styles>"
    )


def header(content: str) -> str:
    """Write a header part with one centred paragraph."""
    return (
        f'{XML}<w:hdr xmlns:w="{W}" xmlns:r="{R}"><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>'
        f"{content}</w:p></w:hdr>"
    )


PAGE = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2</w:t></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)

DOCUMENT = (
    f'{XML}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body><w:p/><w:sectPr>'
    '<w:headerReference w:type="default" r:id="rIdTrang"/><w:headerReference w:type="first" r:id="rIdTrangDau"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" '
    'w:header="567" w:footer="567" w:gutter="0"/><w:titlePg/></w:sectPr></w:body></w:document>'
)

SETTINGS = (
    f'{XML}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/>'
    '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
    '<w:compat><w:doNotExpandShiftReturn/><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="vi-VN"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
)

FONTS = (
    f'{XML}<w:fonts xmlns:w="{W}"><w:font w:name="{escape(FONT)}"><w:panose1 w:val="02020603050405020304"/>'
    '<w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font></w:fonts>'
)

PARTS = {  # part: (kind of relation, relation id, content type)
    "styles.xml": ("styles", "rIdKieu", "styles"),
    "settings.xml": ("settings", "rIdThietLap", "settings"),
    "fontTable.xml": ("fontTable", "rIdPhong", "fontTable"),
    "trang.xml": ("header", "rIdTrang", "header"),
    "trang-dau.xml": ("header", "rIdTrangDau", "header"),
}


def relations(rows: list[tuple[str, str, str]]) -> str:
    """Write a part of relations from (id, kind, target)."""
    body = "".join(
        f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}"/>' for key, kind, target in rows
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{body}</Relationships>'


def content_types() -> str:
    """Write ``[Content_Types].xml``."""
    overrides = "".join(
        f'<Override PartName="/word/{part}" ContentType="{OFFICE}.{kind}+xml"/>'
        for part, kind in [("document.xml", "document.main"), *((p, k[2]) for p, k in PARTS.items())]
    )
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>"
    )


def write(path: Path) -> None:
    """Write ``reference.docx`` to ``path``."""
    parts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations([("rId1", "officeDocument", "word/document.xml")]),
        "word/document.xml": DOCUMENT,
        "word/_rels/document.xml.rels": relations([(v[1], v[0], k) for k, v in PARTS.items()]),
        "word/styles.xml": styles(),
        "word/settings.xml": SETTINGS,
        "word/fontTable.xml": FONTS,
        "word/trang.xml": header(PAGE),
        "word/trang-dau.xml": header(""),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode())


if __name__ == "__main__":
    write(Path(__file__).with_name("extension") / "reference.docx")
