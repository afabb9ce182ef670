"""Builds on a server that die, fail, are stopped, or meet another: what is published answers on."""

# ruff: noqa: F811 - the fixtures that a test asks for are imported
from __future__ import annotations

import os
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Barrier, Event
from time import time
from typing import Any

import orjson
import pytest

from indexer.elastic.bulk import Bulk
from indexer.elastic.client import Client
from indexer.elastic.lock import ElasticLock
from indexer.stores import open_store
from mappings.errors import BuildLocked
from mappings.settings import Settings
from tests import dying
from tests.conftest import ZOUFANG
from tests.corpus import random_articles
from tests.nodes import (  # noqa: F401 - fixtures among them
    answered,
    corpora,
    direct,
    indexes,
    on_server,
    use,
    variables,
    wait_until,
    whole,
)
from tests.proxy import Answer, Asked, Pass, Proxy, proxy
from tests.servers import Server
from tests.test_faults import before, pages, small_requests  # noqa: F401 - fixtures among them
from tests.test_store import build

PAGES = 100
"""As many as `pages` holds."""


def lock_of(server: Server, settings: Settings) -> dict[str, Any] | None:
    """The document of a corpus's lock; None where it is free."""
    server.request("POST", f"{settings.name}-lock/_refresh")
    hits = server.request("GET", f"{settings.name}-lock/_search")["hits"]["hits"]
    return hits[0]["_source"] if hits else None


def assert_next_run_tidies(cli: Any, server: Server, settings: Settings, pages: Path) -> None:
    """The next run succeeds once the lock has expired, and leaves two complete indexes at the most."""
    wait_until(lambda: (run := cli("index", pages)).code != 3 or "another build" not in run.err)
    with closing(open_store(settings)) as store:
        assert indexes(server, settings.name) == [record.name for record in store.indexes()]
        assert store.surplus() == []
    assert answered(settings, "大走访")[1:] == (PAGES, PAGES)
    assert lock_of(server, settings) is None


# ---- kill -9 at each step ----------------------------------------------------------------------

NAMES = """
from elasticsearch.client import IndicesClient as Indices
from indexer.elastic import bulk
from indexer.stores.elastic import ElasticStore
from indexer.writers.elastic import ElasticWriter
"""

BEFORE_THE_SWITCH = {
    "when the lock is taken": ("index", "ElasticStore._clear = die"),
    "when the index is made": ("index", "ElasticWriter._make = then_die(ElasticWriter._make)"),
    "when a copy is made": ("update", "Indices.clone = then_die(Indices.clone)"),
    "when some are sent": ("index", "bulk.Bulk._post = then_die(bulk.Bulk._post)"),
    "before the record is written": ("index", "Indices.put_mapping = die"),
    "when the record is written": (
        "index",
        "Indices.put_mapping = then_die(Indices.put_mapping)",
    ),
    "before the alias is switched": ("update", "Indices.update_aliases = die"),
}
AFTER_THE_SWITCH = {
    "when the alias is switched": "Indices.update_aliases = then_die(Indices.update_aliases)",
    "before the oldest is removed": "ElasticStore.surplus = die",
}


def die_at(step: str, settings: Settings, *command: object) -> None:
    dying.die_at(NAMES, step, *command, env=os.environ | variables(settings))


@pytest.mark.parametrize(("way", "step"), BEFORE_THE_SWITCH.values(), ids=list(BEFORE_THE_SWITCH))
def test_a_build_killed_before_the_switch_changes_no_answer(cli, on_server, use, direct, pages, way, step):
    settings = use(on_server(lock=1.0))
    _, published = build(settings, random_articles(1, 5))
    kept, first = whole(direct, published.name), answered(settings)
    die_at(step, settings, "index", *(["--update"] if way == "update" else []), pages)
    assert answered(settings) == first
    assert whole(direct, published.name) == kept
    assert_next_run_tidies(cli, direct, settings, pages)
    assert published.name in indexes(direct, settings.name)


@pytest.mark.parametrize("step", AFTER_THE_SWITCH.values(), ids=list(AFTER_THE_SWITCH))
def test_a_build_killed_after_the_switch_is_published_whole(cli, on_server, use, direct, pages, step):
    settings = use(on_server(lock=1.0))
    build(settings, random_articles(1, 5))
    die_at(step, settings, "index", "--update", pages)
    assert answered(settings, "大走访")[1:] == (PAGES, PAGES + 5)
    assert_next_run_tidies(cli, direct, settings, pages)


