"""What a Writer promises. A new index is built aside and nobody sees it before `publish`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from mappings.article import Article
from mappings.record import IndexRecord


class Writer(ABC):
    """Builds one index. A context: leaving it without `publish` removes what was built.

    Entering takes the lock (BuildLocked where another build holds it) and clears away what a
    crashed build left. The published index is not touched before `publish`, and then in one step.
    """

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @abstractmethod
    def add(self, article: Article) -> None:
        """Add one article. Its id must not have been added before. Raises BuildError."""

    @abstractmethod
    def publish(self) -> IndexRecord:
        """Complete the index, check it, and make it the one that is searched. Raises BuildError."""
