"""What a Writer promises. A new index is built aside and nobody sees it before `publish`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from importlib.metadata import version
from types import TracebackType
from typing import Self

from indexer.rules import rules
from mappings.article import Article
from mappings.errors import NothingToPublish
from mappings.names import SCHEMA_VERSION, IndexName
from mappings.record import IndexRecord, SnapshotHash

_PROBES = 5


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that the engine would not make: an article that was to come, to go (no `new`), or to take
    the place of an `old` one; and the engine's reason.
    """

    old: Article | None
    new: Article | None
    reason: str


class Writer(ABC):
    """Builds one index. A context: leaving it without `publish` removes what was built.

    It begins empty, or as a copy of the published index. The published index is not touched before
    `publish`, and then in one step. `removed` are the ids that no build lets in; `count` is the number
    of articles.
    """

    def __init__(self, name: IndexName, published: IndexRecord | None, *, copy: bool) -> None:
        self._name = name
        self._published = published
        self._copied = published if copy else None
        self.removed: tuple[str, ...] = published.removed if published else ()
        self._hash = SnapshotHash(self._copied.snapshot if self._copied else "0")
        self.count = self._copied.articles if self._copied else 0
        self._probes: list[Article] = []

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def add(self, article: Article) -> None:
        """Add one article, whose id is not in the index yet. Raises BuildError."""
        self._write(None, article)

    def replace(self, old: Article, new: Article) -> None:
        """Put another article in the place of one that the copied index holds, of the same id."""
        self._write(old, new)

    def delete(self, article: Article) -> None:
        """Take out an article that the copied index holds."""
        self._write(article, None)

    @abstractmethod
    def _write(self, old: Article | None, new: Article | None) -> None:
        """Make a change, and reckon with it (`_changed`) when it is made. Raises BuildError."""

    @abstractmethod
    def complete(self) -> None:
        """Wait until everything is written. Nothing can be written after that. Raises BuildError."""

    def refused(self) -> Iterator[Refusal]:
        """What the engine would not do since this was last asked. All of it is known only after
        `complete`.
        """
        return iter(())

    @abstractmethod
    def publish(self) -> IndexRecord:
        """Complete the index, check it, and make it the one that is searched. Raises BuildError."""

    def _changed(self, old: Article | None, new: Article | None) -> None:
        """Reckon with a change that was made."""
        if old is not None:
            self._hash.remove(old)
            self.count -= 1
        if new is not None:
            self._hash.add(new)
            self.count += 1
            if len(self._probes) < _PROBES:
                self._probes.append(new)

    def _record(self) -> IndexRecord:
        """What the new index says of itself. A copy was labelled by the rules of what it was copied from,
        whatever was added to it since. Raises NothingToPublish where it has no article.
        """
        if not self.count:
            raise NothingToPublish("no article was left to index, so nothing was published")
        made = self._copied
        return IndexRecord(
            name=str(self._name),
            schema=SCHEMA_VERSION,
            created=self._name.created.astimezone(UTC).isoformat(timespec="seconds"),
            articles=self.count,
            snapshot=str(self._hash),
            software=made.software if made else version("zoufang"),
            rules=made.rules if made else rules(),
            removed=self.removed,
            previous=self._published.name if self._published else "",
        )
