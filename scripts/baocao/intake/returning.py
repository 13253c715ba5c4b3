"""
Send back what is wrong and remind those who have not sent: marked workbooks and letters, ready to go.

Nothing is sent from here. What was made ready is noted in the register, so
that the status of a period knows when somebody last heard from us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from baocao.documents.engines.embedded import EmbeddedEngine
from baocao.documents.markup import escape, write_table, write_text
from baocao.documents.rendering import render_report
from baocao.intake.marking import mark_cells
from baocao.intake.register import Event, TryRegister, last_event, now
from baocao.intake.status import UnitStatus, read_status
from baocao.project.cells import parse_cell
from baocao.project.errors import UsageError, WorkbookError
from baocao.project.files import write_atomically
from baocao.project.house import Facts
from baocao.project.language import _, speaking
from baocao.project.temporary import temporary_folder
from baocao.project.text import slug
from baocao.reading.forms.folder import owner_of
from baocao.reading.forms.treatments import is_settled
from baocao.reading.tables import check_tables

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.project.folder import Project
    from baocao.project.house import House
    from baocao.project.periods import Period

MOST_CELLS = 40


@dataclass(frozen=True)
class Returned:
    """
    What was made ready for one unit or office.

    Parameters
    ----------
    workbook
        The marked workbook; None for a reminder, and where the file cannot be
        opened at all, which the letter then says.
    findings
        What the letter lists.
    """

    code: str
    name: str
    letter: Path
    workbook: Path | None = None
    findings: tuple[Finding, ...] = ()


@dataclass
class _Desk:
    project: Project
    period: Period
    folder: Path
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.house = self.project.params.house


def return_submissions(
    project: Project,
    period: Period,
    folder: Path,
    *,
    remind: bool = True,
    tell: Callable[[Returned], None] = lambda _returned: None,
) -> list[Returned]:
    """
    Make marked workbooks and letters for those with findings, reminders for those who are missing.

    Parameters
    ----------
    folder
        Where they go, a folder each; made if absent.
    remind
        Write reminders as well.
    tell
        Is told of each as it is ready.

    Raises
    ------
    UsageError
        ``folder`` lies where submissions lie.
    """
    if project.raw(period).resolve() in (folder.resolve(), *folder.resolve().parents):
        raise UsageError(
            _("{folder} is where submissions lie; choose another folder with --to.", folder=folder)
        )
    # What goes out speaks the house's language, whoever makes it.
    with speaking(project.house.language):
        return _return_all(_Desk(project, period, folder), remind=remind, tell=tell)


def _return_all(desk: _Desk, *, remind: bool, tell: Callable[[Returned], None]) -> list[Returned]:
    project, period = desk.project, desk.period
    status = {unit.code: unit for unit in read_status(project, period).units}
    checked = check_tables(project, period)
    found: dict[str, list[Finding]] = {}
    for finding in checked.findings:
        code = finding.unit or desk.house.folders.register
        # Decisions are the office's own; a sender has nothing to correct about them.
        own = finding.code == "missing-submission" or finding.code.startswith("treatment-")
        left = not own and not is_settled(finding)
        if code in status and code not in checked.treated and left:
            found.setdefault(code, []).append(finding)
    register = TryRegister(project, period)
    events = register.read()
    ready = []
    for code, unit in status.items():
        if findings := found.get(code, []):
            returned = _return(desk, unit, findings)
            kind = "returned"
        elif unit.state == "missing" and remind:
            returned = _remind(desk, unit)
            kind = "reminded"
        else:
            continue
        last = last_event(events, code, "counted")
        register.append(
            [
                Event(
                    now(), kind, code, last.attempt if last else 0,  # type: ignore[arg-type]
                    name=returned.letter.name, sha256=last.sha256 if last else "",
                    errors=sum(one.severity == "error" for one in returned.findings),
                    warnings=sum(one.severity == "warning" for one in returned.findings),
                )
            ]
        )  # fmt: skip
        ready.append(returned)
        tell(returned)
    return ready


def list_marks(findings: Iterable[Finding], file: str) -> dict[str, dict[str, str]]:
    """
    Return the comments of a workbook: by sheet and address, what is wrong there and what to do.

    Cells of other files, which a finding may name for comparison, get none.
    """
    marks: dict[str, dict[str, str]] = {}
    for finding in findings:
        text = "\n".join(part for part in (finding.message, _expected(finding), finding.action) if part)
        for cell in finding.cells:
            if "#" not in cell:
                continue
            ref = parse_cell(cell)
            if ref.file == file:
                sheet = marks.setdefault(ref.sheet, {})
                known = sheet.get(ref.address)
                sheet[ref.address] = f"{known}\n{text}" if known else text
    return marks


def _return(desk: _Desk, unit: UnitStatus, findings: Sequence[Finding]) -> Returned:
    folder = desk.folder / f"{unit.code}-{slug(unit.name, '-')}"
    files = dict.fromkeys(cell.partition("#")[0] for finding in findings for cell in finding.cells)
    raw = desk.project.raw(desk.period)
    there = [file for file in files if (raw / file).is_file()]
    own = next((file for file in there if owner_of(Path(file).name, (unit.code,))), next(iter(there), None))
    workbook = None
    if own is not None:
        marks = list_marks(findings, own)
        if marks:
            try:
                marked = mark_cells((raw / own).read_bytes(), marks, desk.project.params.place.name)
                workbook = folder / Path(own).name
                write_atomically(workbook, marked)
            except WorkbookError:
                workbook = None
    letters = desk.house.letters
    came = unit.received[:10]
    wrong = any(finding.severity == "error" for finding in findings)
    body = (letters.returned if wrong else letters.doubted).format(
        unit=unit.name,
        period=desk.house.periods.label(desk.period),
        came=letters.came.format(day=desk.house.dates.short(date.fromisoformat(came))) if came else "",
        count=len(findings),
    )
    listed = sorted(findings, key=lambda finding: finding.severity != "error")
    rows = [_row(desk, number, finding, own) for number, finding in enumerate(listed, start=1)]
    deadline = (letters.closing if wrong else letters.confirming).format(
        unit=unit.name, deadline=_deadline(desk, unit)
    )
    text = "\n\n".join([_write_paragraphs(body), _write_table(letters.columns, rows), write_text(deadline)])
    about = letters.about_return.format(period=desk.house.periods.label(desk.period))
    letter = _write_letter(desk, unit, about, text, folder / f"{letters.files[0]}.docx")
    return Returned(unit.code, unit.name, letter, workbook, tuple(findings))


def _remind(desk: _Desk, unit: UnitStatus) -> Returned:
    letters = desk.house.letters
    label = desk.house.periods.label(desk.period)
    text = letters.reminded.format(unit=unit.name, period=label, deadline=_deadline(desk, unit))
    folder = desk.folder / f"{unit.code}-{slug(unit.name, '-')}"
    letter = _write_letter(
        desk,
        unit,
        letters.about_reminder.format(period=label),
        _write_paragraphs(text),
        folder / f"{letters.files[1]}.docx",
    )
    return Returned(unit.code, unit.name, letter)


def _deadline(desk: _Desk, unit: UnitStatus) -> str:
    letters = desk.house.letters
    if unit.deadline is None or unit.late:
        return letters.at_once
    return letters.by.format(day=desk.house.dates.short(unit.deadline))


def _row(desk: _Desk, number: int, finding: Finding, own: str | None) -> tuple[str, str, str, str]:
    """Return a row of the table; cells of other files, which are named for comparison, stay out of it."""
    by_sheet: dict[str, list[str]] = {}
    for cell in finding.cells:
        if "#" in cell:
            ref = parse_cell(cell)
            if ref.file == own:
                by_sheet.setdefault(ref.sheet, []).append(ref.address)
    where = "; ".join(
        desk.house.letters.where.format(sheet=sheet, cells=_list_cells(addresses))
        for sheet, addresses in by_sheet.items()
    )
    todo = ". ".join(
        part.rstrip(".") for part in (finding.message, _expected(finding), finding.action) if part
    )
    return str(number), where or desk.house.letters.whole, finding.got or "-", f"{todo}."


def _list_cells(addresses: Sequence[str]) -> str:
    shown = ", ".join(addresses[:MOST_CELLS])
    more = len(addresses) - MOST_CELLS
    return _("{cells} and {count} more", cells=shown, count=more) if more > 0 else shown


def _expected(finding: Finding) -> str:
    return _("Expected: {expected}", expected=finding.expected) if finding.expected else ""


def _write_paragraphs(text: str) -> str:
    return "\n\n".join(write_text(paragraph) for paragraph in text.split("\n\n"))


def _write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return write_table(
        "bang_noi_dung",
        "\\ ",
        [escape(column) for column in columns],
        [[escape(text) for text in row] for row in rows],
        aligned=("center", "left", "left", "left"),
        widths=(1, 4, 4, 7),
        wide=False,
    )


def _write_letter(desk: _Desk, unit: UnitStatus, about: str, body: str, target: Path) -> Path:
    params = desk.project.params
    path = params.folder / f"{desk.period}.yaml"
    signer = params.period(desk.period).signer if path.exists() else ""
    # Whoever signs the report signs what is sent for its sake, in the same capacity.
    report = next(iter(params.reports_of(desk.period).values()), None)
    letter_symbol = desk.house.letters.symbol
    facts = Facts(
        place=params.place.short,
        issuer=params.place.issuer,
        period=desk.period,
        title=about,
        symbol=letter_symbol,
        number="",
        issued_on=None,
        recipient=(unit.name,),
        copies=(),
        signature=report.signature if report is not None else (),
        signer=signer,
    )
    head = {
        entry.key: write_text(entry.value)
        if isinstance(entry.value, str)
        else [write_text(line) for line in entry.value]
        for entry in desk.house.letters.head(unit.name, about, facts)
    }
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10**6)
    end = desk.period.end
    with temporary_folder() as folder:
        source = folder / f"{target.stem}.qmd"
        source.write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8")
        render_report(
            source,
            target.parent,
            reports_dir=desk.project.reports,
            engine=EmbeddedEngine(),
            formats=("docx",),
            epoch=int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp()),
        )
    return target
