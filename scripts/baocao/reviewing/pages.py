"""The files of the review pages: one page, its style and script, and data loaded when a click needs it."""

from __future__ import annotations

import html
import json
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baocao.intake.status import read_status
from baocao.project.files import write_atomically, write_folder
from baocao.project.hashes import hash_bytes, hash_code, hash_file
from baocao.project.language import _, language_in_force
from baocao.reviewing.core import Core
from baocao.reviewing.desk import PAGE as DESK_PAGE
from baocao.reviewing.excerpts import locate, make_excerpts
from baocao.reviewing.material import Document, Material, gather
from baocao.reviewing.receiving import PAGE, make_status_page
from baocao.reviewing.shares import make_parts
from baocao.reviewing.signing import list_standings
from baocao.tracing.record import FILE as TRACE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baocao.project.folder import Project
    from baocao.project.periods import Period
    from baocao.reviewing.signing import Standing

FOLDER = "review"
MADE_OF = ".made-of.json"
WORDS = "words"
SCRIPTS = ("data", "numbers", "sheets", "shares", "panel", "search", "documents", "main")

_MESSAGE = re.compile(r"\{\{_ (.*?)\}\}")
_CALL = re.compile(r'\b_\(("(?:[^"\\]|\\.)*")')
_WORDS_HEAD = (
    '"use strict";\n// Sentences of these pages by their English messages; made from the catalogue.\n'
)
_WORDS_DOOR = """
function _(message, parts = {}) {
  return (WORDS[message] ?? message).replace(/\\{(\\w+)\\}/g, (hole, key) => parts[key] ?? hole);
}
"""


def make_pages(material: Material) -> dict[str, bytes]:
    """
    Make the pages; the same material gives the same bytes.

    Returns
    -------
    dict
        Content by path below ``reports/<period>/review/``.
    """
    core = Core(material)
    chunks = make_excerpts(material, core)
    parts = make_parts(material, core)
    pages = {
        f"data/sheets-{number}.js": _script(f"sheets-{number}", chunk) for number, chunk in enumerate(chunks)
    }
    for key, split in parts.items():
        name = f"parts-{core.values[key]}"
        pages[f"data/{name}.js"] = _script(name, split)
    for number, document in enumerate(material.documents):
        if document.kind == "notebook":
            pages[f"data/document-{number}.js"] = _script(f"document-{number}", document.body)
    pages["data/signed.js"] = _signed(material.standings)
    pages["data/core.js"] = _script("core", core.dump(locate(chunks, core), parts))
    assets = resources.files(__package__) / "assets"
    for name in ("review.css", *(f"{script}.js" for script in SCRIPTS)):
        pages[name] = (assets / name).read_bytes()
    pages[f"{WORDS}.js"] = _words(pages[f"{script}.js"].decode() for script in SCRIPTS)
    if material.status is not None:
        pages[PAGE] = make_status_page(material.status, label=material.label, place=material.place)
    if material.desk is not None:
        pages[DESK_PAGE] = material.desk
    pages["index.html"] = _index((assets / "index.html").read_text(encoding="utf-8"), material)
    return dict(sorted(pages.items()))


def write_review(project: Project, period: Period) -> Path:
    """
    Bring the review pages of a built period up to date, whole or not at all.

    Returns
    -------
    Path
        ``reports/<period>/review/index.html``.

    Raises
    ------
    TraceError
        The period has not been built.
    """
    folder = project.output(period) / FOLDER
    if not refresh_review(project, period):
        made_of = _hash_made_of(project, period)
        pages = make_pages(gather(project, period))
        write_folder(folder, {**pages, MADE_OF: json.dumps([made_of, *pages]).encode()})
    return folder / "index.html"


def refresh_review(project: Project, period: Period) -> bool:
    """
    Bring what is signed, and who has reported, up to date in pages that have been written.

    Returns
    -------
    bool
        Whether there are pages, all of them, made of what lies here now.
    """
    folder = project.output(period) / FOLDER
    if not (folder / "index.html").is_file():
        return False
    write_atomically(folder / "data" / "signed.js", _signed(list_standings(project, period)))
    label, place = project.house.periods.label(period), project.params.place.name
    status = make_status_page(read_status(project, period), label=label, place=place)
    write_atomically(folder / PAGE, status)
    try:
        made_of, *pages = json.loads((folder / MADE_OF).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return made_of == _hash_made_of(project, period) and all((folder / page).is_file() for page in pages)


def _hash_made_of(project: Project, period: Period) -> str:
    output = project.output(period)
    files = [output / TRACE_FILE, *(output / f"{name}.html" for name in project.params.reports)]
    assets = Path(__file__).parent / "assets"
    raw = map(project.raw, (period, period.previous, period.year_before))
    for folder in (output / "notebooks", project.params.folder, *raw, assets):
        files += sorted(folder.rglob("*"))
    lines = [f"{hash_code()} {language_in_force()}"]
    lines += [f"{path.parent.name}/{path.name} {hash_file(path)}\n" for path in files if path.is_file()]
    return hash_bytes("".join(lines).encode())


def _script(name: str, data: Any) -> bytes:
    written = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"baocao.receive({json.dumps(name)},{written});\n".encode()


def _signed(standings: Iterable[Standing]) -> bytes:
    return _script("signed", {one.section: one.as_dict() for one in standings if one.state != "open"})


def _index(template: str, material: Material) -> bytes:
    reports = "\n".join(_article(one) for one in material.documents if one.kind == "report")
    period = f"{material.label[0].upper()}{material.label[1:]}"
    scripts = "\n".join(f'<script src="{script}.js" defer></script>' for script in (WORDS, *SCRIPTS))
    template = _MESSAGE.sub(lambda match: html.escape(_(match[1])), template)
    template = template.replace("{{language}}", language_in_force())
    filled = template.replace("{{period}}", html.escape(period)).replace(
        "{{place}}", html.escape(material.place)
    )
    links = [] if material.status is None else [(PAGE, _("Who has reported"))]
    links += [] if material.desk is None else [(DESK_PAGE, _("To be explained"))]
    filled = filled.replace(
        "{{status}}",
        "".join(f'<a class="page" href="{page}">{html.escape(text)}</a>' for page, text in links),
    )
    return filled.replace("{{scripts}}", scripts).replace("{{reports}}", reports).encode()


def _words(scripts: Iterable[str]) -> bytes:
    """Make the script in which the others find their sentences."""
    messages = {json.loads(text) for script in scripts for text in _CALL.findall(script)}
    words = json.dumps({text: _(text) for text in sorted(messages)}, ensure_ascii=False, indent=1)
    return f"{_WORDS_HEAD}const WORDS = {words};\n{_WORDS_DOOR}".encode()


def _article(document: Document) -> str:
    return f'<article class="document report" data-document="{html.escape(document.id)}">{document.body}</article>'
