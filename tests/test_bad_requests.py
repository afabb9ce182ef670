"""Bad requests: a clear problem or a sensible answer, on the API and on the page, never a traceback."""

from __future__ import annotations

import string
import subprocess
from http.client import HTTPConnection
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from mappings.settings import Settings
from service.app import create_app
from tests.conftest import ZOUFANG, Failing, problem

NASTY = {
    "nothing but punctuation": "。，、！？“”（）【】…—·",
    "nothing but ASCII punctuation": string.punctuation,
    "a quote alone": '"',
    "quotes around nothing": '""',
    "quotes that do not close": '"“「『',
    "operators alone": '- -- -"" | ( ) ~ * ?',
    "white space": " \u3000\t\n",
    "control characters": "\x01\x02\x1b[\x7f\x9f",
    "a null character": "\0",
    "directions and joiners": "\u202e\u200b\u200d\ufeff",
    "private use": "\ue000\U000f0000",
    "noncharacters": "\ufffe\uffff\U0010ffff",
}
TEXTUAL = {
    "combining marks": "\u0301" * 50,
    "control characters within": "大\x01走\x1b访",
    "a null character within": "大走访\0",
    "2,000 characters": "走" * 2000,
    "as many digits": "9" * 2000,
    "64 terms": " ".join(f"走{number}" for number in range(64)),
    "64 excluded terms": " ".join(f"-走{number}" for number in range(64)),
    "markup": "<script>alert(1)</script>",
    "a query of another engine": "title:大走访 AND (body:[a TO b] OR *:*)~2^3",
    "a regular expression": "(大|走)+.*[访",
    "SQL": "'; DROP TABLE articles; --",
    "emoji": "🙂走",
    "an unpaired surrogate": "走\ud800访",
}


def search(client, query: str = "", **parameters):
    """The answer of the API; the text goes as bytes, so that anything can be sent."""
    sent = [("q", query), *parameters.items()]
    joined = "&".join(f"{name}={quote(str(value).encode('utf-8', 'surrogatepass'))}" for name, value in sent)
    return client.get(f"/api/v1/search?{joined}")


# ---- queries -----------------------------------------------------------------------------------


@pytest.mark.parametrize("query", NASTY.values(), ids=list(NASTY))
def test_a_query_with_nothing_to_find_finds_nothing_and_says_so(client, query):
    response = search(client, query)
    assert response.status_code == 200
    answer = response.json()
    everything = search(client).json()["total"]
    if query.strip():
        assert (answer["total"], answer["hits"], answer["query"]["terms"]) == (0, [], [])
        assert answer["query"]["notes"]
    else:
        assert answer["total"] == everything


@pytest.mark.parametrize("query", TEXTUAL.values(), ids=list(TEXTUAL))
def test_whatever_holds_a_word_is_searched_as_text(client, query):
    answer = search(client, query).json()
    assert answer["query"]["terms"]
    assert len(answer["hits"]) == min(answer["total"], 20)


@pytest.mark.parametrize("query", [*NASTY.values(), *TEXTUAL.values()], ids=[*NASTY, *TEXTUAL])
def test_the_page_answers_the_same_queries(client, query):
    response = client.get(f"/?q={quote(query.encode('utf-8', 'surrogatepass'))}")
    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_transparent_characters_within_a_query_do_not_matter(client):
    plain = search(client, "大走访").json()
    assert plain["total"] > 0
    for query in ("大\x01走\x1b访", "“大”走访\0", "大\u200b走·访", "\ufeff大走访"):
        assert search(client, query).json()["total"] == plain["total"], query


@pytest.mark.parametrize("query", ["%FF%FE", "%E5%A4", "%ED%A0%80", "%", "%zz", "&&&q", "%00"])
def test_an_address_that_is_no_utf_8_is_no_error(client, query):
    for path in ("/api/v1/search", "/"):
        assert client.get(f"{path}?q={query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "limit"),
    [("x" * 10_000, "10,000 characters; the limit is 2,000"), ("走 " * 65, "65 terms; the limit is 64")],
    ids=["10,000 characters", "65 terms"],
)
def test_a_query_beyond_the_limits_is_refused_with_the_limit(client, query, limit):
    body = problem(search(client, query))
    assert limit in body["detail"]
    assert body["parameter"] == "q"
    page = client.get("/", params={"q": query})
    assert page.status_code == 400
    assert limit in page.text


def test_a_server_takes_a_query_that_is_far_too_long_and_tells_the_limit(samples):
    command = [ZOUFANG, "serve", "--port", "0", "--data", samples.data]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        host, port = serving.stdout.readline().split("//")[1].split("/")[0].split(":")
        connection = HTTPConnection(host, int(port), timeout=30)
        for path in ("/api/v1/search", "/"):
            connection.request("GET", f"{path}?q={quote('走' * 10_000)}")
            response = connection.getresponse()
            assert response.status == 400
            assert "10,000 characters; the limit is 2,000" in response.read().decode()
        connection.close()
        serving.terminate()


