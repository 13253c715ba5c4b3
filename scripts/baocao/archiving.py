"""
Pack an issued edition for somebody outside: one zip file, a BagIt bag, its payload an RO-Crate.

The same edition packs to the same bytes. The crate follows RO-Crate 1.1 and
the profiles Process Run, Workflow Run (0.5) and Workflow RO-Crate (1.0): the
build is the action, the raw files its objects, the reports its results.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from baocao.bundles import (
    DECLARATION,
    ISSUED,
    MANIFEST,
    PAYLOAD,
    PROJECT,
    TAG_MANIFEST,
    make_manifest,
    open_bundle,
)
from baocao.editions import (
    RECORD,
    Edition,
    compare_hashes,
    hash_sources,
    issued_folder,
    list_periods,
    read_edition,
)
from baocao.errors import InputError, UsageError
from baocao.freshness import hash_file
from baocao.periods import Period, parse_period
from baocao.project import Project
from baocao.repository import Repository
from baocao.tracing import dump_json, write_atomically

CRATE = "ro-crate-metadata.json"
GUIDE = "README.md"
WORKFLOW = f"{PROJECT}/scripts/baocao/building.py"
LICENCE = "Apache-2.0"
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".md": "text/markdown",
    ".qmd": "text/markdown",
    ".py": "text/x-python",
    ".yaml": "application/yaml",
    ".csv": "text/csv",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


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
        The file, which was opened again and checked like one from outside.

    Raises
    ------
    UsageError
        The period was not issued, or its commit is not here.
    InputError
        What would be packed is not what was issued; every file is named.
    """
    edition = read_edition(project, period, number)
    name = f"{project.params.place.code.lower()}-{period}-{edition.number}"
    repository = Repository(project.root)
    if not repository.has(edition.commit):
        raise UsageError(f"commit {edition.commit[:12]} is not in this repository; fetch its whole history.")
    issued = issued_folder(project, period) / str(edition.number)
    with tempfile.TemporaryDirectory(prefix="baocao-archive-") as folder:
        then = Path(folder) / "then"
        repository.export(edition.commit, then)
        _check(edition, issued, then)
        payload = {f"{PROJECT}/{path}": (then / path).read_bytes() for path in edition.sources}
        payload |= {f"{ISSUED}/{path}": (issued / path).read_bytes() for path in (*edition.outputs, RECORD)}
        payload[GUIDE] = write_guide(edition, name).encode()
        payload[CRATE] = dump_json(make_crate(edition, name, payload)).encode()
        path = target or project.output(period) / f"{name}.zip"
        write_atomically(path, pack(name, payload, edition))
        open_bundle(path, Path(folder) / "again")
    return path


def _check(edition: Edition, issued: Path, then: Path) -> None:
    lying = {path: hash_file(issued / path) for path in edition.outputs if (issued / path).is_file()}
    changed = [f"issued file {path}" for path in compare_hashes(edition.outputs, lying)]
    changed += compare_hashes(edition.sources, hash_sources(then, list_periods(edition.sources)))
    if not edition.is_sealed:
        changed.append(RECORD)
    if changed:
        listed = "\n".join(f"  {path}" for path in changed[:20])
        raise InputError(
            f"{edition.period}, edition {edition.number}: {len(changed)} file(s) are not what was issued:\n{listed}\n"
            f"'baocao audit {edition.period}' says more."
        )


