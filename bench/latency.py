"""How long answers take: the engines take turns, question by question, in one warm process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import perf_counter
from typing import Protocol

from bench.queries import Question

ROUNDS = 3
"""Times that each question is measured; the median of them counts."""

ENOUGH = 1.0
"""Seconds after which a slow engine is not asked the same again."""


class Engine(Protocol):
    """Something that answers questions. `match` and `whole` give the total."""

    name: str

    def takes(self, question: Question) -> bool: ...
    def match(self, question: Question) -> int: ...
    def whole(self, question: Question) -> int: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class Timed:
    """What one engine took for the questions of one kind, in milliseconds, and where it miscounted."""

    match: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    wrong: int = 0


Timings = dict[tuple[str, str], Timed]
"""By engine and kind of question."""


def measure(engines: Sequence[Engine], questions: Sequence[Question], right: Sequence[int]) -> Timings:
    """Every engine's time for every question, beside whether its total is right."""
    timings: Timings = {}
    for number, (question, total) in enumerate(zip(questions, right, strict=True)):
        turn = number % len(engines)
        for engine in (*engines[turn:], *engines[:turn]):
            if not engine.takes(question):
                continue
            timed = timings.setdefault((engine.name, question.kind), Timed())
            counted = {engine.match(question), engine.whole(question)}
            timed.wrong += counted != {total}
        asked = [engine for engine in engines if engine.takes(question)]
        for what in ("match", "whole"):
            taken = in_turns([getattr(engine, what) for engine in asked], question)
            for engine, milliseconds in zip(asked, taken, strict=True):
                getattr(timings[engine.name, question.kind], what).append(milliseconds)
    return timings


def in_turns(calls: Sequence[Callable[[Question], object]], question: Question) -> list[float]:
    """The median time of each call, in milliseconds."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for times, call in zip(taken, calls, strict=True):
            if sum(times) < ENOUGH:
                began = perf_counter()
                call(question)
                times.append(perf_counter() - began)
    return [median(times) * 1000 for times in taken]


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def pooled(timings: Timings, engine: str) -> Timed:
    """The questions of all kinds together."""
    every = [timed for (name, _), timed in timings.items() if name == engine]
    return Timed(
        [value for timed in every for value in timed.match],
        [value for timed in every for value in timed.whole],
        sum(timed.wrong for timed in every),
    )
