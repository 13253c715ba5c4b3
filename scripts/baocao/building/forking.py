"""
The program of a kernel server: packages are loaded once, then every kernel is a fork.

It is run by its path and imports nothing of this project, so that nothing of the
project is in a kernel before its notebook asks for it. The other end of its socket is
held by :class:`baocao.building.workers.KernelServer`; when that end is closed, by
whatever death, the kernels end and the server with them.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

REQUEST_BYTES = 1 << 18  # arguments and environment of a kernel
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def load(modules: list[str], calls: list[tuple[str, str, list[Any]]] | None = None) -> None:
    """Import modules and call functions; what fails is left for the notebook that wants it to say so."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for name, function, arguments in calls or ():
        with contextlib.suppress(Exception):
            getattr(importlib.import_module(name), function)(*arguments)
    # Loaded objects stay shared between the forks as long as no collector writes into them.
    gc.collect()
    gc.freeze()


def serve(requests: socket.socket) -> None:
    """
    Answer requests until the other end is closed.

    ``{"kernel": arguments, "cwd": …, "env": …}`` with three files forks a kernel, and
    ``{"branch": modules, "calls": …}`` with a socket a server that has more modules
    loaded and has called functions of them, each as ``[module, function, arguments]``; the
    answer is ``{"pid": …}`` or ``{"error": …}``. ``{"poll": pid}`` is answered with
    ``{"code": …}``, which is null while the kernel runs.
    """
    kernels: set[int] = set()
    while True:
        data, files, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 3)
        if not data:
            break
        request = json.loads(data)
        if "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            kernels.discard(pid)
            answer: dict[str, Any] = {"code": os.waitstatus_to_exitcode(status) if pid else None}
        elif "branch" in request:
            answer = {"pid": os.fork()}
            if answer["pid"] == 0:
                requests.close()
                requests = socket.socket(fileno=files[0])
                kernels = set()
                load(request["branch"], request["calls"])
                continue
        else:
            answer = _fork_kernel(request, files, requests)
            kernels |= {answer["pid"]} if "pid" in answer else set()
        for file in files:
            os.close(file)
        requests.send(json.dumps(answer).encode())
    for pid in kernels:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _fork_kernel(request: dict[str, Any], files: list[int], requests: socket.socket) -> dict[str, Any]:
    ready, set_ready = os.pipe()
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        requests.close()
        try:
            _prepare(request, files, server)
        except OSError as error:
            os.write(set_ready, str(error).encode())
            os._exit(1)
        os.close(set_ready)
        _become_kernel(request["kernel"], server)
    os.close(set_ready)
    with os.fdopen(ready, encoding="utf-8") as answer:
        failure = answer.read()
    if failure:
        os.waitpid(pid, 0)
        return {"error": failure}
    return {"pid": pid}


def _prepare(request: dict[str, Any], files: list[int], server: int) -> None:
    """Give the fork what a process of its own is started with."""
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    os.chdir(request["cwd"])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["env"], JPY_PARENT_PID=str(server))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL if number != signal.SIGPIPE else signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _draw_anew()


def _draw_anew() -> None:
    """Do again what a package does when it is imported and what must not be the same in two processes."""
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # Python's own generator is seeded anew by the fork
    if (matplotlib := sys.modules.get("matplotlib")) and os.path.exists("matplotlibrc"):  # noqa: PTH110
        matplotlib.rc_file(matplotlib.matplotlib_fname())


def _become_kernel(arguments: list[str], server: int) -> None:
    """Do what ``python -m ipykernel_launcher`` does; it ends the process."""
    import ipykernel_launcher
    from ipykernel import kernelapp

    sys.argv = [ipykernel_launcher.__file__, *arguments, f"--IPKernelApp.parent_handle={server}"]
    kernelapp.launch_new_instance()
    sys.exit(0)


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    load(json.loads(sys.argv[2]))
    serve(socket.socket(fileno=int(sys.argv[1])))
