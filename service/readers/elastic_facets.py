"""Counting facets on Elasticsearch.

All that may have to be listed is asked for at once, for another request costs more than a longer one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mappings.article import UNKNOWN
from mappings.facets import REGION_FIELDS
from mappings.query import Facet, Filters
from service.readers.base import LISTED, FacetCounts
from service.readers.facets import facet_counts, facet_fields, opened_starts, parts_pattern

MOST_VALUES = 65_536
"""Values that a shard hands up for a facet. Where it has more, the counts may not be exact, the server
says so, and they are counted page by page.
"""

_PAGE = 10_000
_PREFECTURE, _COUNTY = REGION_FIELDS[1:]

Clause = dict[str, Any]


def requests(facet: Facet, filters: Filters) -> Clause:
    """The aggregations of a facet: the commonest values by field, and under `FIELD+` those that must
    not be missing.
    """
    asked: Clause = {}
    for number, name in enumerate(facet_fields(facet)):
        asked[name] = terms(name, LISTED[facet])
        if facet != "region":
            must: Any = [UNKNOWN, *filters.values(facet)]
        elif number:
            must = parts_pattern(filters, number)
        else:
            continue  # there are fewer provinces than are listed
        if must:
            asked[f"{name}+"] = terms(name, MOST_VALUES, include=must)
    return asked


def terms(name: str, size: int, **given: Any) -> Clause:
    return {"terms": {"field": f"facet.{name}", "size": size, "shard_size": MOST_VALUES, **given}}


def inexact(facet: Facet, counted: Mapping[str, Any]) -> list[str]:
    """The fields of which a shard had too many values to hand all of them up."""
    return [name for name in facet_fields(facet) if counted[name]["doc_count_error_upper_bound"]]


async def by_pages(
    ask: Callable[[Clause], Awaitable[Mapping[str, Any]]], query: Clause, name: str
) -> Mapping[str, Any]:
    """The counts of all the values of a field, as `terms` would give them."""
    buckets: list[Clause] = []
    after: Clause = {}
    while True:
        pages = {"size": _PAGE, "sources": [{"value": {"terms": {"field": f"facet.{name}"}}}], **after}
        answer = await ask({"query": query, "size": 0, "aggs": {"pages": {"composite": pages}}})
        page = answer["aggregations"]["pages"]
        buckets += [{"key": item["key"]["value"], "doc_count": item["doc_count"]} for item in page["buckets"]]
        if "after_key" not in page:
            return {"buckets": buckets, "sum_other_doc_count": 0}
        after = {"after": page["after_key"]}


def to_counts(facet: Facet, filters: Filters, counted: Mapping[str, Any]) -> FacetCounts:
    """The counts of a facet from the results by field."""
    if facet == "region" and not opened_starts(filters, 2):
        prefectures = counted[_PREFECTURE]
        if prefectures["sum_other_doc_count"] or len(prefectures["buckets"]) > LISTED[facet]:
            counted = {name: found for name, found in counted.items() if name != _COUNTY}
    return facet_counts(facet, filters, counted)
