"""The store of embedded indexes: folders below one, and a small file that names the published one."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Query

from indexer.publish import BuildLock, switch
from indexer.stores.base import Store
from indexer.writers.embedded import EmbeddedWriter
from mappings.article import Article, from_json
from mappings.embedded import BUILDING, RECORD, named_index, open_index, read_record
from mappings.errors import ArticleError, BuildError, IndexDamaged, NoIndex, StoreError
from mappings.names import new_name, parse_name
from mappings.record import IndexRecord
from mappings.settings import Settings

_PAGE = 100_000
"""Articles that are looked for at once when all are read: their places, not their texts."""


class EmbeddedStore(Store):
    """The indexes in `settings.data`."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        self._name = settings.name
        self._memory = settings.memory

    @contextmanager
    def lock(self) -> Iterator[None]:
        try:
            self._data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BuildError(f"cannot make the data folder {self._data}: {error.strerror}") from error
        with BuildLock(self._data):
            self._clear()
            yield

    def _clear(self) -> None:
        for path in self._data.glob(f"*{BUILDING}"):
            parsed = parse_name(path.name.removesuffix(BUILDING))
            if parsed and parsed.name == self._name:
                shutil.rmtree(path, ignore_errors=True)

    def published(self) -> IndexRecord:
        return read_record(named_index(self._data)[0])

    def indexes(self) -> list[IndexRecord]:
        found = []
        for path in self._data.glob(f"*/{RECORD}"):
            name = parse_name(path.parent.name)
            if name is not None and name.name == self._name:
                with suppress(StoreError):
                    found.append(read_record(path.parent))
        return sorted(found, key=lambda record: record.name)

    def articles(self) -> Iterator[Article]:
        """In the order of dates, for that passes by what an update has deleted."""
        folder, _ = named_index(self._data)
        record = read_record(folder)
        searcher, schema = self._opened(folder)
        query, low, last = Query.all_query(), None, set[tuple[int, int]]()
        read = 0
        while True:
            hits = searcher.search(
                query, limit=_PAGE, count=False, order_by_field="oldest", order=tantivy.Order.Asc
            ).hits
            fresh = [(key, at) for key, at in hits if key != low or (at.segment_ord, at.doc) not in last]
            for _, address in fresh:
                yield self._read(searcher, address)
                read += 1
            if len(hits) < _PAGE:
                break
            low = hits[-1][0]
            last = {(at.segment_ord, at.doc) for key, at in hits if key == low}
            query = Query.range_query(schema, "oldest", tantivy.FieldType.Integer, lower_bound=low)
        if read != record.articles:
            raise IndexDamaged(
                f"{folder} holds {read} readable articles where its record says {record.articles}"
            )

    def get(self, ids: Collection[str]) -> dict[str, Article]:
        return {article.id: article for article in self._with("id", ids)}

    def copies(self, groups: Collection[str]) -> Iterator[Article]:
        return self._with("group", groups)

    def _with(self, field: str, values: Collection[str]) -> Iterator[Article]:
        """The articles that have one of some values in a field."""
        try:
            folder, _ = named_index(self._data)
        except NoIndex:
            return
        searcher, schema = self._opened(folder)
        query = Query.term_set_query(schema, field, list(values))
        count: Any = searcher.search(query, limit=1)
        if count.count:
            for _, address in searcher.search(query, limit=count.count, count=False).hits:
                yield self._read(searcher, address)

    def _opened(self, folder: Path) -> tuple[tantivy.Searcher, tantivy.Schema]:
        index = open_index(folder)
        return index.searcher(), index.schema

    def _read(self, searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Article:
        try:
            return from_json(bytes(searcher.doc(address).get_first("article") or b""))
        except (ValueError, ArticleError) as error:
            raise IndexDamaged(f"an article of the index in {self._data} cannot be read: {error}") from error

    def writer(self, *, copy: bool = False) -> EmbeddedWriter:
        try:
            published = self.published()
        except StoreError:
            if copy:
                raise
            published = None
        return EmbeddedWriter(self._data, new_name(self._name), self._memory, published, copy=copy)

    def publish(self, name: str) -> None:
        parsed = parse_name(name)
        assert parsed is not None
        open_index(self._data / name)
        try:
            switch(self._data, parsed)
        except OSError as error:
            raise BuildError(f"cannot publish {name} in {self._data}: {error}") from error

    def _delete(self, name: str) -> None:
        gone = self._data / f"{name}{BUILDING}"  # from here on it is no index, however far this comes
        try:
            (self._data / name).rename(gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise BuildError(f"cannot remove {self._data / name}: {error}") from error

    def close(self) -> None:
        """There is nothing to let go of."""
