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
from mappings.facets import REGION_FIELDS
from mappings.query import FACETS, Facet, Filters
from service.readers.base import LISTED, FacetCounts
from service.readers.facets import facet_counts, facet_fields, parts_pattern

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
    return int(counted["total"]["doc_count"]), {
        facet: facet_counts(facet, filters, counted) for facet in FACETS
    }


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


def commonest(facet: Facet, name: str) -> dict[str, Any]:
    """The values that are listed: of equally common ones this tantivy takes the smallest, as a test holds."""
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
    more than are listed: then the counties are too, and the tree shows none but the opened ones.
    """
    wanted: dict[str, Any] = {}
    for number, name in enumerate(REGION_FIELDS[1:], 1):
        pattern = parts_pattern(filters, number)
        few = not counted[REGION_FIELDS[number - 1]]["sum_other_doc_count"]
        if name == _COUNTY and (pattern or few):
            wanted[name] = commonest("region", name)
        if pattern and (name not in counted or counted[name]["sum_other_doc_count"]):
            wanted[f"{name}+"] = among(name, pattern)
    return wanted
