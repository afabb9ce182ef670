"""The authority file of campaigns: ids, names, aliases, years, and when an alias means which.

The data is campaigns.toml, written by scripts/build_campaigns.py, which records its sources.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mappings.errors import InputError

_FILE = Path(__file__).with_name("campaigns.toml")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class DatedAlias:
    """An alias that means the campaign only in articles between two days (yyyymmdd, inclusive)."""

    alias: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. `aliases` are enough alone, `dated` only in their months, `local` only where
    `place` (a GB/T 2260 code) is named; all folded, without quotes and spaces. `start` and `end`
    are EDTF, `end` ".." where open or not known. `status` says what this rests on, `sources` where.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    start: str
    end: str
    level: str
    org: str
    status: str
    sources: tuple[str, ...]
    note: str = ""
    place: str = ""
    local: tuple[str, ...] = ()
    dated: tuple[DatedAlias, ...] = ()


def _packed(month: str) -> int:
    return int(month.replace("-", "")) * 100


def _dated(record: dict[str, str]) -> DatedAlias:
    first, last = record["from"], record["to"]
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)) or first > last:
        raise ValueError(f"{first} to {last} are not two months in order")
    return DatedAlias(record["alias"], _packed(first) + 1, _packed(last) + 31)


def _campaign(record: dict[str, Any]) -> Campaign:
    if not _ID.fullmatch(record["id"]):
        raise ValueError("an id is lower-case ASCII words joined by hyphens")
    for key in ("aliases", "sources", "local"):
        record[key] = tuple(record.get(key, ()))
    record["dated"] = tuple(_dated(item) for item in record.get("dated", ()))
    campaign = Campaign(**record)
    if campaign.local and not campaign.place:
        raise ValueError("local aliases need a place")
    return campaign


def load(file: Path = _FILE) -> tuple[Campaign, ...]:
    """The campaigns of a file, in its order.

    Raises InputError, naming the file and the entry, where the file cannot be used.
    """
    try:
        records = tomllib.loads(file.read_text(encoding="utf-8"))["campaign"]
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{file}: not a list of campaigns: {error}") from error
    found: dict[str, Campaign] = {}
    for number, record in enumerate(records, 1):
        label = f"{file}: campaign {number} ({record.get('id', 'no id')})"
        try:
            campaign = _campaign(dict(record))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{label}: {error}") from error
        if campaign.id in found:
            raise InputError(f"{label}: the id stands twice")
        found[campaign.id] = campaign
    return tuple(found.values())


@cache
def _by_id() -> dict[str, Campaign]:
    return {campaign.id: campaign for campaign in load()}


def all_campaigns() -> tuple[Campaign, ...]:
    """Every campaign of the authority file."""
    return tuple(_by_id().values())


def known(id: str) -> bool:
    """Whether a campaign has this id."""
    return id in _by_id()


def get(id: str) -> Campaign:
    """The campaign of an id. Raises KeyError for an id that none has."""
    try:
        return _by_id()[id]
    except KeyError:
        raise KeyError(f"no campaign has the id {id!r}") from None


def name(id: str) -> str:
    """The name of the campaign of an id. Raises KeyError for an id that none has."""
    return get(id).name
