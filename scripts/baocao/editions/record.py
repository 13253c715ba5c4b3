"""What an issued edition records, and what of it may not change afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from baocao.project.errors import InputError, UsageError
from baocao.project.files import dump_json
from baocao.project.folder import Project
from baocao.project.frozen import RECORD, issued_folder, list_editions
from baocao.project.hashes import hash_bytes
from baocao.project.language import _
from baocao.project.periods import Period
from baocao.project.schemas import expected_of

if TYPE_CHECKING:
    from baocao.tracing.record import TraceRecord

SCHEMA = 1


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
        before, after = (_("(absent)") if side is None else side for side in (self.before, self.after))
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
        """Return whether the record is what was sealed."""
        return self.seal == self._hash()

    def _hash(self) -> str:
        return _hash_json(self.model_dump(by_alias=True, exclude={"seal"}))

    def sealed(self) -> Edition:
        """Return the record with its seal."""
        return self.model_copy(update={"seal": self._hash()})

    def dump(self) -> str:
        """Write the record as canonical JSON."""
        return dump_json(self.model_dump(by_alias=True))

    def raw(self) -> dict[str, str]:
        """Return the raw files among the sources."""
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
        where = ".".join(map(str, first["loc"])) or _("the whole")
        raise InputError(
            _(
                "{name} is damaged: {where}: {reason}; restore it with git.",
                name=name,
                where=where,
                reason=_("expected: {expected}", expected=expected_of(first)),
            )
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(
            _("{name} is damaged: {error}; restore it with git.", name=name, error=error)
        ) from None
    if edition.schema_ != SCHEMA:
        raise InputError(
            _(
                "{name}: expected schema {schema}, got {got}; use the version that wrote it.",
                name=name,
                schema=SCHEMA,
                got=edition.schema_,
            )
        )
    return edition


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
        raise UsageError(
            _("{period} was not issued; run 'baocao issue {period}' first.", period=period)
            if not known
            else _(
                "{period} has no edition {number}; it has {known}.", period=period, number=number, known=known
            )
        )
    path = issued_folder(project, period) / str(number or known[-1]) / RECORD
    try:
        edition = parse_edition(path.read_bytes(), path.relative_to(project.root).as_posix())
    except FileNotFoundError:
        raise InputError(_("{path} is missing; restore it with git.", path=path)) from None
    if edition.period != str(period) or edition.number != (number or known[-1]):
        raise InputError(
            _(
                "{path}: expected {period}, edition {name}; got {got}, {number}.",
                path=path,
                period=period,
                name=path.parent.name,
                got=edition.period,
                number=edition.number,
            )
        )
    return edition


def hash_values(trace: TraceRecord) -> dict[str, Recorded]:
    """Hash the values of a trace, each with how it was made and from which cells."""
    hashed = {}
    for key, node in sorted(trace.values.items()):
        number = None if node.number is None else str(node.number)
        sources = [[trace.blocks[block], column, role] for block, column, role in node.sources]
        hashed[key] = Recorded(
            number=number,
            unit=node.unit,
            sha256=_hash_json([number, node.unit, node.op, node.parents, sources]),
        )
    return hashed


def _hash_json(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hash_bytes(text.encode())
