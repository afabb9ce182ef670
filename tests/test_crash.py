"""Builds that die, fail or are stopped: the published index answers on, and the next run tidies up."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from starlette.testclient import TestClient

from mappings.embedded import BUILDING
from mappings.settings import Settings
from service.app import create_app
from tests import dying
from tests.conftest import ZOUFANG, lines
from tests.corpus import opened

MANY = 1200
MOMENTS = 7
TEXT = "民警在大走访活动中走进村民家里，听取意见，办好第{}件事。"


def records(count: int) -> list[dict[str, str]]:
    return [{"id": str(number), "text": TEXT.format(number)} for number in range(count)]


def answer(settings: Settings) -> tuple[str, int]:
    """(name, total) of what a new reader of the published index finds."""
    with TestClient(create_app(settings)) as client:
        found = client.get("/api/v1/search", params={"q": "大走访"})
        assert found.status_code == 200, found.text
        ready = client.get("/readyz").json()
        assert found.json()["total"] == ready["articles"]
        return ready["index"], ready["articles"]


def unfinished(data: Path) -> list[str]:
    """What a build at work, or one that died, has in the data folder."""
    return [path.name for path in data.iterdir() if path.name.endswith((BUILDING, ".new", ".owner"))]


def indexes(data: Path) -> list[str]:
    return sorted(path.parent.name for path in data.glob("*/zoufang.json"))


@pytest.fixture
def few(cli, corpus, settings) -> Path:
    """Three records, published."""
    pages = corpus({"few.jsonl": records(3)})
    assert cli("index", pages / "few.jsonl", "--data", settings.data).code == 0
    return pages / "few.jsonl"


@pytest.fixture
def many(few: Path) -> Path:
    """Records that take a second or so to build."""
    path = few.with_name("many.jsonl")
    path.write_bytes(lines(records(MANY)))
    return path


def assert_next_run_tidies(cli, settings, pages: Path) -> None:
    """The next run succeeds, leaves nothing unfinished, and two indexes at the most."""
    published = len(indexes(settings.data))
    assert cli("index", pages, "--data", settings.data).code == 0
    assert not unfinished(settings.data)
    assert 1 <= len(indexes(settings.data)) <= 2, published
    assert answer(settings)[1] == 3


# ---- kill -9 at each step ----------------------------------------------------------------------

NAMES = """
from indexer import publish
from indexer.stores import embedded as stored
from indexer.writers import embedded
"""

BEFORE_THE_SWITCH = {
    "when the lock is taken": "stored.EmbeddedStore._clear = die",
    "when the folder is made": "embedded.tantivy.Index = die",
    "after the first article": "embedded.EmbeddedWriter.add = then_die(embedded.EmbeddedWriter.add)",
    "when all are added": "embedded.EmbeddedWriter.complete = die",
    "when all is written": "embedded.EmbeddedWriter.complete = then_die(embedded.EmbeddedWriter.complete)",
    "before it is checked": "embedded.check = die",
    "when it is checked": "embedded.check = then_die(embedded.check)",
    "when the record is written": "embedded.sync = then_die(embedded.sync)",
    "when it has its name": "embedded.switch = die",
    "when the pointer is written": "publish.os.replace = die",
}
AFTER_THE_SWITCH = {
    "when the pointer is replaced": "publish.os.replace = then_die(os.replace)",
    "when it is published": "embedded.switch = then_die(embedded.switch)",
    "when the oldest is removed": "stored.shutil.rmtree = then_die(shutil.rmtree)",
}


def die_at(step: str, pages: Path, settings: Settings) -> None:
    dying.die_at(NAMES, step, "index", pages, "--data", settings.data)


@pytest.mark.parametrize("step", BEFORE_THE_SWITCH.values(), ids=list(BEFORE_THE_SWITCH))
def test_a_build_killed_before_the_switch_changes_no_answer(cli, few, settings, step):
    before = answer(settings)
    more = few.with_name("more.jsonl")
    more.write_bytes(lines(records(5)))
    die_at(step, more, settings)
    assert answer(settings) == before
    assert_next_run_tidies(cli, settings, few)
    assert before[0] in indexes(settings.data)


@pytest.mark.parametrize("step", AFTER_THE_SWITCH.values(), ids=list(AFTER_THE_SWITCH))
def test_a_build_killed_after_the_switch_is_published_whole(cli, few, settings, step):
    assert cli("index", few, "--data", settings.data).code == 0
    more = few.with_name("more.jsonl")
    more.write_bytes(lines(records(5)))
    die_at(step, more, settings)
    assert answer(settings)[1] == 5
    assert_next_run_tidies(cli, settings, few)


def test_a_first_build_that_was_killed_leaves_no_index(cli, corpus, settings):
    pages = corpus({"few.jsonl": records(3)})
    die_at(BEFORE_THE_SWITCH["when it has its name"], pages, settings)
    assert cli("status", "--data", settings.data).code == 4
    assert_next_run_tidies(cli, settings, pages)


# ---- kill -9 and signals at any moment ---------------------------------------------------------


def started(pages: Path, settings: Settings) -> subprocess.Popen[bytes]:
    """A build in a process of its own, once it has begun."""
    building = subprocess.Popen(
        [ZOUFANG, "index", pages, "--data", settings.data], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = monotonic() + 30
    while not any(name.endswith(BUILDING) for name in unfinished(settings.data)):
        assert building.poll() is None
        assert monotonic() < deadline
        sleep(0.001)
    return building


def test_a_build_killed_at_any_moment_changes_no_answer(cli, few, many, settings):
    building, began = started(many, settings), monotonic()
    building.communicate(timeout=60)
    whole = monotonic() - began
    assert cli("index", few, "--data", settings.data).code == 0
    rng = random.Random(9)
    killed = 0
    for moment in range(MOMENTS):
        before = answer(settings)
        building = started(many, settings)
        sleep(whole * (moment + rng.random()) / MOMENTS)
        building.kill()
        building.communicate()
        after = answer(settings)
        assert after == before or after[1] == MANY
        killed += after == before
        assert_next_run_tidies(cli, settings, few)
    assert killed


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_stopped_removes_what_it_left(cli, few, many, settings, sent):
    before = answer(settings)
    building = started(many, settings)
    building.send_signal(sent)
    out, err = building.communicate(timeout=30)
    assert (building.returncode, out.decode(), err.decode()) == (130, "", "zoufang: interrupted\n")
    assert not unfinished(settings.data)
    assert answer(settings) == before
    assert_next_run_tidies(cli, settings, few)


# ---- a full disk -------------------------------------------------------------------------------

FULL = """
import resource, sys
from indexer.writers import embedded
from indexer.cli import main

