"""Explain an archive to a stranger: what is in it, how to check it, how to make it again."""

from __future__ import annotations

from baocao.editions.archiving.bundles import CRATE, ISSUED, PROJECT
from baocao.editions.record import Edition
from baocao.project.frozen import RECORD
from baocao.project.language import N_, _

MOST_CHANGES = 50
_GUIDE = N_("""# Report {label}, edition {number}

This archive holds the report as it was issued, the data as the units sent it, and all the code that made the report.

| Folder | Holds |
|---|---|
| `{issued}/` | {reports}; executed `notebooks/`; `trace.json`: each number and its cells; `{record}`: the hash of every value and file |
| `{project}/data/raw/` | the files as received from the units |
| `{project}/` | parameters, notebooks, code (commit {commit}), the list of packages `requirements.lock` |
| `{crate}` | a description after RO-Crate, profile Workflow Run |
{correction}
## Who signed each section

{signed}

## To check it, without any program of ours

In the folder that holds `manifest-sha256.txt` (above this file):

    sha256sum -c --quiet tagmanifest-sha256.txt && sha256sum -c --quiet manifest-sha256.txt && echo right

On Windows: `certutil -hashfile FILE SHA256`, and compare with the file's line in `manifest-sha256.txt`.

## To make the report again and compare every value

You need Linux, Python {python} (the same minor version will do), make, and access to an index of Python packages; git is not needed.

    python3 -m zipfile -e {name}.zip .
    cd {name}/data/{project}
    make install PYTHON=python{minor}
    .venv/bin/baocao audit --run-code ../../../{name}.zip

The last command opens the zip file again, checks every hash, makes everything again from the raw data in a clean folder
and gives a verdict for each value and file. Exit code 0: every value is as issued. `--run-code` runs the code in the
archive: use it only if you trust its sender; without it the hashes are checked and nothing runs. The unpacked folder
(`../..`) may be given in place of the zip file; then only files named in `manifest-sha256.txt` are used. An archive
vouches for itself only: to know that it is what the office issued, compare the SHA-256 of the zip file with the one
that the office publishes or gives you.

Made with Python {python}, {system}, {engine} ({programs}).
""")
_CORRECTION = N_("""
## This edition takes the place of the one before

Why: {why}

{changes}
""")


def write_guide(edition: Edition, name: str, label: str) -> str:
    """Return for a stranger what is in the archive, how to check it and how to make it again."""
    environment = edition.environment
    changes = "\n".join(f"- {change}" for change in edition.changed[:MOST_CHANGES])
    return _(
        _GUIDE,
        label=label,
        number=edition.number,
        issued=ISSUED,
        reports=", ".join(f"`{ISSUED}/{report}.docx`, `.pdf`, `.html`" for report in edition.reports),
        record=RECORD,
        project=PROJECT,
        commit=edition.commit,
        crate=CRATE,
        correction=_(_CORRECTION, why=edition.correction, changes=changes) if edition.correction else "",
        signed="\n".join(
            f"- {section}: {'; '.join(names) or _('nobody yet')}" for section, names in edition.signed.items()
        ),
        python=environment.python,
        name=name,
        minor=".".join(environment.python.split(".")[:2]),
        system=environment.system,
        engine=environment.engine,
        programs=", ".join(f"{tool} {version}" for tool, version in sorted(environment.versions.items())),
    )
