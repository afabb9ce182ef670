"""Names of indexes: built and read back by one pair of functions.

`{name}-v{schema}-{UTC time}`, e.g. `zoufang-v2-20260102t030405.678901z`; names sort by age.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

SCHEMA_VERSION = 2
"""Raised whenever an index of the old version could not be read or would answer otherwise."""

_TIME = "%Y%m%dt%H%M%S.%fz"
_PATTERN = re.compile(r"(?P<name>[a-z0-9_]+)-v(?P<schema>[0-9]+)-(?P<time>[0-9]{8}t[0-9]{6}\.[0-9]{6}z)")


@dataclass(frozen=True, slots=True, order=True)
class IndexName:
    """A parsed index name. `str()` gives it back."""

    name: str
    schema: int
    created: datetime

    def __str__(self) -> str:
        return f"{self.name}-v{self.schema}-{self.created.strftime(_TIME)}"


def new_name(name: str, now: datetime | None = None) -> IndexName:
    """The name of an index that is built now (UTC)."""
    return IndexName(name, SCHEMA_VERSION, now or datetime.now(UTC))


def parse_name(text: str) -> IndexName | None:
    """The parts of an index name; None where the text is not one of ours."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        return None
    try:
        created = datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return IndexName(match["name"], int(match["schema"]), created)
