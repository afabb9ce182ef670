"""A server that dies, is away, or is slow: a build waits for it or fails whole, a search says so."""

# ruff: noqa: F811 - the fixtures that a test asks for are imported
from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from starlette.testclient import TestClient

from indexer.elastic.bulk import Bulk
from indexer.stores import open_store
from indexer.stores.elastic import ElasticStore
from mappings.settings import Settings
from service.app import create_app
from tests.conftest import ZOUFANG, lines, problem
from tests.corpus import random_articles
from tests.nodes import (  # noqa: F401 - fixtures among them
    Node,
    answered,
    corpora,
    direct,
    indexes,
    node,
    on_server,
    own_name,
    snapshot,
    use,
    wait_until,
)
from tests.proxy import Answer, Asked, Pass, proxy
from tests.servers import Server
from tests.test_store import build, held, remove, update

TEXT = "民警在大走访活动中走进村民家里，听取意见，办好第{}件事。"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.jsonl"
    path.write_bytes(lines({"id": f"n{number}", "text": TEXT.format(number)} for number in range(100)))
    return path


@pytest.fixture
def small_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has few articles go in one request, so that a small build has many of them, with short pauses."""
    monkeypatch.setattr("indexer.elastic.client._LONGEST_PAUSE", 0.5)
    monkeypatch.setattr("indexer.elastic.bulk.REQUEST_BYTES", 10_000)


def before(owner: type, name: str, call: int, act: Callable[[], None], monkeypatch: Any) -> None:
    """Have something happen just before a method is called for the so-manyeth time."""
    calls, original = count(1), getattr(owner, name)

    def acting(*arguments: Any, **options: Any) -> Any:
        if next(calls) == call:
            act()
        return original(*arguments, **options)

    monkeypatch.setattr(owner, name, acting)


# ---- a server that is killed -------------------------------------------------------------------

MOMENTS = {
    "while articles are sent": (Bulk, "_post", 3),
    "while an update looks for what is held": (ElasticStore, "get", 1),
}


@pytest.mark.usefixtures("small_requests")
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=list(MOMENTS))
def test_a_build_waits_for_a_server_that_was_killed(node, own_name, tmp_path, monkeypatch, moment):
    settings = Settings(data=tmp_path, name=own_name, engine=node.url, lock=30, patience=60)
    articles = list(random_articles(1, 200))
    build(settings, articles[:50])
    comes_back = Thread(target=node.start)

    def die() -> None:
        node.kill()
        comes_back.start()

    before(*moment, die, monkeypatch)
    try:
        account, record = update(settings, articles)
    finally:
        comes_back.join()
    assert (account.read, account.indexed, account.duplicates, account.rejected) == (200, 150, 50, 0)
    assert record is not None
    found = held(settings)
    assert found.keys() == {article.id for article in articles}
    assert (record.articles, record.snapshot) == (200, snapshot(found.values()))
    assert record.snapshot == build(Settings(data=tmp_path / "rebuilt"), articles)[1].snapshot


@pytest.mark.usefixtures("small_requests")
def test_a_build_that_cannot_wait_fails_whole(node, own_name, cli, pages, tmp_path, use, monkeypatch):
    settings = use(Settings(data=tmp_path / "data", name=own_name, engine=node.url, lock=1, patience=0.5))
    build(settings, random_articles(1, 20))
    first = answered(settings)
    with monkeypatch.context() as patched:
        before(Bulk, "_post", 2, node.kill, patched)
        run = cli("index", pages)
    assert (run.code, run.out) == (4, "")
    assert run.err.startswith(f"zoufang: {node.url} cannot be reached: ")
    assert run.err.count("\n") == 1
    node.start()
    server = Server(node.url)
    try:
        server.request("GET", "_cluster/health?wait_for_status=yellow&timeout=60s")
        assert answered(settings) == first
        assert len(indexes(server, own_name)) == 2
        run = cli("index", pages)
        assert run.account == (100, 100, 0, 0), run.err
        assert answered(settings)[2] == 100
        with closing(open_store(settings)) as store:
            assert indexes(server, own_name) == [record.name for record in store.indexes()]
    finally:
        server.close()


# ---- a server that is away ---------------------------------------------------------------------

COMMANDS = [
    ["index"],
    ["index", "--update"],
    ["reindex"],
    ["reindex", "--if-needed"],
    ["status"],
    ["search", "大走访"],
    ["remove", "n1", "--yes"],
    ["remove", "n1", "--undo"],
    ["rollback", "--yes"],
    ["prune", "--yes"],
]


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{kept.getsockname()[1]}"


def assert_refuses(cli: Any, command: list[str], pages: Path, settings: Settings, said: str) -> None:
    """A command ends with 4 and one line that says this, having made nothing."""
    run = cli(*command, *([pages] if command[0] == "index" else []))
    assert (run.code, run.out) == (4, "")
    assert run.err.count("\n") == 1
    assert run.err.startswith(f"zoufang: {settings.engine}")
    assert said in run.err
    assert not settings.data.exists()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_server_that_is_away_is_told_at_once(cli, nobody, pages, tmp_path, use, command):
    settings = use(Settings(data=tmp_path / "data", engine=nobody))
    assert_refuses(cli, command, pages, settings, "cannot be reached")


def test_the_service_says_that_the_server_is_away(nobody, tmp_path, caplog):
    with TestClient(create_app(Settings(data=tmp_path / "data", engine=nobody))) as client:
        assert_unavailable(client, caplog, f"{nobody} cannot be reached")
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_away_is_told_in_the_log_of_the_service(nobody, tmp_path, workers):
    command = [ZOUFANG, "serve", "--port", "0", "--data", tmp_path / "data", "--workers", str(workers)]
    environment = os.environ | {"ZOUFANG_ENGINE": nobody}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        with pytest.raises(HTTPError) as answered:
            urlopen(serving.stdout.readline().split()[3] + "readyz", timeout=60)
        answered.value.close()
        serving.terminate()
        said = serving.communicate(timeout=60)[1]
    assert answered.value.code == 503
    assert re.fullmatch(rf"WARNING: +engine-unavailable: {nobody} cannot be reached: .*\n", said)


def assert_unavailable(client: TestClient, caplog: Any, said: str, most: int = 3) -> None:
    """Visitors are told to come back, those who run the service what is wrong."""
    caplog.clear()
    told = "the search engine does not answer; try again in a moment"
    paths = ("/api/v1/search?q=大", "/api/v1/articles/a1", "/readyz")
    pages = ("/?q=大", "/articles/a1")
    for path in paths[:most]:
        response = client.get(path)
        body = problem(response, 503)
        assert body["type"] == "/problems/engine-unavailable"
        assert body["detail"] == told
        assert int(response.headers["Retry-After"]) > 0
    for path in pages[:most]:
        response = client.get(path)
        assert response.status_code == 503
        assert response.headers["content-type"].startswith("text/html")
        assert told in response.text
        assert client.app.state.settings.engine not in response.text
        assert int(response.headers["Retry-After"]) > 0
    logged = [record for record in caplog.records if record.name == "zoufang"]
    assert len(logged) == len(paths[:most]) + len(pages[:most])
    assert all(said in record.message and record.exc_info is None for record in logged)


# ---- a server that is slow ---------------------------------------------------------------------


class Slow:
    """A rule that keeps all answers back while `slow` is set."""

    def __init__(self) -> None:
        self.slow = Event()
        self.quick = Event()
        self.held = 0

    def __call__(self, _asked: Asked, onward: Pass) -> Answer | None:
        if self.slow.is_set():
            self.held += 1
            self.quick.wait(60)
        return onward()

    def relent(self) -> None:
        self.slow.clear()
        self.quick.set()


def test_a_slow_server_is_told_and_answers_again(on_server, caplog):
    slow = Slow()
    settings = on_server()
    build(settings, random_articles(1, 20))
    with proxy(settings.engine, slow) as between, ThreadPoolExecutor() as pool:
        behind = Settings(data=settings.data, name=settings.name, engine=between.url, timeout=1)
        with TestClient(create_app(behind)) as client:
            assert client.get("/api/v1/search").json()["total"] == 20
            slow.slow.set()
            try:
                waiting = pool.submit(client.get, "/api/v1/search")
                wait_until(lambda: slow.held)
                assert client.get("/healthz").json() == {"status": "ok"}
                assert problem(waiting.result(), 503)["type"] == "/problems/engine-unavailable"
                assert_unavailable(client, caplog, "did not answer in time", 1)
            finally:
                slow.relent()
            assert client.get("/api/v1/search").json()["total"] == 20
            assert client.get("/?q=").status_code == 200


def test_many_who_wait_for_a_slow_server_do_not_wait_for_each_other(on_server):
    slow = Slow()
    settings = on_server()
    build(settings, random_articles(1, 20))
    with proxy(settings.engine, slow) as between, ThreadPoolExecutor(20) as pool:
        behind = Settings(data=settings.data, name=settings.name, engine=between.url, timeout=1)
        with TestClient(create_app(behind)) as client:
            slow.slow.set()
            try:
                began = monotonic()
                found = list(pool.map(client.get, ["/api/v1/search"] * 20))
                assert monotonic() - began < 10  # one after the other would take 20 seconds
            finally:
                slow.relent()
            assert {response.status_code for response in found} == {503}


@pytest.mark.usefixtures("small_requests")
@pytest.mark.parametrize("way", ["dropped", "slow"])
def test_an_answer_that_does_not_come_counts_nothing_twice(on_server, monkeypatch, way):
    released, seen = Event(), set[bytes]()

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        answer = onward()
        if not asked.bulk or asked.body in seen or (way == "slow" and seen):
            return answer
        seen.add(asked.body)  # what was asked is done, but nobody learns it
        if way == "slow":
            released.wait(60)
        return None

    monkeypatch.setattr("indexer.elastic.client.Client.__init__.__defaults__", (3.0,))
    settings = on_server(patience=60, lock=30)
    articles = [replace(article, group=f"g{article.id}") for article in random_articles(2, 120)]
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        account, record = build(behind, articles)
        assert (account.read, account.indexed, account.rejected) == (120, 120, 0)
        assert (record.articles, record.snapshot) == (120, snapshot(held(settings).values()))
        record = remove(behind, *[f"a{number}" for number in range(60)])
        released.set()
    assert record.articles == 60
    assert record.snapshot == snapshot(held(settings).values())
    assert held(settings).keys() == {f"a{number}" for number in range(60, 120)}


def test_a_publication_of_which_nobody_learns_in_time_is_not_undone(on_server, direct):
    """The server is asked to publish, does not answer, and does it only after it was asked whether it had."""
    settings = on_server()
    kept: list[Pass] = []

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if asked.path.startswith("/_aliases"):
            kept.append(onward)
            return None
        if asked.method == "DELETE" and kept and f"{settings.name}-v" in asked.path:
            kept.pop()()
        return onward()

    build(settings, random_articles(1, 3))
    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        with pytest.raises(Exception, match="could not be published"):
            build(behind, random_articles(1, 5))
    while kept:
        kept.pop()()
    with closing(open_store(settings)) as store:
        assert store.published().articles == 5
    assert len(held(settings)) == 5
    build(settings, random_articles(1, 4))
    assert len(held(settings)) == 4
