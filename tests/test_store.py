"""Publishing on each engine: builds, updates, removals and rollbacks, held against a rebuild."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace

import pytest

from indexer.pipeline import Account, Rejects, write_articles
from indexer.rules import overdue
from indexer.source import Reject
from indexer.stores import open_store
from indexer.update import remove_articles, update_articles
from mappings.article import Article
from mappings.errors import BuildError, BuildLocked, NoIndex, NotFound, NothingToPublish
from mappings.record import IndexRecord, SnapshotHash
from mappings.settings import Settings
from tests.corpus import random_articles


def quiet(*_: object) -> None:
    """Nobody waits for it."""


def rejects_of(settings: Settings) -> Rejects:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Rejects(settings.data / "rejects.jsonl")


def build(settings: Settings, articles: Iterable[Article | Reject]) -> tuple[Account, IndexRecord]:
    with closing(open_store(settings)) as store, store.lock(), store.writer() as writer:
        with rejects_of(settings) as rejects:
            account = write_articles(articles, writer, rejects, quiet, settings.data)
        return account, writer.publish()


def update(settings: Settings, articles: Iterable[Article | Reject]) -> tuple[Account, IndexRecord | None]:
    with closing(open_store(settings)) as store, store.lock(), store.writer(copy=True) as writer:
        with rejects_of(settings) as rejects:
            account = update_articles(articles, store, writer, rejects, quiet, settings.data)
        return account, writer.publish() if account.indexed else None


def remove(settings: Settings, *ids: str) -> IndexRecord:
    with closing(open_store(settings)) as store, store.lock(), store.writer(copy=True) as writer:
        remove_articles(ids, store, writer)
        return writer.publish()


def held(settings: Settings) -> dict[str, Article]:
    with closing(open_store(settings)) as store:
        return {article.id: article for article in store.articles()}


def snapshot(articles: Iterable[Article]) -> str:
    sum = SnapshotHash()
    for article in articles:
        sum.add(article)
    return str(sum)


def copied(articles: Iterable[Article], rng: random.Random, groups: int) -> list[Article]:
    """The articles in few groups, so that most are copies of others."""
    return [replace(article, group=f"g{rng.randrange(groups)}") for article in articles]


@pytest.mark.parametrize("seed", range(4))
def test_an_update_is_what_a_rebuild_would_be(on_engine, tmp_path, seed):
    rng = random.Random(seed)
    settings = on_engine()
    pool = copied(random_articles(seed, 120), rng, 30)
    now = {article.id: article for article in pool[:80]}
    build(settings, now.values())
    for step in range(3):
        others = {
            article.id: article for article in copied(random_articles(100 + seed * 10 + step, 120), rng, 30)
        }
        coming = [
            others[article.id] if rng.random() < 0.4 else now.get(article.id, article)
            for article in rng.sample(pool, 25)
        ]
        account, record = update(settings, [*coming, Reject("x.txt", None, "empty")])
        changed = [article for article in coming if now.get(article.id) != article]
        assert (account.read, account.indexed, account.rejected) == (26, len(changed), 1)
        assert account.duplicates == 25 - len(changed)
        assert account.replaced == sum(article.id in now for article in changed)
        now |= {article.id: article for article in coming}
        assert record is not None
        rebuilt = Settings(data=tmp_path / f"rebuilt{step}")
        _, expected = build(rebuilt, now.values())
        assert held(settings) == held(rebuilt)
        assert (record.snapshot, record.articles) == (expected.snapshot, expected.articles)
        assert record.snapshot == snapshot(held(settings).values())


def test_an_update_that_changes_nothing_publishes_nothing(on_engine):
    settings = on_engine()
    articles = list(random_articles(1, 10))
    _, before = build(settings, articles)
    moved = [replace(article, origin=f"elsewhere/{article.origin}") for article in articles]
    account, record = update(settings, moved)
    assert record is None
    assert (account.read, account.indexed, account.duplicates) == (10, 0, 10)
    with closing(open_store(settings)) as store:
        assert store.published() == before
        assert store.indexes() == [before]


def test_what_is_removed_stays_away_until_it_is_let_in_again(on_engine):
    settings = on_engine()
    articles = [
        replace(article, group="one", first=False, date_min=20090101 + number, date_max=20090101 + number)
        for number, article in enumerate(random_articles(2, 5))
    ]
    build(settings, articles)
    assert [article.id for article in held(settings).values() if article.first] == ["a0"]
    record = remove(settings, "a0", "a3")
    assert (record.articles, record.removed) == (3, ("a0", "a3"))
    assert [article.id for article in held(settings).values() if article.first] == ["a1"]
    for way in (build, update):
        account, _ = way(settings, [*articles, replace(articles[4], id=way.__name__)])
        assert account.rejected == 2
        said = (settings.data / "rejects.jsonl").read_text("utf-8")
        assert "a0 was removed; to let it in again: zoufang remove --undo a0" in said
        assert "a0" not in held(settings)
    assert held(settings).keys() == {"a1", "a2", "a4", "build", "update"}
    with closing(open_store(settings)) as store, store.lock(), store.writer(copy=True) as writer:
        writer.removed = ()
        writer.publish()
    assert update(settings, articles)[0].indexed == 2
    assert held(settings).keys() == {"a0", "a1", "a2", "a3", "a4", "build", "update"}


def test_an_unknown_id_removes_nothing(on_engine):
    settings = on_engine()
    _, before = build(settings, random_articles(3, 3))
    with pytest.raises(NotFound, match="'nobody'"):
        remove(settings, "a1", "nobody")
    with closing(open_store(settings)) as store:
        assert store.published() == before
        assert store.indexes() == [before]
    with pytest.raises(NothingToPublish):
        remove(settings, "a0", "a1", "a2")
    assert held(settings).keys() == {"a0", "a1", "a2"}


def test_one_index_before_is_kept_and_can_be_published_again(on_engine):
    settings = on_engine()
    with closing(open_store(settings)) as store:
        with pytest.raises(NoIndex):
            store.published()
        assert store.indexes() == []
        records = []
        for count in (2, 3, 4):
            records.append(build(settings, random_articles(4, count))[1])
            with store.lock():
                for index in store.surplus():
                    store.remove(index.name)
        first, second, third = records
        assert store.published() == third
        assert store.indexes() == [second, third]
        with pytest.raises(BuildError, match="there is no index"):
            store.to_roll_back_to(first.name)
        with store.lock():
            store.publish(store.to_roll_back_to().name)
        assert store.published() == second
        assert len(held(settings)) == 3
        with pytest.raises(BuildError, match="there is no index"):
            store.to_roll_back_to()
        assert store.to_roll_back_to(third.name) == third
        assert store.surplus() == [third]
        _, fourth = build(settings, random_articles(4, 5))
        assert fourth.previous == second.name
        assert store.surplus() == [third]
        assert store.surplus(keep_previous=False) == [second, third]


def test_a_first_index_has_nothing_before_it(on_engine):
    settings = on_engine()
    build(settings, random_articles(4, 1))
    with closing(open_store(settings)) as store, pytest.raises(BuildError, match="first index"):
        store.to_roll_back_to()


def test_what_a_build_leaves_undone_is_nowhere(on_engine):
    settings = on_engine()
    _, before = build(settings, random_articles(5, 3))
    for copy in (False, True):
        with closing(open_store(settings)) as store, store.lock():
            with store.writer(copy=copy) as writer:
                writer.add(replace(next(random_articles(6, 1)), id="other"))
            assert store.published() == before
            assert store.indexes() == [before]
            assert store.surplus() == []
    assert len(held(settings)) == 3


def test_two_builds_at_once_are_kept_apart(on_engine):
    settings = on_engine()
    with closing(open_store(settings)) as one, closing(open_store(settings)) as other:
        with one.lock(), pytest.raises(BuildLocked, match="another build"), other.lock():
            pass
        with other.lock():
            pass


def test_an_update_does_not_pass_for_a_rebuild_by_new_rules(on_engine, monkeypatch):
    settings = on_engine()
    articles = list(random_articles(5, 4))
    monkeypatch.setattr("indexer.writers.base.rules", lambda: "old rules")
    build(settings, articles[:3])
    monkeypatch.undo()
    _, record = update(settings, articles)
    assert record is not None
    assert overdue(record)
    assert overdue(remove(settings, "a0"))
    assert not overdue(build(settings, articles)[1])


def test_an_index_is_only_removed_where_it_is_ours_and_not_published(on_engine):
    settings = on_engine()
    _, first = build(settings, random_articles(5, 2))
    _, second = build(settings, random_articles(5, 3))
    with closing(open_store(settings)) as store, store.lock():
        for name in (second.name, "zoufang-v2-20200101t000000.000000z", "../elsewhere"):
            with pytest.raises(BuildError, match="not an index that zoufang can remove"):
                store.remove(name)
        assert store.indexes() == [first, second]
        store.remove(first.name)
        assert store.indexes() == [second]


def test_many_articles_are_read_back_whole(on_engine):
    settings = on_engine()
    articles = [replace(article, body=article.body * 3) for article in random_articles(8, 1203)]
    _, record = build(settings, articles)
    found = held(settings)
    assert len(found) == 1203 == record.articles
    assert snapshot(found.values()) == record.snapshot
    assert {id: replace(article, first=True) for id, article in found.items()} == {
        article.id: replace(article, first=True) for article in articles
    }


def test_an_article_of_the_longest_id_is_found_by_it(on_engine):
    settings = on_engine()
    long = "走" * 500
    build(settings, [replace(next(random_articles(9, 1)), id=long)])
    with closing(open_store(settings)) as store:
        assert store.get([long, "走"]).keys() == {long}
