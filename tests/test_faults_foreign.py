"""What others made on the same server: none of it is changed, removed or published."""

# ruff: noqa: F811 - the fixtures that a test asks for are imported
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.elastic.bulk import Bulk
from indexer.stores import open_store
from mappings.errors import BuildError, IndexDamaged, NoIndex, StoreError
from mappings.names import SCHEMA_VERSION
from mappings.settings import Settings
from tests.corpus import random_articles
from tests.nodes import (  # noqa: F401 - fixtures among them
    answered,
    corpora,
    direct,
    indexes,
    on_server,
    snapshot,
    unavailable,
    use,
    whole,
)
from tests.proxy import Answer, Asked, Pass, proxy
from tests.servers import Server
from tests.test_faults import before, pages  # noqa: F401 - a fixture among them
from tests.test_store import build, held, update

OLD = "20260101t000000.000000z"
DOCUMENT = {"title": "theirs", "body": "not ours"}
CHANGING = [
    ["index"],
    ["index", "--update"],
    ["reindex"],
    ["remove", "a1", "--yes"],
    ["rollback", "--yes"],
    ["prune", "--all", "--yes"],
]


def make(server: Server, name: str, body: dict[str, Any] | None = None) -> str:
    """An index of somebody else's, with a document."""
    server.request("PUT", name, body or {})
    server.request("PUT", f"{name}/_doc/1?refresh=true", DOCUMENT)
    return name


@pytest.fixture
def corpus(on_server, use) -> Settings:
    """The settings of a corpus, of which nothing is published yet."""
    return use(on_server())


def assert_all_refuse(cli: Any, pages: Path, settings: Settings, said: str) -> None:
    for command in [*CHANGING, ["status"], ["search", "大"]]:
        run = cli(*command, *([pages] if command[0] == "index" else []))
        assert run.code == 4, command
        assert run.err.startswith("zoufang: "), command
        assert run.err.count("\n") == 1, command
        assert said in run.err, command
    assert unavailable(settings, "foreign-index").startswith("what is published is not of zoufang")


# ---- our alias ---------------------------------------------------------------------------------


def test_an_index_that_bears_the_name_of_our_alias_is_left_alone(cli, corpus, direct, pages):
    theirs = make(direct, corpus.name)
    before = whole(direct, theirs)
    try:
        assert_all_refuse(cli, pages, corpus, f"leads to {theirs}, which zoufang did not make")
        assert whole(direct, theirs) == before
        assert indexes(direct, corpus.name) == []
    finally:
        direct.request("DELETE", theirs)


@pytest.mark.parametrize(
    "named", ["{0}-theirs", f"{{0}}-v{SCHEMA_VERSION}-{OLD}", f"{{0}}_two-v{SCHEMA_VERSION}-{OLD}"]
)
def test_our_alias_on_an_index_of_others_is_left_alone(cli, corpus, direct, pages, named):
    theirs = make(direct, named.format(corpus.name), {"aliases": {corpus.name: {}}})
    before = whole(direct, theirs)
    assert_all_refuse(cli, pages, corpus, f"leads to {theirs}, which zoufang did not")
    assert whole(direct, theirs) == before
    assert indexes(direct, corpus.name) == ([theirs] if "_two" not in theirs else [])


def test_our_alias_on_two_indexes_is_left_alone(cli, corpus, direct, pages):
    _, record = build(corpus, random_articles(1, 5))
    theirs = make(direct, f"{corpus.name}-theirs", {"aliases": {corpus.name: {}}})
    before = whole(direct, theirs, record.name)
    assert_all_refuse(cli, pages, corpus, f"leads to {theirs}, {record.name}, which zoufang did not make")
    assert whole(direct, theirs, record.name) == before
    direct.request("DELETE", theirs)
    assert answered(corpus) == (record.name, 5, 5)


def test_an_index_that_comes_under_our_alias_while_we_build_is_not_joined(on_server, direct, monkeypatch):
    settings = on_server()
    monkeypatch.setattr("indexer.elastic.bulk.REQUEST_BYTES", 1)
    theirs = f"{settings.name}-theirs"
    with monkeypatch.context() as patched:
        before(Bulk, "_post", 3, lambda: make(direct, theirs, {"aliases": {settings.name: {}}}), patched)
        with pytest.raises((BuildError, StoreError)):
            build(settings, random_articles(1, 10))
    assert list(direct.request("GET", f"_alias/{settings.name}")) == [theirs]
    assert indexes(direct, settings.name) == [theirs]


# ---- our names ---------------------------------------------------------------------------------


