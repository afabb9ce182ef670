"""Many articles for a server that is busy, refuses some, or takes its time: each arrives once, or is told."""

# ruff: noqa: F811 - the fixtures that a test asks for are imported
from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import Any

import orjson
import pytest

from indexer.elastic.bulk import AT_ONCE, Bulk, Change
from indexer.elastic.client import Client
from indexer.source import Reject
from indexer.stores import open_store
from mappings.article import Article
from mappings.errors import BuildError, EngineUnavailable
from tests.corpus import random_articles
from tests.nodes import (  # noqa: F401 - fixtures among them
    answered,
    corpora,
    direct,
    indexes,
    on_server,
    snapshot,
    variables,
    wait_until,
)
from tests.proxy import Answer, Asked, Pass, proxy
from tests.test_faults import small_requests  # noqa: F401 - a fixture
from tests.test_store import build, held, update

BUSY = {"type": "es_rejected_execution_exception", "reason": "rejected execution: queue is full"}


def articles_of(seed: int, number: int) -> list[Article]:
    return [replace(article, group=article.id) for article in random_articles(seed, number)]


def item_of(line: bytes) -> tuple[str, str]:
    """What a `_bulk` line asks for, and of which document."""
    ((action, where),) = orjson.loads(line).items()
    return action, where["_id"]


TOO_MANY = Answer(429, orjson.dumps({"error": BUSY, "status": 429}))


