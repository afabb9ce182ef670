"""What every engine promises, as checks that need nothing of an engine but its Reader.

A check asks a question and fails with an AssertionError where the answer is not that of a scan over the
articles. No check knows which engine it asks; tests/test_contract.py runs them over each.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Protocol

import opencc

from mappings.article import Article
from mappings.errors import NotFound
from mappings.facets import sort_keys
from mappings.query import EVERYTHING, FACETS, SORTS, And, Facet, Filters, Not, Nothing, Query, Search, Term
from mappings.record import IndexRecord
from mappings.text import term_units
from service.answers import Answer, Outcome, answer, search_of
from service.readers.base import FacetCounts, Found
from service.request import SearchRequest
from tests.reference import facet_values, slow_find, slow_search, slow_units

SCORES = 1e-4
"""Two scores agree where they differ by no more than this part of the larger one. Engines add and round
float32 numbers in orders of their own, which makes some 6e-6.
"""


class Ask(Protocol):
    """A way to ask a reader. It may be an engine's, or a wrong one's."""

    @property
    def record(self) -> IndexRecord: ...

    def search(self, search: Search) -> Found: ...

    def article(self, id: str) -> Article: ...


class Once:
    """Asks the same question once, for several checks of one answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[Search, Found] = {}

    @property
    def record(self) -> IndexRecord:
        return self._ask.record

    def search(self, search: Search) -> Found:
        if search not in self._known:
            self._known[search] = self._ask.search(search)
        return self._known[search]

    def article(self, id: str) -> Article:
        return self._ask.article(id)


class Scan:
    """Articles that are scanned for one query after another: their units are made once, one character
    at a time.
    """

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = list(articles)
        self.by_id = {article.id: article for article in self.articles}
        self._texts = [(spaced(article.title or ""), spaced(article.body)) for article in self.articles]
        self._matching: dict[Query, list[Article]] = {}
        self._answers: dict[Search, tuple[list[Article], dict[Facet, FacetCounts]]] = {}

    def matching(self, query: Query) -> list[Article]:
        """The articles that match a query, filters left aside."""
        if query not in self._matching:
            hits = [holds(texts, query) for texts in self._texts]
            self._matching[query] = [article for article, hit in zip(self.articles, hits, strict=True) if hit]
        return self._matching[query]

    def answer(self, search: Search) -> tuple[list[Article], dict[Facet, FacetCounts]]:
        """All the hits of a search in the order of dates, and the counts of every facet."""
        asked = replace(search, start=0, size=0, counted=())
        if asked not in self._answers:
            self._answers[asked] = slow_search(self.matching(search.query), replace(asked, query=EVERYTHING))
        return self._answers[asked]


def spaced(text: str) -> str:
    """The units of a text with a space before, between and after them."""
    return f" {' '.join(unit for unit, _, _ in slow_units(text))} "


def holds(texts: Sequence[str], query: Query) -> bool:
    """Whether a title and a body, `spaced`, match a query."""
    match query:
        case Term(units=units):
            return any(f" {' '.join(units)} " in text for text in texts)
        case And(queries=parts):
            return all(holds(texts, part) for part in parts)
        case Not(query=part):
            return not holds(texts, part)
        case Nothing():
            return False


# ---- one answer --------------------------------------------------------------------------------


def check_total(ask: Ask, scan: Scan, search: Search) -> None:
    """The total is exact, wherever the asked page lies."""
    hits, _ = scan.answer(search)
    assert ask.search(search).total == len(hits), search


def check_hits(ask: Ask, scan: Scan, search: Search) -> None:
    """The hits are those of a scan and no other, each the article that was indexed. By date they stand in
    one order; of those by relevance, the order is for `check_ranking`.
    """
    expected, _ = scan.answer(search)
    found = ask.search(search).hits
    for article, score in found:
        assert article == replace(scan.by_id[article.id], evidence=()), search
        assert (score is None) == (search.sort != "relevance"), search
    ids, every = [article.id for article, _ in found], [article.id for article in expected]
    if search.sort != "relevance":
        assert ids == every[search.start : search.start + search.size], search
    else:
        assert len(ids) == len(set(ids)) == len(every[search.start : search.start + search.size]), search
        assert set(ids) <= set(every), search


def check_facets(ask: Ask, scan: Scan, search: Search) -> None:
    """Every facet's values, their counts, their order, and what is left out."""
    _, counts = scan.answer(search)
    found = ask.search(search).facets
    for facet, counted in counts.items():
        assert found[facet] == counted, (facet, search)
    assert found.keys() == counts.keys()


def check_counts(ask: Ask, scan: Scan, search: Search) -> None:
    """How many articles of the whole index each of the counted queries matches."""
    expected = tuple(len(scan.matching(query)) for query in search.counted)
    assert ask.search(search).counts == expected, search


def check_answer(ask: Ask, scan: Scan, search: Search) -> None:
    """All that is exact in an answer."""
    once = Once(ask)
    for check in (check_total, check_hits, check_facets, check_counts):
        check(once, scan, search)


# ---- order and pages ---------------------------------------------------------------------------


def check_ranking(ask: Ask, scan: Scan, search: Search) -> None:
    """By relevance the scores go down, and equal ones stand newest first."""
    search = replace(search, sort="relevance", start=0, size=len(scan.articles))
    keys = [(-(score or 0), -sort_keys(article)[0]) for article, score in ask.search(search).hits]
    assert keys == sorted(keys), search


