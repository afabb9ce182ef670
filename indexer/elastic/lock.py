"""The lock that keeps two builds of a corpus on Elasticsearch apart: a document with an owner.

It is written by way of an alias, which must be there: else the server would make an index anew, with no
mapping, where somebody has removed ours.

It ends at its expiry unless its owner refreshes it, and can then be taken over. Every change of it names
the version that it replaces (`if_seq_no`), so of two that want it one gets it.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from time import time
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from elasticsearch import BadRequestError, ConflictError, NotFoundError

from indexer.elastic.client import Client
from mappings.errors import BuildError, BuildLocked, EngineUnavailable, ForeignIndex, StoreError
from mappings.meta import META, OURS
from mappings.settings import Settings

_ID = "build"
_KIND = {"lock": True}
_EXISTS = "resource_already_exists_exception"
_MAPPING = {
    "dynamic": "strict",
    "_meta": {OURS: _KIND},
    "properties": {
        "owner": {"type": "keyword"},
        "host": {"type": "keyword"},
        "process": {"type": "long"},
        "since": {"type": "date"},
        "expires": {"type": "double"},
    },
}


class ElasticLock:
    """The build lock of one corpus. `expires` in its document is in seconds since 1970, UTC: the clocks
    of those who build must agree to within a part of `settings.lock`.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._name = settings.name
        self._index = f"{settings.name}-lock"
        self._alias = f"{settings.name}-locked"
        self._engine = settings.engine
        self._seconds = settings.lock
        self._owner = uuid4().hex
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._version: dict[str, Any] = {}
        self._lost: str | None = None
        self._busy = Lock()
        self._done = Event()
        self._keeper = Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Self:
        """Raises BuildLocked, naming who holds it."""
        self._make_index()
        try:
            self._remember(
                self._client.call(
                    lambda: self._client.es.create(
                        index=self._alias, id=_ID, document=self._document(), require_alias=True
                    )
                )
            )
        except StoreError as error:
            if not isinstance(error.__cause__, ConflictError):
                raise
            self._take_over()
        self._keeper.start()
        return self

    def _make_index(self) -> None:
        """Have the lock's index there, with its alias. Raises ForeignIndex where it is not ours."""
        es = self._client.es
        if self._ours():
            return
        try:
            self._client.call(
                lambda: es.indices.create(
                    index=self._index,
                    mappings=_MAPPING,
                    aliases={self._alias: {}},
                    settings={"number_of_shards": 1, "auto_expand_replicas": "0-1", "hidden": True},
                )
            )
        except StoreError as error:
            made = isinstance(error.__cause__, BadRequestError) and error.__cause__.error == _EXISTS
            if not made or not self._ours():  # by another, just now
                raise

    def _ours(self) -> bool:
        """Whether the lock's index is there. Raises ForeignIndex where it is not ours."""
        es = self._client.es
        there = self._client.call(
            lambda: es.indices.get(
                index=self._index, filter_path=f"{META},*.aliases", ignore_unavailable=True
            )
        ).body
        if not there:
            return False
        found = there.get(self._index, {})
        if found.get("mappings", {}).get("_meta", {}).get(OURS) != _KIND:
            raise ForeignIndex(
                f"{self._index!r} in {self._engine} was not made by zoufang; give ZOUFANG_NAME another name"
            )
        if self._alias not in found.get("aliases", {}):
            self._client.call(lambda: es.indices.put_alias(index=self._index, name=self._alias))
        return True

    def _document(self) -> dict[str, Any]:
        return {
            "owner": self._owner,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "since": self._since,
            "expires": time() + self._seconds,
        }

    def _remember(self, answer: Any) -> None:
        self._version = {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}

    def _take_over(self) -> None:
        """Take the lock of a build that is dead. Raises BuildLocked."""
        es = self._client.es
        try:
            held = self._client.call(lambda: es.get(index=self._index, id=_ID))
            self._remember(held)
            by = held["_source"]
            if time() < by["expires"]:
                raise BuildLocked(
                    f"another build of {self._name} is at work in {self._engine} "
                    f"(process {by['process']} on {by['host']}, since {by['since']}); "
                    "wait for it or stop it, then run this again; "
                    f"the lock of a dead one ends after {self._seconds:g} seconds"
                )
            self._write()
        except StoreError as error:
            if not isinstance(error.__cause__, ConflictError | NotFoundError):
                raise
            raise BuildLocked(
                f"another build of {self._name} in {self._engine} was faster; run this again"
            ) from error

    def _write(self) -> None:
        self._remember(
            self._client.call(
                lambda: self._client.es.index(
                    index=self._alias,
                    id=_ID,
                    document=self._document(),
                    require_alias=True,
                    **self._version,
                )
            )
        )

    def _keep(self) -> None:
        """Refresh the lock until it is released or lost. A server that is away is asked again."""
        while not self._lost and not self._done.wait(self._seconds / 3):
            with suppress(StoreError):
                self._refresh()

    def _refresh(self) -> None:
        """Put the expiry off, or learn that the lock is lost. Raises EngineUnavailable."""
        with self._busy:
            try:
                self._write()
            except EngineUnavailable:
                raise
            except StoreError as error:
                self._lost = self._why_lost(error)

    def _why_lost(self, error: StoreError) -> str | None:
        """Why the lock could not be written; None where it was, and only its answer did not come."""
        if not isinstance(error.__cause__, ConflictError | NotFoundError):
            return str(error)
        es = self._client.es
        found = self._client.call(lambda: es.options(ignore_status=404).get(index=self._index, id=_ID))
        if not found.get("found"):
            return "somebody removed it"
        by = found["_source"]
        if by["owner"] == self._owner:
            self._remember(found)
            return None
        return f"process {by['process']} on {by['host']} took it over"

    def check(self) -> None:
        """Raises BuildError where the lock was lost: then another may be at work."""
        if self._lost:
            raise BuildError(
                f"the lock on {self._name} in {self._engine} was lost ({self._lost}); nothing was published"
            )

    def confirm(self) -> None:
        """Refresh it now, so that it holds while an index is published. Raises BuildError."""
        self.check()
        self._client.insist(self._refresh)
        self.check()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._keeper.join()
        if not self._lost:
            with suppress(StoreError):  # it ends by itself
                self._client.call(lambda: self._client.es.delete(index=self._index, id=_ID, **self._version))
