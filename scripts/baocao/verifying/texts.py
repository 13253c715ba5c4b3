"""A published text as its reader reads it: sections, paragraphs joined over page breaks, notes out of their way."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from baocao.documents.characters import fold_characters
from baocao.documents.markup import strip_spans
from baocao.documents.paragraphs import Paragraph, read_paragraphs
from baocao.documents.passages import Passage
from baocao.documents.pdf import PdfFile
from baocao.documents.web import WebPage
from baocao.project.errors import UsageError
from baocao.project.language import _

SUFFIXES = (".txt", ".md", ".docx", ".pdf", ".html", ".htm")
FRONT = "dau"

_SUPERSCRIPT = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
# Stands around the number of a note, which is no number of the text.
NOTE_OPEN, NOTE_CLOSE = "\N{LEFT DOUBLE PARENTHESIS}", "\N{RIGHT DOUBLE PARENTHESIS}"
_NOTE_MARK = re.compile(r"<sup>\s*(\d+)\s*</sup>|\[\^?(\d{1,3}|\^\w+)\](?!\()|([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_NOTE_START = re.compile(rf"^{NOTE_OPEN}\w+{NOTE_CLOSE}:?\s+\S")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_BULLET = re.compile(r"^\s*(?:[-–+•*]\s+)")
_ROMAN = re.compile(r"^(?P<key>X{0,2}(?:IX|IV|V?I{0,3}))\.\s+(?=\w)")
_NUMBER = re.compile(r"^(?P<key>\d{1,2})\.\s+(?=\D)")
_DECIMAL = re.compile(r"^(?P<key>\d{1,2}\.\d{1,2})\.?\s+(?=[^\W\d])")
_POINT = re.compile(r"^(?P<key>[^\W\d_])\)\s*(?=\S)")
_ENDS = re.compile(r"[.;:!?…][\"”»)\]]*$")
# A row of a table in plain text: columns told by gaps or strokes, or words and then nothing but numbers.
_ROW = re.compile(r"\S(?: {2,}|\t+|\s*\|\s*)\S.*?(?: {2,}|\t+|\s*\|\s*)\S")
_NUMBERS = re.compile(r"^(?:\d{1,4}\s+)?[^\d.;:,]{0,60}?(?:,[^\d.;:]{0,40})?(?:(?:^|\s+)\d[\d.,/]*%?){2,}$")
_RULE = re.compile(r"^[\s|+=:_-]+$")
_LONGEST = 10_000  # characters of a paragraph; a longer one is no paragraph but a text without lines
_FULL_LINE = 50  # a shorter line stands by itself: a title, a name, a cell of a table
# A number torn apart by the recognition of letters: "142 .186", "97, 15%".
_TORN_THOUSANDS = re.compile(r"(?<=\d)(?: \.|\. )(?=\d{3}(?!\d))")
_TORN_SHARE = re.compile(r"(?<=\d)(?: ,|, )(?=\d{1,2}%)|(?<=\d) (?=%)")


@dataclass(frozen=True)
class TextParagraph:
    """
    One paragraph.

    Parameters
    ----------
    section
        As ``I.7.a``; ``dau`` before the first heading.
    kind
        ``heading`` holds the number of a section; ``note`` stood at the foot
        of a page, ``page`` is its number; ``cell`` and ``row`` come from a table.
    """

    text: str
    section: str
    kind: str = "body"


def read_text(path: Path, row_number: str = "") -> list[TextParagraph]:
    """
    Read a published text.

    Parameters
    ----------
    row_number
        The heading of a column that numbers the rows of a table.

    Raises
    ------
    UsageError
        It is missing, empty, no UTF-8, or of a kind that nobody reads here.
    TraceError
        It is called ``.docx``, ``.pdf`` or ``.html`` and is none, or it is a scan.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            _(
                "{path}: expected a file {suffixes}; save the text as one of them.",
                path=path,
                suffixes=", ".join(SUFFIXES),
            )
        )
    if not path.is_file():
        raise UsageError(_("{path} is missing.", path=path))
    kind = path.suffix.lower()
    if kind == ".docx":
        lines = _set_apart((one.text, _kind_of(one)) for one in read_paragraphs(path, row_number))
    elif kind in (".html", ".htm"):
        lines = _set_apart((one.text, _kind_of_passage(one)) for one in WebPage(path).passages())
    elif kind == ".pdf":
        lines = [(line, "") for line in PdfFile(path).lines]
    else:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError(
                _(
                    "{path} is not UTF-8 ({reason} at byte {start}); convert it first.",
                    path=path,
                    reason=error.reason,
                    start=error.start,
                )
            ) from None
        if kind == ".md":
            text = _FRONT_MATTER.sub("", text)
        lines = [(line, "") for line in text.splitlines()]
    found = split_sections(lines)
    if not found:
        raise UsageError(_("{path} holds no text.", path=path))
    return found


