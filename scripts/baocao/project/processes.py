"""Outside programs: the one place that starts a process."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TypeVar

from baocao.project.ending import end_cleanly
from baocao.project.errors import BaocaoError, ToolError, ToolMissingError
from baocao.project.language import _

try:
    import resource as _resource
except ImportError:  # pragma: no cover - Windows
    _resource = None  # type: ignore[assignment]

TIME_LIMIT = 300.0
MEMORY_LIMIT = 4 << 30
"""Bytes a program may fill; both reports take 0.2 GB in Pandoc, a hostile text of 4 KB takes 23."""
_MEMORY_WORDS = re.compile(
    r"out of memory|memory exhausted|heap exhausted|unable to commit|cannot allocate|MemoryError|allocation fail",
    re.IGNORECASE,
)
_LOG = logging.getLogger("baocao")
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
    memory_limit: int = MEMORY_LIMIT,
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
    memory_limit
        Bytes it, and each of its children, may fill. Only Linux can say so
        of another process; elsewhere the time limit stands alone.

    Raises
    ------
    ToolMissingError
        There is no such program.
    ToolError
        It failed, ran too long or asked for too much memory.

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
                "{name} cannot be started ({reason}): install it or put it on PATH.",
                name=name,
                reason=error.strerror,
            ),
            argv=words,
        ) from error
    _limit_memory(process.pid, memory_limit)
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
    if process.returncode != 0 and _MEMORY_WORDS.search(completed.stderr):
        raise ToolError(
            _(
                "{name} asked for more than {limit} GB of memory and was stopped: a text nests something without end, "
                "or a table or picture is far too large.",
                name=name,
                limit=f"{memory_limit / (1 << 30):g}",
            ),
            argv=words,
            stderr=completed.stderr,
        )
    if process.returncode != 0:
        lines = completed.stderr.strip().splitlines() or [_("it said nothing")]
        if len(lines) > 12:
            lines = [*lines[:6], "...", *lines[-6:]]
        said = "\n".join(lines)
        raise ToolError(
            _(
                "{name} failed with exit code {code}: {said}",
                name=name,
                code=process.returncode,
                said=said,
            ),
            argv=words,
            stderr=completed.stderr,
        )
    return completed


def _limit_memory(pid: int, limit: int) -> None:
    """Limit what a process fills; not its addresses, since Pandoc and V8 reserve far more than they use."""
    if not hasattr(_resource, "prlimit"):  # pragma: no cover - not Linux
        _log_unlimited()
        return
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        _resource.prlimit(pid, _resource.RLIMIT_DATA, (limit, limit))


@cache
def _log_unlimited() -> None:  # pragma: no cover - not Linux
    _LOG.warning(_("this system has no memory limits for other programs: they run under a time limit only."))


def _kill(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # pragma: no cover - Windows
        process.kill()


def _text(data: bytes) -> str:
    return _ANSI.sub("", data.decode("utf-8", "replace"))


# -- side by side ----------------------------------------------------------------

_Key = TypeVar("_Key")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Failure:
    """What stopped one task of several; ``exit_code`` is that of a command that does it alone."""

    message: str
    exit_code: int

    def __str__(self) -> str:
        return self.message


def run_side_by_side(
    task: Callable[[_Key], _Result], keys: Sequence[_Key], at_once: int
) -> Iterator[tuple[_Key, _Result | Failure]]:
    """
    Do one thing for several keys, each in a process of its own kind; one that fails stops no other.

    Processes and not threads: an interrupted one ends what it has started.

    Parameters
    ----------
    task
        A function of a module, with arguments and a result that can be sent.

    Yields
    ------
    tuple
        Key and result, in the order of ``keys``.
    """
    with ProcessPoolExecutor(at_once, get_context("spawn"), end_cleanly) as pool:
        try:
            begun = [(key, pool.submit(_do, task, key)) for key in keys]
            for key, future in begun:
                try:
                    yield key, future.result()
                except BrokenProcessPool as error:
                    yield key, Failure(_("its process ended: {error}", error=error), ToolError.exit_code)
        except BaseException:
            for process in active_children():
                process.terminate()
            raise


def _do(task: Callable[[_Key], _Result], key: _Key) -> _Result | Failure:
    try:
        return task(key)
    except BaocaoError as error:
        return Failure(str(error), error.exit_code)
    except Exception as error:  # noqa: BLE001 a fault of ours in one of several
        return Failure(f"{type(error).__name__}: {error}", BaocaoError.exit_code)
    except BaseException:  # noqa: BLE001 asked to end, and cleaned up: the pool would go on with the next
        os._exit(1)
