"""
Mark cells of a workbook that somebody sent, and change nothing else in it.

A library that loads a workbook and saves it again loses stored results,
drawings, or validations that it does not know. So the few parts concerned are
changed where they lie: the cell's style gets a fill, the sheet gets comments.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from lxml import etree

from baocao.project.cells import join_address, split_address
from baocao.project.errors import WorkbookError

FILL = "FFFFC7CE"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_VML = "urn:schemas-microsoft-com:vml"
_X = "urn:schemas-microsoft-com:office:excel"
_O = "urn:schemas-microsoft-com:office:office"
_R_ID = f"{{{_OFFICE}}}id"
#: What stands behind `legacyDrawing` in a worksheet, by the schema's order.
_BEHIND = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)

Notes = Mapping[str, Mapping[str, str]]


def mark_cells(content: bytes, notes: Notes, author: str) -> bytes:
    """
    Colour cells and comment them.

    Parameters
    ----------
    content
        The workbook as it came; one that passed the reading guard.
    notes
        By sheet and address, the text of the comment.
    author
        Whose comments they are.

    Returns
    -------
    bytes
        The workbook with the same parts, but for those that hold the marks.

    Raises
    ------
    WorkbookError
        Its parts are not where a spreadsheet program puts them.
    """
    try:
        return _Marker(content, author).mark(notes)
    except (KeyError, IndexError, ValueError, etree.LxmlError, zipfile.BadZipFile) as error:
        raise WorkbookError("unreadable-file", expected="xlsx", got=f"{error}", action="") from error


class _Marker:
    def __init__(self, content: bytes, author: str) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(content))
        self.author = author
        self.changed: dict[str, bytes] = {}
        self.names = set(self.archive.namelist())
        self.types = self.parse("[Content_Types].xml")
        self.book = self.target_of(self.relations(""), "officeDocument")
        self.styles = self.target_of(self.relations(self.book), "styles")
        self.sheet_styles = self.parse(self.styles)
        self.restyled: dict[str, str] = {}

    def mark(self, notes: Notes) -> bytes:
        book = self.parse(self.book)
        relations = self.relations(self.book)
        by_id = {node.get("Id"): node.get("Target") for node in relations}
        for sheet in book.find(f"{{{_MAIN}}}sheets"):
            marks = notes.get(sheet.get("name"), {})
            if marks:
                path = self.resolve(self.book, by_id[sheet.get(_R_ID)])
                self.mark_sheet(path, marks)
        self.put(self.styles, self.sheet_styles)
        self.put("[Content_Types].xml", self.types)
        return self.written()

    # -- parts ------------------------------------------------------------
    def parse(self, name: str) -> Any:
        content = self.changed.get(name)
        return etree.fromstring(self.archive.read(name) if content is None else content, _PARSER)

    def put(self, name: str, root: Any) -> None:
        self.changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        self.names.add(name)

    @staticmethod
    def relations_name(part: str) -> str:
        folder, name = posixpath.split(part)
        return posixpath.join(folder, "_rels", f"{name}.rels")

    def relations(self, part: str) -> Any:
        name = self.relations_name(part)
        if name in self.names:
            return self.parse(name)
        return etree.Element(f"{{{_PACKAGE}}}Relationships", nsmap={None: _PACKAGE})

    def resolve(self, part: str, target: str) -> str:
        return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")

    def target_of(self, relations: Any, kind: str) -> str:
        part = "" if kind == "officeDocument" else self.book
        for node in relations:
            if node.get("Type", "").endswith(f"/{kind}"):
                return self.resolve(part, node.get("Target"))
        raise KeyError(kind)

    def relate(self, part: str, kind: str, target: str) -> str:
        relations = self.relations(part)
        known = {node.get("Id") for node in relations}
        name = next(f"rId{number}" for number in range(1, 10_000) if f"rId{number}" not in known)
        relative = posixpath.relpath(target, posixpath.dirname(part))
        etree.SubElement(
            relations, f"{{{_PACKAGE}}}Relationship", Id=name, Type=f"{_OFFICE}/{kind}", Target=relative
        )
        self.put(self.relations_name(part), relations)
        return name

    def related(self, part: str, kind: str) -> str | None:
        for node in self.relations(part):
            if node.get("Type") == f"{_OFFICE}/{kind}":
                return self.resolve(part, node.get("Target"))
        return None

    def new_name(self, pattern: str) -> str:
        return next(name for number in range(1, 10_000) if (name := pattern.format(number)) not in self.names)

    # -- a sheet ----------------------------------------------------------
    def mark_sheet(self, part: str, marks: Mapping[str, str]) -> None:
        sheet = self.parse(part)
        marks = self.move_to_anchors(sheet, marks)
        for address in marks:
            cell = self.find_cell(sheet, *split_address(address))
            cell.set("s", self.restyle(cell.get("s", "0")))
        self.comment(part, sheet, marks)
        self.put(part, sheet)

    @staticmethod
    def move_to_anchors(sheet: Any, marks: Mapping[str, str]) -> dict[str, str]:
        """Mark the first cell of a merged range in place of those that it covers: nobody sees theirs."""
        ranges = []
        for node in sheet.iterfind(f"{{{_MAIN}}}mergeCells/{{{_MAIN}}}mergeCell"):
            first, _colon, last = node.get("ref").partition(":")
            ranges.append((split_address(first), split_address(last or first)))
        moved: dict[str, str] = {}
        for address, text in marks.items():
            row, column = split_address(address)
            anchor = next(
                (
                    join_address(top, left)
                    for (top, left), (bottom, right) in ranges
                    if top <= row <= bottom and left <= column <= right
                ),
                address,
            )
            if text not in moved.get(anchor, ""):
                moved[anchor] = f"{moved[anchor]}\n{text}" if anchor in moved else text
        return moved

    def find_cell(self, sheet: Any, row: int, column: int) -> Any:
        """Return a cell, made where its place is if the sheet has none."""
        data = sheet.find(f"{{{_MAIN}}}sheetData")
        line = self.place(data, "row", str(row + 1), lambda node: int(node.get("r", 0)), row + 1)
        return self.place(
            line, "c", join_address(row, column), lambda node: split_address(node.get("r"))[1], column
        )

    @staticmethod
    def place(parent: Any, tag: str, name: str, order: Any, wanted: int) -> Any:
        for index, node in enumerate(parent):
            at = order(node)
            if at == wanted:
                return node
            if at > wanted:
                made = etree.Element(f"{{{_MAIN}}}{tag}", r=name)
                parent.insert(index, made)
                return made
        return etree.SubElement(parent, f"{{{_MAIN}}}{tag}", r=name)

    def restyle(self, style: str) -> str:
        """Return the style that is like another but for its fill."""
        if style in self.restyled:
            return self.restyled[style]
        fills = self.sheet_styles.find(f"{{{_MAIN}}}fills")
        if not self.restyled:
            fill = etree.SubElement(fills, f"{{{_MAIN}}}fill")
            pattern = etree.SubElement(fill, f"{{{_MAIN}}}patternFill", patternType="solid")
            etree.SubElement(pattern, f"{{{_MAIN}}}fgColor", rgb=FILL)
            etree.SubElement(pattern, f"{{{_MAIN}}}bgColor", indexed="64")
            fills.set("count", str(len(fills)))
        formats = self.sheet_styles.find(f"{{{_MAIN}}}cellXfs")
        look = deepcopy(formats[int(style)])
        look.set("fillId", str(len(fills) - 1))
        look.set("applyFill", "1")
        formats.append(look)
        formats.set("count", str(len(formats)))
        self.restyled[style] = str(len(formats) - 1)
        return self.restyled[style]

    def comment(self, part: str, sheet: Any, marks: Mapping[str, str]) -> None:
        comments_part = self.related(part, "comments")
        if comments_part is None:
            comments_part = self.new_name("xl/comments{}.xml")
            comments = etree.Element(f"{{{_MAIN}}}comments", nsmap={None: _MAIN})
            etree.SubElement(comments, f"{{{_MAIN}}}authors")
            etree.SubElement(comments, f"{{{_MAIN}}}commentList")
            self.relate(part, "comments", comments_part)
            self.add_type(comments_part)
        else:
            comments = self.parse(comments_part)
        authors, listed = comments.find(f"{{{_MAIN}}}authors"), comments.find(f"{{{_MAIN}}}commentList")
        etree.SubElement(authors, f"{{{_MAIN}}}author").text = self.author
        old = {node.get("ref"): node for node in listed}
        for address, text in marks.items():
            node = old.get(address)
            if node is None:
                node = etree.SubElement(
                    listed, f"{{{_MAIN}}}comment", ref=address, authorId=str(len(authors) - 1)
                )
                etree.SubElement(node, f"{{{_MAIN}}}text")
            words = node.find(f"{{{_MAIN}}}text")
            run = etree.SubElement(words, f"{{{_MAIN}}}r")
            said = etree.SubElement(run, f"{{{_MAIN}}}t")
            said.text = f"\n{text}" if address in old else text
            said.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        self.put(comments_part, comments)
        self.draw(part, sheet, [address for address in marks if address not in old])

    def draw(self, part: str, sheet: Any, addresses: list[str]) -> None:
        """Give each new comment its box; spreadsheet programs show no comment without one."""
        if not addresses:
            return
        legacy = sheet.find(f"{{{_MAIN}}}legacyDrawing")
        if legacy is None:
            drawing_part = self.new_name("xl/drawings/vmlDrawing{}.vml")
            drawing = etree.Element("xml", nsmap={"v": _VML, "o": _O, "x": _X})
            legacy = etree.Element(f"{{{_MAIN}}}legacyDrawing")
            legacy.set(_R_ID, self.relate(part, "vmlDrawing", drawing_part))
            behind = [child for child in sheet if etree.QName(child).localname in _BEHIND]
            if behind:
                behind[0].addprevious(legacy)
            else:
                sheet.append(legacy)
            if not self.types.xpath("*[local-name()='Default'][@Extension='vml']"):
                self.types.insert(
                    0,
                    etree.Element(
                        f"{{{_TYPES}}}Default",
                        Extension="vml",
                        ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing",
                    ),
                )
        else:
            named = {node.get("Id"): node.get("Target") for node in self.relations(part)}
            drawing_part = self.resolve(part, named[legacy.get(_R_ID)])
            drawing = self.parse(drawing_part)
        for number, address in enumerate(addresses):
            drawing.append(_box(address, len(drawing) + number))
        self.put(drawing_part, drawing)

    def add_type(self, part: str) -> None:
        etree.SubElement(
            self.types,
            f"{{{_TYPES}}}Override",
            PartName=f"/{part}",
            ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
        )

    def written(self) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in self.archive.infolist():
                changed = self.changed.pop(entry.filename, None)
                out.writestr(entry, self.archive.read(entry) if changed is None else changed)
            for name, content in self.changed.items():
                out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
        return stream.getvalue()


def _box(address: str, number: int) -> Any:
    row, column = split_address(address)
    shape = etree.Element(
        f"{{{_VML}}}shape",
        id=f"_x0000_s{9000 + number}",
        type="#_x0000_t202",
        style="position:absolute;margin-left:60pt;margin-top:2pt;width:220pt;height:90pt;z-index:1;visibility:hidden",
        fillcolor="#ffffe1",
    )
    shape.set(f"{{{_O}}}insetmode", "auto")
    etree.SubElement(shape, f"{{{_VML}}}fill", color2="#ffffe1")
    etree.SubElement(shape, f"{{{_VML}}}textbox")
    data = etree.SubElement(shape, f"{{{_X}}}ClientData", ObjectType="Note")
    etree.SubElement(data, f"{{{_X}}}MoveWithCells")
    etree.SubElement(data, f"{{{_X}}}SizeWithCells")
    anchor = etree.SubElement(data, f"{{{_X}}}Anchor")
    anchor.text = f"{column + 1}, 15, {row}, 2, {column + 4}, 15, {row + 5}, 4"
    etree.SubElement(data, f"{{{_X}}}AutoFill").text = "False"
    etree.SubElement(data, f"{{{_X}}}Row").text = str(row)
    etree.SubElement(data, f"{{{_X}}}Column").text = str(column)
    return shape
