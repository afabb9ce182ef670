"""Articles for tests, made or read, and an index of them."""

from __future__ import annotations

import asyncio
import random
import sys
import unicodedata
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from indexer.dedupe import Dedupe
from indexer.inputs import find_inputs
from indexer.pipeline import read_articles
from indexer.stores import open_store
from mappings import campaigns, regions
from mappings.article import Article
from mappings.query import Query, Search
from mappings.record import IndexRecord
from mappings.settings import Settings
from service.library import open_library
from service.readers.base import Found, Library

SHARED = Path(__file__).parent.parent.parent / "shared"
"""Real pages and items that tests may read, beside the project; absent in a plain checkout."""

EXAMPLES = Path(__file__).parent.parent / "examples"
TODAY = date(2026, 1, 1)

ASSIGNED = [
    chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs")
]
ALPHABET = "大走訪访三评評后後里裡，。！ “”、\n\n12aA1é々〇𠀀🙂ー"
"""Characters that meet often enough for random texts to hold random queries."""


def read(*paths: Path) -> list[Article]:
    """The articles of some pages, as `zoufang index` would make them."""
    found = list(read_articles(find_inputs(list(paths)), 20_000_000, TODAY, lambda *_: None))
    rejects = [item for item in found if not isinstance(item, Article)]
    assert not rejects
    return [item for item in found if isinstance(item, Article)]


Result = TypeVar("Result")


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop in a thread of its own: a test with a browser has one running in its own thread."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, daemon=True).start()
    return loop


def waited(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine gives."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result()


class Asked:
    """The reader that a library gives now, waited for at each question."""

    def __init__(self, library: Library) -> None:
        self._reader = waited(library.reader())

    @property
    def record(self) -> IndexRecord:
        return self._reader.record

    def search(self, search: Search) -> Found:
        return waited(self._reader.search(search))

    def article(self, id: str) -> Article:
        return waited(self._reader.article(id))

    def count(self, query: Query) -> int:
        return self.search(Search(size=0, counted=(query,))).counts[0]


def opened(data: Path) -> Asked:
    """A reader of what is published in a data folder."""
    return Asked(open_library(Settings(data=data)))


def index(data: Path, articles: Iterable[Article]) -> Asked:
    """A published index of some articles, and a reader of it."""
    dedupe = Dedupe()
    listed = list(articles)
    for article in listed:
        dedupe.judge(article)
    store = open_store(Settings(data=data))
    with store.lock(), store.writer() as writer:
        for article in listed:
            writer.add(dedupe.mark(article))
        writer.publish()
    return opened(data)


def random_text(rng: random.Random, alphabet: str | list[str] = ALPHABET, longest: int = 60) -> str:
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, longest)))


def random_articles(seed: int, count: int) -> Iterator[Article]:
    """Articles with random texts and labels, every kind of gap among them."""
    rng = random.Random(seed)
    counties = [region.code for region in regions.all_names() if region.current and region.level == "county"]
    chosen = [regions.path(code) for code in rng.sample(counties, 30)]
    ids = [campaign.id for campaign in campaigns.all_campaigns()][:6]
    for number in range(count):
        path = rng.choice(chosen)[: rng.randint(0, 3)]
        day = rng.choice(
            [None, *(year * 10_000 + rng.randint(1, 12) * 100 + 15 for year in (2009, 2011, 2012))]
        )
        whole_year = day is not None and rng.random() < 0.2
        article = Article(
            id=f"a{number}",
            body=random_text(rng),
            origin=f"{number}.txt",
            title=rng.choice([None, random_text(rng, longest=12)]),
            source=rng.choice([None, "甘肅政法網", "甘肃政法网", "CNTV", "某某网"]),
            region=path,
            region_then=path,
            campaigns=tuple(rng.sample(ids, rng.randint(0, 3))),
            script=rng.choice(["Hans", "Hant"]),
            group=str(rng.randint(0, count)),
        )
        if day is not None:
            first, last = (
                (day // 10_000 * 10_000 + 101, day // 10_000 * 10_000 + 1231) if whole_year else (day, day)
            )
            text = str(day)
            edtf = text[:4] if whole_year else f"{text[:4]}-{text[4:6]}-{text[6:]}"
            article = replace(article, date=edtf, date_min=first, date_max=last)
        yield article
