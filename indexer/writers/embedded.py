"""The writer of the embedded index."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from indexer.publish import published_name, switch, sync, sync_folder
from indexer.writers.base import Writer
from mappings.article import Article
from mappings.embedded import BUILDING, RECORD, open_index, schema, to_document
from mappings.errors import BuildError
from mappings.names import IndexName
from mappings.record import IndexRecord
from mappings.text import Units

_THREADS = 2
_CHANGED_IN_PLACE = ("meta.json", ".managed.json")
"""The files that tantivy writes again; all others of an index stay as they were once written."""
_NOT_COPIED = (RECORD, ".tantivy-writer.lock", ".tantivy-meta.lock")


class EmbeddedWriter(Writer):
    """Builds one tantivy index in a data folder."""

    def __init__(
        self, data: Path, name: IndexName, memory: int, published: IndexRecord | None, *, copy: bool
    ) -> None:
        super().__init__(name, published, copy=copy)
        self._data = data
        self._memory = memory
        self._folder = data / f"{name}{BUILDING}"

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir()
            if self._copied is not None:
                copy_files(self._data / self._copied.name, self._folder)
            index = tantivy.Index(schema(), path=str(self._folder), reuse=self._copied is not None)
            self._writer: tantivy.IndexWriter | None = index.writer(self._memory, _THREADS)
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

    def _write(self, old: Article | None, new: Article | None) -> None:
        assert self._writer is not None
        document = to_document(new) if new else None
        try:
            if old:
                self._writer.delete_documents_by_term("id", old.id)
            if document:
                self._writer.add_document(document)
        except (OSError, ValueError) as error:
            raise BuildError(
                f"writing the index in {self._data} failed (is the disk full?): {error}"
            ) from error
        self._changed(old, new)

    def complete(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        try:
            writer.commit()
            writer.wait_merging_threads()
        except (OSError, ValueError) as error:
            raise BuildError(f"completing the index in {self._data} failed: {error}") from error

    def publish(self) -> IndexRecord:
        self.complete()
        record = self._record()
        final = self._data / str(self._name)
        switched = False
        try:
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
        return record


def copy_files(old: Path, new: Path) -> None:
    """A copy of an index's files that costs no space: what is never written again is linked."""
    for path in old.iterdir():
        if path.name in _NOT_COPIED:
            continue
        if path.name in _CHANGED_IN_PLACE:
            shutil.copyfile(path, new / path.name)
            continue
        try:
            os.link(path, new / path.name)
        except OSError:  # a file system without links
            shutil.copyfile(path, new / path.name)


def check(folder: Path, record: IndexRecord, probes: list[Article]) -> None:
    """Read a finished index back before anybody sees it. Raises BuildError.

    It must hold as many articles as it should, and the probes must be found by id and by the
    first words of their body.
    """
    index = open_index(folder)
    searcher = index.searcher()
    if searcher.num_docs != record.articles:
        raise BuildError(
            f"the new index holds {searcher.num_docs} articles where it should hold {record.articles}; "
            "it was not published"
        )
    for article in probes:
        queries = [tantivy.Query.term_query(index.schema, "id", article.id, "basic")]
        if first_pair := Units(article.body).pairs.partition(" ")[0]:
            queries.append(tantivy.Query.term_query(index.schema, "body_pairs", first_pair))
        found = tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])
        if len(searcher.search(found, 2).hits) != 1:
            raise BuildError(f"the new index does not find article {article.id}; it was not published")
