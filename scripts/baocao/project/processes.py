"""Outside programs: the one place that starts a process."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from baocao.project.errors import ToolError, ToolMissingError
from baocao.project.language import _

TIME_LIMIT = 300.0
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Completed:
    """What a program wrote, as text without colours."""

    stdout: str
    stderr: str


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path,
    env: Mapping[str, str | None] | None = None,
    time_limit: float = TIME_LIMIT,
) -> Completed:
    """
    Run a program to its end.

    Parameters
    ----------
    argv
        Program and arguments; no shell reads them.
    cwd
        The folder to run in.
    env
        Variables to set on top of this process's own, or with None to take
        away: empty is not absent. The language and the time zone are always
        the same, so that no output depends on them.
    time_limit
        Seconds; a program that runs longer is killed with its children.

    Raises
    ------
    ToolMissingError
        There is no such program.
    ToolError
        It failed or ran too long.

    Examples
    --------
    >>> run(["printf", "%s", "một hai"], cwd=Path.cwd()).stdout
    'một hai'
    """
    words = [os.fspath(word) for word in argv]
    name = Path(words[0]).name
    variables = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", **(env or {})}
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env={name: value for name, value in variables.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolMissingError(
            _(
                "{name} cannot be started ({strerror}): install it or put it on PATH.",
                name=name,
                strerror=error.strerror,
            ),
            argv=words,
        ) from error
    try:
        out, err = process.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        _kill(process)
        _out, err = process.communicate()
        raise ToolError(
            _(
                "{name} did not end within {time_limit:g} s and was stopped.",
                name=name,
                time_limit=time_limit,
            ),
            argv=words,
            stderr=_text(err),
        ) from None
    except BaseException:
        _kill(process)
        process.communicate()
        raise
    completed = Completed(_text(out), _text(err))
    if process.returncode != 0:
        lines = completed.stderr.strip().splitlines() or ["it said nothing"]
        if len(lines) > 12:
            lines = [*lines[:6], "...", *lines[-6:]]
        said = "\n".join(lines)
        raise ToolError(
            _(
                "{name} failed with exit code {returncode}: {said}",
                name=name,
                returncode=process.returncode,
                said=said,
            ),
            argv=words,
            stderr=completed.stderr,
        )
    return completed


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # pragma: no cover - Windows
        process.kill()


def _text(data: bytes) -> str:
    return _ANSI.sub("", data.decode("utf-8", "replace"))
