"""The API: shapes, filters, links, errors."""

from __future__ import annotations

import re
import subprocess
import sys
from urllib.parse import parse_qs

import orjson
import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from mappings.errors import (
    EngineRefused,
    EngineUnavailable,
    ForeignIndex,
    IndexDamaged,
    IndexGone,
    NoIndex,
    SchemaMismatch,
    StoreError,
    ZoufangError,
)
from mappings.settings import Settings
from service.answers import Answer, ArticleAnswer
from service.app import create_app
from service.readers.base import Reader
from service.readers.embedded import EmbeddedLibrary
from tests.conftest import Failing, problem
from tests.corpus import EXAMPLES, index, random_articles, read


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    data = tmp_path_factory.mktemp("api")
    index(data, read(EXAMPLES))
    with TestClient(create_app(Settings(data=data))) as client:
        yield client


def get(client, path: str, **parameters):
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def search(client, **parameters):
    return get(client, "/api/v1/search", **parameters)


def test_an_answer_has_the_shape_that_the_openapi_document_promises(client):
    for parameters in ({}, {"q": "大走訪"}, {"q": "—"}, {"q": "大走访 -交警", "region": "unknown"}):
        TypeAdapter(Answer).validate_python(search(client, **parameters))


def test_the_query_is_told_as_it_was_read(client):
    query = search(client, q="大走訪 -交警 ——")["query"]
    assert query["text"] == "大走訪 -交警 ——"
    assert query["mode"] == "exact"
    said = [(term["text"], term["forms"], term["excluded"]) for term in query["terms"]]
    assert said == [("大走訪", ["大走访"], False), ("交警", ["交警"], True)]
    assert query["terms"][0]["articles"] == search(client, q="大走访")["total"] > 0
    assert [note["text"] for note in query["notes"]] == ["——"]


def test_both_scripts_find_the_same(client):
    one, other = search(client, q="大走访", size=50), search(client, q="大走訪", size=50)
    assert [hit["id"] for hit in one["hits"]] == [hit["id"] for hit in other["hits"]]
    scripts = {get(client, f"/api/v1/articles/{hit['id']}")["script"] for hit in one["hits"]}
    assert scripts == {"Hans", "Hant"}


def test_marks_are_places_in_the_original_text(client):
    for hit in search(client, q="大走访", size=50)["hits"]:
        article = get(client, f"/api/v1/articles/{hit['id']}")
        assert any(snippet["marks"] for snippet in hit["snippets"])
        for snippet in hit["snippets"]:
            assert snippet["text"] in article[snippet["field"]]
            for start, end in snippet["marks"]:
                assert snippet["text"][start:end] in ("大走访", "大走訪")


def test_an_empty_query_lists_everything_newest_first(client):
    answer = search(client, size=100)
    dates = [hit["date"] for hit in answer["hits"] if hit["year"]]
    assert answer["total"] == len(answer["hits"]) == 48
    assert dates == sorted(dates, reverse=True)


def test_repeated_parameters_are_or_and_different_ones_and(client):
    years = search(client, year=["2011", "2012"])
    assert {hit["year"] for hit in search(client, year=["2011", "2012"], size=50)["hits"]} == {2011, 2012}
    both = search(client, year=["2011", "2012"], region="360000")
    assert 0 < both["total"] < years["total"]


def test_a_facet_counts_as_if_nothing_of_it_were_chosen(client):
    free = search(client, q="走访")["facets"]["year"]
    chosen = search(client, q="走访", year="2012")["facets"]["year"]
    assert [(v["value"], v["count"]) for v in free["values"]] == [
        (v["value"], v["count"]) for v in chosen["values"]
    ]
    assert [v["value"] for v in chosen["values"] if v["selected"]] == ["2012"]


def nodes(values):
    for value in values:
        yield value
        yield from nodes(value["children"])


def test_the_region_tree_adds_up(client):
    answer = search(client, size=100)
    facet = answer["facets"]["region"]
    assert sum(value["count"] for value in facet["values"]) + facet["unknown"] == answer["total"]
    for node in nodes(facet["values"]):
        assert sum(child["count"] for child in node["children"]) + node["other"] in (node["count"], 0)
        assert search(client, region=node["value"])["total"] == node["count"]
    assert {len(hit["region"]) for hit in answer["hits"]} <= {0, 1, 2, 3}


@pytest.mark.parametrize("facet", ["region", "year", "campaign", "source"])
def test_unknown_selects_the_missing(client, facet):
    found = search(client, **{facet: "unknown"}, size=100)
    assert found["total"] == search(client)["facets"][facet]["unknown"]
    assert found["total"] or facet == "campaign"
    field = {"campaign": "campaigns"}.get(facet, facet)
    assert all(not hit[field] for hit in found["hits"])


