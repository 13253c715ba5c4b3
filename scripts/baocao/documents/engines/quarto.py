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
from baocao.project.language import _
from baocao.project.processes import run

# The oldest version the extension was tried with; older ones know no `syntax-highlighting`.
OLDEST = (1, 10)
WRITERS: dict[Format, str] = {"docx": "docx", "pdf": "typst", "html": "html"}
_FAULT = re.compile(r"^\s*\[?(WARNING|WARN|ERROR)\b|\b(WARNING|ERROR) \(|^\s*(warning|error):")
# What ends a message of several lines: an empty line, Quarto's own progress, the trace of its JavaScript.
_ENDS = re.compile(r"^\s*$|^Output created|^Stack trace:|^\s+at (?:async )?\S+ ?\(?(?:file|https?|ext|deno):")
# veraPDF is a program of its own that few have; that the PDF was not held against the standard is no fault of it.
_HARMLESS = re.compile(r"PDF standard validation requested but verapdf is not installed", re.IGNORECASE)
_MOST_LINES = 20
# What changes what Quarto says or does without being asked; with a log level of `error` it would hide its faults.
_UNSET = (
    "QUARTO_LOG", "QUARTO_LOG_LEVEL", "QUARTO_LOG_FORMAT", "QUARTO_PROFILE", "QUARTO_PROJECT_DIR",
    "QUARTO_PROJECT_ROOT", "QUARTO_EXECUTE_INFO", "QUARTO_PRINT_STACK", "QUARTO_DEBUG",
)  # fmt: skip


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
                _(
                    "Quarto is not on PATH: install Quarto {wanted} or newer, or use --engine embedded.",
                    wanted=wanted,
                )
            )
        self.program = Path(found)
        self.version = run([self.program, "--version"], cwd=Path.cwd(), time_limit=60).stdout.strip()
        if tuple(int(part) for part in re.findall(r"\d+", self.version)[:2]) < OLDEST:
            raise ToolMissingError(
                _(
                    "Quarto {version} at {path} is too old: install {wanted} or newer, or use --engine embedded.",
                    version=self.version or "?",
                    path=self.program,
                    wanted=wanted,
                ),
                argv=[str(self.program), "--version"],
            )

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of Quarto and of the Pandoc and the Typst it carries."""
        versions = {"quarto": self.version}
        for tool in ("pandoc", "typst"):
            try:
                told = run([self.program, tool, "--version"], cwd=Path.cwd(), time_limit=60)
            except ToolError:
                continue
            # `quarto typst --version` answers on stderr, `quarto pandoc --version` on stdout.
            if match := re.search(r"\d+(?:\.\d+)+", f"{told.stdout}\n{told.stderr}"):
                versions[tool] = match.group()
        return versions

    def render(
        self, source: Path, extension: Path, output_dir: Path, *, formats: Sequence[Format], epoch: int
    ) -> dict[Format, Path]:
        """Render ``source``; see `baocao.documents.engines.base.Engine`."""
        environment = {
            **dict.fromkeys(_UNSET),
            "SOURCE_DATE_EPOCH": str(epoch),
            "TYPST_IGNORE_SYSTEM_FONTS": "1",
        }
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
            try:
                told = run(argv, cwd=source.parent, env=environment).stderr
            except ToolMissingError:
                raise
            except ToolError as error:
                reasons = find_faults(error.stderr)
                if not reasons:
                    raise
                raise ToolError(
                    _(
                        "Quarto could not write {format}: {reasons}\n"
                        "'--engine embedded' renders the same sources without Quarto.",
                        format=wanted,
                        reasons="\n".join(reasons),
                    ),
                    argv=argv,
                    stderr=error.stderr,
                ) from None
            if faults := find_faults(told):
                raise ToolError(
                    _(
                        "Quarto wrote {format} but warns, so it is not published: {reasons}\n"
                        "'--engine embedded' renders the same sources without Quarto.",
                        format=wanted,
                        reasons="\n".join(faults),
                    ),
                    argv=argv,
                    stderr=told,
                )
            document = output_dir / f"{source.stem}.{wanted}"
            if not document.is_file():
                raise RenderError(
                    _(
                        "Quarto ended well but wrote no {name}; expected it in {folder}.",
                        name=document.name,
                        folder=output_dir,
                    )
                )
            written[wanted] = document
        return written


def find_faults(stderr: str) -> list[str]:
    r"""
    Return the warnings and errors among Quarto's messages, each with all its lines.

    Parameters
    ----------
    stderr
        What Quarto wrote, without colours: progress, options, messages.

    Examples
    --------
    >>> find_faults("pandoc\n  to: docx\nERROR: no such file\nmore of it\n\nOutput created: x")
    ['ERROR: no such file\nmore of it']
    >>> find_faults("WARN: PDF standard validation requested but verapdf is not installed")
    []
    """
    faults: list[list[str]] = []
    inside = False
    for line in stderr.splitlines():
        if _FAULT.search(line):
            inside = not _HARMLESS.search(line)
            if inside:
                faults.append([line.strip()])
            continue
        inside = inside and not _ENDS.search(line)
        if inside and len(faults[-1]) < _MOST_LINES:
            faults[-1].append(line.rstrip())
    return ["\n".join(lines) for lines in faults]
