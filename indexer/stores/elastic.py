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
from mappings.elastic import document_id, held_article
from mappings.errors import BuildError, IndexDamaged, NoIndex
from mappings.meta import LED_TO, META, is_unfinished, published_record, record_of
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
            self._client.published = None
            self._lock = lock
            try:
                self._clear()
                yield
            finally:
                self._lock = self._client.published = None

    def _clear(self) -> None:
        for name, mapping in self._ours().items():
            if is_unfinished(name, mapping):
                self._delete(name)

    def _ours(self) -> dict[str, Any]:
        """The mappings of the indexes whose names are ours, with nothing but their `_meta`."""
        found: Mapping[str, Any] = self._ask(
            lambda: self._es.indices.get_mapping(
                index=f"{self._name}-v*", filter_path=META, expand_wildcards="open,hidden"
            )
        ).body
        return {
            name: mapping
            for name, mapping in found.items()
            if (parsed := parse_name(name)) and parsed.name == self._name
        }

    def published(self) -> IndexRecord:
        if (record := self._client.published) is None:
            record = self._find_published()
            if self._lock is not None:  # nobody else publishes meanwhile
                self._client.published = record
        return record

    def _find_published(self) -> IndexRecord:
        es = self._es.options(ignore_status=404)
        found = self._ask(lambda: es.indices.get(index=self._name, filter_path=LED_TO))
        return published_record({} if found.meta.status == 404 else found.body, self._settings)

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
                yield held_article(hit["_source"], index)
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]

    def get(self, ids: Collection[str]) -> dict[str, Article]:
        if not ids or (name := self.published_name()) is None:
            return {}
        wanted = [document_id(id) for id in ids]  # not by _mget, which tells a shard that is away by document
        return {article.id: article for article in self._scan(name, {"ids": {"values": wanted}})}

    def copies(self, groups: Collection[str]) -> Iterator[Article]:
        if groups and (name := self.published_name()) is not None:
            yield from self._scan(name, {"terms": {"group": list(groups)}})

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
        self._client.published = None  # a hand of others may have moved the alias: look again
        super().remove(name)

    def _delete(self, name: str) -> None:
        self._ask(lambda: self._es.options(ignore_status=404).indices.delete(index=name))
