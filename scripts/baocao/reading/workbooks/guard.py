"""
The pass before any parser: whether it is a workbook at all, and how much it would inflate to.

A workbook of 5 KB can ask a parser for gigabytes. Nothing is inflated beyond
the limits here, whatever the archive declares about itself.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from baocao.project.errors import WorkbookError
from baocao.project.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1 << 20
MAX_FILE = 32 * MIB
MAX_PART = 32 * MIB
MAX_TOTAL = 96 * MIB
MAX_PARTS = 2000
MAX_RATIO = 200
_RATIO_FLOOR = 16 * MIB  # below it a part is cheap to look into, and the cell at fault can be named
_SLACK = 4 * MIB
_MOST_DEFLATE = 1040  # no deflate stream inflates to more, times its size
_LOCAL = struct.Struct("<4s5H3L2H")
# What nearly every program writes: nothing to find out about the encoding.
_PLAIN = (b'<?xml version="1.0" encoding="UTF-8"', b"<?xml version='1.0' encoding='UTF-8'")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
          (b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))  # fmt: skip
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")

_KINDS = (
    (b"%PDF", N_("a PDF file")),
    (b"Rar!\x1a\x07", N_("a RAR archive; take the workbook out of it")),
    (b"7z\xbc\xaf\x27\x1c", N_("a 7-Zip archive; take the workbook out of it")),
    (b"\x1f\x8b", N_("a gzip archive; take the workbook out of it")),
    (b"\x89PNG", N_("an image")),
    (b"\xff\xd8\xff", N_("an image")),
    (b"{\\rtf", N_("a text document (.rtf)")),
)
_PACKAGES = (
    ("word/document.xml", N_("a Word document (.docx)")),
    ("ppt/presentation.xml", N_("a presentation (.pptx)")),
)
_ZIP = N_("a ZIP archive; take the workbook out of it")

_EXPECTED = N_("an Excel workbook (.xlsx)")
_RESAVE = N_("Open the file in Excel, save it as an Excel Workbook (*.xlsx) and send it again.")
_RESEND = N_("Send the original file again; see that it opens before you send it.")


def size_text(size: int) -> str:
    """
    Write a size for a reader.

    Examples
    --------
    >>> size_text(3 * 1024 * 1024), size_text(900)
    ('3 MB', '900 byte')
    """
    return f"{size / MIB:.0f} MB" if size >= MIB else f"{size} byte"


def sniff(data: bytes) -> None:
    """
    Refuse what is no workbook in the zip format, by its first bytes.

    Raises
    ------
    WorkbookError
        The code tells what the file is instead.
    """
    if not data:
        raise WorkbookError("empty-file", expected=_(_EXPECTED), got=_("0 byte"), action=_(_RESEND))
    if len(data) > MAX_FILE:
        raise WorkbookError(
            "too-large",
            expected=_("at most {size}", size=size_text(MAX_FILE)),
            got=size_text(len(data)),
            action=_("Delete pictures and sheets that are no part of the form, and send it again."),
        )
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise WorkbookError(
                "encrypted",
                expected=_("a workbook without a password"),
                got=_("encrypted file"),
                action=_(
                    "Take off the password to open the file (File, Info, Protect Workbook) and send it again."
                ),
            )
        if "WordDocument".encode("utf-16-le") in data:
            raise WorkbookError(
                "not-a-workbook", expected=_(_EXPECTED), got=_("a Word document (.doc)"), action=_(_RESAVE)
            )
        raise WorkbookError(
            "old-xls", expected=_(_EXPECTED), got=_("format Excel 97-2003"), action=_(_RESAVE)
        )
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").lower()
    if head.startswith((b"<", b"mime-version")):
        raise WorkbookError("html", expected=_(_EXPECTED), got=_("text of HTML or XML"), action=_(_RESAVE))
    raise WorkbookError(
        "not-a-workbook", expected=_(_EXPECTED), got=_name_kind(data, head), action=_(_RESAVE)
    )


def _name_kind(data: bytes, head: bytes) -> str:
    """Return what a file is that is no workbook and no web page."""
    known = next((name for mark, name in _KINDS if data.startswith(mark)), None)
    if known is not None:
        return _(known)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16, as Excel writes "Unicode text"
    if (wide or b"\x00" not in data[:4096]) and any(mark in head for mark in (b",", b";", b"\t")):
        return _("a text file with separators (CSV)")
    return _("a file that begins with {bytes}", bytes=repr(data[:8]))


def damaged(got: str, *, sheet: str | None = None, address: str | None = None) -> WorkbookError:
    """Make the error of a workbook whose inside does not hold together."""
    return WorkbookError(
        "damaged", expected=_("a whole workbook"), got=got, action=_(_RESEND), sheet=sheet, address=address
    )


def _bomb(size: int, limit: int, part: str) -> WorkbookError:
    return WorkbookError(
        "zip-bomb",
        expected=_("at most {size} after inflating", size=size_text(limit)),
        got=f"{part}: {size_text(size)}",
        action=_(
            "Copy the data of the form alone into a new workbook after the template, and send it again."
        ),
    )


class Archive:
    """
    The parts of a workbook, inflated once and never beyond the limits.

    Parameters
    ----------
    data
        The whole file.

    Attributes
    ----------
    rewritten
        True where :meth:`text` had to bring a part to UTF-8.

    Raises
    ------
    WorkbookError
        The file is no workbook, is damaged, or declares more than the limits.
    """

    def __init__(self, data: bytes) -> None:
        sniff(data)
        self._data = data
        self._texts: dict[str, bytes] = {}
        self.rewritten = False
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OverflowError, struct.error):
            raise WorkbookError(
                "truncated",
                expected=_("the whole file"),
                got=_("the file is cut off, {count} bytes are left", count=len(data)),
                action=_(_RESEND),
            ) from None
        except NotImplementedError:
            raise damaged(_("packed in an unknown way")) from None
        self._parts = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in entries}
        if len(self._parts) != len(entries):
            raise damaged(_("two parts of one name"))
        self._check_sizes(entries)
        self._check_kind()

    def _check_sizes(self, entries: list[zipfile.ZipInfo]) -> None:
        if len(entries) > MAX_PARTS:
            raise damaged(_("{count} parts", count=len(entries)))
        for entry in entries:
            if entry.file_size > _MOST_DEFLATE * (entry.compress_size + 1):
                raise damaged(_("{filename}: declares a false size", filename=entry.filename))
        total = sum(entry.file_size for entry in entries)
        worst = max(entries, key=lambda entry: entry.file_size, default=None)
        if worst is not None and worst.file_size > MAX_PART:
            raise _bomb(worst.file_size, MAX_PART, worst.filename)
        if total > MAX_TOTAL:
            raise _bomb(total, MAX_TOTAL, _("in all"))
        for entry in entries:
            if entry.file_size > _RATIO_FLOOR and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
                raise _bomb(entry.file_size, MAX_RATIO * entry.compress_size, entry.filename)

    def _check_kind(self) -> None:
        names = self._parts
        if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
            raise WorkbookError(
                "macro-workbook", expected=_(_EXPECTED), got=_("workbook with macros"), action=_(_RESAVE)
            )
        if any(name.endswith("workbook.xml") for name in names):
            return
        if "xl/workbook.bin" in names:
            raise WorkbookError(
                "binary-workbook", expected=_(_EXPECTED), got=_("workbook in .xlsb"), action=_(_RESAVE)
            )
        if "content.xml" in names and "mimetype" in names:
            raise WorkbookError(
                "open-document", expected=_(_EXPECTED), got=_("OpenDocument file"), action=_(_RESAVE)
            )
        got = _(next((said for part, said in _PACKAGES if part in names), _ZIP))
        raise WorkbookError("not-a-workbook", expected=_(_EXPECTED), got=got, action=_(_RESAVE))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def verify(self) -> None:
        """
        Inflate every part once, so that whatever a parser opens later keeps to what it declares.

        Parts of XML are kept for :meth:`text`; pictures and the like are let go.

        Raises
        ------
        WorkbookError
            A part is damaged, encrypted, or larger than it declares.
        """
        for name, entry in self._parts.items():
            if not name.endswith("/"):
                content = self._inflated_part(entry)
                if name.endswith((".xml", ".rels")):
                    self._texts[name] = content

    def text(self, name: str) -> bytes:
        """
        Return a part of XML in UTF-8, whatever it is written in.

        Raises
        ------
        WorkbookError
            The part is missing, damaged or encrypted, is in no known encoding,
            or declares a document type.
        """
        key = name.lower()
        if key not in self._texts:
            entry = self._parts.get(key)
            if entry is None:
                raise damaged(_("the part {name} is missing", name=name))
            self._texts[key] = self._inflated_part(entry)
        content = self._texts[key]
        if not content.startswith(_PLAIN):
            plain = _in_utf8(name, content)
            self.rewritten |= plain != content
            self._texts[key] = content = plain
        if b"<!DOCTYPE" in content:
            raise WorkbookError(
                "xml-doctype",
                expected=_("a workbook saved by Excel"),
                got=_("{name} holds a DOCTYPE", name=name),
                action=_("Open the file in Excel, save it as *.xlsx and send it again."),
            )
        return content

    def repack(self, moved: Mapping[str, str]) -> bytes:
        """
        Write the workbook anew, in UTF-8, some of its parts under other names.

        Excel finds parts by their relations and reads any encoding of XML; the
        value reader looks for fixed names and UTF-8 only.
        """
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, entry in self._parts.items():
                if not name.endswith("/"):
                    content = self._texts.get(name)
                    target = moved.get(name, entry.filename.replace("\\", "/").lstrip("/"))
                    archive.writestr(target, self._inflated_part(entry) if content is None else content)
        return stream.getvalue()

    def _inflated_part(self, entry: zipfile.ZipInfo) -> bytes:
        name = entry.filename
        if entry.flag_bits & 1:
            raise WorkbookError(
                "encrypted",
                expected=_("a workbook without a password"),
                got=_("{name} is encrypted", name=name),
                action=_("Take off the password and send it again."),
            )
        packed = self._packed(entry)
        if entry.compress_type == zipfile.ZIP_STORED:
            content = bytes(packed)
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            content = self._inflate(packed, entry)
        else:
            raise damaged(_("{name}: packed in an unknown way", name=name))
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise damaged(_("{name}: its checksum is wrong", name=name))
        return content

    def _packed(self, entry: zipfile.ZipInfo) -> memoryview:
        start = entry.header_offset
        header = self._data[start : start + _LOCAL.size]
        if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
            raise damaged(_("{filename}: its head is lost", filename=entry.filename))
        fields = _LOCAL.unpack(header)
        start += _LOCAL.size + fields[9] + fields[10]
        packed = memoryview(self._data)[start : start + entry.compress_size]
        if len(packed) != entry.compress_size:
            raise damaged(_("{filename}: data is missing", filename=entry.filename))
        return packed

    @staticmethod
    def _inflate(packed: memoryview, entry: zipfile.ZipInfo) -> bytes:
        """Inflate a part whose declared size is within the limits, and never much more than that."""
        machine = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = machine.decompress(packed, entry.file_size + _SLACK)
        except zlib.error:
            raise damaged(_("the packed data is damaged")) from None
        if machine.eof:
            return content
        # A little more than declared is damage; much more is meant.
        if len(content) >= entry.file_size + _SLACK:
            raise _bomb(len(content), entry.file_size, entry.filename)
        raise damaged(_("the packed data is cut off"))


def _in_utf8(name: str, content: bytes) -> bytes:
    """Return XML in UTF-8 without a declaration of its encoding."""
    encoding = next((known for mark, known in _MARKS if content.startswith(mark)), None)
    declared = _DECLARED.match(content[:200])
    encoding = encoding or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeError):
        raise damaged(_("{name}: in an unknown encoding", name=name)) from None
    return _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1).encode("utf-8", "replace")
