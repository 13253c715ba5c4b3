"""
A sheet against its form: tidy rows, and what is wrong with the sheet.

A damage gives one finding. Where the head of a sheet is not the form's, its
rows are not read; where a cell cannot be used, no sum or total over it is
compared. A row without a usable entry in every column is left out, and so is
the whole submission later on, unless the period's parameters treat it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from baocao.cells import CellRef, column_index, join_address
from baocao.findings import Finding
from baocao.params import fold_text
from baocao.reading.codes import submission_finding
from baocao.reading.entries import (
    ZEROED,
    Entry,
    Fault,
    clean_text,
    describe,
    is_blank,
    plain_decimal,
    read_entry,
)
from baocao.reading.layout import Mismatch, check_header, check_labels

if TYPE_CHECKING:
    from baocao.params import Column, Form
    from baocao.periods import Period
    from baocao.reading import Sheet, Workbook

_NUMBERS = ("count", "number")
_RESEND = "Sửa theo biểu mẫu rồi gửi lại."


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Whose submission it is and what it must say.

    Parameters
    ----------
    file
        File part of every address.
    period
        The period it must be for.
    unit
        Code of the unit or office; None for the register of documents.
    level
        Level of the unit; None for an office.
    zero
        Read blank and "-" in columns of numbers as 0; their findings become warnings.
    """

    file: str
    period: Period
    unit: str | None = None
    level: str | None = None
    zero: bool = False


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row: its number as Excel shows it, and its entries by column name."""

    number: int
    entries: Mapping[str, Entry]


@dataclass(frozen=True)
class FormResult:
    """What a sheet gives: rows that can be used, and findings."""

    rows: tuple[FormRow, ...]
    findings: tuple[Finding, ...]
    sheet: str = ""

    @property
    def usable(self) -> bool:
        """Tell whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)


