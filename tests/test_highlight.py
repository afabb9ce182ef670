"""Snippets and their marks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.query import Term
from mappings.text import fold, term_units, units
from service.highlight import PASSAGE, body_snippet, merged, title_snippet
from tests.corpus import ALPHABET, SHARED, read
from tests.reference import slow_find


def term(text: str) -> Term:
    return Term(text, tuple(term_units(text)))


def marked(text: str, *typed: str) -> list[str]:
    snippet = body_snippet(text, [term(one) for one in typed])
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize(
    ("text", "typed", "marks"),
    [
        ("开展大走訪活动", "大走访", ["大走訪"]),
        ("“三訪三評”深化“大走訪”活動", "三访三评深化大走访", ["三訪三評”深化“大走訪"]),
        ("于 3 月 3 日，3月3日", "3月3日", ["3 月 3 日", "3月3日"]),
        ("走走走", "走走", ["走走走"]),  # matches that overlap are one mark
        ("共2445人", "24", []),
    ],
)
def test_marks_cover_whole_matches_as_they_stand(text, typed, marks):
    assert marked(text, typed) == marks


def test_the_passage_is_the_one_with_the_most_terms():
    body = "大走访。" + "别的话。" * 100 + "大走访与三访三评。" + "别的话。" * 100
    snippet = body_snippet(body, [term("大走访"), term("三访三评")])
    assert "三访三评" in snippet.text
    assert snippet.more == (True, True)
    assert body[snippet.start : snippet.start + len(snippet.text)] == snippet.text


def test_a_match_longer_than_a_passage_is_shown_whole():
    body = "前文。" + "长" * (3 * PASSAGE) + "。后文"
    assert marked(body, "长" * (3 * PASSAGE)) == ["长" * (3 * PASSAGE)]


@pytest.mark.parametrize("typed", ["哈", "哈哈", "哈哈哈"])
def test_a_page_of_one_character_gives_a_passage_like_any_other(typed):
    snippet = body_snippet("哈" * 200_000, [term(typed)])
    assert len(snippet.text) <= PASSAGE + len(typed)
    assert sum(end - start for start, end in snippet.marks) == len(snippet.text)


def test_a_title_without_a_match_has_no_snippet():
    assert title_snippet("标题", [term("正文")]) is None


@given(st.text(ALPHABET, min_size=1, max_size=300), st.data())
def test_marks_are_the_occurrences_in_the_passage(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    typed = term(text[start : start + data.draw(st.integers(1, 6))])
    if not typed.units:
        return
    snippet = body_snippet(text, [typed])
    end = snippet.start + len(snippet.text)
    every = slow_find(text, list(typed.units))
    inside = [(a - snippet.start, b - snippet.start) for a, b in every if snippet.start <= a and b <= end]
    assert snippet.marks == merged(inside)
    assert bool(snippet.marks) == bool(every), "something matches, so something is marked"
    assert text[snippet.start : end] == snippet.text


@pytest.mark.skipif(not SHARED.exists(), reason="the real pages are not beside the project")
def test_every_mark_in_real_pages_reads_as_the_term():
    rng = random.Random(3)
    for article in read(SHARED / "pages"):
        for _ in range(50):
            start = rng.randrange(len(article.body))
            typed = term(article.body[start : start + rng.randint(1, 8)])
            if typed.units and slow_find(article.body, list(typed.units)):  # else a run of digits was cut
                snippet = body_snippet(article.body, [typed])
                assert snippet.marks
                for first, last in snippet.marks:
                    found = units(snippet.text[first:last])
                    assert found[: len(typed.units)] == list(typed.units), fold(snippet.text)
