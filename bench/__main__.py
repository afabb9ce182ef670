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
from bench.zoufang import ELASTIC, EMBEDDED, ZoufangEngine, settings_of

SIZES = (20_000, 100_000)
PAGE = Path(__file__).parents[1] / "docs" / "benchmark.md"


def say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


def open_engine(built: Built) -> Engine:
    if built.engine in (EMBEDDED, ELASTIC):
        return ZoufangEngine(built.engine, settings_of(built.engine, built.path))
    return sqlite.SqliteEngine(built.engine.removeprefix("FTS5 "), built.path)


def run(size: int, each: int) -> report.Results:
    """Everything that is measured at one size."""
    say(f"{size:,} articles: corpus")
    path = corpus(size)
    questions = draw(path, size, each)
    builds = []
    for name in ENGINES:
        say(f"{size:,} articles: {name} is built")
        builds.append(build(name, path, size))
    say(f"{size:,} articles: {len(questions)} questions are counted by a scan")
    right = scan(path, questions)
    say(f"{size:,} articles: the engines take turns")
    engines = [open_engine(built) for built in builds]
    timings = measure(engines, questions, right)
    for engine in engines:
        engine.close()
    data = builds[0].path
    say(f"{size:,} articles: steps")
    steps = writing(path, size), answering(data, questions)
    served = {}
    for built in builds:
        if built.engine in (EMBEDDED, ELASTIC):
            say(f"{size:,} articles: HTTP, {built.engine}")
            served[built.engine] = serve(settings_of(built.engine, built.path), questions, right)
    return report.Results(size, builds, questions, right, timings, served, *steps)


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
