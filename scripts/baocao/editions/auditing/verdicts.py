"""What an audit says of each value and each file, and which cell, parameter, notebook or package made it so."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from baocao.documents.guard import WordParts, open_page, open_pdf, read_pages
from baocao.documents.paragraphs import W
from baocao.editions.record import Change, Recorded
from baocao.project.errors import BaocaoError
from baocao.project.hashes import hash_file
from baocao.project.language import _
from baocao.reading.workbooks import Workbook, read_workbooks
from baocao.sections.notebooks import read_parts
from baocao.tracing.record import parse_trace
from baocao.tracing.trace import Trace

Kind = Literal[
    "identical-bytes", "identical-values", "input-changed", "code-changed", "environment-changed",
    "not-deterministic", "altered", "cannot-check",
]  # fmt: skip
GOOD: frozenset[Kind] = frozenset({"identical-bytes", "identical-values"})
MOST_REASONS = 10
PICTURES = (".png", ".svg")
_SPACE = re.compile(r"\s+")
# Of run.json, what says with which code and programs; the rest is what was read and made.
_ABOUT_CODE = ("code", "environment", "python", "engine", "outputs")


@dataclass(frozen=True)
class Verdict:
    """
    What is said of one value, one issued file or one source.

    Parameters
    ----------
    before, after
        The recorded and the present number of a value, with its unit where that is another one, or sha256 of a
        file; None where it is not there.
    reasons
        What made the difference, the nearest first.
    note
        Why nothing can be said, or what else there is to know.
    """

    name: str
    verdict: Kind
    before: str | None
    after: str | None
    reasons: tuple[Change, ...] = ()
    note: str = ""

    @property
    def good(self) -> bool:
        """Return whether it is as recorded."""
        return self.verdict in GOOD

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**asdict(self), "reasons": [reason.model_dump() for reason in self.reasons]}


@dataclass(frozen=True)
class Cause:
    """A source that is not what it was."""

    path: str
    changes: tuple[Change, ...]

    @property
    def kind(self) -> Kind:
        """What a difference is called that it makes."""
        return kind_of(self.path)


def kind_of(path: str) -> Kind:
    """
    Return what it means that a source changed.

    Examples
    --------
    >>> kind_of("params/place.yaml"), kind_of("notebooks/kstthc/07-ho-so.ipynb"), kind_of("requirements.lock")
    ('input-changed', 'code-changed', 'environment-changed')
    """
    if path.startswith(("data/raw/", "params/")):
        return "input-changed"
    if path in {"requirements.lock", "environment.yml", "environment"}:
        return "environment-changed"
    return "code-changed"


@dataclass
class Outputs:
    """The files of one build, and the trace among them; None where there is none that can be read."""

    folder: Path
    trace: Trace | None
    values: dict[str, Recorded] = field(default_factory=dict)
    #: Notebooks that carry a value, by its id.
    makers: dict[str, list[str]] = field(default_factory=dict)


def list_makers(folder: Path) -> dict[str, list[str]]:
    """Return which executed notebooks carry which values, as ``notebooks/kstthc/07-ho-so.ipynb``."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((folder / "notebooks").rglob("*.ipynb")):
        try:
            parts = read_parts(path)
        except BaocaoError:
            continue
        for key in dict.fromkeys(key for one in parts for key in one.part.values):
            found[key].append(path.relative_to(folder).as_posix())
    return dict(found)


