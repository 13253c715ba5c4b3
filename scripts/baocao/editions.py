"""What an issued edition records, and what of it may not change afterwards."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baocao.errors import InputError, TraceError, UsageError
from baocao.freshness import hash_file
from baocao.periods import Period
from baocao.project import Project
from baocao.spans import unfold_blocks
from baocao.writing import dump_json

SCHEMA = 1
FOLDER = "issued"
RECORD = "edition.json"
#: What an edition was made of, beside its raw files; everything else in a project has no part in it.
SOURCES = (
    "params/", "notebooks/", "scripts/baocao/", "reports/_extensions/", "reports/_quarto.yml", "requirements.lock",
    "pyproject.toml", "Makefile", "README.md", "environment.yml", "LICENSE",
)  # fmt: skip
_SKIPPED = frozenset({"__pycache__", ".ipynb_checkpoints"})
_NUMBER = re.compile(r"^[1-9][0-9]*$")
_OTHER_PERIOD = re.compile(r"^(?:params|data/raw)/(2\d{3}-Q[1-4])(?:/|\.yaml$)")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Recorded(_Model):
    """One value: its exact number as in the trace, and the sha256 of its whole derivation."""

    number: str | None
    unit: str
    sha256: str


class Environment(_Model):
    """What an edition was made with: ``packages`` are the installed versions of those in the lock."""

    python: str
    system: str
    packages: dict[str, str]
    engine: str
    versions: dict[str, str]


class Change(_Model):
    """One thing that is not what it was: ``where`` is a cell, a parameter, a notebook's cell, a package, a file."""

    where: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = ("(absent)" if side is None else side for side in (self.before, self.after))
        return f"{self.where}: {before} -> {after}"


class Edition(_Model):
    """
    The record of one issued edition, ``reports/<period>/issued/<n>/edition.json`` (``schema`` 1, 2026-11).

    Parameters
    ----------
    correction, changed
        Why it replaces the edition before it, and what it changes; None and
        empty in a first edition.
    sources
        sha256 of every file it was made of, raw files included, by path from
        the project's root.
    outputs
        sha256 of every file issued, by path from the edition's folder.
    signed
        Who had approved each section as it was issued, and when; empty where
        nobody had, or the approval was of something else.
    seal
        sha256 of all the rest.
    """

    schema_: int = Field(alias="schema")
    period: str
    number: int
    correction: str | None
    changed: tuple[Change, ...]
    commit: str = Field(pattern="^[0-9a-f]{40,64}$")
    version: str
    reports: tuple[str, ...]
    sources: dict[str, str]
    environment: Environment
    values: dict[str, Recorded]
    outputs: dict[str, str]
    signed: dict[str, tuple[str, ...]]
    seal: str = ""

    @property
    def is_sealed(self) -> bool:
        """Tell whether the record is what was sealed."""
        return self.seal == self._hash()

    def _hash(self) -> str:
        return _hash_json(self.model_dump(by_alias=True, exclude={"seal"}))

    def sealed(self) -> Edition:
        """Give the record with its seal."""
        return self.model_copy(update={"seal": self._hash()})

    def dump(self) -> str:
        """Write the record as canonical JSON."""
        return dump_json(self.model_dump(by_alias=True))

    def raw(self) -> dict[str, str]:
        """Give the raw files among the sources."""
        return {path: sha256 for path, sha256 in self.sources.items() if path.startswith("data/raw/")}


def parse_edition(content: bytes, name: str) -> Edition:
    """
    Read a record.

    Raises
    ------
    InputError
        It is no record, or one of another schema.
    """
    try:
        edition = Edition.model_validate(json.loads(content))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(f"{name} is damaged: {where}: {first['msg']}; restore it with git.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is damaged: {error}; restore it with git.") from None
    if edition.schema_ != SCHEMA:
        raise InputError(
            f"{name}: expected schema {SCHEMA}, got {edition.schema_}; use the version that wrote it."
        )
    return edition


def issued_folder(project: Project, period: Period) -> Path:
    """Give the folder of a period's editions."""
    return project.output(period) / FOLDER


def list_editions(project: Project, period: Period) -> list[int]:
    """List the numbers of a period's editions, in order."""
    folder = issued_folder(project, period)
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if _NUMBER.match(path.name) and path.is_dir())