def _set_apart(lines: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Put an empty line behind each, since a paragraph of these never goes on in the next by itself."""
    return [line for one in lines for line in (one, ("", ""))]


def _kind_of_passage(passage: Passage) -> str:
    return "note" if passage.note else "cell" if passage.cells else ""


def _kind_of(paragraph: Paragraph) -> str:
    if paragraph.part != "word/document.xml":
        return "note"
    return paragraph.context if paragraph.context in ("cell", "row") else ""


def split_sections(lines: Iterable[tuple[str, str]]) -> list[TextParagraph]:
    """
    Put lines together to paragraphs and give each its section.

    Parameters
    ----------
    lines
        The text of each line, and its kind where that is known, else an empty
        text. Notes stand behind the paragraph they interrupted.

    Examples
    --------
    >>> lines = ["I. KẾT QUẢ", "1. Cải cách", "a) Thẩm định 01", "¹ Quyết định số 5/QĐ-UBND", "thủ tục hành chính."]
    >>> for one in split_sections((line, "") for line in lines):
    ...     print(one.section, one.kind, one.text)
    I heading I. KẾT QUẢ
    I.1 heading 1. Cải cách
    I.1.a body a) Thẩm định 01 thủ tục hành chính.
    I.1.a note ⸨1⸩ Quyết định số 5/QĐ-UBND
    """
    found: list[TextParagraph] = []
    notes: list[TextParagraph] = []
    section = FRONT
    gap = True
    page = 1
    for raw, given in ((part, given) for line, given in lines for part in _cut(line)):
        text = "" if _RULE.match(raw) else clean_line(raw)
        known = given or ("cell" if _is_row(raw, text) else "")
        wrapped, gap = not gap, not text
        if not text:
            continue
        if not known and text in (str(page), str(page + 1)):
            page = int(text)
            notes.append(TextParagraph(text, section, "page"))
            continue
        if known in ("cell", "row"):
            found += notes
            notes.clear()
            found.append(TextParagraph(text, section, known))
            continue
        if known == "note" or _NOTE_START.match(text):
            notes.append(TextParagraph(text, section, "note"))
            continue
        opened = _open_section(section, text)
        if opened is None and found and _continues(found[-1], text, wrapped=wrapped):
            found[-1] = TextParagraph(f"{found[-1].text} {text}", found[-1].section, found[-1].kind)
            continue
        found += notes
        notes.clear()
        section = opened or section
        kind = "heading" if opened and not _POINT.match(text) else "body"
        found.append(TextParagraph(text, section, kind))
    return found + notes


def _cut(line: str) -> list[str]:
    """Cut a line that is too long for a paragraph, at its blanks."""
    return textwrap.wrap(line, _LONGEST, break_on_hyphens=False) if len(line) > _LONGEST else [line]


def clean_line(raw: str) -> str:
    """
    Take marks of Markdown and of note numbers from a line.

    Examples
    --------
    >>> clean_line("### **5. Công bố** đối với **555** văn bản<sup>3</sup>")
    '5. Công bố đối với 555 văn bản⸨3⸩'
    """
    # The sign that stands in the text of a PDF where a line was broken at a hyphen.
    text = fold_characters(raw.replace("\ufffe", "-"))
    text = strip_spans(text)
    text = _NOTE_MARK.sub(_mark_note, text)
    text = re.sub(r"<[^>\d][^>]*>", "", re.sub(r"^\s*(?:#+\s+|>\s+)", "", text))
    text = re.sub(r"\*+|(?<!\w)_+|_+(?!\w)|`", "", text.replace("\\", ""))
    text = _BULLET.sub("- ", " ".join(text.split()))
    return _TORN_SHARE.sub(lambda match: match[0].strip(), _TORN_THOUSANDS.sub(".", text))


def _is_row(raw: str, text: str) -> bool:
    return bool(re.search(r"\d", text) and (_ROW.search(raw.strip()) or _NUMBERS.match(text)))


def _mark_note(match: re.Match[str]) -> str:
    number = match[1] or (match[2] or "").lstrip("^") or "".join(_SUPERSCRIPT[char] for char in match[3])
    return f"{NOTE_OPEN}{number}{NOTE_CLOSE}"


def _open_section(section: str, text: str) -> str | None:
    """Return which section a line opens; None where it opens none."""
    text = text.removeprefix("- ").strip()
    roman = _ROMAN.match(text)
    if roman and roman["key"]:
        return roman["key"]
    if section == FRONT:
        return None
    parts = section.split(".")
    decimal, number, point = _DECIMAL.match(text), _NUMBER.match(text), _POINT.match(text)
    if decimal:
        return f"{parts[0]}.{decimal['key']}"
    if number:
        return f"{parts[0]}.{number['key']}"
    if point:
        stem = [part for part in parts if not part.isalpha() or part.isupper()]
        return ".".join([*stem, point["key"]])
    return None


def _continues(before: TextParagraph, text: str, *, wrapped: bool) -> bool:
    """Return whether the end of a page or of a line tore one paragraph apart."""
    if (
        len(before.text) >= _LONGEST
        or _ENDS.search(before.text[-20:])
        or text.startswith("- ")
        or before.kind in ("cell", "row")
    ):
        return False
    return text[0].islower() or (wrapped and before.kind == "body" and len(before.text) >= _FULL_LINE)
