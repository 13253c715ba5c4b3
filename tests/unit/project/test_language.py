"""Sentences: one language at a time, kept as messages, and a catalogue that is whole."""

from __future__ import annotations

import ast
import json
import pickle
import re
import string
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import messages
from baocao.project.errors import BaocaoError, WorkbookError, workbook_error_from_record
from baocao.project.findings import Finding, finding_from_record
from baocao.project.language import (
    VARIABLE,
    OwnWords,
    Sentence,
    _,
    _n,
    as_record,
    format_number,
    from_record,
    join,
    language_in_force,
    speaking,
    use_language,
)
from baocao.reading.forms.codes import CODES

PACKAGE = messages.PACKAGE
VIETNAMESE = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]|[àáãèéìíòóõùúýÀÁÃÈÉÌÍÒÓÕÙÚÝ]")
CATALOG = messages.read_catalog("vi")


@pytest.fixture
def vietnamese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "vi")


def texts(message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple) else [message.id]


def holes(text: str) -> list[str]:
    # What was put after ! and : belongs to the hole, too: it decides how the part is printed.
    return sorted(
        f"{name}!{conversion}:{spec}"
        for _text, name, spec, conversion in string.Formatter().parse(text)
        if name is not None
    )


# -- the catalogue ---------------------------------------------------------------


def test_every_message_of_the_code_is_in_the_catalogue_and_no_other():
    found = {tuple(texts(message)) for message in messages.extract() if message.id}
    held = {tuple(texts(message)) for message in CATALOG if message.id}
    assert found - held == set(), "run 'make messages' and translate"
    assert held - found == set(), "run 'make messages'"


def test_every_message_is_translated_and_its_holes_are_the_same():
    for message in CATALOG:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        for text in strings:
            # A message that stands without parts is taken as it is, with its braces.
            if any("{" in one for one in texts(message)):
                try:
                    wanted = holes(texts(message)[-1])
                except ValueError:
                    continue
                assert holes(text) == wanted, message.id


def test_english_messages_hold_no_vietnamese():
    assert [
        message.id for message in CATALOG if any(VIETNAMESE.search(text) for text in texts(message))
    ] == []


def test_the_compiled_catalogue_is_that_of_the_text():
    compiled = messages.po_file("vi").with_suffix(".mo").read_bytes()
    assert compiled == messages.compile_catalog(CATALOG), "run 'make messages'"


# -- no way around it --------------------------------------------------------------

ERRORS = {cls.__name__ for cls in [BaocaoError, *BaocaoError.__subclasses__()]} | {
    cls.__name__ for base in BaocaoError.__subclasses__() for cls in base.__subclasses__()
}
SAID = {"message", "expected", "got", "action", "why", "note"}
FINDINGS = {"Finding", "submission_finding", "WorkbookError"}
_WORDS = re.compile(r"[A-Za-zÀ-ỹ]{2,} [A-Za-zÀ-ỹ]{2,}")


