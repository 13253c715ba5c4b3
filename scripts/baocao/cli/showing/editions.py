"""An edition that was just issued."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from baocao.cli.output import relative
from baocao.project.language import _

if TYPE_CHECKING:
    from baocao.editions.issuing import Issued
    from baocao.editions.signed.copies import Taken
    from baocao.project.folder import Project
    from baocao.project.periods import Period

MOST_CHANGES = 10


def format_issued(issued: Issued, project: Project, period: Period) -> Iterator[str]:
    """Return what is frozen, what changed since the edition before, and how to commit it."""
    edition = issued.edition
    yield _(
        "{period}: edition {edition}, {values} values, {files} files",
        period=period,
        edition=edition.number,
        values=len(edition.values),
        files=len(edition.outputs),
    )
    yield _(
        "{signed} of {sections} sections are signed",
        signed=sum(map(bool, edition.signed.values())),
        sections=len(edition.signed),
    )
    yield from (f"  {change}" for change in edition.changed[:MOST_CHANGES])
    if (more := len(edition.changed) - MOST_CHANGES) > 0:
        yield "  " + _(
            "… {count} more changes in {folder}/edition.json", count=more, folder=relative(issued.folder)
        )
    git = "git" if Path.cwd() == project.root else f"git -C {shlex.quote(str(project.root))}"
    folder = shlex.quote(str(issued.folder.relative_to(project.root)))
    command = f"{git} add {folder} && {git} commit -m 'Issue {period}, edition {edition.number}'"
    yield _("now commit it: {command}", command=command)


def format_taken(taken: Taken) -> Iterator[str]:
    """Return who signed a copy, what was filled in, what is wrong with it, and where it is kept."""
    examined = taken.examined
    for line in (
        *(
            _("{report}: signed by {signature}", report=examined.report, signature=signature)
            for signature in examined.signatures
        ),
        *(_("filled in: {line}", line=line) for line in examined.filled),
        *map(str, examined.findings),
    ):
        # Names in a signature and text in a PDF are somebody else's: what a terminal would obey is spelt.
        yield "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
    if taken.path is None:
        yield _(
            "not kept: this is not the report that was issued, with nothing but signature, number and date added"
        )
    else:
        yield _("kept: {path}", path=relative(taken.path))
