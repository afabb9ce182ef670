"""The query tree: nouns that the parser makes and each engine compiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Facet = Literal["region", "year", "campaign", "source"]
FACETS: tuple[Facet, ...] = ("region", "year", "campaign", "source")

Sort = Literal["relevance", "-date", "date"]
SORTS: tuple[Sort, ...] = ("relevance", "-date", "date")


@dataclass(frozen=True, slots=True)
class Term:
    """An exact text in the title or in the body. `units` is never empty."""

    text: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Every article that the query within does not match."""

    query: Query


@dataclass(frozen=True, slots=True)
class And:
    """The articles that all the queries within match; all of them where there is none."""

    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No article: something was typed, but nothing in it can be searched."""


Query = Term | Not | And | Nothing

EVERYTHING: Query = And(())


@dataclass(frozen=True, slots=True)
class Filters:
    """Values chosen by facet, OR within one and AND across; and a range of years, ends included.

    A year range keeps the articles whose date lies in it for certain.
    """

    region: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None

    def values(self, facet: Facet) -> tuple[str, ...]:
        """What is chosen of one facet."""
        chosen: tuple[str, ...] = getattr(self, facet)
        return chosen


@dataclass(frozen=True, slots=True)
class Search:
    """One question to an engine: what, in which order, and hits `start` to `start + size`; and, of
    the queries `counted`, how many articles of the whole index each of them matches.
    """

    query: Query = EVERYTHING
    filters: Filters = field(default=Filters())
    sort: Sort = "-date"
    start: int = 0
    size: int = 20
    counted: tuple[Query, ...] = ()
