"""What a notebook's cells carry out: HTML for people, and for the stitcher parts whose numbers know their values."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from baocao.project.errors import ValueUseError
from baocao.project.language import _
from baocao.sections import filling
from baocao.sections.filling import Typed
from baocao.sections.markdown import parse_markdown
from baocao.sections.parts import (
    MIME,
    Chart,
    Cited,
    Heading,
    Link,
    Note,
    Paragraph,
    Part,
    Printed,
    Prose,
    Reference,
    Run,
    Runs,
    Styled,
    Table,
    Text,
    TextBlock,
    paragraphs,
    plain,
)
from baocao.values.citations import Citation
from baocao.values.formatting import format_value
from baocao.values.nodes import Node, make_node
from baocao.values.value import MARK_CLOSE, MARK_OPEN, Span, Value, find_written

if TYPE_CHECKING:
    from baocao.project.params import Params
    from baocao.sections.reads import Reads

_MARK = re.compile(f"{MARK_OPEN}([^|{MARK_CLOSE}]+)\\|([^{MARK_CLOSE}]*){MARK_CLOSE}")
# Stands around the number of a mark while Markdown is read.
_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"
_FILLED = re.compile(f"{_HOLE}(\\d+){_HOLE}")


class Outputs:
    """
    The outputs of one section's notebook.

    Parameters
    ----------
    report, section
        What the notebook calls itself.
    reads
        What the notebook has read; every output carries what is new since the one before.
    """

    def __init__(self, params: Params, report: str, section: str, reads: Reads) -> None:
        self.params = params
        self.report = report
        self.section = section
        #: Values written so far, by id.
        self.values: dict[str, Value] = {}
        self._reads = reads
        self._sent: dict[str, str] = {}
        self._sent_blocks: set[str] = set()

    def prose(self, text: str, *, file: str | None = None, line: int = 1) -> None:
        """
        Display paragraphs: the small Markdown of :mod:`baocao.sections.markdown`, with values in place.

        Parameters
        ----------
        file, line
            The narrative the text was read from, and where in it; None for the notebook's own.

        Raises
        ------
        ValueUseError
            One id stands for two numbers in this notebook.
        """
        values: list[Value] = []
        marks: list[str] = []

        def hold(match: re.Match[str]) -> str:
            marks.append(match[0])
            return f"{_HOLE}{len(marks) - 1}{_HOLE}"

        def put(stretch: str) -> Sequence[Run]:
            return self.runs(_FILLED.sub(lambda match: marks[int(match[1])], stretch), values)

        held = _MARK.sub(hold, text.replace(_HOLE, "\N{REPLACEMENT CHARACTER}"))
        blocks = parse_markdown(held, put, line=line)
        shown = {
            "text/html": "".join(self._write_block(block) for block in blocks),
            "text/plain": "\n\n".join(plain(block.runs) for block in paragraphs(blocks)),
        }
        self._display(Prose(blocks=blocks, file=file), values, shown)

    def table(
        self,
        id: str,
        caption: str,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        numeric: Sequence[bool],
        widths: Sequence[int],
        total: bool = False,
        numbered: bool = False,
        wide: bool = False,
    ) -> None:
        """Display a table; its texts are plain, with values in place. See :class:`Table`."""
        values: list[Value] = []
        table = Table(
            id=id,
            caption=self.runs(caption, values),
            header=tuple(self.runs(text, values) for text in header),
            rows=tuple(tuple(self.runs(text, values) for text in row) for row in rows),
            numeric=tuple(numeric),
            widths=tuple(widths),
            total=total,
            numbered=numbered,
            wide=wide,
        )
        lines = [table.header, *table.rows]
        written = [
            "".join(f"<{tag}>{self._write(cell)}</{tag}>" for cell in line)
            for tag, line in zip(["th", *["td"] * len(table.rows)], lines, strict=True)
        ]
        shown = {
            "text/html": f"<table><caption>{self._write(table.caption)}</caption>"
            + "".join(f"<tr>{line}</tr>" for line in written)
            + "</table>",
            "text/plain": "\n".join(
                [plain(table.caption), *(" | ".join(plain(cell) for cell in line) for line in lines)]
            ),
        }
        self._display(table, values, shown)

    def chart(
        self,
        id: str,
        caption: str,
        alt: str,
        *,
        axis: str,
        marks: Iterable[tuple[str, str, str]],
        values: Iterable[Value],
        png: bytes,
        svg: str,
    ) -> None:
        """Display a chart that was drawn from ``values``; see :class:`Chart`."""
        carried = list(values)
        for value in carried:
            self._know(value)
        chart = Chart(
            id=id,
            caption=self.runs(caption, carried),
            alt=self.runs(alt, carried),
            axis=axis,
            marks=tuple(marks),
        )
        shown = {
            "image/png": base64.b64encode(png).decode("ascii"),
            "image/svg+xml": svg,
            "text/plain": plain(chart.alt),
        }
        self._display(chart, carried, shown)

    def runs(self, text: str, values: list[Value]) -> Runs:
        """
        Return a plain text with its marks resolved; a mark that nobody wrote is text.

        Parameters
        ----------
        values
            Gets the values that are printed.
        """
        found: list[Run] = []
        at = 0
        for match in _MARK.finditer(text):
            thing = find_written(match[1])
            if isinstance(thing, Value):
                self._know(thing)
                values.append(thing)
                run: Run = Printed(
                    value=thing.id,
                    text=format_value(thing, self.params.indicators, self.params.house.numbers, match[2]),
                )
            elif isinstance(thing, Citation):
                run = Cited(text=thing.text, cells=tuple(str(ref) for ref in thing.cells))
            elif isinstance(thing, filling.Reference):
                run = Reference(to=thing.to)
            elif isinstance(thing, Typed):
                run = Text(text=thing.text)
            else:
                continue
            found += [*_text(text[at : match.start()]), run]
            at = match.end()
        return (*found, *_text(text[at:]))

    def _display(
        self, content: Prose | Table | Chart, values: Iterable[Value], shown: dict[str, Any]
    ) -> None:
        from IPython.display import display

        nodes, blocks = self._derive(values)
        part = Part(
            content=content,
            report=self.report,
            section=self.section,
            reads=self._reads.take(),
            values=nodes,
            blocks=blocks,
        )
        display({MIME: part.model_dump(mode="json"), **shown}, raw=True)

    def require_declared(self, value: Value) -> None:
        """
        Require that a value is what ``params/indicators.yaml`` says of its id.

        Raises
        ------
        ValueUseError
            It is in another unit, or made of other values.
        """
        indicator = self.params.indicators.get(value.id)
        if indicator is None:
            return
        if value.unit != indicator.unit:
            raise ValueUseError(
                _(
                    "{id} is measured in {unit!r} by params/indicators.yaml, and {value} is not.",
                    id=value.id,
                    unit=indicator.unit,
                    value=value,
                )
            )
        if indicator.made_of and tuple(parent.id for parent in value.parents) != indicator.made_of:
            raise ValueUseError(
                _(
                    "params/indicators.yaml makes {id} of {parts}; write section.value({id!r}) for it.",
                    id=value.id,
                    parts=", ".join(indicator.made_of),
                )
            )

    def _know(self, value: Value) -> None:
        if not value.unit:
            raise ValueUseError(
                _(
                    "what does {value!r} count? Give it an id that params/indicators.yaml knows, or unit=….",
                    value=value,
                )
            )
        self.require_declared(value)
        known = self.values.get(value.id)
        if known is not None and known.content != value.content:
            raise ValueUseError(
                _(
                    "id {id!r} stands for two values in section {section}: {known!s} from {basis!r} and {value!s} from {other_basis!r}; give one of them another id.",
                    id=value.id,
                    section=self.section,
                    known=known,
                    basis=str(known.basis),
                    value=value,
                    other_basis=str(value.basis),
                )
            )
        self.values[value.id] = value

    # -- for people --------------------------------------------------------

    def _write_block(self, block: TextBlock) -> str:
        if isinstance(block, Paragraph):
            return f"<p>{self._write(block.runs)}</p>"
        if isinstance(block, Heading):
            return f"<h{block.level}>{self._write(block.runs)}</h{block.level}>"
        items = "".join(
            f"<li>{''.join(self._write_block(inner) for inner in item)}</li>" for item in block.items
        )
        return f"<ul>{items}</ul>" if block.start is None else f'<ol start="{block.start}">{items}</ol>'

    def _write(self, runs: Runs) -> str:
        return "".join(self._write_run(run) for run in runs)

    def _write_run(self, run: Run) -> str:
        if isinstance(run, Printed):
            number = self.values[run.value].number
            return f'<data value="{number}" title="{escape(run.value)}">{escape(run.text)}</data>'
        if isinstance(run, Text | Cited):
            return escape(run.text)
        if isinstance(run, Reference):
            return escape(plain((run,)))
        inner = self._write(run.runs)
        if isinstance(run, Note):
            return f" <small>({inner})</small>"
        if isinstance(run, Link):
            return f'<a href="{escape(run.url)}">{inner}</a>'
        assert isinstance(run, Styled)
        tag = "strong" if run.kind == "strong" else "em"
        return f"<{tag}>{inner}</{tag}>"

    def _derive(self, values: Iterable[Value]) -> tuple[dict[str, Node], dict[str, tuple[Span, ...]]]:
        """Return nodes and blocks of values and of what they were made from, unless an earlier output has carried them."""
        nodes: dict[str, Node] = {}
        blocks: dict[str, tuple[Span, ...]] = {}
        for printed in values:
            for value in printed.walk():
                if self._sent.get(value.id) == value.content:
                    continue
                self._sent[value.id] = value.content
                for source in value.sources:
                    if source.block.key not in self._sent_blocks:
                        self._sent_blocks.add(source.block.key)
                        blocks[source.block.key] = source.block.spans
                nodes[value.id] = make_node(value)
        return nodes, blocks


def _text(text: str) -> list[Run]:
    return [Text(text=text)] if text else []
