"""
Open an archive that somebody sent: nothing of it is believed, and nothing of it runs here.

A bundle is a zip file with one folder, a BagIt bag (RFC 8493), or that folder
unpacked. Names, sizes and kinds of all members are judged before the first
byte is written, sizes again while bytes are written, hashes afterwards. What
is in it must be what the record names, no file more and none less.
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from baocao.editions.record import Edition, parse_edition
from baocao.project.errors import InputError
from baocao.project.frozen import RECORD, compare_hashes
from baocao.project.hashes import hash_bytes, hash_file
from baocao.project.language import _

MIB = 1 << 20
MAX_FILE = 256 * MIB
MAX_TOTAL = 1024 * MIB
MAX_MEMBERS = 20_000
MAX_RATIO = 200
_RATIO_FLOOR = 4 * MIB
_CHUNK = 1 << 16

MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
TAGS = ("bag-info.txt", "bagit.txt", MANIFEST)
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = "data"
#: Below the payload: the project as it was, and the edition's own folder.
PROJECT = "project"
ISSUED = "issued"
#: The two files of a payload that no record names: they explain it.
GUIDE = "README.md"
CRATE = "ro-crate-metadata.json"
_END = struct.Struct("<4s16sH")  # of a zip file: signature, counts and offsets, length of the comment
_LINE = re.compile(r"^([0-9a-fA-F]{64})[ \t]+\*?(.+)$")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")


@dataclass(frozen=True)
class Bundle:
    """An archive that was opened: its record, its issued files, and its project folder."""

    edition: Edition
    issued: Path
    project: Path


def open_bundle(path: Path, folder: Path) -> Bundle:
    """
    Unpack and check an archive.

    Parameters
    ----------
    path
        The zip file, or the folder of the bag. Of a folder only what its list
        names is copied, so that files which came to lie there play no part.
    folder
        Where to unpack; must not exist.

    Raises
    ------
    InputError
        It is no bag of ours, holds what a bag may not, or is not what its
        hashes say; every file concerned is named.
    """
    path = path.resolve()  # "." has no name
    bag = _copy(path, folder) if path.is_dir() else _unpack(path, folder)
    _check_bag(bag, path.name)
    payload = bag / PAYLOAD
    record = payload / ISSUED / RECORD
    if not record.is_file():
        raise InputError(
            _(
                "{name}: expected {payload}/{issued}/{record} in it; it is no archive of an edition.",
                name=path.name,
                payload=PAYLOAD,
                issued=ISSUED,
                record=RECORD,
            )
        )
    edition = parse_edition(record.read_bytes(), f"{path.name}: {RECORD}")
    if not edition.is_sealed:
        raise InputError(
            _(
                "{name}: {record} was altered after it was sealed; ask for the archive again.",
                name=path.name,
                record=RECORD,
            )
        )
    named = {f"{PROJECT}/{file}": sha256 for file, sha256 in edition.sources.items()}
    named |= {f"{ISSUED}/{file}": sha256 for file, sha256 in edition.outputs.items()}
    explaining = {GUIDE, CRATE, f"{ISSUED}/{RECORD}"}
    held = {
        name: hash_file(file)
        for file in payload.rglob("*")
        if file.is_file() and (name := file.relative_to(payload).as_posix()) not in explaining
    }
    _refuse(path.name, _("its code, notebooks, parameters, raw or issued files"), named, held)
    project = payload / PROJECT
    return Bundle(edition, payload / ISSUED, project)


def _refuse(name: str, what: str, wanted: dict[str, str], held: dict[str, str]) -> None:
    differing = compare_hashes(wanted, held)
    if differing:
        listed = "\n".join(
            _(
                "  {file}: expected {wanted}, got {held}",
                file=file,
                wanted=wanted.get(file, _("no such file"))[:12],
                held=held.get(file, _("no such file"))[:12],
            )
            for file in differing[:20]
        )
        more = f"\n  … {len(differing) - 20} more" if len(differing) > 20 else ""
        raise InputError(
            _(
                "{name}: {what} are not what the hashes say; nothing was run:\n{listed}{more}",
                name=name,
                what=what,
                listed=listed,
                more=more,
            )
        )


# -- the zip file ----------------------------------------------------------------


def _unpack(path: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            top = _check_members(path.name, members)
            _check_ends(path, members)
            total = 0
            for member in members:
                if not member.is_dir():
                    total += _write(archive, member, folder / member.filename, MAX_TOTAL - total)
    except FileNotFoundError:
        raise InputError(_("{path} is missing.", path=path)) from None
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        struct.error,
        EOFError,
        RuntimeError,
        ValueError,  # names that are not the UTF-8 they say they are
        OSError,
    ) as error:
        raise InputError(
            _("{name} is damaged or no zip file: {error}.", name=path.name, error=error)
        ) from None
    return folder / top


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> str:
    """Judge every member by what the zip file says of it; gives the one folder they lie in."""
    if not members or len(members) > MAX_MEMBERS:
        raise InputError(
            _(
                "{name}: expected 1 to {most} files, got {count}.",
                name=name,
                most=MAX_MEMBERS,
                count=len(members),
            )
        )
    seen: set[str] = set()
    for member in members:
        check_name(name, member.filename)
        folded = unicodedata.normalize("NFC", member.filename.rstrip("/")).casefold()
        if folded in seen:
            raise InputError(_("{name}: {filename!r} is in it twice.", name=name, filename=member.filename))
        seen.add(folded)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise InputError(
                _(
                    "{name}: {filename!r} is a link or a device; a bag holds files only.",
                    name=name,
                    filename=member.filename,
                )
            )
        if member.flag_bits & 1:
            raise InputError(_("{name}: {filename!r} is encrypted.", name=name, filename=member.filename))
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(
                _(
                    "{name}: {filename!r} is packed in a way that is not allowed.",
                    name=name,
                    filename=member.filename,
                )
            )
        bomb = member.file_size > _RATIO_FLOOR and member.file_size > MAX_RATIO * max(member.compress_size, 1)
        if bomb or member.file_size > MAX_FILE:
            raise InputError(
                _(
                    "{name}: {filename!r} would take {file_size} MB; refused as a bomb.",
                    name=name,
                    filename=member.filename,
                    file_size=member.file_size // MIB,
                )
            )
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise InputError(
            _(
                "{name}: would take more than {most} MB; refused as a bomb.",
                name=name,
                most=MAX_TOTAL // MIB,
            )
        )
    tops = {member.filename.partition("/")[0] for member in members}
    if len(tops) != 1 or any("/" not in member.filename for member in members):
        raise InputError(
            _("{name}: expected one folder in it, got {tops}.", name=name, tops=", ".join(sorted(tops)[:5]))
        )
    return tops.pop()


def _check_ends(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse what lies before the first member or after the last: other programs would take it for something else."""
    with path.open("rb") as file:
        file.seek(-_END.size, 2)
        signature, *_rest, comment = _END.unpack(file.read(_END.size))
    if (signature, comment) != (b"PK\5\6", 0) or min(member.header_offset for member in members):
        raise InputError(
            _("{name}: there is something before or after the files in it, or a comment.", name=path.name)
        )


