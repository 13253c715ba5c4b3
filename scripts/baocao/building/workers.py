"""Kernel servers, as their user sees them: started, asked for kernels, and ended with whoever holds them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from baocao.building import forking
from baocao.project.errors import ToolError
from baocao.project.language import _

# Forking from a process that has loaded packages is safe where nothing below Python forbids it.
CAN_FORK = sys.platform == "linux"
_END_S = 5.0
Call = tuple[str, str, Sequence[object]]
"""Module, function and arguments, as JSON has them."""


class KernelServer:
    """
    A process that has packages loaded and forks a kernel in some 10 ms.

    It ends, with its kernels, when the last reference to it is gone or this
    process is, however that ends. See :func:`start_server`.

    Parameters
    ----------
    requests
        The socket that it answers on.
    process
        Its process where it is a child of this one; None for a branch.
    """

    def __init__(self, requests: socket.socket, process: subprocess.Popen[bytes] | None = None) -> None:
        self._requests = requests
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _end, requests, process)

    @property
    def alive(self) -> bool:
        """Whether it was not closed and did not die."""
        try:
            return self.close.alive and self._requests.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True  # nothing to read: nobody has hung up
        except OSError:
            return False

    def branch(self, modules: Sequence[str], calls: Sequence[Call] = ()) -> KernelServer:
        """Return a fork of this server that has more modules loaded and called, and outlives it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._ask({"branch": list(modules), "calls": list(calls)}, [theirs.fileno()])
        return KernelServer(ours)

    def fork(
        self, arguments: Sequence[str], *, cwd: str, env: Mapping[str, str], files: Sequence[int]
    ) -> ForkedKernel:
        """
        Fork a kernel.

        Parameters
        ----------
        arguments
            Those of ``python -m ipykernel_launcher``.
        files
            Standard input, output and error.

        Raises
        ------
        ToolError
            The server is gone, or the kernel cannot be started.
        """
        answer = self._ask({"kernel": list(arguments), "cwd": cwd, "env": dict(env)}, files)
        return ForkedKernel(self, answer["pid"])

    def poll(self, pid: int) -> int | None:
        """Return the exit code of a kernel, negative for a signal; None while it runs."""
        try:
            code: int | None = self._ask({"poll": pid})["code"]
        except ToolError:
            return -signal.SIGKILL  # kernels do not outlive their server
        return code

    def _ask(self, request: Mapping[str, Any], files: Sequence[int] = ()) -> dict[str, Any]:
        with self._lock:
            try:
                socket.send_fds(self._requests, [json.dumps(request).encode()], files)
                data = self._requests.recv(forking.REQUEST_BYTES)
            except OSError:
                data = b""
        if not data:
            raise ToolError(
                _("The process that kernels are forked from has ended, perhaps for want of memory.")
            )
        answer: dict[str, Any] = json.loads(data)
        if "error" in answer:
            raise ToolError(_("A kernel cannot be started: {error}.", error=answer["error"]))
        return answer


class ForkedKernel:
    """
    A forked kernel, with what Jupyter asks of :class:`subprocess.Popen`.

    Parameters
    ----------
    server
        The server that forked it; kept until the kernel is let go.
    pid
        Its process, which leads a session of its own.
    """

    stdin = stdout = stderr = None

    def __init__(self, server: KernelServer, pid: int) -> None:
        self.pid = pid
        self._server = server
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        if self._code is None:
            self._code = self._server.poll(self.pid)
        return self._code

    def wait(self) -> int:
        """Return the exit code once the kernel has ended."""
        pause = threading.Event()
        while (code := self.poll()) is None:
            pause.wait(0.002)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if the kernel still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)


def start_server(python: Sequence[str], modules: Sequence[str], env: Mapping[str, str]) -> KernelServer:
    """
    Start a kernel server.

    Parameters
    ----------
    python
        The interpreter and its options.
    modules
        What to load.
    env
        The environment packages are loaded in; kernels bring their own.

    Raises
    ------
    ToolError
        The process cannot be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    argv = [*python, os.fspath(Path(forking.__file__)), str(theirs.fileno()), json.dumps(list(modules))]
    with theirs:
        try:
            process = subprocess.Popen(
                argv,
                pass_fds=[theirs.fileno()],
                env=dict(env),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise ToolError(
                _("{program} cannot be started: {error}", program=python[0], error=error), argv=argv
            ) from error
    return KernelServer(ours, process)


def _end(requests: socket.socket, process: subprocess.Popen[bytes] | None) -> None:
    requests.close()
    if process is not None:
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