def test_an_index_of_others_that_is_named_like_ours_is_never_ours(cli, corpus, direct, pages):
    named = f"{corpus.name}-v9-{OLD}"
    theirs = [
        make(direct, f"{corpus.name}-v{SCHEMA_VERSION}-{OLD}"),
        make(direct, f"{corpus.name}-v1-{OLD}", {"mappings": {"_meta": {"made_by": "somebody"}}}),
        make(direct, f"{corpus.name}-v2-backup", {"mappings": {"_meta": {"zoufang": "beta"}}}),
        make(direct, named, {"mappings": {"_meta": {"zoufang": {"name": named, "strange": True}}}}),
    ]
    before = whole(direct, *theirs)
    for command in (["index", pages], ["index", pages], ["reindex"], ["prune", "--all", "--yes"]):
        assert cli(*command).code == 0
    for name in theirs:
        run = cli("rollback", name, "--yes")
        assert run.code == 1
        assert run.err == f"zoufang: there is no index {name} any more; nothing was changed\n"
    assert cli("rollback", "--yes").code == 1
    with closing(open_store(corpus)) as store, store.lock():
        assert [record.name for record in store.indexes()] == [store.published_name()]
        for name in theirs:
            with pytest.raises(BuildError, match="is not an index that zoufang can remove"):
                store.remove(name)
        assert indexes(direct, corpus.name) == sorted([*theirs, store.published().name])
    assert whole(direct, *theirs) == before
    assert answered(corpus)[2] == 100


def test_corpora_whose_names_begin_alike_do_not_disturb_each_other(cli, on_server, use, direct, pages):
    one = on_server()
    other = one.model_copy(update={"name": f"{one.name}_two", "data": one.data / "two"})
    backup = make(direct, f"{one.name}-v2-backup")
    theirs = whole(direct, backup)
    _, before = build(other, random_articles(1, 5))
    use(one)
    with closing(open_store(other)) as store, store.lock(), store.writer() as unfinished:
        for command in (["index", pages], ["reindex"], ["index", pages], ["prune", "--all", "--yes"]):
            assert cli(*command).code == 0, command
        unfinished.add(next(random_articles(2, 1)))
        after = unfinished.publish()
    assert after.previous == before.name
    assert indexes(direct, other.name) == [before.name, after.name]
    use(other)
    assert cli("prune", "--all", "--yes").code == 0
    assert indexes(direct, other.name) == [after.name]
    assert answered(other)[2] == 1
    assert answered(one)[2] == 100
    assert whole(direct, backup) == theirs


@pytest.mark.parametrize("meta", [{}, {"_meta": {"made_by": "somebody"}}, {"_meta": {"zoufang": "theirs"}}])
def test_an_index_of_others_that_is_named_like_our_lock_is_left_alone(
    cli, corpus, direct, pages, meta
):  # fmt: skip
    theirs = make(direct, f"{corpus.name}-lock", {"mappings": meta})
    before = whole(direct, theirs)
    for command in (["index", pages], ["index", "--update", pages]):
        run = cli(*command)
        assert run.code == 4
        said = f"'{theirs}' in {corpus.engine} was not made by zoufang; give ZOUFANG_NAME another name"
        assert run.err == f"zoufang: {said}\n"
    assert whole(direct, theirs) == before
    assert indexes(direct, corpus.name) == []


# ---- templates, and an index that is removed ---------------------------------------------------


@contextmanager
def template(server: Server, name: str, body: dict[str, Any]) -> Iterator[None]:
    """Has the server make indexes of these names by a template of somebody's."""
    path = f"_index_template/{name}-theirs"
    server.request("PUT", path, {"index_patterns": [f"{name}-v*"], "priority": 500, "template": body})
    try:
        yield
    finally:
        server.request("DELETE", path)


HARMLESS = {
    "a field of another type": {"mappings": {"properties": {"body": {"type": "keyword"}}}},
    "fields of its own": {"mappings": {"dynamic": True, "properties": {"more": {"type": "date"}}}},
    "other settings": {"settings": {"refresh_interval": "1s", "number_of_shards": 2}},
    "another analyzer of our name": {
        "settings": {"analysis": {"analyzer": {"units": {"type": "custom", "tokenizer": "standard"}}}}
    },
}
HARMFUL = {
    "too few fields": ({"settings": {"mapping.total_fields.limit": 5}}, "[5] has been exceeded"),
    "no source": ({"mappings": {"_source": {"enabled": False}}}, "not published"),
    "half of the source": ({"mappings": {"_source": {"excludes": ["title"]}}}, "not published"),
}


