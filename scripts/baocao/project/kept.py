"""Parameters that are read before a process is forked, so that none of its forks parses them again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from baocao.project.errors import BaocaoError
from baocao.project.params import Params
from baocao.project.periods import Period

_kept: dict[Path, tuple[dict[str, bytes], Params]] = {}


def keep_params(folder: Path, period: Period) -> None:
    """Read all that a folder of parameters says of a period; what is wrong there is left for who asks for it."""
    try:
        before = _read_contents(folder)
        params = Params(folder)
        for ask in _ASKED:
            with contextlib.suppress(BaocaoError):
                ask(params, period)
        if _read_contents(folder) == before:
            _kept[folder] = before, params
    except OSError:
        return  # whoever asks will be told


_ASKED: tuple[Callable[[Params, Period], object], ...] = (
    lambda params, period: params.period(period),
    lambda params, _: params.all_units,
    lambda params, _: params.all_offices,
    lambda params, _: params.aliases,
    lambda params, _: params.forms,
    lambda params, _: params.reports,
)


def find_params(folder: Path) -> Params:
    """Return the parameters of a folder: those that were kept where each of its files is still the same."""
    contents, params = _kept.get(folder, ({}, None))
    if params is not None and contents == _read_contents(folder):
        return params
    return Params(folder)


def _read_contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
