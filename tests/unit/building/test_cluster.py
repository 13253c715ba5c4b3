"""A Dask cluster makes what this machine makes; what it loses is made again, and what differs is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from distributed import Client

import baocao
from baocao.building.cluster import Cluster, Made, check_versions, describe, pack_inputs
from baocao.building.running import Job, Outcome, run_notebooks
from baocao.project.errors import ToolError
from baocao.project.hashes import hash_bytes
from baocao.project.periods import Period

PERIOD = Period(2026, 1)
LIMIT_S = 120


class Machines:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--scheduler-file", str(self.file), "--port", "0")
        _wait_for(self.file.is_file)
        self.address = json.loads(self.file.read_text(encoding="utf-8"))["address"]
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self) -> subprocess.Popen[bytes]:
        name = f"worker-{len(self.workers)}"
        worker = self._start(
            "worker", self.address, "--no-nanny", "--nthreads", "1", "--name", name,
            "--local-directory", str(self.folder / name),
        )  # fmt: skip
        self.workers.append(worker)
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(1)
            _wait_for(lambda: name in {one["name"] for one in client.scheduler_info()["workers"].values()})
        return worker

    def _start(self, what: str, *argv: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", what, "--host", "127.0.0.1", "--no-dashboard", *argv],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    folder = tmp_path / "máy"
    folder.mkdir()
    machines = Machines(folder)
    yield machines
    machines.end()


@pytest.fixture
def sandbox(make_sandbox: Callable[[Path], Any], tmp_path: Path) -> Any:
    sandbox = make_sandbox(tmp_path / "project")
    (sandbox.root / "reports/_extensions").mkdir(parents=True)
    return sandbox


def write(root: Path, name: str, cell: str) -> Job:
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            nbformat.v4.new_code_cell("period = ''", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(cell),
        ],
    )
    for number, one in enumerate(notebook.cells):
        one.id = f"cell-{number}"
    source = root / "notebooks" / f"{name}.ipynb"
    source.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, source)
    return Job(name, source, root / "executed" / f"{name}.ipynb", {"period": "2026-Q1"}, root)


def run(cluster: Cluster, sandbox: Any, jobs: list[Job]) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    cluster.run(
        jobs,
        project=sandbox.project,
        period=PERIOD,
        on_start=lambda _: None,
        on_done=lambda outcome: outcomes.update({outcome.job.name: outcome}),
    )
    return outcomes


def test_the_same_bytes_and_failures_as_on_one_machine_and_a_lost_worker_costs_its_task_only(
    machines: Machines, sandbox: Any, tmp_path: Path
) -> None:
    held, release = tmp_path / "held", tmp_path / "release"
    stuck = (
        "import os, time\n"
        f"with open({str(held)!r}, 'a') as file: print(os.getpid(), file=file)\n"
        f"while not os.path.exists({str(release)!r}): time.sleep(0.05)\n"
        "print('xong', period)"
    )
    jobs = [
        write(sandbox.root, "well", "print(1, period)"),
        write(sandbox.root, "fails", "1 / 0"),
        write(sandbox.root, "stuck", stuck),
    ]
    first = machines.add_worker()

    def kill_in_the_middle() -> None:
        _wait_for(held.is_file)
        machines.add_worker()
        first.kill()
        _wait_for(lambda: len(held.read_text(encoding="utf-8").split()) > 1)
        release.touch()

    killer = threading.Thread(target=kill_in_the_middle)
    with Cluster(machines.address) as cluster:
        killer.start()
        outcomes = run(cluster, sandbox, jobs)
    killer.join()
    assert outcomes["well"].error is None
    assert outcomes["stuck"].error is None
    assert "ZeroDivisionError" in str(outcomes["fails"].error)
    assert outcomes["fails"].error is not None
    assert outcomes["fails"].error.cell == 2
    assert jobs[1].target.with_name("fails.failed.ipynb").is_file()
    far = {job.name: job.target.read_bytes() for job in jobs if job.name != "fails"}
    run_notebooks(jobs)
    assert {job.name: job.target.read_bytes() for job in jobs if job.name != "fails"} == far


def test_a_scheduler_that_goes_is_named(machines: Machines, sandbox: Any, tmp_path: Path) -> None:
    held = tmp_path / "held"
    job = write(
        sandbox.root, "stuck", f"import time; open({str(held)!r}, 'w').close()\nwhile True: time.sleep(1)"
    )
    machines.add_worker()
    with Cluster(machines.address) as cluster:
        killer = threading.Thread(target=lambda: (_wait_for(held.is_file), machines.scheduler.kill()))
        killer.start()
        with pytest.raises(ToolError, match=f"{machines.address} is gone"):
            run(cluster, sandbox, [job])
        killer.join()


def test_no_scheduler_and_no_workers_are_said(machines: Machines) -> None:
    with pytest.raises(ToolError, match="has no workers"):
        Cluster(machines.address)
    machines.end()
    with pytest.raises(ToolError, match="cannot be used"):
        Cluster(machines.address)


def test_another_version_is_refused_and_both_are_named() -> None:
    here = describe()
    assert {"baocao", "python", "papermill", "pandas"} <= here.keys()
    check_versions("tcp://a:1", here, here)
    there = here | {"pandas": "1.5.3"}
    with pytest.raises(ToolError) as caught:
        check_versions("tcp://a:1", there, here)
    message = str(caught.value)
    assert "tcp://a:1" in message
    assert "1.5.3" in message
    assert here["pandas"] in message


def test_a_worker_of_another_version_is_refused(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.add_worker()
    describe.cache_clear()
    monkeypatch.setattr(baocao, "__version__", "9.9")
    with pytest.raises(ToolError, match=r"is refused: baocao \d.*9\.9 \("):
        Cluster(machines.address)
    describe.cache_clear()


def test_inputs_are_the_same_bytes_for_the_same_files(sandbox: Any) -> None:
    first = pack_inputs(sandbox.project, PERIOD)
    os.utime(sandbox.root / "params" / "place.yaml", (1, 1))
    assert pack_inputs(sandbox.project, PERIOD) == first
    (sandbox.root / "params" / "units.csv").write_text("code,name,type,level\n", encoding="utf-8")
    assert pack_inputs(sandbox.project, PERIOD) != first


def test_what_comes_back_damaged_is_not_kept(machines: Machines, sandbox: Any) -> None:
    class Future:
        def result(self) -> Made:
            return Made(b"other", hash_bytes(b"one"))

    machines.add_worker()
    with Cluster(machines.address) as cluster, pytest.raises(ToolError, match="damaged"):
        cluster._fetch(Future())
