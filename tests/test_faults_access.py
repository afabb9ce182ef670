"""Signing in to a server, and trusting it: by key, by password, over https; no secret is ever shown. And
servers that are another than ours.
"""

# ruff: noqa: F811 - the fixtures that a test asks for are imported
from __future__ import annotations

import shutil
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from mappings.settings import Settings
from service.app import create_app
from tests.nodes import (  # noqa: F401 - fixtures among them
    corpora,
    direct,
    indexes,
    on_server,
    unavailable,
    use,
    variables,
)
from tests.proxy import Answer, Asked, Pass, Proxy, proxy
from tests.test_faults import COMMANDS, assert_refuses, pages  # noqa: F401 - a fixture among them

KEY, USER, PASSWORD = "c2VjcmV0OmtleQ==", "lucy", "hunter two"
BASIC = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
CANNOT_BE_USED = "the search engine cannot be used; the log says why"
SECRETS = (KEY, PASSWORD, BASIC.removeprefix("Basic "), "wrong secret")


def guarded(
    status: int = 401, accepted: tuple[str, ...] = (f"ApiKey {KEY}", BASIC)
) -> Callable[[Asked, Pass], Answer]:
    """A rule that lets nobody in but those who know a secret."""

    def rule(asked: Asked, onward: Pass) -> Answer:
        if asked.headers.get("authorization") in accepted:
            return onward()
        said = {"type": "security_exception", "reason": "unable to authenticate"}
        return Answer(status, orjson.dumps({"error": said, "status": status}))

    return rule


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificates of an authority and of localhost, and another authority's."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command, to make certificates with")
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    signing = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for name in ("ca", "other"):
        openssl(
            "req", "-x509", *new, *signing, "-subj", f"/CN={name}", "-keyout", f"{name}.key",
            "-out", f"{name}.pem",
        )  # fmt: skip
    openssl("req", *new, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", "utf-8")
    openssl(
        "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "names", "-out", "server.pem",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def door(corpora) -> Iterator[Proxy]:
    """The server behind a door that opens to those who know a secret."""
    with proxy(corpora.settings(Path()).engine, guarded()) as between:
        yield between


@pytest.fixture(scope="module")
def safe_door(corpora, authority) -> Iterator[Proxy]:
    """The same, over https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    with proxy(corpora.settings(Path()).engine, guarded(), context) as between:
        yield between


def assert_shows_no_secret(*shown: str) -> None:
    for text in shown:
        for secret in SECRETS:
            assert secret not in text


def assert_works(cli: Any, pages: Path, settings: Settings) -> None:
    for command in (["index", pages], ["index", "--update", pages], ["status"], ["search", "大走访"]):
        run = cli(*command)
        assert (run.code, run.err) == (0, ""), command
        assert_shows_no_secret(run.out)
    with TestClient(create_app(settings)) as client:
        found = client.get("/api/v1/search", params={"q": "大走访"})
        assert found.json()["total"] == 100
        shown = client.get("/", params={"q": "大走访"})
        assert shown.status_code == 200
        assert_shows_no_secret(found.text, shown.text, client.get("/readyz").text)


def test_a_key_that_was_read_from_a_file_is_good(cli, on_server, use, door, pages, monkeypatch):
    settings = use(on_server(engine=door.url, api_key=f"{KEY}\n"))
    monkeypatch.setenv("ZOUFANG_API_KEY", f"{KEY}\n")
    assert_works(cli, pages, settings)


def test_a_password_of_any_letters_is_good(cli, on_server, use, door, pages, monkeypatch):
    signed = "Basic " + b64encode("lucy:密碼 é".encode()).decode()
    monkeypatch.setattr(door, "rule", guarded(accepted=(signed,)))
    assert_works(cli, pages, use(on_server(engine=door.url, user=USER, password="密碼 é")))


WAYS: dict[str, dict[str, str]] = {
    "by key": {"api_key": KEY},
    "by password": {"user": USER, "password": PASSWORD},
}


@pytest.mark.parametrize("given", WAYS.values(), ids=list(WAYS))
def test_those_who_know_the_secret_are_let_in(cli, on_server, use, door, pages, given):
    assert_works(cli, pages, use(on_server(engine=door.url, **given)))


@pytest.mark.parametrize("given", WAYS.values(), ids=list(WAYS))
def test_over_https_the_authority_that_is_named_is_trusted(
    cli, on_server, use, safe_door, authority, pages, given
):
    assert_works(cli, pages, use(on_server(engine=safe_door.url, ca_file=authority / "ca.pem", **given)))


WRONG: dict[str, dict[str, str]] = {
    "nothing": {},
    "another key": {"api_key": "wrong secret"},
    "another password": {"user": USER, "password": "wrong secret"},
}


@pytest.mark.parametrize("given", WRONG.values(), ids=list(WRONG))
def test_those_who_do_not_are_told_what_to_check(cli, on_server, use, door, pages, caplog, given):
    settings = use(on_server(engine=door.url, **given))
    said = "does not let us in (401: security_exception: unable to authenticate); check ZOUFANG_API_KEY"
    for command in COMMANDS:
        assert_refuses(cli, command, pages, settings, said)
    assert "ZOUFANG_USER and ZOUFANG_PASSWORD" in cli("status").err
    assert unavailable(settings, "engine-refused") == CANNOT_BE_USED
    assert said in caplog.text
    assert_shows_no_secret(cli("status").err, caplog.text)


def test_what_one_may_not_do_is_told_too(cli, on_server, use, door, pages, monkeypatch):
    settings = use(on_server(engine=door.url, api_key="wrong secret"))
    monkeypatch.setattr(door, "rule", guarded(403))
    assert_refuses(cli, ["index"], pages, settings, "does not let us in (403: ")


@pytest.mark.parametrize("file", ["other.pem", None], ids=["another authority", "none of ours"])
def test_a_server_for_which_nobody_vouches_is_not_told_the_secret(
    cli, on_server, use, safe_door, authority, pages, monkeypatch, caplog, file
):
    asked: list[Asked] = []
    monkeypatch.setattr(safe_door, "rule", lambda what, onward: asked.append(what))
    given = {"ca_file": authority / file} if file else {}
    settings = use(on_server(engine=safe_door.url, api_key=KEY, **given))
    for command in COMMANDS:
        assert_refuses(cli, command, pages, settings, "does ZOUFANG_CA_FILE hold who vouches for it?")
    assert unavailable(settings, "engine-refused") == CANNOT_BE_USED
    assert_shows_no_secret(cli("status").err, caplog.text)
    assert not asked


def test_a_server_that_speaks_http_is_not_taken_for_one_of_a_wrong_certificate(
    cli, on_server, use, door, pages
):
    settings = use(on_server(engine=door.url.replace("http:", "https:"), patience=0))
    for command in (["index"], ["status"]):
        assert_refuses(cli, command, pages, settings, "; does it speak http, not https?\n")


@pytest.mark.parametrize("content", [None, "", "no certificate"], ids=["missing", "empty", "other"])
def test_a_certificate_file_that_cannot_be_read_is_told(cli, use, tmp_path, pages, content):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, "utf-8")
    settings = use(Settings(data=tmp_path / "data", engine="https://localhost:1", ca_file=file))
    for command in (["index", pages], ["status"], ["serve", "--port", "0"]):
        run = cli(*command)
        assert run.code == 2, command
        assert run.err.startswith(f"zoufang: ZOUFANG_CA_FILE: no certificates can be read from {file}: ")
        assert run.err.count("\n") == 1
    assert not settings.data.exists()


def test_a_certificate_file_is_for_https(cli, use, tmp_path, authority, pages):
    use(Settings(data=tmp_path, engine="http://localhost:1", ca_file=authority / "ca.pem"))
    for command in (["index", pages], ["status"]):
        run = cli(*command)
        assert run.code == 2
        assert run.err == "zoufang: ZOUFANG_CA_FILE is for https; http://localhost:1 is asked without\n"


def test_settings_show_no_secret():
    for given in WAYS.values():
        settings = Settings(engine="https://localhost:9200", **given)
        assert_shows_no_secret(repr(settings), str(settings), settings.model_dump_json())


# ---- a server that is another ------------------------------------------------------------------


def older(asked: Asked, onward: Pass) -> Answer:
    answer = onward()
    if asked.path.partition("?")[0] == "/":
        return replace(answer, body=answer.body.replace(b'"number":"9.', b'"number":"8.'))
    return answer


def hello(_asked: Asked, _onward: Pass) -> Answer:
    return Answer(200, b"hello", {"content-type": "text/plain"})


def page(_asked: Asked, _onward: Pass) -> Answer:
    return Answer(200, b"<html>hello</html>", {"content-type": "text/html"})


def json(_asked: Asked, _onward: Pass) -> Answer:
    return Answer(200, b'{"version": {"number": "9.1.0"}}')


OTHERS = {
    "an older version": (older, "is Elasticsearch 8."),
    "a web server": (hello, "is not Elasticsearch"),
    "a web server with a page": (page, "is not Elasticsearch"),
    "something like Elasticsearch": (json, "is not Elasticsearch"),
}


@pytest.fixture(params=OTHERS.values(), ids=list(OTHERS))
def another(request: pytest.FixtureRequest, on_server) -> Iterator[tuple[Proxy, str]]:
    rule, said = request.param
    with proxy(on_server().engine, rule) as between:
        yield between, said


def assert_is_refused(cli: Any, pages: Path, settings: Settings, said: str, caplog: Any) -> None:
    for command in COMMANDS:
        assert_refuses(cli, command, pages, settings, said)
    caplog.clear()
    assert unavailable(settings, "engine-refused") == CANNOT_BE_USED
    assert f"engine-refused: {settings.engine}" in caplog.text
    assert said in caplog.text


def test_what_is_not_elasticsearch_9_is_refused(cli, another, pages, tmp_path, use, caplog):
    between, said = another
    settings = use(Settings(data=tmp_path / "data", engine=between.url))
    assert_is_refused(cli, pages, settings, said, caplog)


def test_opensearch_is_refused(cli, opensearch, pages, tmp_path, use, caplog):
    settings = use(Settings(data=tmp_path / "data", engine=opensearch.url))
    assert_is_refused(cli, pages, settings, "is not Elasticsearch", caplog)
