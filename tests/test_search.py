"""What an engine answers, held against a plain scan: totals, order, paging, facets, filters."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from mappings import regions
from mappings.article import Article
from mappings.facets import sort_keys
from mappings.query import EVERYTHING, FACETS, And, Filters, Not, Nothing, Search, Term
from service.readers.base import LISTED, opened_regions
from tests.corpus import index, random_articles
from tests.reference import facet_values, slow_search

ARTICLES = list(random_articles(7, 400))
QUERIES = [
    EVERYTHING,
    Nothing(),
    Term("大", ("大",)),
    Term("走访", ("走", "访")),
    And((Term("大", ("大",)), Not(Term("后", ("后",))))),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return index(tmp_path_factory.mktemp("search"), ARTICLES)


def random_filters(rng: random.Random) -> Filters:
    """A selection such as people make, values that no article has among them."""

    def some(facet) -> tuple[str, ...]:
        values = sorted({value for article in ARTICLES for value in facet_values(article, facet)})
        count = rng.choice([0, 0, 0, 1, 1, 2])
        return tuple(dict.fromkeys(rng.choice([*values, "unknown", "nowhere"]) for _ in range(count)))

    years = rng.choice(
        [(None, None)] * 4 + [(2010, None), (None, 2011), (2009, 2011), (2012, 2012), (2013, 2001)]
    )
    return Filters(some("region"), some("year"), some("campaign"), some("source"), *years)


@pytest.mark.parametrize("seed", range(60))
def test_totals_hits_and_facet_counts_are_those_of_a_scan(reader, seed):
    rng = random.Random(seed)
    search = Search(
        rng.choice(QUERIES), random_filters(rng), rng.choice(["-date", "date"]), size=len(ARTICLES)
    )
    hits, counts = slow_search(ARTICLES, search)
    found = reader.search(search)
    assert found.total == len(hits)
    assert [article.id for article, _ in found.hits] == [article.id for article in hits]
    assert found.facets == counts


@pytest.mark.parametrize("sort", ["-date", "date", "relevance"])
def test_pages_put_together_are_the_whole_in_one_order(reader, sort):
    search = Search(QUERIES[2], sort=sort, size=len(ARTICLES))
    whole = [(article.id, score) for article, score in reader.search(search).hits]
    paged = []
    for start in range(0, len(whole) + 7, 7):
        page = reader.search(Search(QUERIES[2], sort=sort, start=start, size=7))
        assert page.total == len(whole)
        paged += [(article.id, score) for article, score in page.hits]
    assert paged == whole


def test_by_relevance_equal_scores_stand_newest_first(reader):
    hits = reader.search(Search(QUERIES[2], sort="relevance", size=len(ARTICLES))).hits
    keys = [(-(score or 0), -sort_keys(article)[0]) for article, score in hits]
    assert keys == sorted(keys)
    assert len({score for _, score in hits}) < len(hits), "no scores were equal, so nothing was shown"


def test_by_date_unknown_years_are_last_in_both_directions(reader):
    for sort in ("date", "-date"):
        dates = [article.date_min for article, _ in reader.search(Search(sort=sort, size=len(ARTICLES))).hits]
        known = list(itertools.takewhile(lambda date: date is not None, dates))
        assert None not in known
        assert set(dates[len(known) :]) == {None}
        assert known == sorted(known, reverse=sort == "-date")


def test_filters_do_not_change_the_order_by_relevance(reader):
    query = QUERIES[2]
    whole = [article.id for article, _ in reader.search(Search(query, sort="relevance", size=400)).hits]
    filters = Filters(source=("CNTV",))
    some = [article.id for article, _ in reader.search(Search(query, filters, "relevance", size=400)).hits]
    assert some
    assert some == [id for id in whole if id in set(some)]


def test_choosing_a_place_takes_all_beneath_it(reader):
    place = next(article.region for article in ARTICLES if len(article.region) == 3)
    for code in place:
        found = reader.search(Search(filters=Filters(region=(code,)), size=len(ARTICLES)))
        assert {article.id for article, _ in found.hits} == {
            article.id for article in ARTICLES if code in article.region
        }


@pytest.fixture(scope="module")
def many() -> list[Article]:
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
    return articles


@pytest.fixture(scope="module")
def many_reader(many, tmp_path_factory):
    return index(tmp_path_factory.mktemp("many"), many)


@pytest.mark.parametrize("seed", range(40))
def test_a_list_that_is_cut_is_the_same_as_a_scans(many, many_reader, seed):
    """Of values that are equally common the smallest are listed; what is chosen is never left out."""
    rng = random.Random(seed)
    query = rng.choice([EVERYTHING, QUERIES[2], And((QUERIES[2], Not(Term("走", ("走",)))))])
    chosen = {}
    if seed:
        for facet in rng.sample(FACETS, rng.choice([0, 1, 1, 2])):
            values = sorted({value for article in many for value in facet_values(article, facet)})
            # The many sources and years of several choices leave too little of one another to be cut.
            chosen[facet] = tuple(rng.sample(values, 1 if facet == "region" else 100))
    search = Search(query, Filters(**chosen), size=0)
    _, counts = slow_search(many, search)
    assert many_reader.search(search).facets == counts
    if not seed:
        assert all(counted.rest[0] for facet, counted in counts.items() if facet != "region")
        assert all(counts["region"].rest[1:])
        assert counts["region"].levels[2] == []


def test_counties_are_listed_where_the_prefectures_are_few(tmp_path):
    """One prefecture opened, or not many of them: the counties are counted, and cut like the others."""
    codes = [region.code for region in regions.all_names() if region.current and region.level == "county"]
    few = sorted({regions.path(code)[:2] for code in codes})[:20]
    first = next(random_articles(1, 1))
    places = [path for path in map(regions.path, codes) if path[:2] in few]
    articles = [
        replace(first, id=str(number), region=path, region_then=path)
        for number, path in enumerate([*places, *places[::7], *(path[:2] for path in places[::5])])
    ]
    reader = index(tmp_path, articles)
    for region in ((), few[3][:1], few[3][1:], places[40][2:]):
        search = Search(filters=Filters(region=region), size=0)
        counted = reader.search(search).facets["region"]
        assert counted == slow_search(articles, search)[1]["region"]
        assert len(counted.levels[2]) >= LISTED["region"]
        assert counted.rest[2] > 0


def test_a_chosen_place_lists_its_parts_however_many_places_there_are(tmp_path):
    """With more prefectures than are listed, the parts of a chosen province are there all the same."""
    first = next(random_articles(1, 1))
    codes = [region.code for region in regions.all_names() if region.current and region.level == "county"]
    places = sorted({regions.path(code) for code in codes})
    articles = [replace(first, id=str(n), region=path, region_then=path) for n, path in enumerate(places)]
    reader = index(tmp_path, articles)
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


def test_sources_beyond_the_listed_are_counted_as_the_rest(tmp_path):
    first = next(random_articles(1, 1))
    articles = [replace(first, id=str(n), source=f"某{n % 80:03}网" if n else None) for n in range(200)]
    counted = index(tmp_path, articles).search(Search()).facets["source"]
    listed = dict(counted.levels[0])
    assert listed["unknown"] == 1
    assert len(listed) == LISTED["source"] + 1
    assert sum(listed.values()) + counted.rest[0] == 200
