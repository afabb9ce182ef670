"""Corpora on a real server, for tests of what goes wrong there; and a node of a test's own, to be killed.

Import the fixtures that a test asks for: `on_server`, or `node` for a server that may be killed.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from mappings.record import SnapshotHash
from mappings.settings import Settings
from service.app import create_app
from tests.conftest import problem
from tests.corpus import SHARED
from tests.engines import Corpora, OnEngine
from tests.servers import ELASTICSEARCH, Server

SCRIPT = SHARED / "servers" / "node.sh"


class Node:
    """An Elasticsearch of its own, which can be killed and comes back at the same address with its data."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._ports = home / "logs" / "http.ports"
        self._address = "127.0.0.1:0"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self._address}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._home.mkdir(parents=True, exist_ok=True)
        self._ports.unlink(missing_ok=True)
        with (self._home / "said").open("wb") as said:
            self._process = subprocess.Popen(
                [SCRIPT, "elasticsearch", self._home, self._address.rpartition(":")[2]],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=os.environ | {"SEARCH_HEAP": "512m"},
            )
        wait_until(lambda: self._ports.exists() and self._ports.read_text("utf-8").strip(), self._lives)
        self._address = self._ports.read_text("utf-8").split()[0]

    def _lives(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            said = (self._home / "said").read_text("utf-8", "replace")
            pytest.fail(f"the node ended with {self._process.returncode}: {said[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    if not os.environ.get(ELASTICSEARCH) or not SCRIPT.exists():
        pytest.skip(f"needs {ELASTICSEARCH} and the script that starts a node of one's own")
    made = Node(tmp_path_factory.mktemp("node"))
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def corpora() -> Iterator[Corpora]:
    made = Corpora("elasticsearch")
    yield made
    made.clear()


@pytest.fixture
def on_server(corpora: Corpora, tmp_path: Path) -> Iterator[OnEngine]:
    """Gives the settings of a corpus of its own on the server that ELASTICSEARCH_URL names; it goes with
    the test.
    """

    def settings(**given: Any) -> Settings:
        return corpora.settings(given.pop("data", tmp_path / "data"), **given)

    yield settings
    corpora.clear()


@pytest.fixture
def own_name() -> str:
    """The name of a corpus that nobody else has."""
    return f"t{secrets.token_hex(5)}"


@pytest.fixture
def direct(corpora: Corpora) -> Iterator[Server]:
    """The server itself, asked without zoufang."""
    server = Server(os.environ[ELASTICSEARCH])
    yield server
    server.close()


def variables(settings: Settings) -> dict[str, str]:
    """The environment in which a command has these settings."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {
        f"ZOUFANG_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in given.items()
    }


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], Settings]:
    """Puts settings in the environment, for the commands of this process."""

    def put(settings: Settings) -> Settings:
        for name, value in variables(settings).items():
            monkeypatch.setenv(name, value)
        return settings

    return put


def wait_until(condition: Callable[[], Any], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Return when a condition holds; a minute is far more than any of them needs."""
    deadline = monotonic() + 60
    while not condition():
        meanwhile()
        assert monotonic() < deadline, "what a test waits for did not come"
        sleep(0.005)


def indexes(server: Server, name: str) -> list[str]:
    """The names of all indexes of a corpus on a server, but that of its lock."""
    listed = server.request("GET", f"_cat/indices/{name}-*?format=json&expand_wildcards=all&h=index")
    return sorted(found["index"] for found in listed if found["index"] != f"{name}-lock")


def whole(server: Server, *names: str) -> dict[str, Any]:
    """All that there is to an index: its settings, mapping and aliases, and its documents."""
    found: dict[str, Any] = {}
    for name in names:
        server.request("POST", f"{name}/_refresh")
        hits = server.request("GET", f"{name}/_search?size=1000&version=true")["hits"]["hits"]
        documents = sorted((hit["_index"], hit["_id"], hit["_version"], str(hit["_source"])) for hit in hits)
        found[name] = (server.request("GET", name), documents)
    return found


def answered(settings: Settings, query: str = "") -> tuple[str, int, int]:
    """(name, total, articles) of what a new service finds in the published index."""
    with TestClient(create_app(settings)) as client:
        found = client.get("/api/v1/search", params={"q": query})
        assert found.status_code == 200, found.text
        ready = client.get("/readyz").json()
        assert found.json()["snapshot"] == ready["snapshot"]
        return ready["index"], found.json()["total"], ready["articles"]


def snapshot(articles: Iterable[Any]) -> str:
    """The snapshot of an index of these articles."""
    total = SnapshotHash()
    for article in articles:
        total.add(article)
    return str(total)


def unavailable(settings: Settings, kind: str) -> str:
    """What a new service says that cannot answer, for a reason of this kind."""
    with TestClient(create_app(settings)) as client:
        body = problem(client.get("/api/v1/search"), 503)
        assert body["type"] == f"/problems/{kind}"
        assert client.get("/").status_code == 503
        assert client.get("/healthz").status_code == 200
    return str(body["detail"])
