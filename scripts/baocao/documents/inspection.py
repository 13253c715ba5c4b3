"""Whether a document holds what its source says: every printed value, every id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from baocao.documents.characters import fold_characters
from baocao.documents.engines.base import Format
from baocao.documents.guard import open_page, open_pdf, read_pages
from baocao.documents.source import Source
from baocao.documents.word import WordFile
from baocao.project.errors import RenderError, TraceError
from baocao.project.language import _

_SPACE = re.compile(r"\s+")


def inspect(document: Path, kind: Format, source: Source, values: Sequence[str] = ()) -> None:
    """
    Compare a document with its source.

    Parameters
    ----------
    document
        The file to read.
    kind
        Its format.
    source
        What it must hold.
    values
        Further texts that must stand in it.

    Raises
    ------
    RenderError
        It cannot be read, or something is missing; every missing thing is named.
    """
    try:
        missing = _READERS[kind](document, source, values)
    except (TraceError, RuntimeError, ValueError) as error:
        raise RenderError(
            _("{name} cannot be read back: {error}", name=document.name, error=error)
        ) from error
    if missing:
        shown = ", ".join(missing[:12]) + (f" and {len(missing) - 12} more" if len(missing) > 12 else "")
        raise RenderError(
            _("{name} is not published; missing in it: {texts}", name=document.name, texts=shown)
        )


def _docx(document: Path, source: Source, values: Sequence[str]) -> list[str]:
    passages = WordFile(document).passages("accepted")
    marked = {mark.id: one.text[mark.start : mark.end] for one in passages for mark in one.marks}
    return [
        *_altered(source, marked),
        *(f"bookmark {name}" for name in source.ids if name not in marked),
        *_absent([*source.mentions.values(), *values], "\n".join(one.text for one in passages)),
    ]


def _html(document: Path, source: Source, values: Sequence[str]) -> list[str]:
    root = open_page(document)
    printed = {node.get("id", ""): node.text_content() for node in root.iter("data")}
    ids = {str(name) for name in root.xpath("//@id")}
    return [
        *_altered(source, printed),
        *(f"id {name}" for name in source.ids if name not in ids),
        *_absent([*source.mentions.values(), *values], root.text_content()),
    ]


def _pdf(document: Path, source: Source, values: Sequence[str]) -> list[str]:
    from pypdfium2 import raw

    with open_pdf(document) as pdf:
        # PDFium puts this mark in place of a hyphen at the end of a line.
        text = "".join(page.get_text_range() for page in read_pages(pdf, document)).replace("\ufffe", "-")
        attached = raw.FPDFDoc_GetAttachmentCount(pdf)
    missing = _absent([*source.mentions.values(), *values], text)
    if source.trace_file is not None and not attached:
        missing.append(_("the attached {trace_file}", trace_file=source.trace_file))
    return missing


_READERS: dict[Format, Callable[[Path, Source, Sequence[str]], list[str]]] = {
    "docx": _docx,
    "html": _html,
    "pdf": _pdf,
}


def _altered(source: Source, found: dict[str, str]) -> list[str]:
    return [
        f"mention {name} as {printed!r} (got {found.get(name)!r})"
        for name, printed in source.mentions.items()
        if _squeezed(found.get(name, "")) != _squeezed(printed)
    ]


def _absent(texts: Iterable[str], document: str) -> list[str]:
    """Name texts that stand less often than they were printed; a page may end between two words."""
    whole = _squeezed(document)
    wanted = Counter(word for text in texts for word in map(_squeezed, text.split()) if word)
    return [
        f"{word!r} ({whole.count(word)} of {count})"
        for word, count in wanted.items()
        if whole.count(word) < count
    ]


def _squeezed(text: str) -> str:
    # The layout holds symbols and periods together by hyphens at which no line ends.
    return _SPACE.sub("", fold_characters(text))
