r"""
The one writer and the one reader of our own markup: Pandoc Markdown with the spans, headings and ids of a report.

===============================================  ==========================
``[142.186]{#m_x_01 .so v="hoso" n="142186"}``   a mention of a value
``[Quyết định số 5/QĐ]{#c_x_01 .vb}``            a citation
``### a) Hồ sơ {#x_i7a}``                        a heading of a section
``::: {.bang #bang_x cot="1,4,2"}``              a table with its caption
``::: {.hinh #bd_x rong="160mm"}``               a chart with its caption
``:::: {.phu-luc}``                              an annex, on pages across, behind the closing
===============================================  ==========================

What is written here from a text is that text: every sign that Pandoc could
take for markup is escaped, so that only runs of a notebook become spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from baocao.sections.parts import Cited, Link, Note, Printed, Reference, Run, Runs, Styled, Text

_SPECIAL = re.compile(r"([\\`*_\[\]{}<>#|$@^~&\"'!])")
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
# What opens a list, a definition or a div where a paragraph begins.
_OPENING = re.compile(r"^(?:(\d+)(?=[.)])|(?=[-+:]))")
_UNPRINTED = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SPAN = re.compile(r"\[((?:\\.|[^\[\]\\])*)\]\{([^{}\n]*)\}")
_NAMED = re.compile(r"#([A-Za-z][\w-]*)")
_HEADING = re.compile(r"^#+ (.*) \{#(\w+)\}$", re.MULTILINE)
_IDENTIFIED = re.compile(
    r"(?<!\\)\{[^{}\n]*?#([^\s{}]+)[^{}\n]*\}|^:::+ *\{[^{}\n]*?#([^\s{}]+)", re.MULTILINE
)
_PICTURE = re.compile(r"(?<!\\)!\[(?:\\.|[^\]\\])*\]\(<?([^)>\s]*)>?[^)]*\)")
_ATTRIBUTES = re.compile(r"(?<!\\)\s*\{[^}\n]*\}|^:+$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class Span:
    """What a run becomes: the id of its mention, and for a value the number that programs read."""

    id: str
    number: str = ""


Place = Callable[[Printed | Cited], Span]
"""Gives a run its span; called once for each, in the order of reading."""


def escape(text: str) -> str:
    r"""
    Return Markdown that shows a text as it is, somewhere within a paragraph.

    Examples
    --------
    >>> print(escape('[999]{.so v="x"}'))
    \[999\]\{.so v=\"x\"\}
    """
    # A line break could end the paragraph, and what is open in it.
    return _SPECIAL.sub(r"\\\1", _UNPRINTED.sub("", _BLANKS.sub(" ", text)))


def write_paragraph(runs: Runs, place: Place | None = None) -> str:
    r"""
    Return runs as one paragraph.

    Parameters
    ----------
    place
        None where no run prints a value or a citation.

    Examples
    --------
    >>> print(write_paragraph((Text(text="- <b>1. Sở</b>"),)))
    \- \<b\>1. Sở\</b\>
    """
    written = write_runs(runs, place).strip(" ")
    return _OPENING.sub(lambda match: f"{match[1]}\\" if match[1] else "\\", written)


def write_text(text: str) -> str:
    """Return a plain text as one paragraph."""
    return write_paragraph((Text(text=text),))


def write_runs(runs: Runs, place: Place | None = None) -> str:
    """Return runs as they stand within a paragraph; see :func:`write_paragraph`."""
    written = ""
    for run in runs:
        piece = _write(run, place)
        # Behind a note a parenthesis would make a link of it.
        written += f"\\{piece}" if written.endswith("]") and piece.startswith("(") else piece
    return written


def _write(run: Run, place: Place | None) -> str:
    if isinstance(run, Text):
        return escape(run.text)
    if isinstance(run, Printed | Cited):
        assert place is not None
        span = place(run)
        value = f' .so v="{_attribute(run.value)}" n="{span.number}"' if isinstance(run, Printed) else " .vb"
        return f"[{escape(run.text)}]{{#{span.id}{value}}}"
    assert not isinstance(run, Reference)  # its label is in its place
    inner = write_runs(run.runs, place)
    if not inner.strip():
        return inner
    # Pandoc takes no mark for one that stands beside a blank within, and drops blanks at the ends of a link.
    before, after = inner[: len(inner) - len(inner.lstrip(" "))], inner[len(inner.rstrip(" ")) :]
    inner = inner.strip(" ")
    if isinstance(run, Note):
        written = f"^[{inner}]"
    elif isinstance(run, Link):
        written = f"[{inner}](<{_address(run.url)}>)"
    else:
        assert isinstance(run, Styled)
        mark = "**" if run.kind == "strong" else "*"
        written = f"{mark}{inner}{mark}"
    return f"{before}{written}{after}"


def heading_id(report: str, key: str) -> str:
    """
    Return the id of a section's heading.

    Examples
    --------
    >>> heading_id("kstthc", "I.7.đ")
    'kstthc_i7dd'
    """
    return f"{report}_{re.sub(r'[^a-z0-9]', '', key.lower().replace('đ', 'dd'))}"


def write_heading(level: int, text: str, id: str) -> str:
    """Return a heading with its id; ``text`` is written already."""
    return f"{'#' * level} {text} {{#{id}}}"


def write_list(items: Sequence[str], start: int | None) -> str:
    """
    Return a list of items, each of them blocks that are written already.

    Examples
    --------
    >>> print(write_list(["một", "hai"], 3))
    3. một
    <BLANKLINE>
    4. hai
    """
    written = []
    for number, item in enumerate(items):
        mark = "- " if start is None else f"{start + number}. "
        indent = " " * max(len(mark), 4 if start is not None else 2)
        lines = item.split("\n")
        written.append("\n".join([mark + lines[0], *(indent + line if line else "" for line in lines[1:])]))
    return "\n\n".join(written)


def write_table(
    id: str,
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    aligned: Sequence[str],
    widths: Sequence[int],
    wide: bool,
) -> str:
    """
    Return a table with its caption; all texts are written already.

    Parameters
    ----------
    aligned
        ``left``, ``right`` or ``center``, one a column.
    """
    rules = [{"left": ":--", "right": "--:", "center": ":-:"}[side] for side in aligned]
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, rules, *rows)]
    # Many columns leave words no room at the usual size.
    small = ' kieu="nho"' if len(widths) > 6 else ""
    columns = ",".join(str(width) for width in widths)
    table = [f'::: {{.bang #{id} cot="{columns}"{small}}}', caption, "", *lines, ":::"]
    return "\n".join([":::: {.ngang}", *table, "::::"] if wide else table)


def write_annex(
    heading: str,
    lines: Sequence[str],
    id: str,
    caption: str,
    heads: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    *,
    aligned: Sequence[str],
    widths: Sequence[int],
) -> str:
    """
    Return an annex: a heading, its title and what it is attached to, a table; all texts are written already.

    Parameters
    ----------
    heads
        Rows of heads; ``<<`` and ``^^`` join a cell to the one left of it or above.
    aligned
        ``left``, ``right`` or ``center``, one a column.
    """
    rules = [{"left": ":--", "right": "--:", "center": ":-:"}[side] for side in aligned]
    table = ["| " + " | ".join(cells) + " |" for cells in (heads[0], rules, *heads[1:], *rows)]
    columns = ",".join(str(width) for width in widths)
    opened = f'::: {{.bang #{id} cot="{columns}" kieu="nho" dau="{len(heads)}"}}'
    above = "\n\n".join([heading, *lines])
    return "\n".join([":::: {.phu-luc}", above, "", opened, caption, "", *table, ":::", "::::"])


def write_chart(id: str, alt: str, file: str, caption: str) -> str:
    """Return a chart with its caption, which is written already; ``alt`` is plain text."""
    return f'::: {{.hinh #{id} rong="160mm"}}\n![{escape(alt)}]({file})\n\n{caption}\n:::'


# -- reading -------------------------------------------------------------------


def read_mentions(markdown: str) -> Iterator[tuple[str, str]]:
    r"""
    Yield the id and the printed text of each mention, in order.

    Examples
    --------
    >>> list(read_mentions('Có [97,15\\%]{#m_a_01 .so v="x" n="97.15"} và [a]{#c_b .vb}'))
    [('m_a_01', '97,15%')]
    """
    for match in _SPAN.finditer(markdown):
        words = match[2].split()
        name = _NAMED.search(match[2])
        if ".so" in words and name:
            yield name[1], unescape(match[1])


def read_ids(markdown: str) -> Iterator[str]:
    """Yield every id: of mentions, citations, headings, tables, charts."""
    for inline, block in _IDENTIFIED.findall(markdown):
        yield inline or block


def read_pictures(markdown: str) -> Iterator[str]:
    """Yield the path of each picture, as written."""
    for path in _PICTURE.findall(markdown):
        yield unescape(path)


def read_sections(markdown: str) -> Iterator[tuple[str, list[str]]]:
    r"""
    Yield for each heading its id, and its paragraphs as plain text down to the next heading, itself first.

    Examples
    --------
    >>> list(read_sections('## 1. Một {#x_i1}\n\nCó [38]{#m .so v="a"} hồ sơ.'))
    [('x_i1', ['## 1. Một', 'Có 38 hồ sơ.'])]
    """
    headings = list(_HEADING.finditer(markdown))
    for match, following in zip(headings, [*headings, None][1:], strict=True):
        text = markdown[match.start() : following.start() if following else len(markdown)]
        text = unescape(_ATTRIBUTES.sub("", strip_spans(text)))
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
        yield match[2], [paragraph for paragraph in paragraphs if paragraph]


def find_bare_tables(markdown: str) -> Iterator[int]:
    r"""
    Yield the line, counted from 1, of each row of a table that lies in no ``.bang``.

    Examples
    --------
    >>> list(find_bare_tables("::: {.bang #x}\n| a |\n:::\n\n| b |"))
    [5]
    """
    inside: list[bool] = []
    for number, line in enumerate(markdown.split("\n"), 1):
        if line.startswith(":::"):
            opening = line.strip(": ")
            if opening:
                inside.append(".bang" in opening)
            elif inside:
                inside.pop()
        elif line.startswith("|") and not any(inside):
            yield number


def strip_spans(markdown: str) -> str:
    """
    Return a text with spans replaced by what they print.

    Examples
    --------
    >>> strip_spans('Có [38]{#m_a .so v="x"} hồ sơ')
    'Có 38 hồ sơ'
    """
    return _SPAN.sub(r"\1", markdown)


def unescape(markdown: str) -> str:
    """Return a stretch of Markdown without marks as its reader sees it."""
    return _ESCAPED.sub(r"\1", markdown)


def _attribute(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _address(url: str) -> str:
    return re.sub(r"[<>\\\s\"]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)
