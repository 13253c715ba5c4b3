"""What an audit found: the counts, then what is not the same, each with its reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from baocao.editions.auditing.audit import Audit
from baocao.project.language import N_, _

if TYPE_CHECKING:
    from baocao.editions.auditing.verdicts import Kind, Verdict
    from baocao.editions.record import Change
    from baocao.project.errors import BaocaoError

MOST = 40
MOST_REASONS = 5
CODE = {
    "then": N_("the code of then"),
    "today": N_("today's code"),
    "nothing": N_("no code run"),
}
VERDICTS: dict[Kind, str] = {
    "identical-bytes": N_("identical bytes"),
    "identical-values": N_("identical values"),
    "input-changed": N_("input changed"),
    "code-changed": N_("code changed"),
    "environment-changed": N_("environment changed"),
    "not-deterministic": N_("not deterministic"),
    "altered": N_("altered"),
    "cannot-check": N_("cannot check"),
}
TITLES = {"source": N_("source"), "value": N_("value"), "file": N_("file")}


def format_audit(audit: Audit, most: int = MOST) -> Iterator[str]:
    """Return an audit as lines; ``most`` things of each kind."""
    for line in _format_audit(audit, most):
        # Names in an archive are somebody else's: what a terminal would obey is spelt.
        yield "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def _format_audit(audit: Audit, most: int) -> Iterator[str]:
    yield _(
        "{period}, edition {edition}, commit {commit}, {code}",
        period=audit.period,
        edition=audit.edition,
        commit=audit.commit[:12],
        code=_(CODE[audit.with_]),
    )
    yield "  " + _(
        "{count} values: {verdicts}", count=len(audit.values), verdicts=format_verdicts(audit.values)
    )
    yield "  " + _("{count} files: {verdicts}", count=len(audit.files), verdicts=format_verdicts(audit.files))
    yield from ("  " + _("note: {note}", note=note) for note in audit.notes)
    for title, verdicts in (("source", audit.sources), ("value", audit.values), ("file", audit.files)):
        yield from _format_unknown(title, verdicts, most)
        bad = [one for one in verdicts if not one.good and one.verdict != "cannot-check"]
        moved = [one for one in verdicts if one.good and one.reasons]
        for verdict in (*bad, *moved)[:most]:
            yield from _format_verdict(title, verdict)
        if (more := len(bad) + len(moved) - most) > 0:
            yield "  " + _("{kind}: … {count} more; --json lists them all", kind=_(TITLES[title]), count=more)
    if audit.identical:
        yield "  " + _("all values are identical")
    else:
        yield "  " + _("not all values are identical, or they cannot be checked")


def _format_unknown(title: str, verdicts: Iterable[Verdict], most: int) -> Iterator[str]:
    # What stopped a build stopped it for hundreds of values: it is said once.
    unknown: dict[tuple[str, tuple[Change, ...]], list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.verdict == "cannot-check":
            unknown[verdict.note, verdict.reasons].append(verdict.name)
    for (note, reasons), names in list(unknown.items())[:most]:
        listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        yield "  " + _(
            "{kind}: {count} cannot be checked ({names}): {note}",
            kind=_(TITLES[title]),
            count=len(names),
            names=listed,
            note=note,
        )
        yield from (f"    {reason}" for reason in reasons[:MOST_REASONS])


def _format_verdict(title: str, verdict: Verdict) -> Iterator[str]:
    numbers = f": {verdict.before} -> {verdict.after}" if title == "value" else ""
    note = f" ({verdict.note})" if verdict.note else ""
    yield f"  {_(TITLES[title])} {verdict.name}{numbers}: {_(VERDICTS[verdict.verdict])}{note}"
    yield from (f"    {reason}" for reason in verdict.reasons[:MOST_REASONS])


def format_verdicts(verdicts: Iterable[Verdict]) -> str:
    """Return how many verdicts there are of each kind, most first."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    return ", ".join(f"{count} {_(VERDICTS[kind])}" for kind, count in counts.most_common()) or _("none")


def format_audits(audits: Mapping[str, Audit | BaocaoError]) -> Iterator[str]:
    """Return one line for each period."""
    rows: list[Sequence[str]] = [
        (_("period"), _("edition"), _("values"), _("files"), _("sources"), _("verdict"))
    ]
    for period, audit in audits.items():
        if isinstance(audit, Audit):
            word = (
                _("as issued") if audit.good else _("values identical") if audit.identical else _("DIFFERENT")
            )
            counts = [f"{sum(one.good for one in part)}/{len(part)}" for part in (audit.values, audit.files)]
            changed = _("{count} changed", count=len(audit.sources))
            rows.append((period, str(audit.edition), *counts, changed, word))
        else:
            why = str(audit).partition("\n")[0]
            rows.append((period, "?", "?", "?", "?", _("CANNOT CHECK: {why}", why=why)))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join([*cells, row[5]])
