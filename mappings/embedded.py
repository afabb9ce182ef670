"""The embedded index: tantivy's schema, an article as its document, and where the files are.

DATA/
  current                          the name of the published index
  previous indexes, one of them kept
  {name}-v{schema}-{time}/         tantivy's files and zoufang.json, the IndexRecord
  {name}-v{schema}-{time}.building a build at work, or what a crash left of one
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import tantivy

from mappings.article import Article, to_json
from mappings.errors import IndexDamaged, NoIndex
from mappings.facets import FACET_FIELDS, facet_values, sort_keys
from mappings.names import IndexName, parse_name
from mappings.record import IndexRecord, check_schema
from mappings.text import indexed

CURRENT = "current"
RECORD = "zoufang.json"
BUILDING = ".building"


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


def to_document(article: Article) -> tantivy.Document:
    """The article as tantivy keeps it."""
    newest, oldest = sort_keys(article)
    values: dict[str, Any] = {
        "id": article.id,
        "article": to_json(article),
        "newest": newest,
        "oldest": oldest,
        "group": article.group,
        "first": article.first,
        **facet_values(article),
    }
    for part, text in (("title", article.title), ("body", article.body)):
        units = indexed(text)
        values[f"{part}_units"] = units.joined
        values[f"{part}_pairs"] = units.pairs
    if article.date_min is not None and article.date_max is not None:
        values |= {"date_min": article.date_min, "date_max": article.date_max}
    return tantivy.Document.from_dict(values, schema())


def named_index(data: Path) -> tuple[Path, IndexName]:
    """The folder of the published index, whatever its schema. Raises NoIndex or IndexDamaged."""
    try:
        text = (data / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise NoIndex(f"nothing has been published in {data} yet; run: zoufang index FOLDER") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamaged(f"{data / CURRENT} cannot be read: {error}") from error
    name = parse_name(text)
    if name is None:
        raise IndexDamaged(f"{data / CURRENT} does not name an index: {text[:80]!r}")
    return data / text, name


def current_index(data: Path) -> Path:
    """The folder of the published index. Raises NoIndex, SchemaMismatch or IndexDamaged."""
    folder, name = named_index(data)
    check_schema(str(name), name.schema)
    return folder


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
