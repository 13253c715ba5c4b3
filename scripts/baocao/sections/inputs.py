"""What all notebooks of a build read, read once in the process that their kernels are forked from."""

from __future__ import annotations

import os
from collections.abc import Mapping

from baocao.project.folder import find_project
from baocao.project.kept import keep_params
from baocao.project.periods import parse_period
from baocao.reading.tables.cache import keep_tables


def keep_inputs(env: Mapping[str, str], root: str, period: str) -> None:
    """
    Keep parameters and tables; a kernel uses them as long as the files and the build are the same.

    Parameters
    ----------
    env
        What the environment of all the kernels says of the build: sentences are put into its language.
    """
    os.environ.update(env)
    project = find_project(root)
    keep_params(project.root / "params", parse_period(period))
    # Anew: the folder whose parameters are kept gives them to whoever asks from now on.
    keep_tables(find_project(root), parse_period(period))
