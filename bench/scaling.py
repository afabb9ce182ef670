"""`python -m bench.scaling [SIZE…] [--write]`: how building, updating and answering grow with the corpus.

Writes the measured part of docs/scaling.md. Both engines are measured at each size, question by question
in turns, warm; on Elasticsearch also after merging to one segment, and in several shards.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from elasticsearch import Elasticsearch

from bench.build import in_child, process_memory
from bench.corpus import articles, corpus
from bench.latency import in_turns
from bench.queries import Question, draw
from bench.scaling_report import EACH, SHARDED, Grown, Merged, Sharded, page
from bench.zoufang import ELASTIC, EMBEDDED, SERVER, ZoufangEngine, settings_of, stored
from indexer.pipeline import Rejects, write_articles
from indexer.stores import open_store
from indexer.update import update_articles
from mappings.article import Article
from mappings.connection import options
from mappings.settings import Settings

SIZES = (20_000, 100_000, 500_000)
SHARDS = (1, 2, 4)
CHANGED = 0.01
PAGE = Path(__file__).parents[1] / "docs" / "scaling.md"
_MEASURED = re.compile(r"(?<=<!-- measured -->\n).*(?=<!-- end of measured -->)", re.DOTALL)


def quiet(*_: object) -> None:
    """Nobody waits for it."""


def build(settings: Settings, path: Path, few: int | None = None) -> float:
    """The seconds of a whole build."""
    began = perf_counter()
    with closing(open_store(settings)) as store, store.lock():
        with rejects(settings) as out, store.writer() as writer:
            write_articles(islice(articles(path), few), writer, out, quiet, settings.data)
            writer.publish()
        clear(settings)
    return perf_counter() - began


def update(settings: Settings, path: Path, size: int) -> float:
    """The seconds of an update of 1 %: half of it new, half of it changed. It is undone after that."""
    coming = list(changed(path, size))
    began = perf_counter()
    with closing(open_store(settings)) as store, store.lock():
        with rejects(settings) as out, store.writer(copy=True) as writer:
            account = update_articles(coming, store, writer, out, quiet, settings.data)
            assert account.indexed == 2 * account.replaced == round(size * CHANGED)
            writer.publish()
        seconds = perf_counter() - began
        store.publish(store.to_roll_back_to().name)
        clear(settings)
    return seconds


def changed(path: Path, size: int) -> Iterable[Article]:
    step = round(2 / CHANGED)
    for article in islice(articles(path), 0, size, step):
        yield replace(article, body=f"{article.body}\n这一篇改过。", group=f"changed {article.id}")
        yield replace(article, id=f"new {article.id}", group=f"new {article.id}")


def rejects(settings: Settings) -> Rejects:
    settings.data.mkdir(parents=True, exist_ok=True)
    return Rejects(settings.data / "rejects.jsonl")


def clear(settings: Settings) -> None:
    with closing(open_store(settings)) as store:
        for index in store.surplus(keep_previous=False):
            store.remove(index.name)


def answering(
    settings: Settings, engine: str, questions: Sequence[Question]
) -> tuple[list[float], list[int]]:
    """The milliseconds of each whole answer, warm, and its total."""
    asked = ZoufangEngine(engine, settings)
    for _ in range(3):
        totals = [asked.whole(question) for question in questions]
    gc.collect()
    taken = [in_turns([asked.whole], question)[0] for question in questions]
    asked.close()
    return taken, totals


def grown(engine: str, size: int) -> Grown:
    return in_child(partial(_grown, engine, size))


def _grown(engine: str, size: int) -> Grown:
    path = corpus(size)
    questions = draw(path, size, EACH)
    settings = settings_of(engine, path.with_name(f"scaling-{engine.rpartition(' ')[2].lower()}-{size}"))
    took, changing = build(settings, path), update(settings, path, size)
    before = stored(settings)
    taken, totals = answering(settings, engine, questions)
    memory = process_memory("self", "RssAnon") if settings.embedded else heap(settings)
    return Grown(engine, size, took, changing, before, tuple(taken), tuple(totals), memory)


def heap(settings: Settings) -> int:
    """Bytes of the server's heap that are in use."""
    with Elasticsearch(**options(settings, 60)) as es:
        nodes = es.nodes.stats(metric="jvm")["nodes"].values()
        return sum(int(node["jvm"]["mem"]["heap_used_in_bytes"]) for node in nodes)


def merged(size: int) -> Merged:
    """Seconds of merging an index on Elasticsearch to one segment, its bytes before and after, and the
    milliseconds of answers after.
    """
    path = corpus(size)
    settings = settings_of(ELASTIC, path.with_name(f"scaling-elasticsearch-{size}"))
    before = stored(settings)
    with Elasticsearch(**options(settings, 3600)) as es:
        began = perf_counter()
        es.indices.forcemerge(index=settings.name, max_num_segments=1)
        seconds = perf_counter() - began
    taken, _ = answering(settings, ELASTIC, draw(path, size, EACH))
    return seconds, before, stored(settings), taken


def sharded(shards: int) -> Sharded:
    """Seconds of a build in several shards, and the milliseconds of answers."""
    path = corpus(SHARDED)
    settings = settings_of(ELASTIC, path.with_name(f"scaling-shards-{shards}"), shards=shards)
    took = build(settings, path)
    return took, answering(settings, ELASTIC, draw(path, SHARDED, EACH))[0]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description=__doc__)
    parser.add_argument("sizes", metavar="SIZE", type=int, nargs="*", default=SIZES, help="articles")
    parser.add_argument("--write", action="store_true", help=f"write the measured part of docs/{PAGE.name}")
    given = parser.parse_args()
    if not os.environ.get(SERVER):
        parser.error(f"{SERVER} names no server to measure")
    results: list[Grown] = []
    for size in given.sizes:
        for engine in (EMBEDDED, ELASTIC):
            print(f"scaling: {size:,} articles, {engine}", flush=True)
            results.append(grown(engine, size))
            print(results[-1].build, results[-1].update, median(results[-1].taken), flush=True)
    results.sort(key=lambda result: (result.engine, result.size))
    merges = [(size, in_child(partial(merged, size))) for size in given.sizes]
    split = [(shards, in_child(partial(sharded, shards))) for shards in SHARDS]
    said = page(results, merges, split)
    print(said)
    if given.write:
        PAGE.write_text(_MEASURED.sub(lambda _: f"\n{said}\n", PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
