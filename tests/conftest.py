"""What tests share: folders of pages, the command, indexes, and a client of the service."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from indexer.cli import main
from mappings.article import Article
from mappings.settings import Settings
from service.app import create_app
from service.readers.base import Library, Reader
from tests import corpus as made
from tests.contract_corpora import given_corpus
from tests.engines import engine, on_engine, one_shelf
from tests.servers import each_server, elasticsearch_server, opensearch_server

__all__ = [
    "each_server",
    "elasticsearch_server",
    "engine",
    "given_corpus",
    "on_engine",
    "one_shelf",
    "opensearch_server",
]  # fixtures

ZOUFANG = Path(sys.executable).with_name("zoufang")
_ACCOUNT = re.compile(
    r"^read ([\d,]+) = indexed ([\d,]+) \+ duplicates ([\d,]+) \+ rejected ([\d,]+)", re.MULTILINE
)

Files = dict[str, str | bytes | list[Any]]
Corpus = Callable[[Files], Path]


@dataclass(frozen=True)
class Run:
    """How a run ended. Whatever was asked, there is no traceback, the account adds up, and 0 means that
    something was published, or that there was nothing to change.
    """

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.out + self.err, self.err
        if self.account:
            read, *parts = self.account
            assert read == sum(parts), self.out
            done = "\npublished " in self.out or "\nnothing to change; " in self.out
            assert (self.code == 0) == done

    @property
    def account(self) -> tuple[int, int, int, int] | None:
        """(read, indexed, duplicates, rejected) of the closing line."""
        said = _ACCOUNT.search(self.out)
        if said is None:
            return None
        read, indexed, duplicates, rejected = (int(number.replace(",", "")) for number in said.groups())
        return read, indexed, duplicates, rejected


Cli = Callable[..., Run]


def lines(records: Iterable[Any]) -> bytes:
    """JSON lines; bytes among the records are a line as they are."""
    return b"".join(
        (record if isinstance(record, bytes) else orjson.dumps(record)) + b"\n" for record in records
    )


def write_files(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = lines(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Writes a folder of pages: by name a text, bytes, or a list of records."""

    def write(files: Files) -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir(exist_ok=True)
        return write_files(folder, files)

    return write


@pytest.fixture(scope="session")
def run_cli() -> Cli:
    """Runs `zoufang` in a process of its own. Options go to `subprocess.run`."""

    def run(*arguments: object, **options: Any) -> Run:
        command = [str(ZOUFANG), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False, **options)
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Runs `zoufang` in this process, which is some ten times as fast."""

    def run(*arguments: object) -> Run:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Run(int(ended.value.code or 0), said.out, said.err)

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)


def problem(response: Any, status: int = 400) -> dict[str, Any]:
    """The body of a problem, checked for its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"].startswith("/problems/")
    assert body["detail"]
    return body


class Failing(Library):
    """A library of which the readers cannot be had."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.closed = False

    async def reader(self) -> Reader:
        raise self.error

    async def forget(self) -> None:
        pass

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def build(settings: Settings) -> Callable[[Iterable[Article]], Settings]:
    """Publishes some articles in the data folder of `settings`."""

    def publish(articles: Iterable[Article]) -> Settings:
        made.index(settings.data, articles)
        return settings

    return publish


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An index of examples/, not to be written to."""
    data = tmp_path_factory.mktemp("samples")
    made.index(data, made.read(made.EXAMPLES))
    return Settings(data=data)


@pytest.fixture(scope="session")
def client(samples: Settings) -> Iterator[TestClient]:
    """A client of the service over examples/."""
    with TestClient(create_app(samples)) as connected:
        yield connected
