"""What a Reader promises: everything the service asks of an engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from mappings.article import UNKNOWN, Article
from mappings.errors import IndexGone
from mappings.query import Facet, Filters, Search
from mappings.record import IndexRecord
from mappings.regions import known, path

Result = TypeVar("Result")

Counts = list[tuple[str, int]]
"""Facet values with the number of articles of each; most first, ties by value in code point order."""

TITLE_BOOST = 2.0
"""How much more a match in the title weighs than one in the body."""

LISTED = {"region": 100, "year": 200, "campaign": 200, "source": 50}
"""How many values of a facet are listed, at each level; those that must not be missing come on top."""


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of one facet, exact, its own selection left aside; the same on every engine.

    `levels` has one list of counts a level: three for region, else one. A list holds the LISTED most
    common values that any article has, of equally common ones the smallest; UNKNOWN is one of them if
    it is as common. What must not be missing is in the list too, however rare: UNKNOWN and what is
    chosen; on the regions' lower levels instead all values beneath the places that `opened_regions`
    names, CODE/unknown beneath CODE. The counties' list is empty where there are more than LISTED
    values of prefectures and no prefecture is opened.

    `rest` is, a level, the number of articles under values that are not listed; an article of two
    campaigns counts twice.
    """

    levels: tuple[Counts, ...]
    rest: tuple[int, ...]


def opened_regions(filters: Filters) -> tuple[str, ...]:
    """The places whose parts are listed whole: those chosen, and all above them."""
    codes = (value.removesuffix(f"/{UNKNOWN}") for value in filters.region)
    return tuple(dict.fromkeys(place for code in codes if known(code) for place in path(code)))


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine found: exact total, the asked slice of hits with scores, counts by facet, and
    how many articles each of `Search.counted` matches.

    The articles come without their evidence. A score is None where the order is not by relevance.
    """

    total: int
    hits: list[tuple[Article, float | None]]
    facets: dict[Facet, FacetCounts]
    counts: tuple[int, ...] = ()


class Reader(ABC):
    """Answers from one published index, which never changes. Any method raises IndexGone where that
    index has been removed since.
    """

    @property
    @abstractmethod
    def record(self) -> IndexRecord:
        """What the index says of itself."""

    @abstractmethod
    async def search(self, search: Search) -> Found:
        """The answer to a question.

        By relevance, equal scores stand newest first; by date, articles of no known year are last
        in both directions; what is still equal stands in one order that is the same on every engine.
        """

    @abstractmethod
    async def article(self, id: str) -> Article:
        """One article, whole. Raises NotFound."""


class Library(ABC):
    """Gives the reader of the index that is published at the moment."""

    @abstractmethod
    async def reader(self) -> Reader:
        """Raises NoIndex until something has been published, and StoreError where it cannot be read."""

    @abstractmethod
    async def forget(self) -> None:
        """Makes the next `reader` look afresh for what is published: the index it gave is gone."""

    @abstractmethod
    async def close(self) -> None:
        """Lets go of connections. Nothing is asked of the library or its readers any more."""

    async def ask(self, question: Callable[[Reader], Awaitable[Result]]) -> Result:
        """What the reader answers to a question; where its index has gone meanwhile, the one after it."""
        try:
            return await question(await self.reader())
        except IndexGone:
            await self.forget()
            return await question(await self.reader())
