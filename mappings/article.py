"""The Article: the one record that passes through the whole product.

The indexer makes it, both engines store it whole, the service shows it. Its JSON form (`to_json`,
`from_json`) is what they store. No slots: orjson writes a slotted dataclass at half the speed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from mappings.errors import ArticleError

Basis = Literal["stated", "inferred"]
Place = Literal["title", "body", "page", "address", "record"]
"""Where an Evidence's words stand: in the article's title or body, in the page as it was
read (furniture that did not reach the body), in the address, or in the input record."""

UNKNOWN = "unknown"
"""The value of every facet for an article on which that label is missing."""


@dataclass(frozen=True)
class Evidence:
    """Why an article carries a label: the rule, the words it rests on, and where they stand.

    `start` and `end` count code points in the text that `where` names.
    `basis` is "stated" where the words say it, "inferred" where we conclude it.
    """

    field: str
    value: str
    rule: str
    quote: str
    start: int
    end: int
    where: Place
    basis: Basis


@dataclass(frozen=True)
class Article:
    """One cleaned article with its labels.

    `date` is EDTF (ISO 8601-2); `date_min` and `date_max` are the first and last day it can
    mean, as integers yyyymmdd, both None where no year is known. `region` is the path of
    today's GB/T 2260 codes from province down to the deepest level that is known;
    `region_then` the same in the codes of the day. `campaigns` are ids of the authority file.
    `group` names the set of articles with the same text; `first` marks its representative.
    `origin` is where it was read: a path relative to the indexed root, with `:line` for records.
    """

    id: str
    body: str
    origin: str
    url: str | None = None
    title: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    date_min: int | None = None
    date_max: int | None = None
    region: tuple[str, ...] = ()
    region_then: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    script: str = ""
    group: str = ""
    first: bool = True
    evidence: tuple[Evidence, ...] = field(default=())

    @property
    def year(self) -> int | None:
        """The year, where the date lies within a single one; else None."""
        if self.date_min is None or self.date_max is None:
            return None
        first, last = self.date_min // 10_000, self.date_max // 10_000
        return first if first == last else None


def to_json(article: Article) -> bytes:
    """The article as one line of UTF-8 JSON, keys in the order of the class."""
    return orjson.dumps(article)


def from_json(data: bytes | str, *, with_evidence: bool = True) -> Article:
    """The article that `to_json` wrote, whole or without its evidence (a list of hits needs none).

    Raises ArticleError where it is no article.
    """
    try:
        record: dict[str, Any] = orjson.loads(data)
    except ValueError as error:
        raise ArticleError(f"not an article record: {error}") from error
    return from_record(record, with_evidence=with_evidence)


def from_record(record: dict[str, Any], *, with_evidence: bool = True) -> Article:
    """The article of a record as `to_json` writes it, decoded; the record is used up.

    Raises ArticleError where it is no article.
    """
    try:
        items = record.pop("evidence") if with_evidence else record.pop("evidence", ())
        evidence = tuple(Evidence(**item) for item in items) if with_evidence else ()
        for name in ("authors", "region", "region_then", "campaigns"):
            record[name] = tuple(record[name])
        return Article(evidence=evidence, **record)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ArticleError(f"not an article record: {error}") from error


_SPACE = re.compile(r"\s+")


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return _SPACE.sub(" ", text).strip()
