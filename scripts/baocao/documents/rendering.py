"""Render a report: a copy to work in, an engine, an inspection, and then the output folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from baocao.documents.engines.base import FORMATS, Engine, Format
from baocao.documents.glyphs import find_unprintable
from baocao.documents.inspection import inspect
from baocao.documents.properties import complete_properties
from baocao.documents.signature_field import place_fields
from baocao.documents.source import Source, check_source, read_source
from baocao.project.errors import RenderError, TraceError
from baocao.project.files import copy_atomically
from baocao.project.language import _
from baocao.project.temporary import temporary_folder

PICTURES: dict[Format, str] = {"docx": ".png", "pdf": ".svg", "html": ".svg"}


def render_report(
    source: Path,
    output_dir: Path,
    *,
    reports_dir: Path,
    engine: Engine,
    formats: Sequence[Format] = FORMATS,
    epoch: int,
    values: Sequence[str] = (),
) -> dict[Format, Path]:
    """
    Render a source and publish its documents once all of them are right.

    Nothing is written beside the source, and nothing into the output folder
    before every document was read back and found to hold what it must.

    Parameters
    ----------
    source
        The Markdown file; pictures and the trace lie beside it, as it says.
    output_dir
        Where ``<stem>.docx`` and so on go; made if absent.
    reports_dir
        The Quarto project, with the format extension in it.
    engine
        See `baocao.documents.choose_engine`.
    formats
        What to write.
    epoch
        Seconds since 1970 that stand for "now" in every document.
    values
        Texts that must be found in each document, besides the mentions.

    Raises
    ------
    RenderError
        The source holds what it may not, a picture is missing, or a document
        lacks something.
    ToolError
        A program failed.
    """
    text = source.read_text("utf-8")
    extension = find_extension(reports_dir)
    faults = check_source(text, extension.name)
    if "pdf" in formats:
        faults += find_unprintable(text, reports_dir / extension / "fonts")
    if faults:
        raise RenderError(
            _("{name} cannot be rendered: {faults}", name=source.name, faults="; ".join(faults))
        )
    content = read_source(text)
    beside = _beside(source.parent, content, formats)
    with temporary_folder() as folder:
        copy, rendered = folder / "nguon", folder / "ra"
        rendered.mkdir()
        shutil.copytree(reports_dir / extension, copy / extension)
        shutil.copyfile(reports_dir / "_quarto.yml", copy / "_quarto.yml")
        for name in (source.name, *beside):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source.parent / name, copy / name)
        documents = engine.render(
            copy / source.name, copy / extension, rendered, formats=tuple(formats), epoch=epoch
        )
        if engine.writes_documents:
            for kind, document in documents.items():
                _complete(document, kind)
                inspect(document, kind, content, values)
        return _publish(documents, output_dir)


def find_extension(reports_dir: Path) -> Path:
    """
    Return the folder of the format extension, relative to the Quarto project.

    Raises
    ------
    RenderError
        ``_quarto.yml`` names no format of an extension, or the extension is not there.
    """
    settings = reports_dir / "_quarto.yml"
    formats = (
        (yaml.safe_load(settings.read_text("utf-8")) or {}).get("format") if settings.is_file() else None
    )
    names = {str(name).partition("-")[0] for name in formats or {}}
    extension = Path("_extensions") / next(iter(names), "")
    if len(names) != 1 or not (reports_dir / extension / "_extension.yml").is_file():
        raise RenderError(
            _(
                "{settings}: expected formats of one extension that lies in _extensions/, such as plain-docx, got {got}.",
                settings=settings,
                got=", ".join(formats or {}) or _("none"),
            )
        )
    return extension


def _beside(folder: Path, source: Source, formats: Sequence[Format]) -> list[str]:
    """Files that the documents need, relative to the source; every missing one is named."""
    wanted = [
        picture + extension
        for picture in source.pictures
        for extension in dict.fromkeys(PICTURES[kind] for kind in formats)
    ]
    if source.trace_file is not None:
        wanted.append(source.trace_file)
    if missing := [name for name in wanted if not (folder / name).is_file()]:
        raise RenderError(
            _("files are missing in {folder}: {missing}", folder=folder, missing=", ".join(missing))
        )
    return wanted


def _complete(document: Path, kind: Format) -> None:
    """Add what neither engine can say of a document."""
    try:
        if kind == "docx":
            complete_properties(document)
        elif kind == "pdf":
            place_fields(document)
    except (TraceError, ValueError, KeyError) as error:
        raise RenderError(
            _("{name} cannot be read back: {error}", name=document.name, error=error)
        ) from error


def _publish(documents: Mapping[Format, Path], output_dir: Path) -> dict[Format, Path]:
    published = {kind: output_dir / document.name for kind, document in documents.items()}
    copy_atomically({published[kind]: document for kind, document in documents.items()})
    return published
