"""Settings that make no sense are refused in one line, in which no secret is; the others are used."""

from __future__ import annotations

from base64 import b64encode

import pytest
from elasticsearch import AsyncElasticsearch, Elasticsearch

from mappings.connection import options
from mappings.errors import SettingsError
from mappings.settings import Settings, load_settings

SECRET = "hunter2"

ADDRESSES = {
    "a query": "http://localhost:9200?x=1",
    "an empty query": "http://localhost:9200/?",
    "a fragment": "https://localhost:9200#f",
    "a port of letters": "http://localhost:abc",
    "a port that is too large": "http://localhost:99999",
    "port 0": "http://localhost:0",
    "a space": "http://a b:9200",
    "a line break": "http://a\nb:9200",
    "an open bracket": "http://[::1",
    "no scheme": "localhost:9200",
    "another scheme": "ftp://localhost:9200",
    "no host": "http://:9200",
    "nothing after a comma": "http://localhost:9200,",
    "a user": f"http://lucy:{SECRET}@localhost:9200",
    "a password with a slash": f"http://lucy:{SECRET}/{SECRET}@localhost:9200",
    "a password with a mark": f"http://lucy:1{SECRET}?{SECRET}@localhost:9200",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=list(ADDRESSES))
def test_what_is_no_address_of_a_server_is_refused(cli, monkeypatch, address):
    monkeypatch.setenv("ZOUFANG_ENGINE", address)
    run = cli("status")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("zoufang: settings (ZOUFANG_* variables or options): engine: ")
    assert run.err.count("\n") == 1
    assert SECRET not in run.err


@pytest.mark.parametrize("address", ["http://a%20b:9200/x", "http://[zz]", "http://" + "字" * 70])
def test_what_the_client_cannot_use_ends_in_one_line(cli, monkeypatch, address):
    monkeypatch.setenv("ZOUFANG_ENGINE", address)
    run = cli("status")
    assert run.code in (2, 4)
    assert run.err.startswith("zoufang: ")
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    ("engine", "node"),
    [
        ("https://search.example", ("https", "search.example", 443, "")),
        ("http://127.0.0.1/", ("http", "127.0.0.1", 80, "")),
        ("http://[::1]:9201", ("http", "::1", 9201, "")),
        ("HTTPS://search.example/below/", ("https", "search.example", 443, "/below")),
    ],
)
def test_an_address_without_a_port_means_that_of_its_scheme(engine, node):
    (config,) = options(Settings(engine=engine), 1)["hosts"]
    assert (config.scheme, config.host, config.port, config.path_prefix) == node


def authorization(**given: str) -> str:
    """The header that a client sends which is made with these settings."""
    client = Elasticsearch(**options(Settings(engine="https://localhost:9200", **given), 1))
    return str(client._headers["authorization"])


def test_white_space_around_a_key_is_left_out():
    assert authorization(api_key=" c2VjcmV0OmtleQ==\r\n") == "ApiKey c2VjcmV0OmtleQ=="


def test_a_password_may_have_any_letters():
    for user, password in (("lucy", "hunter two"), ("露西", "密碼: é")):
        header = authorization(user=user, password=password)
        assert header == "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"api_key": f"{SECRET}\n{SECRET}"}, "api_key"),
        ({"api_key": f"{SECRET}密"}, "api_key"),
        ({"api_key": f"{SECRET}\udcff"}, "api_key"),
        ({"api_key": "\n"}, "api_key"),
        ({"user": "lucy:anna", "password": SECRET}, "user"),
        ({"user": "lucy\n", "password": SECRET}, "user"),
        ({"user": "lucy", "password": f"{SECRET}\n"}, "password"),
        ({"user": "lucy", "password": f"{SECRET}\udcff"}, "password"),
    ],
    ids=ascii,
)
def test_what_cannot_sign_in_is_refused_and_not_shown(given, named):
    with pytest.raises(SettingsError) as refused:
        load_settings(engine="https://localhost:9200", **given)
    assert f": {named}: " in str(refused.value)
    assert str(refused.value).count("\n") == 0
    assert SECRET not in str(refused.value) + str(refused.value.__cause__)


def test_the_service_asks_a_node_for_more_at_a_time_than_a_build_does():
    settings = Settings(engine="http://localhost:9200,http://localhost:9201")
    for kind, given, most in ((Elasticsearch, (), 10), (AsyncElasticsearch, (64,), 64)):
        nodes = kind(**options(settings, 1, *given)).transport.node_pool.all()
        assert [node.config.connections_per_node for node in nodes] == [most, most]
