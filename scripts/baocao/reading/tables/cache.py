"""The tables of a period, kept on the disk until what they were made from changes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from baocao.project.cells import parse_cell, split_address
from baocao.project.errors import InputError, UsageError
from baocao.project.files import write_atomically
from baocao.project.findings import Finding, finding_from_record
from baocao.project.forms import Form
from baocao.project.hashes import hash_bytes, hash_file, list_houses
from baocao.project.language import _
from baocao.project.models import Treatment
from baocao.project.periods import parse_period
from baocao.project.text import fold_text
from baocao.reading.forms import FormRow
from baocao.reading.forms.codes import submission_finding
from baocao.reading.forms.grouping import group_findings
from baocao.reading.forms.received import Received, receive
from baocao.reading.forms.submissions import TableRow, ingest
from baocao.reading.forms.treatments import accept_contradictions
from baocao.reading.tables.combined import combine, find_parts, find_taken_twice
from baocao.reading.tables.parquet import dump_table, load_columns
from baocao.reading.tables.references import find_references
from baocao.reading.tables.table import (
    FILE,
    PLACE,
    PLACES,
    Table,
    fingerprint_columns,
    is_other_period,
    make_table,
)
from baocao.reading.workbooks import reader_version

if TYPE_CHECKING:
    from baocao.project.folder import Project
    from baocao.project.periods import Period

SCHEMA = 2
#: Names the key of tables that are known to be current, in the environment of a build's kernels.
KNOWN_KEY = "BAOCAO_TABLES"
_INDEX = "index.json"
_PARAMS = ("forms.yaml", "units.csv", "offices.csv", "place.yaml")
_CODE = ("project/*.py", "reading/forms/*.py", "reading/tables/*.py")


class Tables:
    """
    Everything read for one period.

    Parameters
    ----------
    period
        The period.
    findings
        All findings; those of treated submissions are warnings.
    treatments, treated
        All of the period, and those that had effect, by code of unit or office, by row or by cell.
    taken
        By cell, the decision by which it counts as something else than stands there;
        of the period before as well, where its rows stand here.
    sha256
        Hash of every raw file read.
    parts
        The shorter periods that the period can be made of.
    """

    def __init__(
        self,
        project: Project,
        period: Period,
        index: Mapping[str, Any],
        stored: Mapping[str, bytes],
        treatments: Mapping[str, Treatment],
    ) -> None:
        self.project = project
        self.period = period
        self.key = str(index["key"])
        self.treatments = treatments
        settled, accepted = accept_contradictions(map(finding_from_record, index["findings"]), treatments)
        self.findings: tuple[Finding, ...] = tuple(group_findings(settled))
        self.treated: dict[str, Treatment] = {code: treatments[code] for code in index["treated"]} | accepted
        self.taken: dict[str, Treatment] = {
            where: Treatment.model_validate(one) for where, one in index["taken"].items()
        }
        own = {where: one for where, one in self.taken.items() if where in treatments}
        self.treated |= own
        self.sha256: dict[str, str] = dict(index["sha256"])
        self.parts: tuple[Period, ...] = tuple(map(parse_period, index["parts"]))
        self._combined = frozenset(index["combined"])
        self._uncombined: Mapping[str, str] = index["uncombined"]
        self._absent = frozenset(index["absent"])
        self._stored = stored
        self._known = {name: (one["fingerprint"], one["parts"]) for name, one in index["tables"].items()}
        self._columns: dict[str, dict[str, str]] = {
            name: one["columns"] for name, one in index["tables"].items()
        }
        self._tables: dict[str, Table] = {}

    @property
    def unusable(self) -> tuple[Finding, ...]:
        """Errors that no treatment covers."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def fingerprint(self, name: str) -> str | None:
        """Return the fingerprint of a table without loading it; None where there is none."""
        return self._known[name][0] if name in self._stored else None

    def column_fingerprint(self, name: str, column: str) -> str:
        """Return the fingerprint of a column without loading it; empty where there is none."""
        return self._columns.get(name, {}).get(self.place_of(column), "")

    @staticmethod
    def place_of(column: str) -> str:
        """Return under which name the fingerprint of a column is kept: what says where a row stands is one."""
        return PLACE if column in PLACES else column

    def is_combined(self, name: str) -> bool:
        """Return whether a table is made of those of shorter periods."""
        return name in self._combined

    def files(self, name: str) -> dict[str, str]:
        """Return the fingerprints of a table's files without loading it; empty where there is none."""
        return dict(self._known[name][1]) if name in self._stored else {}

    def has(self, name: str) -> bool:
        """Return whether :meth:`table` would give a table."""
        return name in self._stored

    def table(self, name: str) -> Table:
        """
        Return the table of a form.

        Raises
        ------
        UsageError
            There is no such form.
        InputError
            The period did not collect it, or no submission of it can be used.
        """
        form = self.project.params.form(name)
        if name not in self._stored:
            raise self._missing(form)
        if name not in self._tables:
            columns = load_columns(self._stored[name], form)
            combined = name in self._combined
            blank = () if combined or columns[FILE] else tuple(self._find_blank(form))
            fingerprint, parts = self._known[name]
            self._tables[name] = Table(form, self.period, columns, fingerprint, parts, blank, combined)
        return self._tables[name]

    def _find_blank(self, form: Form) -> Iterator[tuple[str, str, int]]:
        for finding in self.findings:
            for cell in finding.cells if finding.code == "empty-register" else ():
                ref = parse_cell(cell)
                if ref.file == f"{self.project.params.source_of(form, self.period)}.xlsx" and fold_text(
                    ref.sheet
                ) == fold_text(form.sheet):
                    yield ref.file, ref.sheet, split_address(ref.address)[0] + 1

    def _missing(self, form: Form) -> InputError:
        if form.name in self._uncombined:
            return InputError(self._uncombined[form.name])
        if form.name in self._absent:
            return InputError(
                _(
                    "{period} has no form {name!r}: none of its workbooks has it.",
                    period=self.period,
                    name=form.name,
                )
            )
        office = form.source.rpartition("/")[2]
        findings = [
            one
            for one in self.unusable
            if form.source == self.project.house.folders.units or one.unit in (office, None)
        ]
        reasons = "; ".join(str(one) for one in findings[:5])
        return InputError(
            _(
                "form {name!r} of {period} cannot be used: {reasons}.",
                name=form.name,
                period=self.period,
                reasons=reasons or _("its submission is left out by the parameters of the period"),
            ),
            findings=findings,
        )


