"""Building each engine's index from cleaned articles, in a process of its own, so that memory is its own."""

from __future__ import annotations

import gc
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from bench import sqlite, zoufang
from bench.corpus import articles

Result = TypeVar("Result")

ENGINES = ("Zoufang", *(f"FTS5 {tokenizer}" for tokenizer in sqlite.TOKENIZERS))


@dataclass(frozen=True, slots=True)
class Built:
    """One build: where it is, how long it took, and what it needed."""

    engine: str
    path: Path
    articles: int
    seconds: float
    bytes: int
    memory: int

    @property
    def rate(self) -> float:
        return self.articles / self.seconds


def in_child(work: Callable[[], Result]) -> Result:
    """What some work gives, done in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work).result()


def build(engine: str, corpus: Path, size: int) -> Built:
    """Build one engine's index over a corpus."""
    path = corpus.with_name(f"{engine.replace(' ', '-').lower()}-{size}")
    return in_child(partial(_build, engine, corpus, size, path))


def _build(engine: str, corpus: Path, size: int, path: Path) -> Built:
    gc.collect()
    began = perf_counter()
    if engine == "Zoufang":
        zoufang.build(path, articles(corpus))
    else:
        sqlite.build(engine.removeprefix("FTS5 "), path, articles(corpus))
    seconds = perf_counter() - began
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return Built(engine, path, size, seconds, sum(file.stat().st_size for file in files), peak_memory())


def peak_memory() -> int:
    """The most bytes this process has held.

    Linux's own figure, for that of `getrusage` may be what the parent held before the child began.
    """
    return process_memory("self", "VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def process_memory(process: int | str, name: str) -> int:
    """A figure of a process's memory in bytes; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    found = [line.split() for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(found[0][1]) * 1024 if found else 0
