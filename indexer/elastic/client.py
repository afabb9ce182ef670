"""The official client as builds use it: with our errors, and with patience where a server is away."""

from __future__ import annotations

import random
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from mappings.connection import as_ours, check_version, options
from mappings.errors import EngineUnavailable, ForeignIndex
from mappings.record import IndexRecord
from mappings.settings import Settings

SECONDS = 60.0
"""Seconds that a build waits for one answer; cloning or creating an index can take that long."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
Answer = TypeVar("Answer")


class Pauses:
    """Waits that grow, for as long as some patience lasts; it begins now."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._began = monotonic()
        self._next = _FIRST_PAUSE

    def wait(self) -> bool:
        """Whether there was patience for another wait; it is over then."""
        if monotonic() - self._began + self._next > self._patience:
            return False
        sleep(self._next * random.uniform(0.5, 1))  # noqa: S311 - so that not all come back at once
        self._next = min(self._next * 2, _LONGEST_PAUSE)
        return True


def building(index: str) -> str:
    """The alias by which an index is written until it is published. It goes with the index: what is
    written after somebody removed that is refused, and makes no index anew.
    """
    return f"{index}-building"


class Client:
    """A connection to Elasticsearch. `es` is the official client, to be used through `call`.

    `published` is the record of the published index, where it is known and a lock keeps it so.
    """

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        self._settings = settings
        self.es = Elasticsearch(**options(settings, seconds))
        self.published: IndexRecord | None = None

    def close(self) -> None:
        self.es.close()

    def check(self) -> None:
        """Raises EngineUnavailable or EngineRefused unless the server is there and one of ours."""
        check_version(self.call(self.es.info).body, self._settings)

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """What a request answers. Raises StoreError."""
        try:
            return ask()
        except (ApiError, TransportError) as error:
            raise as_ours(error, self._settings) from error

    def insist(self, ask: Callable[[], Answer], until: Callable[[], None] = lambda: None) -> Answer:
        """The same, asked again, ever less often, while the server is away or busy, for
        `settings.patience` seconds. `until` is called before each further try and may end it by raising.
        """
        pauses = Pauses(self._settings.patience)
        while True:
            try:
                return self.call(ask)
            except EngineUnavailable:
                if not pauses.wait():
                    raise
            until()

    def publish(self, old: str | None, new: str) -> None:
        """Make a complete index the published one, in one step, which fails unless `old` is published.
        From then on nothing can be written to it as to one that is built.

        Raises StoreError, ForeignIndex where our alias leads to something else by now.
        """
        self.published = None
        alias = self._settings.name
        es = self.es.options(ignore_status=404)
        there = self.call(lambda: es.indices.get_alias(index=alias))
        found = set() if there.meta.status == 404 else set(there)
        if found != {old} - {None}:
            led = ", ".join(sorted(found)) or "nothing"
            raise ForeignIndex(
                f"{alias!r} in {self._settings.engine} leads to {led} by now; nothing was published"
            )
        actions: list[dict[str, Any]] = [
            {"add": {"index": new, "alias": alias}},
            {"remove": {"index": new, "alias": building(new), "must_exist": False}},
        ]
        if old is not None:
            actions.insert(0, {"remove": {"index": old, "alias": alias, "must_exist": True}})
        self.call(lambda: self.es.indices.update_aliases(actions=actions))

    def is_published(self, index: str) -> bool:
        """Whether our alias leads to an index. Raises StoreError."""
        return bool(self.call(lambda: self.es.indices.exists_alias(name=self._settings.name, index=index)))
