"""
Every way we know to damage an issued quarter, one at a time, and what an audit must say of it.

Run by ``make damage``. Harmful changes end with exit code 1 or 2 and name
their culprit; harmless ones end with 0.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import openpyxl
import pytest
from tests.conftest import add_dossiers_to

from baocao.editions.record import parse_edition

PERIOD = "2026-Q1"
NOTEBOOK = "notebooks/kstthc/07-ho-so.ipynb"
LAYOUT = "reports/_extensions/nd30/nd30"


class Damage(NamedTuple):
    """``verdict`` and ``culprit`` must stand together; ``code`` is the exit code."""

    act: Callable[[Any, Any], None]
    verdict: str
    culprit: str
    part: str = "sources"
    code: int = 1
    argv: tuple[str, ...] = ()
    committed: bool = False


def cell(
    address: str, sheet: str = "06a", file: str = "10507", value: Any = "+1"
) -> Callable[[Any, Any], None]:
    def act(project, edit):
        path = project.unit_file(file) if file[0].isdigit() else project.raw / f"{file}.xlsx"
        at = address
        if at.endswith("{total}"):
            rows = openpyxl.load_workbook(path, data_only=True)[sheet]
            at = at.replace(
                "{total}", str(next(row for row in range(9, 40) if rows[f"B{row}"].value == "Tổng số"))
            )
        before = openpyxl.load_workbook(path, data_only=True)[sheet][at].value
        edit(path, sheet, {at: before + 1 if value == "+1" else value})

    return act


def dossier(project, _):
    add_dossiers_to(project.unit_file("10507"))


def replace(name: str, old: str, new: str) -> Callable[[Any, Any], None]:
    return lambda project, _: project.replace(name, old, new)


def raw(act: Callable[[Any], None]) -> Callable[[Any, Any], None]:
    return lambda project, _: act(project)


def swap(project):
    one, other = project.unit_file("10507"), project.unit_file("10525")
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def output(name: str, change: Callable[[bytes], bytes | None]) -> Callable[[Any, Any], None]:
    def act(project, _):
        path = project.edition / name
        content = change(path.read_bytes()) if path.exists() else change(b"")
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)

    return act


def record(change: Callable[[dict[str, Any]], object], *, reseal: bool = False) -> Callable[[Any, Any], None]:
    def act(project, _):
        path = project.edition / "edition.json"
        data = json.loads(path.read_text(encoding="utf-8"))
        change(data)
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        path.write_text(
            parse_edition(text.encode(), "x").sealed().dump() if reseal else text, encoding="utf-8"
        )

    return act


def set_in(*keys: str, value: Any) -> Callable[[dict[str, Any]], object]:
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        assert data[keys[-1]] != value
        data[keys[-1]] = value

    return change


def commit_broken(project):
    path = project.edition / "edition.json"
    content = path.read_bytes()
    path.write_bytes(b"{")
    project.commit()
    path.write_bytes(content)


def lose_page(project):
    (project.edition / "kstthc.html").unlink()
    record(lambda data: data["outputs"].pop("kstthc.html"), reseal=True)(project, None)


def forge(project):
    path = project.edition / "kstthc.docx"
    path.write_bytes(path.read_bytes() + b"\0")
    record(set_in("outputs", path.name, value=hashlib.sha256(path.read_bytes()).hexdigest()), reseal=True)(
        project, None
    )


def other_hash(project):
    text = (project.root / "requirements.lock").read_text(encoding="utf-8")
    found = re.search(r"^papermill==(?:.*\n)*?.*sha256:([0-9a-f]{64})", text, re.MULTILINE)
    project.replace("requirements.lock", found[1], "0" * 64)


def flip(path):
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


RAW = f"data/raw/{PERIOD}"
FILE = "don-vi/10507-thanh-dong.xlsx"
HARMFUL: dict[str, Damage] = {
    "raw cell": Damage(dossier, "input-changed", f"{FILE}#06a!C9", "values"),
    "raw cell, committed": Damage(dossier, "input-changed", f"{FILE}#06a!C9", "values", committed=True),
    "raw cell, made with today's code": Damage(dossier, "input-changed", f"{FILE}#06a!C9", "values", argv=("--today",)),
    "raw cell that contradicts its row": Damage(cell("C9"), "cannot-check", "10507-thanh-dong.xlsx#06a!", "values"),
    "raw cell that decides whether a row counts": Damage(cell("E9", "chi-tieu", value=0), "input-changed", f"{FILE}#chi-tieu!E9", "values"),
    "stored formula result": Damage(cell("C{total}"), "input-changed", f"{FILE}#06a!C"),
    "number made text": Damage(cell("C9", value="1.234"), "input-changed", f"{FILE}#06a!C9"),
    "cell emptied": Damage(cell("C9", value=None), "input-changed", f"{FILE}#06a!C9"),
    "file renamed": Damage(
        raw(lambda p: p.unit_file("10507").rename(p.raw / "don-vi" / "10507-khac.xlsx")), "input-changed", "don-vi/10507-khac.xlsx"
    ),
    "file added": Damage(
        raw(lambda p: shutil.copy(p.unit_file("10507"), p.raw / "don-vi" / "10507-ban-sao.xlsx")), "input-changed", "10507-ban-sao"
    ),
    "file removed": Damage(raw(lambda p: p.unit_file("10507").unlink()), "input-changed", FILE),
    "file emptied": Damage(raw(lambda p: p.unit_file("10507").write_bytes(b"")), "input-changed", FILE),
    "file replaced by a web page": Damage(raw(lambda p: p.unit_file("10507").write_bytes(b"<html>")), "input-changed", FILE),
    "two submissions swapped": Damage(raw(swap), "input-changed", FILE),
    "narrative word": Damage(replace(f"{RAW}/loi-van/kstthc/15.md", "toàn bộ", "một phần"), "input-changed", "kstthc.docx", "files"),
    "narrative removed": Damage(raw(lambda p: (p.raw / "loi-van/kstthc/15.md").unlink()), "input-changed", "loi-van/kstthc/15.md"),
    "register that this report does not read": Damage(cell("F7", "van-ban", "van-ban", "x"), "input-changed", "van-ban.xlsx#van-ban!F7"),
    "parameter": Damage(replace("params/place.yaml", "name: thành phố Hải", "name: thành phố Hai"), "input-changed", "params/place.yaml#name"),
    "parameter, committed, today": Damage(
        replace("params/place.yaml", "short: Hải Phòng", "short: Hải Phong"), "input-changed", "kstthc.docx", "files",
        argv=("--today",), committed=True,
    ),
    "unit in another level": Damage(
        replace("params/units.csv", "H01,Sở Nội vụ,sở,so", "H01,Sở Nội vụ,sở,xa"), "cannot-check", "params/units.csv#H01", "values",
        argv=("--today",), committed=True,
    ),
    "period's signer": Damage(replace(f"params/{PERIOD}.yaml", "Minh", "Mình"), "input-changed", f"params/{PERIOD}.yaml#signer"),
    "one character in a notebook": Damage(replace(NOTEBOOK, "Các {section", "Cac {section"), "code-changed", f"{NOTEBOOK}#cell 8"),
    "notebook that counts something else": Damage(
        replace(NOTEBOOK, 'so.total(\\"tiep_nhan\\", id=', 'so.total(\\"ky_truoc\\", id='), "code-changed", f"{NOTEBOOK}#cell 6", "values",
        argv=("--today",), committed=True,
    ),
    "one character in the text template": Damage(replace(f"{LAYOUT}.lua", "local", "local "), "code-changed", f"{LAYOUT}.lua#line"),
    "one character in the PDF template": Damage(replace(f"{LAYOUT}.typst", "#", " #"), "code-changed", f"{LAYOUT}.typst#line"),
    "template, committed, today": Damage(
        replace(f"{LAYOUT}.html", "</body>", "<p>thêm</p></body>"), "code-changed", "kstthc.html", "files", argv=("--today",), committed=True
    ),
    "code": Damage(replace("scripts/baocao/values/formatting.py", '"""', '""" '), "code-changed", "scripts/baocao/values/formatting.py#line 1"),
    "code that adds wrongly, committed, today": Damage(
        replace("scripts/baocao/values/views.py", "number += entry", "number += 2 * entry"), "code-changed", "scripts/baocao/values/views.py#line", "values",
        argv=("--today",), committed=True,
    ),
    "package version in the lock": Damage(replace("requirements.lock", "papermill==", "papermill==9"), "environment-changed", "requirements.lock#papermill"),
    "Word document edited": Damage(output("kstthc.docx", lambda b: b + b"\0"), "altered", "kstthc.docx", "files"),
    "PDF edited": Damage(output("kstthc.pdf", lambda b: b.replace(b"2026", b"2027", 1)), "altered", "kstthc.pdf", "files"),
    "trace edited": Damage(output("trace.json", lambda b: b.replace(b"142186", b"142187", 1)), "altered", "trace.json", "files"),
    "executed notebook edited": Damage(
        output("notebooks/kstthc/07-ho-so.ipynb", lambda b: b.replace(b"142.186", b"142.187", 1)), "altered", "notebooks/kstthc/07-ho-so.ipynb", "files"
    ),
    "output removed": Damage(output("kstthc.html", lambda _: None), "altered", "kstthc.html", "files"),
    "output added": Damage(output("kstthc-ban-dung.docx", lambda _: b"x"), "altered", "kstthc-ban-dung.docx"),
    "hash of an output in the record": Damage(record(set_in("outputs", "kstthc.pdf", value="0" * 64)), "altered", "edition.json#outputs.kstthc.pdf"),
    "hash of an output, sealed again and committed": Damage(
        record(set_in("outputs", "kstthc.pdf", value="0" * 64), reseal=True), "altered", "kstthc.pdf", "files", committed=True
    ),
    "number in the record, sealed again and committed": Damage(
        record(set_in("values", "hoso_so_tiep_nhan", "number", value="142187"), reseal=True), "altered", "edition.json#values.hoso_so_tiep_nhan",
        committed=True,
    ),
    "hash of a raw file, sealed again and committed": Damage(
        record(set_in("sources", f"{RAW}/{FILE}", value="0" * 64), reseal=True), "altered", FILE, committed=True
    ),
    "commit that nobody has": Damage(
        record(set_in("commit", value="0" * 40), reseal=True), "cannot-check", "hoso_so_tiep_nhan", "values", committed=True
    ),
    "who signed, sealed again and committed": Damage(
        record(set_in("signed", value={"kstthc/I.7": ["Ai đó, 2026-03-20"]}), reseal=True), "altered", "edition.json#signed.kstthc/I.7",
        committed=True,
    ),
    "output that the record no longer names, committed": Damage(raw(lose_page), "altered", "edition.json#outputs.kstthc.html", committed=True),
    "document forged together with its hash, committed": Damage(raw(forge), "altered", "edition.json#outputs.kstthc.docx", committed=True),
    "hash of a package in the lock": Damage(raw(other_hash), "environment-changed", "requirements.lock#papermill"),
    "comment in the parameters": Damage(
        replace("params/place.yaml", "\n", "\n# x\n"), "input-changed", "params/place.yaml#line 2"
    ),
    "record that is none": Damage(output("edition.json", lambda b: b[:-20]), "", "edition.json is damaged", code=2),
    "record removed": Damage(output("edition.json", lambda _: None), "", "edition.json is missing", code=2),
    "edition removed": Damage(raw(lambda p: shutil.rmtree(p.edition.parent)), "", "issued/1/edition.json is missing", code=2),
    "edition removed and committed": Damage(
        raw(lambda p: shutil.rmtree(p.edition.parent)), "", "issued/1/edition.json is missing", code=2, committed=True
    ),
    "reports in the record, sealed again and committed": Damage(
        record(set_in("reports", value=[]), reseal=True), "altered", "edition.json#reports", committed=True
    ),
    "engine in the record, sealed again and committed": Damage(
        record(set_in("environment", "versions", "typst", value="0.1"), reseal=True), "altered",
        "edition.json#environment.versions.typst", committed=True,
    ),
    "record that is none in the last commit": Damage(
        raw(commit_broken), "altered", "issued/1/edition.json"
    ),
    "font": Damage(raw(lambda p: flip(next(p.root.glob("reports/_extensions/**/*.ttf")))), "code-changed", ".ttf"),
    "code added": Damage(raw(lambda p: (p.root / "scripts/baocao/x.py").touch()), "code-changed", "scripts/baocao/x.py"),
    "size of the letters, committed, today": Damage(
        replace(f"{LAYOUT}.typst", "14pt", "15pt"), "identical-values", f"{LAYOUT}.typst#line", "files", code=0, argv=("--today",),
        committed=True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_change_is_found_and_its_culprit_named(issued, edit, name):
    damage = HARMFUL[name]
    damage.act(issued, edit)
    if damage.committed:
        issued.commit()
    if damage.code == 2:
        assert damage.culprit in issued.run("audit", PERIOD, *damage.argv, check=2).stderr
        return
    audit = issued.audit(*damage.argv, check=damage.code)
    found = [one for one in audit[damage.part] if one["verdict"] == damage.verdict]
    said = [one["name"] for one in found] + [reason["where"] for one in found for reason in one["reasons"]]
    assert any(damage.culprit in text for text in said), json.dumps(audit["sources"], ensure_ascii=False)[
        :3000
    ]
    assert damage.code == 0 or not audit["good"]
    if damage.part == "values" and damage.verdict != "cannot-check":
        assert all(one["before"] != one["after"] for one in found)
    printed = [one["verdict"] for part in ("values", "files", "sources") for one in audit[part]]
    assert damage.verdict in printed


HARMLESS: dict[str, dict[str, str]] = {
    "clock of the files": {},
    "locale": {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "LANGUAGE": "vi"},
    "time zone": {"TZ": "Pacific/Kiritimati"},
    "hash seed": {"PYTHONHASHSEED": "4711"},
    "file order": {},
    "earlier tables and outputs": {},
    "work committed later": {},
    "files that Word and the system put beside the documents": {},
    "settings of matplotlib and Python": {"MATPLOTLIBRC": "{odd}", "MPLBACKEND": "svg", "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error"},
    "git of another folder": {"GIT_DIR": "{odd}"},
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_changes_nothing(issued, name, tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 23\naxes.facecolor: red\n", encoding="utf-8")
    if name == "clock of the files":
        for path in issued.raw.rglob("*.xlsx"):
            os.utime(path, (2_000_000_000, 2_000_000_000))
    if name == "file order":
        files = {path: path.read_bytes() for path in issued.raw.rglob("*.xlsx")}
        for path in files:
            path.unlink()
        for path in sorted(files, reverse=True):
            path.write_bytes(files[path])
    if name == "earlier tables and outputs":
        for path in [*issued.root.glob("data/processed/**/*"), *issued.root.glob(f"reports/{PERIOD}/*")]:
            if path.is_file():
                path.write_bytes(b"poison")
    if name == "work committed later":
        issued.replace(NOTEBOOK, "Các {section", "Cac {section")
        issued.replace("requirements.lock", "papermill==", "papermill==9")
        issued.commit()
    if name.startswith("files that Word"):
        for extra in ("~$stthc.docx", ".DS_Store"):
            (issued.edition / extra).touch()
    variables = {key: value.replace("{odd}", str(tmp_path)) for key, value in HARMLESS[name].items()}
    audit = issued.audit(check=0, **variables)
    assert audit["good"]


@pytest.mark.external
@pytest.mark.parametrize("shift", ["+900d", "-3000d"])
def test_another_clock_changes_nothing(issued, shift):
    if not shutil.which("faketime"):
        pytest.skip("faketime is not installed")
    command = [
        "faketime",
        "-f",
        shift,
        sys.executable,
        "-m",
        "baocao",
        "--root",
        issued.root,
        "audit",
        PERIOD,
    ]
    variables = {**os.environ, "PYTHONPATH": str(issued.root / "scripts")}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_left_to_chance_is_told_from_what_was_changed(small, tmp_path):
    project = small(tmp_path / "p")
    path = project.root / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import time\nprint(time.time_ns())", id="chance"))
    nbformat.write(notebook, path)
    project.commit()
    project.run("issue", PERIOD)
    project.commit()
    audit = project.audit(check=1)
    assert audit["identical"]
    verdicts = {one["name"]: one["verdict"] for one in audit["files"] if one["verdict"] != "identical-bytes"}
    assert verdicts == {NOTEBOOK: "not-deterministic"}


def test_two_builds_in_two_folders_under_other_circumstances_are_the_same_bytes(small, tmp_path):
    projects = [small(tmp_path / name) for name in ("một", "thư mục khác/hai")]
    projects[0].run("build", PERIOD, "--jobs", "1", TZ="Asia/Ho_Chi_Minh", LC_ALL="C", PYTHONHASHSEED="1")
    projects[1].run(
        "build", PERIOD, "--jobs", "2", TZ="America/Caracas", LANG="tr_TR.UTF-8", PYTHONHASHSEED="2"
    )
    made = [
        {
            path.relative_to(project.root).as_posix(): path.read_bytes()
            for path in (project.root / "reports" / PERIOD).rglob("*")
            if path.is_file() and path.name not in {"build.log", ".state.json"}
        }
        for project in projects
    ]
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []


def test_a_corrected_edition_and_the_one_it_replaces_both_hold(issued, edit):
    dossier(issued, edit)
    issued.commit()
    issued.run("issue", PERIOD, "--correction", "đơn vị gửi lại số liệu")
    issued.commit()
    issued.run("build", PERIOD)
    assert issued.audit(check=0)["edition"] == 2
    assert any("later edition" in note for note in issued.audit("--edition", "1", check=0)["notes"])


def test_one_broken_edition_stops_no_other(issued):
    other = issued.edition.parent.parent.with_name("2025-Q4") / "issued" / "1"
    shutil.copytree(issued.edition, other)
    shutil.copytree(issued.edition, issued.edition.parents[2] / "sao-lưu-2025-Q4" / "issued" / "1")
    issued.git("add", "--all", "--force")
    issued.commit()
    lines = issued.run("audit", "--all", check=2).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["period", "2025-Q4", PERIOD]
    assert "CANNOT CHECK" in lines[1]
    assert lines[2].endswith("as issued")


@pytest.mark.parametrize("asked", [(PERIOD,), ("--all",)])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_audit_that_is_ended_leaves_nothing_behind(issued, tmp_path, asked, number):
    place = tmp_path / "tạm"
    place.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "baocao", "--root", issued.root, "audit", *asked],
        env={**os.environ, "PYTHONPATH": str(issued.root / "scripts"), "TMPDIR": str(place)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(600):
        if list(place.glob("baocao-audit-*/run/reports/*/build.log")):
            break
        time.sleep(0.1)
    else:
        pytest.fail("the build did not start")
    process.send_signal(number)
    assert process.wait(30) != 0
    time.sleep(1)
    assert list(place.iterdir()) == []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert os.fsencode(place) not in path.read_bytes()


def test_only_one_edition_is_issued_at_a_time(small, tmp_path):
    project = small(tmp_path / "p")
    command = [sys.executable, "-m", "baocao", "--root", project.root, "issue", PERIOD]
    variables = {**os.environ, "PYTHONPATH": str(project.root / "scripts")}
    both = [subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 2]
    assert any("is being issued" in text or "was issued" in text for text in said)
    assert [path.name for path in project.edition.parent.iterdir()] == ["1"]
    # What a killed run left lies where git looks away.
    (project.edition.parents[1] / ".issuing-2").mkdir()
    (project.edition.parents[1] / ".issuing-2" / "x").touch()
    assert ".issuing" not in project.git("status", "--porcelain", "--untracked-files=all")


@pytest.mark.parametrize("way", ["hidden", "lock"])
def test_what_the_commit_does_not_hold_or_the_lock_does_not_pin_is_not_issued(small, tmp_path, way):
    project = small(tmp_path / "p")
    if way == "hidden":
        project.git("update-index", "--assume-unchanged", "params/place.yaml")
        project.replace("params/place.yaml", "name: thành phố Hải", "name: thành phố Hai")
    else:
        project.replace("requirements.lock", "papermill==", "papermill==9")
        project.commit()
    said = project.run("issue", PERIOD, check=2).stderr
    assert {"hidden": "params/place.yaml", "lock": "papermill"}[way] in said