def test_toggles_choose_and_let_go(client):
    first = search(client, q="走访")["facets"]["source"]["values"][0]
    there = client.get(f"/api/v1/search{first['toggle']}").json()
    assert there["total"] == first["count"]
    chosen = next(v for v in there["facets"]["source"]["values"] if v["selected"])
    assert parse_qs(chosen["toggle"][1:]) == {"q": ["走访"]}


def test_a_source_is_one_in_both_scripts(client):
    traditional = next(
        hit["source"] for hit in search(client, size=100)["hits"] if hit["source"] and "網" in hit["source"]
    )
    assert search(client, source=traditional)["total"] >= 1
    assert search(client, source=traditional)["facets"]["source"]["values"][-1]["value"] != traditional


def test_an_old_code_leads_to_the_place_of_today(client):
    assert search(client, region="533421")["total"] == search(client, region="533401")["total"] > 0


def test_years_are_taken_for_certain(client):
    hits = search(client, year_from=2011, year_to=2012, size=100)["hits"]
    assert {hit["year"] for hit in hits} == {2011, 2012}


def test_links_lead_through_the_pages(client):
    seen, link = [], "?q=%E8%B5%B0%E8%AE%BF&size=5"
    while link:
        answer = client.get(f"/api/v1/search{link}").json()
        seen += [hit["id"] for hit in answer["hits"]]
        link = answer["links"]["next"]
    assert len(seen) == len(set(seen)) == answer["total"] > 10
    assert "page=" in answer["links"]["prev"]


def test_links_end_where_pages_end(client, tmp_path):
    index(tmp_path, random_articles(1, 30))
    with TestClient(create_app(Settings(data=tmp_path, max_hit=20))) as short:
        assert search(short, size=5, page=3)["links"]["next"].endswith("page=4")
        assert search(short, size=5, page=4)["links"]["next"] is None
        assert "20" in problem(short.get("/api/v1/search", params={"size": 5, "page": 5}), 400)["detail"]


def test_the_whole_article_comes_with_the_evidence_of_its_labels(client):
    for hit in search(client, size=100)["hits"]:
        article = get(client, f"/api/v1/articles/{hit['id']}")
        TypeAdapter(ArticleAnswer).validate_python(article)
        labelled = {
            "date": hit["date"],
            "source": hit["source"],
            "region": hit["region"],
            "campaigns": hit["campaigns"],
        }
        for field, value in labelled.items():
            assert bool(value) == any(item["field"] == field for item in article["evidence"]), field
        for item in article["evidence"]:
            if item["where"] in ("title", "body"):
                assert article[item["where"]][item["start"] : item["end"]] == item["quote"]
            assert item["quote"]
            assert item["basis"] in ("stated", "inferred")


def test_ids_of_any_form_lead_to_their_article(tmp_path):
    from dataclasses import replace

    article = next(random_articles(1, 1))
    strange = ["a/b", "名 字", "?q=1", "a#b", "a&b=c", "</script>"]
    index(tmp_path, [replace(article, id=id) for id in strange])
    from urllib.parse import quote

    with TestClient(create_app(Settings(data=tmp_path))) as client:
        for id in strange:
            path = quote(id, safe="")
            assert client.get(f"/api/v1/articles/{path}").json().get("id") == id, id
            assert client.get(f"/articles/{path}").status_code == 200


def test_an_article_that_is_not_there_is_a_problem(client):
    assert "nobody" in problem(client.get("/api/v1/articles/nobody"), 404)["detail"]


def test_a_route_that_is_not_there_is_a_problem_under_api_and_a_page_elsewhere(client):
    problem(client.get("/api/v1/nothing"), 404)
    assert client.get("/nothing").headers["content-type"].startswith("text/html")


def test_a_method_that_is_not_allowed_is_a_problem(client):
    response = client.post("/api/v1/search")
    problem(response, 405)
    assert response.headers["allow"] == "GET"


def test_head_is_answered_as_get(client):
    for path in ("/", "/healthz", "/api/v1/search"):
        assert client.head(path).status_code == 200


def test_a_code_of_a_place_that_was_split_means_its_parts(client):
    chosen = parse_qs(search(client, region="341400")["links"]["self"][1:])["region"]
    assert len(chosen) > 1
    assert "340000" not in chosen


def test_ready_when_an_index_is_published(client, tmp_path):
    assert get(client, "/healthz") == {"status": "ok"}
    assert get(client, "/readyz")["articles"] == 48
    with TestClient(create_app(Settings(data=tmp_path))) as empty:
        assert empty.get("/healthz").status_code == 200
        assert "zoufang index" in problem(empty.get("/readyz"), 503)["detail"]
        problem(empty.get("/api/v1/search"), 503)
        assert empty.get("/").status_code == 503
        index(tmp_path, random_articles(1, 3))
        assert empty.get("/readyz").json()["articles"] == 3


