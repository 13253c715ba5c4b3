"""A PDF: a flow of words without paragraphs, cut into the passages that it was published with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from statistics import median, mode
from typing import TYPE_CHECKING, Any, NamedTuple

from baocao.documents.guard import open_pdf, read_pages
from baocao.documents.passages import Passage, Writer
from baocao.documents.pdflooks import find_unreadable, list_remarks
from baocao.documents.unseen import Unseen
from baocao.project.errors import TraceError
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.documents.numerals import Recogniser

_HASH = re.compile(r"trace-hash:\s*([0-9a-f]{64})")
_RAISED = 0.8  # a digit smaller than its neighbours by this is the mark of a note
_COLUMNS = re.compile(r"(?:\(\d{1,2}\)\s*){3,}")  # numbers of columns, in a row below the head of a table
_LEAST_TEXT = 40  # characters a page, else its text is a picture
_NONE, _NOBODYS = -1, -2  # not known yet; of no passage, and no finding
_FOUND = 0.6  # share of a passage's words that must stand together elsewhere, for it to be there


class _Page(NamedTuple):
    """The text of a page, and the notes at its foot."""

    body: str
    notes: str


class PdfFile:
    """
    A PDF.

    Raises
    ------
    TraceError
        The file is missing or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        with open_pdf(path) as pdf:
            keywords = _HASH.search(pdf.get_metadata_dict().get("Keywords", ""))
            self.trace_hash: str | None = keywords[1] if keywords else None
            self.unseen: list[Unseen] = []
            pages = [self._read_page(text) for text in read_pages(pdf, path)]
        if sum(len(body) + len(notes) for body, notes in pages) < _LEAST_TEXT * len(pages):
            raise TraceError(
                _(
                    "{path} is a scan: its pages are pictures without text, and nothing in them was read. "
                    "Verify the file that was printed.",
                    path=path,
                )
            )
        self.lines = [line for page in pages for part in page if part for line in part.split("\n")]
        pages = list(_strip_numbers(pages))
        writer = Writer()
        # A paragraph goes on behind the notes at the foot of its page: they follow the whole of the text.
        writer.add(" ".join([*(page.body for page in pages), *(page.notes for page in pages)]))
        self.text = writer.text

    def _read_page(self, text: Any) -> _Page:
        said = _list_characters(text)
        hidden = find_unreadable(text, said)
        self.unseen += [Unseen(said[slice(*span)], why) for span, why in hidden.items()]
        self.unseen += [
            Unseen(remark, _("it stands in a remark on the page")) for remark in list_remarks(text.page)
        ]
        return _read_page(text, said, hidden)

    def passages(self, published: Sequence[Passage], recogniser: Recogniser) -> list[tuple[int, Passage]]:
        """
        Cut the text into passages.

        Returns
        -------
        list of (index, passage)
            Of the published passage that each is, and -1 for what is none of them.
        """
        flow = Passage(_COLUMNS.sub(" ", self.text))
        flow.recognise(recogniser, flow=True)
        order = sorted(range(len(published)), key=lambda index: published[index].note)
        owners = [
            order[owner] if owner >= 0 else owner
            for owner in _assign([published[index] for index in order], flow)
        ]
        found: dict[int, list[str]] = {}
        places: dict[int, list[int]] = {}
        extra: list[Passage] = []
        for owner, group in groupby(range(len(owners)), key=lambda at: owners[at]):
            positions = list(group)
            first, last = flow.tokens[positions[0]], flow.tokens[positions[-1]]
            minus = flow.text[max(0, first.start - 1) : first.start] in {
                "-",
                "−",
            }  # it may make a number another
            text = flow.text[first.start - minus : last.end]
            if owner >= 0:
                found.setdefault(owner, []).append(text)
                places.setdefault(owner, []).extend(positions)
            elif owner == _NONE and any(flow.tokens[at].number >= 0 for at in positions):
                extra.append(Passage(text))
        cut = [
            (owner, Passage(" ".join(texts), context=published[owner].context))
            # In the order of reading; a stray word of a passage does not say where it stands.
            for owner, texts in sorted(found.items(), key=lambda one: median(places[one[0]]))
        ]
        return [*cut, *((-1, passage) for passage in extra)]


def _list_characters(page: Any) -> str:
    from pypdfium2 import raw

    # Beyond the first plane a character has two codes here, and stands for none of ours.
    return "".join(chr(raw.FPDFText_GetUnicode(page, at)) for at in range(page.count_chars()))