# ---- signals, and failures ---------------------------------------------------------------------


class Held:
    """A rule that keeps the answers to bulk requests back until it is told to release them."""

    def __init__(self) -> None:
        self.released = Event()
        self.held = 0

    def __call__(self, asked: Asked, onward: Pass) -> Answer | None:
        answer = onward()
        if asked.bulk and not self.released.is_set():
            self.held += 1
            self.released.wait(60)
        return answer


def started(settings: Settings, between: Proxy, rule: Held, pages: Path) -> subprocess.Popen[str]:
    """A build in a process of its own, that waits for an answer in its midst."""
    behind = settings.model_copy(update={"engine": between.url})
    building = subprocess.Popen(
        [ZOUFANG, "index", pages],
        env=os.environ | variables(behind),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: rule.held or building.poll() is not None)
    assert building.poll() is None, building.communicate()
    return building


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_removes_what_it_left(on_server, direct, pages, sent):
    settings, rule = on_server(), Held()
    _, published = build(settings, random_articles(1, 5))
    with proxy(settings.engine, rule) as between:
        building = started(settings, between, rule, pages)
        assert len(indexes(direct, settings.name)) == 2
        assert lock_of(direct, settings) is not None
        building.send_signal(sent)
        rule.released.set()
        out, err = building.communicate(timeout=60)
    assert (building.returncode, out, err) == (130, "", "zoufang: interrupted\n")
    assert indexes(direct, settings.name) == [published.name]
    assert lock_of(direct, settings) is None
    assert answered(settings) == (published.name, 5, 5)


@pytest.mark.parametrize("command", [["index", "--update"], ["remove", "a1", "--yes"]], ids=" ".join)
def test_an_update_that_fails_changes_nothing(cli, on_server, use, direct, pages, command):
    settings = on_server()
    _, published = build(settings, random_articles(1, 5))
    kept = whole(direct, published.name)
    at = ""

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if asked.method != "GET" and f"/{at}" in asked.path and "-lock" not in asked.path:
            return Answer(400, orjson.dumps({"error": {"type": "no_luck", "reason": "no luck"}}))
        return onward()

    with proxy(settings.engine, rule) as between:
        use(settings.model_copy(update={"engine": between.url}))
        for at in ("_clone", "_mapping", "_bulk", "_refresh", "_search", "_settings", "_aliases"):
            run = cli(*command, *([pages] if command[0] == "index" else []))
            assert run.code in (1, 4), at
            assert run.err.count("\n") == 1, at
            assert "no_luck: no luck" in run.err, at
            assert indexes(direct, settings.name) == [published.name], at
            assert lock_of(direct, settings) is None
    assert whole(direct, published.name) == kept
    assert answered(settings) == (published.name, 5, 5)


# ---- the lock ----------------------------------------------------------------------------------


def test_a_second_build_is_refused_and_told_of_the_first(cli, on_server, use, direct, pages):
    settings, rule = use(on_server(lock=30.0)), Held()
    with proxy(settings.engine, rule) as between:
        building = started(settings, between, rule, pages)
        run = cli("index", pages)
        assert run.code == 3
        assert run.err.count("\n") == 1
        assert f"process {building.pid} on {socket.gethostname()}" in run.err
        assert "wait for it or stop it" in run.err
        assert len(indexes(direct, settings.name)) == 1
        rule.released.set()
        out, err = building.communicate(timeout=60)
    assert (building.returncode, err) == (0, ""), out
    assert answered(settings)[2] == PAGES


def test_the_lock_of_a_dead_build_is_taken_over_when_it_has_expired(cli, on_server, use, direct, pages):
    settings, rule = use(on_server(lock=30.0)), Held()
    with proxy(settings.engine, rule) as between:
        building = started(settings, between, rule, pages)
        building.kill()
        building.communicate()
        rule.released.set()
    run = cli("index", pages)
    assert run.code == 3
    assert "the lock of a dead one ends after 30 seconds" in run.err
    direct.request("POST", f"{settings.name}-lock/_update/build", {"doc": {"expires": time() - 0.1}})
    assert cli("index", pages).code == 0
    assert lock_of(direct, settings) is None
    assert len(indexes(direct, settings.name)) == 1


