"""Execute notebooks with papermill, strictly, some at a time, to files that are the same byte for byte."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Self

import nbformat
from nbclient.util import ensure_async, run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

from baocao.building.kernels import PERIOD_KEY, close_servers, use_warm_kernels, warm_up
from baocao.project.errors import NotebookError
from baocao.project.language import N_, VARIABLE, _, house_language
from baocao.project.temporary import temporary_folder
from baocao.reading.tables.cache import KNOWN_KEY
from baocao.sections.notebooks import read_notebook, write_notebook

CELL_TIMEOUT_S = 900
START_TIMEOUT_S = 60
SOCKET_PATH_BYTES = 104  # of a Unix socket's address, where the system gives the least
KERNEL = "python3"
ENGINE = "baocao"
UNFINISHED = N_("the cell did not finish; did a cell before it stop the kernel?")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Job:
    """
    One notebook to execute.

    Parameters
    ----------
    name
        What the progress bar calls it.
    source, target
        The notebook without outputs, and where the executed one goes.
    parameters
        Every one must be assigned in the cell tagged ``parameters``.
    root
        The project folder.
    tables
        The key of the period's tables as they were read before; empty lets the
        notebook read them itself.
    """

    name: str
    source: Path
    target: Path
    parameters: Mapping[str, str]
    root: Path
    tables: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a job: ``error`` is None where the notebook finished."""

    job: Job
    error: NotebookError | None
    seconds: float


