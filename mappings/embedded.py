"""The embedded index: tantivy's schema, an article as its document, and where the files are.

DATA/
  current                          the name of the published index
  previous indexes, one of them kept
  {name}-v{schema}-{time}/         tantivy's files and zoufang.json, the IndexRecord
  {name}-v{schema}-{time}.building a build at work, or what a crash left of one
"""

from __future__ import annotations

from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import tantivy

from mappings.article import UNKNOWN, Article, to_json
from mappings.errors import IndexDamaged, NoIndex, SchemaMismatch
from mappings.names import SCHEMA_VERSION, parse_name
from mappings.record import IndexRecord
from mappings.text import Units, simplify

CURRENT = "current"
RECORD = "zoufang.json"
BUILDING = ".building"

REGION_FIELDS = ("province", "prefecture", "county")
"""One single-valued facet field a level: a multi-valued path costs 4 to 8 times as much."""

FACET_FIELDS = (*REGION_FIELDS, "year", "campaign", "source", "script")

NO_DATE = (1 << 25) - 1
"""Sorts after every date; yyyymmdd takes 25 bits and an id's hash 38, so both fit a signed long."""
_HASH_BITS = 38


@cache
def schema() -> tantivy.Schema:
    """The fields of an article. Text fields hold units or pairs, one space between two."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("article", stored=True)
    for part in ("title", "body"):
        builder.add_text_field(f"{part}_units", tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field(f"{part}_pairs", tokenizer_name="whitespace", index_option="position")
    for name in FACET_FIELDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("date_min", "date_max"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("newest", "oldest"):
        builder.add_integer_field(name, fast=True)
    builder.add_text_field("group", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_boolean_field("first", indexed=True, fast=True)
    return builder.build()


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


def to_document(article: Article) -> tantivy.Document:
    """The article as tantivy keeps it."""
    newest, oldest = sort_keys(article)
    values: dict[str, Any] = {
        "id": article.id,
        "article": to_json(article),
        "year": str(article.year or UNKNOWN),
        "campaign": list(article.campaigns) or UNKNOWN,
        "source": source_value(article.source),
        "script": article.script or UNKNOWN,
        "newest": newest,
        "oldest": oldest,
        "group": article.group,
        "first": article.first,
        **dict(zip(REGION_FIELDS, region_values(article.region), strict=True)),
    }
    for part, text in (("title", article.title or ""), ("body", article.body)):
        units = Units(text)
        values[f"{part}_units"] = units.joined
        values[f"{part}_pairs"] = units.pairs
    if article.date_min is not None and article.date_max is not None:
        values |= {"date_min": article.date_min, "date_max": article.date_max}
    return tantivy.Document.from_dict(values, schema())


def current_index(data: Path) -> Path:
    """The folder of the published index. Raises NoIndex, SchemaMismatch or IndexDamaged."""
    try:
        text = (data / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise NoIndex(f"nothing has been published in {data} yet; run: zoufang index FOLDER") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{data / CURRENT} cannot be read: {error}") from error
    name = parse_name(text)
    if name is None:
        raise IndexDamaged(f"{data / CURRENT} does not name an index: {text[:80]!r}")
    if name.schema != SCHEMA_VERSION:
        raise SchemaMismatch(
            f"{data / text} has schema {name.schema}, this version of zoufang reads and writes "
            f"{SCHEMA_VERSION}; build it again from the raw pages: zoufang index FOLDER"
        )
    return data / text


def read_record(folder: Path) -> IndexRecord:
    """What an index says of itself. Raises IndexDamaged."""
    try:
        return IndexRecord.from_json((folder / RECORD).read_bytes())
    except OSError as error:
        raise IndexDamaged(f"{folder / RECORD} cannot be read: {error}") from error


def open_index(folder: Path) -> tantivy.Index:
    """A complete index, for reading. Raises IndexDamaged.

    tantivy misses a file of positions only when a phrase is looked for, so these are looked for here.
    """
    try:
        index = tantivy.Index.open(str(folder))
        for postings in folder.glob("*.idx"):
            postings.with_suffix(".pos").stat()
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{folder} cannot be opened: {error}; run: zoufang index FOLDER") from error
    return index
