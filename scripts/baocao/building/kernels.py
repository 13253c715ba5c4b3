"""
A Jupyter kernel provisioner whose kernels are forks of a process that has packages loaded.

A kernel has a process of its own from its first statement on, so nothing passes from
one notebook to another. Packages are loaded once for each set of their versions and
each environment; what belongs to this project is loaded in a branch of that process,
which is replaced as soon as one of its files has changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import List, Unicode

from baocao.building.workers import CAN_FORK, ForkedKernel, KernelServer, start_server
from baocao.project.errors import ToolError
from baocao.project.language import VARIABLE, _
from baocao.reading.tables.cache import KNOWN_KEY

NAME = "baocao-warm"
#: What a section's notebook comes to need of others' packages.
PACKAGES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel_launcher", "ipykernel.debugger",
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "tornado.platform.asyncio", "numpy.random", "pandas",
    "pyarrow.parquet", "pyarrow.compute",
    "pydantic.main", "pydantic.types", "pydantic.json_schema", "pydantic.plugin._loader", "yaml", "filelock",
    "babel.numbers", "python_calamine", "matplotlib.figure", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",  # and not the inline one, which looks for a shell when it is loaded
)  # fmt: skip
PROJECT = ("baocao.sections.section", "baocao.sections.charts", "baocao.sections.inputs")
#: Names the period that a build runs a notebook for, in the environment of its kernel.
PERIOD_KEY = "BAOCAO_PERIOD"
_LAUNCHER = ["-m", "ipykernel_launcher"]
# May differ from kernel to kernel; no package reads them while it is loaded.
_OF_A_KERNEL = frozenset(
    {
        "JPY_PARENT_PID",
        "JPY_SESSION_NAME",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "BAOCAO_ROOT",
        "BAOCAO_NOTEBOOK",
        PERIOD_KEY,
        KNOWN_KEY,
        VARIABLE,
    }
)
_INLINE = "module://matplotlib_inline.backend_inline"
_LOG = logging.getLogger("baocao")


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]
    """
    Starts IPython kernels by forking; whatever else, and wherever forking is not to be had, by the usual way.

    Examples
    --------
    ``papermill -k baocao in.ipynb out.ipynb`` uses it through the kernel of that name.
    """

    packages = List(Unicode(), list(PACKAGES), help="Modules to load before forking.").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, with the arguments of a command line that would start one."""
        at = cmd.index(_LAUNCHER[0]) if _LAUNCHER[0] in cmd else len(cmd)
        if not CAN_FORK or cmd[at : at + 2] != _LAUNCHER or kwargs.get("independent"):
            return await super().launch_kernel(cmd, **kwargs)
        try:
            kernel = await asyncio.to_thread(self._fork, cmd[:at], cmd[at + 2 :], kwargs)
        except ToolError as error:
            _LOG.warning("%s", _("{error} A kernel of its own is started instead.", error=error))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    def _fork(self, python: list[str], arguments: list[str], asked: Mapping[str, Any]) -> ForkedKernel:
        env = dict(asked.get("env") or os.environ)
        server = find_server(python, env, self.packages)
        with Path(os.devnull).open("rb") as null:
            files = [_descriptor(asked.get(name), usual) for name, usual in (("stdout", 1), ("stderr", 2))]
            cwd = os.path.abspath(asked.get("cwd") or Path.cwd())  # noqa: PTH100 links stay as they are
            return server.fork(arguments, cwd=cwd, env=env, files=[null.fileno(), *files])

    async def wait(self) -> int | None:
        """Return the exit code once the kernel has ended; looks often, since a killed one ends at once."""
        pause = 0.001
        while self.process is not None and await self.poll() is None:
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.1)
        code: int | None = await super().wait()
        return code


def _descriptor(stream: Any, usual: int) -> int:
    return usual if stream is None else stream if isinstance(stream, int) else int(stream.fileno())


def use_warm_kernels() -> None:
    """Let kernels that name no provisioner be started by this one, in this process."""
    factory = KernelProvisionerFactory.instance()
    # The package may be run from a folder, whose entry points nobody has installed.
    value = f"{WarmProvisioner.__module__}:{WarmProvisioner.__name__}"
    factory.provisioners[NAME] = EntryPoint(NAME, value, factory.GROUP_NAME)
    factory.default_provisioner_name = NAME


_lock = threading.Lock()
_current: dict[str, tuple[object, KernelServer]] = {}


def find_server(
    python: Sequence[str], env: Mapping[str, str], packages: Sequence[str] = PACKAGES
) -> KernelServer:
    """
    Return a server of this process, made anew where packages, project or environment have changed.

    A server that is no longer current lives as long as its kernels.

    Parameters
    ----------
    python
        The interpreter and its options.
    env
        The environment of a kernel.

    Raises
    ------
    ToolError
        The server cannot be started.
    """
    outside = {name: value for name, value in env.items() if name not in _OF_A_KERNEL}
    outside.setdefault("MPLBACKEND", _INLINE)  # a kernel sets it before it loads any package
    made_of = (tuple(python), tuple(packages), outside, _list_versions(tuple(sys.path)))
    files = _stamp_project()
    with _lock:
        root = _find("packages", made_of, lambda: start_server(python, packages, outside))
        project = _find("project", (made_of, files), lambda: root.branch(PROJECT))
        # What a build has read is read once for all its notebooks.
        inputs = {name: env.get(name, "") for name in ("BAOCAO_ROOT", PERIOD_KEY, KNOWN_KEY, VARIABLE)}
        if not all(inputs.values()):
            return project
        call = ("baocao.sections.inputs", "keep_inputs", [inputs, env["BAOCAO_ROOT"], env[PERIOD_KEY]])
        return _find("inputs", (made_of, files, inputs), lambda: project.branch((), [call]))


def warm_up(python: Sequence[str], env: Mapping[str, str]) -> None:
    """Start the server that kernels of this environment will ask for, where there can be one."""
    if CAN_FORK:
        with contextlib.suppress(ToolError):  # the kernels will say so
            find_server(python, env)


def close_servers() -> None:
    """End the servers of this process, and their kernels with them."""
    with _lock:
        for _, server in _current.values():
            server.close()
        _current.clear()


def _find(kind: str, made_of: object, make: Any) -> KernelServer:
    known = _current.get(kind)
    if known is None or known[0] != made_of or not known[1].alive:
        _current.pop(kind, None)
        known = _current[kind] = (made_of, make())
    return known[1]


def _list_versions(folders: Sequence[str]) -> frozenset[str]:
    """Return the name and version of every installed distribution."""
    return frozenset(
        entry.name
        for folder in folders
        if folder and Path(folder).is_dir()
        for entry in os.scandir(folder)
        if entry.name.endswith((".dist-info", ".egg-info"))
    )


def _stamp_project() -> frozenset[tuple[str, int, int]]:
    """Return what tells one state of the project's files from another: Python's own rule for its bytecode."""
    # Asked before every kernel, and so not of pathlib.
    folders = [
        entry.path for entry in os.scandir(Path(__file__).parents[2]) if entry.name.startswith("baocao")
    ]
    stamps = set()
    while folders:
        for entry in os.scandir(folders.pop()):
            if entry.is_dir():
                folders.append(entry.path)
            elif entry.name.endswith(".py"):
                state = entry.stat()
                stamps.add((entry.path, state.st_mtime_ns, state.st_size))
    return frozenset(stamps)