def pack(name: str, payload: Mapping[str, bytes], edition: Edition) -> bytes:
    """Write a payload as a bag in a zip file; the same payload gives the same bytes."""
    data = {f"{PAYLOAD}/{path}": content for path, content in payload.items()}
    date = parse_period(edition.period).end.isoformat()
    info = {
        "Bag-Software-Agent": f"baocao {edition.version}",
        "Bagging-Date": date,
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


# -- the crate ---------------------------------------------------------------------


def make_crate(edition: Edition, name: str, payload: Mapping[str, bytes]) -> dict[str, Any]:
    """
    Describe a payload as an RO-Crate.

    Parameters
    ----------
    payload
        Every file but the description itself.
    """
    period = parse_period(edition.period)
    day = datetime(period.end.year, period.end.month, period.end.day, tzinfo=UTC).isoformat()
    files = sorted(payload)
    inputs = [path for path in files if path.startswith(f"{PROJECT}/data/raw/")]
    results = [path for path in files if path.startswith(f"{ISSUED}/") and path != f"{ISSUED}/{RECORD}"]
    tools = [_tool("python", edition.environment.python)]
    tools += [_tool(tool, version) for tool, version in sorted(edition.environment.versions.items())]
    main = f"{ISSUED}/{edition.reports[0]}.pdf"
    graph: list[dict[str, Any]] = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": [
                {"@id": "https://w3id.org/ro/crate/1.1"},
                {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
            ],
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": name,
            "identifier": f"{name}@{edition.commit}",
            "description": f"Báo cáo {period.label}, bản phát hành {edition.number}, kèm số liệu gốc và mã nguồn.",
            "datePublished": day,
            "license": {"@id": f"https://spdx.org/licenses/{LICENCE}"},
            "conformsTo": [{"@id": profile} for profile in _PROFILES],
            "hasPart": [{"@id": path} for path in files],
            "mainEntity": {"@id": WORKFLOW},
            "mentions": [{"@id": "#build"}],
        },
        {"@id": f"https://spdx.org/licenses/{LICENCE}", "@type": "CreativeWork", "name": LICENCE},
        *(
            {"@id": key, "@type": "CreativeWork", "name": title, "version": key.rpartition("/")[2]}
            for key, title in _PROFILES.items()
        ),
        {
            "@id": "#python-language",
            "@type": "ComputerLanguage",
            "name": "Python",
            "url": {"@id": "https://www.python.org/"},
        },
        {
            "@id": "#build",
            "@type": "CreateAction",
            "name": f"baocao build {edition.period}",
            "description": edition.correction or "Lần phát hành đầu tiên.",
            "instrument": {"@id": WORKFLOW},
            "agent": {"@id": "#baocao"},
            "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
            "object": [{"@id": path} for path in inputs] + [{"@id": "#period-value"}],
            "result": [{"@id": path} for path in results],
        },
        {
            "@id": "#baocao",
            "@type": "SoftwareApplication",
            "name": "baocao",
            "softwareVersion": edition.version,
            "softwareRequirements": [{"@id": tool["@id"]} for tool in tools],
        },
        *tools,
        {
            "@id": "#period",
            "@type": "FormalParameter",
            "additionalType": "Text",
            "name": "period",
            "valueRequired": True,
        },
        {
            "@id": "#raw",
            "@type": "FormalParameter",
            "additionalType": "File",
            "name": "raw",
            "multipleValues": True,
        },
        {
            "@id": "#report",
            "@type": "FormalParameter",
            "additionalType": "File",
            "name": "report",
            "multipleValues": True,
        },
        {
            "@id": "#period-value",
            "@type": "PropertyValue",
            "name": "period",
            "value": edition.period,
            "exampleOfWork": {"@id": "#period"},
        },
    ]
    graph += [_file(path, payload[path], inputs=set(inputs), results=set(results)) for path in files]
    assert main in payload
    return {
        "@context": [
            "https://w3id.org/ro/crate/1.1/context",
            "https://w3id.org/ro/terms/workflow-run/context",
        ],
        "@graph": graph,
    }


def _tool(name: str, version: str) -> dict[str, Any]:
    return {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}


