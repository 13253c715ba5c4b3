"""What is written from a text is that text, whatever Pandoc could take it for; and what is written is read again."""

from __future__ import annotations

import json
import random
import re
import subprocess
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import REPOSITORY

from baocao.documents.engines.embedded import EmbeddedEngine
from baocao.documents.markup import (
    Span,
    escape,
    read_ids,
    read_mentions,
    read_pictures,
    read_sections,
    write_chart,
    write_heading,
    write_list,
    write_paragraph,
    write_table,
    write_text,
)
from baocao.sections.markdown import parse_markdown
from baocao.sections.parts import Cited, Link, Note, Printed, Styled, Text, paragraphs, plain

LAYOUT = yaml.safe_load(
    (REPOSITORY / "reports" / "_extensions" / "nd30" / "_extension.yml").read_text("utf-8")
)
READER = LAYOUT["contributes"]["formats"]["common"]["from"]
SIGNS = "aàb1 .,:;-+*_~^`'\"!?#%&@$|/\\<>()[]{}=\u00a0…"
HOSTILE = [
    '[999]{.so v="x"}', "::: {.proof}", "# a", "- a", "1. a", "1) a", "(@) a", "> a", "| a | b |", "a\n\nb", "***", "---",
    "```{=html}", "<script>", "<!-- a", "&lt;&nbsp;", "$a$", "\\[a\\]", "@fig-a", "[a](b)", "![a](b)", "^[a]", "[^1]: a",
    "[a]: http://b.c", "a\\", "\\", "%", ": a", "Table: a", "a  \nb", "\ta", "    a", "~~a~~", "**", "*a*", "_", "`a`{.b}",
    "{#a .b}", "http://a.b", "a@b.c", "+---+", "~~~", "...", "--", "a -- b", "\\newpage", "{{< a >}}", "(a)", "i. a",
]  # fmt: skip


