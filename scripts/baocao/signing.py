"""
A reviewer's approval of a section, bound to what was approved.

``reports/<period>/signoff.json`` (``schema`` 1, 2026-11) holds under
``sections``, for each ``<report>/<section>``, who signed, when, the hash of
what was signed, and ``approved``: values as printed, paragraphs, notebooks. An
approval that no longer fits what was built has ``state`` ``stale`` and ``why``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from baocao.errors import TraceError, UsageError
from baocao.freshness import hash_file
from baocao.params import ReportSpec
from baocao.periods import Period
from baocao.project import Project
from baocao.tracing import dump_json, write_atomically

FILE = "signoff.json"
SCHEMA = 1
_MOST = 12  # reasons that are said one by one
_HEADING = re.compile(r"^#+ .*\{#(\w+)\}$", re.MULTILINE)
_SPAN = re.compile(r"\[((?:\\.|[^\]\\])*)\]\{[^}\n]*\}")
_ATTRIBUTES = re.compile(r"\s*\{[^}\n]*\}|^:+$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([^\w\s])")

State = Literal["signed", "stale", "open"]


@dataclass(frozen=True)
class Standing:
    """
    How a section stands.

    Parameters
    ----------
    section
        ``kstthc/I.7``.
    why
        What changed since it was signed; empty unless it is stale.
    """

    section: str
    state: State
    by: str = ""
    at: str = ""
    note: str = ""
    why: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Give plain JSON types."""
        return {**asdict(self), "why": list(self.why)}


def sign(project: Project, period: Period, section: str, *, by: str, note: str = "") -> Standing:
    """
    Approve a section as it was built.

    Parameters
    ----------
    section
        ``kstthc/I.7``; the report may be left out where one report alone has such a section.
    by
        Who approves.

    Raises
    ------
    UsageError
        There is no such section, or nobody signs.
    TraceError
        The report has not been built, or a notebook changed since.
    """
    if not by.strip():
        raise UsageError("expected the name of who signs: --by NAME.")
    key = _find_section(project, section)
    current = _read_section(project, period, key)
    if current is None:
        raise TraceError(f"{key} of {period} is not built; run 'baocao build {period}' first.")
    run = project.output(period) / "run.json"
    built = json.loads(run.read_text(encoding="utf-8")).get("notebooks", {}) if run.is_file() else {}
    changed = [name for name, sha256 in current["notebooks"].items() if built.get(name, sha256) != sha256]
    if changed:
        raise TraceError(
            f"{', '.join(changed)} changed since the build; run 'baocao build {period}' before signing."
        )
    entry: dict[str, Any] = {
        "by": by.strip(),
        "at": datetime.now(UTC).date().isoformat(),
        "note": note,
        "hash": _hash(current),
        "approved": current,
    }
    signed = _read(project, period)
    signed[key] = entry
    _write(project, period, signed)
    return Standing(key, "signed", entry["by"], entry["at"], note)


def list_standings(project: Project, period: Period) -> list[Standing]:
    """
    Say how every section stands, in the order of the reports.

    What is found stale is noted in ``signoff.json``, so that whoever reads it
    sees it too; the approval itself is kept.
    """
    signed = _read(project, period)
    found = []
    for key in _list_sections(project):
        entry = signed.get(key)
        if entry is None:
            found.append(Standing(key, "open"))
            continue
        why = _explain(entry["approved"], _read_section(project, period, key))
        entry.pop("state", None)
        entry.pop("why", None)
        if why:
            entry.update(state="stale", why="; ".join(why))
        state: State = "stale" if why else "signed"
        found.append(Standing(key, state, entry["by"], entry["at"], entry.get("note", ""), tuple(why)))
    if signed:
        _write(project, period, signed)
    return found


def print_standings(standings: list[Standing]) -> list[str]:
    """Write one line for people, and a line for each stale section."""
    counts = {state: sum(one.state == state for one in standings) for state in ("signed", "stale", "open")}
    lines = [f"sign-off: {counts['signed']} signed, {counts['stale']} stale, {counts['open']} open"]
    for one in standings:
        if one.state == "stale":
            more = f" … và {len(one.why) - 3} thay đổi khác" if len(one.why) > 3 else ""
            lines.append(f"  {one.section} ({one.by}, {one.at}): {'; '.join(one.why[:3])}{more}")
    return lines


def _list_sections(project: Project) -> list[str]:
    return [f"{name}/{one.key}" for name, spec in project.params.reports.items() for one in spec.sections]


