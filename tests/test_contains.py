"""The promise: every article that contains what was typed, in either script, and no other."""

from __future__ import annotations

import random
from collections import defaultdict

import opencc
import pytest

from mappings.query import And, Not, Query, Search, Term
from mappings.settings import Settings
from mappings.text import fold, term_units, units
from service.query import read_query
from tests.corpus import ALPHABET, ASSIGNED, SHARED, index, random_articles, random_text, read
from tests.reference import contains, matches

SETTINGS = Settings()


def ids(reader, query: Query) -> set[str]:
    found: set[str] = set()
    start = 0
    while True:
        hits = reader.search(Search(query, start=start, size=500)).hits
        if not hits:
            return found
        found |= {article.id for article, _ in hits}
        start += 500


def a_query(rng: random.Random, texts: list[str], alphabet) -> Term | None:
    """A piece of some text, or characters thrown together."""
    if rng.random() < 0.8:
        text = rng.choice(texts)
        start = rng.randrange(len(text))
        typed = text[start : start + rng.choice([1, 1, 2, 2, 3, 4, 6, 10, 70])]
    else:
        typed = random_text(rng, alphabet, 4)
    found = term_units(typed)
    return Term(typed, tuple(found)) if found else None


@pytest.mark.parametrize(("seed", "alphabet"), [(1, ALPHABET), (2, "a1大 "), (3, ASSIGNED)])
def test_hits_are_those_of_a_scan(tmp_path, seed, alphabet):
    rng = random.Random(seed)
    from dataclasses import replace

    articles = [
        replace(article, title=random_text(rng, alphabet, 8), body=random_text(rng, alphabet, 200))
        for article in random_articles(seed, 300)
    ]
    reader = index(tmp_path, articles)
    texts = [text for article in articles for text in (article.body, article.title or "") if text]
    asked = 0
    for _ in range(400):
        terms = [
            term for term in (a_query(rng, texts, alphabet) for _ in range(rng.choice([1, 1, 1, 2]))) if term
        ]
        if not terms:
            continue
        query: Query = terms[0] if len(terms) == 1 else And((terms[0], rng.choice([terms[1], Not(terms[1])])))
        expected = {article.id for article in articles if matches(article, query)}
        assert ids(reader, query) == expected, query
        assert reader.count(query) == len(expected)
        asked += 1
    assert asked > 250


def test_hits_in_real_news_are_those_of_a_scan(news, news_reader):
    rng = random.Random(4)
    texts = [article.body for article in news]
    joined = [
        (article.id, f" {' '.join(units(article.title or ''))} ", f" {' '.join(units(article.body))} ")
        for article in news
    ]
    for _ in range(300):
        term = a_query(rng, texts, ALPHABET)
        if term is None:
            continue
        needle = f" {' '.join(term.units)} "
        expected = {id for id, title, body in joined if needle in title or needle in body}
        assert ids(news_reader, term) == expected, term


@pytest.mark.parametrize("script", ["s2t", "s2tw", "s2hk"])
def test_a_query_finds_the_same_in_either_script(news, news_reader, script):
    """A query of up to eight characters from the news, typed in the other script."""
    rng = random.Random(5)
    convert = opencc.OpenCC(script).convert
    differ = 0
    for _ in range(300):
        term = a_query(rng, [article.body for article in news], ALPHABET)
        if term is None or len(term.units) > 8:
            continue
        typed = convert(term.text)
        other = Term(typed, tuple(term_units(typed)))
        differ += fold(typed) != fold(term.text)
        if fold(typed) == fold(term.text):
            assert reader_count(news_reader, other) == reader_count(news_reader, term)
    assert differ <= 1


def reader_count(reader, term: Term) -> int:
    return reader.count(term)


EXCEPTIONS = {
    # What OpenCC's phrase tables write for a Simplified character, where folding back cannot know it:
    # both characters are in use in Simplified text with meanings of their own, so they stay apart.
    ("链", "鍊"): "手链, 资金链: 鍊 is read as 炼 (鍛鍊), which is five times as common",
    ("坐", "座"): "坐标 -> 座標",
    ("象", "像"): "想象 -> 想像",
    ("具", "俱"): "家具 -> 傢俱",
    ("熏", "薰"): "利欲熏心 -> 利慾薰心",
}


@pytest.mark.parametrize("script", ["s2t", "s2tw", "s2hk"])
def test_folding_undoes_conversion_but_for_the_exceptions(news, script):
    convert = opencc.OpenCC(script).convert
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for article in news:
        text = f"{article.title}\n{article.body}"
        converted = convert(text)
        assert len(converted) == len(text)
        if fold(converted) != fold(text):
            for one, other in zip(text, converted, strict=True):
                if fold(one) != fold(other):
                    seen[one, other].add(article.id)
    assert set(seen) <= set(EXCEPTIONS)
    assert len(set().union(*seen.values())) <= 22


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("三访三评深化大走访", "开展“三訪三評”深化“大走訪”活动", True),
        ("“三访三评”深化“大走访”", "开展三访三评深化大走访活动", True),
        ("3月3日", "于 3 月 3 日", True),
        ("24", "共2445人", False),
        ("2445", "共2445人", True),
        ("河南省", "河南和湖南省", False),
        ("活动开展", "大走访活动。开展以来", False),
        ("活动，开展", "大走访活动。\n开展以来", True),
        ("走", "大走訪", True),
        ("pm2.5", "ＰＭ２．５超标", True),
        ("pm2", "pm2.5", True),
        ("pm25", "pm2.5", False),
        ("发展", "發展中", True),
        ("𠀀", "𠀀字", True),
    ],
)
def test_contains(typed, text, found):
    assert contains(text, term_units(typed)) is found


def test_a_text_does_not_match_from_the_title_into_the_body(tmp_path):
    from dataclasses import replace

    article = replace(next(random_articles(1, 1)), title="大走", body="访谈")
    reader = index(tmp_path, [article])
    assert reader.count(read_query("大走访", SETTINGS).query) == 0
    assert reader.count(read_query("大走 访谈", SETTINGS).query) == 1


def test_a_run_of_a_hundred_thousand_digits_is_indexed(tmp_path):
    from dataclasses import replace

    article = replace(next(random_articles(1, 1)), title=None, body="甲" + "7" * 100_000 + "乙")
    reader = index(tmp_path, [article])
    assert reader.count(read_query("7" * 64, SETTINGS).query) == 1
    assert reader.count(read_query("7" * 63, SETTINGS).query) == 0
    assert reader.count(read_query("甲 乙", SETTINGS).query) == 1


@pytest.fixture(scope="module")
def news():
    if not SHARED.exists():
        pytest.skip("the real news items are not beside the project")
    return read(SHARED / "corpora")


@pytest.fixture(scope="module")
def news_reader(news, tmp_path_factory):
    return index(tmp_path_factory.mktemp("news"), news)
