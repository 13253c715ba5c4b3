"""A value that is printed with words is told where its words were changed, though every digit is the same."""

from __future__ import annotations

import pytest

from baocao.documents.passages import Mark, Passage
from baocao.tracing.record import Mention
from baocao.verifying.aligning import Alignment
from baocao.verifying.worded import judge_worded

TEXT = "Tiếp nhận 142.186 hồ sơ, tăng 12,3% so với cùng kỳ; quá hạn không đổi."
KNOWN = {
    "m_1": Mention("m_1", "kstthc", "I.7", "a", "142.186", ""),
    "m_2": Mention("m_2", "kstthc", "I.7", "a__change_last_year", "tăng 12,3%", ""),
    "m_3": Mention("m_3", "kstthc", "I.7", "b__change_last_year", "không đổi", ""),
}


def passage(text, marked=()):
    return Passage(
        text, [Mark(text.index(words), text.index(words) + len(words), id) for id, words in marked]
    )


PUBLISHED = passage(TEXT, [(id, one.printed) for id, one in KNOWN.items()])


def judge(*edited, said=()):
    homes = {0: list(range(len(edited)))}
    return [
        (edit.kind, edit.mention, edit.expected, edit.got)
        for edit in judge_worded(Alignment([PUBLISHED], list(edited), homes), KNOWN, said)
    ]


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.replace("tăng 12,3%", "Tăng  12,3%"), f"{TEXT} Hết.", TEXT.replace("142.186", "7")]
)
def test_what_still_says_it_is_left_in_peace(text):
    assert judge(passage(text)) == []


def test_a_turned_direction_is_altered_with_or_without_its_mark():
    turned = TEXT.replace("tăng", "giảm")
    assert judge(passage(turned)) == [("altered", "m_2", "tăng 12,3%", "")]
    assert judge(passage(turned, [("m_2", "giảm 12,3%")])) == [("altered", "m_2", "tăng 12,3%", "giảm 12,3%")]


def test_words_alone_are_held_as_well():
    assert judge(passage(TEXT.replace("không đổi", "đã giảm")), said=())[0][:2] == ("altered", "m_3")


def test_a_paragraph_that_is_gone_loses_them_and_what_is_told_is_not_told_twice():
    assert [(kind, id) for kind, id, *_rest in judge()] == [("lost", "m_2"), ("lost", "m_3")]
