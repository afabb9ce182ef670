"""Articles for tests, made or read, and an index of them."""

from __future__ import annotations

import asyncio
import random
import sys
import unicodedata
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import closing
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
from mappings.article import Article, Evidence
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
        self._library = library
        self.reader = waited(library.reader())

    @property
    def record(self) -> IndexRecord:
        return self.reader.record

    def search(self, search: Search) -> Found:
        return waited(self.reader.search(search))

    def article(self, id: str) -> Article:
        return waited(self.reader.article(id))

    def count(self, query: Query) -> int:
        return self.search(Search(size=0, counted=(query,))).counts[0]

    def close(self) -> None:
        waited(self._library.close())


def opened(data: Path | Settings) -> Asked:
    """A reader of what is published in a data folder, or where the settings say."""
    return Asked(open_library(data if isinstance(data, Settings) else Settings(data=data)))


def marked(articles: Iterable[Article]) -> list[Article]:
    """The articles, with the first of each group marked, as they stand in an index."""
    dedupe = Dedupe()
    listed = list(articles)
    for article in listed:
        dedupe.judge(article)
    return [dedupe.mark(article) for article in listed]


def index(data: Path | Settings, articles: Iterable[Article]) -> Asked:
    """A published index of some articles, in a data folder or where the settings say, and a reader of it."""
    settings = data if isinstance(data, Settings) else Settings(data=data)
    with closing(open_store(settings)) as store, store.lock(), store.writer() as writer:
        for article in marked(articles):
            writer.add(article)
        writer.publish()
    return opened(settings)


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


STRANGE_SOURCES = (
    "a*b/c|d", "a?b", ".*", "[0-9]{1,2}", "back\\slash", 'quote"d', "~2^3", "<1-9>@&#", "unknown",
    "unknown|.*", " 空 格 ", "🙂𠀀報", "長" * 200,
)  # fmt: skip
"""Sources that mean something to a query language, to a regular expression or to a client."""

STRANGE_TEXTS = (
    "走" * 2000, "走访" * 150 + "。" + "x" * 200 + "y", "x" * 64 + "甲", "x" * 65 + "甲",
    "走，访。\n\n访走", "，。", " 、\n ", "a*b?c [d] {e} f\\g/h \"i\" ~2^3",
    "𠀀🙂字𠀀", "𝟚𝟘𝟙𝟚①㎡ﬁⅣ", "é e\u0301 ß ſ İ", "ー々〇〆",
)  # fmt: skip
"""Texts at the edges of what a unit is."""

STRANGE_PLACES = ("429004", "110101", "500101", "659001", "441900", "710000", "810000", "820000", "341400")
"""Codes of counties right under a province, of cities without counties, of provinces without parts, and one
of a place that was split.
"""


def strange_articles(seed: int, count: int) -> list[Article]:
    """Random articles with what tells engines apart: copies and ties, odd texts, places, dates and ids."""
    rng = random.Random(seed)
    articles: list[Article] = []
    for number, article in enumerate(random_articles(seed, count)):
        other = rng.choice(articles or [article])
        place = regions.path(rng.choice(STRANGE_PLACES))
        changes: list[dict[str, Any]] = [
            *[{}] * 4,
            *[{"body": other.body, "title": other.title, "group": other.group}] * 4,
            {"title": rng.choice(["", "——“”", *STRANGE_TEXTS])},
            {"body": rng.choice(STRANGE_TEXTS), "title": None},
            {"source": rng.choice(STRANGE_SOURCES)},
            {"region": place, "region_then": place},
            {"date": "2009/2011", "date_min": 20090101, "date_max": 20111231},
            {"date": "XXXX-04-20", "date_min": None, "date_max": None},
            {"id": rng.choice(["a/b", "名 字", "?q=1", "#", "</script>", "走" * 300]) + str(number)},
        ]
        words = Evidence("source", "某", "stamp", "某", 0, 1, "page", "stated")
        articles.append(replace(article, evidence=(words,) * rng.randint(0, 2), **rng.choice(changes)))
    return articles
