"""The parts that notebooks wrote, put together to one document: Pandoc Markdown, each mention a span with its id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import yaml

from baocao.building.annexes import Annexer
from baocao.documents.annexbook import lay_out_book, write_book
from baocao.documents.annexes import AnnexTable, join_heads
from baocao.documents.markup import (
    Place,
    Span,
    heading_id,
    write_annex,
    write_chart,
    write_heading,
    write_list,
    write_paragraph,
    write_runs,
    write_table,
    write_text,
)
from baocao.documents.numerals import Context, Recogniser, make_recogniser
from baocao.project.errors import UsageError
from baocao.project.findings import Finding
from baocao.project.folder import Project
from baocao.project.house import Document, Facts, HeadEntry
from baocao.project.language import _
from baocao.project.models import Treatment
from baocao.project.periods import Period, format_words
from baocao.project.reports import ReportSpec, SectionSpec
from baocao.reading.forms.folder import owner_of
from baocao.reading.tables import Tables
from baocao.sections import parts
from baocao.sections.filling import PLACEHOLDER, list_near
from baocao.sections.markdown import parse_markdown
from baocao.sections.narratives import read_narrative, require_fit
from baocao.sections.notebooks import CellPart, read_parts
from baocao.sections.parts import (
    Cited,
    Heading,
    Listing,
    Note,
    Paragraph,
    Printed,
    Prose,
    Reference,
    Run,
    Runs,
    Styled,
    Table,
    Text,
    TextBlock,
    plain,
)
from baocao.tracing.printing import find_misprints
from baocao.tracing.record import Chart, CitationMention, Mark, Mention, Stitched, hash_mentions, two_values
from baocao.values.formatting import format_value
from baocao.values.nodes import Node, make_node
from baocao.values.targets import make_target
from baocao.values.value import Value, print_decimal

_POINT = re.compile(r"([^\W\d_A-Z])\)\s")
_SUBSECTION = re.compile(r"(\d+\.\d+)\.\s")
# Stands for a value or a citation while the text around it is read.
_HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"


def stitch(
    project: Project, period: Period, report: str, executed: Mapping[str, Path], tables: Tables
) -> Stitched:
    """
    Put a report together.

    Parameters
    ----------
    executed
        For each notebook, ``kstthc/07-ho-so``, the executed one.

    Raises
    ------
    NotebookError, UsageError
        A notebook wrote nothing, or the opening or closing text is missing.
    """
    spec = project.params.report(report, period)
    written = {name: list(read_parts(executed[name])) for name in spec.notebooks}
    nodes = {
        key: node for items in written.values() for item in items for key, node in item.part.values.items()
    }
    fill = _Fill(project, period, nodes)
    house, place = project.house, project.params.place.name
    printed = [
        item.part.content
        for section in spec.sections
        for point in section.parts
        for item in written[spec.locate(point.notebook)]
    ]
    labels = _number_captions(printed, house.document)
    number_annex, count = house.document.annexes.label, len(spec.annexes)
    labels |= {annex.id: number_annex(number, count) for number, annex in enumerate(spec.annexes, 1)}
    stitcher = _Stitcher(report, make_recogniser(project, period, tables), labels)
    folder, words = f"{house.folders.narrative}/{report}", house.document
    stitcher.narrative(project.raw(period), f"{folder}/00.md", words.opening, fill)
    note = format_treatments(project, tables.treated)
    if note:
        stitcher.text(note, words.opening, f"params/{period}.yaml")
    for section in spec.sections:
        stitcher.heading(section, format_words(section.heading, period, house.periods, place=place))
        for point in section.parts:
            name = spec.locate(point.notebook)
            if point.heading:
                stitcher.markdown(point.heading, section.key, "params/reports.yaml")
            for item in written[name]:
                stitcher.part(item, section, name)
    stitcher.narrative(project.raw(period), f"{folder}/99.md", words.closing, fill)
    facts = _make_facts(project, spec, period)
    annexer = Annexer(
        project,
        period,
        tables,
        {**nodes, **stitcher.done.values},
        lambda text: format_words(text, period, house.periods, place=place),
        stitcher.done.findings,
    )
    annexes = annexer.make(spec.annexes, facts)
    placed = [stitcher.annex(annex) for annex in annexes]
    stitched = stitcher.done
    stitched.findings += find_misprints(stitched.mentions, stitched.values, project.params)
    head = _head(project, facts, stitcher)
    head["trace-hash"] = hash_mentions(report, stitched.mentions, stitched.values)
    if annexes:
        book = lay_out_book(report, annexes, placed, stitched.values, house.document.annexes.sources)
        stitched.annexes = list(book.annexes)
        stitched.workbook = write_book(
            book, project.params, stitched.values, stitched.blocks, period, head["trace-hash"]
        )
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10**6)
    stitched.text = f"---\n{front}---\n\n" + "\n\n".join(stitcher.out) + "\n"
    return stitched


def format_treatments(project: Project, treated: Mapping[str, Treatment]) -> str:
    """
    Return what the report says about submissions that were treated, unit by unit.

    Returns
    -------
    str
        Plain text; empty where nothing was treated.
    """
    words = project.house.document
    sentences = []
    names = {**project.params.offices, **{code: unit.name for code, unit in project.params.units.items()}}
    for where, treatment in treated.items():
        code = owner_of(where.partition("#")[0].rpartition("/")[2], names)
        name = names.get(code or where, where)
        sentences.append(words.treated[treatment.action].format(unit=name, why=treatment.why))
    return words.treatments.format(units="; ".join(dict.fromkeys(sentences))) if sentences else ""


def _make_facts(project: Project, spec: ReportSpec, period: Period) -> Facts:
    """Return what head, closing and annexes are headed with."""
    place, house, params = project.params.place, project.house, project.params.period(period)

    def fill(text: str) -> str:
        drafter = params.drafter.get(spec.name, "")
        return format_words(text, period, house.periods, place=place.name, drafter=drafter)

    return Facts(
        place=place.short,
        issuer=place.issuer,
        period=period,
        title=fill(spec.title),
        symbol=spec.symbol,
        number=params.number.get(spec.name, ""),
        issued_on=params.issued_on.get(spec.name),
        recipient=spec.recipient,
        copies=tuple(fill(line) for line in spec.copies),
        signature=spec.signature,
        signer=params.signer or "",
        place_name=place.name,
    )


def _head(project: Project, facts: Facts, stitcher: _Stitcher) -> dict[str, Any]:
    """Return the metadata for the template: the house's, with mentions and citations marked."""
    house = project.house

    def write(entry: HeadEntry) -> str | list[str]:
        if not isinstance(entry.value, str):
            return [write_text(line) for line in entry.value]
        if not entry.source:
            return write_text(entry.value)
        key = house.document.opening
        return stitcher.tag(as_runs(entry.value), key, entry.source, "body", write_paragraph)

    head: dict[str, Any] = {entry.key: write(entry) for entry in house.document.head(facts)}
    return {**head, "trace-file": f"{stitcher.done.report}.trace.json"}


