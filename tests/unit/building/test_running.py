"""Notebooks are executed strictly, by a kernel that nothing outside the project reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from baocao.building import running
from baocao.building.running import Job, Runner, run_notebook, run_notebooks
from baocao.project.errors import NotebookError


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


def printed(job: Job) -> str:
    cells = nbformat.read(job.target, as_version=4).cells
    return "".join(output.text for cell in cells for output in cell.get("outputs", []))


def test_a_kernel_uses_files_of_its_own_and_nobodys_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "ipython" / "profile_default" / "startup"
    own.mkdir(parents=True)
    (own / "00-mine.py").write_text("period = 'of the person who runs it'\nmine = 1\n", encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    job = write(
        tmp_path,
        "a",
        "import json, ipykernel",
        "print(json.load(open(ipykernel.get_connection_file()))['transport'], 'mine' in globals(), period)",
    )
    run_notebook(job)
    assert printed(job) == "ipc False 2026-Q1\n"


def test_a_kernel_that_dies_fails_its_notebook_only_and_says_so(tmp_path: Path) -> None:
    dead = write(tmp_path, "dead", "import os; os._exit(3)", "1 + 1")
    well = write(tmp_path, "well", "print('done')")
    outcomes = {outcome.job.name: outcome for outcome in run_notebooks([dead, well], workers=1)}
    assert outcomes["well"].error is None
    assert printed(well) == "done\n"
    assert "DeadKernelError" in str(outcomes["dead"].error)
    assert "did not finish" in str(outcomes["dead"].error)
    assert not dead.target.exists()
    assert dead.target.with_name("dead.failed.ipynb").is_file()


def test_a_kernel_that_dies_before_the_first_cell_gets_one_more_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = write(tmp_path, "a", "print('done')")
    tries: list[int] = []
    execute = Runner._execute

    def fail_first(runner: Runner, notebook: Any, job: Job) -> tuple[Any, str | None]:
        tries.append(1)
        return (notebook, "RuntimeError: Kernel died") if len(tries) == 1 else execute(runner, notebook, job)

    monkeypatch.setattr(Runner, "_execute", fail_first)
    run_notebook(job)
    assert len(tries) == 2
    assert printed(job) == "done\n"
    tries.clear()
    monkeypatch.setattr(
        Runner, "_execute", lambda _, notebook, __: (tries.append(1), (notebook, "RuntimeError: died"))[1]
    )
    with pytest.raises(NotebookError, match=r"did not finish.*RuntimeError: died"):
        run_notebook(job)
    assert len(tries) == 2


def test_a_failed_cell_is_named_and_not_tried_again(tmp_path: Path) -> None:
    job = write(tmp_path, "a", f"open({str(tmp_path / 'ran')!r}, 'a').write('x')", "1 / 0", "2")
    with pytest.raises(NotebookError, match=r"cell 4: ZeroDivisionError") as caught:
        run_notebook(job)
    assert caught.value.cell == 3
    assert (tmp_path / "ran").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "expected the parameters"),
        ({"period": "2026-Q1", "place": "x"}, "expected the parameters period, place, got period"),
    ],
)
def test_unknown_and_missing_parameters_are_refused(
    tmp_path: Path, parameters: dict[str, str], expected: str
) -> None:
    job = write(tmp_path, "a", "print(period)")
    with pytest.raises(NotebookError, match=expected):
        run_notebook(Job(job.name, job.source, job.target, parameters, job.root))
    assert not job.target.exists()


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tạm"
    scratch.mkdir()
    monkeypatch.setattr(running.tempfile, "tempdir", str(scratch))
    jobs = [
        write(
            tmp_path, "dead", "import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"
        ),
        write(tmp_path, "well", "import tempfile; tempfile.mkdtemp(); print(tempfile.gettempdir())"),
    ]
    outcomes = run_notebooks(jobs, workers=1)
    assert [outcome.error is None for outcome in outcomes] == [False, True]
    assert printed(jobs[1]).startswith(str(scratch)), "kernels write where they are told to"
    assert list(scratch.iterdir()) == []
