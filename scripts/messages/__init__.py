"""
The catalogues of sentences: found in the code, merged into the .po files, compiled to .mo.

``python -m messages`` (``make messages``) does all three; what is left to
translate is listed. A message is what stands in ``_()``, ``_n()`` or ``N_()``,
and what a command says of itself: its docstring, the help and the metavars of
its parameters.
"""

from __future__ import annotations

import ast
import inspect
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1] / "baocao"
DOMAIN = "baocao"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_n": (1, 2)}
SHOWN = ("help", "metavar")


def extract() -> Catalog:
    """Return a catalogue of all messages in the code, untranslated."""
    catalog = Catalog(domain=DOMAIN, charset="utf-8")
    found = extract_from_dir(
        PACKAGE,
        [("**.py", extract_code), ("**/assets/**.js", "javascript")],
        keywords=KEYWORDS,
    )
    for file, _line, message, _comments, context in found:
        # Without line numbers, which would move with every change of the code.
        catalog.add(message, locations=[(file, None)], context=context)
    return catalog


def extract_code(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield the messages of a Python file, as Babel's own extractor does, and those of its commands."""
    source = file.read()
    yield from extract_python(io.BytesIO(source), keywords, comment_tags, options)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            yield node.lineno, "_", inspect.cleandoc(ast.get_docstring(node) or ""), []
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                text = keyword.value
                if keyword.arg in SHOWN and isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield text.lineno, "_", text.value, []


def _is_command(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "command"
    )


def po_file(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalog(language: str) -> Catalog:
    """Return the catalogue of a language as it lies there."""
    with po_file(language).open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def merge(language: str) -> Catalog:
    """Bring the .po file of a language up to date: new messages empty, old ones gone."""
    catalog = read_catalog(language)
    catalog.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    with po_file(language).open("wb") as stream:
        write_po(stream, catalog, width=100, sort_by_file=True, ignore_obsolete=True)
    return catalog


def compile_catalog(catalog: Catalog) -> bytes:
    """Return the .mo file of a catalogue."""
    stream = io.BytesIO()
    write_mo(stream, catalog)
    return stream.getvalue()