def test_a_build_at_work_keeps_its_lock_beyond_the_expiry(cli, on_server, use, direct, pages):
    settings, rule = use(on_server(lock=1.0)), Held()
    with proxy(settings.engine, rule) as between:
        building = started(settings, between, rule, pages)
        first = lock_of(direct, settings)
        assert first is not None
        wait_until(lambda: time() > first["expires"])
        assert cli("index", pages).code == 3
        rule.released.set()
        assert building.communicate(timeout=60)[1] == ""
    assert building.returncode == 0


def taken(server: Server, settings: Settings) -> None:
    """Somebody takes the lock over, as if its holder had been away for long."""
    other = {"owner": "other", "host": "elsewhere", "process": 7, "since": 0, "expires": time() + 30}
    server.request("PUT", f"{settings.name}-lock/_doc/build?refresh=true", other)


def freed(server: Server, settings: Settings) -> None:
    server.request("DELETE", f"{settings.name}-lock/_doc/build")


def swept(server: Server, settings: Settings) -> None:
    server.request("DELETE", f"{settings.name}-lock")


@pytest.mark.parametrize(
    ("lose", "said", "lock"),
    [
        (taken, "process 7 on elsewhere took it over", 30.0),
        (taken, "process 7 on elsewhere took it over", 0.5),
        (freed, "somebody removed it", 30.0),
        (swept, "somebody removed it", 30.0),
    ],
    ids=["taken over", "taken over, and its keeper learns it", "freed", "gone with its index"],
)
def test_a_build_that_lost_its_lock_publishes_nothing(
    cli, on_server, use, direct, pages, monkeypatch, lose, said, lock
):  # fmt: skip
    settings = use(on_server(lock=lock))
    _, published = build(settings, random_articles(1, 5))
    with monkeypatch.context() as patched:
        before(Bulk, "_post", 1, lambda: lose(direct, settings), patched)
        if lock < 1:  # its keeper learns it while articles are sent
            keeper_learns = Event()
            why = ElasticLock._why_lost

            def learning(*arguments: Any) -> str | None:
                try:
                    return why(*arguments)
                finally:
                    keeper_learns.set()

            patched.setattr(ElasticLock, "_why_lost", learning)
            original = Bulk._post

            def posting(*arguments: Any) -> Any:
                answer = original(*arguments)
                assert keeper_learns.wait(60)
                return answer

            patched.setattr(Bulk, "_post", posting)
        run = cli("index", pages)
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert f"the lock on {settings.name} in {settings.engine} was lost ({said})" in run.err
    assert indexes(direct, settings.name) == [published.name]
    assert answered(settings) == (published.name, 5, 5)
    if lose is taken:
        held = lock_of(direct, settings)
        assert held is not None
        assert held["owner"] == "other"
        freed(direct, settings)
    assert cli("index", pages).code == 0


def at_once(settings: Settings, builds: int) -> list[str]:
    """What becomes of several that want the lock at the same time."""
    all_asked, ends = Barrier(builds), Barrier(builds)

    def wanting(_: int) -> str:
        with closing(Client(settings)) as client:
            all_asked.wait(60)
            try:
                with ElasticLock(client, settings):
                    ends.wait(60)
                    return "got it"
            except BuildLocked as error:
                ends.wait(60)
                return str(error)

    with ThreadPoolExecutor(builds) as pool:
        return list(pool.map(wanting, range(builds)))


def test_of_several_that_want_a_lock_one_gets_it(on_server, direct):
    settings = on_server(lock=30.0)
    for _ in range(2):  # its index is not there at first
        said = at_once(settings, 4)
        assert said.count("got it") == 1
        assert lock_of(direct, settings) is None


def test_of_two_that_take_over_an_expired_lock_one_gets_it(on_server, direct, monkeypatch):
    settings = on_server(lock=30.0)
    with closing(Client(settings)) as client, ElasticLock(client, settings):
        pass
    old = {"owner": "dead", "host": "elsewhere", "process": 7, "since": 0, "expires": time() - 1}
    direct.request("PUT", f"{settings.name}-lock/_doc/build?refresh=true", old)
    both_have_read, writes, write = Barrier(2), count(), ElasticLock._write

    def meeting(lock: ElasticLock) -> None:
        if next(writes) < 2:
            both_have_read.wait(60)
        write(lock)

    monkeypatch.setattr(ElasticLock, "_write", meeting)
    said = at_once(settings, 2)
    assert said.count("got it") == 1
    (refused,) = [line for line in said if line != "got it"]
    assert "was faster; run this again" in refused
    assert lock_of(direct, settings) is None
