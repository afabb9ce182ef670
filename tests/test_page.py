"""The page: what it shows, and that nothing user-made reaches it unescaped."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from mappings.settings import Settings
from service.app import create_app
from tests.corpus import index, random_articles

HOSTILE = '<script>alert("x")</script>"\'><img src=x onerror=alert(1)>&amp;'


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    first = next(random_articles(1, 1))
    articles = [
        replace(
            first,
            id=f"{HOSTILE}{number}",
            title=f"{HOSTILE} 走访{number}",
            body=f"{HOSTILE}\n走访群众{number}",
            source=HOSTILE,
            authors=(HOSTILE,),
            url="javascript:alert(1)",
            campaigns=(HOSTILE,),
            origin=HOSTILE,
        )
        for number in range(3)
    ]
    data = tmp_path_factory.mktemp("page")
    index(data, articles)
    with TestClient(create_app(Settings(data=data))) as client:
        yield client


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": "走访"},
        {"q": HOSTILE},
        {"q": f"走访 {HOSTILE}", "source": HOSTILE, "region": HOSTILE, "year": HOSTILE, "campaign": HOSTILE},
        {"q": "走访", "sort": HOSTILE},
        {"q": "——", "page": HOSTILE},
    ],
)
def test_hostile_words_are_shown_as_words(client, parameters):
    page = Page(client.get("/", params=parameters).text)
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [
        value for name, value in page.attributes if name in ("href", "action") and "javascript:" in value[:20]
    ]


def test_a_hostile_article_is_shown_as_words(client):
    link = next(
        value
        for name, value in Page(client.get("/", params={"q": "走访"}).text).attributes
        if name == "href" and value.startswith("/articles/")
    )
    response = client.get(link)
    assert response.status_code == 200
    page = Page(response.text)
    assert not {"script", "img"} & set(page.tags)
    assert "javascript:alert(1)" in page.text
    assert not [value for name, value in page.attributes if name == "href" and value.startswith("javascript")]
    assert HOSTILE in page.text


def test_matches_are_marked_on_both_pages(client):
    for path in ("/?q=走訪", f"/articles/{HOSTILE.replace('/', '%2F').replace('#', '%23')}0?q=走訪"):
        assert "<mark>走访</mark>" in client.get(path).text


def test_the_number_found_and_the_reading_are_told(client):
    page = Page(client.get("/", params={"q": "走訪 -无此"}).text)
    assert "3 篇" in " ".join(page.text.split())
    assert "走访" in page.text
    assert "不含" in page.text


def test_filters_stay_while_one_searches_on(client):
    page = Page(
        client.get("/", params={"q": "走访", "year": "2012", "year_from": "2001", "sort": "date"}).text
    )
    values = dict(
        zip(*[iter(value for name, value in page.attributes if name in ("name", "value"))] * 2, strict=False)
    )
    assert values["year"] == "2012"
    assert values["year_from"] == "2001"
    assert values["sort"] == "date"


def test_strange_years_in_the_form_are_left_aside(client):
    assert client.get("/", params={"year_from": "x", "year_to": ""}).status_code == 200


def test_errors_are_pages_for_people(client):
    for path, status in (
        ("/?page=0", 400),
        ("/?sort=best", 400),
        ("/articles/nobody", 404),
        ("/nowhere", 404),
    ):
        response = client.get(path)
        assert response.status_code == status
        assert 'href="/"' in response.text
