"""A signed PDF held against the issued one: nothing but signature, number and date may have come to it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baocao.editions.signed.looks import (
    Box,
    Page,
    find_blanks,
    find_difference,
    lies_in,
    list_covered,
    read_pages,
    read_within,
    read_without,
)
from baocao.editions.signed.structure import AddedAnnotation, Structure, compare_structures
from baocao.project.findings import Finding, list_first
from baocao.project.language import N_, _

_BESIDE = 12.0  # points beside a number, within which a digit would become part of it
_MOST_COVERED = 80  # letters that a seal or a signature may lie over
_ALIKE = 0.5  # share of the first page's text, below which it is another document
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
# What of a catalog is what to a reader.
_PARTS = {
    "/Names": N_("attachments or names"),
    "/AF": N_("attachments"),
    "/AcroForm": N_("form fields that are no signature"),
    "/OpenAction": N_("an action on opening"),
    "/AA": N_("an action"),
    "/StructTreeRoot": N_("the structure that a screen reader reads"),
    "/Outlines": N_("the bookmarks"),
    "/OCProperties": N_("layers"),
    "/Pages": N_("a page's boxes or annotations"),
}
_METADATA = ("/Metadata",)


@dataclass(frozen=True)
class Comparison:
    """
    What differs between an issued PDF and the one that came back.

    Parameters
    ----------
    filled
        What stands now in the lines that were left to be filled in; empty where nothing was.
    """

    findings: tuple[Finding, ...]
    filled: tuple[str, ...]


def measure_likeness(issued: Sequence[Page], signed: Sequence[Page]) -> float:
    """Return how alike the first pages of two PDFs are, 0 to 1."""
    if not issued or not signed:
        return 0.0
    texts = ["".join(letter.text for letter in side[0].letters).split() for side in (issued, signed)]
    return difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).ratio()


def compare_pdfs(name: str, issued: Path, signed: Path, readers: tuple[Any, Any]) -> Comparison:
    """
    Compare the PDF of an edition with the copy that came back.

    Parameters
    ----------
    name
        Of the copy, for the findings.
    readers
        pyHanko readers of both.

    Raises
    ------
    TraceError, InputError
        One of them cannot be read.
    """
    pages = read_pages(issued), read_pages(signed)
    likeness = measure_likeness(*pages)
    if likeness < _ALIKE:
        finding = Finding(
            "another-document",
            "error",
            _("{name} is not the report that was issued", name=name),
            expected=_excerpt(pages[0]),
            got=_excerpt(pages[1]),
        )
        return Comparison((finding,), ())
    structure = compare_structures(*readers)
    findings = list(_judge_structure(name, structure))
    blanks = find_blanks(pages[0][0])
    filled: list[str] = []
    for number, (before, after) in enumerate(zip(*pages, strict=False)):
        places = blanks if number == 0 else []
        added = [annotation for annotation in structure.annotations if annotation.page == number]
        where = f"{name}#{number + 1}"
        findings += _judge_page(where, before, after, added, places, drawn=number in structure.drawn)
        for place in places:
            texts = [" ".join(read_within(page, [place]).split()) for page in (before, after)]
            if texts[0] != texts[1]:
                filled.append(texts[1])
                findings += _judge_filled(where, *texts)
    return Comparison(tuple(findings), tuple(filled))


def _excerpt(pages: Sequence[Page]) -> str:
    text = "".join(letter.text for letter in pages[0].letters) if pages else ""
    return " ".join(text.split())[:160]


def _judge_structure(name: str, structure: Structure) -> Iterator[Finding]:
    before, after = structure.pages
    if before != after:
        yield Finding(
            "pages",
            "error",
            _("{name} has another number of pages", name=name),
            expected=str(before),
            got=str(after),
        )
    by_part: dict[str, list[str]] = {}
    for path in structure.differing:
        part = f"/{path.split('/')[1]}"
        by_part.setdefault(part, []).append(path)
    for part, paths in by_part.items():
        if part in _METADATA:
            yield Finding(
                "metadata", "warning", _("{name}: the file's own description was changed", name=name)
            )
            continue
        what = _(_PARTS[part]) if part in _PARTS else part
        yield Finding(
            "structure",
            "error",
            _("{name}: {what} were added, removed or changed", name=name, what=what),
            got=list_first(paths),
        )


def _judge_page(
    where: str,
    before: Page,
    after: Page,
    added: Sequence[AddedAnnotation],
    blanks: Sequence[Box],
    *,
    drawn: bool,
) -> Iterator[Finding]:
    signatures = [one.box for one in added if one.kind == "signature"]
    places = [*blanks, *signatures]
    for one in added:
        if one.kind != "signature" and not lies_in(one.box, blanks):
            yield Finding(
                "annotation",
                "error",
                _("{where}: something was laid on the page that is no signature", where=where),
                expected=_("nothing but signatures, number and date"),
                got=_describe(one, list_covered(before, one.box, ())),
            )
    for box in signatures:
        covered = list_covered(before, box, blanks)
        near = list_covered(before, (box[0] - _BESIDE, box[1], box[2] + _BESIDE, box[3]), blanks)
        visible = box[2] - box[0] > 1 and box[3] - box[1] > 1
        if visible and (_DIGITS.search(near) or len(covered) > _MOST_COVERED):
            yield Finding(
                "signature-over-text",
                "error",
                _("{where}: the signature lies over a number, beside one, or over much text", where=where),
                got=near[:160],
                action=_("Ask for a copy signed where nothing is printed."),
            )
        elif visible and covered:
            yield Finding(
                "signature-over-text",
                "warning",
                _("{where}: the signature lies over text", where=where),
                got=covered[:160],
            )
    texts = [read_without(page, places) for page in (before, after)]
    if texts[0] != texts[1]:
        expected, got = _differing(*texts)
        yield Finding(
            "text", "error", _("{where}: the text is not as issued", where=where), expected=expected, got=got
        )
        return
    differing = find_difference(before, after, places)
    if differing is not None:
        yield Finding(
            "looks",
            "error",
            _("{where}: the page looks different, though its text is as issued", where=where),
            expected=_("nothing but signatures, number and date"),
            got=_(
                "from {left:.0f}, {bottom:.0f} to {right:.0f}, {top:.0f} points",
                left=differing[0],
                bottom=differing[1],
                right=differing[2],
                top=differing[3],
            ),
        )
    elif drawn and not blanks:
        # Looks the same, and is drawn by other means: nothing on such a page was to be filled in.
        yield Finding(
            "drawing", "error", _("{where}: the page is drawn by other means than as issued", where=where)
        )


def _describe(one: AddedAnnotation, covered: str) -> str:
    return _("{kind} over {text}", kind=one.kind, text=covered[:80]) if covered else one.kind


def _judge_filled(where: str, before: str, after: str) -> Iterator[Finding]:
    """Hold what was filled in against what the line says: digits may come, words may not, and no digit may go."""
    words = {word.casefold() for word in _WORD.findall(before)}
    strange = [word for word in _WORD.findall(after) if word.casefold() not in words]
    lost = [number for number in _DIGITS.findall(before) if number not in _DIGITS.findall(after)]
    if strange or lost:
        yield Finding(
            "filled-in",
            "error",
            _("{where}: more than number and date was filled in", where=where),
            expected=before,
            got=after,
        )


def _differing(before: str, after: str) -> tuple[str, str]:
    """Cut two texts to where they differ, with a little around it."""
    start = next(
        (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
        min(len(before), len(after)),
    )
    end = next(
        (
            at
            for at, (one, other) in enumerate(zip(before[start:][::-1], after[start:][::-1], strict=False))
            if one != other
        ),
        min(len(before), len(after)) - start,
    )
    cut = [text[max(0, start - 20) : len(text) - end + 20] for text in (before, after)]
    return cut[0][:160], cut[1][:160]