def check_name(archive: str, name: str) -> None:
    """
    Refuse a name that does not lie below the folder it is unpacked to, on any system.

    Raises
    ------
    InputError
        It is absolute, climbs, or holds what a file name may not.
    """
    parts = name.rstrip("/").split("/")
    safe = (
        not _FORBIDDEN.search(name)
        and not PurePosixPath(name).is_absolute()
        and len(name.encode("utf-8", "replace")) < 1024
    )
    if not safe or any(part in {"", ".", ".."} or part.endswith((" ", ".")) for part in parts):
        raise InputError(
            _(
                "{archive}: {name!r} is no name for a file in a bag; it could be written elsewhere.",
                archive=archive,
                name=name,
            )
        )


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(member) as packed, target.open("xb") as unpacked:
        while piece := packed.read(_CHUNK):
            size += len(piece)
            if size > min(member.file_size, left):
                raise InputError(
                    _("{filename!r} is larger than it says; refused as a bomb.", filename=member.filename)
                )
            unpacked.write(piece)
    return size


# -- the bag ---------------------------------------------------------------------


def _copy(source: Path, folder: Path) -> Path:
    left = MAX_TOTAL
    for name in (*TAGS, TAG_MANIFEST):
        left -= _take(source, name, folder, left)
    names = read_manifest(folder / MANIFEST, source.name)
    if len(names) > MAX_MEMBERS:
        raise InputError(
            _(
                "{name}: expected 1 to {most} files, got {count}.",
                name=source.name,
                most=MAX_MEMBERS,
                count=len(names),
            )
        )
    for name in names:
        left -= _take(source, name, folder, left)
    return folder


