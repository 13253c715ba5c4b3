"""
Sections and documents on the workers of an existing Dask cluster.

Each task is one section or one document. What it needs lies on every worker once,
under the hash of its content; what it makes comes back as bytes with their hash, and
is written here. A worker that is lost costs the task it was at, which another does.
Workers whose code, Python or packages are not those of this machine are refused.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import distributed
from distributed import Client, KilledWorker, WorkerPlugin, as_completed, get_worker

import baocao
from baocao.building.running import Job, Outcome, Runner
from baocao.documents.engines.base import Format
from baocao.documents.engines.choosing import choose_engine
from baocao.documents.rendering import render_report
from baocao.project.errors import NotebookError, ToolError
from baocao.project.files import write_atomically
from baocao.project.folder import Project
from baocao.project.hashes import hash_bytes, hash_code
from baocao.project.language import _
from baocao.project.periods import Period

CONNECT_S = 10
_GONE = (OSError, CancelledError, TimeoutError, distributed.client.FutureCancelledError)


@dataclass(frozen=True)
class Made:
    """
    What a task made.

    Parameters
    ----------
    content, sha256
        Its bytes and their hash.
    failure, cell
        What stopped a notebook, and where; empty where it finished.
    """

    content: bytes
    sha256: str
    failure: str = ""
    cell: int | None = None


class Cluster:
    """
    The workers behind a scheduler; use it in a ``with`` block.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ToolError
        The scheduler does not answer, has no workers, or a worker has another
        version of something.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            self._client = Client(address, timeout=CONNECT_S, set_as_default=False, name="baocao")
            described = self._client.run(describe)
        except (OSError, TimeoutError, ModuleNotFoundError) as error:
            raise ToolError(
                _("the scheduler at {address} cannot be used: {error}", address=address, error=error)
            ) from None
        if not described:
            raise ToolError(_("the scheduler at {address} has no workers.", address=address))
        for worker, versions in described.items():
            check_versions(worker, versions, describe())
        self._inputs: dict[tuple[Path, str], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for key in self._inputs.values():
            with _suppress_gone():
                self._client.unregister_worker_plugin(_name_inputs(key))
        self._client.close(timeout=CONNECT_S)

    def run(
        self,
        jobs: Iterable[Job],
        *,
        project: Project,
        period: Period,
        on_start: Callable[[Job], None],
        on_done: Callable[[Outcome], None],
    ) -> None:
        """
        Execute notebooks, as :meth:`baocao.building.running.Runner.run` does on this machine.

        Raises
        ------
        ToolError
            The scheduler is gone, or a worker has another version of something.
        """
        key = self._send_inputs(project, period)
        waiting: dict[str, Job] = {}
        began = time.monotonic()
        futures = []
        for job in jobs:
            future = self._submit(
                _execute, key, job.name, job.source.read_bytes(), dict(job.parameters), job.tables
            )
            waiting[future.key] = job
            futures.append(future)
            on_start(job)
        for future in as_completed(futures, loop=self._client.loop):
            job = waiting[future.key]
            try:
                made = self._fetch(future)
            except KilledWorker as error:
                message = _("{name}: every worker that ran it died: {error}", name=job.name, error=error)
                on_done(Outcome(job, NotebookError(message, notebook=str(job.source)), 0.0))
                continue
            on_done(Outcome(job, _keep(job, made), time.monotonic() - began))

    def render(
        self,
        source: Path,
        names: Iterable[str],
        *,
        project: Project,
        period: Period,
        engine: str,
        formats: Sequence[Format],
        epoch: int,
    ) -> None:
        """
        Render a source into documents beside it, each by a task of its own.

        Parameters
        ----------
        names
            The source, its pictures and its trace, relative to its folder.

        Raises
        ------
        RenderError, ToolError
            As :func:`baocao.documents.rendering.render_report` has it; or the
            scheduler is gone.
        """
        key = self._send_inputs(project, period)
        files = {name: (source.parent / name).read_bytes() for name in names}
        futures = {
            kind: self._submit(_render, key, source.name, files, engine, kind, epoch) for kind in formats
        }
        made = {kind: self._fetch(future) for kind, future in futures.items()}
        for kind, document in made.items():
            write_atomically(source.with_suffix(f".{kind}"), document.content)

    def _submit(self, task: Callable[..., Made], *arguments: Any) -> Any:
        name = f"{task.__name__.strip('_')}-{uuid4().hex}"
        try:
            return self._client.submit(task, describe(), *arguments, key=name, pure=False)
        except _GONE as error:
            raise self._gone(error) from None

    def _fetch(self, future: Any) -> Made:
        try:
            made: Made = future.result()
        except _GONE as error:
            raise self._gone(error) from None
        if hash_bytes(made.content) != made.sha256:
            raise ToolError(_("what came back from {address} is damaged.", address=self.address))
        return made

    def _gone(self, error: BaseException) -> ToolError:
        return ToolError(
            _("the scheduler at {address} is gone: {error}", address=self.address, error=error or "?")
        )

    def _send_inputs(self, project: Project, period: Period) -> str:
        known = self._inputs.get((project.root, str(period)))
        if known is None:
            packed = pack_inputs(project, period)
            known = self._inputs[project.root, str(period)] = hash_bytes(packed)
            try:
                self._client.register_plugin(Inputs(known, packed), name=_name_inputs(known))
            except _GONE as error:
                raise self._gone(error) from None
        return known


def check_versions(worker: str, there: Mapping[str, str], here: Mapping[str, str]) -> None:
    """
    Refuse a worker that is not of the same make.

    Raises
    ------
    ToolError
        Each thing that differs is named with both versions.
    """
    differing = [
        _(
            "{name} {there} there, {here} here",
            name=name,
            there=there.get(name, "-"),
            here=here.get(name, "-"),
        )
        for name in sorted({*there, *here})
        if there.get(name) != here.get(name)
    ]
    if differing:
        raise ToolError(
            _("worker {worker} is refused: {differing}", worker=worker, differing="; ".join(differing))
        )


@cache
def describe() -> dict[str, str]:
    """Return the versions of what decides the bytes of a result, by name."""
    versions = {
        "baocao": f"{baocao.__version__} ({hash_code()[:12]})",
        "python": ".".join(map(str, sys.version_info[:3])),
        "system": sys.platform,
    }
    for requirement in requires("baocao") or ():
        if "extra ==" not in requirement:
            name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
            try:
                versions[name] = version(name)
            except PackageNotFoundError:
                versions[name] = "-"
    return versions


def pack_inputs(project: Project, period: Period) -> bytes:
    """Return what the sections and documents of a period are made of, the same bytes for the same files."""
    folders = (project.params.folder, project.processed(period), project.reports / "_extensions")
    narrative = project.raw(period) / project.house.folders.narrative
    files = [path for folder in (*folders, narrative) for path in folder.rglob("*") if path.is_file()]
    files += [project.reports / "_quarto.yml", project.root / "requirements.lock"]
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts):
            archive.writestr(zipfile.ZipInfo(path.relative_to(project.root).as_posix()), path.read_bytes())
    return sink.getvalue()


