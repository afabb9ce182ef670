"""Telling an article that came again from a copy under another address."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from hashlib import blake2b

from mappings.article import Article


class Seen(Enum):
    """What an article is in view of those before it."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Dedupe:
    """Remembers ids, contents and texts of a run, as hashes: some 200 bytes an article."""

    def __init__(self) -> None:
        self._contents: dict[int, int] = {}
        self._firsts: dict[int, tuple[int, int]] = {}

    def judge(self, article: Article) -> Seen:
        """DUPLICATE: the same id with the same content. CONFLICT: the same id with another.

        Content is what the article says, not where in the page it was said.
        """
        id = _hash(article.id)
        said = (article.title, article.body, article.date, article.source, article.authors)
        content = _hash(repr(said))
        if id in self._contents:
            return Seen.DUPLICATE if self._contents[id] == content else Seen.CONFLICT
        self._contents[id] = content
        self.claim(article)
        return Seen.NEW

    def seen(self, id: str) -> bool:
        """Whether an article with this id has been judged."""
        return _hash(id) in self._contents

    def claim(self, article: Article) -> None:
        """Let an article be the first of its group, unless another has a better claim."""
        group, claim = _hash(article.group), (article.date_min or _NEVER, _hash(article.id))
        self._firsts[group] = min(self._firsts.get(group, claim), claim)

    def mark(self, article: Article) -> Article:
        """The article, marked as the first of its group or as a copy.

        The first is the earliest, of equals the one of the smallest hash, whatever the order in which
        they came. Only to be asked when all the articles have been judged.
        """
        first = self._firsts[_hash(article.group)][1] == _hash(article.id)
        return article if article.first == first else replace(article, first=first)


_NEVER = 99_999_999


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
