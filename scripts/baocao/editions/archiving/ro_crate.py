"""
Describe what an archive holds as an RO-Crate.

It follows RO-Crate 1.1 and the profiles Process Run, Workflow Run (0.5) and
Workflow RO-Crate (1.0): the build is the action, the raw files its objects,
the reports its results.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from baocao.editions.archiving.bundles import CRATE, ISSUED, PROJECT
from baocao.editions.record import Edition
from baocao.project.frozen import RECORD
from baocao.project.hashes import hash_bytes
from baocao.project.language import _

WORKFLOW = f"{PROJECT}/scripts/baocao/building/build.py"
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


def make_crate(
    edition: Edition, name: str, payload: Mapping[str, bytes], date: datetime, label: str
) -> dict[str, Any]:
    """
    Describe a payload as an RO-Crate.

    Parameters
    ----------
    payload
        Every file but the description itself.
    date
        When the commit was made of which the edition is: the clock of the
        packing machine would make other bytes each time.
    label
        What the house calls the period.
    """
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
            "description": _(
                "Report {label}, edition {number}, with its source data and code.",
                label=label,
                number=edition.number,
            ),
            "datePublished": date.isoformat(),
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
            "description": edition.correction or _("The first edition."),
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
    entry: dict[str, Any] = {
        "@id": path,
        "@type": "File",
        "name": path.rpartition("/")[2],
        "contentSize": str(len(content)),
        "sha256": hash_bytes(content),
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
