"""The engines that a contract is held against: a test that asks for `engine` runs on each of them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.article import Article
from mappings.settings import EMBEDDED, Settings
from tests.corpus import Asked, index
from tests.servers import ELASTICSEARCH, Server

EACH = [EMBEDDED, "elasticsearch"]
OnEngine = Callable[..., Settings]


class Corpora:
    """Makes settings for corpora of their own on one engine, and removes what they leave on a server."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._names: list[str] = []
        self._url = os.environ.get(ELASTICSEARCH)
        if engine != EMBEDDED and not self._url:
            pytest.skip(f"{ELASTICSEARCH} is not set: it names the server that this test asks")

    def settings(self, data: Path, **given: Any) -> Settings:
        if self.engine == EMBEDDED:
            return Settings(data=data, **given)
        name = f"t{secrets.token_hex(5)}"
        self._names.append(name)
        return Settings(**{"data": data, "name": name, "engine": self._url, "lock": 5.0} | given)

    def clear(self) -> None:
        if self._names:
            assert self._url
            server = Server(self._url)
            for name in self._names:
                server.prefix = name
                server.clear()
            server.close()
            self._names.clear()


@pytest.fixture(scope="session", params=EACH)
def engine(request: pytest.FixtureRequest) -> Iterator[Corpora]:
    corpora = Corpora(request.param)
    yield corpora
    corpora.clear()


class Shelf:
    """Indexes that tests only read, each made when it is first asked for."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._corpora: dict[str, Corpora] = {}
        self._made: dict[tuple[str, str], tuple[Settings, Asked]] = {}

    def put(self, name: str, articles: Iterable[Article], engine: str, shards: int = 1) -> Asked:
        """A reader of the index of that name on an engine; of these articles, if it is yet to be made."""
        key = f"{name}-{shards}", engine
        if key not in self._made:
            corpora = self._corpora.setdefault(engine, Corpora(engine))
            settings = corpora.settings(self._data / "-".join(key), shards=shards)
            self._made[key] = settings, index(settings, articles)
        return self._made[key][1]

    def settings(self, name: str, engine: str, shards: int = 1) -> Settings:
        """Where an index is that has been put here."""
        return self._made[f"{name}-{shards}", engine][0]

    def clear(self) -> None:
        for _, asked in self._made.values():
            asked.close()
        for corpora in self._corpora.values():
            corpora.clear()


@pytest.fixture(scope="session", name="shelf")
def one_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    made = Shelf(tmp_path_factory.mktemp("shelf"))
    try:
        yield made
    finally:
        made.clear()


@pytest.fixture
def on_engine(engine: Corpora, tmp_path: Path) -> Iterator[OnEngine]:
    """Gives the settings of a corpus of its own on the engine of the test, which goes with the test: a
    server holds the tables of every index in its memory.
    """

    def settings(**given: Any) -> Settings:
        return engine.settings(tmp_path / "data", **given)

    yield settings
    engine.clear()