def _read_page(page: Any, text: str, unread: Iterable[tuple[int, int]]) -> _Page:
    """Return the text of a page without the raised marks of notes, and without what nobody can read."""
    from pypdfium2 import raw

    count = len(text)
    sizes = [raw.FPDFText_GetFontSize(page, at) for at in range(count)]
    usual = mode([size for size, char in zip(sizes, text, strict=True) if not char.isspace()] or [0])
    hidden = {at for span in unread for at in range(*span)}
    body: list[str] = []
    notes: list[str] = []
    part = body
    for match in re.finditer(r"\d+|\D+", text):
        if match[0][0].isdigit():
            size = sizes[match.start()]
            # Of its own line: the digits before a heading are no mark because the heading is set larger.
            before = _find_neighbour(text, range(match.start() - 1, -1, -1))
            behind = _find_neighbour(text, range(match.end(), count))
            near = [sizes[at] for at in (before, behind) if at is not None]
            if near and size < _RAISED * max(near):
                starts_line = text[: match.start()].rstrip(" \xa0").endswith(("\n", "\r"))
                if (
                    starts_line
                    and behind is not None
                    and size < _RAISED * sizes[behind]
                    and sizes[behind] < usual
                ):
                    part = notes
                continue
        part.append("".join(char for at, char in enumerate(match[0], match.start()) if at not in hidden))
    return _Page(_join_lines(body), _join_lines(notes))


def _find_neighbour(text: str, places: Iterable[int]) -> int | None:
    at = next((at for at in places if text[at] in "\r\n" or not text[at].isspace()), None)
    return None if at is None or text[at].isspace() else at


def _join_lines(pieces: Iterable[str]) -> str:
    joined = re.sub(r"\ufffe\s*|\x02\s*", "-", "".join(pieces)).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"(?<=\S)([-/])\n(?=\S)", r"\1", joined)


def _strip_numbers(pages: Iterable[_Page]) -> Iterator[_Page]:
    """Yield the parts of each page on one line, without the number of the page above or below them."""
    before = 0
    for number, page in enumerate(pages, 1):
        parts = [[line.strip() for line in part.strip().split("\n")] for part in page]
        last = parts[-1] if page.notes else parts[0]
        # Each annex counts its own pages, from a first one that bears no number.
        expected = (str(number), str(before + 1))
        if parts[0][0] in expected:
            before = int(parts[0].pop(0))
        elif last[-1] in expected:
            before = int(last.pop())
        else:
            before = 1
        yield _Page(*(" ".join(part) for part in parts))


def _assign(published: Sequence[Passage], flow: Passage) -> list[int]:
    """Return for each token of the flow which published passage it belongs to; -1 for none."""
    words = [word for passage in published for word in passage.named]
    owner_of = [index for index, passage in enumerate(published) for _ in passage.named]
    owners = [_NONE] * len(flow.words)
    taken = [False] * len(words)
    for block in SequenceMatcher(None, words, flow.named, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            owners[block.b + offset] = owner_of[block.a + offset]
            taken[block.a + offset] = True
    _find_displaced(published, flow, owners, owner_of, taken)
    for index, passage in enumerate(published):
        if passage.note and index in owners[1:]:
            at = owners.index(index) - 1
            if at >= 0 and owners[at] == _NONE and flow.tokens[at].number >= 0:
                owners[at] = _NOBODYS
    assert flow.house is not None  # its numbers were recognised
    for match in flow.house.constants.filled_in.finditer(flow.text):
        for at, token in enumerate(flow.tokens):
            if owners[at] == _NONE and match.start() <= token.start < match.end():
                owners[at] = _NOBODYS
    for start, end in list(_runs(owners)):
        before = owners[start - 1] if start else _NONE
        behind = owners[end] if end < len(owners) else _NONE
        if before == behind >= 0:
            missing = [before]
        else:
            missing = [
                owner_of[at]
                for at in range(len(words))
                if not taken[at] and before <= owner_of[at] <= max(before, behind)
            ]
        for offset in range(end - start):
            owners[start + offset] = missing[offset * len(missing) // (end - start)] if missing else _NONE
    return owners


def _find_displaced(
    published: Sequence[Passage], flow: Passage, owners: list[int], owner_of: Sequence[int], taken: list[bool]
) -> None:
    """Find passages that stand elsewhere in the flow: notes at the foot of the page, paragraphs that were moved."""
    matched: dict[int, int] = {}
    for at, owner in enumerate(owner_of):
        matched[owner] = matched.get(owner, 0) + taken[at]
    for index, passage in enumerate(published):
        if not passage.words or matched.get(index, 0) >= len(passage.words) / 2:
            continue
        for start, end in list(_runs(owners)):
            if end - start < _FOUND * len(passage.words):
                continue
            blocks = SequenceMatcher(
                None, passage.named, flow.named[start:end], autojunk=False
            ).get_matching_blocks()
            blocks = [block for block in blocks if block.size]
            if sum(block.size for block in blocks) >= _FOUND * len(passage.words):
                first, last = blocks[0], blocks[-1]
                for at, owner in enumerate(owners):
                    if owner == index and not start <= at < end:
                        owners[at] = _NONE
                for at in range(start + first.b, start + last.b + last.size):
                    owners[at] = index
                for at, owner in enumerate(owner_of):
                    if owner == index:
                        taken[at] = True
                break


def _runs(owners: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = None
    for at, owner in enumerate([*owners, 0]):
        if owner == _NONE and start is None:
            start = at
        elif owner != _NONE and start is not None:
            yield start, at
            start = None
