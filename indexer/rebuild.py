"""Building again from the articles that the published index holds, without the raw pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tantivy

from indexer.extract import relabel
from indexer.pipeline import Tick
from mappings.article import Article, from_json
from mappings.embedded import current_index, open_index, read_record
from mappings.errors import IndexDamaged


def held_articles(data: Path, tick: Tick) -> Iterator[Article]:
    """The articles of the published index, labelled anew where a label rests on data files.

    Raises NoIndex, SchemaMismatch, or IndexDamaged where not all of them can be read.
    """
    folder = current_index(data)
    record = read_record(folder)
    searcher = open_index(folder).searcher()
    read = 0
    for segment in range(searcher.num_segments):
        for number in range(record.articles + 1):
            try:
                document = searcher.doc(tantivy.DocAddress(segment, number))
            except ValueError:
                break
            yield relabel(from_json(bytes(document.get_first("article") or b"")))
            read += 1
            tick("reading", read, read, record.articles)
    if read != record.articles:
        raise IndexDamaged(f"{folder} holds {read} readable articles where its record says {record.articles}")