class Judge:
    """
    Holds what was made again against what was recorded.

    Parameters
    ----------
    values, outputs
        As the edition records them.
    then, now
        The issued files and those made again; ``now`` is None where nothing was made.
    causes
        Sources that are not what they were.
    failure
        Why nothing was made.
    """

    def __init__(
        self,
        values: Mapping[str, Recorded],
        outputs: Mapping[str, str],
        then: Outputs,
        now: Outputs | None,
        causes: Sequence[Cause],
        period: str,
        failure: str = "",
    ) -> None:
        self.recorded = values
        self.outputs = outputs
        self.then = then
        self.now = now
        self.causes = causes
        self.period = period
        self.failure = failure

    # -- values ------------------------------------------------------------

    def judge_values(self) -> list[Verdict]:
        """Judge every value that is recorded or was made."""
        made = self.now.values if self.now else {}
        return [
            self._judge_value(key, self.recorded.get(key), made.get(key))
            for key in sorted({*self.recorded, *made})
        ]

    def _judge_value(self, key: str, before: Recorded | None, after: Recorded | None) -> Verdict:
        old, new = (None if side is None else side.number for side in (before, after))
        if before and after and before.unit != after.unit:
            old, new = f"{old} {before.unit}".strip(), f"{new} {after.unit}".strip()
        elif before and after and before.number == after.number:
            note = (
                ""
                if before.sha256 == after.sha256
                else _("the same number from other cells or another derivation")
            )
            return Verdict(key, "identical-values", old, new, note=note)
        found = self._attribute(key)
        reasons = tuple(change for _distance, change in found[:MOST_REASONS])
        # Where nothing was made, only a value's own cells are known to be others.
        sure = bool(found) and (self.now is not None or found[0][0].path.startswith("data/raw/"))
        kind: Kind = found[0][0].kind if sure else "cannot-check"
        note = (
            self.failure if self.now is None else "" if found else _("nothing that is recorded is different")
        )
        return Verdict(key, kind, old, new, reasons, note)

    def _attribute(self, key: str) -> list[tuple[Cause, Change]]:
        """Find what can have moved a value, the nearest first: its cells, its files, parameters, notebooks, code."""
        if not self.causes:  # and the cells that a trace from outside claims need not be listed
            return []
        cells = {
            cell
            for side in (self.then, self.now)
            if side and side.trace and key in side.trace.values
            for cell in side.trace.cells(key)
        }
        names, files = {str(cell) for cell in cells}, {cell.file for cell in cells}
        makers = {*self.then.makers.get(key, ()), *(self.now.makers.get(key, ()) if self.now else ())}
        groups: list[list[tuple[Cause, Change]]] = [[] for _ in range(6)]
        for cause in self.causes:
            for change in cause.changes:
                file = change.where.partition("#")[0]
                if change.where in names:
                    groups[0].append((cause, change))
                elif cause.path.startswith("data/raw/"):
                    if file in files and "!" not in change.where:
                        groups[1].append((cause, change))
                elif cause.path.startswith("params/"):
                    groups[2].append((cause, change))
                elif cause.path.startswith("notebooks/"):
                    if cause.path in makers or not makers:
                        groups[3].append((cause, change))
                elif cause.kind == "code-changed" and cause.path.startswith("scripts/"):
                    groups[4].append((cause, change))
                elif cause.kind == "environment-changed":
                    groups[5].append((cause, change))
        return [item for group in groups for item in group]

    # -- files -------------------------------------------------------------

    def judge_files(self) -> list[Verdict]:
        """Judge every file that is recorded."""
        return [self._judge_file(name, sha256) for name, sha256 in sorted(self.outputs.items())]

    def _judge_file(self, name: str, recorded: str) -> Verdict:
        issued = self.then.folder / name
        lies = hash_file(issued) if issued.is_file() else None
        path = self.now.folder / name if self.now else None
        made = hash_file(path) if path is not None and path.is_file() else None
        if lies != recorded:
            culprit = Change(where=_("issued file {name}", name=name), before=recorded, after=lies)
            note = (
                _("made again, it is what lies there: the record was altered")
                if made is not None and made == lies
                else ""
            )
            return Verdict(name, "altered", recorded, lies, (culprit,), note)
        if made == recorded:
            return Verdict(name, "identical-bytes", recorded, made)
        if self.now is None:
            return Verdict(name, "cannot-check", recorded, None, note=self.failure)
        reasons = self._explain_file(name)
        # Without a cause even the smallest difference is chance or damage, and is looked into.
        if reasons and path is not None and made is not None and self._same_words(name, issued, path):
            note = (
                _("the same values, otherwise drawn")
                if name.endswith(PICTURES)
                else _("the same values and words")
            )
            return Verdict(
                name, "identical-values", recorded, made, reasons, _("other bytes, {note}", note=note)
            )
        kind = self._kind(name)
        return Verdict(
            name, kind, recorded, made, reasons, "" if reasons else _("nothing that is recorded is different")
        )

    def _touching(self, name: str) -> list[Cause]:
        """Causes that can reach a file: of another notebook's only its own source, no layout for what is no document."""
        own = [cause for cause in self.causes if cause.path == name]
        if own:
            return own
        document = name.endswith((".docx", ".pdf", ".html")) or name == "run.json"
        return [
            cause
            for cause in self.causes
            if not (name.startswith("notebooks/") and cause.path.startswith("notebooks/"))
            and not (cause.path.startswith("reports/") and not document)
        ]

    def _explain_file(self, name: str) -> tuple[Change, ...]:
        return tuple(change for cause in self._touching(name) for change in cause.changes)[:MOST_REASONS]

    def _kind(self, name: str) -> Kind:
        order: list[Kind] = ["input-changed", "code-changed", "environment-changed"]
        kinds = {cause.kind for cause in self._touching(name)}
        return next((kind for kind in order if kind in kinds), "cannot-check")

    def _same_words(self, name: str, before: Path, after: Path) -> bool:
        assert self.now is not None
        numbers = [
            {key: (one.number, one.unit) for key, one in side.items()}
            for side in (self.recorded, self.now.values)
        ]
        if numbers[0] != numbers[1]:
            return False
        try:
            return read_words(before, name) == read_words(after, name)
        except (ValueError, KeyError, OSError, BaocaoError):
            return False


def read_words(path: Path, name: str) -> object:
    """
    Return what a finished file says, without how it is set or packed.

    Returns
    -------
    object
        Compared with ``==`` only; of a picture nothing, since its values are compared.
    """
    if name.endswith(".docx"):
        archive = WordParts(path)
        return {
            part: [node.text for node in archive.parse(part).iter(f"{W}t")]
            for part in sorted(archive.names)
            if re.match(r"word/[a-z]+\d*\.xml$", part)
        }
    if name.endswith(".html"):
        return _SPACE.sub(" ", open_page(path).text_content())
    if name.endswith(".pdf"):
        with open_pdf(path) as pdf:
            return _SPACE.sub(" ", " ".join(page.get_text_range() for page in read_pages(pdf, path)))
    if name.endswith(".xlsx"):
        book = read_workbooks([path], None)[path]
        if not isinstance(book, Workbook):
            raise ValueError(book.code)
        return {
            sheet.name: {at: (cell.kind, cell.value) for at, cell in sheet.cells.items()}
            for sheet in book.sheets
        }
    if name == "run.json":
        return {key: value for key, value in json.loads(path.read_bytes()).items() if key not in _ABOUT_CODE}
    if name.endswith("trace.json"):
        trace = parse_trace(path.read_bytes(), name)
        values = {key: (node.number, node.unit) for key, node in trace.values.items()}
        return values, trace.mentions, trace.citations, trace.charts, trace.files, trace.annexes
    if name.endswith(".ipynb"):
        return [one.part.content for one in read_parts(path)]
    return None if name.endswith(PICTURES) else path.read_bytes()
