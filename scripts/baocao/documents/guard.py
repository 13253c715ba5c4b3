"""
The pass before any reader of a finished document: how large it is, how much it inflates to, how much is in it.

Whoever verifies, reconciles or audits opens files that somebody sent. A Word
file of 800 KB can ask for gigabytes; nothing is inflated or parsed beyond the
limits here. The largest report known is 0.2 MB a file and 13,000 tags a part.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from baocao.project.errors import TraceError
from baocao.project.language import _

MIB = 1 << 20
MAX_FILE = 64 * MIB
MAX_PART = 24 * MIB
MAX_TOTAL = 96 * MIB
MAX_PARTS = 2000
MAX_RATIO = 200
MAX_TAGS = 1_000_000
"""Of one part; each takes some 300 bytes once parsed."""
MAX_PAGES = 2000
MAX_CHARACTERS = 20_000_000
"""Of one PDF."""
_RATIO_FLOOR = 4 * MIB
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check_size(path: Path) -> None:
    """
    Refuse a document that is missing or larger than a report can be.

    Raises
    ------
    TraceError
        It is missing, is no file, or is too large.
    """
    if not path.exists():
        raise TraceError(_("{path} is missing.", path=path))
    if not path.is_file():
        raise TraceError(_("{path} is no file.", path=path))
    size = path.stat().st_size
    if size > MAX_FILE:
        raise _too_large(path, "", size, MAX_FILE)


def read_file(path: Path) -> bytes:
    """
    Read a document as it lies there.

    Raises
    ------
    TraceError
        It is missing, cannot be read, or is larger than a report can be.
    """
    check_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise TraceError(_("{path} cannot be read: {error}.", path=path, error=error.strerror)) from None


class WordParts:
    """
    The parts of a Word file, inflated and parsed one by one and never beyond the limits.

    Raises
    ------
    TraceError
        The file is missing, is no Word file, or asks for more than a report needs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        check_size(path)
        try:
            with zipfile.ZipFile(path) as archive:
                self._entries = {entry.filename: entry for entry in archive.infolist()}
                count = len(archive.infolist())
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
            raise self._damaged(error) from None
        if count > MAX_PARTS or count != len(self._entries):
            raise self._damaged(_("{count} parts, some of one name", count=count))
        for entry in self._entries.values():
            ratio = entry.file_size / max(entry.compress_size, 1)
            if entry.file_size > MAX_PART or (entry.file_size > _RATIO_FLOOR and ratio > MAX_RATIO):
                limit = min(MAX_PART, MAX_RATIO * entry.compress_size)
                raise _too_large(path, entry.filename, entry.file_size, limit)
        total = sum(entry.file_size for entry in self._entries.values())
        if total > MAX_TOTAL:
            raise _too_large(path, _("all parts"), total, MAX_TOTAL)

    @property
    def names(self) -> list[str]:
        """The names of the parts, in their order in the file."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """
        Inflate a part.

        Raises
        ------
        TraceError
            It is missing or damaged.
        """
        try:
            # No more is inflated than the entry declares, and that was checked.
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self._entries[name])
        except KeyError:
            raise self._damaged(_("{name} is missing", name=name)) from None
        except (OSError, ValueError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise self._damaged(error) from None

    def parse(self, name: str) -> Any:
        """
        Parse a part of XML.

        Returns
        -------
        lxml.etree._Element
            Its root; no more than 256 elements lie in one another.

        Raises
        ------
        TraceError
            It is missing, is no XML, declares entities, or holds more elements than a report needs.
        """
        content = self.read(name)
        if content.count(b"<") > MAX_TAGS:
            raise self._damaged(_("{name} holds more than {most} tags", name=name, most=MAX_TAGS))
        if _DOCTYPE.search(content):
            raise self._damaged(_("{name} declares entities", name=name))
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            return etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise self._damaged(error) from None

    def _damaged(self, error: object) -> TraceError:
        return TraceError(
            _("{path} is no Word file ({error}); save it as .docx again.", path=self.path, error=error)
        )


def open_page(path: Path) -> Any:
    """
    Parse a web page.

    Returns
    -------
    lxml.html.HtmlElement
        Its root.

    Raises
    ------
    TraceError
        It is missing, is no web page, or larger than a report can be.
    """
    content = read_file(path)
    if content.count(b"<") > MAX_TAGS:
        raise _no_page(path, _("more than {most} tags", most=MAX_TAGS))
    encoding = None if b"charset" in content[:4096].lower() else "utf-8"
    try:
        parser = lxml_html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False)
        return lxml_html.document_fromstring(content, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise _no_page(path, error) from None


def _no_page(path: Path, error: object) -> TraceError:
    return TraceError(_("{path} is no web page ({error}).", path=path, error=error))


@contextmanager
def open_pdf(path: Path) -> Iterator[Any]:
    """
    Open a PDF.

    Yields
    ------
    pypdfium2.PdfDocument

    Raises
    ------
    TraceError
        It is missing, is no PDF that can be read, or has more pages or text than a report can have.
    """
    import pypdfium2

    content = read_file(path)
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise TraceError(_("{path} is no PDF that can be read ({error}).", path=path, error=error)) from None
    try:
        if len(pdf) > MAX_PAGES:
            raise TraceError(
                _(
                    "{path} has {pages} pages; a report has less than {most}.",
                    path=path,
                    pages=len(pdf),
                    most=MAX_PAGES,
                )
            )
        yield pdf
    finally:
        pdf.close()


def read_pages(pdf: Any, path: Path) -> Iterator[Any]:
    """
    Yield the text of each page as PDFium knows it.

    Yields
    ------
    pypdfium2.PdfTextPage

    Raises
    ------
    TraceError
        They hold more text than a report can have.
    """
    left = MAX_CHARACTERS
    for page in pdf:
        text = page.get_textpage()
        left -= text.count_chars()
        if left < 0:
            raise TraceError(
                _(
                    "{path} holds more than {most} characters, more than a report has.",
                    path=path,
                    most=MAX_CHARACTERS,
                )
            )
        yield text


def _too_large(path: Path, part: str, size: int, limit: int) -> TraceError:
    return TraceError(
        _(
            "{path} is not opened: {part} takes {size} MB, and no report's takes more than {limit} MB. If it is a report, "
            "open it in the program it was made with and save it again.",
            path=path,
            part=part or _("the file"),
            size=f"{size / MIB:.0f}",
            limit=f"{max(limit, MIB) / MIB:.0f}",
        )
    )
