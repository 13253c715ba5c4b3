"""A warm kernel is a fresh one in everything but the time it takes to come up."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from baocao.building import kernels
from baocao.building.running import Job, Runner, run_notebooks
from baocao.building.workers import CAN_FORK, ForkedKernel, KernelServer
from baocao.project.errors import ToolError

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="kernels are forked on Linux only")

# By what is left behind: the statement that leaves it, and an expression that shows it.
LEAKS = {
    "env var": ("import os; os.environ['LEFT'] = '1'", "__import__('os').environ.get('LEFT')"),
    "cwd": ("import os; os.chdir('/')", "__import__('os').getcwd()"),
    "pandas option": (
        "import pandas as pd; pd.set_option('display.precision', 2)",
        "__import__('pandas').get_option('display.precision')",
    ),
    "rcParams": (
        "import matplotlib; matplotlib.rcParams['font.size'] = 33",
        "__import__('matplotlib').rcParams['font.size']",
    ),
    "patched math": ("import math; math.pi = 3", "__import__('math').pi"),
    "sys.path": ("import sys; sys.path.insert(0, '/left')", "'/left' in __import__('sys').path"),
    "decimal precision": (
        "import decimal; decimal.getcontext().prec = 3",
        "__import__('decimal').getcontext().prec",
    ),
    "monkeypatch": (
        "import pandas as pd; pd.DataFrame.sum = lambda *_: 0",
        "int(__import__('pandas').DataFrame({'a': [1]}).sum().a)",
    ),
    "threads": (
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True, name='left').start()",
        "[t.name for t in __import__('threading').enumerate() if t.name == 'left']",
    ),
    "builtins": ("import builtins; builtins.sum = len", "sum([5])"),
    "project": ("import baocao.values.value as v; v.left = 1", "hasattr(__import__('baocao.values.value'), 'left')"),
    "signal": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "__import__('signal').getsignal(15).name",
    ),
    "variable": ("left = 1", "'left' in globals()"),
    "umask": ("import os; os.umask(0)", "__import__('os').umask(0o22) == 0"),
}  # fmt: skip


def write(folder: Path, name: str, *cells: str) -> Job:
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        cells=[
            nbformat.v4.new_code_cell("period = ''", metadata={"tags": ["parameters"]}),
            *(nbformat.v4.new_code_cell(cell) for cell in cells),
        ],
    )
    source = folder / f"{name}.ipynb"
    nbformat.write(notebook, source)
    return Job(name, source, folder / "executed" / f"{name}.ipynb", {"period": "2026-Q1"}, folder)


def printed(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "".join(
        output.text for cell in cells for output in cell.get("outputs", []) if output.output_type == "stream"
    )


def show(*expressions: str) -> str:
    return f"import json; print(json.dumps([{', '.join(expressions)}]))"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is seen in a fresh kernel, and in a warm one after another has left behind all it can."""
    folder = tmp_path_factory.mktemp("leaks")
    dirty = write(
        folder, "dirty", *(statement for statement, _ in LEAKS.values()), "import os; print(os.getppid())"
    )
    clean = write(
        folder,
        "clean",
        show(*(expression for _, expression in LEAKS.values())),
        "import os; print(os.getppid())",
    )
    assert [outcome.error for outcome in run_notebooks([dirty, clean], workers=1)] == [None, None]
    warm = printed(clean.target).splitlines()
    assert warm[-1] == printed(dirty.target).strip(), "both were forked from one server"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "CAN_FORK", False)
        assert [outcome.error for outcome in run_notebooks([clean])] == [None]
    fresh = printed(clean.target).splitlines()
    assert fresh[-1] != warm[-1], "a kernel of its own is a child of this process"
    return {
        name: (before, after)
        for name, before, after in zip(LEAKS, json.loads(fresh[0]), json.loads(warm[0]), strict=True)
    }


@pytest.mark.parametrize("name", LEAKS)
def test_nothing_passes_from_one_notebook_to_the_next(seen: dict[str, Any], name: str) -> None:
    fresh, warm = seen[name]
    assert warm == fresh