class Inputs(WorkerPlugin):  # type: ignore[misc]
    """
    Puts inputs on every worker, and on those that come later.

    Parameters
    ----------
    key, packed
        Their hash, and what :func:`pack_inputs` made.
    """

    def __init__(self, key: str, packed: bytes) -> None:
        self.key = key
        self.packed = packed

    def setup(self, worker: Any) -> None:
        """Unpack the inputs."""
        folder = Path(worker.local_directory) / _name_inputs(self.key)
        with zipfile.ZipFile(io.BytesIO(self.packed)) as archive:
            archive.extractall(folder)

    def teardown(self, worker: Any) -> None:
        """Remove them again."""
        shutil.rmtree(Path(worker.local_directory) / _name_inputs(self.key), ignore_errors=True)


def _name_inputs(key: str) -> str:
    return f"baocao-{key[:24]}"


def _suppress_gone() -> Any:
    from contextlib import suppress

    return suppress(*_GONE, ValueError)


def _keep(job: Job, made: Made) -> NotebookError | None:
    failed = job.target.with_name(f"{job.target.stem}.failed.ipynb")
    if not made.failure:
        write_atomically(job.target, made.content)
        failed.unlink(missing_ok=True)
        return None
    if made.content:
        write_atomically(failed, made.content)
    return NotebookError(
        made.failure, notebook=str(job.source), cell=made.cell, executed=failed if made.content else None
    )


# -- on a worker -----------------------------------------------------------------


@cache
def _find_runner() -> Runner:
    """Return the runner of this worker; its kernels end with it."""
    return Runner().__enter__()


def _find_inputs(expected: Mapping[str, str], key: str) -> Project:
    worker = get_worker()
    check_versions(worker.address, describe(), expected)
    return Project(Path(worker.local_directory) / _name_inputs(key))


def _execute(
    expected: Mapping[str, str],
    key: str,
    name: str,
    source: bytes,
    parameters: Mapping[str, str],
    tables: str,
) -> Made:
    project = _find_inputs(expected, key)
    notebook = project.notebooks / f"{name}.ipynb"
    target = project.root / "executed" / f"{name}.ipynb"
    write_atomically(notebook, source)
    try:
        _find_runner().execute(Job(name, notebook, target, parameters, project.root, tables))
    except NotebookError as error:
        content = error.executed.read_bytes() if error.executed else b""
        return Made(content, hash_bytes(content), str(error), error.cell)
    content = target.read_bytes()
    return Made(content, hash_bytes(content))


def _render(
    expected: Mapping[str, str],
    key: str,
    name: str,
    files: Mapping[str, bytes],
    engine: str,
    kind: Format,
    epoch: int,
) -> Made:
    project = _find_inputs(expected, key)
    folder = project.root / f"render-{uuid4().hex}"
    try:
        for file, content in files.items():
            write_atomically(folder / file, content)
        chosen = choose_engine(engine)  # type: ignore[arg-type]
        documents = render_report(
            folder / name, folder, reports_dir=project.reports, engine=chosen, formats=(kind,), epoch=epoch
        )
        made = documents[kind].read_bytes()
        return Made(made, hash_bytes(made))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