def read_edition(project: Project, period: Period, number: int | None = None) -> Edition:
    """
    Read the record of an edition; None is the last one.

    Raises
    ------
    UsageError
        The period was not issued, or has no such edition.
    InputError
        The record is missing or damaged.
    """
    known = list_editions(project, period)
    if not known or (number is not None and number not in known):
        has = f"it has {', '.join(map(str, known))}" if known else f"run 'baocao issue {period}' first"
        raise UsageError(f"{period} has no issued edition{'' if number is None else f' {number}'}; {has}.")
    path = issued_folder(project, period) / str(number or known[-1]) / RECORD
    try:
        edition = parse_edition(path.read_bytes(), path.relative_to(project.root).as_posix())
    except FileNotFoundError:
        raise InputError(f"{path} is missing; restore it with git.") from None
    if edition.period != str(period) or edition.number != (number or known[-1]):
        raise InputError(
            f"{path}: expected {period}, edition {path.parent.name}; got {edition.period}, {edition.number}."
        )
    return edition


def is_source(path: str, periods: Iterable[str]) -> bool:
    """
    Tell whether a file may have a part in an edition.

    Parameters
    ----------
    path
        From the project's root.
    periods
        Those whose raw files and parameters count.

    Examples
    --------
    >>> [is_source(path, ["2026-Q1"]) for path in ("params/2026-Q1.yaml", "params/2025-Q4.yaml", "params/units.csv")]
    [True, False, True]
    >>> is_source("data/raw/2026-Q1/~$van-ban.xlsx", ["2026-Q1"])
    False
    """
    parts = path.split("/")
    if _SKIPPED & set(parts) or parts[-1].startswith(("~$", ".")) or parts[-1].endswith(".pyc"):
        return False
    other = _OTHER_PERIOD.match(path)
    if other:
        return other[1] in periods
    return path.startswith(SOURCES)


def hash_sources(root: Path, periods: Iterable[str]) -> dict[str, str]:
    """Hash every file of a project folder that may have a part in an edition of ``periods``."""
    wanted = list(periods)
    found = {}
    for start in ("data/raw", *(name.rstrip("/") for name in SOURCES)):
        top = root / start
        for path in (top, *top.rglob("*")):
            name = path.relative_to(root).as_posix()
            if is_source(name, wanted) and path.is_file():
                found[name] = hash_file(path)
    return dict(sorted(found.items()))


def list_periods(sources: Iterable[str]) -> list[str]:
    """
    Give the periods whose raw files are among the sources.

    Examples
    --------
    >>> list_periods(["data/raw/2026-Q1/van-ban.xlsx", "params/place.yaml"])
    ['2026-Q1']
    """
    return sorted(
        {match[1] for path in sources if path.startswith("data/") and (match := _OTHER_PERIOD.match(path))}
    )


def hash_values(trace: Mapping[str, Any]) -> dict[str, Recorded]:
    """
    Hash the values of a trace, each with how it was made and from which cells.

    Raises
    ------
    TraceError
        ``trace`` does not hold together.
    """
    try:
        blocks = unfold_blocks(trace)
        return {
            key: Recorded(
                number=node["number"],
                unit=node["unit"],
                sha256=_hash_json(
                    [
                        node["number"],
                        node["unit"],
                        node["op"],
                        node["parents"],
                        [[blocks[block], column, role] for block, column, role in node["sources"]],
                    ]
                ),
            )
            for key, node in sorted(trace["values"].items())
        }
    except (KeyError, TypeError, ValueError) as error:
        raise TraceError(f"the trace is damaged ({error}).") from None


def compare_hashes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """
    Name what is not the same in two records of hashes.

    Examples
    --------
    >>> compare_hashes({"a": "1", "b": "2"}, {"b": "3", "c": "4"})
    ['a', 'b', 'c']
    """
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def check_frozen(project: Project, period: Period) -> None:
    """
    Refuse raw files that are not those of the period's last edition.

    Raises
    ------
    InputError
        Files were changed, added or removed; every one is named.
    """
    if not list_editions(project, period):
        return
    edition = read_edition(project, period)
    periods = list_periods(edition.sources)
    now = {k: v for k, v in hash_sources(project.root, periods).items() if k.startswith("data/raw/")}
    raw = edition.raw()
    changed = compare_hashes(raw, now)
    if changed:
        listed = "\n".join(f"  {path}: {_print_change(raw.get(path), now.get(path))}" for path in changed)
        raise InputError(
            f"{period} was issued (edition {edition.number}) and its raw files are frozen, but {len(changed)} are not "
            f"what they were:\n{listed}\nPut them back (git checkout {edition.commit[:12]} -- data/raw/{period}), or "
            f"commit them and run 'baocao issue {period} --correction WHY'."
        )


def _print_change(before: str | None, after: str | None) -> str:
    if before is None:
        return "was added"
    return "was removed" if after is None else f"expected sha256 {before[:12]}, got {after[:12]}"


def _hash_json(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
