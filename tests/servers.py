"""Real search servers for tests, told by ELASTICSEARCH_URL and OPENSEARCH_URL; without them tests skip.

Import the fixtures that a test asks for: `elasticsearch`, `opensearch`, or `server`, which is each in turn.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

ELASTICSEARCH, OPENSEARCH = "ELASTICSEARCH_URL", "OPENSEARCH_URL"


class Refused(Exception):
    """A server's answer that is an error."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said[:2000]}")
        self.status = status


class Server:
    """A client of one server, over one connection. Its indexes share a random prefix, and go with `clear`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname, f"no address of a server: {url!r}"
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self.url = url.rstrip("/")
        self.prefix = f"test-{secrets.token_hex(4)}-"
        self._connection = kind(parts.hostname, parts.port, timeout=60)

    def request(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Bytes are sent as the JSON lines of `_bulk`, anything else as JSON.

        Raises Refused.
        """
        lines = isinstance(body, bytes)
        data = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        kind = "application/x-ndjson" if lines else "application/json"
        self._connection.request(method, f"/{path}", data, {"Content-Type": kind})
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise Refused(answer.status, said.decode())
        return orjson.loads(said) if said else None

    def create(self, name: str, body: dict[str, Any]) -> str:
        """The full name of a new index, of which `name` is the end."""
        self.request("PUT", f"{self.prefix}{name}", body)
        return f"{self.prefix}{name}"

    def clear(self) -> None:
        """Delete every index of this prefix, by its name: a server may refuse patterns."""
        for index in self.request("GET", f"_cat/indices/{self.prefix}*?format=json&expand_wildcards=all"):
            self.request("DELETE", index["index"])

    def close(self) -> None:
        self._connection.close()


def _connected(variable: str) -> Iterator[Server]:
    url = os.environ.get(variable)
    if not url:
        pytest.skip(f"{variable} is not set: it names the server that this test asks")
    server = Server(url)
    try:
        yield server
        server.clear()
    finally:
        server.close()


@pytest.fixture(scope="session", name="elasticsearch")
def elasticsearch_server() -> Iterator[Server]:
    yield from _connected(ELASTICSEARCH)


@pytest.fixture(scope="session", name="opensearch")
def opensearch_server() -> Iterator[Server]:
    yield from _connected(OPENSEARCH)


@pytest.fixture(
    scope="session", name="server", params=[ELASTICSEARCH, OPENSEARCH], ids=["elasticsearch", "opensearch"]
)
def each_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    yield from _connected(request.param)
