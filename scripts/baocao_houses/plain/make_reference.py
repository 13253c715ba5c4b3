"""
Make ``extension/reference.docx``: page, footer and styles of the Word files.

Run ``python scripts/baocao_houses/plain/make_reference.py`` after a change
here, in the sources: the parts that do not differ are made by the script of
the layout nd30. The same text gives the same bytes.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parents[1] / "nd30" / "make_reference.py"
FOOTER = (
    ("w:hdr ", "w:hdr "),
    ('w:lang w:val="vi-VN" w:eastAsia="vi-VN"', 'w:lang w:val="en-GB" w:eastAsia="en-GB"'),
    ('w:themeFontLang w:val="vi-VN"', 'w:themeFontLang w:val="en-GB"'),
    ('<w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/>', '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/>'),
    ('w:name w:val="Bảng"', 'w:name w:val="Report table"'),
    ('<w:sz w:val="28"/><w:szCs w:val="28"/>', '<w:sz w:val="22"/><w:szCs w:val="22"/>'),
)  # fmt: skip


def make_styles(style: Any) -> list[Any]:
    """List the paragraph styles; their names are those that the filters set."""
    prose = style("", "", 11, before=0, after=120, line=276)
    head = prose._replace(bold=True, keep_next=True, keep_lines=True)
    cells = [
        style(
            f"Cell{key}{small}{bold}{kept}".replace(" ", ""),
            f"Cell {key}{small}{bold}{kept}",
            9 if small else 10,
            bold=bool(bold),
            align={"left": "left", "right": "right", "centre": "center"}[key],
            before=40,
            after=40,
            keep_next=bool(kept),
        )
        for key in ("left", "right", "centre")
        for small in ("", " small")
        for bold in ("", " bold")
        for kept in ("", " kept")
    ]
    return [
        prose._replace(id="BodyText", name="Body Text"),
        prose._replace(id="FirstParagraph", name="First Paragraph", based="BodyText"),
        prose._replace(id="Compact", name="Compact", based="BodyText"),
        prose._replace(id="LastParagraph", name="Last paragraph", based="BodyText"),
        head._replace(id="Heading1", name="heading 1", size=14, before=320, outline=0),
        head._replace(id="Heading2", name="heading 2", size=12, before=240, outline=1),
        head._replace(id="Heading3", name="heading 3", size=11, before=200, outline=2),
        head._replace(id="Heading4", name="heading 4", size=11, italic=True, before=200, outline=3),
        style("FootnoteText", "footnote text", 9),
        style("Header", "header", 9, align="center"),
        style("Organisation", "Organisation", 11, after=60, keep_next=True),
        style("ReportTitle", "Report title", 20, bold=True, after=80, keep_next=True),
        style("ReportPeriod", "Report period", 11, after=320, keep_next=True),
        style("Ke", "Rule", 1, line=40, exact=True, before=70, border=True, keep_next=True),
        style("TableCaption", "Table caption", 10, bold=True, before=240, after=80, keep_next=True),
        style("SauBang", "After table", 2, line=160, exact=True),
        style("Chart", "Chart", 10, before=240, keep_next=True),
        style("ChartCaption", "Chart caption", 10, bold=True, before=60, after=240, keep_lines=True),
        head._replace(id="Annex", name="Annex", size=14, outline=0),
        style("AnnexTitle", "Annex title", 11, bold=True, before=60, keep_next=True),
        style("AnnexDocument", "Annex document", 10, italic=True, before=60, keep_next=True),
        style("AnnexCaption", "Annex caption", 10, before=120, after=80, keep_next=True),
        style("HeadCell", "Head cell", 10, bold=True, align="center", before=40, after=40, keep_next=True),
        style("HeadCellSmall", "Head cell small", 9, bold=True, align="center", before=40, after=40, keep_next=True),
        *cells,
    ]  # fmt: skip


def write(path: Path) -> None:
    """Write ``reference.docx`` to ``path``."""
    sys.dont_write_bytecode = True
    base = runpy.run_path(str(BASE))
    parts = base["write"].__globals__
    parts["STYLES"][:] = make_styles(parts["Style"])
    made = parts["styles"]

    def translate(text: str) -> str:
        for before, after in FOOTER:
            text = text.replace(before, after)
        return text

    parts["styles"] = lambda: translate(made())
    parts["SETTINGS"] = translate(parts["SETTINGS"])
    base["write"](path)


if __name__ == "__main__":
    write(Path(__file__).with_name("extension") / "reference.docx")
