"""Whether an index was made by the rules of today."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from mappings.names import SCHEMA_VERSION
from mappings.record import IndexRecord

_PACKAGES = Path(__file__).parent.parent
_TABLES = ("mappings/*.t?*", "indexer/extract/*.toml")


@cache
def rules() -> str:
    """The digest of the tables that units and labels rest on."""
    digest = blake2b(digest_size=8)
    for table in sorted(path for pattern in _TABLES for path in _PACKAGES.glob(pattern)):
        digest.update(table.read_bytes())
    return digest.hexdigest()


def overdue(record: IndexRecord) -> str | None:
    """Why building an index again would make another one of it; None where it would not."""
    if record.schema != SCHEMA_VERSION:
        return f"it has schema {record.schema}, this version of zoufang writes {SCHEMA_VERSION}"
    if record.software != version("zoufang"):
        return f"zoufang {record.software} made it, this is {version('zoufang')}"
    if record.rules != rules():
        return "the tables of characters, places and campaigns are others than those it was made by"
    return None