# ---- paging and other parameters ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "501"),
        ("page", "9" * 30),
        ("page", "9" * 5000),
        ("page", "one"),
        ("page", ""),
        ("size", "0"),
        ("size", "-5"),
        ("size", "201"),
        ("size", "10000"),
        ("size", "1.5"),
        ("sort", "title"),
        ("year_from", "0"),
        ("year_from", "10000"),
        ("year_to", "MMXII"),
        ("year_to", "9" * 5000),
        ("Q", "大走访"),
        ("limit", "10"),
        ("走访", "1"),
    ],
    ids=lambda value: value[:12] or "empty",
)
def test_a_parameter_that_cannot_be_is_named(client, parameter, value):
    body = problem(client.get("/api/v1/search", params={parameter: value}))
    assert body["type"] == "/problems/bad-request"
    assert body["parameter"] == parameter
    assert parameter in body["detail"]


def test_the_largest_page_and_the_last_hit_can_be_asked_for(client):
    assert search(client, size=200).status_code == 200
    assert search(client, size=200, page=50).json()["hits"] == []
    assert "narrow the search" in problem(search(client, size=200, page=51))["detail"]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "size=10000", "sort=title", "year_from=0", f"year_to={'9' * 5000}"],
    ids=lambda query: query[:20],
)
def test_the_page_tells_a_person(client, query):
    response = client.get(f"/?q=大走访&{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in response.text
    assert response.headers["content-type"].startswith("text/html")
    assert "大走访" in response.text


def test_the_page_leaves_out_parameters_that_it_does_not_know(client):
    assert client.get("/?q=大走访&utm_source=x").status_code == 200


# ---- facet values ------------------------------------------------------------------------------


@pytest.mark.parametrize("facet", ["region", "year", "campaign", "source"])
@pytest.mark.parametrize(
    "value",
    [
        "nothing-like-it",
        "999999",
        "/unknown",
        "520000/unknown/x",
        ".*",
        "[0-9]*",
        "\0",
        "\ud800",
        "unknown|.*",
    ],
    ids=ascii,
)
def test_a_facet_value_that_nothing_has_finds_nothing_and_can_be_let_go(client, facet, value):
    response = search(client, "大走访", **{facet: value})
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["total"] == 0
    assert [value["count"] for value in answer["facets"][facet]["values"] if value["selected"]] == [0]
    others = sum(value["count"] for value in answer["facets"][facet]["values"])
    assert others + answer["facets"][facet]["unknown"] > 0


@pytest.mark.parametrize("facet", ["region", "year", "campaign", "source"])
def test_facet_values_have_limits(client, facet):
    for values in (["x" * 201], [str(number) for number in range(101)]):
        assert problem(client.get("/api/v1/search", params={facet: values}))["parameter"] == facet
    assert client.get("/api/v1/search", params={facet: ["", "x", "x", " "]}).json()["total"] == 0


# ---- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "id", ["none", "%00", "%FF", "..%2F..%2Fcurrent", "x" * 60_000, "%F0%9F%99%82", "a%0Ab", "%E5%A4"]
)
def test_an_article_that_is_not_there_is_not_found(client, id):
    assert problem(client.get(f"/api/v1/articles/{id}"), 404)["type"] == "/problems/not-found"
    assert client.get(f"/articles/{id}").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/search", "/api/", "/api/v1/articles"])
def test_an_unknown_address_of_the_api_is_a_problem(client, path):
    assert problem(client.get(path), 404)


@pytest.mark.parametrize(
    "path", ["/nothing", "/static/../../app.py", "/static/%2e%2e/%2e%2e/app.py", "/static/"]
)
def test_an_unknown_address_elsewhere_is_a_page(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_there_is_nothing_to_write_to(client, method):
    assert problem(client.request(method, "/api/v1/search"), 405)


# ---- without an index --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/readyz", "/api/v1/search", "/api/v1/articles/x"])
def test_before_anything_is_published_the_service_says_what_to_do(settings: Settings, path):
    with TestClient(create_app(settings)) as client:
        body = problem(client.get(path), 503)
        assert body["type"] == "/problems/no-index"
        assert "zoufang index" in body["detail"]
        assert client.get("/healthz").status_code == 200
        assert client.get("/").status_code == 503


def test_an_error_that_nobody_foresaw_shows_no_traceback(settings: Settings):
    library = Failing(RuntimeError("secret"))
    with TestClient(create_app(settings, library), raise_server_exceptions=False) as client:
        for path in ("/api/v1/search", "/"):
            response = client.get(path)
            assert response.status_code == 500
            assert "secret" not in response.text
            assert "Traceback" not in response.text


# ---- the command -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["走" * 10_000], 2, "the limit is 2,000"),
        (["", "--page", "0"], 2, "page counts from 1"),
        (["", "--size", "10000"], 2, "size must lie between 1 and 200"),
        (["", "--sort", "title"], 2, "sort must be one of"),
        (["", "--page", "one"], 2, "'--page'"),
        (["--limit", "5"], 2, "No such option"),
    ],
    ids=["10,000 characters", "page 0", "size 10,000", "sort", "page one", "unknown option"],
)
def test_the_command_refuses_the_same(cli, samples, arguments, code, message):
    run = cli("search", *arguments, "--data", samples.data)
    assert (run.code, run.out) == (code, "")
    assert message in run.err


@pytest.mark.parametrize("query", [*NASTY.values(), *TEXTUAL.values()], ids=[*NASTY, *TEXTUAL])
def test_the_command_answers_any_query(cli, samples, query):
    run = cli("search", "--data", samples.data, "--", query)
    assert run.code == 0
    assert " articles\n" in run.out
