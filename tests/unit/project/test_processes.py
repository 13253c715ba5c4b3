"""Outside programs run under limits."""

from __future__ import annotations

import resource
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