class Busy:
    """A rule by which the server is now and then too busy for a request, or for some of its articles."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.refused = {"requests": 0, "articles": 0}

    def __call__(self, asked: Asked, onward: Pass) -> Answer | None:
        if not asked.bulk:
            return onward()
        if self._rng.random() < 0.4:
            self.refused["requests"] += 1
            return TOO_MANY
        if self._rng.random() < 0.5:
            return onward()
        lines = asked.body.splitlines(keepends=True)
        pairs = [lines[at : at + 2] for at in range(0, len(lines), 2)]
        kept = [self._rng.random() < 0.7 for _ in pairs]
        self.refused["articles"] += kept.count(False)
        sent = b"".join(b"".join(pair) for pair, is_kept in zip(pairs, kept, strict=True) if is_kept)
        done = iter(orjson.loads(onward(sent).body)["items"] if sent else ())
        items = [
            next(done) if is_kept else {item_of(pair[0])[0]: {"status": 429, "error": BUSY}}
            for pair, is_kept in zip(pairs, kept, strict=True)
        ]
        return Answer(200, orjson.dumps({"items": items}), PRODUCT)


PRODUCT = {"content-type": "application/json", "x-elastic-product": "Elasticsearch"}


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.elastic.client._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("indexer.elastic.client._LONGEST_PAUSE", 0.05)


@pytest.mark.usefixtures("small_requests", "short_pauses")
def test_what_a_busy_server_would_not_take_is_sent_again(on_server):
    settings, rule = on_server(), Busy(1)
    articles = articles_of(1, 300)
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        account, record = build(behind, articles[:200])
        assert (account.read, account.indexed, account.rejected) == (200, 200, 0)
        account, updated = update(behind, articles)
    assert all(rule.refused.values()), rule.refused
    assert (account.read, account.indexed, account.duplicates, account.rejected) == (300, 100, 200, 0)
    found = held(settings)
    assert updated is not None
    assert (record.articles, updated.articles, len(found)) == (200, 300, 300)
    assert updated.snapshot == snapshot(found.values()) == snapshot(replace(a, first=True) for a in articles)


@pytest.mark.usefixtures("short_pauses")
@pytest.mark.parametrize("whole_requests", [True, False], ids=["requests", "articles"])
def test_a_server_that_stays_too_busy_fails_the_build(on_server, direct, whole_requests):
    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if not asked.bulk:
            return onward()
        if whole_requests:
            return TOO_MANY
        items = [{"index": {"status": 429, "error": BUSY}}] * (asked.body.count(b"\n") // 2)
        return Answer(200, orjson.dumps({"items": items}), PRODUCT)

    settings = on_server(patience=0.3)
    _, published = build(settings, articles_of(1, 5))
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        with pytest.raises((BuildError, EngineUnavailable), match=r"busy.*queue is full"):
            build(behind, articles_of(2, 20))
    assert indexes(direct, settings.name) == [published.name]
    assert answered(settings) == (published.name, 5, 5)


@pytest.mark.usefixtures("small_requests")
def test_what_the_server_will_not_take_is_told_with_its_reason(on_server):
    settings = on_server()
    articles = articles_of(3, 60)
    refused = {10, 11, 59}
    coming: list[Article | Reject] = [
        replace(article, source="某" * 11_000) if number in refused else article
        for number, article in enumerate(articles)
    ]
    coming += [articles[5], Reject("broken.txt", None, "empty")]
    account, record = build(settings, coming)
    assert (account.read, account.indexed, account.duplicates, account.rejected) == (62, 57, 1, 4)
    rejects = [orjson.loads(line) for line in (settings.data / "rejects.jsonl").read_bytes().splitlines()]
    assert {reject["file"] for reject in rejects} == {"10.txt", "11.txt", "59.txt", "broken.txt"}
    for reject in rejects:
        if reject["file"] != "broken.txt":
            assert reject["reason"].startswith("Elasticsearch would not take it: ")
            assert "facet.source" in reject["reason"]
            assert "32766" in reject["reason"]
    found = held(settings)
    assert found.keys() == {f"a{number}" for number in set(range(60)) - refused}
    assert (record.articles, record.snapshot) == (57, snapshot(found.values()))
    account, updated = update(settings, [replace(articles[0], source="某" * 11_000), articles[10]])
    assert (account.read, account.indexed, account.rejected) == (2, 1, 1)
    assert updated is not None
    assert (updated.articles, updated.snapshot) == (58, snapshot(held(settings).values()))
    assert answered(settings)[1:] == (58, 58)


def test_a_request_that_is_too_large_goes_in_halves(on_server):
    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if asked.bulk and len(asked.body) > 8_000:
            return Answer(413, b"<html>too large</html>", {"content-type": "text/html"})
        return onward()

    settings = on_server()
    articles = articles_of(5, 100)
    articles[70] = replace(articles[70], body="走" * 3_000)
    with proxy(settings.engine, rule) as between:
        account, record = build(settings.model_copy(update={"engine": between.url}), articles)
    assert (account.read, account.indexed, account.rejected) == (100, 99, 1)
    reject = orjson.loads((settings.data / "rejects.jsonl").read_bytes())
    assert (reject["file"], reject["reason"]) == (
        "70.txt", "Elasticsearch would not take it: it is larger than the server takes (413)"
    )  # fmt: skip
    found = held(settings)
    assert found.keys() == {f"a{number}" for number in range(100) if number != 70}
    assert (record.articles, record.snapshot) == (99, snapshot(found.values()))


def test_nothing_is_sent_once_the_lock_is_lost(on_server):
    sent: list[Asked] = []

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        sent.append(asked)
        return onward()

    def check() -> None:
        raise BuildError("the lock was lost")

    settings = on_server()
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        with closing(Client(behind)) as client:
            bulk = Bulk(client, f"{settings.name}-none", 1, lambda *_: None, check)
            bulk.add(Change(None, articles_of(1, 1)[0]))
            with pytest.raises(BuildError, match="the lock was lost"):
                bulk.finish()
            bulk.stop()
    assert not sent


# ---- copies of the shards ----------------------------------------------------------------------


def test_copies_that_are_under_way_are_waited_for(on_server):
    under_way = iter([2, 2, 1, 0])

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if not asked.path.startswith("/_cluster/health"):
            return onward()
        copies = next(under_way)
        body = {"timed_out": bool(copies), "initializing_shards": copies}
        return Answer(408 if copies else 200, orjson.dumps(body), PRODUCT)

    settings = on_server(replicas=1, patience=0)
    with proxy(settings.engine, rule) as between:
        build(settings.model_copy(update={"engine": between.url}), articles_of(1, 5))
    assert next(under_way, None) is None
    assert answered(settings)[1] == 5


def test_copies_that_do_not_come_up_fail_the_build(on_server, direct, monkeypatch):
    monkeypatch.setattr("indexer.writers.elastic._LOOK", 1)
    settings = on_server(patience=1)
    _, published = build(settings, articles_of(1, 5))
    with pytest.raises(BuildError, match=r"1 copies of each shard \(ZOUFANG_REPLICAS\) do not come up"):
        build(settings.model_copy(update={"replicas": 1}), articles_of(2, 8))
    assert indexes(direct, settings.name) == [published.name]
    assert answered(settings) == (published.name, 5, 5)


# ---- what is asked for -------------------------------------------------------------------------


def test_a_build_asks_once_what_is_published_until_it_publishes(on_server):
    looks: list[str] = []

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if asked.path.partition("?")[0].split("/")[1] == settings.name:
            looks.append(asked.path)
        return onward()

    settings = on_server()
    articles = articles_of(6, 60)
    _, first = build(settings, articles[:50])
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        _, second = update(behind, articles)
        assert len(looks) == 2, looks  # when it begins, and to publish in its place
        with closing(open_store(behind)) as store, store.lock():
            assert store.published() == second
            with store.writer(copy=True) as writer:
                writer.add(replace(articles[0], id="more", group="more"))
                third = writer.publish()
            assert store.published() == third
            store.publish(first.name)
            assert store.published() == first


# ---- what is held at once ----------------------------------------------------------------------


class Counting:
    """A rule that keeps bulk requests back, and counts how many are there at once."""

    def __init__(self) -> None:
        self.released = Event()
        self.at_once = self.most = 0
        self._lock = Lock()

    def __call__(self, asked: Asked, onward: Pass) -> Answer | None:
        if not asked.bulk:
            return onward()
        with self._lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        self.released.wait(60)
        answer = onward()
        with self._lock:
            self.at_once -= 1
        return answer


def test_no_more_is_held_than_a_few_requests(on_server, monkeypatch):
    size = 20_000
    monkeypatch.setattr("indexer.elastic.bulk.REQUEST_BYTES", size)
    settings, rule = on_server(), Counting()
    finished = Event()
    articles = articles_of(4, 600)
    unsent: list[int] = []
    add = Bulk.add

    def adding(bulk: Bulk, change: Any) -> None:
        add(bulk, change)
        unsent.append(bulk._bytes)
        assert len(bulk._flying) <= AT_ONCE

    monkeypatch.setattr(Bulk, "add", adding)
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})

        def building() -> None:
            try:
                build(behind, articles)
            finally:
                finished.set()

        thread = Thread(target=building)
        thread.start()
        try:
            wait_until(lambda: rule.at_once == AT_ONCE or finished.is_set())
            stopped = -1
            while stopped != len(unsent):  # it fills one more request, and then waits
                stopped = len(unsent)
                finished.wait(0.3)
            assert not finished.is_set()
            assert stopped < 600
            assert rule.most == AT_ONCE
        finally:
            rule.released.set()
            thread.join()
    assert rule.most == AT_ONCE
    assert max(unsent) < size + 5_000
    assert len(held(settings)) == 600


MEASURING = """
import resource, sys
import indexer.elastic.bulk
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from indexer.pipeline import Rejects, write_articles
from indexer.stores import open_store
from mappings.article import Article
from mappings.settings import Settings

def articles(count):
    text = "民警在大走访活动中走进村民家里，听取意见。" * 20
    for number in range(count):
        yield Article(id=f"a{number}", body=f"{number}{text}", origin="x", group=f"{number}")

indexer.elastic.bulk.REQUEST_BYTES = 400_000  # a small corpus fills the requests too
settings = Settings()
with closing(open_store(settings)) as store, store.lock(), store.writer() as writer:
    with Rejects(settings.data / "rejects.jsonl") as rejects:
        write_articles(articles(int(sys.argv[1])), writer, rejects, lambda *_: None, settings.data)
    writer.publish()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_large_corpus_needs_no_more_memory_than_a_small_one(on_server):
    settings = on_server()

    def kilobytes(number: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", MEASURING, str(number)],
            env={**variables(settings), "PATH": ""}, capture_output=True, timeout=120, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    small, large = kilobytes(2_000), kilobytes(20_000)
    assert large - small < 12_000, (small, large)  # the articles themselves are some 30,000
    assert answered(settings)[1] == 20_000
