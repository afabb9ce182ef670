"""One store an engine."""

from __future__ import annotations

from indexer.stores.base import Store
from mappings.settings import Settings


def open_store(settings: Settings) -> Store:
    """The store of the engine that the settings name."""
    if settings.embedded:
        from indexer.stores.embedded import EmbeddedStore

        return EmbeddedStore(settings)
    from indexer.stores.elastic import ElasticStore  # here, for a laptop does without the client

    return ElasticStore(settings)