@dataclass
class _FormReader:
    """State of reading one sheet; rows and columns counted from 0."""

    form: Form
    sheet: Sheet
    sender: Sender
    findings: list[Finding] = field(default_factory=list)
    faulty: set[int] = field(default_factory=set)
    faulty_columns: set[str] = field(default_factory=set)
    broken: bool = False

    def __post_init__(self) -> None:
        self.columns: dict[int, Column] = {column_index(one.column): one for one in self.form.columns}
        self.covered = {cell for cell, anchor in self.sheet.anchors.items() if cell[1] in self.columns}
        self.by_row: dict[int, set[int]] = defaultdict(set)
        for (row, column), cell in self.sheet.cells.items():
            if not is_blank(cell):
                self.by_row[row].add(column)

    # -- findings ---------------------------------------------------------
    def spell(self, row: int, column: int) -> str:
        return self.at(join_address(row, column))

    def at(self, address: str) -> str:
        return str(CellRef(self.sender.file, self.sheet.name, address))

    def add(self, code: str, cells: Iterable[str], expected: str, got: str, action: str = _RESEND) -> None:
        self.findings.append(
            submission_finding(code, tuple(cells), unit=self.sender.unit, expected=expected, got=got, action=action)
        )

    # -- the sheet --------------------------------------------------------
    def read(self) -> FormResult:
        if not self.by_row:
            self.add("empty-sheet", [self.at("A1")], f"biểu {self.form.title}", "trang tính trống")
            return self.result([])
        if not self.sheet.visible:
            self.add("hidden-sheet", [self.at("A1")], "trang tính hiển thị", "trang tính bị ẩn", "Bỏ ẩn trang tính, kiểm tra rồi gửi lại.")
        labels = check_labels(self.form, self.sheet)
        if labels:
            self.add_mismatches(labels)
        for one in check_header(self.form, self.sheet, self.sender.unit, self.sender.period, certain=not labels):
            self.add_mismatches([one])
        if labels:
            return self.result([])
        extent = self.find_extent()
        if extent is None:
            return self.result([])
        last, total = extent
        rows = self.choose_rows(last)
        if rows is None:
            return self.result([])
        self.check_shape(rows)
        self.check_outside(rows, total)
        entries = self.read_rows(rows)
        self.check_keys(entries)
        if self.form.kind == "indicators":
            entries = self.check_indicators(entries, last)
        good = {row: entry for row, entry in entries.items() if row not in self.faulty}
        sums = self.check_sums(good)
        if total is not None:
            self.check_totals(entries, total, sums)
        self.findings.extend(sums.values())
        return self.result([FormRow(row + 1, entry) for row, entry in good.items()])

    def result(self, rows: list[FormRow]) -> FormResult:
        return FormResult(tuple(rows), tuple(self.findings), self.sheet.name)

    def add_mismatches(self, wrong: Sequence[Mismatch]) -> None:
        self.add(
            wrong[0].code,
            [self.at(one.address) for one in wrong],
            "; ".join(one.expected for one in wrong),
            "; ".join(one.got for one in wrong),
            "Dùng đúng biểu mẫu, không thêm, bớt, đổi tên cột." if wrong[0].code == "wrong-columns" else _RESEND,
        )

    def find_extent(self) -> tuple[int, int | None] | None:
        """Give the last data row and the totals row; None where that cannot be told."""
        first = self.form.first_row - 1
        filled = [row for row, columns in self.by_row.items() if row >= first and columns & self.columns.keys()]
        if self.form.total is None:
            return max(filled, default=first - 1), None
        label, text = column_index(self.form.total.column), fold_text(self.form.total.text)
        for row in sorted(filled):
            cell = self.sheet.shown(row, label)
            if cell is not None and cell.kind == "text" and fold_text(clean_text(str(cell.value))) == text:
                return row - 1, row
        self.add(
            "no-total",
            [self.spell(max(filled, default=first), label)],
            f'dòng "{self.form.total.text}" ở cột {self.form.total.column}',
            "không có",
        )
        return None

    def row_state(self, row: int) -> str:
        """Tell ``data`` from ``blank`` (nothing) and ``hollow`` (only entries that may be blank)."""
        held = self.by_row.get(row, set()) & self.columns.keys()
        needed = [index for index, column in self.columns.items() if not column.blank]
        if any(index in held or (row, index) in self.covered for index in needed):
            return "data"
        return "hollow" if held else "blank"

    def choose_rows(self, last: int) -> list[int] | None:
        """Choose the rows to read; a gap in a register ends it, since nobody can say what follows."""
        first = self.form.first_row - 1
        rows: list[int] = []
        gap: list[int] = []
        for row in range(first, last + 1):
            state = self.row_state(row)
            if state == "data":
                rows.append(row)
                continue
            gap.append(row)
            if state == "blank" and self.form.total is None:
                gap = list(range(row, last + 1))
                break
        for run in _runs(gap):
            end = next((row for row in run if self.row_state(row) == "data"), None)
            got = f"dòng {run[0] + 1} trống, dữ liệu tiếp từ dòng {end + 1}" if end else _span("dòng", run, 1)
            self.broken = True
            self.add(
                "blank-row",
                [self.spell(row, min(self.columns)) for row in run[:20]],
                "các dòng số liệu liền nhau",
                got,
                "Xóa hẳn dòng trống hoặc nhập đủ số liệu của dòng rồi gửi lại.",
            )
        if rows or gap:
            return rows
        register = self.form.kind == "register"
        self.add(
            "empty-register" if register else "no-rows",
            [self.spell(first, min(self.columns))],
            f"ít nhất một dòng từ dòng {first + 1}",
            "không có dòng nào",
            "Xác nhận trong kỳ không phát sinh." if register else _RESEND,
        )
        return None

    def check_shape(self, rows: list[int]) -> None:
        """Find merged ranges and hidden rows and columns that touch the data."""
        inside = set(rows)
        touched = set()
        for top, left, bottom, right in self.sheet.merged:
            hit = {row for row in inside if top <= row <= bottom}
            if hit and any(left <= column <= right for column in self.columns):
                touched |= hit
                last = join_address(bottom, right)
                self.add(
                    "merged-cells",
                    [self.spell(row, column) for row in sorted(hit) for column in self.columns if left <= column <= right][:40],
                    "mỗi ô một giá trị",
                    f"vùng gộp {join_address(top, left)}:{last}",
                    "Bỏ gộp ô và nhập giá trị cho từng ô.",
                )
        self.faulty |= touched
        hidden = [row for row in rows if row in self.sheet.hidden_rows]
        for run in _runs(hidden):
            self.add(
                "hidden-rows",
                [self.spell(row, min(self.columns)) for row in run],
                "mọi dòng hiển thị",
                f"ẩn {_span('dòng', run, 1)}",
                "Bỏ ẩn dòng, kiểm tra rồi gửi lại.",
            )
        used = {column for row in rows for column in self.by_row.get(row, ())}
        columns = [index for index in self.columns if index in used and self.sheet.column_hidden(index)]
        for run in _runs(columns):
            names = ", ".join(self.columns[index].column for index in run)
            self.add(
                "hidden-columns",
                [self.spell(self.form.first_row - 1, index) for index in run],
                "mọi cột hiển thị",
                f"ẩn cột {names}",
                "Bỏ ẩn cột, kiểm tra rồi gửi lại.",
            )

    def check_outside(self, rows: list[int], total: int | None) -> None:
        """Find numbers beside and below the data, and notes beside it."""
        first = self.form.first_row - 1
        data = {*rows, *([] if total is None else [total])}
        numbers, notes = [], []
        for (row, column), cell in sorted(self.sheet.cells.items()):
            if row < first or is_blank(cell):
                continue
            below = total is not None and row > total
            if below or column not in self.columns:
                if cell.kind != "text" and not (below and cell.kind == "date"):
                    numbers.append((row, column, cell))
                elif row in data:
                    notes.append((row, column, cell))
        for code, found, what in (("outside-number", numbers, "số liệu"), ("outside-text", notes, "ghi chú")):
            if found:
                self.add(
                    code,
                    [self.spell(row, column) for row, column, _ in found[:40]],
                    f"không có {what} ngoài vùng của biểu",
                    "; ".join(describe(cell) for _, _, cell in found[:5]),
                    f"Xóa {what} ngoài biểu hoặc chuyển vào đúng ô.",
                )

    # -- the cells --------------------------------------------------------
    def read_rows(self, rows: list[int]) -> dict[int, dict[str, Entry]]:
        entries: dict[int, dict[str, Entry]] = {}
        uncached: list[tuple[int, int, Fault]] = []
        for row in rows:
            entries[row] = {}
            faults: list[tuple[int, Fault]] = []
            for index, column in self.columns.items():
                if (row, index) in self.covered:
                    continue
                entry, fault = read_entry(column, self.sheet.cells.get((row, index)))
                if fault is None:
                    entries[row][column.name] = entry
                    continue
                zeroed = self.sender.zero and fault.code in ZEROED and column.type in _NUMBERS
                if zeroed:
                    entries[row][column.name] = Fraction(0)
                else:
                    self.faulty.add(row)
                    self.faulty_columns.add(column.name)
                if fault.code == "formula-no-result":
                    uncached.append((row, index, fault))
                else:
                    faults.append((index, fault))
            self.add_faults(row, faults)
        if uncached:
            fault = uncached[0][2]
            cells = [self.spell(row, index) for row, index, _ in uncached]
            self.add(fault.code, cells, fault.expected, f"{len(cells)} ô: {fault.got}" if cells[1:] else fault.got, fault.action)
        return entries

    def add_faults(self, row: int, faults: list[tuple[int, Fault]]) -> None:
        """Report the faults of a row cell by cell, or once where all its numbers share one."""
        numbers = [index for index, column in self.columns.items() if column.type in _NUMBERS and not column.key]
        same = [one for one in faults if one[0] in numbers]
        if len(numbers) > 1 and len(same) == len(numbers) and len({fault.code for _, fault in same}) == 1:
            fault = same[0][1]
            self.add_fault(fault, [self.spell(row, index) for index, _ in same])
            faults = [one for one in faults if one not in same]
        for index, fault in faults:
            self.add_fault(fault, [self.spell(row, index)], self.columns[index])

    def add_fault(self, fault: Fault, cells: list[str], column: Column | None = None) -> None:
        self.add(fault.code, cells, fault.expected, fault.got, fault.action)
        numeric = column is None or column.type in _NUMBERS
        if self.sender.zero and fault.code in ZEROED and numeric:
            self.findings[-1] = replace(self.findings[-1], severity="warning")

    def check_keys(self, entries: dict[int, dict[str, Entry]]) -> None:
        keys = [column for column in self.form.columns if column.key]
        seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, entry in entries.items():
            if keys and all(entry.get(column.name) is not None for column in keys):
                seen[tuple(fold_text(str(entry[column.name])) for column in keys)].append(row)
        for rows in seen.values():
            if len(rows) > 1:
                self.add(
                    "duplicate-key",
                    [self.spell(row, column_index(keys[0].column)) for row in rows],
                    "mỗi nội dung một dòng",
                    f"{describe(self.sheet.cells.get((rows[0], column_index(keys[0].column))))} ở {_span('dòng', rows, 1)}",
                    "Gộp hoặc xóa dòng trùng.",
                )

    def check_indicators(self, entries: dict[int, dict[str, Entry]], last: int) -> dict[int, dict[str, Entry]]:
        """Keep the rows of indicators asked of this unit; tell unknown, missing and changed ones apart."""
        level = self.sender.level
        asked = {one.code: one for one in self.form.indicators if not one.levels or level is None or level in one.levels}
        known = {one.code for one in self.form.indicators}
        key = next(column for column in self.form.columns if column.key)
        index = column_index(key.column)
        kept: dict[int, dict[str, Entry]] = {}
        codes = [entry.get(key.name) for entry in entries.values()]
        seen, strange = set(), []
        for row, entry in entries.items():
            code = entry.get(key.name)
            if code is None:
                strange.append(row)
            elif code in asked:
                if code in seen:
                    strange.append(row)
                seen.add(code)
                kept[row] = entry
                if codes.count(code) == 1:
                    self.check_words(row, entry, asked[str(code)].label, asked[str(code)].unit)
            elif code in known:
                self.add("indicator-not-asked", [self.spell(row, index)], ", ".join(asked), str(code), "Bỏ dòng này.")
            else:
                strange.append(row)
                missing = [one for one in asked if one not in codes]
                self.add("unknown-indicator", [self.spell(row, index)], ", ".join(missing or asked), str(code))
        missing = [code for code in asked if code not in seen]
        # A row whose code cannot be used stands for one that is missing; it is told already.
        if len(missing) > len(strange) and not self.broken:
            self.add("missing-indicator", [self.spell(last + 1, index)], ", ".join(missing), "không có dòng chỉ tiêu")
        return kept

    def check_words(self, row: int, entry: Mapping[str, Entry], label: str, unit: str) -> None:
        for name, wanted, code in (("don_vi_tinh", unit, "wrong-measure"), ("ten", label, "changed-label")):
            if name in self.form.by_name and entry.get(name) is not None:
                column = column_index(self.form.column(name).column)
                if fold_text(str(entry[name])) != fold_text(wanted):
                    self.add(code, [self.spell(row, column)], wanted, str(entry[name]))
                    if code == "wrong-measure":
                        self.faulty.add(row)

    # -- the numbers ------------------------------------------------------
    def check_sums(self, entries: Mapping[int, Mapping[str, Entry]]) -> dict[int, Finding]:
        """Compare the sums within each row; one finding a row, by row."""
        found: dict[int, Finding] = {}
        for row, entry in entries.items():
            wrong = []
            for rule in self.form.sums:
                left, right = _number(entry[rule.of]), sum((_number(entry[part]) for part in rule.parts), Fraction(0))
                if left != right:
                    wrong.append((rule, left, right))
            if wrong:
                names = list(dict.fromkeys(name for rule, _, _ in wrong for name in (rule.of, *rule.parts)))
                found[row] = submission_finding(
                    "sum-mismatch",
                    tuple(self.spell(row, column_index(self.form.column(name).column)) for name in names),
                    unit=self.sender.unit,
                    expected="; ".join(
                        f"{self.form.column(rule.of).column} = {' + '.join(self.form.column(part).column for part in rule.parts)}"
                        for rule, _, _ in wrong
                    ),
                    got="; ".join(f"{_show(left)} và {_show(right)}" for _, left, right in wrong),
                    action="Kiểm tra lại số liệu của dòng.",
                )
        return found

    def check_totals(self, entries: Mapping[int, Mapping[str, Entry]], total: int, sums: dict[int, Finding]) -> None:
        """Compare the totals row; a difference that a row's sums already show is told there."""
        unreadable: dict[str, list[str]] = defaultdict(list)
        for index, column in self.columns.items():
            if column.type not in _NUMBERS or column.name in self.faulty_columns:
                continue
            cell = self.sheet.shown(total, index)
            if cell is None or cell.kind != "number" or not isinstance(cell.value, Decimal):
                unreadable[describe(cell)].append(self.spell(total, index))
                continue
            if self.broken or any(column.name not in entry for entry in entries.values()):
                continue
            stated = Fraction(cell.value)
            counted = sum((_number(entry[column.name]) for entry in entries.values()), Fraction(0))
            if stated == counted:
                continue
            row = self.explain(column.name, stated - counted, entries, sums)
            if row is not None:
                sums[row] = replace(sums[row], cells=(*sums[row].cells, self.spell(total, index)))
                continue
            self.add(
                "total-mismatch",
                [self.spell(total, index), *(self.spell(row, index) for row in entries)],
                f"tổng các dòng {_show(counted)}",
                f"dòng tổng số ghi {_show(stated)}",
                "Kiểm tra lại công thức của dòng tổng số.",
            )
        for got, cells in unreadable.items():
            known = next((i for i, one in enumerate(self.findings) if one.code == "formula-no-result"), None)
            if known is not None and "công thức" in got:
                self.findings[known] = replace(self.findings[known], cells=(*self.findings[known].cells, *cells))
            else:
                self.add("total-unreadable", cells, "số", got, "Nhập lại công thức của dòng tổng số.")

    def explain(
        self, name: str, difference: Fraction, entries: Mapping[int, Mapping[str, Entry]], sums: Mapping[int, Finding]
    ) -> int | None:
        """Find the row whose own sums are off by the same difference in the same column."""
        for row in sums:
            for rule in self.form.sums:
                if name in (rule.of, *rule.parts):
                    entry = entries[row]
                    off = _number(entry[rule.of]) - sum((_number(entry[part]) for part in rule.parts), Fraction(0))
                    if off and abs(off) == abs(difference):
                        return row
        return None


