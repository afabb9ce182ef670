"""A search request: the parameters that the page and the API share, checked and read."""

from __future__ import annotations

from dataclasses import dataclass

from mappings import regions
from mappings.errors import RequestError
from mappings.query import SORTS, Facet, Filters, Sort
from mappings.settings import Settings
from mappings.text import simplify
from service.query import Reading, read_query

PARAMETERS = ("q", "region", "year", "campaign", "source", "year_from", "year_to", "sort", "page", "size")
_LONGEST_VALUE = 200
_MOST_VALUES = 100


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What was asked. `given_sort` is None where the default order was taken; `reach` is the number of
    the last hit that pages lead to.
    """

    reading: Reading
    filters: Filters
    sort: Sort
    given_sort: Sort | None
    page: int
    size: int
    default_size: int
    reach: int


def read_request(
    settings: Settings,
    q: str = "",
    *,
    region: list[str] | None = None,
    year: list[str] | None = None,
    campaign: list[str] | None = None,
    source: list[str] | None = None,
    year_from: int | None = None,
    year_to: int | None = None,
    sort: str | None = None,
    page: int = 1,
    size: int | None = None,
) -> SearchRequest:
    """The request that some parameters make.

    Without `sort`, what was typed is answered by relevance, and everything newest first. Raises
    RequestError naming the parameter that cannot be.
    """
    reading = read_query(q, settings)
    given = known_sort(sort)
    size = settings.page_size if size is None else size
    check(1 <= size <= settings.max_page_size, "size", f"must lie between 1 and {settings.max_page_size}")
    check(page >= 1, "page", "counts from 1")
    check(
        page * size <= settings.max_hit,
        "page",
        f"ends at hit {settings.max_hit:,}; narrow the search by year or region to see more",
    )
    for name, bound in (("year_from", year_from), ("year_to", year_to)):
        check(bound is None or 1 <= bound <= 9999, name, "must be a year")
    filters = Filters(
        region=tuple(dict.fromkeys(code for value in values("region", region) for code in today(value))),
        year=values("year", year),
        campaign=values("campaign", campaign),
        source=tuple(simplify(value) for value in values("source", source)),
        year_from=year_from,
        year_to=year_to,
    )
    ranked: Sort = "relevance" if reading.terms else "-date"
    chosen = given or ranked
    if chosen == "relevance" and not reading.terms:
        chosen = "-date"
    return SearchRequest(reading, filters, chosen, given, page, size, settings.page_size, settings.max_hit)


def check(right: bool, parameter: str, message: str) -> None:
    if not right:
        raise RequestError(f"{parameter} {message}", parameter)


def known_sort(sort: str | None) -> Sort | None:
    for name in SORTS:
        if sort == name:
            return name
    check(not sort, "sort", f"must be one of {', '.join(SORTS)}")
    return None


def values(facet: Facet, given: list[str] | None) -> tuple[str, ...]:
    """The values chosen of a facet, each once."""
    said = tuple(dict.fromkeys(value.strip() for value in given or [] if value.strip()))
    check(len(said) <= _MOST_VALUES, facet, f"may be given {_MOST_VALUES} times")
    check(all(len(value) <= _LONGEST_VALUE for value in said), facet, "has a value that is too long")
    return tuple(value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for value in said)


def today(value: str) -> tuple[str, ...]:
    """A place's codes of today, where an old one was given: several where it was split."""
    code, slash, rest = value.partition("/")
    return tuple(f"{now}{slash}{rest}" for now in regions.now(code)) if regions.known(code) else (value,)
