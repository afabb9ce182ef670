"""Where the time goes: the steps of writing an article and of giving an answer, each alone."""

from __future__ import annotations

from asyncio import Runner
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any, TypeVar

import orjson

from bench.corpus import SEED, sample
from bench.queries import Question
from bench.zoufang import HITS
from indexer.dedupe import Dedupe
from mappings.article import from_json, to_json
from mappings.embedded import to_document
from mappings.query import Search
from mappings.record import SnapshotHash
from mappings.settings import Settings
from mappings.text import Units
from service.answers import Answer, answer, ask, facet_answer, hit
from service.readers.base import Found
from service.readers.embedded import EmbeddedLibrary
from service.request import SearchRequest, read_request

Steps = list[tuple[str, float]]
"""What is done, and the median of the microseconds it takes."""

ARTICLES = 1000
Input = TypeVar("Input")


def timed(call: Callable[[Input], object], inputs: Iterable[Input]) -> float:
    """The median of the microseconds that a call takes."""
    taken = []
    for given in inputs:
        began = perf_counter()
        call(given)
        taken.append(perf_counter() - began)
    return median(taken) * 1e6


def writing(corpus: Path, size: int) -> Steps:
    """What is done for each article."""
    held = sample(corpus, size, ARTICLES, Random(SEED))
    return [
        ("from_json", timed(from_json, [to_json(article) for article in held])),
        ("to_json", timed(to_json, held)),
        ("Units: joined", timed(lambda article: Units(article.body).joined, held)),
        ("Units: pairs", timed(lambda article: Units(article.body).pairs, held)),
        ("to_document (with Units and to_json)", timed(to_document, held)),
        ("SnapshotHash.add", timed(SnapshotHash().add, held)),
        ("Dedupe.judge", timed(Dedupe().judge, held)),
    ]


def answering(data: Path, questions: Sequence[Question]) -> Steps:
    """What is done for each answer."""
    with Runner() as runner:
        return in_loop(data, questions, runner.get_loop().run_until_complete)


def in_loop(data: Path, questions: Sequence[Question], wait: Callable[..., Any]) -> Steps:
    settings, library = Settings(data=data), EmbeddedLibrary(data)
    reader = wait(library.reader())
    requests = [read_request(settings, question.typed, size=HITS) for question in questions]
    searches = [
        Search(request.reading.query, request.filters, request.sort, 0, request.size) for request in requests
    ]
    counting = [Search(search.query, search.filters, search.sort, 0, 0) for search in searches]
    found = [wait(reader.search(search)) for search in searches]
    both = list(zip(requests, found, strict=True))

    def whole(request: SearchRequest) -> Answer:
        return answer(request, wait(ask(library, request)))

    answers = [whole(request) for request in requests]

    def hits(one: tuple[SearchRequest, Found]) -> object:
        return [hit(article, score, one[0].reading.terms) for article, score in one[1].hits]

    def run(call: Callable[[Input], Coroutine[Any, Any, object]]) -> Callable[[Input], object]:
        return lambda given: wait(call(given))

    def facets(one: tuple[SearchRequest, Found]) -> object:
        return [facet_answer(facet, counts, one[0]) for facet, counts in one[1].facets.items()]

    ids = [article.id for answered in found for article, _ in answered.hits][:ARTICLES]
    return [
        ("read_request", timed(lambda question: read_request(settings, question.typed), questions)),
        ("reader.search without hits: total and facets", timed(run(reader.search), counting)),
        ("reader.search", timed(run(reader.search), searches)),
        ("reader.article, one", timed(run(reader.article), ids)),
        (f"highlights of up to {HITS} hits", timed(hits, both)),
        ("facets with names and links", timed(facets, both)),
        ("answer, all of it", timed(whole, requests)),
        ("the answer as JSON", timed(orjson.dumps, answers)),
    ]
