"""The Elasticsearch index: its settings and mapping, and an article as its document.

The document is the article's own JSON with a few keys beside it that only the index reads. What the
analyzers of elasticsearch.json do is filled in from text.py, so that their tokens are its units and pairs.

Of a run of breaks only the last is a unit: the tokenizer passes over a break whose next character that is
not transparent is a break too. To look no further than that keeps it linear in a long run of them.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from string import Template
from typing import Any

import orjson

from mappings.article import Article, from_record
from mappings.errors import ArticleError, IndexDamaged
from mappings.facets import facet_values, sort_keys
from mappings.text import BREAK, LONGEST_UNIT, PAIR_JOIN, has_units, ranges, spellings

_UNLISTED = 1000
"""Transparent ranges longer than this (private use, the last planes) are left as they are by the char filter,
which takes one rule a code point, and kept out of the units by the tokenizer.
"""

INDEX_ONLY = ("untitled", "textless", "newest", "oldest", "facet")
"""The keys of a document that are none of the article's."""


def index_body(shards: int) -> dict[str, Any]:
    """What creates an index: elasticsearch.json with the tables of text.py in it."""
    template = orjson.loads((Path(__file__).parent / "elasticsearch.json").read_bytes())
    body: dict[str, Any] = _fill(template, {"shards": shards, **_tables()})
    return body


@cache
def _tables() -> dict[str, Any]:
    """The values of the placeholders that rest on text.py."""
    unlisted = [(first, last) for first, last in ranges("clear") if last - first >= _UNLISTED]
    skipped = {code for first, last in unlisted for code in range(first, last + 1)}
    return {
        "spellings": [f"{_rule(code)}=>{_rule(to)}" for code, to in spellings() if code not in skipped],
        "han": _pattern(ranges("han")),
        "unlisted": _pattern(unlisted),
        "break": BREAK,
        "longest": LONGEST_UNIT,
        "pair_join": PAIR_JOIN,
    }


def _rule(code: int) -> str:
    r"""A code point in a rule of the char filter: \uXXXX for each UTF-16 unit, since a rule is trimmed and
    cut at its arrow.
    """
    pair = chr(code).encode("utf-16-be").hex()
    return "".join(f"\\u{pair[at : at + 4]}" for at in range(0, len(pair), 4))


def _pattern(places: list[tuple[int, int]]) -> str:
    """Ranges of code points as they stand inside the brackets of a Java pattern."""
    return "".join(
        f"\\x{{{first:X}}}-\\x{{{last:X}}}" if first < last else f"\\x{{{first:X}}}" for first, last in places
    )


def _fill(node: Any, values: dict[str, Any]) -> Any:
    """A part of the template with its placeholders filled in; one that stands alone keeps its type."""
    if isinstance(node, dict):
        return {key: _fill(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, values) for value in node]
    if isinstance(node, str) and "$" in node:
        return values.get(node[1:]) or Template(node).substitute(values)
    return node


def document_id(id: str) -> str:
    """The `_id` of an article: Elasticsearch takes 512 bytes, an id of ours may have more."""
    return blake2b(id.encode(), digest_size=16).hexdigest()


def to_source(article: Article) -> bytes:
    """The article as one line of JSON for `_bulk`."""
    newest, oldest = sort_keys(article)
    source = {**vars(article), "newest": newest, "oldest": oldest, "facet": facet_values(article)}
    if not has_units(article.title or ""):
        source["untitled"] = BREAK
    if not has_units(article.body):
        source["textless"] = BREAK
    return orjson.dumps(source)


def from_source(source: dict[str, Any]) -> Article:
    """The article of a document, without its evidence where the search left that out.

    Raises ArticleError where it is no article.
    """
    record = {key: value for key, value in source.items() if key not in INDEX_ONLY}
    return from_record(record, with_evidence="evidence" in record)


def held_article(source: dict[str, Any], index: str) -> Article:
    """The article of a document of one of our indexes. Raises IndexDamaged."""
    try:
        return from_source(source)
    except ArticleError as error:
        raise IndexDamaged(f"an article of {index} cannot be read: {error}") from error
