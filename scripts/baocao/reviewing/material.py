"""What review pages are made of, gathered from a built period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from baocao.checking.check import check_period
from baocao.checking.desk import explain_flags, find_flags
from baocao.intake.status import PeriodStatus, read_status
from baocao.project.errors import BaocaoError, TraceError
from baocao.project.findings import Finding
from baocao.project.hashes import hash_file
from baocao.project.language import _
from baocao.project.periods import format_words, split_file
from baocao.reading.tables import read_tables
from baocao.reading.workbooks import Workbook, read_workbooks
from baocao.reviewing.desk import make_desk_page
from baocao.reviewing.documents import read_notebook_page, read_report_page
from baocao.reviewing.signing import Standing, list_standings
from baocao.tracing.evaluating import read_values
from baocao.tracing.trace import read_trace

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.forms import Form
    from baocao.project.house import Folders
    from baocao.project.models import Indicator, Unit
    from baocao.project.periods import Period
    from baocao.tracing.evaluating import PeriodValues
    from baocao.tracing.record import TraceRecord
    from baocao.tracing.trace import Trace

Parts = Mapping[str, Fraction]
"""Numbers by code of unit."""


@dataclass(frozen=True)
class Document:
    """
    One document to read and click in.

    Parameters
    ----------
    id
        ``kstthc``, or a notebook's ``kstthc/07-ho-so``.
    body
        Clean HTML; see :mod:`baocao.reviewing.documents`.
    sections
        Of a report: ``{key, heading, notebooks}`` in order; empty for a notebook.
    files
        Finished files beside the pages, by format.
    """

    id: str
    kind: Literal["report", "notebook"]
    title: str
    body: str
    sections: tuple[Mapping[str, Any], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """
    Everything the pages show.

    Parameters
    ----------
    label
        What the house calls the period.
    folders
        What the house calls the folders of submissions.
    trace
        As it is recorded.
    workbooks
        Contents by raw file; a file that changed since the build is not in it.
    previous
        For values read from one table, their parts by unit a quarter ago.
        A value that the quarter before did not collect is not in it.
    status
        Who has reported; None where nobody knows.
    desk
        The page of the comparison desk; None where nothing was compared.
    """

    period: Period
    label: str
    folders: Folders
    place: str
    trace: TraceRecord
    units: Mapping[str, Unit]
    levels: Mapping[str, str]
    forms: Mapping[str, Form]
    indicators: Mapping[str, Indicator]
    workbooks: Mapping[str, Workbook]
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    previous: Mapping[str, Parts] = field(default_factory=dict)
    standings: tuple[Standing, ...] = ()
    offices: Mapping[str, str] = field(default_factory=dict)
    status: PeriodStatus | None = None
    desk: bytes | None = None


def gather(project: Project, period: Period) -> Material:
    """
    Gather what the pages of a period show.

    Raises
    ------
    TraceError
        The period has not been built.
    """
    trace = read_trace(project, period)
    params = project.params
    checked = check_period(project, period)
    return Material(
        period=period,
        label=project.house.periods.label(period),
        folders=project.house.folders,
        place=params.place.name,
        trace=trace.record,
        units=params.units_of(period),
        levels={key: words.label for key, words in params.place.levels.items()},
        forms=params.forms,
        indicators=params.indicators,
        workbooks=_read_contents(project, period, trace, checked.findings),
        documents=_read_documents(project, period, trace),
        findings=checked.findings,
        notes=checked.notes,
        previous=_read_previous(project, period, trace),
        standings=tuple(list_standings(project, period)),
        offices=params.offices,
        status=read_status(project, period),
        desk=make_desk_page(
            explain_flags(project, period, find_flags(project, period)),
            params,
            label=project.house.periods.label(period),
        ),
    )


def _read_contents(
    project: Project, period: Period, trace: Trace, findings: tuple[Finding, ...]
) -> dict[str, Workbook]:
    """Read the raw files that a value or a finding leads to; those that changed since the build are left out."""
    known: Mapping[str, str] = trace.record.files
    named = {cell.partition("#")[0] for finding in findings for cell in finding.cells if "#" in cell}
    paths = {}
    for file in sorted({*known, *named}):
        path = project.raw_file(period, file)
        if path.suffix != ".xlsx" or not path.is_file():
            continue
        if file not in known or hash_file(path) == known[file]:
            paths[path] = file
    read = read_workbooks(list(paths), project.cache)
    return {paths[path]: book for path, book in read.items() if isinstance(book, Workbook)}


def _read_documents(project: Project, period: Period, trace: Trace) -> tuple[Document, ...]:
    output = project.output(period)
    reports: list[Document] = []
    notebooks: dict[str, str] = {}
    for name in trace.record.reports:
        path = output / f"{name}.html"
        if not path.is_file():
            raise TraceError(
                _("{path} is missing; run 'baocao build {period}' first.", path=path, period=period)
            )
        spec = project.params.report(name, period)
        sections = []
        for section in spec.sections:
            names = [spec.locate(part.notebook) for part in section.parts]
            heading = format_words(
                section.heading, period, project.house.periods, place=project.params.place.name
            )
            sections.append({"key": section.key, "heading": heading, "notebooks": names})
            for notebook in names:
                title = heading if notebook.startswith(f"{name}/") else notebook.replace("/", ": ", 1)
                notebooks.setdefault(notebook, title)
        title = format_words(spec.title, period, project.house.periods, place=project.params.place.name)
        files = {
            kind: f"{name}.{kind}"
            for kind in ("docx", "pdf", "html", "xlsx")
            if (output / f"{name}.{kind}").is_file()
        }
        body = read_report_page(path, name)
        reports.append(Document(name, "report", title, body, tuple(sections), files))
    pages = []
    for notebook, title in notebooks.items():
        path = output / "notebooks" / f"{notebook}.ipynb"
        if path.is_file():
            pages.append(Document(notebook, "notebook", title, read_notebook_page(path)))
    return (*reports, *pages)


def _read_previous(project: Project, period: Period, trace: Trace) -> dict[str, Parts]:
    """Make the parts by unit of the quarter before; nothing where it was not received or cannot be read."""
    if not project.raw(period.previous).is_dir():
        return {}
    try:
        tables = read_tables(project, period.previous)
        before = read_values(tables, trace)
    except BaocaoError:
        return {}
    found = {key: _parts_before(before, key) for key in trace.values}
    return {key: parts for key, parts in found.items() if parts}


def _parts_before(before: PeriodValues, key: str) -> dict[str, Fraction]:
    node = before.nodes[key]
    chosen = before.evaluator.rows(key) if node.op in ("sum", "count") else None
    if chosen is None or key not in before.values:
        return {}
    view, column = chosen
    parts: dict[str, Fraction] = {}
    for row in view.rows:
        unit = view.table.units[row]
        entry = Fraction(1) if column is None else view.table.column(column)[row]
        if unit is not None and isinstance(entry, Fraction):
            parts[unit] = parts.get(unit, Fraction(0)) + entry
    return parts


def raw_link(period: Period, file: str) -> Path:
    """Return the path of a raw file from the folder of the pages; see :meth:`Project.raw_file`."""
    up = Path("..", "..", "..", "data", "raw")
    other, rest = split_file(file)
    return up / str(other or period) / rest