def _number(entry: Entry) -> Fraction:
    return entry if isinstance(entry, Fraction) else Fraction(0)


def _show(number: Fraction) -> str:
    return plain_decimal(Decimal(number.numerator) / Decimal(number.denominator))


def _runs(rows: Iterable[int]) -> list[list[int]]:
    """Split sorted numbers into runs of neighbours."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _span(word: str, rows: Sequence[int], offset: int) -> str:
    numbers = ", ".join(str(row + offset) for row in rows[:10])
    return f"{word} {numbers}{'…' if len(rows) > 10 else ''}"


def read_form(form: Form, sheet: Sheet, sender: Sender) -> FormResult:
    """
    Read one sheet as a form.

    Parameters
    ----------
    form
        The layout it must follow.
    sheet
        The cells of the sheet.
    sender
        Whose it is; gives the addresses, and the period and code it must name.

    Returns
    -------
    FormResult
        The rows whose entries can be used, in the order of the sheet, and the findings.
    """
    return _FormReader(form, sheet, sender).read()


@dataclass(frozen=True)
class SubmissionResult:
    """What a workbook gives: a result for each form that has a sheet, and all findings."""

    forms: Mapping[str, FormResult]
    findings: tuple[Finding, ...]
    missing: frozenset[str] = frozenset()


def find_sheet(workbook: Workbook, name: str) -> Sheet | None:
    """Find the worksheet of a form: by its exact name, else by the only one that differs in case or spaces."""
    sheets = [sheet for sheet in workbook.sheets if sheet.kind == "worksheet"]
    exact = [sheet for sheet in sheets if sheet.name == name]
    alike = exact or [sheet for sheet in sheets if fold_text(clean_text(sheet.name)) == fold_text(name)]
    return alike[0] if len(alike) == 1 else None


def read_submission(
    workbook: Workbook, forms: Iterable[Form], sender: Sender, *, optional: frozenset[str] = frozenset()
) -> SubmissionResult:
    """
    Read one workbook against all forms of its source.

    Parameters
    ----------
    optional
        Names of forms whose sheet may be missing without a finding.

    Returns
    -------
    SubmissionResult
        A wrong period or unit on several sheets is one finding with all its cells.
    """
    results: dict[str, FormResult] = {}
    missing: list[Form] = []
    used = set()
    for form in forms:
        sheet = find_sheet(workbook, form.sheet)
        if sheet is None:
            missing.append(form)
            continue
        used.add(sheet.name)
        results[form.name] = read_form(form, sheet, sender)
    findings: list[Finding] = []
    told = [form.sheet for form in missing if form.name not in optional]
    if told:
        got = ", ".join(
            f"{sheet.name} ({'biểu đồ' if sheet.kind == 'chartsheet' else sheet.kind})" if sheet.kind != "worksheet" else sheet.name
            for sheet in workbook.sheets
        )
        findings.append(
            submission_finding(
                "missing-sheet",
                (sender.file,),
                unit=sender.unit,
                expected="trang tính " + ", ".join(told),
                got=f"các trang tính: {got or 'không có'}",
                action="Bổ sung trang tính, đặt đúng tên như biểu mẫu rồi gửi lại.",
            )
        )
    hidden = [sheet.name for sheet in workbook.sheets if not sheet.visible and sheet.name not in used]
    if hidden:
        findings.append(
            submission_finding(
                "hidden-extra-sheet",
                tuple(str(CellRef(sender.file, name, "A1")) for name in hidden),
                unit=sender.unit,
                expected="không có trang tính ẩn",
                got=", ".join(hidden),
                action="Xóa hoặc bỏ ẩn trang tính thừa.",
            )
        )
    findings.extend(_merge_heads(finding for result in results.values() for finding in result.findings))
    return SubmissionResult(results, tuple(findings), frozenset(form.name for form in missing))


def _merge_heads(findings: Iterable[Finding]) -> list[Finding]:
    merged: list[Finding] = []
    for finding in findings:
        same = [i for i, one in enumerate(merged) if one.code == finding.code and one.code in ("wrong-period", "wrong-unit")]
        if not same:
            merged.append(finding)
            continue
        first = merged[same[0]]
        got = first.got if finding.got in first.got.split("; ") else f"{first.got}; {finding.got}"
        merged[same[0]] = replace(first, cells=(*first.cells, *finding.cells), got=got)
    return merged
