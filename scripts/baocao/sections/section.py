"""What a section's notebook calls: read, choose, name, write, tabulate, draw."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from baocao.project.errors import InputError, UsageError
from baocao.project.folder import Project, find_project
from baocao.project.language import _
from baocao.project.periods import Period, parse_period
from baocao.reading.tables import Tables, read_tables
from baocao.sections.called import CalledPeriod
from baocao.sections.changes import Past
from baocao.sections.charts import ChartKind, Tone, draw_chart
from baocao.sections.filling import (
    Markdown,
    Piece,
    Reference,
    Typed,
    fill,
    find_stray_brace,
    list_near,
    names_in,
)
from baocao.sections.injected import check_injected, read_cells
from baocao.sections.naming import Names
from baocao.sections.narratives import read_narrative, require_fit
from baocao.sections.outputs import Outputs
from baocao.sections.parts import plain
from baocao.sections.reads import Reads, WatchedParams, fingerprint_file, fingerprint_places, list_places
from baocao.values.citations import Citation, Document, Documents, cite_alike
from baocao.values.grids import Entry, Grid
from baocao.values.groups import Groups
from baocao.values.targets import make_target
from baocao.values.value import Value
from baocao.values.views import View

if TYPE_CHECKING:
    from baocao.project.models import Place
    from baocao.project.params import Params
    from baocao.values.criteria import Against

MOST_TOLD = 24
"""Marks of a series that an alternative text names; nobody listens to more."""

Condition: TypeAlias = Value | View | Groups | Sequence[object] | Mapping[str, object] | bool


class Section:
    """
    One section of a report, as its notebook sees it.

    Parameters
    ----------
    notebook
        The notebook's own name, ``"07-ho-so"``; ``params/reports.yaml`` says which reports print it,
        and where. With its folder, ``"kstthc/07-ho-so"``, where two folders have one of that name.
    period
        ``"2026-Q1"``.
    root
        The project folder; None finds it (:func:`baocao.project.folder.find_project`).

    Attributes
    ----------
    places : tuple of (report, section)
        Where the notebook is printed: ``(("kstthc", "I.7"),)``.

    Raises
    ------
    UsageError
        No report prints such a notebook, there is no such period, or papermill
        was given a parameter that the notebook does not know.

    Examples
    --------
    >>> section = Section("07-ho-so", "2026-Q1")  # doctest: +SKIP
    >>> so = section.table("06a").where(level="so")  # doctest: +SKIP
    >>> section.prose(
    ...     "Tiếp nhận {hoso_so_tiep_nhan} hồ sơ.", hoso_so_tiep_nhan=so.total("tiep_nhan")
    ... )  # doctest: +SKIP
    """

    def __init__(self, notebook: str, period: str | Period, *, root: str | None = None) -> None:
        check_injected(read_cells())
        self.project: Project = find_project(root)
        self._period = period if isinstance(period, Period) else parse_period(period)
        self.notebook, self.places = _find_notebook(self.project.params, notebook, self._period)
        self._tables: Tables | None = None
        self._documents: Documents | None = None
        self._past: Past | None = None
        self._reads = Reads(self.notebook)
        folder, name = self.notebook.split("/")
        self._params = WatchedParams(self.project.params, self._reads)
        self._outputs = Outputs(self._params, folder, name, self._reads)
        self._names = Names(self.notebook, self._params, self._outputs)
        self._reads.note("section", self.notebook, fingerprint_places(self.places))
        self._house = self._params.house  # asked of what notes it: it speaks in every output

    def __repr__(self) -> str:
        places = "; ".join(f"{report} {key}" for report, key in self.places)
        return f"Section {self.notebook} ({places}), {self._period}"

    @property
    def period(self) -> CalledPeriod:
        """The period: ``label``, ``window``, ``year``, ``previous``, ``next``."""
        return CalledPeriod(self._period, self._house.periods)

    # -- reading ---------------------------------------------------------

    @property
    def place(self) -> Place:
        """The place: ``name``, ``short``, ``kind``, ``levels``."""
        return self._params.place

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
        table = self._reads.watch_table(tables, form)
        return View(table, self._params, tuple(range(len(table))))

    def _read_tables(self) -> Tables:
        if self._tables is None:
            tables = read_tables(self.project, self._period)
            if tables.unusable:
                listed = "\n".join(f"  {finding}" for finding in tables.unusable)
                raise InputError(
                    _(
                        "{count} submission(s) of {period} cannot be used:\n{listed}\nCorrect them, or say in params/{period}.yaml under 'treatments' how the unit is treated.",
                        count=len(tables.unusable),
                        period=self.period,
                        listed=listed,
                    ),
                    findings=tables.unusable,
                )
            self._tables = tables
        return self._tables

    @property
    def documents(self) -> Documents:
        """The register of documents of the period."""
        if self._documents is None:
            register = self._house.folders.register
            table = self._reads.watch_table(self._read_tables(), register)
            self._documents = Documents(table, self._house)
        return self._documents

    def listed(self, role: str | None = None, *, point: str | None = None) -> list[Document]:
        """
        Return the documents that the register lists for this section, in its order.

        Parameters
        ----------
        point
            A point of the section, ``"b"``, that the register lists them for.
        """
        listed: dict[str, Document] = {}
        for report, key in self.places:
            for document in self.documents.listed(report, f"{key}.{point}" if point else key, role):
                listed.setdefault(document.key, document)
        return list(listed.values())

    def cite(self, key: str, **how: bool) -> Citation:
        """
        Cite a document by its key or its symbol; see :meth:`Document.cite` for ``how``.

        Raises
        ------
        UsageError
            The register has no such document.
        """
        return self.documents[key].cite(**how)

    def refer(self, id: str) -> Reference:
        """
        Refer to a table or a chart of the report by its id, here or further on.

        Examples
        --------
        >>> section.prose("… nêu tại {bang}.", bang=section.refer("bang_ho_so"))  # doctest: +SKIP
        """
        return Reference(id)

    # -- naming ----------------------------------------------------------

    def name(self, **values: Value) -> None:
        """
        Give values the ids that texts, shares and other sections know them by.

        Raises
        ------
        ValueUseError
            ``params/indicators.yaml`` has no such id, has it in another unit or made of other values;
            or the id stands for another value already.
        """
        for id, value in values.items():
            self._names.name(id, value)

    def value(self, id: str) -> Value:
        """
        Return a value that this section has named, or that ``params/indicators.yaml`` makes of such.

        Raises
        ------
        UsageError
            There is none; the message says what is missing.
        """
        return self._names.find(id)

    def change(self, value: Value | str, *, against: Against = "last_year") -> Value:
        """
        Return by how much a value has moved, printed with its direction: ``tăng 12,3%``, ``không đổi``.

        A share moves by percentage points, everything else in per cent of what
        it was. The earlier number is made from the submissions of then as
        today's is from today's; both lead to their cells. Given to ``when``,
        it holds where there is a number to compare with.

        Parameters
        ----------
        value
            A value, or the id of one that this section has named or can make.
        against
            ``last_year``: the same period a year before; ``last_period``: the
            one before this, of its kind.

        Returns
        -------
        Value
            ``<id>__change_<against>``; without a number where the earlier period
            sent nothing, or had 0: the house then prints that it cannot be compared.

        Raises
        ------
        ValueUseError
            The value is cumulative, a part over a whole, or made by code that nobody can run for then.
        InputError
            Submissions of the earlier period cannot be used.

        Examples
        --------
        >>> tang = section.change("hoso_so_tiep_nhan", against="last_year")  # doctest: +SKIP
        >>> section.prose(
        ...     "Tiếp nhận {hoso_so_tiep_nhan} hồ sơ, {tang} so với cùng kỳ năm trước.",
        ...     tang=tang,
        ...     when=tang,
        ...     otherwise="Tiếp nhận {hoso_so_tiep_nhan} hồ sơ.",
        ... )  # doctest: +SKIP
        """
        return self._names.keep(self._find_past().change(self._find_value(value), against))

    def earlier(self, value: Value | str, *, against: Against = "last_year") -> Value:
        """
        Return what a value was in an earlier period; see :meth:`change`.

        Returns
        -------
        Value
            ``<id>__<against>``; without a number where the earlier period sent nothing.
        """
        return self._names.keep(self._find_past().earlier(self._find_value(value), against))

    def _find_value(self, value: Value | str) -> Value:
        if isinstance(value, str):
            return self.value(value)
        return value if value.name else value.named(value.id)

    def _find_past(self) -> Past:
        if self._past is None:
            self._past = Past(self._read_tables(), self._reads)
        return self._past

    # -- writing ---------------------------------------------------------

    def prose(
        self, text: str, /, *, when: Condition = True, otherwise: str | None = None, **pieces: Piece
    ) -> None:
        """
        Write paragraphs: a small Markdown (:mod:`baocao.sections.markdown`), with values in place.

        A blank line parts paragraphs; ``### a) …`` is a heading of a point;
        ``^[…]`` is a footnote. ``{name}`` is what the call gives under that
        name, a value that the section has named, a share that
        ``params/indicators.yaml`` makes of such, or a word of place and
        period: ``{place}``, ``{kind}``, ``{ky}``, ``{quy}``, ``{nam}`` …
        What is put in is no Markdown; what is typed is.

        Parameters
        ----------
        when
            Print ``text`` only where there is something: rows, entries, a number other than 0.
        otherwise
            What is printed where there is nothing; None prints nothing.
        pieces
            By name; a value without an id takes the name as its id.

        Raises
        ------
        UsageError
            A name in braces is not known; the message says which are near.
        ValueUseError
            One id stands for two numbers in this section.
        """
        markdown = self.text(text, when=when, otherwise=otherwise, **pieces)
        if markdown:
            self._outputs.prose(markdown)

    def text(
        self, text: str, /, *, when: Condition = True, otherwise: str | None = None, **pieces: Piece
    ) -> Markdown:
        """Return what :meth:`prose` would print, to be put into another text."""
        _refuse_unused(pieces, text, otherwise)
        pieces = self._names.name_pieces(pieces)
        chosen = text if _holds(when) else otherwise
        return Markdown(self._fill(chosen, pieces) if chosen else "")

    def listing(
        self,
        entries: Sequence[Document] | View | Groups,
        text: str,
        /,
        *,
        before: str | None = None,
        after: str | None = None,
        otherwise: str | None = None,
        **pieces: Piece | Mapping[str, Piece],
    ) -> None:
        """
        Write a paragraph for each entry.

        Parameters
        ----------
        entries
            Documents: those of one type and one subject are one entry, with ``{title}`` and the list
            ``{symbols}``. Rows: ``{column}`` by the names of the form. Groups: ``{label}`` besides,
            where each has one row.
        text
            The paragraph; ``"- {title}^[{symbols}.]"``.
        before, after
            Paragraphs around it; printed only where there are entries.
        otherwise
            What is printed where there are none.
        pieces
            As in :meth:`prose`; a mapping holds one for each key of the groups.
        """
        by_key = {name: piece for name, piece in pieces.items() if isinstance(piece, Mapping)}
        shared = self._names.name_pieces(
            {name: piece for name, piece in pieces.items() if name not in by_key}
        )
        _refuse_unused(pieces, text, before, after, otherwise)
        paragraphs = [
            self._fill(
                text, {**own, **{name: _pick(name, piece, key) for name, piece in by_key.items()}, **shared}
            )
            for key, own in _read_entries(entries, text)
        ]
        around = [before, *paragraphs, after] if paragraphs else [otherwise]
        if any(around):
            filled = [one if one in paragraphs else self._fill(one, shared) for one in around if one]
            self._outputs.prose("\n\n".join(filled))

    def narrative(
        self,
        block: str | None = None,
        *,
        when: Condition = True,
        otherwise: str | None = None,
        **pieces: Piece,
    ) -> None:
        """
        Write policy text from ``data/raw/<period>/loi-van/<report>/<NN>.md``.

        Parameters
        ----------
        block
            The text under the heading ``## <block>`` of that file; None
            writes the whole file. The headings themselves are not printed.
        when, otherwise, pieces
            As in :meth:`prose`.

        Raises
        ------
        UsageError
            The file or the block is missing, or a ``{name}`` is unknown.
        """
        pieces = self._names.name_pieces(pieces)
        if not _holds(when):
            if otherwise:
                self._outputs.prose(self._fill(otherwise, pieces))
            return
        folder, name = self.notebook.split("/")
        file = f"{self._house.folders.narrative}/{folder}/{name[:2] if folder in self.project.params.reports else name}.md"
        path = self.project.raw(self._period) / file
        found = require_fit(read_narrative(path, file)).block(block)
        self._reads.note("narrative", file, fingerprint_file(path))

        def find(name: str) -> Piece:
            at = found.text.partition(f"{{{name}")[0].count("\n")
            return self._find(name, pieces, f"{file}:{found.line + at}")

        filled = fill(found.text, find)
        self._outputs.prose(filled, file=file, line=found.line)

    def grid(
        self,
        id: str,
        caption: str,
        grid: Grid | Sequence[str],
        rows: Iterable[Sequence[Entry]] = (),
        *,
        total: Sequence[Entry] | None = None,
        widths: Sequence[int] | None = None,
        wide: bool = False,
        when: Condition = True,
    ) -> None:
        """
        Print a table.

        Parameters
        ----------
        id
            Small letters, digits and underscores; unique in the report.
        caption
            With ``{name}`` as in :meth:`prose`.
        grid
            What :meth:`Groups.grid` returns, or the header of ``rows``; a first column headed as the
            house heads row numbers (``STT``) is filled by itself.
        rows, total
            As many entries as the header has; None prints ``-``. ``total`` is the last row, in bold.
        widths
            Relative widths of all columns.
        wide
            On a page of its own across (landscape).
        when
            Print it only where there is something, as in :meth:`prose`.

        Raises
        ------
        UsageError
            A row has another number of entries than the header.
        """
        if not _holds(when):
            return
        if not isinstance(grid, (Grid, list, tuple)):
            raise UsageError(
                _(
                    "table {id!r}: expected what by(…).grid(…) returns, or a header of texts, got {got}; what frame() gives is to look at.",
                    id=id,
                    got=type(grid).__name__,
                )
            )
        if not isinstance(grid, Grid):
            numbered = grid[0] == self._house.cells.row_number
            grid = Grid(grid, list(rows), total, numbered=numbered)
        header = [self._fill(head) for head in grid.header]
        lines = [
            [str(number), *row] if grid.numbered else list(row) for number, row in enumerate(grid.rows, 1)
        ]
        if grid.total is not None:
            lines.append(["", *grid.total] if grid.numbered else list(grid.total))
        short = next((line for line in lines if len(line) != len(header)), None)
        if short is not None:
            raise UsageError(
                _(
                    "table {id!r}: expected {count} entries a row, got {got}: {short}.",
                    id=id,
                    count=len(header),
                    got=len(short),
                    short=short,
                )
            )
        numeric = [
            any(isinstance(line[i], Value) for line in lines) and not (grid.numbered and i == 0)
            for i in range(len(header))
        ]
        numbers = 1 if grid.numbered else 0
        self._outputs.table(
            id,
            self._fill(caption),
            header,
            [[_format_entry(entry) for entry in line] for line in lines],
            numeric=numeric,
            widths=list(widths or [1] * numbers + [4] + [2] * (len(header) - 1 - numbers)),
            total=grid.total is not None,
            numbered=grid.numbered,
            wide=wide,
        )

    def chart(
        self,
        data: Value | Mapping[str, Value] | Mapping[str, Mapping[str, Value]],
        *,
        id: str,
        caption: str,
        alt: str,
        axis: str,
        kind: ChartKind = "bar",
        by: Groups | None = None,
        tones: Mapping[str, Tone] | None = None,
        when: Condition = True,
    ) -> None:
        """
        Draw a chart whose marks know their values.

        Parameters
        ----------
        data
            Values by key, or for each series values by key; with ``by``, a value or
            for each series a value, to be split.
        caption, alt
            Printed below; said aloud to those who do not see it, with the values of
            the marks behind it; with ``{name}`` as in :meth:`prose`.
        axis
            What the value axis measures, with its unit.
        by
            The groups that the bars stand for; they say what a key is called.
        tones
            What the colour of a series says, by its name: ``late``, ``good``; the
            others are only told apart.
        when
            Draw it only where there is something, as in :meth:`prose`.
        """
        if not _holds(when):
            return
        if isinstance(data, Value):
            data = {caption: data}
        if by is not None and all(isinstance(entry, Value) for entry in data.values()):
            data = {name: by.split(entry) for name, entry in data.items()}  # type: ignore[arg-type]
        nested = all(isinstance(entry, Mapping) for entry in data.values())
        series: Mapping[str, Mapping[str, Any]] = data if nested else {caption: data}  # type: ignore[assignment]
        series = {plain(self._outputs.runs(self._fill(name), [])): row for name, row in series.items()}
        if by is not None:
            series = {name: {str(by.label(key)): v for key, v in row.items()} for name, row in series.items()}
        told = {plain(self._outputs.runs(self._fill(name), [])): tone for name, tone in (tones or {}).items()}
        drawing = draw_chart(
            series,
            self._params.indicators,
            self._house.numbers,
            kind=kind,
            axis=axis,
            tones=told,
            fonts=self._house.layout.list_fonts(),
        )
        self._outputs.chart(
            id,
            self._fill(caption),
            self._tell_marks(self._fill(alt), series),
            axis=axis,
            marks=[(mark.series, mark.label, mark.value) for mark in drawing.marks],
            values=[value for row in series.values() for value in row.values()],
            png=drawing.png,
            svg=drawing.svg,
        )

    @staticmethod
    def _tell_marks(alt: str, series: Mapping[str, Mapping[str, Value]]) -> str:
        """Say behind an alternative text what the marks show, as far as somebody would listen."""
        said = []
        for name, row in series.items():
            marks = "; ".join(f"{label}: {value}" for label, value in list(row.items())[:MOST_TOLD])
            said.append(f"{name}: {marks}" if len(series) > 1 else marks)
        return f"{alt.rstrip('.')}. {'. '.join(said)}."

    # -- what stands in braces -------------------------------------------

    def _fill(self, text: str, pieces: Mapping[str, Piece] | None = None, where: str = "") -> str:
        """Put into a text what its names stand for; ``where`` is the file it comes from."""
        stray = find_stray_brace(text)
        if stray is not None:
            raise UsageError(
                _(
                    "'{stray}': expected a name in braces, such as {{id}} or {{id:.2%}}; a brace that is to be printed is typed \\{{ or \\}}.",
                    stray=stray,
                )
            )
        return fill(textwrap.dedent(text).strip(), lambda name: self._find(name, pieces or {}, where))

    def _find(self, name: str, pieces: Mapping[str, Piece], where: str) -> Piece:
        for known in (pieces, self._names.known):
            if name in known:
                return known[name]
        if self._names.resolve_alias(name) in self._params.indicators:
            return self.value(name)
        words = self.words
        if name in words:
            return words[name]
        params = f"{self._period}.yaml"
        targets = (
            self.project.params.period(self._period).targets
            if (self.project.params.folder / params).is_file()
            else {}
        )
        if name in targets:
            self._reads.note("params", params, fingerprint_file(self.project.params.folder / params))
            return make_target(name, targets[name], self._period)
        raise UsageError(
            _(
                "{where}{{{name}}} stands for nothing in section {section}; near: {near}.",
                where=f"{where}: " if where else "",
                name=name,
                section=self.notebook,
                near=list_near(name, {*pieces, *self._names.known, *words, *targets}),
            )
        )

    @property
    def words(self) -> dict[str, str]:
        """What the place and the period are called, by what stands for it in braces."""
        place = self.place
        levels = {code: level.label for code, level in place.levels.items()}
        return {
            **levels,
            "place": place.name,
            "short": place.short,
            "kind": place.kind,
            **self._house.periods.words(self._period),
        }


def _find_notebook(params: Params, name: str, period: Period) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Find a notebook's folder and name, and the reports and sections that print it."""
    places = list_places(params, period)
    found = [located for located in places if name in {located, located.rpartition("/")[2]}]
    running = os.environ.get("BAOCAO_NOTEBOOK")  # a build knows which one it runs
    if running and running not in found:
        raise UsageError(
            _(
                "notebook {running} calls itself {name!r}; write Section({own!r}, period).",
                running=running,
                name=name,
                own=running.rpartition("/")[2],
            )
        )
    if running:
        return running, places[running]
    if len(found) == 1:
        return found[0], places[found[0]]
    if found:
        raise UsageError(
            _(
                "several notebooks are called {name!r}: write one of {found}.",
                name=name,
                found=", ".join(found),
            )
        )
    raise UsageError(
        _(
            "no report prints a notebook {name!r}; name it in params/reports.yaml, or write {near}.",
            name=name,
            near=list_near(name, {located.rpartition("/")[2] for located in places}),
        )
    )


