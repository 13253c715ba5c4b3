"""What is out of date, and why."""

from __future__ import annotations

import json
import subprocess
import sys

from baocao.building.freshness import NOTEBOOK_CODE, State


def test_the_code_that_notebooks_use_is_what_sections_import():
    asked = "import sys, baocao.sections.section; print(*{m.split('.')[1] for m in sys.modules if m.startswith('baocao.')})"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert set(NOTEBOOK_CODE) == set(done.stdout.split()) | {"__init__"}


def test_a_damaged_state_is_an_empty_one(tmp_path):
    path = tmp_path / "state.json"
    for text in ("", "{", "[]", json.dumps({"sections": 3})):
        path.write_text(text, encoding="utf-8")
        assert State(path).sections == {}


def test_a_state_is_read_as_it_was_written(tmp_path):
    state = State(tmp_path / "state.json")
    state.sections["kstthc/07-ho-so"] = {"source": "ab"}
    state.save()
    assert State(tmp_path / "state.json").sections == state.sections
