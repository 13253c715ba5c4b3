"""Rendering with Pandoc and Typst from the locked wheels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from baocao.documents.engines.base import Format
from baocao.project.errors import RenderError, ToolMissingError
from baocao.project.language import _
from baocao.project.processes import run

WRITERS: dict[Format, str] = {"docx": "docx", "pdf": "typst", "html": "html"}
# Quarto runs filters in this order, whatever their place in the list.
STAGES = ("pre-ast", "post-ast", "pre-quarto", "post-quarto", "pre-render", "post-render", "pre-finalize", "post-finalize")  # fmt: skip


class EmbeddedEngine:
    """Pandoc as a program and Typst as a library; both come with the package."""

    name = "embedded"
    writes_documents = True

    @cached_property
    def pandoc(self) -> Path:
        """The Pandoc program inside the wheel; never another one on PATH."""
        import pypandoc

        program = Path(pypandoc.__file__).parent / "files" / "pandoc"
        for path in (program, program.with_suffix(".exe")):
            if path.is_file():
                return path
        raise ToolMissingError(
            _("there is no Pandoc in {parent}: install pypandoc-binary.", parent=program.parent)
        )

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of Pandoc and of Typst's binding."""
        first = run([self.pandoc, "--version"], cwd=Path.cwd()).stdout.splitlines()[0]
        return {"pandoc": first.split()[-1], "typst": version("typst")}

    def render(
        self, source: Path, extension: Path, output_dir: Path, *, formats: Sequence[Format], epoch: int
    ) -> dict[Format, Path]:
        """Render ``source``; see `baocao.documents.engines.base.Engine`."""
        layout = yaml.safe_load((extension / "_extension.yml").read_text("utf-8"))["contributes"]["formats"]
        written: dict[Format, Path] = {}
        for wanted in formats:
            writer = WRITERS[wanted]
            options = {**layout["common"], **layout[writer]}
            document = output_dir / f"{source.stem}.{wanted}"
            target = source.with_suffix(".typ") if writer == "typst" else document
            argv = [
                str(self.pandoc),
                source.name,
                *_arguments(options, writer, extension),
                "--output",
                str(target),
            ]
            environment = {"SOURCE_DATE_EPOCH": str(epoch), "XDG_DATA_HOME": str(source.parent)}
            run(argv, cwd=source.parent, env=environment)
            if writer == "typst":
                document.write_bytes(_compile(target, extension, options, epoch))
            written[wanted] = document
        return written


def _arguments(options: dict[str, Any], writer: str, extension: Path) -> list[str]:
    """Spell the options of the extension file as Pandoc's own."""
    filters = sorted(options["filters"], key=lambda item: STAGES.index(item["at"]))
    arguments = [
        f"--from={options['from']}",
        f"--to={writer}",
        "--standalone",
        "--wrap=none",
        "--fail-if-warnings",
        f"--syntax-highlighting={options['syntax-highlighting']}",
        f"--metadata=lang={options['lang']}",
        f"--template={extension / options['template']}",
        *(f"--lua-filter={extension / item['path']}" for item in filters),
    ]
    if "reference-doc" in options:
        arguments.append(f"--reference-doc={extension / options['reference-doc']}")
    sheets = options.get("css", ())
    arguments += [f"--css={extension / sheet}" for sheet in ([sheets] if isinstance(sheets, str) else sheets)]
    if options.get("embed-resources"):
        arguments.append("--embed-resources")
    return arguments


def _compile(source: Path, extension: Path, options: dict[str, Any], epoch: int) -> bytes:
    import typst

    try:
        pdf, warnings = typst.compile_with_warnings(
            str(source),
            root=str(source.parent),
            font_paths=[str(extension / folder) for folder in options["font-paths"]],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=list(options["pdf-standard"]),
            timestamp=epoch,
        )
    except typst.TypstError as error:
        raise RenderError(
            _("{name}: Typst refuses the document: {error}", name=source.name, error=error)
        ) from error
    if warnings:
        said = "; ".join(dict.fromkeys(str(warning.message) for warning in warnings))
        raise RenderError(
            _("{name}: Typst warns, so the PDF is not published: {said}", name=source.name, said=said)
        )
    return pdf
