"""What both engines keep of an article beside its text: the values of its facets and its sort keys."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from mappings.article import UNKNOWN, Article
from mappings.text import simplify

REGION_FIELDS = ("province", "prefecture", "county")
"""One single-valued facet field a level: a multi-valued path costs 4 to 8 times as much."""

FACET_FIELDS = (*REGION_FIELDS, "year", "campaign", "source")

NO_DATE = (1 << 25) - 1
"""Sorts after every date; yyyymmdd takes 25 bits and an id's hash 38, so both fit a signed long."""
_HASH_BITS = 38


def sort_keys(article: Article) -> tuple[int, int]:
    """(newest, oldest): sorted downwards by the one or upwards by the other, the articles stand by
    date with those of no known year last, and those of one day in an order that is the same everywhere.
    """
    tie = int.from_bytes(blake2b(article.id.encode(), digest_size=8).digest(), "big") >> (64 - _HASH_BITS)
    date = article.date_min
    newest, oldest = (0, NO_DATE) if date is None else (date, date)
    return newest << _HASH_BITS | tie, oldest << _HASH_BITS | tie


def region_values(path: tuple[str, ...]) -> tuple[str, ...]:
    """The region facet's value at each level: a code; below what is known `CODE/unknown`, which
    names the parent so that it can be counted and chosen there; `unknown` where nothing is known.
    """
    below = f"{path[-1]}/{UNKNOWN}" if path else UNKNOWN
    return (*path, *(below,) * (len(REGION_FIELDS) - len(path)))


@lru_cache(maxsize=4096)
def source_value(source: str | None) -> str:
    """The source facet's value: one for both scripts."""
    return simplify(source) if source else UNKNOWN


def facet_values(article: Article) -> dict[str, str | list[str]]:
    """The value of each of FACET_FIELDS; an article can be of several campaigns."""
    return {
        **dict(zip(REGION_FIELDS, region_values(article.region), strict=True)),
        "year": str(article.year or UNKNOWN),
        "campaign": list(article.campaigns) or UNKNOWN,
        "source": source_value(article.source),
    }
