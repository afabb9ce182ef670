"""What was measured of growing corpora, as Markdown, and the formula drawn from it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bench.latency import percentile
from bench.report import table

SHARDED = 100_000
EACH = 20
PREDICTED = (1_000_000, 10_000_000, 100_000_000)

Merged = tuple[float, int, int, list[float]]
"""Seconds of merging to one segment, bytes before and after, milliseconds of answers after."""

Sharded = tuple[float, list[float]]
"""Seconds of a build, milliseconds of answers."""


@dataclass(frozen=True, slots=True)
class Grown:
    """One engine at one size. `build` and `update` in seconds; `taken` (milliseconds) and `totals` have
    an item a question; `memory` is what the process holds itself, or the server's heap in use.
    """

    engine: str
    size: int
    build: float
    update: float
    bytes: int
    taken: tuple[float, ...]
    totals: tuple[int, ...]
    memory: int


def page(
    results: Sequence[Grown], merges: Sequence[tuple[int, Merged]], split: Sequence[tuple[int, Sharded]]
) -> str:
    """The measured part of docs/scaling.md."""
    said = (
        f"Measured on {datetime.now(UTC).date()} with {os.cpu_count()} cores for everything: Zoufang, the "
        f"server, and whoever asks. {EACH} questions of each of six kinds, 20 hits and four facets each, "
        "warm. Memory is what the asking process holds itself, or the server's heap in use.\n"
    )
    parts = [said, growth(results)]
    if merges:
        parts += ["The published index on Elasticsearch merged to one segment:\n", merging(merges)]
    if split:
        parts += [f"{SHARDED:,} articles in several shards on the same cores:\n", sharding(split)]
    return "\n".join([*parts, formula(results)])


def spread(taken: Sequence[float]) -> tuple[str, str]:
    return f"{percentile(taken, 50):.2f}", f"{percentile(taken, 95):.2f}"


def growth(results: Sequence[Grown]) -> str:
    head = (
        *("engine", "articles", "build, s", "articles/s", "update of 1 %, s", "of a build"),
        *("bytes/article", "answer p50, ms", "p95, ms", "memory, MB"),
    )
    rows = [
        (
            result.engine,
            f"{result.size:,}",
            f"{result.build:,.0f}",
            f"{result.size / result.build:,.0f}",
            f"{result.update:.1f}",
            f"{result.update / result.build:.1%}",
            f"{result.bytes / result.size:,.0f}",
            *spread(result.taken),
            f"{result.memory / 1e6:,.0f}",
        )
        for result in results
    ]
    return table(head, rows)


def merging(merges: Sequence[tuple[int, Merged]]) -> str:
    head = ("articles", "merge, s", "bytes/article before", "after", "answer p50 after, ms", "p95, ms")
    rows = [
        (f"{size:,}", f"{took:.0f}", f"{before / size:,.0f}", f"{after / size:,.0f}", *spread(taken))
        for size, (took, before, after, taken) in merges
    ]
    return table(head, rows)


def sharding(split: Sequence[tuple[int, Sharded]]) -> str:
    rows = [(f"{shards}", f"{took:.0f}", *spread(taken)) for shards, (took, taken) in split]
    return table(("shards", "build, s", "answer p50, ms", "p95, ms"), rows)


def fitted(results: Sequence[Grown]) -> tuple[float, float]:
    """(a, b) of: milliseconds = a + b x millions of articles that match, by least squares over all the
    questions at all sizes.
    """
    found = np.array([total / 1e6 for result in results for total in result.totals])
    taken = np.array([milliseconds for result in results for milliseconds in result.taken])
    slope, start = np.polyfit(found, taken, 1)
    return float(start), float(slope)


def formula(results: Sequence[Grown]) -> str:
    """What grows with what, drawn from the measurements, and what it predicts."""
    rows: list[tuple[str, ...]] = []
    lines: list[str] = []
    for engine in dict.fromkeys(result.engine for result in results):
        own = [result for result in results if result.engine == engine]
        start, slope = fitted(own)
        rate, each = own[-1].size / own[-1].build, own[-1].bytes / own[-1].size
        lines.append(
            f"- {engine}: an answer takes **{start:.1f} ms + {slope:.1f} ms × M**, M the millions of "
            f"articles that match; a build takes articles / {rate:,.0f} s; an index has articles × "
            f"{each / 1e3:.1f} kB."
        )
        for size in PREDICTED:
            answers = (f"{start + slope * size * part / 1e6:,.0f}" for part in (0.0001, 0.1, 0.5))
            rows.append((engine, f"{size:,}", span(size / rate), f"{size * each / 1e9:,.0f}", *answers))
    head = (
        *("engine", "articles", "build", "index, GB"),
        *("answer that 1 in 10,000 matches, ms", "1 in 10, ms", "1 in 2, ms"),
    )
    fit = "The formula, by least squares over every question at every size; rate and bytes of the largest:\n"
    warning = (
        "\n**A prediction, not a measurement**: what the formula says of larger corpora on one such machine "
        "with one shard.\n"
    )
    return "\n".join([fit, *lines, warning, table(head, rows)])


def span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds > 5400 else f"{seconds / 60:.0f} min"
