"""`python -m bench [SIZE…] [--queries N] [--write]`: measure, and tell as Markdown."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench import report, sqlite
from bench.build import ENGINES, Built, build
from bench.corpus import WORK, corpus
from bench.latency import Engine, measure
from bench.over_http import serve
from bench.queries import draw
from bench.scan import scan
from bench.steps import answering, writing
from bench.zoufang import ZoufangEngine

SIZES = (20_000, 100_000)
PAGE = Path(__file__).parents[1] / "docs" / "benchmark.md"


def say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


def open_engine(built: Built) -> Engine:
    if built.engine == "Zoufang":
        return ZoufangEngine(built.path)
    return sqlite.SqliteEngine(built.engine.removeprefix("FTS5 "), built.path)


def run(size: int, each: int) -> report.Results:
    """Everything that is measured at one size."""
    say(f"{size:,} articles: corpus")
    path = corpus(size)
    questions = draw(path, size, each)
    builds = []
    for engine in ENGINES:
        say(f"{size:,} articles: {engine} is built")
        builds.append(build(engine, path, size))
    say(f"{size:,} articles: {len(questions)} questions are counted by a scan")
    right = scan(path, questions)
    say(f"{size:,} articles: the engines take turns")
    timings = measure([open_engine(built) for built in builds], questions, right)
    data = builds[0].path
    say(f"{size:,} articles: steps")
    steps = writing(path, size), answering(data, questions)
    say(f"{size:,} articles: HTTP")
    return report.Results(size, builds, questions, right, timings, serve(data, questions, right), *steps)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sizes", metavar="SIZE", type=int, nargs="*", default=SIZES, help="articles")
    parser.add_argument("--queries", type=int, default=60, help="questions of each kind")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    given = parser.parse_args()
    page = report.page([run(size, given.queries) for size in given.sizes])
    print(page)
    if given.write:
        PAGE.write_text(page, "utf-8")
        say(f"docs/{PAGE.name} is written; the corpora and indexes are in {WORK.parent.name}/{WORK.name}")


if __name__ == "__main__":
    main()