def _refuse_unused(pieces: Mapping[str, object], *texts: str | None) -> None:
    """Refuse a text that nothing prints; a value may be given for its id alone."""
    used = set().union(*(names_in(text) for text in texts if text))
    unused = [name for name, piece in pieces.items() if not isinstance(piece, Value) and name not in used]
    if unused:
        raise UsageError(
            _("no text prints {{{name}}}; it has {names}.", name=unused[0], names=list_near(unused[0], used))
        )


def _pick(name: str, piece: Mapping[str, Piece], key: str) -> Piece:
    try:
        return piece[key]
    except KeyError:
        raise UsageError(
            _(
                "{name} has nothing for {key!r}; it has {keys}.",
                name=name,
                key=key,
                keys=list_near(key, piece),
            )
        ) from None


def _holds(when: Condition) -> bool:
    if isinstance(when, Value):
        return when.number is not None if when.op == "change" else bool(when.number)
    return when if isinstance(when, bool) else len(when) > 0


def _read_entries(
    entries: Sequence[Document] | View | Groups, text: str
) -> Iterable[tuple[str, Mapping[str, Piece]]]:
    """Yield each entry's key and what its names stand for; columns only where the text has them."""
    if isinstance(entries, Groups):
        for key in entries:
            yield key, {"label": entries.label(key), **_read_row(entries[key], text)}
    elif isinstance(entries, View):
        for number, row in enumerate(entries.each()):
            yield str(number), _read_row(row, text)
    else:
        for title, symbols in cite_alike(entries):
            yield str(title), {"title": title, "symbols": symbols}


def _read_row(row: View, text: str) -> dict[str, Piece]:
    names = [name for name in row.table.form.by_name if f"{{{name}}}" in text]
    return {name: row.text(name) for name in names}


def _format_entry(entry: Entry) -> str:
    if entry is None:
        return "-"
    if isinstance(entry, str):
        return format(Typed(entry))
    return format(entry, "")
