"""What stands in a source: mentions, ids, pictures, and what may not stand in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from baocao.documents.markup import find_bare_tables, read_ids, read_mentions, read_pictures
from baocao.project.errors import RenderError
from baocao.project.language import N_, _

_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Attributes in braces, or the bare class of a div; text from outside has its braces and colons escaped.
_IN = r"(?:(?<!\\)\{[^{}\n]*|^:{3,}[^\n]*)"
_REFUSED = [
    (r"\{\{<", N_("a Quarto shortcode: Pandoc alone prints it as text")),
    (r"^\s*(`{3,}|~{3,})\s*\{[A-Za-z]", N_("an executable cell: sources hold no code")),
    (r"`\{[A-Za-z]\w*\}\s", N_("an inline expression: sources hold no code")),
    (r"(?<!\\)\{=\w+\}", N_("raw text for one format: the three documents must say the same")),
    (rf"{_IN}\bcallout-", N_("a Quarto callout")),
    (rf"{_IN}\bcontent-(visible|hidden)", N_("conditional content: the three documents must say the same")),
    (rf"{_IN}(?:\bpanel-|\bcolumn-|\blayout(-ncol|-nrow|-valign)?=)", N_("a Quarto layout")),
    (rf"{_IN}[.\s](?:proof|remark|solution|aside|theorem|lemma|hidden)\b", N_("a block that Quarto writes in its own way")),
    (rf"{_IN}\b(?:on\w+|style|src|href|srcdoc|action)\s*=", N_("an attribute that can load or run something")),
    (r"(?<!\\)\{[^{}\n]*\.landscape\b", "Quarto's .landscape: write .ngang"),
    (r"(?<![\w\\])@(fig|tbl|sec|eq|lst)-", N_("a Quarto cross-reference: numbers are typed")),
    (r"(?<!\\)\]\(\s*<?(?!\s*<?(?:https?://|mailto:|#|hinh/))[a-z][a-z0-9+.-]*:", N_("a link to other than http, https or mailto")),
]  # fmt: skip
_BARE = N_("a table without its .bang: the engines set it in different ways")
_REFUSED_IN_BODY = [
    (r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$", N_("a rule: the engines draw it in different ways")),
    (r"^ {0,3}(?:\+[-=:+]{3,}|-{2,}[ \t]+-[- \t]*)$", _BARE),
]  # fmt: skip
_OWN_KEYS = ("title", "lang", "trace-hash", "trace-file")


@dataclass(frozen=True)
class Source:
    """
    A source read for what its documents must hold.

    Attributes
    ----------
    mentions
        The text printed by mention id, in order.
    ids
        Every id: mentions, citations, headings, tables, charts.
    pictures
        Paths as written, relative to the source, without an extension.
    trace_file
        The file to attach to the PDF, relative to the source; None for none.
    """

    mentions: dict[str, str]
    ids: tuple[str, ...]
    pictures: tuple[str, ...]
    trace_file: str | None


def read_source(text: str) -> Source:
    """
    Read what a source holds.

    Raises
    ------
    RenderError
        The head is no YAML.

    Examples
    --------
    >>> read_source('Tiếp nhận [142.186]{#m_a_01 .so v="x" n="142186"} hồ sơ.').mentions
    {'m_a_01': '142.186'}
    """
    head, body = _split(text)
    pieces = [*_strings(head), body]
    mentions = {name: printed for piece in pieces for name, printed in read_mentions(piece)}
    trace_file = head.get("trace-file")
    return Source(
        mentions=mentions,
        ids=tuple(dict.fromkeys(id for piece in pieces for id in read_ids(piece))),
        pictures=tuple(dict.fromkeys(read_pictures(body))),
        trace_file=None if trace_file is None else str(trace_file),
    )


def check_source(text: str, layout: str = "") -> list[str]:
    """
    Return what a source may not hold, since the engines would differ on it.

    Parameters
    ----------
    text
        The whole source.
    layout
        The format extension, whose own keys begin with its name and a hyphen; without it any key with a
        hyphen may be one.

    Returns
    -------
    list of str
        One entry a fault, with its line; empty when there is none.

    Examples
    --------
    >>> check_source("Xem @fig-mot.")
    ['line 1: a Quarto cross-reference: numbers are typed: Xem @fig-mot.']
    """
    head, body = _split(text)
    first = text.count("\n", 0, len(text) - len(body))
    found = [
        (text.count("\n", 0, match.start()) + 1, why)
        for pattern, why in _REFUSED
        for match in re.finditer(pattern, text, re.MULTILINE | re.IGNORECASE)
    ]
    found += [
        (first + body.count("\n", 0, match.start()) + 1, why)
        for pattern, why in _REFUSED_IN_BODY
        for match in re.finditer(pattern, body, re.MULTILINE)
    ]
    found += [(first + line, _BARE) for line in find_bare_tables(body)]
    lines = text.split("\n")
    said: list[str] = [
        _("line {number}: {why}: {line}", number=number, why=_(why), line=lines[number - 1].strip()[:80])
        for number, why in sorted(set(found))
    ]
    said += [
        _(
            "head: the key {key!r} is not read: expected {layout}-*, {own_keys}",
            key=key,
            layout=layout or "<layout>",
            own_keys=", ".join(_OWN_KEYS),
        )
        for key in head
        if key not in _OWN_KEYS and not (str(key).startswith(f"{layout}-") if layout else "-" in str(key))
    ]
    counts = Counter(id for piece in [*_strings(head), body] for id in read_ids(piece))
    said += [
        _(
            "id {name!r}: expected a small letter, then small letters, digits and _, at most 40 in all",
            name=name,
        )
        for name in counts
        if not _ID.fullmatch(name)
    ]
    said += [
        _("id {name!r}: stands {count} times, expected once", name=name, count=count)
        for name, count in counts.items()
        if count > 1
    ]
    for path in read_pictures(body):
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or ":" in path or "\\" in path:
            said.append(
                _("picture {path!r}: expected a path beside the source, such as hinh/bd_x", path=path)
            )
        elif PurePosixPath(path).suffix:
            said.append(
                _(
                    "picture {path!r}: expected no extension (.png goes to Word, .svg to PDF and HTML)",
                    path=path,
                )
            )
    return said


def _split(text: str) -> tuple[dict[str, Any], str]:
    match = _HEAD.match(text)
    if not match:
        return {}, text
    try:
        head = yaml.safe_load(match.group(1))
    except yaml.YAMLError as error:
        raise RenderError(_("the head of the source is no YAML: {error}", error=error)) from error
    return (head if isinstance(head, dict) else {}), text[match.end() :]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