def _find_section(project: Project, wanted: str) -> str:
    known = _list_sections(project)
    found = [key for key in known if wanted in (key, key.partition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{wanted!r} is a section of several reports; say which: {', '.join(found)}.")
    raise UsageError(f"there is no section {wanted!r}; expected one of {', '.join(known)}.")


def _read_section(project: Project, period: Period, key: str) -> dict[str, Any] | None:
    """Give what is approved with a section; None where its report is not built."""
    report, _, section = key.partition("/")
    spec = project.params.report(report)
    source, path = (project.output(period) / f"{report}{ending}" for ending in (".qmd", ".trace.json"))
    try:
        text = source.read_text(encoding="utf-8")
        trace = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise TraceError(f"{path} is damaged ({error}); run 'baocao build {period}' again.") from None
    paragraphs = _find_paragraphs(text, spec, section)
    if not paragraphs:
        return None
    values: dict[str, dict[str, Any]] = {}
    for mention in trace["mentions"]:
        if _owner(spec, mention["section"]) == section:
            values.setdefault(mention["value"], {"printed": []})["printed"].append(mention["printed"])
    for chart in trace["charts"]:
        if _owner(spec, chart["section"]) == section:
            for _, _, value in chart["marks"]:
                values.setdefault(value, {"printed": []})
    for name, value in values.items():
        value["number"] = trace["values"][name]["number"]
    own = next(one for one in spec.sections if one.key == section)
    notebooks = {}
    for name in dict.fromkeys(spec.locate(part.notebook) for part in own.parts):
        notebook = project.notebooks / f"{name}.ipynb"
        notebooks[name] = hash_file(notebook) if notebook.is_file() else ""
    return {"values": values, "paragraphs": paragraphs, "notebooks": notebooks}


def _owner(spec: ReportSpec, section: str) -> str:
    """Say to which section with a heading of its own a subsection belongs."""
    keys = [one.key for one in spec.sections if section == one.key or section.startswith(f"{one.key}.")]
    return max(keys, key=len, default="")


def _find_paragraphs(text: str, spec: ReportSpec, section: str) -> list[str]:
    wanted = {
        f"{spec.name}_{re.sub(r'[^a-z0-9]', '', one.key.lower().replace('đ', 'dd'))}": one.key
        for one in spec.sections
    }
    found = ""
    headings = [match for match in _HEADING.finditer(text) if match[1] in wanted]
    for at, match in enumerate(headings):
        if wanted[match[1]] == section:
            end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
            found = text[match.start() : end]
    plain = _ESCAPED.sub(r"\1", _ATTRIBUTES.sub("", _SPAN.sub(r"\1", found)))
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", plain) if part.strip()]


def _explain(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> list[str]:
    """Name what differs between what was approved and what is there; empty where nothing does."""
    if now is None:
        return ["mục này không còn trong báo cáo đã lập"]
    why = []
    for name in dict.fromkeys([*before["values"], *now["values"]]):
        one, other = before["values"].get(name), now["values"].get(name)
        if one is None:
            why.append(f"thêm {name} = {_print(other)}")
        elif other is None:
            why.append(f"bỏ {name} (trước là {_print(one)})")
        elif one != other:
            why.append(f"{name}: {_print(one)} → {_print(other)}")
    known = set(why)
    old, new = before["paragraphs"], now["paragraphs"]
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        left, right = " ".join(old[a1:a2]), " ".join(new[b1:b2])
        # A paragraph that differs by its numbers alone was named with them.
        if known and re.sub(r"[\d.,/%]+", "#", left) == re.sub(r"[\d.,/%]+", "#", right):
            continue
        one, other = _differing(left, right)
        why.append(
            f"câu «{one}» → «{other}»"
            if one and other
            else f"thêm câu «{other}»"
            if other
            else f"bỏ câu «{one}»"
        )
    changed = [name for name, sha256 in now["notebooks"].items() if before["notebooks"].get(name) != sha256]
    changed += [name for name in before["notebooks"] if name not in now["notebooks"]]
    why += [f"sổ tính {name}.ipynb đã thay đổi" for name in changed]
    return why if len(why) <= _MOST else [*why[:_MOST], f"và {len(why) - _MOST} thay đổi khác"]


def _differing(one: str, other: str) -> tuple[str, str]:
    """Cut two texts to the sentences in which they differ."""
    left, right = (re.split(r"(?<=[.;:!?])\s+", text) for text in (one, other))
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    return tuple(text if len(text) <= 160 else f"{text[:160]}…" for text in (" ".join(left), " ".join(right)))  # type: ignore[return-value]


def _print(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return "-"
    return ", ".join(dict.fromkeys(value["printed"])) or str(value["number"])


def _hash(approved: Mapping[str, Any]) -> str:
    return hashlib.sha256(dump_json(approved).encode()).hexdigest()


def _read(project: Project, period: Period) -> dict[str, dict[str, Any]]:
    path = project.output(period) / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        sections = data["sections"]
        whole = data["schema"] == SCHEMA and all(
            _hash(one["approved"]) == one["hash"] for one in sections.values()
        )
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TraceError(
            f"{path} is damaged ({error}); take it from version control, or sign again."
        ) from None
    if not whole:
        raise TraceError(f"{path}: an approval does not match its hash; take the file from version control.")
    return dict(sections)


def _write(project: Project, period: Period, sections: Mapping[str, Any]) -> None:
    path: Path = project.output(period) / FILE
    content = dump_json({"schema": SCHEMA, "sections": sections})
    if not path.is_file() or path.read_text(encoding="utf-8") != content:
        write_atomically(path, content)
