"""Building each engine's index from cleaned articles, in a process of its own, so that memory is its own."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import TypeVar

from bench import sqlite, zoufang
from bench.corpus import articles

Result = TypeVar("Result")

ENGINES = (
    zoufang.EMBEDDED,
    *([zoufang.ELASTIC] if os.environ.get(zoufang.SERVER) else []),
    *(f"FTS5 {tokenizer}" for tokenizer in sqlite.TOKENIZERS),
)


@dataclass(frozen=True, slots=True)
class Built:
    """One build: where it is, how long it took, and what it needed.

    `memory` is what the process held itself at the most; `mapped` has the pages of files in it, which
    the system takes back when it needs them.
    """

    engine: str
    path: Path
    articles: int
    seconds: float
    bytes: int
    memory: int
    mapped: int

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
    began = perf_counter()
    watch = Watch()
    if engine in (zoufang.EMBEDDED, zoufang.ELASTIC):
        settings = zoufang.settings_of(engine, path)
        zoufang.build(settings, articles(corpus))
        seconds = perf_counter() - began
        held = zoufang.stored(settings)
    else:
        sqlite.build(engine.removeprefix("FTS5 "), path, articles(corpus))
        seconds = perf_counter() - began
        held = path.stat().st_size
    return Built(engine, path, size, seconds, held, watch.most(), peak_memory())


class Watch:
    """Looks now and then at what this process holds itself."""

    def __init__(self) -> None:
        self._most = 0
        self._done = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            self._most = max(self._most, process_memory("self", "RssAnon"))

    def most(self) -> int:
        """The most it has seen; nothing more is looked at."""
        self._done.set()
        self._thread.join()
        return self._most


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