def test_counting_starts_anew_and_chance_is_drawn_anew(tmp_path: Path) -> None:
    drawn = "import random, numpy, uuid; print(random.random(), numpy.random.rand(), uuid.uuid4())"
    jobs = [write(tmp_path, name, drawn) for name in "ab"]
    run_notebooks(jobs, workers=1)
    first, second = (printed(job.target).split() for job in jobs)
    assert all(one != other for one, other in zip(first, second, strict=True))
    counts = [cell.execution_count for cell in nbformat.read(jobs[1].target, as_version=4).cells]
    assert counts == [1, 2, 3]


def test_a_seed_gives_the_same_numbers_in_every_kernel(tmp_path: Path) -> None:
    drawn = "import random, numpy; random.seed(7); numpy.random.seed(7); print(random.random(), numpy.random.rand())"
    jobs = [write(tmp_path, name, drawn) for name in "ab"]
    run_notebooks(jobs, workers=2)
    assert printed(jobs[0].target) == printed(jobs[1].target)


def test_outputs_are_those_of_a_fresh_kernel_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = write(
        tmp_path,
        "a",
        "from baocao.project.cells import join_address; join_address(11, 3)",
        "import matplotlib.pyplot as plt; plt.plot([1, 3, 2]); plt.title('Biểu đồ'); plt.show()",
        "import pandas as pd; pd.DataFrame({'a': [1, 2]})",
        "import sys, os; print('ra'); print('lỗi', file=sys.stderr); os.system('echo con'); print(__name__, sys.flags)",
        "{text: hash(text) for text in ('a', 'ă')}, period, list(sys.path[:1]), sys.argv[1:2]",
    )
    run_notebooks([job])
    warm = job.target.read_bytes()
    assert b"image/png" in warm
    monkeypatch.setattr(kernels, "CAN_FORK", False)
    run_notebooks([job])
    assert job.target.read_bytes() == warm


def test_plain_papermill_finds_the_kernel_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(kernels.__file__).parents[2] / "kernel.json"
    folder = tmp_path / "jupyter" / "kernels" / "baocao"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_bytes(source.read_bytes())
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    kernels.use_warm_kernels()  # as the entry point of an installed package does
    kernels.KernelProvisionerFactory.instance().default_provisioner_name = "local-provisioner"
    job = write(tmp_path, "a", "import os; print(os.getppid(), period)")
    papermill.execute_notebook(
        job.source, tmp_path / "b.ipynb", dict(job.parameters), kernel_name="baocao", progress_bar=False
    )
    parent, period = printed(tmp_path / "b.ipynb").split()
    assert (int(parent) != os.getpid(), period) == (True, "2026-Q1")
    kernels.close_servers()


@pytest.fixture
def closing() -> Iterator[None]:
    yield
    kernels.close_servers()


def fork(server: KernelServer, folder: Path, env: dict[str, str]) -> ForkedKernel:
    null = os.open(os.devnull, os.O_RDWR)
    try:
        return server.fork(["-f", str(folder / "k.json")], cwd=str(folder), env=env, files=[null] * 3)
    finally:
        os.close(null)


@pytest.mark.usefixtures("closing")
def test_a_server_is_kept_until_packages_environment_or_project_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = {"PATH": os.environ["PATH"], "JPY_PARENT_PID": "1"}
    find = lambda **more: kernels.find_server([sys.executable], env | more, ["json"])  # noqa: E731
    monkeypatch.setattr(kernels, "PROJECT", ("string",))
    server = find()
    assert find(JPY_PARENT_PID="2", BAOCAO_TABLES="x") is server
    assert find(TZ="UTC") is not server
    server = find()
    monkeypatch.setattr(kernels, "_stamp_project", lambda: frozenset({("baocao/values/value.py", 1, 2)}))
    assert find() is not server
    server = find()
    monkeypatch.setattr(kernels, "_list_versions", lambda _: frozenset({"numpy-1.dist-info"}))
    assert find() is not server


