"""Addresses of searches: the same parameters for the page and the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from mappings.query import FACETS, Facet
from service.request import SearchRequest

Toggle = Callable[[str], str]
"""Gives the query string (with its `?`) that chooses a facet's value, or lets it go where it is chosen."""


@dataclass
class Links:
    """Query strings, with their `?`, of this answer and those around it; null where there is none."""

    self: str
    next: str | None
    prev: str | None


def parameters(request: SearchRequest, without: Facet | None = None) -> list[str]:
    """What is asked for, as `name=value` in the order of the parameters; the page is left out."""
    parts = [f"q={quote(request.reading.text, safe='')}"] if request.reading.text else []
    for facet in FACETS:
        if facet != without:
            parts += [f"{facet}={quoted(value)}" for value in request.filters.values(facet)]
    for name in ("year_from", "year_to"):
        if (bound := getattr(request.filters, name)) is not None:
            parts.append(f"{name}={bound}")
    if request.given_sort is not None:
        parts.append(f"sort={request.given_sort}")
    if request.size != request.default_size:
        parts.append(f"size={request.size}")
    return parts


@lru_cache(maxsize=16_384)
def quoted(value: str) -> str:
    """A value as it stands in an address."""
    return quote(value, safe="")


def joined(parts: list[str]) -> str:
    return f"?{'&'.join(parts)}"


def links_of(request: SearchRequest, total: int) -> Links:
    parts = parameters(request)

    def at(page: int) -> str:
        return joined([*parts, f"page={page}"] if page > 1 else parts)

    shown = request.page * request.size
    more = shown < total and shown + request.size <= request.reach
    return Links(
        self=at(request.page),
        next=at(request.page + 1) if more else None,
        prev=at(request.page - 1) if request.page > 1 else None,
    )


def toggles(request: SearchRequest, facet: Facet) -> Toggle:
    """The links that change one facet's selection. They lead to the first page."""
    rest = parameters(request, without=facet)
    chosen = request.filters.values(facet)
    kept = [f"{facet}={quoted(value)}" for value in chosen]
    adding = joined([*rest, *kept, f"{facet}="])

    def toggle(value: str) -> str:
        if value in chosen:
            return joined(
                [*rest, *(part for part, other in zip(kept, chosen, strict=True) if other != value)]
            )
        return adding + quoted(value)

    return toggle
