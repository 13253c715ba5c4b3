"""Change the parameters of a period as a person would: every other line and comment stays."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from baocao.project.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def edit_params(path: Path, change: Callable[[Any], object]) -> None:
    """
    Change a file of parameters.

    Parameters
    ----------
    change
        Is given what the file holds, and changes it in place.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10**6
    data = yaml.load(path.read_text(encoding="utf-8"))
    change(data)
    written = io.StringIO()
    yaml.dump(data, written)
    write_atomically(path, written.getvalue())
