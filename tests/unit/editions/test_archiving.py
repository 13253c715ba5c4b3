"""Archives: packed to the same bytes, checked by others' means, and refused where they are not what they say."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.editions.archiving.archiving import pack
from baocao.editions.archiving.bundles import MANIFEST, TAG_MANIFEST, check_name, make_manifest, open_bundle
from baocao.editions.archiving.guides import write_guide
from baocao.editions.archiving.ro_crate import make_crate
from baocao.editions.record import Edition, Environment, Recorded
from baocao.project.errors import InputError
from baocao.project.language import speaking

NAME = "31-2026-Q1-1"
DATE = datetime.fromisoformat("2026-03-25T23:30:00+07:00")
SOURCES = {
    "notebooks/kstthc/01.ipynb": b"{}",
    "scripts/baocao/building/build.py": b"",
    "data/raw/2026-Q1/van-ban.xlsx": b"PK",
    "requirements.lock": b"",
}
OUTPUTS = {"kstthc.pdf": b"%PDF", "trace.json": b"{}"}


def sha(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def edition():
    return Edition(
        schema_=1,
        period="2026-Q1",
        number=1,
        correction=None,
        changed=(),
        commit="c" * 40,
        version="0.1.0",
        reports=("kstthc",),
        sources={name: sha(content) for name, content in SOURCES.items()},
        environment=Environment(
            python="3.11.7", system="Linux x86_64", packages={}, engine="embedded", versions={"pandoc": "3.9"}
        ),
        values={"so": Recorded(number="1", unit="hồ sơ", sha256="0" * 64)},
        outputs={name: sha(content) for name, content in OUTPUTS.items()},
        signed={"kstthc/I.1": ("Nguyễn Văn A, 2026-03-20",), "kstthc/I.2": ()},
    ).sealed()


@pytest.fixture
def payload(edition):
    files = {f"project/{name}": content for name, content in SOURCES.items()}
    files |= {f"issued/{name}": content for name, content in OUTPUTS.items()}
    files["issued/edition.json"] = edition.dump().encode()
    files["README.md"] = write_guide(edition, NAME, "quý I năm 2026").encode()
    files["ro-crate-metadata.json"] = json.dumps(
        make_crate(edition, NAME, files, DATE, "quý I năm 2026")
    ).encode()
    return files


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "x.zip"
        path.write_bytes(content)
        return path

    return write


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return {info.filename: bundle.read(info) for info in bundle.infolist()}


def zipped(files, special=None):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (special or {}).get(name, 0o100644) << 16
            bundle.writestr(info, content)
    return stream.getvalue()


def relisted(files):
    """Make the lists true again, as one who damages on purpose would."""
    plain = {name.partition("/")[2]: content for name, content in files.items()}
    data = {name: content for name, content in plain.items() if name.startswith("data/")}
    plain[MANIFEST] = make_manifest(data)
    tags = {name: content for name, content in plain.items() if name not in data and name != TAG_MANIFEST}
    plain[TAG_MANIFEST] = make_manifest(tags)
    return {f"{NAME}/{name}": content for name, content in plain.items()}


def test_the_same_edition_packs_to_the_same_bytes_and_opens(payload, edition, write, tmp_path):
    content = pack(NAME, payload, edition, DATE)
    assert content == pack(NAME, dict(reversed(payload.items())), edition, DATE)
    files = members(content)
    assert b"Bagging-Date: 2026-03-25\n" in files[f"{NAME}/bag-info.txt"]
    assert b'"datePublished": "2026-03-25T23:30:00+07:00"' in files[f"{NAME}/data/ro-crate-metadata.json"]
    bundle = open_bundle(write(content), tmp_path / "out")
    assert bundle.edition == edition
    assert (bundle.issued / "kstthc.pdf").read_bytes() == b"%PDF"
    assert (bundle.project / "notebooks/kstthc/01.ipynb").is_file()


def test_the_guide_says_who_approved_what_and_what_an_archive_cannot_vouch_for(edition):
    with speaking("vi"):
        said = write_guide(edition, NAME, "quý I năm 2026")
    assert "- kstthc/I.1: Nguyễn Văn A, 2026-03-20\n- kstthc/I.2: chưa có\n" in said
    assert f"python3 -m zipfile -e {NAME}.zip ." in said
    assert "chỉ tự chứng cho chính nó" in " ".join(said.split())
    english = write_guide(edition, NAME, "first quarter of 2026")
    assert "- kstthc/I.2: nobody yet\n" in english
    assert "vouches for itself only" in " ".join(english.split())


def test_sha256sum_accepts_it_and_refuses_one_changed_byte(payload, edition, tmp_path):
    with zipfile.ZipFile(io.BytesIO(pack(NAME, payload, edition, DATE))) as bundle:
        bundle.extractall(tmp_path)
    for name in (MANIFEST, TAG_MANIFEST):
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", name], cwd=tmp_path / NAME, check=True)
    (tmp_path / NAME / "data/issued/kstthc.pdf").write_bytes(b"%PDG")
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", MANIFEST], cwd=tmp_path / NAME, capture_output=True, check=False
    )
    assert done.returncode == 1


def test_the_crate_says_what_was_made_from_what_and_every_reference_leads_somewhere(payload):
    graph = json.loads(payload["ro-crate-metadata.json"])["@graph"]
    known = {entry["@id"]: entry for entry in graph}
    assert len(known) == len(graph)
    action = known["#build"]
    assert [one["@id"] for one in action["result"]] == ["issued/kstthc.pdf", "issued/trace.json"]
    assert "project/data/raw/2026-Q1/van-ban.xlsx" in {one["@id"] for one in action["object"]}
    assert known[action["instrument"]["@id"]]["@type"][-1] == "ComputationalWorkflow"

    def references(node):
        if isinstance(node, dict):
            if set(node) == {"@id"}:
                yield node["@id"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    loose = {
        id
        for entry in graph
        for id in references({k: v for k, v in entry.items() if k != "@id"})
        if id not in known
    }
    assert all(
        id.startswith(("http://schema.org/", "https://w3id.org/ro/crate/", "https://www.python.org/"))
        for id in loose
    ), loose
    for name, content in payload.items():
        if name != "ro-crate-metadata.json":
            assert known[name]["sha256"] == sha(content)


@pytest.mark.parametrize(
    "name",
    ["data/issued/kstthc.pdf", "data/project/notebooks/kstthc/01.ipynb", "bag-info.txt", "data/README.md"],
)
def test_one_changed_byte_is_refused_and_named(payload, edition, write, tmp_path, name):
    files = members(pack(NAME, payload, edition, DATE))
    files[f"{NAME}/{name}"] += b" "
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        open_bundle(write(zipped(files)), tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data/project/notebooks/kstthc/01.ipynb", b'{"cells": []}'),
        ("data/project/scripts/baocao/building/build.py", b"import os"),
        ("data/project/scripts/sitecustomize.py", b"import os"),
        ("data/project/data/raw/2026-Q1/van-ban.xlsx", b"PK2"),
        ("data/project/requirements.lock", b"x @ https://example.org"),
    ],
)
def test_code_that_is_not_what_was_issued_is_refused_even_where_the_lists_say_so(
    payload, edition, write, tmp_path, name, content
):
    files = members(pack(NAME, payload, edition, DATE))
    files[f"{NAME}/{name}"] = content
    with pytest.raises(InputError, match="nothing was run"):
        open_bundle(write(zipped(relisted(files))), tmp_path / "out")


def test_an_altered_record_is_refused(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition, DATE))
    record = f"{NAME}/data/issued/edition.json"
    files[record] = files[record].replace(b'"number": 1', b'"number": 2')
    with pytest.raises(InputError, match="sealed"):
        open_bundle(write(zipped(relisted(files))), tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    [f"{NAME}/../x", "../x", "/x", "C:/x", f"{NAME}/a\\..\\x", f"{NAME}//x", f"{NAME}/./x", f"{NAME}/a:b", f"{NAME}/x.", "y/x", "x",
     f"{NAME}/data/readme.MD", f"{NAME}/a\nb"],
)  # fmt: skip
def test_names_that_lead_elsewhere_or_twice_to_one_file_are_refused(payload, edition, write, tmp_path, name):
    files = members(pack(NAME, payload, edition, DATE))
    files[name] = b"x"
    with pytest.raises(InputError):
        open_bundle(write(zipped(files)), tmp_path / "deep" / "er" / "out")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "x.zip"], (
        "nothing may be written"
    )


@pytest.mark.parametrize("mode", [0o120777, 0o060666, 0o010666])
def test_links_and_devices_are_refused(payload, edition, write, tmp_path, mode):
    files = members(pack(NAME, payload, edition, DATE))
    files[f"{NAME}/data/link"] = b"/etc/passwd"
    with pytest.raises(InputError, match="link"):
        open_bundle(write(zipped(files, {f"{NAME}/data/link": mode})), tmp_path / "out")


def test_bombs_are_refused_before_and_while_they_unfold(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition, DATE))
    with pytest.raises(InputError, match="bomb"):
        open_bundle(write(zipped({**files, f"{NAME}/data/x": bytes(64 << 20)})), tmp_path / "one")
    content = bytearray(zipped({**files, f"{NAME}/data/x": bytes(3 << 20)}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(InputError):
        open_bundle(write(bytes(content)), tmp_path / "two")


def test_what_is_to_be_fetched_is_refused(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition, DATE))
    files[f"{NAME}/fetch.txt"] = b"https://example.org/x - data/x\n"
    with pytest.raises(InputError, match=r"fetch\.txt"):
        open_bundle(write(zipped(files)), tmp_path / "out")


@given(st.binary(max_size=400))
def test_any_bytes_are_opened_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "x.zip"
    path.write_bytes(content)
    with pytest.raises(InputError):
        open_bundle(path, path.parent / "out")


@given(st.text(max_size=40))
def test_an_accepted_name_stays_below_its_folder(tmp_path_factory, name):
    base = tmp_path_factory.getbasetemp().resolve()
    try:
        check_name("x.zip", name)
    except InputError:
        return
    assert (base / name).resolve().is_relative_to(base)
    assert (base / name).resolve() != base


@pytest.mark.parametrize(
    "name",
    ["data/issued/ban-dung.docx", "data/evil.exe", "data/issued/kstthc.pdf", "manifest-md5.txt", "fetch.txt"],
)
def test_what_the_record_does_not_name_is_refused_even_where_the_lists_do(
    payload, edition, write, tmp_path, name
):
    files = members(pack(NAME, payload, edition, DATE))
    files[f"{NAME}/{name}"] = b"another"
    with pytest.raises(InputError, match=name.rpartition("/")[2].replace(".", r"\.")):
        open_bundle(write(zipped(relisted(files))), tmp_path / "out")


def test_an_issued_file_that_is_not_there_is_named(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition, DATE))
    del files[f"{NAME}/data/issued/kstthc.pdf"]
    with pytest.raises(InputError, match=r"issued/kstthc\.pdf: expected [0-9a-f]{12}, got no such file"):
        open_bundle(write(zipped(relisted(files))), tmp_path / "out")


@pytest.mark.parametrize("name", ["../../../../../../../../etc/passwd", "/etc/passwd"])
def test_a_record_that_names_files_elsewhere_is_refused_and_they_are_not_read(
    payload, edition, write, tmp_path, name
):
    files = members(pack(NAME, payload, edition, DATE))
    other = edition.model_copy(update={"outputs": {**edition.outputs, name: "0" * 64}}).sealed()
    files[f"{NAME}/data/issued/edition.json"] = other.dump().encode()
    with pytest.raises(InputError, match="got no such file"):
        open_bundle(write(zipped(relisted(files))), tmp_path / "out")


@pytest.mark.parametrize("change", ["before", "after", "comment"])
def test_what_lies_before_or_after_the_files_is_refused(payload, edition, write, tmp_path, change):
    content = pack(NAME, payload, edition, DATE)
    changed = {
        "before": b"#!/bin/sh\necho\n" + content,
        "after": content + b"more",
        "comment": content[:-2] + b"\4\0more",
    }
    with zipfile.ZipFile(io.BytesIO(changed[change])) as bundle:
        assert bundle.testzip() is None, "other programs open it"
    with pytest.raises(InputError, match="before or after"):
        open_bundle(write(changed[change]), tmp_path / "out")


def test_a_name_that_is_not_the_utf8_it_says_is_refused(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition, DATE)) | {f"{NAME}/data/òò": b"x"}
    with pytest.raises(InputError, match="damaged"):
        open_bundle(write(zipped(files).replace("òò".encode(), b"\xff\xfe\xff\xfe")), tmp_path / "out")


@given(st.data())
def test_any_damaged_byte_is_opened_alike_or_refused(tmp_path_factory, data):
    files = relisted({f"{NAME}/{name}": b"x" for name in ("bagit.txt", "bag-info.txt", "data/README.md")})
    content = bytearray(zipped(files))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("any") / "x.zip"
    path.write_bytes(content)
    with pytest.raises(InputError):
        open_bundle(path, path.parent / "out")


# -- unpacked ----------------------------------------------------------------------


@pytest.fixture
def unpacked(payload, edition, tmp_path):
    with zipfile.ZipFile(io.BytesIO(pack(NAME, payload, edition, DATE))) as bundle:
        bundle.extractall(tmp_path / "đã mở")
    return tmp_path / "đã mở" / NAME


def test_an_unpacked_archive_may_be_named_from_within_it(unpacked, edition, tmp_path, monkeypatch):
    monkeypatch.chdir(unpacked / "data" / "project")
    assert open_bundle(Path("../.."), tmp_path / "out").edition == edition
    (unpacked / "bag-info.txt").unlink()
    with pytest.raises(InputError, match=f"^{NAME}: expected bag-info"):
        open_bundle(Path("../.."), tmp_path / "two")


def test_an_unpacked_archive_opens_and_what_came_to_lie_there_plays_no_part(unpacked, edition, tmp_path):
    (unpacked / "data" / "project" / "scripts" / "sitecustomize.py").write_text("import os", encoding="utf-8")
    bundle = open_bundle(unpacked, tmp_path / "out")
    assert bundle.edition == edition
    assert not (bundle.project / "scripts" / "sitecustomize.py").exists()
    (unpacked / "data" / "issued" / "kstthc.pdf").write_bytes(b"%PDG")
    with pytest.raises(InputError, match=r"kstthc\.pdf"):
        open_bundle(unpacked, tmp_path / "two")


@pytest.mark.parametrize(
    "name", ["bagit.txt", "data/issued/kstthc.pdf", "data/issued", "manifest-sha256.txt"]
)
def test_links_and_gaps_in_an_unpacked_archive_are_refused(unpacked, tmp_path, name):
    (unpacked / name).rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="expected"):
        open_bundle(unpacked, tmp_path / "one")
    (unpacked / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="link"):
        open_bundle(unpacked, tmp_path / "two")


def test_a_list_of_an_unpacked_archive_that_leads_elsewhere_is_refused(unpacked, tmp_path):
    (tmp_path / "x").write_bytes(b"")
    with (unpacked / MANIFEST).open("ab") as file:
        file.write(make_manifest({"../../x": b""}))
    with pytest.raises(InputError, match="no name for a file"):
        open_bundle(unpacked, tmp_path / "out")
