"""What the service asks a server, seen between the two: how much at a time, and while an index goes."""

# ruff: noqa: F811 - the fixtures that a test asks for are imported
from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import orjson
from starlette.testclient import TestClient

from service.app import create_app
from service.readers.elastic import ElasticLibrary
from tests.corpus import random_articles
from tests.nodes import corpora, direct, on_server  # noqa: F401 - fixtures
from tests.proxy import Answer, Asked, Pass, proxy
from tests.test_store import build


def test_many_are_answered_at_the_same_time(on_server):
    settings = on_server()
    build(settings, random_articles(1, 20))
    together = Barrier(20)

    def rule(asked: Asked, onward: Pass) -> Answer:
        if "_msearch" in asked.path:
            together.wait(20)
        return onward()

    with proxy(settings.engine, rule) as between, ThreadPoolExecutor(20) as pool:
        behind = settings.model_copy(update={"engine": between.url, "timeout": 30.0})
        with TestClient(create_app(behind)) as client:
            found = list(pool.map(client.get, ["/api/v1/search"] * 20))
    assert [response.status_code for response in found] == [200] * 20


def test_only_the_hits_are_ranked_across_shards(on_server):
    settings = on_server()
    build(settings, random_articles(1, 20))
    parts: list[dict[str, Any]] = []

    def rule(asked: Asked, onward: Pass) -> Answer:
        if "_msearch" in asked.path:
            parts.extend(orjson.loads(line) for line in asked.body.splitlines())
        return onward()

    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        with TestClient(create_app(behind)) as client:
            client.get("/api/v1/search?q=大走&year=2012&year=unknown")
    assert len(parts[::2]) == 3  # the hits, the years, and how many articles have the term
    assert [part.get("search_type") for part in parts[::2]] == ["dfs_query_then_fetch", None, None]
    assert [bool(part["size"]) for part in parts[1::2]] == [True, False, False]


def test_an_index_that_goes_while_it_is_looked_up_does_not_come_back(on_server, direct):
    settings = on_server()
    _, old = build(settings, random_articles(1, 3))
    seen, later = Event(), Event()

    def rule(asked: Asked, onward: Pass) -> Answer:
        answer = onward()
        if asked.path.startswith(f"/{settings.name}") and not seen.is_set():
            seen.set()
            later.wait(10)
        return answer

    async def look(library: ElasticLibrary) -> None:
        first = asyncio.create_task(library.reader())
        await asyncio.to_thread(seen.wait, 60)
        _, new = await asyncio.to_thread(build, settings, random_articles(1, 4))
        await asyncio.to_thread(direct.request, "DELETE", old.name)
        await library.forget()
        assert (await library.reader()).record == new
        later.set()
        assert (await first).record == old
        assert (await library.reader()).record == new
        await library.close()

    with proxy(settings.engine, rule) as between:
        asyncio.run(look(ElasticLibrary(settings.model_copy(update={"engine": between.url}))))
