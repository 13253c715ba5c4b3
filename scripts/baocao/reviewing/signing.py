"""
Reviewers' approvals of a section, bound to what they approved.

``reports/<period>/signoff.json`` (``schema`` 3, 2026-11) holds under
``sections``, for each ``<report>/<section>``, the hash of what was signed,
``approved`` (values as printed, paragraphs, notebooks, and for each raw file
the hash of the cells that the section reads from it), ``signatures``: who,
when, with what note, and where a key was at hand ``proof``, its signature
(CMS, base64) over all that and the section; and ``seal``, the hash of it all,
by which an edit by hand is told. Who makes the seal anew is seen where a key
has signed. Whether an approval still fits is found out anew each
time; reading writes nothing.
"""

from __future__ import annotations

import json
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from filelock import FileLock

from baocao.project.errors import TraceError, UsageError
from baocao.project.files import dump_json, write_atomically
from baocao.project.findings import list_first
from baocao.project.folder import Project
from baocao.project.hashes import hash_bytes
from baocao.project.keys import Key, check_bytes, sign_bytes
from baocao.project.language import N_, _
from baocao.project.periods import Period
from baocao.reviewing.approved import Sections

FILE = "signoff.json"
LOCK_FILE = ".signing.lock"
SCHEMA = 3
_UNSEALED = 2  # the schema before: an entry has neither seal nor proofs
_MOST = 12  # reasons that are said one by one

State = Literal["signed", "stale", "open"]


@dataclass(frozen=True)
class Signature:
    """
    Who approved, on which day (``2026-03-20``, of the machine's time zone), with what note.

    Parameters
    ----------
    proof
        What a key signed of it, base64; empty where none was at hand.
    signer
        Whose key that was, by its certificate; empty without one.
    """

    by: str
    at: str
    note: str = ""
    proof: str = field(default="", repr=False)
    signer: str = ""

    def __str__(self) -> str:
        said = f"{self.by}, {self.at}" + (f" ({self.note})" if self.note else "")
        return said + (_(", key of {signer}", signer=self.signer) if self.signer else "")

    def as_dict(self) -> dict[str, str]:
        """Return plain JSON types, without the proof."""
        return {"by": self.by, "at": self.at, "note": self.note, "signer": self.signer}


@dataclass(frozen=True)
class Standing:
    """
    How a section stands.

    Parameters
    ----------
    section
        ``kstthc/I.7``.
    signatures
        Of all who approved the same content, in the order of signing; empty for an open section.
    why
        What changed since it was signed; empty unless it is stale.
    """

    section: str
    state: State
    signatures: tuple[Signature, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """Everybody who signed, parted by semicolons."""
        return "; ".join(signature.by for signature in self.signatures)

    @property
    def at(self) -> str:
        """The day of the last signature; empty where there is none."""
        return self.signatures[-1].at if self.signatures else ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "section": self.section,
            "state": self.state,
            "by": self.by,
            "at": self.at,
            "note": "; ".join(one.note for one in self.signatures if one.note),
            "signatures": [one.as_dict() for one in self.signatures],
            "why": list(self.why),
        }


def sign(
    project: Project, period: Period, section: str, *, by: str, note: str = "", signing_key: Key | None = None
) -> Standing:
    """
    Approve a section as it was built; who approves what others have approved signs beside them.

    A signature under other content than the section has now is out of date and gives way.

    Parameters
    ----------
    section
        ``kstthc/I.7``; the report may be left out where one report alone has such a section.
    by
        Who approves.
    signing_key
        Signs the approval; None leaves it to the name.

    Raises
    ------
    UsageError
        There is no such section, or nobody signs.
    TraceError
        The report has not been built, or a notebook or raw file changed since.
    """
    by = " ".join(unicodedata.normalize("NFC", by).split())
    if not by:
        raise UsageError(_("expected the name of who signs: --by NAME."))
    key = _find_section(project, period, section)
    sections = Sections(project, period)
    current = sections.read(key)
    if current is None:
        raise TraceError(
            _("{key} of {period} is not built; run 'baocao build {period}' first.", key=key, period=period)
        )
    changed = sections.list_changed(key, current)
    if changed:
        shown = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        raise TraceError(
            _(
                "{files} changed since the build; run 'baocao build {period}' before signing.",
                files=shown,
                period=period,
            )
        )
    digest = _hash(current)
    with FileLock(project.output(period) / LOCK_FILE):
        signed = _read(project, period)
        entry = signed.get(key, {})
        kept = list(_read_signatures(entry)) if entry.get("hash") == digest else []
        note = note or next((one.note for one in kept if one.by == by), "")
        own = Signature(by, datetime.now().astimezone().date().isoformat(), note)
        if signing_key is not None:
            said = _say_signed(period, key, digest, own)
            proof = sign_bytes(said, signing_key)
            own = replace(own, proof=b64encode(proof).decode(), signer=check_bytes(said, proof).signer)
        signatures = (*(one for one in kept if one.by != by), own)
        signed[key] = {
            "hash": digest,
            "approved": current,
            "signatures": [asdict(signature) for signature in signatures],
        }
        for name, one in signed.items():
            one["seal"] = _seal(name, one)
        path = project.output(period) / FILE
        write_atomically(path, dump_json({"schema": SCHEMA, "sections": signed}))
    return Standing(key, "signed", signatures)


