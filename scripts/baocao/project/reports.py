"""A report: its words, its addressee, its sections and the notebooks that write them, as a data model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from baocao.project.errors import UsageError
from baocao.project.language import _
from baocao.project.models import Code, Day, Model, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baocao.project.periods import Period

#: A kind of period, or one of a year: ``Q2``, ``M04``.
PeriodChoice = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:month|quarter|half|nine-months|year|M(?:0[1-9]|1[0-2])|Q[1-4]|H[12]|9M)$"
    ),
]
NotebookName = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+$")]


#: Of an annex; the ids of its values and mentions begin with it.
AnnexId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$", max_length=20)]


class PointSpec(Model):
    """One notebook of a section, and the Markdown line that stands above what it writes; None for no line."""

    notebook: NotebookName
    heading: Text | None = None


class SectionSpec(Model):
    """
    One heading of a report, and the notebooks that write what stands below it.

    Parameters
    ----------
    notebook
        The section's own notebook, ``07-ho-so``; None where there is none.
    points
        Notebooks that follow it; ``chung/…`` is one that several reports share.
    """

    key: Code
    heading: str
    notebook: NotebookName | None = None
    points: tuple[PointSpec, ...] = ()

    @property
    def parts(self) -> tuple[PointSpec, ...]:
        """Every notebook of the section, in order."""
        own = (PointSpec(notebook=self.notebook),) if self.notebook else ()
        return own + self.points


class AnnexLine(Model):
    """
    One line of an annex that lists indicators.

    Parameters
    ----------
    heading
        A line that only parts the others.
    id
        The indicator whose value stands there: one that the report prints, or that is read here.
    form, where, column
        Where it is read from rows of a form: which rows, and the column that is added up; without a
        column the rows are counted.
    label, unit
        As the line calls it and what it is measured in; by default as ``params/indicators.yaml`` has it.
    note
        What the last column says.
    """

    heading: Text | None = None
    id: Code | None = None
    form: Code | None = None
    where: dict[str, Text | tuple[Text, ...]] = Field(default_factory=dict)
    column: Text | None = None
    label: Text = ""
    unit: Text = ""
    note: Text = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> AnnexLine:
        if (self.heading is None) == (self.id is None):
            raise ValueError(_("a line of an annex has a heading or the id of an indicator"))
        if self.form is None and (self.where or self.column):
            raise ValueError(_("a line that is read from rows names their form"))
        return self


class AnnexTable(Model):
    """
    The table of an annex: a form added up by groups, or indicators line by line.

    Parameters
    ----------
    id
        Of the annex.
    head
        Heads of the columns: of groups that of the numbers and that of the labels, the others are the
        form's; of lines number, label, unit, result and note.
    form, where
        Which rows of which form.
    by
        What a row stands for: ``unit``, ``level``, ``type``, or a column of the form. Of units every
        one that is asked for the form has its row, also where it sent nothing.
    columns
        Columns of the form that are added up; by default all numbers that may be.
    total
        The label of the last row, with the sums; None for none.
    lines
        The lines of indicators.
    """

    id: AnnexId
    head: tuple[Text, ...]
    form: Code | None = None
    where: dict[str, Text | tuple[Text, ...]] = Field(default_factory=dict)
    by: Text | None = None
    columns: tuple[Text, ...] = ()
    total: Text | None = None
    lines: tuple[AnnexLine, ...] = ()

    @model_validator(mode="after")
    def _groups_or_lines(self) -> AnnexTable:
        if bool(self.lines) == (self.form is not None and self.by is not None):
            raise ValueError(_("an annex adds up a form by groups (form, by) or lists indicators (lines)"))
        wanted = 5 if self.lines else 2
        if len(self.head) != wanted:
            raise ValueError(_("head has {got} texts, expected {wanted}", got=len(self.head), wanted=wanted))
        return self


class AnnexSpec(AnnexTable):
    """
    An annex of a report for one period.

    Parameters
    ----------
    title
        What it is called, in the letters that it is printed in.
    caption
        The line above the table: what it is measured in, for which time.
    """

    title: str
    caption: str


class ReportSpec(Model):
    """One report for one period: its words, its addressee, the order of its sections and its annexes."""

    name: Code
    title: Text
    recipient: tuple[Text, ...] = ()
    copies: tuple[Text, ...] = ()
    signature: tuple[Text, ...] = ()
    symbol: Text = "BC"
    sections: tuple[SectionSpec, ...]
    annexes: tuple[AnnexSpec, ...] = ()

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Folder and name of every notebook, ``kstthc/07-ho-so``, in order, each once."""
        names = [self.locate(point.notebook) for section in self.sections for point in section.parts]
        return tuple(dict.fromkeys(names))

    def locate(self, notebook: str) -> str:
        """
        Return where a notebook of the report lies below ``notebooks/``.

        Examples
        --------
        >>> spec = ReportSpec(name="cchc", title="Kết quả", recipient=(), copies=(), signature=(),
        ...                   sections=[SectionSpec(key="I", heading="I.")])
        >>> spec.locate("01-chi-dao"), spec.locate("chung/so-hoa")
        ('cchc/01-chi-dao', 'chung/so-hoa')
        """
        return locate_notebook(self.name, notebook)


def locate_notebook(report: str, notebook: str) -> str:
    """Return where a notebook that a report names lies below ``notebooks/``."""
    return notebook if "/" in notebook else f"{report}/{notebook}"


