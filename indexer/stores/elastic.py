"""The store of indexes on Elasticsearch: an alias names the published one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from indexer.elastic.client import Client
from indexer.elastic.lock import ElasticLock
from indexer.stores.base import Store
from indexer.writers.elastic import ElasticWriter
from mappings.article import Article
from mappings.connection import META, is_unfinished, published_record, record_of
from mappings.elastic import document_id, from_source
from mappings.errors import BuildError, IndexDamaged, NoIndex
from mappings.names import new_name, parse_name
from mappings.record import IndexRecord
from mappings.settings import Settings

_PAGE = 500
"""Articles that are read at once."""

_ORDER = [{"oldest": "asc"}, {"id": "asc"}]
"""A total order, for reading on from the last article that was read."""


class ElasticStore(Store):
    """The indexes of `settings.name` in the Elasticsearch at `settings.engine`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = settings.name
        self._client = Client(settings)
        self._es = self._client.es
        self._lock: ElasticLock | None = None
        self._checked = False

    def _ask(self, ask: Callable[[], Any]) -> Any:
        """What a request answers, the server being one of ours. A build waits for one that is away."""
        if not self._checked:
            self._client.check()
            self._checked = True
        return self._client.call(ask) if self._lock is None else self._insist(ask)

    def _insist(self, ask: Callable[[], Any]) -> Any:
        return self._client.insist(ask, self._lock.check if self._lock else lambda: None)

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def lock(self) -> Iterator[None]:
        self._ask(lambda: None)
        try:  # rejects and articles that wait are kept here
            self._settings.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BuildError(f"cannot make the folder {self._settings.data}: {error.strerror}") from error
        with ElasticLock(self._client, self._settings) as lock:
            self._lock = lock
            try:
                self._clear()
                yield
            finally:
                self._lock = None

    def _clear(self) -> None:
        for name, mapping in self._ours().items():
            if is_unfinished(name, mapping):
                self._delete(name)

    def _ours(self) -> dict[str, Any]:
        """The mappings of the indexes whose names are ours, with nothing but their `_meta`."""
        found: Mapping[str, Any] = self._ask(
            lambda: self._es.indices.get_mapping(
                index=f"{self._name}-v*", filter_path=META, expand_wildcards="open"
            )
        ).body
        return {
            name: mapping
            for name, mapping in found.items()
            if (parsed := parse_name(name)) and parsed.name == self._name
        }

    def published(self) -> IndexRecord:
        es = self._es.options(ignore_status=404)
        there = self._ask(lambda: es.indices.get_alias(index=self._name))
        if there.meta.status == 404:
            return published_record({}, self._settings)
        names = list(there)
        found = self._ask(lambda: self._es.indices.get_mapping(index=names, filter_path=META))
        return published_record({name: found.get(name, {}) for name in names}, self._settings)

    def indexes(self) -> list[IndexRecord]:
        found = []
        for name, mapping in sorted(self._ours().items()):
            with suppress(IndexDamaged):
                if record := record_of(name, mapping):
                    found.append(record)
        return found

    def articles(self) -> Iterator[Article]:
        record, read = self.published(), 0
        for article in self._scan(record.name, {"match_all": {}}):
            yield article
            read += 1
        if read != record.articles:
            raise IndexDamaged(
                f"{record.name} holds {read} readable articles where its record says {record.articles}"
            )

    def _scan(self, index: str, query: dict[str, Any]) -> Iterator[Article]:
        after: list[Any] | None = None
        while True:
            last = {"search_after": after} if after else {}
            hits = self._insist(
                lambda last=last: self._es.search(  # type: ignore[misc]
                    index=index, query=query, sort=_ORDER, size=_PAGE, track_total_hits=False,
                    allow_partial_search_results=False, **last,
                )
            )["hits"]["hits"]  # fmt: skip
            for hit in hits:
                yield from_source(hit["_source"])
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]

    def get(self, ids: Collection[str]) -> dict[str, Article]:
        if not ids or (name := self.published_name()) is None:
            return {}
        wanted = [document_id(id) for id in ids]  # not by _mget, which tells a shard that is away by document
        return {article.id: article for article in self._scan(name, {"ids": {"values": wanted}})}

    def copies(self, groups: Collection[str]) -> list[Article]:
        if not groups or (name := self.published_name()) is None:
            return []
        return list(self._scan(name, {"terms": {"group": list(groups)}}))

    def writer(self, *, copy: bool = False) -> ElasticWriter:
        assert self._lock is not None, "the lock is not held"
        try:
            published: IndexRecord | None = self.published()
        except (NoIndex, IndexDamaged):
            if copy:
                raise
            published = None
        return ElasticWriter(
            self._client, self._settings, self._lock, new_name(self._name), published, copy=copy
        )

    def publish(self, name: str) -> None:
        assert self._lock is not None, "the lock is not held"
        self._lock.confirm()
        self._client.publish(self.published_name(), name)

    def remove(self, name: str) -> None:
        if name == self.published_name() or name not in {index.name for index in self.indexes()}:
            raise BuildError(f"{name} is not an index that zoufang can remove")
        self._delete(name)

    def _delete(self, name: str) -> None:
        self._ask(lambda: self._es.options(ignore_status=404).indices.delete(index=name))
