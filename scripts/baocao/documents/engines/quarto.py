"""
Rendering with Quarto, where it is installed.

Quarto ends with 0 after many faults, so its messages are read as well; its
last line is no list of outputs, so their paths are computed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from baocao.documents.engines.base import Format
from baocao.project.errors import RenderError, ToolError, ToolMissingError
from baocao.project.processes import run

# The oldest version the extension was tried with; older ones know no `syntax-highlighting`.
OLDEST = (1, 10)
WRITERS: dict[Format, str] = {"docx": "docx", "pdf": "typst", "html": "html"}
_FAULT = re.compile(r"^\s*\[?(WARNING|WARN|ERROR)\b|\b(WARNING|ERROR) \(|^\s*(warning|error):")


class QuartoEngine:
    """
    The ``quarto`` program.

    Parameters
    ----------
    program
        Its path; None looks on PATH.

    Raises
    ------
    ToolMissingError
        It is not on PATH, or older than `OLDEST`.
    """

    name = "quarto"
    writes_documents = True

    def __init__(self, program: Path | None = None) -> None:
        found = program or shutil.which("quarto")
        wanted = ".".join(map(str, OLDEST))
        if found is None:
            raise ToolMissingError(
                f"Quarto is not on PATH: install Quarto {wanted} or newer, or use --engine embedded."
            )
        self.program = Path(found)
        self.version = run([self.program, "--version"], cwd=Path.cwd(), time_limit=60).stdout.strip()
        if tuple(int(part) for part in re.findall(r"\d+", self.version)[:2]) < OLDEST:
            raise ToolMissingError(
                f"Quarto {self.version or 'of unknown version'} is too old: install {wanted} or newer,"
                " or use --engine embedded.",
                argv=[str(self.program), "--version"],
            )

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of Quarto and of the Pandoc and the Typst it carries."""
        versions = {"quarto": self.version}
        for tool in ("pandoc", "typst"):
            try:
                said = run([self.program, tool, "--version"], cwd=Path.cwd(), time_limit=60).stdout
            except ToolError:
                continue
            if match := re.search(r"\d+(?:\.\d+)+", said):
                versions[tool] = match.group()
        return versions

    def render(
        self, source: Path, extension: Path, output_dir: Path, *, formats: Sequence[Format], epoch: int
    ) -> dict[Format, Path]:
        """Render ``source``; see `baocao.documents.engines.base.Engine`."""
        environment = {"SOURCE_DATE_EPOCH": str(epoch), "TYPST_IGNORE_SYSTEM_FONTS": "1"}
        written: dict[Format, Path] = {}
        for wanted in formats:
            argv = [
                str(self.program),
                "render",
                source.name,
                "--to",
                f"{extension.name}-{WRITERS[wanted]}",
                "--output-dir",
                str(output_dir),
            ]
            said = run(argv, cwd=source.parent, env=environment).stderr
            faults = [line.strip() for line in said.splitlines() if _FAULT.search(line)]
            if faults:
                raise ToolError(
                    f"Quarto wrote {wanted} but warns: {'; '.join(faults)}", argv=argv, stderr=said
                )
            document = output_dir / f"{source.stem}.{wanted}"
            if not document.is_file():
                raise RenderError(
                    f"Quarto ended well but wrote no {document.name}; expected it in {output_dir}."
                )
            written[wanted] = document
        return written
