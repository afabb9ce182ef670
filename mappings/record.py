"""The IndexRecord: what an index says of itself, and how the identity of its articles is reckoned."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import orjson

from mappings.article import Article, to_json
from mappings.errors import IndexDamaged

_BITS = 128


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """Written beside an index when it is complete. `created` is UTC, ISO 8601."""

    name: str
    schema: int
    created: str
    articles: int
    snapshot: str
    software: str

    def to_json(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, data: bytes) -> IndexRecord:
        """Raises IndexDamaged where the data is no record."""
        try:
            return cls(**orjson.loads(data))
        except (TypeError, ValueError) as error:
            raise IndexDamaged(f"the index's record cannot be read: {error}") from error


class SnapshotHash:
    """The order-free identity of a set of articles: the sum of their hashes modulo 2^128."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, article: Article) -> None:
        digest = blake2b(to_json(article), digest_size=_BITS // 8).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % (1 << _BITS)

    def __str__(self) -> str:
        return f"{self._sum:0{_BITS // 4}x}"
