"""The reader of an index on Elasticsearch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from time import monotonic
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from mappings.article import Article
from mappings.connection import as_ours, because, check_version, options
from mappings.elastic import INDEX_ONLY, document_id, held_article
from mappings.errors import EngineUnavailable, IndexGone, NotFound, StoreError
from mappings.meta import LED_TO, published_record
from mappings.query import FACETS, And, Facet, Filters, Not, Nothing, Query, Search, Term
from mappings.record import IndexRecord, check_schema
from mappings.settings import Settings
from mappings.text import PAIR_JOIN, pairs
from service.readers.base import TITLE_BOOST, Found, Library, Reader
from service.readers.elastic_facets import by_pages, inexact, requests, to_counts
from service.readers.facets import region_field

_CONNECTIONS = 64
"""Searches that a node is asked at the same time; more of them wait, and their time runs."""

_FRESH = 1.0
"""Seconds for which what is published is taken as known; another index is noticed after them."""

Clause = dict[str, Any]
Answer = TypeVar("Answer")


class ElasticLibrary(Library):
    """Looks now and then at where the alias of a corpus leads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._es = AsyncElasticsearch(**options(settings, settings.timeout, _CONNECTIONS))
        self._looking: asyncio.Task[ElasticReader] | None = None
        self._reader: ElasticReader | None = None
        self._looked = 0.0
        self._checked = False

    async def reader(self) -> ElasticReader:
        if self._reader is not None and monotonic() - self._looked <= _FRESH:
            return self._reader
        if self._looking is None or self._looking.done():  # all who ask meanwhile learn the same
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> ElasticReader:
        """Learn what is published. Raises NoIndex, SchemaMismatch, or another StoreError."""
        es = self._es
        if not self._checked:
            check_version((await telling(es.info(), self._settings)).body, self._settings)
            self._checked = True
        name = self._settings.name
        asked = es.options(ignore_status=404).indices.get(index=name, filter_path=LED_TO)
        there = await telling(asked, self._settings)
        found: Mapping[str, Any] = {} if there.meta.status == 404 else there.body
        reader = self._reader
        if reader is None or list(found) != [reader.record.name]:
            record = published_record(found, self._settings)
            check_schema(record.name, record.schema)
            reader = ElasticReader(es, record, self._settings)
        if asyncio.current_task() is self._looking:  # else it may be what was forgotten meanwhile
            self._reader, self._looked = reader, monotonic()
        return reader

    async def forget(self) -> None:
        self._looking, self._looked = None, 0.0

    async def close(self) -> None:
        await self._es.close()


async def telling(asked: Awaitable[Answer], settings: Settings) -> Answer:
    """What a request answers. Raises StoreError."""
    try:
        return await asked
    except (ApiError, TransportError) as error:
        raise as_ours(error, settings) from error


class ElasticReader(Reader):
    """Reads one index. An answer is one request, whatever is in it: hits, facets and counts are parts
    of one `_msearch`.
    """

    def __init__(self, es: AsyncElasticsearch, record: IndexRecord, settings: Settings) -> None:
        self._es = es
        self._record = record
        self._settings = settings

    @property
    def record(self) -> IndexRecord:
        return self._record

    async def search(self, search: Search) -> Found:
        chosen = [facet for facet in FACETS if search.filters.values(facet)]
        free = [facet for facet in FACETS if facet not in chosen]
        parts = [main_part(search, free)]
        parts += [part(search, [facet], without=facet) for facet in chosen]
        parts += [{"query": compile_query(query), "size": 0} for query in search.counted]
        main, *others = await self._ask(parts, ranked=search.sort == "relevance")
        facets: dict[Facet, Any] = dict.fromkeys(FACETS)
        for facet in free:
            facets[facet] = main.get("aggregations", {})
        for facet, answer in zip(chosen, others, strict=False):
            facets[facet] = answer["aggregations"]
        for facet, counted in facets.items():
            for name in inexact(facet, counted):
                query = narrowed(search, facet if facet in chosen else None)
                counted[name] = await by_pages(self._page, query, name)
        return Found(
            total=int(main["hits"]["total"]["value"]),
            hits=[(self._load(hit["_source"]), hit["_score"]) for hit in main["hits"]["hits"]],
            facets={facet: to_counts(facet, search.filters, facets[facet]) for facet in FACETS},
            counts=tuple(int(answer["hits"]["total"]["value"]) for answer in others[len(chosen) :]),
        )

    async def _page(self, part: Clause) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = (await self._ask([part]))[0]
        return answer

    async def _ask(self, parts: list[Clause], *, ranked: bool = False) -> list[Any]:
        """The answers to the parts of one request, each of them whole; only the first has hits to rank.

        Raises StoreError.
        """
        lines: list[Clause] = [line for part in parts for line in ({}, {"track_total_hits": True} | part)]
        if ranked:
            lines[0] = {"search_type": "dfs_query_then_fetch"}
        asked = self._es.msearch(searches=lines, index=self._record.name, max_concurrent_searches=len(parts))
        answers: list[Any] = (await telling(asked, self._settings))["responses"]
        for answer in answers:
            self._check(answer)
        return answers

    def _check(self, answer: Mapping[str, Any]) -> None:
        """Raises StoreError unless a part of an answer is there, whole."""
        if "error" in answer:
            said = because(answer["error"])
            if "index_not_found" in said:
                raise IndexGone(f"{self._record.name} has been removed, as another index was published")
            if answer.get("status") in (429, 503):
                raise EngineUnavailable(f"{self._settings.engine} is busy or not ready: {said}")
            raise StoreError(f"{self._settings.engine} cannot answer from {self._record.name}: {said}")
        if answer["_shards"]["failed"] or answer["timed_out"]:
            raise EngineUnavailable(
                f"{self._settings.engine} answered only a part: {answer['_shards']['failed']} of "
                f"{answer['_shards']['total']} shards of {self._record.name} failed"
            )

    async def article(self, id: str) -> Article:
        es = self._es.options(ignore_status=404)
        found = await telling(es.get(index=self._record.name, id=document_id(id)), self._settings)
        if "error" in found:
            raise IndexGone(f"{self._record.name} has been removed, as another index was published")
        if not found["found"]:
            raise NotFound(f"no article has the id {id!r} in {self._record.name}")
        return self._load(found["_source"])

    def _load(self, source: dict[str, Any]) -> Article:
        return held_article(source, self._record.name)


