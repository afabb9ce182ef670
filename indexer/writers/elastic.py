"""The writer of an index on Elasticsearch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from types import TracebackType
from typing import Any, Self

from indexer.elastic.bulk import Bulk, Change
from indexer.elastic.client import Client, building
from indexer.elastic.lock import ElasticLock
from indexer.writers.base import Refusal, Writer
from mappings.article import Article
from mappings.elastic import from_source, index_body
from mappings.errors import ArticleError, BuildError, EngineUnavailable, StoreError
from mappings.meta import BUILDING, META, OURS, is_unfinished
from mappings.names import IndexName
from mappings.record import IndexRecord
from mappings.settings import Settings
from mappings.text import Units

_WHILE_BUILDING = {"index.number_of_replicas": 0, "index.refresh_interval": "-1", "index.blocks.write": False}

_LOOK = 30
"""Seconds after which it is seen whether the copies of the shards are still being made."""


class ElasticWriter(Writer):
    """Builds one index on Elasticsearch, with several requests at once."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        lock: ElasticLock,
        name: IndexName,
        published: IndexRecord | None,
        *,
        copy: bool,
    ) -> None:
        super().__init__(name, published, copy=copy)
        self._client = client
        self._es = client.es
        self._settings = settings
        self._lock = lock
        self._index = str(name)
        self._bulk = Bulk(client, self._index, settings.patience, self._became, lock.check)
        self._refused: deque[Refusal] = deque()
        self._completed = self._switching = self._switched = False

    def __enter__(self) -> Self:
        try:
            self._client.call(self._make)
        except BaseException:
            self._abandon()
            raise
        return self

    def _make(self) -> None:
        written_by: dict[str, Any] = {building(self._index): {}}
        if self._copied is None:
            body = index_body(self._settings.shards)
            body["mappings"] |= {"_meta": {OURS: BUILDING}}
            self._es.indices.create(index=self._index, aliases=written_by, **body)
        else:  # a published index takes no writes, so it can be cloned: its files are linked
            self._es.indices.clone(
                index=self._copied.name, target=self._index, aliases=written_by, settings=_WHILE_BUILDING
            )
            self._es.indices.put_mapping(index=self._index, meta={OURS: BUILDING})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._switched:
            self._abandon()

    def _abandon(self) -> None:
        """Remove what was built. What cannot be removed now, the next build removes; so too what the
        server was asked to publish without an answer: it may yet do it.
        """
        self._bulk.stop()
        if self._switching:
            return
        with suppress(StoreError):
            if not self._client.is_published(self._index):
                es = self._es.options(ignore_status=404)
                self._client.call(lambda: es.indices.delete(index=self._index))

    def _write(self, old: Article | None, new: Article | None) -> None:
        self._bulk.add(Change(old, new))

    def _became(self, change: Change, reason: str | None) -> None:
        if reason is None:
            self._changed(change.old, change.new)
        else:
            self._refused.append(
                Refusal(change.old, change.new, f"Elasticsearch would not take it: {reason}")
            )

    def refused(self) -> Iterator[Refusal]:
        while self._refused:
            yield self._refused.popleft()

    def complete(self) -> None:
        if not self._completed:
            self._completed = True
            self._bulk.finish()
            self._insist(lambda: self._es.indices.refresh(index=self._index))

    def _insist(self, ask: Any) -> Any:
        return self._client.insist(ask, self._lock.check)

    def publish(self) -> IndexRecord:
        self.complete()
        record = self._record()
        self._check(record)
        self._insist(lambda: self._es.indices.put_mapping(index=self._index, meta={OURS: record.to_dict()}))
        final = {
            "index.refresh_interval": None,
            "index.number_of_replicas": self._settings.replicas,
            "index.blocks.write": True,
        }
        self._insist(lambda: self._es.indices.put_settings(index=self._index, settings=final))
        self._await_copies()
        self._lock.confirm()
        self._switching = True
        try:
            self._client.publish(record.previous or None, record.name)
        except StoreError as error:
            self._switching = isinstance(error, EngineUnavailable)
            if not self._insist(lambda: self._client.is_published(self._index)):
                raise BuildError(f"{record.name} could not be published: {error}") from error
        self._switched = True
        return record

    def _await_copies(self) -> None:
        """Wait until the copies of all shards are there, so that the first searches find them.

        Copies of large shards take their time; the build's patience is for those that are not begun.
        """
        if not self._settings.replicas:
            return
        es, waits_since = self._es.options(ignore_status=408), monotonic()
        while True:
            health = self._insist(
                lambda: es.cluster.health(index=self._index, wait_for_status="green", timeout=f"{_LOOK}s")
            )
            if not health["timed_out"]:
                return
            self._lock.check()
            if health["initializing_shards"]:
                waits_since = monotonic()
            elif monotonic() - waits_since > self._settings.patience:
                raise BuildError(
                    f"the {self._settings.replicas} copies of each shard (ZOUFANG_REPLICAS) do not come up "
                    f"in {self._settings.engine}: has it fewer nodes than copies? Nothing was published"
                )

    def _check(self, record: IndexRecord) -> None:
        """Read the finished index back before anybody sees it. Raises BuildError.

        It must be the index that was made, hold as many articles as it should, and the probes must be
        found by id and by the first words of their body, and be whole.
        """
        made = self._insist(lambda: self._es.indices.get_mapping(index=self._index, filter_path=META))
        if not is_unfinished(self._index, made.body.get(self._index, {})):
            raise BuildError(
                f"{self._index} was removed by somebody while it was built; it was not published"
            )
        count = self._insist(lambda: self._es.count(index=self._index))["count"]
        if count != record.articles:
            raise BuildError(
                f"the new index holds {count} articles where it should hold {record.articles}; "
                "it was not published"
            )
        for article in self._probes:
            filters: list[dict[str, Any]] = [{"term": {"id": article.id}}]
            if first_pair := Units(article.body).pairs.partition(" ")[0]:
                filters.append({"term": {"body.pairs": first_pair}})
            found = self._insist(
                lambda filters=filters: self._es.search(
                    index=self._index, query={"bool": {"filter": filters}}, size=2
                )
            )["hits"]["hits"]
            if len(found) != 1:
                raise BuildError(f"the new index does not find article {article.id}; it was not published")
            if not is_source_of(article, found[0].get("_source", {})):
                raise BuildError(
                    f"the new index does not hold article {article.id} as it is; it was not published "
                    "(does an index template of others match its name?)"
                )


def is_source_of(article: Article, source: dict[str, Any]) -> bool:
    """Whether a document holds an article, whole."""
    try:
        return from_source(source) == article
    except ArticleError:
        return False