class _Fill:
    """
    What names in braces stand for in texts that no notebook prints.

    Parameters
    ----------
    nodes
        The values of the report's notebooks.
    """

    def __init__(self, project: Project, period: Period, nodes: Mapping[str, Node]) -> None:
        self.params = project.params
        self.period = period
        self.nodes = dict(nodes)
        self.targets = self.params.period(period).targets
        self.used: set[str] = set()
        place = self.params.place
        self.words = {
            **{code: level.label for code, level in place.levels.items()},
            "place": place.name,
            "short": place.short,
            "kind": place.kind,
            **self.params.house.periods.words(period),
        }

    def hold(self, text: str, file: str, line: int) -> tuple[str, Callable[[str], Runs]]:
        """
        Put holes in the place of names, and return what fills them again.

        Raises
        ------
        UsageError
            A name stands for nothing; each is told with its line.
        """
        runs: list[Run] = []
        unknown: list[str] = []

        def hold(match: re.Match[str]) -> str:
            run = self._find(match[1], match[2] or "")
            if run is None:
                at = line + text.count("\n", 0, match.start())
                near = list_near(match[1], {*self.words, *self.nodes, *self.targets})
                unknown.append(
                    _(
                        "{file}:{line}: {name} stands for nothing; near: {near}",
                        file=file,
                        line=at,
                        name=match[0],
                        near=near,
                    )
                )
                return ""
            runs.append(run)
            return f"{_HOLE}{len(runs) - 1}{_HOLE}"

        held = PLACEHOLDER.sub(hold, text)
        if unknown:
            raise UsageError("\n".join(unknown))

        def put(stretch: str) -> Runs:
            pieces = re.split(f"{_HOLE}(\\d+){_HOLE}", stretch)
            filled: list[Run] = []
            for at, piece in enumerate(pieces):
                filled += [runs[int(piece)]] if at % 2 else as_runs(piece)
            return tuple(filled)

        return held, put

    def _find(self, name: str, spec: str) -> Run | None:
        if name in self.words and not spec:
            return Text(text=self.words[name])
        key = self.params.aliases.get(name, name)
        if key not in self.nodes and key in self.targets:
            self.nodes[key] = make_node(make_target(key, self.targets[key], self.period))
        if key not in self.nodes:
            return None
        value = self._value(key)
        return Printed(
            value=key, text=format_value(value, self.params.indicators, self.params.house.numbers, spec)
        )

    def _value(self, key: str) -> Value:
        node = self.nodes[key]
        self.used.add(key)
        parents = tuple(self._value(parent) for parent in node.parents)
        return Value(node.number, node.unit, node.op, parents, (), node.basis, key)