@cache
def _code_version() -> str:
    package = Path(__file__).parents[2]
    files = [path for pattern in _CODE for path in sorted(package.glob(pattern))]
    contents = (path.read_bytes() for path in (*files, *list_houses()))
    return hash_bytes(b"".join((reader_version().encode(), *contents)))[:16]


def _treatments(project: Project, period: Period) -> Mapping[str, Treatment]:
    """Treatments of a period; a period without parameters has none."""
    if not (project.params.folder / f"{period}.yaml").exists():
        return {}
    return project.params.period(period).treatments


def _uses_previous(project: Project, period: Period, treatments: Mapping[str, Treatment]) -> bool:
    return (
        any(one.action == "previous" for one in treatments.values()) and project.raw(period.previous).is_dir()
    )


def _make_key(
    project: Project,
    period: Period,
    received: Received,
    treatments: Mapping[str, Treatment],
    before: Tables | None,
    parts: Sequence[Tables],
) -> str:
    digests = {}
    for name in _PARAMS:
        path = project.params.folder / name
        digests[name] = hash_file(path) if path.is_file() else ""
    made_of = {
        "schema": SCHEMA,
        "code": _code_version(),
        "period": str(period),
        "params": digests,
        "treatments": {code: one.model_dump(mode="json") for code, one in sorted(treatments.items())},
        "files": received.sha256,
        "errors": {file: error.as_record() for file, error in received.errors.items()},
        "folder": [one.as_record() for one in received.folder.findings],
        "sources": dict(sorted(received.folder.submissions.items())),
        "archive": received.folder.archive,
        "previous": before.key if before else None,
        "parts": {str(part.period): part.key for part in parts},
    }
    return hash_bytes(json.dumps(made_of, sort_keys=True).encode())


