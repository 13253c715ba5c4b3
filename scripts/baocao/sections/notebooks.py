"""Notebook files: read, written whole or not at all, and what the cells of an executed one carry out."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4.rwbase import split_lines, strip_transient

from baocao.project.errors import NotebookError
from baocao.project.files import dump_json, write_atomically
from baocao.project.language import _
from baocao.sections.parts import MIME, Part


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
    """Write a notebook as :func:`nbformat.write` does, whole or not at all; its texts become lists of lines."""
    nbformat.validate(notebook)
    write_atomically(path, dump_json(strip_transient(split_lines(notebook))))


def read_reads(path: Path) -> dict[str, str]:
    """Return what a notebook that was just written has read, with the fingerprints of then."""
    reads: dict[str, str] = {}
    for cell in json.loads(path.read_bytes())["cells"]:
        for output in cell.get("outputs", ()):
            reads.update(output.get("data", {}).get(MIME, {}).get("reads", {}))
    return reads


@dataclass(frozen=True)
class CellPart:
    """
    What one cell of an executed notebook carries out.

    Parameters
    ----------
    cell
        Its number, from 1.
    png, svg
        A chart's pictures; empty for other parts.
    """

    cell: int
    part: Part
    png: bytes = b""
    svg: str = ""


def read_parts(path: Path) -> list[CellPart]:
    """
    Read what a notebook wrote, in order.

    Raises
    ------
    NotebookError
        The file is missing, is no notebook, wrote nothing, or what it wrote
        cannot be read.
    """
    parts = []
    for number, cell in enumerate(read_notebook(path).cells, 1):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if MIME not in data:
                continue
            try:
                part = Part.model_validate_json(json.dumps(data[MIME]))
                png = base64.b64decode(data.get("image/png", ""), validate=False)
            except ValueError as error:
                raise NotebookError(
                    _(
                        "{path}, cell {cell}: the output is not what baocao wrote ({error}); run the notebook again.",
                        path=path,
                        cell=number,
                        error=str(error).splitlines()[0],
                    ),
                    notebook=str(path),
                    cell=number,
                ) from None
            svg = data.get("image/svg+xml", "")
            parts.append(CellPart(number, part, png, svg if isinstance(svg, str) else "".join(svg)))
    if not parts:
        raise NotebookError(
            _("{path}: the notebook wrote nothing; call section.prose(...).", path=path), notebook=str(path)
        )
    return parts