def literal(node: ast.expr) -> str:
    """The words of a literal that stands there bare; empty where there are none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return " ".join(part.value for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.IfExp):
        return f"{literal(node.body)} {literal(node.orelse)}"
    return ""


def bare_sentences(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        shown = []
        if name in ERRORS:
            shown += node.args[:1]
        if name == "Finding":
            shown += node.args[2:3]
        if name in {"say", "print_lines"}:
            shown += node.args
        if name in FINDINGS:
            shown += [keyword.value for keyword in node.keywords if keyword.arg in SAID]
        for argument in shown:
            if _WORDS.search(literal(argument)):
                yield f"{path.parent.name}/{path.name}:{argument.lineno}: {literal(argument)[:60]}"


def test_no_sentence_reaches_people_past_the_catalogue():
    assert [found for path in sorted(PACKAGE.rglob("*.py")) for found in bare_sentences(path)] == []


def test_the_search_for_bare_sentences_finds_them(tmp_path):
    path = tmp_path / "x.py"
    path.write_text(
        "raise UsageError(f'there is no {x} here')\nsay('all is well')\nUsageError(_('no such thing'))\n"
    )
    assert len(list(bare_sentences(path))) == 2


# -- sentences ---------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_a_submission_speaks_both_languages(code, monkeypatch):
    assert not VIETNAMESE.search(_(CODES[code].message))
    monkeypatch.setenv(VARIABLE, "vi")
    assert VIETNAMESE.search(_(CODES[code].message))


def test_a_finding_kept_in_one_language_is_read_in_another(monkeypatch):
    kept = json.dumps(
        Finding(
            "blank",
            "error",
            _(CODES["blank"].message),
            cells=("a.xlsx#06a!D9",),
            expected=join([_("whole number, not negative"), "x"]),
            got=_n("{count} cell", "{count} cells", 2),
        ).as_record()
    )
    monkeypatch.setenv(VARIABLE, "vi")
    finding = finding_from_record(json.loads(kept))
    assert (
        str(finding) == "[lỗi blank] a.xlsx#06a!D9: Ô bị bỏ trống; cần: số nguyên không âm; x; thực tế: 2 ô"
    )


def test_words_of_a_project_are_told_to_readers_of_their_language_alone():
    words = OwnWords({"vi": "Tổng bằng các phần."}, _("not found"))
    told = _("{what}, but {why}", what=words, why=3)
    assert words == "not found"
    for kept in (as_record(told), json.loads(json.dumps(as_record(told)))):
        assert from_record(kept) == "not found, but 3"
        with speaking("vi"):
            assert from_record(kept).startswith("Tổng bằng các phần.,")
            assert pickle.loads(pickle.dumps(words)) == "Tổng bằng các phần."


def test_a_refused_workbook_kept_in_one_language_is_read_in_another(monkeypatch):
    error = WorkbookError("damaged", expected=_("a whole workbook"), got="x", action="", sheet="06a")
    kept = json.dumps(error.as_record())
    monkeypatch.setenv(VARIABLE, "vi")
    read = workbook_error_from_record(json.loads(kept))
    assert (read.code, read.expected, read.sheet, read.address) == (
        "damaged",
        "sổ tính nguyên vẹn",
        "06a",
        None,
    )


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
PART = st.recursive(
    TEXT | st.integers() | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from("abc"), PART), st.booleans())
def test_a_sentence_survives_being_kept(parts, nested):
    message = " ".join(f"{{{name}}}" for name in parts) or "{}"
    sentence = (
        Sentence(message, {**parts, **({"inner": _("formula")} if nested else {})}) if parts else _("formula")
    )
    again = from_record(json.loads(json.dumps(as_record(sentence))))
    assert again == sentence
    assert pickle.loads(pickle.dumps(sentence)) == sentence


def test_decimals_are_written_as_the_language_does(vietnamese):
    assert _("{name}: done ({seconds:.1f} s)", name="a", seconds=0.25) == "a: xong (0,2 giây)"


def test_the_environment_decides_before_the_house(monkeypatch):
    monkeypatch.delenv(VARIABLE)
    assert language_in_force() == "vi"  # of this repository's house
    monkeypatch.setenv(VARIABLE, "en")
    assert language_in_force() == "en"
    use_language("vi")
    assert language_in_force() == "vi"
    monkeypatch.setenv(VARIABLE, "nonsense")
    assert language_in_force() == "vi"


def test_without_a_project_english_is_spoken(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr("baocao.project.language._root", tmp_path)
    assert language_in_force() == "en"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_in_a_message_is_written_as_its_reader_does_however_long_it_was_kept(number):
    with speaking("vi"):
        kept = json.loads(json.dumps(as_record(_("number {number}", number=format_number(number)))))
    with speaking("en"):
        english = from_record(kept)
    with speaking("vi"):
        vietnamese = from_record(kept)
    assert Decimal(english.removeprefix("number ")) == number
    assert "," not in english
    assert Decimal(vietnamese.split()[-1].replace(",", ".")) == number
    assert "." not in vietnamese
