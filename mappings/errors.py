"""The error tree. No HTTP status and no exit code in it: `service.errors` and `indexer.cli` map them.

ZoufangError
├── InputError            what the user pointed at cannot be used
│   └── ArticleError      a record is not an article
├── SettingsError         a setting does not make sense
├── StoreError            the stored index cannot be used
│   ├── NoIndex           nothing has been published yet
│   ├── SchemaMismatch    written by another schema version
│   ├── IndexDamaged      files are missing or unreadable
│   ├── IndexGone         another index took its place, and this one was removed
│   ├── ForeignIndex      something that we did not make bears our name
│   ├── EngineRefused     the engine is of another version, or does not let us in
│   └── EngineUnavailable the engine does not answer, or not in time
├── BuildError            a build could not be completed
│   ├── BuildLocked       another build holds the lock
│   └── NothingToPublish  no article was left to index
├── RequestError          a request that cannot be answered as asked
└── NotFound              no such article
"""

from __future__ import annotations


class ZoufangError(Exception):
    """Everything this product raises on purpose. The message says what, where, and what to do."""


class InputError(ZoufangError):
    """What the user pointed at cannot be used."""


class ArticleError(InputError):
    """A record is not an article."""


class SettingsError(ZoufangError):
    """A setting does not make sense."""


class StoreError(ZoufangError):
    """The stored index cannot be used."""


class NoIndex(StoreError):
    """Nothing has been published yet."""


class SchemaMismatch(StoreError):
    """The published index was written by another schema version."""


class IndexDamaged(StoreError):
    """The published index has missing or unreadable files."""


class IndexGone(StoreError):
    """The index that was read has been removed, as another was published."""


class ForeignIndex(StoreError):
    """An index or alias that we did not make bears a name of ours."""


class EngineRefused(StoreError):
    """The engine is of a version that we do not know, or does not let us in."""


class EngineUnavailable(StoreError):
    """The engine does not answer, or not in time."""


class BuildError(ZoufangError):
    """A build could not be completed; the published index is as it was."""


class BuildLocked(BuildError):
    """Another build holds the lock."""


class NothingToPublish(BuildError):
    """No article was left to index, so nothing was published."""


class RequestError(ZoufangError):
    """A request that cannot be answered as asked. `parameter` names what is wrong with it."""

    def __init__(self, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter


class NotFound(ZoufangError):
    """No article has this id in the published index."""