def _take(source: Path, name: str, folder: Path, left: int) -> int:
    file, target = source / name, folder / name
    try:
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode) or file.resolve() != source.resolve() / name:
            raise InputError(
                _(
                    "{name}: {file!r} is a link or a device; a bag holds files only.",
                    name=source.name,
                    file=name,
                )
            )
        if status.st_size > min(MAX_FILE, left):
            raise InputError(
                _(
                    "{name}: {file!r} takes {size} MB; refused as a bomb.",
                    name=source.name,
                    file=name,
                    size=status.st_size // MIB,
                )
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            _(
                "{name}: expected {file} in it; it is no bag, or not the whole of one.",
                name=source.name,
                file=name,
            )
        ) from None
    return status.st_size


def _check_bag(bag: Path, name: str) -> None:
    """Check a bag as RFC 8493 asks, and more strictly: SHA-256, complete, nothing to fetch, no other files."""
    for tag in (*TAGS, TAG_MANIFEST):
        if not (bag / tag).is_file():
            raise InputError(
                _("{name}: expected {tag} in it; it is no bag, or one of another kind.", name=name, tag=tag)
            )
    if (bag / "bagit.txt").read_bytes() != DECLARATION.encode():
        raise InputError(
            _("{name}: bagit.txt: expected {declaration!r}.", name=name, declaration=DECLARATION)
        )
    files = {file.relative_to(bag).as_posix(): file for file in bag.rglob("*") if file.is_file()}
    tags = {file for file in files if not file.startswith(f"{PAYLOAD}/")} - {TAG_MANIFEST}
    more = sorted(tags - set(TAGS))
    if more:
        raise InputError(
            _(
                "{name}: expected no tag files but {tags}; got {more}.",
                name=name,
                tags=", ".join(TAGS),
                more=", ".join(more[:10]),
            )
        )
    _refuse(
        name,
        _("its own lists"),
        read_manifest(bag / TAG_MANIFEST, name),
        {tag: hash_file(files[tag]) for tag in tags},
    )
    payload = {file: hash_file(path) for file, path in files.items() if file.startswith(f"{PAYLOAD}/")}
    _refuse(name, _("its files"), read_manifest(bag / MANIFEST, name), payload)


def read_manifest(path: Path, archive: str) -> dict[str, str]:
    """
    Read a list of hashes.

    Raises
    ------
    InputError
        A line is no hash and name, or a name is not allowed or stands twice.
    """
    found: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(_("{archive}: {name} is not UTF-8.", archive=archive, name=path.name)) from None
    for line in lines:
        match = _LINE.match(line)
        if match is None or match[2] in found:
            raise InputError(
                _(
                    "{archive}: {name} has the line {line!r}; expected a sha256 and a file, each once.",
                    archive=archive,
                    name=path.name,
                    line=line[:80],
                )
            )
        check_name(archive, match[2])
        found[match[2]] = match[1].lower()
    return found


def make_manifest(files: dict[str, bytes]) -> bytes:
    """
    Write a list of hashes as ``sha256sum -c`` reads it.

    Examples
    --------
    >>> make_manifest({"data/a": b""})[:8]
    b'e3b0c442'
    """
    lines = [f"{hash_bytes(content)}  {name}\n" for name, content in sorted(files.items())]
    return "".join(lines).encode()
