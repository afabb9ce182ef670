"""Searches go on while what they search is swapped, on each engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from time import sleep
from typing import Any

from starlette.testclient import TestClient

from indexer.stores import open_store
from mappings.settings import Settings
from service.app import create_app
from tests.conftest import lines
from tests.engines import engine, on_engine  # noqa: F401 - fixtures
from tests.nodes import wait_until

TEXT = "民警在大走访活动中走进村民家里，听取意见，办好第{}件事。"
SEARCHERS = 2


def records(count: int) -> list[dict[str, str]]:
    return [{"id": f"n{number}", "text": TEXT.format(number)} for number in range(count)]


@contextmanager
def searching(client: TestClient, seen: list[Any]) -> Iterator[Callable[[], None]]:
    """Searches in a loop, in several threads. Gives what waits until some more have ended."""
    done = Event()

    def search() -> None:
        while not done.wait(0.02):  # so that there is time to build too
            response = client.get("/api/v1/search", params={"q": "大走访", "size": 50})
            seen.append(response.json() if response.status_code == 200 else response.text)

    with ThreadPoolExecutor(SEARCHERS) as pool:
        loops = [pool.submit(search) for _ in range(SEARCHERS)]

        def wait_for_more() -> None:
            count = len(seen)
            while len(seen) < count + 3 * SEARCHERS and not any(loop.done() for loop in loops):
                sleep(0.001)

        try:
            yield wait_for_more
        finally:
            done.set()
        for loop in loops:
            loop.result()


def test_no_answer_is_mixed_or_missing_while_indexes_are_swapped(cli, on_engine, monkeypatch, tmp_path):  # noqa: F811
    settings: Settings = on_engine()
    for name in ("data", "name", "engine", "lock"):
        monkeypatch.setenv(f"ZOUFANG_{name.upper()}", str(getattr(settings, name)))
    few, more, other = (tmp_path / name for name in ("few.jsonl", "more.jsonl", "other.jsonl"))
    few.write_bytes(lines(records(3)))
    more.write_bytes(lines(records(20)))
    other.write_bytes(lines({"id": f"x{number}", "text": TEXT.format(f"{number}又")} for number in range(10)))
    steps: list[list[object]] = [
        ["index", more],
        ["reindex"],
        ["index", "--update", other],
        ["remove", "n1", "n2", "x3", "--yes"],
        ["rollback", "--yes"],
        ["index", few],
    ]
    sizes: dict[str, int] = {}

    def published() -> None:
        with closing(open_store(settings)) as store:
            record = store.published()
        sizes[record.snapshot] = record.articles

    assert cli("index", few).code == 0
    published()
    seen: list[Any] = []
    with TestClient(create_app(settings)) as client:
        with searching(client, seen) as wait_for_more:
            wait_for_more()
            for step in steps:
                run = cli(*step)
                assert run.code == 0, (step, run.err)
                published()
                wait_for_more()
        with closing(open_store(settings)) as store:
            last = store.published_name()
        wait_until(lambda: client.get("/readyz").json()["index"] == last)
    assert sorted(sizes.values()) == [3, 20, 27, 30]
    errors = [answer for answer in seen if isinstance(answer, str)]
    assert not errors
    for answer in seen:
        size = sizes[answer["snapshot"]]
        assert answer["total"] == len(answer["hits"]) == len({hit["id"] for hit in answer["hits"]}) == size
        assert answer["facets"]["year"]["unknown"] == size
        assert answer["facets"]["region"]["unknown"] == size
        assert [term["articles"] for term in answer["query"]["terms"]] == [size]
    assert {answer["total"] for answer in seen} >= {3, 20}
