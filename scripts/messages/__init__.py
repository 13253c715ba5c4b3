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
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
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
        [("**.py", extract_code), ("**/assets/**.js", extract_script), ("**/assets/**.html", extract_page)],
        keywords=KEYWORDS,
    )
    for file, _line, message, _comments, context in found:
        # Without line numbers, which would move with every change of the code.
        catalog.add(message, locations=[(file, None)], context=context)
    return catalog


def extract_code(
    file: IO[bytes], keywords: Any, _comment_tags: Any, **_options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield the messages of a Python file, also those within f-strings, and what its commands say of themselves."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            yield node.lineno, "_", inspect.cleandoc(ast.get_docstring(node) or ""), []
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in keywords:
                texts = [_constant(argument) for argument in node.args]
                if texts and texts[0]:
                    yield node.lineno, node.func.id, texts[0] if len(texts) == 1 else tuple(texts), []
            for keyword in node.keywords:
                if keyword.arg in SHOWN and (text := _constant(keyword.value)):
                    yield node.lineno, "_", text, []


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def extract_script(
    file: IO[bytes], _keywords: Any, _comment_tags: Any, **_options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield the messages of a script, also those within template strings, which Babel's own extractor passes over."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        for message in re.findall(r'\b_\(("(?:[^"\\]|\\.)*")', line):
            yield number, "_", json.loads(message), []


def extract_page(
    file: IO[bytes], _keywords: Any, _comment_tags: Any, **_options: Any
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Yield the messages of a page's template, which stand in it as ``{{_ message}}``."""
    for number, line in enumerate(file.read().decode().splitlines(), 1):
        for message in re.findall(r"\{\{_ (.*?)\}\}", line):
            yield number, "_", message, []


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
