"""The contract of the engines: whatever is asked, both give the answer of a scan, and so the same answer.

The checks are in tests/contract.py. Here they are run over each engine on the samples, on real pages and
news, and on random articles.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from mappings import regions
from mappings.query import EVERYTHING, FACETS, SORTS, Filters, Search
from mappings.settings import EMBEDDED
from service.readers import elastic_facets
from service.request import SearchRequest, read_request
from tests.contract import (
    Questions,
    Scan,
    check_absent,
    check_answer,
    check_article,
    check_marks,
    check_pages,
    check_ranking,
    check_same,
    search_of,
)
from tests.contract_corpora import (
    COMMON,
    CORPORA,
    ELASTIC,
    QUERIES,
    SETTINGS,
    TIMES,
    Given,
    scan_of,
)
from tests.corpus import (
    STRANGE_PLACES,
    STRANGE_SOURCES,
    STRANGE_TEXTS,
    index,
    marked,
    opened,
    random_articles,
    strange_articles,
)
from tests.engines import EACH, OnEngine, Shelf
from tests.reference import matches
from tests.test_store import update

# ---- random questions --------------------------------------------------------------------------


def test_the_scan_is_that_of_the_reference():
    scan = scan_of("random")
    asked = Questions(scan, 1)
    for query in (asked.query() for _ in range(20)):
        assert scan.matching(query) == [article for article in scan.articles if matches(article, query)]


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("engine", EACH)
def test_answers_to_random_questions_are_those_of_a_scan(given: Given, engine, name):
    ask, scan = given(name, engine)
    asked = Questions(scan, 2)
    for _ in range(TIMES[name]):
        search = asked.search()
        check_answer(ask, scan, search)
        check_ranking(ask, scan, search)


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("engine", EACH)
def test_pages_put_together_are_the_whole_in_one_order(given: Given, engine, name):
    ask, scan = given(name, engine)
    asked = Questions(scan, 3)
    size = 7 if len(scan.articles) < 100 else 60
    check_pages(ask, scan, Search(COMMON), size)
    for _ in range(3):
        check_pages(ask, scan, asked.search(), size)


# ---- every combination of selections -----------------------------------------------------------


SELECTIONS: dict[str, list[tuple[str, ...]]] = {
    "region": [(), ("620000",), ("429004", "110101"), ("unknown",), ("420000/unknown",), ("999999",)],
    "year": [(), ("2011",), ("2009", "2012"), ("unknown",), ("1999",)],
    "campaign": [(), ("C1",), ("C1", "C2"), ("unknown",), ("nothing",)],
    "source": [(), ("CNTV",), ("甘肃政法网", "a*b/c|d"), ("unknown",), ("nowhere",)],
}
"""Of each facet nothing, one value, two, what is unknown, and a value that no article has; of the regions
also what is unknown beneath a place.
"""
YEARS = [(None, None), (2010, None), (None, 2010), (2009, 2011)]


def selections(scan: Scan) -> Iterator[Search]:
    """Two searches for every combination of selections. Query, order and range of years go round, in steps
    without a common factor, so that each meets each.
    """
    campaigns = sorted({id for article in scan.articles for id in article.campaigns})
    places = sorted({article.region[0] for article in scan.articles if len(article.region) > 2})
    real = {"C1": campaigns[0], "C2": campaigns[1], "620000": places[0]}
    combinations = list(itertools.product(*SELECTIONS.values()))
    assert len(combinations) % 7
    for number, combination in enumerate(combinations * 2):
        chosen = [tuple(real.get(value, value) for value in values) for values in combination]
        years = YEARS[number // 7 % len(YEARS)]
        yield Search(QUERIES[number % 7], Filters(*chosen, *years), SORTS[number % 3], 0, number % 11)


@pytest.mark.parametrize("engine", EACH)
def test_every_facet_is_exact_under_every_combination_of_selections(given: Given, engine):
    ask, scan = given("random", engine)
    for search in selections(scan):
        check_answer(ask, scan, search)


@pytest.mark.parametrize("engine", EACH)
def test_every_facet_is_exact_where_more_is_chosen_than_people_choose(given: Given, engine):
    """A hundred values of a facet, which is what a request may name."""
    ask, scan = given("random", engine)
    now = [region for region in regions.all_names() if region.current]
    prefectures = [region.code for region in now if region.level == "prefecture"]
    counties = [region.code for region in now if region.level == "county"]
    for codes in (prefectures[:100], counties[::30][:100], counties[:100], [place.code for place in now]):
        check_answer(ask, scan, Search(filters=Filters(region=tuple(dict.fromkeys(codes)))))
    values = tuple(f"{number}年的某某网" for number in range(99))
    check_answer(ask, scan, Search(filters=Filters(source=(*values, "CNTV"), campaign=values)))


# ---- what may trip an engine -------------------------------------------------------------------

ODD = [
    *STRANGE_TEXTS,
    *'*?[]{}\\/"~^|&!+-:<>=#@.',
    '"走*"', "走?", "[走]", "{1,2}", "\\走", "/走/", '走"访', '"走"访"', "走~2", "走^3", "a*b", "a.b",
    "_id:*", "走 OR 访", "title:走", "走 -访", "-走", "-“走 访”", '"大 走" "大走" 大走',
    "走，访", "走。\n访", "，走，", "的", "2012", "é", "É", "e\u0301", "ⅳ", "𠀀", "🙂", "𠀀🙂",
    "x" * 64, "x" * 63, "x" * 65, "x" * 200 + "y", "走" * 1999, "走" * 2000, "访" * 2000, "大" * 12,
    "大\0走", "大\ue000走", "大\U000f0000走", "走\ud800访",
    " ".join("大走访后里评，a1é々〇"),
    " ".join(f"大{number}" for number in range(64)),
    " ".join(f"-大{number}" for number in range(64)),
]  # fmt: skip
"""Typed texts: of the characters that other query languages know, at the limits, and beyond the BMP."""


def request(typed: str = "", **parameters: Any) -> SearchRequest:
    return read_request(SETTINGS, typed, **parameters)


@pytest.mark.parametrize("engine", EACH)
def test_whatever_is_typed_is_searched_as_text(given: Given, engine):
    ask, scan = given("random", engine)
    for typed in ODD:
        for sort in SORTS:
            search = search_of(request(typed, sort=sort, size=200))
            check_answer(ask, scan, search)
        check_ranking(ask, scan, search)


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("engine", EACH)
def test_whatever_is_chosen_is_taken_as_it_stands(given: Given, engine, facet):
    ask, scan = given("random", engine)
    beneath = [f"{code}/unknown" for code in ("420000", "429004", "999999", "")]
    odd = ["533421", "622421", "/unknown", "unknown/unknown", "Unknown", "\0", "\ud800", "x" * 200, "0", "²"]
    for value in (*STRANGE_SOURCES, *STRANGE_PLACES, *beneath, *odd, "2010", "1999"):
        check_answer(ask, scan, search_of(request(**{facet: [value]})))
        check_answer(ask, scan, search_of(request("大", **{facet: [value, "unknown"]})))


@pytest.mark.parametrize("engine", EACH)
def test_a_page_beyond_the_last_hit_is_empty(given: Given, engine):
    ask, scan = given("random", engine)
    for sort in SORTS:
        for start, size in ((400, 1), (9_999, 1), (999_800, 200), (0, 0), (399, 200)):
            check_answer(ask, scan, Search(COMMON, sort=sort, start=start, size=size))
            check_answer(ask, scan, Search(sort=sort, start=start, size=size))


# ---- marks and articles ------------------------------------------------------------------------


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("engine", EACH)
def test_marks_are_the_occurrences_of_the_terms(given: Given, engine, name):
    ask, scan = given(name, engine)
    asked = Questions(scan, 4)
    for _ in range(25):
        typed = " ".join(f'"{asked.term().text}"' for _ in range(2))
        check_marks(ask, scan, request(typed, size=5))
    check_marks(ask, scan, request("大"))
    check_marks(ask, scan, request())


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("engine", EACH)
def test_an_article_comes_whole_with_its_evidence(given: Given, engine, name):
    ask, scan = given(name, engine)
    for article in scan.articles[:: len(scan.articles) // 200 + 1]:
        check_article(ask, article)
    for id in ("nobody", "", "a", "*", "_all", "_search", "a0/", "走" * 2000, "\0", "🙂"):
        check_absent(ask, id)


# ---- the engines side by side ------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shards"), [*((name, 1) for name in CORPORA), ("random", 3)])
def test_both_engines_rank_alike(given: Given, name, shards):
    """Scores agree article by article, also where the articles are spread over shards."""
    (one, scan), (other, _) = given(name, EMBEDDED), given(name, ELASTIC, shards)
    asked = Questions(scan, 5)
    searches = [asked.search(ranked=True) for _ in range(TIMES[name])]
    searches += [Search(query, sort="relevance", size=len(scan.articles)) for query in QUERIES]
    for search in searches:
        check_same(one, other, search)


@pytest.mark.parametrize("engine", EACH)
def test_equal_scores_stand_newest_first(given: Given, engine):
    ask, scan = given("random", engine)
    hits = ask.search(Search(COMMON, sort="relevance", size=len(scan.articles))).hits
    assert len({score for _, score in hits}) < len(hits), "no scores were equal, so nothing was shown"
    check_ranking(ask, scan, Search(COMMON))


def test_an_index_in_shards_answers_as_a_whole_one(given: Given):
    ask, scan = given("random", ELASTIC, 3)
    asked = Questions(scan, 6)
    for search in (asked.search() for _ in range(60)):
        check_answer(ask, scan, search)
        check_ranking(ask, scan, search)
    check_pages(ask, scan, Search(COMMON), 60)
    for search in itertools.islice(selections(scan), 0, None, 13):
        check_answer(ask, scan, search)


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_more_values_than_a_shard_hands_up_are_counted_page_by_page(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, shards
):
    """Far more sources, campaigns and places than are asked of a shard, most of them equally common."""
    rng = random.Random(8)
    names, ids = ([f"{kind}{number:03}" for number in range(300)] for kind in ("某", "c"))
    weights = [1 + 40 // (number + 1) for number in range(300)]
    places = [(), *(regions.path(place.code) for place in regions.all_names() if place.current)]
    articles = [
        replace(
            article,
            source=rng.choices(names, weights)[0] if rng.random() < 0.9 else None,
            campaigns=tuple(rng.sample(ids, rng.randint(0, 3))),
            region=rng.choice(places),
        )
        for article in random_articles(8, 900)
    ]
    scan = Scan(marked(articles))
    ask = shelf.put("values", scan.articles, ELASTIC, shards)
    monkeypatch.setattr(elastic_facets, "MOST_VALUES", 20)
    paged: list[str] = []
    monkeypatch.setattr("service.readers.elastic.by_pages", counted_calls(paged))
    monkeypatch.setattr(elastic_facets, "_PAGE", 70)
    place = next(article.region for article in scan.articles if len(article.region) == 3)
    for filters in (
        Filters(),
        Filters(source=(names[299], names[298])),
        Filters(campaign=tuple(ids[:100]), region=place[:1]),
        Filters(region=(*place[1:2], "620000"), source=tuple(names[:90])),
    ):
        for query, sort in ((EVERYTHING, "-date"), (COMMON, "relevance")):
            paged.clear()
            check_answer(ask, scan, Search(query, filters, sort))
            if filters == Filters() and query == EVERYTHING:  # a single shard needs no pages to be exact
                assert paged == (["prefecture", "county", "campaign", "source"] if shards > 1 else [])


def counted_calls(paged: list[str]) -> Callable[..., Any]:
    """`by_pages`, which notes the fields that it counts."""

    async def counting(ask: Any, query: Any, name: str) -> Any:
        paged.append(name)
        return await elastic_facets.by_pages(ask, query, name)

    return counting


def test_an_updated_index_answers_from_what_it_holds_now(on_engine: OnEngine):
    """Of an article that was replaced nothing is left: not in a count, not in a facet."""
    before = scan_of("random").articles
    coming = [
        replace(new, id=old.id, origin=old.origin)
        for old, new in zip(before[::3], strange_articles(9, len(before)), strict=False)
    ]
    settings = on_engine()
    index(settings, before).close()
    update(settings, coming)
    scan = Scan(marked({article.id: article for article in (*before, *coming)}.values()))
    ask = opened(settings)
    asked = Questions(scan, 10)
    for search in (asked.search() for _ in range(60)):
        check_answer(ask, scan, search)
        check_ranking(ask, scan, search)
    for article in scan.articles[::5]:
        check_article(ask, article)
    ask.close()
