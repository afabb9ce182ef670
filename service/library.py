"""The library of the engine that the settings name."""

from __future__ import annotations

from mappings.settings import Settings
from service.readers.base import Library


def open_library(settings: Settings) -> Library:
    """The library of the index that `settings` point to. Each engine is imported where it is used, so
    that neither pays for the other.
    """
    if settings.embedded:
        from service.readers.embedded import EmbeddedLibrary

        return EmbeddedLibrary(settings.data)
    from service.readers.elastic import ElasticLibrary

    return ElasticLibrary(settings)