def check_pages(ask: Ask, scan: Scan, search: Search, size: int) -> None:
    """Pages put together are the whole, in each order; each says the same total and the same facets."""
    for sort in SORTS:
        whole = ask.search(replace(search, sort=sort, start=0, size=len(scan.articles)))
        paged = []
        for start in range(0, whole.total + size + 1, size):
            page = ask.search(replace(search, sort=sort, start=start, size=size))
            assert len(page.hits) == max(0, min(size, whole.total - start)), (search, sort, start)
            assert (page.total, page.facets) == (whole.total, whole.facets), (search, sort, start)
            paged += page.hits
        assert paged == whole.hits, (search, sort)


def agree(one: float, other: float) -> bool:
    """Whether two engines' scores of an article agree."""
    return abs(one - other) <= SCORES * max(abs(one), abs(other))


def check_same(one: Ask, other: Ask, search: Search) -> float:
    """Two engines give one answer: the same but for scores that agree, in the same order wherever the
    scores of two hits do not. Returns the largest part by which two scores of an article differ.
    """
    here, there = one.search(search), other.search(search)
    assert (here.total, here.facets, here.counts) == (there.total, there.facets, there.counts), search
    assert len(here.hits) == len(there.hits), search
    if search.sort != "relevance":
        assert here.hits == there.hits, search
        return 0.0
    scores = {article.id: score or 0.0 for article, score in here.hits}
    texts = {article.id: article for article, _ in here.hits}
    differ, lowest = 0.0, float("inf")
    for article, given in there.hits:
        assert texts[article.id] == article, search
        score, said = scores[article.id], given or 0.0
        assert agree(score, said), (search, article.id, score, said)
        assert score <= lowest or agree(score, lowest), (search, article.id, "stands too low")
        lowest = min(lowest, score)
        differ = max(differ, abs(score - said) / max(score, said, 1e-9))
    return differ


# ---- articles and marks ------------------------------------------------------------------------


def check_article(ask: Ask, article: Article) -> None:
    """An article is found by its id, whole, with the evidence of its labels."""
    assert ask.article(article.id) == article


def check_absent(ask: Ask, id: str) -> None:
    """An id that no article has is NotFound, and named."""
    said = ""
    try:
        ask.article(id)
    except NotFound as error:
        said = str(error)
    assert repr(id) in said, id


def answered(ask: Ask, request: SearchRequest) -> Answer:
    """The answer to a request, without the time that it took."""
    found = ask.search(search_of(request))
    return replace(answer(request, Outcome(found, ask.record, perf_counter())), took_ms=0.0)


def check_marks(ask: Ask, scan: Scan, request: SearchRequest) -> None:
    """A snippet is a passage of the article; marked in it are the whole occurrences of the terms that are
    looked for, no more and no fewer, and every hit shows one.
    """
    terms = [list(term.units) for term in request.reading.terms]
    for hit in answered(ask, request).hits:
        article = scan.by_id[hit.id]
        for snippet in hit.snippets:
            text = (article.title if snippet.field == "title" else article.body) or ""
            end = snippet.start + len(snippet.text)
            assert text[snippet.start : end] == snippet.text
            places = Counter(
                place - snippet.start
                for term in terms
                for first, last in slow_find(text, term)
                if snippet.start <= first and last <= end
                for place in range(first, last)
            )
            marked = [place for first, last in snippet.marks for place in range(first, last)]
            assert marked == sorted(places), (request.reading.text, hit.id)
        assert not terms or any(snippet.marks for snippet in hit.snippets), (request.reading.text, hit.id)


# ---- random questions --------------------------------------------------------------------------


SCRIPTS = [opencc.OpenCC(name).convert for name in ("s2t", "t2s")]


class Questions:
    """Random questions about some articles: texts cut out of them, in either script, in trees of AND and
    NOT, with selections of values that they have and have not.
    """

    def __init__(self, scan: Scan, seed: int) -> None:
        self._rng = random.Random(seed)
        self._most = len(scan.articles)
        self._texts = [text for article in scan.articles for text in (article.body, article.title) if text]
        self._values = {
            facet: sorted({value for article in scan.articles for value in facet_values(article, facet)})
            for facet in FACETS
        }

    def term(self) -> Term:
        rng = self._rng
        while True:
            text = rng.choice(self._texts)
            start = rng.randrange(len(text))
            typed = text[start : start + rng.choice([1, 1, 2, 2, 3, 4, 6, 9, 12, 40])]
            if rng.random() < 0.2:
                typed = rng.choice(SCRIPTS)(typed)
            if units := term_units(typed)[:12]:
                return Term(typed, tuple(units))

    def query(self, depth: int = 2) -> Query:
        kind = self._rng.random()
        if depth == 0 or kind < 0.6:
            return self.term()
        if kind < 0.7:
            return Not(self.query(depth - 1))
        if kind < 0.95:
            return And(tuple(self.query(depth - 1) for _ in range(self._rng.randint(1, 3))))
        return self._rng.choice([EVERYTHING, Nothing()])

    def filters(self) -> Filters:
        rng = self._rng
        chosen = {
            facet: tuple(
                dict.fromkeys(
                    rng.choice([*values, "unknown", "nowhere"])
                    for _ in range(rng.choice([0, 0, 0, 0, 1, 1, 2]))
                )
            )
            for facet, values in self._values.items()
        }
        years = rng.choice([(None, None)] * 5 + [(2010, None), (None, 2011), (2009, 2011), (2013, 2001)])
        return Filters(**chosen, year_from=years[0], year_to=years[1])

    def search(self, *, ranked: bool = False) -> Search:
        rng = self._rng
        filters = rng.choice([Filters(), self.filters()])
        counted = tuple(self.query(1) for _ in range(rng.choice([0, 0, 1, 3])))
        if ranked:
            return Search(self.query(), filters, "relevance", 0, self._most, counted)
        start, size = rng.choice([(0, 20), (0, self._most), (0, 0), (7, 5), (self._most, 10)])
        return Search(self.query(), filters, rng.choice(SORTS), start, size, counted)
