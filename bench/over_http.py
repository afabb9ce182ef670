"""The same answers over HTTP: `zoufang serve` as users start it, asked over the loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from urllib.parse import quote, urlsplit

from bench.build import process_memory
from bench.latency import percentile
from bench.load import Connection, Load
from bench.queries import Question
from mappings.settings import Settings

CONNECTIONS = 8
SECONDS = 10.0
HITS = 20
_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """What the service did. Times in milliseconds, memory in bytes, size of an answer in bytes.

    `own_memory` is what the process holds itself; `memory` has the pages of the index's files in it.
    """

    p50: float
    p95: float
    wrong: int
    size: float
    rate: float
    loaded_p50: float
    loaded_p95: float
    refused: int
    memory: int
    own_memory: int


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[str, int, int]]:
    """A service over an index: host, port and process."""
    command = [str(Path(sys.executable).with_name("zoufang")), "serve", "--port", "0"]
    given = {f"ZOUFANG_{name.upper()}": str(getattr(settings, name)) for name in ("data", "engine", "name")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | given)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = urlsplit(next(word for word in said.split() if word.startswith("http://")))
        assert address.hostname is not None
        assert address.port is not None
        yield address.hostname, address.port, process.pid
    finally:
        process.terminate()
        process.wait(_WAIT)


def path_of(question: Question) -> str:
    return f"/api/v1/search?q={quote(question.typed, safe='')}&size={HITS}"


def serve(settings: Settings, questions: Sequence[Question], right: Sequence[int]) -> Served:
    """Ask one by one over one connection, then over several from a process of its own."""
    with serving(settings) as (host, port, process):
        connection = Connection(host, port)
        wrong = sum(
            json.loads(connection.get(path_of(question))[1])["total"] != total
            for question, total in zip(questions, right, strict=True)
        )
        taken = []
        for question in questions:
            began = perf_counter()
            connection.get(path_of(question))
            taken.append((perf_counter() - began) * 1000)
        connection.close()
        load = loaded(host, port, [path_of(question) for question in questions])
        times = [value * 1000 for value in load.taken]
        return Served(
            p50=percentile(taken, 50),
            p95=percentile(taken, 95),
            wrong=wrong,
            size=load.bytes / len(times),
            rate=len(times) / load.seconds,
            loaded_p50=percentile(times, 50),
            loaded_p95=percentile(times, 95),
            refused=load.refused,
            memory=process_memory(process, "VmHWM"),
            own_memory=process_memory(process, "RssAnon"),
        )


def loaded(host: str, port: int, paths: Sequence[str]) -> Load:
    command = [sys.executable, "-m", "bench.load", host, str(port), str(CONNECTIONS), str(SECONDS)]
    done = subprocess.run(
        command, input="\n".join(paths), capture_output=True, text=True, check=True, timeout=SECONDS + _WAIT
    )
    return Load(**json.loads(done.stdout))