SORTS: dict[str, list[dict[str, str]]] = {
    "relevance": [{"_score": "desc"}, {"newest": "desc"}],
    "-date": [{"newest": "desc"}],
    "date": [{"oldest": "asc"}],
}


def main_part(search: Search, facets: list[Facet]) -> Clause:
    """The hits, the total, and the facets of which nothing is chosen."""
    return part(search, facets) | {
        "from": search.start,
        "size": search.size,
        "sort": SORTS[search.sort],
        "_source": {"excludes": ["evidence", *INDEX_ONLY]},
    }


def part(search: Search, facets: list[Facet], without: Facet | None = None) -> Clause:
    """The counts of some facets."""
    asked: Clause = {}
    for facet in facets:
        asked |= requests(facet, search.filters)
    return {"query": narrowed(search, without), "size": 0, "aggs": asked}


def narrowed(search: Search, without: Facet | None = None) -> Clause:
    """The query with all its filters but one facet's; they add nothing to a score."""
    filters = [
        clause
        for facet in FACETS
        if facet != without and (clause := compile_filter(facet, search.filters)) is not None
    ]
    filters += compile_years(search.filters)
    query = compile_query(search.query)
    if search.sort == "relevance":
        return {"bool": {"must": [query], "filter": filters}}
    return {"bool": {"filter": [query, *filters]}}


def compile_query(query: Query) -> Clause:
    """A query tree as Elasticsearch's."""
    match query:
        case Term(units=units):
            return compile_term(units)
        case And(queries=()):
            return {"match_all": {"boost": 0.0}}
        case And(queries=parts):
            return {"bool": {"must": [compile_query(part) for part in parts]}}
        case Not(query=part):
            return {"bool": {"must_not": [compile_query(part)]}}
        case Nothing():
            return {"match_none": {}}


def compile_term(units: tuple[str, ...]) -> Clause:
    """A text in the title or in the body: one unit, one pair, or pairs in a row.

    A shard that has no pair of a row says nothing of how many articles it has and how long they are, and
    the row would be weighed by those of the other shards alone. A pair that nobody has makes it say so.
    """
    clauses = [contained("title", units, TITLE_BOOST), contained("body", units, 1.0)]
    if len(units) > 2:
        clauses += [{"term": {f"{field}.pairs": PAIR_JOIN}} for field in ("title", "body")]
    return {"bool": {"should": clauses}}


def contained(field: str, units: tuple[str, ...], boost: float) -> Clause:
    """A text in one field. Three units or more are analyzed again, to the pairs they were read as."""
    if len(units) == 1:
        return {"term": {f"{field}.units": {"value": units[0], "boost": boost}}}
    if len(units) == 2:
        return {"term": {f"{field}.pairs": {"value": pairs(units)[0], "boost": boost}}}
    return {"match_phrase": {f"{field}.pairs": {"query": " ".join(units), "boost": boost}}}


def compile_filter(facet: Facet, filters: Filters) -> Clause | None:
    """The values chosen of a facet, OR; None where none is."""
    fields: dict[str, list[str]] = {}
    for value in filters.values(facet):
        name = region_field(value) if facet == "region" else facet
        fields.setdefault(f"facet.{name}", []).append(value)
    clauses: list[Clause] = [{"terms": {name: chosen}} for name, chosen in fields.items()]
    return {"bool": {"should": clauses}} if clauses else None


def compile_years(filters: Filters) -> list[Clause]:
    """The dates that lie in the chosen years for certain."""
    clauses: list[Clause] = []
    if filters.year_from is not None:
        clauses.append({"range": {"date_min": {"gte": filters.year_from * 10_000}}})
    if filters.year_to is not None:
        clauses.append({"range": {"date_max": {"lte": filters.year_to * 10_000 + 9_999}}})
    return clauses
