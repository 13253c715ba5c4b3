"""The texts of a period against the notebooks that print them: what is missing, what nobody prints, what is another period's."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from baocao.project.errors import BaocaoError
from baocao.project.findings import Finding
from baocao.project.language import _
from baocao.project.schemas import name_near
from baocao.sections.filling import PLACEHOLDER
from baocao.sections.narratives import Narrative, read_narrative
from baocao.sections.notebooks import read_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from baocao.project.folder import Project
    from baocao.project.house import Periods
    from baocao.project.periods import Period

OPENING, CLOSING = "00", "99"
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n\s*\n")


@dataclass
class PrintedText:
    """
    What a notebook, or a report itself, prints of one narrative file.

    Parameters
    ----------
    blocks
        Names of blocks, with the names that the notebook gives to the text.
    whole
        Whether the whole file is printed.
    open
        Whether a block's name is made by the notebook, so that nobody can tell which.
    """

    blocks: dict[str, frozenset[str]] = field(default_factory=dict)
    whole: bool = False
    open: bool = False
    names: set[str] = field(default_factory=set)


def check_narratives(project: Project, period: Period, ids: Mapping[str, object] | None) -> list[Finding]:
    """
    Check the texts of a period.

    Parameters
    ----------
    ids
        Ids of values that are known besides those of ``params/indicators.yaml``;
        None where nobody knows, and names in braces are not looked at.
    """
    folder = project.raw(period) / project.house.folders.narrative
    raw = project.raw(period)
    printed = _list_printed(project, period)
    findings = _list_unreviewed(project, period)
    known = {*(ids or ()), *project.params.indicators, *project.params.aliases, *_list_words(project, period)}
    for file, text in sorted(printed.items()):
        path = raw / file
        if not path.is_file():
            findings.append(
                _finding(
                    "narrative-missing",
                    "error",
                    _("the text is missing"),
                    file,
                    _("the file {file}", file=file),
                    _("none"),
                    _("Write the section's text there."),
                )
            )
            continue
        try:
            narrative = read_narrative(path, file)
        except BaocaoError as error:
            findings.append(
                _finding(
                    "narrative-unreadable",
                    "error",
                    str(error),
                    file,
                    _("UTF-8 text"),
                    "",
                    _("Save it again as UTF-8."),
                )
            )
            continue
        findings += narrative.findings
        findings += _check_blocks(narrative, text)
        if ids is not None:
            pieces = {name for names in text.blocks.values() for name in names}
            findings += _check_names(path, file, {*known, *text.names, *pieces})
        findings += _check_periods(path, file, project.house.periods, period)
    idle = {*project.params.reports} - {*project.params.reports_of(period)}
    for report in sorted(idle):
        files = [f"{file.relative_to(raw).as_posix()}" for file in sorted((folder / report).rglob("*.md"))]
        if files:
            message = _("the texts of report {report} are not printed", report=report)
            action = _(
                "Nothing has to be done; leave the texts of this report out of the folder of the period."
            )
            expected = _("texts of reports that {period} has", period=str(period))
            told = _finding("text-not-printed", "warning", message, files[0], expected, report, action)
            findings.append(replace(told, cells=tuple(files)))
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        file = path.relative_to(raw).as_posix()
        if path.relative_to(folder).parts[0] in idle and path.suffix == ".md":
            continue
        if (
            path.is_file()
            and file not in printed
            and not path.name.startswith("README")
            and path.name != ".gitkeep"
        ):
            findings.append(
                _finding(
                    "text-not-printed",
                    "warning",
                    _("no section prints this file"),
                    file,
                    name_near(file, printed),
                    file,
                    _("Give it the number of its section's notebook, or take it out."),
                )
            )
    return findings


def _finding(
    code: str, severity: str, message: str, where: str, expected: str, got: str, action: str
) -> Finding:
    return Finding(code, severity, message, cells=(where,), expected=expected, got=got, action=action)  # type: ignore[arg-type]


def _list_unreviewed(project: Project, period: Period) -> list[Finding]:
    """List the texts that were copied from the period before and that nobody has reviewed."""
    if not (project.params.folder / f"{period}.yaml").is_file():
        return []
    narrative = project.house.folders.narrative
    return [
        _finding(
            "narrative-unreviewed",
            "warning",
            _("the text is a copy of the period before and nobody has reviewed it"),
            f"{narrative}/{name}",
            _("a text of this period"),
            _("the text of {period}", period=period.previous),
            _(
                "Bring the text up to date, then delete its line under unreviewed in params/{period}.yaml.",
                period=period,
            ),
        )
        for name in project.params.period(period).unreviewed
    ]


def _list_printed(project: Project, period: Period) -> dict[str, PrintedText]:
    """List the narrative files there must be, with what is printed of each."""
    top = project.house.folders.narrative
    printed: dict[str, PrintedText] = defaultdict(PrintedText)
    for name, report in project.params.reports_of(period).items():
        for part in (OPENING, CLOSING):
            printed[f"{top}/{name}/{part}.md"].whole = True
        for notebook in report.notebooks:
            own, _slash, slug = notebook.partition("/")
            number = slug[:2] if own in project.params.reports else slug
            path = project.notebooks / f"{notebook}.ipynb"
            if not path.is_file():
                continue  # the build says so
            for call in _find_calls(path):
                text = printed[f"{top}/{own}/{number}.md"]
                names = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
                text.names |= names
                first = call.args[0] if call.args else None
                if first is None:
                    text.whole = True
                elif isinstance(first, ast.Constant) and isinstance(first.value, str):
                    text.blocks[first.value] = names
                else:
                    text.open = True
    return dict(printed)


def _find_calls(path: Path) -> Iterator[ast.Call]:
    try:
        cells = [cell.source for cell in read_notebook(path).cells if cell.cell_type == "code"]
    except BaocaoError:
        return  # the build says so
    for source in cells:
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "narrative"
            ):
                yield node


def _list_words(project: Project, period: Period) -> set[str]:
    return {"place", "short", "kind", *project.params.place.levels, *project.house.periods.words(period)}


def _check_blocks(narrative: Narrative, text: PrintedText) -> Iterator[Finding]:
    there = {block.name: block for block in narrative.blocks if block.name}
    for name in text.blocks:
        if name not in there:
            yield _finding(
                "block-missing", "error", _("the block '## {block}' is missing", block=name), narrative.file,
                f"## {name}", name_near(name, there), _("Write it, or correct the heading of the block that is meant."),
            )  # fmt: skip
    if text.whole:
        if all(block.is_empty for block in narrative.blocks):
            yield _finding(
                "text-empty",
                "error",
                _("the text is empty"),
                f"{narrative.file}:1",
                _("a text"),
                _("nothing"),
                _("Write the section's text there."),
            )
        return
    for block in narrative.blocks:
        lost = not block.is_empty and block.name not in text.blocks
        if lost and not (text.open and block.name):
            yield _finding(
                "text-not-printed", "warning",
                _("no section prints the block '## {block}'", block=block.name) if block.name else _("no section prints what stands before the first block"),
                f"{narrative.file}:{max(1, block.line - 1)}", name_near(block.name or "", text.blocks), block.name or _("no heading"),
                _("Move it into a block that is printed, or delete it."),
            )  # fmt: skip
        elif block.name in text.blocks and block.is_empty:
            yield _finding(
                "text-empty", "warning", _("the block '## {block}' is empty", block=block.name), f"{narrative.file}:{block.line - 1}",
                _("a text"), _("nothing"), _("Write it."),
            )  # fmt: skip


def _check_names(path: Path, file: str, known: set[str]) -> Iterator[Finding]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    for number, line in enumerate(lines, 1):
        for match in PLACEHOLDER.finditer(line):
            name = match[1]
            if name not in known and name.partition("__")[0] not in known:
                yield _finding(
                    "unknown-name-in-text", "error", _("{name} in braces stands for nothing", name=name), f"{file}:{number}",
                    name_near(name, sorted(known)), match[0], _("Correct the name, or put a backslash before the brace."),
                )  # fmt: skip


def _check_periods(path: Path, file: str, periods: Periods, period: Period) -> Iterator[Finding]:
    """Find the names and windows of periods that are neither this one nor the next, unless it is compared with them."""
    text = path.read_text(encoding="utf-8-sig")
    own = {(one.kind, one.year, one.number) for one in (period, period.next)}
    foreign = [
        match
        for pattern in periods.spelt
        for match in pattern.finditer(text)
        if (name := periods.find(match[0])) and name.kind == period.kind and tuple(name) not in own
    ]
    before = period.previous
    window = periods.window(before.start, before.end)
    foreign += re.finditer(re.escape(window), text)
    for match in foreign:
        start = max((end.end() for end in _SENTENCE.finditer(text, 0, match.start())), default=0)
        following = _SENTENCE.search(text, match.end())
        sentence = text[start : following.start() if following else len(text)].casefold()
        if not any(word in sentence for word in periods.comparing):
            line = text.count("\n", 0, match.start()) + 1
            yield _finding(
                "other-period", "warning", _("the text speaks of another period"), f"{file}:{line}",
                periods.label(period), match[0], _("Write {ky} for the name of the period, so that the text holds in the next one as well."),
            )  # fmt: skip
