"""What a cell, a file or a unit feeds, before anything is run again."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.project.cells import CellRef, parse_cell, split_address
from baocao.project.errors import TraceError
from baocao.project.language import _
from baocao.reading.workbooks import Workbook, read_workbooks
from baocao.tracing.trace import Place, Trace, make_place, unit_of


@dataclass(frozen=True)
class Impact:
    """
    What a cell, a file or a unit feeds.

    Parameters
    ----------
    values
        Ids.
    aliases
        Of values that had another name before, by id.
    charts
        Ids.
    note
        Why nothing is fed; None where something is.
    """

    what: str
    citations: tuple[Place, ...]
    values: tuple[str, ...]
    mentions: tuple[Place, ...]
    charts: tuple[str, ...]
    aliases: dict[str, tuple[str, ...]]
    note: str | None


def find_impact(trace: Trace, what: str) -> Impact:
    """
    Find what a cell, a file or all files of a unit or office feed.

    A value that a cell decides about (a condition) may keep its number when
    the cell changes; no other value of the build can change.

    Parameters
    ----------
    trace
        Of the build that is asked.
    what
        ``file#sheet!D12``, a file relative to ``data/raw/<period>/``, or
        the code of a unit or an office.

    Raises
    ------
    TraceError
        The period has no such file or sheet, or traces nothing to the unit.
    """
    wanted = parse_cell(what) if "#" in what else None
    files = {wanted.file} if wanted else _files_of(trace, what)
    row = split_address(wanted.address)[0] + 1 if wanted else 0
    place = (wanted.sheet, wanted.address.rstrip("0123456789")) if wanted else None
    direct = {
        key
        for key, node in trace.values.items()
        for block, column, _ in node.sources
        for file, sheet, first, last in trace.blocks[block].spans
        if file in files and (place is None or (place == (sheet, column) and first <= row <= last))
    }
    fed = {key for key in trace.values if any(name in direct for name in trace.walk(key))}
    cited = [
        citation
        for citation in trace.record.citations
        if any((cell == what if wanted else parse_cell(cell).file in files) for cell in citation.cells)
    ]
    return Impact(
        what,
        tuple(map(make_place, cited)),
        tuple(sorted(fed)),
        tuple(make_place(mention) for mention in trace.record.mentions if mention.value in fed),
        tuple(chart.id for chart in trace.record.charts if any(mark.value in fed for mark in chart.marks)),
        {key: names for key in sorted(fed) if (names := trace.names_before(key))},
        None if fed or cited else _say_nothing_fed(trace, next(iter(files)), wanted),
    )


def _files_of(trace: Trace, what: str) -> set[str]:
    # What the period before sent does not come with a unit's submission.
    folders, known = trace.project.house.folders, trace.record.files
    files = {
        file for file in known if unit_of(file, folders) == what and file.startswith(f"{folders.units}/")
    }
    return files or {file for file in known if file == f"{folders.offices}/{what}.xlsx"} or {what}


def _say_nothing_fed(trace: Trace, file: str, wanted: CellRef | None) -> str:
    path = trace.project.raw_file(trace.period, file)
    if not path.is_file() or not path.resolve().is_relative_to(
        trace.project.raw(trace.period).parent.resolve()
    ):
        raise TraceError(
            _(
                "{period} has no file {file!r} in data/raw, and no unit or office of that code is traced; give a file as don-vi/H01-so-noi-vu.xlsx, or a unit as H01.",
                period=trace.period,
                file=file,
            )
        )
    if path.suffix == ".md":
        return _("a narrative file holds text; a change in it changes what a section says, and no value")
    if wanted is None:
        return _("no value and no citation of the build reads this file")
    book = read_workbooks([path], trace.project.cache)[path]
    names = [sheet.name for sheet in book.sheets] if isinstance(book, Workbook) else [wanted.sheet]
    if wanted.sheet not in names:
        raise TraceError(
            _(
                "{file} has no sheet {sheet!r}; it has {names}.",
                file=file,
                sheet=wanted.sheet,
                names=", ".join(names),
            )
        )
    return _("no value and no citation of the build reads this cell; 'check' may compare it with others")
