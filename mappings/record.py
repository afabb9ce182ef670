"""The IndexRecord: what an index says of itself, and how the identity of its articles is reckoned."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import orjson

from mappings.article import Article, to_json
from mappings.errors import IndexDamaged, SchemaMismatch
from mappings.names import SCHEMA_VERSION

_BITS = 128


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """Written beside an index when it is complete. `created` is UTC, ISO 8601.

    `rules` is the digest of the tables that units and labels rest on, for telling whether a rebuild is due;
    `removed` are the ids that `zoufang remove` took out and no build lets in again;
    `previous` is the name of the index whose place it took.
    """

    name: str
    schema: int
    created: str
    articles: int
    snapshot: str
    software: str
    rules: str = ""
    removed: tuple[str, ...] = ()
    previous: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def to_json(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, data: bytes) -> IndexRecord:
        """Raises IndexDamaged where the data is no record."""
        try:
            return cls.from_dict(orjson.loads(data))
        except (TypeError, ValueError) as error:
            raise IndexDamaged(f"the index's record cannot be read: {error}") from error

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> IndexRecord:
        """Raises TypeError where the data is no record."""
        return cls(**data | {"removed": tuple(data.get("removed", ()))})


def check_schema(name: str, schema: int) -> None:
    """Raises SchemaMismatch unless this version reads what has this schema."""
    if schema < SCHEMA_VERSION:
        advice = "build it again from the articles it holds: zoufang reindex"
    elif schema > SCHEMA_VERSION:
        advice = "it was made by a newer zoufang: use that one"
    else:
        return
    raise SchemaMismatch(
        f"{name} has schema {schema}, this version of zoufang reads and writes {SCHEMA_VERSION}; {advice}"
    )


class SnapshotHash:
    """The order-free identity of a set of articles: the sum of their hashes modulo 2^128.

    It begins with that of no article, or with a snapshot that is known.
    """

    def __init__(self, snapshot: str = "0") -> None:
        self._sum = int(snapshot, 16)

    def add(self, article: Article) -> None:
        self._sum = (self._sum + _digest(article)) % (1 << _BITS)

    def remove(self, article: Article) -> None:
        """Take out an article that is in it."""
        self._sum = (self._sum - _digest(article)) % (1 << _BITS)

    def __str__(self) -> str:
        return f"{self._sum:0{_BITS // 4}x}"


def _digest(article: Article) -> int:
    return int.from_bytes(blake2b(to_json(article), digest_size=_BITS // 8).digest(), "big")