def full(*_, **__):
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

def full_then(function):
    def both(*arguments, **options):
        full()
        return function(*arguments, **options)
    return both

{}
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "step",
    [
        "full()",
        "embedded.to_document = full_then(embedded.to_document)",
        "embedded.EmbeddedWriter.complete = full_then(embedded.EmbeddedWriter.complete)",
    ],
    ids=["from the start", "while articles are added", "at the end"],
)
def test_a_file_that_cannot_grow_ends_the_build_with_one_line(cli, few, many, settings, step):
    before = answer(settings)
    command = [sys.executable, "-c", FULL.format(step), "index", str(many), "--data", str(settings.data)]
    run = subprocess.run(command, capture_output=True, timeout=60, check=False, text=True)
    assert run.returncode == 1, run.stderr
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("zoufang: ")
    assert "File too large" in run.stderr or "is the disk full?" in run.stderr
    assert str(settings.data) in run.stderr
    assert "published" not in run.stdout
    assert not unfinished(settings.data)
    assert answer(settings) == before
    assert_next_run_tidies(cli, settings, few)


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "step",
    [
        "indexer.pipeline.TemporaryFile",
        "indexer.pipeline.to_json",
        "indexer.writers.embedded.to_document",
        "indexer.writers.embedded.check",
        "indexer.writers.embedded.sync",
        "indexer.writers.embedded.switch",
        "indexer.publish.os.replace",
    ],
)
def test_a_full_disk_at_any_step_ends_the_build_with_one_line(cli, few, settings, monkeypatch, step):
    before = answer(settings)
    with monkeypatch.context() as patched:
        patched.setattr(step, no_space)
        run = cli("index", few, "--data", settings.data)
    assert run.code == 1
    assert run.err.startswith("zoufang: ")
    assert run.err.count("\n") == 1
    assert "No space left on device" in run.err
    assert indexes(settings.data) == [before[0]]
    assert not [name for name in unfinished(settings.data) if name.endswith(BUILDING)]
    assert answer(settings) == before
    assert_next_run_tidies(cli, settings, few)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_rejects_that_cannot_be_written_end_the_build(cli, few, settings):
    few.write_bytes(b"[]\n" * 3000 + lines(records(3)))
    run = cli("index", few, "--data", settings.data, "--rejects", "/dev/full")
    assert (run.code, run.out) == (1, "")
    assert run.err == "zoufang: cannot write the rejects file /dev/full: No space left on device\n"
    assert Path("/dev/full").exists()
    assert answer(settings)[1] == 3


# ---- searches while indexes are swapped --------------------------------------------------------


def test_searches_see_whole_indexes_and_no_error_while_others_are_published(cli, few, settings):
    more = few.with_name("more.jsonl")
    more.write_bytes(lines(records(60)))
    done = Event()
    seen: list[tuple[int, int, int]] = []
    steps = [["reindex"], ["index", more], ["reindex"], ["index", few], ["reindex"]]
    with TestClient(create_app(settings)) as client:

        def search() -> None:
            while not done.is_set():
                response = client.get("/api/v1/search", params={"q": "大走访", "size": 100})
                found = response.json()
                years = found["facets"]["year"]["unknown"] if response.status_code == 200 else -1
                seen.append((response.status_code, found.get("total"), years))

        with ThreadPoolExecutor() as pool:
            searching = [pool.submit(search) for _ in range(2)]
            try:
                for step in steps:
                    count = len(seen)
                    assert cli(*step, "--data", settings.data).code == 0
                    while len(seen) < count + 3 and not any(future.done() for future in searching):
                        sleep(0.001)
            finally:
                done.set()
            for future in searching:
                future.result()
        assert client.get("/readyz").json()["index"] == max(indexes(settings.data))
    assert set(seen) == {(200, 3, 3), (200, 60, 60)}


def test_a_reader_opened_before_answers_on_when_its_index_is_removed(cli, few, settings):
    reader = opened(settings.data)
    article = reader.article("1")
    for _ in range(2):
        assert cli("index", few, "--data", settings.data).code == 0
    assert reader.record.name not in indexes(settings.data)
    assert reader.article("1") == article
