"""An English analyst begins a project of their own, in a folder far from this one."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdfium2
import pytest

BAOCAO = [sys.executable, "-m", "baocao"]
VIETNAMESE = re.compile("[àáảãạăằắẳẵặâầấẩẫậèẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)


def run(*arguments, cwd, code=0):
    done = subprocess.run([*BAOCAO, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def read_text(path: Path) -> str:
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        return "".join(page.get_textpage().get_text_range() for page in document)
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as archive:
            return "".join(
                archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")
            )
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("newcomer")
    said = run("init", "mine", "--house", "plain", cwd=folder)
    period = re.search(r"baocao build (\S+)", said)[1]
    return folder / "mine", period, said + run("build", period, "--engine", "embedded", cwd=folder / "mine")


def test_what_is_written_is_english_through_and_through(project):
    root, period, said = project
    assert not VIETNAMESE.search(said)
    for kind in ("docx", "pdf", "html"):
        text = read_text(root / "reports" / period / f"cases.{kind}")
        assert not VIETNAMESE.search(text), kind
        for printed in ("7,296", "95.08%", "Table 1.", "Figure 1."):
            assert printed in re.sub("<[^>]+>", "", text), (kind, printed)


def test_nothing_beside_the_reports_is_vietnamese(project):
    root, period, _said = project
    assert "cases.sources.xlsx" in run("annex", period, cwd=root)
    run("review", period, cwd=root)
    output = root / "reports" / period
    names = [path.relative_to(output).as_posix() for path in output.rglob("*")]
    assert [name for name in names if re.search(r"hinh|phu-luc|nguon", name)] == []
    for name in ("cases.sources.html", "review/index.html", "review/words.js", "review/data.js"):
        assert not VIETNAMESE.search((output / name).read_text("utf-8")), name
    assert not VIETNAMESE.search(read_text(output / "cases.sources.xlsx"))


def test_every_number_is_traced(project):
    root, period, _said = project
    assert "0 untraced" in run("coverage", period, cwd=root)
    assert "A01-north-district.xlsx" in run("trace", period, "7,296", cwd=root)
    assert "0 findings" in run("verify", f"reports/{period}/cases.docx", cwd=root)


def test_a_missing_params_file_is_named_with_what_to_write(project, tmp_path):
    root, period, _said = project
    copy = tmp_path / "copy"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("reports"))
    for name, wanted in (
        ("units.csv", "code,name"),
        ("forms.yaml", "form"),
        ("place.yaml", "code, name, short"),
    ):
        (copy / "params" / name).rename(copy / name)
        said = run("check", period, "--root", str(copy), cwd=tmp_path, code=2)
        assert name in said
        assert wanted in said
        (copy / name).rename(copy / "params" / name)
