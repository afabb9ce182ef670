"""A server between a client and another, in which a test's rule says what becomes of each request."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_NOT_PASSED_ON = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    """By names in small letters."""
    body: bytes

    @property
    def bulk(self) -> bool:
        return self.path.partition("?")[0].endswith("/_bulk")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


Pass = Callable[..., Answer]
Rule = Callable[[Asked, Pass], Answer | None]
"""Gives the answer to a request: its own, or that of the server, which the second argument asks, with
another body where it is given one. None hangs up without an answer.
"""


def passed(_asked: Asked, onward: Pass) -> Answer:
    """The rule that changes nothing."""
    return onward()


class Proxy(ThreadingHTTPServer):
    """Passes requests on to the server at `target`. `rule` may be changed at any time."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, target: str, rule: Rule = passed, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port)
        self.rule = rule
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, or does not trust the certificate, is no error of the proxy's."""


@contextmanager
def proxy(target: str, rule: Rule = passed, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """A proxy that listens in a thread of its own."""
    made = Proxy(target, rule, tls)
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, body)
        answer = self.server.rule(asked, lambda body=asked.body: self._pass_on(asked, body))
        if answer is None:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if asked.method != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - named by http.server

    def _pass_on(self, asked: Asked, body: bytes) -> Answer:
        connection = HTTPConnection(*self.server.target, timeout=60)
        try:
            headers = {name: value for name, value in asked.headers.items() if name not in _NOT_PASSED_ON}
            headers.pop("authorization", None)  # the server behind asks for none
            connection.request(asked.method, asked.path, body or None, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
            return Answer(answer.status, answer.read(), kept)
        finally:
            connection.close()

    def log_message(self, format: str, *arguments: object) -> None:
        """Nobody reads it."""
