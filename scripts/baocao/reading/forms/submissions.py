"""
The submissions of one period: who sent what, what is wrong with it, and what counts.

Which forms a period must have: every form of ``forms.yaml``. Only where the
period's folder has neither offices nor a register, no texts and no register of tries, is it an
archive of units' forms: then the forms of offices, and the units' forms whose
sheet no workbook has, were not collected and give no finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.project.cells import parse_cell, split_address
from baocao.project.errors import WorkbookError
from baocao.project.language import _, _n, join
from baocao.project.succession import find_heirs
from baocao.project.text import fold_text
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.entries import ZEROED
from baocao.reading.forms.folder import owner_of
from baocao.reading.forms.layout import code_of
from baocao.reading.forms.received import Received
from baocao.reading.forms.results import FormRow, Sender, SubmissionResult
from baocao.reading.forms.submission import find_sheet, read_submission
from baocao.reading.forms.taking import list_takes, take_cells, tell_unread
from baocao.reading.forms.treatments import WORDS, choose_file, mark_errors, mark_treated
from baocao.reading.workbooks import Workbook, read_contents

if TYPE_CHECKING:
    from baocao.project.findings import Finding
    from baocao.project.forms import Form
    from baocao.project.models import Treatment, Unit
    from baocao.project.params import Params
    from baocao.project.periods import Period


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a form with whose it is and where it stands."""

    unit: str | None
    level: str | None
    file: str
    sheet: str
    row: FormRow


@dataclass
class Ingested:
    """What the submissions of a period give."""

    rows: dict[str, list[TableRow]] = field(default_factory=dict)
    """By form; a form that was read but has no row is there with an empty list."""
    absent: set[str] = field(default_factory=set)
    """Forms this period did not collect."""
    findings: list[Finding] = field(default_factory=list)
    treated: dict[str, Treatment] = field(default_factory=dict)
    taken: dict[str, Treatment] = field(default_factory=dict)
    """By cell, the decisions by which it counts as something else than stands there."""