class Runner:
    """
    Executes notebooks, each in a kernel of its own; use it in a ``with`` block.

    The server that kernels are forked from is started at once, in the background,
    and ended with the block.

    Parameters
    ----------
    log
        Where kernels' own messages go; None drops them.
    """

    def __init__(self, log: Path | None = None) -> None:
        self._log = log or Path(os.devnull)
        # One folder for all that kernels leave lying when they are ended.
        self._held = ExitStack()
        self._scratch = self._held.enter_context(temporary_folder())
        self._ended = threading.Event()
        self._env = {
            **os.environ,
            "TMPDIR": str(self._scratch),
            "PYTHONHASHSEED": "0",
            "PYTHONIOENCODING": "utf-8",
        }

    def __enter__(self) -> Self:
        use_warm_kernels()
        threading.Thread(target=warm_up, args=([sys.executable], self._env), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        close_servers()
        self._held.close()

    def run(
        self,
        jobs: Iterable[Job],
        *,
        workers: int = 2,
        on_start: Callable[[Job], None] | None = None,
        on_done: Callable[[Outcome], None] | None = None,
    ) -> list[Outcome]:
        """
        Execute notebooks; one that fails does not stop the others.

        Parameters
        ----------
        workers
            Notebooks at a time.

        Returns
        -------
        list of Outcome
            In the order of ``jobs``.
        """
        waiting = list(jobs)
        lock = threading.Lock()

        def work(job: Job) -> Outcome:
            if on_start:
                with lock:
                    on_start(job)
            began = time.monotonic()
            error = None
            try:
                self.execute(job)
            except NotebookError as raised:
                error = raised
            except Exception as raised:  # noqa: BLE001 one notebook must not stop the others
                message = f"{job.name}: {type(raised).__name__}: {raised}"
                error = NotebookError(message, notebook=str(job.source))
            return Outcome(job, error, time.monotonic() - began)

        outcomes: dict[str, Outcome] = {}
        pool = ThreadPoolExecutor(max(1, min(workers, len(waiting))))
        try:
            for future in as_completed([pool.submit(work, job) for job in waiting]):
                outcome = future.result()
                outcomes[outcome.job.name] = outcome
                if on_done:
                    with lock:
                        on_done(outcome)
        except BaseException:
            self._ended.set()
            close_servers()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return [outcomes[job.name] for job in waiting]

    def execute(self, job: Job) -> None:
        """
        Execute one notebook and write it, whole or not at all.

        A failed notebook is kept beside the target as ``<name>.failed.ipynb``.

        Raises
        ------
        NotebookError
            The notebook is not fit to run (no ``parameters`` cell, an unknown or
            missing parameter), a cell failed, or a cell did not finish.
        """
        failed = job.target.with_name(f"{job.target.stem}.failed.ipynb")
        notebook = read_notebook(job.source)
        check_parameters(notebook, job)
        executed, message = self._execute(notebook, job)
        if message is not None and not _has_begun(executed) and not self._ended.is_set():
            # A kernel that dies before its first cell says nothing of the notebook: one more try.
            executed, message = self._execute(read_notebook(job.source), job)
        _normalise(executed, job)
        broken = _find_unfinished(executed)
        if message is None and broken is None:
            write_notebook(executed, job.target)
            failed.unlink(missing_ok=True)
            return
        cell, reason = broken or (None, message or "")
        if message and reason == _(UNFINISHED):
            reason = f"{reason} ({message})"
        write_notebook(executed, failed)
        raise NotebookError(
            _(
                "{name}, cell {cell}: {reason} (executed so far: {failed})",
                name=job.source.name,
                cell="?" if cell is None else cell + 1,
                reason=reason,
                failed=failed,
            ),
            notebook=str(job.source),
            cell=cell,
            executed=failed,
        )

    def _execute(self, notebook: Any, job: Job) -> tuple[Any, str | None]:
        """Return the notebook as far as it was executed, and what stopped it."""
        executed: list[Any] = []
        message = None
        with tempfile.TemporaryDirectory(prefix="k-", dir=self._scratch) as folder:
            try:
                done = papermill_engines.execute_notebook_with_engine(
                    ENGINE,
                    _parameterize(notebook, job),
                    KERNEL,
                    progress_bar=False,
                    autosave_cell_every=0,
                    record_timing=False,
                    execution_timeout=CELL_TIMEOUT_S,
                    config=_connect_by(Path(folder)),
                    # Nothing of the person's own IPython set-up may reach a number.
                    extra_arguments=[f"--ipython-dir={folder}", "--HistoryManager.enabled=False"],
                    executed=executed,
                    env={
                        **self._env,
                        "BAOCAO_ROOT": str(job.root),
                        "BAOCAO_NOTEBOOK": job.name,
                        # What a cell shows is kept, and must not depend on who runs it.
                        VARIABLE: house_language(job.root),
                        PERIOD_KEY: job.parameters.get("period", ""),
                        KNOWN_KEY: job.tables,
                    },
                    folder=str(job.source.parent),
                    log=self._log,
                    start_timeout=START_TIMEOUT_S,
                )
                raise_for_execution_errors(done, None)
            except PapermillExecutionError as error:
                message = f"{error.ename}: {error.evalue}"
            except Exception as error:  # noqa: BLE001 a dead kernel comes as one of many classes
                message = f"{type(error).__name__}: {error}"
        return (executed[0] if executed else notebook), message


def run_notebooks(
    jobs: Iterable[Job],
    *,
    workers: int = 2,
    log: Path | None = None,
    on_start: Callable[[Job], None] | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Execute notebooks as :meth:`Runner.run` does, with a runner of their own."""
    with Runner(log) as runner:
        return runner.run(jobs, workers=workers, on_start=on_start, on_done=on_done)


def run_notebook(job: Job) -> None:
    """Execute one notebook as :meth:`Runner.execute` does, with a runner of its own."""
    with Runner() as runner:
        runner.execute(job)


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, without the waiting that a kernel on the same machine does not need."""

    async def async_start_new_kernel_client(self) -> Any:
        """Connect to the kernel; it is ready when it has been seen to answer on both channels."""
        self.kc = client = self.km.client()
        client.start_channels(hb=False, stdin=False)
        deadline = time.monotonic() + self.startup_timeout
        asked = set()
        while True:
            asked.add(client.kernel_info())
            if await _is_idle(client, asked):
                return client
            if not await ensure_async(self.km.is_alive()) or time.monotonic() > deadline:
                await self._async_cleanup_kernel()
                raise RuntimeError(_("the kernel did not come up"))

    async def _async_cleanup_kernel(self) -> None:
        """End the kernel at once: asked to end, every third takes seconds; all it said is here."""
        if self.km is not None and self.km.has_kernel:
            await self.km.provisioner.kill()
            await self.km.provisioner.wait()
        await super()._async_cleanup_kernel()

    start_new_kernel_client = run_sync(async_start_new_kernel_client)
    _cleanup_kernel = run_sync(_async_cleanup_kernel)


async def _is_idle(client: Any, asked: set[str]) -> bool:
    """Return whether the end of one of our requests is seen before a second has passed."""
    with contextlib.suppress(Empty):
        while True:
            message = await client.get_iopub_msg(timeout=1)
            ours = message["parent_header"].get("msg_id") in asked
            if ours and message["content"].get("execution_state") == "idle":
                return True
    return False


class _Engine(Engine):  # type: ignore[misc]
    """papermill's own way of executing, with :class:`_Client`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        executed: list[Any],
        env: Mapping[str, str],
        folder: str,
        log: Path,
        start_timeout: int,
        execution_timeout: int,
        config: Config,
        extra_arguments: list[str],
        record_timing: bool,
        **_: Any,
    ) -> None:
        executed.append(nb_man.nb)
        client = _Client(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            config=config,
            extra_arguments=extra_arguments,
            record_timing=record_timing,
        )
        with log.open("ab") as sink:
            client.execute(env=dict(env), cwd=folder, stdout=sink, stderr=sink)


papermill_engines.register(ENGINE, _Engine)


def _parameterize(notebook: Any, job: Job) -> Any:
    """Do what papermill does before it executes a notebook, which it would write and read again for that."""
    notebook.metadata["papermill"] = {}
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata["papermill"] = {}
    if not job.parameters:
        return notebook
    return parameterize_notebook(notebook, dict(job.parameters), kernel_name=KERNEL, engine_name=ENGINE)


def check_parameters(notebook: Any, job: Job) -> None:
    """
    Refuse a notebook whose ``parameters`` cell does not take what it is given.

    papermill itself only warns, and then runs with the notebook's own defaults.
    """
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise NotebookError(
            _(
                "{name}: expected one cell tagged 'parameters', got {count}.",
                name=job.source.name,
                count=len(tagged),
            ),
            notebook=str(job.source),
        )
    try:
        tree = ast.parse(tagged[0].source)
    except SyntaxError as error:
        raise NotebookError(
            _("{name}: the 'parameters' cell is no Python: {error}.", name=job.source.name, error=error),
            notebook=str(job.source),
        ) from None
    declared = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    unknown = sorted(set(job.parameters) - declared)
    missing = sorted(declared - set(job.parameters))
    if unknown or missing:
        raise NotebookError(
            _(
                "{name}: expected the parameters {parameters}, got {declared}; correct the cell tagged 'parameters'.",
                name=job.source.name,
                parameters=", ".join(sorted(job.parameters)),
                declared=", ".join(sorted(declared)) or _("none"),
            ),
            notebook=str(job.source),
        )


def _connect_by(folder: Path) -> Config:
    # Jupyter finds free TCP ports, lets them go and hopes that the kernel gets them: with several kernels
    # starting at once some day another one does, and the kernel dies. Files of our own nobody else takes.
    files = {"transport": "ipc", "connection_file": str(folder / "kernel.json")}
    fits = os.name == "posix" and len(os.fsencode(folder / "kernel-ipc-5")) < SOCKET_PATH_BYTES
    return Config(KernelManager=files if fits else {})


def _has_begun(notebook: Any) -> bool:
    return any(cell.get("execution_count") is not None or cell.get("outputs") for cell in notebook.cells)


def _find_unfinished(notebook: Any) -> tuple[int, str] | None:
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                return number, f"{output.ename}: {_ANSI.sub('', output.evalue)}"
        if cell.execution_count is None:
            return number, _(UNFINISHED)
    return None


def _normalise(notebook: Any, job: Job) -> None:
    """Drop what differs from run to run: times, paths, random ids, the interpreter's patch level."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL},
            "language_info": {"name": "python"},
            "baocao": {"parameters": dict(sorted(job.parameters.items()))},
        }
    )
    cells = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "papermill-error-cell-tag" in tags:
            continue
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if "injected-parameters" in tags:
            cell.id = "injected-parameters"
        if cell.cell_type == "code":
            cell.outputs = _join_streams(cell.outputs)
        cells.append(cell)
    notebook.cells = cells


def _join_streams(outputs: Iterable[Any]) -> list[Any]:
    # How much of a stream comes in one message is chance.
    joined: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined
