"""Markdown that people write: a small language, and what is outside it is text or refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.project.errors import InputError, UsageError
from baocao.sections.markdown import find_problems, parse_markdown
from baocao.sections.narratives import parse_narrative, read_narrative, require_fit
from baocao.sections.parts import (
    Heading,
    Link,
    Listing,
    Note,
    Paragraph,
    Run,
    Text,
    TextBlock,
    paragraphs,
    plain,
)


def links(blocks: tuple[TextBlock, ...]) -> list[str]:
    found: list[str] = []

    def walk(runs: tuple[Run, ...]) -> None:
        for run in runs:
            if isinstance(run, Link):
                found.append(run.url)
            walk(getattr(run, "runs", ()))

    for block in paragraphs(blocks):
        walk(block.runs)
    return found


def test_paragraphs_lists_headings_notes_and_links_are_read():
    blocks = parse_markdown(
        "### a) Một\n\nCó **đậm** *nghiêng*^[chú].\n\n1. hai\n   - ba\n\n[x](https://a.vn)[^1]\n\n[^1]: bốn"
    )
    assert [type(block) for block in blocks] == [Heading, Paragraph, Listing, Paragraph]
    assert [plain(block.runs) for block in paragraphs(blocks)] == [
        "a) Một",
        "Có đậm nghiêng (chú).",
        "hai",
        "ba",
        "x (bốn)",
    ]
    assert links(blocks) == ["https://a.vn"]


def test_a_point_keeps_its_mark():
    assert [plain(block.runs) for block in paragraphs(parse_markdown("1) một\n2) hai\n\nc) ba"))] == [
        "1) một",
        "2) hai",
        "c) ba",
    ]


def test_lines_are_those_of_the_file():
    blocks = parse_markdown("một\n\n- hai\n- ba\n\n\nbốn", line=10)
    assert [block.line for block in paragraphs(blocks)] == [10, 12, 13, 16]


REFUSED = {
    '[999]{.so v="tthc"}': "an attribute",
    "[x]{onclick=alert(1)}": "an attribute",
    "# A {#id}": "an attribute",
    "::: {.proof}\nx\n:::": "a block of its own kind (:::)",
    "<script>alert(1)</script>": "HTML",
    'a <img src=x onerror="alert(1)">': "HTML",
    "<!-- x -->": "HTML",
    "![x](a.png)": "a picture",
    "[x](javascript:alert(1))": "a link to other than http, https or mailto",
    "[x](../a.md)": "a link to other than http, https or mailto",
    "[x](<data:text/html,a>)": "a link to other than http, https or mailto",
    "{{< include a >}}": "a shortcode ({{< … >}})",
    "```{=html}\n<b>\n```": "a block of code",
    "`x`{=openxml}": "an attribute",
    "***\n": "a rule or a YAML block",
    "- - -": "a rule or a YAML block",
    "| a | b |\n|---|---|": "a table",
    "a    b\n---- ----\n1    2": "a table or an underlined heading",
    "<<<<<<< HEAD": "a mark of two versions that were not merged",
    "⟦hoso~ab|⟧": "a character that is kept for values",
}


@pytest.mark.parametrize(("text", "what"), REFUSED.items())
def test_what_is_outside_the_language_is_refused_at_its_line(text, what):
    problems = find_problems(f"Một.\n\n{text}\n\nHai.")
    lines = [problem.line for problem in problems if problem.what == what]
    assert lines[0] == (4 if "---- ----" in text else 3)


@pytest.mark.parametrize("text", REFUSED)
def test_and_read_it_is_text(text):
    blocks = parse_markdown(text)
    assert links(blocks) == []
    assert not any(isinstance(run, Note) for block in paragraphs(blocks) for run in block.runs)


@pytest.mark.parametrize(
    "text",
    [
        "Có {hoso_so_tiep_nhan} hồ sơ, đạt {ty_le:.1%}.",
        "Theo 66.7/2025/NQ-CP; a < b, b > a; A & B; 100 $; x@y.vn; 5^2; a_b_c; 'x' \"y\"",
        "- một\n- hai\n\n+ ba\n\n1. bốn",
        "\\+ **Đậm:** a\n\n*- Nghiêng:* b",
        "a\\{.b\\} và \\<b\\>",
        "Mục 3 - 4; 2026 - 2030",
    ],
)
def test_ordinary_texts_are_not_refused(text):
    assert find_problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "[" * 2000,
        "[" * 2000 + "a" + "]" * 2000,
        "^[" * 1000 + "]" * 1000,
        "- " * 2000,
        "*a **b " * 1000 + "c" + "** d*" * 1000,
        "[a](http://x " * 1000,
        "\n".join(" " * 4 * depth + "- x" for depth in range(60)),
    ],
)
def test_what_is_nested_without_end_is_read_at_once(text):
    begin = time.process_time()
    parse_markdown(text)
    find_problems(text)
    assert time.process_time() - begin < 2


def test_brackets_nested_without_end_are_refused():
    assert [problem.what for problem in find_problems("[" * 2000)] == ["more than 12 levels in one another"]


@given(st.text(st.sampled_from("ab [](){}<>*_^:#-+.1|`~!\\\n&;$@=%\"'"), max_size=60))
def test_nothing_but_the_small_language_is_ever_read(text):
    """No character of markup is lost but the marks of what was understood, and no link leads elsewhere."""
    blocks = parse_markdown(text)
    assert all(url.startswith(("http://", "https://", "mailto:")) for url in links(blocks))
    read = "".join(plain(block.runs) for block in paragraphs(blocks))
    assert sum(map(read.count, "ab")) <= sum(map(text.count, "ab"))
    if "&" not in text:
        assert all(read.count(char) <= text.count(char) + (char in "() ") * len(text) for char in set(read))


def test_a_value_stands_where_its_mark_stood():
    def put(stretch: str) -> list[Text]:
        return [Text(text=stretch.upper())]

    assert plain(parse_markdown("một *hai*", put)[0].runs) == "MỘT HAI"


class TestNarratives:
    def test_blocks_know_their_names_and_lines(self):
        narrative = parse_narrative("Mở\n\n## mot\n\nMột\n\n## hai\nHai", "07.md")
        assert [(block.name, block.line, block.text.strip()) for block in narrative.blocks] == [
            (None, 1, "Mở"),
            ("mot", 4, "Một"),
            ("hai", 8, "Hai"),
        ]
        lines = narrative.block(None).text.split("\n")
        assert (lines[4], lines[7]) == ("Một", "Hai")

    def test_a_block_that_is_not_there_is_named_with_those_that_are(self):
        with pytest.raises(UsageError, match="no block '## ba'; it has mot"):
            parse_narrative("## mot\nx", "07.md").block("ba")

    def test_every_fault_is_told_with_file_and_line(self):
        narrative = parse_narrative('## mot\n\n[9]{.so v="x"}\n\n## mot\n', "loi-van/kstthc/07.md")
        assert [(one.code, one.cells) for one in narrative.findings] == [
            ("narrative-markup", ("loi-van/kstthc/07.md:3",)),
            ("narrative-block-twice", ("loi-van/kstthc/07.md:5",)),
        ]
        with pytest.raises(InputError, match=r"07\.md:3"):
            require_fit(narrative)

    def test_a_file_of_another_encoding_is_named(self, tmp_path):
        (tmp_path / "a.md").write_bytes("Một".encode("utf-16"))
        with pytest.raises(UsageError, match="expected UTF-8"):
            read_narrative(tmp_path / "a.md", "a.md")


@pytest.mark.parametrize(
    ("text", "refused"),
    [("Đạt ½ kế hoạch", True), ("Có ⑤ hồ sơ", True), ("5²⁵ hồ sơ", True), ("rộng 5 m² và 3 km³", False)],
)
def test_a_number_that_no_search_for_digits_finds_is_refused(text, refused):
    assert bool(find_problems(text)) == refused
