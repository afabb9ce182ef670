"""What is listed of facets and in which order, on each engine: where lists are cut, and what never is.

That answers are exact at all is held in tests/test_contract.py.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from mappings import regions
from mappings.article import Article
from mappings.query import EVERYTHING, FACETS, And, Filters, Not, Search, Term
from mappings.settings import EMBEDDED
from service.readers.base import LISTED, opened_regions
from tests.contract import Scan, check_facets
from tests.corpus import Asked, random_articles
from tests.engines import EACH, Shelf
from tests.reference import facet_values

ARTICLES = list(random_articles(7, 400))
COMMON = Term("大", ("大",))

Indexed = Callable[[str, Iterable[Article]], Asked]


@pytest.fixture(params=EACH)
def indexed(request: pytest.FixtureRequest, shelf: Shelf) -> Indexed:
    """A reader of some articles, on each engine."""
    return lambda name, articles: shelf.put(name, articles, request.param)


@pytest.fixture
def reader(indexed: Indexed) -> Asked:
    return indexed("articles", ARTICLES)


def test_by_date_unknown_years_are_last_in_both_directions(reader):
    for sort in ("date", "-date"):
        dates = [article.date_min for article, _ in reader.search(Search(sort=sort, size=len(ARTICLES))).hits]
        known = list(itertools.takewhile(lambda date: date is not None, dates))
        assert None not in known
        assert set(dates[len(known) :]) == {None}
        assert known == sorted(known, reverse=sort == "-date")


def test_filters_do_not_change_the_order_by_relevance(reader):
    whole = reader.search(Search(COMMON, sort="relevance", size=400)).hits
    filters = Filters(source=("CNTV",))
    some = reader.search(Search(COMMON, filters, "relevance", size=400)).hits
    assert some
    assert some == [(article, score) for article, score in whole if article.source == "CNTV"]


def test_choosing_a_place_takes_all_beneath_it(reader):
    place = next(article.region for article in ARTICLES if len(article.region) == 3)
    for code in place:
        found = reader.search(Search(filters=Filters(region=(code,)), size=len(ARTICLES)))
        assert {article.id for article, _ in found.hits} == {
            article.id for article in ARTICLES if code in article.region
        }


@pytest.fixture(scope="module")
def many() -> Scan:
    """Articles with more values of every facet than are listed, most of them equally common."""
    rng = random.Random(11)
    first = next(random_articles(1, 1))
    codes = [region.code for region in regions.all_names() if region.current and region.level == "county"]
    places = [(), *(path[:length] for path in map(regions.path, codes) for length in (1, 2, 3, 3, 3))]
    sources = [None, *(f"{letter}{number:02}网" for letter in "县甲𠀀🙂！z" for number in range(20))]
    campaigns = [f"c{number:03}" for number in range(300)]
    articles = []
    for number in range(3000):
        path = rng.choice(places)
        year = rng.randint(1600, 1900)
        article = replace(
            first,
            id=str(number),
            title=None,
            body=rng.choice("大小后里") + rng.choice("走访评"),
            source=rng.choice(sources),
            region=path,
            region_then=path,
            campaigns=tuple(rng.sample(campaigns, rng.randint(0, 2))),
        )
        if rng.random() < 0.9:
            day = {"date": str(year), "date_min": year * 10_000 + 101, "date_max": year * 10_000 + 1231}
            article = replace(article, **day)
        articles.append(article)
    return Scan(articles)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize(("engine", "shards"), [(EMBEDDED, 1), (EACH[1], 1), (EACH[1], 3)])
def test_a_list_that_is_cut_is_the_same_as_a_scans(many, shelf, engine, shards, seed):
    """Of values that are equally common the smallest are listed; what is chosen is never left out."""
    rng = random.Random(seed)
    query = rng.choice([EVERYTHING, COMMON, And((COMMON, Not(Term("走", ("走",)))))])
    chosen = {}
    if seed:
        for facet in rng.sample(FACETS, rng.choice([0, 1, 1, 2])):
            values = sorted({value for article in many.articles for value in facet_values(article, facet)})
            # The many sources and years of several choices leave too little of one another to be cut.
            chosen[facet] = tuple(rng.sample(values, 1 if facet == "region" else 100))
    search = Search(query, Filters(**chosen), size=0)
    check_facets(shelf.put("many", many.articles, engine, shards), many, search)
    _, counts = many.answer(search)
    if not seed:
        assert all(counted.rest[0] for facet, counted in counts.items() if facet != "region")
        assert all(counts["region"].rest[1:])
        assert counts["region"].levels[2] == []


def test_counties_are_listed_where_the_prefectures_are_few(indexed):
    """One prefecture opened, or not many of them: the counties are counted, and cut like the others."""
    codes = [region.code for region in regions.all_names() if region.current and region.level == "county"]
    few = sorted({regions.path(code)[:2] for code in codes})[:20]
    first = next(random_articles(1, 1))
    places = [path for path in map(regions.path, codes) if path[:2] in few]
    articles = [
        replace(first, id=str(number), region=path, region_then=path)
        for number, path in enumerate([*places, *places[::7], *(path[:2] for path in places[::5])])
    ]
    reader, scan = indexed("few", articles), Scan(articles)
    for region in ((), few[3][:1], few[3][1:], places[40][2:]):
        search = Search(filters=Filters(region=region), size=0)
        check_facets(reader, scan, search)
        counted = reader.search(search).facets["region"]
        assert len(counted.levels[2]) >= LISTED["region"]
        assert counted.rest[2] > 0


def test_a_chosen_place_lists_its_parts_however_many_places_there_are(indexed):
    """With more prefectures than are listed, the parts of a chosen province are there all the same."""
    first = next(random_articles(1, 1))
    codes = [region.code for region in regions.all_names() if region.current and region.level == "county"]
    places = sorted({regions.path(code) for code in codes})
    articles = [replace(first, id=str(n), region=path, region_then=path) for n, path in enumerate(places)]
    reader = indexed("places", articles)
    free = reader.search(Search()).facets["region"]
    assert free.rest[1] > 0
    assert free.rest[2] > 0
    rare = min({path[0] for path in places}, key=lambda code: sum(path[0] == code for path in places))
    filters = Filters(region=(rare,))
    counted = reader.search(Search(filters=filters)).facets["region"]
    assert opened_regions(filters) == (rare,)
    expected = {path[1] for path in places if path[0] == rare}
    assert expected <= {value for value, _ in counted.levels[1]}
    assert sum(count for _, count in counted.levels[1]) + counted.rest[1] == len(articles)


def test_sources_beyond_the_listed_are_counted_as_the_rest(indexed):
    first = next(random_articles(1, 1))
    articles = [replace(first, id=str(n), source=f"某{n % 80:03}网" if n else None) for n in range(200)]
    counted = indexed("sources", articles).search(Search()).facets["source"]
    listed = dict(counted.levels[0])
    assert listed["unknown"] == 1
    assert len(listed) == LISTED["source"] + 1
    assert sum(listed.values()) + counted.rest[0] == 200
