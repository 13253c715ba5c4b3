"""Outside programs run under limits."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import pytest

from baocao.project.errors import ToolError
from baocao.project.processes import run


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_program_that_fills_memory_is_stopped_and_the_reason_told(tmp_path):
    with pytest.raises(ToolError, match=r"more than 0\.25 GB of memory"):
        run([sys.executable, "-c", "b'x' * (1 << 30)"], cwd=tmp_path, memory_limit=1 << 28)


def test_a_program_that_never_ends_is_stopped(tmp_path):
    begin = time.monotonic()
    with pytest.raises(ToolError, match="did not end within"):
        run([sys.executable, "-c", "import time; time.sleep(60)"], cwd=tmp_path, time_limit=0.5)
    assert time.monotonic() - begin < 20


def test_a_process_that_is_asked_to_end_takes_no_further_task():
    code = """
import sys
from baocao.project.processes import _do
try:
    _do(lambda key: sys.exit(143), "2026-Q1")
finally:
    print("goes on")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
