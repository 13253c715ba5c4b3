"""Archives: packed to the same bytes, checked by others' means, and refused where they are not what they say."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.archiving import make_crate, pack, write_guide
from baocao.bundles import MANIFEST, TAG_MANIFEST, check_name, make_manifest, open_bundle
from baocao.editions import Edition, Environment, Recorded
from baocao.errors import InputError

NAME = "31-2026-Q1-1"
SOURCES = {
    "notebooks/kstthc/01.ipynb": b"{}",
    "scripts/baocao/building.py": b"",
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
    ).sealed()


@pytest.fixture
def payload(edition):
    files = {f"project/{name}": content for name, content in SOURCES.items()}
    files |= {f"issued/{name}": content for name, content in OUTPUTS.items()}
    files["issued/edition.json"] = edition.dump().encode()
    files["README.md"] = write_guide(edition, NAME).encode()
    files["ro-crate-metadata.json"] = json.dumps(make_crate(edition, NAME, files)).encode()
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
    plain[TAG_MANIFEST] = make_manifest(
        {name: plain[name] for name in ("bag-info.txt", "bagit.txt", MANIFEST)}
    )
    return {f"{NAME}/{name}": content for name, content in plain.items()}


def test_the_same_edition_packs_to_the_same_bytes_and_opens(payload, edition, write, tmp_path):
    content = pack(NAME, payload, edition)
    assert content == pack(NAME, dict(reversed(payload.items())), edition)
    bundle = open_bundle(write(content), tmp_path / "out")
    assert bundle.edition == edition
    assert (bundle.issued / "kstthc.pdf").read_bytes() == b"%PDF"
    assert (bundle.project / "notebooks/kstthc/01.ipynb").is_file()


def test_sha256sum_accepts_it_and_refuses_one_changed_byte(payload, edition, tmp_path):
    with zipfile.ZipFile(io.BytesIO(pack(NAME, payload, edition))) as bundle:
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
    files = members(pack(NAME, payload, edition))
    files[f"{NAME}/{name}"] += b" "
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        open_bundle(write(zipped(files)), tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data/project/notebooks/kstthc/01.ipynb", b'{"cells": []}'),
        ("data/project/scripts/baocao/building.py", b"import os"),
        ("data/project/scripts/sitecustomize.py", b"import os"),
        ("data/project/data/raw/2026-Q1/van-ban.xlsx", b"PK2"),
        ("data/project/requirements.lock", b"x @ https://example.org"),
    ],
)
def test_code_that_is_not_what_was_issued_is_refused_even_where_the_lists_say_so(
    payload, edition, write, tmp_path, name, content
):
    files = members(pack(NAME, payload, edition))
    files[f"{NAME}/{name}"] = content
    with pytest.raises(InputError, match="nothing was run"):
        open_bundle(write(zipped(relisted(files))), tmp_path / "out")


def test_an_altered_record_is_refused(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition))
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
    files = members(pack(NAME, payload, edition))
    files[name] = b"x"
    with pytest.raises(InputError):
        open_bundle(write(zipped(files)), tmp_path / "deep" / "er" / "out")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "x.zip"], (
        "nothing may be written"
    )


@pytest.mark.parametrize("mode", [0o120777, 0o060666, 0o010666])
def test_links_and_devices_are_refused(payload, edition, write, tmp_path, mode):
    files = members(pack(NAME, payload, edition))
    files[f"{NAME}/data/link"] = b"/etc/passwd"
    with pytest.raises(InputError, match="link"):
        open_bundle(write(zipped(files, {f"{NAME}/data/link": mode})), tmp_path / "out")


def test_bombs_are_refused_before_and_while_they_unfold(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition))
    with pytest.raises(InputError, match="bomb"):
        open_bundle(write(zipped({**files, f"{NAME}/data/x": bytes(64 << 20)})), tmp_path / "one")
    content = bytearray(zipped({**files, f"{NAME}/data/x": bytes(3 << 20)}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(InputError):
        open_bundle(write(bytes(content)), tmp_path / "two")


def test_what_is_to_be_fetched_is_refused(payload, edition, write, tmp_path):
    files = members(pack(NAME, payload, edition))
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
