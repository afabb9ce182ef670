"""The reader of the embedded index."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import tantivy
from tantivy import Occur
from tantivy import Query as Compiled

from mappings.article import Article, from_json
from mappings.embedded import CURRENT, current_index, open_index, read_record, schema
from mappings.errors import ArticleError, IndexDamaged, NotFound
from mappings.query import EVERYTHING, FACETS, And, Facet, Filters, Not, Nothing, Query, Search, Term
from mappings.record import IndexRecord
from mappings.text import pairs
from service.readers.base import TITLE_BOOST, Found, Library, Reader
from service.readers.embedded_facets import count_facets
from service.readers.facets import region_field

_READ = 50
"""Hits read at the least, so that a tie at the end of a page seldom asks for more."""


class EmbeddedLibrary(Library):
    """Opens the published index of a folder, and again as soon as another is published."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = Lock()
        self._stamp: tuple[int, int] | None = None
        self._reader: EmbeddedReader | None = None

    async def reader(self) -> EmbeddedReader:
        stamp, reader = self._pointer(), self._reader
        if reader is not None and stamp == self._stamp:
            return reader
        return await asyncio.to_thread(self._open, stamp)

    async def forget(self) -> None:
        self._reader = None

    async def close(self) -> None:
        self._reader = None

    def _open(self, stamp: tuple[int, int] | None) -> EmbeddedReader:
        with self._lock:
            if self._reader is None or stamp != self._stamp:
                self._reader = EmbeddedReader(current_index(self._data))
                self._stamp = stamp
            return self._reader

    def _pointer(self) -> tuple[int, int] | None:
        """What changes when another index is published; None where none is, which `current_index` tells."""
        try:
            status = os.stat(self._data / CURRENT)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


class EmbeddedReader(Reader):
    """Reads one index folder, in worker threads, as many at once as there are questions. Never raises
    IndexGone: files that are open can be read to their end.
    """

    def __init__(self, folder: Path) -> None:
        self._record = read_record(folder)
        self._searcher = open_index(folder).searcher()

    @property
    def record(self) -> IndexRecord:
        return self._record

    async def search(self, search: Search) -> Found:
        return await asyncio.to_thread(self._search, search)

    async def article(self, id: str) -> Article:
        return await asyncio.to_thread(self._article, id)

    def _search(self, search: Search) -> Found:
        chosen = {facet: compile_filter(facet, search.filters) for facet in FACETS}
        years = compile_years(search.filters)
        base = [compile_query(search.query), *([years] if years else [])]

        def narrowed(without: Facet | None = None) -> Compiled:
            rest = (query for facet, query in chosen.items() if query and facet != without)
            return conjunction([*base, *rest])

        query = narrowed()
        total, facets = count_facets(self._searcher, search.filters, query, narrowed)
        counts = tuple(self._count(counted) for counted in search.counted)
        return Found(total, self._hits(query, search, total), facets, counts)

    def _hits(self, query: Compiled, search: Search, total: int) -> list[tuple[Article, float | None]]:
        end = min(search.start + search.size, total)
        if search.start >= end:
            return []
        if search.sort == "relevance":
            found = self._by_relevance(query, end, total)[search.start : end]
            return [(self._load(address, with_evidence=False), score) for score, address in found]
        newest_first = search.sort == "-date"
        result = self._searcher.search(
            query,
            limit=end - search.start,
            offset=search.start,
            count=False,
            order_by_field="newest" if newest_first else "oldest",
            order=tantivy.Order.Desc if newest_first else tantivy.Order.Asc,
        )
        return [(self._load(address, with_evidence=False), None) for _, address in result.hits]

    def _by_relevance(self, query: Compiled, end: int, total: int) -> list[tuple[float, tantivy.DocAddress]]:
        """The best `end` hits, equal scores newest first.

        tantivy breaks ties as its segments fall, so where one straddles the end, more is read
        until it is whole.
        """
        limit = max(end + 1, _READ)
        while True:
            hits = self._searcher.search(query, limit=min(limit, total), count=False).hits
            if len(hits) <= end or hits[-1][0] < hits[end - 1][0] or limit >= total:
                break
            limit *= 2
        newest = self._searcher.fast_field_values("newest", [address for _, address in hits])
        ranked = sorted(zip(hits, newest, strict=True), key=lambda hit: (-hit[0][0], -(hit[1] or 0)))
        return [hit for hit, _ in ranked[:end]]

    def _count(self, query: Query) -> int:
        return int(self._searcher.search(compile_query(query), limit=1).count)  # type: ignore[attr-defined]

    def _article(self, id: str) -> Article:
        hits = self._searcher.search(Compiled.term_query(schema(), "id", id, "basic"), limit=1).hits
        if not hits:
            raise NotFound(f"no article has the id {id!r} in {self._record.name}")
        return self._load(hits[0][1])

    def _load(self, address: tantivy.DocAddress, *, with_evidence: bool = True) -> Article:
        try:
            stored = self._searcher.doc(address).get_first("article")
            return from_json(bytes(stored or b""), with_evidence=with_evidence)
        except (ValueError, ArticleError) as error:
            raise IndexDamaged(f"an article of {self._record.name} cannot be read: {error}") from error


