"""Writing many documents to Elasticsearch: several requests at once, a bounded number of bytes in flight."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import ApiError

from indexer.elastic.client import Client, Pauses, building
from mappings.article import Article
from mappings.connection import because
from mappings.elastic import document_id, to_source
from mappings.errors import BuildError, StoreError

REQUEST_BYTES = 4_000_000
"""Bytes of a request: some thousand articles. Above a few megabytes larger ones are no faster."""

AT_ONCE = 3
"""Requests at once; with the one that is being filled, four are in memory at the most."""

_BUSY = (429, 503)
"""What the server says of a document that it may take later."""

_TOO_LARGE = 413
_NO_INDEX = "index_not_found_exception"


@dataclass(frozen=True, slots=True)
class Change:
    """An article that comes, goes, or takes the place of another version of itself."""

    old: Article | None
    new: Article | None

    @property
    def article(self) -> Article:
        article = self.new or self.old
        assert article is not None
        return article

    def lines(self) -> bytes:
        """The change as `_bulk` takes it."""
        where = {"_id": document_id(self.article.id)}
        if self.new is None:
            return orjson.dumps({"delete": where}) + b"\n"
        return b"%b\n%b\n" % (orjson.dumps({"index": where}), to_source(self.new))


Chunk = list[tuple[Change, bytes]]
Told = list[tuple[Change, str | None]]
"""Changes, each with None, or with the reason why it was not made."""


class Bulk:
    """Sends changes to one index that is being built. `done` is called, in the thread that adds, with what
    became of each.
    """

    def __init__(
        self,
        client: Client,
        index: str,
        patience: float,
        done: Callable[[Change, str | None], None],
        check: Callable[[], None],
    ) -> None:
        self._client = client
        self._index = index
        self._patience = patience
        self._done = done
        self._check = check
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bulk")
        self._flying: set[Future[Told]] = set()
        self._chunk: Chunk = []
        self._bytes = 0
        self._stopped = False

    def add(self, change: Change) -> None:
        """Raises BuildError where what was added before could not be sent."""
        lines = change.lines()
        self._chunk.append((change, lines))
        self._bytes += len(lines)
        if self._bytes >= REQUEST_BYTES:
            self._send()

    def _send(self) -> None:
        if len(self._flying) >= AT_ONCE:
            self._land(FIRST_COMPLETED)
        if self._chunk:
            self._flying.add(self._pool.submit(self._deliver, self._chunk))
            self._chunk, self._bytes = [], 0

    def _land(self, when: str) -> None:
        """Tell what became of the requests that have ended."""
        ended, self._flying = wait(self._flying, return_when=when)
        for future in ended:
            for change, reason in future.result():
                self._done(change, reason)

    def finish(self) -> None:
        """Send the rest and wait for all. Raises BuildError."""
        self._send()
        while self._flying:
            self._land(FIRST_COMPLETED)
        self._pool.shutdown()

    def stop(self) -> None:
        """Send nothing any more."""
        self._stopped = True
        self._pool.shutdown(cancel_futures=True)

    def _deliver(self, chunk: Chunk) -> Told:
        """What became of some changes.

        What the server is too busy for is sent again, ever less often. So is what it did without our
        learning of it: an article to be taken out that is not there was taken out before.
        """
        told: Told = []
        pauses = Pauses(self._patience)
        while True:
            self._go_on()
            again: Chunk = []
            try:
                answer = self._client.insist(lambda part=chunk: self._post(part), self._go_on)  # type: ignore[misc]
            except StoreError as error:
                if not isinstance(error.__cause__, ApiError) or error.__cause__.status_code != _TOO_LARGE:
                    raise
                return told + self._deliver_halves(chunk)
            for item, (change, lines) in zip(answer["items"], chunk, strict=True):
                (result,) = item.values()
                said = result.get("error")
                if said and said.get("type") == _NO_INDEX:
                    raise BuildError(
                        f"{self._index} was removed by somebody while it was built; nothing was published"
                    )
                if not said and (result["status"] < 300 or change.new is None):
                    told.append((change, None))
                elif result["status"] in _BUSY:
                    again.append((change, lines))
                    busy = because(said)
                else:
                    told.append((change, because(said or result.get("result"))))
            if not again:
                return told
            if not pauses.wait():
                raise BuildError(
                    f"Elasticsearch has been too busy for {len(again)} articles for "
                    f"{self._patience:g} seconds; nothing was published ({busy})"
                )
            chunk = again

    def _deliver_halves(self, chunk: Chunk) -> Told:
        """The same, of a request that was too large for the server, or for what stands before it."""
        if len(chunk) == 1:
            return [(chunk[0][0], f"it is larger than the server takes ({_TOO_LARGE})")]
        half = len(chunk) // 2
        return self._deliver(chunk[:half]) + self._deliver(chunk[half:])

    def _post(self, chunk: Chunk) -> dict[str, Any]:
        body = b"".join(lines for _, lines in chunk)
        answer = self._client.es.perform_request(
            "POST",
            f"/{building(self._index)}/_bulk",
            params={
                "filter_path": "items.*.status,items.*.error,items.*.result",
                "require_alias": "true",
            },
            headers={"content-type": "application/x-ndjson", "accept": "application/json"},
            body=body,
        )
        return dict(answer.body)

    def _go_on(self) -> None:
        """Raises BuildError where nothing is to be sent any more."""
        self._check()
        if self._stopped:
            raise BuildError("the build was stopped")
