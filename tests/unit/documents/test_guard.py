"""A document that somebody sent is looked at before it is opened: nothing inflates, nests or repeats without end."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from baocao.documents import guard
from baocao.documents.guard import WordParts, open_page, open_pdf
from baocao.documents.paragraphs import read_paragraphs
from baocao.documents.web import WebPage
from baocao.documents.word import WordFile
from baocao.editions.auditing.verdicts import read_words
from baocao.project.errors import TraceError
from baocao.verifying.texts import read_text

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEAD = f'<w:document xmlns:w="{W}"><w:body>'
TAIL = "</w:body></w:document>"


def write(path: Path, parts: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def document(inner: str) -> str:
    return f"{HEAD}{inner}{TAIL}"


HOSTILE = {
    "inflates": {"word/document.xml": document("<w:p/>" + " " * 60_000_000)},
    "many tags": {"word/document.xml": document("<w:p/>" * 2_000_000)},
    "deep": {"word/document.xml": document("<w:p>" * 5000 + "</w:p>" * 5000)},
    "entities": {
        "word/document.xml": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + document("<w:p/>")
    },
    "many parts": {"word/document.xml": document("<w:p/>"), **{f"word/a{n}.xml": "<a/>" for n in range(2500)}},
    "all parts": {"word/document.xml": document("<w:p/>"), **{f"word/h{n}.bin": bytes(3_900_000) for n in range(27)}},
    "no text": {"word/other.xml": "<a/>"},
}  # fmt: skip
READERS = {
    "verify": lambda path: WordFile(path).passages("accepted"),
    "coverage": lambda path: list(read_paragraphs(path)),
    "reconcile": read_text,
    "audit": lambda path: read_words(path, path.name),
}


@pytest.fixture(scope="module", params=HOSTILE)
def hostile(request, tmp_path_factory) -> Path:
    name = request.param
    return write(tmp_path_factory.mktemp("hostile") / f"{name.replace(' ', '-')}.docx", HOSTILE[name])


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_it_in_words(hostile, reader):
    if hostile.stem == "no-text" and reader == "audit":
        return  # compared part by part, whatever the parts are
    with pytest.raises(TraceError, match=rf"{hostile.name}"):
        READERS[reader](hostile)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
def test_and_takes_no_memory_for_it(tmp_path):
    path = write(tmp_path / "a.docx", HOSTILE["inflates"])
    assert path.stat().st_size < 1_000_000
    code = (
        "import sys; from pathlib import Path; from baocao.documents.word import WordFile\n"
        "try: WordFile(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said[0] == "TraceError"
    assert int(said[1]) < 250_000, "kilobytes"


def test_a_part_that_lies_about_its_size_is_damage(tmp_path):
    path = write(tmp_path / "a.docx", {"word/document.xml": document("<w:p/>" * 20_000)})
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(TraceError):
        WordFile(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\x00" * 100])
def test_what_is_no_document_is_said_so(tmp_path, content):
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    for opened in (WordParts, lambda path: open_pdf(path).__enter__()):
        with pytest.raises(TraceError, match=r"a\.docx is no"):
            opened(path)
    with pytest.raises(TraceError, match="is missing"):
        open_page(tmp_path / "b.html")
    with pytest.raises(TraceError, match="no file"):
        open_page(tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "MAX_FILE", 1000)
    path = tmp_path / "a.html"
    path.write_bytes(b"<p>" + b"a" * 2000)
    with pytest.raises(TraceError, match=r"a\.html is not opened: the file takes"):
        open_page(path)


@pytest.mark.parametrize("content", ["<p>" * 1_100_000, "<div>" * 100_000 + "a"])
def test_a_page_that_nests_or_repeats_without_end_ends(tmp_path, content):
    path = tmp_path / "a.html"
    path.write_text(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(TraceError):
        WebPage(path).passages()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000, "kilobytes"
