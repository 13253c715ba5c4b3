"""Whether a period was issued, which files an edition is made of, and which of them have changed since."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from baocao.project.errors import InputError
from baocao.project.files import is_litter
from baocao.project.folder import Project
from baocao.project.hashes import hash_file
from baocao.project.language import _
from baocao.project.periods import SPELLING, Period
from baocao.project.schemas import expected_of

FOLDER = "issued"
RECORD = "edition.json"
#: What an edition was made of, beside its raw files; everything else in a project has no part in it.
SOURCES = (
    "params/", "notebooks/", "scripts/baocao/", "scripts/baocao_houses/", "reports/_extensions/", "reports/_quarto.yml", "requirements.lock",
    "pyproject.toml", "Makefile", "README.md", "environment.yml", "LICENSE",
)  # fmt: skip
_SKIPPED = frozenset({"__pycache__", ".ipynb_checkpoints"})
_NUMBER = re.compile(r"^[1-9][0-9]*$")
_TRIES = re.compile(r"^data/raw/[^/]+/[^/]+\.csv$")
_OTHER_PERIOD = re.compile(rf"^(?:params|data/raw)/({SPELLING})(?:/|\.yaml$)")


class _Frozen(BaseModel):
    """What of an edition's record this module needs; the whole of it is :class:`baocao.editions.record.Edition`."""

    number: int
    commit: str
    sources: dict[str, str]


def _read_frozen(project: Project, period: Period, number: int) -> _Frozen:
    path = issued_folder(project, period) / str(number) / RECORD
    name = path.relative_to(project.root).as_posix()
    try:
        return _Frozen.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise InputError(_("{name} is missing; restore it with git.", name=name)) from None
    except ValidationError as error:
        raise InputError(
            _(
                "{name} is damaged: {reason}; restore it with git.",
                name=name,
                reason=_("expected: {expected}", expected=expected_of(error.errors()[0])),
            )
        ) from None


def issued_folder(project: Project, period: Period) -> Path:
    """Return the folder of a period's editions."""
    return project.output(period) / FOLDER


def list_editions(project: Project, period: Period) -> list[int]:
    """List the numbers of a period's editions, in order."""
    folder = issued_folder(project, period)
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if _NUMBER.match(path.name) and path.is_dir())


def is_source(path: str, periods: Iterable[str]) -> bool:
    """
    Return whether a file may have a part in an edition.

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
    if _SKIPPED & set(parts) or is_litter(path) or path.endswith(".pyc"):
        return False
    other = _OTHER_PERIOD.match(path)
    if other:
        # The register of tries grows while people send; no number comes from it.
        return other[1] in periods and not _TRIES.match(path)
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
    Return the periods whose raw files are among the sources.

    Examples
    --------
    >>> list_periods(["data/raw/2026-Q1/van-ban.xlsx", "params/place.yaml"])
    ['2026-Q1']
    """
    return sorted(
        {match[1] for path in sources if path.startswith("data/") and (match := _OTHER_PERIOD.match(path))}
    )


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
    known = list_editions(project, period)
    if not known:
        return
    edition = _read_frozen(project, period, known[-1])
    periods = list_periods(edition.sources)
    now = {k: v for k, v in hash_sources(project.root, periods).items() if k.startswith("data/raw/")}
    raw = {path: sha256 for path, sha256 in edition.sources.items() if path.startswith("data/raw/")}
    changed = compare_hashes(raw, now)
    if changed:
        listed = "\n".join(f"  {path}: {_print_change(raw.get(path), now.get(path))}" for path in changed)
        raise InputError(
            _(
                "{period} was issued (edition {number}) and its raw files are frozen, but {count} are not what they were:\n{listed}\nPut them back (git checkout {commit} -- data/raw/{period}), or commit them and run 'baocao issue {period} --correction WHY'.",
                period=period,
                number=edition.number,
                count=len(changed),
                listed=listed,
                commit=edition.commit[:12],
            )
        )


def _print_change(before: str | None, after: str | None) -> str:
    if before is None:
        return _("was added")
    return (
        _("was removed")
        if after is None
        else _("expected sha256 {before}, got {after}", before=before[:12], after=after[:12])
    )
