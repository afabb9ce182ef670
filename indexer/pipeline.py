"""source -> clean -> extract -> dedupe -> writer, with an account of everything that was read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

import orjson

from indexer.clean import clean
from indexer.dedupe import Dedupe, Seen
from indexer.extract import extract
from indexer.inputs import Inputs, size_of
from indexer.source import Page, Reject, read_pages
from indexer.writers.base import Writer
from mappings.article import Article, from_json, to_json
from mappings.errors import BuildError, InputError

Tick = Callable[[str, int, int, int], None]
"""Called as work goes on, with what is being done, the number of articles, and how much is done of
how much in all (articles or bytes; 0 in all where it is not known).
"""


REMOVED = "{0} was removed; to let it in again: zoufang remove --undo {0}"
"""Why an article is rejected that `zoufang remove` took out."""


@dataclass(slots=True)
class Account:
    """What became of everything read: read = indexed + duplicates + rejected.

    `replaced` counts those of the indexed that took the place of another version of themselves;
    `skipped` files of other kinds, which were not read.
    """

    read: int = 0
    indexed: int = 0
    duplicates: int = 0
    rejected: int = 0
    replaced: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        replaced = f"; {self.replaced:,} of the indexed took another's place" if self.replaced else ""
        skipped = f"; {self.skipped:,} files of other kinds not read" if self.skipped else ""
        return (
            f"read {self.read:,} = indexed {self.indexed:,} + duplicates {self.duplicates:,} "
            f"+ rejected {self.rejected:,}{replaced}{skipped}"
        )


class Rejects:
    """The rejects file of a run: one JSON object a line with `file`, `line` and `reason`.

    A run without rejects leaves none; that of an earlier run is removed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._count = 0

    def __enter__(self) -> Self:
        with failing(f"cannot write the rejects file {self.path}"):
            if self.path.is_file() and not is_rejects(self.path):
                raise InputError(f"{self.path} holds something else; give --rejects another file")
            self._file = self.path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # `flush` has told; here it would hide why the run ends
            self._file.close()
        if not self._count and self.path.is_file():  # not where it is a device
            self.path.unlink(missing_ok=True)

    def add(self, reject: Reject) -> None:
        self._count += 1
        with failing(f"cannot write the rejects file {self.path}"):
            self._file.write(orjson.dumps(asdict(reject), option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        """Have all of them in the file. Raises BuildError."""
        with failing(f"cannot write the rejects file {self.path}"):
            self._file.flush()


def is_rejects(path: Path) -> bool:
    """Whether a file may be written over: it is empty, or begins as a rejects file of an earlier run."""
    with path.open("rb") as file:
        line = file.readline(1_000_000)
    try:
        return not line or set(orjson.loads(line)) == set(Reject.__dataclass_fields__)
    except (orjson.JSONDecodeError, TypeError):
        return False


@contextmanager
def failing(what: str) -> Iterator[None]:
    """Tells an error of the file system as a BuildError: what could not be done, and why."""
    try:
        yield
    except OSError as error:
        raise BuildError(f"{what}: {error.strerror or error}") from error


def read_articles(inputs: Inputs, max_bytes: int, today: date, tick: Tick) -> Iterator[Article | Reject]:
    """Every page under the inputs, as an article or as a reject."""
    read = done = 0
    total = inputs.bytes
    for origin, path in inputs.files:
        for page in read_pages(path, origin, max_bytes):
            read += 1
            tick("reading", read, done, total)
            yield make_article(page, today)
        done += size_of(path)


def make_article(page: Page | Reject, today: date) -> Article | Reject:
    """The article in a page. A page that breaks a rule of ours is a reject like any other: one of a
    million must not end the run.
    """
    if isinstance(page, Reject):
        return page
    try:
        cleaned = clean(page)
        return cleaned if isinstance(cleaned, Reject) else extract(cleaned, today)
    except Exception as error:
        return Reject.at(
            page.origin, f"a fault of zoufang's, please report it: {type(error).__name__}: {error}"
        )


class Spool:
    """A nameless file that holds articles until the last has come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def __enter__(self) -> Self:
        with failing(f"cannot keep articles in {self._folder}"):
            self._file = TemporaryFile(dir=self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._file.close()

    def add(self, article: Article) -> None:
        with failing(f"cannot keep articles in {self._folder}"):
            self._file.write(to_json(article) + b"\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Article]:
        with failing(f"cannot keep articles in {self._folder}"):
            self._file.seek(0)
            for line in self._file:
                yield from_json(line)


def spool_articles(
    articles: Iterable[Article | Reject],
    spool: Spool,
    dedupe: Dedupe,
    rejects: Rejects,
    removed: Collection[str],
) -> Account:
    """Keep each article once, and account for all that was read."""
    account, gone = Account(), frozenset(removed)
    for article in articles:
        account.read += 1
        if isinstance(article, Article) and article.id in gone:
            article = Reject.at(article.origin, REMOVED.format(article.id))
        if isinstance(article, Article):
            match dedupe.judge(article):
                case Seen.NEW:
                    spool.add(article)
                    account.indexed += 1
                    continue
                case Seen.DUPLICATE:
                    account.duplicates += 1
                    continue
                case Seen.CONFLICT:
                    taken = f"its id {article.id} was already given to an article with other content"
                    article = Reject.at(article.origin, taken)
        rejects.add(article)
        account.rejected += 1
    rejects.flush()
    return account


def write_articles(
    articles: Iterable[Article | Reject], writer: Writer, rejects: Rejects, tick: Tick, folder: Path
) -> Account:
    """Hand the articles to a writer, each once, and account for all of them.

    They are kept in a file in `folder` until the last has come, for which of some copies is the first
    can only be said then.
    """
    dedupe = Dedupe()
    with Spool(folder) as spool:
        account = spool_articles(articles, spool, dedupe, rejects, writer.removed)
        for number, article in enumerate(spool, 1):
            writer.add(dedupe.mark(article))
            tell_refused(writer, account, rejects)
            tick("writing", number, number, len(spool))
    complete(writer, account, rejects)
    return account


def complete(writer: Writer, account: Account, rejects: Rejects) -> None:
    """Have everything written, and account for what the engine would not take."""
    writer.complete()
    tell_refused(writer, account, rejects)
    rejects.flush()


def tell_refused(writer: Writer, account: Account, rejects: Rejects) -> None:
    """Account for what the engine would not take. Raises BuildError where that is not an article that
    was read, but one that the index held and that was to be marked otherwise.
    """
    for refusal in writer.refused():
        old, new = refusal.old, refusal.new
        if new is None or (old is not None and new == replace(old, first=new.first)):
            held = old.id if old else ""
            raise BuildError(f"the engine would not change {held}: {refusal.reason}; nothing was published")
        rejects.add(Reject.at(new.origin, refusal.reason))
        account.indexed -= 1
        account.rejected += 1
        account.replaced -= old is not None
