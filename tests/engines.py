"""The engines that a contract is held against: a test that asks for `engine` runs on each of them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.settings import EMBEDDED, Settings
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


@pytest.fixture(scope="session", params=EACH)
def engine(request: pytest.FixtureRequest) -> Iterator[Corpora]:
    corpora = Corpora(request.param)
    yield corpora
    corpora.clear()


@pytest.fixture
def on_engine(engine: Corpora, tmp_path: Path) -> OnEngine:
    """Gives the settings of a corpus of its own on the engine of the test."""

    def settings(**given: Any) -> Settings:
        return engine.settings(tmp_path / "data", **given)

    return settings
