"""Changing what is published: articles are added, replaced and removed in a copy of the index.

The outcome is that of a rebuild over the same articles, except that what did not change keeps the place
where it was first read: where another of some copies becomes the first, the articles that this concerns
are written again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from indexer.dedupe import Dedupe
from indexer.pipeline import Account, Rejects, Spool, Tick, complete, spool_articles, tell_refused
from indexer.source import Reject
from indexer.stores.base import Store
from indexer.writers.base import Writer
from mappings.article import Article, to_json
from mappings.errors import BuildError, NotFound

MOST_REMOVED = 10_000
"""Ids that an index remembers as removed. They are read with its record, on every engine."""

_BATCH = 500
Item = TypeVar("Item")


def update_articles(
    articles: Iterable[Article | Reject],
    store: Store,
    writer: Writer,
    rejects: Rejects,
    tick: Tick,
    folder: Path,
) -> Account:
    """Add articles to a copy of the published index, and put those that changed in the place of what
    it holds. One that it holds just so is a duplicate.
    """
    dedupe = Dedupe()
    with Spool(folder) as spool:
        account = spool_articles(articles, spool, dedupe, rejects, writer.removed)
        same: set[str] = set()
        groups: set[str] = set()
        for batch in batches(spool):
            held = store.get([article.id for article in batch])
            for article in batch:
                old = held.get(article.id)
                if old is not None and unchanged(old, article):
                    same.add(article.id)
                else:
                    groups |= {article.group, old.group if old else article.group}
        account.duplicates += len(same)
        account.indexed -= len(same)
        mark_copies(groups, store, writer, dedupe, lambda held: dedupe.seen(held) and held not in same)
        written = 0
        for batch in batches(article for article in spool if article.id not in same):
            held = store.get([article.id for article in batch])
            for article in batch:
                old, new = held.get(article.id), dedupe.mark(article)
                if old is None:
                    writer.add(new)
                else:
                    writer.replace(old, new)
                    account.replaced += 1
                written += 1
                tell_refused(writer, account, rejects)
                tick("writing", written, written, len(spool) - len(same))
    complete(writer, account, rejects)
    return account


def unchanged(old: Article, new: Article) -> bool:
    """Whether an article says what the held one says, wherever it was read."""
    return to_json(replace(new, first=old.first, origin=old.origin)) == to_json(old)


def remove_articles(ids: Collection[str], store: Store, writer: Writer) -> None:
    """Take articles out of a copy of the published index, and have no build let them in again.

    Raises NotFound where there is no such article, BuildError where too many have been removed.
    """
    held = store.get(ids)
    if missing := [id for id in ids if id not in held]:
        raise NotFound(f"no article has the id {', '.join(map(repr, missing))}; nothing was removed")
    removed = tuple(sorted({*writer.removed, *ids}))
    if len(removed) > MOST_REMOVED:
        raise BuildError(
            f"{len(removed):,} articles would have been removed one by one, more than the {MOST_REMOVED:,} "
            "that are remembered; take their pages out of the folder and index it again"
        )
    for article in held.values():
        writer.delete(article)
    mark_copies({article.group for article in held.values()}, store, writer, Dedupe(), held.__contains__)
    writer.removed = removed


def mark_copies(
    groups: Collection[str], store: Store, writer: Writer, dedupe: Dedupe, left: Callable[[str], bool]
) -> None:
    """Write those copies again that become the first of some groups, or cease to be.

    `left` tells the ids that are in these groups no more; `dedupe` knows the claims of those that come.
    """
    for batch in batches(sorted(groups)):
        for article in store.copies(batch):
            if not left(article.id):
                dedupe.claim(article)
        for article in store.copies(batch):
            if not left(article.id) and (marked := dedupe.mark(article)) is not article:
                writer.replace(article, marked)


def batches(items: Iterable[Item], size: int = _BATCH) -> Iterator[list[Item]]:
    """The items, some at a time."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
