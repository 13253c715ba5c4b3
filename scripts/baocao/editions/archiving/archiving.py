"""
Pack an issued edition for somebody outside: one zip file, a BagIt bag, its payload an RO-Crate.

The same edition packs to the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from baocao.editions.archiving.bundles import (
    CRATE,
    DECLARATION,
    GUIDE,
    ISSUED,
    MANIFEST,
    PAYLOAD,
    PROJECT,
    TAG_MANIFEST,
    make_manifest,
    open_bundle,
)
from baocao.editions.archiving.guides import write_guide
from baocao.editions.archiving.ro_crate import make_crate
from baocao.editions.issuing import check_kept
from baocao.editions.record import Edition, read_edition
from baocao.project.errors import InputError, UsageError
from baocao.project.files import dump_json, write_atomically
from baocao.project.folder import Project
from baocao.project.frozen import RECORD, compare_hashes, hash_sources, issued_folder, list_periods
from baocao.project.git import Repository
from baocao.project.hashes import hash_file
from baocao.project.language import _, speaking
from baocao.project.periods import Period
from baocao.project.temporary import temporary_folder


def archive(
    project: Project, period: Period, target: Path | None = None, *, number: int | None = None
) -> Path:
    """
    Pack an edition.

    Parameters
    ----------
    target
        The zip file; None writes ``reports/<period>/<place>-<period>-<n>.zip``.
    number
        The edition; None is the last one.

    Returns
    -------
    Path
        The file; it was opened and checked like one from outside before it was put there.

    Raises
    ------
    UsageError
        The period was not issued, or its commit is not here.
    InputError
        What would be packed is not what was issued; every file is named.
    """
    repository = Repository(project.root)
    check_kept(project, period, repository)
    edition = read_edition(project, period, number)
    label = project.house.periods.label(period)
    name = f"{project.params.place.code.lower()}-{period}-{edition.number}"
    if not repository.has(edition.commit):
        raise UsageError(
            _(
                "commit {commit} is not in this repository; fetch its whole history.",
                commit=edition.commit[:12],
            )
        )
    issued = issued_folder(project, period) / str(edition.number)
    with temporary_folder("archive") as folder:
        then = folder / "then"
        repository.export(edition.commit, then)
        _check(edition, issued, then)
        date = repository.date(edition.commit)
        payload = {f"{PROJECT}/{path}": (then / path).read_bytes() for path in edition.sources}
        payload |= {f"{ISSUED}/{path}": (issued / path).read_bytes() for path in (*edition.outputs, RECORD)}
        with speaking(project.house.language):
            payload[GUIDE] = write_guide(edition, name, label).encode()
            payload[CRATE] = dump_json(make_crate(edition, name, payload, date, label)).encode()
        content = pack(name, payload, edition, date)
        packed = folder / f"{name}.zip"
        packed.write_bytes(content)
        open_bundle(packed, folder / "again")
        path = target or project.output(period) / packed.name
        write_atomically(path, content)
    return path


def _check(edition: Edition, issued: Path, then: Path) -> None:
    lying = {path: hash_file(issued / path) for path in edition.outputs if (issued / path).is_file()}
    changed: list[str] = [
        _("issued file {path}", path=path) for path in compare_hashes(edition.outputs, lying)
    ]
    changed += compare_hashes(edition.sources, hash_sources(then, list_periods(edition.sources)))
    if not edition.is_sealed:
        changed.append(RECORD)
    if changed:
        listed = "\n".join(f"  {path}" for path in changed[:20])
        raise InputError(
            _(
                "{period}, edition {number}: {count} file(s) are not what was issued:\n{listed}\n'baocao audit {period}' says more.",
                period=edition.period,
                number=edition.number,
                count=len(changed),
                listed=listed,
            )
        )


def pack(name: str, payload: Mapping[str, bytes], edition: Edition, date: datetime) -> bytes:
    """Write a payload as a bag in a zip file, dated like its commit; the same payload gives the same bytes."""
    data = {f"{PAYLOAD}/{path}": content for path, content in payload.items()}
    info = {
        "Bag-Software-Agent": f"baocao {edition.version}",
        "Bagging-Date": date.date().isoformat(),
        "External-Identifier": name,
        "Internal-Sender-Description": f"{edition.period}, edition {edition.number}, commit {edition.commit}",
        "Payload-Oxum": f"{sum(map(len, data.values()))}.{len(data)}",
    }
    tags = {
        "bagit.txt": DECLARATION.encode(),
        "bag-info.txt": "".join(f"{key}: {value}\n" for key, value in info.items()).encode(),
        MANIFEST: make_manifest(data),
    }
    tags[TAG_MANIFEST] = make_manifest(tags)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bag:
        for path, content in sorted({**tags, **data}.items()):
            entry = zipfile.ZipInfo(f"{name}/{path}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            bag.writestr(entry, content)
    return stream.getvalue()
