"""What an engine answers, held against a plain scan: totals, order, paging, facets, filters."""

from __future__ import annotations

import itertools
import random

import pytest

from mappings import regions
from mappings.embedded import sort_keys
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


def flat(counts) -> dict[str, int]:
    """All the values of a facet with their counts, those that repeat a higher level once."""
    return {value: count for level in counts.levels for value, count in level}


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
    for facet in FACETS:
        listed = flat(found.facets[facet])
        chosen = search.filters.values(facet)
        assert {value: count for value, count in listed.items() if count} == {
            value: count for value, count in counts[facet].items() if value in listed
        }
        if len(counts[facet]) <= LISTED[facet]:
            assert set(counts[facet]) <= set(listed), facet
            assert set(found.facets[facet].rest) == {0}
        assert all(counts[facet][value] == listed.get(value, 0) for value in chosen)


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


def test_a_chosen_place_lists_its_parts_however_many_places_there_are(tmp_path):
    """With more prefectures than are listed, the parts of a chosen province are there all the same."""
    from dataclasses import replace

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
    from dataclasses import replace

    first = next(random_articles(1, 1))
    articles = [replace(first, id=str(n), source=f"某{n % 80:03}网" if n else None) for n in range(200)]
    counted = index(tmp_path, articles).search(Search()).facets["source"]
    listed = dict(counted.levels[0])
    assert listed["unknown"] == 1
    assert len(listed) == LISTED["source"] + 1
    assert sum(listed.values()) + counted.rest[0] == 200