def _number_captions(contents: Iterable[Prose | Table | parts.Chart], words: Document) -> dict[str, str]:
    """Return what each table and chart is called, by its id: ``Bảng 1``."""
    labels: dict[str, str] = {}
    counts = dict.fromkeys((words.table, words.chart), 0)
    for content in contents:
        if not isinstance(content, Prose):
            word = words.table if isinstance(content, Table) else words.chart
            counts[word] += 1
            labels[content.id] = f"{word} {counts[word]}"
    return labels


class Write(Protocol):
    """Writes runs as Markdown: a paragraph, or what stands within one."""

    def __call__(self, runs: Runs, place: Place | None = None) -> str:
        """Return the Markdown."""


class _Stitcher:
    """
    Puts the parts of a report together.

    Parameters
    ----------
    labels
        What each table and chart is called, by its id.
    """

    def __init__(self, report: str, recogniser: Recogniser, labels: Mapping[str, str]) -> None:
        self.recogniser = recogniser
        self.done = Stitched(report)
        self.out: list[str] = []
        self._numbers: dict[str, int] = {}
        self._labels = labels
        self._owner: dict[str, str] = {}
        self._key = ""

    def heading(self, section: SectionSpec, text: str) -> None:
        """Open a section."""
        written = self.tag(as_runs(text), section.key, "params/reports.yaml", "heading")
        self.out.append(
            write_heading(section.key.count(".") + 1, written, heading_id(self.done.report, section.key))
        )
        self._key = section.key

    def part(self, item: CellPart, section: SectionSpec, name: str) -> None:
        """Take over what one output of a notebook wrote."""
        where = f"notebooks/{name}.ipynb, cell {item.cell}"
        for key, node in item.part.values.items():
            self._merge(key, node, section.key)
        self.done.blocks.update(item.part.blocks)
        content = item.part.content
        if isinstance(content, Prose):
            self.prose(content, section.key, where)
        elif isinstance(content, Table):
            self._table(content, where)
        else:
            self._chart(content, item, where)

    def narrative(self, raw: Path, file: str, key: str, fill: _Fill) -> None:
        """Take over a whole narrative file, with values and words in the place of their names."""
        block = require_fit(read_narrative(raw / file, file)).block(None)
        held, put = fill.hold(block.text, file, block.line)
        for name in fill.used:
            self.done.values.setdefault(name, fill.nodes[name])
        self.prose(Prose(blocks=parse_markdown(held, put, line=block.line), file=file), key, file)

    def markdown(self, text: str, key: str, where: str) -> None:
        """Take over a text of the params: the small Markdown that narratives have."""
        self.prose(Prose(blocks=parse_markdown(text)), key, where)

    def text(self, text: str, key: str, where: str) -> None:
        """Take over one paragraph of plain text."""
        self.prose(Prose(blocks=(Paragraph(runs=as_runs(text)),)), key, where)

    def prose(self, prose: Prose, key: str, where: str) -> None:
        """Take over paragraphs; a point ``a)`` or a number ``6.1.`` opens a subsection."""
        if not self._key.startswith(key):
            self._key = key
        for block in prose.blocks:
            if isinstance(block, Paragraph | Heading):
                self._open(plain(block.runs), key)
            self.out.append(self._block(block, prose.file, where))

    def _open(self, text: str, key: str) -> None:
        point, sub = _POINT.match(text), _SUBSECTION.match(text)
        if sub:
            self._key = f"{key.partition('.')[0]}.{sub[1]}"
        elif point:
            self._key = f"{key}.{point[1]}"

    def _block(self, block: TextBlock, file: str | None, where: str) -> str:
        if isinstance(block, Listing):
            items = ["\n\n".join(self._block(inner, file, where) for inner in item) for item in block.items]
            return write_list(items, block.start)
        where = f"{file}:{block.line}" if file else where
        if isinstance(block, Paragraph):
            return self.tag(block.runs, self._key, where, "body", write_paragraph)
        text = self.tag(block.runs, self._key, where, "heading")
        return write_heading(block.level, text, heading_id(self.done.report, self._key))

    def tag(
        self, runs: Runs, key: str, where: str, context: Context, write: Write = write_runs, says: str = ""
    ) -> str:
        """Write runs; their mentions get ids, documents that a text names become citations, what is untraced is told."""
        runs = self._resolve(runs, where)
        says = says or plain(runs)
        marked = self._mark(runs, key, where, context, says)
        return write(marked, lambda run: self._place(run, key, says))

    def _resolve(self, runs: Runs, where: str) -> Runs:
        """
        Return runs with the names of tables and charts in the place of references.

        Raises
        ------
        UsageError
            The report prints no table or chart of that id.
        """
        found: list[Run] = []
        for run in runs:
            if isinstance(run, Reference):
                if run.to not in self._labels:
                    raise UsageError(
                        _(
                            "{where}: report {report} prints no table or chart {id!r}; near: {near}.",
                            where=where,
                            report=self.done.report,
                            id=run.to,
                            near=list_near(run.to, self._labels),
                        )
                    )
                found.append(Text(text=self._labels[run.to]))
            elif isinstance(run, Text | Printed | Cited):
                found.append(run)
            else:
                found.append(run.model_copy(update={"runs": self._resolve(run.runs, where)}))
        return tuple(found)

    def _mark(self, runs: Runs, key: str, where: str, context: Context, says: str) -> Runs:
        """Return runs in which the documents that a text names are citations; tell its untraced numerals."""
        flat = "".join(_flatten(runs))
        cited: dict[int, Cited] = {}
        for numeral in self.recogniser.find(flat, context):
            if numeral.citation is not None:
                item = next(
                    found
                    for found in self.recogniser.documents.find(flat)
                    if found.start <= numeral.start < found.end
                )
                cells = tuple(str(ref) for ref in item.citation.cells)
                cited[item.start] = Cited(text=flat[item.start : item.end], cells=cells)
            elif numeral.kind is None:
                self._untraced(numeral.text, says, key, where)
        marked, _end = self._cite(runs, cited, 0, lambda note: self._mark(note, key, where, "body", says))
        return marked

    def _cite(
        self, runs: Runs, cited: Mapping[int, Cited], at: int, mark_note: Callable[[Runs], Runs]
    ) -> tuple[Runs, int]:
        """Return runs with citations put in, which begin where ``cited`` says; and where the flat text ends."""
        found: list[Run] = []
        for run in runs:
            if isinstance(run, Text):
                found += _split(run.text, cited, at)
                at += len(run.text)
            elif isinstance(run, Printed | Cited | Reference):
                found.append(run)
                at += len(_HOLE)
            elif isinstance(run, Note):
                found.append(Note(runs=mark_note(run.runs)))
            else:
                inner, at = self._cite(run.runs, cited, at, mark_note)
                found.append(run.model_copy(update={"runs": inner}))
        return tuple(found), at

    def _place(self, run: Printed | Cited, key: str, says: str) -> Span:
        if isinstance(run, Cited):
            cited = CitationMention(self._name("c", key), self.done.report, key, run.text, run.cells)
            self.done.citations.append(cited)
            return Span(cited.id)
        mention = Mention(self._name("m", key), self.done.report, key, run.value, run.text, says)
        self.done.mentions.append(mention)
        number = self.done.values[run.value].number
        return Span(mention.id, "" if number is None else print_decimal(number))

    def _name(self, kind: str, key: str) -> str:
        stem = f"{kind}_{heading_id(self.done.report, key)}"
        self._numbers[stem] = self._numbers.get(stem, 0) + 1
        return f"{stem}_{self._numbers[stem]:02d}"

    def _untraced(self, numeral: str, says: str, key: str, where: str) -> None:
        self.done.findings.append(
            Finding(
                "untraced",
                "error",
                _(
                    "the numeral {numeral!r} in {section} of {report} leads to no cell: «{text}»",
                    numeral=numeral,
                    section=key,
                    report=self.done.report,
                    text=_shorten(says, numeral),
                ),
                cells=(where,),
                expected=_("a value, a citation of a document in the register, or a declared constant"),
                got=numeral,
                action=_(
                    "Put {id} or a value of the section in its place; a document belongs into the register, a law that is not in it under 'legal', a target under 'targets' and a name under 'names' of the period's params."
                ),
            )
        )

    def _merge(self, key: str, node: Node, section: str) -> None:
        known = self.done.values.setdefault(key, node)
        owner = self._owner.setdefault(key, section)
        if (known.number, known.unit) != (node.number, node.unit):
            self.done.findings.append(two_values(key, known, node, owner, section))

    def _caption(self, id: str, runs: Runs, where: str) -> str:
        numbered = (Text(text=f"{self._labels[id]}. "), *runs)
        return self.tag(numbered, self._key, where, "caption", write_paragraph)

    def _table(self, table: Table, where: str) -> None:
        caption = self._caption(table.id, table.caption, where)
        header = [self.tag(cell, self._key, where, "cell") for cell in table.header]
        rows = []
        for number, row in enumerate(table.rows, 1):
            bold = table.total and number == len(table.rows)
            cells = [(Styled(kind="strong", runs=cell),) if bold and cell else cell for cell in row]
            first: Context = "row" if table.numbered else "cell"
            rows.append(
                [
                    self.tag(cell, self._key, where, "cell" if index else first)
                    for index, cell in enumerate(cells)
                ]
            )
        aligned = ["right" if numeric else "left" for numeric in table.numeric]
        if table.numbered:
            aligned[0] = "center"
        self.out.append(
            write_table(
                table.id, caption, header, rows, aligned=aligned, widths=table.widths, wide=table.wide
            )
        )

    def _chart(self, chart: parts.Chart, item: CellPart, where: str) -> None:
        caption = self._caption(chart.id, chart.caption, where)
        printed = f"{self._labels[chart.id]}. {plain(chart.caption)}"
        file = f"{self.recogniser.house.folders.pictures}/{chart.id}"
        self.done.pictures[f"{file}.png"] = item.png
        self.done.pictures[f"{file}.svg"] = item.svg.encode()
        alt = plain(chart.alt)
        # Said aloud and not printed, so its numbers are no mentions; but they must be values all the same.
        for numeral in self.recogniser.find("".join(_flatten(chart.alt))):
            if numeral.kind is None:
                self._untraced(numeral.text, alt, self._key, where)
        marks = tuple(Mark(*mark) for mark in chart.marks)
        self.done.charts.append(Chart(chart.id, self.done.report, self._key, printed, marks))
        self.out.append(write_chart(chart.id, alt, file, caption))

    def annex(self, table: AnnexTable) -> dict[tuple[int, int], str]:
        """
        Take over an annex.

        Returns
        -------
        dict
            The ids of its mentions by row and column, both counted from 0.
        """
        where, key = "params/reports.yaml", table.id
        for name, node in table.nodes.items():
            self._merge(name, node, key)
        self.done.blocks.update(table.blocks)
        title = [
            self.tag(as_runs(line), key, where, "heading", write_paragraph)
            for line in (table.title, table.attached)
            if line
        ]
        label = self.tag(as_runs(table.label), key, where, "heading")
        heads = [
            [head if head in ("<<", "^^") else self.tag(as_runs(head), key, where, "cell") for head in line]
            for line in join_heads(table.columns)
        ]
        if table.numbered:
            heads.append([self.tag(as_runs(one.number), key, where, "cell") for one in table.columns])
        placed: dict[tuple[int, int], str] = {}
        rows = []
        for at, row in enumerate(table.rows):
            written = []
            for column, cell in enumerate(row.cells):
                if isinstance(cell, Printed):
                    # Nothing in it is to be recognised, and there are thousands.
                    about = table.name_cell(row, column)
                    text = write_runs((cell,), partial(self._place, key=key, says=about))
                    placed[at, column] = self.done.mentions[-1].id
                else:
                    text = self.tag(as_runs(cell), key, where, "cell" if column else "row")
                written.append(f"**{text}**" if row.kind != "row" and text else text)
            rows.append(written)
        self.out.append(
            write_annex(
                write_heading(1, label, heading_id(self.done.report, key)),
                title,
                key,
                self.tag(as_runs(table.caption), key, where, "caption", write_paragraph),
                heads,
                rows,
                aligned=[column.side for column in table.columns],
                widths=[8 if at == table.naming else 2 for at in range(len(table.columns))],
            )
        )
        return placed


