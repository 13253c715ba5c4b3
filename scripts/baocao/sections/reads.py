"""
What a notebook has read, each thing with its fingerprint: it runs again when one of them differs.

Things are as small as they can be told apart: a column of a form with where its rows
stand, one indicator, one narrative. Another column, another label, another id may
change without the notebook noticing, and so it does not run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from baocao.project.forms import Form
from baocao.project.hashes import hash_bytes, hash_file
from baocao.project.models import Body, Indicator, Place, Unit
from baocao.project.params import Params
from baocao.project.reports import ReportPlan

if TYPE_CHECKING:
    from pathlib import Path

    from baocao.project.periods import Period
    from baocao.reading.tables import Table, Tables

ABSENT = "absent"


class Reads:
    """
    What one notebook has read so far.

    Parameters
    ----------
    notebook
        Its folder and name.
    """

    def __init__(self, notebook: str) -> None:
        self._noted: dict[str, str] = {}
        self._sent: dict[str, str] = {}
        self.notebook = notebook

    def note(self, kind: str, name: str, fingerprint: str) -> None:
        """Note that a thing was read."""
        self._noted.setdefault(f"{kind}:{name}", fingerprint)

    def take(self) -> dict[str, str]:
        """Return what was read since this was last asked, by kind and name."""
        new = {key: self._noted[key] for key in sorted(self._noted) if key not in self._sent}
        self._sent.update(new)
        return new

    def watch_table(self, tables: Tables, name: str) -> Table:
        """Return the table of a form that notes which of its columns are read."""
        table = tables.table(name)
        self.note("form", name, fingerprint_form(table.form))
        return replace(
            table,
            columns=_WatchedColumns(
                table.columns,
                lambda column: self.note(
                    "column", f"{name}/{tables.place_of(column)}", tables.column_fingerprint(name, column)
                ),
            ),
        )


class WatchedParams(Params):
    """
    The parameters of a project, noting what is read of them.

    Parameters
    ----------
    params
        The parameters themselves.
    """

    def __init__(self, params: Params, reads: Reads) -> None:
        super().__init__(params.folder)
        self._params = params
        self._reads = reads

    def _note_file(self, name: str) -> None:
        self._reads.note("params", name, fingerprint_file(self.folder / name))

    def _note_indicator(self, key: str) -> None:
        if key in self._params.indicators:
            self._reads.note("indicator", key, fingerprint_indicator(self._params, key))
        else:
            self._reads.note("ids", "indicators", fingerprint_ids(self._params))

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """Indicators by id."""
        return _WatchedIndicators(
            self._params.indicators,
            self._note_indicator,
            lambda: self._note_file("indicators.yaml"),
        )

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Today's id for every id that an indicator had before."""
        return self._params.aliases

    @cached_property
    def place(self) -> Place:
        """The place of the reports."""
        self._note_file("place.yaml")
        return self._params.place

    @cached_property
    def all_units(self) -> tuple[Unit, ...]:
        """Every unit that ever reported."""
        self._note_file("units.csv")
        return self._params.all_units

    @cached_property
    def all_offices(self) -> tuple[Body, ...]:
        """Every office that ever kept registers."""
        self._note_file("offices.csv")
        return self._params.all_offices

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Forms by name; a table notes the one it is of."""
        return self._params.forms

    @cached_property
    def reports(self) -> dict[str, ReportPlan]:
        """Reports by name; a section notes where it stands in them."""
        return self._params.reports


class _WatchedColumns(Mapping[str, tuple[Any, ...]]):
    def __init__(self, columns: Mapping[str, tuple[Any, ...]], note: Callable[[str], None]) -> None:
        self._columns = columns
        self._note = note

    def __getitem__(self, name: str) -> tuple[Any, ...]:
        entries = self._columns[name]
        self._note(name)
        return entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class _WatchedIndicators(dict[str, Indicator]):
    def __init__(
        self, indicators: Mapping[str, Indicator], note: Callable[[str], None], note_all: Callable[[], None]
    ) -> None:
        super().__init__(indicators)
        self._note = note
        self._note_all = note_all

    def __getitem__(self, key: str) -> Indicator:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._note(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self._note_all()
        return super().__iter__()

    def keys(self) -> Any:
        self._note_all()
        return super().keys()

    def items(self) -> Any:
        self._note_all()
        return super().items()

    def values(self) -> Any:
        self._note_all()
        return super().values()


def fingerprint_form(form: Form) -> str:
    """Return the fingerprint of a form without labels; what else columns say is in their own."""
    columns = [[column.name, column.column, column.key, column.unit] for column in form.columns]
    rest = form.model_dump(mode="json", exclude={"columns": True, "title": True})
    for indicator in rest["indicators"]:
        del indicator["label"]
    return _digest([columns, rest])


def fingerprint_indicator(params: Params, key: str) -> str:
    """Return the fingerprint of an indicator; of one that is not there, :data:`ABSENT`."""
    indicator = params.indicators.get(key)
    return ABSENT if indicator is None else _digest(indicator.model_dump(mode="json"))


def fingerprint_ids(params: Params) -> str:
    """Return the fingerprint of which indicators there are: for who asked for one that is not among them."""
    return _digest(sorted(params.indicators))


def list_places(params: Params, period: Period) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return for every notebook, ``kstthc/07-ho-so``, the reports and sections of a period that print it."""
    places: dict[str, dict[tuple[str, str], None]] = {}
    for report, plan in params.reports.items():
        for key, notebook in plan.list_notebooks(period):
            places.setdefault(notebook, {})[report, key] = None
    return {notebook: tuple(found) for notebook, found in places.items()}


def fingerprint_places(places: Sequence[tuple[str, str]]) -> str:
    """Return the fingerprint of where a notebook is printed."""
    return _digest(list(places))


def fingerprint_file(path: Path) -> str:
    """Return the fingerprint of a file; of one that is not there, :data:`ABSENT`."""
    return hash_file(path) if path.is_file() else ABSENT


def _digest(content: object) -> str:
    return hash_bytes(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
