"""Tables as Parquet, without losing a digit."""

from __future__ import annotations

import io
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from baocao.reading.forms import FormRow
from baocao.reading.forms.entries import Entry
from baocao.reading.forms.submissions import TableRow

if TYPE_CHECKING:
    from baocao.project.forms import Form
    from baocao.reading.tables.table import Table

_INT64 = range(-(2**63), 2**63)


def dump_table(table: Table) -> bytes:
    """Write a table as one Parquet file; where a row stands is in columns that start with ``_``."""
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
    return pa.array([None if one is None else decimal_text(one) for one in numbers], pa.string())


def decimal_text(number: Fraction) -> str:
    """
    Write a fraction read from a cell, which has a finite decimal, exactly.

    Examples
    --------
    >>> decimal_text(Fraction(3, 8))
    '0.375'
    """
    scale = 0
    while (number * 10**scale).denominator != 1:
        scale += 1
    return str(Decimal((0 if number >= 0 else 1, tuple(map(int, str(abs(int(number * 10**scale))))), -scale)))


def load_rows(data: bytes, form: Form) -> list[TableRow]:
    """Undo :func:`dump_table`."""
    import pyarrow.parquet as pq

    columns = pq.ParquetFile(io.BytesIO(data)).read(use_threads=False).to_pydict()
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
                columns["_unit"],
                columns["_level"],
                columns["_file"],
                columns["_sheet"],
                columns["_row"],
                strict=True,
            )
        )
    ]