class _Ingest:
    def __init__(
        self,
        params: Params,
        period: Period,
        received: Received,
        cache: Path | None,
        treatments: Mapping[str, Treatment],
        previous: Callable[[str], list[TableRow] | None],
        elsewhere: Collection[str],
    ) -> None:
        self.elsewhere = elsewhere
        self.params = params
        self.period = period
        self.received = received
        self.treatments = treatments
        self.previous = previous
        self.books: dict[str, Workbook | WorkbookError] = {
            **read_contents(received.contents, cache),
            **received.errors,
        }
        self.result = Ingested(findings=list(received.folder.findings))
        self.forms: dict[str, list[Form]] = defaultdict(list)
        for form in params.forms.values():
            self.forms[params.source_of(form, period)].append(form)
        self.units = params.units_of(period)
        self.folders = params.house.folders
        self.names = name_units(params.units_of(period).values())
        self.offices = name_offices(params.offices)
        self.optional = self.find_absent()
        self.strangers = self.claim_unknown()
        self.looked_at: set[str] = set()

    def find_absent(self) -> frozenset[str]:
        """Find the forms an archive did not collect."""
        if not self.received.folder.archive:
            return frozenset()
        absent = {form.name for form in self.params.forms.values() if form.source != self.folders.units}
        books = [
            book
            for source, files in self.received.folder.submissions.items()
            if source.startswith(f"{self.folders.units}/")
            for file in files
            if isinstance(book := self.books[file], Workbook)
        ]
        unit_forms = self.forms[self.folders.units]
        held = {form.name for form in unit_forms if any(find_sheet(book, form.sheet) for book in books)}
        # Where no sheet of any form is found nothing can be told, and all are expected.
        absent |= {form.name for form in unit_forms if held and form.name not in held}
        self.result.absent = absent
        return frozenset(absent)

    def claim_unknown(self) -> dict[str, str]:
        """Match files whose name no unit claims with units that sent nothing, by the header."""
        claimed: dict[str, str] = {}
        for file in self.received.folder.unknown:
            code = self.header_code(self.books[file])
            unit = (
                code
                if code in self.units
                and f"{self.folders.units}/{code}" not in self.received.folder.submissions
                else None
            )
            if unit is not None and unit not in claimed and file.startswith(f"{self.folders.units}/"):
                claimed[unit] = file
                continue
            self.result.findings.append(self.unknown_unit(file, None, code))
        return claimed

    def find_ended(self) -> Iterator[Finding]:
        """Find what came from units that are not there at the end of the period."""
        for source, files in self.received.folder.submissions.items():
            place, _slash, code = source.partition("/")
            if place != self.folders.units or code in self.units:
                continue
            unit = self.params.units[code]
            heirs = find_heirs(code, self.params.all_units, self.period.end)
            yield submission_finding(
                "ended-unit",
                tuple(files),
                unit=code,
                expected=_("{unit} reports", unit=", ".join(heirs))
                if heirs
                else _("no submission of {unit}", unit=code),
                got=_(
                    "{unit} is there from {start} until {until}",
                    unit=code,
                    start=unit.start or "…",
                    until=unit.until or "…",
                ),
                action=_("Take the file out of the folder, or correct the unit's days in params/units.csv."),
            )

    def header_code(self, book: Workbook | WorkbookError) -> str:
        for form in self.forms[self.folders.units]:
            sheet = find_sheet(book, form.sheet) if isinstance(book, Workbook) else None
            if sheet is not None and form.header.unit_code:
                return code_of(sheet.shown(*split_address(form.header.unit_code)))
        return ""

    def unknown_unit(self, file: str, unit: str | None, code: str) -> Finding:
        place = file.partition("/")[0]
        return submission_finding(
            "unknown-unit",
            (file,),
            unit=unit,
            expected=_("{place}/<code>-<name>.xlsx with a code on the list", place=place),
            got=_("{file}; the form in it gives the code {code}", file=file, code=code) if code else file,
            action=_("Rename the file after the unit's code, or add the unit to the list."),
        )

    # -- one owner --------------------------------------------------------
    def run(self) -> Ingested:
        for form in self.params.forms.values():
            if form.name not in self.optional and form.source == self.folders.units:
                self.result.rows[form.name] = []
        self.result.findings.extend(self.find_ended())
        for code, unit in () if self.folders.units in self.elsewhere else self.units.items():
            forms = [
                form
                for form in self.forms[self.folders.units]
                if not form.levels or unit.level in form.levels
            ]
            self.take(f"{self.folders.units}/{code}", code, unit.level, forms)
        for source, forms in self.forms.items():
            if (
                source != self.folders.units
                and source not in self.elsewhere
                and not self.received.folder.archive
            ):
                self.take(source, source.rpartition("/")[2], None, forms)
        for form in self.forms[self.folders.units]:
            if not self.result.rows.get(form.name):
                self.result.rows.pop(form.name, None)
        for where, treatment in list_takes(self.treatments).items():
            file = parse_cell(where).file
            if file not in self.looked_at:
                owner = owner_of(file.rpartition("/")[2], [*self.units, *self.params.offices])
                self.result.findings.append(tell_unread(where, treatment, owner))
        return self.result

    def take(self, source: str, code: str, level: str | None, forms: list[Form]) -> None:
        """Read what one owner sent, treat it as the parameters say, and keep its rows."""
        treatment = self.treatments.get(code)
        action = treatment.action if treatment else None
        unit = None if source == self.folders.register else code
        names = self.names if level is not None else self.offices
        sender = Sender("", self.period, self.params.house, unit, level, zero=action == "zero", names=names)
        findings, read = self.read_owner(source, sender, forms, treatment)
        rows: dict[str, list[TableRow]] = {}
        if read is not None:
            file, result = read
            for name, one in result.forms.items():
                if one.usable:
                    owner = code if source.startswith(f"{self.folders.units}/") else None
                    rows[name] = [TableRow(owner, level, file, one.sheet, row) for row in one.rows]
        failed = any(finding.severity == "error" for finding in findings)
        if treatment is not None and treatment.action != "accept":
            findings = self.treat(code, treatment, findings, forms, rows, failed=failed)
        self.result.findings.extend(findings)
        for name, kept in rows.items():
            self.result.rows.setdefault(name, []).extend(kept)

    def read_owner(
        self, source: str, sender: Sender, forms: list[Form], treatment: Treatment | None
    ) -> tuple[list[Finding], tuple[str, SubmissionResult] | None]:
        files = self.received.folder.submissions.get(source)
        if not files:
            return self.nothing_from(source, sender, told=files is not None), None
        file, findings = files[0], []
        if len(files) > 1:
            chosen = choose_file(files, treatment)
            finding = self.second_submission(files, sender)
            if chosen is None:
                return [finding], None
            file = chosen
            findings.append(mark_treated(finding, treatment))  # type: ignore[arg-type]
        book = self.books[file]
        if isinstance(book, WorkbookError):
            return [*findings, _file_finding(file, book, sender)], None
        if not file.lower().endswith(".xlsx"):
            findings.append(
                submission_finding(
                    "wrong-extension",
                    (file,),
                    unit=sender.unit,
                    expected=_("a file name that ends in .xlsx"),
                    got=file.rpartition("/")[2],
                    action=_("Rename the file to end in .xlsx."),
                )
            )
        sender = replace(sender, file=file)
        taking = take_cells(book, forms, sender, self.treatments)
        self.result.taken.update(taking.used)
        self.looked_at.add(file)
        result = read_submission(taking.workbook, forms, sender, optional=self.optional)
        return [*findings, *taking.findings, *result.findings], (file, result)

    def nothing_from(self, source: str, sender: Sender, *, told: bool) -> list[Finding]:
        if told:
            return []
        if sender.unit in self.strangers:
            return [self.unknown_unit(self.strangers[sender.unit], sender.unit, sender.unit)]
        pattern = f"{source}-*.xlsx" if source.startswith(f"{self.folders.units}/") else f"{source}.xlsx"
        return [
            submission_finding(
                "missing-submission",
                (pattern,),
                unit=sender.unit,
                expected=_("file {pattern}", pattern=pattern),
                got=_("no file"),
                action=_(
                    "Remind the unit to send its report, or say in the period's parameters how it is treated."
                ),
            )
        ]

    def second_submission(self, files: list[str], sender: Sender) -> Finding:
        hashes = {self.received.sha256.get(file) for file in files}
        return submission_finding(
            "second-submission",
            tuple(files),
            unit=sender.unit,
            expected=_("one file"),
            got=_n("{count} file, all alike", "{count} files, all alike", len(files))
            if len(hashes) == 1
            else _n("{count} file", "{count} files", len(files)),
            action=_("Keep one file, or say in the period's parameters which is used."),
        )

    # -- treatments -------------------------------------------------------
    def treat(
        self,
        code: str,
        treatment: Treatment,
        findings: list[Finding],
        forms: list[Form],
        rows: dict[str, list[TableRow]],
        *,
        failed: bool,
    ) -> list[Finding]:
        """Apply a treatment to the rows of one owner; what it does not cure stays an error."""
        if treatment.action == "zero":
            zeroed = {id(one) for one in findings if one.severity == "warning" and one.code in ZEROED}
            if zeroed:
                self.result.treated[code] = treatment
            marked = [mark_treated(one, treatment) if id(one) in zeroed else one for one in findings]
            return mark_errors(marked, treatment, cured=False)
        if treatment.action == "use":
            if any(one.code == "second-submission" and one.severity == "warning" for one in findings):
                self.result.treated[code] = treatment
            return mark_errors(findings, treatment, cured=False)
        told: list[Finding] = []
        if treatment.action == "exclude":
            rows.clear()
        else:
            cured, told = self.take_previous(code, findings, forms, rows)
            if not cured:
                return mark_errors(findings, treatment, cured=False)
        self.result.treated[code] = treatment
        if not failed:
            told = [*told, self.unneeded(code, treatment)]
        return [*mark_errors(findings, treatment, cured=True), *told]

    def take_previous(
        self, code: str, findings: list[Finding], forms: list[Form], rows: dict[str, list[TableRow]]
    ) -> tuple[bool, list[Finding]]:
        """Replace the rows of an owner by those of the period before, form by form."""
        cured, told, taken = True, [], False
        for form in forms:
            before = self.previous(form.name)
            mine = [row for row in before or () if row.unit in (code, None)]
            if mine:
                rows[form.name] = mine
                taken = True
            elif before is not None and form.name not in rows:
                cured = False
            elif before is None and form.name not in rows and form.name not in self.optional:
                told.append(
                    submission_finding(
                        "treatment-partial",
                        tuple(
                            dict.fromkeys(cell.partition("#")[0] for one in findings for cell in one.cells)
                        ),
                        unit=code,
                        expected=_(
                            "form {name} of the period {previous}",
                            name=form.name,
                            previous=self.period.previous,
                        ),
                        got=_("none; the unit is not counted in this form"),
                        action=_("Confirm the treatment."),
                    )
                )
        return (True, told) if cured and taken else (False, [])

    def unneeded(self, code: str, treatment: Treatment) -> Finding:
        files = self.received.folder.submissions.get(f"{self.folders.units}/{code}") or []
        return submission_finding(
            "treatment-unneeded",
            tuple(files),
            unit=code,
            expected=_("treatments of reports that cannot be used only"),
            got=join([_(WORDS[treatment.action]), treatment.why], ": "),
            action=_("Take the treatment out of the period's parameters if it is no longer needed."),
        )