class Holding(Model):
    """
    What holds for some periods only.

    Parameters
    ----------
    periods
        Kinds of period, or single ones of a year (``Q2``); empty holds for all.
    start, until
        First and last day (``from`` and ``until`` in the file) that the last day of a period may be.

    Examples
    --------
    >>> from baocao.project.periods import parse_period
    >>> [Holding(periods=("Q1", "half")).holds(parse_period(text)) for text in ("2026-Q1", "2026-Q2", "2026-H2")]
    [True, False, True]
    """

    periods: tuple[PeriodChoice, ...] = ()
    start: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None

    def holds(self, period: Period) -> bool:
        """Return whether it holds for a period."""
        own = (period.kind, str(period).partition("-")[2])
        return (
            (not self.periods or any(choice in own for choice in self.periods))
            and (self.start is None or self.start <= period.end)
            and (self.until is None or period.end <= self.until)
        )


class Wording(Holding):
    """A text, and the periods that it is the wording of."""

    text: Text


def _read_lines(value: object) -> object:
    """Read a list of texts, each of which may say when it holds."""
    if isinstance(value, list | tuple):
        return [entry if isinstance(entry, dict | Wording) else {"text": entry} for entry in value]
    return value


def _read_wordings(value: object) -> object:
    """Read a text, texts by kind of period, or a list of texts each of which may say when it holds."""
    if isinstance(value, dict):
        value = [{"text": text, "periods": [kind]} for kind, text in value.items()]
    return _read_lines(value if isinstance(value, list | tuple) else [value])


Lines = Annotated[tuple[Wording, ...], BeforeValidator(_read_lines)]
Wordings = Annotated[tuple[Wording, ...], Field(min_length=1), BeforeValidator(_read_wordings)]


class PointPlan(Holding, PointSpec):
    """A notebook of a section, for the periods that have it."""


class SectionPlan(Holding):
    """A section as ``params/reports.yaml`` has it; the first heading that holds is printed."""

    key: Code
    heading: Wordings
    notebook: NotebookName | None = None
    points: tuple[PointPlan, ...] = ()


class AnnexPlan(Holding, AnnexTable):
    """An annex as ``params/reports.yaml`` has it; the first title and the first caption that hold are printed."""

    title: Wordings
    caption: Wordings


class ReportPlan(Holding):
    """
    A report as ``params/reports.yaml`` has it, for all periods.

    Of a title, the first that holds is printed; of ``recipient``, ``copies``
    and ``signature``, each line that holds.
    """

    name: Code
    title: Wordings
    recipient: Lines = ()
    copies: Lines = ()
    signature: Lines = ()
    symbol: Text = "BC"
    sections: Annotated[tuple[SectionPlan, ...], Field(min_length=1)]
    annexes: tuple[AnnexPlan, ...] = ()

    @model_validator(mode="after")
    def _nothing_twice(self) -> ReportPlan:
        # One that holds for some periods may stand beside one that holds for others; settle tells.
        keys = [one.key for one in self.sections if not (one.periods or one.start or one.until)]
        notebooks = [one.notebook for one in self.sections if one.notebook and one.key in keys]
        notebooks += [
            point.notebook
            for one in self.sections
            for point in one.points
            if one.key in keys and not (point.periods or point.start or point.until)
        ]
        annexes = [one.id for one in self.annexes]
        listed = ((_("sections"), keys), (_("notebooks"), notebooks), (_("annexes"), annexes))
        for what, names in listed:
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(_("{what} stand there twice: {names}", what=what, names=", ".join(twice)))
        return self

    def list_notebooks(self, period: Period) -> Iterator[tuple[str, str]]:
        """Yield key of section and notebook, ``("I.7", "kstthc/07-ho-so")``, for every notebook of a period."""
        for section in self.sections:
            points = [point.notebook for point in section.points if point.holds(period)]
            for notebook in [section.notebook, *points] if section.holds(period) else ():
                if notebook is not None:
                    yield section.key, locate_notebook(self.name, notebook)

    def settle(self, period: Period) -> ReportSpec:
        """
        Return the report as it is for one period.

        Raises
        ------
        UsageError
            No title or heading holds for the period, or a section stands there twice.
        """
        sections = tuple(
            SectionSpec(
                key=one.key,
                heading=self._choose(one.heading, period, one.key),
                notebook=one.notebook,
                points=tuple(
                    PointSpec(notebook=point.notebook, heading=point.heading)
                    for point in one.points
                    if point.holds(period)
                ),
            )
            for one in self.sections
            if one.holds(period)
        )
        keys = [one.key for one in sections]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise UsageError(
                _(
                    "params/reports.yaml: report {report} has section {key} twice for {period}; their periods, from or until must part them.",
                    report=self.name,
                    key=twice[0],
                    period=period,
                )
            )
        return ReportSpec(
            name=self.name,
            title=self._choose(self.title, period, "title"),
            recipient=_keep(self.recipient, period),
            copies=_keep(self.copies, period),
            signature=_keep(self.signature, period),
            symbol=self.symbol,
            sections=sections,
            annexes=tuple(
                AnnexSpec(
                    **{name: getattr(one, name) for name in AnnexTable.model_fields},
                    title=self._choose(one.title, period, one.id),
                    caption=self._choose(one.caption, period, one.id),
                )
                for one in self.annexes
                if one.holds(period)
            ),
        )

    def _choose(self, wordings: tuple[Wording, ...], period: Period, where: str) -> str:
        for wording in wordings:
            if wording.holds(period):
                return wording.text
        raise UsageError(
            _(
                "params/reports.yaml: report {report} has no wording of {where} for {period}, a {kind}; add one.",
                report=self.name,
                where=where,
                period=period,
                kind=period.kind,
            )
        )


def _keep(lines: tuple[Wording, ...], period: Period) -> tuple[str, ...]:
    return tuple(line.text for line in lines if line.holds(period))
