"""
Tidy tables of one period, each entry with its cell, kept as Parquet until something changes.

``data/processed/<period>/`` holds one file a form and an index that names what
it was made from: the submissions' hashes, the parameters used, the code that
read them. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from baocao.cells import CellRef
from baocao.errors import InputError, UsageError
from baocao.findings import Finding, finding_from_dict
from baocao.forms import FormRow
from baocao.params import Form, Treatment, fold_text
from baocao.reading import reader_version
from baocao.reading.codes import submission_finding
from baocao.reading.entries import Entry, plain_decimal
from baocao.submissions import Received, TableRow, check_treatments, ingest, receive

if TYPE_CHECKING:
    from baocao.periods import Period
    from baocao.project import Project

SCHEMA = 1
_INDEX = "index.json"
_PARAMS = ("forms.yaml", "units.csv", "offices.csv", "place.yaml")
_MODULES = ("cells", "entries", "errors", "findings", "forms", "params", "periods", "submissions", "tables")
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Table:
    """
    Tidy rows of one form of one period; each entry knows its cell.

    Parameters
    ----------
    form, period
        What it is a table of.
    units, levels
        By row: code and level of the unit; None in registers of offices.
    files, sheets, row_numbers
        By row: where it stands; the row number as Excel shows it. Files are
        relative to ``data/raw/<period>/``, those of another period prefixed with it.
    entries
        By column name, the entries of all rows; use :meth:`column`.
    fingerprint
        sha256 over the form and the rows with their addresses.
    parts
        By file, the sha256 over its rows.
    """

    form: Form
    period: Period
    units: tuple[str | None, ...]
    levels: tuple[str | None, ...]
    files: tuple[str, ...]
    sheets: tuple[str, ...]
    row_numbers: tuple[int, ...]
    entries: Mapping[str, tuple[Entry, ...]]
    fingerprint: str
    parts: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.files)

    def column(self, name: str) -> tuple[Entry, ...]:
        """
        Give the entries of a column.

        Returns
        -------
        tuple
            Text (NFC, outer spaces stripped), Fraction or date; None where the cell is blank.

        Raises
        ------
        UsageError
            The form has no such column.
        """
        return self.entries[self.form.column(name).name]

    def cell(self, row_index: int, name: str) -> CellRef:
        """Give the cell that an entry was read from."""
        column = self.form.column(name).column
        return CellRef(self.files[row_index], self.sheets[row_index], f"{column}{self.row_numbers[row_index]}")


def make_table(
    form: Form, period: Period, rows: Iterable[TableRow], *, known: tuple[str, Mapping[str, str]] | None = None
) -> Table:
    """
    Make a table of rows.

    Parameters
    ----------
    known
        Fingerprint and parts where they were kept; None makes them of the rows.

    Examples
    --------
    >>> from baocao.params import Column, Header
    >>> from baocao.periods import Period
    >>> form = Form(name="f", title="", source="van-ban", sheet="s", kind="register", header=Header(period="A1"),
    ...             first_row=2, columns=(Column(name="so", column="C", label="Số", type="count"),))
    >>> row = TableRow(None, None, "van-ban.xlsx", "s", FormRow(2, {"so": Fraction(3)}))
    >>> str(make_table(form, Period(2026, 1), [row]).cell(0, "so"))
    'van-ban.xlsx#s!C2'
    """
    rows = list(rows)
    names = [column.name for column in form.columns]
    fingerprint, parts = known or _fingerprints(form, period, rows)
    return Table(
        form=form,
        period=period,
        units=tuple(one.unit for one in rows),
        levels=tuple(one.level for one in rows),
        files=tuple(one.file for one in rows),
        sheets=tuple(one.sheet for one in rows),
        row_numbers=tuple(one.row.number for one in rows),
        entries={name: tuple(one.row.entries.get(name) for one in rows) for name in names},
        fingerprint=fingerprint,
        parts=parts,
    )


def _fingerprints(form: Form, period: Period, rows: Iterable[TableRow]) -> tuple[str, dict[str, str]]:
    names = [column.name for column in form.columns]
    lines: list[str] = []
    by_file: dict[str, list[str]] = {}
    for one in rows:
        entries = [_spell(one.row.entries.get(name)) for name in names]
        line = json.dumps([one.unit, one.level, one.file, one.sheet, one.row.number, *entries], ensure_ascii=False)
        lines.append(line)
        by_file.setdefault(one.file, []).append(line)
    parts = {file: _digest(part) for file, part in sorted(by_file.items())}
    return _digest([str(period), form.model_dump_json(), *lines]), parts


def _spell(entry: Entry) -> str | None:
    return None if entry is None else entry.isoformat() if isinstance(entry, date) else str(entry)


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


# -- Parquet ------------------------------------------------------------------
def _dump_table(table: Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, Any] = {
        "_unit": pa.array(table.units, pa.string()),
        "_level": pa.array(table.levels, pa.string()),
        "_file": pa.array(table.files, pa.string()),
        "_sheet": pa.array(table.sheets, pa.string()),
        "_row": pa.array(table.row_numbers, pa.int32()),
    }
    for column in table.form.columns:
        entries = table.entries[column.name]
        if column.type == "date":
            columns[column.name] = pa.array(entries, pa.date32())
        elif column.type in ("count", "number"):
            columns[column.name] = _number_array(entries)
        else:
            columns[column.name] = pa.array(entries, pa.string())
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


def _number_array(entries: tuple[Entry, ...]) -> Any:
    """Whole numbers as int64 where they fit, else decimals as text: never a float."""
    import pyarrow as pa

    numbers = [entry if isinstance(entry, Fraction) else None for entry in entries]
    if all(one is None or (one.denominator == 1 and one.numerator in _INT64) for one in numbers):
        return pa.array([None if one is None else one.numerator for one in numbers], pa.int64())
    return pa.array([None if one is None else _decimal_text(one) for one in numbers], pa.string())


def _decimal_text(number: Fraction) -> str:
    """
    Write a fraction read from a cell, which has a finite decimal, exactly.

    Examples
    --------
    >>> _decimal_text(Fraction(3, 8))
    '0.375'
    """
    scale = 0
    while (number * 10**scale).denominator != 1:
        scale += 1
    return str(Decimal((0 if number >= 0 else 1, tuple(map(int, str(abs(int(number * 10**scale))))), -scale)))


def _load_rows(data: bytes, form: Form) -> list[TableRow]:
    import pyarrow.parquet as pq

    columns = pq.read_table(io.BytesIO(data)).to_pydict()
    entries = {
        column.name: [
            Fraction(entry) if column.type in ("count", "number") and entry is not None else entry
            for entry in columns[column.name]
        ]
        for column in form.columns
    }
    return [
        TableRow(unit, level, file, sheet, FormRow(row, {name: entries[name][index] for name in entries}))
        for index, (unit, level, file, sheet, row) in enumerate(
            zip(
                columns["_unit"], columns["_level"], columns["_file"], columns["_sheet"], columns["_row"], strict=True
            )
        )
    ]


# -- a period -----------------------------------------------------------------
class Tables:
    """
    Everything read for one period.

    Parameters
    ----------
    period
        The period.
    findings
        All findings; those of treated submissions are warnings.
    treated
        Treatments that had effect, by code of unit or office.
    sha256
        Hash of every raw file read.
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
        self.findings: tuple[Finding, ...] = tuple(finding_from_dict(one) for one in index["findings"])
        self.treated: dict[str, Treatment] = {code: treatments[code] for code in index["treated"]}
        self.sha256: dict[str, str] = dict(index["sha256"])
        self._absent = frozenset(index["absent"])
        self._stored = stored
        self._known = {name: (one["fingerprint"], one["parts"]) for name, one in index["tables"].items()}
        self._tables: dict[str, Table] = {}

    @property
    def unusable(self) -> tuple[Finding, ...]:
        """Errors that no treatment covers."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def fingerprint(self, name: str) -> str | None:
        """Give the fingerprint of a table without loading it; None where there is none."""
        return self._known[name][0] if name in self._stored else None

    def parts(self, name: str) -> dict[str, str]:
        """Give the fingerprints of a table's files without loading it; empty where there is none."""
        return dict(self._known[name][1]) if name in self._stored else {}

    def has(self, name: str) -> bool:
        """Tell whether :meth:`table` would give a table."""
        return name in self._stored

    def table(self, name: str) -> Table:
        """
        Give the table of a form.

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
            rows = _load_rows(self._stored[name], form)
            self._tables[name] = make_table(form, self.period, rows, known=self._known[name])
        return self._tables[name]

    def _missing(self, form: Form) -> InputError:
        if form.name in self._absent:
            return InputError(f"{self.period} has no form {form.name!r}: none of its workbooks has it.")
        office = form.source.rpartition("/")[2]
        findings = [one for one in self.unusable if form.source == "don-vi" or one.unit in (office, None)]
        reasons = "; ".join(str(one) for one in findings[:5])
        return InputError(
            f"form {form.name!r} of {self.period} cannot be used: "
            f"{reasons or 'its submission is left out by the parameters of the period'}.",
            findings=findings,
        )


@cache
def _code_version() -> str:
    digest = hashlib.sha256(reader_version().encode())
    for name in _MODULES:
        path = Path(__file__).with_name(f"{name}.py")
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _treatments(project: Project, period: Period) -> Mapping[str, Treatment]:
    """Treatments of a period; a period without parameters has none."""
    if not (project.params.folder / f"{period}.yaml").exists():
        return {}
    treatments = project.params.period(period).treatments
    check_treatments(project.params, treatments)
    return treatments


def _uses_previous(project: Project, period: Period, treatments: Mapping[str, Treatment]) -> bool:
    return any(one.action == "previous" for one in treatments.values()) and project.raw(period.previous).is_dir()


def _make_key(
    project: Project, period: Period, received: Received, treatments: Mapping[str, Treatment], before: Tables | None
) -> str:
    digests = {}
    for name in _PARAMS:
        path = project.params.folder / name
        digests[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    made_of = {
        "schema": SCHEMA,
        "code": _code_version(),
        "period": str(period),
        "params": digests,
        "treatments": {code: one.model_dump() for code, one in sorted(treatments.items())},
        "files": received.sha256,
        "errors": {file: str(error) for file, error in received.errors.items()},
        "folder": [one.as_dict() for one in received.folder.findings],
        "sources": dict(sorted(received.folder.submissions.items())),
        "archive": received.folder.archive,
        "previous": before.key if before else None,
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


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
    raw = project.raw(period)
    if not raw.is_dir():
        raise UsageError(f"no submissions for {period}: expected the folder data/raw/{period}.")
    treatments = _treatments(project, period)
    before = read_tables(project, period.previous) if _uses_previous(project, period, treatments) else None
    received = receive(raw, project.params)
    key = _make_key(project, period, received, treatments, before)
    folder = project.processed(period)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f"{period}.lock"):
        kept = _load(project, period, folder, key, treatments)
        if kept is None:
            _ingest(project, period, received, treatments, before, key)
            kept = _load(project, period, folder, key, treatments)
    if kept is None:
        raise UsageError(f"{folder} cannot be read back; delete it and try again.")
    return kept


def _previous_rows(before: Tables | None, name: str) -> list[TableRow] | None:
    """Give the rows of the period before; their files are prefixed with it."""
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
            file if _has_period(file) else prefix + file,
            table.sheets[i],
            FormRow(table.row_numbers[i], {name: entries[i] for name, entries in table.entries.items()}),
        )
        for i, file in enumerate(table.files)
    ]


def _has_period(file: str) -> bool:
    return file[4:6] == "-Q" and file[7:8] == "/"


def _ingest(
    project: Project,
    period: Period,
    received: Received,
    treatments: Mapping[str, Treatment],
    before: Tables | None,
    key: str,
) -> None:
    params = project.params
    done = ingest(
        params, period, received, project.cache, treatments, lambda name: _previous_rows(before, name)
    )
    folder = project.processed(period)
    written = {}
    sha256 = dict(received.sha256)
    for name, rows in done.rows.items():
        table = make_table(params.form(name), period, rows)
        data = _dump_table(table)
        written[name] = {
            "sha256": hashlib.sha256(data).hexdigest(),
            "fingerprint": table.fingerprint,
            "parts": table.parts,
        }
        _write(folder / f"{name}.parquet", data)
        if before is not None:
            sha256.update(
                (file, before.sha256.get(file.partition("/")[2], before.sha256.get(file, "")))
                for file in table.files
                if _has_period(file)
            )
    index = {
        "key": key,
        "tables": written,
        "absent": sorted(done.absent),
        "findings": [one.as_dict() for one in done.findings],
        "treated": sorted(done.treated),
        "sha256": sha256,
    }
    _write(folder / _INDEX, json.dumps(index, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n")
    for path in folder.glob("*.parquet"):
        if path.stem not in written:
            path.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


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
        if any(hashlib.sha256(stored[name]).hexdigest() != one["sha256"] for name, one in kept):
            return None
        return Tables(project, period, index, stored, treatments)
    except (OSError, ValueError, KeyError, TypeError):
        return None


# -- against the period before -----------------------------------------------------
def table_findings(project: Project, period: Period) -> tuple[Finding, ...]:
    """
    Give every finding about the submissions of a period.

    Returns
    -------
    tuple of Finding
        Those of :func:`read_tables`, and the entries carried over from the
        period before that differ from what was pending then, where the folder
        of that period is there.
    """
    tables = read_tables(project, period)
    if not project.raw(period.previous).is_dir():
        return tables.findings
    before = read_tables(project, period.previous)
    found: list[Finding] = list(tables.findings)
    for form in project.params.forms.values():
        if form.carried is not None and tables.has(form.name) and before.has(form.name):
            found.extend(_carried(tables.table(form.name), before.table(form.name)))
    return tuple(found)


def _carried(this: Table, before: Table) -> list[Finding]:
    """Compare unit by unit and item by item; units without rows then say nothing."""
    form = this.form
    assert form.carried is not None
    known = set(before.units)
    pending = _by_item(before, form.carried.previous)
    carried = _by_item(this, form.carried.this)
    present = {unit for unit, file in zip(this.units, this.files, strict=True) if not _has_period(file)}
    found = []
    for item in dict.fromkeys((*carried, *pending)):
        unit = item[0]
        if unit not in known or unit not in present:
            continue
        now, now_cell = carried.get(item, (Fraction(0), None))
        then, then_cell = pending.get(item, (Fraction(0), None))
        if now == then:
            continue
        if then_cell is not None and not _has_period(then_cell.file):
            then_cell = replace(then_cell, file=f"{before.period}/{then_cell.file}")
        found.append(
            submission_finding(
                "carried-over",
                tuple(str(cell) for cell in (now_cell, then_cell) if cell is not None),
                unit=unit,
                expected=f"{_plain(then)} (kỳ {before.period})",
                got=_plain(now),
                action="Đối chiếu số đang giải quyết cuối kỳ trước với số chuyển sang kỳ này.",
            )
        )
    return found


def _by_item(table: Table, name: str) -> dict[tuple[str | None, ...], tuple[Fraction, CellRef | None]]:
    keys = [column.name for column in table.form.columns if column.key]
    found: dict[tuple[str | None, ...], tuple[Fraction, CellRef | None]] = {}
    for index, entry in enumerate(table.column(name)):
        if isinstance(entry, Fraction):
            item = (table.units[index], *(fold_text(str(table.column(key)[index])) for key in keys))
            found[item] = (entry, table.cell(index, name))
    return found


def _plain(number: Fraction) -> str:
    return plain_decimal(Decimal(_decimal_text(number)))