def name_units(units: Iterable[Unit]) -> dict[str, str]:
    """
    Return the codes of units by name, as labels are compared, with and without their type.

    A name that two units have, as a ward and a commune may, is left out.

    Examples
    --------
    >>> from baocao.project.models import Unit
    >>> name_units([Unit(code="7", name="Phường C", type="phường", level="xa")])
    {'phường c': '7', 'c': '7'}
    """
    codes: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        name = fold_text(unit.name)
        codes[name].add(unit.code)
        codes[name.removeprefix(fold_text(unit.type)).strip() or name].add(unit.code)
    return {name: next(iter(known)) for name, known in codes.items() if len(known) == 1}


def name_offices(offices: Mapping[str, str]) -> dict[str, str]:
    """Return the codes of offices by name, as labels are compared."""
    return {fold_text(name): code for code, name in offices.items()}


def _file_finding(file: str, error: WorkbookError, sender: Sender) -> Finding:
    cell = file
    if error.sheet is not None:
        cell = f"{file}#{error.sheet}!{error.address or 'A1'}"
    return submission_finding(
        error.code, (cell,), unit=sender.unit, expected=error.expected, got=error.got, action=error.action
    )


def ingest(
    params: Params,
    period: Period,
    received: Received,
    cache: Path | None,
    treatments: Mapping[str, Treatment],
    previous: Callable[[str], list[TableRow] | None],
    elsewhere: Collection[str] = (),
) -> Ingested:
    """
    Read all submissions of a period.

    Parameters
    ----------
    received
        The files, from :func:`receive`.
    cache
        Folder of workbooks read before.
    treatments
        By code of unit or office.
    previous
        Returns the rows of a form of the period before, with prefixed files;
        None where that period has no such form.
    elsewhere
        Sources that nobody is expected to send anything from.
    """
    return _Ingest(params, period, received, cache, treatments, previous, elsewhere).run()
