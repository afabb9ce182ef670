"""What both engines do alike with facets: which field a value is in, and what is listed of the counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mappings.article import UNKNOWN
from mappings.facets import REGION_FIELDS
from mappings.query import Facet, Filters
from mappings.regions import known, level
from service.readers.base import LISTED, Counts, FacetCounts, opened_regions


def facet_fields(facet: Facet) -> tuple[str, ...]:
    """The fields of a facet, one a level."""
    return REGION_FIELDS if facet == "region" else (facet,)


def region_field(value: str) -> str:
    """The field of a region's level; a value that is no place is looked for among the provinces, and what
    would be unknown beneath a county among the counties.
    """
    parent = value.removesuffix(f"/{UNKNOWN}")
    if not known(parent):
        return REGION_FIELDS[0]
    number = REGION_FIELDS.index(level(parent)) + (parent != value)
    return REGION_FIELDS[min(number, len(REGION_FIELDS) - 1)]


def opened_starts(filters: Filters, number: int) -> tuple[str, ...]:
    """How the values beneath the opened places begin; level 1 is that of the prefectures, 2 the counties'."""
    above = REGION_FIELDS[number - 1]
    return tuple(place[: 2 * number] for place in opened_regions(filters) if level(place) == above)


def parts_pattern(filters: Filters, number: int) -> str:
    """A regular expression of the values beneath the opened places; empty where none is opened. The ends
    stand in it once: tantivy refuses more than a hundred places that each have their own.
    """
    starts = "|".join(opened_starts(filters, number))
    return f"({starts})[0-9]*(/{UNKNOWN})?" if starts else ""


def facet_counts(facet: Facet, filters: Filters, counted: Mapping[str, Any]) -> FacetCounts:
    """The counts of a facet from an engine's results by field: the most common values under FIELD, the
    smaller of equal ones first, those that must not be missing under FIELD+. Either may have more than
    is listed.
    """
    levels: list[Counts] = []
    rest: list[int] = []
    for number, name in enumerate(facet_fields(facet)):
        if name not in counted:  # the counties, where they are not listed at all
            rest.append(sum(articles for _, articles in levels[-1]) + rest[-1])
            levels.append([])
            continue
        common = buckets(counted[name])
        whole = sum(common.values()) + int(counted[name]["sum_other_doc_count"])
        read = common | buckets(counted.get(f"{name}+"))
        ranked = sorted(read.items(), key=lambda found: (-found[1], found[0]))
        needed, cut = never_missing(facet, number, filters), LISTED[facet]
        levels.append([*ranked[:cut], *(found for found in ranked[cut:] if needed(found[0]))])
        rest.append(whole - sum(articles for _, articles in levels[-1]))
    return FacetCounts(tuple(levels), tuple(rest))


def never_missing(facet: Facet, number: int, filters: Filters) -> Callable[[str], bool]:
    """Tells of a value whether it is listed however rare it is."""
    if facet == "region" and number:
        starts = opened_starts(filters, number)
        return lambda value: value.startswith(starts)
    return {UNKNOWN, *filters.values(facet)}.__contains__


def buckets(result: Mapping[str, Any] | None) -> dict[str, int]:
    listed = result["buckets"] if result else []
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in listed}
