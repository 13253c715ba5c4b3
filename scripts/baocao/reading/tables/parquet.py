"""Tables as Parquet, without losing a digit, and read back column by column."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baocao.reading.tables.table import FILE, LEVEL, PLACES, ROW, SHEET, UNIT

if TYPE_CHECKING:
    from baocao.project.forms import Form
    from baocao.reading.tables.table import Columns, Table

_INT64 = range(-(2**63), 2**63)


def dump_table(table: Table) -> bytes:
    """Write a table as one Parquet file; where a row stands is in columns that start with ``_``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {UNIT: pa.string(), LEVEL: pa.string(), FILE: pa.string(), SHEET: pa.string(), ROW: pa.int32()}
    columns: dict[str, Any] = {name: pa.array(table.columns[name], kind) for name, kind in kinds.items()}
    for column in table.form.columns:
        entries = table.columns[column.name]
        if column.type == "date":
            columns[column.name] = pa.array(entries, pa.date32())
        elif column.type in ("count", "number"):
            columns[column.name] = _number_array(entries)
        else:
            columns[column.name] = pa.array(entries, pa.string())
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


def _number_array(entries: Sequence[object]) -> Any:
    """Whole numbers as int64 where they fit, else decimals as text: never a float."""
    import pyarrow as pa

    numbers = [entry if isinstance(entry, Fraction) else None for entry in entries]
    if all(number is None or (number.denominator == 1 and number.numerator in _INT64) for number in numbers):
        return pa.array([None if number is None else number.numerator for number in numbers], pa.int64())
    return pa.array([None if number is None else decimal_text(number) for number in numbers], pa.string())


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


class StoredColumns(Mapping[str, tuple[Any, ...]]):
    """
    The columns of a table as :func:`dump_table` wrote them, each made into entries when it is asked for.

    Parameters
    ----------
    data
        The Parquet file.
    form
        Which of the columns hold numbers.
    """

    def __init__(self, data: bytes, form: Form) -> None:
        self._data = data
        self._numbers = {column.name for column in form.columns if column.type in ("count", "number")}
        self._names = (*PLACES, *form.by_name)
        self._columns: dict[str, tuple[Any, ...]] = {}

    @cached_property
    def _table(self) -> Any:
        import pyarrow.parquet as pq

        texts = [name for name in self._names if name != ROW and name not in self._numbers]
        return pq.ParquetFile(io.BytesIO(self._data), read_dictionary=texts).read(use_threads=False)

    def __getitem__(self, name: str) -> tuple[Any, ...]:
        if name not in self._columns:
            if name not in self._names:
                raise KeyError(name)
            convert = Fraction if name in self._numbers else None
            self._columns[name] = tuple(_entries(self._table.column(name), convert))
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _entries(column: Any, convert: Callable[[Any], object] | None) -> Iterator[object]:
    """List the entries of a column, each different one made into an object only once."""
    import pyarrow as pa

    for chunk in column.chunks:
        coded = chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
        different = coded.dictionary.to_pylist()
        entries = [*(map(convert, different) if convert else different), None]  # -1 is the blank
        yield from map(entries.__getitem__, coded.indices.fill_null(-1).to_numpy().tolist())


def load_columns(data: bytes, form: Form) -> Columns:
    """Undo :func:`dump_table`; a column costs nothing until it is read."""
    return StoredColumns(data, form)
