"""The writer of the embedded index."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from indexer.publish import BuildLock, clear, published_name, switch, sync, sync_folder
from indexer.writers.base import Writer
from mappings.article import Article
from mappings.embedded import BUILDING, RECORD, open_index, schema, to_document
from mappings.errors import BuildError, NothingToPublish
from mappings.names import SCHEMA_VERSION, new_name
from mappings.record import IndexRecord, SnapshotHash
from mappings.settings import Settings
from mappings.text import PAIR_JOIN, Units

_THREADS = 2
_PROBES = 5


class EmbeddedWriter(Writer):
    """Builds one tantivy index in `settings.data`."""

    def __init__(self, settings: Settings) -> None:
        self._data = settings.data
        self._name = new_name(settings.name)
        self._memory = settings.memory
        self._lock = BuildLock(self._data)
        self._folder = self._data / f"{self._name}{BUILDING}"
        self._hash = SnapshotHash()
        self._count = 0
        self._probes: list[Article] = []

    def __enter__(self) -> Self:
        try:
            self._data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BuildError(f"cannot make the data folder {self._data}: {error.strerror}") from error
        self._lock.acquire()
        try:
            clear(self._data, self._name.name)
            self._folder.mkdir()
            self._index = tantivy.Index(schema(), path=str(self._folder))
            self._writer: tantivy.IndexWriter | None = self._index.writer(self._memory, _THREADS)
        except BaseException as error:
            self._abandon()
            if isinstance(error, OSError | ValueError):
                raise BuildError(f"cannot write to {self._data}: {error}") from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._abandon()

    def _abandon(self) -> None:
        self._writer = None
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()

    def add(self, article: Article) -> None:
        document = to_document(article)
        assert self._writer is not None
        try:
            self._writer.add_document(document)
        except (OSError, ValueError) as error:
            raise BuildError(
                f"writing the index in {self._data} failed (is the disk full?): {error}"
            ) from error
        self._hash.add(article)
        self._count += 1
        if len(self._probes) < _PROBES:
            self._probes.append(article)

    def publish(self) -> IndexRecord:
        if not self._count:
            raise NothingToPublish("no article was left to index, so nothing was published")
        writer, self._writer = self._writer, None
        assert writer is not None
        final = self._data / str(self._name)
        before = published_name(self._data)
        switched = False
        try:
            writer.commit()
            writer.wait_merging_threads()
            record = IndexRecord(
                name=str(self._name),
                schema=SCHEMA_VERSION,
                created=self._name.created.isoformat(timespec="seconds"),
                articles=self._count,
                snapshot=str(self._hash),
                software=version("zoufang"),
            )
            check(self._folder, record, self._probes)
            (self._folder / RECORD).write_bytes(record.to_json())
            sync(self._folder / RECORD)
            sync_folder(self._folder)
            self._folder.rename(final)
            switch(self._data, self._name)
            switched = True
        except (OSError, ValueError) as error:
            raise BuildError(f"completing the index in {self._data} failed: {error}") from error
        finally:
            if not switched and published_name(self._data) != self._name:
                shutil.rmtree(final, ignore_errors=True)
        clear(self._data, self._name.name, previous=before)
        return record


def check(folder: Path, record: IndexRecord, probes: list[Article]) -> None:
    """Read a finished index back before anybody sees it. Raises BuildError.

    It must hold as many articles as were added, and the probes must be found by id and by the
    first words of their body.
    """
    index = open_index(folder)
    searcher = index.searcher()
    if searcher.num_docs != record.articles:
        raise BuildError(
            f"the new index holds {searcher.num_docs} articles where {record.articles} were added; "
            "it was not published"
        )
    for article in probes:
        queries = [tantivy.Query.term_query(index.schema, "id", article.id, "basic")]
        if first_pair := Units(article.body).pairs.partition(" ")[0]:
            assert PAIR_JOIN in first_pair
            queries.append(tantivy.Query.term_query(index.schema, "body_pairs", first_pair))
        found = tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])
        if len(searcher.search(found, 2).hits) != 1:
            raise BuildError(f"the new index does not find article {article.id}; it was not published")
