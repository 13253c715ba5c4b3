"""What is out of date, and why: what was read, run and rendered last time, held against what lies there now."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baocao.project.files import dump_json, write_atomically
from baocao.project.hashes import hash_bytes, hash_code, hash_environment, hash_file
from baocao.project.language import _
from baocao.project.periods import parse_period
from baocao.reading.tables import read_tables
from baocao.reading.tables.combined import is_received
from baocao.reading.tables.table import PLACE
from baocao.sections.notebooks import read_reads
from baocao.sections.reads import (
    ABSENT,
    fingerprint_file,
    fingerprint_form,
    fingerprint_ids,
    fingerprint_indicator,
    fingerprint_places,
    list_places,
)

if TYPE_CHECKING:
    from baocao.documents.engines.base import Engine
    from baocao.project.folder import Project
    from baocao.project.periods import Period
    from baocao.reading.tables import Tables

# What a notebook can reach; a change elsewhere re-runs no notebook.
NOTEBOOK_CODE = ("__init__", "project", "reading", "values", "sections")


class State:
    """
    What the last build knew; losing it costs a full build and nothing else.

    Parameters
    ----------
    path
        Where it is kept; a missing or damaged file is an empty state.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            data = {}
        data = data if isinstance(data, dict) else {}
        self.sections: dict[str, Any] = _mapping(data.get("sections"))
        self.rendered: dict[str, Any] = _mapping(data.get("rendered"))
        self.parts: dict[str, Any] = _mapping(data.get("parts"))
        #: sha256 of each text as a build wrote it, by the name of its file.
        self.texts: dict[str, Any] = _mapping(data.get("texts"))

    def save(self) -> None:
        """Write the state, whole or not at all; reports are finished side by side."""
        with self._lock:
            write_atomically(
                self.path,
                dump_json(
                    {
                        "sections": self.sections,
                        "rendered": self.rendered,
                        "parts": self.parts,
                        "texts": self.texts,
                    }
                ),
            )


class Freshness:
    """
    Tells why a section or a report must be made again.

    Parameters
    ----------
    tables
        What was read for the period, as it lies there now.
    """

    def __init__(self, project: Project, period: Period, tables: Tables, state: State) -> None:
        self.project = project
        self.period = period
        self.tables = tables
        self.state = state
        self._keys: dict[str, str] = {}
        self._code = hash_code(NOTEBOOK_CODE)
        self._environment = hash_environment(project.root)

    def why_section(self, name: str, source: Path, target: Path) -> str | None:
        """Return why a section must run; None where what it read and ran is unchanged."""
        known = self.state.sections.get(name)
        if not source.is_file():
            return _("its notebook is missing")
        if known is None or not target.is_file():
            return _("not built yet")
        if known["target"] != hash_file(target):
            return _("its executed notebook was changed by hand")
        if known["source"] != hash_file(source):
            return _("{name} changed", name=source.name)
        if known["code"] != self._code:
            return _("the code that notebooks use changed")
        if known["environment"] != self._environment:
            return _("requirements.lock or the version of Python changed")
        for read, fingerprint in known["reads"].items():
            if self._fingerprint(read) != fingerprint:
                return self._explain(read)
        return None

    def note_section(self, name: str, source: Path, target: Path) -> None:
        """Note what a section that has just run was made of."""
        self.state.sections[name] = {
            "source": hash_file(source),
            "target": hash_file(target),
            "code": self._code,
            "environment": self._environment,
            "reads": read_reads(target),
        }
        self.state.save()

    def note_parts(self) -> None:
        """Note which submission gave what, so that the next build can name the one that changed."""
        self.state.parts = {name: self.tables.files(name) for name in self.project.params.forms}
        self.state.save()

    def _fingerprint(self, read: str) -> str:
        kind, _colon, name = read.partition(":")
        params = self.project.params
        match kind:
            case "column":
                form, _slash, column = name.partition("/")
                return self.tables.column_fingerprint(form, column) if form in params.forms else ABSENT
            case "form":
                return fingerprint_form(params.form(name)) if name in params.forms else ABSENT
            case "indicator":
                return fingerprint_indicator(params, name)
            case "ids":
                return fingerprint_ids(params)
            case "section":
                return fingerprint_places(self._places.get(name, ()))
            case "earlier":
                return self._earlier(name)
            case "narrative":
                return fingerprint_file(self.project.raw(self.period) / name)
            case _:
                return fingerprint_file(params.folder / name)

    def _earlier(self, name: str) -> str:
        """Return the key of an earlier period's tables; :data:`ABSENT` where nobody sent anything."""
        if name not in self._keys:
            period = parse_period(name)
            there = is_received(self.project, period)
            self._keys[name] = read_tables(self.project, period).key if there else ABSENT
        return self._keys[name]

    @cached_property
    def _places(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        return list_places(self.project.params, self.period)

    def _explain(self, read: str) -> str:
        kind, _colon, name = read.partition(":")
        if kind == "column":
            form, _slash, column = name.partition("/")
            return self._explain_column(form, column)
        where = {"form": "params/forms.yaml, {name}", "indicator": "params/indicators.yaml, {name}"}
        where |= {
            "ids": "params/indicators.yaml",
            "section": "params/reports.yaml, {name}",
            "params": "params/{name}",
            "earlier": "data/raw/{name}",
        }
        return _("{name} changed", name=where.get(kind, "{name}").format(name=name))

    def _explain_column(self, form: str, column: str) -> str:
        table = form if column == PLACE else f"{form}.{column}"
        before, now = self.state.parts.get(form, {}), self.tables.files(form)
        changed = sorted(file for file in {*before, *now} if before.get(file) != now.get(file))
        if not changed or not before:
            return _("table {name} changed", name=table)
        listed = ", ".join(changed[:3])
        if len(changed) > 3:
            listed = _("{files} and {count} more", files=listed, count=len(changed) - 3)
        return _("{files} changed ({table})", files=listed, table=table)


def why_render(
    output: Path, report: str, key: str, known: Mapping[str, Any], formats: Iterable[str]
) -> str | None:
    """
    Return why a report must be rendered; None where its documents are those of ``key``.

    Parameters
    ----------
    key
        See :func:`hash_rendering`.
    known
        What the state has of the report.
    """
    if not known:
        return _("not rendered yet")
    for name in formats:
        path = output / f"{report}.{name}"
        if not path.is_file():
            return _("{name} is missing", name=path.name)
        if known["files"].get(name) != hash_file(path):
            return _("{name} was changed since", name=path.name)
    return None if known["key"] == key else _("its text, a chart, the layout or the engine changed")


def hash_rendering(project: Project, sources: Mapping[str, str], engine: Engine) -> str:
    """Return one sha256 over everything the documents of a report depend on."""
    layout = project.reports / "_extensions"
    files = {
        path.relative_to(project.reports).as_posix(): hash_file(path)
        for path in sorted([project.reports / "_quarto.yml", *layout.rglob("*")])
        if path.is_file() and "__pycache__" not in path.parts
    }
    parts = [
        dict(sources),
        files,
        engine.name,
        dict(engine.versions),
        hash_code(
            (
                "documents/engines",
                "documents/rendering",
                "documents/source",
                "documents/markup",
                "documents/inspection",
            )
        ),
    ]
    return hash_bytes(json.dumps(parts, sort_keys=True).encode())


def _mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
