"""The articles that the contract is held over, and the questions that come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from mappings.query import EVERYTHING, And, Not, Nothing, Query, Term
from mappings.settings import Settings
from mappings.text import term_units
from tests.contract import (
    Scan,
)
from tests.corpus import (
    EXAMPLES,
    SHARED,
    Asked,
    marked,
    read,
    strange_articles,
)
from tests.engines import EACH, Shelf

SETTINGS = Settings()
ELASTIC = EACH[1]
CORPORA = ["samples", "pages", "news", "random"]
"""The samples of the project, real pages, real news, and random articles with every kind of gap."""

TIMES = {"samples": 60, "pages": 60, "news": 60, "random": 150}
"""Random questions that each is asked."""


@cache
def scan_of(name: str) -> Scan:
    """The articles of a corpus."""
    if name == "random":
        return Scan(marked(strange_articles(7, 400)))
    folder = {"samples": EXAMPLES, "pages": SHARED / "pages", "news": SHARED / "corpora"}[name]
    if not folder.exists():
        pytest.skip("the real pages and news are not beside the project")
    return Scan(marked(read(folder)))


Given = Callable[..., tuple[Asked, Scan]]


@pytest.fixture(scope="session", name="given")
def given_corpus(shelf: Shelf) -> Given:
    """A reader of a corpus on an engine, and its articles."""

    def reader(name: str, engine: str, shards: int = 1) -> tuple[Asked, Scan]:
        scan = scan_of(name)
        return shelf.put(name, scan.articles, engine, shards), scan

    return reader


def term(text: str) -> Term:
    return Term(text, tuple(term_units(text)))


COMMON, RARE, EXCLUDING = term("大"), term("走访"), And((term("大"), Not(term("后"))))
QUERIES: list[Query] = [EVERYTHING, Nothing(), COMMON, RARE, EXCLUDING, Not(RARE), term("没有这样的话")]