def read(markdown: str) -> list[dict[str, Any]]:
    said = subprocess.run(
        [EmbeddedEngine().pandoc, f"--from={READER}", "--to=json"],
        input=markdown.encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(said.stdout)["blocks"]


def text_of(inlines: list[dict[str, Any]]) -> str:
    """The text of plain inlines; any other inline is named, so that nothing equals it."""
    return "".join(
        one["c"] if one["t"] == "Str" else " " if one["t"] in ("Space", "SoftBreak") else f"<{one['t']}>"
        for one in inlines
    )


def squeeze(text: str) -> str:
    return " ".join(text.split())


def make_texts() -> list[str]:
    dice = random.Random(1)
    made = ["".join(dice.choices(SIGNS, k=dice.randint(1, 14))) for _ in range(1500)]
    return [text for text in (*HOSTILE, *made) if text.strip(" \n\t")]


def test_a_text_is_read_as_it_was_typed_in_a_paragraph_a_heading_a_cell_and_a_note():
    texts = make_texts()
    written = "\n\n".join(
        f"{write_text(text)}\n\n{write_heading(2, escape(text), 'a')}\n\nX^[{escape(text)}]."
        for text in texts
    )
    blocks = read(written)
    assert len(blocks) == 3 * len(texts)
    for at, text in enumerate(texts):
        paragraph, heading, noted = blocks[3 * at : 3 * at + 3]
        assert (paragraph["t"], heading["t"], noted["t"]) == ("Para", "Header", "Para")
        assert squeeze(text_of(paragraph["c"])) == squeeze(text), written.split("\n\n")[3 * at]
        assert squeeze(text_of(heading["c"][2])) == squeeze(text)
        [note] = [one["c"] for one in noted["c"] if one["t"] == "Note"]
        assert squeeze(text_of(note[0]["c"])) == squeeze(text)
        assert len(note) == 1


def test_a_text_is_read_as_it_was_typed_in_a_table():
    texts = make_texts()
    rows = [[escape(text), escape(text)] for text in texts]
    table = write_table("a", "T", ["b", "c"], rows, aligned=("left", "right"), widths=(1, 2), wide=False)
    [div] = read(table)
    [_caption, found] = div["c"][1]
    cells = [[cell[4] for cell in row[1]] for row in found["c"][4][0][3]]
    assert len(cells) == len(texts)
    for text, row in zip(texts, cells, strict=True):
        assert [squeeze(text_of(cell[0]["c"])) for cell in row] == [squeeze(text)] * 2


def test_lists_and_styles_are_read_as_they_were_meant():
    runs = (
        Text(text="a "),
        Styled(kind="strong", runs=(Text(text=" b* "),)),
        Styled(kind="emphasis", runs=(Text(text="c"),)),
        Link(url="https://d.e/f(g)?h=<i>", runs=(Text(text="j]"),)),
        Note(runs=(Text(text="k"),)),
    )
    [block] = read(write_paragraph(runs))
    kinds = [one["t"] for one in block["c"] if one["t"] != "Space"]
    assert kinds == ["Str", "Strong", "Emph", "Link", "Note"]
    link = next(one for one in block["c"] if one["t"] == "Link")
    assert link["c"][2][0] == "https://d.e/f(g)?h=%3Ci%3E"
    [listing] = read(write_list(["a\n\n" + write_list(["b"], None), "c"], 4))
    assert listing["t"] == "OrderedList"
    assert listing["c"][0][0] == 4
    assert [block["t"] for block in listing["c"][1][0]] == ["Para", "BulletList"]


def test_two_thousand_brackets_of_a_cell_cost_nothing():
    [block] = read(write_text("[" * 2000 + "]" * 2000))
    assert text_of(block["c"]) == "[" * 2000 + "]" * 2000


@given(st.text(st.sampled_from(SIGNS), min_size=1, max_size=12).filter(str.strip))
def test_what_is_written_is_read_again(text):
    runs = (Text(text=text), Printed(value='a"b', text=text), Cited(text=text, cells=("a",)), Text(text=text))
    spans = iter([Span("m_a_01", "5"), Span("c_a_01")])
    written = write_paragraph(runs, lambda run: next(spans))
    assert list(read_mentions(written)) == [("m_a_01", re.sub(" +", " ", text))]
    assert list(read_ids(written)) == ["m_a_01", "c_a_01"]
    assert list(read_pictures(written)) == []
    heading = write_heading(2, escape(text), "a_i1")
    assert [name for name, _ in read_sections(f"{heading}\n\n{written}")] == ["a_i1"]
    assert list(read_pictures(write_chart("bd_a", text, "hinh/bd_a", "Hình"))) == ["hinh/bd_a"]


@pytest.mark.parametrize("forged", HOSTILE)
def test_no_text_is_a_mention_a_heading_or_a_picture(forged):
    written = write_text(forged)
    assert list(read_mentions(written)) == []
    assert list(read_ids(written)) == []
    assert list(read_pictures(written)) == []
    assert list(read_sections(written)) == []


def leaf_text(inlines: list[dict[str, Any]], kinds: set[str]) -> str:
    pieces = []
    for one in inlines:
        kinds.add(one["t"])
        if one["t"] == "Str":
            pieces.append(one["c"])
        elif one["t"] in ("Space", "SoftBreak"):
            pieces.append(" ")
        elif one["t"] in ("Strong", "Emph"):
            pieces.append(leaf_text(one["c"], kinds))
        elif one["t"] == "Link":
            pieces.append(leaf_text(one["c"][1], kinds))
            kinds.add(one["c"][2][0].partition(":")[0])
        elif one["t"] == "Note":
            pieces.append(f" ({''.join(leaf_text(block['c'], kinds) for block in one['c'])})")
    return "".join(pieces)


def test_what_people_write_becomes_the_small_language_and_nothing_else():
    """Random marks of Markdown, read, written and read by Pandoc: the same text, and no other kind of element."""
    dice = random.Random(2)
    signs = [
        *SIGNS,
        "**",
        "*",
        "^[",
        "]",
        "[a](http://b.c)",
        "](http://b.c)",
        "](javascript:a)",
        "{.so}",
        "\n",
        "- ",
    ]
    texts = ["".join(dice.choices(signs, k=dice.randint(2, 16))) for _ in range(1500)]
    meant = [
        block for text in texts for block in paragraphs(parse_markdown(text)) if plain(block.runs).strip()
    ]
    blocks = read("\n\n".join(write_paragraph(block.runs) for block in meant))
    assert len(blocks) == len(meant)
    kinds: set[str] = set()
    for block, found in zip(meant, blocks, strict=True):
        assert found["t"] == "Para"
        assert leaf_text(found["c"], kinds).replace(" ", "") == plain(block.runs).replace(" ", ""), block
    assert kinds <= {"Str", "Space", "Strong", "Emph", "Link", "Note", "http"}
    assert {"Strong", "Emph", "Link", "Note"} <= kinds