def as_runs(text: str) -> Runs:
    """Return a plain text as runs."""
    return (Text(text=text),) if text else ()


def _flatten(runs: Runs) -> Iterator[str]:
    """Yield the text of runs, without notes; a value or a citation leaves a hole."""
    for run in runs:
        if isinstance(run, Text):
            yield run.text.replace(_HOLE, " ")
        elif isinstance(run, Printed | Cited | Reference):
            yield _HOLE
        elif not isinstance(run, Note):
            yield from _flatten(run.runs)


def _split(text: str, cited: Mapping[int, Cited], start: int) -> Iterator[Run]:
    """Cut a text that begins at ``start`` of its paragraph at the citations in it; one that goes beyond it stays text."""
    at = 0
    for place in sorted(place - start for place in cited if start <= place < start + len(text)):
        run = cited[place + start]
        if place < at or place + len(run.text) > len(text):
            continue
        yield from as_runs(text[at:place])
        yield run
        at = place + len(run.text)
    yield from as_runs(text[at:])


def _shorten(text: str, around: str, width: int = 60) -> str:
    at = max(0, text.find(around))
    head, tail = max(0, at - width), at + len(around) + width
    return ("…" if head else "") + " ".join(text[head:tail].split()) + ("…" if tail < len(text) else "")