@pytest.mark.parametrize(
    ("error", "kind", "after", "said"),
    [
        (EngineUnavailable, "engine-unavailable", "5", "the search engine does not answer"),
        (IndexGone, "index-gone", "1", "another index was published just now"),
        (EngineRefused, "engine-refused", None, "the search engine cannot be used"),
        (ForeignIndex, "foreign-index", None, "what is published is not of zoufang"),
        (NoIndex, "no-index", None, "nothing has been published yet; run: zoufang index"),
        (StoreError, "store", None, "the search engine cannot answer this"),
        (SchemaMismatch, "schema-mismatch", None, "what to do about it"),
        (IndexDamaged, "index-damaged", None, "what to do about it"),
    ],
)
def test_an_engine_that_cannot_answer_is_a_problem_that_says_when_to_come_back(
    settings, caplog, error, kind, after, said
):
    library = Failing(error("what to do about it\nat http://10.0.0.1:9200"))
    advice = "what to do about it" in said
    with TestClient(create_app(settings, library)) as client:
        for path in ("/api/v1/search?q=走访", "/api/v1/articles/1", "/readyz"):
            response = client.get(path)
            body = problem(response, 503)
            assert body["type"] == f"/problems/{kind}"
            assert body["detail"].startswith(said)
            assert ("10.0.0.1" in body["detail"]) == advice
            assert response.headers.get("retry-after") == after
        for path in ("/", "/articles/1"):
            response = client.get(path)
            assert response.status_code == 503
            assert response.headers["content-type"].startswith("text/html")
            assert said in response.text
            assert ("10.0.0.1" in response.text) == advice
            assert response.headers.get("retry-after") == after
        assert client.get("/healthz").status_code == 200
        assert not library.closed
    assert library.closed
    logged = [record.getMessage() for record in caplog.records if record.name == "zoufang"]
    assert logged == ([] if advice else [f"{kind}: what to do about it at http://10.0.0.1:9200"] * 5)


def test_an_error_of_ours_that_is_not_for_visitors_is_logged(settings, caplog):
    with TestClient(create_app(settings, Failing(ZoufangError("secret")))) as client:
        body = problem(client.get("/api/v1/search"), 500)
    assert body["type"] == "/problems/internal"
    assert "secret" not in body["detail"]
    assert "internal: secret" in caplog.text


class Removed(Reader):
    """A reader of an index that has been removed."""

    record = None

    async def search(self, search):
        raise IndexGone("the index has been removed")

    async def article(self, id):
        raise IndexGone("the index has been removed")


class Swapping(EmbeddedLibrary):
    """A library of which the index is removed whenever `swap` says so, and another takes its place."""

    swap, forgotten = False, 0

    async def reader(self):
        return Removed() if self.swap else await super().reader()

    async def forget(self):
        self.swap = False
        self.forgotten += 1


def test_an_index_that_goes_while_it_is_read_is_asked_for_again(samples):
    library = Swapping(samples.data)
    with TestClient(create_app(samples, library)) as client:
        id = search(client)["hits"][0]["id"]
        for number, path in enumerate(
            ("/api/v1/search", "/", f"/api/v1/articles/{id}", f"/articles/{id}"), 1
        ):
            library.swap = True
            assert client.get(path).status_code == 200, path
            assert library.forgotten == number


def test_an_answer_asks_the_engine_once(samples):
    asked = []

    class Counting(EmbeddedLibrary):
        async def reader(self):
            asked.append(self)
            return await super().reader()

    with TestClient(create_app(samples, Counting(samples.data))) as client:
        terms = search(client, q="大走访 走访 -交警 -“没有这样的话”", year="2012")["query"]["terms"]
    assert len(asked) == 1
    assert [term["excluded"] for term in terms] == [False, False, True, True]
    assert terms[1]["articles"] >= terms[0]["articles"] > 0
    assert terms[3]["articles"] == 0


def test_a_laptop_does_not_load_the_client_of_elasticsearch(tmp_path):
    code = "import sys; from mappings.settings import Settings; from service.app import create_app; "
    code += "create_app(Settings()); sys.exit('elasticsearch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_the_openapi_document_tells_when_to_come_back(client):
    for path in ("/api/v1/search", "/api/v1/articles/{id}"):
        responses = get(client, "/api/v1/openapi.json")["paths"][path]["get"]["responses"]
        assert responses["503"]["headers"]["Retry-After"]["schema"] == {"type": "integer"}


def test_the_openapi_document_has_examples_that_are_valid(client):
    paths = get(client, "/api/v1/openapi.json")["paths"]
    answers = {"/api/v1/search": Answer, "/api/v1/articles/{id}": ArticleAnswer}
    for path, kind in answers.items():
        example = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
        TypeAdapter(kind).validate_json(orjson.dumps(example), strict=False)


def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/api/v1/search", "/static/style.css", "/nothing", "/healthz"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_nothing_is_loaded_from_elsewhere(client):
    page = client.get("/", params={"q": "走访"}).text
    assert "<script" not in page
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