@pytest.mark.parametrize("body", HARMLESS.values(), ids=list(HARMLESS))
def test_a_template_of_others_does_not_make_our_index_another(on_server, direct, tmp_path, body):
    settings = on_server()
    with template(direct, settings.name, body):
        articles = list(random_articles(1, 20))
        _, record = build(settings, articles)
        found = held(settings)
    assert (record.articles, record.snapshot) == (20, snapshot(found.values()))
    embedded = Settings(data=tmp_path / "embedded")
    build(embedded, articles)
    for text in ("大走", "走", "评"):
        assert answered(settings, text)[1:] == answered(embedded, text)[1:]
    fields = direct.request("GET", f"{record.name}/_mapping")[record.name]["mappings"]
    assert fields["dynamic"] == "strict"
    assert fields["properties"]["body"]["fields"]["pairs"] == {"type": "text", "analyzer": "pairs"}


@pytest.mark.parametrize(("body", "said"), HARMFUL.values(), ids=list(HARMFUL))
def test_a_template_of_others_that_harms_our_index_fails_the_build(on_server, direct, body, said):
    settings = on_server()
    _, before = build(settings, random_articles(1, 5))
    with template(direct, settings.name, body), pytest.raises((BuildError, StoreError)) as failed:
        build(settings, random_articles(1, 20))
    assert said in str(failed.value)
    assert indexes(direct, settings.name) == [before.name]
    assert answered(settings) == (before.name, 5, 5)


def test_indexes_that_a_template_of_others_hides_are_found(on_server, direct):
    settings = on_server()
    with template(direct, settings.name, {"settings": {"index.hidden": True}}):
        records = [build(settings, random_articles(seed, 5))[1] for seed in (1, 2)]
    with closing(open_store(settings)) as store, store.lock():
        assert store.indexes() == records


def test_an_index_that_is_removed_once_it_was_found_was_published(on_server, direct):
    settings = on_server()
    _, record = build(settings, random_articles(1, 5))

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        answer = onward()
        if asked.path.startswith(f"/{settings.name}") and record.name in indexes(direct, settings.name):
            direct.request("DELETE", record.name)
        return answer

    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        with closing(open_store(behind)) as store:
            assert store.published() == record
            with pytest.raises(NoIndex):
                store.published()


def test_a_document_of_others_in_our_index_is_told_as_damage(on_server, direct):
    settings = on_server()
    _, record = build(settings, random_articles(1, 5))
    direct.request("PUT", f"{record.name}/_settings", {"index.blocks.write": False})
    direct.request("PUT", f"{record.name}/_doc/1?refresh=true", {"id": "theirs"})
    with pytest.raises(IndexDamaged, match=f"an article of {record.name} cannot be read"):
        held(settings)


@pytest.mark.parametrize("change", [build, update])
def test_what_is_sent_to_an_index_that_was_removed_makes_none_anew(on_server, direct, change):
    settings = on_server(patience=10)
    _, first = build(settings, random_articles(1, 5))
    assert direct.request("GET", f"{first.name}/_alias")[first.name]["aliases"] == {settings.name: {}}
    left: list[str] = []

    def rule(asked: Asked, onward: Pass) -> Answer | None:
        if not asked.bulk:
            return onward()
        for unfinished in set(indexes(direct, settings.name)) - {first.name}:
            direct.request("DELETE", unfinished)
        answer = onward()
        left.extend(indexes(direct, settings.name))
        return answer

    with proxy(settings.engine, rule) as between:
        behind = settings.model_copy(update={"engine": between.url})
        with pytest.raises(BuildError, match="was removed by somebody while it was built"):
            change(behind, random_articles(2, 20))
    assert left == indexes(direct, settings.name) == [first.name]
    assert answered(settings) == (first.name, 5, 5)


@pytest.mark.parametrize("call", [1, 5], ids=["at first", "in the midst"])
def test_an_index_that_somebody_removes_while_it_is_built_is_not_published(
    cli, on_server, use, direct, pages, monkeypatch, call
):  # fmt: skip
    settings = use(on_server())
    _, first = build(settings, random_articles(1, 5))
    monkeypatch.setattr("indexer.elastic.bulk.REQUEST_BYTES", 2_000)

    def remove() -> None:
        (unfinished,) = set(indexes(direct, settings.name)) - {first.name}
        direct.request("DELETE", unfinished)

    with monkeypatch.context() as patched:
        before(Bulk, "_post", call, remove, patched)
        run = cli("index", pages)
    assert run.code in (1, 4)
    assert run.err.startswith("zoufang: ")
    assert run.err.count("\n") == 1
    assert "\npublished" not in run.out
    assert indexes(direct, settings.name) == [first.name]
    assert answered(settings) == (first.name, 5, 5)
    assert cli("index", pages).code == 0
