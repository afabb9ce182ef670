"""The slow, obvious implementations that the fast ones are held against."""

from __future__ import annotations

from collections import Counter

from mappings import regions
from mappings.article import Article
from mappings.facets import region_values, sort_keys
from mappings.query import FACETS, And, Facet, Filters, Not, Nothing, Query, Search, Term
from mappings.text import _CLASS, BREAK, LONGEST_UNIT, fold, simplify  # the committed table
from service.readers.base import LISTED, Counts, FacetCounts, opened_regions


def slow_units(text: str) -> list[tuple[str, int, int]]:
    """The units of a text with their places, one character at a time."""
    found: list[tuple[str, int, int]] = []
    run_start: int | None = None
    folded = fold(text)

    def close(end: int) -> None:
        nonlocal run_start
        if run_start is not None:
            for start in range(run_start, end, LONGEST_UNIT):
                stop = min(start + LONGEST_UNIT, end)
                found.append((folded[start:stop], start, stop))
            run_start = None

    for place, char in enumerate(text):
        kind = _CLASS[ord(char)]
        if kind == 1:
            run_start = place if run_start is None else run_start
            continue
        close(place)
        if kind == 2:
            found.append((folded[place], place, place + 1))
        elif kind == 3:
            if found and found[-1][0] == BREAK:
                found.pop()
            found.append((BREAK, place, place + 1))
    close(len(text))
    return found


def slow_find(text: str, term: list[str]) -> list[tuple[int, int]]:
    """Every place of a term in a text."""
    there = slow_units(text)
    names = [unit for unit, _, _ in there]
    return [
        (there[at][1], there[at + len(term) - 1][2])
        for at in range(len(there) - len(term) + 1)
        if names[at : at + len(term)] == term
    ]


def contains(text: str, term: list[str]) -> bool:
    """Whether a text contains a term, by a scan of it."""
    return bool(term) and bool(slow_find(text, term))


def matches(article: Article, query: Query) -> bool:
    """Whether an article matches a query, by a scan of its text."""
    match query:
        case Term(units=units):
            return contains(article.title or "", list(units)) or contains(article.body, list(units))
        case And(queries=parts):
            return all(matches(article, part) for part in parts)
        case Not(query=part):
            return not matches(article, part)
        case Nothing():
            return False


def facet_values(article: Article, facet: Facet) -> list[str]:
    """Every value that an article has of a facet; of a region all the places above it too."""
    match facet:
        case "region":
            below = [f"{article.region[-1]}/unknown"] if 0 < len(article.region) < 3 else []
            return [*article.region, *below] or ["unknown"]
        case "year":
            return [str(article.year)] if article.year else ["unknown"]
        case "campaign":
            return list(article.campaigns) or ["unknown"]
        case "source":
            return [simplify(article.source)] if article.source else ["unknown"]


def passes(article: Article, filters: Filters, without: Facet | None = None) -> bool:
    """Whether an article passes the filters, one facet's left aside."""
    for facet in FACETS:
        chosen = filters.values(facet)
        if chosen and facet != without and not set(chosen) & set(facet_values(article, facet)):
            return False
    if filters.year_from is not None and (article.date_min or 0) < filters.year_from * 10_000:
        return False
    return filters.year_to is None or (article.date_max or 99999999) < (filters.year_to + 1) * 10_000


def slow_search(articles: list[Article], search: Search) -> tuple[list[Article], dict[Facet, FacetCounts]]:
    """All the hits of a search in the order of dates, and the counts of every facet."""
    asked = [article for article in articles if matches(article, search.query)]
    hits = [article for article in asked if passes(article, search.filters)]
    if search.sort == "date":
        hits.sort(key=lambda article: sort_keys(article)[1])
    else:
        hits.sort(key=lambda article: sort_keys(article)[0], reverse=True)
    counts = {
        facet: slow_counts(
            [article for article in asked if passes(article, search.filters, without=facet)],
            search.filters,
            facet,
        )
        for facet in FACETS
    }
    return hits, counts


def slow_counts(articles: list[Article], filters: Filters, facet: Facet) -> FacetCounts:
    """What `FacetCounts` says is listed of one facet."""
    if facet != "region":
        counted = Counter(value for article in articles for value in facet_values(article, facet))
        kept, rest = cut(counted, facet, {"unknown", *filters.values(facet)})
        return FacetCounts((kept,), (rest,))
    columns = zip(*(region_values(article.region) for article in articles), strict=True)
    levels = [Counter(column) for column in columns] or [Counter[str]()] * 3
    opened = opened_regions(filters)
    listed = [cut(levels[0], facet, {"unknown", *filters.values(facet)})]
    for number in (1, 2):
        beneath = {value for value in levels[number] if parent(value, number) in opened}
        listed.append(cut(levels[number], facet, beneath))
    if len(levels[1]) > LISTED[facet] and not any(len(regions.path(place)) == 2 for place in opened):
        listed[2] = [], len(articles)
    return FacetCounts(tuple(kept for kept, _ in listed), tuple(rest for _, rest in listed))


def cut(counted: Counter[str], facet: Facet, needed: set[str]) -> tuple[Counts, int]:
    """The values that are listed, and the articles under the others."""
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    kept = [item for rank, item in enumerate(ranked) if rank < LISTED[facet] or item[0] in needed]
    return kept, counted.total() - sum(count for _, count in kept)


def parent(value: str, number: int) -> str | None:
    """The place right above a region's value at a level; None where there is none."""
    code, _, unknown = value.partition("/")
    path = regions.path(code) if regions.known(code) else ()
    return path[number - 1] if len(path) == number + (not unknown) else None