def read_tables(project: Project, period: Period) -> Tables:
    """
    Read the tables of a period, from ``data/processed`` where it is current.

    Raises
    ------
    UsageError
        There is no folder of submissions for the period.
    ParamsError
        The parameters are wrong.
    """
    if (known := _load_known(project, period)) is not None:
        return known
    raw = project.raw(period)
    parts = [read_tables(project, part) for part in find_parts(project, period)]
    if not raw.is_dir() and not parts:
        raise UsageError(
            _("no submissions for {period}: expected the folder data/raw/{period}.", period=period)
        )
    treatments = _treatments(project, period)
    before = read_tables(project, period.previous) if _uses_previous(project, period, treatments) else None
    received = receive(raw, project.params, period)
    key = _make_key(project, period, received, treatments, before, parts)
    folder = project.processed(period)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f"{period}.lock"):
        kept = _load(project, period, folder, key, treatments)
        if kept is None:
            _ingest(project, period, received, treatments, before, parts, key)
            kept = _load(project, period, folder, key, treatments)
    if kept is None:
        raise UsageError(_("{folder} cannot be read back; delete it and try again.", folder=folder))
    return kept


def _previous_rows(before: Tables | None, name: str) -> list[TableRow] | None:
    """Return the rows of the period before; their files are prefixed with it."""
    if before is None:
        return []
    if not before.has(name):
        return None
    table = before.table(name)
    prefix = f"{before.period}/"
    return [
        TableRow(
            table.units[i],
            table.levels[i],
            file if is_other_period(file) else prefix + file,
            table.sheets[i],
            FormRow(table.row_numbers[i], {name: table.columns[name][i] for name in table.form.by_name}),
        )
        for i, file in enumerate(table.files)
    ]


def _taken_before(before: Tables | None) -> dict[str, Treatment]:
    """Return what was taken in the period before, whose rows may stand here."""
    if before is None:
        return {}
    return {
        where if is_other_period(where) else f"{before.period}/{where}": one
        for where, one in before.taken.items()
    }


