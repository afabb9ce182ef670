"""Zoufang on both of its engines, through the doors that the product itself uses."""

from __future__ import annotations

import os
import shutil
from asyncio import Runner
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from elasticsearch import Elasticsearch

from bench.queries import Question
from indexer.stores import open_store
from mappings.article import Article
from mappings.connection import options
from mappings.embedded import current_index, open_index
from mappings.settings import Settings
from mappings.text import term_units
from service.answers import Answer, answer, ask
from service.library import open_library
from service.readers import elastic
from service.readers.embedded import compile_term, conjunction
from service.request import read_request

HITS = 20
EMBEDDED, ELASTIC = "Zoufang", "Zoufang on Elasticsearch"
SERVER = "ELASTICSEARCH_URL"
"""The variable that names the Elasticsearch to measure; without it, it is left out."""


def settings_of(engine: str, path: Path, **given: object) -> Settings:
    """The settings of a corpus on one engine; `path` is its data folder."""
    if engine == EMBEDDED:
        return Settings(data=path, **given)  # type: ignore[arg-type]
    name = path.name.replace("-", "_")
    return Settings(data=path, engine=os.environ[SERVER], name=name, timeout=60, **given)  # type: ignore[arg-type]


def build(settings: Settings, articles: Iterable[Article]) -> None:
    shutil.rmtree(settings.data, ignore_errors=True)
    with closing(open_store(settings)) as store, store.lock():
        with store.writer() as writer:
            for article in articles:
                writer.add(article)
            writer.publish()
        for index in store.surplus(keep_previous=False):
            store.remove(index.name)


def stored(settings: Settings) -> int:
    """Bytes of the published index."""
    if settings.embedded:
        return sum(file.stat().st_size for file in current_index(settings.data).iterdir())
    with Elasticsearch(**options(settings, 60)) as es:
        es.indices.flush(index=settings.name)
        return int(es.indices.stats(index=settings.name)["_all"]["primaries"]["store"]["size_in_bytes"])


class ZoufangEngine:
    """Answers from a published index, in this process."""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self._settings = settings
        self._library = open_library(settings)
        # Runner.run costs a millisecond a call where a thread is at work; its loop alone does not.
        self._runner = Runner()
        self._wait = self._runner.get_loop().run_until_complete
        if settings.embedded:
            self._searcher = open_index(current_index(settings.data)).searcher()
        else:
            self._es = Elasticsearch(**options(settings, 60))

    def close(self) -> None:
        self._wait(self._library.close())
        self._runner.close()

    def takes(self, question: Question) -> bool:
        return bool(question.texts)

    def match(self, question: Question) -> int:
        """The total, and the places of the best hits; the engine alone."""
        terms = [tuple(term_units(text)) for text in question.texts]
        if self._settings.embedded:
            query = conjunction(compile_term(units) for units in terms)
            return int(self._searcher.search(query, limit=HITS).count)  # type: ignore[attr-defined]
        found = self._es.search(
            index=self._settings.name,
            query={"bool": {"must": [elastic.compile_term(units) for units in terms]}},
            size=HITS,
            source=False,
            track_total_hits=True,
        )
        return int(found["hits"]["total"]["value"])

    def answer(self, question: Question) -> Answer:
        request = read_request(self._settings, question.typed, size=HITS)
        return answer(request, self._wait(ask(self._library, request)))

    def whole(self, question: Question) -> int:
        """What the API answers with: total, best hits with title and marked passages, four facets."""
        return self.answer(question).total