@pytest.mark.usefixtures("closing")
def test_what_a_build_has_read_is_kept_for_that_build_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"PATH": os.environ["PATH"], "BAOCAO_ROOT": "/", "BAOCAO_PERIOD": "2026-Q1", "BAOCAO_LANG": "vi"}
    find = lambda tables: kernels.find_server([sys.executable], env | {"BAOCAO_TABLES": tables}, ["json"])  # noqa: E731
    monkeypatch.setattr(kernels, "PROJECT", ("string",))
    without, server = find(""), find("x")
    assert server is not without
    assert find("x") is server
    assert find("y") is not server
    assert find("") is without


@pytest.mark.usefixtures("closing")
def test_code_that_was_edited_is_loaded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "của_tôi.py"
    monkeypatch.setattr(kernels, "PROJECT", (module.stem,))
    monkeypatch.setattr(kernels, "_stamp_project", module.read_text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    job = write(
        tmp_path, "a", f"import sys; print('{module.stem}' in sys.modules); import của_tôi; print(của_tôi.x)"
    )
    module.write_text("x = 1", encoding="utf-8")
    with Runner() as runner:
        for x in ("1", "2"):
            module.write_text(f"x = {x}", encoding="utf-8")
            runner.execute(job)
            assert printed(job.target).split() == ["True", x]


@pytest.mark.usefixtures("closing")
def test_a_kernel_outlives_the_server_that_is_no_longer_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = dict(os.environ)
    monkeypatch.setattr(kernels, "PROJECT", ())
    kernel = fork(kernels.find_server([sys.executable], env, []), tmp_path, env)
    kernels.find_server([sys.executable], env | {"TZ": "UTC"}, [])
    assert kernel.poll() is None
    kernel.kill()
    assert kernel.wait() == -signal.SIGKILL


def test_a_dead_server_is_said_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = dict(os.environ)
    monkeypatch.setattr(kernels, "PROJECT", ())
    server = kernels.find_server([sys.executable], env, [])
    kernel = fork(server, tmp_path, env)
    ended = os.pidfd_open(kernel.pid)
    os.kill(parent_of(kernel.pid), signal.SIGKILL)
    assert select.select([ended], [], [], 60)[0], "kernels do not outlive their server"
    os.close(ended)
    assert kernel.poll() == -signal.SIGKILL
    with pytest.raises(ToolError, match="has ended"):
        fork(server, tmp_path, env)
    assert kernels.find_server([sys.executable], env, []) is not server
    kernels.close_servers()


def test_a_kernel_that_cannot_be_started_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = dict(os.environ)
    monkeypatch.setattr(kernels, "PROJECT", ())
    server = kernels.find_server([sys.executable], env, [])
    with pytest.raises(ToolError, match="không có"):
        fork(server, tmp_path / "không có", env)
    assert server.alive
    kernels.close_servers()
    assert not server.alive


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Where a notebook can say something to its test."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        yield listening


# Whatever runs the tests may have told its children to ignore an interrupt.
HOLDER = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from baocao.building.running import Job, run_notebook
run_notebook(Job("a", Path(sys.argv[1]), Path(sys.argv[1] + ".out"), {"period": "2026-Q1"}, Path(".")))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_a_build_that_was_killed(
    tmp_path: Path, door: socket.socket, number: signal.Signals
) -> None:
    job = write(
        tmp_path,
        "a",
        "import os, socket, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"test = socket.create_connection({door.getsockname()!r})\n"
        "test.sendall(f'{os.getpid()} {os.getppid()} {child.pid}'.encode())\n"
        "test.close()",
        "time.sleep(600)",
    )
    build = subprocess.Popen([sys.executable, "-c", HOLDER, str(job.source)], stderr=subprocess.PIPE)
    with door.accept()[0] as caller:
        kernel, server, child = map(int, caller.recv(100).split())
    watched = [os.pidfd_open(pid) for pid in (kernel, server, child)]
    build.send_signal(number)
    build.communicate()
    for file in watched:
        assert select.select([file], [], [], 60)[0], "it is still there"
        os.close(file)
