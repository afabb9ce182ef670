"""An article as Elasticsearch keeps it, and the index that takes it."""

from __future__ import annotations

import random
from dataclasses import fields, replace

import orjson
import pytest

from mappings.article import Article, Evidence, from_json, to_json
from mappings.elastic import document_id, from_source, index_body, to_source
from mappings.errors import ArticleError
from mappings.facets import FACET_FIELDS, facet_values, sort_keys
from mappings.text import BREAK, PAIR_JOIN, Units, indexed
from tests.corpus import ASSIGNED, random_articles, random_text
from tests.servers import Server

EVIDENCE = Evidence("date", "2012", "stamp", "2012年", 3, 8, "body", "stated")
EDGES = [
    Article(id="none", body="大走访", origin="1.txt"),
    Article(id="wordless", body="🙂", title="“”", origin="2.txt"),
    Article(id="one", body="大", title="大", origin="3.txt", evidence=(EVIDENCE, EVIDENCE)),
    Article(id="長" * 500, body="\n。", title="", origin="長" * 2000, url="http://x/" + "長" * 20_000),
    Article(id="late", body="a b", origin="4.txt", date="3354", date_min=33540101, date_max=33541231),
]
ARTICLES = [*random_articles(5, 300), *EDGES]


def test_an_article_comes_back_from_its_document():
    for article in ARTICLES:
        source = orjson.loads(to_source(article))
        before = orjson.dumps(source)
        assert from_source(source) == article
        assert orjson.dumps(source) == before  # the caller's document is left alone
        del source["evidence"]
        assert from_source(source) == replace(article, evidence=())


def test_a_document_is_the_articles_own_json_with_more_behind_it():
    for article in ARTICLES:
        assert to_source(article).startswith(to_json(article)[:-1] + b",")
        source = orjson.loads(to_source(article))
        assert source["facet"] == facet_values(article)
        assert tuple(source["facet"]) == FACET_FIELDS
        assert (source["newest"], source["oldest"]) == sort_keys(article)
        assert source.get("untitled") == (None if Units(article.title or "").joined else BREAK)
        assert source.get("textless") == (None if Units(article.body).joined else BREAK)


@pytest.mark.parametrize("source", [{}, {"id": "a"}, {"id": "a", "body": "b", "origin": "c", "more": 1}])
def test_what_is_no_article_is_said(source):
    with pytest.raises(ArticleError):
        from_source(source)


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"{}", to_json(EDGES[0]).replace(b',"evidence":[]', b"")])
def test_what_is_no_articles_json_is_said(data):
    with pytest.raises(ArticleError):
        from_json(data)


def test_a_document_id_fits_and_differs():
    rng = random.Random(6)
    ids = {random_text(rng, ASSIGNED, longest=500) for _ in range(1000)} | {"長" * 500, "𠀀" * 500}
    found = {document_id(id) for id in ids}
    assert len(found) == len(ids)
    assert all(len(it.encode()) <= 512 for it in found)
    assert document_id("a") == document_id("a")


def test_every_key_of_an_article_is_mapped_and_every_placeholder_filled():
    body = index_body(3)
    assert body["settings"]["number_of_shards"] == 3
    assert {field.name for field in fields(Article)} < set(body["mappings"]["properties"])
    assert set(body["mappings"]["properties"]["facet"]["properties"]) == set(FACET_FIELDS)
    assert b"$" not in orjson.dumps(body)
    assert index_body(1)["settings"]["number_of_shards"] == 1


@pytest.fixture(scope="module")
def index(server: Server) -> str:
    """An index that holds ARTICLES."""
    name = server.create("documents", index_body(1))
    lines = b"".join(
        orjson.dumps({"index": {"_id": document_id(article.id)}}) + b"\n" + to_source(article) + b"\n"
        for article in ARTICLES
    )
    done = server.request("POST", f"{name}/_bulk", lines)
    assert not done["errors"], [item for item in done["items"] if "error" in item["index"]][:1]
    server.request("POST", f"{name}/_refresh")
    return name


def test_a_server_takes_every_article_and_gives_it_back(server: Server, index: str):
    asked = {"docs": [{"_id": document_id(article.id)} for article in ARTICLES]}
    found = server.request("POST", f"{index}/_mget", asked)["docs"]
    assert [from_source(it["_source"]) for it in found] == ARTICLES


@pytest.mark.parametrize("field", ["title.units", "title.pairs", "body.units", "body.pairs"])
def test_every_article_has_every_text_field(server: Server, index: str, field: str):
    """Else the two engines would weigh a word otherwise: see `indexed`."""
    query = {"track_total_hits": True, "query": {"exists": {"field": field}}}
    assert server.request("POST", f"{index}/_search", query)["hits"]["total"]["value"] == len(ARTICLES)


def found(server: Server, index: str, query: dict[str, object]) -> set[str]:
    """The ids of the articles that a query finds."""
    body = {"query": query, "_source": ["id"], "size": 1000}
    return {hit["_source"]["id"] for hit in server.request("POST", f"{index}/_search", body)["hits"]["hits"]}


@pytest.mark.parametrize("part", ["title", "body"])
def test_a_server_indexes_the_units_and_pairs_of_each_text(server: Server, index: str, part: str):
    texts = {article.id: indexed(getattr(article, part)) for article in ARTICLES}
    terms: dict[tuple[str, str], set[str]] = {}
    for id, text in texts.items():
        for field, held in (("units", list(text)), ("pairs", text.pairs.split(" "))):
            for term in held:
                terms.setdefault((field, term), set()).add(id)
    chosen = random.Random(8).sample(sorted(terms), 100)
    for field, term in [*chosen, ("pairs", BREAK), ("pairs", f"走{PAIR_JOIN}访")]:
        assert found(server, index, {"term": {f"{part}.{field}": term}}) == terms[field, term]
