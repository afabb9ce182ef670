"""The commands that change what is published, as a person meets them, on each engine."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from indexer.stores import open_store
from mappings.settings import Settings
from tests.conftest import lines

TEXT = "民警在大走访活动中走进村民家里，听取意见，办好第{}件事。"


def record(number: int, text: str = TEXT) -> dict[str, str]:
    return {"id": f"n{number}", "title": f"第{number}件事", "text": text.format(number)}


@pytest.fixture
def corpus_settings(on_engine, monkeypatch) -> Settings:
    """The settings of a corpus, in the environment too."""
    settings = on_engine()
    for name in ("data", "name", "engine", "lock"):
        monkeypatch.setenv(f"ZOUFANG_{name.upper()}", str(getattr(settings, name)))
    return settings


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.jsonl"
    path.write_bytes(lines([record(number) for number in range(5)]))
    return path


def total(cli, query: str = "大走访") -> int:
    run = cli("search", query)
    found = re.search(r"^([\d,]+) articles$", run.out, re.MULTILINE)
    assert found, run.out + run.err
    return int(found[1])


def published(settings: Settings) -> tuple[str, int]:
    store = open_store(settings)
    found = store.published()
    store.close()
    return found.name, found.articles


def test_update_adds_replaces_and_leaves_alone(cli, corpus_settings, pages, tmp_path):
    assert cli("index", "--update", pages).account == (5, 5, 0, 0)  # where there is none, it is a first one
    more = tmp_path / "more.jsonl"
    more.write_bytes(lines([record(3), record(4, "另一回事，第{}件。"), record(5), {"id": "x", "text": ""}]))
    run = cli("index", "--update", more)
    assert run.account == (4, 2, 1, 1)
    assert "; 1 of the indexed took another's place" in run.out
    assert total(cli) == 5
    assert total(cli, "另一回事") == 1
    assert published(corpus_settings)[1] == 6
    before = published(corpus_settings)
    run = cli("index", "--update", pages, "--rejects", tmp_path / "r.jsonl")
    assert run.account == (5, 1, 4, 0)
    assert total(cli, "另一回事") == 0
    run = cli("index", "--update", pages)
    assert run.account == (5, 0, 5, 0)
    assert "nothing to change" in run.out
    assert published(corpus_settings)[0] > before[0]


def test_remove_asks_and_is_remembered(cli, corpus_settings, pages):
    cli("index", pages)
    before = published(corpus_settings)
    run = cli("remove", "n1", "n2")
    assert run.code == 2
    assert "Remove 2 articles? Not confirmed, so nothing was changed" in run.err
    assert "n1  '第1件事'" in run.out
    assert published(corpus_settings) == before
    assert "no article has the id 'n9'" in cli("remove", "n1", "n9", "--yes").err
    assert published(corpus_settings) == before
    assert "3 articles" in cli("remove", "n1", "n2", "--yes").out
    assert "'n1' was removed before" in cli("remove", "n1", "--yes").err
    assert "an index is never empty" in cli("remove", "n0", "n3", "n4", "--yes").err
    assert total(cli) == 3
    for command in (["reindex"], ["index", pages], ["index", "--update", pages]):
        cli(*command)
        assert total(cli) == 3, command
    rejects = (corpus_settings.data / "rejects.jsonl").read_bytes().splitlines()
    assert [orjson.loads(reject)["line"] for reject in rejects] == [2, 3]
    assert "'n3' was not removed" in cli("remove", "--undo", "n3").err
    assert cli("remove", "--undo", "n1").code == 0
    assert total(cli) == 3
    cli("index", "--update", pages)
    assert total(cli) == 4


def test_rollback_publishes_what_was_before(cli, corpus_settings, pages, tmp_path):
    assert "nothing has been published" in cli("rollback", "--yes").err
    cli("index", pages)
    assert "nothing came before it" in cli("rollback", "--yes").err
    first = published(corpus_settings)
    more = tmp_path / "more.jsonl"
    more.write_bytes(lines([record(7)]))
    cli("index", more)
    second = published(corpus_settings)
    assert "Not confirmed" in cli("rollback").err
    assert published(corpus_settings) == second
    run = cli("rollback", "--yes")
    assert f"now   {second[0]}: 1 articles" in run.out
    assert f"published {first[0]}\n" in run.out
    assert published(corpus_settings) == first
    assert total(cli) == 5
    assert cli("rollback", second[0], "--yes").code == 0
    assert total(cli) == 1
    assert "there is no index zoufang-v1" in cli("rollback", "zoufang-v1", "--yes").err
    assert "is the published index already" in cli("rollback", second[0], "--yes").err


def test_rollback_says_what_comes_back(cli, corpus_settings, pages):
    cli("index", pages)
    cli("remove", "n1", "--yes")
    assert "1 removed articles among them" in cli("rollback", "--yes").out
    assert total(cli) == 5


def test_prune_leaves_what_is_published(cli, corpus_settings, pages):
    assert "nothing has been published" in cli("prune", "--yes").err
    for _ in range(3):
        cli("index", pages)
    assert "removed 0 indexes" in cli("prune").out
    run = cli("prune", "--all")
    assert run.code == 2
    assert "Remove 1 indexes?" in run.err
    assert "removed 1 indexes" in cli("prune", "--all", "--yes").out
    assert "there is no index" in cli("rollback", "--yes").err
    assert total(cli) == 5


def test_reindex_if_needed_is_only_done_where_it_is(cli, corpus_settings, pages, monkeypatch):
    assert "nothing has been published" in cli("reindex", "--if-needed").err
    cli("index", pages)
    before = published(corpus_settings)
    run = cli("reindex", "--if-needed")
    assert run.code == 0
    assert "nothing to do" in run.out
    assert published(corpus_settings) == before
    for rule in ("indexer.rules.rules", "indexer.writers.base.rules"):
        monkeypatch.setattr(rule, lambda: "other tables")
    run = cli("reindex", "--if-needed")
    assert run.account == (5, 5, 0, 0)
    assert "is built again: the tables of characters, places and campaigns are others" in run.out
    assert published(corpus_settings) > before
    assert "nothing to do" in cli("reindex", "--if-needed").out


def test_status_says_what_is_published(cli, corpus_settings, pages):
    assert "nothing has been published" in cli("status").err
    cli("index", pages)
    run = cli("status")
    assert published(corpus_settings)[0] in run.out
    assert "articles  5" in run.out
