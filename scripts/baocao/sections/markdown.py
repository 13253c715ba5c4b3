"""
The one reader of Markdown that people write: a small language, everything outside it is text.

Paragraphs, lists, headings, bold, italics, footnotes, and links to http, https
and mailto. The grammar is CommonMark's, read by markdown-it with everything
else switched off, so that what is not known here cannot become markup later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from baocao.project.language import N_, _
from baocao.sections.parts import Heading, Link, Listing, Note, Paragraph, Run, Styled, Text, TextBlock, plain

if TYPE_CHECKING:
    from markdown_it.token import Token

DEEPEST = 12
"""Brackets, list levels and footnotes in one another; 2,000 brackets take a program that nests them 23 GB."""
LONGEST = 200_000
"""Characters of one text; a section of the longest report known has 20,000."""

Put = Callable[[str], Sequence[Run]]
_SCHEMES = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_SEPARATE = re.compile(r"(?:(?<=\s)|^)[-+*]\s")

_REFUSED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)", re.MULTILINE), N_("a mark of two versions that were not merged")),
    (re.compile(r"^ {0,3}(?:-{3,}|\*{3,}|_{3,}|(?:\* +){2,}\*|(?:- +){2,}-)[ \t]*$", re.MULTILINE), N_("a rule or a YAML block")),
    (re.compile(r"^ {0,3}(?:=+|[-=+|: ]*-[-=+|: ]*-[-=+|: ]*)[ \t]*$", re.MULTILINE), N_("a table or an underlined heading")),
    (re.compile(r"^[ \t]*\|", re.MULTILINE), N_("a table")),
    (re.compile(r"^[ \t]*:{3,}", re.MULTILINE), N_("a block of its own kind (:::)")),
    (re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE), N_("a block of code")),
    (re.compile(r"(?<!\\)\{\{[<%]"), N_("a shortcode ({{< … >}})")),
    (re.compile(r"(?<!\\)\{\s*(?:[.#=:][\w-]|[\w-]+=)[^{}\n]*\}"), N_("an attribute")),
    (re.compile(r"(?<!\\)!\["), N_("a picture")),
    (re.compile(r"(?<!\\)</?[A-Za-z][^<>\n]*>|(?<!\\)<!--|(?<!\\)<\?"), "HTML"),
    (re.compile(r"(?<!\\)\]\(\s*<?(?!\s*<?(?:https?://|mailto:))[^()\s]*", re.IGNORECASE), N_("a link to other than http, https or mailto")),
    (re.compile("[\N{OBJECT REPLACEMENT CHARACTER}\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}]"), N_("a character that is kept for values")),
    (re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]"), N_("a control character")),
    # ½ ⅓ Ⅴ ⑤ ⁵ ₅ print a number that no search for digits finds; m² and km³ are measures.
    (re.compile("[\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u2189\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]|(?<![^\\W\\d_])[\u00b9\u00b2\u00b3]"), N_("a number that is one character")),
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """
    What a text may not hold.

    Parameters
    ----------
    line
        Counted from 1 in the text.
    what
        What it is, in words.
    excerpt
        The line, shortened.
    """

    line: int
    what: str
    excerpt: str


def find_problems(text: str) -> list[Problem]:
    r"""
    List what a text may not hold, in the order of its lines.

    Examples
    --------
    >>> find_problems("Có hồ sơ.\n\n[999]{.so v='x'}")
    [Problem(line=3, what='an attribute', excerpt="[999]{.so v='x'}")]
    """
    lines = text.split("\n")
    found = {
        (text.count("\n", 0, match.start()) + 1, what)
        for pattern, what in _REFUSED
        for match in pattern.finditer(text)
    }
    problems = [Problem(line, _(what), _shorten(lines[line - 1])) for line, what in sorted(found)]
    if len(text) > LONGEST:
        what = _("more than {most} characters", most=LONGEST)
        problems.append(Problem(1, what, _shorten(lines[0])))
    deep = next((line for line, depth in enumerate(_depths(lines), 1) if depth > DEEPEST), None)
    if deep is not None:
        what = _("more than {most} levels in one another", most=DEEPEST)
        problems.append(Problem(deep, what, _shorten(lines[deep - 1])))
    return problems


def parse_markdown(text: str, put: Put | None = None, *, line: int = 1) -> tuple[TextBlock, ...]:
    """
    Read a text; what is not of the small language is text.

    Parameters
    ----------
    put
        Turns a stretch of characters into runs: what finds the marks of
        values in it. None takes every character for itself.
    line
        Of the file the text was read from, where it begins.

    Examples
    --------
    >>> parse_markdown("**Có** <b>")[0].runs
    (Styled(kind='strong', runs=(Text(kind='text', text='Có'),)), Text(kind='text', text=' <b>'))
    """
    if len(text) > LONGEST or max(_depths(text.split("\n")), default=0) > DEEPEST:
        return (Paragraph(runs=_as_text(text, put), line=line),)
    environment: dict[str, Any] = {}
    tokens = _grammar().parse(text, environment)
    return tuple(_Reader(put, line, environment, tokens).blocks(tokens))


def _depths(lines: Sequence[str]) -> Iterator[int]:
    """Yield for each line how deep brackets, and levels of lists by their indentation, lie in one another."""
    depth = 0
    for line in lines:
        if not line.strip():
            depth = 0  # no bracket goes over a blank line
        deepest = depth
        for char in line:
            depth = depth + 1 if char == "[" else max(0, depth - 1) if char == "]" else depth
            deepest = max(deepest, depth)
        levels = len(_SEPARATE.findall(line[: 4 * DEEPEST]))
        yield max(deepest, levels, (len(line) - len(line.lstrip())) // 4)


def _as_text(text: str, put: Put | None) -> tuple[Run, ...]:
    if put is not None:
        return tuple(put(text))
    return (Text(text=text),) if text else ()


@cache
def _grammar() -> MarkdownIt:
    grammar = MarkdownIt("zero", {"maxNesting": 4 * DEEPEST})
    grammar.enable(["heading", "list", "emphasis", "link", "escape", "entity", "newline"])
    footnote_plugin(grammar, move_to_end=False)
    grammar.validateLink = lambda url: _SCHEMES.match(url) is not None  # type: ignore[method-assign]
    return grammar


class _Reader:
    def __init__(
        self, put: Put | None, line: int, environment: dict[str, Any], tokens: Sequence[Token]
    ) -> None:
        self._put = put
        self._line = line
        self._notes = environment.get("footnotes", {}).get("list", {})
        self._defined: dict[str, list[Token]] = {}
        label, inside = "", False
        for token in tokens:
            if token.type == "footnote_reference_open":
                label, inside = token.meta["label"], True
                self._defined[label] = []
            elif token.type == "footnote_reference_close":
                inside = False
            elif inside:
                self._defined[label].append(token)

    def blocks(self, tokens: Sequence[Token]) -> Iterator[TextBlock]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            end = _closing(tokens, at)
            inner = tokens[at + 1 : end]
            line = self._line + (token.map[0] if token.map else 0)
            if token.type == "paragraph_open":
                yield Paragraph(runs=self._runs(inner[0].children or []), line=line)
            elif token.type == "heading_open":
                yield Heading(level=int(token.tag[1:]), runs=self._runs(inner[0].children or []), line=line)
            elif token.type == "bullet_list_open":
                yield Listing(items=tuple(self._items(inner)))
            elif token.type == "ordered_list_open":
                start = int(token.attrGet("start") or (1 if token.attrGet("start") is None else 0))
                if token.markup == ")":  # "1)" is typed by itself, not a list of ours
                    for number, item in enumerate(self._items(inner), start):
                        yield from _numbered(number, item)
                else:
                    yield Listing(start=start, items=tuple(self._items(inner)))
            at = end + 1

    def _items(self, tokens: Sequence[Token]) -> Iterator[tuple[TextBlock, ...]]:
        at = 0
        while at < len(tokens):
            end = _closing(tokens, at)
            yield tuple(self.blocks(tokens[at + 1 : end]))
            at = end + 1

    def _runs(self, tokens: Sequence[Token], depth: int = 0) -> tuple[Run, ...]:
        runs: list[Run] = []
        text: list[str] = []

        def flush() -> None:
            runs.extend(_as_text("".join(text), self._put))
            text.clear()

        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in ("text", "text_special"):
                text.append(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                text.append(" ")
            elif token.nesting and depth >= DEEPEST:
                pass  # styles in styles: the text alone
            else:
                flush()
                end = _closing(tokens, at)
                if token.type == "footnote_ref":
                    inner = self._note(token, depth + 1)
                else:
                    inner = self._runs(tokens[at + 1 : end], depth + 1)
                runs += [_wrap(token, inner)] if plain(inner).strip() else inner
                at = end
            at += 1
        flush()
        return tuple(runs)

    def _note(self, token: Token, depth: int) -> tuple[Run, ...]:
        note = self._notes[token.meta["id"]]
        if "tokens" in note:
            return self._runs(note["tokens"], depth)
        # Taken out, so that a note that calls itself ends.
        content = self._defined.pop(note["label"], [])
        runs: list[Run] = []
        for inline in (one for one in content if one.type == "inline"):
            runs.extend([Text(text=" ")] if runs else [])
            runs.extend(self._runs(inline.children or [], depth))
        return tuple(runs)


def _wrap(token: Token, inner: tuple[Run, ...]) -> Run:
    if token.type == "footnote_ref":
        return Note(runs=inner)
    if token.type == "link_open":
        return Link(url=str(token.attrGet("href")), runs=inner)
    return Styled(kind="strong" if token.type == "strong_open" else "emphasis", runs=inner)


def _numbered(number: int, item: Sequence[TextBlock]) -> Iterator[TextBlock]:
    for index, block in enumerate(item):
        if index == 0 and isinstance(block, Paragraph):
            yield Paragraph(runs=(Text(text=f"{number}) "), *block.runs), line=block.line)
        else:
            yield block


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Return where what begins at ``at`` ends."""
    if tokens[at].nesting != 1:
        return at
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _shorten(line: str, width: int = 80) -> str:
    line = " ".join(line.split())
    return line if len(line) <= width else line[:width] + "…"
