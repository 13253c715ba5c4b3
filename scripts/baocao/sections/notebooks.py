"""Notebook files: read, written whole or not at all, and what the cells of an executed one carry out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat

from baocao.project.errors import NotebookError
from baocao.project.language import _
from baocao.sections.outputs import MIME


def read_notebook(path: Path) -> Any:
    """
    Read a notebook.

    Raises
    ------
    NotebookError
        The file is missing or is no notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise NotebookError(
            _("{path} is missing; params/reports.yaml names it.", path=path), notebook=str(path)
        ) from None
    except Exception as error:  # noqa: BLE001 nbformat lets many classes through
        raise NotebookError(
            _("{path} is no notebook: {error}", path=path, error=error), notebook=str(path)
        ) from None


def write_notebook(notebook: Any, path: Path) -> None:
    """Write a notebook, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    nbformat.write(notebook, temporary)
    temporary.replace(path)


def read_parts(path: Path) -> list[dict[str, Any]]:
    """
    Read what a notebook wrote, in order.

    Raises
    ------
    NotebookError
        The file is missing, is no notebook, or wrote nothing.
    """
    parts = []
    for number, cell in enumerate(read_notebook(path).cells):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME in data:
                part = {**data[MIME], "cell": number}
                for kind in ("image/png", "image/svg+xml"):
                    if kind in data:
                        part[kind] = data[kind]
                parts.append(part)
    if not parts:
        raise NotebookError(
            _("{path}: the notebook wrote nothing; call section.prose(...).", path=path), notebook=str(path)
        )
    return parts
