"""Zoufang's embedded engine, through the doors that the product itself uses."""

from __future__ import annotations

import shutil
from asyncio import Runner
from collections.abc import Iterable
from pathlib import Path

from bench.queries import Question
from indexer.stores import open_store
from mappings.article import Article
from mappings.embedded import current_index, open_index
from mappings.settings import Settings
from mappings.text import term_units
from service.answers import Answer, answer, ask
from service.readers.embedded import EmbeddedLibrary, compile_term, conjunction
from service.request import read_request

HITS = 20


def build(path: Path, articles: Iterable[Article]) -> None:
    shutil.rmtree(path, ignore_errors=True)
    store = open_store(Settings(data=path))
    with store.lock(), store.writer() as writer:
        for article in articles:
            writer.add(article)
        writer.publish()


class ZoufangEngine:
    """Answers from a published index, in this process."""

    name = "Zoufang"

    def __init__(self, path: Path) -> None:
        self._settings = Settings(data=path)
        self._library = EmbeddedLibrary(path)
        # Runner.run costs a millisecond a call where a thread is at work; its loop alone does not.
        self._wait = Runner().get_loop().run_until_complete
        self._searcher = open_index(current_index(path)).searcher()

    def takes(self, question: Question) -> bool:
        return bool(question.texts)

    def match(self, question: Question) -> int:
        """The total, and the places of the best hits; the engine alone."""
        query = conjunction(compile_term(tuple(term_units(text))) for text in question.texts)
        return int(self._searcher.search(query, limit=HITS).count)  # type: ignore[attr-defined]

    def answer(self, question: Question) -> Answer:
        request = read_request(self._settings, question.typed, size=HITS)
        return answer(request, self._wait(ask(self._library, request)))

    def whole(self, question: Question) -> int:
        """What the API answers with: total, best hits with title and marked passages, four facets."""
        return self.answer(question).total
