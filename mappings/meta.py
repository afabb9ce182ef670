"""What an index on Elasticsearch says of itself, in its mapping's `_meta`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.errors import ForeignIndex, IndexDamaged, NoIndex
from mappings.names import parse_name
from mappings.record import IndexRecord
from mappings.settings import Settings

OURS = "zoufang"
"""The key in an index's `_meta` under which what we know of it is kept: the IndexRecord of a complete
index, `BUILDING` of one at work.
"""
BUILDING = {"building": True}

META = "*.mappings._meta"
"""What of a mapping is asked for."""

LED_TO = f"{META},*.settings.index.uuid"
"""What is asked for of all that our alias leads to. An index has no `_meta` unless it is one of ours, and
would not be told of at all without something that every index has.
"""


def published_record(mappings: Mapping[str, Any], settings: Settings) -> IndexRecord:
    """The record of the published index, from the `_meta` of all that our alias leads to.

    Raises NoIndex, ForeignIndex where the name leads to what we did not make, or IndexDamaged.
    """
    if not mappings:
        raise NoIndex(f"nothing has been published in {settings.engine} yet; run: zoufang index FOLDER")
    names = ", ".join(sorted(mappings))
    if len(mappings) > 1 or (parsed := parse_name(names)) is None or parsed.name != settings.name:
        raise ForeignIndex(
            f"{settings.name!r} in {settings.engine} leads to {names}, which zoufang did not make; "
            "give ZOUFANG_NAME another name"
        )
    record = record_of(names, mappings[names])
    if record is None:
        raise ForeignIndex(
            f"{settings.name!r} in {settings.engine} leads to {names}, which zoufang did not complete; "
            "give ZOUFANG_NAME another name, or take that alias away"
        )
    return record


def record_of(name: str, mapping: Mapping[str, Any]) -> IndexRecord | None:
    """What a complete index says of itself; None where it is not one of ours, or not complete.

    Raises IndexDamaged where it is one, but cannot be read.
    """
    ours = mapping.get("mappings", {}).get("_meta", {}).get(OURS)
    if not isinstance(ours, dict) or ours.get("name") != name:
        return None
    try:
        return IndexRecord.from_dict(ours)
    except TypeError as error:
        raise IndexDamaged(f"the record of {name} cannot be read: {error}") from error


def is_unfinished(name: str, mapping: Mapping[str, Any]) -> bool:
    """Whether an index is one that we began and did not complete, or a copy that was just made."""
    ours = mapping.get("mappings", {}).get("_meta", {}).get(OURS)
    return isinstance(ours, dict) and ours.get("name") != name
