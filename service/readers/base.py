"""What a Reader promises: everything the service asks of an engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from mappings.article import UNKNOWN, Article
from mappings.query import Facet, Filters, Query, Search
from mappings.record import IndexRecord
from mappings.regions import known, path

Counts = list[tuple[str, int]]
"""Facet values with the number of articles of each; most first, ties by value."""


LISTED = {"region": 100, "year": 200, "campaign": 200, "source": 50}
"""How many values of a facet are listed, at each level; UNKNOWN and what is chosen come on top."""


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of one facet, exact, its own selection left aside.

    `levels` has one list of counts a level (three for region, else one). `rest` is, a level, the
    number of articles under values that are not listed. Of the regions' lower levels the list is
    whole beneath the places that `opened_regions` names, whatever the rest.
    """

    levels: tuple[Counts, ...]
    rest: tuple[int, ...]


def opened_regions(filters: Filters) -> tuple[str, ...]:
    """The places whose parts are listed whole: those chosen, and all above them."""
    codes = (value.removesuffix(f"/{UNKNOWN}") for value in filters.region)
    return tuple(dict.fromkeys(place for code in codes if known(code) for place in path(code)))


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine found: exact total, the asked slice of hits with scores, counts by facet.

    The articles come without their evidence. A score is None where the order is not by relevance.
    """

    total: int
    hits: list[tuple[Article, float | None]]
    facets: dict[Facet, FacetCounts]


class Reader(ABC):
    """Answers from one published index, which never changes. Safe to use from several threads."""

    @property
    @abstractmethod
    def record(self) -> IndexRecord:
        """What the index says of itself."""

    @abstractmethod
    def search(self, search: Search) -> Found:
        """The answer to a question.

        By relevance, equal scores stand newest first; by date, articles of no known year are last
        in both directions; what is still equal stands in one order that is the same on every engine.
        """

    @abstractmethod
    def count(self, query: Query) -> int:
        """How many articles of the whole index a query matches. Exact."""

    @abstractmethod
    def article(self, id: str) -> Article:
        """One article, whole. Raises NotFound."""


class Library(ABC):
    """Gives the reader of the index that is published at the moment."""

    @abstractmethod
    def reader(self) -> Reader:
        """Raises NoIndex until something has been published, and StoreError where it cannot be read."""
