"""Counting facets in the embedded index.

A pass over the hits costs as much as finding them, so what one pass can count is counted in it, and
a second one is made only for what the first leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tantivy
from tantivy import Query as Compiled

from mappings.article import UNKNOWN
from mappings.embedded import REGION_FIELDS
from mappings.query import FACETS, Facet, Filters
from mappings.regions import level
from service.readers.base import LISTED, Counts, FacetCounts, opened_regions

_SEGMENT = 65_000
"""Values a segment hands up; counts are exact only if it hands up all of them."""

_COUNTY = REGION_FIELDS[-1]


def count_facets(
    searcher: tantivy.Searcher,
    filters: Filters,
    query: Compiled,
    narrowed: Callable[[Facet | None], Compiled],
) -> tuple[int, dict[Facet, FacetCounts]]:
    """The total of a query, and all its facets.

    Those without a selection are counted together, each of the others under `narrowed(facet)`, the
    query without that facet's own selection.
    """
    free = [facet for facet in FACETS if not filters.values(facet)]
    counted = count(searcher, query, free, filters, {"total": {"filter": "*"}})
    for facet in FACETS:
        if facet not in free:
            counted |= count(searcher, narrowed(facet), [facet], filters, {})
    return int(counted["total"]["doc_count"]), {facet: facet_counts(facet, counted) for facet in FACETS}


def count(
    searcher: tantivy.Searcher, query: Compiled, facets: list[Facet], filters: Filters, first: dict[str, Any]
) -> dict[str, Any]:
    """The results for some facets by field; those that must not be missing under `FIELD+`."""
    for facet in facets:
        first |= {name: commonest(facet, name) for name in facet_fields(facet) if name != _COUNTY}
    counted: dict[str, Any] = searcher.aggregate(query, first) if first else {}
    second: dict[str, Any] = {}
    for facet in facets:
        if facet == "region":
            second |= parts_request(filters, counted)
        elif missing := missing_values(searcher, facet, filters, counted):
            second[f"{facet}+"] = among(facet, missing)
    return counted | searcher.aggregate(query, second) if second else counted


def facet_fields(facet: Facet) -> tuple[str, ...]:
    """The fields of a facet, one a level."""
    return REGION_FIELDS if facet == "region" else (facet,)


def commonest(facet: Facet, name: str) -> dict[str, Any]:
    return {"terms": {"field": name, "segment_size": _SEGMENT, "size": LISTED[facet]}}


def among(name: str, values: str | list[str]) -> dict[str, Any]:
    """The counts of some values alone: a list of them, or a pattern."""
    return {"terms": {"field": name, "segment_size": _SEGMENT, "size": _SEGMENT, "include": values}}


def missing_values(
    searcher: tantivy.Searcher, facet: Facet, filters: Filters, counted: Mapping[str, Any]
) -> list[str]:
    """What must be listed however rare it is, is not yet, and does occur in the index."""
    if not counted[facet]["sum_other_doc_count"]:
        return []
    listed = {bucket["key"] for bucket in counted[facet]["buckets"]}
    wanted = (UNKNOWN, *filters.values(facet))
    return [value for value in wanted if value not in listed and searcher.doc_freq(facet, value)]


def parts_request(filters: Filters, counted: Mapping[str, Any]) -> dict[str, Any]:
    """The places below those that are opened; and the counties, unless the prefectures already are
    more than are listed: then so are the counties, and the tree shows none but the opened ones.
    """
    wanted: dict[str, Any] = {}
    opened = opened_regions(filters)
    for number, name in enumerate(REGION_FIELDS[1:], 1):
        above = REGION_FIELDS[number - 1]
        starts = [place[: 2 * number] for place in opened if level(place) == above]
        if name == _COUNTY and (starts or not counted[above]["sum_other_doc_count"]):
            wanted[name] = commonest("region", name)
        if starts and (name not in counted or counted[name]["sum_other_doc_count"]):
            pattern = "|".join(f"{start}[0-9]*(/{UNKNOWN})?" for start in starts)
            wanted[f"{name}+"] = among(name, pattern)
    return wanted


def facet_counts(facet: Facet, counted: Mapping[str, Any]) -> FacetCounts:
    """The counts of a facet from the results by field."""
    levels: list[Counts] = []
    rest: list[int] = []
    for name in facet_fields(facet):
        if name not in counted:  # the counties, where they are not listed at all
            rest.append(sum(articles for _, articles in levels[-1]) + rest[-1])
            levels.append([])
            continue
        common, must = buckets(counted[name]), buckets(counted.get(f"{name}+", {"buckets": []}))
        hidden = sum(articles for value, articles in must.items() if value not in common)
        levels.append(sorted((common | must).items(), key=lambda found: (-found[1], found[0])))
        rest.append(int(counted[name]["sum_other_doc_count"]) - hidden)
    return FacetCounts(tuple(levels), tuple(rest))


def buckets(result: Mapping[str, Any]) -> dict[str, int]:
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in result["buckets"]}
