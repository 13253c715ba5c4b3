"""
Parsing in a child process with limits on memory and time.

A child of its own and not a fork: a fork of a notebook kernel carries the
kernel's threads and address space, and an address-space limit then says
nothing about the parser. The child is started once and fed workbook after
workbook; when one kills it, that workbook is the finding and a new child goes
on with the next.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import psutil

from baocao.project.errors import WorkbookError
from baocao.project.language import _
from baocao.reading.workbooks.child import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 15.0  # of the processor: a busy machine is no fault of a workbook
PATIENCE = 8  # times as long by the clock, for a child that waits for something
_LOG = logging.getLogger("baocao")
_SOURCES = str(Path(__file__).resolve().parents[3])
_CHILD = "from baocao.reading.workbooks.child import main; main()"


@cache
def _say_unlimited() -> None:
    _LOG.warning(_("this system has no resource limits: workbooks are parsed under a time limit only."))


def _failed(got: str) -> WorkbookError:
    return WorkbookError(
        "parser-failed",
        expected=_("read within {seconds:.0f} seconds and a limited memory", seconds=SECONDS),
        got=got,
        action=_(
            "Copy the data of the form alone into a new workbook after the template, and send it again."
        ),
    )


def _processor_time(child: subprocess.Popen[bytes]) -> float:
    """Return the processor seconds that a child has taken; 0 where it is gone."""
    try:
        spent = psutil.Process(child.pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(spent.user + spent.system)


class LimitedParser:
    """
    A child process that parses workbooks; use it in a ``with`` block.

    Parameters
    ----------
    command
        What to run as the child; None means the parser of this package.
    seconds
        Processor time that one workbook may take; by the clock it may take ``PATIENCE`` times as much.
    """

    def __init__(self, command: Sequence[str] | None = None, *, seconds: float = SECONDS) -> None:
        self.command = list(
            command or (sys.executable, "-P", "-c", _CHILD)
        )  # never a module of the folder one stands in
        self.seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [_SOURCES, *filter(None, [os.environ.get("PYTHONPATH")])]
        child = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        self._child = child
        return child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        child.wait()

    def parse(self, data: bytes) -> bytes:
        """
        Parse one workbook.

        Returns
        -------
        bytes
            What :func:`baocao.reading.workbooks.child.answer` wrote: a workbook or a refusal.

        Raises
        ------
        WorkbookError
            ``parser-failed``: the child died, hung or wrote nonsense over this workbook.
        """
        fresh = self._child is None
        child = self._child or self._start()
        late, done = threading.Event(), threading.Event()

        def watch() -> None:
            began, spent = time.monotonic(), _processor_time(child)
            while not done.wait(min(1.0, self.seconds)):
                waited = time.monotonic() - began
                if _processor_time(child) - spent > self.seconds or waited > self.seconds * PATIENCE:
                    late.set()
                    child.kill()
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            reply = self._exchange(child, data, fresh=fresh)
        finally:
            done.set()
            watcher.join()
        if reply is None:
            self._stop()
            raise _failed(_("out of time") if late.is_set() else _("the reader stopped in the middle"))
        return reply

    def _exchange(self, child: subprocess.Popen[bytes], data: bytes, *, fresh: bool) -> bytes | None:
        source, sink = cast("BinaryIO", child.stdout), cast("BinaryIO", child.stdin)
        try:
            if fresh and read_frame(source) == b"unlimited":
                _say_unlimited()
            write_frame(sink, data)
            return read_frame(source) or None
        except OSError:
            return None