def compile_query(query: Query) -> Compiled:
    """A query tree as tantivy's."""
    match query:
        case Term(units=units):
            return compile_term(units)
        case And(queries=()):
            return Compiled.const_score_query(Compiled.all_query(), 0.0)
        case And(queries=parts):
            return conjunction([compile_query(part) for part in parts])
        case Not(query=part):
            return Compiled.boolean_query(
                [(Occur.Must, compile_query(EVERYTHING)), (Occur.MustNot, compile_query(part))]
            )
        case Nothing():
            return Compiled.empty_query()


def compile_term(units: tuple[str, ...]) -> Compiled:
    """A text in the title or in the body: one unit, one pair, or pairs in a row."""
    return Compiled.boolean_query(
        [
            (Occur.Should, Compiled.boost_query(contained("title", units), TITLE_BOOST)),
            (Occur.Should, contained("body", units)),
        ]
    )


def contained(part: str, units: tuple[str, ...]) -> Compiled:
    """A text in one field. A phrase of a single word makes tantivy panic, hence three cases."""
    if len(units) == 1:
        return Compiled.term_query(schema(), f"{part}_units", units[0], "freq")
    row = pairs(units)
    if len(row) == 1:
        return Compiled.term_query(schema(), f"{part}_pairs", row[0], "freq")
    return Compiled.phrase_query(schema(), f"{part}_pairs", list(row))


def conjunction(parts: Iterable[Compiled]) -> Compiled:
    listed = list(parts)
    return listed[0] if len(listed) == 1 else Compiled.boolean_query([(Occur.Must, part) for part in listed])


def compile_filter(facet: Facet, filters: Filters) -> Compiled | None:
    """The values chosen of a facet, OR; None where none is. It adds nothing to a score."""
    values = filters.values(facet)
    if not values:
        return None
    fields: dict[str, list[str]] = {}
    for value in values:
        fields.setdefault(region_field(value) if facet == "region" else facet, []).append(value)
    sets = [Compiled.term_set_query(schema(), name, chosen) for name, chosen in fields.items()]
    either = Compiled.boolean_query([(Occur.Should, part) for part in sets])
    return Compiled.const_score_query(either, 0.0)


def compile_years(filters: Filters) -> Compiled | None:
    """The dates that lie in the chosen years for certain; None where no year is chosen."""
    parts = []
    for name, year, first in (("date_min", filters.year_from, True), ("date_max", filters.year_to, False)):
        if year is not None:
            bound = {"lower_bound": year * 10_000} if first else {"upper_bound": year * 10_000 + 9_999}
            parts.append(Compiled.range_query(schema(), name, tantivy.FieldType.Integer, **bound))  # type: ignore[arg-type]
    return Compiled.const_score_query(conjunction(parts), 0.0) if parts else None
