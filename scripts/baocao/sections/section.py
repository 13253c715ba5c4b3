"""What a section's notebook calls: read, choose, write, tabulate, draw."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from baocao.project.errors import InputError, UsageError
from baocao.project.folder import Project, find_project
from baocao.project.periods import Period, parse_period
from baocao.project.reports import SHARED, SectionSpec
from baocao.reading.tables import Tables, read_tables
from baocao.sections.charts import ChartKind, draw_chart
from baocao.sections.narratives import read_narrative
from baocao.sections.outputs import Outputs, escape_markdown
from baocao.values.citations import REGISTER, Citation, Document, Documents
from baocao.values.formatting import is_whole
from baocao.values.value import Value
from baocao.values.views import View

if TYPE_CHECKING:
    from baocao.project.models import Place

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)(?::([^{}]*))?\}")
Entry = Value | Citation | str | None


class Section:
    """
    One section of a report, as its notebook sees it.

    Parameters
    ----------
    report, key
        For example ``"kstthc"`` and ``"I.7"``; both stand in ``params/reports.yaml``.
        A notebook that several reports share is ``"chung"`` and its name.
    period
        ``"2026-Q1"``.
    root
        The project folder; None finds it (:func:`baocao.project.folder.find_project`).

    Raises
    ------
    UsageError
        There is no such report, section or period.

    Examples
    --------
    >>> section = Section("kstthc", "I.7", "2026-Q1")  # doctest: +SKIP
    >>> hoso = section.table("06a").where(level="so")  # doctest: +SKIP
    >>> tiep_nhan = hoso.total("tiep_nhan", id="hoso_so_tiep_nhan")  # doctest: +SKIP
    >>> section.prose(f"Tiếp nhận {tiep_nhan} hồ sơ.")  # doctest: +SKIP
    """

    def __init__(self, report: str, key: str, period: str | Period, *, root: str | None = None) -> None:
        self.project: Project = find_project(root)
        self.period = period if isinstance(period, Period) else parse_period(period)
        self.report = report
        self.key = key
        self.spec = _find_section(self.project, report, key)
        self._tables: Tables | None = None
        self._documents: Documents | None = None
        self._reads: dict[str, str] = {}
        self._outputs = Outputs(self.project.params, report, key, self._reads)
        self._read_params("indicators.yaml", "units.csv", "forms.yaml")

    # -- reading ---------------------------------------------------------

    @property
    def place(self) -> Place:
        """The place: ``name``, ``short``, ``kind``, ``levels``."""
        self._read_params("place.yaml")
        return self.project.params.place

    def table(self, form: str) -> View:
        """
        Read what units and offices sent on one form.

        Raises
        ------
        InputError
            A submission of this period cannot be used and its params do not
            say how it is to be treated; every one is listed.
        UsageError
            There is no such form.
        """
        tables = self._read_tables()
        table = tables.table(form)
        self._reads[f"table:{form}"] = table.fingerprint
        return View(table, self.project.params, tuple(range(len(table.files))))

    def _read_tables(self) -> Tables:
        if self._tables is None:
            tables = read_tables(self.project, self.period)
            if tables.unusable:
                listed = "\n".join(f"  {finding}" for finding in tables.unusable)
                raise InputError(
                    f"{len(tables.unusable)} submission(s) of {self.period} cannot be used:\n{listed}\n"
                    f"Correct them, or say in params/{self.period}.yaml under 'treatments' how the unit is treated.",
                    findings=tables.unusable,
                )
            self._tables = tables
        return self._tables

    @property
    def documents(self) -> Documents:
        """The register of documents of the period."""
        if self._documents is None:
            table = self._read_tables().table(REGISTER)
            self._reads[f"table:{REGISTER}"] = table.fingerprint
            self._documents = Documents(table)
        return self._documents

    def listed(self, role: str | None = None) -> list[Document]:
        """Give the documents that the register lists for this section, in its order."""
        return self.documents.listed(self.report, self.key, role)

    def cite(self, key: str, **how: bool) -> Citation:
        """
        Cite a document by its key or its symbol; see :meth:`Document.cite` for ``how``.

        Raises
        ------
        UsageError
            The register has no such document.
        """
        return self.documents[key].cite(**how)

    def _read_params(self, *names: str) -> None:
        for name in names:
            path = self.project.root / "params" / name
            self._reads.setdefault(f"params:{name}", hashlib.sha256(path.read_bytes()).hexdigest())

    # -- writing ---------------------------------------------------------

    def prose(self, text: str) -> None:
        """
        Write paragraphs: Pandoc Markdown, with values and citations in place.

        A blank line parts paragraphs; ``### a) …`` is a heading of a point;
        ``^[…]`` is a footnote.

        Raises
        ------
        ValueUseError
            One id stands for two numbers in this section.
        """
        self._outputs.show({"kind": "prose", "markdown": _paragraphs(text)})

    def narrative(self, block: str | None = None, **values: Value | Citation) -> None:
        """
        Write policy text from ``data/raw/<period>/loi-van/<report>/<NN>.md``.

        Parameters
        ----------
        block
            The text under the heading ``## <block>`` of that file; None
            writes the whole file. The headings themselves are not printed.
        values
            What stands for ``{name}`` in the text, besides the ids of the
            values this section has written.

        Raises
        ------
        UsageError
            The file or the block is missing, or a ``{name}`` is unknown.
        """
        name = self.key if self.report == SHARED else str(self.spec.notebook)[:2]
        file = f"loi-van/{self.report}/{name}.md"
        self._reads.setdefault(f"narrative:{file}", "")
        path = self.project.raw(self.period) / file
        text = read_narrative(path, file, block)
        self._reads[f"narrative:{file}"] = hashlib.sha256(path.read_bytes()).hexdigest()
        known: dict[str, Value | Citation] = {**self._outputs.values, **values}

        def put(match: re.Match[str]) -> str:
            if match[1] not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise UsageError(
                    f"{file}: {{{match[1]}}} is no value of section {self.key}; known: {listed}."
                )
            return format(known[match[1]], match[2] or "")

        self._outputs.show({"kind": "prose", "markdown": _paragraphs(_PLACEHOLDER.sub(put, text))})

    def grid(
        self,
        id: str,
        caption: str,
        header: Sequence[str],
        rows: Iterable[Sequence[Entry]],
        *,
        total: Sequence[Entry] | None = None,
        widths: Sequence[int] | None = None,
        wide: bool = False,
    ) -> None:
        """
        Print a table; a first column headed ``STT`` is numbered by itself.

        Parameters
        ----------
        id
            Small letters, digits and underscores; unique in the report.
        header, rows, total
            As many entries as columns, without the ``STT`` column's numbers;
            None prints ``-``. ``total`` is the last row, in bold.
        widths
            Relative widths of all columns.
        wide
            On a page of its own across (landscape).

        Raises
        ------
        UsageError
            A row has another number of entries than the header.
        """
        numbered = header[0] == "STT"
        lines: list[list[Entry]] = []
        for number, row in enumerate(rows, 1):
            lines.append([str(number), *row] if numbered else list(row))
        if total is not None:
            lines.append(["", *total] if numbered else list(total))
        short = next((line for line in lines if len(line) != len(header)), None)
        if short is not None:
            raise UsageError(
                f"table {id!r}: expected {len(header)} entries a row, got {len(short)}: {short}."
            )
        numeric = [
            any(isinstance(line[i], Value) for line in lines) and not (numbered and i == 0)
            for i in range(len(header))
        ]
        body = [[_print_entry(entry) for entry in line] for line in lines]
        if total is not None:
            body[-1] = [f"**{text}**" if text else "" for text in body[-1]]
        rules = [":-:" if numbered and i == 0 else "--:" if numeric[i] else ":--" for i in range(len(header))]
        table = [header, rules, *body]
        markdown = "\n".join("| " + " | ".join(line) + " |" for line in table)
        self._outputs.show(
            {
                "kind": "table",
                "id": id,
                "caption": caption,
                "markdown": markdown,
                "widths": list(
                    widths or ([1] if numbered else []) + [4] + [2] * (len(header) - 1 - numbered)
                ),
                "wide": wide,
                "numbered": numbered,
            }
        )

    def chart(
        self,
        data: Mapping[str, Value] | Mapping[str, Mapping[str, Value]],
        *,
        id: str,
        caption: str,
        alt: str,
        axis: str,
        kind: ChartKind = "bar",
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """
        Draw a chart whose marks know their values.

        Parameters
        ----------
        data
            Values by key, or for each series values by key.
        caption, alt
            Printed below; said aloud to those who do not see it.
        axis
            What the value axis measures, with its unit.
        labels
            What a key is called; None takes the keys as they are.
        """
        nested = all(isinstance(entry, Mapping) for entry in data.values())
        series: Mapping[str, Mapping[str, Any]] = data if nested else {caption: data}  # type: ignore[assignment]
        called = labels or {}
        series = {name: {called.get(key, key): v for key, v in row.items()} for name, row in series.items()}
        drawing = draw_chart(series, self.project.params.indicators, kind=kind, axis=axis)
        self._outputs.show(
            {
                "kind": "chart",
                "id": id,
                "caption": caption,
                "alt": alt,
                "axis": axis,
                "marks": [[mark.series, mark.label, mark.value] for mark in drawing.marks],
            },
            png=drawing.png,
            svg=drawing.svg,
            carried=[value for row in series.values() for value in row.values()],
        )


def _find_section(project: Project, report: str, key: str) -> SectionSpec:
    if report == SHARED:
        used = {name for spec in project.params.reports.values() for name in spec.notebooks}
        if f"{SHARED}/{key}" in used:
            return SectionSpec(key=key, heading="", notebook=key)
        raise UsageError(f"no report uses {SHARED}/{key}; put it under 'points' in params/reports.yaml.")
    sections = [section for section in project.params.report(report).sections if section.notebook]
    for section in sections:
        if section.key == key:
            return section
    raise UsageError(
        f"report {report!r} has no section {key!r}; it has {', '.join(s.key for s in sections)}."
    )


def _paragraphs(text: str) -> str:
    return textwrap.dedent(text).strip()


def _print_entry(entry: Entry) -> str:
    if entry is None:
        return "-"
    if isinstance(entry, str):
        return escape_markdown(entry)
    # In a column of numbers a count is not padded as it is in running text.
    if isinstance(entry, Value) and entry.op not in {"ratio", "over"} and is_whole(entry):
        return format(entry, "01")
    return format(entry, "")
