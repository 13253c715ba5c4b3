"""A section written from ``notebooks/README.md`` alone, on a small project, exactly as the page says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from baocao.sections.notebooks import read_parts
from baocao.sections.parts import Prose, Table, paragraphs, plain

PAGE = (Path(__file__).resolve().parents[3] / "notebooks" / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REPORTS = """
kstthc:
  title: "Báo cáo {quy}"
  recipient: [Bộ]
  copies: [Như trên]
  signature: [CHỦ TỊCH]
  sections:
    - {key: I, heading: "I. HỒ SƠ", notebook: 01-ho-so}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory, make_sandbox):
    """The project after the steps of the page, and the notebook it tells to make."""
    sandbox = make_sandbox(tmp_path_factory.mktemp("page") / "project")
    sandbox.fill()
    (sandbox.root / "params" / "reports.yaml").write_text(REPORTS, encoding="utf-8")
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    for language, target, text in BLOCK.findall(PAGE):
        if language == "yaml":
            with (sandbox.root / target).open("a", encoding="utf-8") as file:
                file.write(text)
        elif language == "python":
            metadata = {"tags": [target]} if target else {}
            notebook.cells.append(nbformat.v4.new_code_cell(text.rstrip("\n"), metadata=metadata))
    path = sandbox.root / re.search(r"`(notebooks/\S+\.ipynb)`", PAGE)[1]
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return sandbox.root


def run(root, tmp_path, *changes):
    """Run the page's own command in the project's folder."""
    [command] = [text for language, _, text in BLOCK.findall(PAGE) if language == "bash"]
    for old, new in changes:
        command = command.replace(old, new)
    words = shlex.split(command)
    program = shutil.which(words[0], path=str(Path(sys.executable).parent))
    return subprocess.run(
        [program, *words[1:]],
        cwd=root,
        env={"PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path), "BAOCAO_ROOT": str(root)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_section_of_the_page_runs(written, tmp_path):
    done = run(written, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    prose, table = (one.part.content for one in read_parts(written / "ket-qua.ipynb"))
    assert isinstance(prose, Prose)
    assert isinstance(table, Table)
    assert [plain(block.runs) for block in paragraphs(prose.blocks)] == [
        "Trong quý I năm 2026, thành phố Hải Phòng đã giải quyết 3.621 hồ sơ, trong đó 33 hồ sơ quá hạn, chiếm 0,91%."
    ]
    assert [[plain(cell) for cell in row] for row in table.rows] == [
        ["1", "Sở, ban, ngành", "2.414", "22", "0,91%"],
        ["2", "Cấp xã", "1.207", "11", "0,91%"],
        ["", "Tổng số", "3.621", "33", "0,91%"],
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [(("-p period", "-p perid"), "period"), (("2026-Q1", "2026Q1"), "2026-Q1")],
)
def test_a_mistyped_parameter_is_refused(written, tmp_path, change, said):
    done = run(written, tmp_path, change)
    assert done.returncode != 0
    assert "UsageError" in done.stderr
    assert said in done.stderr


def test_everything_the_page_names_is_there():
    from baocao import Section
    from baocao.values.groups import Groups
    from baocao.values.views import View

    for name in re.findall(r"section\.(\w+)\(", PAGE):
        assert hasattr(Section, name), name
    for name in re.findall(r"(?:hoso|`|\))\.(\w+)\(", PAGE):
        assert hasattr(View, name) or hasattr(Groups, name), name
