"""The answers as users see them: nobody can tell which engine gave one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from tests.contract_corpora import (
    Given,
)
from tests.engines import EACH, Shelf

# ---- the answers as users see them -------------------------------------------------------------


def search_paths(*asked: dict[str, Any]) -> list[str]:
    return [f"/api/v1/search?{urlencode(parameters, doseq=True)}" for parameters in asked]


PATHS = search_paths(
    {},
    {"q": "大走訪"},
    {"q": "大走访 -交警"},
    {"q": "大", "sort": "-date", "size": 50},
    {"q": "大", "page": 2, "size": 5},
    {"q": "大", "page": 50, "size": 200},
    {"q": "大", "region": ["unknown", "360000"]},
    {"q": "大", "year_to": 2011},
    {"q": "走访", "sort": "date"},
    {"q": "走访", "year": ["2011", "2012", "unknown"], "source": "nowhere"},
    {"q": "——"},
    {"q": "没有这样的话"},
    {"q": "走" * 2000},
    {"q": " ".join(f"大{number}" for number in range(64))},
    {"q": "1 2 12", "sort": "relevance"},
    {"sort": "relevance"},
    {"region": "533421"},
    {"region": "341400"},
    {"region": ["420000/unknown", "620522/unknown"]},
    {"source": "a*b/c|d"},
    {"source": "甘肅政法網"},
    {"campaign": "unknown", "year_from": 2010, "year_to": 2012},
)
REFUSED = search_paths(
    {"q": "走" * 2001},
    {"q": "走 " * 65},
    {"size": 201},
    {"size": 0},
    {"page": 0},
    {"page": 501},
    {"page": "x"},
    {"sort": "title"},
    {"year_from": 0},
    {"year_to": "MMXII"},
    {"limit": 1},
    {"source": "x" * 201},
    {"region": [str(number) for number in range(101)]},
)
MISSING = [
    f"/api/v1/articles/{id}"
    for id in ("nobody", "%00", "%FF", "%ED%A0%80", "..%2F..%2Fcurrent", "x" * 6000, "_search")
]


@pytest.fixture(scope="module", params=["samples", "random"])
def clients(request: pytest.FixtureRequest, shelf: Shelf, given: Given):
    """A client of the service over each engine, on the same articles; and the articles."""
    for engine in EACH:
        _, scan = given(request.param, engine)
    one, other = (create_app(shelf.settings(request.param, engine)) for engine in EACH)
    with TestClient(one) as here, TestClient(other) as there:
        yield here, there, scan


def told(response: Any, status: int) -> tuple[Any, list[float]]:
    """What an answer says whatever the engine; and its scores, which need only agree."""
    assert response.status_code == status, response.text
    body = response.json()
    scores = [hit.pop("score") for hit in body.get("hits", [])]
    body.pop("took_ms", None)
    if "detail" in body:  # names the index, after the time at which it was made
        body["detail"] = re.sub(r"\b\w+-v\d+-\d{8}t[\d.]+z", "INDEX", body["detail"])
    return body, [score for score in scores if score is not None]


def test_nobody_can_tell_from_an_answer_which_engine_gave_it(clients):
    here, there, _ = clients
    for path in PATHS:
        (one, scores), (other, said) = told(here.get(path), 200), told(there.get(path), 200)
        assert one == other, path
        assert said == pytest.approx(scores, rel=1e-4), path


def test_nobody_can_tell_from_an_article_which_engine_gave_it(clients):
    here, there, scan = clients
    for article in scan.articles[::3]:
        path = f"/api/v1/articles/{quote(article.id, safe='')}"
        one, other = told(here.get(path), 200), told(there.get(path), 200)
        assert one == other, path
        assert one[0]["snapshot"]


def test_nobody_can_tell_from_an_error_which_engine_gave_it(clients):
    here, there, _ = clients
    for path in (*REFUSED, *MISSING, "/api/v1/nothing"):
        status = 400 if path in REFUSED else 404
        one, other = here.get(path), there.get(path)
        assert told(one, status) == told(other, status), path
        assert one.headers["content-type"] == other.headers["content-type"] == "application/problem+json"
