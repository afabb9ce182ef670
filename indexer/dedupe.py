"""Telling an article that came again from a copy under another address."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from hashlib import blake2b

from mappings.article import Article, to_json


class Seen(Enum):
    """What an article is in view of those before it."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Dedupe:
    """Remembers ids, contents and texts of a run, as hashes: some 200 bytes an article."""

    def __init__(self) -> None:
        self._contents: dict[int, int] = {}
        self._groups: set[str] = set()

    def judge(self, article: Article) -> Seen:
        """DUPLICATE: the same id with the same content. CONFLICT: the same id with another."""
        id = _hash(article.id.encode("utf-8", "replace"))
        content = _hash(to_json(replace(article, origin="", first=True)))
        known = self._contents.get(id)
        if known is None:
            self._contents[id] = content
            return Seen.NEW
        return Seen.DUPLICATE if known == content else Seen.CONFLICT

    def mark(self, article: Article) -> Article:
        """The article, marked as the first of its group or as a copy."""
        first = article.group not in self._groups
        self._groups.add(article.group)
        return article if article.first == first else replace(article, first=first)


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")
