"""Execute notebooks with papermill, strictly, two at a time, to files that are the same byte for byte."""

from __future__ import annotations

import ast
import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from traitlets.config import Config

from baocao.project.errors import NotebookError
from baocao.project.language import _
from baocao.sections.notebooks import read_notebook, write_notebook

CELL_TIMEOUT_S = 900
SOCKET_PATH_BYTES = 104  # of a Unix socket's address, where the system gives the least
KERNEL = "python3"
UNFINISHED = "the cell did not finish; did a cell before it stop the kernel?"
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
    """

    name: str
    source: Path
    target: Path
    parameters: Mapping[str, str]
    root: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a job: ``error`` is None where the notebook finished."""

    job: Job
    error: NotebookError | None
    seconds: float


def run_notebooks(
    jobs: Iterable[Job],
    *,
    workers: int = 2,
    log: Path | None = None,
    on_start: Callable[[Job], None] | None = None,
    on_done: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """
    Execute notebooks, each in a fresh kernel; one that fails does not stop the others.

    Parameters
    ----------
    workers
        Notebooks at a time.
    log
        Where kernels' own messages go; None drops them.

    Returns
    -------
    list of Outcome
        In the order of ``jobs``.
    """
    waiting = list(jobs)
    lock = threading.Lock()
    local = threading.local()
    started: list[_Worker] = []

    def work(job: Job) -> Outcome:
        if on_start:
            with lock:
                on_start(job)
        if getattr(local, "worker", None) is None or not local.worker.alive:
            local.worker = _Worker(log, Path(scratch.name))
            started.append(local.worker)
        outcome: Outcome = local.worker.run(job)
        return outcome

    outcomes: dict[str, Outcome] = {}
    # One folder for all that workers and kernels leave lying when they are stopped.
    scratch = tempfile.TemporaryDirectory(prefix="baocao-", ignore_cleanup_errors=True)
    pool = ThreadPoolExecutor(max(1, min(workers, len(waiting))))
    try:
        for future in as_completed([pool.submit(work, job) for job in waiting]):
            outcome = future.result()
            outcomes[outcome.job.name] = outcome
            if on_done:
                with lock:
                    on_done(outcome)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in started:
            worker.stop()
        scratch.cleanup()
    return [outcomes[job.name] for job in waiting]


class _Worker:
    """A process that executes notebooks, one after another; if it dies, only the one at work is lost."""

    def __init__(self, log: Path | None, scratch: Path) -> None:
        # A program of its own, not a fork: a kernel must not inherit locks and threads of this process.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "baocao.building.running", str(log or os.devnull)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "TMPDIR": str(scratch)},
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def run(self, job: Job) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        began = time.monotonic()
        try:
            self._process.stdin.write(json.dumps(_pack(job)) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        seconds = time.monotonic() - began
        if not answer:
            self.stop()
            message = (
                f"{job.source.name}: its process was killed, perhaps for want of memory; run it alone to see."
            )
            return Outcome(job, NotebookError(message, notebook=str(job.source)), seconds)
        failure = json.loads(answer)
        if failure is None:
            return Outcome(job, None, seconds)
        executed = Path(failure["executed"]) if failure["executed"] else None
        error = NotebookError(
            failure["message"], notebook=str(job.source), cell=failure["cell"], executed=executed
        )
        return Outcome(job, error, seconds)

    def stop(self) -> None:
        if self.alive:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _pack(job: Job) -> dict[str, Any]:
    return {
        "name": job.name,
        "source": str(job.source),
        "target": str(job.target),
        "parameters": dict(job.parameters),
        "root": str(job.root),
    }


def _serve(log: str) -> None:
    """Execute the jobs that come line by line, and answer each with its failure or null."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(
            1, signal.SIGKILL
        )  # a killed build leaves nothing behind that goes on writing
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    for line in sys.stdin:
        job = json.loads(line)
        failure = None
        try:
            run_notebook(
                Job(
                    job["name"],
                    Path(job["source"]),
                    Path(job["target"]),
                    job["parameters"],
                    Path(job["root"]),
                )
            )
        except NotebookError as error:
            executed = str(error.executed) if error.executed else None
            failure = {"message": str(error), "cell": error.cell, "executed": executed}
        except Exception as error:  # noqa: BLE001 a full disk must not look like a killed process
            failure = {
                "message": f"{job['name']}: {type(error).__name__}: {error}",
                "cell": None,
                "executed": None,
            }
        answers.write(json.dumps(failure) + "\n")
        answers.flush()


def run_notebook(job: Job) -> None:
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
    executed, message = _execute(notebook, job)
    if message is not None and not _has_begun(executed):
        # A kernel that dies before its first cell says nothing of the notebook: one more try.
        executed, message = _execute(read_notebook(job.source), job)
    _normalise(executed, job)
    broken = _find_unfinished(executed)
    if message is None and broken is None:
        write_notebook(executed, job.target)
        failed.unlink(missing_ok=True)
        return
    cell, reason = broken or (None, message or "")
    if message and reason == UNFINISHED:
        reason = f"{reason} ({message})"
    write_notebook(executed, failed)
    raise NotebookError(
        _(
            "{name}, cell {part}: {reason} (executed so far: {failed})",
            name=job.source.name,
            part="?" if cell is None else cell + 1,
            reason=reason,
            failed=failed,
        ),
        notebook=str(job.source),
        cell=cell,
        executed=failed,
    )


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


def _execute(notebook: Any, job: Job) -> tuple[Any, str | None]:
    import papermill

    os.environ.update(
        BAOCAO_ROOT=str(job.root), BAOCAO_NOTEBOOK=job.name, PYTHONHASHSEED="0", PYTHONIOENCODING="utf-8"
    )
    with tempfile.TemporaryDirectory(prefix="baocao-") as folder:
        written = Path(folder) / "executed.ipynb"
        message = None
        try:
            papermill.execute_notebook(
                notebook,
                written,
                parameters=dict(job.parameters),
                kernel_name=KERNEL,
                progress_bar=False,
                cwd=job.source.parent,
                record_timing=False,
                execution_timeout=CELL_TIMEOUT_S,
                config=_connect_by(Path(folder)),
                shutdown_kernel="immediate",  # asked to end, every third takes seconds; all it said is here
                # Nothing of the person's own IPython set-up may reach a number.
                extra_arguments=[f"--ipython-dir={folder}", "--HistoryManager.enabled=False"],
            )
        except papermill.PapermillExecutionError as error:
            message = f"{error.ename}: {error.evalue}"
        except Exception as error:  # noqa: BLE001 a dead kernel comes as one of many classes
            message = f"{type(error).__name__}: {error}"
        return (nbformat.read(written, as_version=4) if written.exists() else notebook), message


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
            return number, UNFINISHED
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


if __name__ == "__main__":
    _serve(sys.argv[1])
