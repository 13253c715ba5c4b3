"""Policy text that an office writes for a section: plain Markdown, block by block."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from baocao.project.errors import InputError, UsageError
from baocao.project.findings import Finding
from baocao.project.language import _
from baocao.sections.markdown import find_problems

_BLOCK = re.compile(r"^##[ \t]+(.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class NarrativeBlock:
    """
    The text under one ``## name`` of a narrative file.

    Parameters
    ----------
    name
        None for what stands before the first heading.
    text
        Markdown as typed, without the heading.
    line
        Of the file, where the text begins.
    """

    name: str | None
    text: str
    line: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be printed."""
        return not self.text.strip()


@dataclass(frozen=True)
class Narrative:
    """
    A narrative file.

    Parameters
    ----------
    file
        As messages spell it: ``loi-van/kstthc/07.md``.
    blocks
        In order; the first has no name and may be empty.
    findings
        What the file may not hold, each with its line.
    """

    file: str
    blocks: tuple[NarrativeBlock, ...]
    findings: tuple[Finding, ...]

    def block(self, name: str | None) -> NarrativeBlock:
        """
        Return one block; None is the whole file, its headings not printed.

        Raises
        ------
        UsageError
            The file has no such block; the message lists its blocks.
        """
        if name is None:
            # A heading's line stays as an empty one, so that lines keep their numbers.
            return NarrativeBlock(None, "\n".join(block.text for block in self.blocks), 1)
        for block in self.blocks:
            if block.name == name:
                return block
        names = ", ".join(block.name for block in self.blocks if block.name) or _("none")
        raise UsageError(
            _("{file} has no block '## {block}'; it has {blocks}.", file=self.file, block=name, blocks=names)
        )


def parse_narrative(text: str, file: str) -> Narrative:
    r"""
    Read a narrative.

    Examples
    --------
    >>> [(block.name, block.line) for block in parse_narrative("Mở.\n\n## mot\n\nMột.", "01.md").blocks]
    [(None, 1), ('mot', 4)]
    """
    blocks: list[NarrativeBlock] = []
    name, start, line = None, 0, 1
    for match in _BLOCK.finditer(text):
        blocks.append(NarrativeBlock(name, text[start : match.start()], line))
        name, start = match[1], match.end() + 1
        line = text.count("\n", 0, match.end()) + 2
    blocks.append(NarrativeBlock(name, text[start:], line))
    findings = [
        Finding(
            "narrative-markup",
            "error",
            _("{what} cannot stand in a text: {excerpt}", what=problem.what, excerpt=problem.excerpt),
            cells=(f"{file}:{problem.line}",),
            expected=_(
                "paragraphs, lists, headings, bold, italics, footnotes, and links to http, https, mailto"
            ),
            got=problem.excerpt,
            action=_("Take it out, or put a backslash before the sign that is meant as it stands."),
        )
        for problem in find_problems(text)
    ]
    counts = Counter(block.name for block in blocks if block.name)
    findings += [
        Finding(
            "narrative-block-twice",
            "error",
            _("the block '## {block}' stands {count} times", block=block.name, count=counts[block.name]),
            cells=(f"{file}:{block.line - 1}",),
            expected=_("each block once"),
            got=f"## {block.name}",
            action=_("Join the blocks, or give one of them its own name."),
        )
        for at, block in enumerate(blocks)
        if block.name and any(block.name == earlier.name for earlier in blocks[:at])
    ]
    return Narrative(file, tuple(blocks), tuple(findings))


def read_narrative(path: Path, file: str) -> Narrative:
    """
    Read a narrative file.

    Raises
    ------
    UsageError
        The file is missing or is no UTF-8 text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(_("{file} is missing; write the section's text there.", file=file)) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            _(
                "{file}: expected UTF-8 text, got byte {start}: {reason}.",
                file=file,
                start=error.start,
                reason=error.reason,
            )
        ) from None
    return parse_narrative(text, file)


def require_fit(narrative: Narrative) -> Narrative:
    """
    Return a narrative that may be printed.

    Raises
    ------
    InputError
        It holds what it may not; every such line is in the message.
    """
    if narrative.findings:
        listed = "\n".join(f"  {finding}" for finding in narrative.findings)
        raise InputError(
            _("{file} cannot be printed:\n{listed}", file=narrative.file, listed=listed),
            findings=narrative.findings,
        )
    return narrative