def _file(path: str, content: bytes, *, inputs: set[str], results: set[str]) -> dict[str, Any]:
    import hashlib

    entry: dict[str, Any] = {
        "@id": path,
        "@type": "File",
        "name": path.rpartition("/")[2],
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    kind = _TYPES.get(Path(path).suffix)
    if kind:
        entry["encodingFormat"] = kind
    if path in inputs:
        entry["exampleOfWork"] = {"@id": "#raw"}
    if path in results:
        entry["exampleOfWork"] = {"@id": "#report"}
    if path == WORKFLOW:
        entry["@type"] = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
        entry["programmingLanguage"] = {"@id": "#python-language"}
        entry["input"] = [{"@id": "#period"}, {"@id": "#raw"}]
        entry["output"] = [{"@id": "#report"}]
    return entry


# -- the guide ---------------------------------------------------------------------


def write_guide(edition: Edition, name: str) -> str:
    """Write for a stranger what is in the archive, how to check it and how to make it again."""
    period = parse_period(edition.period)
    reports = ", ".join(f"`{ISSUED}/{report}.docx`, `.pdf`, `.html`" for report in edition.reports)
    engine = ", ".join(f"{tool} {version}" for tool, version in sorted(edition.environment.versions.items()))
    again = "\n".join(f"- {change}" for change in edition.changed[:50])
    correction = (
        f"\n## Bản này thay thế bản trước\n\nLý do: {edition.correction}\n\n{again}\n"
        if edition.correction
        else ""
    )
    return f"""# Báo cáo {period.label}, bản phát hành {edition.number}

Hồ sơ này chứa báo cáo đã phát hành, số liệu gốc của các đơn vị và toàn bộ mã nguồn đã dùng để lập báo cáo.
(English below.)

| Thư mục | Nội dung |
|---|---|
| `{ISSUED}/` | {reports}; sổ tay đã chạy `notebooks/`; `trace.json`: từng số và các ô số liệu của nó; `{RECORD}`: mã băm của mọi giá trị và mọi tệp |
| `{PROJECT}/data/raw/` | tệp gốc nhận từ các đơn vị |
| `{PROJECT}/` | tham số, sổ tay, mã nguồn (commit {edition.commit}), danh sách thư viện `requirements.lock` |
| `{CRATE}` | mô tả theo RO-Crate, hồ sơ Workflow Run |
{correction}
## Kiểm tra, không cần phần mềm nào của chúng tôi

Trong thư mục chứa `manifest-sha256.txt` (thư mục trên của tệp này):

    sha256sum -c --quiet tagmanifest-sha256.txt && sha256sum -c --quiet manifest-sha256.txt && echo đúng

Trên Windows: `certutil -hashfile TỆP SHA256` rồi so với dòng của tệp trong `manifest-sha256.txt`.

## Lập lại báo cáo và so sánh từng giá trị

Cần Linux, Python {edition.environment.python} (cùng phiên bản phụ là đủ để cài), make, git không bắt buộc, kết nối tới kho thư viện Python.

    unzip {name}.zip
    cd {name}/data/{PROJECT}
    make install PYTHON=python{".".join(edition.environment.python.split(".")[:2])}
    .venv/bin/baocao audit --run-code ../../../{name}.zip

Lệnh cuối mở lại tệp zip, kiểm tra mọi mã băm, chạy lại từ số liệu gốc trong một thư mục sạch rồi kết luận cho từng
giá trị và từng tệp. Mã thoát 0: mọi giá trị như đã phát hành. `--run-code` cho phép chạy mã trong hồ sơ: chỉ dùng khi
tin người gửi; không có nó, lệnh chỉ kiểm tra mã băm.

Đã lập với Python {edition.environment.python}, {edition.environment.system}, {edition.environment.engine} ({engine}).

## In English

The folder above this file is a BagIt bag; `sha256sum -c manifest-sha256.txt` there checks every file. To make the
reports again from the raw files and compare every value: unpack, `cd {name}/data/{PROJECT}`, `make install`,
`.venv/bin/baocao audit --run-code` with the zip file. Exit code 0 means that every value is the same. `--run-code`
runs code from the archive: leave it out unless you trust the sender; hashes are then checked and nothing runs.
"""
