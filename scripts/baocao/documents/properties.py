"""What Pandoc does not say of a Word file: whose it is, and what its pictures are called."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from baocao.documents.guard import WordParts
from baocao.documents.paragraphs import W

BODY, CORE, APPLICATION = "word/document.xml", "docProps/core.xml", "docProps/app.xml"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}cNvPr"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_LONGEST = 80  # letters of a name
# Pandoc's own says that Word 12 made it from Normal.dotm, and counts the words of another text.
_APPLICATION = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>baocao</Application><DocSecurity>0</DocSecurity><Company>{company}</Company></Properties>"
)


def complete_properties(document: Path) -> None:
    """
    Give a Word file its organization and its pictures the names of their captions.

    Parameters
    ----------
    document
        As Pandoc wrote it; its author is the organization. Written anew in
        place; the same file gives the same bytes.

    Raises
    ------
    TraceError
        It is no Word file.
    """
    parts = WordParts(document)
    creator = parts.parse(CORE).findtext(_CREATOR) or ""
    body = parts.parse(BODY)
    for drawing in body.iter(_DRAWING):
        paragraph = next(drawing.iterancestors(f"{W}p"))
        drawing.set("name", _read_caption(paragraph) or drawing.get("name", ""))
        for picture in paragraph.iter(_PICTURE):
            picture.set("name", Path(picture.get("descr", "")).name)
            picture.set("descr", "")
    changed = {
        BODY: etree.tostring(body, xml_declaration=True, encoding="UTF-8", standalone=True),
        APPLICATION: _APPLICATION.format(company=escape(creator)).encode(),
    }
    with zipfile.ZipFile(document) as archive:
        contents = [(one, changed.get(one.filename) or archive.read(one)) for one in archive.infolist()]
    with zipfile.ZipFile(document, "w") as archive:
        for one, content in contents:
            entry = zipfile.ZipInfo(one.filename, one.date_time)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def _read_caption(paragraph: etree._Element) -> str:
    """Return the text of the paragraph below."""
    below = paragraph.getnext()
    text = "" if below is None else "".join(leaf.text or "" for leaf in below.iter(f"{W}t"))
    return " ".join(text.split())[:_LONGEST]
