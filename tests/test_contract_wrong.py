"""Engines that are wrong on purpose: the checks of the contract must fail on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mappings.article import Article
from mappings.query import Search
from mappings.record import IndexRecord
from mappings.settings import EMBEDDED
from service.readers.base import FacetCounts, Found, Library, Reader
from tests.contract import (
    Scan,
    check_absent,
    check_answer,
    check_article,
    check_counts,
    check_facets,
    check_hits,
    check_pages,
    check_ranking,
    check_same,
    check_total,
)
from tests.contract_corpora import (
    COMMON,
    RARE,
    Given,
)
from tests.corpus import (
    Asked,
)

# ---- engines that are wrong --------------------------------------------------------------------


class Wrong(Reader):
    """A reader with a flaw in its answers."""

    def __init__(self, right: Reader, flaw: Callable[[Search, Found], Found]) -> None:
        self._right = right
        self._flaw = flaw

    @property
    def record(self) -> IndexRecord:
        return self._right.record

    async def search(self, search: Search) -> Found:
        return self._flaw(search, await self._right.search(search))

    async def article(self, id: str) -> Article:
        return replace(await self._right.article(id if id != "nobody" else "a1"), evidence=())


class Holding(Library):
    """A library of one reader."""

    def __init__(self, held: Reader) -> None:
        self._held = held

    async def reader(self) -> Reader:
        return self._held

    async def forget(self) -> None:
        pass

    async def close(self) -> None:
        pass


def without_the_last(search: Search, found: Found) -> Found:
    return replace(found, hits=found.hits[:-1])


def without_the_last_and_its_count(search: Search, found: Found) -> Found:
    return replace(found, hits=found.hits[:-1], total=max(found.total - 1, 0))


def one_more_of_a_value(search: Search, found: Found) -> Found:
    counted = found.facets["source"]
    (value, articles), *others = counted.levels[0]
    wrong = FacetCounts(([(value, articles + 1), *others],), counted.rest)
    return replace(found, facets={**found.facets, "source": wrong})


def one_less_in_the_rest(search: Search, found: Found) -> Found:
    counted = found.facets["region"]
    wrong = replace(counted, rest=(*counted.rest[:-1], counted.rest[-1] + 1))
    return replace(found, facets={**found.facets, "region": wrong})


def two_changed_about(search: Search, found: Found) -> Found:
    return replace(found, hits=[*found.hits[1::-1], *found.hits[2:]])


def a_part_of_each_page(search: Search, found: Found) -> Found:
    return found if search.size > 100 else replace(found, hits=found.hits[: search.size // 2])


def a_miscounted_query(search: Search, found: Found) -> Found:
    return replace(found, counts=tuple(count + 1 for count in found.counts))


def with_another_article(search: Search, found: Found) -> Found:
    article, score = found.hits[0]
    return replace(found, hits=[(replace(article, url="http://elsewhere.example"), score), *found.hits[1:]])


def with_other_scores(search: Search, found: Found) -> Found:
    return replace(found, hits=[(article, (score or 0) * 1.001) for article, score in found.hits])


def right(search: Search, found: Found) -> Found:
    return found


FLAWS = [
    (without_the_last, "-date", [check_hits, check_answer]),
    (without_the_last, "relevance", [check_hits, check_answer]),
    (without_the_last_and_its_count, "-date", [check_total, check_hits, check_answer]),
    (one_more_of_a_value, "-date", [check_facets, check_answer]),
    (one_less_in_the_rest, "-date", [check_facets, check_answer]),
    (two_changed_about, "-date", [check_hits, check_answer]),
    (two_changed_about, "relevance", [check_ranking]),
    (a_miscounted_query, "-date", [check_counts, check_answer]),
    (with_another_article, "-date", [check_hits, check_answer]),
    (with_another_article, "relevance", [check_hits, check_answer]),
]


@pytest.fixture(scope="module")
def right_one(given: Given) -> tuple[Asked, Scan]:
    return given("random", EMBEDDED)


def wrong(right_one: tuple[Asked, Scan], flaw: Callable[[Search, Found], Found]) -> Asked:
    return Asked(Holding(Wrong(right_one[0].reader, flaw)))


@pytest.mark.parametrize(("flaw", "sort", "checks"), FLAWS)
def test_a_wrong_answer_fails(right_one, flaw, sort, checks):
    _, scan = right_one
    search = Search(COMMON, sort=sort, size=len(scan.articles), counted=(RARE,))
    for check in checks:
        check(wrong(right_one, right), scan, search)
        with pytest.raises(AssertionError):
            check(wrong(right_one, flaw), scan, search)


@pytest.mark.parametrize("flaw", [a_part_of_each_page, without_the_last, two_changed_about])
def test_wrong_pages_fail(right_one, flaw):
    _, scan = right_one
    check_pages(wrong(right_one, right), scan, Search(COMMON), 60)
    with pytest.raises(AssertionError):
        check_pages(wrong(right_one, flaw), scan, Search(COMMON), 60)


@pytest.mark.parametrize(
    "flaw",
    [without_the_last, one_more_of_a_value, a_miscounted_query, with_another_article, with_other_scores],
)
def test_an_engine_that_differs_from_another_fails(right_one, flaw):
    ask, scan = right_one
    search = Search(COMMON, sort="relevance", size=len(scan.articles), counted=(RARE,))
    assert check_same(ask, wrong(right_one, right), search) == 0
    with pytest.raises(AssertionError):
        check_same(ask, wrong(right_one, flaw), search)


def test_an_engine_that_ranks_otherwise_fails(right_one):
    """The scores agree, the order does not: the two ends are changed about."""
    ask, _ = right_one

    def ends_changed_about(search: Search, found: Found) -> Found:
        first, *middle, last = found.hits
        return replace(found, hits=[last, *middle, first])

    with pytest.raises(AssertionError, match="stands too low"):
        check_same(ask, wrong(right_one, ends_changed_about), Search(COMMON, sort="relevance", size=400))


def test_an_article_without_its_evidence_fails(right_one):
    ask, scan = right_one
    article = next(article for article in scan.articles if article.evidence)
    check_article(ask, article)
    check_absent(ask, "nobody")
    with pytest.raises(AssertionError):
        check_article(wrong(right_one, right), article)
    with pytest.raises(AssertionError):
        check_absent(wrong(right_one, right), "nobody")
