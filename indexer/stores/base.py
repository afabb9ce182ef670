"""What a Store promises: the indexes of one corpus on one engine, which of them is published, and how
one takes the place of another.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager

from indexer.writers.base import Writer
from mappings.article import Article
from mappings.errors import BuildError, NoIndex
from mappings.record import IndexRecord, check_schema


class Store(ABC):
    """The indexes of a corpus. What changes anything is to be called with the lock held.

    A published index never changes; everything here makes another one or removes one that is not
    published.
    """

    @abstractmethod
    def lock(self) -> AbstractContextManager[None]:
        """Keeps other builds of this corpus away. Clears away what a crashed build left.

        Raises BuildLocked where another build is at work.
        """

    @abstractmethod
    def published(self) -> IndexRecord:
        """What the published index says of itself, whatever its schema.

        Raises NoIndex, or StoreError where it cannot be read.
        """

    @abstractmethod
    def indexes(self) -> list[IndexRecord]:
        """The complete indexes, oldest first. What is not ours, or not complete, is not among them."""

    @abstractmethod
    def articles(self) -> Iterator[Article]:
        """The articles of the published index, whatever its schema.

        Raises IndexDamaged where not all of them can be read.
        """

    @abstractmethod
    def get(self, ids: Collection[str]) -> dict[str, Article]:
        """Those of the published index that have one of some ids."""

    @abstractmethod
    def copies(self, groups: Collection[str]) -> Iterator[Article]:
        """All the articles of the published index that belong to one of some groups."""

    @abstractmethod
    def writer(self, *, copy: bool = False) -> Writer:
        """The writer of a new index: an empty one, or a copy of the published one, to be changed."""

    @abstractmethod
    def publish(self, name: str) -> None:
        """Make another complete index the one that is searched, in one step. Nothing is removed."""

    @abstractmethod
    def _delete(self, name: str) -> None:
        """Remove an index that is not published: whole, or so that the next build removes the rest."""

    def remove(self, name: str) -> None:
        """Remove a complete index. Raises BuildError where it is the published one, or none of ours."""
        if name == self.published_name() or name not in [index.name for index in self.indexes()]:
            raise BuildError(f"{name} is not an index that zoufang can remove")
        self._delete(name)

    @abstractmethod
    def close(self) -> None:
        """Let go of connections."""

    def surplus(self, *, keep_previous: bool = True) -> list[IndexRecord]:
        """The complete indexes that nothing needs: all but the published one and, unless told
        otherwise, the one before it. None where no published one is to be seen.
        """
        indexes, name = self.indexes(), self.published_name()
        published = next((index for index in indexes if index.name == name), None)
        if published is None:
            return []
        kept = {published.name, published.previous if keep_previous else ""}
        return [index for index in indexes if index.name not in kept]

    def published_name(self) -> str | None:
        """The name of the published index; None where there is none."""
        try:
            return self.published().name
        except NoIndex:
            return None

    def usable(self) -> IndexRecord:
        """The published index's record. Raises NoIndex, or SchemaMismatch where it is of another schema."""
        record = self.published()
        check_schema(record.name, record.schema)
        return record

    def to_roll_back_to(self, name: str | None = None) -> IndexRecord:
        """The index of this name, or the one that was published before. Raises BuildError."""
        current = self.published()
        wanted = name or current.previous
        if not wanted:
            raise BuildError(f"{current.name} is the first index that was published; nothing came before it")
        if wanted == current.name:
            raise BuildError(f"{wanted} is the published index already")
        found = next((index for index in self.indexes() if index.name == wanted), None)
        if found is None:
            raise BuildError(f"there is no index {wanted} any more; nothing was changed")
        check_schema(found.name, found.schema)
        return found