def list_standings(project: Project, period: Period) -> list[Standing]:
    """Return how every section stands, in the order of the reports; nothing is written."""
    signed = _read(project, period)
    sections = Sections(project, period)
    found = []
    for key in _list_sections(project, period):
        entry = signed.get(key)
        if entry is None:
            found.append(Standing(key, "open"))
            continue
        why = tuple(_explain(entry["approved"], sections.read(key)))
        signatures = _read_signatures(entry)
        found.append(Standing(key, "stale" if why else "signed", signatures, why))
    return found


def _list_sections(project: Project, period: Period) -> list[str]:
    return [
        f"{name}/{section.key}"
        for name, spec in project.params.reports_of(period).items()
        for section in spec.sections
    ]


def _find_section(project: Project, period: Period, wanted: str) -> str:
    known = _list_sections(project, period)
    found = [key for key in known if wanted in (key, key.partition("/")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            _(
                "{wanted!r} is a section of several reports; say which: {found}.",
                wanted=wanted,
                found=", ".join(found),
            )
        )
    raise UsageError(
        _("there is no section {wanted!r}; expected one of {known}.", wanted=wanted, known=", ".join(known))
    )


def _explain(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> list[str]:
    """Name what differs between what was approved and what is there; empty where nothing does."""
    if now is None:
        return [_("this section is no longer in the report that was built")]
    why: list[str] = []
    for name in dict.fromkeys([*before["values"], *now["values"]]):
        one, other = before["values"].get(name), now["values"].get(name)
        if one is None:
            why.append(_("added {name} = {number}", name=name, number=_print(other)))
        elif other is None:
            why.append(_("removed {name} (it was {number})", name=name, number=_print(one)))
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
            _("sentence «{was}» → «{now}»", was=one, now=other)
            if one and other
            else _("added the sentence «{sentence}»", sentence=other)
            if other
            else _("removed the sentence «{sentence}»", sentence=one)
        )
    changed = [name for name, sha256 in now["notebooks"].items() if before["notebooks"].get(name) != sha256]
    changed += [name for name in before["notebooks"] if name not in now["notebooks"]]
    why += [_("the notebook {name}.ipynb changed", name=name) for name in changed]
    why += _explain_cells(before["cells"], now["cells"])
    return why if len(why) <= _MOST else [*why[:_MOST], _("and {count} more changes", count=len(why) - _MOST)]


def _explain_cells(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    changed = [file for file in before if file in now and before[file] != now[file]]
    gone, come = (
        [file for file in one if file not in other] for one, other in ((before, now), (now, before))
    )
    why: list[str] = []
    for message, files in (
        (N_("source cells changed in {files}"), changed),
        (N_("no longer taken from {files}"), gone),
        (N_("now also taken from {files}"), come),
    ):
        if files:
            listed = ", ".join(files[:3])
            if len(files) > 3:
                listed = _("{files} and {count} more", files=listed, count=len(files) - 3)
            why.append(_(message, files=listed))
    return why


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
    return hash_bytes(dump_json(approved).encode())


def _read_signatures(entry: Mapping[str, Any]) -> tuple[Signature, ...]:
    return tuple(Signature(**one) for one in entry["signatures"])


def _say_signed(period: Period, section: str, digest: str, one: Signature) -> bytes:
    """Return what a key signs: an approval in its place, of its content."""
    said = {"period": str(period), "section": section, "hash": digest, "by": one.by, "at": one.at}
    return dump_json({**said, "note": one.note}).encode()


def _seal(section: str, entry: Mapping[str, Any]) -> str:
    """Hash an entry with the name of its section."""
    return _hash({"section": section, "hash": entry["hash"], "signatures": entry["signatures"]})


def _find_forged(period: Period, sections: Mapping[str, Any]) -> Iterator[str]:
    """Name the approvals that no longer say what a key has signed."""
    for section, entry in sections.items():
        for one in _read_signatures(entry):
            if not one.proof and not one.signer:
                continue
            signed = check_bytes(_say_signed(period, section, entry["hash"], one), b64decode(one.proof))
            if not signed.good or signed.signer != one.signer:
                yield f"{section} ({one.by})"


def _read(project: Project, period: Period) -> dict[str, dict[str, Any]]:
    path = project.output(period) / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        sections = data["sections"]
        whole = data["schema"] in {SCHEMA, _UNSEALED} and all(
            _hash(one["approved"]) == one["hash"] for one in sections.values()
        )
        edited = [name for name, one in sections.items() if "seal" in one and one["seal"] != _seal(name, one)]
        if data["schema"] == SCHEMA:
            edited += [name for name, one in sections.items() if "seal" not in one]
        edited = edited or list(_find_forged(period, sections))
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TraceError(
            _(
                "{path} is damaged ({error}); take it from version control, or sign again.",
                path=path,
                error=error,
            )
        ) from None
    if not whole:
        raise TraceError(
            _("{path}: an approval does not match its hash; take the file from version control.", path=path)
        )
    if edited:
        raise TraceError(
            _(
                "{path} was edited by hand: {sections}; take the file from version control, or sign again.",
                path=path,
                sections=list_first(edited),
            )
        )
    return dict(sections)
