"""What a source may not hold, and what is read from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from baocao.documents.source import check_source, read_source
from baocao.project.errors import RenderError

SAMPLE = Path(__file__).parents[2] / "data" / "rendering" / "sample.qmd"


def test_the_sample_is_fine():
    assert check_source(SAMPLE.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{< pagebreak >}}", "shortcode"),
        ("::: {.callout-note}\nx\n:::", "callout"),
        ("xem @sec-mot nhé", "cross-reference"),
        ("::: {layout-ncol=2}\nx\n:::", "layout"),
        ('::: {.content-visible when-format="html"}\nx\n:::', "conditional"),
        ("::: {.landscape}\nx\n:::", ".ngang"),
        ("```{python}\n1\n```", "executable cell"),
        ("tổng `{python} x`", "inline expression"),
        ("::: {.proof}\nx\n:::", "in its own way"),
        ("::: aside\nx\n:::", "in its own way"),
        ("a\n\n***\n\nb", "line 7: a rule"),
        ("a\n\n- - -\n\nb", "line 7: a rule"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "line 5: a table without"),
        ("a   b\n--- ---\n1   2", "a table without"),
        ("+---+---+\n| a | b |\n+---+---+", "a table without"),
        ('::: {.ngang onclick="x()"}\na\n:::', "load or run"),
        ('[a]{.x style="b"}', "load or run"),
        ("[a](javascript:alert(1))", "a link to other"),
        ("[a](<data:text/html,b>)", "a link to other"),
        ("`<b>`{=html}", "raw text"),
        ("# I. A {#sec-mot}", "id 'sec-mot'"),
        ("# I. A {#Mot}", "id 'Mot'"),
        ("# I. A {#a" + "b" * 40 + "}", "at most 40"),
        ("# I. A {#a}\n\n[1]{#a .so}", "stands 2 times"),
        ("![x](../hinh/y)", "beside the source"),
        ("![x](http://a.b/y)", "beside the source"),
        ("![x](/hinh/y)", "beside the source"),
        ("![x](hinh/y.png)", "no extension"),
    ],
)
def test_refused(body, said):
    faults = check_source(f"---\ntitle: T\n---\n\n{body}\n")
    assert [fault for fault in faults if said in fault], faults


@pytest.mark.parametrize(
    "body",
    [
        "Thư gửi a\\@sec-b.vn",
        "Giá \\{\\{ 5 \\}\\}",
        '[3]{#m_a .so v="x" n="3"}',
        "::: {.ngang}\nx\n:::",
        "`mã`",
        "Tệp .callout-a, .panel-b, layout=c, style=d, onclick=e, .aside",
        '\\{.callout-note onclick=\\"x\\"\\}',
        "[a](https://b.vn) [c](<mailto:d@e.vn>)",
        '::: {.bang #bang_x cot="1,2"}\nBảng 1. A\n\n| a | b |\n| :-- | --: |\n| 1 | 2 |\n:::',
        "a = b",
    ],
)
def test_allowed(body):
    assert check_source(f"---\ntitle: T\n---\n\n{body}\n") == []


def test_keys_that_would_change_the_layout_are_refused():
    assert "format" in check_source("---\ntitle: T\nformat: html\n---\nx\n")[0]


def test_head_that_is_no_yaml():
    with pytest.raises(RenderError, match="YAML"):
        check_source("---\na: [\n---\nx\n")


def test_mentions_of_head_and_body_are_read_with_escapes_undone():
    source = read_source(
        '---\ntitle: T\nnd30-noi-ngay: "năm [2026]{#m_a .so v=\\"n\\" n=\\"2026\\"}"\nnd30-kinh-gui: ["[5]{#m_b .so}"]\n---\n'
        'Tỷ lệ [97,15\\%]{#m_c .so v="x" n="97.15"}, [a\\]b]{#m_d .so} và [vb]{#c_e .vb k="k"}.\n\n::: {.bang #bang_f cot="1"}\n:::\n'
    )
    assert source.mentions == {"m_a": "2026", "m_b": "5", "m_c": "97,15%", "m_d": "a]b"}
    assert source.ids == ("m_a", "m_b", "m_c", "m_d", "c_e", "bang_f")
    assert source.pictures == ()
    assert source.trace_file is None
