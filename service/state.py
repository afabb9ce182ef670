"""What a request finds in the application: the library of readers and the settings."""

from __future__ import annotations

from fastapi import Request

from mappings.settings import Settings
from service.readers.base import Library


def library_of(request: Request) -> Library:
    """The library that `create_app` was given or made."""
    library: Library = request.app.state.library
    return library


def settings_of(request: Request) -> Settings:
    """The settings that `create_app` was given."""
    settings: Settings = request.app.state.settings
    return settings