def _ingest(
    project: Project,
    period: Period,
    received: Received,
    treatments: Mapping[str, Treatment],
    before: Tables | None,
    parts: Sequence[Tables],
    key: str,
) -> None:
    params = project.params
    elsewhere = _list_unsent(project, period, received) if parts else frozenset()
    done = ingest(
        params,
        period,
        received,
        project.cache,
        treatments,
        lambda name: _previous_rows(before, name),
        elsewhere,
    )
    folder = project.processed(period)
    written = {}
    sha256 = dict(received.sha256)
    joined = _Joined({}, {}, [], {}, set()) if not elsewhere else _join(project, period, parts, elsewhere)
    made = {name: make_table(params.form(name), period, rows) for name, rows in done.rows.items()}
    made |= joined.tables
    sha256 |= joined.sha256
    for name, table in made.items():
        data = dump_table(table)
        written[name] = {
            "sha256": hash_bytes(data),
            "fingerprint": table.fingerprint,
            "parts": table.parts,
            "columns": fingerprint_columns(table),
        }
        write_atomically(folder / f"{name}.parquet", data)
        if before is not None:
            sha256.update(
                (file, before.sha256.get(file.partition("/")[2], before.sha256.get(file, "")))
                for file in table.files
                if is_other_period(file)
            )
    index = {
        "key": key,
        "tables": written,
        "parts": [str(part.period) for part in parts],
        "combined": sorted(joined.tables),
        "uncombined": joined.refused,
        "absent": sorted({*done.absent, *joined.absent} - set(joined.tables)),
        "findings": [
            finding.as_record()
            for finding in (*done.findings, *joined.findings, *find_references(params, period, made))
        ],
        "treated": sorted(done.treated),
        "taken": {
            where: one.model_dump(mode="json", exclude_defaults=True)
            for where, one in sorted((done.taken | _taken_before(before)).items())
        },
        "sha256": sha256,
    }
    write_atomically(
        folder / _INDEX, json.dumps(index, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
    )
    for path in folder.glob("*.parquet"):
        if path.stem not in written:
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Joined:
    """Tables made of those of the parts, why others were not, and what the parts have to say."""

    tables: dict[str, Table]
    refused: dict[str, str]
    findings: list[Finding]
    sha256: dict[str, str]
    absent: set[str]


def _list_unsent(project: Project, period: Period, received: Received) -> frozenset[str]:
    """List the sources of forms for which nobody sent anything for the period itself."""
    units = project.house.folders.units
    sent = {units if source.startswith(f"{units}/") else source for source in received.folder.submissions}
    sent |= {units} if received.folder.unknown else set()
    sources = {project.params.source_of(form, period) for form in project.params.forms.values()}
    return frozenset(sources - sent)


def _join(project: Project, period: Period, parts: Sequence[Tables], elsewhere: frozenset[str]) -> _Joined:
    joined = _Joined({}, {}, [], {}, set())
    for part in parts:
        prefix = f"{part.period}/"
        joined.sha256.update(
            (file if is_other_period(file) else prefix + file, sha256) for file, sha256 in part.sha256.items()
        )
        joined.findings.extend(_prefix_finding(one, prefix) for one in part.unusable)
    for form in project.params.forms.values():
        if project.params.source_of(form, period) not in elsewhere:
            continue
        if not all(part.has(form.name) for part in parts):
            joined.absent.add(form.name)
            continue
        tables = [part.table(form.name) for part in parts]
        try:
            table = combine(form, period, tables)
        except UsageError as error:
            joined.refused[form.name] = str(error)
            continue
        joined.tables[form.name] = table
        joined.findings.extend(
            submission_finding(
                "taken-twice",
                (file,),
                unit=unit,
                expected=_("figures of its own for each part of {period}", period=period),
                got=_("one file for two parts, as the treatment of the later part has it"),
                action=_("Get the unit's figures of that part, or leave it out there with 'exclude'."),
            )
            for unit, file in find_taken_twice(table, tables)
        )
    # A file stands for all of its forms, and is told once.
    joined.findings[:] = dict.fromkeys(joined.findings)
    return joined


def _prefix_finding(finding: Finding, prefix: str) -> Finding:
    cells = tuple(
        cell if is_other_period(cell.partition("#")[0]) else prefix + cell for cell in finding.cells
    )
    return replace(finding, cells=cells)


def _load_known(project: Project, period: Period) -> Tables | None:
    """Load the tables that the build which runs this notebook has read; None outside of a build."""
    key = os.environ.get(KNOWN_KEY)
    if not key:
        return None
    declared = (project.params.folder / f"{period}.yaml").exists()
    treatments = project.params.period(period).treatments if declared else {}
    kept = _kept.get((project.root, period, key))
    if kept is not None and kept.project.params is project.params:
        return kept
    return _load(project, period, project.processed(period), key, treatments)


_kept: dict[tuple[Path, Period, str], Tables] = {}


def keep_tables(project: Project, period: Period) -> None:
    """Load what a build has read, entry by entry, before processes are forked whose notebooks will ask for it."""
    tables = _load_known(project, period)
    if tables is None:
        return
    for name in project.params.forms:
        if tables.has(name):
            dict(tables.table(name).columns)
    _kept[project.root, period, tables.key] = tables


def _load(
    project: Project, period: Period, folder: Path, key: str, treatments: Mapping[str, Treatment]
) -> Tables | None:
    """Load what was kept; None where it was made from something else or is damaged."""
    try:
        index = json.loads((folder / _INDEX).read_bytes())
        if index["key"] != key:
            return None
        stored = {name: (folder / f"{name}.parquet").read_bytes() for name in index["tables"]}
        kept = index["tables"].items()
        if any(hash_bytes(stored[name]) != one["sha256"] for name, one in kept):
            return None
        return Tables(project, period, index, stored, treatments)
    except (OSError, ValueError, KeyError, TypeError):
        return None
